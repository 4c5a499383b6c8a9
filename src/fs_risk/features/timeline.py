"""`History`: an authority's facts as sorted integer arrays, each with two clocks.

The same arrays and the same compiled passes serve a million cases and one, so
that a score at the front door cannot differ from training.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from fs_risk.features.kernels import order_by_key_and_day
from fs_risk.features.streams import STREAMS, Stream
from fs_risk.records.codes import FACTORS
from fs_risk.records.dates import MISSING_DAY, NEVER, to_days
from fs_risk.records.households import household_numbers
from fs_risk.records.records import Origin, Records

FACTOR_BIT = {code: np.uint64(1) << np.uint64(bit) for bit, code in enumerate(FACTORS)}
"""The bit of each assessment factor."""


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
        Spells only: day on which the end was known, else the largest int32.
    mask : uint64 (n,)
        Assessments only: one bit for each factor recorded.
    """

    starts: np.ndarray
    day: np.ndarray
    known: np.ndarray
    owner: np.ndarray
    kind: np.ndarray
    end_known: np.ndarray
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
    coverage: Mapping[str, tuple[int, int] | None]
    extract_day: int
    origin: Origin
    streams: tuple[str, ...] = tuple(STREAMS)

    @cached_property
    def child_number(self) -> dict[str, int]:
        """The number of each child by its id: quicker than `children` for a single look-up."""
        return {child: number for number, child in enumerate(self.children)}

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
        children = _child_index(frames)
        identity = frames["children"].set_index("child_id").reindex(children)
        links = frames["family_links"]
        household = household_numbers(children, links)
        link_known = _link_known(children, links)
        n_households = int(household.max(initial=-1)) + 1
        raw_events = _gather(frames, children, spells=False)
        raw_spells = _gather(frames, children, spells=True)
        return cls(
            children=children,
            birth=to_days(identity["birth_date"]),
            expected_birth=to_days(identity["expected_birth_date"]),
            retain=_or_never(to_days(identity["retain_until"])),
            household=household,
            unaccompanied=identity["unaccompanied"].fillna(False).to_numpy(dtype=bool),
            events=_sorted(raw_events, raw_events["owner"], len(children)),
            sibling_events=_for_siblings(raw_events, household, link_known, n_households),
            spells=_sorted(raw_spells, raw_spells["owner"], len(children)),
            sibling_spells=_for_siblings(raw_spells, household, link_known, n_households),
            assessments=_assessments(frames, children),
            members=_members(household, link_known, n_households),
            declared=_declared(frames["referrals"]),
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


def _child_index(frames: Mapping[str, pd.DataFrame]) -> pd.Index:
    """List every child id of any table, those of the children table first."""
    ids = [frames["children"]["child_id"]]
    ids += [frame["child_id"] for name, frame in frames.items() if "child_id" in frame]
    return pd.Index(pd.concat(ids, ignore_index=True).dropna().unique())


def _link_known(children: pd.Index, links: pd.DataFrame) -> np.ndarray:
    """Give the day from which each child's household was known; undated links always were."""
    known = np.full(len(children), NEVER, dtype=np.int32)
    place = children.get_indexer(links["child_id"])
    np.minimum.at(known, place[place >= 0], to_days(links["known_date"])[place >= 0])
    return known


class _Arrays:
    """One canonical table as integer arrays, each column converted once."""

    def __init__(self, frame: pd.DataFrame, children: pd.Index) -> None:
        self.frame = frame
        self.owner = children.get_indexer(frame["child_id"]).astype(np.int32)
        self._days: dict[str, np.ndarray] = {}

    def days(self, column: str) -> np.ndarray:
        """Give a date column as whole days."""
        if column not in self._days:
            self._days[column] = to_days(self.frame[column])
        return self._days[column]

    def having(self, stream: Stream, factors: pd.DataFrame) -> np.ndarray:
        """Mark the rows that a stream is made of."""
        dated = self.days(stream.date) != MISSING_DAY
        rows: np.ndarray = dated & (self.days(stream.clock) != MISSING_DAY)
        if stream.column:
            rows &= self.frame[stream.column].astype("str").isin(stream.values).to_numpy()
        if stream.factors:
            ids = factors.loc[factors["code"].isin(stream.factors), "assessment_id"]
            rows &= self.frame["assessment_id"].isin(ids).to_numpy()
        return rows


def _gather(
    frames: Mapping[str, pd.DataFrame], children: pd.Index, *, spells: bool
) -> dict[str, np.ndarray]:
    """Put the rows of all streams (or of all spells) behind one another."""
    chosen = [
        (number, stream)
        for number, stream in enumerate(STREAMS.values())
        if stream.whose_end == spells
    ]
    tables = {stream.table for _, stream in chosen}
    arrays = {name: _Arrays(frames[name], children) for name in tables}
    parts = [
        _stream_rows(arrays[stream.table], number, stream, frames["factors"])
        for number, stream in chosen
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _stream_rows(
    arrays: _Arrays, number: int, stream: Stream, factors: pd.DataFrame
) -> dict[str, np.ndarray]:
    rows = arrays.having(stream, factors)
    n = int(rows.sum())
    never = np.full(n, NEVER, dtype=np.int32)
    return {
        "owner": arrays.owner[rows],
        "day": arrays.days(stream.date)[rows],
        "known": arrays.days(stream.clock)[rows],
        "kind": np.full(n, number, dtype=np.int16),
        "end_known": _or_never(arrays.days("end_known_date")[rows]) if stream.whose_end else never,
        "mask": np.zeros(n, dtype=np.uint64),
    }


def _or_never(days: np.ndarray) -> np.ndarray:
    return np.where(days == MISSING_DAY, NEVER, days).astype(np.int32)


def _sorted(raw: Mapping[str, np.ndarray], key: np.ndarray, n_keys: int) -> Facts:
    starts, order = order_by_key_and_day(key, raw["day"], n_keys)
    return Facts(starts=starts, **{name: values[order] for name, values in raw.items()})


def _for_siblings(
    raw: Mapping[str, np.ndarray],
    household: np.ndarray,
    link_known: np.ndarray,
    n_households: int,
) -> Facts:
    """Order by household; a sibling's fact counts once their place in it is known too."""
    known = np.maximum(raw["known"], link_known[raw["owner"]])
    linked = link_known[raw["owner"]] != NEVER
    kept = {name: values[linked] for name, values in {**raw, "known": known}.items()}
    return _sorted(kept, household[kept["owner"]], n_households)


def _assessments(frames: Mapping[str, pd.DataFrame], children: pd.Index) -> Facts:
    frame, factors = frames["assessments"], frames["factors"]
    usable = frame["authorised_date"].notna() & frame["end_known_date"].notna()
    frame = frame[usable & frame["assessment_id"].isin(factors["assessment_id"])]
    ids = pd.Index(frame["assessment_id"])
    place = ids.get_indexer(factors["assessment_id"])
    bits = factors["code"].map(FACTOR_BIT).to_numpy(dtype=np.uint64)
    mask = np.zeros(len(ids), dtype=np.uint64)
    np.bitwise_or.at(mask, place[place >= 0], bits[place >= 0])
    owner = children.get_indexer(frame["child_id"]).astype(np.int32)
    raw = {
        "owner": owner,
        "day": to_days(frame["authorised_date"]),
        "known": to_days(frame["end_known_date"]),
        "kind": np.zeros(len(ids), dtype=np.int16),
        "end_known": np.full(len(ids), NEVER, dtype=np.int32),
        "mask": mask,
    }
    return _sorted(raw, owner, len(children))


def _members(household: np.ndarray, link_known: np.ndarray, n_households: int) -> Members:
    linked = np.flatnonzero(link_known != NEVER).astype(np.int32)
    order = linked[np.argsort(household[linked], kind="stable")]
    starts = np.searchsorted(household[order], np.arange(n_households + 1)).astype(np.int64)
    return Members(starts=starts, child=order, link_known=link_known[order])


def _declared(referrals: pd.DataFrame) -> pd.Series:
    return pd.Series(
        referrals["source"].to_numpy(), index=pd.Index(referrals["referral_id"]), dtype="str"
    )
