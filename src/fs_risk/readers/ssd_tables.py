"""Files of a folder or tables of a database, recognised as the dataset's and loaded as text."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from fs_risk.errors import ReturnError, SettingError, nearest
from fs_risk.readers import cells
from fs_risk.readers.delimited import header_of, read_columns
from fs_risk.readers.sources import files_in, is_address, read_all
from fs_risk.readers.ssd_passed_over import absent_or_empty, nearly_spelt, unrecognised, workbooks
from fs_risk.records.findings import Finding, findings_by_file
from fs_risk.records.layouts.ssd import OTHER_PREFIXES, SSD_TABLES
from fs_risk.records.layouts.ssd_table import SsdTable
from fs_risk.records.said_invented import noted_as_invented

ENDINGS = (".csv", ".parquet")
Loaded = tuple[SsdTable | None, pd.DataFrame | None, list[Finding]]
"""A table, what was loaded of it, and what could not be read."""
_OWN_SHARE = 0.5


@dataclass
class Extract:
    """The tables of one extract as text.

    Attributes
    ----------
    tables : dict of str to DataFrame
        The dataset's tables that were found.
    findings : list of Finding
        What was decided or could not be read; the builders add to it.
    """

    tables: dict[str, pd.DataFrame]
    findings: list[Finding] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        return name in self.tables

    def open(self, name: str) -> "Columns":
        """Give a table to read columns from; an absent one has no rows."""
        frame = self.tables.get(name)
        if frame is None:
            frame = pd.DataFrame({"source_file": pd.Series(dtype="str"), "source_row": []})
        return Columns(SSD_TABLES[name], frame, self.findings)


class Columns:
    """Reads a table's columns by name and notes what cannot be read."""

    def __init__(self, table: SsdTable, frame: pd.DataFrame, findings: list[Finding]) -> None:
        self.table = table
        self.frame = frame
        self.findings = findings

    @property
    def provenance(self) -> pd.DataFrame:
        """File and row number of each row."""
        return self.frame[["source_file", "source_row"]]

    def text(self, name: str) -> pd.Series:
        """Give a column as text; all missing where the table has no such column."""
        if name in self.frame:
            return self.frame[name]
        return pd.Series(pd.NA, index=self.frame.index, dtype="str")

    def label(self, name: str) -> pd.Series:
        """Give a column of words, without what was written to disarm a spreadsheet."""
        return self.text(name).str.strip().str.removeprefix("'")

    def ids(self, name: str) -> pd.Series:
        """Give a column of identifiers."""
        return cells.identifiers(self.text(name))

    def dates(self, name: str) -> pd.Series:
        """Give a column of dates."""
        values, bad = cells.dates(self.text(name))
        return self._checked(name, values, bad, cells.month_first(self.text(name)[bad]))

    def flags(self, name: str) -> pd.Series:
        """Give a column of yes and no."""
        return self._checked(name, *cells.flags(self.text(name)))

    def codes(
        self,
        name: str,
        known: Mapping[str, str],
        other: Callable[[str], str | None] | None = None,
    ) -> pd.Series:
        """Give a column of codes."""
        return cells.codes(self.text(name), known, other)

    def meant(
        self, name: str, translate: Callable[[str], str | bool | None], dtype: str = "str"
    ) -> pd.Series:
        """Give what the words of a column mean; missing where they mean nothing."""
        return cells.mapped(self.text(name), translate, dtype)[0]

    def _checked(
        self, name: str, values: pd.Series, bad: pd.Series, month_first: int = 0
    ) -> pd.Series:
        message, fix = f"The text of {name} cannot be read.", "Correct it at the source;"
        if month_first:
            message = f"{message[:-1]}; {month_first:,} cells would be dates, month first."
            fix = "Export the dates as yyyy-mm-dd: where the day is 12 or less, month and day may "
            fix += "have changed places unseen;"
        self.findings += findings_by_file(
            "R010",
            "error",
            message,
            self.frame[bad],
            table=self.table.name,
            column=name,
            fix=f"{fix} the cells count as missing.",
        )
        return values


