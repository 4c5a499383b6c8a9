"""A history brought up to date: some children's facts as a later extract has them.

What is replaced are children whole, not rows: a spell that has ended, a decision that
became known and a cell that was corrected then need no rule of their own, and the result
is the history of all the rows, by construction.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.features.history_index import Rows, index, rows_of
from fs_risk.features.timeline import Facts, History, Links
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.records import Records

_AGAIN = "History.from_records(records) of a whole extract"


def updated(
    history: History, records: Records, *, removed: Iterable[str] = (), corrected: bool = False
) -> History:
    """Give a history with some children's facts replaced; see `History.updated`.

    Parameters
    ----------
    history : History
    records : Records
        A later extract: all rows of some children.
    removed : iterable of str
        Children who are to be forgotten.
    corrected : bool, default=False
        Whether facts of these children may be gone.

    Returns
    -------
    History

    Raises
    ------
    RecordsError
    """
    later = rows_of(records)
    _check_kind(history, later)
    coverage = _coverage(history, later)
    old = history.children.get_indexer(later.children)
    gone = np.zeros(len(history.children), dtype=bool)
    gone[old[old >= 0]] = True
    if not corrected:
        _check_nothing_is_lost(history, later, gone)
    gone[_numbers_to_remove(history, later, removed)] = True
    _check_referrals(history, later, gone)
    return index(_joined(_rows_kept(history, gone), later, coverage))


def _check_kind(history: History, later: Rows) -> None:
    """Refuse records that are not a later extract of the same, treated in the same way."""
    if later.origin.kind != history.origin.kind or later.origin.label != history.origin.label:
        raise RecordsError(
            "The records are not of the authority that the history was made from.",
            where=f"history {history.origin.kind}, records {later.origin.kind}",
            fix=f"Update it from a later extract of the same, or make {_AGAIN}.",
        )
    if later.extract_day < history.extract_day:
        raise RecordsError(
            "The records were extracted before the history's own extract.",
            where=f"{count_of(history.extract_day - later.extract_day, 'day')} before",
            fix="Give a later extract.",
        )
    if later.handling.pseudonym_mark != history.handling.pseudonym_mark:
        raise RecordsError(
            "The identifiers of the records and of the history were not replaced with one key.",
            fix="Read the records with the key that the history's were read with.",
        )
    if history.handling.leaves_out and not later.handling.leaves_out:
        raise RecordsError(
            "The history leaves children out, and the records were read without such a list.",
            fix="Read the records with exclude= and the list as it stands now.",
        )


def _coverage(history: History, later: Rows) -> Mapping[str, tuple[int, int] | None]:
    """Observe each table from when the history did, until when the records do."""
    new: dict[str, tuple[int, int] | None] = {}
    for name, before in history.coverage.items():
        now = later.coverage[name]
        if (before is None) != (now is None):
            raise RecordsError(
                f"Table {name} is observed by the {'history' if now is None else 'records'} "
                f"and not by the {'records' if now is None else 'history'}.",
                where=f"coverage of {name}",
                fix=f"Give the tables that the history was made from, empty ones too, or make "
                f"{_AGAIN}.",
            )
        if before is not None and now is not None and now[1] < before[1]:
            raise RecordsError(
                f"Table {name} is observed by the records less far than by the history.",
                where=f"coverage of {name}, {count_of(before[1] - now[1], 'day')} less",
                fix="Give a later extract.",
            )
        new[name] = before and now and (before[0], now[1])
    return new


def _check_nothing_is_lost(history: History, later: Rows, replaced: np.ndarray) -> None:
    """Refuse records of some rows only: what they lack would be forgotten in silence."""
    held = _chosen(history.links, replaced[history.links.child])
    pairs = [
        (
            held.child,
            _links_of(history.children, held),
            _links_of(later.children, later.links),
        )
    ]
    for name in ("events", "spells", "assessments"):
        rows = getattr(history, name).rows
        rows = rows[replaced[rows[:, 2]]]
        pairs.append(
            (
                rows[:, 2],
                _facts_of(history.children, rows),
                _facts_of(later.children, getattr(later, name)),
            )
        )
    lost = [owner[~before.isin(now)] for owner, before, now in pairs]
    count, children = sum(map(len, lost)), np.unique(np.concatenate(lost)).size
    if count:
        raise RecordsError(
            f"{count_of(count, 'fact')} about {count_of(children, 'child', 'children')} that the "
            f"history holds {'is' if count == 1 else 'are'} not in the records.",
            where=f"{count_of(len(later.children), 'child', 'children')} in the records",
            fix="Give every row of each child about whom anything is new; pass corrected=True "
            "where rows were corrected or removed at the source.",
        )


def _facts_of(children: pd.Index, rows: np.ndarray) -> pd.MultiIndex:
    """Say whose each fact is, of which stream, and when it happened."""
    return pd.MultiIndex.from_arrays([children.take(rows[:, 2]), rows[:, 3], rows[:, 0]])


def _chosen(links: Links, rows: np.ndarray) -> Links:
    return Links(links.child[rows], links.family[rows], links.known[rows])


def _links_of(children: pd.Index, links: Links) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([children.take(links.child), links.family])


def _numbers_to_remove(history: History, later: Rows, removed: Iterable[str]) -> np.ndarray:
    ids = pd.Index(list(removed), dtype="str")
    number: np.ndarray = history.children.get_indexer(ids)
    if (number < 0).any() or ids.isin(later.children).any():
        raise RecordsError(
            f"{int((number < 0).sum())} of {count_of(len(ids), 'child', 'children')} to be removed "
            f"are not in the history, and {int(ids.isin(later.children).sum())} are in the "
            "records.",
            fix="Name in removed= only children of the history of whom the records hold no row.",
        )
    return number


def _check_referrals(history: History, later: Rows, gone: np.ndarray) -> None:
    """Refuse a referral that is now another child's whose rows were not given."""
    kept = history.declared.index[~gone[history.referred]]
    twice = int(later.declared.index.isin(kept).sum())
    if twice:
        raise RecordsError(
            f"{count_of(twice, 'referral')} of the records belong, in the history, "
            "to children whom the records do not hold.",
            where="table referrals, column referral_id",
            fix="Give every row of both children, or name in removed= those who are no more.",
        )


