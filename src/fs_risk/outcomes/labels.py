"""Whether each case had the outcome in time, and why that cannot be said of some.

A row is positive if the event falls in (as_of, as_of + within_days]. A row whose
window was not wholly observed has no label: it is never a 0.
"""

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError, nearest
from fs_risk.outcomes.cohorts import COLUMNS
from fs_risk.outcomes.definitions import TIER_TABLES, Outcome, find_outcome
from fs_risk.outcomes.events import EventDays, Periods
from fs_risk.outcomes.scope import UNACCOMPANIED, unaccompanied_children
from fs_risk.outcomes.tiers import Ladder
from fs_risk.records.dates import DATE_DTYPE, add_working_days, to_days
from fs_risk.records.records import Records

NOT_OBSERVED = "not observed"
AT_TIER = "at or above tier"
AT_ONCE = "decided at once"
ALREADY_OPEN = "already open"
SAME_DAY = "same day"
IMMATURE = "immature"


def label_outcome(
    records: Records, cohort: pd.DataFrame, *, outcome: str, within_days: int = 365
) -> pd.DataFrame:
    """Say for each case whether an outcome followed within some days.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        With ``case_id``, ``child_id``, ``as_of``.
    outcome : str
        A name in `fs_risk.outcomes.definitions.OUTCOMES`. ``"step_up"`` is tier 3
        or more for a case that arrives on `as_of` (a referral or contact of that
        day), and any tier above the child's own for one that was open.
    within_days : int, default=365
        Whole days after `as_of`; the last one is included.

    Returns
    -------
    DataFrame
        On the cohort's index. ``label`` (float64): 1.0, 0.0, or NaN where it cannot
        be said. ``known_date`` (datetime64[s]): ``as_of + within_days``, for every
        row, so that positives are not known sooner than negatives. ``reason``
        (str): empty, or why there is no label; the first that applies of the scope
        exclusions, ``"not observed"``, ``"at or above tier"``, ``"already open"``,
        ``"decided at once"`` (on `as_of` or by the end of the next working day),
        ``"same day"``, ``"immature"``.

    Raises
    ------
    OutcomeError
        If there is no such outcome, the cohort lacks a column, or `within_days`
        is not a number of days.

    Examples
    --------
    >>> days = pd.to_datetime(["2023-01-10", "2023-05-09"])
    >>> frames = {
    ...     "referrals": pd.DataFrame({"referral_id": ["R1"], "child_id": ["A"],
    ...         "referral_date": days[:1]}),
    ...     "cp_plans": pd.DataFrame({"cp_plan_id": ["P1"], "child_id": ["A"],
    ...         "start_date": days[1:]})}
    >>> window = ("2022-01-01", "2024-12-31")
    >>> records = Records.from_frames(frames, extract_date="2024-12-31",
    ...     coverage={"referrals": window, "cp_plans": window})
    >>> from fs_risk.outcomes.cohorts import referral_cohort
    >>> cohort = referral_cohort(records)
    >>> label_outcome(records, cohort, outcome="cp_plan")["label"].to_list()
    [1.0]
    >>> label_outcome(records, cohort, outcome="care")["reason"].to_list()
    ['not observed']
    """
    wanted = find_outcome(outcome)
    _check(cohort, within_days)
    rows = _Rows(records, cohort, within_days)
    happened, reasons = _answers(records, wanted, rows)
    reason = np.full(len(cohort), "", dtype=object)
    for name, applies in reasons:
        reason[applies & (reason == "")] = name
    label = np.where(reason == "", happened.astype(np.float64), np.nan)
    known = (cohort["as_of"] + np.timedelta64(within_days, "D")).astype(DATE_DTYPE)
    return pd.DataFrame(
        {
            "label": pd.Series(label, index=cohort.index),
            "known_date": known,
            "reason": pd.Series(reason, index=cohort.index, dtype="str"),
        }
    )


class _Rows:
    """A cohort as positions and days: the child, `as_of`, the next working day, the last day."""

    def __init__(self, records: Records, cohort: pd.DataFrame, within_days: int) -> None:
        self.cohort = cohort
        self.children = pd.Index(cohort["child_id"].unique())
        self.codes = self.children.get_indexer(cohort["child_id"]).astype(np.int64)
        self.as_of = to_days(cohort["as_of"]).astype(np.int64)
        self.at_once = to_days(add_working_days(cohort["as_of"], 1)).astype(np.int64)
        self.last = self.as_of + within_days
        self.extract = int(to_days(pd.Series([records.extract_date]))[0])

    def of_children(self, children: pd.Index) -> np.ndarray:
        return np.asarray(self.cohort["child_id"].isin(children), dtype=bool)


_Reasons = list[tuple[str, np.ndarray]]


