"""Which features alone tell a protected group apart: proxies.

A model without ethnicity can still learn it, if a feature says it. This shows which
could; whether a model uses it, and to whose cost, is for the audit of its scores.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from fs_risk.errors import AuditError

BOUND = 0.65
"""Area under the ROC curve that a feature may reach without being named."""
FEWEST = 30
"""A group is looked at from so many families on."""


def audit_proxies(
    X: pd.DataFrame,
    group: pd.Series,
    *,
    households: pd.Series | None = None,
    bound: float = BOUND,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say how well each feature alone tells each group from all others.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
        A missing value is a value of its own: it ranks below all others.
    group : Series of str, shape (n,)
        Rows where it is missing are left out.
    households : Series, optional
        Siblings share most features, so that families, not rows, are counted for the
        interval.
    bound : float, default=0.65
    level : float, default=0.95

    Returns
    -------
    DataFrame
        A row for each group of at least 30 families and each feature, the clearest
        proxy first: ``group``, ``feature``, ``roc_auc`` (0.5 or more, in the better
        direction), ``low``, ``high``, ``n`` (families of the group), ``proxy``
        (whether even `low` is above `bound`).

    Raises
    ------
    AuditError
        If no group is large enough.

    References
    ----------
    .. [1] Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under
       a receiver operating characteristic curve. Radiology 143, 29-36.

    Examples
    --------
    >>> X = pd.DataFrame({"told": [1.0] * 40 + [0.0] * 60, "other": [0.0, 1.0] * 50})
    >>> found = audit_proxies(X, pd.Series(["a"] * 40 + ["b"] * 60))
    >>> found.loc[found["proxy"], "feature"].unique().tolist()
    ['told']
    """
    known = group.notna().to_numpy()
    values = X.to_numpy(dtype=np.float64)[known]
    names = group.to_numpy()[known]
    family = np.arange(known.sum()) if households is None else households.to_numpy()[known]
    ranks = rankdata(np.where(np.isnan(values), -np.inf, values), axis=0)
    z = float(norm.ppf(0.5 + level / 2))
    rows = []
    for name in sorted(set(names)):
        inside = names == name
        n_inside, n_outside = len(set(family[inside])), len(set(family[~inside]))
        if min(n_inside, n_outside) < FEWEST:
            continue
        area = _areas(ranks, inside)
        spread = z * _spread(area, n_inside, n_outside)
        for column, feature in enumerate(X.columns):
            low, high = area[column] - spread[column], area[column] + spread[column]
            rows.append((name, str(feature), area[column], max(low, 0.0), min(high, 1.0), n_inside))
    if not rows:
        raise AuditError(
            f"No group has {FEWEST} families, so no proxy could be told from chance.",
            where="group",
            fix="Use a longer period, or take groups together.",
        )
    columns = ["group", "feature", "roc_auc", "low", "high", "n"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["proxy"] = frame["low"] > bound
    order = ["roc_auc", "group", "feature"]
    return frame.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _areas(ranks: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Give the area for each column, in the better direction, from its ranks."""
    n_inside, n_outside = int(inside.sum()), int((~inside).sum())
    wins = ranks[inside].sum(axis=0) - n_inside * (n_inside + 1) / 2
    area = wins / (n_inside * n_outside)
    better: np.ndarray = np.maximum(area, 1 - area)
    return better


def _spread(area: np.ndarray, n_inside: int, n_outside: int) -> np.ndarray:
    """Give the standard error of areas [1]_."""
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area)
        + (n_inside - 1) * (first - area**2)
        + (n_outside - 1) * (second - area**2)
    ) / (n_inside * n_outside)
    spread: np.ndarray = np.sqrt(np.maximum(variance, 0.0))
    return spread
