"""One census file's blocks as canonical tables, with identifiers made from what it holds.

A census has no identifiers but the child's. An episode is named by its child and
referral date, what lies in it by the episode, its kind and its start, so that the
same record has the same name in every year's file.
"""

import numpy as np
import pandas as pd

from fs_risk.readers import cells
from fs_risk.readers.cin_file import CensusFile
from fs_risk.records import codes
from fs_risk.records.layouts.cin import BLOCKS, SEX_FROM_GENDER
from fs_risk.records.lookup import is_among

_CODE_LISTS = {
    ("episodes", "ReferralSource"): codes.REFERRAL_SOURCES,
    ("episodes", "PrimaryNeedCode"): codes.PRIMARY_NEEDS,
    ("episodes", "ReasonForClosure"): codes.CLOSURE_REASONS,
    ("children", "Ethnicity"): codes.ETHNICITIES,
    ("disabilities", "Disability"): codes.DISABILITIES,
    ("factors", "AssessmentFactors"): codes.FACTORS,
    ("cp_plans", "InitialCategoryOfAbuse"): codes.ABUSE_CATEGORIES,
    ("cp_plans", "LatestCategoryOfAbuse"): codes.ABUSE_CATEGORIES,
}


def canonical_tables(census: CensusFile, child_ids: pd.Series) -> dict[str, pd.DataFrame]:
    """Turn one file's blocks into canonical tables.

    Parameters
    ----------
    census : CensusFile
    child_ids : Series of str
        The id to use for each row of the ``children`` block.

    Returns
    -------
    dict of str to DataFrame
        Canonical tables by name, without clocks.
    """
    columns = {name: _columns(census, name) for name in BLOCKS}
    episodes = columns["episodes"]
    episodes["child_id"] = child_ids.take(census.blocks["episodes"]["children"]).array
    episodes["referral_id"] = _referral_ids(episodes)
    children = columns["children"].drop(columns="sex")
    children["child_id"] = child_ids
    children["sex"] = _sex(census.blocks["children"])
    disabilities = columns["disabilities"]
    disabilities["child_id"] = child_ids.take(census.blocks["disabilities"]["children"]).array
    assessments = _inside(census, "assessments", columns, "assessment_id", "A")
    section47 = _inside(census, "section47", columns, "section47_id", "S47")
    cp_plans = _inside(census, "cp_plans", columns, "cp_plan_id", "CP")
    conferences = _conferences(census, episodes, section47, cp_plans)
    return {
        "children": children,
        "disabilities": disabilities,
        "referrals": episodes,
        "assessments": _with_factors_recorded(census, assessments),
        "factors": _factors(census, columns["factors"], assessments),
        "section47": _with_conference_needed(census, section47),
        "conferences": conferences,
        "cin_plans": _inside(census, "cin_plans", columns, "cin_plan_id", "CIN"),
        "cp_plans": _with_conference(cp_plans, conferences),
        "pre_proceedings": _inside(census, "pre_proceedings", columns, "pre_proceedings_id", "PP"),
    }


def _columns(census: CensusFile, name: str) -> pd.DataFrame:
    """Give a block's canonical columns and provenance."""
    frame = census.blocks[name]
    columns = {
        field.column: _coded(name, field.element, frame[field.element])
        for field in BLOCKS[name].fields
        if field.column
    }
    files = frame.get("source_file", census.file_of(name))
    columns["source_file"] = pd.Series(files, index=frame.index, dtype="str")
    columns["source_row"] = frame["line"]
    return pd.DataFrame(columns, index=frame.index)


def _coded(block: str, element: str, values: pd.Series) -> pd.Series:
    known = _CODE_LISTS.get((block, element))
    return values if known is None else cells.codes(values, known)


def _sex(children: pd.DataFrame) -> pd.Series:
    """Take Sex where it is given, else what GenderCurrent says in its codes."""
    sex = cells.codes(children["Sex"], codes.SEXES)
    gender = children["GenderCurrent"].str.strip()
    return sex.fillna(gender.map(SEX_FROM_GENDER).fillna(gender))


