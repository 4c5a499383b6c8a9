"""Whether what is recorded has changed: entries left out, by all or a team; other codes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from fs_risk.records.lookup import looked_up
from fs_risk.records.quality_months import NOT_GIVEN, coded_columns, monthly_codes
from fs_risk.records.suppression import rounded
from fs_risk.records.tables import TABLES, Known
from fs_risk.triage.watch_cases import Watched
from fs_risk.triage.watch_limits import FEWEST_HOUSEHOLDS, DriftLimits
from fs_risk.triage.watch_published import shown_parts
from fs_risk.triage.watch_rates import (
    FEWEST_CASES,
    Rate,
    group_rows,
    left_after_the_past,
    limits_from,
    rate_rows,
)
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, Row
from fs_risk.triage.watch_sequence import LOOKS

WINDOWS = (1, 3, 12)
"""Months of codes that are compared, each ending with every month watched."""

_FEWEST_EXPECTED = 5.0
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Entries:
    """Rows of a table in which something should be recorded.

    Attributes
    ----------
    table, column, meaning : str
    day : Series of datetime64
    missing : ndarray of bool, shape (n,)
    household, team : Series
    """

    table: str
    column: str
    meaning: str
    day: pd.Series
    missing: np.ndarray
    household: pd.Series
    team: pd.Series


def missing_rows(watched: Watched, limits: DriftLimits) -> list[Row]:
    """Watch the share of rows without an entry, for each column that is known at once.

    Parameters
    ----------
    watched : Watched
    limits : DriftLimits

    Returns
    -------
    list of Row
        And, for factors of assessments, of each team: one that stops recording them makes
        its children look as if nothing had been found.
    """
    columns = list(_entries(watched))
    teams = [each for each in columns if each.team.notna().any()]
    parts = len(columns) + len(teams)
    alpha = limits.alpha("recording", parts)
    rows = [row for each in columns for row in _column_rows(each, watched, limits, alpha)]
    return rows + [row for each in teams for row in _team_rows(each, watched, limits, alpha)]


def _entries(watched: Watched) -> Iterator[Entries]:
    """Give each column that is filled when its row is, and whether factors were recorded."""
    records = watched.records
    households = pd.Series(watched.household, index=watched.cohort["child_id"])
    households = households[~households.index.duplicated()]
    teams = records["referrals"].set_index("referral_id")["team"]
    for name, table in TABLES.items():
        if not table.date or "child_id" not in table or records.coverage.get(name) is None:
            continue
        frame = records[name]
        if frame.empty:
            continue
        household = looked_up(frame["child_id"], households).fillna(frame["child_id"])
        nobody = pd.Series(pd.NA, index=frame.index, dtype="str")
        for column in table.columns:
            if column.known is not Known.OPENING or column.name in (*table.required, table.date):
                continue
            if column.name.endswith("_id") or frame[column.name].isna().all():
                continue
            gone = frame[column.name].isna().to_numpy()
            yield Entries(
                name, column.name, column.meaning, frame[table.date], gone, household, nobody
            )
        if name == "assessments":
            lost = ~frame["factors_recorded"].fillna(False).to_numpy(dtype=bool)
            yield Entries(
                name, "factors_recorded", "whether any factor was recorded",
                frame["authorised_date"], lost, household,
                looked_up(frame["referral_id"], teams),
            )  # fmt: skip


def _column_rows(
    entries: Entries, watched: Watched, limits: DriftLimits, alpha: float
) -> list[Row]:
    rate = _rate(entries, watched, limits, alpha, np.ones(len(entries.day), dtype=bool))
    label = f"{entries.table}.{entries.column}"
    if rate is None:
        return [Row(check="recording", measure="share_missing", period=watched.span.words,
                    by="column", group=label, verdict=NOT_ENOUGH,
                    says=entries.meaning)]  # fmt: skip
    named = replace(rate, by="column", group=label)
    monthly = entries.column == "factors_recorded"
    says = f"Rows without an entry: {entries.meaning}."
    return rate_rows(named, _months(watched), watched.span.words, says, monthly=monthly)


def _team_rows(entries: Entries, watched: Watched, limits: DriftLimits, alpha: float) -> list[Row]:
    within = watched.span.holds(entries.day)
    teams = sorted(entries.team[within].dropna().unique())
    rates = [
        (
            team,
            _rate(entries, watched, limits, alpha / len(teams), (entries.team == team).to_numpy()),
        )
        for team in teams
    ]
    known = [replace(rate, by="team", group=str(team)) for team, rate in rates if rate]
    if not known:
        return []
    says = f"Rows of the team without an entry: {entries.meaning}."
    return group_rows(known, _months(watched), watched.span.words, says)


def _rate(
    entries: Entries, watched: Watched, limits: DriftLimits, alpha: float, which: np.ndarray
) -> Rate | None:
    """Give the rate of what is watched, with limits from the time that the model learnt from."""
    training, days = watched.model.training, entries.day
    first, last = (
        pd.Timestamp(end) for end in (training.fit.first_as_of, training.test.last_as_of)
    )
    now = watched.span.holds(days) & which
    then = days.between(first, last).to_numpy() & which & ~now
    missing, household = entries.missing.astype(float), entries.household.to_numpy(dtype=object)
    household = household.astype(str)
    ends = limits_from(missing[then], household[then], alpha=alpha, more=limits.missing)
    if ends is None or now.sum() < FEWEST_CASES:
        return None
    return Rate(
        check="recording", measure="share_missing", hits=missing[now],
        month=watched.span.number(days[now]), household=household[now],
        low=ends[0], high=ends[1], alpha=left_after_the_past(alpha),
    )  # fmt: skip


def code_rows(watched: Watched, limits: DriftLimits) -> list[Row]:
    """Compare codes with those of the same months of earlier years, in windows of each length.

    Parameters
    ----------
    watched : Watched
    limits : DriftLimits

    Returns
    -------
    list of Row
        The largest stability index of each coded column. A change of system, or of what a
        code is used for, makes past and present mean different things.
    """
    columns = [
        (name, column)
        for name, column in coded_columns()
        if watched.records.coverage.get("assessments" if name == "factors" else name) is not None
        and TABLES[name][column].known is not Known.EXTRACT
    ]
    alpha = limits.alpha("codes", len(columns) * len(WINDOWS)) / LOOKS
    rows = [_codes_row(watched, name, column, limits, alpha) for name, column in columns]
    return [row for row in rows if row is not None]


def _codes_row(
    watched: Watched, name: str, column: str, limits: DriftLimits, alpha: float
) -> Row | None:
    found = monthly_codes(watched.records, name, column)
    if found is None or not watched.span.months.size:
        return None
    given = np.array([code != NOT_GIVEN for code in found.codes])
    counts, months = found.counts[given], pd.PeriodIndex(found.months, freq="M")
    training = watched.model.training
    learnt = (months >= pd.Period(training.fit.first_as_of[:7])) & (
        months <= pd.Period(training.test.last_as_of[:7])
    )
    now = (months >= watched.span.months[0]) & (months <= watched.span.months[-1])
    before = np.asarray(learnt & ~now)
    told: dict[str, Any] = {
        "check": "codes", "measure": "stability_index", "period": watched.span.words,
        "by": "column", "group": f"{name}.{column}", "limit_high": limits.stability,
    }  # fmt: skip
    alike = _alike(watched, name)
    largest, verdict, says, seen = 0.0, AS_EXPECTED, "Codes are used as before.", False
    for end in np.flatnonzero(now)[-LOOKS:]:
        for length in WINDOWS:
            first = end - length + 1
            if first < 0 or not now[first]:
                continue
            same = before & np.isin(months.month, months.month[first : end + 1])
            then, late = counts[:, same].sum(axis=1), counts[:, first : end + 1].sum(axis=1)
            pair = _moved(then, late, alike, alpha)
            if pair is None:
                continue
            seen = True
            index, bound = pair
            if index > max(bound, limits.stability):
                verdict = LOOK
                codes = [code for code, kept in zip(found.codes, given, strict=True) if kept]
                says = _said(codes, then, late, found.months[first], found.months[end])
            largest = max(largest, index) if length == max(WINDOWS) or verdict == LOOK else largest
    if not seen:
        return Row(**told, verdict=NOT_ENOUGH, says="Too few entries, now or then.")
    n = int(rounded(np.array([counts[:, now].sum()]))[0])
    return Row(**told, value=round(largest, 2), n=n, verdict=verdict, says=says)


def _alike(watched: Watched, name: str) -> float:
    """Say how many rows of a table come together on average, of one child or its household."""
    frame = watched.records["assessments" if name == "factors" else name]
    if "child_id" not in frame or frame.empty:
        return 1.0
    households = pd.Series(watched.household, index=watched.cohort["child_id"])
    households = households[~households.index.duplicated()]
    household = looked_up(frame["child_id"], households).fillna(frame["child_id"])
    day = frame[TABLES["assessments" if name == "factors" else name].date]
    together = household.astype("str") + day.astype("str")
    sizes = together.value_counts().to_numpy(dtype=np.float64)
    alike = float((sizes**2).sum() / sizes.sum())
    each = len(watched.records["factors"]) / len(frame) if name == "factors" else 1.0
    return alike * max(each, 1.0)


def _moved(
    then: np.ndarray, now: np.ndarray, alike: float, alpha: float
) -> tuple[float, float] | None:
    """Give the stability index of two counts of codes, and how large it gets by chance."""
    sizes = np.array([then.sum(), now.sum()]) / alike
    if sizes[0] < FEWEST_HOUSEHOLDS or sizes[1] < FEWEST_CASES:
        return None
    share = (then + now) / (then.sum() + now.sum())
    rare = share * now.sum() / alike < _FEWEST_EXPECTED
    groups = np.vstack([np.column_stack([then, now])[~rare], [then[rare].sum(), now[rare].sum()]])
    groups = groups[groups.sum(axis=1) > 0]
    if len(groups) < 2:
        return None
    p, q = ((groups[:, k] + _HALF) / (groups[:, k].sum() + _HALF * len(groups)) for k in (0, 1))
    index = float(((q - p) * np.log(q / p)).sum())
    return index, float((1 / sizes).sum() * chi2.isf(alpha, len(groups) - 1))


def _said(codes: list[str], then: np.ndarray, now: np.ndarray, first: str, last: str) -> str:
    """Name the code whose share moved most, where neither side is small."""
    move = now / now.sum() - then / then.sum()
    at = int(np.argmax(np.abs(move)))
    when = last if first == last else f"{first} to {last}"
    shown = shown_parts(np.array([then[at], now[at]]), np.array([then.sum(), now.sum()]))
    if shown.hidden.any():
        return f"Used otherwise in {when} than before."
    was, now_is = (100 * hits / max(n, 1) for hits, n in zip(shown.hits, shown.n, strict=True))
    return f"In {when} the code {codes[at]} was {now_is:.0f} % of entries, before {was:.0f} %."


def _months(watched: Watched) -> list[str]:
    return [str(month) for month in watched.span.months]
