import pytest
from hypothesis import given
from hypothesis import strategies as st

from fs_risk.errors import OutcomeError, PlanError
from fs_risk.model.gates import DEFAULT_GATES, Gate, judge
from fs_risk.model.plan import DECLARATIONS, Plan
from fs_risk.model.tuning import SearchSpace, Tuning


def declared(**changes):
    return Plan(outcome="cp_plan", **{**dict.fromkeys(DECLARATIONS, "given"), **changes})


def test_same_plan_has_the_same_hash_and_any_change_another():
    """M4: gates are part of what is hashed before fitting."""
    plan = Plan(outcome="cp_plan")
    changed = [
        Plan(outcome="care"),
        Plan(outcome="cp_plan", seed=1),
        Plan(outcome="cp_plan", capacity=10),
        Plan(outcome="cp_plan", gates=[Gate(metric="roc_auc", at_least=0.6)]),
        Plan(outcome="cp_plan", tuning=20),
        Plan(outcome="cp_plan", further_candidates=["explainable_boosting"]),
        Plan(outcome="cp_plan", purpose="second read"),
        Plan(outcome="cp_plan", booster={"num_leaves": 9}),
    ]

    assert Plan(outcome="cp_plan").hash == plan.hash
    assert len({plan.hash, *(other.hash for other in changed)}) == 1 + len(changed)


def test_plan_survives_json():
    plan = declared(capacity=0.15)

    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert Plan.model_validate_json(plan.model_dump_json()).hash == plan.hash


def test_plan_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Plan(outcome="cp_plan").outcome = "care"


def test_real_records_need_every_declaration():
    plan = declared(owner=" ", dpia=None)
    with pytest.raises(PlanError, match="2 of 5 declarations are missing") as caught:
        plan.check_declared("real")

    assert "dpia (reference of the data protection impact assessment)" in caught.value.fix


def test_synthetic_records_need_none_and_a_full_plan_passes():
    Plan(outcome="cp_plan").check_declared("synthetic")
    declared().check_declared("real")


def test_misspelt_setting_names_the_nearest():
    with pytest.raises(PlanError, match=r"cannot be used.*Did you mean 'within_days'"):
        Plan(outcome="cp_plan", within_day=365)


def test_unknown_outcome_names_the_nearest():
    with pytest.raises(OutcomeError, match="Did you mean 'cp_plan'"):
        Plan(outcome="cp_plan_")


@pytest.mark.parametrize("capacity", [0.0, 1.0, 1.5, True, "9", -0.1])
def test_capacity_is_a_whole_number_or_a_share(capacity):
    with pytest.raises(PlanError, match="neither a whole number of children nor a share"):
        Plan(outcome="cp_plan", capacity=capacity)


def test_capacity_of_nobody_is_refused():
    with pytest.raises(PlanError, match="greater than 0"):
        Plan(outcome="cp_plan", capacity=0)


def test_whole_capacity_stays_whole_and_a_share_a_share():
    assert repr(Plan(outcome="care", capacity=9).capacity) == "9"
    assert Plan(outcome="care", capacity=0.15).capacity == 0.15


