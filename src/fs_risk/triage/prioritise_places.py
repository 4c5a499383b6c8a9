"""Who is on a list: places by score, a share at random, families side by side."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fs_risk.errors import SettingError
from fs_risk.triage.risk_score import RiskScore

DUE = "decision due"
NO_SCORE = "no score"
LISTED = "listed"
AT_RANDOM = "listed at random"
BESIDE = "beside a listed child"
NOT_LISTED = "not listed"

BLOCKS = {
    DUE: "undecided for more than one working day: a decision is due now, before any list",
    NO_SCORE: "for a person to read first, outside the capacity",
    LISTED: "has a place by its score",
    AT_RANDOM: "has a place by chance, so that what scores leave out can be learnt from",
    BESIDE: "no place of its own; shown with a listed child of the household",
    NOT_LISTED: "no place on this list; not evidence of safety",
}
"""What each row is, and what that means."""


@dataclass(frozen=True)
class Places:
    """Where each referral stands, in the order in which they were given.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Positions of the referrals, as the list shows them.
    block : list of str
        What each referral is, a key of `BLOCKS`.
    place : ndarray of int, shape (n,)
        Place by score, from 1; 0 for a referral that is not ranked.
    chance : ndarray of float, shape (n,)
        Of being on the list: 1 by score, the drawing's own chance for the others, NaN
        for a referral that is not ranked.
    tied, tied_listed : int
        Left out, and listed, with the score of the last one listed by score.
    """

    order: np.ndarray
    block: list[str]
    place: np.ndarray
    chance: np.ndarray
    tied: int
    tied_listed: int


def how_many(capacity: int | float, n: int) -> int:
    """Give the places of a list.

    Parameters
    ----------
    capacity : int or float
        Children, or a share of `n` in (0, 1), rounded up.
    n : int

    Returns
    -------
    int

    Raises
    ------
    SettingError
        If it is neither.
    """
    whole = (
        isinstance(capacity, int | np.integer) and not isinstance(capacity, bool) and capacity > 0
    )
    if whole:
        return int(capacity)
    if isinstance(capacity, float | np.floating) and 0 < capacity < 1:
        return int(np.ceil(capacity * n))
    raise SettingError(
        "Capacity is neither a whole number of children nor a share between 0 and 1.",
        where="capacity",
        fix="Pass capacity=9 for nine children, or capacity=0.15.",
    )


def check_share(share: float) -> float:
    """Refuse a share of places at random that is none.

    Raises
    ------
    SettingError
        If it is not a number from 0 up to, not with, 1.
    """
    number = isinstance(share, int | float) and not isinstance(share, bool)
    if number and 0 <= share < 1:
        return float(share)
    raise SettingError(
        "The share of places filled at random is not a number from 0 up to 1.",
        where="random_share",
        fix="Pass random_share=0.1 for a tenth of the places, or leave it out.",
    )


def arrange(
    scores: Sequence[RiskScore],
    households: np.ndarray,
    overdue: np.ndarray,
    *,
    places: int,
    random_share: float,
    seed: int,
) -> Places:
    """Give out places and say in which order the referrals are shown.

    Places go to the highest scores, each child by its own, as the model was tested. Equal
    scores are ordered by a hash, not by the order given. A household is never moved across
    the line: its children below it are shown beside the one above, without a place.

    Parameters
    ----------
    scores : sequence of RiskScore
    households : ndarray of int, shape (n,)
    overdue : ndarray of bool, shape (n,)
        Undecided for too long: shown first, outside the places.
    places : int
    random_share : float
        Of the places, to the nearest whole one, drawn from those not listed by score.
    seed : int
        With the list itself it decides the drawing.

    Returns
    -------
    Places
    """
    n = len(scores)
    scored = np.array([score.code is None for score in scores], dtype=bool)
    risk = np.array([score.log_odds if score.code is None else np.nan for score in scores], float)
    steady = _steady_order(scores)
    ranked = steady[np.argsort(-risk[steady], kind="stable")]
    ranked = ranked[(scored & ~overdue)[ranked]]
    n_random = int(np.floor(random_share * places + 0.5)) if len(ranked) > places else 0
    by_score, rest = ranked[: places - n_random], ranked[places - n_random :]
    drawn = _drawn([scores[row].score_id for row in rest], rest, n_random, seed)
    place, chance = np.zeros(n, dtype=np.int64), np.full(n, np.nan)
    place[ranked] = np.arange(1, len(ranked) + 1)
    chance[by_score] = 1.0
    chance[rest] = n_random / len(rest) if len(rest) else 0.0
    block = np.full(n, NOT_LISTED, dtype=object)
    on_list = np.concatenate([by_score, drawn])
    block[np.isin(households, households[on_list]) & (place > 0)] = BESIDE
    block[by_score], block[drawn] = LISTED, AT_RANDOM
    block[~scored], block[overdue] = NO_SCORE, DUE
    left = np.setdiff1d(rest, drawn)
    last = risk[by_score[-1]] if len(by_score) else np.nan
    tied = int((risk[left] == last).sum())
    tied_listed = int((risk[by_score] == last).sum()) if tied else 0
    return Places(
        order=_shown(block, place, households, steady),
        block=block.tolist(),
        place=place,
        chance=chance,
        tied=tied,
        tied_listed=tied_listed,
    )


def _steady_order(scores: Sequence[RiskScore]) -> np.ndarray:
    """Order by day and by a hash that is nobody's merit, whatever order was given."""
    days = np.array([score.as_of for score in scores], dtype=str)
    ids = np.array([score.score_id for score in scores], dtype=str)
    return np.lexsort((ids, days))


def _drawn(ids: Sequence[str], rest: np.ndarray, n_random: int, seed: int) -> np.ndarray:
    """Draw from those left, each with the same chance; another list draws otherwise."""
    digest = hashlib.sha256(",".join([str(seed), *sorted(ids)]).encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:16], "big"))
    return rest[np.sort(rng.choice(len(rest), n_random, replace=False))] if n_random else rest[:0]


def _shown(
    block: np.ndarray, place: np.ndarray, households: np.ndarray, steady: np.ndarray
) -> np.ndarray:
    """Order the rows: blocks, in them families by their highest place, in these by place."""
    n = len(block)
    ranked = place > 0
    # a family stands where its highest place on the list is, else its highest of all
    worth = np.select([block == LISTED, block == AT_RANDOM], [place, place + n], place + 2 * n)
    best = np.full(households.max(initial=0) + 1, 3 * n + 1)
    np.minimum.at(best, households[ranked], worth[ranked])
    since = np.empty(n, dtype=np.int64)
    since[steady] = np.arange(n)
    first = np.select(
        [block == DUE, block == NO_SCORE], [since - 2 * n, since - n], best[households]
    )
    return np.lexsort((place, households, first))
