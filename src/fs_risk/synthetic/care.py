"""Periods of care, and the legal statuses and placements within them, as canonical tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.synthetic.drawing import drawn_codes
from fs_risk.synthetic.episodes import Kept
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import BANDS, Kind, Status, band, in_care, in_proceedings
from fs_risk.synthetic.timeline import NO_CODE, NONE, Timeline, ids, spans

_CONTINUES = "X1"
_TAKEN_OVER, _DIED = "E3", "E2"


@dataclass(frozen=True)
class CareTables:
    """The periods of care and the episodes within them.

    Attributes
    ----------
    periods : DataFrame
    episodes : DataFrame
        Without identifiers of their own.
    start, end, tenth_birthday : ndarray
        Days of the grid, for each period; `end` is `NONE` while it lasts.
    """

    periods: pd.DataFrame
    episodes: pd.DataFrame
    start: np.ndarray
    end: np.ndarray
    tenth_birthday: np.ndarray


@dataclass(frozen=True)
class _Stays:
    """Stays in care as parallel arrays; `end` is `NONE` while a stay lasts."""

    start: np.ndarray
    end: np.ndarray
    status: np.ndarray
    reason: np.ndarray
    bands: np.ndarray


def make_care(
    timeline: Timeline, kept: Kept, parameters: Parameters, rng: np.random.Generator
) -> CareTables:
    """Lay out the periods of care and the changes within them.

    Parameters
    ----------
    timeline : Timeline
    kept : Kept
    parameters : Parameters
    rng : Generator

    Returns
    -------
    CareTables
        ``care_period_id`` numbers the periods; `authority` adds other streams of care.
    """
    events = timeline.events
    starts, ends = spans(events, in_care)
    held = kept.of(events["referral"][starts]) & timeline.happened(timeline.day[starts])
    starts, ends = starts[held], ends[held]
    start = timeline.day[starts]
    end = np.where(ends == NONE, NONE, timeline.day[ends])
    child = events["child"][starts]
    bands = band(events["step"][starts] - timeline.people.birth_step[child])
    status = _first_statuses(timeline, starts, bands, parameters, rng)
    of_age = (ends != NONE) & (events["kind"][ends] == Kind.COMES_OF_AGE)
    at_end = band(events["step"][ends] - timeline.people.birth_step[child])
    reason = _end_reasons(at_end, of_age, parameters, rng)
    kind = np.where(ends == NONE, Kind.STAYS, events["kind"][ends])
    reason = np.select([kind == Kind.LEAVES, kind == Kind.DIES], [_TAKEN_OVER, _DIED], reason)
    stays = _Stays(start, end, status, reason, bands)
    periods = pd.DataFrame(
        {
            "care_period_id": ids("Y", np.arange(1, len(starts) + 1)),
            "child_id": kept.child[child].array,
            "referral_id": kept.identifier[events["referral"][starts]].array,
            "start_date": timeline.dates(start),
            "end_date": timeline.dates(end),
            "end_reason": np.where(timeline.happened(end), reason, NO_CODE),
            "legal_status": status,
        }
    )
    tenth = timeline.people.birth_day[child] + 3_653
    episodes = _episodes(timeline, stays, periods, parameters, rng)
    return CareTables(periods, episodes, start, end, tenth)


def _first_statuses(
    timeline: Timeline,
    starts: np.ndarray,
    bands: np.ndarray,
    parameters: Parameters,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw the legal status at the start, by how the child came into care and age."""
    origin = timeline.events["origin"][starts]
    older = bands >= BANDS.index("10-15")
    route = np.select(
        [in_proceedings(origin), origin == Status.CLOSED, older], [0, 1, 3], default=2
    )
    shares = parameters.table("care.legal_status")[route]
    names = parameters.columns("care.legal_status")
    return drawn_codes(shares, names, rng)


