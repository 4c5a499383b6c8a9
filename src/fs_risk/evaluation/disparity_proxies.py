"""Which features tell a group better than the outcome (requirement F6, the Queensland test)."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from fs_risk.evaluation.disparity_gaps import degrees_of_freedom, limits, standard_error
from fs_risk.evaluation.proxies import FEWEST
from fs_risk.records.many_tests import benjamini_hochberg

LEVEL = 0.05


def group_against_outcome(
    X: pd.DataFrame,
    inside: np.ndarray,
    label: np.ndarray,
    household: np.ndarray,
) -> pd.DataFrame:
    """Compare how well each feature alone tells a group, and the outcome.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
        A missing value ranks below all others.
    inside : ndarray of bool, shape (n,)
    label : ndarray of float, shape (n,)
        1 or 0.
    household : ndarray of int, shape (n,)

    Returns
    -------
    DataFrame
        A row per feature, the clearest proxy first: ``feature``, ``auc_group`` and
        ``auc_outcome`` (areas under the ROC curve, in the better direction),
        ``difference`` with ``low``, ``high`` (95 %, households whole), ``p``,
        ``adjusted_p`` (Benjamini and Hochberg), ``proxy`` (it tells the group better).
        Empty where the group, the rest or either outcome has fewer than 30 households.

    References
    ----------
    .. [1] N. A. Obuchowski, Nonparametric analysis of clustered ROC curve data,
       Biometrics 53 (1997), 567-578.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> inside, label = rng.random(400) < 0.3, (rng.random(400) < 0.3).astype(float)
    >>> X = pd.DataFrame({"told": inside + 0.1 * rng.random(400), "need": label})
    >>> found = group_against_outcome(X, inside, label, np.arange(400))
    >>> found.loc[found["proxy"], "feature"].tolist()
    ['told']
    """
    columns = ["feature", "auc_group", "auc_outcome", "difference", "low", "high", "p",
               "adjusted_p", "proxy"]  # fmt: skip
    positive = label == 1
    sides = (inside, ~inside, positive, ~positive)
    if min(len(np.unique(household[side])) for side in sides) < FEWEST:
        return pd.DataFrame(columns=columns)
    values = X.to_numpy(dtype=np.float64)
    values = np.where(np.isnan(values), -np.inf, values)
    ranks = rankdata(values, axis=0)
    group, group_pull = _area(values, ranks, inside)
    outcome, outcome_pull = _area(values, ranks, positive)
    error = standard_error(group_pull - outcome_pull, household)
    freedom = degrees_of_freedom(household, inside, np.ones(len(label)))
    gap = group - outcome
    low, high, p = limits(gap, error, freedom)
    adjusted = np.full(len(p), np.nan)
    known = np.isfinite(p)
    adjusted[known] = benjamini_hochberg(p[known])
    frame = pd.DataFrame(
        {
            "feature": [str(name) for name in X.columns],
            "auc_group": group,
            "auc_outcome": outcome,
            "difference": gap,
            "low": low,
            "high": high,
            "p": p,
            "adjusted_p": adjusted,
            "proxy": (adjusted <= LEVEL) & (gap > 0),
        }
    )
    return frame.sort_values(["proxy", "difference"], ascending=False, ignore_index=True)


def _area(
    values: np.ndarray, ranks: np.ndarray, inside: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give each column's area, the better way round, and how far each row pulls at it."""
    n_in, n_out = int(inside.sum()), int((~inside).sum())
    wins = ranks[inside].sum(axis=0) - n_in * (n_in + 1) / 2
    area = wins / (n_in * n_out)
    pull = np.empty(values.shape)
    # of each row: the share of the other side that it beats, ties counted half
    pull[inside] = ((ranks[inside] - rankdata(values[inside], axis=0)) / n_out - area) / n_in
    beaten = (ranks[~inside] - rankdata(values[~inside], axis=0)) / n_in
    pull[~inside] = (1 - beaten - area) / n_out
    turned = np.where(area < 0.5, -1.0, 1.0)
    return np.where(area < 0.5, 1 - area, area), pull * turned
