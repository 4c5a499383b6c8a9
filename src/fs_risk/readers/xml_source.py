"""An XML file in pieces: decoded, without comments and attributes, nothing expanded.

A document type is refused, so no entity can be declared, expanded or fetched. What
is taken out leaves its line breaks behind, so that line numbers stay true.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from fs_risk.errors import ReturnError

BLOCK = 1 << 21
"""Bytes read at a time: few enough to stay in a processor's cache."""
LARGEST_PIECE = 1 << 26
"""A piece that finds no end within this is not a list of records."""

_ENCODINGS = {"utf-8", "utf-16", "iso8859-1", "cp1252", "ascii"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_INSTRUCTION = re.compile(rb"<!--|<\?|<!\[CDATA\[")
_CLOSERS = {b"<!--": b"-->", b"<?": b"?>", b"<![CDATA[": b"]]>"}
_ROOT = re.compile(rb"\s*<([^\s<>/]+)")
_ATTRIBUTES = re.compile(rb"""<([^\s<>/!?="']+)(\s(?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(/?)>""")
_PREFIX = re.compile(rb"<(/?)[A-Za-z_][\w.-]*:")
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r")


@dataclass(frozen=True)
class Piece:
    """A part of a file that holds whole records.

    Attributes
    ----------
    data : bytes
        UTF-8 text.
    line : int
        The number of its first line, from 1.
    """

    data: bytes
    line: int

    def line_at(self, offset: int) -> int:
        """Give the line number of a position."""
        return self.line + self.data.count(b"\n", 0, max(int(offset), 0))


def pieces(path: Path, *, root: str, record: str) -> Iterator[Piece]:
    """Cut a file after the last whole record of each block.

    Parameters
    ----------
    path : Path
    root : str
        Name of the outermost element.
    record : str
        Name of the element after whose end tag a piece may end.

    Yields
    ------
    Piece
        In order; together they are the whole file.

    Raises
    ------
    ReturnError
        If the file is not text, has another root, declares a document type, or no
        record ends.
    """
    pending, line, known, prefixed = b"", 1, False, False
    for block in _utf8_blocks(path):
        prefixed = prefixed or b"xmlns:" in block
        pending = _plain(pending + block, prefixed)
        known = known or _check_root(pending, root, path)
        limit = _first_instruction(pending, path, line)
        cut = _last_end(pending, f"{record}>".encode(), limit)
        if cut:
            piece = Piece(pending[:cut], line)
            yield piece
            line += piece.data.count(b"\n")
            pending = pending[cut:]
        elif len(pending) > LARGEST_PIECE:
            raise ReturnError(
                f"No {record} element ends within {LARGEST_PIECE >> 20} MB.",
                where=f"{path.name}, line {line}",
                fix="Give the XML file as the census system exported it.",
            )
    if not known or _first_instruction(pending, path, line) < len(pending):
        raise _broken("it ends inside a comment or before its first element", path, line)
    yield Piece(pending, line)


def _utf8_blocks(path: Path) -> Iterator[bytes]:
    """Read a file in blocks of valid UTF-8, whatever its encoding and line ends."""
    held = b""
    with path.open("rb") as file:
        head = file.read(BLOCK)
        decoder = codecs.getincrementaldecoder(_encoding(head, path))()
        for block in chain([head], iter(partial(file.read, BLOCK), b""), [b""]):
            text = held + _decoded(decoder, block, path)
            held = b"\r" if block and text.endswith(b"\r") else b""
            yield _line_feeds(text.removesuffix(held))


def _line_feeds(text: bytes) -> bytes:
    """End every line with a line feed, alone or after a carriage return (XML 1.0, 2.11)."""
    if b"\r" not in text or text.count(b"\r") == text.count(b"\r\n"):
        return text
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, path: Path) -> bytes:
    try:
        text = decoder.decode(block, final=not block).encode()
    except UnicodeError as error:
        raise _not_text(path) from error
    if len(text.translate(None, _CONTROL)) != len(text):
        raise _not_text(path)
    return text


