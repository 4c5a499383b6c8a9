"""One census file as frames of typed columns, each row with its line number."""

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fs_risk.errors import ReturnError, nearest
from fs_risk.readers import cells
from fs_risk.readers.cin_blocks import Tree, census_tree
from fs_risk.readers.xml_ahead import pieces_with_elements
from fs_risk.readers.xml_source import Piece
from fs_risk.readers.xml_text import Lines, joined, texts, unescaped
from fs_risk.readers.xml_tokens import Elements
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.cin import BLOCKS, ROOT, Block, Content, Field

_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_SHOWN_NAME = re.compile(r"[A-Za-z]{1,40}")


@dataclass(frozen=True)
class CensusFile:
    """One census file.

    Attributes
    ----------
    file : str
        Its name, without the folder.
    blocks : mapping of str to DataFrame
        For each block of `records.layouts.cin`, a row for each of its elements:
        the fields' columns under their element names, ``line``, and the position of
        the enclosing row in the parent's frame under the parent's block name. In a
        flattened census also ``source_file``, since rows of a block may come from several.
    findings : tuple of Finding
        What could not be read.
    files : mapping of str to str
        The file of each block, where they are several (a flattened census).
    """

    file: str
    blocks: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def file_of(self, block: str) -> str:
        """Give the name of the file that a block was read from."""
        return self.files.get(block, self.file)

    def header(self, element: str) -> object:
        """Give one value of the header; None if it is absent."""
        column = self.blocks["header"][element].dropna()
        return None if column.empty else column.iloc[0]


def read_census_file(path: Path) -> CensusFile:
    """Read one census file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    CensusFile

    Raises
    ------
    ReturnError
        If the file is not a well-formed census file, or holds no child.
    """
    collected = _Collected(path.name, census_tree())
    for piece, elements in pieces_with_elements(path, root=ROOT, record="Child"):
        collected.add(piece, elements)
    return collected.finished()


