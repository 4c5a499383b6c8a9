"""From the states of a household and the child's age to an outcome: a line in log-odds.

Two lines are fitted on the same columns and averaged. One learns from what was known on the
day of each case and what happened. The other learns what happened in each type and phase,
where these are told by all that came after the case too, which tells them far better; then
it is read with what is known on the day [1]_. Each is noisy in its own way.

References
----------
.. [1] Louis, Finding the Observed Information Matrix when Using the EM Algorithm, Journal of
   the Royal Statistical Society B 44 (1982): why a state told by more teaches more.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hidden_markov.states import AGES
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression, Ridge

ADULT = 18.0

CASES_OF_PENALTY = 16.0
"""The penalty's inverse strength (scikit-learn's C) times the number of cases."""

LESS = 0.7
"""Scale of the columns beside the shares: they overlap, and are drawn together a little more."""

LEAST = 0.3
"""Scale of products of columns."""

STATE_PENALTY = 3.0
"""On squared log-odds of a type, a phase, a band of age."""

LINE_PENALTY = 10.0
"""Of the line laid through the chances that states give."""

_YEAR = 365.25
_SMALL = 1e-6
_OPEN_STEPS = {
    "child_section47_open_days": (5, 10, 15, 25),
    "child_days_since_section47_1095d": (14, 30, 60, 120, 365),
    "child_episode_open_days": (14, 30, 60, 90, 180, 365),
    "child_cin_plan_open_days": (30, 60, 90, 180, 365),
    "child_days_since_cp_plan_ends_1825d": (90, 180, 365, 730),
}
"""Features of where an open case stands, and the days between which it is another step."""


@dataclass(frozen=True)
class Columns:
    """What a line reads of each case.

    Attributes
    ----------
    values : ndarray of float64, shape (n_cases, n_columns)
    scale : ndarray of float64, shape (n_columns,)
        Of each column when it is drawn towards nothing: smaller is drawn more.
    """

    values: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, *blocks: tuple[np.ndarray, float]) -> "Columns":
        """Put blocks of columns beside one another, each with its scale."""
        scale = [np.full(values.shape[1], scale) for values, scale in blocks]
        return cls(np.hstack([values for values, _ in blocks]), np.concatenate(scale))


@dataclass(frozen=True)
class Line:
    """Log-odds as a sum over columns."""

    intercept: float
    weights: np.ndarray

    def of(self, columns: Columns) -> np.ndarray:
        """Give the log-odds of cases."""
        return np.asarray(self.intercept + columns.values @ self.weights)

    def between(self, other: "Line") -> "Line":
        """Give the line half-way to another."""
        return Line((self.intercept + other.intercept) / 2, (self.weights + other.weights) / 2)


def at_referral(share: np.ndarray, steps: np.ndarray, features: pd.DataFrame) -> Columns:
    """Lay out what is read at a referral: states, age, and whether the household is new.

    Parameters
    ----------
    share : ndarray, shape (n, n_types, n_phases)
    steps : ndarray of int, shape (n,)
        Of the household's history.
    features : DataFrame
    """
    new = np.column_stack([steps == 0, steps == 1]).astype(float)
    return Columns.of(
        (of_states(share), 1.0), (bands(features), LESS), (year_ahead(features), LESS), (new, LESS)
    )


def at_review(share: np.ndarray, features: pd.DataFrame) -> Columns:
    """Lay out what is read of an open case: states, age, and what is open for how long."""
    enquiry = np.nan_to_num(features[["child_section47_open"]].to_numpy(np.float64))
    stands = [
        _steps(features[name].to_numpy(np.float64), days) for name, days in _OPEN_STEPS.items()
    ]
    states, ahead = of_states(share), year_ahead(features)
    return Columns.of(
        (states, 1.0),
        (bands(features), LESS),
        (ahead, LESS),
        (np.hstack([enquiry, *stands]), LESS),
        (enquiry * states, LEAST),
        (enquiry * ahead, LEAST),
    )


def of_states(share: np.ndarray) -> np.ndarray:
    """Give the chance of each type, then of each phase, shape (n, n_types + n_phases)."""
    return np.hstack([share.sum(axis=2), share.sum(axis=1)])


def bands(features: pd.DataFrame) -> np.ndarray:
    """Say in which band of age each child is, shape (n, n_bands); before birth is the first."""
    return np.eye(len(AGES) + 2)[_band(features)]


def _band(features: pd.DataFrame) -> np.ndarray:
    age = features["child_age_years"].to_numpy(dtype=np.float64)
    return np.where(np.isnan(age), 0, 1 + np.searchsorted(AGES, age, side="right"))


def year_ahead(features: pd.DataFrame) -> np.ndarray:
    """Give the share of the year ahead that each child spends in each band of age."""
    age = features["child_age_years"].to_numpy(np.float64)
    birth = np.nan_to_num(features["child_days_to_birth"].to_numpy(np.float64)) / _YEAR
    start = np.where(np.isnan(age), -birth, age)[:, None]
    edges = np.array([-np.inf, 0.0, *AGES, ADULT])
    return np.clip(np.minimum(edges[1:], start + 1) - np.maximum(edges[:-1], start), 0, None)


def _steps(values: np.ndarray, edges: tuple[int, ...]) -> np.ndarray:
    place = np.where(np.isnan(values), 0, 1 + np.searchsorted(edges, values, side="right"))
    return np.eye(len(edges) + 2)[place]


def learn_line(columns: Columns, label: np.ndarray) -> Line:
    """Learn from what was known on the day and what happened."""
    mean, spread = _spread(columns)
    fitted = LogisticRegression(C=CASES_OF_PENALTY / len(label), max_iter=5_000)
    fitted.fit((columns.values - mean) / spread, label)
    return _line(fitted.coef_[0], float(fitted.intercept_[0]), mean, spread)


def learn_looking_back(
    columns: Columns,
    share: np.ndarray,
    told_later: np.ndarray,
    features: pd.DataFrame,
    label: np.ndarray,
) -> Line:
    """Learn what happened in each type and phase, and read it with what is known on the day.

    Parameters
    ----------
    columns : Columns
        That the line is to read.
    share, told_later : ndarray, shape (n, n_types, n_phases)
        As known on the day of each case, and as told by what came after it too.
    features : DataFrame
    label : ndarray of float, shape (n,)
    """
    band = _band(features)
    n_types, n_phases = share.shape[1:]
    cells = np.zeros((2, len(AGES) + 2, n_types, n_phases))
    for happened in (0, 1):
        rows = label == happened
        np.add.at(cells[happened], band[rows], told_later[rows])
    kind = np.stack(np.meshgrid(*map(np.arange, cells.shape[1:]), indexing="ij"), axis=-1)
    written = np.hstack(
        [np.eye(size)[kind[..., at].ravel()] for at, size in enumerate(cells.shape[1:])]
    )
    fitted = LogisticRegression(C=1 / STATE_PENALTY, max_iter=5_000).fit(
        np.tile(written, (2, 1)),
        np.repeat([0, 1], len(written)),
        sample_weight=cells.reshape(-1),
    )
    chance = expit(fitted.decision_function(written)).reshape(cells.shape[1:])
    known = np.einsum("nkz,nkz->n", share, chance[band])
    mean, spread = _spread(columns)
    through = Ridge(LINE_PENALTY).fit(
        (columns.values - mean) / spread, logit(np.clip(known, _SMALL, 1 - _SMALL))
    )
    return _line(through.coef_, float(through.intercept_), mean, spread)


def _spread(columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    return columns.values.mean(axis=0), (columns.values.std(axis=0) + 1e-9) / columns.scale


def _line(coefficients: np.ndarray, intercept: float, mean: np.ndarray, spread: np.ndarray) -> Line:
    weights = coefficients / spread
    return Line(float(intercept - mean @ weights), weights)
