"""Bands: what a score's rank has meant, as rates observed on later time and unseen households.

There is no band for the rest: to be outside is not evidence of safety, and how many
children who later stepped up were outside is stored beside the bands.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.special import ndtri

from fs_risk.records.notebook import ShowsItsFields

BAND_SHARES: tuple[tuple[str, float], ...] = (("highest 5 %", 0.05), ("next 10 %", 0.10))
"""The bands, from the top, and the share of cases in each."""


class Band(ShowsItsFields, BaseModel):
    """One band of scores and how often the outcome followed.

    Attributes
    ----------
    name : str
    share : float
        Share of the tested cases that it was made to hold.
    threshold : float
        Lowest calibrated log-odds in it.
    n, positives : int
        Tested cases in it, and those where the outcome followed.
    observed_rate, low, high : float
        Their rate and its 95 % interval, households taken as clusters.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    share: float
    threshold: float
    n: int
    positives: int
    observed_rate: float
    low: float
    high: float


class Listed(BaseModel):
    """What a list of the plan's capacity would have held, on the tested cases.

    Attributes
    ----------
    n, positives : int
        Tested cases, and those where the outcome followed.
    listed, found : float
        Cases on a list, and positives among them; expected numbers where ties
        share the last places.
    not_listed_of_100 : float
        Of 100 children where the outcome followed, how many were on no list.
    outside_bands_of_100 : float
        Of 100 such children, how many were in no band.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int
    positives: int
    listed: float
    found: float
    not_listed_of_100: float
    outside_bands_of_100: float


def wilson(
    positives: float, n: float, *, effect: float = 1.0, level: float = 0.95
) -> tuple[float, float]:
    """Give Wilson's interval of a rate.

    Parameters
    ----------
    positives, n : float
    effect : float, default=1.0
        Design effect: by how much clusters widen the variance.
    level : float, default=0.95

    Returns
    -------
    low, high : float
        0 and 1 where there are no cases.

    References
    ----------
    .. [1] E. B. Wilson, Probable inference, the law of succession, and statistical
       inference, JASA 22 (1927), 209-212.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(5, 50)]
    [0.043, 0.214]
    """
    if n <= 0:
        return 0.0, 1.0
    size, rate = n / effect, positives / n
    z = float(ndtri(0.5 + level / 2))
    centre = (rate + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * np.sqrt(rate * (1 - rate) / size + z * z / (4 * size * size))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def design_effect(label: np.ndarray, household: np.ndarray) -> float:
    """Say by how much households as clusters widen the variance of a rate, at least 1.

    Parameters
    ----------
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    household : ndarray, shape (n,)

    Returns
    -------
    float
        Linearised cluster variance over that of independent cases. Where all rows are the
        same nothing shows how alike a household is: then as if wholly.

    References
    ----------
    .. [1] L. Kish, Survey Sampling, Wiley 1965, section 5.4.
    """
    n, rate = len(label), float(np.mean(label)) if len(label) else 0.0
    if n < 2:
        return 1.0
    _, cluster = np.unique(household, return_inverse=True)
    if rate in (0.0, 1.0):
        sizes = np.bincount(cluster).astype(np.float64)
        return float(sizes @ sizes) / n
    sums = np.bincount(cluster, weights=label - rate)
    return max(1.0, float(sums @ sums) / (n * rate * (1 - rate)))


def make_bands(
    log_odds: np.ndarray,
    label: np.ndarray,
    household: np.ndarray,
    *,
    shares: Sequence[tuple[str, float]] = BAND_SHARES,
) -> tuple[Band, ...]:
    """Cut the top of the scores into bands and observe what followed in each.

    Parameters
    ----------
    log_odds : ndarray of float, shape (n,)
        Calibrated scores of tested cases: later, and of unseen households.
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    household : ndarray, shape (n,)
    shares : sequence of (name, share)
        From the top down.

    Returns
    -------
    tuple of Band
        From the top down; without those that hold nobody.
    """
    descending = np.sort(log_odds)[::-1]
    bands, upper, held = [], np.inf, 0.0
    for name, share in shares:
        held += share
        last = max(int(np.ceil(round(held * len(descending), 6))), 1)
        threshold = float(descending[last - 1])
        inside = (log_odds >= threshold) & (log_odds < upper)
        if not inside.any():
            continue
        n, positives = int(inside.sum()), int(label[inside].sum())
        effect = design_effect(label[inside], household[inside])
        low, high = wilson(positives, n, effect=effect)
        bands.append(
            Band(
                name=name,
                share=share,
                threshold=threshold,
                n=n,
                positives=positives,
                observed_rate=positives / n,
                low=low,
                high=high,
            )
        )
        upper = threshold
    return tuple(bands)


def find_band(bands: Sequence[Band], log_odds: float) -> Band | None:
    """Find the band of a score; None outside all of them.

    Parameters
    ----------
    bands : sequence of Band
    log_odds : float

    Returns
    -------
    Band or None
    """
    return next((band for band in bands if log_odds >= band.threshold), None)


def observe_listing(
    log_odds: np.ndarray, label: np.ndarray, listed: np.ndarray, bands: Sequence[Band]
) -> Listed:
    """Count what lists and bands would have held.

    Parameters
    ----------
    log_odds, label : ndarray of float, shape (n,)
    listed : ndarray of float, shape (n,)
        Each case's chance of being listed, as `share_listed` gives it.
    bands : sequence of Band
    """
    positives, found = float(label.sum()), float(listed @ label)
    lowest = min((band.threshold for band in bands), default=np.inf)
    outside = float(label[log_odds < lowest].sum())
    return Listed(
        n=len(label),
        positives=int(positives),
        listed=float(listed.sum()),
        found=found,
        not_listed_of_100=100 * (1 - found / positives) if positives else 0.0,
        outside_bands_of_100=100 * outside / positives if positives else 0.0,
    )
