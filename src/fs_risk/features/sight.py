"""What each case may see: the rule of the two clocks, applied to a block of cases once.

The facts that the cases of a block may see are brought together, so that every pass
over them reads a few hundred kilobytes in order instead of the whole history at
random.
"""

from typing import Literal

import numpy as np

from fs_risk.features.cases import NOBODY, Cases, View, view
from fs_risk.features.sight_kernels import rows_in_sight
from fs_risk.features.timeline import Facts, History
from fs_risk.records.dates import NEVER

What = Literal["events", "spells", "assessments"]


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
        whom : {"child", "siblings"}

        Returns
        -------
        Facts
        """
        if (what, whom) not in self._found:
            self._found[what, whom] = self._gathered(what, whom)
        return self._found[what, whom]

    def _gathered(self, what: What, whom: str) -> Facts:
        if whom not in self._views:
            self._views[whom] = view(self.history, self.cases, whom)
        seen = self._views[whom]
        facts = self.history.assessments if what == "assessments" else getattr(seen, what)
        starts, rows, owner = rows_in_sight(
            facts.starts,
            facts.day,
            facts.known,
            facts.owner,
            self.history.retain,
            seen.key,
            self.cases.day,
            self.cases.cut,
            seen.exclude,
            whom == "child",
        )
        # facts without an end or factors have columns of none
        end_known, end, mask = (
            column.take(rows) if column.size else column
            for column in (facts.end_known, facts.end, facts.mask)
        )
        return Facts(
            starts=starts,
            day=facts.day.take(rows),
            known=facts.known.take(rows),
            owner=owner,
            kind=facts.kind.take(rows),
            end_known=end_known,
            end=end,
            mask=mask,
        )
