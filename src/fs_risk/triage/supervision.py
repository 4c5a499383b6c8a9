"""`supervision_list`: the families of monthly group supervision, their scores sealed."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError, RecordsError
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import LEDGER, MODEL, RECORDS_OR_HISTORY, takes
from fs_risk.records.as_known import as_known_before
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import day_given
from fs_risk.records.days_in_words import day_words
from fs_risk.records.records import Records
from fs_risk.triage.basis import Made
from fs_risk.triage.reasons import recorded_concepts, unknown_concepts
from fs_risk.triage.score import history_of
from fs_risk.triage.supervision_families import Families, families_on
from fs_risk.triage.supervision_item import (
    FamilyChild,
    Opened,
    OpenedChild,
    OpenScores,
    SupervisionItem,
)
from fs_risk.triage.supervision_list import SupervisionList, table_of
from fs_risk.triage.supervision_questions import questions_about, questions_of_reasons
from fs_risk.triage.supervision_scores import OpenCaseScorer, open_case_scorer
from fs_risk.triage.supervision_setting import SupervisionSetting
from fs_risk.triage.supervision_state import Agreed, Progress, last_agreed, progress

if TYPE_CHECKING:
    from fs_risk.triage.ledger import Ledger


@takes(records=RECORDS_OR_HISTORY, model=MODEL, ledger=LEDGER.or_none())
def supervision_list(
    records: Records,
    *,
    model: StepUpModel,
    on: date | str,
    team: str | None = None,
    ledger: "Ledger | None" = None,
    setting: SupervisionSetting | None = None,
) -> SupervisionList:
    """Prepare monthly group supervision: families, what is known of them, what to ask.

    All is as known before the day. The families stand in an order that no score has
    touched. Each score, and why it moved since the last supervision, lies sealed in the
    ledger until the group's own rating is recorded (`SupervisionItem.open`).

    Parameters
    ----------
    records : Records
        With Family Safeguarding's own tables where they are kept.
    model : StepUpModel
        Trained on open cases: ``Plan(cohort="open_case", …)``.
    on : date or str
        Day of the meeting; it may be after the extract as far as the model allows.
    team : str, optional
        One team's families.
    ledger : Ledger, optional
        Where the scores lie sealed and ratings are recorded. Without it no score is shown.
    setting : SupervisionSetting, optional
        Which families are discussed.

    Returns
    -------
    SupervisionList

    Raises
    ------
    ReferralError
        If the model is for another kind of case.
    SettingError
        If the day is none, or no team of that name had an open case.
    RecordsError
        If `records` is a History, which holds no plans of work and no teams.
    OutcomeError
        If the records hold no referrals, or observe them only from a later day on.
    LedgerError
        If the scores cannot be recorded.

    Examples
    --------
    >>> items = supervision_list(  # doctest: +SKIP
    ...     records, model=model, on="2025-03-03", team="North", ledger=ledger
    ... )
    """
    _check_records(records)
    setting, day = setting or SupervisionSetting(), day_given(on, argument="on")
    by = open_case_scorer(history_of(records), model)
    _check_day(records, day)
    known = as_known_before(records, day)
    families = families_on(records, known, day, setting, team)
    made = _sealed_scores(families, by, model, ledger)
    ratings = None if ledger is None else ledger.ratings()
    meeting = _Meeting(
        day=day.date(),
        setting=setting,
        families=families,
        made=made,
        agreed=last_agreed(known, families, day, ratings),
        progress=progress(known, families, day),
        by=by,
        ledger=ledger,
        team=team,
    )
    items = meeting.items()
    synthetic = model.training.origin == "synthetic"
    return SupervisionList(
        table=table_of(items, "SYNTHETIC" if synthetic else ""),
        items=items,
        on=day.date(),
        team=team,
        setting=setting,
        left_out=families.left_out,
        model=by.used,
        synthetic=synthetic,
        study=by.study,
        _ledger=ledger,
    )


def _check_records(records: object) -> None:
    if not isinstance(records, Records):
        raise RecordsError(
            "A list for supervision needs teams, work and agreed ratings, which a history does "
            "not hold.",
            where="records=, a History",
            fix="Pass the Records themselves.",
        )


def _check_day(records: Records, day: pd.Timestamp) -> None:
    """Refuse a day before all that is observed: that no case was open then is not known.

    A day after it is no fault: an extract is always some days old.
    """
    window = records.coverage.get("referrals")
    if window is not None and day < window.observed_from:
        raise OutcomeError(
            "Referrals were not yet observed on the day of the meeting.",
            where=f"table referrals, observed {window.observed_from.date()} to "
            f"{window.observed_to.date()}",
            fix="Give a day within these, or read an extract that reaches back further.",
        )


def _sealed_scores(
    families: Families, by: OpenCaseScorer, model: StepUpModel, ledger: "Ledger | None"
) -> dict[int, Made]:
    """Score the children in the setting, by row, and seal the scores in the ledger."""
    asked = families.children[(families.children["left_out"] == "").to_numpy()]
    made = dict(zip(asked.index.tolist(), by.make(asked), strict=True))
    if ledger is not None and made:
        ledger.record_scores(list(made.values()), model=model, context="supervision", sealed=True)
    return made


@dataclass(frozen=True)
class _Meeting:
    """All that the items of one list are made from."""

    day: date
    setting: SupervisionSetting
    families: Families
    made: dict[int, Made]
    agreed: dict[int, Agreed]
    progress: dict[int, Progress]
    by: OpenCaseScorer
    ledger: "Ledger | None"
    team: str | None

    def items(self) -> tuple[SupervisionItem, ...]:
        """Give the families in an order that no score has touched, numbered from 1."""
        cases = {int(n): part for n, part in self.families.children.groupby("family")}
        teams = {number: _team_of(part, self.team) for number, part in cases.items()}

        def key(number: int) -> tuple[str, date, int]:
            agreed = self.agreed.get(number)
            return teams[number], agreed.on if agreed else date.min, number

        return tuple(
            self._item(place, family, cases[family], teams[family])
            for place, family in enumerate(sorted(cases, key=key), start=1)
        )

    def _item(self, place: int, family: int, cases: pd.DataFrame, team: str) -> SupervisionItem:
        agreed, study = self.agreed.get(family), self.by.study
        scored = [self.made[row] for row in cases.index if row in self.made]
        trio = self.families.trio[(self.families.trio["family"] == family).to_numpy()]
        latest = dict(zip(trio["area"], trio["latest"].dt.date, strict=True))
        found: dict[str, date] = {
            area: latest[area] for area in self.setting.trio_areas if area in latest
        }
        assessed = self.families.assessed.get(family)
        last = None if assessed is None else pd.Timestamp(assessed).date()
        members = self.families.members
        return SupervisionItem(
            number=place,
            family_id=None if study else self._family_id(family, cases),
            team=team,
            on=self.day,
            children=tuple(self._child(row) for row in cases.itertuples()),
            others=int((members == family).sum()) - len(cases),
            trio=found,
            assessed=last,
            agreed=agreed,
            progress=self.progress[family],
            questions=questions_about(
                day=self.day,
                stale_after_days=self.setting.stale_after_days,
                assessed=last,
                agreed=agreed,
                areas=list(found),
                progress=self.progress[family],
                unknown=self._unknown(scored),
                recorded=_recorded(self.by, scored),
                reasons=[reason for score, _ in scored for reason in score.reasons]
                if self.setting.ask_about_reasons
                else (),
            ),
            **self._seal(cases, agreed),
        )

    def _seal(self, cases: pd.DataFrame, agreed: Agreed | None) -> dict[str, Any]:
        """Give what records a rating and opens the scores, and which these are."""
        if self.ledger is None:
            return {}
        given = [row for row in cases.index if row in self.made and not self.made[row].score.code]
        since = agreed.on if agreed else None
        return {
            "sealed": tuple(self.made[row].score.score_id for row in given),
            "_record": self.ledger.record_rating,
            "_opened": _opener(self.by, self.ledger, cases.loc[given], since),
        }

    def _child(self, row: Any) -> FamilyChild:
        made = self.made.get(row.Index)
        score = None if made is None else made.score
        return FamilyChild(
            child_id=None if self.by.study else row.child_id,
            case_id=None if self.by.study else row.case_id,
            age=_age(row.birth_date, row.expected_birth_date, self.day),
            tier=int(row.tier),
            opened=row.opened.date(),
            left_out=row.left_out,
            no_score="" if score is None or score.code is None else score.code_meaning,
        )

    def _family_id(self, family: int, cases: pd.DataFrame) -> str:
        """Give the family's own id; of several the smallest; without any, the child's."""
        ids = self.families.families
        own = sorted(ids.index[(ids == family).to_numpy()])
        return str(own[0]) if own else f"child {cases['child_id'].iloc[0]}"

    def _unknown(self, scored: list[Made]) -> dict[str, str]:
        found: dict[str, str] = {}
        for _, basis in scored:
            if basis.values is not None:
                for concept, said in unknown_concepts(self.by.specs, basis.values).items():
                    found.setdefault(concept, said)
        return found


def _recorded(by: OpenCaseScorer, scored: list[Made]) -> frozenset[str]:
    """Name the concepts of which anything is recorded for one child or more."""
    rows = [basis.values for _, basis in scored if basis.values is not None]
    return frozenset().union(*(recorded_concepts(by.specs, row) for row in rows))


def _opener(
    by: OpenCaseScorer, ledger: "Ledger", cases: pd.DataFrame, since: date | None
) -> OpenScores:
    """Give what shows a family's scores once they may be; until then it holds none."""

    def opened(item: SupervisionItem) -> Opened:
        scores = [ledger.opened_score(score_id) for score_id in item.sealed]
        moved = by.moved(cases, [since] * len(cases))
        reasons = [reason for score in scores for reason in score.reasons]
        asked = questions_of_reasons(reasons, _recorded(by, by.make(cases))) if reasons else []
        children = tuple(OpenedChild(*both) for both in zip(scores, moved, strict=True))
        return children, tuple(asked)

    return opened


def _team_of(cases: pd.DataFrame, team: str | None) -> str:
    """Name the team asked for, else that of most of the children in the setting."""
    named = cases.loc[((cases["left_out"] == "") & (cases["team"] != "")).to_numpy(), "team"]
    if team is not None or named.empty:
        return team or ""
    return str(named.mode().sort_values().iloc[0])


def _age(born: pd.Timestamp, expected: pd.Timestamp, day: date) -> str:
    if pd.isna(born):
        when = "" if pd.isna(expected) else f", expected {day_words(expected, short=True)}"
        return "age not recorded" if not when else f"unborn{when}"
    days = (pd.Timestamp(day) - born).days
    years = int(days / 365.25)
    months = int(np.floor(days / 30.44))
    return f"{count_of(years, 'year') if years else count_of(months, 'month')} old"
