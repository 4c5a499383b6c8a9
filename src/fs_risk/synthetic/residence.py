"""Where families live: who moves into the authority, and who moves within it."""

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.drawing import even_draws
from fs_risk.synthetic.parameters import Parameters

NEVER = np.iinfo(np.int32).max
"""A step or day that does not come."""

MOST_DEPRIVED = 2
"""The last decile of the most deprived fifth."""


def arrivals(
    alike: np.ndarray,
    begins: np.ndarray,
    lasts: np.ndarray,
    leaving: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Say which families also stand for one that moves in, and in which step.

    As many move in at each age of a family as move out.

    Parameters
    ----------
    alike : ndarray of int, shape (n_families,)
        Families with one number are alike: of each as many move in as is expected.
    begins, lasts : ndarray of int, shape (n_families,)
        The step at which a family first has a child in view, and for how many steps.
    leaving : float
        Probability of moving out in a step.
    rng : Generator

    Returns
    -------
    which, arrive : ndarray of int
    """
    order = _in_order(alike, begins)
    times = np.floor(leaving * lasts + even_draws(order, rng)).astype(np.int64)
    which = np.repeat(np.arange(len(times)), times)
    luck = even_draws(_in_order(alike[which], begins[which]), rng)
    arrive = begins[which] + (luck * lasts[which]).astype(np.int64)
    return which, arrive


def departures(
    alike: np.ndarray, since: np.ndarray, leaving: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw the step by whose start each family has moved out.

    Parameters
    ----------
    alike : ndarray of int, shape (n_families,)
        As for `arrivals`.
    since : ndarray of int, shape (n_families,)
        The step from which the family is here.
    leaving : float
        Probability of moving out in a step, the same at every step.
    rng : Generator

    Returns
    -------
    ndarray of int64
        Later than `since`; the waiting time is geometric.
    """
    if leaving <= 0.0:
        return np.full(len(since), NEVER)
    luck = even_draws(_in_order(alike, since), rng)
    steps: np.ndarray = since + 1 + np.floor(np.log1p(-luck) / np.log1p(-leaving)).astype(np.int64)
    return steps


def _in_order(alike: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Give the place of each family by what makes it alike, then by step."""
    place = np.empty(len(step), dtype=np.int64)
    place[np.lexsort((step, alike))] = np.arange(len(step))
    return place


def moves_within(
    decile: np.ndarray,
    arrive: np.ndarray,
    leave: np.ndarray,
    calendar: Calendar,
    parameters: Parameters,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the last move of each family within the authority, to a neighbouring decile.

    Nobody moves into or out of the most deprived fifth, which is all that the chances
    of the chain know of a neighbourhood.

    Parameters
    ----------
    decile, arrive, leave : ndarray of int, shape (n_families,)
        Steps of moving into the authority and out of it.
    calendar : Calendar
    parameters : Parameters
    rng : Generator

    Returns
    -------
    day, later : ndarray of int
        Day of the move, or `NEVER`; the decile from then on.
    """
    last = np.minimum(leave, calendar.steps)
    step = last - rng.geometric(parameters.number("people.moving"), len(decile))
    moves = step > np.maximum(arrive, 0)
    day = calendar.starts[np.where(moves, step, 0)] + rng.integers(0, 28, len(decile))
    shift = 2 * rng.integers(0, 2, len(decile)) - 1
    later = np.clip(decile + shift, 1, 10)
    across = (later <= MOST_DEPRIVED) != (decile <= MOST_DEPRIVED)
    later = np.where(across | ~moves, decile, later)
    return np.where(moves, day, NEVER), later


class ByStep:
    """Things in the order of the step at which something befalls them.

    Parameters
    ----------
    step : ndarray of int
    steps : int
        How many steps there are.
    """

    def __init__(self, step: np.ndarray, steps: int) -> None:
        self._order = np.argsort(step, kind="stable")
        self._ends = np.searchsorted(step[self._order], np.arange(steps + 2))

    def at(self, step: int) -> np.ndarray:
        """Give the numbers of the things of one step."""
        found: np.ndarray = self._order[self._ends[step] : self._ends[step + 1]]
        return found
