"""Referrals, the child in need plans that follow and the teams involved, as canonical tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.synthetic.drawing import drawn_codes
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.sources import draw_sources
from fs_risk.synthetic.states import BANDS, Kind, band, has_cin_plan, has_plan, in_care
from fs_risk.synthetic.timeline import NONE, Timeline, ids, spans

_TEAMS = 5
_ASSESSMENT_TEAM, _FAMILY_TEAM = "Assessment", "Family Safeguarding"


@dataclass(frozen=True)
class Kept:
    """Which referrals the records hold.

    Attributes
    ----------
    referral : ndarray of bool
        Whether each referral's episode was open in the observed window.
    identifier : Series of str
        ``referral_id`` of each referral, kept or not.
    child : Series of str
        ``child_id`` of each child.
    """

    referral: np.ndarray
    identifier: pd.Series
    child: pd.Series

    def of(self, numbers: np.ndarray) -> np.ndarray:
        """Say which events belong to kept referrals, by the referral's number."""
        kept: np.ndarray = self.referral[numbers]
        return kept


def keep_referrals(timeline: Timeline, observed_from: int, child_ids: pd.Series) -> Kept:
    """Keep the episodes open on or after the first observed day, whole."""
    closed = np.where(timeline.closed == NONE, timeline.calendar.end, timeline.closed)
    kept = (closed >= observed_from) & timeline.happened(timeline.referrals["day"])
    number = np.cumsum(kept)
    return Kept(kept, ids("R", number), child_ids)


def make_referrals(
    timeline: Timeline, kept: Kept, parameters: Parameters, rng: np.random.Generator
) -> pd.DataFrame:
    """Lay out the table of referrals.

    Parameters
    ----------
    timeline : Timeline
    kept : Kept
    parameters : Parameters
    rng : Generator

    Returns
    -------
    DataFrame
        Columns of the canonical table but for some clocks, which follow by rule.
    """
    here = np.flatnonzero(kept.referral)
    child, day, kind = (timeline.referrals[name][here] for name in ("child", "day", "kind"))
    decided = timeline.calendar.add_working_days(day, 1)
    dropped = kind == Kind.NO_FURTHER_ACTION
    decided = np.where(dropped, timeline.closed[here], decided)
    known = timeline.happened(decided)
    no_action = pd.array(dropped, dtype="boolean")
    no_action[~known] = pd.NA
    return pd.DataFrame(
        {
            "referral_id": kept.identifier[here].array,
            "child_id": kept.child[child].array,
            "referral_date": timeline.dates(day),
            "source": draw_sources(timeline, child, day, parameters, rng),
            "primary_need": _primary_needs(timeline, child, parameters, rng),
            "decision_date": timeline.dates(decided),
            "no_further_action": no_action,
            "close_date": timeline.dates(timeline.closed[here]),
            "close_reason": _close_reasons(timeline, here, parameters, rng),
            "team": _teams(timeline, here),
        }
    )


