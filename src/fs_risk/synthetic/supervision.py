"""Monthly group supervision: a rating that follows how a family fares, with error, and a step."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.records.layouts.family_safeguarding import RATINGS
from fs_risk.synthetic.family_safeguarding import as_dates, recorded
from fs_risk.synthetic.family_spells import FamilyDays, Spells, days, family_numbers
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import PHASES
from fs_risk.synthetic.timeline import ids

_TEAMS = 5
_STEP_DAYS = 28
_MOST_STEPS = 52
_SETTLING_DAYS = 7
_SECOND_WEEK = 7


@dataclass(frozen=True)
class Fared:
    """What is known of how families fare: the phase at each referral, and how phases change.

    Attributes
    ----------
    number, day, phase : ndarray of int
        Family, day since 1970 and phase of each referral.
    family_class : ndarray of int
        By the family's number.
    change : ndarray, shape (classes, phases, phases)
        Transition matrix of a step.
    """

    number: np.ndarray
    day: np.ndarray
    phase: np.ndarray
    family_class: np.ndarray
    change: np.ndarray


def make_supervision(
    spells: Spells,
    tables: Mapping[str, pd.DataFrame],
    fared: Fared,
    parameters: Parameters,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Lay out every family's discussions, once a month on its team's day.

    The rating is of the phase at the family's latest referral, as it would have faded
    since, of a plan in force, and of error: the family's own and the meeting's. The
    phase since the referral is not looked up. The next step agreed is often what
    followed within some weeks.

    Parameters
    ----------
    spells : Spells
    tables : mapping of str to DataFrame
        ``family_links``, ``cp_plans`` and ``pre_proceedings``.
    fared : Fared
    parameters : Parameters
    rng : Generator

    Returns
    -------
    DataFrame
        The canonical table but for clocks that follow by rule.
    """
    spell, day = _meetings(spells)
    number = spells.number[spell]
    plans = _Happenings(tables, "cp_plans", spells.last)
    severity = _severity(number, day, fared, parameters)
    weights = dict(
        zip(
            parameters.names("family_safeguarding.rating"),
            parameters.table("family_safeguarding.rating"),
            strict=True,
        )
    )
    on_plan = plans.open_on(number, day)
    severity += weights["on_plan"] * on_plan
    severity += weights["family"] * rng.standard_normal(len(spells.number))[spell]
    severity += weights["meeting"] * rng.standard_normal(len(spell))
    rating = np.searchsorted(parameters.array("family_safeguarding.rating_cuts"), severity)
    table = pd.DataFrame(
        {
            "supervision_id": ids("V", np.arange(1, len(spell) + 1)).array,
            "family_id": ids("F", number).array,
            "supervision_date": as_dates(day),
            "agreed_rating": np.asarray(list(RATINGS), dtype=object)[rating],
            "next_step": _next_steps(spells, spell, day, tables, parameters, rng),
        }
    )
    return table.assign(known_date=recorded(day, spells.last, parameters, rng))


def _meetings(spells: Spells) -> tuple[np.ndarray, np.ndarray]:
    """Give the spell and day of every meeting: the second such weekday of each month."""
    first = spells.start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    until = np.minimum(spells.end, spells.last)
    last = until.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    count = last - first + 1
    spell = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(spell)) - np.repeat(np.cumsum(count) - count, count)
    begin = (first[spell] + within).astype("datetime64[M]").astype("datetime64[D]")
    start_of_month = begin.astype(np.int64)
    weekday = (start_of_month + 3) % 7
    wanted = spells.number[spell] % _TEAMS
    day = start_of_month + (wanted - weekday) % 7 + _SECOND_WEEK
    held = (day >= spells.start[spell] + _SETTLING_DAYS) & (day <= until[spell])
    order = np.lexsort((spells.number[spell][held], day[held]))
    return spell[held][order], day[held][order]


def _severity(
    number: np.ndarray, day: np.ndarray, fared: Fared, parameters: Parameters
) -> np.ndarray:
    """Give the severity to be expected of a family, from its phase at the latest referral."""
    names = parameters.names("family_safeguarding.rating")
    weights = parameters.table("family_safeguarding.rating")
    by_phase = np.array([0.0, *(weights[names.index(phase)] for phase in PHASES[1:])])
    expected = np.empty((_MOST_STEPS + 1, *fared.change.shape[:2]))
    expected[0] = by_phase
    for step in range(_MOST_STEPS):
        expected[step + 1] = np.einsum("cij,cj->ci", fared.change, expected[step])
    latest = FamilyDays(fared.number, fared.day).latest(number, day)
    seen = latest >= 0
    if not len(fared.day):
        return np.zeros(len(number))
    at = np.maximum(latest, 0)
    ago = np.minimum((day - fared.day[at]) // _STEP_DAYS, _MOST_STEPS)
    ago = np.where(seen, ago, _MOST_STEPS)
    phase = np.where(seen, fared.phase[at], 0)
    severity: np.ndarray = expected[ago, fared.family_class[number], phase]
    return severity


class _Happenings:
    """Starts and ends of one kind of plan, by family and day."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], name: str, last: int) -> None:
        links = tables["family_links"][["child_id", "family_id"]]
        rows = tables[name][["child_id", "start_date", "end_date"]].merge(links, on="child_id")
        number = family_numbers(rows["family_id"])
        self.starts = FamilyDays(number, days(rows["start_date"], last + 1))
        ended = rows["end_date"].notna().to_numpy()
        self.ends = FamilyDays(number[ended], days(rows["end_date"][ended], last + 1))

    def open_on(self, number: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Say whether any is in force on each day."""
        in_force: np.ndarray = self.starts.until(number, day) > self.ends.until(number, day)
        return in_force

    def begins_within(self, number: np.ndarray, day: np.ndarray, ahead: int) -> np.ndarray:
        """Say whether one begins in the days after each day."""
        begins: np.ndarray = self.starts.until(number, day + ahead) > self.starts.until(number, day)
        return begins


def _next_steps(
    spells: Spells,
    spell: np.ndarray,
    day: np.ndarray,
    tables: Mapping[str, pd.DataFrame],
    parameters: Parameters,
    rng: np.random.Generator,
) -> np.ndarray:
    number = spells.number[spell]
    ahead = int(parameters.number("family_safeguarding.next_step_days"))
    plans = _Happenings(tables, "cp_plans", spells.last)
    proceedings = _Happenings(tables, "pre_proceedings", spells.last)
    followed = {
        "step up": plans.begins_within(number, day, ahead)
        | proceedings.begins_within(number, day, ahead),
        "step down": plans.open_on(number, day) & ~plans.open_on(number, day + ahead),
        "close": spells.end[spell] <= np.minimum(day + ahead, spells.last),
        "change plan": np.ones(len(spell), dtype=bool),
    }
    steps = np.full(len(spell), "continue", dtype=object)
    names = parameters.names("family_safeguarding.next_step")
    chances = parameters.table("family_safeguarding.next_step")
    for name, chance in zip(names, chances, strict=True):
        agreed = followed[name] & (steps == "continue") & (rng.random(len(spell)) < chance)
        steps[agreed] = name
    return steps