def _end_reasons(
    bands: np.ndarray, of_age: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    young = bands <= BANDS.index("1-4")
    case = np.select([of_age, young], [0, 1], default=2)
    shares = parameters.table("care.end_reason")[case]
    names = parameters.columns("care.end_reason")
    return drawn_codes(shares, names, rng)


def _episodes(
    timeline: Timeline,
    stays: _Stays,
    periods: pd.DataFrame,
    parameters: Parameters,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Cut each stay at changes of legal status and of placement."""
    count = len(stays.start)
    emergency = np.isin(stays.status, ("L1", "L2"))
    interim = _interim_days(stays, emergency, parameters, rng)
    mean, spread = parameters.array("care.proceedings_weeks")
    least = parameters.number("care.least_proceedings_weeks")
    final = np.where(
        interim == NONE,
        NONE,
        interim + (7 * rng.normal(mean, spread, count).clip(least)).astype(np.int64),
    )
    days = parameters.number("care.placement_days")
    moved = stays.start + 1 + rng.exponential(days, count).astype(np.int64)
    interim_reason = np.where(stays.status == "C1", NONE, interim)
    cuts = np.stack([stays.start, interim_reason, final, moved], axis=1)
    last = np.where(stays.end == NONE, timeline.calendar.end, stays.end)
    happens = (cuts != NONE) & (cuts < last[:, None])
    happens[:, 1:] &= cuts[:, 1:] > stays.start[:, None]
    stay, change = np.nonzero(happens)
    order = np.lexsort((change, cuts[stay, change], stay))
    stay, change = stay[order], change[order]
    start = cuts[stay, change]
    follows = np.append(stay[1:] == stay[:-1], False)
    following = np.append(start[1:], NONE)
    end = np.where(follows, following, stays.end[stay])
    status = stays.status[stay].copy()
    became_interim = (interim[stay] != NONE) & (start >= interim[stay])
    became_full = (final[stay] != NONE) & (start >= final[stay])
    status[became_interim] = "C1"
    status[became_full] = _final_status(stays.bands[stay[became_full]], parameters, rng)
    same_day = follows & (end == start)
    table = pd.DataFrame(
        {
            "care_period_id": periods["care_period_id"].array[stay],
            "child_id": periods["child_id"].array[stay],
            "start_date": timeline.dates(start),
            "end_date": timeline.dates(end),
            "start_reason": np.array(["S", "L", "L", "P"], dtype=object)[change],
            "end_reason": np.where(
                follows, _CONTINUES, np.where(timeline.happened(end), stays.reason[stay], NO_CODE)
            ),
            "legal_status": status,
            "placement_type": _placements(stays, stay, change, parameters, rng),
        }
    )
    return table[~same_day].reset_index(drop=True)


def _interim_days(
    stays: _Stays, emergency: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    """Day of the interim care order, or `NONE` where no court is asked."""
    count = len(stays.start)
    asked = rng.random(count) < parameters.number("care.accommodated_to_court")
    wait = rng.exponential(parameters.number("care.days_to_court"), count).astype(np.int64)
    wait += int(parameters.number("care.least_days_to_court"))
    soon = int(parameters.number("care.emergency_days"))
    interim = np.full(count, NONE)
    interim = np.where((stays.status == "V2") & asked, stays.start + wait, interim)
    interim = np.where(emergency, stays.start + soon, interim)
    return np.where(stays.status == "C1", stays.start, interim)


def _final_status(
    bands: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    placed = rng.random(len(bands)) < parameters.number("care.placement_order")
    return np.where(placed & (bands <= BANDS.index("1-4")), "E1", "C2")


def _placements(
    stays: _Stays,
    stay: np.ndarray,
    change: np.ndarray,
    parameters: Parameters,
    rng: np.random.Generator,
) -> np.ndarray:
    """Placement of each episode: kept until the change that is a move."""
    shares = parameters.table("care.placement")[(stays.bands >= BANDS.index("10-15")).astype(int)]
    names = parameters.columns("care.placement")
    first = drawn_codes(shares, names, rng)
    second = drawn_codes(shares, names, rng)
    moves = pd.Series(change == 3).groupby(stay).cumsum().to_numpy() > 0
    placements: np.ndarray = np.where(moves, second[stay], first[stay])
    return placements
