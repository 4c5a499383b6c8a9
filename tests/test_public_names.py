"""The public surface, pinned: a change here is a change for users."""

import inspect
import subprocess
import sys

import pytest

import fs_risk as fs

PUBLIC = [
    "FeatureSpec", "ForwardHouseholdSplit", "FsRiskError", "Gate", "History", "Plan", "Records",
    "Referral", "RiskScore", "StepUpClassifier", "StepUpModel", "Tuning", "__version__",
    "add_deprivation", "build_features",
    "closure_cohort", "combine", "contact_cohort", "evaluate_step_up", "feature_catalogue",
    "features_evidence", "features_for_outcome", "infer_households",
    "label_outcome", "load_model", "make_authority", "open_case_cohort", "prioritise",
    "prove_no_leakage", "read_annex_a", "read_cin_census",
    "read_dfe_api", "read_family_safeguarding", "read_ssd", "read_ssda903",
    "referral_cohort", "score_referral",
    "track_run", "train_step_up",
    "CardAnswers", "ModelCard", "build_card",
    "ApprovalPolicy", "ApprovalState", "approval_state", "approve", "suspend",
    "CostItem", "Costs", "EffectAssumption", "PriceIndex", "UnitCost", "monthly_review_cohort",
    "ablate_catalogue", "audit_single_features", "build_features_in_parts", "split_by_household",
    "outcome_ends", "outcome_indicators", "published_cost", "trial_measure", "weigh_value",
    "VignetteBook", "abstention_rates", "check_intervals", "read_vignettes",
    "tried_on_vignettes", "vignette_scores",
    "FairnessAudit", "audit_fairness", "audit_step_up", "fairness_groups",
    "FairnessOptions", "audit_decisions", "audit_over_time", "compare_options", "explain_gaps",
    "Explanation", "explain",
    "RankedList", "SupervisionItem", "SupervisionList", "SupervisionSetting", "supervision_list",
    "Ledger", "new_ledger_key", "seal_score",
    "audit_abstentions", "front_door_codes", "reason_stability",
    "DemandForecaster", "backtest_demand", "forecast_demand", "read_dfe_annual",
    "read_dfe_referrals_by_month",
    "Break", "Scenario", "StaffingPlan", "backtest_caseload", "demand_series",
    "expected_step_ups", "forecast_caseload",
    "DriftCheck", "DriftLimits", "check_drift",
    "DemandAnswers", "DemandCard", "build_demand_card", "mirror_decisions", "register_of",
    "write_site",
]  # fmt: skip


def test_public_names_are_these():
    assert sorted(fs.__all__) == sorted(PUBLIC)


@pytest.mark.parametrize("name", [name for name in PUBLIC if name != "__version__"])
def test_public_name_loads_and_is_documented(name):
    value = getattr(fs, name)

    assert inspect.getdoc(value)
    assert value.__module__.startswith("fs_risk.")


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'score_referal'"):
        fs.score_referal  # noqa: B018 - the access is the test


def test_importing_loads_no_heavy_library():
    code = (
        "import sys, fs_risk; heavy = {'pandas', 'numpy', 'lightgbm', 'sklearn', 'mlflow', "
        "'matplotlib', 'numba', 'typer', 'fairlearn'} & set(sys.modules); print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
