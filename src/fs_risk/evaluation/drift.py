"""Drift: whether the tested cases still look like those that the model learnt from."""

import numpy as np
import pandas as pd
from scipy.stats import chi2

from fs_risk.evaluation.intervals import value_of
from fs_risk.evaluation.ranking import Ranking
from fs_risk.evaluation.report_parts import ChangedFeature
from fs_risk.model.booster import Recipe, grow
from fs_risk.model.folds import household_fold
from fs_risk.model.plan import BoosterSettings

BINS = 10
MODERATE = 0.1
"""A stability index below this is usual; above 0.25 a shift is large."""

DOUBT = 0.05
"""Chance, over all features together, of calling one drifted that is not."""

FEWEST_HOUSEHOLDS = 50
"""With known values of fewer, before or after, nothing is said of a feature."""

MISSING_GAP = 0.02
"""Columns whose missing share moved by more are left out of the two-sample test."""

_ROUNDS = 40
_TREES = BoosterSettings(learning_rate=0.1, min_rows_in_leaf=20)
_PER_BIN = 20


def stability_index(before: np.ndarray, after: np.ndarray, *, bins: int = BINS) -> float:
    """Give the population stability index of two samples of one quantity.

    Parameters
    ----------
    before, after : ndarray of float
        Without missing values.
    bins : int, default=10
        Of equal size in `before`; tied values stay together.

    Returns
    -------
    float
        0 where the shares are the same; NaN without values. Half a case is added to
        each bin, so that an empty one does not weigh without end.

    References
    ----------
    .. [1] B. Yurdakul, Statistical properties of population stability index, Western
       Michigan University 2018: under no change it scatters as a chi-squared variable
       times (1/n + 1/m).

    Examples
    --------
    >>> stability_index(np.arange(100.0), np.arange(100.0))
    0.0
    """
    return _index_and_bins(before, after, bins)[0]


def _index_and_bins(before: np.ndarray, after: np.ndarray, bins: int) -> tuple[float, int]:
    if not len(before) or not len(after):
        return float("nan"), 0
    bins = max(2, min(bins, min(len(before), len(after)) // _PER_BIN))
    cuts = np.unique(np.quantile(before, np.arange(1, bins) / bins, method="higher"))
    counts = [
        np.bincount(np.searchsorted(cuts, values, side="left"), minlength=len(cuts) + 1)
        for values in (before, after)
    ]
    held = (counts[0] + counts[1]) > 0
    k = int(held.sum())
    p, q = ((count[held] + 0.5) / (count.sum() + 0.5 * k) for count in counts)
    return float(((q - p) * np.log(q / p)).sum()), k


def changed_features(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    household_before: np.ndarray,
    household_after: np.ndarray,
    bins: int = BINS,
    doubt: float = DOUBT,
) -> tuple[ChangedFeature, ...]:
    """Compare each feature's values between the cases learnt from and those tested.

    Parameters
    ----------
    before, after : DataFrame of float, shapes (n, n_features) and (m, n_features)
    household_before, household_after : ndarray, shapes (n,) and (m,)
        Children of one household are alike, so that shares scatter as those of so many
        households, not of so many children.
    bins : int, default=10
    doubt : float, default=0.05
        Chance, over all features together, of calling one drifted that is not.

    Returns
    -------
    tuple of ChangedFeature
        The most changed first. Values that are missing are left out of the index: a
        window that the first years of the records could not observe is no drift; how
        many are missing is given beside it. A feature is drifted where the index is
        more than moderate, and more than chance gives, over all features together.
    """
    found = []
    sides = (household_before, household_after)
    for name in after.columns:
        old, new = (frame[name].to_numpy(dtype=np.float64) for frame in (before, after))
        known = ~np.isnan(old), ~np.isnan(new)
        index, held = _index_and_bins(old[known[0]], new[known[1]], bins)
        sizes = [len(np.unique(side[there])) for side, there in zip(sides, known, strict=True)]
        bound = np.inf
        if min(sizes) >= FEWEST_HOUSEHOLDS and held > 1:
            noise = 1 / sizes[0] + 1 / sizes[1]
            bound = float(noise * chi2.isf(doubt / len(after.columns), held - 1))
        found.append(
            ChangedFeature(
                feature=str(name),
                psi=0.0 if index != index else index,
                missing_before=float(1 - known[0].mean()),
                missing_after=float(1 - known[1].mean()),
                drifted=bool(index > max(bound, MODERATE)),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.psi, each.feature)))


def two_sample_area(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    household_before: np.ndarray,
    household_after: np.ndarray,
    seed: int = 0,
) -> float:
    """Say how well trees tell the tested cases from those learnt from.

    Parameters
    ----------
    before, after : DataFrame of float, shapes (n, n_features) and (m, n_features)
        Columns of which much more, or less, is missing after than before are left out:
        what a window can observe grows with the records, and is no drift.
    household_before, household_after : ndarray of str, shapes (n,) and (m,)
        Households are kept whole, so that brothers and sisters do not tell on each other.
    seed : int, default=0

    Returns
    -------
    float
        Area under the ROC curve on households not learnt from: 0.5 where the cases are
        alike. NaN without columns.

    References
    ----------
    .. [1] D. Lopez-Paz and M. Oquab, Revisiting classifier two-sample tests, ICLR 2017.
    """
    gap = (after.isna().mean() - before.isna().mean()).abs()
    columns = [str(name) for name in gap.index[(gap <= MISSING_GAP).to_numpy()]]
    if not columns:
        return float("nan")
    matrix = np.concatenate([before[columns].to_numpy(), after[columns].to_numpy()])
    which = np.r_[np.zeros(len(before)), np.ones(len(after))]
    households = pd.Series(np.r_[household_before, household_after]).astype("str")
    fold = household_fold(households, n_folds=2, seed=seed)
    recipe = Recipe(columns, [0] * len(columns), _TREES, seed)
    areas = []
    for number in (0, 1):
        learn, ask = fold != number, fold == number
        score = grow(matrix[learn], which[learn], recipe, rounds=_ROUNDS).margin(matrix[ask])
        areas.append(value_of(Ranking(which[ask], score).roc_auc, int(ask.sum())))
    return float(np.mean(areas))
