"""`build_card`: fills all of a card that can be worked out, and leaves the rest to people."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from pydantic import ValidationError

from fs_risk.errors import AuditError, SettingError
from fs_risk.evaluation.capacities import capacities_to_show
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.evaluation.value_of_attention import ValueOfAttention
from fs_risk.features.proof import LeakageProof
from fs_risk.model.plan import DECLARATIONS
from fs_risk.model.step_up import StepUpModel
from fs_risk.model_cards.answers import CardAnswers
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.envelope import Envelope
from fs_risk.model_cards.evidence import LedgerFigures
from fs_risk.model_cards.figures import run_key, settled_hash
from fs_risk.model_cards.fill_audit import characteristics_of, fairness_of
from fs_risk.model_cards.fill_evidence import ageing_of, certainty_of, performance_of, value_of
from fs_risk.model_cards.fill_model import (
    data_of,
    explanation_of,
    features_of,
    identity_of,
    leakage_of,
    plan_of,
    sensitive_of,
    vignettes_of,
)
from fs_risk.model_cards.parts import Hashes, Law, Settings
from fs_risk.records.arguments import AUDIT, MODEL, REPORT, takes
from fs_risk.records.records import Records

_DEPENDS_ON = ("fs-risk", "lightgbm", "numpy", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Runs:
    """The names by which figures say what measured them."""

    training: str
    evaluation: str
    audit: str


@dataclass(frozen=True)
class Given:
    """What a card is filled from beside model, report and audit."""

    value: ValueOfAttention | None = None
    drift: Mapping[str, Any] | None = None
    ledger_figures: LedgerFigures | None = None
    leakage: LeakageProof | None = None
    records: Records | None = None
    people: CardAnswers = field(default_factory=CardAnswers)


@takes(model=MODEL, report=REPORT, audit=AUDIT)
def build_card(
    model: StepUpModel,
    report: EvaluationReport,
    audit: FairnessAudit,
    *,
    value: ValueOfAttention | None = None,
    drift: Mapping[str, Any] | None = None,
    ledger_figures: LedgerFigures | Mapping[str, Any] | None = None,
    leakage: LeakageProof | None = None,
    records: Records | None = None,
    people: CardAnswers | None = None,
    runs: Mapping[str, str] | None = None,
) -> ModelCard:
    """Fill a model's card.

    Parameters
    ----------
    model : StepUpModel
    report : EvaluationReport
        Of this very model, as `evaluate_step_up` gives it.
    audit : FairnessAudit
        Of the same cases, as `audit_step_up` gives it.
    value : ValueOfAttention, optional
        As `weigh_value` gives it with an effect: a card states what it assumes.
    drift : mapping, optional
        What a later check of drift found, as plain data that may be published: both views
        show it as it is.
    ledger_figures : LedgerFigures or mapping, optional
        How people used the scores, as counts.
    leakage : LeakageProof, optional
        As `prove_no_leakage` gives it.
    records : Records, optional
        Those that were measured on: for the quality of the data.
    people : CardAnswers, optional
        What only people can write; what is left out is an open question.
    runs : mapping of str to str, optional
        The tracking run's id of ``training``, ``evaluation`` and ``audit``; kept in the
        envelope.

    Returns
    -------
    ModelCard

    Raises
    ------
    AuditError
        If report or audit are of another model or of other cases, or the value states no
        effect.

    Examples
    --------
    >>> card = build_card(model, report, audit)  # doctest: +SKIP
    >>> card.to_html("card.html")  # doctest: +SKIP
    """
    _check_same(model, report, audit)
    given = Given(
        value=value,
        drift=drift,
        ledger_figures=_as_figures(ledger_figures),
        leakage=leakage,
        records=records,
        people=_with_plan(people or CardAnswers(), model),
    )
    card = fill_card(model, report, audit, given)
    named = name_runs(card.hashes, card.settings)
    envelope = Envelope(
        content_hash=card.content_hash,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        runs={
            getattr(named, kind): (runs or {}).get(kind, "")
            for kind in ("training", "evaluation", "audit")
        },
        environment=environment(),
    )
    return card.model_copy(update={"envelope": envelope})


def fill_card(
    model: StepUpModel, report: EvaluationReport, audit: FairnessAudit, given: Given
) -> ModelCard:
    """Fill the content of a card; its envelope stays empty.

    Parameters
    ----------
    model : StepUpModel
    report : EvaluationReport
    audit : FairnessAudit
    given : Given

    Returns
    -------
    ModelCard
    """
    features = features_of(model)
    hashes = Hashes(
        model=model.content_hash,
        plan=model.facts.plan_hash,
        records=model.training.fingerprint,
        measured_on="" if given.records is None else given.records.fingerprint,
        report=settled_hash(report.model_dump(mode="python")),
        audit=audit_hash(audit),
    )
    settings = _settings(report, audit)
    runs = name_runs(hashes, settings)
    return ModelCard(
        identity=identity_of(model),
        hashes=hashes,
        settings=settings,
        data=data_of(model, report, given.records),
        features=features,
        leakage=leakage_of(model, report, given.leakage),
        plan=plan_of(model, report),
        performance=performance_of(model, report, runs.evaluation, runs.training),
        certainty=certainty_of(model, report, runs.evaluation),
        fairness=fairness_of(audit, runs.audit),
        explanation=explanation_of(model, features),
        vignettes=vignettes_of(report),
        value=value_of(given.value, runs.evaluation),
        ageing=ageing_of(model, report, given.drift),
        law=Law(
            sensitive=sensitive_of(features),
            characteristics=characteristics_of(audit, features, runs.audit),
        ),
        ledger=given.ledger_figures,
        people=given.people,
    )


def environment() -> dict[str, str]:
    """Give the versions of the library and of those that figures depend on.

    Returns
    -------
    dict of str to str
    """
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in _DEPENDS_ON},
    }


def name_runs(hashes: Hashes, settings: Settings) -> Runs:
    """Name the runs of a card by what they were made from.

    Parameters
    ----------
    hashes : Hashes
    settings : Settings
    """
    stated = settings.model_dump(mode="python")
    audited = {name: value for name, value in stated.items() if name.startswith("audit_")}
    measured = {name: value for name, value in stated.items() if name not in audited}
    return Runs(
        training=run_key("training", hashes.plan, hashes.records),
        evaluation=run_key("evaluation", hashes.model, hashes.measured_on, measured),
        audit=run_key("audit", hashes.model, hashes.measured_on, audited),
    )


def audit_hash(audit: FairnessAudit) -> str:
    """Give the SHA-256 of all that an audit found, to nine significant digits.

    Parameters
    ----------
    audit : FairnessAudit

    Returns
    -------
    str
    """
    table = audit.full_table.astype("object")
    rows = table.where(table.notna(), None).to_numpy().tolist()
    return settled_hash({"columns": [str(name) for name in table.columns], "rows": rows})


def _settings(report: EvaluationReport, audit: FairnessAudit) -> Settings:
    own = set(capacities_to_show(report.plan.capacity))
    groups = audit.audited.groups
    return Settings(
        fresh=report.fresh,
        thorough=bool(report.learning or report.without),
        resamples=report.resamples,
        capacities=tuple(at.capacity for at in report.capacities if at.capacity not in own),
        audit_attributes=tuple(groups.slots[: groups.n_attributes]),
        audit_capacity=audit.audited.capacity,
        audit_resamples=audit.settings.resamples,
    )


def _check_same(model: StepUpModel, report: EvaluationReport, audit: FairnessAudit) -> None:
    of_model = (model.name, model.version, model.plan.hash)
    if (report.model_name, report.model_version, report.plan_hash) != of_model:
        raise AuditError(
            "The report is about another model.",
            where=f"report {report.model_name}, model {model.name}",
            fix="Evaluate this model first.",
        )
    labelled = audit.audited.label[audit.audited.labelled]
    if len(labelled) != report.n or int(labelled.sum()) != report.positives:
        raise AuditError(
            "Report and audit are of different cases.",
            where=f"report n {report.n:,}, audit n {len(labelled):,}",
            fix="Evaluate and audit the model on the same records, fresh= alike.",
        )


def _as_figures(given: LedgerFigures | Mapping[str, Any] | None) -> LedgerFigures | None:
    if given is None or isinstance(given, LedgerFigures):
        return given
    try:
        return LedgerFigures.model_validate(dict(given))
    except ValidationError as error:
        raise SettingError(
            f"{error.error_count()} of the ledger's figures cannot be used.",
            where=", ".join(sorted({str(fault["loc"][0]) for fault in error.errors()})),
            fix="Give whole numbers of 0 or more, and first_day and last_day.",
        ) from None


def _with_plan(people: CardAnswers, model: StepUpModel) -> CardAnswers:
    """Take from the plan what it declares and nobody has written anew."""
    declared = {
        name: stated
        for name in DECLARATIONS
        if getattr(people, name) is None and (stated := getattr(model.plan, name))
    }
    return CardAnswers.model_validate({**people.model_dump(), **declared})
