"""MLflow: the record of a run, and a model that ``mlflow models serve`` can answer with.

What is sent: the plan, hashes, figures, pictures of them, the names and versions of the
libraries, and the model's folder; never a row of data.
The model is logged as code that reads data, so nothing is pickled.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

import fs_risk
from fs_risk.errors import FeatureError
from fs_risk.model.artefact import load_model, save
from fs_risk.model.canonical import canonical_json
from fs_risk.model.gates import GateResult
from fs_risk.model.step_up import MODES, StepUpModel
from fs_risk.model.store import DEFAULT_URI, FOLDER, mlflow_at, say_no_rows
from fs_risk.records.arguments import MODEL, takes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import ShowsItsFields
from fs_risk.training.registry import mark_candidate

EXPERIMENT = "fs_risk"

_NESTED = ("gates", "booster", "tuning")

_ANSWERED = {"probability": "double", "log_odds": "double", "model": "string", "mode": "string"}
"""Columns of an answer."""

_SERVING = Path(__file__).with_name("serving_model.py")


@dataclass(frozen=True)
class TrackedRun(ShowsItsFields):
    """Where a run was recorded.

    Attributes
    ----------
    run_id : str
    model_uri : str
        For ``mlflow models serve`` and `load_model`.
    tracking_uri : str
    version : int or None
        In the registry, if it was registered.
    """

    run_id: str
    model_uri: str
    tracking_uri: str
    version: int | None = None


@takes(model=MODEL)
def track_run(
    model: StepUpModel,
    *,
    figures: pd.DataFrame | None = None,
    pictures: Mapping[str, Any] | None = None,
    tracking_uri: str = DEFAULT_URI,
    experiment: str = EXPERIMENT,
    register_as: str | None = None,
) -> TrackedRun:
    """Record a fitted model with its plan, hashes and figures.

    Parameters
    ----------
    model : StepUpModel
    figures : DataFrame, optional
        ``report.table``: metric, value, low, high, n.
    pictures : mapping of str to matplotlib Axes or Figure, optional
        Such as ``{"calibration": report.plot_calibration()}``.
    tracking_uri : str, default="sqlite:///mlflow.db"
        Any MLflow tracking URI.
    experiment : str, default="fs_risk"
    register_as : str, optional
        Name in the model registry; a new version of it is made, with the alias
        ``candidate``.

    Returns
    -------
    TrackedRun

    Examples
    --------
    >>> run = track_run(model, figures=report.table)  # doctest: +SKIP
    >>> load_model(run.model_uri).content_hash == model.content_hash  # doctest: +SKIP
    True
    """
    with mlflow_at(tracking_uri) as mlflow, TemporaryDirectory() as place:
        number = _experiment(mlflow, tracking_uri, experiment)
        with mlflow.start_run(experiment_id=number, run_name=model.name) as run:
            mlflow.log_params(_parameters(model))
            mlflow.set_tags(_tags(model))
            mlflow.log_metrics(_metrics(figures, model.gate_results))
            mlflow.log_dict(dict(_environment()), "environment.json")
            mlflow.log_dict(_trials(model), "configurations_tried.json")
            for name, picture in (pictures or {}).items():
                mlflow.log_figure(getattr(picture, "figure", picture), f"pictures/{name}.png")
            folder = save(model, Path(place) / FOLDER, run_id=run.info.run_id)
            logged = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(_SERVING),
                artifacts={FOLDER: str(folder)},
                pip_requirements=[f"fs-risk=={fs_risk.__version__}"],
                signature=_signature(mlflow),
                metadata={"inputs": dict.fromkeys(model.feature_names, "double")},
                registered_model_name=register_as,
            )
            version = logged.registered_model_version
            if register_as is not None:
                mark_candidate(mlflow, register_as, version, model)
            return TrackedRun(run.info.run_id, logged.model_uri, tracking_uri, version)


def set_served_model() -> None:
    """Tell MLflow which model answers; called by ``serving_model.py`` and by nothing else."""
    import mlflow

    say_no_rows()

    class Served(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]  # untyped base
        """A step-up model behind MLflow's interface."""

        def load_context(self, context: Any) -> None:
            """Read the model's folder."""
            self.model = load_model(context.artifacts[FOLDER])

        def predict(
            self, context: Any, model_input: pd.DataFrame, params: Any = None
        ) -> pd.DataFrame:
            """Score rows; see `answer`."""
            return answer(self.model, model_input)

    mlflow.models.set_model(Served())


