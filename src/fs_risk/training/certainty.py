"""What a model says of its own certainty: intervals, and the past cases behind each score."""

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.model.fitting import FittedTrees
from fs_risk.model.gains import gain_by_feature
from fs_risk.model.intervals import ScoreInterval, best_spread_of
from fs_risk.model.plan import Plan
from fs_risk.model.splits import Slices
from fs_risk.model.support import Support


def score_interval(
    label: np.ndarray, household: np.ndarray, slices: Slices, trees: FittedTrees, plan: Plan
) -> ScoreInterval:
    """Work out how widely probabilities lie around scores, from households held out.

    Parameters
    ----------
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    household : ndarray, shape (n,)
    slices : Slices
        Rows of the fit period are used, each scored by the replica that has never seen
        its household; test rows are not looked at.
    trees : FittedTrees
    plan : Plan

    Returns
    -------
    ScoreInterval
    """
    rows = slices.fitting
    probability = np.full(len(label), np.nan)
    for number, line in enumerate(trees.replica_calibrators):
        mine = rows & (slices.fold == number)
        probability[mine] = expit(line.log_odds(trees.margin[mine]))
    spread = best_spread_of(plan.outcome, plan.cohort)
    return ScoreInterval.fit(probability[rows], label[rows], household[rows], best_spread=spread)


def past_cases(X: pd.DataFrame, slices: Slices, trees: FittedTrees) -> Support:
    """Count the cases that scores rest on: those of the fit period.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
    slices : Slices
    trees : FittedTrees

    Returns
    -------
    Support
    """
    names = [str(name) for name in X.columns]
    weights = gain_by_feature(trees.booster.text, names)
    return Support.fit(X.to_numpy()[slices.fitting], names, weights=weights)
