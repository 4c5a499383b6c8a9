"""The groups for which a report shows its figures apart: when, who referred, what for, how old."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fs_risk.records.breaks import Break
from fs_risk.records.codes import PRIMARY_NEEDS, SOURCE_GROUPS
from fs_risk.records.dates import to_days
from fs_risk.records.records import Records

YEAR, MONTH = "year", "month"
SOURCE, NEED, AGE, BEFORE = "referred by", "primary need", "age band", "earlier referrals"

MARKED = "marked break"

TIMES = (YEAR, MONTH, MARKED)
"""Groupings by time; the others are by who the children are."""

AGE_BANDS = (
    (-1, "not yet born"),
    (0, "under 1"),
    (1, "1 to 4"),
    (5, "5 to 9"),
    (10, "10 to 15"),
    (16, "16 and 17"),
)
"""The age bands of the CIN census, by their first whole year."""

NOT_RECORDED = "not recorded"
_DAYS_A_YEAR = 365.25


def make_groupings(records: Records, cohort: pd.DataFrame) -> dict[str, pd.Series]:
    """Put each case into its groups.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.

    Returns
    -------
    dict of str to Series of str or category
        On the cohort's index: ``year`` and ``month`` of `as_of`, ``age band``, and for
        cases named for a referral who made it (``referred by``), what for (``primary
        need``: as recorded at the extract, so shown only), and whether the child had
        been referred before (``earlier referrals``).

    Notes
    -----
    None of these is a feature by being here; how groups protected by law fare is the
    fairness audit's question.
    """
    groups = {**by_time(cohort), AGE: _age_band(records, cohort)}
    referrals = records["referrals"].drop_duplicates("referral_id").set_index("referral_id")
    named = cohort["case_id"].isin(referrals.index)
    if not named.any():
        return groups
    of_case = referrals.reindex(cohort["case_id"])
    words = {code: group for group, codes in SOURCE_GROUPS.items() for code in codes}
    groups[SOURCE] = _named(of_case["source"], words, cohort.index)
    groups[NEED] = _named(of_case["primary_need"], PRIMARY_NEEDS, cohort.index)
    groups[BEFORE] = _referred_before(records, cohort)
    return groups


def by_time(cohort: pd.DataFrame) -> dict[str, pd.Series]:
    """Give the year and the month of each case.

    Parameters
    ----------
    cohort : DataFrame

    Returns
    -------
    dict of str to Series of str
        ``"2024"`` and ``"2024-03"``, on the cohort's index.
    """
    days = cohort["as_of"]
    return {
        YEAR: days.dt.strftime("%Y").astype("str"),
        MONTH: days.dt.strftime("%Y-%m").astype("str"),
    }


def by_breaks(
    breaks: Sequence[Break], cohort: pd.DataFrame, *, within_days: int, history_days: int
) -> dict[str, pd.Series]:
    """Say on which side of the breaks that a plan marks each case lies.

    Parameters
    ----------
    breaks : sequence of Break
    cohort : DataFrame
    within_days : int
        Days after `as_of` in which the outcome counts.
    history_days : int
        How far back features look.

    Returns
    -------
    dict of str to Series of category
        ``marked break``, in the order of time; empty where no break is marked.
    """
    if not breaks or cohort.empty:
        return {}
    day = cohort["as_of"].to_numpy()
    ahead, back = np.timedelta64(within_days, "D"), np.timedelta64(history_days, "D")
    said = np.full(len(day), "", dtype=object)
    for each in breaks:
        sides = np.where(day < np.datetime64(each.start, "D"), "before", "after")
        sides = np.where(each.touches(day - back, day), "history across", sides)
        sides = np.where(each.touches(day, day + ahead), "outcome days across", sides)
        said = np.array(
            [
                f"{before}; {each.dated}: {side}".lstrip("; ")
                for before, side in zip(said, sides, strict=True)
            ],
            dtype=object,
        )
    order = pd.Series(day).groupby(said).min().sort_values(kind="stable").index
    return {MARKED: pd.Series(said, index=cohort.index).astype(pd.CategoricalDtype(order))}


def _age_band(records: Records, cohort: pd.DataFrame) -> pd.Series:
    born = records["children"].set_index("child_id")["birth_date"]
    born = cohort["child_id"].map(born[~born.index.duplicated()])
    age = np.floor((cohort["as_of"] - born).dt.days / _DAYS_A_YEAR)
    band = pd.Series(NOT_RECORDED, index=cohort.index, dtype="object")
    for first, words in AGE_BANDS:
        inside = (age >= first) if first >= 0 else (age < 0)
        band = band.mask(inside.fillna(False).to_numpy(dtype=bool), words)
    return band.astype(pd.CategoricalDtype([*(words for _, words in AGE_BANDS), NOT_RECORDED]))


def _named(codes: pd.Series, words: dict[str, str], index: pd.Index) -> pd.Series:
    named = codes.astype("object").map(words).fillna(NOT_RECORDED)
    return pd.Series(named.to_numpy(dtype=object), index=index, dtype="str").str.replace("_", " ")


def _referred_before(records: Records, cohort: pd.DataFrame) -> pd.Series:
    """Say of each case whether its child had an earlier referral in the records."""
    referrals = records["referrals"]
    first = referrals.groupby("child_id")["referral_date"].min()
    earliest = cohort["child_id"].map(first)
    before = to_days(earliest) < to_days(cohort["as_of"])
    known = earliest.notna().to_numpy()
    return pd.Series(
        np.where(before & known, "referred before", "first referral in these records"),
        index=cohort.index,
        dtype="str",
    )
