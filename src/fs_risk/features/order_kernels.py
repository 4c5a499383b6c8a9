"""Compiled passes that order facts by key and day: first into buckets, then within each.

Each bucket of neighbouring keys fits the processor's cache, so that placing its
facts does not wait for memory.
"""

import numpy as np

from fs_risk.features.compiled import compiled

LONG_HISTORY = 64
"""Facts of one key from which a merge sort is quicker than insertion."""


@compiled
def count_in_buckets(
    key: np.ndarray, shift: int, from_fact: int, to_fact: int, held: np.ndarray
) -> None:
    """Count how many of some facts each bucket of neighbouring keys holds.

    Parameters
    ----------
    key : int32 (n,)
    shift : int
        Bucket ``b`` holds the keys ``b << shift`` to ``((b + 1) << shift) - 1``.
    from_fact, to_fact : int
    held : int64 (n_buckets,)
        Zeros; filled here.
    """
    for i in range(from_fact, to_fact):
        held[key[i] >> shift] += 1


@compiled
def place_in_buckets(
    key: np.ndarray,
    day: np.ndarray,
    known: np.ndarray,
    kind: np.ndarray,
    shift: int,
    from_fact: int,
    to_fact: int,
    place: np.ndarray,
    rows: np.ndarray,
) -> None:
    """Bring facts of neighbouring keys together, so that ordering them stays in the cache.

    Parameters
    ----------
    key, day, known : int32 (n,)
    kind : int16 (n,)
    shift, from_fact, to_fact : int
        As in `count_in_buckets`.
    place : int64 (n_buckets,)
        Where these facts begin in each bucket; moved on here.
    rows : int32 (n, 4)
        Day, known, key, kind: filled here, each bucket in the old order.
    """
    for i in range(from_fact, to_fact):
        bucket = key[i] >> shift
        p = place[bucket]
        place[bucket] = p + 1
        rows[p, 0] = day[i]
        rows[p, 1] = known[i]
        rows[p, 2] = key[i]
        rows[p, 3] = kind[i]


@compiled
def order_buckets(
    first: np.ndarray,
    rows: np.ndarray,
    shift: int,
    n_keys: int,
    from_bucket: int,
    to_bucket: int,
    starts: np.ndarray,
    ordered: np.ndarray,
) -> None:
    """Order the facts of some buckets by key and day; those of one day keep their order.

    Parameters
    ----------
    first : int64 (n_buckets + 1,)
        The facts of bucket ``b`` are ``rows[first[b]:first[b + 1]]``.
    rows, shift
        As in `place_in_buckets`.
    n_keys : int
    from_bucket, to_bucket : int
        The buckets to order: ``from_bucket <= b < to_bucket``.
    starts : int64 (n_keys + 1,)
        Filled for the keys of these buckets.
    ordered : int32 (n, 4)
        Day, known, key, kind: filled for the facts of these buckets.
    """
    width = 1 << shift
    held = np.empty(width, np.int64)
    place = np.empty(width, np.int64)
    for bucket in range(from_bucket, to_bucket):
        base = bucket << shift
        held[:] = 0
        for r in range(first[bucket], first[bucket + 1]):
            held[rows[r, 2] - base] += 1
        total = first[bucket]
        for k in range(min(width, n_keys - base)):
            starts[base + k] = total
            place[k] = total
            total += held[k]
        for r in range(first[bucket], first[bucket + 1]):
            k = rows[r, 2] - base
            d = rows[r, 0]
            p = place[k]
            place[k] = p + 1
            ordered[p, 2] = rows[r, 2]
            low = starts[base + k] if held[k] <= LONG_HISTORY else p
            while p > low and ordered[p - 1, 0] > d:
                ordered[p, 0] = ordered[p - 1, 0]
                ordered[p, 1] = ordered[p - 1, 1]
                ordered[p, 3] = ordered[p - 1, 3]
                p -= 1
            ordered[p, 0] = d
            ordered[p, 1] = rows[r, 1]
            ordered[p, 3] = rows[r, 3]
        for k in range(min(width, n_keys - base)):
            if held[k] > LONG_HISTORY:
                part = ordered[starts[base + k] : starts[base + k] + held[k]]
                part[:] = part[np.argsort(part[:, 0], kind="mergesort")]
