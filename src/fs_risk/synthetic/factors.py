"""Factors recorded at the end of assessments: an imperfect view of what troubles a family."""

import numpy as np
import pandas as pd

from fs_risk.synthetic.assessments import Assessments
from fs_risk.synthetic.drawing import even_draws
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import BANDS, band
from fs_risk.synthetic.timeline import Timeline

_FACTOR, _MISSING = 1_000, 999
_NONE_FOUND = "21"
_SPELL = 5 * 365 + 2


def factor_chances(parameters: Parameters) -> tuple[list[str], np.ndarray]:
    """Give the probability that each factor is recorded, by class and age band.

    Recorded, not present: a factor that is present may be missed. Given class and
    band, factors are independent of each other and from one assessment to the next.

    Parameters
    ----------
    parameters : Parameters

    Returns
    -------
    codes : list of str
    chances : ndarray, shape (classes, bands, codes)
    """
    codes = parameters.names("factors.by_class")
    by_class = parameters.table("factors.by_class")
    by_band = np.ones((len(codes), 6))
    for code, profile in parameters["factors.by_band"].value.items():
        by_band[codes.index(code)] = profile
    noticed = parameters.number("factors.noticed")
    chances = noticed * by_class.T[:, None, :] * by_band.T[None, :, :]
    return codes, np.minimum(chances, 0.97)


def make_factors(
    timeline: Timeline,
    assessments: Assessments,
    parameters: Parameters,
    luck: Luck,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the factors of every assessment that has ended.

    Siblings assessed from the same day mostly have the same factors, as far as
    class and age allow.

    Parameters
    ----------
    timeline : Timeline
    assessments : Assessments
    parameters : Parameters
    luck : Luck
        For what is a child's own.
    rng : Generator
        For what siblings share, evenly over families of one class.

    Returns
    -------
    assessments : DataFrame
        With ``factors_recorded``.
    factors : DataFrame
    """
    codes, chances = factor_chances(parameters)
    people = timeline.people
    child, start = assessments.child, assessments.start
    family = people.family[child]
    bands = band(timeline.calendar.step_of[start] - people.birth_step[child])
    likely = chances[people.child_class[child], bands]
    ended = assessments.table["authorised_date"].notna().to_numpy()
    share = parameters.number("siblings.share")
    days = timeline.calendar.end + 1
    _, first, place, together = np.unique(
        family * days + start, return_index=True, return_inverse=True, return_counts=True
    )
    # by five years within class, age and number of children, so that those years are as even
    # as the whole; not by day: with few ties one factor's draws would tell another's
    spells = days // _SPELL + 1
    alike = (people.child_class[child] * len(BANDS) + bands) * spells + (days - start) // _SPELL
    alike = alike[first] * (together.max(initial=0) + 1) + together
    drawn = np.empty((len(child), len(codes)))
    for number in range(len(codes)):
        own = luck.uniform(3 * (_FACTOR + number), child, start)
        agrees = luck.uniform(3 * (_FACTOR + number) + 2, child, start) < share
        drawn[:, number] = np.where(agrees, even_draws(alike, rng)[place], own)
    missing = luck.shared(_MISSING, family, child, start, share) < parameters.number(
        "factors.not_recorded"
    )
    usable = ended & ~missing
    found = (drawn < likely) & usable[:, None]
    none = usable & ~found.any(axis=1)
    table = assessments.table.copy()
    recorded = pd.array(usable, dtype="boolean")
    recorded[~ended] = pd.NA
    table["factors_recorded"] = recorded
    rows, columns = np.nonzero(found)
    names = np.append(np.asarray(codes, dtype=object)[columns], np.full(none.sum(), _NONE_FOUND))
    rows = np.append(rows, np.flatnonzero(none))
    factors = pd.DataFrame({"assessment_id": table["assessment_id"].array[rows], "code": names})
    return table, factors
