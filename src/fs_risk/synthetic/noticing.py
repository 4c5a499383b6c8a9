"""Who comes to notice in a step: families by an event, children for themselves, by contacts."""

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.drawing import each_apart, even_draws, picked_evenly
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.states import PHASES, Status, band


class Noticing:
    """Draws referrals and contacts.

    Parameters
    ----------
    people : People
    calendar : Calendar
    hazards : Hazards
    parameters : Parameters
    rng : Generator
    """

    def __init__(
        self,
        people: People,
        calendar: Calendar,
        hazards: Hazards,
        parameters: Parameters,
        rng: np.random.Generator,
    ) -> None:
        self._people, self._calendar, self._hazards, self._rng = people, calendar, hazards, rng
        self._contacts = parameters.array("contacts.by_class")[:, None] * parameters.array(
            "contacts.by_phase"
        )
        self._joins_contact = parameters.number("contacts.joins")
        # every child is looked at in every step: narrow numbers halve the time
        most = np.iinfo(np.int16).max
        self._first, self._last = (
            np.minimum(step, most).astype(np.int16)
            for step in (people.first_step, people.last_step)
        )
        self._row = people.family_class * len(PHASES)
        self._joined = np.zeros(len(people.family), dtype=bool)

    def referred(
        self, step: int, status: np.ndarray, previous: np.ndarray, phase: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find the closed children referred in a step, and where in it, in [0, 1).

        Parameters
        ----------
        step : int
        status, previous : ndarray of int, shape (n_children,)
        phase : ndarray of int, shape (n_families,)

        Returns
        -------
        children : ndarray of int
        when : ndarray of float
        """
        hazards, people, rng = self._hazards, self._people, self._rng
        season = self._calendar.season[step]
        families = self._with_closed_children(step, status, previous, phase)
        table = (hazards.family_referral * season).ravel()
        families = families[picked_evenly(table[self._row[families] + phase[families]], rng)]
        children, event = people.children_of(families)
        able = (status[children] == Status.CLOSED) & people.here(children, step)
        children, event = children[able], event[able]
        bands = band(step - people.birth_step[children])
        joins = even_draws(bands, rng) < hazards.joins[bands]
        together = np.bincount(event[joins], minlength=len(families))
        when = even_draws(together, rng)
        alone = self._alone(step, season, children[joins], status, phase)
        return (
            np.concatenate([children[joins], alone]),
            np.concatenate([when[event[joins]], even_draws(np.zeros(len(alone)), rng)]),
        )

    def _with_closed_children(
        self, step: int, status: np.ndarray, previous: np.ndarray, phase: np.ndarray
    ) -> np.ndarray:
        """List the families with children whom an event may refer, families alike together.

        Alike are those of one phase with as many such children, planned for before or not.
        """
        family, size = self._people.family, len(self._row)
        able = (self._first <= step) & (self._last > step) & (status == Status.CLOSED)
        count = np.bincount(family[np.flatnonzero(able)], minlength=size)
        planned = np.zeros(size, dtype=bool)
        planned[family[np.flatnonzero(able & (previous > 0))]] = True
        families = np.flatnonzero(count)
        alike = (count[families] * len(PHASES) + phase[families]) * 2 + planned[families]
        order = np.argsort(alike.astype(np.int16), kind="stable")
        return families[order]

    def _alone(
        self,
        step: int,
        season: float,
        joined: np.ndarray,
        status: np.ndarray,
        phase: np.ndarray,
    ) -> np.ndarray:
        """Children referred for themselves; exclusive of family events, so the chances add up."""
        hazards, people = self._hazards, self._people
        most = float(hazards.own_referral.max()) * season * 1.3
        children = each_apart(most, len(status), self._rng)
        able = (status[children] == Status.CLOSED) & (self._first[children] <= step)
        able &= self._last[children] > step
        self._joined[joined] = True
        children = children[able & ~self._joined[children]]
        self._joined[joined] = False
        family = people.family[children]
        kind, now = people.family_class[family], phase[family]
        bands = band(step - people.birth_step[children])
        own = hazards.own_referral[kind, now, bands] * season
        with_family = hazards.family_referral[kind, now] * hazards.joins[bands] * season
        alone: np.ndarray = children[picked_evenly(own / (1.0 - with_family) / most, self._rng)]
        return alone

    def contacts(self, step: int, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the children about whom others make contact in a step, and where in it.

        Returns
        -------
        children : ndarray of int
        when : ndarray of float
        """
        table = (self._contacts * self._calendar.contact_season[step]).ravel()
        families = picked_evenly(table[self._row + phase], self._rng)
        children, event = self._people.children_of(families)
        joins = self._rng.random(len(children)) < self._joins_contact
        joins &= self._people.here(children, step)
        when = self._rng.random(len(families))[event]
        return children[joins], when[joins]
