"""Episodes of care joined into periods, gaps and overlaps repaired by stated rules."""

from dataclasses import dataclass

import pandas as pd

from fs_risk.readers.cin_canonical import iso_text
from fs_risk.records.findings import Finding, findings_by_file
from fs_risk.records.layouts.ssda903 import CONTINUES, STARTS

_ID = "care_period_id"


@dataclass(frozen=True)
class Care:
    """Care as periods and the episodes in them.

    Attributes
    ----------
    periods, episodes : DataFrame
        Canonical ``care_periods`` and ``care_episodes``.
    findings : tuple of Finding
        What was repaired.
    """

    periods: pd.DataFrame
    episodes: pd.DataFrame
    findings: tuple[Finding, ...]


def join_episodes(episodes: pd.DataFrame) -> Care:
    """Join each child's episodes into periods of care.

    An episode with RNE S begins a period; one whose REC is not X1 ends it. Where the
    return contradicts itself, in this order:

    - an end before the start is no end; a reason without an end is not used;
    - an episode without an end that another follows ends when that begins;
    - an episode that ends after the next has begun is cut on that day, and goes on
      as the next one; the period still lasts as long as any of its episodes;
    - a gap after X1, when the next does not begin with S, is bridged: both say that
      care went on;
    - after any other REC, or when an end has no REC and the next day of care is later,
      the next episode begins a new period even without S;
    - after X1, an episode with S begins a new period all the same; the earlier one
      ends with no reason;
    - a last episode that ends with X1 is left open: care went on, nothing says how long.

    Parameters
    ----------
    episodes : DataFrame
        ``care_episodes`` without ``care_period_id``, one row for each episode.

    Returns
    -------
    Care
        Episodes without a child or start are in no period. A period whose first known
        episode does not begin with S began earlier than its start date says.
    """
    usable = episodes["child_id"].notna() & episodes["start_date"].notna()
    usable &= ~episodes.duplicated("care_episode_id")
    ordered = _in_order(episodes[usable])
    findings: list[Finding] = []
    ordered = _with_possible_ends(ordered, findings)
    ordered = _with_ends_before_the_next(ordered, findings)
    ordered["begins"] = _begins_a_period(ordered, findings)
    ordered["period"] = ordered["begins"].cumsum()
    ordered = _bridged(ordered, findings)
    ordered = _left_open(ordered, findings)
    first = ordered[ordered["begins"]]
    names = first["child_id"] + "/care/" + iso_text(first["start_date"])
    nth = names.groupby(names).cumcount()
    names = names.where(nth.eq(0), names + "#" + (nth + 1).astype("str"))
    ordered["care_period_id"] = ordered["period"].map(names.set_axis(first["period"])).astype("str")
    rest = episodes[~usable]
    kept = [column for column in ordered.columns if column in episodes or column == _ID]
    return Care(
        _periods(ordered), pd.concat([ordered[kept], rest], ignore_index=True), tuple(findings)
    )


def _in_order(episodes: pd.DataFrame) -> pd.DataFrame:
    """Sort a child's episodes by start, of one day those that end first before the others."""
    far = episodes["end_date"].fillna(pd.Timestamp.max.floor("D"))
    starts = episodes["start_reason"].eq(STARTS)
    keyed = episodes.assign(_far=far, _later=~starts)
    order = ["child_id", "start_date", "_far", "_later"]
    return (
        keyed.sort_values(order, kind="stable")
        .drop(columns=["_far", "_later"])
        .reset_index(drop=True)
    )


