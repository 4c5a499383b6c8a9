"""Defects that touch one ethnic group: recorded more for the same truth, or told by a code."""

import numpy as np
import pandas as pd

from fs_risk.records.dates import DATE_DTYPE, add_working_days
from fs_risk.records.lookup import is_among
from fs_risk.synthetic.defects.damage import Damage, days_later, further_ids, picked

OVER_REPORTED = ("BCRB", "BAFR", "BOTH")
TOLD_BY_SOURCE = ("AIND", "APKN", "ABAN", "AOTH")
COMMUNITY_SOURCE = "8"
_SOON, _LATER = 30, 365


def over_report(damage: Damage, size: float) -> None:
    """Record further contacts, and referrals without further action, for one group."""
    rng = damage.stream(4)
    _more_contacts(damage, size, rng)
    _more_referrals(damage, size, rng)


def tell_by_source(damage: Damage, size: float) -> None:
    """Give a share of one group's contacts and referrals a source of their own."""
    rng = damage.stream(5)
    for table in ("contacts", "referrals"):
        frame = damage.tables[table]
        told = _theirs(damage, frame, TOLD_BY_SOURCE) & picked(len(frame), size, rng)
        damage.overwrite("ethnicity_proxy", size, table, "source", told, COMMUNITY_SOURCE)


def _theirs(damage: Damage, frame: pd.DataFrame, group: tuple[str, ...]) -> np.ndarray:
    children = damage.tables["children"]
    members = children.loc[children["ethnicity"].isin(group), "child_id"]
    theirs: np.ndarray = is_among(frame["child_id"], members).to_numpy(dtype=bool)
    return theirs


def _again(frame: pd.DataFrame, size: float, rng: np.random.Generator) -> pd.DataFrame:
    """Draw rows to repeat, about `size` for each one there is."""
    times = np.floor(size + rng.random(len(frame))).astype(np.int64)
    return frame.loc[frame.index.repeat(times)].reset_index(drop=True)


def _more_contacts(damage: Damage, size: float, rng: np.random.Generator) -> None:
    contacts = damage.tables["contacts"]
    more = _again(contacts[_theirs(damage, contacts, OVER_REPORTED)], size, rng)
    later = days_later(more["contact_date"], rng.integers(1, _SOON + 1, len(more)))
    more = more.assign(contact_date=later.astype(DATE_DTYPE), outcome="no_further_action")
    _append(damage, "contacts", "contact_id", "T", more[later <= damage.last], size)


def _more_referrals(damage: Damage, size: float, rng: np.random.Generator) -> None:
    """Repeat referrals some time after their episode closed and before the next."""
    referrals = damage.tables["referrals"].sort_values("referral_date", kind="stable")
    follows = referrals.groupby("child_id")["referral_date"].shift(-1).fillna(damage.last)
    referrals = referrals.assign(room=(follows - referrals["close_date"]).dt.days)
    room = referrals[_theirs(damage, referrals, OVER_REPORTED) & (referrals["room"] > _SOON)]
    more = _again(room, size, rng).drop_duplicates("referral_id").reset_index(drop=True)
    gap = 1 + rng.random(len(more)) * np.minimum(more["room"].to_numpy() - _SOON, _LATER)
    day = days_later(more["close_date"], gap.astype(np.int64)).astype(DATE_DTYPE)
    decided = add_working_days(day, 1).clip(upper=damage.last)
    more = more.drop(columns="room").assign(
        referral_date=day,
        decision_date=decided,
        close_date=decided,
        no_further_action=True,
        close_reason=None,
    )
    _append(damage, "referrals", "referral_id", "R", more, size)


def _append(
    damage: Damage, table: str, key: str, letter: str, more: pd.DataFrame, size: float
) -> None:
    frame = damage.tables[table]
    more = more.reset_index(drop=True)
    more[key] = further_ids(letter, frame[key], len(more)).array
    if "known_date" in more:
        more["known_date"] = pd.Series(pd.NaT, index=more.index, dtype=DATE_DTYPE)
    damage.note("over_reporting", size, table, "added", more)
    if len(more):
        damage.tables[table] = pd.concat(
            [frame, more.astype(dict(frame.dtypes), errors="ignore")], ignore_index=True
        )
