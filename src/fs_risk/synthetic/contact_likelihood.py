"""How probable the contacts about a family in a step are, by class and phase."""

from functools import cached_property

import numpy as np

from fs_risk.synthetic.calendar import LONGEST
from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.parameters import Parameters

_NO_CONTACT = 1 << 30


class Contacts:
    """The contacts of some families, step by step: one at most for each family and step.

    Parameters
    ----------
    families : Families
    """

    def __init__(self, families: Families) -> None:
        lived, parameters = families.lived, families.lived.parameters
        self._families = families
        by_class = parameters.array("contacts.by_class")[:, None]
        self._chance = (by_class * parameters.array("contacts.by_phase")).ravel()
        self._joins = parameters.number("contacts.joins")
        self._days = np.diff(lived.calendar.referral_shares, axis=1, prepend=0.0)
        self._late = hidden_shares(parameters)
        contacts = lived.contacts
        row = families.of_children(contacts["child"])
        here = row >= 0
        self._known = np.full((lived.calendar.steps, len(families.numbers)), _NO_CONTACT)
        step = lived.calendar.step_of[contacts["day"][here]]
        np.minimum.at(self._known, (step, row[here]), contacts["known"][here])

    @cached_property
    def first_step(self) -> np.ndarray:
        """The first step with a contact about each family."""
        some = self._known < _NO_CONTACT
        first: np.ndarray = np.where(some.any(axis=0), some.argmax(axis=0), _NO_CONTACT)
        return first

    def known_by(self, rows: np.ndarray, steps: np.ndarray, today: np.ndarray) -> np.ndarray:
        """Say whether a contact in a step or before is known before a day."""
        known: np.ndarray = (self.first_step[rows] < steps) | (self._known[steps, rows] < today)
        return known

    def whole(self, rows: np.ndarray, step: int) -> np.ndarray:
        """Give the chance of the contacts of a step, once all of them are known."""
        families = self._families
        if step < families.lived.contacts_from:
            return np.ones((len(rows), N_HIDDEN))
        children = families.in_view(rows, step).sum(axis=1)
        chance = self._chance * families.lived.calendar.contact_season[step]
        missed = (1.0 - self._joins) ** children
        none = 1.0 - chance * (1.0 - missed)[:, None]
        seen = self._known[step, rows] < _NO_CONTACT
        found: np.ndarray = np.where(seen[:, None], chance, none)
        return found

    def by(self, rows: np.ndarray, steps: np.ndarray, today: np.ndarray) -> np.ndarray:
        """Give the chance of the contacts of a step that are known before a day.

        Parameters
        ----------
        rows, steps, today : ndarray of int, shape (n,)
            Rows of families, steps, and days of the grid.

        Returns
        -------
        ndarray, shape (n, N_HIDDEN)
            Up to a factor that does not depend on class or phase.
        """
        calendar = self._families.lived.calendar
        seen = self._known[steps, rows] < today
        children = self._families.in_view(rows, steps).sum(axis=1)
        gap = today[:, None] - calendar.starts[steps][:, None] - np.arange(LONGEST)
        late = self._late[np.clip(gap, 0, len(self._late) - 1)]
        shows = self._joins * (1.0 - late)
        unseen = (self._days[steps] * (1.0 - shows) ** children[:, None]).sum(axis=1)
        chance = self._chance * calendar.contact_season[steps][:, None]
        found: np.ndarray = np.where(seen[:, None], chance, 1.0 - chance * (1.0 - unseen[:, None]))
        kept = (steps >= self._families.lived.contacts_from) & (children > 0)
        return np.where(kept[:, None], found, 1.0)


def hidden_shares(parameters: Parameters) -> np.ndarray:
    """Give the chance that a contact so many days ago, from 0, is not yet known."""
    most = int(parameters.number("calendar.typed_late_days"))
    late = parameters.number("calendar.typed_late") * (most + 1 - np.arange(most + 2)) / (most + 1)
    late[0] = 1.0
    return late
