"""Who refers a child or makes a contact."""

import numpy as np

from fs_risk.synthetic.drawing import drawn_codes
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import band
from fs_risk.synthetic.timeline import Timeline

_EARLY_HELP_CODE, _EARLY_HELP_FROM = "5D", np.datetime64("2022-04-01")


def draw_sources(
    timeline: Timeline,
    child: np.ndarray,
    day: np.ndarray,
    parameters: Parameters,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw who referred each child: by class, age and whether schools are open.

    Parameters
    ----------
    timeline : Timeline
    child, day : ndarray of int
    parameters : Parameters
    rng : Generator

    Returns
    -------
    ndarray of str
        Codes of `records.codes.REFERRAL_SOURCES`.
    """
    bands = band(timeline.calendar.step_of[day] - timeline.people.birth_step[child])
    shares = parameters.table("source.by_class")[timeline.people.child_class[child]]
    shares = shares * parameters.table("source.by_band")[bands]
    groups = parameters.names("source.within")
    closed = ~timeline.calendar.school_day[day]
    school = groups.index("school")
    shares[closed, school] *= parameters.number("source.school_when_closed")
    rest = ~timeline.calendar.working[day]
    shares[rest, groups.index("police")] *= parameters.number("source.police_on_rest_days")
    group = drawn_codes(shares, groups, rng)
    codes = np.empty(len(child), dtype=object)
    early_help = timeline.calendar.dates[day] >= _EARLY_HELP_FROM
    for name, within in parameters["source.within"].value.items():
        rows = np.flatnonzero(group == name)
        chances = np.tile(np.asarray(list(within.values())), (len(rows), 1))
        if _EARLY_HELP_CODE in within:
            before = ~early_help[rows]
            chances[before, list(within).index(_EARLY_HELP_CODE)] = 0.0
        codes[rows] = drawn_codes(chances, list(within), rng)
    return codes
