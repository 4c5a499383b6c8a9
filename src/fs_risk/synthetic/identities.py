"""The children known to the service, their families and disabilities, as canonical tables."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.synthetic.drawing import drawn_codes, drawn_evenly
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.residence import NEVER
from fs_risk.synthetic.timeline import NONE, Timeline, ids

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
    return {
        "children": _with_deaths(children, tables["referrals"]),
        "disabilities": _disabilities(timeline, child, identifier, parameters, rng),
        "family_links": _links(timeline, child, identifier, first, parameters, rng),
    }


def _links(
    timeline: Timeline,
    child: np.ndarray,
    identifier: pd.Series,
    first: pd.Series,
    parameters: Parameters,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Link children to their family; some families' children also to a parent's other family.

    Families are joined in pairs at most, and all children of one of them have both
    links: so two half-siblings are linked directly from the day both are known, and
    links never join a third family.
    """
    family = timeline.people.family[child]
    known = np.unique(family)
    size = int(parameters.number("people.half_siblings") * len(known) / 2) * 2
    pairs = rng.permutation(known)[:size].reshape(-1, 2)
    other = np.full(len(timeline.people.family_class), -1)
    other[pairs[:, 0]] = pairs[:, 1]
    both = np.flatnonzero(other[family] >= 0)
    number = rng.permutation(len(timeline.people.family_class)) + 1
    rows = np.append(np.arange(len(child)), both)
    linked = np.append(family, other[family[both]])
    return pd.DataFrame(
        {
            "child_id": identifier.array[rows],
            "family_id": ids("F", number[linked]).array,
            "known_date": first.loc[identifier].to_numpy()[rows],
        }
    )


def _with_deaths(children: pd.DataFrame, referrals: pd.DataFrame) -> pd.DataFrame:
    """Date the death of children whose case closed with it."""
    ended = referrals[(referrals["close_reason"] == "RC2").to_numpy(dtype=bool)]
    days = pd.Series(ended["close_date"].to_numpy(), index=ended["child_id"].array)
    return children.assign(death_date=days.reindex(children["child_id"]).to_numpy())


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
    family = people.family[child]
    kind, decile = people.child_class[child], people.family_decile[family]
    moved = timeline.dates(
        np.where(people.move_day[family] == NEVER, NONE, people.move_day[family])
    )
    lately = moved > first.loc[identifier].to_numpy()
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
            "ethnicity": _ethnicities(timeline, family, parameters, rng),
            "unaccompanied": np.zeros(len(child), dtype=bool),
            "deprivation_decile": np.where(lately, people.later_decile[family], decile),
            "deprivation_date": np.where(lately, moved, first.loc[identifier].to_numpy()),
        }
    )


def ethnicity_shares(
    family_class: np.ndarray, decile: np.ndarray, parameters: Parameters
) -> np.ndarray:
    """Give the share of each ethnic group among families of a class in a decile.

    Groups have no effect of their own on what is decided. They differ in how often
    their families are troubled, more so the graver the class, and by a ratio that
    turns with deprivation, as published for children in care.

    Parameters
    ----------
    family_class, decile : ndarray of int, shape (n,)
    parameters : Parameters

    Returns
    -------
    ndarray, shape (n, n_groups)
        Rows sum to one.
    """
    codes = np.asarray(parameters.names("ethnicity.share"))
    base = parameters.table("ethnicity.share")
    tilt = np.exp(parameters.number("ethnicity.slope") * (5.5 - np.arange(1, 11)))
    by_decile = base * np.where(codes == "WBRI", 1.0, tilt[:, None])
    third = np.searchsorted([3, 7], np.arange(1, 11), side="left")
    ratio = parameters.table("ethnicity.ratio")[:, 2 - third].T
    weight = parameters.array("ethnicity.weight")
    table = by_decile * ratio ** weight[:, None, None]
    table /= table.sum(axis=2, keepdims=True)
    shares: np.ndarray = table[family_class, decile - 1]
    return shares


def _ethnicities(
    timeline: Timeline, family: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    """Draw one ethnic group for each family, and for some children none recorded.

    Families with like time open are spread evenly over the groups.
    """
    people = timeline.people
    codes = parameters.names("ethnicity.share")
    families, place = np.unique(family, return_inverse=True)
    kind = people.family_class[families]
    shares = ethnicity_shares(kind, people.family_decile[families], parameters)
    order = kind * 1e9 + _time_open(timeline)[families]
    drawn = np.asarray(codes, dtype=object)[drawn_evenly(shares, order, rng)][place]
    missing = parameters.table("ethnicity.missing")
    names = [*parameters.names("ethnicity.missing"), ""]
    gaps = drawn_codes(
        np.tile(np.append(missing, 1.0 - missing.sum()), (len(family), 1)), names, rng
    )
    return np.where(gaps == "", drawn, gaps)


def _time_open(timeline: Timeline) -> np.ndarray:
    """Days that each family's children had open cases, added up."""
    day, child = timeline.referrals["day"], timeline.referrals["child"]
    end = np.where(timeline.closed == NONE, timeline.calendar.end, timeline.closed)
    family = timeline.people.family[child]
    count = len(timeline.people.family_class)
    days: np.ndarray = np.bincount(family, np.maximum(end - day, 0), minlength=count)
    return days


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
