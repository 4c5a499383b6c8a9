"""The prover: changes the future and demands the same features."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from fs_risk.errors import FeatureError
from fs_risk.features.build import build_features
from fs_risk.features.cases import as_cases
from fs_risk.features.proof import LeakageProof
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.records.as_known import (
    as_known_before,
    late_columns,
    with_another_future,
    with_merged_children,
    without_late_column,
)
from fs_risk.records.dates import MISSING_DAY, from_days
from fs_risk.records.records import Records

CHANGES = {
    "removed": as_known_before,
    "replaced": with_another_future,
    "merged": with_merged_children,
}
"""What is done to everything dated or known on or after a day."""

DELAYS = (7, 28)
"""Days by which facts dated by rule are delayed, to see what rests on the rule."""

Change = Callable[[Records, pd.Timestamp], Records]


def prove_no_leakage(
    records: Records,
    cohort: pd.DataFrame,
    *,
    days: int = 12,
    column_days: int = 2,
    extra: Sequence[FeatureSpec] = (),
    lag_days: int = 0,
) -> LeakageProof:
    """Change everything dated or known from a day on, and demand identical features.

    For each of several days, the records are rebuilt as they stood before it, and
    once more with another future behind it, and once with the numbers of children
    merged on that day. Then each late column alone (an end, an
    outcome, a decision, a closure and its reason, the factors of an assessment, the
    birth date of the then unborn) is blanked and rewritten wherever it was not yet
    known. Cases up to and with that day must get bit-identical features, since
    nothing they may use has changed. The proof is that the code obeys the declared
    clocks, not that the clocks are true: so the features are built again with facts
    dated by rule delayed, and what then changes is reported.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        As for `build_features`.
    days : int, default=12
        How many days to try, spread over the cohort's own dates.
    column_days : int, default=2
        On how many of them each late column is tried alone; 0 for none.
    extra : sequence of FeatureSpec
        Features of your own.
    lag_days : int, default=0

    Returns
    -------
    LeakageProof

    Raises
    ------
    FeatureError
        If the cohort is empty.

    References
    ----------
    .. [1] Requirements T1, T2 and T5.
    """
    if cohort.empty:
        raise FeatureError("There is no case to prove anything on.", fix="Give a cohort with rows.")
    cohort = _with_declared(records, cohort)
    build = partial(build_features, extra=extra, lag_days=lag_days)
    expected = build(records, cohort)
    tried = list(_trials(records, cohort, days, column_days))
    rows = []
    for day, name, column, change in tqdm(
        tried, desc="Proving that no feature leaks", disable=None, leave=False
    ):
        before = cohort["as_of"] <= day
        found = build(change(records, day), cohort[before])
        compared = _compare(expected[before], found)
        rows.append({"day": day, "change": name, "column": column, **compared})
    delays = [
        {"delay_days": delay, **_compare(expected, build(records.delayed(delay), cohort))}
        for delay in DELAYS
    ]
    return LeakageProof(pd.DataFrame(rows), pd.DataFrame(delays), lag_days)


def _trials(
    records: Records, cohort: pd.DataFrame, days: int, column_days: int
) -> Iterator[tuple[pd.Timestamp, str, str, Change]]:
    """List the days, and what is changed on each."""
    for day in _spread(cohort["as_of"], days):
        for name, change in CHANGES.items():
            yield day, name, "", change
    columns = [pair for pair in late_columns() if len(records[pair[0]])]
    for day in _spread(cohort["as_of"], column_days) if column_days else []:
        for table, column in columns:
            for name in ("blanked", "rewritten"):
                yield (
                    day,
                    name,
                    f"{table}.{column}",
                    partial(without_late_column, table=table, column=column, how=name),
                )


def _spread(dates: pd.Series, days: int) -> list[pd.Timestamp]:
    """Choose days spread over the dates; a single one is the middle."""
    distinct = np.sort(dates.unique())
    ends = (0, len(distinct) - 1) if days > 1 else ((len(distinct) - 1) // 2,) * 2
    places = np.unique(np.linspace(*ends, days).round().astype(int))
    return [pd.Timestamp(distinct[place]) for place in places]


def _with_declared(records: Records, cohort: pd.DataFrame) -> pd.DataFrame:
    """Attach what a case declares of itself, since its own referral is among what is changed."""
    cases = as_cases(History.from_records(records), cohort, lag_days=0)
    born = np.where(cases.birth <= cases.day, cases.birth, MISSING_DAY)
    return cohort.assign(
        source=pd.Series(cases.source, index=cohort.index, dtype="str"),
        birth_date=from_days(born.astype(np.int32)),
        expected_birth_date=from_days(cases.expected),
    )


def _compare(expected: pd.DataFrame, found: pd.DataFrame) -> dict[str, object]:
    same = (expected == found) | (expected.isna() & found.isna())
    differing = same.columns[~same.all()]
    return {
        "cases": len(expected),
        "different": int((~same.all(axis=1)).sum()),
        "features": ", ".join(differing),
    }