class _Collected:
    """Gathers the pieces of one file."""

    def __init__(self, file: str, tree: Tree) -> None:
        self.file = file
        self.tree = tree
        self.lines: dict[str, list[np.ndarray]] = {name: [] for name in BLOCKS}
        self.outer: dict[str, list[np.ndarray]] = {name: [] for name in BLOCKS}
        self.texts: dict[tuple[str, str], list[pa.Array]] = {}
        self.n_rows = dict.fromkeys(BLOCKS, 0)
        self.twice: dict[tuple[str, str], list[np.ndarray]] = {}
        self.stray: list[int] = []
        self.has_references = False
        self.unknown: Counter[str] = Counter()
        self.unknown_lines: dict[str, list[int]] = {}
        self.code = self.order = self.bounds = np.empty(0, dtype=np.int64)

    def add(self, piece: Piece, elements: Elements) -> None:
        """Take in the rows of one piece."""
        self.code = self.tree.lookup(elements.name)
        self.has_references |= b"&" in piece.data
        lines = Lines(piece)
        valid = self._valid(piece, elements, lines)
        self.stray += lines.at(elements.stray).tolist()
        self._sort_by_name(valid)
        rows = {name: self._named(block.element) for name, block in BLOCKS.items()}
        for name, block in BLOCKS.items():
            rows[name] = rows[name][rows[name] >= elements.n_open]
            if len(rows[name]):
                self._add_block(block, rows, piece, elements, lines)
        for name in BLOCKS:
            self.n_rows[name] += len(rows[name])

    def _sort_by_name(self, valid: np.ndarray) -> None:
        """Lay the valid elements out name by name, so that each field finds its own."""
        n_names = len(self.tree.names)
        code = np.where(valid, self.code, n_names)
        self.order = np.argsort(code.astype(np.int16), kind="stable")
        self.bounds = np.searchsorted(code[self.order], np.arange(n_names + 1))

    def _named(self, element: str) -> np.ndarray:
        """Give the positions of the valid elements of one name, in document order."""
        number = self.tree.number(element)
        at: np.ndarray = self.order[self.bounds[number] : self.bounds[number + 1]]
        return at

    def _valid(self, piece: Piece, elements: Elements, lines: Lines) -> np.ndarray:
        """Say which elements stand where the tree allows; note the outermost others."""
        valid = np.zeros(len(self.code), dtype=bool)
        valid[elements.level == 0] = self.code[elements.level == 0] == self.tree.number(ROOT)
        for depth in range(1, int(elements.level.max(initial=0)) + 1):
            here = np.flatnonzero(elements.level == depth)
            parent = elements.parent[here]
            fits = self.tree.allowed[self.code[parent], self.code[here]]
            valid[here] = valid[parent] & fits
            for at in here[valid[parent] & ~fits & (here >= elements.n_open)]:
                name = piece.data[elements.name_from[at] : elements.name_to[at]].decode()
                self._note_unknown(name, int(lines.at(elements.offset[at : at + 1])[0]))
        return valid

    def _note_unknown(self, name: str, line: int) -> None:
        if not _NAME.fullmatch(name):
            raise _broken("a tag is not a name", f"{self.file}, line {line}")
        shown = name if _SHOWN_NAME.fullmatch(name) else "another"
        self.unknown[shown] += 1
        self.unknown_lines.setdefault(shown, []).append(line)

    def _add_block(
        self,
        block: Block,
        rows: Mapping[str, np.ndarray],
        piece: Piece,
        elements: Elements,
        lines: Lines,
    ) -> None:
        own = rows[block.name]
        self.lines[block.name].append(lines.at(elements.offset[own]))
        if block.parent:
            position = np.searchsorted(rows[block.parent], own, side="right") - 1
            self.outer[block.name].append(position + self.n_rows[block.parent])
        for field in block.fields:
            at = own
            if not block.is_value:
                at = self._field_elements(block, field, own, elements, lines)
            parts = self.texts.setdefault((block.name, field.element), [])
            parts.append(texts(piece, elements, at))

    def _field_elements(
        self,
        block: Block,
        field: Field,
        own: np.ndarray,
        elements: Elements,
        lines: Lines,
    ) -> np.ndarray:
        """Find a field's element for each row of a block; -1 where there is none."""
        at = self._named(field.element)
        holder = self.tree.number(field.holder or block.element)
        at = at[self.code[elements.parent[at]] == holder]
        owner = elements.parent[at]
        row = np.searchsorted(own, elements.parent[owner] if field.holder else owner)
        first = np.ones(len(row), dtype=bool)
        first[1:] = row[1:] != row[:-1]
        if not first.all():
            again = lines.at(elements.offset[at[~first]])
            self.twice.setdefault((block.name, field.element), []).append(again)
        found = np.full(len(own), -1)
        found[row[first]] = at[first]
        return found

    def finished(self) -> CensusFile:
        """Join the pieces and say what could not be read."""
        if not self.n_rows["children"]:
            raise ReturnError(
                "The file holds no Child element.",
                where=self.file,
                fix="Give the whole census file, with its children.",
            )
        findings = self._findings()
        blocks = {}
        for name, block in BLOCKS.items():
            blocks[name], bad = self._frame(block)
            findings += bad
        return CensusFile(self.file, blocks, tuple(findings))

    def _frame(self, block: Block) -> tuple[pd.DataFrame, list[Finding]]:
        nothing = [np.empty(0, dtype=np.int64)]
        columns: dict[str, Any] = {"line": np.concatenate(self.lines[block.name] or nothing)}
        if block.parent:
            columns[block.parent] = np.concatenate(self.outer[block.name] or nothing)
        found = []
        for field in block.fields:
            text = joined(self.texts.get((block.name, field.element), []))
            if self.has_references:
                text = unescaped(text, self.file)
            columns[field.element], bad = typed(field, text)
            if bad.any():
                found.append(self._unreadable(block, field, columns["line"][bad.to_numpy()]))
        return pd.DataFrame(columns), found

    def _unreadable(self, block: Block, field: Field, lines: np.ndarray) -> Finding:
        return finding(
            "R010",
            "error",
            f"The text of {field.element} cannot be read.",
            table=block.table,
            column=field.element,
            file=self.file,
            rows=lines,
            fix="Correct it at the source; the cells count as missing.",
        )

    def _findings(self) -> list[Finding]:
        found = []
        for (block, element), lines in self.twice.items():
            found.append(
                finding(
                    "R011",
                    "error",
                    f"{element} stands more than once where once is allowed.",
                    table=BLOCKS[block].table,
                    column=element,
                    file=self.file,
                    rows=np.concatenate(lines),
                    fix="Remove the repeats at the source; the first is used.",
                )
            )
        for name, numbers in self.unknown_lines.items():
            hint = nearest(name, self.tree.names)
            found.append(
                finding(
                    "R012",
                    "warning",
                    f"Element {name} is not part of the census, or stands where it may not.{hint}",
                    file=self.file,
                    rows=numbers,
                    count=self.unknown[name],
                    fix="Correct the export; the element and what it holds were not read.",
                )
            )
        if self.stray:
            found.append(
                finding(
                    "R013",
                    "note",
                    "Text stands between elements.",
                    file=self.file,
                    rows=self.stray,
                    fix="Nothing needs doing; the text was not read.",
                )
            )
        return found


def typed(field: Field, text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read a field's text as what it holds; also say which cells could not be read."""
    if field.content is Content.DATE:
        return cells.dates(text)
    if field.content is Content.FLAG:
        return cells.flags(text)
    if field.content is Content.COUNT:
        return cells.counts(text)
    return text, pd.Series(False, index=text.index)


def _broken(how: str, where: str) -> ReturnError:
    return ReturnError(
        f"The file is not well-formed XML: {how}.",
        where=where,
        fix="Export the file again and do not edit it by hand.",
    )
