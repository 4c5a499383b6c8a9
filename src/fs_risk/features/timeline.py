"""`History`: an authority's facts as sorted integer arrays, each with two clocks.

The same arrays and the same compiled passes serve a million cases and one, so
that a score at the front door cannot differ from training.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from fs_risk.features.ordering import order_by_key_and_day, order_rows
from fs_risk.features.siblings import SiblingGroups, sibling_groups
from fs_risk.features.stream_rows import TableRows, gather_rows, number_rows, or_never
from fs_risk.features.streams import STREAMS
from fs_risk.records.dates import MISSING_DAY, NEVER, to_days
from fs_risk.records.households import household_numbers
from fs_risk.records.records import Origin, Records

FACT_COLUMNS = ("day", "known", "owner", "kind", "end_known", "end")
"""Columns of `Facts.rows`; the last two of spells only."""

_NONE = np.empty(0, dtype=np.int32)
_NO_MASK = np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class Facts:
    """Facts sorted by key and day; those of key ``k`` stand at ``starts[k]:starts[k + 1]``.

    Attributes
    ----------
    starts : int64 (n_keys + 1,)
    rows : int32 (n, 4), or (n, 6) of spells
        The columns below, side by side: whoever reads a fact at random waits for
        memory once, not once for each column.
    mask : uint64 (n,)
        Assessments only: one bit for each factor recorded. Empty for other facts.
    day, known, owner, kind : int32 (n,)
        Event day, day it became known, child, and the number of the stream, in the
        order of `History.streams`.
    end_known, end : int32 (n,)
        Spells only: day on which the end was known, and day on which it ended, else
        the largest int32. Empty for other facts.
    """

    starts: np.ndarray
    rows: np.ndarray
    mask: np.ndarray
    day: np.ndarray = field(init=False, repr=False)
    known: np.ndarray = field(init=False, repr=False)
    owner: np.ndarray = field(init=False, repr=False)
    kind: np.ndarray = field(init=False, repr=False)
    end_known: np.ndarray = field(init=False, repr=False)
    end: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Name the columns, each a view of `rows`."""
        columns = self.rows.T
        for place, name in enumerate(FACT_COLUMNS):
            held = place < len(columns)
            object.__setattr__(self, name, columns[place] if held else _NONE)

    def __reduce__(self) -> tuple[type["Facts"], tuple[np.ndarray, ...]]:
        """Store the rows once, and their columns as views again."""
        return Facts, (self.starts, self.rows, self.mask)


@dataclass(frozen=True, eq=False)
class Members:
    """Children of each group of siblings: ``child[starts[g]:starts[g + 1]]``."""

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
    siblings : SiblingGroups
        Whose facts a case reads as its siblings', and from when.
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
    siblings: SiblingGroups
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
        linked = tables["family_links"]
        siblings = sibling_groups(
            linked.owner, links["family_id"], linked.days("known_date"), household
        )
        n_children = len(children)

        def gathered(spells: bool) -> tuple[Facts, Facts]:
            rows = gather_rows(tables, n_children, spells=spells)
            own = _sorted(rows, rows[:, 2], n_children) if spells else _events(rows, n_children)
            return own, _for_siblings(rows, siblings)

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
            siblings=siblings,
            events=events,
            sibling_events=sibling_events,
            spells=spells,
            sibling_spells=sibling_spells,
            assessments=_assessments(tables["assessments"], n_children),
            members=_members(siblings),
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


def _events(rows: np.ndarray, n_children: int) -> Facts:
    day, known, owner, kind = rows.T
    return Facts(*order_rows(owner, day, known, kind, n_children), _NO_MASK)


def _sorted(rows: np.ndarray, key: np.ndarray, n_keys: int) -> Facts:
    starts, order = order_by_key_and_day(key, rows[:, 0], n_keys)
    return Facts(starts, rows.take(order, axis=0), _NO_MASK)


def _for_siblings(rows: np.ndarray, siblings: SiblingGroups) -> Facts:
    """Order by group; a sibling's fact counts once their place in it is known too.

    Facts of a child alone in a group are nobody's siblings' and are left out.
    """
    owner = rows[:, 2]
    sizes = np.bincount(siblings.member_group, minlength=siblings.n_groups)
    apart = siblings.member_group != siblings.group[siblings.member]
    # a child's facts stand once in the child's own group ...
    own = (sizes[siblings.group] > 1) & (siblings.own_known != NEVER)
    own[siblings.member[apart]] = False
    chosen = np.flatnonzero(own[owner])
    key = siblings.group[owner[chosen]]
    since = siblings.own_known[owner[chosen]]
    if apart.any():
        # ... or, in households joined later, in that of each of the others
        theirs, place = _rows_of_members(owner, siblings.member[apart])
        chosen = np.concatenate([chosen, theirs])
        key = np.concatenate([key, siblings.member_group[apart][place]])
        since = np.concatenate([since, siblings.member_known[apart][place]])
    seen = rows.take(chosen, axis=0)
    np.maximum(seen[:, 1], since, out=seen[:, 1])
    return _sorted(seen, key, siblings.n_groups)


def _rows_of_members(owner: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pair each member with every fact of theirs: rows of the facts, places of the members."""
    order = np.argsort(owner, kind="stable")
    first = np.searchsorted(owner[order], member, side="left")
    counts = np.searchsorted(owner[order], member, side="right") - first
    place = np.repeat(np.arange(member.size), counts)
    within = np.arange(place.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return order[first[place] + within], place


def _assessments(table: TableRows, n_children: int) -> Facts:
    day, known = table.days("authorised_date"), table.days("end_known_date")
    held = np.flatnonzero((day != MISSING_DAY) & (known != MISSING_DAY) & (table.mask != 0))
    rows = np.zeros((held.size, 4), dtype=np.int32)
    rows[:, 0], rows[:, 1], rows[:, 2] = day[held], known[held], table.owner[held]
    starts, order = order_by_key_and_day(rows[:, 2], rows[:, 0], n_children)
    return Facts(starts, rows.take(order, axis=0), table.mask[held].take(order))


def _members(siblings: SiblingGroups) -> Members:
    order = np.argsort(siblings.member_group, kind="stable")
    groups = siblings.member_group[order]
    starts = np.searchsorted(groups, np.arange(siblings.n_groups + 1)).astype(np.int64)
    return Members(
        starts=starts, child=siblings.member[order], link_known=siblings.member_known[order]
    )


def _declared(referrals: pd.DataFrame) -> pd.Series:
    return pd.Series(
        referrals["source"].array, index=pd.Index(referrals["referral_id"]), dtype="str"
    )
