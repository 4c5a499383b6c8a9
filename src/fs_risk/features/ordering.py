"""Facts ordered by key and day, for histories of any size."""

import numpy as np

from fs_risk.features.order_kernels import count_in_buckets, order_buckets, place_in_buckets
from fs_risk.features.threads import cuts_of, in_pieces

BUCKET_BITS = 10
"""At most this many bits of the key number the buckets: about a thousand write streams."""


def order_rows(
    key: np.ndarray, day: np.ndarray, known: np.ndarray, kind: np.ndarray, n_keys: int
) -> tuple[np.ndarray, np.ndarray]:
    """Order events by key and day; those of one key and day keep their order.

    Parameters
    ----------
    key, day, known : int32 (n,)
        Keys are at least 0 and less than `n_keys`.
    kind : int16 (n,)
    n_keys : int

    Returns
    -------
    starts : int64 (n_keys + 1,)
        The events of key ``k`` are those from ``starts[k]`` to ``starts[k + 1] - 1``.
    rows : int32 (n, 4)
        Day, known, key, kind.

    Examples
    --------
    >>> key, day = np.array([[1, 0, 1], [7, 5, 3]], dtype=np.int32)
    >>> starts, rows = order_rows(key, day, day, np.array([0, 1, 2], np.int16), 2)
    >>> starts.tolist(), rows.tolist()
    ([0, 1, 3], [[5, 5, 0, 1], [3, 3, 1, 2], [7, 7, 1, 0]])
    """
    shift = max(0, max(n_keys - 1, 0).bit_length() - BUCKET_BITS)
    n_buckets = -(-n_keys // (1 << shift))
    cuts = cuts_of(key.size, rows=key.size)
    held = np.zeros((len(cuts) - 1, n_buckets), dtype=np.int64)

    def count(from_piece: int, to_piece: int) -> None:
        for piece in range(from_piece, to_piece):
            count_in_buckets(key, shift, cuts[piece], cuts[piece + 1], held[piece])

    in_pieces(count, len(held), rows=key.size)
    first = np.concatenate([[0], np.cumsum(held.sum(axis=0))])
    # in each bucket, the facts of the first piece stand before those of the second
    places = first[:-1] + np.cumsum(held, axis=0) - held
    rows = np.empty((key.size, 4), dtype=np.int32)

    def place(from_piece: int, to_piece: int) -> None:
        for piece in range(from_piece, to_piece):
            part = shift, cuts[piece], cuts[piece + 1], places[piece]
            place_in_buckets(key, day, known, kind, *part, rows)

    in_pieces(place, len(held), rows=key.size)
    starts = np.empty(n_keys + 1, dtype=np.int64)
    starts[n_keys] = key.size
    ordered = np.empty_like(rows)

    def order(from_bucket: int, to_bucket: int) -> None:
        order_buckets(first, rows, shift, n_keys, from_bucket, to_bucket, starts, ordered)

    in_pieces(order, n_buckets, rows=key.size)
    return starts, ordered


def order_events(
    key: np.ndarray, day: np.ndarray, known: np.ndarray, kind: np.ndarray, n_keys: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Order events by key and day, and give their columns.

    Parameters
    ----------
    key, day, known, kind, n_keys
        As for `order_rows`.

    Returns
    -------
    starts : int64 (n_keys + 1,)
    day, known, kind : int32 (n,)
        Views of the columns of one array.
    """
    starts, rows = order_rows(key, day, known, kind, n_keys)
    return starts, rows[:, 0], rows[:, 1], rows[:, 3]


def order_by_key_and_day(
    key: np.ndarray, day: np.ndarray, n_keys: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give the order of facts by key and day; those of one key and day keep theirs.

    Parameters
    ----------
    key, day : int32 (n,)
    n_keys : int

    Returns
    -------
    starts : int64 (n_keys + 1,)
        The facts of key ``k`` are ``order[starts[k]:starts[k + 1]]``.
    order : int32 (n,)
    """
    number = np.arange(key.size, dtype=np.int32)
    starts, _, order, _ = order_events(key, day, number, np.zeros(key.size, np.int16), n_keys)
    return starts, order
