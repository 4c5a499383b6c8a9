"""What a demand series counts: each measure, the table it comes from, and its events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from fs_risk.outcomes.scope import SHORT_BREAK, care_periods
from fs_risk.records.dates import to_days
from fs_risk.records.records import Records

BACK_DAYS = 365
"""A referral within so many days after another of the child is a re-referral [1]_ (twelve
months).

.. [1] Department for Education, Characteristics of children in need, methodology.
"""

_SHIFT = np.int64(2**32)


@dataclass(frozen=True)
class Measure:
    """Events that are counted.

    Attributes
    ----------
    name, meaning : str
    table : str
    date : str
        Column with the day.
    clock : str
        Column with the day it became known.
    rows : callable or None
        Picks the rows; None for all.
    days_before : int
        Days that must have been observed before the period.
    """

    name: str
    meaning: str
    table: str
    date: str
    clock: str = "known_date"
    rows: Callable[[Records], np.ndarray] | None = None
    days_before: int = 0


def re_referred(records: Records) -> np.ndarray:
    """Say which referrals came within `BACK_DAYS` after an earlier one of the child."""
    referrals = records["referrals"]
    child, _ = pd.factorize(referrals["child_id"])
    day = to_days(referrals["referral_date"]).astype(np.int64)
    keys, place = np.unique(child * _SHIFT + day, return_inverse=True)
    again = np.diff(keys, prepend=np.int64(-(2**62))) <= BACK_DAYS
    return np.asarray(again[place])


def _no_short_breaks(records: Records) -> np.ndarray:
    _, why = care_periods(records)
    return np.asarray((why != SHORT_BREAK).to_numpy(dtype=bool))


_END = "end_known_date"

_MEASURES = (
    Measure("contacts", "contacts with the front door", "contacts", "contact_date"),
    Measure("early_help_starts", "episodes of early help begun", "early_help", "start_date"),
    Measure("early_help_ends", "episodes of early help ended", "early_help", "end_date", _END),
    Measure("referrals", "referrals to children's social care", "referrals", "referral_date"),
    Measure("re_referrals", "referrals within twelve months after an earlier one", "referrals",
            "referral_date", rows=re_referred, days_before=BACK_DAYS),
    Measure("closures", "episodes of need closed", "referrals", "close_date", _END),
    Measure("assessments", "social work assessments begun", "assessments", "start_date"),
    Measure("section47", "enquiries under section 47", "section47", "start_date"),
    Measure("conferences", "initial child protection conferences", "conferences",
            "conference_date"),
    Measure("cp_plan_starts", "child protection plans begun", "cp_plans", "start_date"),
    Measure("cp_plan_ends", "child protection plans ended", "cp_plans", "end_date", _END),
    Measure("pre_proceedings_starts", "pre-proceedings begun", "pre_proceedings", "start_date"),
    Measure("pre_proceedings_ends", "pre-proceedings ended", "pre_proceedings", "end_date", _END),
    Measure("care_starts", "children who came into care, short breaks left out", "care_periods",
            "start_date", rows=_no_short_breaks),
    Measure("care_ends", "children who left care, short breaks left out", "care_periods",
            "end_date", _END, rows=_no_short_breaks),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = MappingProxyType({each.name: each for each in _MEASURES})
"""Measures counted from the events of one table, by name."""

CASELOAD = MappingProxyType(
    {
        "stock": "children on a tier at the end of the period, each on the highest only",
        "open_cases": "children on tiers 2 to 5 at the end of the period",
        "step_ups": "moves to a higher tier, of children already on one",
        "step_downs": "moves to a lower tier, not to none",
        "entries": "children who came to a tier from none",
        "exits": "children who left a tier for none",
        "need": "open cases with a current need, on the latest assessment within 365 days",
    }
)
"""Measures that come from each child's path over the tiers."""


def events_of(records: Records, measure: Measure) -> pd.DataFrame:
    """Give a measure's events: ``child_id``, ``day``, ``known``, ``source`` where held."""
    frame = records[measure.table]
    if measure.rows is not None:
        frame = frame[measure.rows(records)]
    frame = frame[frame[measure.date].notna().to_numpy()]
    events = pd.DataFrame(
        {
            "child_id": frame["child_id"],
            "day": frame[measure.date],
            "known": frame[measure.clock] if measure.clock in frame else frame[measure.date],
        }
    )
    if "source" in frame:
        events["source"] = frame["source"]
    if "team" in frame:
        events["team"] = frame["team"]
    if "known_by_rule" in frame:
        events["recorded"] = ~frame["known_by_rule"].fillna(True).to_numpy(dtype=bool)
    return events.reset_index(drop=True)
