"""Compiled passes over texts as bytes: a table of the places of texts, and its look-up."""

import numpy as np

from fs_risk.features.compiled import compiled

TOGETHER = 256
"""Texts looked up together, so that the waits for memory overlap."""

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@compiled
def mark_texts(
    data: np.ndarray, offsets: np.ndarray, from_text: int, to_text: int, marks: np.ndarray
) -> None:
    """Mix the bytes of each text into 64 bits.

    Parameters
    ----------
    data : uint8 (n_bytes,)
    offsets : int64 (n_texts + 1,)
        Text ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
    from_text, to_text : int
    marks : uint64 (n_texts,)
        Filled here.

    References
    ----------
    .. [1] FNV-1a of 64 bits, ended as MurmurHash3 is: ids are much alike.
    """
    for i in range(from_text, to_text):
        mixed = np.uint64(14695981039346656037)
        for place in range(offsets[i], offsets[i + 1]):
            mixed = (mixed ^ np.uint64(data[place])) * np.uint64(1099511628211)
        mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        marks[i] = mixed ^ (mixed >> np.uint64(33))


@compiled
def tabulate_texts(
    data: np.ndarray, offsets: np.ndarray, marks: np.ndarray, table: np.ndarray
) -> int:
    """Put the place of each text into a table; of equal texts, the first.

    Parameters
    ----------
    data, offsets, marks
        The texts, as in `mark_texts`.
    table : uint64 (a power of two, above n_texts)
        Zeros; filled here: half of a text's mark, then its place with 1 added.

    Returns
    -------
    int
        How many texts differ.
    """
    last_slot = np.uint64(table.size - 1)
    n_texts, distinct = marks.size, 0
    fetched = np.empty(TOGETHER, np.uint64)
    for start in range(0, n_texts, TOGETHER):
        n = min(TOGETHER, n_texts - start)
        for b in range(n):
            fetched[b] = table[marks[start + b] & last_slot]
        for i in range(start, start + n):
            slot, half = marks[i] & last_slot, marks[i] >> _HALF
            first, size = offsets[i], offsets[i + 1] - offsets[i]
            while table[slot] != 0:
                if table[slot] >> _HALF == half:
                    p = np.int64(table[slot] & _LOW) - 1
                    begin, same = offsets[p], offsets[p + 1] - offsets[p] == size
                    place = 0
                    while same and place < size:
                        same = data[first + place] == data[begin + place]
                        place += 1
                    if same:
                        break
                slot = (slot + np.uint64(1)) & last_slot
            if table[slot] == 0:
                table[slot] = half << _HALF | np.uint64(i + 1)
                distinct += 1
    return distinct


@compiled
def find_texts(
    data: np.ndarray,
    offsets: np.ndarray,
    marks: np.ndarray,
    table: np.ndarray,
    known_data: np.ndarray,
    known_offsets: np.ndarray,
    from_text: int,
    to_text: int,
    places: np.ndarray,
) -> None:
    """Look texts up in a table made by `tabulate_texts`.

    Parameters
    ----------
    data, offsets, marks
        The texts to look up, as in `mark_texts`.
    table, known_data, known_offsets
        The table, and the texts it was made of.
    from_text, to_text : int
    places : int32 (n_texts,)
        Filled here; -1 for a text that is not in the table.
    """
    last_slot, last_byte = np.uint64(table.size - 1), known_data.size - 1
    fetched = np.empty(TOGETHER, np.uint64)
    for start in range(from_text, to_text, TOGETHER):
        n = min(TOGETHER, to_text - start)
        for b in range(n):
            fetched[b] = table[marks[start + b] & last_slot]
        for b in range(n):
            if fetched[b] != 0:
                p = np.int64(fetched[b] & _LOW) - 1
                fetched[b] = np.uint64(known_data[min(known_offsets[p], last_byte)])
        for i in range(start, start + n):
            slot, half = marks[i] & last_slot, marks[i] >> _HALF
            first, size = offsets[i], offsets[i + 1] - offsets[i]
            places[i] = -1
            while table[slot] != 0:
                if table[slot] >> _HALF == half:
                    p = np.int64(table[slot] & _LOW) - 1
                    begin, same = known_offsets[p], known_offsets[p + 1] - known_offsets[p] == size
                    place = 0
                    while same and place < size:
                        same = data[first + place] == known_data[begin + place]
                        place += 1
                    if same:
                        places[i] = p
                        break
                slot = (slot + np.uint64(1)) & last_slot
