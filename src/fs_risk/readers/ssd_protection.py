"""Enquiries, conferences, plans and pre-proceedings, from the dataset."""

import pandas as pd

from fs_risk.readers import ssd_words
from fs_risk.readers.ssd_tables import Extract
from fs_risk.records import codes
from fs_risk.records.lookup import is_among


def section47(extract: Extract) -> pd.DataFrame:
    """Build ``section47``.

    Whether a conference was needed comes from the outcome, else from "no further
    action", else from a conference that names the enquiry.
    """
    table = extract.open("ssd_s47_enquiry")
    ids = table.ids("s47e_s47_enquiry_id")
    needed = table.meant("s47e_s47_outcome_json", ssd_words.conference_needed, dtype="boolean")
    nothing_further = table.flags("s47e_s47_nfa")
    named = extract.open("ssd_initial_cp_conference").ids("icpc_s47_enquiry_id")
    needed = needed.fillna((~nothing_further).where(nothing_further.fillna(False)))
    return table.provenance.assign(
        section47_id=ids,
        child_id=table.ids("s47e_person_id"),
        referral_id=table.ids("s47e_referral_id"),
        start_date=table.dates("s47e_s47_start_date"),
        end_date=table.dates("s47e_s47_end_date"),
        conference_needed=needed.mask(needed.isna() & is_among(ids, named), True),
    )


def conferences(extract: Extract) -> pd.DataFrame:
    """Build ``conferences``.

    Whether a plan was made comes from the flag, else from the outcome, else from a
    plan that the conference names or that names it.
    """
    table = extract.open("ssd_initial_cp_conference")
    ids = table.ids("icpc_icpc_id")
    made = table.flags("icpc_icpc_outcome_cp_flag")
    made = made.fillna(table.meant("icpc_icpc_outcome_json", ssd_words.plan_made, "boolean"))
    plans = extract.open("ssd_cp_plans").ids("cppl_icpc_id")
    linked = table.ids("icpc_cp_plan_id").notna() | is_among(ids, plans)
    return table.provenance.assign(
        conference_id=ids,
        child_id=table.ids("icpc_person_id"),
        referral_id=table.ids("icpc_referral_id"),
        section47_id=table.ids("icpc_s47_enquiry_id"),
        conference_date=table.dates("icpc_icpc_date"),
        target_date=table.dates("icpc_icpc_target_date"),
        transfer_in=table.flags("icpc_icpc_transfer_in"),
        plan_made=made.mask(made.isna() & linked, True),
    )


def cin_plans(extract: Extract) -> pd.DataFrame:
    """Build ``cin_plans``."""
    table = extract.open("ssd_cin_plans")
    return table.provenance.assign(
        cin_plan_id=table.ids("cinp_cin_plan_id"),
        child_id=table.ids("cinp_person_id"),
        referral_id=table.ids("cinp_referral_id"),
        start_date=table.dates("cinp_cin_plan_start_date"),
        end_date=table.dates("cinp_cin_plan_end_date"),
    )


def cp_plans(extract: Extract) -> pd.DataFrame:
    """Build ``cp_plans``. The dataset does not hold the number of earlier plans."""
    table = extract.open("ssd_cp_plans")
    category = ssd_words.abuse_category
    return table.provenance.assign(
        cp_plan_id=table.ids("cppl_cp_plan_id"),
        child_id=table.ids("cppl_person_id"),
        referral_id=table.ids("cppl_referral_id"),
        conference_id=table.ids("cppl_icpc_id"),
        start_date=table.dates("cppl_cp_plan_start_date"),
        end_date=table.dates("cppl_cp_plan_end_date"),
        initial_category=table.codes(
            "cppl_cp_plan_initial_category", codes.ABUSE_CATEGORIES, category
        ),
        latest_category=table.codes(
            "cppl_cp_plan_latest_category", codes.ABUSE_CATEGORIES, category
        ),
        other_authority=table.flags("cppl_cp_plan_ola"),
    )


def pre_proceedings(extract: Extract) -> pd.DataFrame:
    """Build ``pre_proceedings``. The dataset holds neither referral nor court date."""
    table = extract.open("ssd_pre_proceedings")
    return table.provenance.assign(
        pre_proceedings_id=table.ids("prep_table_id"),
        child_id=table.ids("prep_person_id"),
        start_date=table.dates("prep_pre_pro_decision_date"),
        meeting_date=table.dates("prep_initial_pre_pro_meeting_date"),
        end_date=table.dates("prep_agree_stepdown_issue_date"),
        outcome=table.label("prep_pre_pro_outcome"),
    )
