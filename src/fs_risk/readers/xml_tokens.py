"""Elements of an XML text found all at once with array operations.

A census file is many short elements, and calling a function for each costs more
than everything else. Here the positions of all ``<`` and ``>`` are found in one
pass, names are compared as 8-byte words, and nesting is checked by counting. There
are no entities beyond the five of XML, and nothing can be fetched or expanded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fs_risk.errors import ReturnError

DEEPEST = 64
"""No return nests elements further than this; a file that does is refused."""

_WORDS = 4
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
_MIX = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93],
    dtype=np.uint64,
)
_LT, _GT, _SLASH, _SPACE, _NEWLINE = b"<>/ \n"


Place = Callable[[int], str]
"""Says where a position is: the file and its line."""


@dataclass(frozen=True)
class Elements:
    """The elements of one piece of a file, in document order.

    The first `n_open` are those that were open when the piece began.

    Attributes
    ----------
    name : ndarray of uint64
        Fingerprint of the element's name (`fingerprints`).
    name_from, name_to : ndarray of int64
        Where the name stands.
    level : ndarray of int64
        How many elements enclose it.
    parent : ndarray of int64
        The enclosing element, by position in these arrays; -1 for the root.
    offset : ndarray of int64
        Where its start tag begins.
    text_from, text_to : ndarray of int64
        Where its text stands, if it holds no other element; else -1.
    stray : ndarray of int64
        Where text stands between elements.
    n_open : int
    still_open : tuple of int
        Fingerprints of the elements open at the end.
    """

    name: np.ndarray
    name_from: np.ndarray
    name_to: np.ndarray
    level: np.ndarray
    parent: np.ndarray
    offset: np.ndarray
    text_from: np.ndarray
    text_to: np.ndarray
    stray: np.ndarray
    n_open: int
    still_open: tuple[int, ...]


def fingerprints(padded: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Turn names into numbers that differ where the names differ.

    Parameters
    ----------
    padded : bytes
        The text, with at least 40 bytes behind the last name.
    starts, ends : ndarray of int64
        Where the names stand.

    Returns
    -------
    ndarray of uint64
    """
    words = np.ndarray((len(padded) - 7,), "<u8", padded, 0, (1,))
    lengths = ends - starts
    total: np.ndarray = _mixed(lengths.astype(np.uint64), 0, words[starts], lengths)
    for word in range(1, _WORDS):
        long = np.flatnonzero(lengths > 8 * word)
        total[long] = _mixed(total[long], word, words[starts[long] + 8 * word], lengths[long])
    return total


