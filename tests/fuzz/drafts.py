"""A small file or folder that can be spoilt a piece at a time, then written out.

Each draft offers its faults by name; a fault takes luck and returns whether it
changed anything. Whole-file faults are kept and applied to the bytes at the end.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import openpyxl
from faults_of_cells import GARBAGE, looks_dated, other_day, other_text
from spoilt_bytes import ARCHIVES, BYTES, TEXTS, Finish

Fault = Callable[[Random], bool]


@dataclass
class Table:
    """One table: its header row, its other rows, and how it is written."""

    name: str
    rows: list[list[Any]]
    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL
    newline: str = "\n"
    finish: list[Finish] = field(default_factory=list)


class TableFaults:
    """Faults in the cells, rows and columns of some tables."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = list(tables)

    def content(self) -> dict[str, tuple[Fault, int]]:
        return {
            "cell spoilt": (self._spoil_cell, 40),
            "cell blanked": (self._blank_cell, 10),
            "day spoilt": (self._spoil_day, 30),
            "cells swapped": (self._swap_cells, 8),
            "row repeated": (self._repeat_row, 8),
            "row dropped": (self._drop_row, 5),
            "row moved": (self._move_row, 5),
            "row cut or lengthened": (self._ragged_row, 4),
            "column blanked": (self._blank_column, 1),
            "columns reordered": (self._reorder, 2),
            "column renamed": (self._rename, 1),
            "column repeated": (self._repeat_column, 1),
            "column dropped": (self._drop_column, 1),
        }

    def _table(self, luck: Random) -> Table:
        filled = [table for table in self.tables if len(table.rows) > 1]
        return luck.choice(filled or self.tables)

    def _cell(self, luck: Random) -> tuple[list[Any], int] | None:
        table = self._table(luck)
        if len(table.rows) < 2:
            return None
        row = luck.choice(table.rows[1:])
        return (row, luck.randrange(len(row))) if row else None

    def _spoil_cell(self, luck: Random) -> bool:
        found = self._cell(luck)
        if found:
            row, at = found
            row[at] = other_text(luck, "" if row[at] is None else str(row[at]))
        return bool(found)

    def _blank_cell(self, luck: Random) -> bool:
        found = self._cell(luck)
        if found:
            found[0][found[1]] = luck.choice(("", " ", "\xa0"))
        return bool(found)

    def _spoil_day(self, luck: Random) -> bool:
        for _ in range(20):
            found = self._cell(luck)
            if found and looks_dated(str(found[0][found[1]])):
                found[0][found[1]] = other_day(luck)
                return True
        return False

    def _swap_cells(self, luck: Random) -> bool:
        found = self._cell(luck)
        if not found:
            return False
        row, at = found
        other = luck.randrange(len(row))
        row[at], row[other] = row[other], row[at]
        return at != other

    def _repeat_row(self, luck: Random) -> bool:
        table = self._table(luck)
        if len(table.rows) < 2:
            return False
        at = luck.randrange(1, len(table.rows))
        table.rows.insert(luck.randrange(1, len(table.rows) + 1), list(table.rows[at]))
        return True

    def _drop_row(self, luck: Random) -> bool:
        table = self._table(luck)
        if len(table.rows) < 3:
            return False
        del table.rows[luck.randrange(1, len(table.rows))]
        return True

    def _move_row(self, luck: Random) -> bool:
        table = self._table(luck)
        if len(table.rows) < 3:
            return False
        row = table.rows.pop(luck.randrange(1, len(table.rows)))
        table.rows.insert(luck.randrange(1, len(table.rows) + 1), row)
        return True

    def _ragged_row(self, luck: Random) -> bool:
        table = self._table(luck)
        if len(table.rows) < 2:
            return False
        row = luck.choice(table.rows[1:])
        if luck.random() < 0.5 and len(row) > 1:
            row.pop()
        else:
            row.append(luck.choice(GARBAGE))
        return True

    def _columns(self, luck: Random, change: Callable[[list[Any]], None]) -> bool:
        for row in self._table(luck).rows:
            change(row)
        return True

    def _blank_column(self, luck: Random) -> bool:
        table = self._table(luck)
        at = luck.randrange(max(len(table.rows[0]), 1))
        for row in table.rows[1:]:
            if at < len(row):
                row[at] = ""
        return len(table.rows) > 1

    def _reorder(self, luck: Random) -> bool:
        table = self._table(luck)
        width = len(table.rows[0])
        order = list(range(width))
        luck.shuffle(order)
        for row in table.rows:
            if len(row) == width:
                row[:] = [row[at] for at in order]
        return width > 1

    def _rename(self, luck: Random) -> bool:
        header = self._table(luck).rows[0]
        if not header:
            return False
        at = luck.randrange(len(header))
        name = "" if header[at] is None else str(header[at])
        ways = (
            name.lower(),
            name.upper(),
            f" {name} ",
            name[:-1],
            "",
            "\xa0",
            other_text(luck, name),
        )
        header[at] = luck.choice(ways)
        return True

    def _repeat_column(self, luck: Random) -> bool:
        share = luck.random()

        def change(row: list[Any]) -> None:
            if row:
                row.insert(int(share * len(row)), row[int(share * len(row))])

        return self._columns(luck, change)

    def _drop_column(self, luck: Random) -> bool:
        share = luck.random()

        def change(row: list[Any]) -> None:
            if len(row) > 1:
                del row[int(share * len(row))]

        return self._columns(luck, change)


