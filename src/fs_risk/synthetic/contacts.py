"""Contacts with the front door and episodes of early help, as canonical tables."""

import numpy as np
import pandas as pd

from fs_risk.synthetic.drawing import drawn_codes
from fs_risk.synthetic.episodes import Kept
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.sources import draw_sources
from fs_risk.synthetic.timeline import Timeline, ids


def make_contacts(
    timeline: Timeline,
    contacts: dict[str, np.ndarray],
    referrals: pd.DataFrame,
    kept: Kept,
    observed_from: int,
    parameters: Parameters,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Lay out the contacts: those that became referrals, and the many that did not.

    Parameters
    ----------
    timeline : Timeline
    contacts : dict of str to ndarray
        As in `History`.
    referrals : DataFrame
        The table of referrals.
    kept : Kept
    observed_from : int
        First observed day.
    parameters : Parameters
    rng : Generator

    Returns
    -------
    contacts : DataFrame
    helped : dict of str to ndarray
        ``child`` and ``day`` of the contacts passed to early help.
    """
    calendar, child = timeline.calendar, contacts["child"]
    day = calendar.day_in_step(calendar.referral_shares, contacts["step"], contacts["luck"])
    outcome = _outcomes(contacts["open"], parameters, rng)
    helped = outcome == "early_help"
    others = pd.DataFrame(
        {
            "child_id": kept.child[child].array,
            "contact_date": timeline.dates(day),
            "source": draw_sources(timeline, child, day, parameters, rng),
            "outcome": outcome,
        }
    )
    before = rng.random(len(referrals)) < parameters.number("contacts.day_before")
    made = referrals["referral_date"].to_numpy() - before * np.timedelta64(1, "D")
    became = pd.DataFrame(
        {
            "child_id": referrals["child_id"].array,
            "contact_date": made,
            "source": referrals["source"].array,
            "outcome": "referral",
        }
    )
    became = became[made >= calendar.dates[observed_from].astype("datetime64[s]")]
    table = pd.concat([others, became], ignore_index=True)
    table = table.sort_values(["contact_date", "child_id"], ignore_index=True, kind="stable")
    table.insert(0, "contact_id", ids("T", np.arange(1, len(table) + 1)))
    return table, {"child": child[helped], "day": day[helped]}


def _outcomes(
    already_open: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    shares = np.tile(parameters.table("contacts.outcome"), (len(already_open), 1))
    outcome = drawn_codes(shares, parameters.names("contacts.outcome"), rng)
    return np.where(already_open, "existing", outcome)


def typed_late(
    table: pd.DataFrame,
    event: str,
    parameters: Parameters,
    rng: np.random.Generator,
    end: np.datetime64,
) -> pd.DataFrame:
    """Record for some rows when they were typed up: up to some days late.

    Parameters
    ----------
    table : DataFrame
    event : str
        Column of the event's date.
    parameters : Parameters
    rng : Generator
    end : datetime64
        The extract: nothing is typed up after it.

    Returns
    -------
    DataFrame
        With ``known_date``, missing where no clock was recorded.
    """
    recorded = rng.random(len(table)) < parameters.number("calendar.typed_late")
    days = rng.integers(0, int(parameters.number("calendar.typed_late_days")) + 1, len(table))
    known = np.minimum(table[event].to_numpy() + days * np.timedelta64(1, "D"), end)
    return table.assign(known_date=np.where(recorded, known, np.datetime64("NaT", "s")))


def make_early_help(
    timeline: Timeline,
    helped: dict[str, np.ndarray],
    referrals: pd.DataFrame,
    kept: Kept,
    observed_from: int,
    parameters: Parameters,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Lay out the early help that followed contacts and closures, one episode at a time.

    Parameters
    ----------
    timeline : Timeline
    helped : dict of str to ndarray
        As given by `make_contacts`.
    referrals : DataFrame
    kept : Kept
    observed_from : int
    parameters : Parameters
    rng : Generator

    Returns
    -------
    DataFrame
    """
    stepped = (referrals["close_reason"] == "RC9").to_numpy(dtype=bool)
    child_id = np.concatenate(
        [kept.child[helped["child"]].to_numpy(), referrals["child_id"].to_numpy()[stepped]]
    )
    people = timeline.people
    gone = pd.Series(people.leave_step[people.family], index=kept.child.array)
    last = np.minimum(gone.loc[child_id].to_numpy(), timeline.calendar.steps)
    left = timeline.calendar.starts[last]
    closed = referrals["close_date"].to_numpy()[stepped] - timeline.dates(np.zeros(1, int))[0]
    day = np.concatenate([helped["day"], closed.astype("timedelta64[D]").astype(np.int64)])
    taken = rng.random(len(day)) < parameters.number("early_help.taken_up")
    least, most = parameters.array("early_help.wait_days").astype(np.int64)
    start = day + rng.integers(least, most + 1, len(day))
    shape, scale = parameters.array("early_help.days")
    shortest = int(parameters.number("early_help.least_days"))
    end = start + shortest + rng.gamma(shape, scale, len(day)).astype(np.int64)
    end = np.where(last < timeline.calendar.steps, np.minimum(end, left), end)
    taken &= start <= end
    table = pd.DataFrame({"child_id": child_id, "start": start, "end": end})[taken]
    table = table[table["start"].between(observed_from, timeline.calendar.end - 1)]
    table = table.sort_values(["child_id", "start"], ignore_index=True)
    latest = table.groupby("child_id")["end"].cummax().groupby(table["child_id"]).shift()
    table = table[~(table["start"] <= latest)].reset_index(drop=True)
    return pd.DataFrame(
        {
            "early_help_id": ids("H", np.arange(1, len(table) + 1)),
            "child_id": table["child_id"].array,
            "start_date": timeline.dates(table["start"].to_numpy()),
            "end_date": timeline.dates(table["end"].to_numpy()),
        }
    )
