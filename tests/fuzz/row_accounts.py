"""Where each row of a spoilt file went, counted without the readers.

Rows are found again with `csv`, `expat`, `json` and openpyxl. Each must stand in a
canonical table or among the rows set aside, by its file and row number, or be named
by a finding that says it was not read.
"""

import csv
import io
import json
from collections import Counter
from typing import Any
from xml.parsers import expat

import openpyxl

from fs_risk.readers.cin_blocks import census_tree
from fs_risk.records.layouts.annex_a import LISTS
from fs_risk.records.layouts.cin import BLOCKS

NOT_READ = {"R020", "R024", "R026", "R038", "R042"}
"""Findings whose rows were not read into any table."""
FILE_NOT_READ = {"R021", "R040"}
"""Findings about a whole file that was not read."""
COUNT_ONLY = {"R014", "R083"}
"""Findings that only count the rows that stand elsewhere or are wanted gone."""

csv.field_size_limit(1 << 24)


def kept_rows(records: Any) -> dict[str, Counter[tuple[str, int]]]:
    """Count rows by table, file and number, in the tables and among those set aside."""
    kept: dict[str, Counter[tuple[str, int]]] = {}
    for name in records:
        rows: Counter[tuple[str, int]] = Counter()
        for frame in (records[name], records.set_aside.get(name)):
            if frame is not None and len(frame):
                rows.update(zip(frame["source_file"], frame["source_row"], strict=True))
        kept[name] = rows
    return kept


def told_of(records: Any, file: str) -> set[int]:
    """Give the rows of a file that findings say were not read."""
    return {
        row
        for found in records.findings
        if found.rule in NOT_READ and found.file == file
        for row in found.rows
    }


def counted(records: Any) -> int:
    return sum(found.count for found in records.findings if found.rule in COUNT_ONLY)


def unread(records: Any, file: str) -> bool:
    return any(found.rule in FILE_NOT_READ and found.file == file for found in records.findings)