class TestGates:
    def test_gate_is_judged_on_the_end_of_the_interval_it_names(self):
        gate = Gate(metric="gain_average_precision", more_than=0, judged_on="low")
        figures = {
            ("gain_average_precision", "value"): 0.1,
            ("gain_average_precision", "low"): 0.0,
        }

        assert [result.passed for result in judge([gate], figures)] == [False]

    @pytest.mark.parametrize("figure", [None, float("nan")])
    def test_figure_that_could_not_be_had_fails(self, figure):
        assert not Gate(metric="roc_auc", at_least=0.5).passes(figure)

    def test_gate_without_a_bar_is_refused(self):
        with pytest.raises(PlanError, match="sets no bar"):
            Gate(metric="roc_auc")

    def test_gate_on_an_unknown_measure_names_the_nearest(self):
        with pytest.raises(PlanError, match="Did you mean 'roc_auc'"):
            Gate(metric="roc_au", at_least=0.5)

    def test_gate_can_be_tightened(self):
        plan = Plan(outcome="cp_plan")
        harder = plan.tightened(
            Gate(metric="calibration_slope", at_least=0.9, at_most=1.1),
            Gate(metric="roc_auc", at_least=0.6),
        )

        assert len(harder.gates) == len(DEFAULT_GATES) + 1
        assert harder.hash != plan.hash

    def test_changed_plan_does_not_keep_the_hash_of_the_one_it_came_from(self):
        """M4."""
        plan = Plan(outcome="cp_plan")
        first = plan.hash
        gate = Gate(metric="roc_auc", at_least=0.6)

        assert plan.tightened(gate).hash == Plan(outcome="cp_plan", gates=[gate]).hash != first
        assert plan.tuned(5).hash == Plan(outcome="cp_plan", tuning=5).hash != first

    def test_default_gates_cannot_be_left_out(self):
        """M4: a plan that names other gates, or none, still has those of the house."""
        gate = Gate(metric="recall_at_capacity", at_least=0.2, judged_on="low")

        assert Plan(outcome="cp_plan", gates=[]).gates == DEFAULT_GATES
        assert Plan(outcome="cp_plan", gates=[gate]).gates == (*DEFAULT_GATES, gate)

    def test_two_gates_on_one_figure_are_refused(self):
        gates = [Gate(metric="roc_auc", at_least=0.6), Gate(metric="roc_auc", at_least=0.1)]
        with pytest.raises(PlanError, match="Two gates are set on one measure"):
            Plan(outcome="cp_plan", gates=gates)

    @pytest.mark.parametrize(
        "metric", ["observed_over_expected_listed", "list_overlap", "worst_group_recall"]
    )
    def test_list_stability_and_worst_group_can_be_gated(self, metric):
        plan = Plan(outcome="cp_plan", gates=[Gate(metric=metric, at_least=0.95, at_most=1.05)])
        results = judge(plan.gates, {(metric, "value"): 1.0})

        assert [result.passed for result in results if result.gate.metric == metric] == [True]

    @pytest.mark.parametrize(
        "easier",
        [
            Gate(metric="calibration_slope", at_least=0.7, at_most=1.2),
            Gate(metric="calibration_slope", at_least=0.8, at_most=1.3),
            Gate(metric="calibration_slope", at_least=0.8),
            Gate(metric="gain_average_precision", at_least=0.0, judged_on="low"),
        ],
    )
    def test_gate_cannot_be_made_easier(self, easier):
        with pytest.raises(PlanError, match="asks less than"):
            Plan(outcome="cp_plan").tightened(easier)
        with pytest.raises(PlanError, match="asks less than"):
            Plan(outcome="cp_plan", gates=[easier])

    @given(st.floats(0, 1), st.floats(0, 1), st.floats(-0.5, 1.5), st.booleans(), st.booleans())
    def test_what_passes_a_no_looser_gate_passes_the_earlier_one(
        self, bar, other, figure, strict, other_strict
    ):
        def gate(at, more_than):
            return Gate(metric="roc_auc", **{"more_than" if more_than else "at_least": at})

        earlier, later = gate(bar, strict), gate(other, other_strict)
        if later.no_looser_than(earlier) and later.passes(figure):
            assert earlier.passes(figure)


class TestTuning:
    def test_number_is_one_of_trials(self):
        assert Plan(outcome="cp_plan", tuning=7).tuning == Tuning(trials=7)
        assert Plan(outcome="cp_plan").tuned(7) == Plan(outcome="cp_plan", tuning=7)

    def test_no_budget_leaves_the_plan_as_it_is(self):
        plan = Plan(outcome="cp_plan", tuning=7)

        assert plan.tuned(None) is plan
        assert plan.tuned(7) == plan

    def test_other_budget_than_the_plans_is_refused(self):
        with pytest.raises(PlanError, match="already says otherwise"):
            Plan(outcome="cp_plan", tuning=7).tuned(8)

    def test_search_without_an_end_is_refused(self):
        with pytest.raises(PlanError, match="would never end"):
            Tuning()

    def test_range_that_is_turned_round_is_refused(self):
        with pytest.raises(PlanError, match="1 range ends below"):
            SearchSpace(l2=(10.0, 1.0))

    def test_budget_survives_json(self):
        plan = Plan(outcome="cp_plan", tuning=Tuning(trials=3, seconds=60))

        assert Plan.model_validate_json(plan.model_dump_json()) == plan


class TestFamilyDeclared:
    def test_plan_without_it_has_the_content_and_hash_it_always_had(self):
        plan = Plan(outcome="cp_plan", capacity=9)
        assert "family_declared" not in plan.model_dump(mode="json")
        assert Plan(outcome="cp_plan", capacity=9, family_declared=False).hash == plan.hash

    def test_plan_with_it_is_another(self):
        plan = Plan(outcome="cp_plan", capacity=9, family_declared=True)
        assert plan.hash != Plan(outcome="cp_plan", capacity=9).hash
        assert Plan(**plan.model_dump(mode="json")) == plan

    def test_other_changes_keep_it(self):
        assert Plan(outcome="cp_plan", family_declared=True).tuned(3).family_declared

    def test_only_a_referral_names_a_family(self):
        with pytest.raises(PlanError, match="declared with a referral") as raised:
            Plan(outcome="cp_plan", cohort="open_case", family_declared=True)
        assert 'cohort="referral"' in str(raised.value)
