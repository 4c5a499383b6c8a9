"""From rows of facts in any order to a `History`: sorted by child and by group of siblings.

Records and a history that is brought up to date are indexed by the same few steps, so
that they cannot differ.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.features.ordering import order_by_key_and_day, order_rows
from fs_risk.features.siblings import SiblingGroups, sibling_groups
from fs_risk.features.stream_rows import TableRows, gather_rows, number_rows, or_never
from fs_risk.features.timeline import Facts, Handling, History, Links, Members
from fs_risk.records.dates import MISSING_DAY, NEVER, to_days
from fs_risk.records.households import joined_households
from fs_risk.records.other_grounds import legal_status_at_start, unaccompanied_children
from fs_risk.records.records import Origin, Records

_NO_MASK = np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, eq=False, repr=False)
class Rows:
    """All that a history is indexed from, in no order.

    Attributes
    ----------
    children : Index of str
        Every child once; position is the child's number.
    birth, expected_birth, retain, died : int32 (n_children,)
    unaccompanied : bool (n_children,)
    links : Links
    events : int32 (n, 4)
    spells : int32 (n, 6)
    assessments : int32 (n, 4)
        As `timeline.Facts` holds them.
    mask : uint64 (n,)
        The factors of each assessment.
    declared : Series of str
        Source declared by each referral, indexed by referral id.
    opened, referred : int32 (n_referrals,)
        Day of each referral, and the child it is about.
    coverage : mapping of str to (int, int) or None
    extract_day : int
    origin : Origin
    handling : Handling
    """

    children: pd.Index
    birth: np.ndarray
    expected_birth: np.ndarray
    retain: np.ndarray
    died: np.ndarray
    unaccompanied: np.ndarray
    links: Links
    events: np.ndarray
    spells: np.ndarray
    assessments: np.ndarray
    mask: np.ndarray
    declared: pd.Series
    opened: np.ndarray
    referred: np.ndarray
    coverage: Mapping[str, tuple[int, int] | None]
    extract_day: int
    origin: Origin
    handling: Handling


def rows_of(records: Records) -> Rows:
    """Turn canonical tables into rows of facts.

    Parameters
    ----------
    records : Records

    Returns
    -------
    Rows
    """
    frames = {name: records[name] for name in records}
    frames["care_periods"] = frames["care_periods"].assign(
        legal_status=legal_status_at_start(records)
    )
    children, tables = number_rows(frames)
    identity, linked, referrals = (tables[n] for n in ("children", "family_links", "referrals"))
    n_children = len(children)
    with ThreadPoolExecutor(2) as pool:
        events, spells = pool.map(
            lambda spells: gather_rows(tables, n_children, spells=spells), (False, True)
        )
    assessments, mask = _assessments(tables["assessments"])
    return Rows(
        children=children.rename("child_id"),
        birth=_by_child(identity, identity.days("birth_date"), n_children, MISSING_DAY),
        expected_birth=_by_child(
            identity, identity.days("expected_birth_date"), n_children, MISSING_DAY
        ),
        retain=_by_child(identity, or_never(identity.days("retain_until")), n_children, NEVER),
        died=_by_child(identity, or_never(identity.days("death_date")), n_children, NEVER),
        unaccompanied=np.asarray(children.isin(unaccompanied_children(records))),
        links=Links(linked.owner, linked.frame["family_id"], linked.days("known_date")),
        events=events,
        spells=spells,
        assessments=assessments,
        mask=mask,
        declared=_declared(referrals.frame),
        opened=to_days(referrals.frame["referral_date"]),
        referred=referrals.owner,
        coverage={
            name: None if window is None else (_day(window.observed_from), _day(window.observed_to))
            for name, window in records.coverage.items()
        },
        extract_day=_day(records.extract_date),
        origin=records.origin,
        handling=Handling(records.pseudonym_mark, bool(records.excluded)),
    )


def index(rows: Rows) -> History:
    """Sort facts by child and day, and by group of siblings and day.

    Parameters
    ----------
    rows : Rows

    Returns
    -------
    History
    """
    links, n_children = rows.links, len(rows.children)
    household = joined_households(links.child, links.family, n_children)
    siblings = sibling_groups(links.child, links.family, links.known, household)

    def ordered(facts: np.ndarray) -> tuple[Facts, Facts]:
        own = _spells(facts, n_children) if facts.shape[1] > 4 else _events(facts, n_children)
        return own, _for_siblings(facts, siblings)

    with ThreadPoolExecutor(2) as pool:
        both = pool.map(ordered, (rows.events, rows.spells))
        (events, sibling_events), (spells, sibling_spells) = both
    starts, order = order_by_key_and_day(rows.assessments[:, 2], rows.assessments[:, 0], n_children)
    return History(
        children=rows.children,
        birth=rows.birth,
        expected_birth=rows.expected_birth,
        retain=rows.retain,
        died=rows.died,
        household=household,
        unaccompanied=rows.unaccompanied,
        siblings=siblings,
        links=links,
        events=events,
        sibling_events=sibling_events,
        spells=spells,
        sibling_spells=sibling_spells,
        assessments=Facts(starts, rows.assessments.take(order, axis=0), rows.mask.take(order)),
        members=_members(siblings),
        declared=rows.declared,
        opened=rows.opened,
        referred=rows.referred,
        coverage=rows.coverage,
        extract_day=rows.extract_day,
        origin=rows.origin,
        handling=rows.handling,
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


def _spells(rows: np.ndarray, n_children: int) -> Facts:
    return _sorted(rows, rows[:, 2], n_children)


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


def _assessments(table: TableRows) -> tuple[np.ndarray, np.ndarray]:
    """List the authorised assessments on which factors were recorded, with the factors."""
    day, known = table.days("authorised_date"), table.days("end_known_date")
    held = np.flatnonzero((day != MISSING_DAY) & (known != MISSING_DAY) & (table.mask != 0))
    rows = np.zeros((held.size, 4), dtype=np.int32)
    rows[:, 0], rows[:, 1], rows[:, 2] = day[held], known[held], table.owner[held]
    return rows, table.mask[held]


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
