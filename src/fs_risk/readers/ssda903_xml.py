"""The XML form of the SSDA903 return as the same frames as its CSV files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from fs_risk.errors import ReturnError
from fs_risk.readers.xml_source import Piece, pieces
from fs_risk.readers.xml_text import Lines, joined, texts, unescaped
from fs_risk.readers.xml_tokens import Elements, find_elements, fingerprint
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts import ssda903

_ROWS_OF = {"header": ssda903.CHILD, "episodes": ssda903.EPISODE, "missing": ssda903.MISSING}
_FIELDS = {
    "header": ("CHILD", "SEX", "DOB", "ETHNIC", "UASC", "DUC"),
    "episodes": ("DECOM", "RNE", "LS", "PLACE", "DEC", "REC"),
    "missing": ("MIS_START", "MIS_END"),
}
_WRITTEN = {"CHILD": ("CHILDID",), "PLACE": ("PL", "PLACE")}
_KNOWN = frozenset(
    fingerprint(name)
    for name in (
        ssda903.ROOT,
        ssda903.CHILD,
        ssda903.EPISODE,
        ssda903.MISSING,
        *ssda903.WRAPPERS,
        *(name for names in _WRITTEN.values() for name in names),
        *(column for file in ssda903.FILES.values() for column in file.columns),
    )
)


def read_xml(path: Path) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Read one XML file.

    A child's own fields may stand in CHILD or in elements within it; an EPISODE's
    and an AMISSING's stand directly in these.

    Parameters
    ----------
    path : Path

    Returns
    -------
    files : dict of str to DataFrame
        ``header``, ``episodes``, ``missing``, and ``uasc`` where a child is marked as
        unaccompanied; ``source_row`` is the line of the element.
    findings : list of Finding

    Raises
    ------
    ReturnError
        If it is not a well-formed SSDA903 file, or holds no child.
    """
    collected = _Collected(path.name)
    open_now: tuple[int, ...] = ()
    n_roots = 0
    for piece in pieces(path, root=ssda903.ROOT, record=ssda903.CHILD):

        def place(offset: int, piece: Piece = piece) -> str:
            return f"{path.name}, line {piece.line_at(offset)}"

        elements = find_elements(piece.data, open_now, place)
        n_roots += int((elements.level[elements.n_open :] == 0).sum())
        collected.add(piece, elements)
        open_now = elements.still_open
    if open_now or n_roots > 1:
        how = "it was cut off" if open_now else "it has more than one outermost element"
        raise ReturnError(
            f"The file is not well-formed XML: {how}.",
            where=path.name,
            fix="Export the file again and do not edit it by hand.",
        )
    return collected.files()


