"""Children of one family whose luck in something is shared."""

from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.befallen import Befallen


@dataclass(frozen=True)
class Groups:
    """Children whose luck in something is shared.

    Attributes
    ----------
    row, step, extra : ndarray, shape (n_groups,)
        In this order: the family's row, the step, and what else sets groups apart.
    member : ndarray, shape (n_groups, most)
        Numbers into what is grouped; -1 for none.
    """

    row: np.ndarray
    step: np.ndarray
    extra: np.ndarray
    member: np.ndarray

    def asked(
        self, rows: np.ndarray, steps: np.ndarray, n_steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pair questions about families and steps with the groups that they concern."""
        key, wanted = self.row * n_steps + self.step, rows * n_steps + steps
        first, last = np.searchsorted(key, wanted), np.searchsorted(key, wanted, side="right")
        count = last - first
        question = np.repeat(np.arange(len(rows)), count)
        within = np.arange(len(question)) - np.repeat(np.cumsum(count) - count, count)
        return question, first[question] + within


def grouped(what: Befallen, extra: np.ndarray) -> Groups:
    """Put together the children of one family, step and extra key."""
    order = np.lexsort((extra, what.step, what.row))
    keys = np.stack([what.row[order], what.step[order], extra[order]])
    new = np.ones(len(order), dtype=bool)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(order)))
    member = np.full((len(starts), int(sizes.max(initial=1))), -1)
    group = np.repeat(np.arange(len(starts)), sizes)
    member[group, np.arange(len(order)) - np.repeat(starts, sizes)] = order
    row, step, other = keys[:, starts]
    return Groups(row, step, other, member)
