"""A `History` as named arrays of numbers, and back: what of it is stored, and in which form."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from fs_risk.features.history_texts import (
    Arrays,
    check_places,
    check_starts,
    need,
    numbered_texts,
    numbers,
    read_texts,
    stored_texts,
)
from fs_risk.features.siblings import SiblingGroups
from fs_risk.features.streams import STREAMS
from fs_risk.features.timeline import Facts, Handling, History, Links, Members
from fs_risk.records.records import Origin

FACTS = ("events", "sibling_events", "spells", "sibling_spells", "assessments")
BY_CHILD = ("birth", "expected_birth", "retain", "died", "household", "unaccompanied")
OF_SIBLINGS = ("group", "own_known", "member", "member_group", "member_known")
OF_MEMBERS = ("starts", "child", "link_known")

_NO_MASK = np.empty(0, dtype=np.uint64)


class Stated(NamedTuple):
    """What of a history is no array.

    Attributes
    ----------
    n_groups : int
        Groups of siblings.
    coverage : mapping of str to (int, int) or None
    extract_day : int
    origin : Origin
    handling : Handling
    """

    n_groups: int
    coverage: Mapping[str, tuple[int, int] | None]
    extract_day: int
    origin: Origin
    handling: Handling


def arrays_of(history: History) -> dict[str, np.ndarray]:
    """Give all arrays of a history by name.

    Parameters
    ----------
    history : History

    Returns
    -------
    dict of str to ndarray
        Of int16, int32, int64, uint64, bool, and uint8 for texts.
    """
    found: dict[str, np.ndarray] = {name: getattr(history, name) for name in BY_CHILD}
    for name in FACTS:
        facts: Facts = getattr(history, name)
        found |= {f"{name}_starts": facts.starts, f"{name}_rows": facts.rows}
    found["assessments_mask"] = history.assessments.mask
    found |= {f"siblings_{name}": getattr(history.siblings, name) for name in OF_SIBLINGS}
    found |= {f"members_{name}": getattr(history.members, name) for name in OF_MEMBERS}
    family, families = pd.factorize(history.links.family)
    source, sources = pd.factorize(history.declared, sort=True)
    found |= {
        "links_child": history.links.child,
        "links_family": family.astype(np.int32),
        "links_known": history.links.known,
        "declared_source": source.astype(np.int32),
        "opened": history.opened,
        "referred": history.referred,
        **stored_texts(history.children, "children"),
        **stored_texts(pd.Index(families), "families"),
        **stored_texts(history.declared.index, "referrals"),
        **stored_texts(pd.Index(sources), "sources"),
    }
    return {name: np.ascontiguousarray(array) for name, array in found.items()}


def history_of(arrays: Arrays, stated: Stated) -> History:
    """Put a history together again.

    Parameters
    ----------
    arrays : mapping of str to ndarray
    stated : Stated

    Returns
    -------
    History

    Raises
    ------
    KeyError, ValueError
        If an array is missing, or holds what a history cannot: compiled passes look facts
        up without asking whether they are there.
    """
    children = read_texts(arrays, "children").rename("child_id")
    n_children, n_groups = len(children), stated.n_groups
    child = _by_child(arrays, n_children)
    keys = {name: n_groups if name.startswith("sibling") else n_children for name in FACTS}
    facts = {name: _facts(arrays, name, keys[name], n_children) for name in FACTS}
    declared, opened, referred = _referrals(arrays, n_children)
    return History(
        children=children,
        birth=child["birth"],
        expected_birth=child["expected_birth"],
        retain=child["retain"],
        died=child["died"],
        household=child["household"],
        unaccompanied=child["unaccompanied"],
        siblings=_siblings(arrays, n_groups, n_children),
        links=_links(arrays, n_children),
        events=facts["events"],
        sibling_events=facts["sibling_events"],
        spells=facts["spells"],
        sibling_spells=facts["sibling_spells"],
        assessments=facts["assessments"],
        members=_members(arrays, n_groups, n_children),
        declared=declared,
        opened=opened,
        referred=referred,
        coverage=stated.coverage,
        extract_day=stated.extract_day,
        origin=stated.origin,
        handling=stated.handling,
    )


def _by_child(arrays: Arrays, n_children: int) -> dict[str, np.ndarray]:
    found = {name: arrays[name] for name in BY_CHILD}
    for name, array in found.items():
        kind = np.bool_ if name == "unaccompanied" else np.int32
        need(array.dtype == kind and array.shape == (n_children,))
    return found


def _facts(arrays: Arrays, name: str, n_keys: int, n_children: int) -> Facts:
    starts, rows = arrays[f"{name}_starts"], arrays[f"{name}_rows"]
    columns = 6 if name.endswith("spells") else 4
    need(rows.dtype == np.int32 and rows.ndim == 2 and rows.shape[1] == columns)
    check_starts(starts, n_keys, len(rows))
    check_places(rows[:, 2], n_children)
    check_places(rows[:, 3], len(STREAMS))
    mask = arrays[f"{name}_mask"] if name == "assessments" else _NO_MASK
    need(mask.dtype == np.uint64 and mask.shape == (len(rows) * (name == "assessments"),))
    return Facts(starts, rows, mask)


def _siblings(arrays: Arrays, n_groups: int, n_children: int) -> SiblingGroups:
    found = {name: numbers(arrays[f"siblings_{name}"]) for name in OF_SIBLINGS}
    need(found["group"].size == found["own_known"].size == n_children)
    need(found["member"].size == found["member_group"].size == found["member_known"].size)
    check_places(found["group"], n_groups)
    check_places(found["member"], n_children)
    check_places(found["member_group"], n_groups)
    return SiblingGroups(**found, n_groups=n_groups)


def _members(arrays: Arrays, n_groups: int, n_children: int) -> Members:
    starts, child, known = (arrays[f"members_{name}"] for name in OF_MEMBERS)
    need(numbers(child).size == numbers(known).size)
    check_starts(starts, n_groups, child.size)
    check_places(child, n_children)
    return Members(starts, child, known)


def _links(arrays: Arrays, n_children: int) -> Links:
    child, family, known = (
        numbers(arrays[f"links_{name}"]) for name in ("child", "family", "known")
    )
    need(child.size == family.size == known.size)
    check_places(child, n_children)
    return Links(child, numbered_texts(arrays, "families", family), known)


def _referrals(arrays: Arrays, n_children: int) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    ids = read_texts(arrays, "referrals").rename("referral_id")
    source, opened, referred = (
        numbers(arrays[name]) for name in ("declared_source", "opened", "referred")
    )
    need(source.size == opened.size == referred.size == len(ids))
    check_places(referred, n_children)
    return numbered_texts(arrays, "sources", source).set_axis(ids), opened, referred
