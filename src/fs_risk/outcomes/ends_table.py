"""How a cohort ended: the outcome, what else came first, and who cannot be said, by count."""

import pandas as pd

from fs_risk.outcomes.ends import ADOPTED, LEFT
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.arguments import COHORT, RECORDS, WORD, takes
from fs_risk.records.records import Records

THE_OUTCOME = "the outcome"
SEEN_THROUGH = "seen to the last day without it"

_KINDS = ("with the outcome", "without it", "no label")


@takes(records=RECORDS, cohort=COHORT, outcome=WORD)
def outcome_ends(
    records: Records, cohort: pd.DataFrame, *, outcome: str, within_days: int = 365
) -> pd.DataFrame:
    """Count how each case of a cohort ended within some days.

    Every row of the cohort is in exactly one line, so the counts add up to it.
    Decisions taken at once, the same day or by the end of the next working day, have a
    line of their own (requirement T11).

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        With ``case_id``, ``child_id``, ``as_of``.
    outcome : str
    within_days : int, default=365

    Returns
    -------
    DataFrame
        ``kind`` (``"with the outcome"``, ``"without it"``, ``"no label"``), ``end``
        (which end came first, or why there is no label), ``count`` (Int64), ``share``
        of the labelled rows (missing without a label); commonest first within a kind.
        Counts are exact: for whoever holds the records.

    Raises
    ------
    OutcomeError
        As `label_outcome`.

    Notes
    -----
    Cases that left the area without the outcome have no label. If they had been seen,
    the rate would lie between two bounds: all of them without the outcome, or all
    with it. `bounds` works them out from this table.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["R1", "R2"], "child_id": ["A", "B"],
    ...     "referral_date": pd.to_datetime(["2021-03-01", "2024-03-01"])})
    >>> window = ("2020-01-01", "2024-12-31")
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31",
    ...     coverage={"referrals": window, "cp_plans": window})
    >>> from fs_risk.outcomes.cohorts import referral_cohort
    >>> ends = outcome_ends(records, referral_cohort(records), outcome="cp_plan")
    >>> ends["end"].to_list(), ends["count"].to_list()
    (['seen to the last day without it', 'immature'], [1, 1])
    """
    labels = label_outcome(records, cohort, outcome=outcome, within_days=within_days)
    ended = labels["competing_end"].mask(labels["competing_end"] == "", SEEN_THROUGH)
    ended = ended.mask((labels["label"] == 1).to_numpy(), THE_OUTCOME)
    unknown = labels["label"].isna().to_numpy()
    end = ended.mask(unknown, labels["reason"])
    kind = labels["label"].map({1.0: _KINDS[0], 0.0: _KINDS[1]}).fillna(_KINDS[2])
    counts = pd.DataFrame({"kind": kind.astype("str"), "end": end.astype("str")}).value_counts()
    table = counts.rename("count").reset_index().astype({"count": "Int64"})
    place = table["kind"].map({name: place for place, name in enumerate(_KINDS)})
    table = table.assign(place=place, less=-table["count"]).sort_values(["place", "less", "end"])
    labelled = (table["kind"] != _KINDS[2]).to_numpy()
    share = table["count"].astype(float) / float(max(table["count"][labelled].sum(), 1))
    table["share"] = share.where(labelled)
    return table[["kind", "end", "count", "share"]].reset_index(drop=True)


def rate_bounds(ends: pd.DataFrame) -> tuple[float, float]:
    """Give the lowest and highest rate, had those who went out of sight been seen.

    Parameters
    ----------
    ends : DataFrame
        As `outcome_ends` gives it.

    Returns
    -------
    low, high : float
        The rate if none of those who left the area or were adopted had the outcome, and
        if all had; NaN without any case.

    Examples
    --------
    >>> ends = pd.DataFrame({"kind": ["with the outcome", "without it", "no label"],
    ...     "end": ["the outcome", "closed", "left the area"], "count": [10, 80, 10]})
    >>> rate_bounds(ends)
    (0.1, 0.2)
    """
    count = ends["count"].astype(float)
    with_it = float(count[(ends["kind"] == _KINDS[0]).to_numpy()].sum())
    without = float(count[(ends["kind"] == _KINDS[1]).to_numpy()].sum())
    gone = float(count[ends["end"].isin([LEFT, ADOPTED]).to_numpy()].sum())
    everyone = with_it + without + gone
    if not everyone:
        return float("nan"), float("nan")
    return with_it / everyone, (with_it + gone) / everyone
