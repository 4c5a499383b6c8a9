"""Checking intervals where no truth is known: against what followed, and against other models."""

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.errors import FeatureError
from fs_risk.model.bands import design_effect, wilson
from fs_risk.model.certainty import groups_of
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import COLUMN, FEATURES, MODEL, takes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.suppression import LARGEST_HIDDEN

TENTHS = 10


@takes(model=MODEL, X=FEATURES, label=COLUMN, households=COLUMN)
def check_intervals(
    model: StepUpModel,
    X: pd.DataFrame,
    label: pd.Series,
    households: pd.Series,
    *,
    by: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Hold intervals against what followed, group by group, and against other models' scores.

    If the interval of each case holds its probability, the share where the outcome followed
    in a group lies within the group's mean interval, but for chance. And scores by models of
    other families, which know less than the best reading of the records, should lie inside
    the intervals at least as often as the intervals' level says. Both can fail for intervals
    that are wrong; neither shows that they are right.

    Parameters
    ----------
    model : StepUpModel
    X : DataFrame of shape (n, n_features)
        Of cases later than the model's training.
    label : Series of float, shape (n,)
        1.0 or 0.0; rows without a label are left out.
    households : Series of str, shape (n,)
        Household of each case.
    by : DataFrame, optional
        On the index of `X`; by default tenths of the score, age and source.

    Returns
    -------
    DataFrame
        ``attribute``, ``group``, ``n``, ``observed``, ``observed_low``, ``observed_high``
        (95 %, households as clusters), ``low``, ``high`` (mean interval), ``holds``, and
        ``others_inside`` (share of the scores by models of other families that lie inside).
        Groups of fewer than six cases are left out.

    Raises
    ------
    FeatureError
        If the rows do not belong together.

    Examples
    --------
    >>> checks = check_intervals(model, X, labels["label"], households)  # doctest: +SKIP
    >>> checks["holds"].mean()  # doctest: +SKIP
    """
    if not (X.index.equals(label.index) and X.index.equals(households.index)):
        raise FeatureError(
            f"Features ({count_of(len(X), 'row')}), labels ({len(label)}) and households "
            f"({len(households)}) do not have the same index.",
            where="X, label, households",
            fix="Give the labels and households of these very cases.",
        )
    known = label.notna().to_numpy()
    X, y = X[known], label.to_numpy(dtype=np.float64)[known]
    household = households.to_numpy(dtype=object)[known].astype(str)
    ends, inside = model.predict_interval(X), _others_inside(model, X, households[known])
    groups = groups_of(X) if by is None else by[known]
    tenth = np.ceil(pd.Series(model.log_odds(X), index=X.index).rank(pct=True) * TENTHS)
    attributes = {"all": pd.Series("all", index=X.index)}
    attributes |= {} if by is not None else {"tenth of the score": tenth.astype(int).astype("str")}
    attributes |= {str(name): groups[name].astype("str") for name in groups}
    rows = []
    for attribute, named in attributes.items():
        for group in sorted(named.dropna().unique(), key=lambda each: (len(each), each)):
            mine = (named == group).to_numpy(dtype=bool)
            if mine.sum() > LARGEST_HIDDEN:
                found = _of_group(y[mine], household[mine], ends[mine], inside[mine])
                rows.append({"attribute": attribute, "group": group, **found})
    return pd.DataFrame(rows)


def _of_group(
    y: np.ndarray, household: np.ndarray, ends: pd.DataFrame, inside: np.ndarray
) -> dict[str, float | int | bool]:
    low, high = wilson(float(y.sum()), len(y), effect=design_effect(y, household))
    mean_low, mean_high = float(ends["low"].mean()), float(ends["high"].mean())
    return {
        "n": len(y),
        "observed": float(y.mean()),
        "observed_low": low,
        "observed_high": high,
        "low": mean_low,
        "high": mean_high,
        "holds": low <= mean_high and high >= mean_low,
        "others_inside": float(inside.mean()),
    }


def _others_inside(model: StepUpModel, X: pd.DataFrame, households: pd.Series) -> np.ndarray:
    """Give for each case the share of replicas that never saw its household, inside or not.

    The interval is around the score of the replica of the case's own fold; the other replicas
    stand in for models fitted on other families.
    """
    matrix, fold = model.matrix(X), model.folds(households)
    lines = zip(model.replicas, model.facts.replica_calibrators, strict=True)
    scores = np.stack([expit(line.log_odds(replica.margin(matrix))) for replica, line in lines])
    interval, support = model.facts.interval, model.facts.support
    if interval is None or support is None:
        return np.full(len(matrix), np.nan)
    own = scores[fold, np.arange(len(matrix))]
    low, high = interval.bounds(own, unlike=support.unlike(matrix)).T
    others = np.arange(len(scores))[:, None] != fold
    within = (scores >= low) & (scores <= high) & others
    share: np.ndarray = within.sum(axis=0) / (len(scores) - 1)
    return share
