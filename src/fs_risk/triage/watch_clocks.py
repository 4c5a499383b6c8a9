"""How late facts become known, whether clocks were reset, how old extract and model are."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.records.lookup import looked_up
from fs_risk.records.tables import TABLES
from fs_risk.triage.watch_cases import Watched
from fs_risk.triage.watch_ledger import Recorded
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_rates import (
    FEWEST_CASES,
    Rate,
    left_after_the_past,
    limits_from,
    rate_rows,
)
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, STOP, Row

RESET_SHARE, RESET_ROWS, RESET_DAYS = 0.1, 50, 90
"""So large a share, and so many rows, first known on one day and so long after the event."""

NOTICEABLE = 0.1
"""Change of log-odds from which a score made again differs."""

_NOT_IN_RECORDS = 0.1
_LATE_FACTS = 0.2


def lag_rows(watched: Watched, limits: DriftLimits) -> list[Row]:
    """Watch how many facts become known later than the extract's lag allows for.

    Parameters
    ----------
    watched : Watched
    limits : DriftLimits

    Returns
    -------
    list of Row
        By the month in which they became known, so that recent months lack nothing. Facts
        whose clock goes by rule say nothing; and whether clocks were reset.
    """
    tables = [
        name
        for name, table in TABLES.items()
        if table.date and "known_by_rule" in table and "child_id" in table
        and watched.records.coverage.get(name) is not None and len(watched.records[name])
    ]  # fmt: skip
    alpha = limits.alpha("clocks", len(tables))
    rows = [_lag_rows(watched, name, limits, alpha) for name in tables]
    found = [row for each in rows for row in each]
    if not found:
        found = [Row(check="clocks", measure="share_late", period=watched.span.words,
                     verdict=NOT_ENOUGH,
                     says="When facts became known was not recorded: all by rule.")]  # fmt: skip
    resets = [_reset_row(watched, name) for name in tables]
    return found + [row for row in resets if row is not None]


def _recorded_lags(watched: Watched, name: str) -> tuple[pd.DataFrame, pd.Series, np.ndarray]:
    frame, table = watched.records[name], TABLES[name]
    frame = frame[~frame["known_by_rule"].fillna(True).to_numpy(dtype=bool)]
    frame = frame.dropna(subset=[table.date, "known_date"])
    days = (frame["known_date"] - frame[table.date]).dt.days.to_numpy(dtype=np.int64)
    return frame, frame["known_date"], days


def _lag_rows(watched: Watched, name: str, limits: DriftLimits, alpha: float) -> list[Row]:
    frame, known, days = _recorded_lags(watched, name)
    lag = watched.model.plan.extract_lag_days
    training = watched.model.training
    now = watched.span.holds(known)
    first, last = (
        pd.Timestamp(end) for end in (training.fit.first_as_of, training.test.last_as_of)
    )
    then = known.between(first, last).to_numpy() & ~now
    late = (days > lag).astype(np.float64)
    households = pd.Series(watched.household, index=watched.cohort["child_id"])
    households = households[~households.index.duplicated()]
    household = looked_up(frame["child_id"], households).fillna(frame["child_id"])
    who = household.to_numpy(dtype=object).astype(str)
    ends = limits_from(late[then], who[then], alpha=alpha, more=limits.late)
    if ends is None or now.sum() < FEWEST_CASES:
        return []
    rate = Rate(
        check="clocks", measure="share_late", by="table", group=name, hits=late[now],
        month=watched.span.number(known[now]), household=who[now], low=ends[0], high=ends[1],
        alpha=left_after_the_past(alpha),
    )  # fmt: skip
    says = f"Rows of {name} that became known more than {lag} days after they happened."
    months = [str(month) for month in watched.span.months]
    return rate_rows(rate, months, watched.span.words, says, monthly=False)


def _reset_row(watched: Watched, name: str) -> Row | None:
    """Say whether a day in the time watched made many old facts known at once."""
    _, known, days = _recorded_lags(watched, name)
    old = known[(days > RESET_DAYS) & watched.span.holds(known)]
    most = int(old.value_counts().max()) if len(old) else 0
    share = most / max(len(watched.records[name]), 1)
    if share < RESET_SHARE or most < RESET_ROWS:
        return None
    day = old.value_counts().idxmax()
    return Row(
        check="clocks", measure="clock_reset", period=watched.span.words, by="table", group=name,
        value=round(share, 2), limit_high=RESET_SHARE, verdict=LOOK,
        says=f"On {pd.Timestamp(day).date()} this share of the table became known at once, long "
        "after it happened: facts carried over from another system, whose true clocks are lost.",
    )  # fmt: skip


def extract_rows(watched: Watched, recorded: Recorded | None, on: date) -> list[Row]:
    """Say how old the extract is, and whether the ledger is ahead of it.

    Parameters
    ----------
    watched : Watched
    recorded : Recorded or None
    on : date

    Returns
    -------
    list of Row
    """
    lag = watched.model.plan.extract_lag_days
    end = watched.records.extract_date
    age = (pd.Timestamp(on) - end).days
    told: dict[str, Any] = {"check": "extract", "period": str(on)}
    rows = [
        Row(**told, measure="days_old", value=float(age), limit_low=0.0, limit_high=float(lag),
            verdict=LOOK if age > lag else AS_EXPECTED,
            says=f"Days since {end.date()}, the last day that the extract knows of; the model was "
            f"fitted for {lag}.")
    ]  # fmt: skip
    if recorded is None or recorded.scores.empty:
        return rows
    return [*rows, _missing_row(watched, recorded, told), *_again_rows(watched, recorded, told)]


def _missing_row(watched: Watched, recorded: Recorded, told: dict[str, Any]) -> Row:
    """Say how many referrals that were scored the records do not hold."""
    scores = recorded.scores[watched.span.holds(recorded.scores["as_of"])]
    gone = float((~scores["referral_id"].isin(watched.records["referrals"]["referral_id"])).mean())
    few = len(scores) < FEWEST_CASES
    verdict = NOT_ENOUGH if few else LOOK if gone > _NOT_IN_RECORDS else AS_EXPECTED
    return Row(
        **told, measure="scored_but_not_in_records", value=None if few else round(gone, 1),
        limit_low=0.0, limit_high=_NOT_IN_RECORDS, n=None if few else 5 * round(len(scores) / 5),
        verdict=verdict,
        says="Referrals in the ledger that the records do not hold: another extract, or other "
        "identifiers.",
    )  # fmt: skip


def _again_rows(watched: Watched, recorded: Recorded, told: dict[str, Any]) -> list[Row]:
    """Compare scores as they were given with the same ones made again from these records."""
    cases = pd.MultiIndex.from_arrays([watched.cohort["case_id"], watched.cohort["as_of"]])
    again = pd.Series(watched.log_odds, index=cases)
    again = again[watched.scored & ~cases.duplicated()]
    given = recorded.scores.dropna(subset="log_odds").set_index(["referral_id", "as_of"])[
        "log_odds"
    ]
    both = pd.concat({"given": given, "again": again}, axis=1, join="inner")
    words = "Scores that differ when made again: facts came into the records later than their "
    words += "clocks say, or were corrected."
    if len(both) < FEWEST_CASES:
        return [Row(**told, measure="scores_that_differ", verdict=NOT_ENOUGH, says=words)]
    differ = float(((both["given"] - both["again"]).abs() > NOTICEABLE).mean())
    return [
        Row(**told, measure="scores_that_differ", value=round(differ, 1), limit_low=0.0,
            limit_high=_LATE_FACTS, n=5 * round(len(both) / 5),
            verdict=LOOK if differ > _LATE_FACTS else AS_EXPECTED, says=words)
    ]  # fmt: skip


def model_rows(
    watched: Watched, on: date, approved_until: date | None, limits: DriftLimits
) -> list[Row]:
    """Say how old the model is, and until when it is approved.

    Parameters
    ----------
    watched : Watched
    on : date
    approved_until : date or None
    limits : DriftLimits

    Returns
    -------
    list of Row
    """
    tested = watched.model.training.test.last_as_of
    age = (pd.Timestamp(on) - pd.Timestamp(tested)).days
    told: dict[str, Any] = {"check": "model", "period": str(on)}
    rows = [
        Row(**told, measure="days_since_test", value=float(age), limit_low=0.0,
            limit_high=float(limits.model_age_days),
            verdict=LOOK if age > limits.model_age_days else AS_EXPECTED,
            says=f"Days since {tested}, the last case that it was tested on.")
    ]  # fmt: skip
    if watched.model.training.origin == "synthetic" and approved_until is None:
        return rows
    return [*rows, _approval_row(told, on, approved_until)]


def _approval_row(told: dict[str, Any], on: date, approved_until: date | None) -> Row:
    if approved_until is None:
        return Row(**told, measure="days_approved", verdict=NOT_ENOUGH,
                   says="Nobody said until when the model is approved.")  # fmt: skip
    left = (approved_until - on).days
    return Row(
        **told, measure="days_approved", value=float(left), limit_low=0.0,
        verdict=STOP if left < 0 else LOOK if left < _SOON else AS_EXPECTED,
        says=f"Days left until {approved_until}, when its approval ends.",
    )  # fmt: skip


_SOON = 60
"""Days before its end in which an approval asks to be renewed."""
