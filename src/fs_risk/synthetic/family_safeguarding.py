"""The Family Safeguarding service's own records: specialists' work, the programme, supervision.

They are laid over the finished world and change nothing in it: what was done and said
is recorded, the outcomes are those that were there already.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.layouts.family_safeguarding import MODULES
from fs_risk.synthetic.family_spells import Spells
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.timeline import ids

_MOST_MODULES = len(MODULES)
_ADULTS = 2
_SECOND_ADULT = "perpetrator or probation"
_EITHER_ADULT = "recovery"
_NO_DAY = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Made:
    """The two tables of work with a family.

    Attributes
    ----------
    specialist_work, programme_modules : DataFrame
    """

    specialist_work: pd.DataFrame
    programme_modules: pd.DataFrame


def make_work(spells: Spells, parameters: Parameters, rng: np.random.Generator) -> Made:
    """Lay out the specialists' work with adults and the modules of the programme.

    Parameters
    ----------
    spells : Spells
        Times in which a team works with a family.
    parameters : Parameters
    rng : Generator

    Returns
    -------
    Made
    """
    return Made(_specialists(spells, parameters, rng), _modules(spells, parameters, rng))


def _starts(spells: Spells, parameters: Parameters, rng: np.random.Generator) -> np.ndarray:
    """Give the day on which work with each family begins: some time after the spell."""
    least, mean = parameters.array("family_safeguarding.wait_days")
    days: np.ndarray = spells.start + (least + rng.exponential(mean, len(spells.start))).astype(
        np.int64
    )
    return days


def _specialists(spells: Spells, parameters: Parameters, rng: np.random.Generator) -> pd.DataFrame:
    roles = parameters.names("family_safeguarding.roles")
    chances = parameters.table("family_safeguarding.roles")[:, spells.family_class]
    parts = []
    for role, chance in zip(roles, chances, strict=True):
        start = _starts(spells, parameters, rng)
        here = np.flatnonzero(
            (rng.random(len(start)) < chance) & (start < spells.end) & (start <= spells.last)
        )
        second = rng.random(len(here)) < float(role == _EITHER_ADULT) / _ADULTS
        adult = (second | (role == _SECOND_ADULT)).astype(np.int64)
        parts.append(_pieces(spells, here, start[here], role, adult, parameters, rng))
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values(["start", "family_id", "role"], ignore_index=True)
    table.insert(0, "specialist_work_id", ids("W", np.arange(1, len(table) + 1)))
    return _dated(table, spells, parameters, rng)


def _pieces(
    spells: Spells,
    here: np.ndarray,
    start: np.ndarray,
    role: str,
    adult: np.ndarray,
    parameters: Parameters,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Lay out one role's work: how long it took, and how it ended."""
    shape, scale = parameters.array("family_safeguarding.work_days")
    days = 1 + rng.gamma(shape, scale, len(here)).astype(np.int64)
    declined = rng.random(len(here)) < parameters.number("family_safeguarding.declined")
    soon = int(parameters.number("family_safeguarding.declined_days"))
    days = np.where(declined, rng.integers(1, soon + 1, len(here)), days)
    end = start + days
    cut = end > spells.end[here]
    passed = np.where(rng.random(len(here)) < 0.3, "passed on", "ended early")
    outcome = np.where(cut, passed, np.where(declined, "declined", "completed")).astype(object)
    end = np.minimum(end, spells.end[here])
    going_on = end > spells.last
    outcome[going_on] = None
    numbers = spells.number[here]
    return pd.DataFrame(
        {
            "family_id": ids("F", numbers).array,
            "adult_id": ids("D", _ADULTS * numbers + adult).array,
            "role": role,
            "outcome": outcome,
            "start": start,
            "end": np.where(going_on, _NO_DAY, end),
        }
    )


def _modules(spells: Spells, parameters: Parameters, rng: np.random.Generator) -> pd.DataFrame:
    """Lay out the modules, one after the other until a family stops or the work ends."""
    n_spells = len(spells.start)
    begins = rng.random(n_spells) < parameters.number("family_safeguarding.programme")
    shape, scale, least = parameters.array("family_safeguarding.module_days")
    days = (least + rng.gamma(shape, scale, (n_spells, _MOST_MODULES))).astype(np.int64)
    goes_on = rng.random((n_spells, _MOST_MODULES)) < parameters.number(
        "family_safeguarding.goes_on"
    )
    goes_on[:, 0] = begins
    first = _starts(spells, parameters, rng)
    end = first[:, None] + np.cumsum(days, axis=1)
    start = end - days
    last = np.minimum(spells.end, spells.last)[:, None]
    done = np.logical_and.accumulate(goes_on & (start < last), axis=1)
    rows, columns = np.nonzero(done)
    finished = (end <= last)[rows, columns]
    table = pd.DataFrame(
        {
            "family_id": ids("F", spells.number[rows]).array,
            "module": (columns + 1).astype(str),
            "start": start[rows, columns],
            "end": np.where(finished, end[rows, columns], _NO_DAY),
        }
    )
    table.insert(0, "module_id", ids("G", np.arange(1, len(table) + 1)))
    return _dated(table, spells, parameters, rng)


def _dated(
    table: pd.DataFrame, spells: Spells, parameters: Parameters, rng: np.random.Generator
) -> pd.DataFrame:
    """Turn days into dates, and record for some when they were typed up."""
    clocks: Mapping[str, str] = {"start": "known_date", "end": "end_known_date"}
    for day, clock in clocks.items():
        values = table.pop(day).to_numpy()
        table[f"{day}_date"] = as_dates(values)
        table[clock] = recorded(values, spells.last, parameters, rng)
    return table


def as_dates(days: np.ndarray) -> np.ndarray:
    """Turn days since 1970 into dates; the least number of all is no day."""
    dates: np.ndarray = np.where(days == _NO_DAY, 0, days).astype("datetime64[D]")
    dates = dates.astype(DATE_DTYPE)
    dates[days == _NO_DAY] = np.datetime64("NaT")
    return dates


def recorded(
    days: np.ndarray, last: int, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    """Give the recorded clocks of some rows, up to some days late; the others have none."""
    most = int(parameters.number("family_safeguarding.recorded_late_days"))
    late = np.minimum(days + rng.integers(0, most + 1, len(days)), last)
    typed = rng.random(len(days)) < parameters.number("family_safeguarding.recorded_late")
    return as_dates(np.where(typed & (days != _NO_DAY), late, _NO_DAY))
