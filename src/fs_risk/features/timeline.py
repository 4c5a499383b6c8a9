"""`History`: an authority's facts as sorted integer arrays, each with two clocks.

The same arrays and the same compiled passes serve a million cases and one, so
that a score at the front door cannot differ from training.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from fs_risk.features.ordering import order_by_key_and_day, order_events
from fs_risk.features.stream_rows import (
    FACTOR_BIT as FACTOR_BIT,
)
from fs_risk.features.stream_rows import (
    TableRows,
    gather_rows,
    number_rows,
    or_never,
)
from fs_risk.features.streams import STREAMS
from fs_risk.records.dates import MISSING_DAY, NEVER, to_days
from fs_risk.records.households import household_numbers
from fs_risk.records.records import Origin, Records


@dataclass(frozen=True, eq=False)
class Facts:
    """Facts sorted by key and day; those of key ``k`` stand at ``starts[k]:starts[k + 1]``.

    Attributes
    ----------
    starts : int64 (n_keys + 1,)
    day, known, owner : int32 (n,)
        Event day, day it became known, child.
    kind : int16 (n,)
        Number of the stream, in the order of `History.streams`.
    end_known : int32 (n,)
        Spells only: day on which the end was known, else the largest int32. Empty for
        other facts.
    end : int32 (n,)
        Spells only: day on which it ended, else the largest int32. Empty for others.
    mask : uint64 (n,)
        Assessments only: one bit for each factor recorded. Empty for others.
    """

    starts: np.ndarray
    day: np.ndarray
    known: np.ndarray
    owner: np.ndarray
    kind: np.ndarray
    end_known: np.ndarray
    end: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True, eq=False)
class Members:
    """Children of each household: ``child[starts[h]:starts[h + 1]]``."""

    starts: np.ndarray
    child: np.ndarray
    link_known: np.ndarray


@dataclass(frozen=True, eq=False)
class History:
    """What an authority's records say of each child, indexed for features.

    Made by `History.from_records`; features and scores read nothing else.

    Attributes
    ----------
    children : Index of str
        Child ids; position is the child's number.
    birth, expected_birth, retain, household : int32 (n_children,)
    unaccompanied : bool (n_children,)
        For scope alone, never a feature.
    events, sibling_events, spells, sibling_spells, assessments : Facts
    members : Members
    declared : Series of str
        Source declared by each referral, indexed by referral id.
    opened : int32 (n_referrals,)
        Day of each referral, in the order of `declared`.
    coverage : mapping of str to (int, int) or None
        Days observed by each table.
    extract_day : int
    origin : Origin
    streams : tuple of str
        Names; the number of a stream is its place here.
    """

    children: pd.Index
    birth: np.ndarray
    expected_birth: np.ndarray
    retain: np.ndarray
    household: np.ndarray
    unaccompanied: np.ndarray
    events: Facts
    sibling_events: Facts
    spells: Facts
    sibling_spells: Facts
    assessments: Facts
    members: Members
    declared: pd.Series
    opened: np.ndarray
    coverage: Mapping[str, tuple[int, int] | None]
    extract_day: int
    origin: Origin
    streams: tuple[str, ...] = tuple(STREAMS)

    @cached_property
    def child_number(self) -> dict[str, int]:
        """The number of each child by its id: quicker than `children` for a single look-up."""
        return {child: number for number, child in enumerate(self.children)}

    @cached_property
    def first_known(self) -> np.ndarray:
        """Day on which the first event of each child was known, else the largest int32."""
        first = np.full(len(self.children), NEVER, dtype=np.int32)
        np.minimum.at(first, self.events.owner, self.events.known)
        return first

    @classmethod
    def from_records(cls, records: Records) -> "History":
        """Index the facts of `records`.

        Parameters
        ----------
        records : Records

        Returns
        -------
        History
        """
        frames = {name: records[name] for name in records}
        children, tables = number_rows(frames)
        identity, links = tables["children"], frames["family_links"]
        household = household_numbers(children, links)
        link_known = _link_known(tables["family_links"], len(children))
        n_children, n_households = len(children), int(household.max(initial=-1)) + 1

        def gathered(spells: bool) -> tuple[Facts, Facts]:
            raw = gather_rows(tables, spells=spells)
            own = _sorted(raw, raw["owner"], n_children) if spells else _events(raw, n_children)
            return own, _for_siblings(raw, household, link_known, n_households)

        with ThreadPoolExecutor(2) as pool:
            (events, sibling_events), (spells, sibling_spells) = pool.map(gathered, (False, True))
        return cls(
            children=children,
            birth=_by_child(identity, identity.days("birth_date"), n_children, MISSING_DAY),
            expected_birth=_by_child(
                identity, identity.days("expected_birth_date"), n_children, MISSING_DAY
            ),
            retain=_by_child(identity, or_never(identity.days("retain_until")), n_children, NEVER),
            household=household,
            unaccompanied=_by_child(
                identity, identity.holds("unaccompanied", ("True",)), n_children, False
            ),
            events=events,
            sibling_events=sibling_events,
            spells=spells,
            sibling_spells=sibling_spells,
            assessments=_assessments(tables["assessments"], n_children),
            members=_members(household, link_known, n_households),
            declared=_declared(frames["referrals"]),
            opened=to_days(frames["referrals"]["referral_date"]),
            coverage={
                name: None
                if window is None
                else (_day(window.observed_from), _day(window.observed_to))
                for name, window in records.coverage.items()
            },
            extract_day=_day(records.extract_date),
            origin=records.origin,
        )


def _day(date: pd.Timestamp) -> int:
    return int(to_days(pd.Series([date]))[0])


def _by_child(
    table: TableRows, values: np.ndarray, n_children: int, otherwise: int | bool
) -> np.ndarray:
    """Put what the children table says of each child in the child's place."""
    placed = np.full(n_children, otherwise, dtype=values.dtype)
    placed[table.owner] = values
    return placed


