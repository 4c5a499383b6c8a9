"""What a history says, in no order and without numbers of its own, so that two can be compared."""

import numpy as np
import pandas as pd

from fs_risk.records.tables import TABLES


def said(history):
    """Say all that a history holds, by child, family and referral id."""
    ids = history.children.tolist()
    return {
        "children": {child: _child(history, ids, n) for n, child in enumerate(ids)},
        "referrals": sorted(
            zip(
                history.declared.index,
                history.declared.fillna("").tolist(),
                history.opened.tolist(),
                [ids[child] for child in history.referred],
                strict=True,
            )
        ),
        "links": sorted(
            (ids[child], str(family), int(known))
            for child, family, known in zip(
                history.links.child, history.links.family, history.links.known, strict=True
            )
        ),
        "stated": (dict(history.coverage), history.extract_day, history.origin, history.handling),
        "streams": history.streams,
    }


def _child(history, ids, n):
    group = history.siblings.group[n]
    members = slice(history.members.starts[group], history.members.starts[group + 1])
    by_child = ("birth", "expected_birth", "retain", "died", "unaccompanied")
    facts = {
        name: _facts(getattr(history, name), n, ids) for name in ("events", "spells", "assessments")
    }
    household = np.flatnonzero(history.household == history.household[n])
    return {
        **{name: getattr(history, name)[n].item() for name in by_child},
        **facts,
        "sibling_events": _facts(history.sibling_events, group, ids),
        "sibling_spells": _facts(history.sibling_spells, group, ids),
        "own_known": int(history.siblings.own_known[n]),
        "members": sorted(
            (ids[child], int(known))
            for child, known in zip(
                history.members.child[members], history.members.link_known[members], strict=True
            )
        ),
        "household": {ids[other] for other in household},
    }


def _facts(facts, key, ids):
    rows = slice(facts.starts[key], facts.starts[key + 1])
    assert (np.diff(facts.day[rows]) >= 0).all()
    said = []
    for place in range(rows.start, rows.stop):
        day, known, owner, *rest = facts.rows[place].tolist()
        mask = [int(facts.mask[place])] if facts.mask.size else []
        said.append((day, known, ids[owner], *rest, *mask))
    return sorted(said)


def only(records, children):
    """Give the rows of some children, with the factors of their assessments."""
    frames = {}
    for name in TABLES:
        frame = records[name]
        if "child_id" in frame:
            frames[name] = frame[frame["child_id"].isin(children)].reset_index(drop=True)
    factors = records["factors"]
    mine = factors["assessment_id"].isin(frames["assessments"]["assessment_id"])
    return records.replace(**frames, factors=factors[mine].reset_index(drop=True))


def in_place_of(records, earlier, children):
    """Give the records with an earlier state of some children in the place of their rows."""
    others = (ids_of(records) | ids_of(earlier)) - set(children)
    theirs, kept = only(earlier, children), only(records, others)
    return records.replace(**{name: _both(kept[name], theirs[name]) for name in TABLES})


def _both(first, second):
    if first.empty or second.empty:
        return second if first.empty else first
    return pd.concat([first, second], ignore_index=True)


def ids_of(records):
    """List every child of any table."""
    return set().union(*(records[n]["child_id"] for n in TABLES if "child_id" in records[n]))
