"""What happened to each row, outcome by outcome, and which rows the question does not fit."""

from dataclasses import dataclass

import numpy as np

from fs_risk.outcomes.cohort_rows import Rows
from fs_risk.outcomes.definitions import TIER_TABLES, Outcome
from fs_risk.outcomes.ends import Ends
from fs_risk.outcomes.events import EventDays, Periods
from fs_risk.outcomes.open_episodes import open_episodes
from fs_risk.outcomes.step_down import NOT_OPEN, FirstMove
from fs_risk.outcomes.tiers import CHILD_IN_NEED, Ladder
from fs_risk.records.dates import to_days
from fs_risk.records.records import Records

AT_TIER = "at or above tier"
AT_ONCE = "decided at once"
ALREADY_OPEN = "already open"
NOT_CLOSED = "not closed"
SAME_DAY = "same day"

Named = tuple[tuple[str, np.ndarray], ...]
"""Names with the rows that each applies to."""


@dataclass(frozen=True)
class Answer:
    """What happened in (as_of, last], before anyone asks whether it was all observed.

    Attributes
    ----------
    happened : ndarray of bool, shape (n,)
    settled : ndarray of bool, shape (n,)
        Rows whose answer no later move out of sight can change.
    out_of_scope : tuple of (str, ndarray)
        Rows where something of the kind happened that is no step of the ladder.
    unanswerable : tuple of (str, ndarray)
        Rows that the question does not fit.
    competing : tuple of (str, ndarray)
        What else happened first.
    ended : tuple of (str, ndarray)
        Rows that ended so that the question fell away.
    """

    happened: np.ndarray
    settled: np.ndarray
    out_of_scope: Named = ()
    unanswerable: Named = ()
    competing: Named = ()
    ended: Named = ()


def answer(records: Records, outcome: Outcome, rows: Rows, ladder: Ladder, ends: Ends) -> Answer:
    """Say what happened to each row.

    Parameters
    ----------
    records : Records
    outcome : Outcome
    rows : Rows
    ladder : Ladder
    ends : Ends

    Returns
    -------
    Answer
    """
    if outcome.tier is not None:
        return _stepped_up(records, outcome, outcome.tier, rows, ladder)
    if outcome.name == "step_down":
        return _stepped_down(records, rows, ladder, ends)
    if outcome.name == "sustained_closure":
        return _stayed_closed(records, rows, ladder, ends)
    if outcome.name == "section47":
        return _enquiry(records, rows)
    if outcome.name == "proceedings":
        return _proceedings(records, rows)
    return _referred_again(records, rows)


def _stepped_up(
    records: Records, outcome: Outcome, lowest: int, rows: Rows, ladder: Ladder
) -> Answer:
    tiers = np.array(list(TIER_TABLES))[:, None]
    tier = np.full(len(rows.codes), lowest)
    if outcome.name == "step_up":
        tier = np.where(_arrives(records, rows), lowest, ladder.current + 1)
    own = tiers >= tier if outcome.name == "step_up" else tiers == tier
    above: np.ndarray = (ladder.current >= tier) | (tier > max(TIER_TABLES))
    after = ladder.starts(rows.as_of + 1, rows.last)
    happened = np.asarray((after & own).any(axis=0))
    at_once = np.asarray((ladder.starts(rows.as_of, rows.at_once) & (tiers >= tier)).any(axis=0))
    foreign = tuple(
        (name, np.asarray((hits & own).any(axis=0) & ~happened))
        for name, hits in ladder.outside_starts(rows.as_of, rows.last).items()
    )
    return Answer(happened, happened, foreign, ((AT_TIER, above), (AT_ONCE, at_once)))


def _arrives(records: Records, rows: Rows) -> np.ndarray:
    """Say which rows are a referral or contact of that very day, not a case already open."""
    referred = rows.are(records["referrals"], "referral_id", "referral_date")
    contacted = rows.are(records["contacts"], "contact_id", "contact_date")
    return np.asarray(referred | contacted)