class CsvDraft(TableFaults):
    """A folder of CSV files."""

    def whole(self) -> dict[str, tuple[Fault, int]]:
        return {
            **{f"bytes {way.__name__}": (self._finisher(way), 3) for way in BYTES},
            **{f"text {way.__name__}": (self._finisher(way), 3) for way in TEXTS},
            "delimiter changed": (self._redelimit, 4),
            "quotation changed": (self._requote, 4),
            "header dropped": (self._behead, 1),
            "all rows dropped": (self._empty, 1),
        }

    def _finisher(self, way: Callable[[Random], Finish]) -> Fault:
        def fault(luck: Random) -> bool:
            luck.choice(self.tables).finish.append(way(luck))
            return True

        return fault

    def _redelimit(self, luck: Random) -> bool:
        luck.choice(self.tables).delimiter = luck.choice((";", "\t", "|", ":", " "))
        return True

    def _requote(self, luck: Random) -> bool:
        luck.choice(self.tables).quoting = luck.choice((csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
        return True

    def _behead(self, luck: Random) -> bool:
        table = luck.choice(self.tables)
        table.rows[:] = table.rows[1:] or [[]]
        return True

    def _empty(self, luck: Random) -> bool:
        table = luck.choice(self.tables)
        del table.rows[1:]
        return True

    def files(self) -> dict[str, bytes]:
        return {table.name: _csv_bytes(table) for table in self.tables}


def _csv_bytes(table: Table) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=table.delimiter, quoting=table.quoting, lineterminator=table.newline
    )
    writer.writerows(["" if cell is None else cell for cell in row] for row in table.rows)
    data = text.getvalue().encode("utf-8", "replace")
    for finish in table.finish:
        data = finish(data)
    return data


class BookDraft(TableFaults):
    """A workbook: each table is a sheet, whose first row need not be its header."""

    def __init__(self, name: str, tables: Sequence[Table]) -> None:
        super().__init__(tables)
        self.name = name
        self.finish: list[Finish] = []

    def whole(self) -> dict[str, tuple[Fault, int]]:
        faults: dict[str, tuple[Fault, int]] = {
            f"archive {number} {way.__name__}": (self._finisher(way), 3)
            for number, way in enumerate(ARCHIVES)
        }
        return {
            **faults,
            "sheet dropped": (self._drop_sheet, 3),
            "sheet repeated": (self._repeat_sheet, 3),
            "title put above": (self._add_title, 3),
        }

    def _finisher(self, way: Callable[[Random], Finish]) -> Fault:
        def fault(luck: Random) -> bool:
            self.finish.append(way(luck))
            return True

        return fault

    def _drop_sheet(self, luck: Random) -> bool:
        if len(self.tables) < 2:
            return False
        del self.tables[luck.randrange(len(self.tables))]
        return True

    def _repeat_sheet(self, luck: Random) -> bool:
        table = luck.choice(self.tables)
        self.tables.append(Table(f"{table.name[:20]} again", [list(row) for row in table.rows]))
        return True

    def _add_title(self, luck: Random) -> bool:
        luck.choice(self.tables).rows.insert(0, [luck.choice(GARBAGE)])
        return True

    def files(self) -> dict[str, bytes]:
        book = openpyxl.Workbook(write_only=True)
        for table in self.tables:
            sheet = book.create_sheet(table.name)
            for row in table.rows:
                sheet.append([_storable(cell) for cell in row])
        target = io.BytesIO()
        book.save(target)
        data = target.getvalue()
        for finish in self.finish:
            data = finish(data)
        return {self.name: data}


_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _storable(cell: Any) -> Any:
    """Give what a workbook may hold; a formula is never stored as one."""
    return _UNSTORABLE.sub("", cell) if isinstance(cell, str) else cell


_LEAF = re.compile(r"<([A-Za-z0-9]+)>([^<>]*)</\1>")
_TAG = re.compile(r"<(/?)([A-Za-z0-9]+)>")


class XmlDraft:
    """One XML file."""

    def __init__(self, name: str, text: str, record: str) -> None:
        self.name, self.text, self.record = name, text, record
        self.finish: list[Finish] = []

    def content(self) -> dict[str, tuple[Fault, int]]:
        return {
            "text spoilt": (self._spoil_text, 40),
            "day spoilt": (self._spoil_day, 30),
            "text blanked": (self._blank_text, 10),
            "element renamed": (self._rename, 6),
            "element dropped": (self._drop, 8),
            "element repeated": (self._repeat, 8),
            "element nested": (self._nest, 5),
            "element moved": (self._move, 5),
            "record repeated": (self._repeat_record, 4),
            "record dropped": (self._drop_record, 2),
            "attribute added": (self._attribute, 3),
            "comment added": (self._comment, 3),
            "layout changed": (self._relayout, 2),
        }

    def whole(self) -> dict[str, tuple[Fault, int]]:
        return {
            **{f"bytes {way.__name__}": (self._finisher(way), 2) for way in BYTES},
            **{f"text {way.__name__}": (self._finisher(way), 4) for way in TEXTS},
            "one tag renamed": (self._rename_tag, 4),
            "one tag dropped": (self._drop_tag, 3),
            "one tag added": (self._add_tag, 3),
            "reference added": (self._reference, 3),
            "wrong attribute added": (self._wrong_attribute, 3),
            "all on one line": (self._one_line, 3),
            "prefixed": (self._prefix, 3),
        }

    def _finisher(self, way: Callable[[Random], Finish]) -> Fault:
        def fault(luck: Random) -> bool:
            self.finish.append(way(luck))
            return True

        return fault

    def _leaf(self, luck: Random, dated: bool = False) -> re.Match[str] | None:
        for _ in range(12):
            found = _LEAF.search(self.text, luck.randrange(len(self.text) + 1))
            if found and (not dated or looks_dated(found[2])):
                return found
        return None

    def _element(self, luck: Random) -> tuple[int, int] | None:
        """Find an element that may hold others."""
        for _ in range(12):
            found = _TAG.search(self.text, luck.randrange(len(self.text) + 1))
            if found and not found[1] and found[2] not in ("Message", "Children"):
                end = self._end_of(found[2], found.end())
                if end:
                    return found.start(), end
        return None

    def _end_of(self, name: str, at: int) -> int:
        """Give where the element ends whose start tag ends here; 0 if it does not."""
        depth = 1
        for found in re.finditer(rf"<(/?){name}[\s>]", self.text[at:]):
            depth += -1 if found[1] else 1
            if not depth:
                return at + found.end()
        return 0

    def _put(self, start: int, end: int, text: str) -> bool:
        changed = text != self.text[start:end]
        self.text = self.text[:start] + text + self.text[end:]
        return changed

    def _spoil_text(self, luck: Random) -> bool:
        found = self._leaf(luck)
        text = _escaped(other_text(luck, found[2])) if found else ""
        return bool(found) and self._put(*found.span(2), text)

    def _spoil_day(self, luck: Random) -> bool:
        found = self._leaf(luck, dated=True)
        return bool(found) and self._put(*found.span(2), other_day(luck))

    def _blank_text(self, luck: Random) -> bool:
        found = self._leaf(luck)
        return bool(found) and self._put(*found.span(2), luck.choice(("", " ", "\xa0", "\n")))

    def _rename(self, luck: Random) -> bool:
        found = self._leaf(luck)
        if not found:
            return False
        names = (
            "Odd",
            "Child",
            "CINdetails",
            found[1].lower(),
            found[1] + "s",
            "AssessmentFactors",
        )
        name = luck.choice((*names, "Disability", "DateOfInitialCPC", "Section47", "Message"))
        return self._put(*found.span(), f"<{name}>{found[2]}</{name}>")

    def _drop(self, luck: Random) -> bool:
        found = self._element(luck)
        return bool(found) and self._put(*found, "")

    def _repeat(self, luck: Random) -> bool:
        found = self._element(luck)
        return bool(found) and self._put(*found, self.text[slice(*found)] * 2)

    def _nest(self, luck: Random) -> bool:
        found = self._element(luck)
        name = luck.choice(("Odd", "Child", "CINdetails", "Assessments", "Disabilities", "Reviews"))
        return bool(found) and self._put(*found, f"<{name}>{self.text[slice(*found)]}</{name}>")

    def _move(self, luck: Random) -> bool:
        found = self._element(luck)
        if not found:
            return False
        part = self.text[slice(*found)]
        self._put(*found, "")
        place = _TAG.search(self.text, luck.randrange(len(self.text) + 1))
        at = place.end() if place else len(self.text)
        return self._put(at, at, part)

    def _record(self, luck: Random) -> tuple[int, int] | None:
        starts = [found.start() for found in re.finditer(f"<{self.record}>", self.text)]
        if not starts:
            return None
        start = luck.choice(starts)
        end = self._end_of(self.record, start + len(self.record) + 2)
        return (start, end) if end else None

    def _repeat_record(self, luck: Random) -> bool:
        found = self._record(luck)
        return bool(found) and self._put(*found, self.text[slice(*found)] * 2)

    def _drop_record(self, luck: Random) -> bool:
        found = self._record(luck)
        return bool(found) and self._put(*found, "")

    def _attribute(self, luck: Random) -> bool:
        found = self._leaf(luck)
        added = luck.choice((' a="1"', " a='>'", ' a="\n"', " a='&lt;'"))
        return bool(found) and self._put(found.end(1), found.end(1), added)

    def _wrong_attribute(self, luck: Random) -> bool:
        found = self._leaf(luck)
        added = luck.choice((' xsi:nil="true"', ' a="1" a="2"', " a=1", " a", ' a="1', " a='<'"))
        return bool(found) and self._put(found.end(1), found.end(1), added)

    def _comment(self, luck: Random) -> bool:
        found = self._leaf(luck)
        added = luck.choice(("<!-- \n <Child> -->", "<!---->", "<?go?>", "<![CDATA[x<y]]>", "text"))
        return bool(found) and self._put(*(2 * [luck.choice((found.start(), found.end(2)))]), added)

    def _relayout(self, luck: Random) -> bool:
        found = self._leaf(luck)
        added = luck.choice(("\n\n", " ", "\t", "\r\n", ""))
        return bool(found) and self._put(found.start(), found.start(), added)

    def _tag(self, luck: Random) -> re.Match[str] | None:
        return _TAG.search(self.text, luck.randrange(len(self.text) + 1))

    def _rename_tag(self, luck: Random) -> bool:
        found = self._tag(luck)
        return bool(found) and self._put(
            *found.span(2), luck.choice(("Odd", "", "1x", "a b", "x" * 99))
        )

    def _drop_tag(self, luck: Random) -> bool:
        found = self._tag(luck)
        return bool(found) and self._put(*found.span(), "")

    def _add_tag(self, luck: Random) -> bool:
        found = self._tag(luck)
        added = luck.choice(
            ("<Child>", "</Child>", "<Odd/>", "<Child/>", "<CINdetails/>", "</Message>")
        )
        return bool(found) and self._put(found.end(), found.end(), added)

    def _reference(self, luck: Random) -> bool:
        found = self._leaf(luck)
        added = luck.choice(
            ("&amp;", "&#65;", "&#x41;", "&#0;", "&x;", "&", "&#9999999;", "&lt;b&gt;")
        )
        return bool(found) and self._put(found.start(2), found.start(2), added)

    def _one_line(self, luck: Random) -> bool:
        return self._put(0, len(self.text), re.sub(r"\s*\n\s*", "", self.text))

    def _prefix(self, luck: Random) -> bool:
        name = luck.choice(("xmlns", "xmlns:x"))
        return self._put(
            0,
            len(self.text),
            re.sub(r"<(Message|EXPSSDA903)>", rf'<\1 {name}="urn:x">', self.text, count=1),
        )

    def files(self) -> dict[str, bytes]:
        data = self.text.encode("utf-8", "replace")
        for finish in self.finish:
            data = finish(data)
        return {self.name: data}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class JsonDraft:
    """Payloads, one file a day."""

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self.documents = {name: json.loads(json.dumps(held)) for name, held in documents.items()}
        self.finish: dict[str, list[Finish]] = {name: [] for name in documents}

    def content(self) -> dict[str, tuple[Fault, int]]:
        return {
            "value spoilt": (self._spoil, 40),
            "day spoilt": (self._spoil_day, 25),
            "value of another kind": (self._retype, 12),
            "member dropped": (self._drop, 8),
            "member renamed": (self._rename, 5),
            "item repeated": (self._repeat, 8),
            "value nested": (self._nest, 3),
            "purge set": (self._purge, 2),
        }

    def whole(self) -> dict[str, tuple[Fault, int]]:
        return {
            **{f"bytes {way.__name__}": (self._finisher(way), 3) for way in BYTES},
            **{f"text {way.__name__}": (self._finisher(way), 3) for way in TEXTS},
        }

    def _finisher(self, way: Callable[[Random], Finish]) -> Fault:
        def fault(luck: Random) -> bool:
            self.finish[luck.choice(list(self.finish))].append(way(luck))
            return True

        return fault

    def _places(self, luck: Random, wanted: Callable[[Any], bool]) -> tuple[Any, Any] | None:
        """Choose a place (holder, key) whose value is wanted, from one document."""
        found: list[tuple[Any, Any]] = []
        waiting: list[Any] = [luck.choice(list(self.documents.values()))]
        while waiting:
            held = waiting.pop()
            items = held.items() if isinstance(held, dict) else enumerate(held)
            for key, value in items:
                if wanted(value):
                    found.append((held, key))
                if isinstance(value, dict | list):
                    waiting.append(value)
        return luck.choice(found) if found else None

    def _change(
        self, luck: Random, wanted: Callable[[Any], bool], change: Callable[[Any], Any]
    ) -> bool:
        place = self._places(luck, wanted)
        if place:
            place[0][place[1]] = change(place[0][place[1]])
        return bool(place)

    def _spoil(self, luck: Random) -> bool:
        return self._change(
            luck, lambda value: isinstance(value, str), lambda value: other_text(luck, value)
        )

    def _spoil_day(self, luck: Random) -> bool:
        return self._change(
            luck,
            lambda value: isinstance(value, str) and looks_dated(value),
            lambda value: other_day(luck),
        )

    def _retype(self, luck: Random) -> bool:
        others = (None, True, False, 0, -1, 1.5, 1e300, 10**30, "", [], {}, [[]], [None], [1, "a"])
        return self._change(luck, lambda value: True, lambda value: luck.choice(others))

    def _drop(self, luck: Random) -> bool:
        place = self._places(luck, lambda value: True)
        if place:
            del place[0][place[1]]
        return bool(place)

    def _rename(self, luck: Random) -> bool:
        place = self._places(luck, lambda value: True)
        if not place or not isinstance(place[0], dict):
            return False
        place[0][luck.choice((place[1].upper(), place[1] + "s", "odd", ""))] = place[0].pop(
            place[1]
        )
        return True

    def _repeat(self, luck: Random) -> bool:
        place = self._places(luck, lambda value: isinstance(value, list) and bool(value))
        if place:
            held = place[0][place[1]]
            held.append(json.loads(json.dumps(luck.choice(held))))
        return bool(place)

    def _nest(self, luck: Random) -> bool:
        return self._change(
            luck, lambda value: True, lambda value: luck.choice(([value], {"value": value}))
        )

    def _purge(self, luck: Random) -> bool:
        place = self._places(luck, lambda value: isinstance(value, dict))
        if place:
            place[0][place[1]]["purge"] = luck.choice((True, True, False, "true", 1))
        return bool(place)

    def files(self) -> dict[str, bytes]:
        written = {}
        for name, held in self.documents.items():
            data = json.dumps(held, ensure_ascii=False).encode("utf-8", "replace")
            for finish in self.finish[name]:
                data = finish(data)
            written[name] = data
        return written
