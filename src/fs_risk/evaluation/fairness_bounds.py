"""How far gaps could move had outcomes been seen that past decisions kept from sight."""

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.fairness_cells import Audited
from fs_risk.evaluation.fairness_measures import PRIMARY, Counts
from fs_risk.records.counts_in_words import count_of


def selective_bounds(audited: Audited, unseen: np.ndarray, odds: tuple[float, ...]) -> pd.DataFrame:
    """Bound recall and precision, and their gaps, over what unseen outcomes might have been.

    An outcome is seen only as past decisions let it: a referral closed at once has no
    assessment in which harm could be found. Among unseen rows the odds of the outcome
    may be up to so many times, or so many times less than, those among seen rows of the
    same group and on the same side of the list. With 1 the unseen are like the seen.

    Parameters
    ----------
    audited : Audited
    unseen : ndarray of bool, shape (n,)
        Rows whose outcome was kept from sight; unlabelled rows are always added.
    odds : tuple of float
        Each at least 1.

    Returns
    -------
    DataFrame
        ``metric``, ``attribute``, ``group``, ``odds``, ``unseen`` (rows of the group),
        ``low``, ``high``, ``difference_low``, ``difference_high`` (bounds, not intervals:
        chance is not in them), ``sign_kept`` (whether all of them say the same of who
        has less). Counts are not hidden: for the analyst, not for publication.

    Raises
    ------
    AuditError
        If lengths differ, or odds are below 1.

    References
    ----------
    .. [1] A. Rambachan, A. Coston and E. Kennedy, Robust design and evaluation of
       predictive algorithms under unobserved confounding, arXiv 2212.09844 (2022).
    .. [2] C. Manski, Partial Identification of Probability Distributions, Springer 2003.
    """
    if len(unseen) != len(audited.label) or min(odds, default=0.0) < 1:
        raise AuditError(
            f"{count_of(len(unseen), 'entry', 'entries')} for "
            f"{count_of(len(audited.label), 'row')}, or odds below 1.",
            where="unseen, odds",
            fix="Say of each row whether its outcome was kept from sight, and pass odds from 1 up.",
        )
    hidden = unseen | ~audited.labelled
    seen, listed = ~hidden, audited.share
    sides = {
        "listed": (_by_group(audited, seen * listed), _by_group(audited, hidden * listed),
                   _by_group(audited, seen * listed * (audited.label == 1))),
        "not": (_by_group(audited, seen * (1 - listed)), _by_group(audited, hidden * (1 - listed)),
                _by_group(audited, seen * (1 - listed) * (audited.label == 1))),
    }  # fmt: skip
    main = np.flatnonzero(audited.groups.main)
    frames = [
        _bounded(audited, sides, main, metric, factor) for factor in odds for metric in PRIMARY
    ]
    return pd.concat(frames, ignore_index=True)


Sides = dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]


def _by_group(audited: Audited, weight: np.ndarray) -> np.ndarray:
    """Add a weight up over groups, with everyone last."""
    cells = np.bincount(audited.groups.cell, weights=weight, minlength=len(audited.groups.group_of))
    found: np.ndarray = np.r_[cells @ audited.groups.member, cells.sum()]
    return found


def _bounded(
    audited: Audited, sides: Sides, main: np.ndarray, metric: str, factor: float
) -> pd.DataFrame:
    fewest_hits = _rates(sides, metric, 1 / factor, factor, main)
    most_hits = _rates(sides, metric, factor, 1 / factor, main)
    (low, rest_low), (high, rest_high) = fewest_hits, most_hits
    names = audited.groups
    gap_low, gap_high = low - rest_high, high - rest_low
    return pd.DataFrame(
        {
            "metric": metric,
            "attribute": np.array(names.slots, dtype=object)[names.slot[main]],
            "group": names.level[main],
            "odds": factor,
            "unseen": (sides["listed"][1] + sides["not"][1])[main],
            "low": low,
            "high": high,
            "difference_low": gap_low,
            "difference_high": gap_high,
            "sign_kept": (gap_low > 0) | (gap_high < 0),
        }
    )


def _rates(
    sides: Sides, metric: str, listed_odds: float, other_odds: float, main: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the rate of each group, and of the rest, under stated odds of the unseen."""
    found = []
    for rest in (False, True):
        parts = [
            _filled(*(_side(each, main, rest=rest) for each in sides[name]), odds=odds)
            for name, odds in (("listed", listed_odds), ("not", other_odds))
        ]
        (tp, fp), (fn, tn) = parts
        counts = Counts(tp, fp, fn, tn)
        found.append(counts.rate(metric))
    return found[0], found[1]


def _side(values: np.ndarray, main: np.ndarray, *, rest: bool) -> np.ndarray:
    chosen: np.ndarray = values[-1] - values[main] if rest else values[main]
    return chosen


def _filled(
    seen: np.ndarray, unseen: np.ndarray, positive: np.ndarray, *, odds: float
) -> tuple[np.ndarray, np.ndarray]:
    """Add unseen rows with and without the outcome; where none is seen, none is assumed known."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(seen > 0, positive / seen, 0.5)
    shifted = odds * rate / (1 - rate + odds * rate)
    return positive + unseen * shifted, seen - positive + unseen * (1 - shifted)
