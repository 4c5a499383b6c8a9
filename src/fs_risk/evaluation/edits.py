"""Changes to records and cases that should not change a score, and a month's that may."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES

DELAYS = (7, 28)
"""Days by which facts dated by rule are known later."""

MONTH_DAYS = 30

RECODED = {
    "children": ("sex", "ethnicity"),
    "referrals": ("team", "primary_need"),
}
"""Columns that no feature may read: whom a child is, and what is overwritten at the extract."""

TYPED_TWICE = ("contacts", "referrals", "section47", "missing_episodes")
_EVERY = 10


@dataclass(frozen=True)
class Edit:
    """A change to try.

    Attributes
    ----------
    name : str
        What the report's figures end with.
    kind : {"edit", "month", "delay"}
    says : str
        What is changed, in a sentence.
    records : callable or None
        Gives the records to score from; None where they are as they were.
    days : int
        By which `as_of` moves.
    lag_days : int
        By which the extract is older.
    order : bool
        Whether the cases are scored in another order.
    """

    name: str
    kind: str
    says: str
    records: Callable[[Records], Records] | None
    days: int = 0
    lag_days: int = 0
    order: bool = False


def edits_to_try() -> Iterator[Edit]:
    """List the changes of a report.

    Yields
    ------
    Edit
        Trivial ones first, then a month, then delays.
    """
    yield Edit(
        "rows_shuffled",
        "edit",
        "The rows of every table, and the cases, put into another order.",
        shuffled,
        order=True,
    )
    yield Edit(
        "recoded",
        "edit",
        "Sex, ethnicity, primary need and team, which no feature reads, moved to other rows.",
        recoded,
    )
    yield Edit(
        "typed_twice",
        "edit",
        "One in ten contacts, referrals, section 47 enquiries and missing episodes entered "
        "a second time.",
        typed_twice,
    )
    yield Edit("day_earlier", "edit", "Every case scored one day earlier.", None, days=-1)
    yield Edit(
        "month_to_month",
        "month",
        f"The same cases scored from the records as they stood {MONTH_DAYS} days sooner.",
        None,
        lag_days=MONTH_DAYS,
    )
    for days in DELAYS:
        yield Edit(
            f"delayed_{days}d",
            "delay",
            f"Facts whose recording date is set by rule known {days} days later.",
            _later(days),
        )


def shuffled(records: Records, *, seed: int = 0) -> Records:
    """Put the rows of every table into another order.

    Parameters
    ----------
    records : Records
    seed : int, default=0

    Returns
    -------
    Records
    """
    generator = np.random.default_rng(seed)
    frames = {}
    for name in records:
        frame = records[name]
        order = generator.permutation(len(frame))
        frames[name] = frame.iloc[order].reset_index(drop=True)
    return records.replace(**frames)


def recoded(records: Records) -> Records:
    """Move the values of columns that no feature reads to other rows.

    Parameters
    ----------
    records : Records

    Returns
    -------
    Records
    """
    frames = {}
    for name, columns in RECODED.items():
        frame = records[name]
        for column in columns:
            moved = np.roll(np.arange(len(frame)), 1)
            frame[column] = frame[column].iloc[moved].set_axis(frame.index)
        frames[name] = frame
    return records.replace(**frames)


def typed_twice(records: Records) -> Records:
    """Enter some events a second time, under numbers of their own.

    Parameters
    ----------
    records : Records

    Returns
    -------
    Records
    """
    frames = {}
    for name in TYPED_TWICE:
        frame = records[name]
        again = frame.iloc[::_EVERY].copy()
        for column in TABLES[name].key:
            again[column] = (again[column] + " again").astype(frame[column].dtype)
        frames[name] = pd.concat([frame, again], ignore_index=True)
    return records.replace(**frames)


def share_by_rule(records: Records) -> float:
    """Give the share of dated rows whose recording date is set by rule.

    Parameters
    ----------
    records : Records

    Returns
    -------
    float
        0 without rows.
    """
    flags = [
        records[name]["known_by_rule"].fillna(True).to_numpy(dtype=bool)
        for name in records
        if "known_by_rule" in TABLES[name]
    ]
    ruled = np.concatenate(flags) if flags else np.zeros(0)
    return float(ruled.mean()) if ruled.size else 0.0


def _later(days: int) -> Callable[[Records], Records]:
    return lambda records: records.delayed(days)
