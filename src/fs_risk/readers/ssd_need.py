"""Contacts, early help, referrals, assessments and factors, from the dataset."""

import numpy as np
import pandas as pd

from fs_risk.readers import ssd_words
from fs_risk.readers.ssd_tables import Columns, Extract
from fs_risk.records import codes
from fs_risk.records.findings import findings_by_file
from fs_risk.records.lookup import is_among

_NONE_FOUND = "21"


def contacts(extract: Extract) -> pd.DataFrame:
    """Build ``contacts``; outcomes come from flags, words or codes of our own."""
    table = extract.open("ssd_contacts")
    return table.provenance.assign(
        contact_id=table.ids("cont_contact_id"),
        child_id=table.ids("cont_person_id"),
        contact_date=table.dates("cont_contact_date"),
        source=_source(table, "cont_contact_source_code", "cont_contact_source_desc"),
        outcome=table.meant("cont_contact_outcome_json", ssd_words.contact_outcome),
    )


def early_help(extract: Extract) -> pd.DataFrame:
    """Build ``early_help``."""
    table = extract.open("ssd_early_help_episodes")
    return table.provenance.assign(
        early_help_id=table.ids("earl_episode_id"),
        child_id=table.ids("earl_person_id"),
        start_date=table.dates("earl_episode_start_date"),
        end_date=table.dates("earl_episode_end_date"),
    )


def referrals(extract: Extract) -> pd.DataFrame:
    """Build ``referrals``; where the flag is missing, the outcome tells of no further action."""
    table = extract.open("ssd_cin_episodes")
    nfa = table.flags("cine_referral_nfa")
    outcome = table.meant(
        "cine_referral_outcome_json", ssd_words.no_further_action, dtype="boolean"
    )
    return table.provenance.assign(
        referral_id=table.ids("cine_referral_id"),
        child_id=table.ids("cine_person_id"),
        referral_date=table.dates("cine_referral_date"),
        source=_source(table, "cine_referral_source_code", "cine_referral_source_desc"),
        primary_need=table.codes(
            "cine_cin_primary_need_code",
            codes.PRIMARY_NEEDS,
            lambda text: ssd_words.leading_code(text, codes.PRIMARY_NEEDS),
        ),
        no_further_action=nfa.fillna(outcome),
        close_date=table.dates("cine_close_date"),
        close_reason=table.codes(
            "cine_close_reason",
            codes.CLOSURE_REASONS,
            lambda text: ssd_words.leading_code(text, codes.CLOSURE_REASONS),
        ),
        team=table.label("cine_referral_team"),
    )


def _source(table: Columns, code: str, words: str) -> pd.Series:
    """Read a source from its code; from its words where the code is the system's own number.

    A system's own numbers may look like codes ("4", "6"). Where most codes of a
    column are in no list, and words are there, the words go first.
    """
    by_code = table.codes(code, codes.REFERRAL_SOURCES, ssd_words.source)
    by_words = table.meant(words, ssd_words.source)
    valid = by_code.isin(list(codes.REFERRAL_SOURCES))
    given = by_code.notna()
    own_numbers = bool(given.any()) and valid[given].mean() < 0.5
    if own_numbers and by_words.notna().any():
        return by_words.fillna(by_code.where(valid))
    return by_code.where(valid | by_words.isna(), by_words)


def assessments_and_factors(extract: Extract) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build ``assessments`` and ``factors``.

    Eclipse writes 21 (none found) when every factor field is empty, so there a 21
    that stands alone means that the factors are missing. Its arrays are known by
    their null elements, and its contacts by their alphabetic sources.
    """
    table = extract.open("ssd_cin_assessments")
    frame = table.provenance.assign(
        assessment_id=table.ids("cina_assessment_id"),
        child_id=table.ids("cina_person_id"),
        referral_id=table.ids("cina_referral_id"),
        start_date=table.dates("cina_assessment_start_date"),
        authorised_date=table.dates("cina_assessment_auth_date"),
    )
    factors = _factors(extract)
    recorded = is_among(frame["assessment_id"], factors["assessment_id"]).astype("boolean")
    unknown = frame["authorised_date"].isna() & ~recorded
    if not len(factors):
        unknown |= True
    return frame.assign(factors_recorded=recorded.mask(unknown)), factors


def _factors(extract: Extract) -> pd.DataFrame:
    table = extract.open("ssd_assessment_factors")
    numbers, spellings = pd.factorize(table.text("cinf_assessment_factors_json"))
    lists = [ssd_words.factor_codes(str(spelling).strip()) for spelling in spellings]
    broken = [ssd_words.is_broken_object(str(spelling).strip()) for spelling in spellings]
    _report_broken(extract, table.provenance[np.array([*broken, False])[numbers]])
    if _is_eclipse(extract, [str(spelling) for spelling in spellings]):
        alone = pd.Series([found == [_NONE_FOUND] for found in lists] + [False]).take(numbers)
        _report_false_none(extract, table.provenance[alone.to_numpy(dtype=bool)])
        lists = [[] if found == [_NONE_FOUND] else found for found in lists]
    each = pd.Series([*lists, []], dtype="object").take(numbers).set_axis(table.frame.index)
    frame = table.provenance.assign(assessment_id=table.ids("cinf_assessment_id"), code=each)
    frame = frame.explode("code").dropna(subset="code").reset_index(drop=True)
    return frame.assign(code=frame["code"].astype("str"))


def _is_eclipse(extract: Extract, spellings: list[str]) -> bool:
    if any(text.lstrip().startswith("[") and "null" in text for text in spellings):
        return True
    sources = extract.open("ssd_contacts").text("cont_contact_source_code").dropna().unique()
    alphabetic = [text for text in sources if len(text) > len("5D")]
    return bool(alphabetic) and all(map(ssd_words.is_eclipse_source, alphabetic))


def _report_broken(extract: Extract, rows: pd.DataFrame) -> None:
    extract.findings += findings_by_file(
        "R010",
        "error",
        "The text of cinf_assessment_factors_json cannot be read.",
        rows,
        table="ssd_assessment_factors",
        column="cinf_assessment_factors_json",
        fix="Correct it at the source; these rows give no factors.",
    )


def _report_false_none(extract: Extract, rows: pd.DataFrame) -> None:
    extract.findings += findings_by_file(
        "R024",
        "note",
        "Factor 21 stands alone in an extract that writes it for empty fields.",
        rows,
        table="factors",
        column="code",
        fix="Nothing needs doing; the factors of these assessments count as missing.",
    )
