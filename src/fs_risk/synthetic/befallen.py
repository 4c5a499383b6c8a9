"""What befell the children of some families, laid out for the filter: moves, entries, findings."""

from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.ceiling_families import Families, tells
from fs_risk.synthetic.states import ENQUIRIES, Kind, Status
from fs_risk.synthetic.timeline import NONE

FINDINGS = (Kind.IN_NEED, Kind.SHORT_NEED, Kind.NOT_IN_NEED)
_BEGINS = (Kind.PLAN, Kind.TRANSFER_IN)


@dataclass(frozen=True, eq=False)
class Befallen:
    """What befell children, as parallel arrays; the chance of each is read from `sums`.

    Attributes
    ----------
    sums : ndarray, shape ([statuses,] covariates, moves)
        Running sums of the probabilities of the moves.
    kinds : ndarray, shape (n, moves)
        Kinds of the moves that could have come.
    step, row, place : ndarray, shape (n,)
        When; the family's row and the child's place in it.
    status : ndarray
        Status before, where `sums` has statuses.
    move : ndarray
        What came.
    day, resolved : ndarray
        Day of it, or `NONE` if nothing came; day on which the result of an enquiry
        was known.
    referred, authorised, conference : ndarray
        Days: of the referral, of the end of its assessment, of the latest plan's start.
    """

    sums: np.ndarray
    kinds: np.ndarray
    step: np.ndarray
    row: np.ndarray
    place: np.ndarray
    status: np.ndarray
    move: np.ndarray
    day: np.ndarray
    resolved: np.ndarray
    referred: np.ndarray
    authorised: np.ndarray
    conference: np.ndarray

    def take(self, which: np.ndarray) -> "Befallen":
        """Give some of them."""
        parts = {name: values[which] for name, values in vars(self).items() if name != "sums"}
        return Befallen(sums=self.sums, **parts)

    @property
    def kind(self) -> np.ndarray:
        """What came, as a `Kind`."""
        kind: np.ndarray = self.kinds[np.arange(len(self.move)), self.move]
        return kind


def moves_of(families: Families) -> Befallen:
    """Lay out every step of every open child whose status tells of class or phase."""
    hazards, events = families.lived.hazards, families.events
    steps = families.lived.calendar.steps
    step, row, place = np.nonzero(tells(families.status[:steps]) & (families.child >= 0))
    status = families.status[step, row, place].astype(np.int64)
    move = (hazards.kinds == Kind.STAYS).argmax(axis=1)[status]
    day, resolved = np.full(len(step), NONE), np.full(len(step), NONE)
    came = np.flatnonzero(
        (events["origin"] != Status.CLOSED)
        & (events["kind"] < Kind.COMES_OF_AGE)
        & tells(events["origin"])
    )
    shape = families.child.shape

    def key(step: np.ndarray, row: np.ndarray, place: np.ndarray) -> np.ndarray:
        number: np.ndarray = (step * shape[0] + row) * shape[1] + place
        return number

    child = events["child"][came]
    at = np.searchsorted(
        key(step, row, place),
        key(events["step"][came], families.of_children(child), families.place(child)),
    )
    kinds = hazards.kinds.astype(np.int64)
    move[at] = (kinds[status[at]] == events["kind"][came][:, None]).argmax(axis=1)
    day[at], resolved[at] = events["day"][came], events["resolved"][came]
    child = families.child[row, place]
    referrals = families.referrals
    own = latest(referrals["child"], referrals["step"], child, step)
    plans = np.flatnonzero(np.isin(events["kind"], _BEGINS))
    plan = latest(events["child"][plans], events["step"][plans], child, step)
    return Befallen(
        sums=hazards.cumulative,
        kinds=kinds[status],
        step=step,
        row=row,
        place=place,
        status=status,
        move=move,
        day=day,
        resolved=resolved,
        referred=referrals["day"][own],
        authorised=referrals["authorised"][own],
        conference=np.where(plan < 0, NONE, events["resolved"][plans[plan]]),
    )


def latest(
    child: np.ndarray, step: np.ndarray, of_child: np.ndarray, before: np.ndarray
) -> np.ndarray:
    """Find the latest thing of each child before a step, or -1.

    Parameters
    ----------
    child, step : ndarray, shape (n_things,)
    of_child, before : ndarray, shape (n,)

    Returns
    -------
    ndarray of int, shape (n,)
    """
    order = np.lexsort((step, child))
    far = 1 << 20
    place = np.searchsorted(child[order] * far + step[order], of_child * far + before) - 1
    found = np.where(place < 0, -1, order[np.maximum(place, 0)])
    found[(found >= 0) & (child[found] != of_child)] = -1
    return found


def entries_of(families: Families) -> tuple[Befallen, Befallen]:
    """Lay out what was decided on each referral, and what assessments done in its step found."""
    hazards, events, referrals = families.lived.hazards, families.events, families.referrals
    ours = np.flatnonzero(referrals["kind"] != Kind.TRANSFER_IN)
    number, child = referrals["number"][ours], referrals["child"][ours]
    kinds = np.array([move.kind for move in hazards.entry])
    at_entry = events["origin"] == Status.CLOSED
    day, resolved = np.full(len(number), NONE), np.full(len(number), NONE)
    first = at_entry & np.isin(events["kind"], kinds)
    at = np.searchsorted(number, events["referral"][first])
    day[at], resolved[at] = events["day"][first], events["resolved"][first]
    shared = {
        "step": referrals["step"][ours],
        "row": families.of_children(child),
        "place": families.place(child),
        "status": np.zeros(len(number), dtype=np.int64),
        "referred": referrals["day"][ours],
        "authorised": referrals["authorised"][ours],
        "conference": np.full(len(number), NONE),
    }
    decided = Befallen(
        sums=_sums([move.chance for move in hazards.entry]),
        kinds=np.broadcast_to(kinds, (len(number), len(kinds))),
        move=(referrals["kind"][ours][:, None] == kinds).argmax(axis=1),
        day=day,
        resolved=resolved,
        **shared,
    )
    found_kinds = np.array([move.kind for move in hazards.completion])
    done = np.flatnonzero(at_entry & np.isin(events["kind"], FINDINGS))
    at = np.searchsorted(number, events["referral"][done])
    found = Befallen(
        sums=_sums([move.chance for move in hazards.completion]),
        kinds=np.broadcast_to(found_kinds, (len(at), len(found_kinds))),
        move=(events["kind"][done][:, None] == found_kinds).argmax(axis=1),
        day=events["day"][done],
        resolved=np.full(len(at), NONE),
        **{name: values[at] for name, values in shared.items()},
    )
    return decided, found


def _sums(chances: list[np.ndarray]) -> np.ndarray:
    sums = np.cumsum(chances, axis=0).T
    sums[:, -1] = 1.0
    return sums


def is_enquiry(kinds: np.ndarray) -> np.ndarray:
    """Say which kinds began with a section 47 enquiry."""
    return np.isin(kinds, ENQUIRIES)
