"""What each case may see: the rule of the two clocks, applied to a block of cases once.

The facts that the cases of a block may see are brought together, so that every pass
over them reads a few hundred kilobytes in order instead of the whole history at
random.
"""

from typing import Literal

import numpy as np

from fs_risk.features.cases import NOBODY, Cases, View, view
from fs_risk.features.sight_kernels import facts_in_sight, merged_by_day
from fs_risk.features.timeline import Facts, History
from fs_risk.records.dates import NEVER

What = Literal["events", "spells", "assessments"]

POINTS_OF_VIEW = ("child", "siblings", "household", "child before", "household before")
"""Whose facts a pass reads: before, only what befell before the current episode began."""

_NO_MASK = np.empty(0, dtype=np.uint64)

_A = np.ndarray
Arrays = tuple[_A, _A, _A, _A, _A, _A, _A, _A, _A, _A]
"""What every pass over events takes first, as `Sight.arrays` gives it."""


class Sight:
    """The facts that each of some cases may see, each kind gathered when first asked for.

    Keys are the places of the cases here. Facts of other keys, excluded children's and
    those past their retention are left out already, so nobody is left to exclude.

    Parameters
    ----------
    history : History
    cases : Cases

    Attributes
    ----------
    key : int32 (n_cases,)
    exclude : int32 (n_cases,)
    retain : int32 (n_cases,)
        By key.
    """

    def __init__(self, history: History, cases: Cases) -> None:
        n = cases.day.size
        self.history, self.cases = history, cases
        self.key = np.arange(n, dtype=np.int32)
        self.exclude = np.full(n, NOBODY)
        self.retain = np.full(n, NEVER, dtype=np.int32)
        self._views: dict[str, View] = {}
        self._found: dict[tuple[str, str], Facts] = {}

    def facts(self, what: What, whom: str) -> Facts:
        """Give the facts of one kind and point of view.

        Parameters
        ----------
        what : {"events", "spells", "assessments"}
        whom : str
            One of `POINTS_OF_VIEW`.

        Returns
        -------
        Facts
        """
        if (what, whom) not in self._found:
            gathered = self._gathered if whom in ("child", "siblings") else self._merged
            self._found[what, whom] = gathered(what, whom)
        return self._found[what, whom]

    def arrays(self, what: What, whom: str) -> Arrays:
        """Give facts and cases in the order in which the passes over events take them.

        Parameters
        ----------
        what : {"events", "spells", "assessments"}
        whom : str
            One of `POINTS_OF_VIEW`.

        Returns
        -------
        tuple of ndarray
            ``starts``, ``day``, ``known``, ``kind``, ``owner``, ``retain``, ``case_key``,
            ``case_day``, ``case_cut``, ``case_exclude``, as in `kernels.count_windows`.
        """
        facts, cases = self.facts(what, whom), self.cases
        return (
            facts.starts,
            facts.day,
            facts.known,
            facts.kind,
            facts.owner,
            self.retain,
            self.key,
            cases.day,
            cases.cut,
            self.exclude,
        )

    def view(self, whom: str) -> View:
        """Give the facts and keys of the child or the siblings, before any is left out.

        Parameters
        ----------
        whom : {"child", "siblings"}

        Returns
        -------
        View
        """
        if whom not in self._views:
            self._views[whom] = view(self.history, self.cases, whom)
        return self._views[whom]

    def _gathered(self, what: What, whom: str) -> Facts:
        seen = self.view(whom)
        facts = self.history.assessments if what == "assessments" else getattr(seen, what)
        starts, seen_columns, place = facts_in_sight(
            facts.starts,
            facts.rows,
            self.history.retain,
            seen.key,
            self.cases.day,
            self.cases.cut,
            seen.exclude,
            whom == "child",
        )
        mask = facts.mask.take(place) if facts.mask.size else facts.mask
        return Facts(starts, seen_columns.T, mask)

    def _merged(self, what: What, whom: str) -> Facts:
        """Bring the child's facts and the siblings' together, or leave out the latest."""
        own = self.facts(what, "child")
        theirs = self.facts(what, "siblings") if whom.startswith("household") else None
        starts = np.zeros_like(own.starts) if theirs is None else theirs.starts
        rows = own.rows[:0] if theirs is None else theirs.rows
        until = self.cases.episode_day if whom.endswith("before") else self.cases.day
        first, merged = merged_by_day(own.starts, own.rows, starts, rows, until)
        return Facts(first, merged.T, _NO_MASK)