def _primary_needs(
    timeline: Timeline, child: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    shares = parameters.table("primary_need.by_class").T[timeline.people.child_class[child]]
    return drawn_codes(shares, parameters.names("primary_need.by_class"), rng)


def _close_reasons(
    timeline: Timeline, here: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    closing = timeline.closing[here]
    kind, origin = timeline.events["kind"][closing], timeline.events["origin"][closing]
    step, child = timeline.events["step"][closing], timeline.referrals["child"][here]
    young = band(step - timeline.people.birth_step[child]) <= BANDS.index("1-4")
    cases = np.select(
        [
            kind == Kind.NOT_IN_NEED,
            kind == Kind.COMES_OF_AGE,
            in_care(origin) & young,
            in_care(origin),
        ],
        [0, 1, 2, 3],
        default=4,
    )
    shares = parameters.table("close_reason.shares")[cases]
    names = parameters.columns("close_reason.shares")
    reasons = drawn_codes(shares, names, rng)
    before = timeline.dates(timeline.closed[here]) < np.datetime64("2022-04-01")
    reasons[(reasons == "RC9") & before] = "RC8"
    reasons[kind == Kind.LEAVES] = "RC5"
    reasons[kind == Kind.DIES] = "RC2"
    reasons[(kind == Kind.NO_FURTHER_ACTION) | ~timeline.happened(timeline.closed[here])] = None
    return reasons


def _teams(timeline: Timeline, here: np.ndarray) -> np.ndarray:
    """Name the team, one for each locality: the assessment teams keep what they close."""
    kind = timeline.events["kind"][timeline.closing[here]]
    short = (timeline.closing[here] != NONE) & np.isin(
        kind, (Kind.NO_FURTHER_ACTION, Kind.NOT_IN_NEED, Kind.SHORT_NEED)
    )
    family = timeline.people.family[timeline.referrals["child"][here]]
    number = timeline.people.area(family, timeline.referrals["day"][here], _TEAMS)
    teams: np.ndarray = np.where(
        short, _names(_ASSESSMENT_TEAM)[number], _names(_FAMILY_TEAM)[number]
    )
    return teams


def _names(team: str) -> np.ndarray:
    return np.array([f"{team} {number + 1}" for number in range(_TEAMS)], dtype=object)


def make_cin_plans(timeline: Timeline, kept: Kept) -> pd.DataFrame:
    """Lay out the child in need plans: from the end of the assessment, or of a protection plan."""
    events, calendar = timeline.events, timeline.calendar
    starts, ends = spans(events, has_cin_plan)
    origin, step = events["origin"][starts], events["step"][starts]
    kind = events["kind"][starts]
    later = np.maximum(calendar.last_working_day(step), timeline.resolved[starts])
    found = (kind == Kind.IN_NEED) | has_plan(origin) | in_care(origin)
    start = np.where(found, timeline.day[starts], np.maximum(later, timeline.day[starts]))
    end = np.where(ends == NONE, NONE, timeline.day[ends])
    to_plan = (ends != NONE) & (events["kind"][ends] == Kind.PLAN)
    end = np.where(to_plan, timeline.conference[ends], end)
    start = np.where(end == NONE, start, np.minimum(start, end))
    number = events["referral"][starts]
    held = kept.of(number) & timeline.happened(start)
    return pd.DataFrame(
        {
            "cin_plan_id": ids("N", np.arange(1, held.sum() + 1)),
            "child_id": kept.child[events["child"][starts][held]].array,
            "referral_id": kept.identifier[number[held]].array,
            "start_date": timeline.dates(start[held]),
            "end_date": timeline.dates(end[held]),
        }
    )


def make_involvements(timeline: Timeline, kept: Kept) -> pd.DataFrame:
    """Lay out which team worked with each child: assessment first, then long-term."""
    here = np.flatnonzero(kept.referral & (timeline.referrals["kind"] != Kind.NO_FURTHER_ACTION))
    child = timeline.referrals["child"][here]
    closed = timeline.closed[here]
    open_until = np.where(closed == NONE, timeline.calendar.end, closed)
    handover = np.minimum(timeline.referrals["authorised"][here], open_until)
    goes_on = open_until > handover
    number = timeline.people.area(
        timeline.people.family[child], timeline.referrals["day"][here], _TEAMS
    )

    def rows(which: np.ndarray, start: np.ndarray, end: np.ndarray, team: str) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "child_id": kept.child[child[which]].array,
                "referral_id": kept.identifier[here[which]].array,
                "start_date": timeline.dates(start[which]),
                "end_date": timeline.dates(end[which]),
                "team": _names(team)[number[which]],
            }
        )

    everyone = np.ones(len(here), dtype=bool)
    both = [
        rows(everyone, timeline.referrals["day"][here], handover, _ASSESSMENT_TEAM),
        rows(goes_on, handover, closed, _FAMILY_TEAM),
    ]
    table = pd.concat(both, ignore_index=True).dropna(subset="start_date", ignore_index=True)
    table.insert(0, "involvement_id", ids("I", np.arange(1, len(table) + 1)))
    return table
