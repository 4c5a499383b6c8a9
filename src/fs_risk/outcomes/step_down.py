"""Step-down: whether a case's first move was to a lower tier, and not up, out or away.

The moves of a case compete. Whichever comes first decides: down (the end of the tier it
was on, or the closing of a child in need's case), up, an application to court, death or
the 18th birthday, and moving away or adoption, after which nothing is seen.
"""

import numpy as np

from fs_risk.outcomes.cohort_rows import Rows
from fs_risk.outcomes.definitions import TIER_TABLES
from fs_risk.outcomes.ends import Ends
from fs_risk.outcomes.events import EventDays, Runs
from fs_risk.outcomes.open_episodes import open_episodes
from fs_risk.outcomes.tiers import CHILD_IN_NEED, Ladder, of_the_ladder, tier_frames
from fs_risk.records.dates import MISSING_DAY, NEVER, to_days
from fs_risk.records.records import Records

STEPPED_UP = "stepped up"
TO_COURT = "went to court"
NOT_OPEN = "not open"

_PRE_PROCEEDINGS = 4


class FirstMove:
    """The first move of each open case after `as_of`, as days of each kind.

    Parameters
    ----------
    records : Records
    rows : Rows
    ladder : Ladder
    ends : Ends

    Attributes
    ----------
    down, up, court : ndarray of int64, shape (n,)
        `NEVER` where there is none; `down` is `MISSING_DAY` for a case not open.
    """

    def __init__(self, records: Records, rows: Rows, ladder: Ladder, ends: Ends) -> None:
        self._rows, self._ends = rows, ends
        self.down = _ends_of_tier(records, rows, ladder)
        self.up = ladder.first_above()
        self.court = np.where(
            ladder.current == _PRE_PROCEEDINGS, _applications(records, rows), NEVER
        )

    @property
    def not_open(self) -> np.ndarray:
        """Which rows were not an open case on `as_of`, shape (n,)."""
        return np.asarray(self.down == MISSING_DAY)

    @property
    def at_once(self) -> np.ndarray:
        """Which rows moved on `as_of` or by the end of the next working day, shape (n,)."""
        first = np.minimum(np.minimum(self.down, self.up), self.court)
        return np.asarray(first <= self._rows.at_once)

    @property
    def stepped_down(self) -> np.ndarray:
        """Which rows moved down in time and before anything else, shape (n,).

        On one day, any other move comes first: a plan that ends on the day care
        begins, or as the case is transferred, is no step-down.
        """
        others = np.minimum(np.minimum(self.up, self.court), self._ends.final)
        others = np.minimum(others, self._ends.unseen)
        return np.asarray((self.down <= self._rows.last) & (self.down < others))

    @property
    def decided(self) -> np.ndarray:
        """The first day on which another move than down settles the answer, shape (n,)."""
        return np.asarray(np.minimum(self.up, self.court))

    def competing(self) -> dict[str, np.ndarray]:
        """Say which rows first moved up or to court, in time.

        Returns
        -------
        dict of str to ndarray of bool, shape (n,)
        """
        earlier = np.minimum(self._ends.final, self._ends.unseen)
        settled = (self.decided <= self._rows.last) & (self.decided <= self.down)
        settled &= self.decided <= earlier
        return {
            STEPPED_UP: settled & (self.up <= self.court),
            TO_COURT: settled & (self.court < self.up),
        }


def _ends_of_tier(records: Records, rows: Rows, ladder: Ladder) -> np.ndarray:
    """Give the last day on the tier of `as_of`, or of the open case below all tiers."""
    need = Runs(open_episodes(records), rows.children)
    down = np.where(
        ladder.current == CHILD_IN_NEED, need.end_of(rows.codes, rows.as_of), MISSING_DAY
    )
    frames = tier_frames(records)
    for tier in TIER_TABLES:
        runs = Runs(of_the_ladder(*frames[tier]), rows.children)
        down = np.where(ladder.current == tier, runs.end_of(rows.codes, rows.as_of), down)
    return np.asarray(down.astype(np.int64))


def _applications(records: Records, rows: Rows) -> np.ndarray:
    """Give the day pre-proceedings led to court: of the decision to issue, if earlier."""
    legal = records["pre_proceedings"]
    legal = legal[legal["court_date"].notna().to_numpy()]
    day = legal[["court_date", "end_date"]].min(axis=1)
    events = EventDays(legal["child_id"], to_days(day), rows.children)
    return events.first_from(rows.codes, rows.as_of)