def _encoding(head: bytes, path: Path) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        raise _not_text(path)
    declared = _DECLARATION.match(head)
    if declared is None:
        return "utf-8"
    try:
        name = codecs.lookup(declared.group(1).decode()).name
    except LookupError:
        name = "unknown"
    if name not in _ENCODINGS:
        raise ReturnError(
            "The file declares an encoding that is not read.",
            where=f"{path.name}, line 1",
            fix="Save the file as UTF-8.",
        )
    return "utf-8" if name == "ascii" else name


def _plain(text: bytes, prefixed: bool) -> bytes:
    """Take out comments, instructions, attributes and prefixes; keep the line breaks."""
    if b"!" in text or b"?" in text:
        text = b"".join(_without_instructions(text))
    if b"=" in text:
        text = _ATTRIBUTES.sub(_bare_tag, text)
    if prefixed:
        text = _PREFIX.sub(rb"<\1", text)
    return text


def _without_instructions(text: bytes) -> Iterator[bytes]:
    """Replace whole comments and instructions by their line breaks, CDATA by text."""
    at = 0
    while (found := _INSTRUCTION.search(text, at)) is not None:
        end = text.find(_CLOSERS[found.group()], found.end())
        if end < 0:
            break
        yield text[at : found.start()]
        content = text[found.end() : end]
        if found.group() == b"<![CDATA[":
            yield content.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
        else:
            yield b"\n" * content.count(b"\n")
        at = end + 3 - (found.group() == b"<?")
    yield text[at:]


def _bare_tag(match: re.Match[bytes]) -> bytes:
    name, attributes, slash = match.groups()
    return b"<" + name + b"\n" * attributes.count(b"\n") + slash + b">"


def _check_root(text: bytes, root: str, path: Path) -> bool:
    """Refuse a file of another kind before reading on; False while nothing is seen."""
    first = _ROOT.match(text)
    if first is None:
        if text.strip() and not text.lstrip().startswith(b"<"):
            raise _not_text(path)
        return False
    if first.group(1).startswith((b"!", b"?")):
        return False
    if first.end() < len(text) and first.group(1) != root.encode():
        raise ReturnError(
            f"The file's outermost element is not {root}.",
            where=f"{path.name}, line {1 + text.count(bytes([10]), 0, first.start(1))}",
            fix="Give the XML file of this return, as the census system exported it.",
        )
    return first.end() < len(text)


def _first_instruction(text: bytes, path: Path, line: int) -> int:
    """Give the position of a comment or instruction that is not yet whole."""
    marks = [mark for mark in (b"<!", b"<?") if mark[1:] in text]
    found = [at for at in map(text.find, marks) if at >= 0]
    if not found:
        return len(text)
    at = min(found)
    start = text[at : at + 9]
    if not any(start.startswith(mark[: len(start)]) for mark in (b"<!--", b"<![CDATA[", b"<?")):
        raise ReturnError(
            "The file declares a document type or entities, which are never read.",
            where=f"{path.name}, line {line + text.count(bytes([10]), 0, at)}",
            fix="Export the file without a DOCTYPE.",
        )
    return at


def _last_end(text: bytes, end: bytes, limit: int) -> int:
    """Give the position behind the last end tag of a record, 0 if none is whole."""
    at = text.rfind(b"</" + end, 0, limit)
    return at + 2 + len(end) if at >= 0 else 0


def _broken(how: str, path: Path, line: int) -> ReturnError:
    return ReturnError(
        f"The file is not well-formed XML: {how}.",
        where=f"{path.name}, line {line}",
        fix="Export the file again and do not edit it by hand.",
    )


def _not_text(path: Path) -> ReturnError:
    return ReturnError(
        "The file is not XML text in the encoding it declares.",
        where=path.name,
        fix="Give the XML file itself, saved as UTF-8, not a workbook or an archive.",
    )
