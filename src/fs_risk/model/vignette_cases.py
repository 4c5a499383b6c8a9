"""Trying a model on vignettes: small records, built into features as any others are."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.model.plan import Plan
from fs_risk.model.step_up import StepUpModel
from fs_risk.model.vignettes import (
    Child,
    Happened,
    Vignette,
    VignetteBook,
    VignetteResult,
    read_vignettes,
)
from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.records.arguments import MODEL, takes
from fs_risk.records.records import Records

TODAY = np.datetime64("2024-06-28", "D")
"""The day of every vignette: a Friday without a holiday near."""

YEARS_OBSERVED = 10
OPEN_FOR = 45
"""Days that the case has been open, for models of open cases."""

COHORTS = ("referral", "contact", "open_case")
"""Kinds of case that vignettes are about."""

_DECIDED_IN = 1

_Row = dict[str, Any]


@takes(model=MODEL)
def tried_on_vignettes(
    model: StepUpModel, *, book: VignetteBook | None = None
) -> tuple[VignetteResult, ...]:
    """Hold a model against vignettes (requirement M7).

    Parameters
    ----------
    model : StepUpModel
    book : VignetteBook, optional
        By default those that ship with the library.

    Returns
    -------
    tuple of VignetteResult
        Empty where vignettes say nothing about such a model: of closures, of outcomes
        that are no step up, or with features of your own.

    Examples
    --------
    >>> [result.holds for result in tried_on_vignettes(model)]  # doctest: +SKIP
    """
    if not _is_about(model):
        return ()
    wanted = read_vignettes() if book is None else book
    X = vignette_features(wanted, model)
    scores = model.log_odds(X)
    return wanted.judge(
        {each.name: float(score) for each, score in zip(wanted.vignettes, scores, strict=True)}
    )


def vignettes_are_about(plan: Plan) -> bool:
    """Say whether vignettes have something to say of models of a plan.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    bool
        False for closures and for outcomes that are no step up.
    """
    steps_up = OUTCOMES[plan.outcome].tier is not None or plan.outcome == "section47"
    return plan.cohort in COHORTS and steps_up


@takes(model=MODEL)
def vignette_scores(model: StepUpModel, path: str | Path | None = None) -> pd.DataFrame:
    """Score every vignette, highest first.

    Parameters
    ----------
    model : StepUpModel
    path : str or Path, optional
        A TOML file of your own.

    Returns
    -------
    DataFrame
        ``name``, ``says``, ``probability``.

    Examples
    --------
    >>> vignette_scores(model).head(3)  # doctest: +SKIP
    """
    book = read_vignettes(path)
    proba = model.predict_proba(vignette_features(book, model))[:, 1]
    table = pd.DataFrame(
        {
            "name": [each.name for each in book.vignettes],
            "says": [each.says.replace("\n", " ") for each in book.vignettes],
            "probability": proba,
        }
    )
    return table.sort_values("probability", ascending=False, ignore_index=True)


def vignette_features(book: VignetteBook, model: StepUpModel) -> pd.DataFrame:
    """Build vignettes into a model's features, the ordinary way.

    What the model's own training never observed is missing here too.

    Parameters
    ----------
    book : VignetteBook
    model : StepUpModel

    Returns
    -------
    DataFrame of float32, shape (n_vignettes, n_features)
    """
    open_case = model.plan.cohort == "open_case"
    records, cohort = vignette_records(book, open_case=open_case)
    built = build_features(records, cohort, lag_days=model.plan.extract_lag_days)
    X = built[list(model.feature_names)].copy()
    support = model.facts.support
    if support is not None:
        never = [
            name
            for name, reach in zip(support.feature_names, support.reaches, strict=True)
            if reach.low is None
        ]
        X[never] = np.nan
    return X


def vignette_records(
    book: VignetteBook, *, open_case: bool = False
) -> tuple[Records, pd.DataFrame]:
    """Write vignettes as canonical tables, with one case for each.

    Parameters
    ----------
    book : VignetteBook
    open_case : bool, default=False
        Whether the case has been open for `OPEN_FOR` days, instead of arriving today.

    Returns
    -------
    records : Records
        Observing every table for ten years.
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``, ``source``, in the order of the book.
    """
    records, cohort = _as_records(book, open_case)
    return records, cohort.copy()


@lru_cache(maxsize=4)
def _as_records(book: VignetteBook, open_case: bool) -> tuple[Records, pd.DataFrame]:
    """Write each book once: every fit, and every replica of a study, asks about the same."""
    rows: dict[str, list[_Row]] = {}
    for number, vignette in enumerate(book.vignettes, start=1):
        for table, row in _family(f"V{number:02d}", vignette, open_case):
            rows.setdefault(table, []).append(row)
    frames = {table: _framed(table, listed) for table, listed in rows.items()}
    first = TODAY - np.timedelta64(365 * YEARS_OBSERVED, "D")
    observed = (str(first), str(TODAY))
    # every table, those without a row too: nothing happened, and that was observed
    frames = {**{name: _empty(name) for name in _TABLES if name not in frames}, **frames}
    records = Records.from_frames(
        frames, extract_date=str(TODAY), coverage=dict.fromkeys(frames, observed)
    )
    numbers = range(1, len(book.vignettes) + 1)
    cohort = pd.DataFrame(
        {
            "case_id": pd.Series([f"V{number:02d}-case" for number in numbers], dtype="str"),
            "child_id": pd.Series([f"V{number:02d}" for number in numbers], dtype="str"),
            "as_of": pd.Series([TODAY] * len(book.vignettes)).astype("datetime64[s]"),
            "source": [vignette.referred_by for vignette in book.vignettes],
        }
    )
    return records, cohort


def _is_about(model: StepUpModel) -> bool:
    """Say whether vignettes have something to say of a model."""
    now = {spec.name: spec.digest for spec in CATALOGUE}
    ours = all(now.get(used.name) == used.digest for used in model.facts.features)
    return vignettes_are_about(model.plan) and ours


def _family(name: str, vignette: Vignette, open_case: bool) -> Iterator[tuple[str, _Row]]:
    """Write a vignette and its siblings as rows of canonical tables."""
    yield from _history(name, vignette)
    if open_case:
        arrived = Happened(days_ago=OPEN_FOR, by=vignette.referred_by)
        yield "referrals", _referral(f"{name}-case", name, arrived)
    siblings = [(f"{name}-S{number}", child) for number, child in enumerate(vignette.siblings, 1)]
    for sibling, child in siblings:
        yield from _history(sibling, child)
    for member in (name, *(sibling for sibling, _ in siblings)):
        since = _on(365 * 4)
        yield (
            "family_links",
            {"child_id": member, "family_id": f"{name}-F", "known_date": since},
        )


def _history(name: str, child: Child) -> Iterator[tuple[str, _Row]]:
    yield "children", {"child_id": name, **_birth(child)}
    for number, each in enumerate(child.contacts, 1):
        yield (
            "contacts",
            {
                "contact_id": f"{name}-C{number}",
                "child_id": name,
                "contact_date": _on(each.days_ago),
                "source": each.by,
                "outcome": "referral" if _led_on(each, child.referrals) else "information",
            },
        )
    for number, each in enumerate(child.referrals, 1):
        yield "referrals", _referral(f"{name}-R{number}", name, each)
    for number, each in enumerate(child.assessments, 1):
        key = f"{name}-A{number}"
        yield (
            "assessments",
            {
                "assessment_id": key,
                "child_id": name,
                "start_date": _on(each.days_ago + 30),
                "authorised_date": _on(each.days_ago),
                "factors_recorded": bool(each.recorded),
            },
        )
        for code in each.recorded:
            yield "factors", {"assessment_id": key, "code": code}
    for table, written, happened in (
        ("early_help", _spell("early_help_id"), child.early_help),
        ("section47", _spell("section47_id"), child.enquiries),
        ("cin_plans", _spell("cin_plan_id"), child.child_in_need_plans),
        ("cp_plans", _spell("cp_plan_id", "initial_category"), child.protection_plans),
        ("care_periods", _spell("care_period_id", "legal_status"), child.care),
        ("missing_episodes", _spell("missing_id"), child.missing),
    ):
        for number, each in enumerate(happened, 1):
            yield table, written(f"{name}-{table}{number}", name, each)


def _spell(key: str, because: str | None = None) -> Callable[[str, str, Happened], _Row]:
    def row(number: str, name: str, each: Happened) -> _Row:
        written = {
            key: number,
            "child_id": name,
            "start_date": _on(each.days_ago),
            "end_date": _on(each.ended_days_ago),
        }
        return written | ({because: each.because} if because else {})

    return row


def _referral(key: str, name: str, each: Happened) -> _Row:
    return {
        "referral_id": key,
        "child_id": name,
        "referral_date": _on(each.days_ago),
        "source": each.by,
        "decision_date": _on(max(each.days_ago - _DECIDED_IN, 0)),
        "no_further_action": each.no_further_action,
        "close_date": _on(each.ended_days_ago),
        "close_reason": None if each.ended_days_ago is None else "RC8",
    }


def _birth(child: Child) -> _Row:
    if child.age_years is None:
        return {"expected_birth_date": TODAY + np.timedelta64(child.due_in_days or 0, "D")}
    return {"birth_date": _on(round(child.age_years * 365.25))}


def _led_on(contact: Happened, referrals: tuple[Happened, ...]) -> bool:
    return any(0 <= contact.days_ago - each.days_ago <= 1 for each in referrals)


def _on(days_ago: int | None) -> np.datetime64:
    return np.datetime64("NaT", "D") if days_ago is None else TODAY - np.timedelta64(days_ago, "D")


_TABLES: Mapping[str, tuple[str, ...]] = {
    "children": ("birth_date", "expected_birth_date"),
    "contacts": ("contact_date",),
    "early_help": ("start_date", "end_date"),
    "referrals": ("referral_date", "decision_date", "close_date"),
    "assessments": ("start_date", "authorised_date"),
    "factors": (),
    "section47": ("start_date", "end_date"),
    "conferences": ("conference_date",),
    "cin_plans": ("start_date", "end_date"),
    "cp_plans": ("start_date", "end_date"),
    "pre_proceedings": ("start_date", "end_date"),
    "care_periods": ("start_date", "end_date"),
    "missing_episodes": ("start_date", "end_date"),
    "family_links": ("known_date",),
}
"""The tables that vignettes observe, and their dates."""


def _framed(table: str, rows: list[_Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    for column in set(_TABLES[table]) & set(frame.columns):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
    return frame


def _empty(table: str) -> pd.DataFrame:
    from fs_risk.records.tables import TABLES

    return pd.DataFrame({column.name: [] for column in TABLES[table].columns})
