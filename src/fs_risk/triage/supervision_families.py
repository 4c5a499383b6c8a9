"""The families of a day's supervision: who belongs together, who is left out and why."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError, nearest
from fs_risk.features.identity import ADULT_DAYS
from fs_risk.features.streams import HARM_FACTORS
from fs_risk.features.trio import AREAS
from fs_risk.outcomes.cohorts import open_cases_known
from fs_risk.outcomes.tiers import Ladder
from fs_risk.records.dates import DATE_DTYPE, to_days
from fs_risk.records.households import household_numbers
from fs_risk.records.other_grounds import unaccompanied_children
from fs_risk.records.records import Records
from fs_risk.triage.supervision_setting import SupervisionSetting

OUTSIDE_HOME = ("10A", "11A", "12A", "13A", "18B", "19B", "24A")
"""Factors of harm outside the home, children's among themselves included."""

_BETWEEN_CHILDREN = ("18B", "19B")
_IN_THE_HOME = {
    *(code for codes, _ in AREAS.values() for code in codes),
    *(code for codes in HARM_FACTORS.values() for code in codes),
} - set(_BETWEEN_CHILDREN)

CONTEXTUAL = "contextual only"
DISABILITY = "specialist disability"
UNBORN = "unborn"
UNACCOMPANIED = "unaccompanied"
ADULT = "18 or over"
RETENTION = "past its retention date"
NO_TRIO = "families without the trio"
OTHER_TIER = "families on another tier alone"
OTHER_TEAM = "families of another team"

_DISABILITY_NEED = "N2"


@dataclass(frozen=True)
class Families:
    """Open cases of a day, by family, with who is left out.

    Attributes
    ----------
    children : DataFrame
        A row per open case of a family that is discussed: ``family`` (number from 0, in no
        order of worry), ``case_id``, ``child_id``, ``as_of``, ``opened``, ``tier``,
        ``birth_date``, ``expected_birth_date``, ``team`` (empty where not recorded),
        ``left_out`` (empty, or why the child is not scored).
    members : Series of int
        Family by the id of every child that belongs to one, open or not.
    families : Series of int
        Family by family id.
    trio : DataFrame
        ``family``, ``area``, ``latest`` (day of the latest assessment that found it).
    assessed : Series of datetime64
        Day of each family's latest authorised assessment, by family.
    left_out : dict of str to int
        Children left out by reason, then families.
    """

    children: pd.DataFrame
    members: pd.Series
    families: pd.Series
    trio: pd.DataFrame
    assessed: pd.Series
    left_out: dict[str, int]


def families_on(
    records: Records,
    known: Records,
    day: pd.Timestamp,
    setting: SupervisionSetting,
    team: str | None,
) -> Families:
    """Find the families that are discussed on a day.

    Parameters
    ----------
    records : Records
    known : Records
        The same as known before the day (`as_known_before`).
    day : Timestamp
    setting : SupervisionSetting
    team : str, optional
        Families with a child of this team only.

    Returns
    -------
    Families

    Raises
    ------
    SettingError
        If no team of that name had an open case, or the records hold none.
    OutcomeError
        If the records hold no referrals.
    """
    open_now = _open_cases(records, known, day)
    open_now["left_out"] = _why_left_out(records, known, open_now, day, setting)
    numbers = _numbers(open_now, known)
    open_now["household"] = numbers.reindex(open_now["child_id"]).to_numpy()
    found = _assessed(known, numbers)
    trio = _trio(found, open_now, day, setting)
    counts = trio.groupby("household")["area"].nunique()
    in_scope = open_now[(open_now["left_out"] == "").to_numpy()]
    candidates = pd.Index(in_scope["household"].unique())
    of_tier = in_scope.loc[in_scope["tier"].isin(setting.tiers).to_numpy(), "household"].unique()
    with_trio = candidates[counts.reindex(candidates).fillna(0) >= setting.least_areas]
    kept = with_trio.intersection(of_tier)
    left_out = open_now.loc[open_now["left_out"] != "", "left_out"].value_counts().to_dict()
    left_out[NO_TRIO] = len(candidates) - len(with_trio)
    left_out[OTHER_TIER] = len(with_trio) - len(kept)
    if team is not None:
        mine = kept.intersection(_of_team(open_now, team))
        left_out[OTHER_TEAM], kept = len(kept) - len(mine), mine
    return _numbered(open_now, numbers, known, trio, found, kept, left_out)