def _link_known(links: TableRows, n_children: int) -> np.ndarray:
    """Give the day from which each child's household was known; undated links always were."""
    known = np.full(n_children, NEVER, dtype=np.int32)
    np.minimum.at(known, links.owner, links.days("known_date"))
    return known


def _events(raw: Mapping[str, np.ndarray], n_children: int) -> Facts:
    starts, day, known, kind = order_events(
        raw["owner"], raw["day"], raw["known"], raw["kind"], n_children
    )
    owner = np.repeat(np.arange(n_children, dtype=np.int32), np.diff(starts))
    return Facts(starts=starts, day=day, known=known, kind=kind, owner=owner, **_without())


def _without() -> dict[str, np.ndarray]:
    """Give the empty columns of facts that have no end and no factors."""
    no_days, no_bits = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.uint64)
    return {"end_known": no_days, "end": no_days, "mask": no_bits}


def _sorted(raw: Mapping[str, np.ndarray], key: np.ndarray, n_keys: int) -> Facts:
    starts, order = order_by_key_and_day(key, raw["day"], n_keys)
    ordered = {name: values[order] for name, values in raw.items()}
    return Facts(starts=starts, **{**_without(), **ordered})


def _for_siblings(
    raw: Mapping[str, np.ndarray],
    household: np.ndarray,
    link_known: np.ndarray,
    n_households: int,
) -> Facts:
    """Order by household; a sibling's fact counts once their place in it is known too.

    Facts of a child alone in a household are nobody's siblings' and are left out.
    """
    has_siblings = np.bincount(household, minlength=n_households)[household] > 1
    kept = np.flatnonzero((has_siblings & (link_known != NEVER))[raw["owner"]])
    chosen = {name: values[kept] for name, values in raw.items()}
    chosen["known"] = np.maximum(chosen["known"], link_known[chosen["owner"]])
    return _sorted(chosen, household[chosen["owner"]], n_households)


def _assessments(table: TableRows, n_children: int) -> Facts:
    day, known = table.days("authorised_date"), table.days("end_known_date")
    rows = np.flatnonzero((day != MISSING_DAY) & (known != MISSING_DAY) & (table.mask != 0))
    raw = {
        "owner": table.owner[rows],
        "day": day[rows],
        "known": known[rows],
        "kind": np.zeros(rows.size, dtype=np.int16),
        "mask": table.mask[rows],
    }
    return _sorted(raw, raw["owner"], n_children)


def _members(household: np.ndarray, link_known: np.ndarray, n_households: int) -> Members:
    linked = np.flatnonzero(link_known != NEVER).astype(np.int32)
    order = linked[np.argsort(household[linked], kind="stable")]
    starts = np.searchsorted(household[order], np.arange(n_households + 1)).astype(np.int64)
    return Members(starts=starts, child=order, link_known=link_known[order])


def _declared(referrals: pd.DataFrame) -> pd.Series:
    return pd.Series(
        referrals["source"].array, index=pd.Index(referrals["referral_id"]), dtype="str"
    )