def _rows_kept(history: History, gone: np.ndarray) -> Rows:
    """List all that the history holds of the other children, under new numbers."""
    kept = np.flatnonzero(~gone)
    number = np.full(len(gone), -1, dtype=np.int32)
    number[kept] = np.arange(kept.size, dtype=np.int32)
    links, referred = history.links, number[history.referred]
    own = _chosen(links, number[links.child] >= 0)
    assessments = number[history.assessments.owner] >= 0
    return Rows(
        children=history.children[kept],
        birth=history.birth[kept],
        expected_birth=history.expected_birth[kept],
        retain=history.retain[kept],
        died=history.died[kept],
        unaccompanied=history.unaccompanied[kept],
        links=Links(number[own.child], own.family, own.known),
        events=_renumbered(history.events, number),
        spells=_renumbered(history.spells, number),
        assessments=_renumbered(history.assessments, number),
        mask=history.assessments.mask[assessments],
        declared=history.declared[referred >= 0],
        opened=history.opened[referred >= 0],
        referred=referred[referred >= 0],
        coverage=history.coverage,
        extract_day=history.extract_day,
        origin=history.origin,
        handling=history.handling,
    )


def _renumbered(facts: Facts, number: np.ndarray) -> np.ndarray:
    owner = number[facts.owner]
    rows: np.ndarray = facts.rows[owner >= 0]
    rows[:, 2] = owner[owner >= 0]
    return rows


def _joined(kept: Rows, later: Rows, coverage: Mapping[str, tuple[int, int] | None]) -> Rows:
    """Put the rows of the later extract behind those kept."""
    n = np.int32(len(kept.children))

    def both(name: str) -> np.ndarray:
        return np.concatenate([getattr(kept, name), getattr(later, name)])

    def facts(name: str) -> np.ndarray:
        rows = both(name)
        rows[len(getattr(kept, name)) :, 2] += n
        return rows

    return Rows(
        children=kept.children.append(later.children),
        birth=both("birth"),
        expected_birth=both("expected_birth"),
        retain=both("retain"),
        died=both("died"),
        unaccompanied=both("unaccompanied"),
        links=Links(
            np.concatenate([kept.links.child, later.links.child + n]),
            pd.concat([kept.links.family, later.links.family], ignore_index=True),
            np.concatenate([kept.links.known, later.links.known]),
        ),
        events=facts("events"),
        spells=facts("spells"),
        assessments=facts("assessments"),
        mask=both("mask"),
        declared=pd.concat([kept.declared, later.declared]),
        opened=both("opened"),
        referred=np.concatenate([kept.referred, later.referred + n]),
        coverage=coverage,
        extract_day=later.extract_day,
        origin=kept.origin,
        handling=later.handling,
    )