def _open_cases(records: Records, known: Records, day: pd.Timestamp) -> pd.DataFrame:
    """List the open cases with their tier, team and dates."""
    cohort = open_cases_known(records, day.date())
    referrals = records["referrals"].drop_duplicates("referral_id").set_index("referral_id")
    born = known["children"].drop_duplicates("child_id").set_index("child_id")
    children = pd.Index(cohort["child_id"].unique())
    codes = children.get_indexer(cohort["child_id"]).astype(np.int64)
    ladder = Ladder(known, children, codes, to_days(cohort["as_of"]).astype(np.int64))
    own = referrals.reindex(cohort["case_id"])
    identity = born.reindex(cohort["child_id"])
    return cohort.assign(
        opened=own["referral_date"].to_numpy(),
        primary_need=own["primary_need"].to_numpy(dtype=object),
        tier=ladder.current,
        birth_date=identity["birth_date"].to_numpy(),
        expected_birth_date=identity["expected_birth_date"].to_numpy(),
        retain_until=identity["retain_until"].to_numpy(),
        team=_teams(known, cohort, own["team"]),
    )


def _teams(known: Records, cohort: pd.DataFrame, as_at_extract: pd.Series) -> np.ndarray:
    """Give each case's team: the latest involved on the day, else that of the extract."""
    involved = known["involvements"]
    running = involved[(involved["end_date"].isna() & involved["team"].notna()).to_numpy()]
    running = running.sort_values(["start_date", "involvement_id"])
    latest = running.drop_duplicates("child_id", keep="last").set_index("child_id")["team"]
    dated = latest.reindex(cohort["child_id"]).to_numpy(dtype=object)
    undated = as_at_extract.to_numpy(dtype=object)
    teams = np.where(pd.isna(dated), undated, dated)
    return np.where(pd.isna(teams), "", teams)


def _why_left_out(
    records: Records,
    known: Records,
    cases: pd.DataFrame,
    day: pd.Timestamp,
    setting: SupervisionSetting,
) -> np.ndarray:
    """Give each case the first reason for leaving it out, else empty text."""
    age = (day - cases["birth_date"]).dt.days
    disabled = (cases["primary_need"] == _DISABILITY_NEED) | cases["team"].isin(
        setting.disability_teams
    )
    unborn = cases["birth_date"].isna() & cases["expected_birth_date"].notna()
    reasons = (
        (RETENTION, cases["retain_until"] < day, True),
        (UNACCOMPANIED, cases["child_id"].isin(unaccompanied_children(records)), True),
        (ADULT, age >= ADULT_DAYS, True),
        (UNBORN, unborn, not setting.include_unborn),
        (CONTEXTUAL, _contextual_only(known, cases), setting.exclude_contextual_only),
        (DISABILITY, disabled, setting.exclude_specialist_disability),
    )
    why = np.full(len(cases), "", dtype=object)
    for name, applies, wanted in reasons:
        if wanted:
            why[np.asarray(applies, dtype=bool) & (why == "")] = name
    return why


def _contextual_only(known: Records, cases: pd.DataFrame) -> pd.Series:
    """Mark children whose latest assessment with factors found harm outside the home alone."""
    done = known["assessments"].dropna(subset="authorised_date")
    factors = known["factors"].merge(done[["assessment_id", "child_id", "authorised_date"]])
    factors = factors[factors["child_id"].isin(cases["child_id"])]
    latest = factors.groupby("child_id")["authorised_date"].transform("max")
    factors = factors[(factors["authorised_date"] == latest).to_numpy()]
    outside = factors.loc[factors["code"].isin(OUTSIDE_HOME).to_numpy(), "child_id"]
    inside = factors.loc[factors["code"].isin(_IN_THE_HOME).to_numpy(), "child_id"]
    return cases["child_id"].isin(outside) & ~cases["child_id"].isin(inside)


