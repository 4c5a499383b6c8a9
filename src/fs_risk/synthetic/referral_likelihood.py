"""How probable the referrals of a family's children in a step are, by class and phase.

An event may refer several closed children on one day; each other closed child may be
referred alone. Which it was is not recorded, so both are summed over.
"""

from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.hazards import Hazards

NOT_REFERRED = -1


@dataclass(frozen=True)
class Doors:
    """Chances of an event and of each child's referral alone, for rows of families and steps.

    Attributes
    ----------
    event : ndarray, shape (n, N_HIDDEN)
    joins, alone : ndarray, shape (n, places, N_HIDDEN)
        Chance that a child joins an event; that a child who did not is referred alone.
        Both are zero for children who cannot be referred.
    """

    event: np.ndarray
    joins: np.ndarray
    alone: np.ndarray

    def take(self, rows: np.ndarray) -> "Doors":
        """Give some of them."""
        return Doors(self.event[rows], self.joins[rows], self.alone[rows])


def doors(families: Families, rows: np.ndarray, steps: np.ndarray | int) -> Doors:
    """Give the chances of referral in given steps.

    Parameters
    ----------
    families : Families
    rows : ndarray, shape (n,)
    steps : int or ndarray, shape (n,)
    """
    season = np.broadcast_to(families.lived.calendar.season[steps], (len(rows),))
    able = (families.status[steps, rows] == 0) & families.in_view(rows, steps)
    bands = families.bands(rows, steps)
    hazards = families.lived.hazards
    event = hazards.family_referral.ravel()[None, :] * season[:, None]
    joins = np.where(able, hazards.joins[bands], 0.0)[:, :, None]
    own = _own(hazards)[bands] * (season[:, None] * able)[:, :, None]
    alone = own / (1.0 - event[:, None, :] * joins)
    return Doors(event, np.broadcast_to(joins, alone.shape), alone)


def _own(hazards: Hazards) -> np.ndarray:
    """Chance of a referral alone by band, shape (bands, N_HIDDEN)."""
    own: np.ndarray = np.moveaxis(hazards.own_referral, 2, 0).reshape(-1, N_HIDDEN)
    return own


def nobody_referred(given: Doors) -> np.ndarray:
    """Give the chance that nobody was referred in the whole step, shape (n, N_HIDDEN)."""
    not_alone = (1.0 - given.alone).prod(axis=1)
    not_joined = (1.0 - given.joins).prod(axis=1)
    chance: np.ndarray = not_alone * (1.0 - given.event * (1.0 - not_joined))
    return chance


def referral_chance(
    given: Doors,
    day: np.ndarray,
    share_of_day: np.ndarray,
    passed: np.ndarray,
    *,
    own: np.ndarray | None = None,
    today: np.ndarray | None = None,
) -> np.ndarray:
    """Give the chance of the referrals seen so far in a step.

    Parameters
    ----------
    given : Doors
    day : ndarray of int, shape (n, places)
        Day of the step on which each child was referred, or `NOT_REFERRED` so far.
    share_of_day : ndarray, shape (n, days)
        Share of the step's referrals made on each of its days.
    passed : ndarray, shape (n,)
        Share of the step's referrals made before today; 1 if all of it has passed.
    own : ndarray of int, shape (n,), optional
        Place of a child who is referred today.
    today : ndarray of int, shape (n,), optional
        Day of the step.

    Returns
    -------
    ndarray, shape (n, N_HIDDEN)
    """
    n, places = day.shape
    rows = np.arange(n)
    referred = day != NOT_REFERRED
    share = np.where(referred, share_of_day[rows[:, None], np.maximum(day, 0)], 0.0)
    is_own = np.zeros((n, places), dtype=bool)
    on_today = np.zeros(n)
    if own is not None and today is not None:
        is_own[rows, own] = True
        on_today = share_of_day[rows, today]
        share = np.where(is_own, on_today[:, None], share)
    decided = (referred | is_own)[:, :, None]
    alone_then = given.alone * share[:, :, None]
    not_yet = 1.0 - given.alone * passed[:, None, None]
    none = np.where(decided, alone_then, not_yet)
    missed = (1.0 - given.joins) * none
    open_still = np.where(decided, missed, given.joins + missed)
    chance: np.ndarray = (1.0 - given.event) * none.prod(axis=1)
    left = passed.copy()
    for place in range(places):
        lead = referred[:, place] & ~(
            referred[:, :place] & (day[:, :place] == day[:, [place]])
        ).any(axis=1)
        if not lead.any():
            continue
        alike = (referred & (day == day[:, [place]]))[lead][:, :, None]
        joined = np.where(alike, given.joins[lead] + missed[lead], missed[lead])
        weight = share[lead, place][:, None] * given.event[lead]
        chance[lead] += weight * joined.prod(axis=1)
        left[lead] -= share[lead, place]
    chance += left[:, None] * given.event * missed.prod(axis=1)
    if own is None:
        later = np.maximum(1.0 - passed, 0.0)
        chance += later[:, None] * given.event * open_still.prod(axis=1)
        return chance
    with_own = np.where(is_own[:, :, None], given.joins + missed, open_still)
    chance += on_today[:, None] * given.event * with_own.prod(axis=1)
    later = np.maximum(1.0 - passed - on_today, 0.0)
    chance += later[:, None] * given.event * open_still.prod(axis=1)
    return chance
