"""The children known to the service, their families and disabilities, as canonical tables."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.synthetic.drawing import drawn_codes
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.timeline import Timeline, ids

_FIRST_KNOWN = (
    ("referrals", "referral_date"),
    ("contacts", "contact_date"),
    ("early_help", "start_date"),
)


def child_identifiers(count: int, rng: np.random.Generator) -> pd.Series:
    """Give every child a ``child_id`` that tells nothing of family or age."""
    return ids("C", rng.permutation(count) + 1)


def make_identities(
    timeline: Timeline,
    child_ids: pd.Series,
    tables: Mapping[str, pd.DataFrame],
    parameters: Parameters,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    """Lay out who the children in the other tables are.

    Parameters
    ----------
    timeline : Timeline
    child_ids : Series of str
        ``child_id`` of every child of the simulation.
    tables : mapping of str to DataFrame
        Referrals, contacts and early help.
    parameters : Parameters
    rng : Generator

    Returns
    -------
    dict of str to DataFrame
        ``children``, ``disabilities`` and ``family_links``; a link is known from the
        child's first involvement.
    """
    first = _first_known(tables)
    known = child_ids.isin(first.index)
    child = np.flatnonzero(known)
    identifier = child_ids[known]
    children = _children(timeline, child, identifier, first, parameters, rng)
    number = rng.permutation(len(timeline.people.family_class)) + 1
    links = pd.DataFrame(
        {
            "child_id": identifier.array,
            "family_id": ids("F", number[timeline.people.family[child]]).array,
            "known_date": first.loc[identifier].to_numpy(),
        }
    )
    return {
        "children": children,
        "disabilities": _disabilities(timeline, child, identifier, parameters, rng),
        "family_links": links,
    }


def _first_known(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Day on which each child first appears, by ``child_id``."""
    dates = [
        pd.Series(tables[name][column].to_numpy(), index=tables[name]["child_id"])
        for name, column in _FIRST_KNOWN
    ]
    return pd.concat(dates).groupby(level=0).min()


def _children(
    timeline: Timeline,
    child: np.ndarray,
    identifier: pd.Series,
    first: pd.Series,
    parameters: Parameters,
    rng: np.random.Generator,
) -> pd.DataFrame:
    people = timeline.people
    kind, decile = people.child_class[child], people.family_decile[people.family[child]]
    birth = timeline.calendar.dates[people.birth_day[child]].astype("datetime64[s]")
    spread = parameters.number("people.birth_forecast_days")
    error = np.rint(rng.normal(0.0, spread, len(child))).astype(np.int64)
    expected = birth + error * np.timedelta64(86_400, "s")
    before = first.loc[identifier].to_numpy() < birth
    expected[~before] = np.datetime64("NaT")
    born = people.birth_day[child] < timeline.calendar.end
    male = rng.random(len(child)) < parameters.array("people.sex_male")[kind]
    sex = np.where(male, "M", "F").astype(object)
    sex[~born] = "U"
    return pd.DataFrame(
        {
            "child_id": identifier.array,
            "birth_date": timeline.dates(people.birth_day[child]),
            "expected_birth_date": expected,
            "sex": sex,
            "ethnicity": _ethnicities(people.family[child], decile, parameters, rng),
            "unaccompanied": np.zeros(len(child), dtype=bool),
            "deprivation_decile": decile,
            "deprivation_date": first.loc[identifier].to_numpy(),
        }
    )


def _ethnicities(
    family: np.ndarray, decile: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    """Draw one ethnic group for each family, and for some children none recorded."""
    codes = parameters.names("people.ethnicity")
    _, first, place = np.unique(family, return_index=True, return_inverse=True)
    slope = parameters.number("people.ethnicity_slope")
    tilt = np.exp(slope * (5.5 - decile[first]))
    shares = parameters.table("people.ethnicity") * np.where(
        np.asarray(codes) == "WBRI", 1.0, tilt[:, None]
    )
    drawn = drawn_codes(shares, codes, rng)[place]
    missing = parameters.table("people.ethnicity_missing")
    names = [*parameters.names("people.ethnicity_missing"), ""]
    gaps = drawn_codes(
        np.tile(np.append(missing, 1.0 - missing.sum()), (len(family), 1)), names, rng
    )
    return np.where(gaps == "", drawn, gaps)


def _disabilities(
    timeline: Timeline,
    child: np.ndarray,
    identifier: pd.Series,
    parameters: Parameters,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row for each disability of a child, or one that says none is recorded."""
    chance = parameters.array("people.disability")[timeline.people.child_class[child]]
    disabled = rng.random(len(child)) < chance
    codes = parameters.names("people.disability_codes")
    each = rng.random((len(child), len(codes))) < parameters.table("people.disability_codes")
    each &= disabled[:, None]
    lacking = disabled & ~each.any(axis=1)
    each[lacking, codes.index("DDA")] = True
    rows, columns = np.nonzero(each)
    none = np.flatnonzero(~disabled)
    return pd.DataFrame(
        {
            "child_id": identifier.array[np.append(rows, none)],
            "code": np.append(
                np.asarray(codes, dtype=object)[columns], np.full(len(none), "NONE", dtype=object)
            ),
        }
    )
