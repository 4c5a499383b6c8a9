"""Who else is in a household, as known before a day."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fs_risk.features.cases import Cases
from fs_risk.features.identity import ADULT_DAYS, OVERDUE_DAYS, PREGNANCY_DAYS, YEAR
from fs_risk.features.timeline import History
from fs_risk.records.dates import MISSING_DAY

MOST_SHOWN = 30
"""Children of one household shown: more share a number by mistake, and are nobody's family."""

LeftOut = Literal[
    "aged 18 or over", "died", "outside what the model knows", "too many to be one household"
]
"""Why somebody of the household is counted and not shown."""


@dataclass(frozen=True)
class Others:
    """The other children of a household.

    Attributes
    ----------
    children : ndarray of int, shape (n,)
        Numbers in the history, by age, the eldest first.
    left_out : dict of str to int
        Members known and not listed, by reason.
    family_known : bool
        Whether the records know the family that was declared; True where none was.
    """

    children: np.ndarray
    left_out: dict[LeftOut, int]
    family_known: bool


def others_of(history: History, case: Cases, *, family_id: str | None) -> Others:
    """List the other children of a case's household, as known before its day.

    Parameters
    ----------
    history : History
    case : Cases
        A single case.
    family_id : str or None
        The family that the referral declares the child to belong to.

    Returns
    -------
    Others
    """
    day, cut, child = int(case.day[0]), int(case.cut[0]), int(case.child[0])
    found = _linked(history, case.child, cut)
    family_known = True
    if family_id is not None:
        direct = _of_family(history, family_id, cut)
        family_known = direct.size > 0
        found = np.concatenate([found, direct, _linked(history, direct, cut)])
    members = np.unique(found[found != child])
    members = members[history.retain[members] >= day]
    dead = history.died[members] < day
    grown = ~dead & (history.birth[members] != MISSING_DAY)
    grown &= day - history.birth[members].astype(np.int64) >= ADULT_DAYS
    left: dict[LeftOut, int] = {"aged 18 or over": int(grown.sum()), "died": int(dead.sum())}
    living = members[~dead & ~grown]
    living = living[_is_there(history, living, day, cut)]
    if living.size > MOST_SHOWN:
        left["too many to be one household"] = living.size
        living = living[:0]
    return Others(
        children=living[_eldest_first(history, living, day)],
        left_out={why: n for why, n in left.items() if n},
        family_known=family_known,
    )


def age_in_words(history: History, child: int, day: int) -> str:
    """Say a child's age on a day.

    Parameters
    ----------
    history : History
    child : int
        Number in the history.
    day : int

    Returns
    -------
    str
    """
    birth = int(history.birth[child])
    if birth == MISSING_DAY or birth > day:
        expected = history.expected_birth[child] != MISSING_DAY
        return "not yet born" if expected else "age not known"
    years = int((day - birth) / YEAR)
    return "under 1 year old" if years < 1 else f"{years} year{'s' * (years > 1)} old"


def _linked(history: History, child: np.ndarray, cut: int) -> np.ndarray:
    """Give everybody whom some children see in their own households before a day."""
    groups = history.siblings.seen_by(child, np.full(child.size, cut, dtype=np.int32))
    members = history.members
    parts = [
        slice(int(members.starts[group]), int(members.starts[group + 1]))
        for group in np.unique(groups)
        if group >= 0
    ]
    if not parts:
        return np.empty(0, dtype=np.int32)
    seen = [members.child[part][members.link_known[part] < cut] for part in parts]
    return np.concatenate(seen)


def _of_family(history: History, family_id: str, cut: int) -> np.ndarray:
    links = history.links
    named = (links.family == family_id).to_numpy(dtype=bool, na_value=False)
    children: np.ndarray = links.child[named & (links.known < cut)]
    return children


def _is_there(history: History, members: np.ndarray, day: int, cut: int) -> np.ndarray:
    """Mark those who are known to be born, or to be expected; the same rule as for features."""
    birth, expected = history.birth[members], history.expected_birth[members].astype(np.int64)
    born = (birth != MISSING_DAY) & (birth < cut)
    awaited = (expected != MISSING_DAY) & (history.first_known[members] < cut)
    awaited &= (expected - day <= PREGNANCY_DAYS) & (day - expected <= OVERDUE_DAYS)
    undated = (birth == MISSING_DAY) & (expected == MISSING_DAY)
    there: np.ndarray = born | awaited | undated
    return there


def _eldest_first(history: History, members: np.ndarray, day: int) -> np.ndarray:
    """Order by birth, then those expected, then those of unknown age."""
    birth, expected = history.birth[members], history.expected_birth[members]
    born = (birth != MISSING_DAY) & (birth <= day)
    last = np.iinfo(np.int32).max
    when = np.where(born, birth, np.where(expected == MISSING_DAY, last, expected))
    return np.lexsort((members, when, ~born))
