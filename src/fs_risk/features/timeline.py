"""`History`: an authority's facts as sorted integer arrays, each with two clocks.

The same arrays and the same compiled passes serve a million cases and one, so
that a score at the front door cannot differ from training.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from fs_risk.features.siblings import SiblingGroups
from fs_risk.features.streams import STREAMS
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import NEVER
from fs_risk.records.notebook import Display
from fs_risk.records.records import Origin, Records

FACT_COLUMNS = ("day", "known", "owner", "kind", "end_known", "end")
"""Columns of `Facts.rows`; the last two of spells only."""

_NONE = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Facts:
    """Facts sorted by key and day; those of key ``k`` stand at ``starts[k]:starts[k + 1]``.

    Attributes
    ----------
    starts : int64 (n_keys + 1,)
    rows : int32 (n, 4), or (n, 6) of spells
        The columns below, side by side: whoever reads a fact at random waits for
        memory once, not once for each column.
    mask : uint64 (n,)
        Assessments only: one bit for each factor recorded. Empty for other facts.
    day, known, owner, kind : int32 (n,)
        Event day, day it became known, child, and the number of the stream, in the
        order of `History.streams`.
    end_known, end : int32 (n,)
        Spells only: day on which the end was known, and day on which it ended, else
        the largest int32. Empty for other facts.
    """

    starts: np.ndarray
    rows: np.ndarray
    mask: np.ndarray
    day: np.ndarray = field(init=False, repr=False)
    known: np.ndarray = field(init=False, repr=False)
    owner: np.ndarray = field(init=False, repr=False)
    kind: np.ndarray = field(init=False, repr=False)
    end_known: np.ndarray = field(init=False, repr=False)
    end: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Name the columns, each a view of `rows`."""
        columns = self.rows.T
        for place, name in enumerate(FACT_COLUMNS):
            held = place < len(columns)
            object.__setattr__(self, name, columns[place] if held else _NONE)

    def __reduce__(self) -> tuple[type["Facts"], tuple[np.ndarray, ...]]:
        """Store the rows once, and their columns as views again."""
        return Facts, (self.starts, self.rows, self.mask)


@dataclass(frozen=True, eq=False)
class Members:
    """Children of each group of siblings: ``child[starts[g]:starts[g + 1]]``."""

    starts: np.ndarray
    child: np.ndarray
    link_known: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Links:
    """Children's membership of families, a row each.

    Attributes
    ----------
    child, known : int32 (n_links,)
        Number of the child; day on which the link became known, the smallest int32 where
        it is undated.
    family : Series of str, length n_links
    """

    child: np.ndarray
    family: pd.Series
    known: np.ndarray