def iso_text(dates: pd.Series) -> pd.Series:
    """Write dates as yyyy-mm-dd."""
    numbers, days = pd.factorize(dates)
    text = np.append(np.datetime_as_string(np.asarray(days, dtype="datetime64[D]")), "")
    written = pd.Series(text[numbers], index=dates.index, dtype="str")
    return written.where(dates.notna())


def _referral_ids(episodes: pd.DataFrame) -> pd.Series:
    """Name episodes by child and date; a second one of the same day is numbered."""
    names = episodes["child_id"] + "/" + iso_text(episodes["referral_date"])
    nth = names.groupby(names).cumcount()
    repeated = nth.gt(0)
    if repeated.any():
        names = names.where(~repeated, names + "#" + (nth + 1).astype("str"))
    return names


def _inside(
    census: CensusFile, name: str, columns: dict[str, pd.DataFrame], key: str, kind: str
) -> pd.DataFrame:
    """Give the rows of a block that lies in episodes, named by episode, kind and start."""
    frame = columns[name].copy()
    outer = columns["episodes"].take(census.blocks[name]["episodes"])
    frame["child_id"] = outer["child_id"].array
    frame["referral_id"] = outer["referral_id"].array
    frame[key] = _named(frame, kind, frame["start_date"])
    return frame


def _named(frame: pd.DataFrame, kind: str, dates: pd.Series) -> pd.Series:
    within = frame["referral_id"].fillna(frame["child_id"] + "/undated")
    return within + "/" + kind + "/" + iso_text(dates)


def _with_factors_recorded(census: CensusFile, assessments: pd.DataFrame) -> pd.DataFrame:
    """Say whether an assessment has factors; unknown while it is open and has none."""
    factors = census.blocks["factors"]
    held = np.zeros(len(assessments), dtype=bool)
    held[factors["assessments"].to_numpy()[factors["AssessmentFactors"].notna().to_numpy()]] = True
    recorded = pd.Series(held, index=assessments.index, dtype="boolean")
    open_and_empty = assessments["authorised_date"].isna() & ~recorded
    return assessments.assign(factors_recorded=recorded.mask(open_and_empty))


def _factors(census: CensusFile, factors: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
    at = census.blocks["factors"]["assessments"]
    return factors.assign(assessment_id=assessments["assessment_id"].take(at).array)


def _with_conference_needed(census: CensusFile, section47: pd.DataFrame) -> pd.DataFrame:
    """Turn "not required" round; a conference that was held was needed."""
    enquiries = census.blocks["section47"]
    needed = ~enquiries["ICPCnotRequired"]
    return section47.assign(
        conference_needed=needed.mask(enquiries["DateOfInitialCPC"].notna(), True)
    )


def _conferences(
    census: CensusFile, episodes: pd.DataFrame, section47: pd.DataFrame, cp_plans: pd.DataFrame
) -> pd.DataFrame:
    """Gather the initial conferences of enquiries and of episodes."""
    shared = ["child_id", "referral_id", "source_file", "source_row"]
    enquiries = census.blocks["section47"]
    theirs = section47[[*shared, "section47_id"]].assign(
        conference_date=enquiries["DateOfInitialCPC"], target_date=enquiries["InitialCPCtarget"]
    )
    own = episodes[shared].assign(conference_date=census.blocks["episodes"]["DateOfInitialCPC"])
    own["section47_id"] = pd.Series(pd.NA, index=own.index, dtype="str")
    own["target_date"] = pd.Series(pd.NaT, index=own.index, dtype="datetime64[s]")
    held = pd.concat([theirs, own[theirs.columns]], ignore_index=True)
    held = held[held["conference_date"].notna()].reset_index(drop=True)
    held["conference_id"] = _named(held, "ICPC", held["conference_date"])
    started = cp_plans["referral_id"] + "/" + iso_text(cp_plans["start_date"])
    day = held["referral_id"] + "/" + iso_text(held["conference_date"])
    held["plan_made"] = is_among(day, started).astype("boolean").mask(day.isna())
    return held


def _with_conference(cp_plans: pd.DataFrame, conferences: pd.DataFrame) -> pd.DataFrame:
    """Name the conference on whose day a plan of the same episode starts."""
    name = _named(cp_plans, "ICPC", cp_plans["start_date"])
    return cp_plans.assign(conference_id=name.where(is_among(name, conferences["conference_id"])))
