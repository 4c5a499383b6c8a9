"""Spells open on the day: plans, care, early help, as far as their ends were known."""

from collections.abc import Sequence

import numpy as np

from fs_risk.features.cases import Cases, view
from fs_risk.features.kernels import open_spells
from fs_risk.features.measures import SpellDays, SpellsOpen
from fs_risk.features.timeline import History
from fs_risk.features.windows import days_before


def fill_spells(
    history: History,
    cases: Cases,
    placed: Sequence[tuple[int, SpellsOpen | SpellDays]],
    whom: str,
    values: np.ndarray,
) -> None:
    """Fill the columns of open spells and of how long they have run.

    Parameters
    ----------
    history : History
    cases : Cases
    placed : sequence of (int, measure)
        Feature columns and what they measure, all of one point of view.
    whom : {"child", "siblings"}
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    seen = view(history, cases, whom)
    facts = seen.spells
    shape = (cases.day.size, len(history.streams))
    n_open = np.zeros(shape, dtype=np.float32)
    since = np.empty(shape, dtype=np.int32)
    open_spells(
        facts.starts,
        facts.day,
        facts.known,
        facts.end_known,
        facts.kind,
        facts.owner,
        history.retain,
        seen.key,
        cases.day,
        cases.cut,
        seen.exclude,
        n_open,
        since,
    )
    for column, measure in placed:
        stream = history.streams.index(measure.stream)
        if isinstance(measure, SpellsOpen):
            values[:, column] = n_open[:, stream]
        else:
            values[:, column] = days_before(cases.day, since[:, stream])
