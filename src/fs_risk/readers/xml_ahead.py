"""Pieces of an XML file with their elements, the next ones found while one is being used.

Finding elements is array work that leaves the interpreter free, so a second thread does
it while the first reads on and takes in what was found. All pieces but the first and the
last begin with the same open elements; a piece for which that turns out wrong is done again.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fs_risk.errors import ReturnError
from fs_risk.readers.xml_source import Piece, pieces
from fs_risk.readers.xml_tokens import Elements, find_elements

AHEAD = 2
"""Pieces that may wait with their elements found: few, so that memory stays flat."""

Open = tuple[int, ...]


@dataclass(frozen=True)
class _Asked:
    """A piece whose elements are being found, with what was taken to be open before it."""

    piece: Piece
    supposed: Open
    answer: "Future[Elements]"


def pieces_with_elements(path: Path, *, root: str, record: str) -> Iterator[tuple[Piece, Elements]]:
    """Cut a file into pieces and find the elements of each.

    Parameters
    ----------
    path : Path
    root : str
        Name of the outermost element.
    record : str
        Name of the element after whose end tag a piece may end.

    Yields
    ------
    piece : Piece
    elements : Elements
        In the order of the file.

    Raises
    ------
    ReturnError
        If the file is not well-formed, from its first fault on.
    """
    asked: deque[_Asked] = deque()
    open_now: Open = ()
    n_roots = 0
    fault: ReturnError | None = None
    source = pieces(path, root=root, record=record)
    with ThreadPoolExecutor(max_workers=1) as other:
        while True:
            piece, fault = _next(source)
            if piece is not None:
                answer = other.submit(_found, piece, open_now, path.name)
                asked.append(_Asked(piece, open_now, answer))
            while asked and (piece is None or len(asked) > AHEAD or not open_now):
                done = asked.popleft()
                elements = _settled(done, open_now, path.name)
                n_roots += int((elements.level[elements.n_open :] == 0).sum())
                open_now = elements.still_open
                if n_roots > 1:
                    raise _broken("it has more than one outermost element", path.name)
                yield done.piece, elements
            if piece is None:
                break
    if fault is not None:
        raise fault
    if open_now:
        raise _broken("it ends before its last element is closed; it was cut off", path.name)


def _next(source: Iterator[Piece]) -> tuple[Piece | None, ReturnError | None]:
    """Give the next piece; a fault in it is told only after those of the pieces before."""
    try:
        return next(source, None), None
    except ReturnError as error:
        return None, error


def _found(piece: Piece, open_before: Open, file: str) -> Elements:
    def place(offset: int) -> str:
        return f"{file}, line {piece.line_at(offset)}"

    return find_elements(piece.data, open_before, place)


def _settled(asked: _Asked, open_before: Open, file: str) -> Elements:
    """Wait for a piece's elements; find them again if others were open before it."""
    if asked.supposed == open_before:
        return asked.answer.result()
    asked.answer.exception()
    return _found(asked.piece, open_before, file)


def _broken(how: str, file: str) -> ReturnError:
    return ReturnError(
        f"The file is not well-formed XML: {how}.",
        where=file,
        fix="Export the file again and do not edit it by hand.",
    )
