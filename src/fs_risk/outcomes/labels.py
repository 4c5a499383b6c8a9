"""Whether each case had the outcome in time, and why that cannot be said of some.

A row is positive if the event falls in (as_of, as_of + within_days]. A row whose
window was not wholly observed has no label: it is never a 0. A child who died or
turned 18 without the outcome is a 0, for it can no longer happen; one who moved away or
was adopted without it has no label, for it may have happened elsewhere.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError, nearest
from fs_risk.outcomes.answers import Answer, answer
from fs_risk.outcomes.cohort_rows import Rows
from fs_risk.outcomes.cohorts import COLUMNS
from fs_risk.outcomes.definitions import Outcome, find_outcome
from fs_risk.outcomes.ends import CLOSED, Ends
from fs_risk.outcomes.open_episodes import closing_days
from fs_risk.outcomes.scope import UNACCOMPANIED
from fs_risk.outcomes.tiers import Ladder
from fs_risk.records.arguments import COHORT, RECORDS, WORD, takes
from fs_risk.records.breaks import Break, as_breaks
from fs_risk.records.dates import DATE_DTYPE, days_of_rows, to_days
from fs_risk.records.other_grounds import unaccompanied_children
from fs_risk.records.records import Records

NOT_OBSERVED = "not observed"
IMMATURE = "immature"
UNKNOWN_CHILD = "not in these records"


@takes(records=RECORDS, cohort=COHORT, outcome=WORD)
def label_outcome(
    records: Records,
    cohort: pd.DataFrame,
    *,
    outcome: str,
    within_days: int = 365,
    breaks: Break | date | str | Sequence[Break | date | str] = (),
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
        ``"step_down"`` asks for an open case, ``"sustained_closure"`` for a closure.
    within_days : int, default=365
        Whole days after `as_of`; the last one is included.
    breaks : Break, date, str or sequence of them, optional
        Go-lives, changed tier rules and shocks to mark. A plain day is a go-live.

    Returns
    -------
    DataFrame
        On the cohort's index. ``label`` (float64): 1.0, 0.0, or NaN where it cannot
        be said. ``known_date`` (datetime64[s]): ``as_of + within_days``, for every
        row, so that positives are not known sooner than negatives. ``reason``
        (str): empty, or why there is no label; the first that applies of the scope
        exclusions (``"died"`` and ``"turned 18"`` by `as_of` among them),
        ``"not observed"``, ``"not in these records"`` (a child of whom no table holds
        anything: identifiers may be of another kind), ``"at or above tier"``,
        ``"already open"``, ``"not open"``, ``"not closed"``, ``"decided at once"`` (on
        `as_of` or by the end of the next working day), ``"same day"``, ``"immature"``,
        ``"left the area"``, ``"adopted"``. ``competing_end`` (str): for a label of 0,
        what ended the case first, if anything did: ``"died"``, ``"turned 18"``,
        ``"closed"`` (which does not stop the outcome from being seen), and for a
        step-down ``"stepped up"``, ``"went to court"``. Where there are `breaks`,
        ``crosses`` (str): those that lie in ``(as_of, as_of + within_days]``, in words;
        empty where none does. Such a label was made under two sets of rules.

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
    cohort = _checked(cohort, within_days)
    rows = Rows(records, cohort, within_days)
    ends = Ends(records, rows.children, rows.codes, rows.as_of)
    ladder = Ladder(records, rows.children, rows.codes, rows.as_of)
    found = answer(records, wanted, rows, ladder, ends)
    reason = _first_of(_reasons(records, wanted, rows, ladder, ends, found), len(cohort))
    label = np.where(reason == "", found.happened.astype(np.float64), np.nan)
    competing = _first_of(_competing(records, rows, ends, found), len(cohort))
    known = (cohort["as_of"] + np.timedelta64(within_days, "D")).astype(DATE_DTYPE)
    labels = pd.DataFrame(
        {
            "label": pd.Series(label, index=cohort.index),
            "known_date": known,
            "reason": pd.Series(reason, index=cohort.index, dtype="str"),
            "competing_end": pd.Series(
                np.where(label == 0, competing, ""), index=cohort.index, dtype="str"
            ),
        }
    )
    marked = as_breaks(breaks)
    return labels.assign(crosses=_crossed(marked, cohort["as_of"], known)) if marked else labels


def _crossed(breaks: Sequence[Break], as_of: pd.Series, last: pd.Series) -> pd.Series:
    """Name the breaks that lie in each row's window."""
    said = np.full(len(as_of), "", dtype=object)
    for each in breaks:
        hit = each.touches(as_of.to_numpy(), last.to_numpy())
        said[hit] = [f"{before}; {each.dated}".lstrip("; ") for before in said[hit]]
    return pd.Series(said, index=as_of.index, dtype="str")


_Named = list[tuple[str, np.ndarray]]


def _first_of(named: _Named, n: int) -> np.ndarray:
    """Give each row the first name that applies to it, else empty text."""
    chosen = np.full(n, "", dtype=object)
    for name, applies in named:
        chosen[applies & (chosen == "")] = name
    return chosen


def _reasons(
    records: Records, outcome: Outcome, rows: Rows, ladder: Ladder, ends: Ends, found: Answer
) -> _Named:
    """List, in order of precedence, why a row has no label."""
    unseen, immature = _observed(records, outcome, rows)
    censored = ends.censored(rows.last)
    return [
        (UNACCOMPANIED, rows.of_children(unaccompanied_children(records))),
        *ladder.outside_on_as_of().items(),
        *ends.finally_by(rows.as_of).items(),
        *found.out_of_scope,
        (NOT_OBSERVED, unseen),
        (UNKNOWN_CHILD, ~rows.of_children(_in_any_table(records, rows.children))),
        *found.unanswerable,
        (IMMATURE, immature),
        *((name, gone & ~found.settled) for name, gone in censored.items()),
        *found.ended,
    ]


def _in_any_table(records: Records, children: pd.Index) -> pd.Index:
    """Give those of the children of whom any table holds a row."""
    seen = np.zeros(len(children), dtype=bool)
    for name in records:
        if seen.all():
            break
        if "child_id" in records[name]:
            seen |= children.isin(records[name]["child_id"])
    return children[seen]


def _competing(records: Records, rows: Rows, ends: Ends, found: Answer) -> _Named:
    closed = closing_days(records, rows)
    return [
        *found.competing,
        *((name, by & ~found.settled) for name, by in ends.finally_by(rows.last).items()),
        (CLOSED, (closed > rows.as_of) & (closed <= rows.last) & ~found.settled),
    ]


def _observed(records: Records, outcome: Outcome, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
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


def _checked(cohort: pd.DataFrame, within_days: int) -> pd.DataFrame:
    """Give the cohort with its days read, or say what is wrong with it."""
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
    days, unread = days_of_rows(cohort["as_of"])
    if unread.any():
        raise OutcomeError(
            f"{int(unread.sum())} of {len(cohort)} cases have an as_of that is no day.",
            where=f"cohort, rows {', '.join(map(str, np.flatnonzero(unread)[:10] + 1))}",
            fix="Give dates, or text year first as in 2025-03-31.",
        )
    return cohort.assign(as_of=days)
