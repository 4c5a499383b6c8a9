"""The single-feature test for leakage: what alone ranks too well probably knows the answer."""

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.intervals import value_of
from fs_risk.evaluation.ranking import Ranking

BOUND = 0.8
"""No single fact known before a referral is credible above this."""


def audit_leakage(X: pd.DataFrame, label: pd.Series, *, bound: float = BOUND) -> pd.DataFrame:
    """Say how well each feature alone tells the outcome, and which are beyond belief.

    Values rank in both directions, and so does whether a value is missing: a field
    that is filled in only after the outcome gives itself away by being there.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
    label : Series of float, shape (n,)
        1.0, 0.0, or NaN where not known; such rows are left out.
    bound : float, default=0.8
        Area under the ROC curve above which a feature is suspicious.

    Returns
    -------
    DataFrame
        One row per feature, the most suspicious first: ``feature``, ``roc_auc`` (of
        its value, 0.5 or more), ``roc_auc_missing`` (of being missing), ``suspicious``.

    Raises
    ------
    AuditError
        If the labels are all alike.

    Examples
    --------
    >>> X = pd.DataFrame({"leak": [0.0, 0, 1, 1], "noise": [1.0, 2, 1, 2]})
    >>> audit_leakage(X, pd.Series([0.0, 0, 1, 1]))["suspicious"].to_list()
    [True, False]
    """
    known = label.notna().to_numpy()
    y = label.to_numpy(dtype=np.float64)[known]
    if not 0 < y.sum() < len(y):
        raise AuditError(
            f"{int(y.sum())} of {len(y)} labels are positive, so nothing can be ranked.",
            where="label",
            fix="Audit cases with and without the outcome.",
        )
    rows = []
    for name in X.columns:
        values = X[name].to_numpy(dtype=np.float64)[known]
        missing = np.isnan(values)
        rows.append((str(name), _area(y[~missing], values[~missing]), _area(y, missing * 1.0)))
    frame = pd.DataFrame(rows, columns=["feature", "roc_auc", "roc_auc_missing"])
    worst = frame[["roc_auc", "roc_auc_missing"]].max(axis=1)
    frame["suspicious"] = worst > bound
    return frame.iloc[np.argsort(-worst.to_numpy(), kind="stable")].reset_index(drop=True)


def _area(label: np.ndarray, score: np.ndarray) -> float:
    """Give the area in the better direction; 0.5 where there is nothing to rank."""
    if not len(label) or not 0 < label.sum() < len(label):
        return 0.5
    area = value_of(Ranking(label, score).roc_auc, len(label))
    return max(area, 1 - area)