def _answers(records: Records, outcome: Outcome, rows: _Rows) -> tuple[np.ndarray, _Reasons]:
    """Give what happened, and in order of precedence why a row has no label."""
    ladder = Ladder(records, rows.children, rows.codes, rows.as_of)
    excluded: _Reasons = [
        (UNACCOMPANIED, rows.of_children(unaccompanied_children(records))),
        *ladder.outside_on_as_of().items(),
    ]
    if outcome.tier is not None:
        happened, more = _stepped_up(records, outcome, outcome.tier, rows, ladder)
    elif outcome.name == "section47":
        happened, more = _enquiry(records, rows)
    else:
        happened, more = _referred_again(records, rows)
    unseen, immature = _observed(records, outcome, rows)
    foreign = [(name, hit) for name, hit in more if name not in _AFTER]
    others = [(name, hit) for name, hit in more if name in _AFTER]
    ordered = [*excluded, *foreign, (NOT_OBSERVED, unseen), *others, (IMMATURE, immature)]
    return happened, ordered


_AFTER = frozenset({AT_TIER, AT_ONCE, ALREADY_OPEN, SAME_DAY})


def _stepped_up(
    records: Records, outcome: Outcome, lowest: int, rows: _Rows, ladder: Ladder
) -> tuple[np.ndarray, _Reasons]:
    tiers = np.array(list(TIER_TABLES))[:, None]
    tier = np.full(len(rows.codes), lowest)
    if outcome.name == "step_up":
        tier = np.where(_arrives(records, rows.cohort), lowest, ladder.current + 1)
    own = tiers >= tier if outcome.name == "step_up" else tiers == tier
    above: np.ndarray = (ladder.current >= tier) | (tier > max(TIER_TABLES))
    after = ladder.starts(rows.as_of + 1, rows.last)
    happened = np.asarray((after & own).any(axis=0))
    at_once = np.asarray((ladder.starts(rows.as_of, rows.at_once) & (tiers >= tier)).any(axis=0))
    foreign: _Reasons = [
        (name, np.asarray((hits & own).any(axis=0) & ~happened))
        for name, hits in ladder.outside_starts(rows.as_of, rows.last).items()
    ]
    return happened, [*foreign, (AT_TIER, above), (AT_ONCE, at_once)]


def _arrives(records: Records, cohort: pd.DataFrame) -> np.ndarray:
    """Say which rows are a referral or contact of that very day, not a case already open."""
    keys = pd.MultiIndex.from_frame(cohort[["case_id", "as_of"]])
    arrives = np.zeros(len(cohort), dtype=bool)
    for table, case, day in (
        ("referrals", "referral_id", "referral_date"),
        ("contacts", "contact_id", "contact_date"),
    ):
        arrivals = records[table][[case, day]]
        arrives |= keys.isin(pd.MultiIndex.from_frame(arrivals))
    return arrives


def _enquiry(records: Records, rows: _Rows) -> tuple[np.ndarray, _Reasons]:
    enquiries = Periods(records["section47"], rows.children)
    happened = enquiries.starts.between(rows.codes, rows.as_of + 1, rows.last)
    at_once = enquiries.starts.between(rows.codes, rows.as_of, rows.at_once)
    return happened, [
        (ALREADY_OPEN, enquiries.open_on(rows.codes, rows.as_of)),
        (AT_ONCE, at_once),
    ]


def _referred_again(records: Records, rows: _Rows) -> tuple[np.ndarray, _Reasons]:
    referrals = records["referrals"]
    days = to_days(referrals["referral_date"])
    events = EventDays(referrals["child_id"], days, rows.children)
    happened = events.between(rows.codes, rows.as_of + 1, rows.last)
    today = events.before(rows.codes, rows.as_of + 1) - events.before(rows.codes, rows.as_of)
    keys = pd.MultiIndex.from_frame(rows.cohort[["case_id", "as_of"]])
    own = keys.isin(pd.MultiIndex.from_frame(referrals[["referral_id", "referral_date"]]))
    return happened, [(SAME_DAY, today > own)]


def _observed(records: Records, outcome: Outcome, rows: _Rows) -> tuple[np.ndarray, np.ndarray]:
    """Say which rows lie before their tables were observed, and which end too late."""
    unseen = np.zeros(len(rows.codes), dtype=bool)
    last = rows.extract
    for table in outcome.tables:
        window = records.coverage.get(table)
        if window is None:
            return ~unseen, unseen
        first, end = to_days(pd.Series([window.observed_from, window.observed_to]))
        unseen |= rows.as_of < first
        last = min(last, int(end))
    return unseen, rows.last > last


def _check(cohort: pd.DataFrame, within_days: int) -> None:
    absent = [name for name in COLUMNS if name not in cohort]
    if absent:
        hints = "".join(nearest(name, map(str, cohort.columns)) for name in absent)
        raise OutcomeError(
            f"The cohort lacks {', '.join(absent)}.{hints}",
            where=f"columns {', '.join(map(str, cohort.columns))}",
            fix="Make it with referral_cohort() or give it case_id, child_id and as_of.",
        )
    undated = int(cohort["as_of"].isna().sum())
    if undated:
        raise OutcomeError(
            f"{undated} of {len(cohort)} cases have no as_of.",
            where="column as_of",
            fix="Leave out cases without a date.",
        )
    if isinstance(within_days, bool) or not isinstance(within_days, int) or within_days < 1:
        raise OutcomeError(
            "An outcome needs a whole number of days, one or more.",
            where="within_days",
            fix="Pass within_days=365, for example.",
        )
