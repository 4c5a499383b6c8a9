"""The door to interpret: fit an explainable boosting machine and write it out as tables."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.model.additive_tables import AdditiveTable, AdditiveTables

BAGS = 4
"""Bagged fits that are averaged; each sees most rows, the rest stop it."""

PAIRS = 10
"""Pairs of features at most."""


def fit_explainable_boosting(X: pd.DataFrame, label: np.ndarray, *, seed: int) -> AdditiveTables:
    """Fit the machine on one core, so that it can be repeated, and keep its tables.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
        Features without a known value, or all alike, are left out.
    label : ndarray of float, shape (n,)
        1.0 or 0.0, both there.
    seed : int

    Returns
    -------
    AdditiveTables
        Whose margin is the machine's own decision function.

    Raises
    ------
    SettingError
        If interpret is not installed.
    """
    machine_class = find_machine()
    names = [str(name) for name in X.columns if X[name].nunique() > 1]
    machine = machine_class(
        feature_names=names,
        feature_types=["continuous"] * len(names),
        interactions=PAIRS if len(names) > 1 else 0,
        outer_bags=BAGS,
        n_jobs=1,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # its plots hide missing values; our tables have them first
        warnings.filterwarnings("ignore", message="Missing values detected")
        machine.fit(X[names].to_numpy(dtype=np.float64), label)
    return AdditiveTables(
        intercept=float(machine.intercept_[0]),
        tables=tuple(
            _table([names[place] for place in term], scores, [machine.bins_[p] for p in term])
            for term, scores in zip(machine.term_features_, machine.term_scores_, strict=True)
        ),
    )


def find_machine() -> Any:
    """Give interpret's class.

    Raises
    ------
    SettingError
        If interpret is not installed.
    """
    try:
        from interpret.glassbox import ExplainableBoostingClassifier
    except ImportError:
        raise SettingError(
            "An explainable boosting machine needs interpret, which is not installed.",
            where="Plan, further_candidates",
            fix="Install fs-risk[ebm], or leave it out of the plan.",
        ) from None
    return ExplainableBoostingClassifier


def _table(names: list[str], scores: np.ndarray, bins: list[list[np.ndarray]]) -> AdditiveTable:
    """Write a term out; pairs have coarser steps, and the last is for what cannot occur."""
    cuts = [levels[min(len(levels), len(names)) - 1] for levels in bins]
    kept = np.asarray(scores)[tuple(slice(None, -1) for _ in names)]
    return AdditiveTable(
        features=tuple(names),
        cuts=tuple(tuple(float(cut) for cut in each) for each in cuts),
        scores=tuple(float(score) for score in kept.ravel()),
    )