def answer(model: StepUpModel, rows: Any) -> pd.DataFrame:
    """Score rows of features as a served model does.

    Parameters
    ----------
    model : StepUpModel
    rows : DataFrame or list of dict
        Features by name; null where not known.

    Returns
    -------
    DataFrame
        ``probability`` (calibrated, unclipped), ``log_odds``, and on every row
        ``model`` and ``mode``. Without ids and bands.

    Raises
    ------
    FeatureError
        If a feature is missing, unknown or no number; no value is shown.
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
    try:
        numbers = frame.astype(np.float64)
    except (TypeError, ValueError):
        raise FeatureError(
            "Some features are not numbers.",
            where=f"{count_of(len(frame), 'row')} of {count_of(frame.shape[1], 'column')}",
            fix="Send a number for each feature, or null where it is not known.",
        ) from None
    log_odds = model.log_odds(numbers)
    return pd.DataFrame(
        {
            "probability": expit(log_odds),
            "log_odds": log_odds,
            "model": f"{model.name} {model.version}",
            "mode": MODES[model.mode],
        },
        index=frame.index,
    )


def _signature(mlflow: Any) -> Any:
    """Say what comes out, as doubles and strings; what goes in stands in the metadata."""
    # with declared inputs MLflow's server casts the rows itself, and its errors quote their values
    outputs = [mlflow.types.ColSpec(kind, name) for name, kind in _ANSWERED.items()]
    return mlflow.models.ModelSignature(outputs=mlflow.types.Schema(outputs))


def _parameters(model: StepUpModel) -> dict[str, str]:
    plan = model.plan.model_dump(mode="json")
    flat = {name: value for name, value in plan.items() if name not in _NESTED}
    flat |= {f"booster_{name}": value for name, value in plan["booster"].items()}
    grown_with = model.training.settings.model_dump(mode="json")
    flat |= {f"used_{name}": value for name, value in grown_with.items()}
    flat |= {f"tuning_{name}": value for name, value in (plan["tuning"] or {}).items()}
    flat |= {
        "configurations_tried": model.training.configurations_tried,
        "plans_tried_on_this_test": model.plans_tried,
        "engine": model.training.engine,
    }
    flat |= {
        "plan_hash": model.facts.plan_hash,
        "content_hash": model.content_hash,
        "records_fingerprint": model.training.fingerprint,
        "rounds": model.training.rounds,
    }
    return {name: str(value) for name, value in flat.items() if value is not None}


@cache
def _environment() -> Mapping[str, str]:
    """Name what was installed, without any address; once, as it reads a file of each package."""
    names = {each.metadata["Name"]: each.version for each in distributions()}
    return MappingProxyType({"python": platform.python_version(), **dict(sorted(names.items()))})


def _trials(model: StepUpModel) -> dict[str, Any]:
    return {"trials": [trial.model_dump(mode="json") for trial in model.training.trials]}


def _tags(model: StepUpModel) -> dict[str, str]:
    return {
        "origin": model.training.origin.upper() if model.mode == "synthetic" else "real",
        "mode": model.mode,
        "version": model.version,
        "gates": canonical_json([gate.model_dump() for gate in model.plan.gates]),
    }


def _metrics(
    figures: pd.DataFrame | None, gates: tuple[GateResult, ...] | None
) -> dict[str, float]:
    found: dict[str, float] = {}
    if figures is not None:
        for side, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
            known = figures[figures[side].notna()]
            names = [f"{metric}{suffix}" for metric in known["metric"]]
            found |= dict(zip(names, known[side].astype(float), strict=True))
    if gates is not None:
        found["gates_passed"] = float(sum(result.passed for result in gates))
        found["gates_failed"] = float(sum(not result.passed for result in gates))
    return found


def _experiment(mlflow: Any, tracking_uri: str, name: str) -> str:
    """Find the experiment, or make it with its artefacts beside an SQLite store."""
    known = mlflow.get_experiment_by_name(name)
    if known is not None:
        return str(known.experiment_id)
    location = None
    if tracking_uri.startswith("sqlite:///"):
        store = Path(tracking_uri.removeprefix("sqlite:///"))
        location = (store.resolve().parent / "mlruns").as_uri()
    return str(mlflow.create_experiment(name, artifact_location=location))
