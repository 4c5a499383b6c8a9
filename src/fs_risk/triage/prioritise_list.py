"""`RankedList`: referrals in the order of additional attention, to read, print and pass on."""

import html
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import stamp_of
from fs_risk.triage.list_cells import write_csv
from fs_risk.triage.list_workbook import write_workbook
from fs_risk.triage.prioritise_places import BLOCKS, DUE, NO_SCORE
from fs_risk.triage.risk_score import CAVEAT, RiskScore

PURPOSES = {
    "second_read": "a second read by another qualified worker",
    "group_supervision": "a place in group supervision",
    "allocation": "allocation to Family Safeguarding",
}
"""The only uses of a list: each adds attention, none takes any away."""

COLUMNS = (
    "block", "place", "listed", "chance", "referral_id", "child_id", "household", "as_of", "said",
    "band", "worries", "strengths", "not_known", "code", "probability", "stamp",
)  # fmt: skip


@dataclass(frozen=True)
class RankedList:
    """Referrals in the order of additional attention.

    First those that are due a decision, then children without a score, each in a block
    of their own outside the capacity. The rest of the referrals follow those listed, so
    that what is left out can be seen; a household's children stand side by side.

    Attributes
    ----------
    table : DataFrame
        A row per referral: ``block`` (a key of `BLOCKS`), ``place`` (by score; missing
        where not ranked), ``listed``, ``chance`` (of being listed: 1 by score, the
        drawing's chance for all others), ``referral_id``, ``child_id``, ``household``
        (number within the list), ``as_of``, ``said``, ``band``, ``worries``,
        ``strengths``, ``not_known``, ``code``, ``probability``, ``stamp``.
    capacity : int
        Children listed at most.
    purpose : str
    tied : int
        Referrals left out whose score equals that of the last one listed by score.
    scores : tuple of RiskScore
        In the order of `table`.
    list_id : str
        Of this list; the same in the ledger and in a database.
    on : date or None
        The list's day; None for an empty list without one.
    tied_listed : int
        Referrals listed with that same score, where any is left out.
    random_share : float
        Share of the places that was to be filled at random.
    seed : int
        Of the drawing.
    undeclared : int
        Referrals that do not say whether they are decided.
    not_listed_of_100 : float or None
        Of 100 tested children where the outcome followed, how many were on no list of the
        plan's capacity.
    synthetic : bool
        Whether the model was fitted on invented records.
    model : str
        Its name and version.

    Examples
    --------
    `prioritise` makes one; here by hand.

    >>> table = pd.DataFrame({"referral_id": ["R1", "R2"], "household": [1, 2],
    ...                       "block": ["listed", "not listed"], "listed": [True, False]})
    >>> ranked = RankedList(table, capacity=1, purpose="second_read", tied=0, scores=())
    >>> ranked.listed["referral_id"].tolist()
    ['R1']
    >>> ranked.summary().split(";")[0]
    'For a second read by another qualified worker: 1 child of 1 family listed'
    """

    table: pd.DataFrame
    capacity: int
    purpose: str
    tied: int
    scores: tuple[RiskScore, ...]
    list_id: str = ""
    on: date | None = None
    tied_listed: int = 0
    random_share: float = 0.0
    seed: int = 0
    undeclared: int = 0
    not_listed_of_100: float | None = None
    synthetic: bool = False
    model: str = ""

    @property
    def listed(self) -> pd.DataFrame:
        """The rows on the list."""
        return self.table[self.table["listed"]]

    @property
    def due(self) -> pd.DataFrame:
        """The rows that have been undecided for more than one working day."""
        return self.table[self.table["block"] == DUE]

    @property
    def without_score(self) -> pd.DataFrame:
        """The rows that go to a person without a score."""
        return self.table[self.table["block"] == NO_SCORE]

    @property
    def drawn(self) -> pd.DataFrame:
        """The rows listed at random."""
        return self.table[self.table["listed"] & (self.table["chance"] < 1)]

    def summary(self) -> str:
        """Say what the list is for, what is on it and what is not."""
        listed = self.listed
        left_out = len(self.table) - len(listed) - len(self.without_score) - len(self.due)
        said = [
            f"For {PURPOSES[self.purpose]}: {self._how_many(listed)} of "
            f"{count_of(listed['household'].nunique(), 'family', 'families')} listed; "
            f"{len(self.without_score)} without "
            f"a score, for a person to read first; {left_out} not listed, which is not evidence "
            f"of safety{self._missed()}."
        ]
        if len(self.due):
            said.insert(0, f"{len(self.due)} undecided for more than one working day: decide now.")
        return " ".join([*said, *self._chances(), *self._ties(), *self._unsaid(), CAVEAT])

    def _how_many(self, listed: pd.DataFrame) -> str:
        """Count children; where one is listed by several referrals, these too."""
        named = "child_id" in listed and listed["child_id"].notna().all()
        n = listed["child_id"].nunique() if named else len(listed)
        children = count_of(n, "child", "children")
        return children if n == len(listed) else f"{len(listed)} referrals of {children}"

    def _missed(self) -> str:
        if self.not_listed_of_100 is None:
            return ""
        return (
            ": in the model's test, of 100 children where the outcome followed, "
            f"{self.not_listed_of_100:.0f} were on no list"
        )

    def _chances(self) -> list[str]:
        if not self.random_share:
            return []
        asked = f"{100 * self.random_share:.3g} % of the places were to be filled at random"
        if self.drawn.empty:
            return [f"{asked}: with so few referrals or places none was."]
        chance = float(self.drawn["chance"].iloc[0])
        drawn = count_of(len(self.drawn), "of those listed was", "of those listed were")
        return [
            f"{asked}: {drawn} drawn from those that scores left out, each with a chance of "
            f"{100 * chance:.3g} % (seed {self.seed})."
        ]

    def _ties(self) -> list[str]:
        if not self.tied:
            return []
        return [
            f"{count_of(self.tied, 'left out has', 'left out have')} the same score as the last "
            f"one listed by score; {count_of(self.tied_listed, 'with it is', 'with it are')} "
            f"listed: a hash, no merit, decided between them."
        ]

    def _unsaid(self) -> list[str]:
        if not self.undeclared or self.undeclared == len(self.table):
            return []
        said = count_of(
            self.undeclared,
            "referral does not say whether it is decided",
            "referrals do not say whether they are decided",
        )
        return [f"{said}."]

    def about(self) -> dict[str, Any]:
        """Say what must go wherever the list goes.

        Returns
        -------
        dict
            Purpose, day, capacity, summary, caveat, model and what the columns mean, in
            order.
        """
        stamp = "SYNTHETIC" if self.synthetic else ""
        return {
            **({"Stamp": f"{stamp}: from a model fitted on invented records"} if stamp else {}),
            "What it is for": PURPOSES[self.purpose],
            "What it is not for": "It cannot close, defer or refuse a referral. Every referral "
            "gets its qualified decision within one working day.",
            "Summary": self.summary(),
            "Day of the list": self.on,
            "Capacity": count_of(self.capacity, "child", "children"),
            "At random": f"{100 * self.random_share:.3g} % of the places, seed {self.seed}"
            if self.random_share
            else "no place",
            "Model": self.model,
            "List": self.list_id,
            "Caveat": CAVEAT,
            **{f"Block: {block}": meaning for block, meaning in BLOCKS.items()},
            "Place": "by the child's own score; a family's children stand side by side",
            "Chance": "of being on this list, given it: 1 by score, else that of the drawing",
        }

    def to_csv(self, path: str | Path) -> Path:
        """Write the list as CSV; no cell can start a formula.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path

        Raises
        ------
        SettingError
            If the file cannot be written.
        """
        return write_csv(self.table, path)

    def to_excel(self, path: str | Path) -> Path:
        """Write the list as a workbook with a sheet that says what it is for.

        Parameters
        ----------
        path : str or Path
            Ends in ``.xlsx``; replaced if it exists.

        Returns
        -------
        Path

        Raises
        ------
        SettingError
            If the path does not end in ``.xlsx``, or cannot be written.
        """
        heading = f"{self._stamp}For {PURPOSES[self.purpose]}. {CAVEAT}"
        return write_workbook(self.table, path, title="List", about=self.about(), heading=heading)

    def to_sql(self, url: str, table: str = "fs_risk_list") -> str:
        """Add the list to a table of a database, typed, under its `list_id`.

        Identifiers stay as they are, to be joined. What each list was for stands in the
        table ``fs_risk_lists``.

        Parameters
        ----------
        url : str
            An SQLAlchemy URL.
        table : str, default="fs_risk_list"
            Made if it is not there; a table that was not made by this is never touched.

        Returns
        -------
        str
            The table's name.

        Raises
        ------
        SettingError
            If the table is another's, the list is in it already, or the database cannot
            be used.
        """
        from fs_risk.triage.list_database import write_rows

        about = {
            "made_for": self.on or date.min,
            "purpose": self.purpose,
            "model": self.model,
            "summary": self.summary(),
        }
        return write_rows(
            self.table, url, table, list_id=self.list_id, dates=("as_of",), about=about
        )

    def __repr__(self) -> str:
        return f"<RankedList {self._stamp}{self.summary()}>"

    def _repr_html_(self) -> str:
        from fs_risk.triage.list_shown import shown_in_notebook

        return f"<p>{html.escape(self._stamp + self.summary())}</p>{shown_in_notebook(self.table)}"

    @property
    def _stamp(self) -> str:
        return stamp_of(self.synthetic)
