"""The prover: changes the future and demands the same features."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd

from fs_risk.errors import FeatureError
from fs_risk.features.build import build_features
from fs_risk.features.cases import as_cases
from fs_risk.features.proof import LeakageProof
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.records.arguments import COHORT, RECORDS, takes
from fs_risk.records.as_known import (
    as_known_before,
    late_columns,
    with_another_future,
    with_merged_children,
    without_late_column,
)
from fs_risk.records.dates import MISSING_DAY, from_days
from fs_risk.records.progress import tqdm
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES

CHANGES = {
    "removed": as_known_before,
    "replaced": with_another_future,
    "merged": with_merged_children,
}
"""What is done to everything dated or known on or after a day."""

DELAYS = (7, 28)
"""Days by which facts dated by rule are delayed, to see what rests on the rule."""

Change = Callable[[Records, pd.Timestamp], Records]
Trial = tuple[pd.Timestamp, str, str, Change]
"""A day, what is done, the column it is done to (none: all), and how."""


@takes(records=RECORDS, cohort=COHORT)
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

    Every case of the cohort is built again in every trial, about 150 of them: some
    minutes for eight years of a county's referrals. Of a larger cohort give a sample.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        As for `build_features`.
    days : int, default=12
        How many days to try, spread over the cohort's own dates; the last is among
        them, so that every case is compared.
    column_days : int, default=2
        On how many days each late column is tried alone; 0 for none. They lie within
        the dates, with cases before each and late facts behind it.
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

    Examples
    --------
    >>> day = pd.Timestamp("2024-03-01")
    >>> contacts = pd.DataFrame({"contact_id": ["1", "2"], "child_id": ["A", "A"],
    ...     "contact_date": [day, day + pd.Timedelta(days=9)]})
    >>> records = Records.from_frames({"contacts": contacts}, extract_date="2024-12-31",
    ...     coverage={"contacts": ("2020-01-01", "2024-12-31")})
    >>> cohort = pd.DataFrame({"case_id": ["R1"], "child_id": ["A"],
    ...     "as_of": [day + pd.Timedelta(days=7)]})
    >>> prove_no_leakage(records, cohort, days=1, column_days=0)
    <LeakageProof no feature changed: 1 day, 3 comparisons>
    """
    if cohort.empty:
        raise FeatureError("There is no case to prove anything on.", fix="Give a cohort with rows.")
    cohort = _with_declared(records, cohort)
    build = partial(build_features, extra=extra, lag_days=lag_days)
    tried = list(_trials(records, cohort, days, column_days))
    rows = []
    with tqdm(
        total=len(tried) + len(DELAYS) + 1,
        desc="Proving that no feature leaks",
        unit="trial",
        disable=None,
        leave=False,
    ) as bar:
        expected = build(records, cohort)
        bar.update()
        for trial in tried:
            rows.append(_row(records, cohort, expected, build, trial))
            bar.update()
        delays = []
        for delay in DELAYS:
            found = build(records.delayed(delay), cohort)
            delays.append({"delay_days": delay, **_compare(expected, found)})
            bar.update()
    return LeakageProof(pd.DataFrame(rows), pd.DataFrame(delays), lag_days)


def _row(
    records: Records,
    cohort: pd.DataFrame,
    expected: pd.DataFrame,
    build: Callable[[Records, pd.DataFrame], pd.DataFrame],
    trial: Trial,
) -> dict[str, object]:
    """Make one trial; where a column alone changes nothing, nothing is compared."""
    day, name, column, change = trial
    changed = change(records, day)
    n_changed = _rows_changed(records, changed, column)
    before = (cohort["as_of"] <= day) & (not column or n_changed > 0)
    asked = cohort[before]
    found = build(changed, asked) if len(asked) else expected[before]
    compared = _compare(expected[before], found)
    return {"day": day, "change": name, "column": column, "rows": n_changed, **compared}


def _rows_changed(records: Records, changed: Records, column: str) -> int:
    """Count the rows taken away, put in, or with another value in the column."""
    if not column:
        return sum(np.setxor1d(_keys(records, name), _keys(changed, name)).size for name in records)
    table, name = column.split(".")
    old, new = records[table][name], changed[table][name]
    if len(old) != len(new):
        return abs(len(old) - len(new))
    return int((old.ne(new).fillna(True) & ~(old.isna() & new.isna())).sum())


def _keys(records: Records, name: str) -> np.ndarray:
    keys: np.ndarray = pd.util.hash_pandas_object(
        records[name][list(TABLES[name].key)], index=False
    ).to_numpy()
    return keys


def _trials(records: Records, cohort: pd.DataFrame, days: int, column_days: int) -> Iterator[Trial]:
    """List the days, and what is changed on each."""
    shares = np.arange(1, days + 1) / days if days > 1 else np.array([0.5])
    for day in _at_shares(cohort["as_of"], shares):
        for name, change in CHANGES.items():
            yield day, name, "", change
    columns = [pair for pair in late_columns() if len(records[pair[0]])]
    for day in _at_shares(cohort["as_of"], np.arange(1, column_days + 1) / (column_days + 1)):
        for table, column in columns:
            for name in ("blanked", "rewritten"):
                yield (
                    day,
                    name,
                    f"{table}.{column}",
                    partial(without_late_column, table=table, column=column, how=name),
                )


def _at_shares(dates: pd.Series, shares: np.ndarray) -> list[pd.Timestamp]:
    """Choose the distinct dates at some shares of the way from the first to the last."""
    distinct = np.sort(dates.unique())
    places = np.unique((shares * (len(distinct) - 1)).round().astype(int))
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
