"""Verifying a card: measure again, with the settings it states, and compare (requirement G3)."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from fs_risk.errors import ArtefactError, FsRiskError
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_model import audit_model
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.evaluation.step_up import evaluate
from fs_risk.evaluation.study_cases import study_cases
from fs_risk.evaluation.study_truth import true_probabilities
from fs_risk.evaluation.value import weigh_value
from fs_risk.evaluation.value_costs import Costs, EffectAssumption
from fs_risk.evaluation.value_of_attention import ValueOfAttention
from fs_risk.features.proof import LeakageProof
from fs_risk.model.step_up import StepUpModel
from fs_risk.model_cards.build import Given, environment, fill_card
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.compare import Difference, What, differences
from fs_risk.model_cards.evidence import LedgerFigures
from fs_risk.model_cards.figures import plain
from fs_risk.records.records import Records

_HASHED_OUTPUT = ("report", "audit")


def verify_card(
    card: ModelCard,
    records: Records,
    *,
    model: StepUpModel,
    leakage: LeakageProof | None = None,
    drift: Mapping[str, Any] | None = None,
    ledger_figures: LedgerFigures | Mapping[str, Any] | None = None,
) -> tuple[Difference, ...]:
    """Measure again, with the settings that a card states, and compare figure by figure.

    Parameters
    ----------
    card : ModelCard
    records : Records
    model : StepUpModel
    leakage, drift, ledger_figures : optional
        Compared where given; else what the card states of them rests on its hash alone.

    Returns
    -------
    tuple of Difference
        Empty when the card is true.

    Raises
    ------
    ArtefactError
        If the card is a publishable one, whose figures are rounded.
    """
    if card.view != "internal":
        raise ArtefactError(
            "A publishable card is rounded, and cannot be held against the records.",
            where=f"card {card.identity.name}",
            fix="Verify the internal card; made_from on this one is its hash.",
        )
    found = [*check_hashes(card, records, model)]
    if any(each.changed in ("model", "data") for each in found):
        return tuple(found)  # every figure would differ: the cause is named, not its effects
    try:
        again = measure_again(
            card, records, model=model, leakage=leakage, drift=drift, ledger_figures=ledger_figures
        )
    except (FsRiskError, ValidationError) as error:
        found.append(
            Difference(
                changed="card",
                where="settings",
                stated="figures were measured with these settings",
                found=f"they cannot be: {type(error).__name__}",
            )
        )
        return tuple(found)
    return (*found, *compared(card, again))


def check_hashes(card: ModelCard, records: Records, model: StepUpModel) -> Iterator[Difference]:
    """Hold a card's hashes against its own content, the model and the records.

    Parameters
    ----------
    card : ModelCard
    records : Records
    model : StepUpModel

    Yields
    ------
    Difference
    """
    measured_on = card.hashes.measured_on or card.hashes.records
    checks: tuple[tuple[What, str, str, str], ...] = (
        ("card", "envelope.content_hash", card.envelope.content_hash, card.content_hash),
        ("model", "hashes.model", card.hashes.model, model.content_hash),
        ("model", "hashes.records", card.hashes.records, model.training.fingerprint),
        ("data", "hashes.measured_on", measured_on, records.fingerprint),
    )
    for changed, where, stated, found in checks:
        if stated != found:
            yield Difference(changed=changed, where=where, stated=stated, found=found)


def compared(card: ModelCard, again: ModelCard) -> tuple[Difference, ...]:
    """Compare a card's content with what was measured again.

    Parameters
    ----------
    card, again : ModelCard

    Returns
    -------
    tuple of Difference
        The hashes of report and audit are left out where every figure is the same: they
        may differ from one processor to another.
    """
    found = differences(card.content, again.content)
    outputs = tuple(f"hashes.{name}" for name in _HASHED_OUTPUT)
    only_outputs = all(each.where in outputs for each in found)
    same_release = card.envelope.environment == environment()
    return () if only_outputs and not same_release else found


def measure_again(
    card: ModelCard,
    records: Records,
    *,
    model: StepUpModel,
    leakage: LeakageProof | None = None,
    drift: Mapping[str, Any] | None = None,
    ledger_figures: LedgerFigures | Mapping[str, Any] | None = None,
) -> ModelCard:
    """Fill a card anew from model and records, with the settings that a card states.

    Parameters
    ----------
    card, records, model, leakage, drift, ledger_figures
        As in `verify_card`.

    Returns
    -------
    ModelCard
        What people wrote, and what was not given again, is taken from `card`.
    """
    report, audit = _study_again(card, records, model)
    given = Given(
        value=_value_again(card, report),
        drift=card.ageing.since if drift is None else drift,
        ledger_figures=card.ledger
        if ledger_figures is None
        else LedgerFigures.model_validate(plain_figures(ledger_figures)),
        leakage=leakage,
        records=records if card.hashes.measured_on else None,
        people=card.people,
    )
    again = fill_card(model, report, audit, given)
    if leakage is None:
        kept = again.leakage.model_copy(update={"prover": card.leakage.prover})
        again = again.model_copy(update={"leakage": kept})
    return again


def plain_figures(given: LedgerFigures | Mapping[str, Any]) -> dict[str, Any]:
    """Give the ledger's figures as a dictionary."""
    content = given.model_dump() if isinstance(given, LedgerFigures) else dict(given)
    return dict(plain(content))


def _study_again(
    card: ModelCard, records: Records, model: StepUpModel
) -> tuple[EvaluationReport, FairnessAudit]:
    settings = card.settings
    cases = study_cases(records, model.plan)
    frames = (cases.features, cases.labels, cases.cohort, cases.households)
    report = evaluate(
        model,
        *frames,
        truth=true_probabilities(model, records, cases, fresh=settings.fresh),
        records=records,
        capacities=settings.capacities,
        thorough=settings.thorough,
        resamples=settings.resamples,
        fresh=settings.fresh,
        progress=False,
    )
    audit = audit_model(
        model,
        *frames,
        records,
        attributes=settings.audit_attributes,
        capacity=settings.audit_capacity,
        resamples=settings.audit_resamples,
        fresh=settings.fresh,
    )
    return report, audit


def _value_again(card: ModelCard, report: EvaluationReport) -> ValueOfAttention | None:
    if card.value is None:
        return None
    return weigh_value(
        report,
        Costs(**card.value.costs),
        effect=EffectAssumption(**card.value.effect),
        capacities=card.value.capacities,
    )
