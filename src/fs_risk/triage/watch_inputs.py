"""Whether what the model reads, and what it says, still looks as when it was fitted and tested."""

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from fs_risk.evaluation.drift import changed_features, stability_index, two_sample_area
from fs_risk.evaluation.intervals import value_of
from fs_risk.evaluation.ranking import Ranking
from fs_risk.records.suppression import rounded
from fs_risk.triage.watch_cases import Watched
from fs_risk.triage.watch_limits import FEWEST_HOUSEHOLDS, DriftLimits
from fs_risk.triage.watch_rates import Rate, left_after_the_past, limits_from, rate_rows
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, Row
from fs_risk.triage.watch_sequence import LOOKS

SHOWN = 5
"""Features shown beside those that are signalled."""

_BINS = 10


def input_rows(watched: Watched, limits: DriftLimits) -> list[Row]:
    """Compare each feature's values of the last twelve months with those calibrated and tested on.

    Parameters
    ----------
    watched : Watched
    limits : DriftLimits

    Returns
    -------
    list of Row
        The population stability index of the features that moved most, and how well trees
        tell now from then. Where fewer than twelve months are watched, they are compared
        with the same months of earlier years.
    """
    then, now = sides(watched)
    period = watched.lately_words
    if not _enough(watched, then, now):
        return [_no_inputs(period)]
    names, used = list(watched.model.feature_names), _used(watched)
    before, after = (
        pd.DataFrame(watched.matrix[rows], columns=names)[used] for rows in (then, now)
    )
    held = {
        "household_before": watched.household[then],
        "household_after": watched.household[now],
    }
    n = int(rounded(np.array([now.sum()]))[0])
    moved = changed_features(before, after, **held, doubt=limits.alpha("inputs") / LOOKS)
    signalled = [each for each in moved if each.drifted and each.psi > limits.stability]
    # others with a larger index have so few known values that chance gives as much
    others = [each for each in moved if each.psi <= limits.stability]
    meanings = {feature.name: feature.meaning for feature in watched.model.facts.features}
    rows = [
        Row(
            check="inputs", measure="stability_index", period=period, by="feature",
            group=each.feature, value=round(each.psi, 2), limit_high=limits.stability, n=n,
            verdict=LOOK if each in signalled else AS_EXPECTED, says=meanings[each.feature],
        )
        for each in (*signalled, *others[:SHOWN])
    ]  # fmt: skip
    return [*rows, _together(before, after, held, watched, limits, n)]


def _used(watched: Watched) -> list[str]:
    """List the features that the trees use."""
    names, support = list(watched.model.feature_names), watched.model.facts.support
    if support is None:
        return names
    used = [name for name, reach in zip(names, support.reaches, strict=True) if reach.weight > 0]
    return used or names


def sides(watched: Watched) -> tuple[np.ndarray, np.ndarray]:
    """Say which cases are compared: calibrated and tested on, and of the last twelve months.

    Parameters
    ----------
    watched : Watched

    Returns
    -------
    then, now : ndarray of bool, shape (n,)
    """
    now = watched.lately & watched.in_scope
    # not with all that it learnt from: in the first years of records less was known of anybody
    then = watched.judged & watched.in_scope & ~watched.now
    if len(watched.span.months) < 12:
        then &= np.isin(watched.cohort["as_of"].dt.month, watched.span.months.month)
    return then, now


def _enough(watched: Watched, then: np.ndarray, now: np.ndarray) -> bool:
    sizes = [len(np.unique(watched.household[rows])) for rows in (then, now)]
    return min(sizes) >= FEWEST_HOUSEHOLDS


def _no_inputs(period: str) -> Row:
    return Row(
        check="inputs", measure="stability_index", period=period, verdict=NOT_ENOUGH,
        says=f"Fewer than {FEWEST_HOUSEHOLDS} households, now or in what the records still hold "
        "of the time that the model was calibrated and tested on.",
    )  # fmt: skip


def _together(
    before: pd.DataFrame,
    after: pd.DataFrame,
    held: dict[str, np.ndarray],
    watched: Watched,
    limits: DriftLimits,
    n: int,
) -> Row:
    """Say how well trees tell the two sides, and whether that is beyond chance and the limit."""
    area = two_sample_area(before, after, **held, seed=watched.model.plan.seed)
    households = [len(np.unique(side)) for side in held.values()]
    # each of two folds holds half; under no change an area scatters as that of so many
    error = np.sqrt((sum(households) + 1) / (12 * households[0] * households[1]))
    alpha = limits.alpha("inputs together") / LOOKS
    low = area - norm.isf(alpha) * error
    return Row(
        check="inputs", measure="two_sample_area", period=watched.lately_words,
        value=round(area, 2),
        limit_low=0.5, limit_high=limits.area, n=n,
        verdict=NOT_ENOUGH if np.isnan(area) else LOOK if low > limits.area else AS_EXPECTED,
        says="How well trees, from all features together, tell the cases of now from those that "
        "the model was calibrated and tested on: 0.5 not at all, 1 always.",
    )  # fmt: skip


