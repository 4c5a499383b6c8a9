"""The blocks of a census file, each written for all its rows at once."""

from collections.abc import Mapping

import pandas as pd

from fs_risk.records.layouts import cin
from fs_risk.records.lookup import is_among, looked_up
from fs_risk.records.writing.cin_year import CensusRows
from fs_risk.records.writing.xml_text import element, escaped, gathered, wrapped

_GENDER_OF_SEX = {"M": "1", "F": "2", "U": "0"}
_ABUSE_BEFORE_SPLIT = {"18B": "18A", "18C": "18A", "19B": "19A", "19C": "19A"}

__all__ = [
    "CensusRows",
    "characteristics",
    "disabilities",
    "episodes",
    "identifiers",
]


def _date(dates: pd.Series) -> pd.Series:
    return dates.dt.strftime("%Y-%m-%d").astype("str")


def _flag(flags: pd.Series) -> pd.Series:
    return flags.fillna(False).map({True: "true", False: "false"}).astype("str")


def identifiers(children: pd.DataFrame, ids: pd.Series, year: int, end: pd.Timestamp) -> pd.Series:
    """Write ``ChildIdentifiers``; of a child not yet born only what was expected."""
    birth = children["birth_date"].where(children["birth_date"] <= end)
    expected = children["expected_birth_date"].where(birth.isna())
    death = children["death_date"].where(children["death_date"] <= end)
    unborn = birth.isna() & expected.notna()
    sex = children["sex"].fillna("U").mask(unborn, "U")
    if year < cin.FIRST_YEAR_OF_SEX:
        sex_element = element("GenderCurrent", sex.map(_GENDER_OF_SEX), 4)
    else:
        sex_element = element("Sex", sex, 4)
    inner = (
        element("LAchildID", ids, 4)
        + element("PersonBirthDate", _date(birth), 4)
        + element("ExpectedPersonBirthDate", _date(expected), 4)
        + sex_element
        + element("PersonDeathDate", _date(death), 4)
    )
    return wrapped("ChildIdentifiers", inner, 3)


def characteristics(children: pd.DataFrame, disabled: pd.Series) -> pd.Series:
    """Write ``ChildCharacteristics``."""
    inner = element("Ethnicity", children["ethnicity"].fillna("NOBT"), 4) + wrapped(
        "Disabilities", disabled, 4, keep_empty=False
    )
    return wrapped("ChildCharacteristics", inner, 3)


def disabilities(frame: pd.DataFrame) -> pd.Series:
    """Write ``Disability``."""
    return element("Disability", frame["code"], 5)


def episodes(rows: CensusRows, factors: pd.DataFrame, year: int) -> pd.Series:
    """Write ``CINdetails`` with all that lies in them."""
    referrals = rows.referrals
    source, reason = referrals["source"].fillna("10"), referrals["close_reason"]
    if year < cin.FIRST_YEAR_OF_EARLY_HELP_CODES:
        source, reason = source.replace({"5D": "5B"}), reason.replace({"RC9": "RC8"})
    index = pd.Index(referrals["referral_id"])

    def within(name: str, texts: pd.Series) -> pd.Series:
        found = gathered(texts, rows.inside[name]["referral_id"], index)
        return found.set_axis(referrals.index)

    conferences = rows.inside["conferences"]
    enquired = is_among(conferences["section47_id"], rows.inside["section47"]["section47_id"])
    own = conferences[~enquired].groupby("referral_id")["conference_date"].min()
    inner = (
        element("CINreferralDate", _date(referrals["referral_date"]), 4)
        + element("ReferralSource", source, 4)
        + element("PrimaryNeedCode", referrals["primary_need"], 4)
        + element("CINclosureDate", _date(referrals["close_date"]), 4)
        + element("ReasonForClosure", reason, 4)
        + element("DateOfInitialCPC", _date(looked_up(referrals["referral_id"], own)), 4)
        + within("assessments", _assessments(rows.inside["assessments"], factors, year))
    )
    if year >= cin.FIRST_YEAR_OF_CIN_PLANS:
        inner += within("cin_plans", _cin_plans(rows.inside["cin_plans"]))
    inner += within("section47", _section47(rows.inside["section47"], conferences))
    inner += element("ReferralNFA", _flag(referrals["no_further_action"]), 4)
    inner += within("cp_plans", _cp_plans(rows.inside["cp_plans"]))
    if year >= cin.FIRST_YEAR_OF_PRE_PROCEEDINGS:
        inner += within("pre_proceedings", _pre_proceedings(rows.inside["pre_proceedings"]))
    return wrapped("CINdetails", inner, 3)


