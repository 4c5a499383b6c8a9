"""`Records`: an authority's canonical tables, immutable, with what each could observe."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError, nearest
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.findings import Finding, to_frame
from fs_risk.records.tables import PROVENANCE, TABLES
from fs_risk.records.truth import Later, Truth
from fs_risk.records.written import Written


@dataclass(frozen=True)
class Window:
    """The days over which a return shows all that happened, both ends included.

    Examples
    --------
    >>> window = Window(pd.Timestamp("2019-04-01"), pd.Timestamp("2025-03-31"))
    >>> observed_from, observed_to = window
    >>> observed_to.year
    2025
    """

    observed_from: pd.Timestamp
    observed_to: pd.Timestamp

    def __iter__(self) -> Iterator[pd.Timestamp]:
        yield self.observed_from
        yield self.observed_to


@dataclass(frozen=True)
class Origin:
    """Where records come from.

    Attributes
    ----------
    kind : {"real", "synthetic"}
        Everything read from a file or given as frames counts as real.
    returns : tuple of str
        The returns that were read, or the generator's name.
    label : str
        Which authority, for synthetic records: its settings and seed.
    """

    kind: Literal["real", "synthetic"]
    returns: tuple[str, ...]
    label: str = ""


class Records(Written):
    """An authority's records as canonical tables. Immutable.

    Made by the readers, by `make_authority` or by `Records.from_frames`, never
    directly.

    Attributes
    ----------
    extract_date : Timestamp
        Facts after this day are unknown, not absent.
    coverage : mapping of str to Window or None
        For each table, the days it observes; None where its return cannot hold it.
    origin : Origin
        Real or synthetic, and from which returns.
    set_aside : mapping of str to DataFrame
        Rows without a usable child id or key date, by table. Nothing is dropped.
    findings : tuple of Finding
        What is wrong with the data; `problems` is the same as a table.
    truth : mapping of str to DataFrame or None
        Synthetic records only: what no real authority has.
    excluded : frozenset of str
        Children who were left out, so that `combine` leaves them out again.
    pseudonym_mark : str
        Tells with which key identifiers were replaced; empty where they were not.

    Examples
    --------
    >>> import pandas as pd
    >>> referrals = pd.DataFrame({"referral_id": ["R1"], "child_id": ["A"],
    ...     "referral_date": pd.to_datetime(["2024-03-01"])})
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")
    >>> len(records["referrals"]), records.coverage["contacts"]
    (1, None)
    """

    def __init__(
        self,
        frames: Mapping[str, pd.DataFrame],
        *,
        extract_date: pd.Timestamp,
        coverage: Mapping[str, Window | None],
        origin: Origin,
        findings: tuple[Finding, ...] = (),
        set_aside: Mapping[str, pd.DataFrame] | None = None,
        truth: Mapping[str, pd.DataFrame | Later] | None = None,
        excluded: frozenset[str] = frozenset(),
        pseudonym_mark: str = "",
    ) -> None:
        self._frames = dict(frames)
        self.extract_date = extract_date
        self.coverage = MappingProxyType(dict(coverage))
        self.origin = origin
        self.findings = findings
        self.set_aside = MappingProxyType(dict(set_aside or {}))
        self.truth = None if truth is None else Truth(truth)
        self.excluded = excluded
        self.pseudonym_mark = pseudonym_mark

    @classmethod
    def from_frames(
        cls,
        frames: Mapping[str, pd.DataFrame],
        *,
        extract_date: date | str | None = None,
        coverage: Mapping[str, Window | tuple[date | str, date | str] | None] | None = None,
    ) -> "Records":
        """Make records from your own tables.

        Parameters
        ----------
        frames : mapping of str to DataFrame
            Canonical tables by name. Each needs its key, its child and its event
            date; other columns may be absent (then unknown). Clocks
            (``known_date``…) that are absent are set by rule.
        extract_date : date or str, optional
            Last day the tables can know of. By default the latest event date that
            is not in the future, with a finding.
        coverage : mapping of str to (from, to) or None, optional
            Days that each table observes in full. By default from its first event
            to `extract_date`, with a finding: rows of cases that were only open then make
            that too early. None for tables not given.

        Returns
        -------
        Records

        Raises
        ------
        RecordsError
            If a table is unknown, or lacks a column it cannot do without, or a
            column does not hold what it should.
        """
        from fs_risk.records.assemble import assemble

        return assemble(
            frames,
            extract_date=extract_date,
            coverage=coverage,
            origin=Origin("real", ("frames",)),
        )

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Give a copy of one canonical table, empty if nothing was read into it."""
        if name not in TABLES:
            raise RecordsError(
                f"There is no table {name!r}.{nearest(name, TABLES)}",
                fix=f"Ask for one of: {', '.join(TABLES)}.",
            )
        return self._frames[name].copy()

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    @property
    def tables(self) -> list[str]:
        """The names of all canonical tables."""
        return list(TABLES)

    @property
    def problems(self) -> pd.DataFrame:
        """All findings as a table: rule, severity, table, column, file, rows, count, what to do."""
        return to_frame(self.findings)

    @cached_property
    def fingerprint(self) -> str:
        """A SHA-256 of the canonical content, the same for any order of rows.

        Returns
        -------
        str
            64 hexadecimal digits. Provenance columns are left out.
        """
        digest = hashlib.sha256(str(self.extract_date.date()).encode())
        for name, table in TABLES.items():
            rows = pd.util.hash_pandas_object(self._frames[name][table.names], index=False)
            digest.update(name.encode())
            digest.update(np.sort(rows.to_numpy()).tobytes())
        return digest.hexdigest()

    def replace(self, **frames: pd.DataFrame) -> "Records":
        """Give the same records with some canonical tables put in place of the present ones.

        The tables are taken as they are: this is for tests of what a change in the
        data does, and for the leakage prover.

        Parameters
        ----------
        **frames : DataFrame
            Canonical tables by name, with all their columns.
        """
        return Records(
            {**self._frames, **frames},
            extract_date=self.extract_date,
            coverage=self.coverage,
            origin=self.origin,
            findings=self.findings,
            set_aside=self.set_aside,
            truth=self.truth,
            excluded=self.excluded,
            pseudonym_mark=self.pseudonym_mark,
        )

    def excluding(self, exclude: "str | Path | Iterable[str]") -> "Records":
        """Give the records without some children: their rows, families and factors.

        Parameters
        ----------
        exclude : str, Path, or iterable of str
            A text or CSV file with an id at the start of each line, or the ids. Case,
            white space and zeros in front do not matter.

        Returns
        -------
        Records
            That remember the list: `combine` applies it to the other return too.

        Raises
        ------
        ReturnError
            If the file cannot be read or holds no id.
        RecordsError
            If identifiers are already replaced.
        """
        from fs_risk.records.admission import excluding
        from fs_risk.records.exclusions import excluded_ids

        return excluding(self, excluded_ids(exclude))

    def pseudonymised(self, key: str | bytes) -> "Records":
        """Give the records with every identifier replaced by a keyed hash.

        Parameters
        ----------
        key : str or bytes
            A secret of at least 16 bytes; the same key gives the same pseudonyms in
            every return.

        Returns
        -------
        Records

        Raises
        ------
        SettingError
            If the key is too short.
        RecordsError
            If identifiers are already replaced.
        """
        from fs_risk.records.admission import pseudonymised
        from fs_risk.records.pseudonyms import key_bytes

        return pseudonymised(self, key_bytes(key))

    def delayed(self, days: int) -> "Records":
        """Give the same records with facts dated by rule known `days` later.

        Parameters
        ----------
        days : int
            Whole days.
        """
        from fs_risk.records.clocks import delayed

        return self.replace(
            **{name: delayed(self._frames[name], table, days) for name, table in TABLES.items()}
        )

    def summary(self) -> pd.DataFrame:
        """Sum up what was read, a row for each table.

        Returns
        -------
        DataFrame
            Indexed by ``table``: ``rows``, ``children`` (distinct; missing where a table
            names none), ``observed_from``, ``observed_to`` (missing where not observed),
            ``recorded_clocks`` (share of rows whose known date was recorded, not set by
            rule), ``set_aside`` (rows), ``errors``, ``warnings``, ``notes`` (findings).
            Counts are exact: this is for whoever holds the records.
        """
        from fs_risk.records.quality import summary_of

        return summary_of(self)

    def quality_report(self, path: str | Path) -> Path:
        """Write a page on the quality of the records, to send to the data team.

        What was read and observed, events by year and month, months out of line, codes
        that change, missing cells, lags between an event and its recording, and all
        findings with their row numbers. No child's data are in it; counts of 1 to 5
        are hidden and the others rounded.

        Parameters
        ----------
        path : str or Path
            Of the HTML file; one of that name is replaced.

        Returns
        -------
        Path

        Raises
        ------
        RecordsError
            If the file cannot be written.
        """
        from fs_risk.records.quality_page import write_quality_report

        return write_quality_report(self, path)

    def __repr__(self) -> str:
        held = {name: len(self._frames[name]) for name in TABLES if len(self._frames[name])}
        rows = ", ".join(f"{name} {count:,}" for name, count in held.items())
        stamp = "SYNTHETIC " if self.origin.kind == "synthetic" else ""
        return (
            f"<Records {stamp}to {self.extract_date.date()}: {rows or 'no rows'}; "
            f"{count_of(len(self.findings), 'finding')}>"
        )

    def _repr_html_(self) -> str:
        from fs_risk.records.display import records_html

        return records_html(self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            raise AttributeError(f"Records are immutable: {name} cannot be set")
        super().__setattr__(name, value)


def all_columns(name: str) -> list[str]:
    """Give the columns of a canonical table with the provenance columns behind them."""
    return [*TABLES[name].names, *(column.name for column in PROVENANCE)]