def text_of(data: bytes) -> str | None:
    """Decode a table as its reader says it does; None if it is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    return None


def csv_rows(data: bytes) -> tuple[list[str], set[int]]:
    """Give a table's header, and the numbers of its other rows."""
    text = text_of(data)
    if text is None:
        return [], set()
    text = text.lstrip("\ufeff").lstrip("\r\n")
    delimiter = max(",;\t|", key=text.split("\n", 1)[0].count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    return (rows[0] if rows else []), set(range(2, len(rows) + 1))


def lost_from_tables(
    files: dict[str, bytes], records: Any, only_consulted: tuple[str, ...]
) -> list[str]:
    """Say which rows of CSV files are in no table and no finding.

    Parameters
    ----------
    only_consulted : tuple of str
        Beginnings of the names of files that become no rows of their own: they say
        something about rows of other files, or are not read.
    """
    kept: dict[str, set[int]] = {}
    for rows in kept_rows(records).values():
        for file, row in rows:
            kept.setdefault(file, set()).add(int(row))
    faults = []
    allowance = counted(records)
    for file, data in files.items():
        if file.lower().startswith(only_consulted) or unread(records, file):
            continue
        _, expected = csv_rows(data)
        missing = expected - kept.get(file, set()) - told_of(records, file)
        beyond = kept.get(file, set()) - expected
        if len(missing) > allowance:
            faults.append(f"{file}: rows {sorted(missing)[:10]} of {len(expected)} are nowhere")
        if beyond:
            faults.append(f"{file}: rows {sorted(beyond)[:10]} do not exist")
    return faults


class _Places:
    """Walks an XML file and notes where each element stands."""

    def __init__(self, data: bytes) -> None:
        self.stack: list[str] = []
        self.elements: list[tuple[tuple[str, ...], int, list[str]]] = []
        self.open: list[list[str]] = []
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser
        parser.Parse(data, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.stack.append(name.rpartition(":")[2])
        text: list[str] = []
        self.open.append(text)
        self.elements.append((tuple(self.stack), self._parser.CurrentLineNumber, text))

    def _end(self, name: str) -> None:
        self.stack.pop()
        self.open.pop()

    def _text(self, text: str) -> None:
        self.open[-1].append(text)


def elements_of(data: bytes) -> list[tuple[tuple[str, ...], int, list[str]]] | None:
    """Give each element's path, line and text; None where expat does not parse the file."""
    try:
        return _Places(data).elements
    except (expat.ExpatError, LookupError, ValueError):
        return None


def _legal(path: tuple[str, ...]) -> int:
    """Give how many elements of a path stand where the census has them."""
    tree = census_tree()
    for depth, name in enumerate(path):
        if name not in tree.names:
            return depth
        if depth == 0:
            if name != "Message":
                return 0
        elif not tree.allowed[tree.number(path[depth - 1]), tree.number(name)]:
            return depth
    return len(path)


def lost_from_census(files: dict[str, bytes], records: Any) -> list[str]:
    """Say which elements of a census file are in no table and no finding."""
    ((file, data),) = files.items()
    elements = elements_of(data)
    if elements is None:
        return []
    table_of = {block.element: block.table for block in BLOCKS.values() if block.table}
    expected: dict[str, Counter[tuple[str, int]]] = {}
    n_misplaced = 0
    for path, line, _ in elements:
        legal = _legal(path)
        if legal == len(path) - 1:
            n_misplaced += 1
        if legal == len(path) and path[-1] in table_of:
            expected.setdefault(table_of[path[-1]], Counter())[(file, line)] += 1
    kept = kept_rows(records)
    faults = []
    for table in sorted(set(table_of.values())):
        if kept[table] != expected.get(table, Counter()):
            odd = {*(kept[table] - expected.get(table, Counter()))}
            odd |= {*(expected.get(table, Counter()) - kept[table])}
            faults.append(f"{table}: lines {sorted(odd)[:5]} differ")
    told = sum(found.count for found in records.findings if found.rule == "R012")
    if told != n_misplaced:
        faults.append(f"{n_misplaced} elements are misplaced, {told} were told of")
    return faults


def lost_from_903_xml(files: dict[str, bytes], records: Any) -> list[str]:
    """Say which children and episodes of an SSDA903 XML file are in no table."""
    ((file, data),) = files.items()
    elements = elements_of(data)
    if elements is None:
        return []
    kept = kept_rows(records)
    faults = []
    for table, name, depth in (("children", "CHILD", 2), ("care_episodes", "EPISODE", None)):
        expected = Counter(
            (file, line)
            for path, line, _ in elements
            if path[-1] == name
            and (depth is None or len(path) == depth)
            and path[1:2] == ("CHILD",)
            and path.count(name) == 1
        )
        missing = expected - kept[table]
        if missing.total() > counted(records):
            faults.append(f"{table}: lines {sorted(missing)[:5]} are nowhere")
    return faults


def lost_from_book(files: dict[str, bytes], records: Any) -> list[str]:
    """Say which rows of the lists of a workbook are in no table.

    Only sheets that have most of a list's headers word for word are counted. Rows of
    list 6 may be joined with those of list 3, so they are counted only without it.
    """
    ((file, data),) = files.items()
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        sheets = [list(sheet.iter_rows(values_only=True, max_col=60)) for sheet in book.worksheets]
    except Exception:  # what openpyxl makes of damage is its own affair
        return []
    expected: dict[int, set[int]] = {}
    for rows in sheets:
        number, header = _list_of(rows)
        if number and LISTS[number].date:
            filled = {
                at
                for at, row in enumerate(rows, 1)
                if at > header and _is_filled(row) and not _list_of([row])[0]
            }
            expected.setdefault(number, set()).update(filled)
    kept: dict[str, set[int]] = {}
    for table in kept_rows(records).values():
        for name, row in table:
            kept.setdefault(str(name), set()).add(int(row))
    for found in records.findings:
        if found.rule == "R064":
            kept.setdefault(str(found.file), set()).update(int(row) for row in found.rows)
    faults = []
    for number, wanted in expected.items():
        missing = wanted - kept.get(f"{file}, list {number}", set())
        if missing and not (number == 6 and 3 in expected):
            faults.append(f"list {number}: rows {sorted(missing)[:10]} are nowhere")
    return faults


def _list_of(rows: list[tuple[Any, ...]]) -> tuple[int, int]:
    """Give the number of the list that a sheet is, and its header's row; 0 where none is plain."""
    best = (0.0, 0, 0)
    filled = [(at, row) for at, row in enumerate(rows, 1) if _is_filled(row)]
    for at, row in filled[:10]:
        written = {" ".join(str(cell).split()).lower() for cell in row if cell is not None}
        for number, which in LISTS.items():
            headers = {column.header.lower() for column in which.columns}
            best = max(best, (len(headers & written) / len(headers), number, at))
    return best[1:] if best[0] > 0.9 else (0, 0)


def _is_filled(row: tuple[Any, ...]) -> bool:
    """Say whether a row holds anything but spaces and the errors of formulas."""
    texts = (" ".join(str(cell).split()) for cell in row if cell is not None)
    return any(text and not text.startswith("#") and text not in ("nan", "inf") for text in texts)


def lost_from_payloads(files: dict[str, bytes], records: Any) -> list[str]:
    """Say which objects of payloads are in no table and no finding."""
    from fs_risk.records.layouts import dfe_api

    expected: Counter[str] = Counter()
    for data in files.values():
        for child in _documents(data):
            if not isinstance(child, dict):
                continue
            expected["children"] += 1
            for episode in _dicts(child.get(dfe_api.EPISODES)):
                expected["referrals"] += 1
                for part in dfe_api.PARTS.values():
                    expected[part.table] += len(_dicts(episode.get(part.member)))
    kept = {name: rows.total() for name, rows in kept_rows(records).items()}
    purged = sum(found.count for found in records.findings if found.rule == "R083")
    missing = 0
    faults = []
    for table, count in expected.items():
        again = sum(
            found.count
            for found in records.findings
            if (found.rule, found.table) == ("R014", table)
        )
        if kept[table] + again > count:
            faults.append(f"{table}: {kept[table] + again} rows of {count} objects")
        missing += count - kept[table] - again
    if missing != purged:
        faults.append(f"{missing} objects are nowhere, {purged} were purged")
    return faults


def _dicts(held: Any) -> list[dict[str, Any]]:
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def _documents(data: bytes) -> list[Any]:
    text = data.decode("utf-8-sig")
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [each for held in documents for each in (held if isinstance(held, list) else [held])]
