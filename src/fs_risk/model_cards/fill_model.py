"""Filling a card from the model itself: what it is, saw, uses and leans on."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from fs_risk.evaluation.report import EvaluationReport
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.proof import LeakageProof
from fs_risk.model.gains import gain_by_feature
from fs_risk.model.gates import GateResult
from fs_risk.model.step_up import MODES, StepUpModel
from fs_risk.model_cards.figures import plain, settled
from fs_risk.model_cards.parts import (
    Data,
    Driver,
    Explanation,
    Feature,
    GateShown,
    Identity,
    Leakage,
    Period,
    PlanShown,
    QualityFinding,
    SensitiveData,
    TableRead,
    VignetteShown,
)
from fs_risk.outcomes.definitions import find_outcome
from fs_risk.records.records import Records

_PERIODS = ("fit", "test")

NOT_DECLARED = "not declared in this release"
"""Said of a feature that the catalogue does not have as the model does."""


def identity_of(model: StepUpModel) -> Identity:
    """State which model it is."""
    plan = model.plan
    return Identity(
        name=model.name,
        version=model.version,
        library_version=model.facts.library_version,
        origin=model.training.origin,
        label=model.training.label,
        mode=model.mode,
        mode_means=MODES[model.mode],
        outcome=plan.outcome,
        outcome_means=f"{find_outcome(plan.outcome).meaning} within {plan.within_days} days",
        within_days=plan.within_days,
        cohort=plan.cohort,
        capacity=plan.capacity,
        list_period=plan.list_period,
        extract_lag_days=plan.extract_lag_days,
    )


def data_of(model: StepUpModel, report: EvaluationReport, records: Records | None) -> Data:
    """State what the model saw; tables and findings where the records are given."""
    training = model.training
    return Data(
        returns=training.returns,
        extract_date=training.extract_date,
        periods=tuple(_period(model, name) for name in _PERIODS),
        left_out=dict(training.not_labelled),
        tables=() if records is None else _tables(records),
        findings=() if records is None else _findings(records),
        share_by_rule=settled(report.share_by_rule),
    )


def _period(model: StepUpModel, name: str) -> Period:
    part = getattr(model.training, name)
    return Period(
        name=name,
        first_as_of=part.first_as_of,
        last_as_of=part.last_as_of,
        cases=part.n,
        with_outcome=part.positives,
        households=part.households,
    )


def _tables(records: Records) -> tuple[TableRead, ...]:
    def day(value: Any) -> str:
        return "" if pd.isna(value) else str(value.date())

    return tuple(
        TableRead(
            table=str(row["table"]),
            rows=int(row["rows"]),
            children=None if pd.isna(row["children"]) else int(row["children"]),
            observed_from=day(row["observed_from"]),
            observed_to=day(row["observed_to"]),
            recorded_clocks=settled(row["recorded_clocks"]),
            set_aside=int(row["set_aside"]),
        )
        for row in records.summary().reset_index().to_dict("records")
    )


def _findings(records: Records) -> tuple[QualityFinding, ...]:
    return tuple(
        QualityFinding(
            rule=each.rule,
            severity=each.severity,
            table=each.table,
            column=each.column,
            count=each.count,
            message=each.message,
        )
        for each in sorted(
            records.findings,
            key=lambda each: (each.severity, each.rule, each.table, each.column, each.file),
        )
    )


def weights_of(model: StepUpModel) -> list[float]:
    """Give each feature's share of what the trees gained; zeros for trees without a split."""
    gains = gain_by_feature(model.booster.text, model.feature_names)
    total = float(gains.sum())
    return [float(gain) / total if total > 0 else 0.0 for gain in gains]


def features_of(model: StepUpModel) -> tuple[Feature, ...]:
    """List the features, with what the catalogue says of those that it still has as they were."""
    declared = {spec.name: spec for spec in CATALOGUE}
    found = []
    for used, weight in zip(model.facts.features, weights_of(model), strict=True):
        stated: dict[str, Any] = {**used.model_dump(), "weight": settled(weight)}
        spec = declared.get(used.name)
        if spec is None or spec.digest != used.digest:
            stated["sensitivity"] = NOT_DECLARED
        else:
            stated |= {
                "window_days": spec.window_days,
                "half_life_days": spec.half_life_days,
                "sensitivity": spec.sensitivity,
                "necessity": spec.necessity,
                "poverty_or_service_use": spec.poverty_or_service_use,
                "waiver": spec.waiver,
                "sources": spec.sources,
            }
        found.append(Feature(**stated))
    return tuple(found)


def sensitive_of(features: Sequence[Feature]) -> tuple[SensitiveData, ...]:
    """Sum up the features that rest on data the law protects more, by kind."""
    kinds = dict.fromkeys(each.sensitivity for each in features if each.sensitivity)
    return tuple(
        SensitiveData(
            kind=kind,
            features=len(own := [each for each in features if each.sensitivity == kind]),
            weight=settled(sum(each.weight for each in own)) or 0.0,
            necessity=tuple(dict.fromkeys(each.necessity for each in own if each.necessity)),
        )
        for kind in sorted(kinds)
    )


def explanation_of(model: StepUpModel, features: Sequence[Feature]) -> Explanation:
    """Say what drives the scores, concept by concept."""
    concepts = dict.fromkeys(each.concept for each in features)
    drivers = []
    for concept in concepts:
        own = [each for each in features if each.concept == concept]
        kinds = [each.kind for each in own]
        drivers.append(
            Driver(
                concept=concept,
                weight=settled(sum(each.weight for each in own)) or 0.0,
                worries=kinds.count("worry"),
                strengths=kinds.count("strength"),
                neutral=kinds.count("neutral"),
            )
        )
    settings = model.training.settings
    return Explanation(
        drivers=tuple(sorted(drivers, key=lambda each: (-each.weight, each.concept))),
        trees=model.training.rounds,
        model_type=(
            f"gradient-boosted decision trees: {model.training.rounds} trees of at most "
            f"{settings.num_leaves} leaves and depth {settings.max_depth}, and a line from their "
            "sum to calibrated log-odds"
        ),
    )


def leakage_of(model: StepUpModel, report: EvaluationReport, proof: LeakageProof | None) -> Leakage:
    """Say what shows that nothing learnt from was known only later."""
    folds = model.training.proof
    return Leakage(
        folds=len(folds),
        shared_households=sum(fold.shared_households for fold in folds),
        days_clear=min((fold.days_clear for fold in folds), default=0),
        suspicious=tuple(each.feature for each in report.telling if each.suspicious),
        prover=None if proof is None else plain(proof.to_dict()),
    )


def plan_of(model: StepUpModel, report: EvaluationReport) -> PlanShown:
    """Show the plan, its gates, and how often it was tried."""
    return PlanShown(
        settings=plain(model.plan.model_dump(mode="json")),
        gates=tuple(_gate(result) for result in report.gate_results),
        plans_tried=model.plans_tried,
        configurations_tried=model.training.configurations_tried,
    )


def _gate(result: GateResult) -> GateShown:
    gate = result.gate
    return GateShown(
        says=gate.says,
        metric=gate.metric,
        judged_on=gate.judged_on,
        figure=settled(result.figure),
        passed=result.passed,
    )


def vignettes_of(report: EvaluationReport) -> tuple[VignetteShown, ...]:
    """Show how the model ordered the invented cases."""
    return tuple(
        VignetteShown(
            higher=each.higher,
            lower=each.lower,
            why=each.why,
            gap=settled(each.gap) or 0.0,
            holds=each.holds,
        )
        for each in report.vignettes
    )
