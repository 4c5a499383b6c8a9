"""Intervals that respect households: whole households are drawn again, not single children."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from fs_risk.errors import AuditError

BLOCK = 4_000_000
"""Weights held at a time: resamples × rows."""

BIAS_THAT_COUNTS = 0.5
"""Of a standard error: a smaller bias of the resamples is left alone, for a hundred of them tell
a bias to no more than a tenth."""

Statistic = Callable[[np.ndarray], np.ndarray]
"""From weights of shape (b, n) to b values."""

Measures = Callable[[np.ndarray], dict[str, np.ndarray]]
"""From weights of shape (b, n) to b values of each name."""


class HouseholdBootstrap:
    """Resamples of households, as row weights.

    Parameters
    ----------
    household : ndarray, shape (n,)
        Household of each row.
    resamples : int, default=500
    seed : int, default=0

    Attributes
    ----------
    n_households : int

    References
    ----------
    .. [1] A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application,
       Cambridge 1997, section 3.8 (resampling clusters).

    Examples
    --------
    >>> resampling = HouseholdBootstrap(np.array(["A", "A", "B"]), resamples=2, seed=1)
    >>> next(iter(resampling.weights())).shape
    (2, 3)
    """

    def __init__(self, household: np.ndarray, *, resamples: int = 500, seed: int = 0) -> None:
        names, self._row = np.unique(household, return_inverse=True)
        self.n_households, self.resamples, self.seed = len(names), resamples, seed
        if self.n_households < 2:
            raise AuditError(
                f"Intervals need two households or more; given: {self.n_households}.",
                fix="Evaluate on more cases.",
            )

    def weights(self) -> Iterator[np.ndarray]:
        """Give how often each row is drawn, block by block.

        Yields
        ------
        ndarray of float64, shape (b, n)
            The same for every call.
        """
        generator = np.random.default_rng(self.seed)
        each = np.full(self.n_households, 1 / self.n_households)
        size = max(1, BLOCK // max(len(self._row), 1))
        for first in range(0, self.resamples, size):
            count = min(size, self.resamples - first)
            drawn = generator.multinomial(self.n_households, each, size=count)
            yield drawn[:, self._row].astype(np.float64)

    def replicates(self, statistics: Mapping[str, Statistic]) -> dict[str, np.ndarray]:
        """Compute statistics on every resample; all of them see the same resamples.

        Parameters
        ----------
        statistics : mapping of str to callable
            Each takes weights of shape (b, n) and gives b values, NaN where it is
            not defined.

        Returns
        -------
        dict of str to ndarray of float64, shape (resamples,)
        """
        return self.together(
            lambda weight: {name: measure(weight) for name, measure in statistics.items()}
        )

    def together(self, measures: Measures) -> dict[str, np.ndarray]:
        """Compute measures that share their work on every resample.

        Parameters
        ----------
        measures : callable
            Takes weights of shape (b, n) and gives b values by name.

        Returns
        -------
        dict of str to ndarray of float64, shape (resamples,)
        """
        parts: dict[str, list[np.ndarray]] = {}
        for weight in self.weights():
            for name, values in measures(weight).items():
                parts.setdefault(name, []).append(values)
        return {name: np.concatenate(blocks) for name, blocks in parts.items()}


def interval(replicates: np.ndarray, *, level: float = 0.95) -> tuple[float, float]:
    """Give the percentile interval of replicates, leaving undefined ones out.

    Parameters
    ----------
    replicates : ndarray of float
    level : float, default=0.95

    Returns
    -------
    low, high : float
        NaN where more than a tenth of the replicates are undefined.

    Examples
    --------
    >>> [round(end, 1) for end in interval(np.arange(101.0), level=0.9)]
    [5.0, 95.0]
    """
    defined = replicates[~np.isnan(replicates)]
    if len(defined) < 0.9 * len(replicates) or not len(defined):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def interval_of_volumes(
    replicates: np.ndarray, value: float, *, top: float, level: float = 0.95
) -> tuple[float, float]:
    """Give the interval of what depends on how many cases each list chose from.

    Resamples of households make weeks busier and quieter than they were, so that lists that
    are nearly full in life are often not full there, and all that counts places is too low.
    The resamples show by how much; the interval is moved by that, where it counts [2]_.

    Parameters
    ----------
    replicates : ndarray of float
    value : float
        On the cases as they are.
    top : float
        The most there can be; the least is 0.
    level : float, default=0.95

    Returns
    -------
    low, high : float

    References
    ----------
    .. [2] B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, section 10.3.

    Examples
    --------
    >>> interval_of_volumes(np.arange(101.0), 60.0, top=1000, level=0.5)
    (25.0, 75.0)
    >>> interval_of_volumes(np.arange(101.0), 80.0, top=1000, level=0.5)
    (55.0, 105.0)
    """
    low, high = interval(replicates, level=level)
    defined = replicates[~np.isnan(replicates)]
    if np.isnan(low) or np.isnan(value):
        return low, high
    bias = float(defined.mean()) - value
    if abs(bias) <= BIAS_THAT_COUNTS * float(defined.std()):
        return low, high
    return max(low - bias, 0.0), min(high - bias, top)


def value_of(statistic: Statistic, n: int) -> float:
    """Give a statistic's value on the rows as they are.

    Parameters
    ----------
    statistic : callable
    n : int
        Number of rows.
    """
    return float(statistic(np.ones((1, n)))[0])
