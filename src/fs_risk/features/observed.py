"""Which days each feature's window was observed on: a value outside them is missing, never 0."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from fs_risk.features.cases import Cases
from fs_risk.features.observed_kernels import blank_unobserved
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.records.dates import MISSING_DAY, NEVER


class Observed:
    """The days on which the windows of some features were observed, by history.

    Parameters
    ----------
    specs : sequence of FeatureSpec
        In the order of the columns.
    """

    def __init__(self, specs: Sequence[FeatureSpec]) -> None:
        self.asked = [(spec.sources, spec.observed_days) for spec in specs]
        self._limits: WeakKeyDictionary[History, tuple[np.ndarray, np.ndarray]] = (
            WeakKeyDictionary()
        )

    def limits(self, history: History) -> tuple[np.ndarray, np.ndarray]:
        """Give each feature's first `as_of` and last cut that are observed.

        Parameters
        ----------
        history : History

        Returns
        -------
        earliest, latest : int32 (n_features,)
            A feature of a table that the return cannot hold has none: its first day
            is after its last.
        """
        if history not in self._limits:
            pairs = [_limit(history, tables, days) for tables, days in self.asked]
            days = np.array(pairs, dtype=np.int32).reshape(-1, 2)
            self._limits[history] = days[:, 0].copy(), days[:, 1].copy()
        return self._limits[history]

    def blank(self, history: History, cases: Cases, values: np.ndarray) -> None:
        """Make missing what was not observed over the whole window.

        Parameters
        ----------
        history : History
        cases : Cases
        values : float32 (n_cases, n_features)
            Changed in place.
        """
        earliest, latest = self.limits(history)
        blank_unobserved(cases.day, cases.cut, earliest, latest, values)


def _limit(history: History, tables: tuple[str, ...], days: int) -> tuple[int, int]:
    spans = [history.coverage.get(table) for table in tables]
    held = [span for span in spans if span is not None]
    if len(held) < len(spans):
        return int(NEVER), int(MISSING_DAY)
    if not held:
        return int(MISSING_DAY), int(NEVER)
    return max(span[0] for span in held) + days, min(span[1] for span in held) + 1
