"""`check_drift`: whether a model in use still does what was shown of it when it was approved."""

from datetime import date

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import LEDGER, MODEL, RECORDS, takes
from fs_risk.records.dates import day_given
from fs_risk.records.records import Records
from fs_risk.records.suppression import shown_count
from fs_risk.triage.ledger import Ledger
from fs_risk.triage.watch_abstaining import abstention_rows
from fs_risk.triage.watch_cases import Watched, watched_cases
from fs_risk.triage.watch_clocks import extract_rows, lag_rows, model_rows
from fs_risk.triage.watch_groups import gap_rows, groups_of_cases
from fs_risk.triage.watch_inputs import input_rows, outside_rows, score_rows
from fs_risk.triage.watch_ledger import Recorded, given_log_odds, recorded_use
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_lists import list_rows, volume_rows
from fs_risk.triage.watch_outcomes import outcome_rows, ripe_cases
from fs_risk.triage.watch_people import decision_rows
from fs_risk.triage.watch_recording import code_rows, missing_rows
from fs_risk.triage.watch_result import DriftCheck
from fs_risk.triage.watch_rows import Row, table_of


@takes(ledger=LEDGER.or_none(), model=MODEL, records=RECORDS)
def check_drift(
    ledger: Ledger | None,
    model: StepUpModel,
    records: Records,
    *,
    groups: pd.DataFrame | None = None,
    since: date | None = None,
    on: date | None = None,
    approved_until: date | None = None,
    limits: DriftLimits | None = None,
) -> DriftCheck:
    """Say whether a model in use is still as it was when it was tested, and what to do if not.

    Meant to be called each month. All that happened since `since` is looked at again, and
    the chance of any false alarm in 36 such looks is at most `DriftLimits.false_alarm`.

    Parameters
    ----------
    ledger : Ledger or None
        Without one, scores and codes are made again for the referrals of the records, and
        nothing is known of decisions and lists.
    model : StepUpModel
        Trained on referrals.
    records : Records
        The latest extract. It should hold the time that the model learnt from as well.
    groups : DataFrame, optional
        Indexed by ``child_id``, a column for each attribute; by default sex, ethnicity, age
        band and disability. A frame without columns leaves groups out.
    since : date, optional
        First day watched: after a review, the day of the review. By default the day after
        the last case that the model was tested on.
    on : date, optional
        Today; for synthetic records by default the day of the extract.
    approved_until : date, optional
        Last day of the model's approval.
    limits : DriftLimits, optional
        Set beforehand, by the service.

    Returns
    -------
    DriftCheck

    Raises
    ------
    AuditError
        If the records are not of the kind that the model was fitted on, or observe no
        referrals.
    SettingError
        If there is nothing to watch between `since` and the end of the records, a day is
        none, or the check is of a day before the last one watched.
    ReferralError
        If the model was trained for another kind of case.
    ArtefactError
        If a feature is no longer defined as when the model was fitted.
    LedgerError
        If an entry of the ledger is not as it was written.

    Examples
    --------
    >>> import fs_risk as fs
    >>> records = fs.make_authority(children=6_000, years=8, seed=3)
    >>> plan = fs.Plan(outcome="cp_plan", capacity=9)
    >>> model = fs.train_step_up(records, plan, progress=False)
    >>> check = check_drift(None, model, records)
    >>> check.verdict
    'as expected'
    """
    limits = limits or DriftLimits()
    watched = watched_cases(model, records, since)
    if watched.span.last <= watched.span.first:
        raise SettingError(
            "There is no day to watch: the records end before, or on, the first one.",
            where=f"since {watched.span.first.date()}, records to {watched.span.last.date()} less "
            f"{model.plan.extract_lag_days} days of lag",
            fix="Load a later extract, or pass an earlier since=.",
        )
    recorded = None if ledger is None else recorded_use(ledger, model)
    now = date.today()  # noqa: DTZ011 - UK local whole days throughout
    today = now if records.origin.kind == "real" else records.extract_date.date()
    if on is not None:
        today = _checked_on(on, watched)
    given, from_ledger = given_log_odds(recorded, watched)
    rows = [
        *outcome_rows(watched, given, limits),
        *input_rows(watched, limits),
        *outside_rows(watched, limits),
        *score_rows(watched, limits),
        *gap_rows(watched, groups_of_cases(watched, groups), limits),
        *_use_rows(watched, recorded, limits),
        *missing_rows(watched, limits),
        *code_rows(watched, limits),
        *lag_rows(watched, limits),
        *extract_rows(watched, recorded, today),
        *model_rows(watched, today, approved_until, limits),
    ]
    return DriftCheck(
        table=table_of(rows),
        model=f"{model.name} {model.version}",
        model_hash=model.content_hash,
        synthetic=model.training.origin == "synthetic",
        on=str(today),
        since=str(watched.span.first.date()),
        until=str(watched.span.last.date()),
        false_alarm=limits.false_alarm,
        notes=_notes(watched, recorded, from_ledger),
    )


def _checked_on(on: date | str, watched: Watched) -> date:
    """Read the day of a check, which judges ages: none before the last day it watches."""
    day: date = day_given(on, argument="on").date()
    last = watched.span.last.date()
    if day < last:
        raise SettingError(
            "The day of the check lies before the last day watched.",
            where=f"on={day}, watched to {last}",
            fix="Give the day on which the check is made, or load the extract of that time.",
        )
    return day


def _use_rows(watched: Watched, recorded: Recorded | None, limits: DriftLimits) -> list[Row]:
    """Give what is known of scores' use."""
    rows = [*volume_rows(watched, limits), *abstention_rows(watched, recorded, limits)]
    if recorded is None:
        return rows
    return [
        *rows,
        *list_rows(watched, recorded, limits),
        *decision_rows(watched, recorded, limits),
    ]


def _notes(watched: Watched, recorded: Recorded | None, from_ledger: np.ndarray) -> tuple[str, ...]:
    """Say what the check rests on."""
    ripe = ripe_cases(watched)
    known = (
        f"of {shown_count(int(ripe.sum()))} that had a score the time is up, and the outcome known."
        if ripe.any()
        else "of none that had a score is the time up yet, so that no outcome is compared."
    )
    notes = [f"{shown_count(int(watched.now.sum()))} referrals of the records are watched; {known}"]
    span = watched.span
    notes += [
        f"The {each.dated} lies within the days watched: what is signalled may be of that, and "
        "not of the model."
        for each in watched.model.plan.breaks
        if each.start <= span.last.date() and (each.end or each.start) >= span.first.date()
    ]
    if len(span.months) > 36:
        notes.append(
            "More than 36 months are watched; the last 36 count. Review the model and pass the "
            "day of the review as since=."
        )
    if recorded is None:
        return (
            *notes,
            "Without a ledger: scores and codes were made again from these records. What was "
            "shown, decided and listed is not known.",
        )
    kept = recorded.scores
    notes.append(
        f"The ledger holds scores of {shown_count(len(kept))} referrals by this model; those of "
        f"{shown_count(int((from_ledger & watched.now).sum()))} referrals watched are taken as "
        "they were given, the others were made again."
    )
    counted = (
        (recorded.apart, "scores for the household or for supervision are left out of all rates"),
        (recorded.other_models, "scores are of other models, and left out"),
        (recorded.sealed, "scores are sealed still: they show no figure and are made again here"),
        (recorded.unreadable, "entries are erased or past their date, and cannot be counted"),
    )
    notes += [f"{shown_count(count)} {words}." for count, words in counted if count]
    return tuple(notes)
