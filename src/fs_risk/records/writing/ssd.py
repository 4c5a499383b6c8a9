"""Records written as a folder of Standard Safeguarding Dataset tables."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from fs_risk.records.layouts.ssd import MOTHER_FAMILY, SSD_TABLES, UNACCOMPANIED
from fs_risk.records.layouts.ssd_table import SsdTable
from fs_risk.records.lookup import is_among, looked_up
from fs_risk.records.records import Records
from fs_risk.records.said_invented import SYNTHETIC_NOTE, SYNTHETIC_WORDS
from fs_risk.records.tables import TABLES, Kind
from fs_risk.records.writing.csv_files import write_csv
from fs_risk.records.writing.mess import Mess
from fs_risk.records.writing.spreadsheet import disarmed
from fs_risk.records.writing.ssd_mess import messy_tables

_CONTACT_OUTCOMES = {
    "referral": json.dumps({"NEW_REFERRAL_FLAG": "Y"}),
    "existing": json.dumps({"EXISTING_REFERRAL_FLAG": "Y"}),
    "information": json.dumps({"ADVICE_FLAG": "Y"}),
    "no_further_action": json.dumps({"NFA_FLAG": "Y"}),
    "other": json.dumps({"OTHER_OUTCOMES_EXIST_FLAG": "Y"}),
    "early_help": "EH Referral",
}
_GENDERS = {"M": "01", "F": "02", "U": "00"}
_OF_TABLE = {
    "ssd_disability": "disabilities",
    "ssd_contacts": "contacts",
    "ssd_early_help_episodes": "early_help",
    "ssd_cin_episodes": "referrals",
    "ssd_cin_assessments": "assessments",
    "ssd_cin_plans": "cin_plans",
    "ssd_s47_enquiry": "section47",
    "ssd_initial_cp_conference": "conferences",
    "ssd_cp_plans": "cp_plans",
    "ssd_missing": "missing_episodes",
    "ssd_involvements": "involvements",
    "ssd_pre_proceedings": "pre_proceedings",
}


def write_ssd(records: Records, folder: Path, messy_seed: int | None = None) -> Path:
    """Write records as CSV files with the dataset's names, all columns in its order.

    Dates are written as yyyy-mm-dd, flags as Y and N, factors as a JSON array for each
    assessment, outcomes as JSON flags. Text that a spreadsheet would take for a formula
    gets an apostrophe in front, which `read_ssd` takes off again.

    What the dataset has no place for is not written: the day of the extract (pass it
    to `read_ssd`), recorded clocks, deprivation, retention, reasons of contacts,
    decision dates, earlier plans, the court date and referral of pre-proceedings, the
    tables of Family Safeguarding. Of a child with a date of birth, an expected one is
    written beside it unless the two are the same. A period of care without episodes
    gets one.

    Parameters
    ----------
    records : Records
    folder : Path
        Made if it does not exist; files of the same names are replaced. Tables that
        were not observed get no file.
    messy_seed : int, optional
        Write them as case management systems do (`ssd_mess`), the same for the same
        seed; by default clean.

    Returns
    -------
    Path
        The folder.

    References
    ----------
    .. [1] Standard Safeguarding Dataset 1.4.5, data definition.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mess = None if messy_seed is None else Mess(messy_seed)
    frames = ssd_frames(records)
    for name, frame in (frames if mess is None else messy_tables(frames, mess)).items():
        write_csv(frame, folder / f"{name}.csv", mess)
    if records.origin.kind == "synthetic":
        (folder / SYNTHETIC_NOTE).write_text(f"{SYNTHETIC_WORDS}\n", encoding="utf-8")
    return folder


def ssd_frames(records: Records) -> dict[str, pd.DataFrame]:
    """Lay records out as the dataset's tables.

    Parameters
    ----------
    records : Records

    Returns
    -------
    dict of str to DataFrame
        Of text, all columns in order. Tables that were not observed are not there.
    """
    frames = {name: _plain(records, name, ours) for name, ours in _OF_TABLE.items()}
    for name, build in _BUILDERS.items():
        frames[name] = build(records)
    return {
        name: _whole(frame, table)
        for name, table in SSD_TABLES.items()
        if (frame := frames[name]) is not None
    }


def _whole(frame: pd.DataFrame, table: SsdTable) -> pd.DataFrame:
    columns = {
        name: frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="str")
        for name in table.columns
    }
    return pd.DataFrame(columns).astype("str")


def _plain(records: Records, name: str, ours: str) -> pd.DataFrame | None:
    """Write a table whose columns stand one for one, then what is said in other words."""
    frame = records[ours]
    if frame.empty and records.coverage[ours] is None:
        return None
    written = _texts(frame, ours, SSD_TABLES[name])
    if ours == "contacts":
        written["cont_contact_outcome_json"] = frame["outcome"].map(_CONTACT_OUTCOMES)
    if ours == "section47":
        needed = frame["conference_needed"].map(
            {True: '{"CP_CONFERENCE_FLAG": "Y"}', False: '{"CP_CONFERENCE_FLAG": "N"}'}
        )
        written["s47e_s47_outcome_json"] = needed
    if ours == "missing_episodes":
        written["miss_missing_episode_type"] = "Missing"
    return written


def _texts(frame: pd.DataFrame, ours: str, table: SsdTable) -> pd.DataFrame:
    """Write the canonical columns that a table holds as text."""
    return pd.DataFrame(
        {
            theirs: _text(frame[column], TABLES[ours][column].kind)
            for column, theirs in table.canonical.items()
            if column in TABLES[ours]
        },
        index=frame.index,
    )


