"""All tables of the Family Safeguarding service, made beside a finished world."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.synthetic.episodes import Kept
from fs_risk.synthetic.family_safeguarding import make_work
from fs_risk.synthetic.family_spells import family_numbers, make_spells
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.supervision import Fared, make_supervision
from fs_risk.synthetic.timeline import Timeline

GO_LIVE = date(2021, 4, 1)
"""Day from which the service keeps records, unless it is said."""

SERVICE_TABLES = ("specialist_work", "programme_modules", "group_supervision")

_STREAM = (7_919, 1_000)


def make_service(
    tables: Mapping[str, pd.DataFrame],
    timeline: Timeline,
    kept: Kept,
    hazards: Hazards,
    parameters: Parameters,
    *,
    go_live: date,
    last: date,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Make the service's tables.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The authority's other tables, without unaccompanied children.
    timeline : Timeline
    kept : Kept
    hazards : Hazards
        For how phases change.
    parameters : Parameters
    go_live, last : date
        First and last day of the service's records.
    seed : int
        Of the authority; the stream is the service's own.

    Returns
    -------
    dict of str to DataFrame
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=_STREAM))
    number = _number_of_child(tables["family_links"], kept)
    most = int(family_numbers(tables["family_links"]["family_id"]).max(initial=0))
    fared = _fared(number, most, timeline, hazards)
    spells = make_spells(tables, fared.family_class, _day(go_live), _day(last), parameters, rng)
    work = make_work(spells, parameters, rng)
    return {
        "specialist_work": work.specialist_work,
        "programme_modules": work.programme_modules,
        "group_supervision": make_supervision(spells, tables, fared, parameters, rng),
    }


def _day(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _number_of_child(links: pd.DataFrame, kept: Kept) -> np.ndarray:
    """Give each child's (first) family's number; 0 for children who are in no record."""
    first = links.drop_duplicates("child_id")
    numbers = pd.Series(family_numbers(first["family_id"]), index=first["child_id"])
    found: np.ndarray = numbers.reindex(kept.child.array, fill_value=0).to_numpy()
    return found


def _fared(number: np.ndarray, most: int, timeline: Timeline, hazards: Hazards) -> Fared:
    family_class = np.zeros(most + 1, dtype=np.int64)
    family_class[number] = timeline.people.child_class
    referrals = timeline.referrals
    child = referrals["child"]
    seen = number[child] > 0
    return Fared(
        number[child][seen],
        timeline.calendar.origin + referrals["day"][seen],
        referrals["phase"][seen],
        family_class,
        hazards.phase,
    )
