"""Assessments, as a canonical table: one for each referral taken up, and some later ones."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.synthetic.episodes import Kept
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.referring import length_chances
from fs_risk.synthetic.states import Kind, Status, has_plan
from fs_risk.synthetic.timeline import NONE, Timeline, ids


@dataclass(frozen=True)
class Assessments:
    """Assessments of kept referrals, as parallel arrays, with their table.

    Attributes
    ----------
    table : DataFrame
    child, start : ndarray
        Child and first day of each row.
    """

    table: pd.DataFrame
    child: np.ndarray
    start: np.ndarray


def make_assessments(
    timeline: Timeline, kept: Kept, parameters: Parameters, rng: np.random.Generator
) -> Assessments:
    """Lay out the assessments: one for each referral taken up, and one for some later worries.

    Parameters
    ----------
    timeline : Timeline
    kept : Kept
    parameters : Parameters
    rng : Generator

    Returns
    -------
    Assessments
    """
    referrals, events = timeline.referrals, timeline.events
    first = np.flatnonzero(kept.referral & (referrals["kind"] != Kind.NO_FURTHER_ACTION))
    settled = (events["origin"] >= Status.HELD) & (events["origin"] <= Status.NEED)
    reasons = np.isin(events["kind"], (Kind.PLAN, Kind.CONFERENCE, Kind.ENQUIRY, Kind.CARE))
    again = settled & reasons
    ended = has_plan(events["origin"]) & (events["kind"] == Kind.STEPS_DOWN)
    luck = rng.random(len(again))
    again = (again & (luck < parameters.number("assessment.on_new_worry"))) | (
        ended & (luck < parameters.number("assessment.after_plan"))
    )
    held = kept.of(events["referral"]) & timeline.happened(timeline.day)
    later = np.flatnonzero(again & held)
    number = np.concatenate([first, events["referral"][later]])
    start = np.concatenate([referrals["day"][first], timeline.day[later]])
    sums = np.cumsum(length_chances(parameters))[:-1]
    length = np.searchsorted(sums, rng.random(len(later)), side="right")
    end = timeline.calendar.add_working_days(timeline.day[later], length)
    end = np.concatenate([referrals["authorised"][first], end])
    closed = timeline.closed[number]
    end = np.where(closed == NONE, end, np.minimum(end, closed))
    child = referrals["child"][number]
    return Assessments(
        pd.DataFrame(
            {
                "assessment_id": ids("A", np.arange(1, len(number) + 1)),
                "child_id": kept.child[child].array,
                "referral_id": kept.identifier[number].array,
                "start_date": timeline.dates(start),
                "authorised_date": timeline.dates(end),
            }
        ),
        child,
        start,
    )