def _text(values: pd.Series, kind: Kind) -> pd.Series:
    if kind is Kind.DATE:
        return values.dt.strftime("%Y-%m-%d").astype("str")
    if kind is Kind.FLAG:
        return values.map({True: "Y", False: "N"}).astype("str")
    text = values.astype("str")
    return disarmed(text) if kind in (Kind.ID, Kind.LABEL) else text


def _person(records: Records) -> pd.DataFrame | None:
    children = records["children"]
    if children.empty and records.coverage["children"] is None:
        return None
    written = _texts(children, "children", SSD_TABLES["ssd_person"])
    same = children["birth_date"].eq(children["expected_birth_date"]).fillna(False)
    written["pers_expected_dob"] = written["pers_expected_dob"].where(~same)
    written["pers_gender"] = children["sex"].map(_GENDERS)
    return written


def _family(records: Records) -> pd.DataFrame | None:
    links = records["family_links"]
    links = links[~links["family_id"].str.startswith(MOTHER_FAMILY)]
    if links.empty and records.coverage["family_links"] is None:
        return None
    written = _texts(links, "family_links", SSD_TABLES["ssd_family"])
    return written.assign(fami_table_id=[str(number) for number in range(1, len(links) + 1)])


def _mother(records: Records) -> pd.DataFrame | None:
    links = records["family_links"]
    links = links[links["family_id"].str.startswith(MOTHER_FAMILY)]
    if links.empty:
        return None
    links = links.assign(family_id=links["family_id"].str.removeprefix(MOTHER_FAMILY))
    written = _texts(links, "family_links", SSD_TABLES["ssd_mother"])
    birth = records["children"].set_index("child_id")["birth_date"]
    return written.assign(
        moth_table_id=[str(number) for number in range(1, len(links) + 1)],
        moth_childs_dob=_text(looked_up(links["child_id"], birth), Kind.DATE),
    )


def _immigration(records: Records) -> pd.DataFrame | None:
    children = records["children"]
    alone = children[children["unaccompanied"].fillna(False)]
    if children["unaccompanied"].isna().all():
        return None
    return pd.DataFrame(
        {
            "immi_immigration_status_id": [str(number) for number in range(1, len(alone) + 1)],
            "immi_person_id": disarmed(alone["child_id"]).to_numpy(),
            "immi_immigration_status": UNACCOMPANIED,
        }
    )


def _factors(records: Records) -> pd.DataFrame | None:
    factors = records["factors"].sort_values("code")
    if factors.empty and records.coverage["factors"] is None:
        return None
    arrays = ('"' + factors["code"] + '"').groupby(factors["assessment_id"]).agg(", ".join)
    ids = pd.Series(arrays.index, dtype="str")
    return pd.DataFrame(
        {
            "cinf_table_id": disarmed(ids),
            "cinf_assessment_id": disarmed(ids),
            "cinf_assessment_factors_json": "[" + arrays.reset_index(drop=True).astype("str") + "]",
        }
    )


def episodes_of_care(records: Records) -> pd.DataFrame:
    """Give the episodes of care; a period without any stands as one of its own."""
    periods, episodes = records["care_periods"], records["care_episodes"]
    alone = periods[~is_among(periods["care_period_id"], episodes["care_period_id"])]
    alone = alone.assign(care_episode_id=alone["care_period_id"], start_reason="S")
    alone["placement_type"] = pd.Series(pd.NA, index=alone.index, dtype="str")
    every = pd.concat([episodes, alone[episodes.columns]], ignore_index=True)
    by_period = periods.set_index("care_period_id")
    every["entered"] = looked_up(every["care_period_id"], by_period["start_date"])
    every["referral_id"] = looked_up(every["care_period_id"], by_period["referral_id"])
    return every


def _cla_episodes(records: Records) -> pd.DataFrame | None:
    every = episodes_of_care(records)
    if every.empty and records.coverage["care_periods"] is None:
        return None
    table = SSD_TABLES["ssd_cla_episodes"]
    written = _texts(every, "care_episodes", table)
    placed = every["placement_type"].notna()
    return written.assign(
        clae_referral_id=disarmed(every["referral_id"]),
        clae_entered_care_date=_text(every["entered"], Kind.DATE),
        clae_cla_placement_id=written["clae_cla_episode_id"].where(placed),
    )


def _cla_placements(records: Records) -> pd.DataFrame | None:
    placed = episodes_of_care(records).dropna(subset="placement_type")
    if placed.empty:
        return None
    return pd.DataFrame(
        {
            "clap_cla_placement_id": disarmed(placed["care_episode_id"]),
            "clap_cla_id": disarmed(placed["care_period_id"]),
            "clap_person_id": disarmed(placed["child_id"]),
            "clap_cla_placement_start_date": _text(placed["start_date"], Kind.DATE),
            "clap_cla_placement_end_date": _text(placed["end_date"], Kind.DATE),
            "clap_cla_placement_type": placed["placement_type"],
        }
    )


def _legal_statuses(records: Records) -> pd.DataFrame | None:
    held = episodes_of_care(records).dropna(subset="legal_status").reset_index(drop=True)
    if held.empty:
        return None
    written = _texts(held, "care_episodes", SSD_TABLES["ssd_legal_status"])
    return written.assign(lega_legal_status_id=[str(number) for number in range(1, len(held) + 1)])


_BUILDERS: dict[str, Callable[[Records], pd.DataFrame | None]] = {
    "ssd_person": _person,
    "ssd_family": _family,
    "ssd_mother": _mother,
    "ssd_immigration_status": _immigration,
    "ssd_assessment_factors": _factors,
    "ssd_cla_episodes": _cla_episodes,
    "ssd_cla_placement": _cla_placements,
    "ssd_legal_status": _legal_statuses,
}
