"""How scores order and hit groups over all thresholds, with intervals in closed form."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from fs_risk.evaluation.fairness_cells import Audited

MEAN_GAP = "mean_score_less_outcome"
INTERCEPT, SLOPE = "calibration_intercept", "calibration_slope"
AUC = "auc"
AUC_POSITIVES, AUC_NEGATIVES = "auc_positives_to_rest", "auc_negatives_to_rest"
EXPOSURE = "exposure"

SCORE_MEASURES = (MEAN_GAP, INTERCEPT, SLOPE, AUC, AUC_POSITIVES, AUC_NEGATIVES, EXPOSURE)
_OF_PROBABILITIES = (MEAN_GAP, INTERCEPT, SLOPE)
_AREAS = (AUC, AUC_POSITIVES, AUC_NEGATIVES)

SCORE_WORDS = {
    MEAN_GAP: "mean score less share where the outcome followed",
    INTERCEPT: "calibration intercept: 0 is ideal, above it scores are too low",
    SLOPE: "calibration slope: 1 is ideal, below it scores are too far apart",
    AUC: "AUC within the group",
    AUC_POSITIVES: "its children with the outcome above the rest's without it",
    AUC_NEGATIVES: "the rest's children with the outcome above its own without it",
    EXPOSURE: "mean place on the list, 1 / log2(1 + place)",
}

_STEPS, _CLOSE = 30, 1e-10


@dataclass(frozen=True)
class ScoreFigure:
    """One measure of one group, beside the rest where both have it.

    Attributes
    ----------
    value, error : float
        And its standard error over households; NaN where not estimable.
    low, high : float
    rest, gap, gap_error : float
    """

    value: float
    error: float
    low: float
    high: float
    rest: float
    gap: float
    gap_error: float

    def at(self, measure: str, z: float) -> tuple[float, float]:
        """Give the interval of so many standard errors; areas on the scale of log-odds."""
        return _ends(measure, self.value, self.error, z)


def score_figure(
    audited: Audited, inside: np.ndarray, measure: str, z: float, exposure: np.ndarray
) -> ScoreFigure:
    """Measure the scores of some rows, and of the rest.

    Parameters
    ----------
    audited : Audited
    inside : ndarray of bool, shape (n,)
    measure : str
        One of `SCORE_MEASURES`.
    z : float
        Standard errors to either side.
    exposure : ndarray of float, shape (n,)
        As `place_on_list` gives it.

    Returns
    -------
    ScoreFigure
    """
    known = audited.labelled
    here, there = inside & known, ~inside & known
    if measure == AUC_POSITIVES:
        own, rest = _area(audited, here, there), _area(audited, there, here)
    elif measure == AUC_NEGATIVES:
        own, rest = _area(audited, there, here), _area(audited, here, there)
    else:
        own, rest = (_measured(audited, rows, measure, exposure) for rows in (here, there))
    error = _error(own[1], audited.household)
    gap_error = _error(own[1] - rest[1], audited.household)
    low, high = _ends(measure, own[0], error, z)
    return ScoreFigure(own[0], error, low, high, rest[0], own[0] - rest[0], gap_error)


def measures_of(score: np.ndarray) -> tuple[str, ...]:
    """Give the measures that scores allow: calibration needs probabilities.

    Parameters
    ----------
    score : ndarray of float
    """
    if len(score) and score.min() >= 0 and score.max() <= 1:
        return SCORE_MEASURES
    return tuple(each for each in SCORE_MEASURES if each not in _OF_PROBABILITIES)


def place_on_list(score: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Give the weight of each row's place on its list: 1 at the top, less below.

    Parameters
    ----------
    score : ndarray of float, shape (n,)
    period : ndarray of int, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n,)
        ``1 / log2(1 + place)``; tied rows share the mean of their places' weights.

    References
    ----------
    .. [1] A. Singh and T. Joachims, Fairness of exposure in rankings, KDD 2018.

    Examples
    --------
    >>> place_on_list(np.array([0.9, 0.2]), np.zeros(2)).round(3).tolist()
    [1.0, 0.631]
    """
    order = np.lexsort([-score, period])
    s, p = score[order], period[order]
    new = np.r_[True, p[1:] != p[:-1]]
    first = np.flatnonzero(new)
    place = np.arange(len(s)) - np.repeat(first, np.diff(np.r_[first, len(s)]))
    weight = 1 / np.log2(2.0 + place)
    tie = np.cumsum(new | np.r_[True, s[1:] != s[:-1]]) - 1
    mean = np.bincount(tie, weights=weight) / np.bincount(tie)
    found = np.empty(len(s))
    found[order] = mean[tie]
    return found


