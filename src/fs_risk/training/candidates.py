"""Fitting the simple models that a step-up model must beat."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from fs_risk.model.candidates import (
    DEGREE,
    PRACTICE_RULES,
    Candidate,
    CandidateSet,
    ReferralCount,
    RuleSet,
    SplineLogistic,
    Term,
    spline_basis,
)
from fs_risk.model.splits import Slices

PENALTIES = (0.0003, 0.003, 0.03)
"""Inverse strengths of the L2 penalty to choose from, on households held out."""

OBSERVED_ENOUGH = 0.2
"""Share of rows that must have observed a window for its count to be considered."""

SMALLEST_SPREAD = 0.1
"""Columns that hardly vary are scaled as if they varied this much."""

_KNOTS_AT = (0.1, 0.35, 0.65, 0.9)
_FEWEST_VALUES = 6
_EARLIER_REFERRALS = re.compile(r"child_referrals_(\d+)d")


def fit_candidates(X: pd.DataFrame, label: np.ndarray, slices: Slices) -> CandidateSet:
    """Fit every simple model, once for use and once for each household fold.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    slices : Slices
        Only rows of the fit period are learnt from.

    Returns
    -------
    CandidateSet
    """
    penalty, splines = choose_penalty(X, label, slices)
    whole = np.flatnonzero(slices.fitting)
    last = fit_spline_logistic(X.iloc[whole], label[whole], penalty=penalty)
    return CandidateSet(
        final=(*_simplest(X.iloc[whole], label[whole]), last),
        replicas=tuple(
            (*_simplest(X.iloc[rows], label[rows]), spline)
            for rows, spline in zip(map(slices.fit_rows, range(len(splines))), splines, strict=True)
        ),
    )


def _simplest(X: pd.DataFrame, label: np.ndarray) -> tuple[Candidate, ...]:
    simple: list[Candidate | None] = [count_referrals(X, label), practice_rules(X)]
    return tuple(candidate for candidate in simple if candidate is not None)


def count_referrals(X: pd.DataFrame, label: np.ndarray) -> ReferralCount | None:
    """Take the count of earlier referrals that ranks best as a model.

    Windows are compared on the rows that observed all of them, so that a long one is
    not held back by the first years of the records.

    Parameters
    ----------
    X : DataFrame
        Fit-period rows.
    label : ndarray of float, shape (n,)

    Returns
    -------
    ReferralCount or None
        None where no column counts earlier referrals.
    """
    names = [str(name) for name in X.columns if _EARLIER_REFERRALS.fullmatch(str(name))]
    names = [name for name in names if X[name].notna().mean() >= OBSERVED_ENOUGH]
    if not names:
        return None
    whole = X[names].notna().all(axis=1).to_numpy()
    if not 0 < label[whole].sum() < whole.sum():
        whole = np.ones(len(X), dtype=bool)
    counts = X.loc[whole, names].fillna(0.0)
    ranks = [float(average_precision_score(label[whole], counts[name])) for name in names]
    name = names[int(np.argmax(ranks))]
    return ReferralCount(feature=name, when_missing=float(X[name].astype(np.float64).mean()))


def practice_rules(X: pd.DataFrame) -> RuleSet | None:
    """Take those practice rules whose features there are.

    Parameters
    ----------
    X : DataFrame

    Returns
    -------
    RuleSet or None
        None where there are none.
    """
    rules = tuple(rule for rule in PRACTICE_RULES if rule.feature in X)
    return RuleSet(rules=rules) if rules else None


def choose_penalty(
    X: pd.DataFrame, label: np.ndarray, slices: Slices
) -> tuple[float, tuple[SplineLogistic, ...]]:
    """Choose the penalty with the least log loss on households held out.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
    label : ndarray of float, shape (n,)
    slices : Slices

    Returns
    -------
    penalty : float
        One of `PENALTIES`.
    replicas : tuple of SplineLogistic
        With that penalty, each fitted without one fold.
    """
    n_folds = int(slices.fold.max()) + 1
    fitted = [
        [_fit_without(fold, X, label, slices, penalty) for fold in range(n_folds)]
        for penalty in PENALTIES
    ]
    losses = [
        sum(
            _loss(replica, X, label, slices.held_out_rows(fold)) for fold, replica in enumerate(row)
        )
        for row in fitted
    ]
    best = int(np.argmin(losses))
    return PENALTIES[best], tuple(fitted[best])


def _fit_without(
    fold: int, X: pd.DataFrame, label: np.ndarray, slices: Slices, penalty: float
) -> SplineLogistic:
    rows = slices.fit_rows(fold)
    return fit_spline_logistic(X.iloc[rows], label[rows], penalty=penalty)


def _loss(model: SplineLogistic, X: pd.DataFrame, label: np.ndarray, rows: np.ndarray) -> float:
    margin = model.margin(X.iloc[rows])
    return float(np.sum(np.logaddexp(0.0, margin) - label[rows] * margin))


def fit_spline_logistic(X: pd.DataFrame, label: np.ndarray, *, penalty: float) -> SplineLogistic:
    """Fit a logistic regression on smooth curves of each feature.

    Missing values become the median, with an indicator; columns are scaled to unit
    spread before the L2 penalty, and the stored coefficients are for the columns as
    they are.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
        Features without a known value, or all alike, are left out.
    label : ndarray of float, shape (n,)
        1.0 or 0.0, both there.
    penalty : float
        scikit-learn's C.

    Returns
    -------
    SplineLogistic
    """
    shapes = [shape for name in X.columns if (shape := _shape(str(name), X[name])) is not None]
    blocks = [_columns(shape, X[shape.feature]) for shape in shapes]
    design = np.hstack(blocks) if blocks else np.zeros((len(X), 0))
    centre = design.mean(axis=0)
    spread = np.maximum(design.std(axis=0), SMALLEST_SPREAD)
    intercept, weights = _logistic((design - centre) / spread, label, penalty)
    weights = weights / spread
    ends = np.cumsum([block.shape[1] for block in blocks])
    terms = [
        _with_weights(shape, part)
        for shape, part in zip(shapes, np.split(weights, ends[:-1]), strict=True)
    ] if blocks else []  # fmt: skip
    return SplineLogistic(
        intercept=float(intercept - centre @ weights), terms=tuple(terms), penalty=penalty
    )


def _logistic(design: np.ndarray, label: np.ndarray, penalty: float) -> tuple[float, np.ndarray]:
    if not design.shape[1]:
        share = float(label.mean())
        return float(np.log(share / (1 - share))), np.zeros(0)
    regression = LogisticRegression(C=penalty, solver="newton-cholesky", tol=1e-8, max_iter=200)
    fitted = regression.fit(design, label)
    return float(fitted.intercept_[0]), np.asarray(fitted.coef_[0], dtype=np.float64)


def _shape(name: str, values: pd.Series) -> Term | None:
    """Say how a feature enters: as a line or a curve, between which ends."""
    known = values.dropna().to_numpy(dtype=np.float64)
    if not known.size or known.min() == known.max():
        return None
    low, high = (float(end) for end in np.quantile(known, [0.001, 0.999]))
    if low == high:
        low, high = float(known.min()), float(known.max())
    return Term(
        feature=name,
        fill=float(np.clip(np.median(known), low, high)),
        low=low,
        high=high,
        knots=_knots(known, low, high),
        coefficients=(),
    )


def _knots(known: np.ndarray, low: float, high: float) -> tuple[float, ...]:
    """Place knots at quantiles; none where a feature takes too few values for a curve."""
    if len(np.unique(known)) < _FEWEST_VALUES:
        return ()
    inner = np.unique(np.quantile(known, _KNOTS_AT))
    inner = inner[(inner > low) & (inner < high)]
    return tuple(float(knot) for knot in np.r_[[low] * (DEGREE + 1), inner, [high] * (DEGREE + 1)])


def _columns(shape: Term, values: pd.Series) -> np.ndarray:
    """Give a feature's columns, the last one the indicator of a missing value."""
    given = values.to_numpy(dtype=np.float64)
    basis = spline_basis(given, shape.fill, shape.low, shape.high, shape.knots)
    return np.column_stack([basis, np.isnan(given)])


def _with_weights(shape: Term, weights: Sequence[float] | np.ndarray) -> Term:
    return shape.model_copy(
        update={
            "coefficients": tuple(float(weight) for weight in weights[:-1]),
            "when_missing": float(weights[-1]),
        }
    )
