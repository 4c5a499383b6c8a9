"""Sequels: events that came soon after an event of another stream, with the clocks of both."""

from dataclasses import dataclass

import numpy as np

from fs_risk.features.ordering import order_events
from fs_risk.features.rhythm_kernels import known_with_an_earlier
from fs_risk.records.dates import NEVER


@dataclass(frozen=True)
class Earlier:
    """The events that others may be sequels of, by child and day.

    Attributes
    ----------
    starts : int64 (n_children + 1,)
        Those of child ``c`` stand at ``starts[c]:starts[c + 1]``.
    day, known : int32 (n,)
    """

    starts: np.ndarray
    day: np.ndarray
    known: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, n_children: int) -> "Earlier":
        """Order facts, laid out as in `timeline.Facts`."""
        day, known, owner, kind = rows.T[:4]
        starts, day, known, _ = order_events(owner, day, known, kind, n_children)
        return cls(starts, day, known)


def following(then: np.ndarray, first: Earlier, *, days: int) -> np.ndarray:
    """Keep the events that came within some days after an earlier event of the same child.

    A sequel is known when the event and at least one such earlier event are known.
    Events of one day are not sequels of one another, so that a referral keyed twice
    is not a repeat (requirement F4).

    Parameters
    ----------
    then : int32 (n, n_columns)
        Facts, laid out as in `timeline.Facts`.
    first : Earlier
    days : int

    Returns
    -------
    int32 (n_kept, n_columns)
        Those of `then` that are sequels, known when both were known.
    """
    known = known_with_an_earlier(
        then[:, 2], then[:, 0], then[:, 1], first.starts, first.day, first.known, days
    )
    kept = np.flatnonzero(known != NEVER)
    rows = then.take(kept, axis=0)
    rows[:, 1] = known[kept]
    return rows
