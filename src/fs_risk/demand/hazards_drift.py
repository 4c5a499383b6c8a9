"""How the rates of flows have drifted, where each stands now, and how fast it moves.

Drift, not counting noise, is most of the uncertainty of a year ahead. The logarithm of each
flow's rate, relative to what the hazards expect, is taken to walk at random from month to
month. How fast is learnt from the flow itself, starting from how far published rates of
English authorities change in a year.
"""

from dataclasses import dataclass

import numpy as np

YEARLY_SD = np.array([0.01, 0.03, 0.06, 0.10, 0.15, 0.20, 0.27, 0.36, 0.50, 0.70])
"""Standard deviations of the change of a log rate in a year that are weighed."""

USUAL_YEARLY_SD = 0.18
"""Median of what is expected before the flow is seen. The yearly changes of published counts
of starts (children in need, plans, care) have robust standard deviations of 0.20 to 0.21 over
authorities, and counting alone makes 0.02 to 0.11 of it (Department for Education, 2013 to
2025)."""

_LOG_SPREAD = 0.7
_WIDE = 0.5
_AFTER_BREAK = 0.3
_NEWTON_STEPS = 8


@dataclass(frozen=True)
class Drift:
    """Where a flow's log rate stands at the end of its history, for each speed of drift.

    Attributes
    ----------
    weight : ndarray of float64, shape (n_speeds,)
        How likely each of `YEARLY_SD` is, given the history.
    level, variance : ndarray of float64, shape (n_speeds,)
        Of the log rate, relative to what was expected.
    noise : float
        Variance of the counts over that of a Poisson count, at least 1.
    mean : float
        Events expected in a month, at the present level.
    history : ndarray of float64, shape (n_months,)
        The level of each month, seen from the end.
    """

    weight: np.ndarray
    level: np.ndarray
    variance: np.ndarray
    noise: float
    mean: float
    history: np.ndarray

    def draw(self, n_paths: int, horizon: int, rng: np.random.Generator) -> np.ndarray:
        """Draw paths of the log rate.

        Parameters
        ----------
        n_paths, horizon : int
        rng : Generator

        Returns
        -------
        ndarray of float64, shape (n_paths, horizon)
            The month's own noise beyond counting, that siblings move together, included.
        """
        speed = rng.choice(len(self.weight), n_paths, p=self.weight)
        start = self.level[speed] + np.sqrt(self.variance[speed]) * rng.standard_normal(n_paths)
        steps = rng.standard_normal((n_paths, horizon)) * monthly_sd()[speed][:, None]
        walk = start[:, None] + np.cumsum(steps, axis=1)
        return np.asarray(walk + self._noise(steps.shape, rng))

    def _noise(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
        """Draw the logarithm of factors of mean 1 that widen the counts as siblings do."""
        variance = (self.noise - 1.0) / max(self.mean, 0.05)
        if variance < 1e-6:
            return np.zeros(shape)
        drawn = rng.gamma(1.0 / variance, variance, shape)
        return np.asarray(np.log(np.maximum(drawn, 1e-6)))

    @property
    def centre(self) -> float:
        """The level expected, over all speeds."""
        return float(self.weight @ self.level)


def monthly_sd() -> np.ndarray:
    """Give the standard deviation of a month's change for each of `YEARLY_SD`."""
    return np.asarray(YEARLY_SD / np.sqrt(12.0))


def follow_drift(
    seen: np.ndarray,
    expected: np.ndarray,
    *,
    noise: float = 1.0,
    breaks: np.ndarray | None = None,
    hidden: np.ndarray | None = None,
) -> Drift:
    """Follow a flow's level through its history.

    Parameters
    ----------
    seen : ndarray of float, shape (n_months,)
        Events of each month.
    expected : ndarray of float, shape (n_months,)
        What the rates without drift expect.
    noise : float, default=1
        Variance of the counts over that of a Poisson count.
    breaks : ndarray of bool, shape (n_months,), optional
        Months from which on the level may be quite another.
    hidden : ndarray of bool, shape (n_months,), optional
        Months that say nothing of the level: a shock that passes.

    Returns
    -------
    Drift

    References
    ----------
    .. [1] Durbin, J. and Koopman, S. J. (2012). Time Series Analysis by State Space Methods,
       chapter 10 (the posterior of each month is approximated at its mode).
    """
    step = monthly_sd() ** 2
    level, variance = np.zeros(len(step)), np.full(len(step), _WIDE**2)
    levels, variances = np.zeros((2, len(seen), len(step)))
    log_weight = -0.5 * ((np.log(YEARLY_SD) - np.log(USUAL_YEARLY_SD)) / _LOG_SPREAD) ** 2
    for month in range(len(seen)):
        variance = variance + step
        if breaks is not None and breaks[month]:
            variance = variance + _AFTER_BREAK**2
        told = expected[month] > 0 and not (hidden is not None and hidden[month])
        if told:
            level, variance, log_seen = _updated(
                level, variance, float(seen[month]) / noise, float(expected[month]) / noise
            )
            log_weight = log_weight + log_seen
        levels[month], variances[month] = level, variance
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    recent = expected[-12:] if len(expected) else np.zeros(1)
    mean = float(recent.mean() * np.exp(weight @ level))
    jumps = np.zeros(len(seen)) if breaks is None else breaks * _AFTER_BREAK**2
    history = _smoothed(levels, variances, step, jumps) @ weight
    return Drift(weight, level, variance, max(noise, 1.0), mean, history)


def _smoothed(
    levels: np.ndarray, variances: np.ndarray, step: np.ndarray, jumps: np.ndarray
) -> np.ndarray:
    """Look back from the end: the level of each month given all months."""
    smooth = levels.copy()
    for month in range(len(levels) - 2, -1, -1):
        gain = variances[month] / (variances[month] + step + jumps[month + 1])
        smooth[month] += gain * (smooth[month + 1] - levels[month])
    return smooth


def _updated(
    level: np.ndarray, variance: np.ndarray, seen: float, expected: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bring in one month's count; also how likely it was, up to a constant."""
    mode = level.copy()
    for _ in range(_NEWTON_STEPS):
        rate = expected * np.exp(mode)
        slope = seen - rate - (mode - level) / variance
        mode = mode + np.clip(slope / (rate + 1.0 / variance), -1.0, 1.0)
    rate = expected * np.exp(mode)
    after = 1.0 / (rate + 1.0 / variance)
    log_seen = seen * mode - rate - 0.5 * (mode - level) ** 2 / variance
    return mode, after, np.asarray(log_seen + 0.5 * np.log(after / variance))


def sibling_noise(household: np.ndarray, month: np.ndarray) -> float:
    """Say how much siblings who move in the same month widen the variance of counts.

    Parameters
    ----------
    household, month : ndarray of int64, shape (n_events,)

    Returns
    -------
    float
        Mean squared size of the groups over their mean size; 1 where all moved alone.

    Examples
    --------
    >>> sibling_noise(np.array([1, 1, 2, 2]), np.array([0, 0, 0, 1]))
    1.5
    """
    if not len(household):
        return 1.0
    _, size = np.unique(np.stack([household, month]), axis=1, return_counts=True)
    return float((size**2).sum() / size.sum())
