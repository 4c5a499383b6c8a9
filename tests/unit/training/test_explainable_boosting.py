import builtins

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import FeatureError, SettingError
from fs_risk.model.additive_tables import AdditiveTable, AdditiveTables
from fs_risk.model.candidates import CandidateSet
from fs_risk.model.plan import BoosterSettings, Plan
from fs_risk.training.explainable_boosting import fit_explainable_boosting


def rows(n=900, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"]).astype(np.float32)
    chance = 1 / (1 + np.exp(1 - 2 * (X["a"] > 0) * (X["b"] > 0)))
    label = (rng.random(n) < chance).to_numpy().astype(float)
    X.loc[rng.random(n) < 0.1, "c"] = np.nan
    X["never"] = np.float32(np.nan)
    X["always"] = np.float32(1)
    return X, label


@pytest.fixture(scope="module")
def machine():
    pytest.importorskip("interpret", reason="fs-risk[ebm] is not installed")
    X, label = rows()
    return X, label, fit_explainable_boosting(X, label, seed=0)


def test_tables_score_as_the_machine_itself(machine):
    """M9: what is kept is data, and says all that the machine said."""
    from interpret.glassbox import ExplainableBoostingClassifier

    X, label, tables = machine
    known, label = X[["a", "b"]].head(400), label[:400]
    direct = ExplainableBoostingClassifier(
        feature_names=["a", "b"], feature_types=["continuous"] * 2, interactions=10,
        outer_bags=4, n_jobs=1, random_state=3,
    ).fit(known.to_numpy(dtype=float), label)  # fmt: skip
    ours = fit_explainable_boosting(known, label, seed=3)
    new = pd.DataFrame(np.random.default_rng(9).normal(size=(400, 2)) * 3, columns=["a", "b"])

    assert ours.margin(new) == pytest.approx(direct.decision_function(new.to_numpy()), abs=1e-12)
    assert {table.features for table in tables.tables} >= {("a",), ("b",), ("c",)}


def test_pair_that_matters_is_found(machine):
    _, _, tables = machine
    both = pd.DataFrame({"a": [1.0, 1.0, -1.0], "b": [1.0, -1.0, 1.0], "c": np.nan})
    high, *others = tables.margin(both)

    assert high > max(others) + 1
    assert "on 3 features and" in tables.meaning


def test_same_seed_gives_the_same_tables_and_json_keeps_them(machine):
    """M6."""
    X, label, tables = machine
    kept = CandidateSet(final=(tables,), replicas=())

    assert fit_explainable_boosting(X, label, seed=0) == tables
    assert CandidateSet.model_validate_json(kept.model_dump_json()) == kept


def test_value_is_looked_up_by_hand():
    table = AdditiveTable(features=("a",), cuts=((0.0, 1.0),), scores=(9.0, -1.0, 0.5, 2.0))
    model = AdditiveTables(intercept=0.25, tables=(table,))
    X = pd.DataFrame({"a": [np.nan, -5.0, 0.0, 0.9, 1.0, 7.0]})

    assert model.margin(X).tolist() == [9.25, -0.75, 0.75, 0.75, 2.25, 2.25]
    with pytest.raises(FeatureError, match="The matrix lacks a"):
        model.margin(pd.DataFrame({"b": [1.0]}))


def test_plan_that_asks_for_it_has_it_beside_the_others(refit):
    pytest.importorskip("interpret", reason="fs-risk[ebm] is not installed")
    study = refit.make_study(n=3_000)
    study.specs = study.specs[:3]  # a machine tries every pair of features
    study.X = study.X[[one.name for one in study.specs]]
    plan = Plan(
        outcome="cp_plan",
        n_folds=2,
        booster=BoosterSettings(max_rounds=5),
        further_candidates=["explainable_boosting"],
    )
    kinds = [each.kind for each in refit.fit_study(study, plan=plan).candidates.final]

    assert kinds[-1] == "explainable_boosting"
    assert "spline_logistic" in kinds


@pytest.fixture
def no_interpret(monkeypatch):
    whole = builtins.__import__

    def without(name, *rest):
        if name.startswith("interpret"):
            raise ImportError(name)
        return whole(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)


@pytest.mark.usefixtures("no_interpret")
def test_without_interpret_the_cure_is_named():
    with pytest.raises(SettingError, match="needs interpret") as caught:
        fit_explainable_boosting(*rows(), seed=0)

    assert "fs-risk[ebm]" in caught.value.fix


@pytest.mark.usefixtures("no_interpret")
def test_plan_that_asks_for_it_without_interpret_fails_before_anything_is_tried(
    study, refit, tmp_path
):
    """Nothing is fitted, and the plan is not counted as one that was tried."""
    plan = Plan(outcome="cp_plan", further_candidates=["explainable_boosting"])
    none_labelled = type(study)(**{**vars(study), "labels": None})
    with pytest.raises(SettingError, match="needs interpret"):
        refit.fit_study(none_labelled, plan=plan, plans_tried=tmp_path / "tried.jsonl")

    assert not (tmp_path / "tried.jsonl").exists()