def _assessments(frame: pd.DataFrame, factors: pd.DataFrame, year: int) -> pd.Series:
    """Write ``Assessments``; factors only once it is authorised."""
    done = frame.loc[frame["authorised_date"].notna(), "assessment_id"]
    found = factors[is_among(factors["assessment_id"], done)]
    found = found.assign(code=found["code"].replace(_codes_of_year(year)))
    found = found.drop_duplicates(["assessment_id", "code"])
    listed = gathered(
        element("AssessmentFactors", found["code"], 6),
        found["assessment_id"],
        pd.Index(frame["assessment_id"]),
    ).set_axis(frame.index)
    inner = (
        element("AssessmentActualStartDate", _date(frame["start_date"]), 5)
        + element("AssessmentAuthorisationDate", _date(frame["authorised_date"]), 5)
        + wrapped("FactorsIdentifiedAtAssessment", listed, 5, keep_empty=False)
    )
    return wrapped("Assessments", inner, 4)


def _codes_of_year(year: int) -> Mapping[str, str]:
    """Say which factors a year did not have yet, and what stood for them."""
    older = dict(_ABUSE_BEFORE_SPLIT) if year < cin.FIRST_YEAR_OF_SPLIT_ABUSE else {}
    if year < cin.FIRST_YEAR_OF_CRIMINAL_EXPLOITATION:
        older["24A"] = "20"
    return older


def _cin_plans(frame: pd.DataFrame) -> pd.Series:
    inner = element("CINPlanStartDate", _date(frame["start_date"]), 5) + element(
        "CINPlanEndDate", _date(frame["end_date"]), 5
    )
    return wrapped("CINPlanDates", inner, 4)


def _section47(frame: pd.DataFrame, conferences: pd.DataFrame) -> pd.Series:
    """Write ``Section47`` with its first conference."""
    first = conferences.sort_values("conference_date").drop_duplicates("section47_id")
    first = first.dropna(subset="section47_id").set_index("section47_id")
    held = looked_up(frame["section47_id"], first["conference_date"])
    target = looked_up(frame["section47_id"], first["target_date"])
    unneeded = (~frame["conference_needed"]).where(held.isna(), False)
    inner = (
        element("S47ActualStartDate", _date(frame["start_date"]), 5)
        + element("InitialCPCtarget", _date(target), 5)
        + element("DateOfInitialCPC", _date(held), 5)
        + element("ICPCnotRequired", _flag(unneeded), 5)
    )
    return wrapped("Section47", inner, 4)


def _cp_plans(frame: pd.DataFrame) -> pd.Series:
    initial = frame["initial_category"].fillna(frame["latest_category"]).fillna("MUL")
    earlier = frame.sort_values("start_date", kind="stable").groupby("child_id").cumcount()
    previous = frame["previous_plans"].fillna(earlier.reindex(frame.index).astype("Int64"))
    inner = (
        element("CPPstartDate", _date(frame["start_date"]), 5)
        + element("CPPendDate", _date(frame["end_date"]), 5)
        + element("InitialCategoryOfAbuse", initial, 5)
        + element("LatestCategoryOfAbuse", frame["latest_category"].fillna(initial), 5)
        + element("NumberOfPreviousCPP", previous, 5)
    )
    return wrapped("ChildProtectionPlans", inner, 4)


def _pre_proceedings(frame: pd.DataFrame) -> pd.Series:
    outcome = escaped(frame["outcome"].where(frame["end_date"].notna()))
    inner = (
        element("PPStartDate", _date(frame["start_date"]), 5)
        + element("InitialPPMeetingDate", _date(frame["meeting_date"]), 5)
        + element("StepDecisionDate", _date(frame["end_date"]), 5)
        + element("PPOutcome", outcome, 5)
        + element("CourtAppDate", _date(frame["court_date"]), 5)
    )
    return wrapped("PreProceedingsandFGDM", inner, 4)