def outside_rows(watched: Watched, limits: DriftLimits) -> list[Row]:
    """Watch the share of cases that are unlike those that the model was fitted on.

    Parameters
    ----------
    watched : Watched
    limits : DriftLimits

    Returns
    -------
    list of Row
        From what the model itself keeps: needs no records of the time of training.
    """
    support = watched.model.facts.support
    if support is None:
        return []
    alpha = limits.alpha("outside training")
    unlike = (support.unlike(watched.matrix) > support.most_unlike).astype(np.float64)
    then, now = watched.tested & watched.in_scope, watched.now & watched.in_scope
    ends = limits_from(unlike[then], watched.household[then], alpha=alpha, more=limits.outside)
    rate = Rate(
        check="inputs", measure="share_unlike_training", hits=unlike[now],
        month=watched.month[now], household=watched.household[now],
        low=0.0, high=limits.outside if ends is None else ends[1], alpha=left_after_the_past(alpha),
    )  # fmt: skip
    says = (
        f"Cases for which more than {100 * support.most_unlike:.0f} % of what the model leans on "
        "is missing, or beyond what it was fitted on."
    )
    return rate_rows(rate, _months(watched), watched.span.words, says, monthly=False)


def score_rows(watched: Watched, limits: DriftLimits) -> list[Row]:
    """Compare the scores of now with those of the time that the model was tested on.

    Parameters
    ----------
    watched : Watched
    limits : DriftLimits

    Returns
    -------
    list of Row
        Their stability index, and the share of cases in each band.
    """
    then, now = watched.tested & watched.scored, watched.lately & watched.scored
    period = watched.lately_words
    if not _enough(watched, then, now):
        return [
            Row(check="scores", measure="stability_index", period=period, verdict=NOT_ENOUGH,
                says=f"Fewer than {FEWEST_HOUSEHOLDS} households, now or at the test.")
        ]  # fmt: skip
    among = 1 + len(watched.model.bands)
    alpha = limits.alpha("scores", among)
    index = stability_index(watched.log_odds[then], watched.log_odds[now])
    noise = sum(1 / len(np.unique(watched.household[rows])) for rows in (then, now))
    bound = noise * chi2.isf(alpha / LOOKS, _BINS - 1)
    first = Row(
        check="scores", measure="stability_index", period=period, value=round(index, 2),
        limit_high=limits.stability, n=int(rounded(np.array([now.sum()]))[0]),
        verdict=LOOK if index > max(bound, limits.stability) else AS_EXPECTED,
        says="How far scores have moved since the model was tested: 0 not at all.",
    )  # fmt: skip
    return [first, *_higher(watched, then, now), *_band_rows(watched, limits, alpha)]


def _higher(watched: Watched, then: np.ndarray, now: np.ndarray) -> list[Row]:
    """Say which way scores moved; the stability index does not."""
    side = np.r_[np.zeros(then.sum()), np.ones(now.sum())]
    scores = np.r_[watched.log_odds[then], watched.log_odds[now]]
    area = value_of(Ranking(side, scores).roc_auc, len(side))
    return [
        Row(check="scores", measure="chance_now_is_higher", period=watched.lately_words,
            value=round(area, 2),
            says="Chance that a score of now is above one of the test's; 0.5 where they are alike.")
    ]  # fmt: skip


def _band_rows(watched: Watched, limits: DriftLimits, alpha: float) -> list[Row]:
    rows, upper = [], np.inf
    for band in watched.model.bands:
        inside = ((watched.log_odds >= band.threshold) & (watched.log_odds < upper)).astype(float)
        upper = band.threshold
        then, now = watched.tested & watched.scored, watched.now & watched.scored
        ends = limits_from(inside[then], watched.household[then], alpha=alpha, times=limits.band)
        if ends is None:
            continue
        rate = Rate(
            check="scores", measure="share_in_band", by="band", group=band.name,
            hits=inside[now], month=watched.month[now], household=watched.household[now],
            low=ends[0], high=ends[1], alpha=left_after_the_past(alpha),
        )  # fmt: skip
        says = "Share of the scored cases in this band."
        rows += rate_rows(rate, _months(watched), watched.span.words, says, monthly=False)
    return rows


def _months(watched: Watched) -> list[str]:
    return [str(month) for month in watched.span.months]