def _measured(
    audited: Audited, rows: np.ndarray, measure: str, exposure: np.ndarray
) -> tuple[float, np.ndarray]:
    """Give a measure's value and how far each row moves it."""
    moved = np.zeros(len(rows))
    if not rows.any():
        return float("nan"), moved
    y, s = audited.label[rows], audited.score[rows]
    if measure == AUC:
        return _area(audited, rows, rows)
    if measure in (MEAN_GAP, EXPOSURE):
        each = s - y if measure == MEAN_GAP else exposure[rows]
        value = float(each.mean())
        moved[rows] = (each - value) / len(each)
        return value, moved
    value, moved[rows] = _calibrated(y, s, slope=measure == SLOPE)
    return value, moved


def _calibrated(y: np.ndarray, score: np.ndarray, *, slope: bool) -> tuple[float, np.ndarray]:
    """Fit the outcome on the log-odds of the score, by Newton's method.

    References
    ----------
    .. [1] D. R. Cox, Two further applications of a model for binary regression,
       Biometrika 45 (1958), 562-565.
    """
    x = logit(np.clip(score, 1e-9, 1 - 1e-9))
    none = float("nan"), np.zeros(len(y))
    if y.min() == y.max() or (slope and np.ptp(x) == 0):
        return none
    design = np.column_stack([np.ones(len(x)), x]) if slope else np.ones((len(x), 1))
    offset = np.zeros(len(x)) if slope else x
    found = np.array([0.0, 1.0]) if slope else np.zeros(1)
    for _ in range(_STEPS):
        p = expit(offset + design @ found)
        curve = (design * (p * (1 - p))[:, None]).T @ design
        if np.linalg.cond(curve) > 1e12:
            return none
        step = np.linalg.solve(curve, design.T @ (y - p))
        found = found + np.clip(step, -2, 2)
        if np.abs(step).max() < _CLOSE:
            return float(found[-1]), np.linalg.solve(curve, (design * (y - p)[:, None]).T)[-1]
    return none


def _area(
    audited: Audited, of_positives: np.ndarray, of_negatives: np.ndarray
) -> tuple[float, np.ndarray]:
    """Give the chance that a positive here scores above a negative there, ties counting half.

    References
    ----------
    .. [1] N. A. Obuchowski, Nonparametric analysis of clustered ROC curve data,
       Biometrics 53 (1997), 567-578.
    .. [2] N. Kallus and A. Zhou, The fairness of risk scores beyond classification,
       NeurIPS 2019 (across groups).
    """
    moved = np.zeros(len(audited.score))
    up = np.flatnonzero(of_positives & (audited.label == 1))
    down = np.flatnonzero(of_negatives & (audited.label == 0))
    if not len(up) or not len(down):
        return float("nan"), moved
    above = _share_below(audited.score[up], audited.score[down])
    below = 1 - _share_below(audited.score[down], audited.score[up])
    value = float(above.mean())
    moved[up] += (above - value) / len(up)
    moved[down] += (below - value) / len(down)
    return value, moved


def _share_below(these: np.ndarray, those: np.ndarray) -> np.ndarray:
    """Give the share of `those` that each of `these` is above, ties counting half."""
    ordered = np.sort(those)
    left = np.searchsorted(ordered, these, side="left")
    right = np.searchsorted(ordered, these, side="right")
    share: np.ndarray = (left + right) / (2 * len(those))
    return share


def _error(moved: np.ndarray, household: np.ndarray) -> float:
    """Give the standard error from how far each row moves a value, households as one."""
    sums = np.bincount(household, weights=moved)
    touched = len(np.unique(household[moved != 0]))
    if touched < 2:
        return float("nan")
    return float(np.sqrt(sums @ sums * touched / (touched - 1)))


def _ends(measure: str, value: float, error: float, z: float) -> tuple[float, float]:
    if not np.isfinite(value) or not np.isfinite(error):
        return float("nan"), float("nan")
    if measure in _AREAS and 0 < value < 1:
        half = z * error / (value * (1 - value))
        return float(expit(logit(value) - half)), float(expit(logit(value) + half))
    return value - z * error, value + z * error


def two_sided(figure: ScoreFigure) -> float:
    """Give the p-value of a difference to the rest; NaN where there is none to test.

    Parameters
    ----------
    figure : ScoreFigure
    """
    if not (np.isfinite(figure.gap) and figure.gap_error > 0):
        return float("nan")
    return float(2 * norm.sf(abs(figure.gap) / figure.gap_error))
