"""When a Family Safeguarding team works with a family, and what happened to it, by day."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.synthetic.parameters import Parameters

_GAP_DAYS = 28
"""Plans of one family that follow each other within so many days are one spell."""

_WIDE = 1 << 24


@dataclass(frozen=True)
class Spells:
    """Times in which a team works with a family, as parallel arrays; days since 1970.

    Attributes
    ----------
    number : ndarray of int
        The family's number, as in its ``family_id``.
    family_class : ndarray of int
        Index into `states.CLASSES`.
    start, end : ndarray of int
        First and last day; one that goes on ends after `last`.
    last : int
        The extract.
    """

    number: np.ndarray
    family_class: np.ndarray
    start: np.ndarray
    end: np.ndarray
    last: int


class FamilyDays:
    """Events of families on days, to be counted up to any day.

    Parameters
    ----------
    number : ndarray of int
        Of the family.
    day : ndarray of int
        Days since 1970.
    """

    def __init__(self, number: np.ndarray, day: np.ndarray) -> None:
        key = number * _WIDE + day
        self._order = np.argsort(key, kind="stable")
        self._key = key[self._order]

    def until(self, number: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Count each family's events up to and with a day."""
        first = np.searchsorted(self._key, number * _WIDE, side="left")
        count: np.ndarray = np.searchsorted(self._key, number * _WIDE + day, side="right") - first
        return count

    def latest(self, number: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Give the place of each family's latest event up to a day; -1 where there is none."""
        if not len(self._key):
            return np.full(len(number), -1)
        place = np.searchsorted(self._key, number * _WIDE + day, side="right") - 1
        none = self.until(number, day) == 0
        found: np.ndarray = np.where(none, -1, self._order[np.maximum(place, 0)])
        return found


def family_numbers(family_ids: pd.Series) -> np.ndarray:
    """Give the number in each ``family_id``."""
    numbers: np.ndarray = family_ids.str.slice(1).astype("int64").to_numpy()
    return numbers


def days(dates: pd.Series, missing: int) -> np.ndarray:
    """Give dates as days since 1970."""
    whole = dates.to_numpy().astype("datetime64[D]")
    numbers: np.ndarray = np.where(np.isnat(whole), missing, whole.astype(np.int64))
    return numbers


def make_spells(
    tables: Mapping[str, pd.DataFrame],
    family_class: np.ndarray,
    go_live: int,
    last: int,
    parameters: Parameters,
    rng: np.random.Generator,
) -> Spells:
    """Find the times in which teams work with families: plans open since the go-live.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``family_links``, ``cin_plans`` and ``cp_plans``.
    family_class : ndarray of int
        By the family's number.
    go_live, last : int
        Days since 1970.
    parameters : Parameters
    rng : Generator

    Returns
    -------
    Spells
        Of the families that are taken up, by class.
    """
    links = tables["family_links"][["child_id", "family_id"]]
    plans = pd.concat([tables[name] for name in ("cin_plans", "cp_plans")], ignore_index=True)
    plans = plans[["child_id", "start_date", "end_date"]].merge(links, on="child_id")
    frame = pd.DataFrame(
        {
            "number": family_numbers(plans["family_id"]),
            "start": days(plans["start_date"], last + 1),
            "end": days(plans["end_date"], last + 1),
        }
    )
    frame = frame[(frame["end"] >= go_live) & (frame["start"] <= last)]
    frame = frame.sort_values(["number", "start", "end"], ignore_index=True)
    before = frame.groupby("number")["end"].cummax().groupby(frame["number"]).shift()
    begins = ~(frame["start"] <= before + _GAP_DAYS)
    spells = frame.groupby(begins.cumsum()).agg({"number": "first", "start": "min", "end": "max"})
    kind = family_class[spells["number"]]
    share = parameters.array("family_safeguarding.taken_up")
    taken = rng.random(len(spells)) < share[kind]
    spells, kind = spells[taken], kind[taken]
    return Spells(
        spells["number"].to_numpy(),
        kind,
        np.maximum(spells["start"].to_numpy(), go_live),
        spells["end"].to_numpy(),
        last,
    )
