"""The prover: changes the future and demands the same features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from fs_risk.errors import FeatureError
from fs_risk.features.build import build_features
from fs_risk.features.cases import as_cases
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.records.as_known import as_known_before, with_another_future
from fs_risk.records.dates import from_days
from fs_risk.records.records import Records

CHANGES = {"removed": as_known_before, "replaced": with_another_future}
"""What is done to everything dated or known on or after a day."""


@dataclass(frozen=True)
class LeakageProof:
    """What the prover found.

    Attributes
    ----------
    table : DataFrame
        One row per day and change: ``day``, ``change``, ``cases`` compared,
        ``different`` cases, ``features`` that differed.
    lag_days : int
    """

    table: pd.DataFrame
    lag_days: int

    @property
    def passed(self) -> bool:
        """Whether no feature of any case changed."""
        return bool((self.table["different"] == 0).all())

    def __repr__(self) -> str:
        verdict = "no feature changed" if self.passed else "LEAKAGE: features changed"
        return (
            f"<LeakageProof {verdict}: {self.table['day'].nunique()} days, "
            f"{int(self.table['cases'].sum()):,} comparisons>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{repr(self)[1:-1]}</p>{self.table.to_html(index=False)}"


def prove_no_leakage(
    records: Records,
    cohort: pd.DataFrame,
    *,
    days: int = 12,
    extra: Sequence[FeatureSpec] = (),
    lag_days: int = 0,
) -> LeakageProof:
    """Change everything dated or known from a day on, and demand identical features.

    For each of several days, the records are rebuilt as they stood before it, and
    once more with another future behind it. Cases up to and with that day must get
    bit-identical features, since nothing they may use has changed. The proof is
    that the code obeys the declared clocks, not that the clocks are true.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        As for `build_features`.
    days : int, default=12
        How many days to try, spread over the cohort's own dates.
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
    expected = build_features(records, cohort, extra=extra, lag_days=lag_days)
    tried = _spread(cohort["as_of"], days)
    rows = []
    for day in tqdm(tried, desc="Proving that no feature leaks", disable=None, leave=False):
        before = cohort["as_of"] <= day
        for name, change in CHANGES.items():
            changed = build_features(
                change(records, day), cohort[before], extra=extra, lag_days=lag_days
            )
            rows.append({"day": day, "change": name, **_compare(expected[before], changed)})
    return LeakageProof(pd.DataFrame(rows), lag_days)


def _spread(dates: pd.Series, days: int) -> list[pd.Timestamp]:
    distinct = np.sort(dates.unique())
    places = np.unique(np.linspace(0, len(distinct) - 1, days).round().astype(int))
    return [pd.Timestamp(distinct[place]) for place in places]


def _with_declared(records: Records, cohort: pd.DataFrame) -> pd.DataFrame:
    """Attach what a case declares of itself, since its own referral is among what is changed."""
    cases = as_cases(History.from_records(records), cohort, lag_days=0)
    born = np.where(cases.birth <= cases.day, cases.birth, np.iinfo(np.int32).min)
    return cohort.assign(
        source=pd.Series(cases.source, index=cohort.index, dtype="str"),
        birth_date=from_days(born.astype(np.int32)),
        expected_birth_date=from_days(cases.expected),
    )


def _compare(expected: pd.DataFrame, found: pd.DataFrame) -> dict[str, object]:
    same = (expected == found) | (expected.isna() & found.isna())
    leaking = same.columns[~same.all()]
    return {
        "cases": len(expected),
        "different": int((~same.all(axis=1)).sum()),
        "features": ", ".join(leaking),
    }
