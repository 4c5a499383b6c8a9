"""Who is a sibling of whom, and from when: no sooner than the links between them were known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.records.dates import MISSING_DAY, NEVER

MOST_JOINED_LATER = 100
"""Children of a household joined later; in a larger one, which no family is, nobody is joined."""


@dataclass(frozen=True, eq=False)
class SiblingGroups:
    """Groups of children whose facts a case reads as its siblings'.

    A household of one family, or of undated links, is one group: a child sees it once
    the child's own link is known, and each other child once that child's is. Where
    families were joined later, by a child who belongs to both or by a merge of
    two numbers, each child has a group of its own, with the day from which each other
    child was known to be a sibling.

    Attributes
    ----------
    group : int32 (n_children,)
        The group that a case of the child reads.
    own_known : int32 (n_children,)
        Day on which the child's own place in it became known; the largest int32 where
        the child has no link.
    member, member_group, member_known : int32 (n_members,)
        The children in each group, and from when they are seen there.
    n_groups : int
    """

    group: np.ndarray
    own_known: np.ndarray
    member: np.ndarray
    member_group: np.ndarray
    member_known: np.ndarray
    n_groups: int

    def seen_by(self, child: np.ndarray, cut: np.ndarray) -> np.ndarray:
        """Give the group that each case reads; -1 where the child's place is not known yet.

        Parameters
        ----------
        child, cut : int32 (n_cases,)
            Number of the child, -1 for nobody; day before which links must be known.

        Returns
        -------
        ndarray of int32, shape (n_cases,)
        """
        group = np.full(child.size, -1, dtype=np.int32)
        held = np.flatnonzero(child >= 0)
        held = held[self.own_known[child[held]] < cut[held]]
        group[held] = self.group[child[held]]
        return group


def sibling_groups(
    child: np.ndarray, family: pd.Series, known: np.ndarray, household: np.ndarray
) -> SiblingGroups:
    """Group children by the links that join them.

    Parameters
    ----------
    child, known : int32 (n_links,)
        Whose link, and the day it became known; the smallest int32 where undated.
    family : Series of str, length n_links
    household : int32 (n_children,)
        Household by all links, whenever they became known.

    Returns
    -------
    SiblingGroups
    """
    first = np.full(household.size, NEVER, dtype=np.int32)
    np.minimum.at(first, child, known)
    n_households = int(household.max(initial=-1)) + 1
    joined_later = _joined_later(child, family, known, household, n_households)
    group = household.astype(np.int32)
    plain = np.flatnonzero((first != NEVER) & ~joined_later[household]).astype(np.int32)
    members, groups, since = [plain], [group[plain]], [first[plain]]
    n_groups = n_households
    rows = np.flatnonzero(joined_later[household[child]])
    numbers, _ = pd.factorize(family.iloc[rows])
    for mine in pd.Series(rows).groupby(household[child[rows]]).indices.values():
        at = rows[mine]
        if np.unique(child[at]).size > MOST_JOINED_LATER:
            first[child[at]] = NEVER
            continue
        people, join = _join_days(child[at], numbers[mine], known[at])
        group[people] = n_groups + np.arange(people.size, dtype=np.int32)
        own, other = np.nonzero(~np.eye(people.size, dtype=bool))
        members.append(people[other])
        groups.append(group[people[own]])
        since.append(join[own, other])
        first[people] = MISSING_DAY
        n_groups += people.size
    return SiblingGroups(
        group=group,
        own_known=first,
        member=np.concatenate(members).astype(np.int32),
        member_group=np.concatenate(groups).astype(np.int32),
        member_known=np.concatenate(since).astype(np.int32),
        n_groups=n_groups,
    )


def _joined_later(
    child: np.ndarray,
    family: pd.Series,
    known: np.ndarray,
    household: np.ndarray,
    n_households: int,
) -> np.ndarray:
    """Mark the households of more than one family of which a link is dated."""
    marked = np.zeros(n_households, dtype=bool)
    # families are only joined by a child with several links; most households have none
    links = np.bincount(child, minlength=household.size)
    several = np.zeros(n_households, dtype=bool)
    several[household[child[links[child] > 1]]] = True
    dated = np.zeros(n_households, dtype=bool)
    dated[household[child[known != MISSING_DAY]]] = True
    rows = np.flatnonzero((several & dated)[household[child]])
    if not rows.size:
        return marked
    pairs = pd.DataFrame(
        {"household": household[child[rows]], "family": family.iloc[rows].array}
    ).dropna()
    families = pairs.drop_duplicates()["household"].value_counts()
    marked[families.index[families.to_numpy() > 1]] = True
    return marked


def _join_days(
    child: np.ndarray, family: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give for each two children of a household the day on which links first joined them.

    Links are taken in the order in which they became known, as in Kruskal's algorithm:
    those whom a link joins to one another were joined on its day.
    """
    people, places = np.unique(child, return_inverse=True)
    join = np.full((people.size, people.size), NEVER, dtype=np.int32)
    nodes = [{int(place)} for place in range(people.size)]
    of_family: dict[int, set[int]] = {}
    for link in np.argsort(known, kind="stable"):
        if family[link] < 0:
            continue
        mine = next(part for part in nodes if int(places[link]) in part)
        theirs = of_family.setdefault(int(family[link]), set())
        if theirs is mine:
            continue
        for one in mine:
            for other in theirs:
                join[one, other] = join[other, one] = known[link]
        theirs |= mine
        nodes = [part for part in nodes if part is not mine and part is not theirs] + [theirs]
        for name, part in of_family.items():
            if part is mine:
                of_family[name] = theirs
    return people, join