class _Collected:
    """Gathers the rows of one file's pieces."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.texts: dict[tuple[str, str], list[pa.Array]] = {}
        self.lines: dict[str, list[np.ndarray]] = {name: [] for name in _ROWS_OF}
        self.child: dict[str, list[np.ndarray]] = {name: [] for name in _ROWS_OF}
        self.n_children = 0
        self.again: dict[str, list[int]] = {}
        self.unknown: list[int] = []

    def add(self, piece: Piece, elements: Elements) -> None:
        """Take in one piece, which holds whole children."""
        lines = Lines(piece)
        new = np.arange(len(elements.name)) >= elements.n_open
        children = _named(elements, ssda903.CHILD, (elements.level == 1) & new)
        inside = np.searchsorted(children, np.arange(len(elements.name)), side="right") - 1
        in_child = new & (elements.level > 1) & (inside >= 0)
        rows = {"header": children}
        for name in ("episodes", "missing"):
            rows[name] = _named(elements, _ROWS_OF[name], in_child)
        owner = _owner(elements, rows, inside, in_child)
        for name, at in rows.items():
            self.lines[name].append(lines.at(elements.offset[at]))
            self.child[name].append(inside[at] + self.n_children)
            for field in _FIELDS[name]:
                self._add_field(name, field, at, owner, piece, elements, lines)
        known = np.isin(elements.name, np.array(sorted(_KNOWN), dtype=np.uint64))
        self.unknown += lines.at(elements.offset[in_child & ~known]).tolist()
        self.n_children += len(children)

    def _add_field(
        self,
        name: str,
        field: str,
        rows: np.ndarray,
        owner: np.ndarray,
        piece: Piece,
        elements: Elements,
        lines: Lines,
    ) -> None:
        """Find a field for each row of a block; the first of several counts."""
        written = _WRITTEN.get(field, (field,))
        leaf = elements.text_from >= 0
        at = np.sort(np.concatenate([_named(elements, each, leaf) for each in written]))
        row = np.searchsorted(rows, owner[at])
        fits = (owner[at] >= 0) & (row < len(rows))
        fits[fits] = rows[row[fits]] == owner[at][fits]
        at, row = at[fits], row[fits]
        first = np.ones(len(row), dtype=bool)
        first[1:] = row[1:] != row[:-1]
        self.again.setdefault(field, []).extend(lines.at(elements.offset[at[~first]]).tolist())
        found = np.full(len(rows), -1)
        found[row[first]] = at[first]
        self.texts.setdefault((name, field), []).append(texts(piece, elements, found))

    def files(self) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
        """Join the pieces."""
        if not self.n_children:
            raise ReturnError(
                "The file holds no CHILD element.",
                where=self.file,
                fix="Give the whole return, with its children.",
            )
        files = {name: self._frame(name) for name in _ROWS_OF}
        ids = files["header"]["CHILD"]
        for name in ("episodes", "missing"):
            at = np.concatenate(self.child[name])
            files[name]["CHILD"] = ids.take(at).to_numpy()
        header = files["header"]
        marked = header["UASC"].str.strip().isin(["1", "Y", "true"]) | header["DUC"].notna()
        if header["UASC"].notna().any() or marked.any():
            files["uasc"] = header.loc[marked].drop(columns="UASC").reset_index(drop=True)
        files["header"] = header.drop(columns=["UASC", "DUC"])
        return files, self._findings()

    def _frame(self, name: str) -> pd.DataFrame:
        columns = {
            field: unescaped(joined(self.texts.get((name, field), [])), self.file)
            for field in _FIELDS[name]
        }
        frame = pd.DataFrame(columns)
        frame["source_file"] = pd.Series(self.file, index=frame.index, dtype="str")
        frame["source_row"] = np.concatenate(self.lines[name])
        return frame

    def _findings(self) -> list[Finding]:
        found = [
            finding(
                "R011",
                "error",
                f"{field} stands more than once where once is allowed.",
                column=field,
                file=self.file,
                rows=lines,
                fix="Remove the repeats at the source; the first is used.",
            )
            for field, lines in self.again.items()
            if lines
        ]
        if self.unknown:
            found.append(
                finding(
                    "R041",
                    "note",
                    "Elements are not part of the return.",
                    file=self.file,
                    rows=self.unknown,
                    count=len(self.unknown),
                    fix="Nothing needs doing, unless one was renamed; they were not read.",
                )
            )
        return found


def _named(elements: Elements, name: str, among: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.flatnonzero(among & (elements.name == np.uint64(fingerprint(name))))
    return found


def _owner(
    elements: Elements, rows: dict[str, np.ndarray], inside: np.ndarray, in_child: np.ndarray
) -> np.ndarray:
    """Give the row's element that each element's text belongs to: its parent's, or the child's."""
    blocks = np.zeros(len(elements.name), dtype=bool)
    blocks[np.concatenate([rows["episodes"], rows["missing"]])] = True
    parent = elements.parent
    own = np.full(len(parent), -1)
    own[in_child] = rows["header"][inside[in_child]]
    held = in_child & blocks[parent]
    own[held] = parent[held]
    own[blocks] = -1
    return own
