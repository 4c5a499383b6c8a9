"""Defects of when and whether something was recorded: late, or lost by a team."""

import numpy as np
import pandas as pd

from fs_risk.records.lookup import is_among, looked_up
from fs_risk.synthetic.defects.damage import Damage, days_later, picked

_LEAST_DAYS, _MEAN_FURTHER_DAYS = 14, 42.0
_CLOCKS = (
    ("contacts", "contact_date", "known_date"),
    ("referrals", "referral_date", "known_date"),
    ("assessments", "authorised_date", "end_known_date"),
)


def record_late(damage: Damage, size: float) -> None:
    """Record a share of contacts, referrals and ends of assessments weeks late."""
    rng = damage.stream(0)
    for table, event, clock in _CLOCKS:
        frame = damage.tables[table]
        if clock not in frame:
            damage.tables[table] = frame = frame.assign(
                **{clock: pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")}
            )
        late = picked(len(frame), size, rng) & frame[event].notna().to_numpy()
        further = rng.exponential(_MEAN_FURTHER_DAYS, len(frame)).astype(np.int64)
        known = days_later(frame[event], _LEAST_DAYS + further).clip(upper=damage.last)
        damage.overwrite("late_recording", size, table, clock, late, known[late].to_numpy())
    _open_on_the_day(damage, size, late)


def _open_on_the_day(damage: Damage, size: float, late: np.ndarray) -> None:
    """Record that the assessments with a late end began when they did.

    A row's clocks count as recorded when that of its beginning is.
    """
    frame = damage.tables["assessments"]
    if "known_date" not in frame:
        empty = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
        damage.tables["assessments"] = frame.assign(known_date=empty)
    began = frame.loc[late, "start_date"].to_numpy()
    damage.overwrite("late_recording", size, "assessments", "known_date", late, began)


def lose_factors(damage: Damage, size: float) -> None:
    """Lose the factors of a share of one team's assessments."""
    rng = damage.stream(1)
    assessments, factors = damage.tables["assessments"], damage.tables["factors"]
    teams = damage.tables["referrals"].set_index("referral_id")["team"]
    team = looked_up(assessments["referral_id"], teams)
    held = assessments["factors_recorded"].fillna(False).to_numpy(dtype=bool)
    counts = team[held].value_counts()
    if counts.empty:
        return
    theirs = (team == sorted(counts[counts == counts.max()].index)[0]).to_numpy(dtype=bool)
    lost = theirs & held & picked(len(assessments), size, rng)
    gone = is_among(factors["assessment_id"], assessments.loc[lost, "assessment_id"])
    damage.overwrite("missing_factors", size, "assessments", "factors_recorded", lost, False)
    damage.note("missing_factors", size, "factors", "removed", factors[gone], "code")
    damage.tables["factors"] = factors[~gone].reset_index(drop=True)
