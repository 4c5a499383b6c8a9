"""From the first day of the grid to the last: the world lived through, and kept as a history."""

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.evening import copies_of, taken_copies
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.history import History
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.simulate import World
from fs_risk.synthetic.states import Status


class Lives:
    """A world that can be lived through, the same each time.

    Parameters
    ----------
    people : People
    calendar : Calendar
    hazards : Hazards
    parameters : Parameters
    luck : Luck
    streams : tuple of SeedSequence
        Of the chance that moves the world, and of that which takes one copy of each family.
    children : int
        The size of the authority, on which the number of copies depends.
    observed_from : int
        First observed step. From it on contacts are kept and families live on in copies;
        the steps before it only make histories.
    """

    def __init__(
        self,
        people: People,
        calendar: Calendar,
        hazards: Hazards,
        parameters: Parameters,
        luck: Luck,
        streams: tuple[np.random.SeedSequence, np.random.SeedSequence],
        *,
        children: int,
        observed_from: int,
    ) -> None:
        self._parts = (people, calendar, hazards, parameters, luck)
        self._calendar, self._streams = calendar, streams
        self._observed_from = observed_from
        self._copies = copies_of(children)[people.family_class]

    def history(self) -> History:
        """Live through it, and keep what happened."""
        return self._lived(None)

    def phases(self) -> np.ndarray:
        """Live through it, and give each family's phase at each step, (steps, n_families)."""
        phases = np.empty((self._calendar.steps, len(self._copies)), dtype=np.int8)
        self._lived(phases)
        return phases

    def _lived(self, phases: np.ndarray | None) -> History:
        moved, taking = (np.random.default_rng(stream) for stream in self._streams)
        world = World(*self._parts, moved)
        for step in range(self._observed_from):
            if phases is not None:
                phases[step] = world.phase
            world.advance(step, observed=False)
        many = world if self._copies.max(initial=1) == 1 else world.multiplied(self._copies)
        seen = []
        for step in range(self._observed_from, self._calendar.steps):
            if phases is not None:
                seen.append(many.phase.copy())
            many.advance(step, observed=True)
        history = many.history()
        taken = np.arange(len(self._copies))
        if many is not world:
            whole = _with_running(history, world, self._copies)
            taken = taken_copies(many.people, whole, self._copies, self._calendar, taking)
            chosen = np.zeros(len(many.phase), dtype=bool)
            chosen[taken] = True
            later = history.part(chosen[many.people.family], world.n_referrals)
            history = world.history().then(later)
        if phases is not None:
            phases[self._observed_from :] = np.stack(seen)[:, taken]
        return history


def _with_running(later: History, world: World, copies: np.ndarray) -> History:
    """Put before what befell copies the events of episodes that were open when they began."""
    events = world.history().events
    child = events["child"]
    running = (world.status[child] != Status.CLOSED) & (events["referral"] == world.referral[child])
    rows = np.flatnonzero(running)
    rows = rows[np.argsort(child[rows], kind="stable")]
    count = np.bincount(child[rows], minlength=len(world.status))
    source, _ = world.people.children_of(np.repeat(np.arange(len(copies)), copies))
    copy = np.repeat(np.arange(len(source)), count[source])
    within = np.arange(len(copy)) - np.repeat(
        np.cumsum(count[source]) - count[source], count[source]
    )
    row = rows[(np.cumsum(count) - count)[source[copy]] + within]
    before = {name: values[row] for name, values in events.items()} | {"child": copy}
    joined = {name: np.concatenate([before[name], later.events[name]]) for name in events}
    return History(later.referrals, joined, later.contacts)
