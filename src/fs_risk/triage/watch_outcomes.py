"""Whether scores keep what they say, as outcomes come in: only windows wholly observed count."""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import norm

from fs_risk.evaluation.calibration import Calibration
from fs_risk.model.bands import wilson
from fs_risk.model.listing import share_listed
from fs_risk.records.suppression import rounded
from fs_risk.triage.watch_cases import Watched
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_published import Shown, household_effect, shown_parts
from fs_risk.triage.watch_rates import said_when
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, STOP, Row
from fs_risk.triage.watch_sequence import LOOKS, Evidence, rate_evidence

FEWEST_OUTCOMES = 10
"""With fewer households with, or without, the outcome nothing is said."""

_RATIO = "Outcomes that followed for each one that the scores expected."
_SLOPE = "1 where high and low scores are as far apart as outcomes are; less where too far."
_FOUND = "Of the children for whom the outcome followed, those on a list of the plan's capacity."
_CHANCE = 0.95


def ripe_cases(watched: Watched) -> np.ndarray:
    """Say which of the cases watched have a score and an outcome that is known.

    Parameters
    ----------
    watched : Watched

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    ripe: np.ndarray = watched.now & watched.scored & ~np.isnan(watched.label)
    return ripe


def outcome_rows(watched: Watched, given: np.ndarray, limits: DriftLimits) -> list[Row]:
    """Hold probabilities against what followed, and lists against whom they found.

    Parameters
    ----------
    watched : Watched
    given : ndarray of float64, shape (n,)
        Log-odds as they were recorded at the time; where they were not, as made again.
    limits : DriftLimits

    Returns
    -------
    list of Row
    """
    ripe = ripe_cases(watched)
    label, household = watched.label[ripe], watched.household[ripe]
    sides = [len(np.unique(household[label == side])) for side in (1, 0)]
    period = watched.span.words
    if min(sides) < FEWEST_OUTCOMES:
        return [
            Row(check="calibration", measure="observed_over_expected", period=period,
                limit_low=limits.ratio[0], limit_high=limits.ratio[1], verdict=NOT_ENOUGH,
                says=f"{_RATIO} The outcome followed in fewer than {FEWEST_OUTCOMES} households "
                "whose time is up.")
        ]  # fmt: skip
    log_odds, month = given[ripe], watched.month[ripe]
    return [
        *_ratio_rows(watched, label, log_odds, household, month, limits),
        _slope_row(watched, label, log_odds, household, limits),
        *_finding_rows(watched, ripe, limits),
    ]


def _ratio_rows(
    watched: Watched,
    label: np.ndarray,
    log_odds: np.ndarray,
    household: np.ndarray,
    month: np.ndarray,
    limits: DriftLimits,
) -> list[Row]:
    chance = 1 / (1 + np.exp(-log_odds))
    effect = household_effect(label - chance, float((chance * (1 - chance)).sum()), household)
    months = [str(each) for each in watched.span.months]
    alpha = limits.alpha("calibration")

    def weighed(ends: tuple[float, float]) -> Evidence:
        low, high = (np.minimum(chance * end, _CHANCE) for end in ends)
        far = (chance * limits.ratio_stop[0], np.minimum(chance * limits.ratio_stop[1], _CHANCE))
        return rate_evidence(
            label, month, len(months), low=low, high=high, far=far, effect=effect, alpha=alpha
        )

    look, stop = weighed(limits.ratio), weighed(limits.ratio_stop).signalled(alpha)
    at = look.signalled(alpha)
    verdict = AS_EXPECTED if look.could_see else NOT_ENOUGH
    if stop is not None or at is not None:
        verdict, at = (STOP, stop) if stop is not None else (LOOK, at)
    hits = np.bincount(month, weights=label, minlength=len(months))
    shown = shown_parts(hits, np.bincount(month, minlength=len(months)))
    expected = np.bincount(month, weights=chance, minlength=len(months))
    rows = [_ratio_row(watched.span.words, shown.total, float(expected.sum()), effect, limits)]
    rows += [
        _ratio_row(months[k], shown.part(k), float(expected[k]), effect, limits)
        for k in range(len(months))
        if shown.n[k] or shown.hidden[k]
    ]
    says = said_when(_RATIO, months, at)
    return [replace(rows[0], verdict=verdict, says=says), *rows[1:]]


def _ratio_row(
    period: str,
    shown: tuple[int, int, bool],
    expected: float,
    effect: float,
    limits: DriftLimits,
) -> Row:
    hits, n, hidden = shown
    value = low = high = None
    total = round(expected, 0)
    if not hidden and total > 0 and n > 0:
        ends = wilson(hits, n, effect=round(effect, 1))
        value, low, high = hits / total, ends[0] * n / total, ends[1] * n / total
    return Row(
        check="calibration", measure="observed_over_expected", period=period, value=value,
        low=low, high=high, limit_low=limits.ratio[0], limit_high=limits.ratio[1],
        n=None if hidden else n, suppressed=hidden,
    )  # fmt: skip


def _slope_row(
    watched: Watched,
    label: np.ndarray,
    log_odds: np.ndarray,
    household: np.ndarray,
    limits: DriftLimits,
) -> Row:
    """Fit the slope, its error summed over households; each month spends its part."""
    slope, error = slope_and_error(label, log_odds, household)
    alpha = limits.alpha("slope") / LOOKS
    z, low, high = norm.isf(alpha / 2), *limits.slope
    beyond = slope - z * error > high or slope + z * error < low
    seen = z * error < min(1 - low, high - 1) + 0.3
    verdict = LOOK if beyond else AS_EXPECTED if seen else NOT_ENOUGH
    ends = slope - norm.isf(0.025) * error, slope + norm.isf(0.025) * error
    return Row(
        check="calibration", measure="slope", period=watched.span.words, value=round(slope, 2),
        low=round(ends[0], 2), high=round(ends[1], 2), limit_low=low, limit_high=high,
        n=_five(len(label)), verdict=verdict, says=_SLOPE,
    )  # fmt: skip


def slope_and_error(
    label: np.ndarray, log_odds: np.ndarray, household: np.ndarray
) -> tuple[float, float]:
    """Give the slope of the outcome on the log-odds, and its standard error by household.

    Parameters
    ----------
    label, log_odds : ndarray of float, shape (n,)
    household : ndarray, shape (n,)

    Returns
    -------
    slope, error : float

    References
    ----------
    .. [1] D. R. Cox, Biometrika 45 (1958), 562-565.
    .. [2] K.-Y. Liang and S. L. Zeger, Longitudinal data analysis using generalized
       linear models, Biometrika 73 (1986), 13-22: the sandwich, over clusters.
    """
    calibration = Calibration(label, log_odds)
    slope = float(calibration.slope(np.ones((1, len(label))))[0])
    intercept = _intercept(label, slope * log_odds)
    chance = 1 / (1 + np.exp(-(intercept + slope * log_odds)))
    design = np.column_stack([np.ones(len(label)), log_odds])
    bread = np.linalg.inv((design * (chance * (1 - chance))[:, None]).T @ design)
    _, cluster = np.unique(household, return_inverse=True)
    sums = np.zeros((int(cluster.max()) + 1, 2))
    np.add.at(sums, cluster, design * (label - chance)[:, None])
    many = len(sums) / max(len(sums) - 1, 1)
    spread = bread @ (sums.T @ sums) @ bread * many
    return slope, float(np.sqrt(spread[1, 1]))


def _intercept(label: np.ndarray, log_odds: np.ndarray) -> float:
    return float(Calibration(label, log_odds).intercept(np.ones((1, len(label))))[0])


def _finding_rows(watched: Watched, ripe: np.ndarray, limits: DriftLimits) -> list[Row]:
    """Watch recall at the plan's capacity: lists are made of all referrals with a score."""
    then = watched.tested & watched.scored & ~watched.now
    listed = np.zeros(len(watched.label))
    for rows in (watched.now & watched.scored, then):
        listed[rows] = share_listed(
            watched.log_odds[rows], watched.period[rows], watched.model.plan.capacity
        )
    before, after = (rows & (watched.label == 1) for rows in (then, ripe))
    shown = shown_parts(np.array([listed[after].sum()]).round(), np.array([after.sum()]))
    value, low, high, error = _recall(listed[after], watched.household[after], shown)
    told: dict[str, Any] = {"check": "calibration", "measure": "recall_at_capacity",
            "period": watched.span.words, "says": _FOUND}  # fmt: skip
    sides = [len(np.unique(watched.household[rows])) for rows in (before, after)]
    if min(sides) < FEWEST_OUTCOMES:
        return [Row(**told, verdict=NOT_ENOUGH, suppressed=shown.all_hidden)]
    was, _, _, was_error = _recall(
        listed[before], watched.household[before],
        shown_parts(np.array([listed[before].sum()]).round(), np.array([before.sum()])),
    )  # fmt: skip
    least = max(0.0, round(was - limits.finding, 2))
    z = norm.isf(limits.alpha("finding") / LOOKS)
    reach = z * float(np.hypot(error, was_error))
    verdict = LOOK if value + reach < least else AS_EXPECTED if reach < 0.3 else NOT_ENOUGH
    hidden = shown.all_hidden
    return [
        Row(
            **told, value=None if hidden else value, low=None if hidden else low,
            high=None if hidden else high, limit_low=least, limit_high=1.0,
            n=None if hidden else shown.all_n, verdict=verdict, suppressed=hidden,
        )
    ]  # fmt: skip


def _recall(
    listed: np.ndarray, household: np.ndarray, shown: Shown
) -> tuple[float, float, float, float]:
    if not len(listed):
        return 0.0, 0.0, 1.0, 1.0
    rate = float(listed.mean())
    effect = household_effect(listed - rate, len(listed) * max(rate * (1 - rate), 1e-9), household)
    n = max(shown.all_n, 1)
    ends = wilson(shown.all_hits, n, effect=round(effect, 1))
    error = float(np.sqrt(max(rate * (1 - rate), 1 / len(listed)) * effect / len(listed)))
    return shown.all_hits / n, ends[0], ends[1], error


def _five(n: int) -> int:
    return int(rounded(np.array([n]))[0])
