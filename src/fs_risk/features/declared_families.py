"""Families as a referral names them: whose records are seen before the child's own link is known.

Groups of siblings hold whom the records join, and the child's own link must be known to
read one. A referral that names the family needs no link of the child: what was recorded of
the children linked to that family by then is read, each from the day of their own link.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from fs_risk.features.ordering import order_by_key_and_day
from fs_risk.features.timeline import Facts, History, Members
from fs_risk.records.dates import NEVER

_NO_MASK = np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class Families:
    """Groups of siblings and, behind them, families: what a case may be keyed by.

    Attributes
    ----------
    events, spells : Facts
        By key, as in `History.sibling_events`.
    members : Members
        By key.
    key : dict of str to int
        Of each family.
    first_link : int32 (n_children + 1,)
        Day on which each child's first link became known; the largest int32 for none, and
        last for a child whom the records do not know.
    """

    events: Facts
    spells: Facts
    members: Members
    key: dict[str, int]
    first_link: np.ndarray

    def seen_by(
        self, child: np.ndarray, cut: np.ndarray, group: np.ndarray, family: np.ndarray
    ) -> np.ndarray:
        """Give the key that each case reads: its own group, else the family declared.

        Parameters
        ----------
        child, cut : int32 (n_cases,)
            Number of the child, -1 for nobody; day before which links must be known.
        group, family : int32 (n_cases,)
            As `SiblingGroups.seen_by` gives it; key of the family declared. -1 for none.

        Returns
        -------
        ndarray of int32, shape (n_cases,)
        """
        linked = self.first_link[child] < cut  # nobody's number, -1, is the last
        key: np.ndarray = np.where(linked | (family < 0), group, family).astype(np.int32)
        return key


_FAMILIES: WeakKeyDictionary[History, Families] = WeakKeyDictionary()


def families_of(history: History) -> Families:
    """Give the facts of children by the families that they are linked to.

    Indexed when first asked for, and kept while the history lives.

    Parameters
    ----------
    history : History

    Returns
    -------
    Families
    """
    if history not in _FAMILIES:
        _FAMILIES[history] = _indexed(history)
    return _FAMILIES[history]


def _indexed(history: History) -> Families:
    links = pd.DataFrame(
        {
            "family": history.links.family.to_numpy(dtype=object),
            "child": history.links.child,
            "known": history.links.known,
        }
    ).dropna(subset=["family"])
    first = np.full(len(history.children) + 1, NEVER, dtype=np.int32)
    np.minimum.at(first, links["child"].to_numpy(), links["known"].to_numpy())
    # a link that was recorded twice counts from the first time
    links = links.sort_values("known").drop_duplicates(["family", "child"])
    number, names = pd.factorize(links["family"])
    order = np.argsort(number, kind="stable")
    number, links = number[order], links.iloc[order]
    child, known = links["child"].to_numpy(np.int32), links["known"].to_numpy(np.int32)
    members, groups = history.members, history.siblings.n_groups
    starts = np.searchsorted(number, np.arange(1, len(names) + 1)) + len(members.child)
    return Families(
        events=_behind(history.sibling_events, _of_links(history.events, child, known, number)),
        spells=_behind(history.sibling_spells, _of_links(history.spells, child, known, number)),
        members=Members(
            starts=np.concatenate([members.starts, starts]).astype(np.int64),
            child=np.concatenate([members.child, child]),
            link_known=np.concatenate([members.link_known, known]),
        ),
        key={str(name): groups + place for place, name in enumerate(names)},
        first_link=first,
    )


def _of_links(facts: Facts, child: np.ndarray, known: np.ndarray, number: np.ndarray) -> Facts:
    """Give every fact of each linked child to the family, from the day of the link on."""
    first, count = facts.starts[child], np.diff(facts.starts)[child]
    link = np.repeat(np.arange(child.size), count)
    within = np.arange(link.size) - np.repeat(np.cumsum(count) - count, count)
    rows = facts.rows.take(first[link] + within, axis=0)
    np.maximum(rows[:, 1], known[link], out=rows[:, 1])
    n_families = int(number.max(initial=-1)) + 1
    starts, order = order_by_key_and_day(number[link], rows[:, 0], n_families)
    return Facts(starts, rows.take(order, axis=0), _NO_MASK)


def _behind(first: Facts, then: Facts) -> Facts:
    """Put the keys of one set of facts behind those of another."""
    starts = np.concatenate([first.starts, then.starts[1:] + first.starts[-1]])
    return Facts(starts, np.concatenate([first.rows, then.rows]), _NO_MASK)
