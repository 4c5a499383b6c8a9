"""The single-feature test for leakage: what alone ranks too well probably knows the answer."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.intervals import value_of
from fs_risk.evaluation.ranking import Ranking
from fs_risk.features.build import build_features
from fs_risk.features.proof import LeakageProof
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.records.arguments import COHORT, COLUMN, PROOF, RECORDS_OR_HISTORY, takes
from fs_risk.records.counts_in_words import out_of
from fs_risk.records.records import Records

BOUND = 0.8
"""No single fact known before a referral is credible above this."""

FEWEST = 10
"""Known values with, and without, the outcome below which an area is chance."""

OLDER = (28, 91)
"""Days by which a suspicious feature's facts must be older, to see when it came to know."""


@takes(proof=PROOF, records=RECORDS_OR_HISTORY, cohort=COHORT, label=COLUMN)
def audit_single_features(
    proof: LeakageProof,
    records: Records | History,
    cohort: pd.DataFrame,
    label: pd.Series,
    *,
    extra: Sequence[FeatureSpec] = (),
    bound: float = BOUND,
    older: Sequence[int] = OLDER,
) -> LeakageProof:
    """Add to a proof how well each feature alone tells the outcome, and when it came to.

    A feature above the bound is built again from facts at least so many days older: an
    area that falls away was made of what was recorded just before the day, which is
    where an answer slips in; one that stays is an old fact that is merely telling.

    Parameters
    ----------
    proof : LeakageProof
        As `prove_no_leakage` gives it.
    records : Records or History
    cohort : DataFrame
    label : Series of float
        On the cohort's index.
    extra : sequence of FeatureSpec
        As given to `prove_no_leakage`.
    bound : float, default=0.8
        Area under the ROC curve above which a feature is suspicious.
    older : sequence of int, default=(28, 91)
        Days.

    Returns
    -------
    LeakageProof
        With ``single``: as `audit_leakage` gives it, and ``roc_auc_<days>d_older`` for
        the suspicious features.

    References
    ----------
    .. [1] Requirement T10.

    Examples
    --------
    >>> import fs_risk as fs
    >>> records = fs.make_authority(children=2_000, years=5, seed=0)
    >>> cohort = fs.referral_cohort(records)
    >>> label = fs.label_outcome(records, cohort, outcome="step_up", within_days=365)["label"]
    >>> proof = fs.prove_no_leakage(records, cohort, days=1, column_days=0)
    >>> found = audit_single_features(proof, records, cohort, label)
    >>> found.suspicious, len(found.single) == len(fs.feature_catalogue())
    ((), True)
    """
    history = records if isinstance(records, History) else History.from_records(records)
    X = build_features(history, cohort, extra=extra, lag_days=proof.lag_days)
    single = audit_leakage(X, label, bound=bound)
    named = single.loc[single["suspicious"], "feature"]
    for days in older if len(named) else ():
        X = build_features(history, cohort, extra=extra, lag_days=proof.lag_days + days)
        again = audit_leakage(X[list(named)], label, bound=bound).set_index("feature")
        single[f"roc_auc_{days}d_older"] = single["feature"].map(again["roc_auc"])
    return proof.with_single_features(single)


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
        Area under the ROC curve above which, beyond doubt, a feature is suspicious: the
        lower end of the area's 95 % interval [1]_ must lie above it, since of hundreds
        of features some known for few cases rank well by chance.

    Returns
    -------
    DataFrame
        One row per feature, the most suspicious first: ``feature``, ``roc_auc`` (of
        its value, 0.5 or more; 0.5 too where it is known for fewer than `FEWEST` cases
        with or without the outcome), ``roc_auc_missing`` (of being missing),
        ``suspicious``.

    Raises
    ------
    AuditError
        If the labels are all alike.

    References
    ----------
    .. [1] Hanley, McNeil, "The meaning and use of the area under a receiver operating
       characteristic (ROC) curve", Radiology 143, 1982: the standard error.

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
            f"{out_of(int(y.sum()), len(y), 'label')} positive, so nothing can be ranked.",
            where="label",
            fix="Audit cases with and without the outcome.",
        )
    fewest = min(FEWEST, int(y.sum()), int((1 - y).sum()))
    rows = []
    for name in X.columns:
        values = X[name].to_numpy(dtype=np.float64)[known]
        missing = np.isnan(values)
        held = y[~missing]
        value, lacking = _area(held, values[~missing], fewest), _area(y, missing * 1.0, fewest)
        certain = max(_lower_end(value, held), _lower_end(lacking, y)) > bound
        rows.append((str(name), value, lacking, certain))
    frame = pd.DataFrame(rows, columns=["feature", "roc_auc", "roc_auc_missing", "suspicious"])
    worst = frame[["roc_auc", "roc_auc_missing"]].max(axis=1)
    return frame.iloc[np.argsort(-worst.to_numpy(), kind="stable")].reset_index(drop=True)


def _area(label: np.ndarray, score: np.ndarray, fewest: int) -> float:
    """Give the area in the better direction; 0.5 where there is too little to rank."""
    if min(label.sum(), (1 - label).sum()) < fewest:
        return 0.5
    area = value_of(Ranking(label, score).roc_auc, len(label))
    return max(area, 1 - area)


def _lower_end(area: float, label: np.ndarray) -> float:
    """Give the lower end of an area's 95 % interval."""
    positives, negatives = label.sum(), (1 - label).sum()
    if not positives or not negatives:
        return 0.0
    of_two_positives, of_two_negatives = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area)
        + (positives - 1) * (of_two_positives - area**2)
        + (negatives - 1) * (of_two_negatives - area**2)
    ) / (positives * negatives)
    return float(area - 1.96 * np.sqrt(max(variance, 0.0)))
