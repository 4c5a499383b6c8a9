"""New ids: children known before birth who are known by another id after it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.synthetic.episodes import Kept
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import Kind
from fs_risk.synthetic.timeline import Timeline

_NEW = "CN"
_DATES = {"contacts": "contact_date", "referrals": "referral_date", "early_help": "start_date"}


def give_new_ids(
    tables: Mapping[str, pd.DataFrame], parameters: Parameters, rng: np.random.Generator
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Give some children whose case closed before birth a new id for all that follows.

    The unborn child's row stays, without a date of birth, and both ids are linked to
    the same family, as case systems leave it when nobody merges the two.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    parameters : Parameters
    rng : Generator

    Returns
    -------
    tables : dict of str to DataFrame
    new_ids : DataFrame
        ``unborn_id`` and ``child_id``.
    """
    children = tables["children"].set_index("child_id")
    birth = children["birth_date"]
    chosen = _closed_before_birth(tables["referrals"], birth)
    share = parameters.number("people.new_id_after_birth")
    chosen = chosen[rng.random(len(chosen)) < share]
    new = pd.Series(_NEW + chosen.str.slice(1), index=chosen, dtype="str")
    later = {name: _after_birth(tables[name], date, birth, new) for name, date in _DATES.items()}
    referred = tables["referrals"].loc[later["referrals"], "referral_id"]
    changed = dict(tables)
    seen: list[pd.Series] = []
    for name, frame in tables.items():
        if "child_id" not in frame or name in ("children", "disabilities", "family_links"):
            continue
        rows = later.get(name)
        if rows is None:
            rows = _of_referrals(frame, referred, new)
        changed[name] = _renamed(frame, rows, new)
        seen.append(frame.loc[rows, "child_id"])
    kept = pd.Index(pd.concat(seen).unique())
    new = new[new.index.isin(kept)]
    for name in ("children", "disabilities", "family_links"):
        changed[name] = _copied(tables[name], new, _first_seen(changed, new))
    pairs = pd.DataFrame({"unborn_id": new.index.array, "child_id": new.array}, dtype="str")
    return changed, pairs


def _closed_before_birth(referrals: pd.DataFrame, birth: pd.Series) -> pd.Index:
    """List the born children with referrals before birth, all of which closed before it."""
    born = birth.reindex(referrals["child_id"]).to_numpy()
    before = (referrals["referral_date"].to_numpy() < born) & ~np.isnat(born)
    closed = before & (referrals["close_date"].to_numpy() < born)
    unborn = pd.Index(referrals.loc[before, "child_id"].unique())
    lasting = referrals.loc[before & ~closed, "child_id"]
    return unborn[~unborn.isin(lasting)]


def _after_birth(frame: pd.DataFrame, date: str, birth: pd.Series, new: pd.Series) -> np.ndarray:
    chosen = frame["child_id"].isin(new.index).to_numpy()
    born = birth.reindex(frame["child_id"]).to_numpy()
    after: np.ndarray = chosen & (frame[date].to_numpy() >= born)
    return after


def _of_referrals(frame: pd.DataFrame, referred: pd.Series, new: pd.Series) -> np.ndarray:
    """Mark rows of later referrals; rows of no referral (of children in care) are all later."""
    if "referral_id" in frame:
        column, among = "referral_id", referred.array
    else:
        column, among = "child_id", new.index
    rows: np.ndarray = frame[column].isin(among).to_numpy()
    return rows


def _renamed(frame: pd.DataFrame, rows: np.ndarray, new: pd.Series) -> pd.DataFrame:
    ids = frame["child_id"].to_numpy(dtype=object).copy()
    ids[rows] = new.loc[frame.loc[rows, "child_id"]].to_numpy()
    return frame.assign(child_id=pd.Series(ids, index=frame.index, dtype="str"))


def _first_seen(tables: Mapping[str, pd.DataFrame], new: pd.Series) -> pd.Series:
    """Day on which each new id first appears."""
    dates = [
        tables[name].set_index("child_id")[date].rename("date") for name, date in _DATES.items()
    ]
    first = pd.concat(dates).groupby(level=0).min()
    return first.reindex(new.array)


def _copied(frame: pd.DataFrame, new: pd.Series, first: pd.Series) -> pd.DataFrame:
    """Add rows for the new ids; what is known only after birth moves to them."""
    rows = frame[frame["child_id"].isin(new.index)]
    copies = rows.assign(child_id=new.loc[rows["child_id"]].array)
    old = frame["child_id"].isin(new.index).to_numpy()
    kept = frame.copy()
    if "birth_date" in frame:
        kept.loc[old, "birth_date"] = pd.NaT
        kept.loc[old, "sex"] = "U"
        copies = copies.assign(expected_birth_date=pd.NaT)
        copies["deprivation_date"] = np.maximum(
            copies["deprivation_date"].to_numpy(), first.loc[copies["child_id"]].to_numpy()
        )
    if "known_date" in frame:
        copies = copies.assign(known_date=first.loc[copies["child_id"]].to_numpy())
    return pd.concat([kept, copies], ignore_index=True)


def outside_chain(timeline: Timeline, kept: Kept, new_ids: pd.DataFrame) -> pd.Index:
    """List the referrals whose outcome in the records the chain does not describe.

    Those of children who came on a plan of another authority, and those made before
    birth for children whose later referrals carry another id.
    """
    referrals = timeline.referrals
    transferred = kept.referral & (referrals["kind"] == Kind.TRANSFER_IN)
    unborn = kept.child.isin(new_ids["unborn_id"]).to_numpy()
    child = referrals["child"]
    before = kept.referral & unborn[child] & (referrals["day"] < timeline.people.birth_day[child])
    return pd.Index(kept.identifier[transferred | before])


def without_chances(table: pd.DataFrame, referral_ids: pd.Index) -> pd.DataFrame:
    """Take the probabilities of some referrals out of a table of truth."""
    table = table.copy()
    chances = [name for name in table if name.startswith("prob_")]
    table.loc[table["referral_id"].isin(referral_ids), chances] = np.nan
    return table
