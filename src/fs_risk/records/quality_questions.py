"""What the records as a whole raise: questions to the data team that no single row answers."""

from collections.abc import Iterator
from typing import NamedTuple

from fs_risk.records.probable_duplicates import probable_duplicates
from fs_risk.records.quality_levels import LevelChange, level_changes
from fs_risk.records.quality_teams import factors_by_team
from fs_risk.records.records import Records
from fs_risk.records.suppression import shown_count, shown_share
from fs_risk.records.tables import TABLES


class Question(NamedTuple):
    """Something to ask about.

    Attributes
    ----------
    where : str
        A table, or a team.
    found : str
    ask : str
    """

    where: str
    found: str
    ask: str


def questions_of(records: Records) -> list[Question]:
    """List what stands out in the records as a whole.

    Parameters
    ----------
    records : Records

    Returns
    -------
    list of Question
        Months from which a table's events lie on another level; teams whose assessments
        lack their factors far more often; children under two identifiers. Counts of 1 to
        5 are hidden, and no child is named.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.date_range("2021-01-01", "2024-12-31", freq="D").repeat(2)
    >>> kept = days[(days < "2023-01-01") | (days.day % 2 == 0)]
    >>> ids = [str(number) for number in range(len(kept))]
    >>> frame = pd.DataFrame({"referral_id": ids, "child_id": ids, "referral_date": kept})
    >>> records = Records.from_frames({"referrals": frame}, extract_date="2024-12-31")
    >>> questions_of(records)[0].found
    'from 2023-01 on 0.5 times as many each month'
    """
    return [*_levels(records), *_teams(records), *_duplicates(records)]


def _levels(records: Records) -> Iterator[Question]:
    for name, table in TABLES.items():
        for change in level_changes(records, name) if table.date else ():
            yield Question(
                name,
                _said(change),
                "Was it practice or demand, a threshold, or another system or form?",
            )


def _said(change: LevelChange) -> str:
    if change.ratio == float("inf"):
        return f"none before {change.month}"
    return f"from {change.month} on {change.ratio:.1f} times as many each month"


def _teams(records: Records) -> Iterator[Question]:
    teams = factors_by_team(records)
    assessed, lacking = int(teams["assessments"].sum()), int(teams["missing"].sum())
    for row in teams[teams["stands_out"]].itertuples():
        here, missing = int(row.assessments), int(row.missing)
        share, others = shown_share(missing, here), shown_share(lacking - missing, assessed - here)
        yield Question(
            f"assessments, {row.team}",
            f"no factors in {share}, in the other teams in {others}",
            "Are factors entered on that team's form, and exported?",
        )


def _duplicates(records: Records) -> Iterator[Question]:
    pairs = len(probable_duplicates(records))
    if pairs:
        yield Question(
            "children",
            f"{shown_count(pairs)} pairs of identifiers are probably one child's each",
            "Merge them at the source; `probable_duplicates` names them to whoever holds the data.",
        )
