"""Times when a child in care was missing or away, as a canonical table."""

import numpy as np
import pandas as pd

from fs_risk.synthetic.care import CareTables
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.timeline import Timeline, ids

_YEAR = 365.25


def make_missing_episodes(
    timeline: Timeline, care: CareTables, parameters: Parameters, rng: np.random.Generator
) -> pd.DataFrame:
    """Lay out missing episodes: none for most children in care, many for a few older ones.

    Parameters
    ----------
    timeline : Timeline
    care : CareTables
    parameters : Parameters
    rng : Generator

    Returns
    -------
    DataFrame
    """
    start, end = care.start, np.where(care.end < 0, timeline.calendar.end, care.end)
    end = np.minimum(end, timeline.calendar.end)
    shape, mean = parameters.array("missing.each_year")
    rate = rng.gamma(shape, mean / shape, len(start)) * (start >= care.tenth_birthday)
    count = rng.poisson(rate * (end - start) / _YEAR)
    stay = np.repeat(np.arange(len(start)), count)
    went = start[stay] + (rng.random(len(stay)) * (end - start)[stay]).astype(np.int64)
    away = rng.geometric(1 / parameters.number("missing.days"), len(stay)) - 1
    back = np.minimum(went + away, end[stay])
    order = np.lexsort((went, stay))
    stay, went, back = stay[order], went[order], back[order]
    latest = pd.Series(back).groupby(stay).cummax().groupby(stay).shift()
    apart = ~(went <= latest.to_numpy())
    stay, went, back = stay[apart], went[apart], back[apart]
    return pd.DataFrame(
        {
            "missing_id": ids("M", np.arange(1, len(stay) + 1)),
            "child_id": care.periods["child_id"].array[stay],
            "start_date": timeline.dates(went),
            "end_date": timeline.dates(back),
        }
    )
