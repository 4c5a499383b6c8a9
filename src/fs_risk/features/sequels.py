"""Sequels: events that came soon after an event of another stream, with the clocks of both."""

from collections.abc import Mapping
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
    def of(cls, facts: Mapping[str, np.ndarray], n_children: int) -> "Earlier":
        """Order facts with ``owner``, ``day``, ``known`` and ``kind``."""
        columns = facts["owner"], facts["day"], facts["known"], facts["kind"]
        starts, day, known, _ = order_events(*columns, n_children)
        return cls(starts, day, known)


def following(
    then: Mapping[str, np.ndarray], first: Earlier, *, within_days: int
) -> dict[str, np.ndarray]:
    """Keep the events that came within some days after an earlier event of the same child.

    A sequel is known when the event and at least one such earlier event are known.
    Events of one day are not sequels of one another, so that a referral keyed twice
    is not a repeat (requirement F4).

    Parameters
    ----------
    then : mapping of str to ndarray
        Facts with ``owner``, ``day``, ``known``.
    first : Earlier
    within_days : int

    Returns
    -------
    dict of str to ndarray
        Those of `then` that are sequels, with ``known`` moved to when both were known.
    """
    known = known_with_an_earlier(
        then["owner"],
        then["day"],
        then["known"],
        first.starts,
        first.day,
        first.known,
        within_days,
    )
    kept = known != NEVER
    return {name: values[kept] for name, values in {**then, "known": known}.items()}
