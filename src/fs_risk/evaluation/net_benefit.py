"""Decision curves: what acting on a score is worth, at every weight of a false alarm."""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from fs_risk.evaluation.cases import Tested
from fs_risk.evaluation.intervals import HouseholdBootstrap, Measures, interval
from fs_risk.evaluation.report import THE_MODEL
from fs_risk.evaluation.report_parts import Figure, NetBenefit, make_figure
from fs_risk.model.calibration import fit_calibrator

EVERYONE = "everyone"
"""Attention to every case; attention to none has a net benefit of 0 throughout."""

POINTS = 25
_LARGEST = 0.6


def decision_curves(tested: Tested, resamples: int, seed: int) -> tuple[NetBenefit, ...]:
    """Compute net benefit over thresholds for the model, each candidate, and everyone.

    Parameters
    ----------
    tested : Tested
    resamples, seed : int

    Returns
    -------
    tuple of NetBenefit
        The model first, everyone last. A candidate's scores become probabilities by a
        line in log-odds fitted to these very cases, which favours it a little.

    References
    ----------
    .. [1] A. J. Vickers and E. B. Elkin, Decision curve analysis: a novel method for
       evaluating prediction models, Medical Decision Making 26 (2006), 565-574.
    """
    chances = _chances(tested)
    thresholds = thresholds_to_show(chances[THE_MODEL])
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    measures = _measures(tested.label, chances, thresholds)
    values, spread = measures(np.ones((1, len(tested.label)))), bootstrap.together(measures)
    curves = []
    for choice in chances:
        ends = [interval(spread[f"{choice} {place}"]) for place in range(len(thresholds))]
        curves.append(
            NetBenefit(
                choice=choice,
                threshold=tuple(thresholds),
                per_1000=tuple(
                    float(values[f"{choice} {place}"][0]) for place in range(len(thresholds))
                ),
                low=tuple(low for low, _ in ends),
                high=tuple(high for _, high in ends),
            )
        )
    return tuple(curves)


def gain_at_base_rate(tested: Tested, resamples: int, seed: int) -> Figure:
    """Give the model's net benefit where attention to everyone and to none are worth the same.

    Parameters
    ----------
    tested : Tested
    resamples, seed : int

    Returns
    -------
    Figure
        Of 1,000 cases; above 0, acting on the score is worth more than either.
    """
    base = float(tested.label.mean())
    measures = _measures(tested.label, {THE_MODEL: expit(tested.log_odds)}, [base])
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    name = f"{THE_MODEL} 0"
    low, high = interval(bootstrap.together(measures)[name])
    n = len(tested.label)
    value = float(measures(np.ones((1, n)))[name][0])
    return make_figure("net_benefit_at_base_rate_per_1000", value, low, high, n)


def net_benefit(label: np.ndarray, chance: np.ndarray, threshold: float) -> float:
    """Give net benefit: true positives less false ones at the threshold's odds, per case.

    Parameters
    ----------
    label, chance : ndarray of float, shape (n,)
    threshold : float
        In (0, 1).

    Examples
    --------
    >>> net_benefit(np.array([1.0, 0.0]), np.array([0.9, 0.6]), 0.5)
    0.0
    """
    chosen = chance >= threshold
    odds = threshold / (1 - threshold)
    return float((label[chosen].sum() - odds * (1 - label[chosen]).sum()) / len(label))


def thresholds_to_show(chance: np.ndarray) -> list[float]:
    """Choose thresholds over the range in which the model's probabilities lie.

    Parameters
    ----------
    chance : ndarray of float, shape (n,)

    Returns
    -------
    list of float
    """
    top = min(max(float(np.quantile(chance, 0.995)), 0.02), _LARGEST)
    return [float(each) for each in np.linspace(top / POINTS, top, POINTS)]


def _chances(tested: Tested) -> dict[str, np.ndarray]:
    chances = {THE_MODEL: expit(tested.log_odds)}
    for kind, margin in tested.margins.items():
        line = fit_calibrator(margin, tested.label)
        chances[kind] = expit(line.log_odds(margin))
    chances[EVERYONE] = np.ones(len(tested.label))
    return chances


def _measures(
    label: np.ndarray, chances: dict[str, np.ndarray], thresholds: Sequence[float]
) -> Measures:
    at = np.asarray(thresholds)
    odds = at / (1 - at)
    order = {name: np.argsort(-chance, kind="stable") for name, chance in chances.items()}
    chosen = {
        name: np.searchsorted(-chance[order[name]], -at, side="right")
        for name, chance in chances.items()
    }

    def measures(weight: np.ndarray) -> dict[str, np.ndarray]:
        everyone = weight.sum(axis=1, keepdims=True)
        found: dict[str, np.ndarray] = {}
        for name, first in order.items():
            drawn = weight[:, first]
            right = _running(drawn * label[first], chosen[name])
            wrong = _running(drawn, chosen[name]) - right
            gains = 1000 * (right - odds * wrong) / everyone
            found |= {f"{name} {place}": gains[:, place] for place in range(len(at))}
        return found

    return measures


def _running(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Sum the first so many columns, for several numbers of them."""
    sums = np.concatenate([np.zeros((len(values), 1)), values.cumsum(axis=1)], axis=1)
    chosen: np.ndarray = sums[:, first]
    return chosen
