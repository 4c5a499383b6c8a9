"""What a simulation keeps: referrals, events and contacts, step by step."""

from dataclasses import dataclass

import numpy as np

REFERRAL = ("child", "step", "phase", "previous", "day", "kind", "length", "authorised")
"""Columns of the log of referrals."""
EVENT = ("referral", "child", "step", "kind", "origin", "target", "previous")
"""Columns of the log of events."""
CONTACT = ("child", "step", "luck", "open")
"""Columns of the log of contacts."""


@dataclass(frozen=True)
class History:
    """All that happened, as parallel arrays.

    Attributes
    ----------
    referrals : dict of str to ndarray
        One entry for each referral, numbered in order: ``child``, ``step``, ``phase``
        and ``previous`` then, and what `referring.Entries` says of it.
    events : dict of str to ndarray
        ``referral`` (number), ``child``, ``step``, ``kind``, ``origin`` and ``target``
        (statuses), ``previous`` (plans begun before).
    contacts : dict of str to ndarray
        ``child``, ``step``, ``luck``, ``open``: contacts other than those that
        became referrals.
    """

    referrals: dict[str, np.ndarray]
    events: dict[str, np.ndarray]
    contacts: dict[str, np.ndarray]

    def part(self, children: np.ndarray, begun: int) -> "History":
        """Give what befell some of the children, all numbered anew.

        Parameters
        ----------
        children : ndarray of bool
            Which children; the numbers that are left close up.
        begun : int
            How many referrals there were before this history; they keep their numbers.
        """
        number = np.cumsum(children) - 1

        def of(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
            kept = np.flatnonzero(children[columns["child"]])
            part = {name: values[kept] for name, values in columns.items()}
            part["child"] = number[part["child"]]
            return part

        later = begun - 1 + np.cumsum(children[self.referrals["child"]])
        events = of(self.events)
        events["referral"] = np.append(np.arange(begun), later)[events["referral"]]
        return History(of(self.referrals), events, of(self.contacts))

    def then(self, later: "History") -> "History":
        """Give this history and what came after it."""
        return History(
            *(
                {name: np.concatenate([first[name], then[name]]) for name in first}
                for first, then in (
                    (self.referrals, later.referrals),
                    (self.events, later.events),
                    (self.contacts, later.contacts),
                )
            )
        )


class Log:
    """Arrays gathered step by step.

    Parameters
    ----------
    names : tuple of str
        The columns.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        empty = np.zeros(0, dtype=np.int64)
        self._parts: dict[str, list[np.ndarray]] = {name: [empty] for name in names}

    def add(self, step: int, **columns: np.ndarray) -> None:
        """Add rows of one step; all columns but the step are given."""
        columns["step"] = np.full(len(columns["child"]), step)
        for name, values in columns.items():
            self._parts[name].append(values)

    def joined(self) -> dict[str, np.ndarray]:
        """Give all rows."""
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}