def _with_possible_ends(frame: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    early = frame["end_date"] < frame["start_date"]
    findings += _found(
        "R043",
        "Episodes of care end before they begin.",
        frame[early],
        "end_date",
        "Correct the dates; their end counts as missing.",
    )
    frame = frame.assign(end_date=frame["end_date"].where(~early))
    no_end = frame["end_date"].isna()
    groundless = no_end & frame["end_reason"].notna() & frame["end_reason"].ne(CONTINUES)
    findings += _found(
        "R044",
        "Episodes have a reason for ceasing and no date.",
        frame[groundless & ~early],
        "end_reason",
        "Complete DEC or remove REC; the reason was not used.",
    )
    return frame.assign(end_reason=frame["end_reason"].where(~no_end))


def _with_ends_before_the_next(frame: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """End episodes when the child's next begins; keep when they were said to end."""
    following = frame.groupby("child_id")["start_date"].shift(-1)
    open_still = frame["end_date"].isna() & following.notna()
    findings += _found(
        "R045",
        "Episodes have no end and another follows.",
        frame[open_still],
        "end_date",
        "Complete DEC; they were ended when the next begins.",
    )
    stated = frame["end_date"].fillna(following)
    over = stated > following
    findings += _found(
        "R046",
        "Episodes end after the next has begun.",
        frame[over],
        "end_date",
        "Correct DEC or DECOM; they were cut on the day on which the next begins.",
    )
    reason = frame["end_reason"].mask(open_still, CONTINUES)
    return frame.assign(
        end_date=stated.mask(over, following),
        end_reason=reason.mask(over, CONTINUES).astype("str"),
        stated_end=stated,
        stated_reason=reason.astype("str"),
    )


def _begins_a_period(frame: pd.DataFrame, findings: list[Finding]) -> pd.Series:
    previous = frame.groupby("child_id")[["end_date", "end_reason"]].shift(1)
    first = ~frame["child_id"].duplicated()
    says_start = frame["start_reason"].eq(STARTS)
    goes_on = previous["end_reason"].eq(CONTINUES)
    touching = previous["end_reason"].isna() & previous["end_date"].eq(frame["start_date"])
    ended = ~first & ~goes_on & ~touching
    findings += _found(
        "R047",
        "Episodes begin without RNE S though care had ended.",
        frame[ended & ~says_start],
        "start_reason",
        "Correct RNE, or the REC before it; a new period of care was begun.",
    )
    findings += _found(
        "R048",
        "Episodes begin with RNE S though the one before goes on (X1 or no end).",
        frame[~first & says_start & ~ended],
        "start_reason",
        "Correct RNE, or the REC before it; a new period of care was begun.",
    )
    findings += findings_by_file(
        "R049",
        "note",
        "The first known episode of a child does not begin with RNE S.",
        frame[first & ~says_start],
        table="care_periods",
        column="start_date",
        fix="Add earlier years; these periods began before the date they are given.",
    )
    return first | ended | says_start


def _bridged(frame: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Let an episode go on to the next of its period."""
    following = frame.groupby("period")["start_date"].shift(-1)
    gap = frame["end_date"] < following
    findings += _found(
        "R050",
        "Days lie between an episode that ends with X1 and the next.",
        frame[gap],
        "end_date",
        "Correct DEC or DECOM; the episode was made to last until the next begins.",
    )
    return frame.assign(
        end_date=frame["end_date"].mask(gap, following),
        stated_end=frame["stated_end"].mask(gap, following),
    )


def _left_open(frame: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    last_of_period = ~frame["period"].duplicated(keep="last")
    last_of_child = ~frame["child_id"].duplicated(keep="last")
    latest = frame.groupby("period")["stated_end"].transform("max")
    unfinished = last_of_child & frame["end_reason"].eq(CONTINUES) & frame["end_date"].eq(latest)
    findings += _found(
        "R051",
        "The last episode of a child ends with X1.",
        frame[unfinished],
        "end_reason",
        "Add the episode that follows; the period was left open.",
    )
    blank = last_of_period & frame["end_reason"].eq(CONTINUES)
    reason = frame["stated_reason"].where(frame["stated_reason"].ne(CONTINUES))
    return frame.assign(
        stated_end=frame["stated_end"].mask(unfinished),
        end_date=frame["end_date"].mask(unfinished),
        end_reason=frame["end_reason"].mask(blank),
        stated_reason=reason,
    )


def _periods(frame: pd.DataFrame) -> pd.DataFrame:
    """Make one row of each period: its first episode's opening, the end of its latest."""
    first = frame[frame["begins"]].set_index("period")
    last = frame.assign(far=frame["stated_end"].fillna(pd.Timestamp.max.floor("D")))
    last = last.sort_values(["period", "far"], kind="stable").groupby("period").tail(1)
    last = last.set_index("period")
    limit = first.groupby("child_id")["start_date"].shift(-1)
    end = last["stated_end"].reindex(first.index)
    opening = [_ID, "child_id", "referral_id", "start_date", "legal_status"]
    periods = first[first.columns.intersection([*opening, "source_file", "source_row"])]
    return periods.assign(
        end_date=end.mask(end > limit, limit),
        end_reason=last["stated_reason"].where(end.notna()),
    ).reset_index(drop=True)


def _found(rule: str, message: str, rows: pd.DataFrame, column: str, fix: str) -> list[Finding]:
    return findings_by_file(
        rule, "warning", message, rows, table="care_episodes", column=column, fix=fix
    )