def _stepped_down(records: Records, rows: Rows, ladder: Ladder, ends: Ends) -> Answer:
    move = FirstMove(records, rows, ladder, ends)
    tiers = np.array(list(TIER_TABLES))[:, None]
    until = np.minimum(move.down, rows.last)
    foreign = tuple(
        (name, np.asarray((hits & (tiers > ladder.current)).any(axis=0)))
        for name, hits in ladder.outside_starts(rows.as_of, until).items()
    )
    competing = move.competing()
    first_moved = np.any([move.stepped_down, *competing.values()], axis=0)
    return Answer(
        move.stepped_down,
        first_moved,
        foreign,
        ((NOT_OPEN, move.not_open), (AT_ONCE, move.at_once)),
        tuple(competing.items()),
    )


def _stayed_closed(records: Records, rows: Rows, ladder: Ladder, ends: Ends) -> Answer:
    again, same_day = _referrals_after(records, rows)
    up = ladder.starts(rows.as_of + 1, rows.last).any(axis=0)
    back = np.asarray(again | up)
    need = Periods(open_episodes(records), rows.children)
    closure = _closing(records, rows)
    still = need.open_on(rows.codes, rows.as_of + 1) | (ladder.on(rows.as_of + 1) > CHILD_IN_NEED)
    at_once = ladder.starts(rows.as_of, rows.as_of).any(axis=0)
    foreign = tuple(
        (name, np.asarray(hits.any(axis=0) & ~back))
        for name, hits in ladder.outside_starts(rows.as_of, rows.last).items()
    )
    over = tuple((name, by & ~back) for name, by in ends.finally_by(rows.last).items())
    unfit: Named = ((SAME_DAY, same_day | at_once), (NOT_CLOSED, ~closure | still))
    return Answer(~back, back, foreign, unfit, ended=over)


def _closing(records: Records, rows: Rows) -> np.ndarray:
    """Say which rows are an episode of need on the day it closed."""
    referrals = records["referrals"]
    opened = ~referrals["no_further_action"].fillna(False).to_numpy(dtype=bool)
    return rows.are(referrals[opened], "referral_id", "close_date")


def _enquiry(records: Records, rows: Rows) -> Answer:
    enquiries = Periods(records["section47"], rows.children)
    happened = enquiries.starts.between(rows.codes, rows.as_of + 1, rows.last)
    at_once = enquiries.starts.between(rows.codes, rows.as_of, rows.at_once)
    already = enquiries.open_on(rows.codes, rows.as_of)
    return Answer(happened, happened, unanswerable=((ALREADY_OPEN, already), (AT_ONCE, at_once)))


def _proceedings(records: Records, rows: Rows) -> Answer:
    legal = records["pre_proceedings"]
    legal = legal[legal["court_date"].notna().to_numpy()]
    applied = EventDays(legal["child_id"], to_days(legal["court_date"]), rows.children)
    happened = applied.between(rows.codes, rows.as_of + 1, rows.last)
    at_once = applied.between(rows.codes, rows.as_of, rows.at_once)
    return Answer(happened, happened, unanswerable=((AT_ONCE, at_once),))


def _referred_again(records: Records, rows: Rows) -> Answer:
    happened, same_day = _referrals_after(records, rows)
    return Answer(happened, happened, unanswerable=((SAME_DAY, same_day),))


def _referrals_after(records: Records, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Say which rows have a referral in (as_of, last], and which another on `as_of`."""
    referrals = records["referrals"]
    days = to_days(referrals["referral_date"])
    events = EventDays(referrals["child_id"], days, rows.children)
    happened = events.between(rows.codes, rows.as_of + 1, rows.last)
    today = events.before(rows.codes, rows.as_of + 1) - events.before(rows.codes, rows.as_of)
    own = rows.are(referrals, "referral_id", "referral_date")
    return happened, today > own
