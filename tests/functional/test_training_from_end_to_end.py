"""`train_step_up` as a user calls it: vignettes of one's own, and a cluster of workers."""

import warnings

import pytest

import fs_risk as fs
from fs_risk.errors import PlanError, SettingError
from fs_risk.model.plan import BoosterSettings

BOOK = """
[[vignette]]
name = "quiet"
says = "A child of six about whom nothing is recorded."
age_years = 6.0

[[vignette]]
name = "on two plans"
says = "A child of six who was on a protection plan twice in the last three years."
age_years = 6.0
referred_by = "police"
protection_plans = [
    { days_ago = 900, ended_days_ago = 600, because = "neglect" },
    { days_ago = 400, ended_days_ago = 100, because = "neglect" },
]

[[order]]
higher = "quiet"
lower = "on two plans"
why = "Turned round, to see that the gate closes."
"""
SMALL = BoosterSettings(max_rounds=40)


def plan_of(**settings):
    return fs.Plan(outcome="cp_plan", within_days=365, capacity=9, booster=SMALL, **settings)


@pytest.fixture
def turned_round(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(BOOK, encoding="utf-8")
    return path


def test_vignettes_of_ones_own_are_tried_and_their_gate_is_judged(small_authority, turned_round):
    """M7: editable text, run on the model, gate-able."""
    # by other folds of so few outcomes, and with fewer trees, earlier plans are not looked at
    gates = [fs.Gate(metric="vignettes_failed", at_most=0)]
    plan = plan_of(gates=gates, seed=1).model_copy(update={"booster": BoosterSettings()})
    model = fs.train_step_up(small_authority, plan, vignettes=turned_round, progress=False)
    (tried,) = model.facts.vignettes
    (judged,) = [each for each in model.gate_results if each.gate.metric == "vignettes_failed"]

    assert (tried.higher, tried.lower) == ("quiet", "on two plans")
    assert tried.gap < 0
    assert (judged.figure, judged.passed) == (1.0, False)


def test_a_bad_file_is_told_before_anything_is_fitted(small_authority, turned_round, tmp_path):
    tried = tmp_path / "tried.jsonl"
    with pytest.raises(SettingError, match="The vignettes cannot be read"):
        fs.train_step_up(
            small_authority, plan_of(), vignettes=tmp_path / "none.toml", plans_tried=tried
        )
    turned_round.write_text(BOOK.replace('"neglect"', '"neglekt"'), encoding="utf-8")
    with pytest.raises(PlanError, match=r"'neglekt', which no code list has"):
        fs.train_step_up(small_authority, plan_of(), vignettes=turned_round, plans_tried=tried)

    assert not tried.exists()


def test_vignettes_that_would_be_tried_on_nothing_are_refused(small_authority, turned_round):
    plan = fs.Plan(outcome="re_referral", within_days=365, cohort="closure", capacity=9)
    with pytest.raises(PlanError, match="say nothing about a model of this kind"):
        fs.train_step_up(small_authority, plan, vignettes=turned_round)


@pytest.mark.slow
def test_training_on_a_cluster_is_as_good_as_on_one_machine(small_authority):
    """Average precision on two workers lies within the interval of one machine."""
    distributed = pytest.importorskip("distributed", reason="fs-risk[dask] is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # notices of its own about ports and event loops
        made = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        )
    with made, distributed.Client(made) as client:
        spread = fs.train_step_up(
            small_authority, plan_of(), engine="dask", client=client, progress=False
        )
    alone = fs.train_step_up(small_authority, plan_of(), progress=False)
    expected = fs.evaluate_step_up(alone, small_authority, progress=False)
    found = fs.evaluate_step_up(spread, small_authority, progress=False)
    figure = expected.figure("average_precision")

    assert (spread.training.engine, alone.training.engine) == ("dask", "local")
    assert figure.low <= found["average_precision"] <= figure.high
    assert list(found.table["metric"]) == list(expected.table["metric"])
