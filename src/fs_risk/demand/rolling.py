"""Forecasts from rolling origins: each made by trees that learnt only what was known then."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fs_risk.demand.panel import Panel
from fs_risk.demand.rows import OriginRows, origin_rows
from fs_risk.demand.statistical import COMPANIONS, companion_forecasts
from fs_risk.demand.trees import Forest, TreeSettings, grow_forest
from fs_risk.demand.usual_rates import Pull, learn_pull

TREES = "trees"
MODELS = (TREES, *COMPANIONS)

USUAL_RATES = "usual rates"
"""A companion of yearly series besides: see `fs_risk.demand.usual_rates`."""

NOISE = 0.03
"""Variance of a ratio to the level that is not counting noise, for the weights of months' rows."""

MANY_ROWS = 160_000
"""Beyond this many rows, only each so many-th origin is learnt from."""

_FEW_ROWS = 200
_WORST_RATIO = 10.0


@dataclass(frozen=True)
class LearningRows:
    """Rows with their answers.

    Attributes
    ----------
    matrix : ndarray of float32, shape (n_rows, n_features)
    ratio, weight : ndarray of float64, shape (n_rows,)
    """

    matrix: np.ndarray
    ratio: np.ndarray
    weight: np.ndarray


@dataclass
class RollingFits:
    """Trees and companions by origin, kept so that a back-test fits each once.

    Attributes
    ----------
    panel : Panel
    horizon : int
    settings : TreeSettings
    seeds : sequence of int
    upstream : ndarray of int64 or None
        As in `origin_rows`.
    trust : ndarray of float64, shape (n,) or None
        Weight of each series' rows: 1 for those to forecast, less for those of others.
    threads : int
    """

    panel: Panel
    horizon: int
    settings: TreeSettings = field(default_factory=TreeSettings)
    seeds: Sequence[int] = (0,)
    upstream: np.ndarray | None = None
    trust: np.ndarray | None = None
    threads: int = 1
    _rows: dict[int, OriginRows] = field(default_factory=dict, repr=False)
    _forests: dict[int, Forest | None] = field(default_factory=dict, repr=False)
    _pulls: dict[int, Pull | None] = field(default_factory=dict, repr=False)

    @property
    def models(self) -> tuple[str, ...]:
        """Name the models, in the order of their forecasts."""
        return (*MODELS, USUAL_RATES) if self.panel.season == 1 else MODELS

    def rows(self, origin: int) -> OriginRows:
        """Give the rows of an origin."""
        if origin not in self._rows:
            self._rows[origin] = origin_rows(
                self.panel, origin, self.horizon, upstream=self.upstream
            )
        return self._rows[origin]

    def forest(self, cutoff: int) -> Forest | None:
        """Grow trees on what was known at a period; None where that is too little."""
        if cutoff not in self._forests:
            learnt = learning_rows(self, cutoff)
            self._forests[cutoff] = None if learnt is None else self._grown(learnt)
        return self._forests[cutoff]

    def pull(self, cutoff: int) -> Pull | None:
        """Learn from what was known at a period how levels are drawn back; None if too little."""
        if cutoff not in self._pulls:
            self._pulls[cutoff] = learn_pull(self.panel, cutoff, self.horizon)
        return self._pulls[cutoff]

    def _grown(self, learnt: "LearningRows") -> Forest:
        return grow_forest(
            learnt.matrix,
            learnt.ratio,
            learnt.weight,
            self.settings,
            seeds=self.seeds,
            threads=self.threads,
        )

    def forecasts(self, origin: int, *, cutoff: int) -> np.ndarray:
        """Forecast from an origin by each model.

        Parameters
        ----------
        origin : int
            Place of the last period that features may use.
        cutoff : int
            Place of the last period that trees may have learnt from; not after `origin`.

        Returns
        -------
        ndarray of float64, shape (n_models, n, horizon)
            In the order of `models`. Where there are no trees the level stands in for them,
            and where nothing tells usual rates, smoothing does.
        """
        rows, forest = self.rows(origin), self.forest(cutoff)
        others = companion_forecasts(self.panel, origin, self.horizon, rows)
        if USUAL_RATES in self.models:
            pull = self.pull(cutoff)
            drawn = others[COMPANIONS.index("smoothing")]
            if pull is not None:
                drawn = pull.forecast(self.panel, origin, self.horizon)
            others = np.concatenate([others, drawn[None]])
        if forest is None:
            return np.concatenate([others[:1], others])
        trees = np.maximum(forest.ratio(rows.matrix), 0.0) * rows.expected
        return np.concatenate([trees[None], others])


def first_origin(season: int, known: int) -> int:
    """Give the place of the first origin that rows are learnt from.

    Parameters
    ----------
    season : int
        Periods in a year.
    known : int
        How many periods were known: with four years two come before it, else one.
    """
    years = 2 if known >= 4 * season else 1
    return max(years * season, 2) - 1


def learning_rows(fits: RollingFits, cutoff: int) -> LearningRows | None:
    """Gather rows whose answers were observed by a period.

    Parameters
    ----------
    fits : RollingFits
    cutoff : int

    Returns
    -------
    LearningRows or None
        None where there are too few rows.
    """
    panel, horizon = fits.panel, fits.horizon
    origins = np.arange(first_origin(panel.season, cutoff + 1), cutoff)
    step = 1 + len(origins) * len(panel.ids) * horizon // MANY_ROWS
    parts = [_answered(fits, int(origin), cutoff) for origin in origins[::-1][::step]]
    count = sum(len(part.ratio) for part in parts)
    if count < _FEW_ROWS:
        return None
    return LearningRows(
        np.concatenate([part.matrix for part in parts]),
        np.concatenate([part.ratio for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


def _answered(fits: RollingFits, origin: int, cutoff: int) -> LearningRows:
    rows, ahead = fits.rows(origin), min(fits.horizon, cutoff - origin)
    answers = fits.panel.answers(origin, origin + ahead)
    expected = rows.expected[:, :ahead]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = answers / expected
    known = np.isfinite(ratio) & (expected > 0)
    trust = np.ones(len(ratio)) if fits.trust is None else fits.trust
    counts = np.maximum(expected, 0.1)
    yearly = fits.panel.season == 1
    weight = _by_level(counts, known, fits.panel.measures) if yearly else _less_noisy(counts)
    return LearningRows(
        rows.matrix[:, :ahead][known],
        np.minimum(ratio[known], _WORST_RATIO),
        (weight * trust[:, None])[known],
    )


def _less_noisy(counts: np.ndarray) -> np.ndarray:
    """Weigh ratios by how little of them is counting noise."""
    weight: np.ndarray = 1.0 / (1.0 + 1.0 / (NOISE * counts))
    return weight


def _by_level(counts: np.ndarray, known: np.ndarray, measures: np.ndarray) -> np.ndarray:
    """Weigh places by their level, 1 on average for each measure and year ahead.

    What is asked of years is a total's error, to which a place adds as it is large; usual
    rates are learnt by the same weights.
    """
    kind = np.unique(measures.astype(str), return_inverse=True)[1]
    of_kind = (kind == np.arange(kind.max() + 1)[:, None]).astype(np.float64)
    mean = (of_kind @ np.where(known, counts, 0.0)) / np.maximum(of_kind @ known, 1.0)
    weight: np.ndarray = counts / np.where(mean > 0, mean, 1.0)[kind]
    return weight
