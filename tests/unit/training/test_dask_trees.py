"""Trees grown by a cluster; needs ``fs-risk[dask]``, as CI has it."""

import builtins
import warnings

import numpy as np
import pytest

from fs_risk.errors import SettingError
from fs_risk.evaluation.step_up import evaluate
from fs_risk.model.booster import LOCAL, Recipe
from fs_risk.model.plan import BoosterSettings, Plan
from fs_risk.training.dask_trees import dask_grower

PLAN = Plan(outcome="cp_plan", booster=BoosterSettings(max_rounds=60), capacity=4)


@pytest.fixture(scope="module")
def cluster():
    """Two workers that are threads of this process, as LightGBM's own examples use."""
    distributed = pytest.importorskip("distributed", reason="fs-risk[dask] is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # notices of its own about ports and event loops
        made = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        )
    with made, distributed.Client(made) as client:
        yield client


@pytest.fixture(scope="module")
def grown(cluster, study, refit):
    return refit.fit_study(study, plan=PLAN, engine="dask", client=cluster)


def report_of(model, study):
    return evaluate(model, study.X, study.labels, study.cohort, study.households, resamples=200)


def test_average_precision_is_within_the_interval_of_one_machine(grown, study, refit):
    alone = report_of(refit.fit_study(study, plan=PLAN), study)
    spread = report_of(grown, study)
    figure = alone.figure("average_precision")

    assert figure.low <= spread["average_precision"] <= figure.high
    assert {each.metric for each in spread.figures} == {each.metric for each in alone.figures}


def test_model_says_what_grew_it_and_loads_without_a_cluster(grown, study, tmp_path):
    from fs_risk.model.artefact import load_model

    again = load_model(grown.save(tmp_path / "model"))

    assert again.training.engine == "dask"
    assert again.log_odds(study.X) == pytest.approx(grown.log_odds(study.X))


def test_declared_direction_holds_there_too(grown, study):
    """F3."""
    more = study.X.assign(child_cp_plan_starts_1825d=study.X["child_cp_plan_starts_1825d"] + 1)

    assert (grown.log_odds(more) >= grown.log_odds(study.X) - 1e-12).all()


def test_loss_by_round_is_lightgbms_own(study):
    known = study.labels["label"].notna().to_numpy()
    matrix, label = study.X.to_numpy()[known], study.labels["label"].to_numpy()[known]
    recipe = Recipe(list(study.X.columns), [0] * 5, PLAN.booster, 0, threads=1)
    growth, loss = LOCAL.grow_with_held_out(
        matrix[::2], label[::2], matrix[1::2], label[1::2], recipe
    )

    assert growth.loss_by_round(matrix[1::2], label[1::2]) == pytest.approx(loss, abs=1e-9)
    assert np.argmin(loss) == np.argmin(growth.loss_by_round(matrix[1::2], label[1::2]))


def test_without_a_cluster_the_cure_is_named(monkeypatch):
    distributed = pytest.importorskip("distributed", reason="fs-risk[dask] is not installed")

    def none_there():
        raise ValueError("No clients found")

    monkeypatch.setattr(distributed, "default_client", none_there)
    with pytest.raises(SettingError, match="no Dask cluster"):
        dask_grower()


def test_without_dask_the_cure_is_named(monkeypatch):
    whole = builtins.__import__

    def without(name, *rest):
        if name == "distributed":
            raise ImportError(name)
        return whole(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SettingError, match="needs Dask") as caught:
        dask_grower()

    assert "fs-risk[dask]" in caught.value.fix