@dataclass(frozen=True)
class Handling:
    """How the records were treated before they were indexed.

    Attributes
    ----------
    pseudonym_mark : str
        As `Records.pseudonym_mark`.
    leaves_out : bool
        Whether an exclusion list was applied.
    """

    pseudonym_mark: str = ""
    leaves_out: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """What an authority's records say of each child, indexed for features.

    Made by `History.from_records` or `History.load`; features and scores read nothing
    else.

    Attributes
    ----------
    children : Index of str
        Child ids; position is the child's number.
    birth, expected_birth, retain, household : int32 (n_children,)
    died : int32 (n_children,)
        For scope alone, never a feature; the largest int32 where no death is recorded.
    unaccompanied : bool (n_children,)
        By the child's flag or factor 9A; for scope alone, never a feature.
    siblings : SiblingGroups
        Whose facts a case reads as its siblings', and from when.
    links : Links
        What households and siblings were made of.
    events, sibling_events, spells, sibling_spells, assessments : Facts
    members : Members
    declared : Series of str
        Source declared by each referral, indexed by referral id.
    opened, referred : int32 (n_referrals,)
        Day of each referral, and the child it is about, in the order of `declared`.
    coverage : mapping of str to (int, int) or None
        Days observed by each table.
    extract_day : int
    origin : Origin
    handling : Handling
    streams : tuple of str
        Names; the number of a stream is its place here.

    Examples
    --------
    >>> import pandas as pd
    >>> import fs_risk as fs
    >>> contacts = pd.DataFrame({"contact_id": ["1"], "child_id": ["A"],
    ...     "contact_date": pd.to_datetime(["2024-03-01"])})
    >>> records = fs.Records.from_frames({"contacts": contacts}, extract_date="2024-12-31",
    ...     coverage={"contacts": ("2020-01-01", "2024-12-31")})
    >>> history = History.from_records(records)
    >>> list(history.children)
    ['A']
    """

    children: pd.Index
    birth: np.ndarray
    expected_birth: np.ndarray
    retain: np.ndarray
    died: np.ndarray
    household: np.ndarray
    unaccompanied: np.ndarray
    siblings: SiblingGroups
    links: Links
    events: Facts
    sibling_events: Facts
    spells: Facts
    sibling_spells: Facts
    assessments: Facts
    members: Members
    declared: pd.Series
    opened: np.ndarray
    referred: np.ndarray
    coverage: Mapping[str, tuple[int, int] | None]
    extract_day: int
    origin: Origin
    handling: Handling
    streams: tuple[str, ...] = tuple(STREAMS)

    def __repr__(self) -> str:
        stamp = "SYNTHETIC " if self.origin.kind == "synthetic" else ""
        held = (self.events, self.spells, self.assessments)
        return (
            f"<History {stamp}to {np.datetime64(self.extract_day, 'D')}: "
            f"{count_of(len(self.children), 'child', 'children')}, "
            f"{count_of(sum(len(facts.rows) for facts in held), 'fact')}>"
        )

    def _repr_html_(self) -> str:
        held = (self.events, self.spells, self.assessments)
        seen = [name for name, window in self.coverage.items() if window is not None]
        return Display(
            "History: what was known, and when",
            [
                ("children", f"{len(self.children):,}"),
                ("facts", f"{sum(len(facts.rows) for facts in held):,}"),
                ("to", str(np.datetime64(self.extract_day, "D"))),
                ("observed tables", ", ".join(seen)),
            ],
            synthetic=self.origin.kind == "synthetic",
        ).html()

    @cached_property
    def child_number(self) -> dict[str, int]:
        """The number of each child by its id: quicker than `children` for a single look-up."""
        return dict(zip(self.children.tolist(), range(len(self.children)), strict=True))

    @cached_property
    def first_known(self) -> np.ndarray:
        """Day on which the first event of each child was known, else the largest int32."""
        first = np.full(len(self.children), NEVER, dtype=np.int32)
        np.minimum.at(first, self.events.owner, self.events.known)
        return first

    @classmethod
    def from_records(cls, records: Records) -> "History":
        """Index the facts of `records`.

        Parameters
        ----------
        records : Records

        Returns
        -------
        History
        """
        from fs_risk.features.history_index import index, rows_of

        return index(rows_of(records))

    def save(self, folder: str | Path) -> Path:
        """Write the history to a folder, to be loaded in milliseconds.

        Only what has changed since the last time is written; whoever has the folder loaded
        goes on with what was there, and so does whoever loads it, until all is written. It
        holds children's ids: keep it as the records are kept.

        Parameters
        ----------
        folder : str or Path
            New, empty, or of an earlier history, which it replaces.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ArtefactError
            If the folder holds something else, or cannot be written.
        """
        from fs_risk.features.history_store import save_history

        return save_history(self, folder)

    @classmethod
    def load(cls, folder: str | Path) -> "History":
        """Read a saved history, refusing it if a byte has changed.

        Its arrays are mapped, not read: processes that load one folder share the memory.

        Parameters
        ----------
        folder : str or Path
            That `save` has written; it need not be writable.

        Returns
        -------
        History

        Raises
        ------
        ArtefactError
            If there is no history, a file was changed or is missing, or it was written by
            a release that indexed other facts.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> contacts = pd.DataFrame({"contact_id": ["1"], "child_id": ["A"],
        ...     "contact_date": pd.to_datetime(["2024-03-01"])})
        >>> records = Records.from_frames({"contacts": contacts}, extract_date="2024-12-31")
        >>> with TemporaryDirectory() as folder:
        ...     saved = History.from_records(records).save(folder)
        ...     print(History.load(saved))
        <History to 2024-12-31: 1 child, 1 fact>
        """
        from fs_risk.features.history_store import load_history

        return load_history(folder)

    def updated(
        self, records: Records, *, removed: Iterable[str] = (), corrected: bool = False
    ) -> "History":
        """Give the history with some children's facts as a later extract has them.

        The same as `from_records` of all records with these children's rows in the place
        of their old ones. Every row of every child that is named in `records` is needed,
        with the factors of their assessments; other children stay as they are, so an
        extract of those about whom anything is new will do.

        Parameters
        ----------
        records : Records
            A later extract of the same tables: all rows of some children.
        removed : iterable of str
            Children who are to be forgotten: erased, or merged into another number.
        corrected : bool, default=False
            Whether facts that the history holds of these children may be gone because
            they were corrected or removed at the source.

        Returns
        -------
        History

        Raises
        ------
        RecordsError
            If the extract is of another kind or earlier, observes other tables, is not
            pseudonymised with the same key, or lacks facts that the history holds.

        Examples
        --------
        >>> def extract(day, **rows):
        ...     contacts = pd.DataFrame(rows).assign(contact_date=lambda t: pd.to_datetime(t["on"]))
        ...     return Records.from_frames({"contacts": contacts.drop(columns="on")},
        ...         extract_date=day, coverage={"contacts": ("2024-01-01", day)})
        >>> history = History.from_records(extract("2024-06-30",
        ...     contact_id=["1", "2"], child_id=["A", "B"], on=["2024-03-01", "2024-04-01"]))
        >>> history.updated(extract("2024-07-01",
        ...     contact_id=["2", "3"], child_id=["B", "B"], on=["2024-04-01", "2024-07-01"]))
        <History to 2024-07-01: 2 children, 3 facts>
        """
        from fs_risk.features.history_update import updated

        return updated(self, records, removed=removed, corrected=corrected)