def _numbers(cases: pd.DataFrame, known: Records) -> pd.Series:
    """Give the household number of each child with an open case or a family link."""
    links = known["family_links"]
    ids = pd.Index(pd.concat([cases["child_id"], links["child_id"]]).dropna().unique())
    return pd.Series(household_numbers(ids, links), index=ids)


def _assessed(known: Records, numbers: pd.Series) -> pd.DataFrame:
    """List authorised assessments by household."""
    done = known["assessments"].dropna(subset="authorised_date")
    done = done[done["child_id"].isin(numbers.index).to_numpy()]
    found = done[["assessment_id", "child_id", "authorised_date"]]
    return found.assign(household=numbers.reindex(found["child_id"]).to_numpy()).merge(
        known["factors"][["assessment_id", "code"]], how="left"
    )


def _trio(
    assessed: pd.DataFrame, cases: pd.DataFrame, day: pd.Timestamp, setting: SupervisionSetting
) -> pd.DataFrame:
    """List the areas found for each household, with the day of the latest assessment."""
    earliest = cases.groupby("household")["opened"].min()
    back = day - pd.Timedelta(days=setting.trio_within_days)
    begun = earliest.reindex(assessed["household"]).fillna(back).to_numpy()
    since = np.minimum(begun.astype(DATE_DTYPE), np.datetime64(back.date(), "s"))
    recent = assessed[assessed["authorised_date"].to_numpy() >= since]
    parts = [
        recent[recent["code"].isin(AREAS[area][0]).to_numpy()].assign(area=area)
        for area in setting.trio_areas
    ]
    found = pd.concat(parts, ignore_index=True)
    latest = found.groupby(["household", "area"], as_index=False)["authorised_date"].max()
    return latest.rename(columns={"authorised_date": "latest"})


def _of_team(cases: pd.DataFrame, team: str) -> pd.Index:
    names = sorted(set(cases["team"]) - {""})
    if team not in names:
        raise SettingError(
            f"No open case is of that team.{nearest(team, names)}"
            if names
            else "These records name no team.",
            where="team",
            fix=f"Choose one of: {', '.join(names)}." if names else "Leave out team=.",
        )
    mine = cases[((cases["team"] == team) & (cases["left_out"] == "")).to_numpy()]
    return pd.Index(mine["household"].unique())


def _numbered(
    cases: pd.DataFrame,
    households: pd.Series,
    known: Records,
    trio: pd.DataFrame,
    assessed: pd.DataFrame,
    kept: pd.Index,
    left_out: dict[str, int],
) -> Families:
    """Keep the families that are discussed, numbered by their smallest child id."""
    mine = cases[cases["household"].isin(kept).to_numpy()]
    first = mine.groupby("household")["child_id"].min().sort_values()
    number = pd.Series(np.arange(len(first)), index=first.index)
    members = households[households.isin(kept).to_numpy()].map(number)
    links = known["family_links"].dropna(subset=["child_id", "family_id"])
    links = links[links["child_id"].isin(members.index).to_numpy()]
    of_family = pd.Series(
        members.reindex(links["child_id"]).to_numpy(), index=pd.Index(links["family_id"])
    )
    trio = trio[trio["household"].isin(kept).to_numpy()]
    latest = assessed[assessed["household"].isin(kept).to_numpy()]
    latest = latest.groupby("household")["authorised_date"].max()
    return Families(
        children=mine.assign(family=mine["household"].map(number))
        .sort_values(["family", "opened", "child_id"])
        .drop(columns=["household", "primary_need", "retain_until"])
        .reset_index(drop=True),
        members=members,
        families=of_family[~of_family.index.duplicated()],
        trio=trio.assign(family=trio["household"].map(number)).drop(columns="household"),
        assessed=latest.rename(index=number),
        left_out={name: int(count) for name, count in left_out.items() if count},
    )
