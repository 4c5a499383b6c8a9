"""Predictive risk profiles for English children's services, from what was known on the day.

Every number answers a question about what was known on a date. Start with
`make_authority` (an invented authority) or `read_ssd`, `read_cin_census`; then
`train_step_up`, `evaluate_step_up` and `score_referral`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_WHERE = {
    "ApprovalPolicy": "fs_risk.model.approval_policy",
    "ApprovalState": "fs_risk.model.approval_state",
    "Break": "fs_risk.records.breaks",
    "CardAnswers": "fs_risk.model_cards.answers",
    "CostItem": "fs_risk.evaluation.value_costs",
    "Costs": "fs_risk.evaluation.value_costs",
    "DemandAnswers": "fs_risk.model_cards.demand_card",
    "DemandCard": "fs_risk.model_cards.demand_card",
    "DemandForecaster": "fs_risk.demand.forecaster",
    "DriftCheck": "fs_risk.triage.watch_result",
    "DriftLimits": "fs_risk.triage.watch_limits",
    "EffectAssumption": "fs_risk.evaluation.value_costs",
    "Explanation": "fs_risk.model.explanation",
    "FairnessAudit": "fs_risk.evaluation.fairness_audit",
    "FairnessOptions": "fs_risk.evaluation.disparity_options",
    "FeatureSpec": "fs_risk.features.spec",
    "ForwardHouseholdSplit": "fs_risk.model.splits",
    "FsRiskError": "fs_risk.errors",
    "Gate": "fs_risk.model.gates",
    "History": "fs_risk.features.timeline",
    "Ledger": "fs_risk.triage.ledger",
    "ModelCard": "fs_risk.model_cards.card",
    "Plan": "fs_risk.model.plan",
    "PriceIndex": "fs_risk.evaluation.value_costs",
    "Records": "fs_risk.records.records",
    "Referral": "fs_risk.triage.referral",
    "RankedList": "fs_risk.triage.prioritise_list",
    "RiskScore": "fs_risk.triage.risk_score",
    "Scenario": "fs_risk.demand.scenarios",
    "StaffingPlan": "fs_risk.demand.staffing",
    "StepUpClassifier": "fs_risk.model.estimator",
    "StepUpModel": "fs_risk.model.step_up",
    "SupervisionItem": "fs_risk.triage.supervision_item",
    "SupervisionList": "fs_risk.triage.supervision_list",
    "SupervisionSetting": "fs_risk.triage.supervision_setting",
    "Tuning": "fs_risk.model.tuning",
    "UnitCost": "fs_risk.evaluation.value_costs",
    "VignetteBook": "fs_risk.model.vignettes",
    "ablate_catalogue": "fs_risk.evaluation.ablation_study",
    "abstention_rates": "fs_risk.model.certainty",
    "add_deprivation": "fs_risk.readers.deprivation",
    "audit_abstentions": "fs_risk.evaluation.abstention",
    "audit_decisions": "fs_risk.api",
    "approval_state": "fs_risk.model_cards.approve",
    "approve": "fs_risk.model_cards.approve",
    "audit_fairness": "fs_risk.evaluation.fairness",
    "audit_over_time": "fs_risk.evaluation.disparity_over_time",
    "audit_single_features": "fs_risk.evaluation.leakage",
    "backtest_caseload": "fs_risk.demand.caseload_backtest",
    "backtest_demand": "fs_risk.demand.backtest",
    "audit_step_up": "fs_risk.api",
    "build_card": "fs_risk.model_cards.build",
    "build_demand_card": "fs_risk.model_cards.demand_build",
    "build_features": "fs_risk.features.build",
    "build_features_in_parts": "fs_risk.features.scale_out",
    "check_drift": "fs_risk.triage.watch",
    "check_intervals": "fs_risk.model.interval_checks",
    "closure_cohort": "fs_risk.outcomes.cohorts",
    "combine": "fs_risk.readers.combine",
    "compare_options": "fs_risk.evaluation.disparity_options",
    "contact_cohort": "fs_risk.outcomes.cohorts",
    "demand_series": "fs_risk.demand.series",
    "evaluate_step_up": "fs_risk.api",
    "expected_step_ups": "fs_risk.demand.expected",
    "explain": "fs_risk.model.explain",
    "explain_gaps": "fs_risk.evaluation.disparity_why",
    "fairness_groups": "fs_risk.evaluation.fairness_groups",
    "feature_catalogue": "fs_risk.features.catalogue",
    "features_evidence": "fs_risk.features.evidence",
    "features_for_outcome": "fs_risk.features.catalogue",
    "forecast_caseload": "fs_risk.demand.caseload",
    "forecast_demand": "fs_risk.demand.forecast",
    "front_door_codes": "fs_risk.triage.front_door_codes",
    "infer_households": "fs_risk.readers.inferred_households",
    "label_outcome": "fs_risk.outcomes.labels",
    "load_model": "fs_risk.model.store",
    "make_authority": "fs_risk.synthetic.authority",
    "mirror_decisions": "fs_risk.model_cards.mirror",
    "monthly_review_cohort": "fs_risk.outcomes.reviews",
    "new_ledger_key": "fs_risk.triage.ledger_keys",
    "open_case_cohort": "fs_risk.outcomes.cohorts",
    "outcome_ends": "fs_risk.outcomes.ends_table",
    "outcome_indicators": "fs_risk.evaluation.indicators",
    "prioritise": "fs_risk.triage.prioritise",
    "prove_no_leakage": "fs_risk.features.leakage",
    "published_cost": "fs_risk.evaluation.value_costs",
    "read_annex_a": "fs_risk.readers.annex_a",
    "read_cin_census": "fs_risk.readers.cin_census",
    "read_dfe_annual": "fs_risk.readers.dfe_statistics",
    "read_dfe_api": "fs_risk.readers.dfe_api",
    "read_dfe_referrals_by_month": "fs_risk.readers.dfe_statistics",
    "read_family_safeguarding": "fs_risk.readers.family_safeguarding",
    "read_ssd": "fs_risk.readers.ssd",
    "read_ssda903": "fs_risk.readers.ssda903",
    "read_vignettes": "fs_risk.model.vignettes",
    "reason_stability": "fs_risk.evaluation.reason_stability",
    "referral_cohort": "fs_risk.outcomes.cohorts",
    "register_of": "fs_risk.model_cards.register",
    "score_referral": "fs_risk.triage.score",
    "seal_score": "fs_risk.triage.sealed",
    "split_by_household": "fs_risk.features.scale_out",
    "supervision_list": "fs_risk.triage.supervision",
    "suspend": "fs_risk.model_cards.approve",
    "track_run": "fs_risk.training.tracking",
    "train_step_up": "fs_risk.api",
    "trial_measure": "fs_risk.outcomes.presets",
    "tried_on_vignettes": "fs_risk.model.vignette_cases",
    "vignette_scores": "fs_risk.model.vignette_cases",
    "weigh_value": "fs_risk.evaluation.value",
    "write_site": "fs_risk.model_cards.site",
}
__all__ = ["__version__", *_WHERE]

if TYPE_CHECKING:
    from fs_risk.api import audit_decisions as audit_decisions
    from fs_risk.api import audit_step_up as audit_step_up
    from fs_risk.api import evaluate_step_up as evaluate_step_up
    from fs_risk.api import train_step_up as train_step_up
    from fs_risk.demand.backtest import backtest_demand as backtest_demand
    from fs_risk.demand.caseload import forecast_caseload as forecast_caseload
    from fs_risk.demand.caseload_backtest import backtest_caseload as backtest_caseload
    from fs_risk.demand.expected import expected_step_ups as expected_step_ups
    from fs_risk.demand.forecast import forecast_demand as forecast_demand
    from fs_risk.demand.forecaster import DemandForecaster as DemandForecaster
    from fs_risk.demand.scenarios import Scenario as Scenario
    from fs_risk.demand.series import demand_series as demand_series
    from fs_risk.demand.staffing import StaffingPlan as StaffingPlan
    from fs_risk.errors import FsRiskError as FsRiskError
    from fs_risk.evaluation.ablation_study import ablate_catalogue as ablate_catalogue
    from fs_risk.evaluation.abstention import audit_abstentions as audit_abstentions
    from fs_risk.evaluation.disparity_options import FairnessOptions as FairnessOptions
    from fs_risk.evaluation.disparity_options import compare_options as compare_options
    from fs_risk.evaluation.disparity_over_time import audit_over_time as audit_over_time
    from fs_risk.evaluation.disparity_why import explain_gaps as explain_gaps
    from fs_risk.evaluation.fairness import audit_fairness as audit_fairness
    from fs_risk.evaluation.fairness_audit import FairnessAudit as FairnessAudit
    from fs_risk.evaluation.fairness_groups import fairness_groups as fairness_groups
    from fs_risk.evaluation.indicators import outcome_indicators as outcome_indicators
    from fs_risk.evaluation.leakage import audit_single_features as audit_single_features
    from fs_risk.evaluation.reason_stability import reason_stability as reason_stability
    from fs_risk.evaluation.value import weigh_value as weigh_value
    from fs_risk.evaluation.value_costs import CostItem as CostItem
    from fs_risk.evaluation.value_costs import Costs as Costs
    from fs_risk.evaluation.value_costs import EffectAssumption as EffectAssumption
    from fs_risk.evaluation.value_costs import PriceIndex as PriceIndex
    from fs_risk.evaluation.value_costs import UnitCost as UnitCost
    from fs_risk.evaluation.value_costs import published_cost as published_cost
    from fs_risk.features.build import build_features as build_features
    from fs_risk.features.catalogue import feature_catalogue as feature_catalogue
    from fs_risk.features.catalogue import features_for_outcome as features_for_outcome
    from fs_risk.features.evidence import features_evidence as features_evidence
    from fs_risk.features.leakage import prove_no_leakage as prove_no_leakage
    from fs_risk.features.scale_out import build_features_in_parts as build_features_in_parts
    from fs_risk.features.scale_out import split_by_household as split_by_household
    from fs_risk.features.spec import FeatureSpec as FeatureSpec
    from fs_risk.features.timeline import History as History
    from fs_risk.model.approval_policy import ApprovalPolicy as ApprovalPolicy
    from fs_risk.model.approval_state import ApprovalState as ApprovalState
    from fs_risk.model.certainty import abstention_rates as abstention_rates
    from fs_risk.model.estimator import StepUpClassifier as StepUpClassifier
    from fs_risk.model.explain import explain as explain
    from fs_risk.model.explanation import Explanation as Explanation
    from fs_risk.model.gates import Gate as Gate
    from fs_risk.model.interval_checks import check_intervals as check_intervals
    from fs_risk.model.plan import Plan as Plan
    from fs_risk.model.splits import ForwardHouseholdSplit as ForwardHouseholdSplit
    from fs_risk.model.step_up import StepUpModel as StepUpModel
    from fs_risk.model.store import load_model as load_model
    from fs_risk.model.tuning import Tuning as Tuning
    from fs_risk.model.vignette_cases import tried_on_vignettes as tried_on_vignettes
    from fs_risk.model.vignette_cases import vignette_scores as vignette_scores
    from fs_risk.model.vignettes import VignetteBook as VignetteBook
    from fs_risk.model.vignettes import read_vignettes as read_vignettes
    from fs_risk.model_cards.answers import CardAnswers as CardAnswers
    from fs_risk.model_cards.approve import approval_state as approval_state
    from fs_risk.model_cards.approve import approve as approve
    from fs_risk.model_cards.approve import suspend as suspend
    from fs_risk.model_cards.build import build_card as build_card
    from fs_risk.model_cards.card import ModelCard as ModelCard
    from fs_risk.model_cards.demand_build import build_demand_card as build_demand_card
    from fs_risk.model_cards.demand_card import DemandAnswers as DemandAnswers
    from fs_risk.model_cards.demand_card import DemandCard as DemandCard
    from fs_risk.model_cards.mirror import mirror_decisions as mirror_decisions
    from fs_risk.model_cards.register import register_of as register_of
    from fs_risk.model_cards.site import write_site as write_site
    from fs_risk.outcomes.cohorts import closure_cohort as closure_cohort
    from fs_risk.outcomes.cohorts import contact_cohort as contact_cohort
    from fs_risk.outcomes.cohorts import open_case_cohort as open_case_cohort
    from fs_risk.outcomes.cohorts import referral_cohort as referral_cohort
    from fs_risk.outcomes.ends_table import outcome_ends as outcome_ends
    from fs_risk.outcomes.labels import label_outcome as label_outcome
    from fs_risk.outcomes.presets import trial_measure as trial_measure
    from fs_risk.outcomes.reviews import monthly_review_cohort as monthly_review_cohort
    from fs_risk.readers.annex_a import read_annex_a as read_annex_a
    from fs_risk.readers.cin_census import read_cin_census as read_cin_census
    from fs_risk.readers.combine import combine as combine
    from fs_risk.readers.deprivation import add_deprivation as add_deprivation
    from fs_risk.readers.dfe_api import read_dfe_api as read_dfe_api
    from fs_risk.readers.dfe_statistics import read_dfe_annual as read_dfe_annual
    from fs_risk.readers.dfe_statistics import (
        read_dfe_referrals_by_month as read_dfe_referrals_by_month,
    )
    from fs_risk.readers.family_safeguarding import (
        read_family_safeguarding as read_family_safeguarding,
    )
    from fs_risk.readers.inferred_households import infer_households as infer_households
    from fs_risk.readers.ssd import read_ssd as read_ssd
    from fs_risk.readers.ssda903 import read_ssda903 as read_ssda903
    from fs_risk.records.breaks import Break as Break
    from fs_risk.records.records import Records as Records
    from fs_risk.synthetic.authority import make_authority as make_authority
    from fs_risk.training.tracking import track_run as track_run
    from fs_risk.triage.front_door_codes import front_door_codes as front_door_codes
    from fs_risk.triage.ledger import Ledger as Ledger
    from fs_risk.triage.ledger_keys import new_ledger_key as new_ledger_key
    from fs_risk.triage.prioritise import prioritise as prioritise
    from fs_risk.triage.prioritise_list import RankedList as RankedList
    from fs_risk.triage.referral import Referral as Referral
    from fs_risk.triage.risk_score import RiskScore as RiskScore
    from fs_risk.triage.score import score_referral as score_referral
    from fs_risk.triage.sealed import seal_score as seal_score
    from fs_risk.triage.supervision import supervision_list as supervision_list
    from fs_risk.triage.supervision_item import SupervisionItem as SupervisionItem
    from fs_risk.triage.supervision_list import SupervisionList as SupervisionList
    from fs_risk.triage.supervision_setting import SupervisionSetting as SupervisionSetting
    from fs_risk.triage.watch import check_drift as check_drift
    from fs_risk.triage.watch_limits import DriftLimits as DriftLimits
    from fs_risk.triage.watch_result import DriftCheck as DriftCheck


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that importing the library stays cheap."""
    if name not in _WHERE:
        from fs_risk.errors import nearest

        hint = nearest(name, __all__)
        raise AttributeError(f"module 'fs_risk' has no attribute {name!r}.{hint}".rstrip("."))
    value = getattr(import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
