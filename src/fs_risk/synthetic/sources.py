"""Who refers a child or makes a contact."""

import numpy as np
import pandas as pd

from fs_risk.synthetic.calendar import Calendar
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
    groups = parameters.names("source.within")
    kind = timeline.people.child_class[child]
    shares = source_shares(kind, bands, day, timeline.calendar, parameters)
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


def source_shares(
    kind: np.ndarray,
    bands: np.ndarray,
    day: np.ndarray,
    calendar: Calendar,
    parameters: Parameters,
) -> np.ndarray:
    """Give the share of each group of sources, by class, age band and day.

    Parameters
    ----------
    kind, bands, day : ndarray of int, shape (n,)
    calendar : Calendar
    parameters : Parameters

    Returns
    -------
    ndarray, shape (n, n_groups)
        Rows sum to one.
    """
    shares = parameters.table("source.by_class")[kind] * parameters.table("source.by_band")[bands]
    groups = parameters.names("source.within")
    school, police = groups.index("school"), groups.index("police")
    shares[~calendar.school_day[day], school] *= parameters.number("source.school_when_closed")
    shares[~calendar.working[day], police] *= parameters.number("source.police_on_rest_days")
    even: np.ndarray = shares / shares.sum(axis=1, keepdims=True)
    return even


def group_of_code(parameters: Parameters) -> pd.Series:
    """Give the number of the group that each code of a source belongs to."""
    within = parameters["source.within"].value.values()
    return pd.Series({code: place for place, codes in enumerate(within) for code in codes})
