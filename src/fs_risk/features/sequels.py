"""Sequels: events that came soon after an event of another stream, with the clocks of both."""

from collections.abc import Mapping

import numpy as np

from fs_risk.features.rhythm_kernels import known_with_an_earlier
from fs_risk.records.dates import NEVER


def following(
    then: Mapping[str, np.ndarray], first: Mapping[str, np.ndarray], *, within_days: int
) -> dict[str, np.ndarray]:
    """Keep the events that came within some days after an earlier event of the same child.

    A sequel is known when the event and at least one such earlier event are known.
    Events of one day are not sequels of one another, so that a referral keyed twice
    is not a repeat (requirement F4).

    Parameters
    ----------
    then, first : mapping of str to ndarray
        Facts with ``owner``, ``day``, ``known``.
    within_days : int

    Returns
    -------
    dict of str to ndarray
        Those of `then` that are sequels, with ``known`` moved to when both were known.
    """
    order = np.lexsort([first["day"], first["owner"]])
    known = known_with_an_earlier(
        then["owner"],
        then["day"],
        then["known"],
        first["owner"][order],
        first["day"][order],
        first["known"][order],
        within_days,
    )
    kept = known != NEVER
    return {name: values[kept] for name, values in {**then, "known": known}.items()}
