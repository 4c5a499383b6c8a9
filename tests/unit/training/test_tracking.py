import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pytest

from fs_risk.errors import ArtefactError, FeatureError
from fs_risk.model.store import load_model as load_registered
from fs_risk.model.store import mlflow_at
from fs_risk.training.registry import move_alias
from fs_risk.training.tracking import answer, track_run


@pytest.fixture(scope="module")
def run(fitted, report, new_store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracking")
    model = fitted.with_gate_results(report.gate_results)
    tracked = track_run(
        model,
        figures=report.table,
        pictures={"calibration": report.plot_calibration()},
        tracking_uri=new_store(folder),
        register_as="step_up",
    )
    return tracked, model, folder / "mlflow.db"


def test_model_comes_back_from_the_registry_byte_for_byte(run):
    tracked, model, _ = run
    found = load_registered("models:/step_up/1", tracking_uri=tracked.tracking_uri)

    assert found.content_hash == model.content_hash


def test_run_has_plan_hashes_and_figures(run, report):
    tracked, model, _ = run
    with mlflow_at(tracked.tracking_uri) as mlflow:
        recorded = mlflow.get_run(tracked.run_id).data

    assert recorded.params["plan_hash"] == model.plan.hash
    assert recorded.params["content_hash"] == model.content_hash
    assert recorded.metrics["average_precision"] == pytest.approx(report["average_precision"])
    assert recorded.metrics["gain_average_precision_low"] == pytest.approx(
        report.figure("gain_average_precision").low
    )
    assert recorded.tags["mode"] == "synthetic"


def test_run_has_pictures_environment_and_every_configuration(run):
    tracked, model, store = run
    written = {path.name: path for path in store.parent.joinpath("mlruns").rglob("*")}
    environment = json.loads(written["environment.json"].read_text())

    assert written["calibration.png"].read_bytes().startswith(b"\x89PNG")
    assert {"python", "lightgbm", "fs-risk"} <= set(environment)
    assert "://" not in written["environment.json"].read_text()
    assert json.loads(written["configurations_tried.json"].read_text()) == {"trials": []}
    with mlflow_at(tracked.tracking_uri) as mlflow:
        recorded = mlflow.get_run(tracked.run_id).data.params
    assert recorded["configurations_tried"] == "1"
    assert recorded["records_fingerprint"] == model.training.fingerprint


def test_telemetry_is_off(run):
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


class TestAliases:
    def test_registered_model_is_the_candidate(self, run):
        tracked, model, _ = run
        found = load_registered("models:/step_up@candidate", tracking_uri=tracked.tracking_uri)

        assert tracked.version == 1
        assert found.content_hash == model.content_hash

    def test_going_live_and_retiring_need_a_decision_which_is_kept(self, run):
        tracked, *_ = run
        where = {"tracking_uri": tracked.tracking_uri}
        for alias in ("live", "retired"):
            with pytest.raises(ArtefactError, match="by a decision, and none is named"):
                move_alias("step_up", 1, alias, **where)
        move_alias("step_up", 1, "live", decision="panel 2026-03", **where)
        with mlflow_at(tracked.tracking_uri) as mlflow:
            version = mlflow.MlflowClient().get_model_version_by_alias("step_up", "live")

        assert version.tags["live_by_decision"] == "panel 2026-03"
        assert load_registered("models:/step_up@live", **where)

    def test_model_for_study_cannot_go_live(self, run, fitted):
        """M4: whatever decision is named."""
        training = fitted.training.model_copy(update={"origin": "real"})
        study = replace(fitted, facts=fitted.facts.model_copy(update={"training": training}))
        store = run[0].tracking_uri
        tracked = track_run(study, tracking_uri=store, register_as="real")
        with pytest.raises(ArtefactError, match="cannot go live"):
            move_alias("real", tracked.version, "live", decision="panel", tracking_uri=store)

    def test_other_aliases_and_versions_are_refused(self, run):
        tracked, *_ = run
        with pytest.raises(ArtefactError, match="no such alias"):
            move_alias("step_up", 1, "champion", tracking_uri=tracked.tracking_uri)
        with pytest.raises(ArtefactError, match="MLflow has no such model"):
            move_alias("step_up", 9, "candidate", tracking_uri=tracked.tracking_uri)


def test_served_model_answers_as_the_model_does(run, study):
    tracked, model, _ = run
    with mlflow_at(tracked.tracking_uri) as mlflow:
        served = mlflow.pyfunc.load_model(tracked.model_uri)
        answered = served.predict(study.X[:5])
        with pytest.raises(FeatureError, match="1 feature is missing"):
            served.predict(study.X[:5].drop(columns="noise"))

    assert answered["probability"].to_numpy() == pytest.approx(
        model.predict_proba(study.X[:5])[:, 1]
    )
    assert answered["mode"].str.startswith("SYNTHETIC").all()


def test_model_says_what_goes_in_and_comes_out(run):
    """Doubles and strings; inputs are not MLflow's to cast, whose errors would quote them."""
    tracked, model, _ = run
    with mlflow_at(tracked.tracking_uri) as mlflow:
        told = mlflow.models.get_model_info(tracked.model_uri)

    assert told.signature.inputs is None
    assert {each.name: each.type.name for each in told.signature.outputs} == {
        "probability": "double", "log_odds": "double", "model": "string", "mode": "string",
    }  # fmt: skip
    assert told.metadata["inputs"] == dict.fromkeys(model.feature_names, "double")


def test_nothing_that_can_run_is_stored(run):
    """M9: beside the data there is only the library's own serving file."""
    _, _, store = run
    written = [path for path in store.parent.joinpath("mlruns").rglob("*") if path.is_file()]

    assert {path.suffix for path in written} <= {
        ".json", ".txt", ".py", ".yaml", ".yml", "", ".png",
    }  # fmt: skip
    assert {path.name for path in written if path.suffix == ".py"} == {"serving_model.py"}


def test_no_row_of_data_is_stored(run, study):
    _, _, store = run
    with closing(sqlite3.connect(store)) as connection:
        dump = "\n".join(connection.iterdump())
    texts = [dump] + [
        path.read_text(errors="replace")
        for path in store.parent.joinpath("mlruns").rglob("*")
        if path.is_file()
    ]
    ids = [*study.cohort["case_id"][:50], *study.cohort["child_id"][:50]]

    assert not any(each in text for each in ids for text in texts)


def test_value_that_is_no_number_is_refused_and_not_shown(fitted, study):
    rows = study.X[:2].astype(object)
    rows.iloc[0, 0] = "Jane Doe"
    with pytest.raises(FeatureError, match="not numbers") as caught:
        answer(fitted, rows)

    assert "Jane" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_rows_may_come_as_json(fitted, study):
    rows = json.loads(study.X[:3].to_json(orient="records"))
    rows[0]["noise"] = None
    answered = answer(fitted, rows)

    assert len(answered) == 3
    assert isinstance(answered, pd.DataFrame)


def test_model_that_is_not_there_is_refused(run):
    tracked, *_ = run
    with pytest.raises(ArtefactError, match="MLflow has no such model"):
        load_registered("models:/nobody/1", tracking_uri=tracked.tracking_uri)
