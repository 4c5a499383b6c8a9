"""When each fact was first sent to the API, as the clocks of canonical tables."""

from collections.abc import Mapping, Sequence

import pandas as pd

from fs_risk.records.lookup import looked_up
from fs_risk.records.tables import TABLES

NUMBER, DAY = "submission", "submitted"
"""Columns of staged rows: which of the child's submissions, and on which day it was sent."""

_TIMED = ("referrals", "assessments", "cin_plans", "section47", "cp_plans", "care_episodes")


class History:
    """What was sent of each record, and when.

    Parameters
    ----------
    submissions : sequence of mapping of str to DataFrame
        Each child's first submission, second and so on, as typed tables with `NUMBER`
        and `DAY`; nothing that was purged is in them.
    """

    def __init__(self, submissions: Sequence[Mapping[str, pd.DataFrame]]) -> None:
        names = submissions[0]
        self._sent = {
            name: pd.concat([each[name] for each in submissions], ignore_index=True)
            for name in names
        }
        children = self._sent["children"]
        self._first_day = children.groupby("child_id")[DAY].min()
        self._start = children[DAY].min()

    def clocked(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Give tables their recorded clocks.

        A record, its decision and its end are known from the first submission that held
        each. What a child's first submission holds of the time before the history began
        may have been known long before: those clocks stay missing, for the rule. A plan
        that was sent before it began is known when it begins.

        Parameters
        ----------
        tables : mapping of str to DataFrame
            The submissions merged, without clocks.

        Returns
        -------
        dict of str to DataFrame
        """
        return {**tables, **{name: self._timed(name, tables[name]) for name in _TIMED}}

    def conference_days(self, conferences: pd.DataFrame) -> pd.Series:
        """Say when each conference, which is part of its enquiry, was first sent."""
        sent = self._sent["section47"]
        days = self._since("section47", sent["conference_date"].notna())
        first_sent = looked_up(conferences["section47_id"], days)
        return self._clock(first_sent, conferences["conference_date"], conferences["child_id"])

    def _timed(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        table, sent = TABLES[name], self._sent[name]
        key = table.key[0]
        first = sent.groupby(key)[DAY].min()
        known = self._clock(looked_up(frame[key], first), frame[table.date], frame["child_id"])
        ended = self._since(name, self._has_ended(name, sent))
        end = self._clock(looked_up(frame[key], ended), frame[table.end], frame["child_id"])
        frame = frame.assign(known_date=known, end_known_date=_later(end, known))
        if "decision_known_date" not in table:
            return frame
        decided = self._since(name, sent["no_further_action"].notna())
        day = self._clock(looked_up(frame[key], decided), frame[table.date], frame["child_id"])
        return frame.assign(decision_known_date=_later(day, known))

    def _has_ended(self, name: str, sent: pd.DataFrame) -> pd.Series:
        """Say in which submissions a record has its end; of an assessment, with its factors."""
        ended = sent[TABLES[name].end].notna()
        if name != "assessments":
            return ended
        factors = self._sent["factors"]
        listed = factors.dropna(subset="code").sort_values("code")
        listed = listed.groupby(["assessment_id", NUMBER])["code"].agg(",".join)
        place = pd.MultiIndex.from_frame(sent[["assessment_id", NUMBER]])
        codes = listed.reindex(place).fillna("").set_axis(sent.index)
        # a list that a later submission leaves out stays as it was
        latest = codes[codes != ""].groupby(sent["assessment_id"]).last()
        return ended & codes.eq(looked_up(sent["assessment_id"], latest).fillna(""))

    def _since(self, name: str, holds: pd.Series) -> pd.Series:
        """Give the day from which all submissions of a record hold something."""
        sent = self._sent[name]
        keys = sent[TABLES[name].key[0]]
        lacked = sent[NUMBER].where(~holds).groupby(keys).transform("max").fillna(-1)
        days: pd.Series = sent[DAY].where(holds & (sent[NUMBER] > lacked)).groupby(keys).min()
        return days

    def _clock(self, sent: pd.Series, event: pd.Series, child: pd.Series) -> pd.Series:
        """Keep the days that say when something was recorded."""
        first = sent.eq(looked_up(child, self._first_day))
        old = first & (event < self._start)
        return _later(sent, event).where(~old & sent.notna())


def period_clocks(periods: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Give periods of care the clocks of their first and last episodes."""
    ordered = episodes.sort_values("start_date", kind="stable")
    first = ordered.drop_duplicates("care_period_id").set_index("care_period_id")
    last = ordered.drop_duplicates("care_period_id", keep="last").set_index("care_period_id")
    return periods.assign(
        known_date=looked_up(periods["care_period_id"], first["known_date"]),
        end_known_date=looked_up(periods["care_period_id"], last["end_known_date"]),
    )


def _later(day: pd.Series, other: pd.Series) -> pd.Series:
    return day.mask(day < other, other)