def _mixed(total: np.ndarray, word: int, values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Mix one 8-byte word of names into what the words before gave."""
    held = np.minimum(lengths - 8 * word, 8)
    total ^= values & _MASKS[held]
    total *= _MIX[word]
    total ^= total >> np.uint64(29)
    return total


def fingerprint(name: str) -> int:
    """Give the fingerprint of one name."""
    raw = name.encode()
    ends = np.array([len(raw)])
    return int(fingerprints(raw + bytes(48), np.array([0]), ends)[0])


def find_elements(data: bytes, open_before: Sequence[int], place: Place) -> Elements:
    """Find all elements of a piece of XML and check that they nest.

    Parameters
    ----------
    data : bytes
        UTF-8, without comments, processing instructions, attributes and namespace
        prefixes (`xml_source` removes them).
    open_before : sequence of int
        Fingerprints of the elements open where the piece begins, outermost first.
    place : callable
        Turns a position in `data` into words for an error.

    Returns
    -------
    Elements

    Raises
    ------
    ReturnError
        If tags are cut, or do not match.
    """
    buffer = np.frombuffer(data, dtype=np.uint8)
    starts = np.flatnonzero(buffer == _LT)
    ends = _tag_ends(buffer, starts, place)
    closing = buffer[starts + 1] == _SLASH
    empty = (buffer[ends - 1] == _SLASH) & ~closing
    name_from = starts + 1 + closing
    name_to = _trimmed(buffer, name_from, ends - empty, place)
    names = fingerprints(data + bytes(48), name_from, name_to)

    n_open = len(open_before)
    before = np.arange(n_open)
    names = np.concatenate([np.array(open_before, dtype=np.uint64), names])
    closing = np.concatenate([np.zeros(n_open, dtype=bool), closing])
    empty = np.concatenate([np.zeros(n_open, dtype=bool), empty])
    nothing = np.full(n_open, -1)
    starts_all = np.concatenate([nothing, starts])

    step = np.where(empty, 0, np.where(closing, -1, 1))
    depth = np.cumsum(step)
    level = np.where(closing | empty, depth, depth - 1)
    _check_depth(depth, starts_all, place)
    still_open = _check_names(names, level, closing, empty, starts_all, place)

    opening = ~closing
    is_leaf = np.zeros(len(names), dtype=bool)
    is_leaf[:-1] = opening[:-1] & ~empty[:-1] & closing[1:]
    is_leaf[:n_open] = False
    text_from, text_to = np.concatenate([nothing, ends + 1]), np.full(len(names), -1)
    text_to[:-1] = starts_all[1:]
    stray = _stray(buffer, text_from[n_open:], text_to[n_open:], is_leaf[n_open:], starts)
    text_from[~is_leaf], text_to[~is_leaf] = -1, -1
    kept = np.flatnonzero(opening)
    return Elements(
        name=names[kept],
        name_from=np.concatenate([before * 0 - 1, name_from])[kept],
        name_to=np.concatenate([before * 0 - 1, name_to])[kept],
        level=level[kept],
        parent=_parents(level[kept], ~empty[kept]),
        offset=starts_all[kept],
        text_from=text_from[kept],
        text_to=text_to[kept],
        stray=stray,
        n_open=n_open,
        still_open=still_open,
    )


def _tag_ends(buffer: np.ndarray, starts: np.ndarray, place: Place) -> np.ndarray:
    closers = np.flatnonzero(buffer == _GT)
    if len(closers) == len(starts) and _alternate(starts, closers):
        return closers
    position = np.searchsorted(closers, starts)
    if len(starts) and (position >= len(closers)).any():
        raise _malformed("A tag is cut off.", place(starts[position >= len(closers)][0]))
    ends = closers[position]
    nested = ends[:-1] > starts[1:]
    if nested.any():
        raise _malformed("A tag begins inside another.", place(starts[:-1][nested][0]))
    return ends


def _alternate(starts: np.ndarray, closers: np.ndarray) -> bool:
    """Say whether each start has its own end before the next start: text without a stray ">"."""
    return bool((starts < closers).all() and (closers[:-1] < starts[1:]).all())


def _trimmed(buffer: np.ndarray, starts: np.ndarray, ends: np.ndarray, place: Place) -> np.ndarray:
    """Leave out white space between a name and the end of its tag."""
    loose = buffer[ends - 1] <= _SPACE
    while loose.any():
        ends = ends - loose
        loose = (buffer[ends - 1] <= _SPACE) & (ends > starts)
    if (ends <= starts).any():
        raise _malformed("A tag has no name.", place(starts[ends <= starts][0]))
    return ends


def _check_depth(depth: np.ndarray, starts: np.ndarray, place: Place) -> None:
    if not len(depth):
        return
    if depth.min() < 0:
        raise _malformed("An end tag has no start tag.", place(starts[np.argmax(depth < 0)]))
    if depth.max() > DEEPEST:
        raise _malformed(
            "Elements are nested too deeply.", place(starts[np.argmax(depth > DEEPEST)])
        )


def _check_names(
    names: np.ndarray,
    level: np.ndarray,
    closing: np.ndarray,
    empty: np.ndarray,
    starts: np.ndarray,
    place: Place,
) -> tuple[int, ...]:
    """Check that each end tag names its element; say which elements stay open."""
    tags = np.flatnonzero(~empty)
    order = tags[np.argsort(level[tags].astype(np.int16), kind="stable")]
    is_open = ~closing[order]
    ended = np.zeros(len(order), dtype=bool)
    ended[:-1] = is_open[:-1] & (level[order[:-1]] == level[order[1:]])
    pairs = np.flatnonzero(ended)
    wrong = names[order[pairs]] != names[order[pairs + 1]]
    if wrong.any():
        first = starts[order[pairs[wrong] + 1]].min()
        raise _malformed("An end tag does not match its start tag.", place(first))
    return tuple(int(name) for name in names[order[is_open & ~ended]])


def _parents(level: np.ndarray, has_content: np.ndarray) -> np.ndarray:
    parent = np.full(len(level), -1)
    for depth in range(1, int(level.max(initial=0)) + 1):
        inner = np.flatnonzero(level == depth)
        outer = np.flatnonzero((level == depth - 1) & has_content)
        parent[inner] = outer[np.searchsorted(outer, inner) - 1]
    return parent


def _stray(
    buffer: np.ndarray,
    text_from: np.ndarray,
    text_to: np.ndarray,
    is_leaf: np.ndarray,
    starts: np.ndarray,
) -> np.ndarray:
    """Find text between elements; the positions where such stretches begin."""
    begins = np.concatenate([[0], text_from[~is_leaf]])
    finishes = np.concatenate([[starts[0] if len(starts) else len(buffer)], text_to[~is_leaf]])
    finishes = np.where(finishes < 0, len(buffer), finishes)
    filled = finishes > begins
    begins, finishes = begins[filled], finishes[filled]
    if not len(begins):
        return begins
    bounds = np.column_stack([begins, finishes]).ravel()
    inside = bounds[:-1] if bounds[-1] == len(buffer) else bounds
    printed = np.maximum.reduceat(buffer, inside)[::2] > _SPACE
    return begins[printed]


def _malformed(what: str, where: str) -> ReturnError:
    return ReturnError(
        f"The file is not well-formed XML: {what}",
        where=where,
        fix="Export the file again and do not edit it by hand.",
    )
