"""Fitting the simple models that a step-up model must beat."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from fs_risk.model.booster import MANY_ROWS, all_threads
from fs_risk.model.candidates import (
    PRACTICE_RULES,
    Candidate,
    CandidateSet,
    ReferralCount,
    RuleSet,
    SplineLogistic,
)
from fs_risk.model.splits import Slices
from fs_risk.records.progress import tqdm
from fs_risk.training.distinct_values import CodedColumn, code_columns
from fs_risk.training.spline_logistic import fit_along_penalties, margin_of

PENALTIES = (0.0003, 0.003, 0.03)
"""Inverse strengths of the L2 penalty to choose from, on households held out."""

OBSERVED_ENOUGH = 0.2
"""Share of rows that must have observed a window for its count to be considered."""

_EARLIER_REFERRALS = re.compile(r"child_referrals_(\d+)d")


def fit_candidates(
    X: pd.DataFrame,
    label: np.ndarray,
    slices: Slices,
    *,
    further: Sequence[str] = (),
    seed: int = 0,
    progress: bool = True,
) -> CandidateSet:
    """Fit every simple model, once for use and once for each household fold.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    slices : Slices
        Only rows of the fit period are learnt from.
    further : sequence of str, optional
        ``"explainable_boosting"``.
    seed : int, default=0
        Of the candidates that draw.
    progress : bool, default=True

    Returns
    -------
    CandidateSet
    """
    whole = np.flatnonzero(slices.fitting)
    columns = code_columns(X.iloc[whole])
    last, splines = fit_splines(columns, label[whole], slices.fold[whole])
    learnt = [slices.fit_rows(fold) for fold in range(len(splines))]
    boosted = _boosted(X, label, [*learnt, whole], further, seed, progress)
    return CandidateSet(
        final=(*_simplest(X.iloc[whole], label[whole]), last, *boosted[-1]),
        replicas=tuple(
            (*_simplest(X.iloc[rows], label[rows]), spline, *machine)
            for rows, spline, machine in zip(learnt, splines, boosted[:-1], strict=True)
        ),
    )


def _boosted(
    X: pd.DataFrame,
    label: np.ndarray,
    learnt: Sequence[np.ndarray],
    further: Sequence[str],
    seed: int,
    progress: bool,
) -> list[tuple[Candidate, ...]]:
    """Fit an explainable boosting machine on each set of rows, if the plan asks for it."""
    if "explainable_boosting" not in further:
        return [() for _ in learnt]
    from fs_risk.training.explainable_boosting import fit_explainable_boosting

    steps = tqdm(learnt, desc="explainable boosting", disable=None if progress else True)
    return [(fit_explainable_boosting(X.iloc[rows], label[rows], seed=seed),) for rows in steps]


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


def fit_splines(
    columns: Sequence[CodedColumn], label: np.ndarray, fold: np.ndarray
) -> tuple[SplineLogistic, tuple[SplineLogistic, ...]]:
    """Fit with the penalty that has the least log loss on households held out.

    Each fold is held out to choose it; with `MANY_ROWS` the first alone, which says as much.

    Parameters
    ----------
    columns : sequence of CodedColumn
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    fold : ndarray of int, shape (n,)
        Household fold of each row.

    Returns
    -------
    whole : SplineLogistic
        Fitted on all rows.
    replicas : tuple of SplineLogistic
        With the same penalty, each fitted without one fold.
    """
    numbers = range(int(fold.max()) + 1)
    many = len(label) >= MANY_ROWS
    judges = numbers[:1] if many else numbers

    def without(number: int, penalties: Sequence[float]) -> list[SplineLogistic]:
        learnt = np.flatnonzero(fold != number)  # all rows, without a fold that there is not
        return fit_along_penalties(columns, label, learnt, penalties=penalties)

    tried = {number: without(number, PENALTIES) for number in judges}
    losses = [
        sum(
            _loss(tried[number][at], columns, label, np.flatnonzero(fold == number))
            for number in judges
        )
        for at in range(len(PENALTIES))
    ]
    best = int(np.argmin(losses))
    found = {number: path[best] for number, path in tried.items()}
    rest = [number for number in (len(numbers), *numbers) if number not in found]
    with ThreadPoolExecutor(all_threads() if many else 1) as pool:
        chosen = pool.map(lambda number: without(number, [PENALTIES[best]])[0], rest)
        found |= dict(zip(rest, chosen, strict=True))
    return found[len(numbers)], tuple(found[number] for number in numbers)


def _loss(
    model: SplineLogistic, columns: Sequence[CodedColumn], label: np.ndarray, rows: np.ndarray
) -> float:
    margin = margin_of(model, columns, rows)
    return float(np.sum(np.logaddexp(0.0, margin) - label[rows] * margin))
