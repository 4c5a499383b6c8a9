"""The events that indicators count: whose, and on which day; out of scope left out."""

import numpy as np
import pandas as pd

from fs_risk.outcomes.cohort_rows import Rows
from fs_risk.outcomes.cohorts import closure_cohort
from fs_risk.outcomes.definitions import TIER_TABLES
from fs_risk.outcomes.ends import Ends
from fs_risk.outcomes.events import EventDays
from fs_risk.outcomes.scope import protection_plans
from fs_risk.outcomes.tiers import CHILD_IN_NEED, Ladder, of_the_ladder, tier_frames
from fs_risk.records.dates import to_days
from fs_risk.records.other_grounds import unaccompanied_children
from fs_risk.records.records import Records

_PRE_PROCEEDINGS = 4


def plans_begun(records: Records) -> pd.DataFrame:
    """List child protection plans on the day they began: ``child_id``, ``day``."""
    return _begun(records, 3)


def legal_begun(records: Records) -> pd.DataFrame:
    """List pre-proceedings on the day they began: ``child_id``, ``day``."""
    return _begun(records, 4)


def care_begun(records: Records) -> pd.DataFrame:
    """List periods of care on the day they began: ``child_id``, ``day``."""
    return _begun(records, 5)


def closed(records: Records) -> pd.DataFrame:
    """List closures of cases: ``child_id``, ``day``."""
    cohort = closure_cohort(records).rename(columns={"as_of": "day"})
    return _accompanied(records, cohort[["child_id", "day"]])


def plans_ended(records: Records) -> pd.DataFrame:
    """List plans on the day they ended: ``child_id``, ``day``, ``days`` on it."""
    plans, why = protection_plans(records)
    ended = plans[(why == "").to_numpy() & plans["end_date"].notna().to_numpy()]
    days = np.maximum((ended["end_date"] - ended["start_date"]).dt.days, 0).astype(float)
    frame = pd.DataFrame({"child_id": ended["child_id"], "day": ended["end_date"], "days": days})
    return _accompanied(records, frame)


def stepped_down(records: Records) -> pd.DataFrame:
    """List moves from tiers 3 to 5 to a lower one: ``child_id``, ``day``.

    A move is an end after which the child is on a lower tier, unless one at or above
    it begins that day or the next, the child died, turned 18, was adopted or moved away
    that day, or pre-proceedings went to court.
    """
    ends = [
        of_the_ladder(frame, why)[["child_id", "end_date"]].dropna()
        for frame, why in tier_frames(records).values()
    ]
    cohort = pd.concat(ends, ignore_index=True).drop_duplicates()
    cohort = cohort.rename(columns={"end_date": "as_of"}).assign(case_id="")
    rows = Rows(records, cohort, 1)
    ladder = Ladder(records, rows.children, rows.codes, rows.as_of)
    over = Ends(records, rows.children, rows.codes, rows.as_of)
    tiers = np.array(list(TIER_TABLES))[:, None]
    again = (ladder.starts(rows.as_of, rows.last) & (tiers >= ladder.current)).any(axis=0)
    fell = (ladder.current > CHILD_IN_NEED) & (ladder.on(rows.last) < ladder.current) & ~again
    court = (ladder.current == _PRE_PROCEEDINGS) & _went_to_court(records, rows)
    out = (over.final <= rows.as_of) | (over.unseen == rows.as_of) | court
    moves = cohort[fell & ~out].rename(columns={"as_of": "day"})[["child_id", "day"]]
    return _accompanied(records, moves)


def _went_to_court(records: Records, rows: Rows) -> np.ndarray:
    legal = records["pre_proceedings"]
    legal = legal[legal["court_date"].notna().to_numpy() & legal["end_date"].notna().to_numpy()]
    issued = EventDays(legal["child_id"], to_days(legal["end_date"]), rows.children)
    return issued.between(rows.codes, rows.as_of, rows.as_of)


def _begun(records: Records, tier: int) -> pd.DataFrame:
    frame, why = tier_frames(records)[tier]
    own = frame[(why == "").to_numpy()]
    events = pd.DataFrame({"child_id": own["child_id"], "day": own["start_date"]})
    return _accompanied(records, events)


def _accompanied(records: Records, events: pd.DataFrame) -> pd.DataFrame:
    alone = events["child_id"].isin(unaccompanied_children(records))
    return events[~alone.to_numpy()].reset_index(drop=True)