def load_extract(source: str | Path, schema: str | None = None) -> Extract:
    """Recognise and load the files of a folder, or the tables of a database.

    Parameters
    ----------
    source : str or Path
        A folder of CSV or Parquet files, one such file, or an SQLAlchemy URL.
    schema : str, optional
        The database's schema.

    Returns
    -------
    Extract

    Raises
    ------
    ReturnError
        If nothing is a table of the dataset, or one lacks a column it cannot do
        without. All faulty files are named at once.
    """
    if is_address(source):
        # a database library is slow to load, and most extracts are files
        from fs_risk.readers.ssd_database import load_tables

        return _extract(load_tables(str(source), schema), "No table of the schema", "database")
    if schema is not None:
        raise SettingError(
            "A schema was named, but the source is a folder.",
            fix="Leave out schema=, or give a database's address.",
        )
    files = files_in(source, ENDINGS)
    extract = _extract(read_all(files, _load), "No file", str(source))
    extract.findings += noted_as_invented(files)
    extract.findings += workbooks(source) if Path(source).is_dir() else []
    return extract


def _extract(loaded: Iterable[Loaded], nothing: str, where: str) -> Extract:
    parts: dict[str, list[pd.DataFrame]] = {}
    findings: list[Finding] = []
    for table, frame, found in loaded:
        findings += found
        if table is not None and frame is not None:
            parts.setdefault(table.name, []).append(frame)
    if not parts:
        raise ReturnError(
            f"{nothing} is a table of the Standard Safeguarding Dataset.",
            where=where,
            fix="Export the tables with their column names as the first row (pers_person_id…).",
        )
    joined = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    return Extract(joined, findings + absent_or_empty(joined))


def _load(path: Path) -> Loaded:
    written = header_of(path)
    table, known = recognised(written)
    if table is None:
        return None, None, [] if known else [unrecognised(path, written)]
    chosen = chosen_columns(table, written, path.name)
    frame, findings = read_columns(path, list(chosen))
    return table, frame.rename(columns=chosen), findings + nearly_spelt(path, table, written)


def chosen_columns(table: SsdTable, written: Sequence[str], where: str) -> dict[str, str]:
    """Say which columns of a table are read, and what the dataset calls them.

    Parameters
    ----------
    table : SsdTable
    written : sequence of str
        Its columns' names as they are written.
    where : str
        The file or table, for an error.

    Returns
    -------
    dict of str to str

    Raises
    ------
    ReturnError
        If a column is lacking that the table cannot do without.
    """
    names = [table.aliases.get(name.lower(), name.lower()) for name in written]
    _check_columns(where, table, names)
    return {
        written[at]: name
        for at, name in enumerate(names)
        if name in table.read and names.index(name) == at
    }


def recognised(written: Sequence[str]) -> tuple[SsdTable | None, bool]:
    """Tell the table from its columns' prefixes; also whether it is one we pass over."""
    names = [name.lower() for name in written]
    by_prefix = {table.prefix: table for table in SSD_TABLES.values()}
    prefixes = Counter(name.partition("_")[0] for name in names)
    known = {
        prefix: count
        for prefix, count in prefixes.items()
        if prefix in by_prefix or prefix in OTHER_PREFIXES
    }
    if not known:
        return None, False
    commonest = max(known, key=lambda prefix: known[prefix])
    if known[commonest] < _OWN_SHARE * len(names):
        return None, False
    return by_prefix.get(commonest), True


def _check_columns(where: str, table: SsdTable, names: Sequence[str]) -> None:
    lacking = [name for name in table.needed if name not in names]
    if lacking:
        hints = "".join(nearest(name, names) for name in lacking)
        raise ReturnError(
            f"{table.name} lacks {', '.join(lacking)}.{hints}",
            where=where,
            fix=f"Export {table.name} with the columns {', '.join(table.needed)}.",
        )
