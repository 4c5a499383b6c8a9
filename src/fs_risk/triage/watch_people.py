"""What people make of scores: overrides, scores without part, no score wanted; never by worker."""

from dataclasses import replace

import numpy as np
import pandas as pd

from fs_risk.triage.watch_cases import Watched
from fs_risk.triage.watch_ledger import Recorded
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_rates import Rate, group_rows, rate_rows
from fs_risk.triage.watch_rows import NOT_ENOUGH, Row

FEWEST_PEOPLE = 3
"""A team in which fewer decided has no figures: they would be those of one or two workers."""

NO_TEAM = "no team given"

_OVERRIDES = (
    "Decisions of someone more, or less, worried than the score, of all made with it in view."
)
_NOT_USED = "Decisions in which the score, though seen, had no part."
_NOT_WANTED = "Decisions made without asking for a score, which is as good a way."
_DIRECTION = {
    "more_worried": "Decisions of someone more worried than the score.",
    "less_worried": "Decisions of someone less worried than the score.",
}


def decision_rows(watched: Watched, recorded: Recorded, limits: DriftLimits) -> list[Row]:
    """Watch how people's decisions stand to the scores.

    Parameters
    ----------
    watched : Watched
    recorded : Recorded
    limits : DriftLimits

    Returns
    -------
    list of Row
    """
    decided = _of_model(recorded, watched)
    if decided.empty:
        return [
            Row(check="overrides", measure="override_rate", period=watched.span.words,
                limit_low=limits.override[0], limit_high=limits.override[1],
                verdict=NOT_ENOUGH, says=f"{_OVERRIDES} The ledger holds none.")
        ]  # fmt: skip
    months = [str(month) for month in watched.span.months]
    words = watched.span.words
    alpha = limits.alpha("overrides", 4)
    seen = decided[decided["agreement"].notna()]
    used = seen[seen["agreement"] != "not_used"]
    flags = used["agreement"].isin(_DIRECTION)
    low, high = limits.override
    made = _rate(used, flags, watched, "override_rate", low, high, alpha)
    rows = rate_rows(made, months, words, _OVERRIDES)
    for name, says in _DIRECTION.items():
        one = _rate(used, used["agreement"] == name, watched, name, 0.0, 1.0, alpha)
        rows += [
            replace(row, verdict="", limit_low=None, limit_high=None)
            for row in rate_rows(one, months, words, says, monthly=False)
        ]
    unused = _rate(
        seen, seen["agreement"] == "not_used", watched, "not_used", 0.0, limits.not_used, alpha
    )
    without = _rate(
        decided, decided["kind"] == "no_score_wanted", watched, "no_score_wanted", 0.0,
        1.0, alpha,
    )  # fmt: skip
    rows += rate_rows(unused, months, words, _NOT_USED, monthly=False)
    rows += [
        replace(row, verdict="", limit_low=None, limit_high=None)
        for row in rate_rows(without, months, words, _NOT_WANTED, monthly=False)
    ]
    return [*rows, *_team_rows(used, flags, watched, recorded, months, limits, alpha)]


def _of_model(recorded: Recorded, watched: Watched) -> pd.DataFrame:
    """Keep the decisions about this model's scores, and those made without one."""
    decided = recorded.decisions
    ours = decided["score_id"].isin(recorded.scores["score_id"])
    alone = decided["kind"] == "no_score_wanted"
    dated = watched.span.holds(decided["as_of"])
    # a view before a sealed score was opened says nothing of the score
    kept = (ours & (decided["kind"] == "decision")) | alone
    return decided[kept & dated]


def _rate(
    rows: pd.DataFrame, hits: pd.Series, watched: Watched, measure: str, low: float, high: float,
    alpha: float, team: str = "",
) -> Rate:  # fmt: skip
    households = pd.Series(watched.household, index=watched.cohort["child_id"])
    of_child = households[~households.index.duplicated()]
    return Rate(
        check="overrides",
        measure=measure,
        by="team" if team else "",
        group=team,
        hits=hits.to_numpy(dtype=np.float64),
        month=watched.span.number(rows["as_of"]),
        household=rows["child_id"].map(of_child).fillna(rows["child_id"]).to_numpy(dtype=object)
        .astype(str),
        low=low,
        high=high,
        alpha=alpha,
    )  # fmt: skip


def _team_rows(
    used: pd.DataFrame,
    flags: pd.Series,
    watched: Watched,
    recorded: Recorded,
    months: list[str],
    limits: DriftLimits,
    alpha: float,
) -> list[Row]:
    named = used["team"].where(used["team"] != "", NO_TEAM)
    teams = sorted(named.unique())
    rates = [
        _rate(
            used[named == team], flags[named == team], watched, "override_rate",
            *limits.override, alpha / len(teams), team,
        )
        for team in teams
    ]  # fmt: skip
    people = [recorded.people.get("" if team == NO_TEAM else team, 0) for team in teams]
    few = np.array(people) < FEWEST_PEOPLE
    return group_rows(rates, months, watched.span.words, _OVERRIDES, also=few) if teams else []
