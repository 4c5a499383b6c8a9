"""Which version of a registered model is the candidate, which is live, which is retired.

MLflow's aliases say what holds now, not who decided it. So ``live`` and ``retired`` are
only moved with a named decision, which is kept as a tag of the version.
"""

from typing import Any, Literal

from fs_risk.errors import ArtefactError
from fs_risk.model.step_up import MODES, StepUpModel
from fs_risk.model.store import DEFAULT_URI, load_model, mlflow_at

Alias = Literal["candidate", "live", "retired"]
ALIASES: tuple[Alias, ...] = ("candidate", "live", "retired")


def mark_candidate(mlflow: Any, name: str, version: int, model: StepUpModel) -> None:
    """Give a version that was just registered the alias ``candidate``.

    Parameters
    ----------
    mlflow : module
        As `mlflow_at` gives it.
    name : str
    version : int
    model : StepUpModel
    """
    client = mlflow.MlflowClient()
    for key, value in (
        ("content_hash", model.content_hash),
        ("plan_hash", model.facts.plan_hash),
        ("mode", model.mode),
    ):
        client.set_model_version_tag(name, str(version), key, value)
    client.set_registered_model_alias(name, "candidate", str(version))


def move_alias(
    name: str,
    version: int,
    alias: Alias,
    *,
    decision: str = "",
    tracking_uri: str = DEFAULT_URI,
) -> None:
    """Say that a version is now the candidate, live or retired.

    Parameters
    ----------
    name : str
        Of the registered model.
    version : int
    alias : {"candidate", "live", "retired"}
    decision : str
        Reference of the recorded decision; needed for all but ``"candidate"``.
    tracking_uri : str, default="sqlite:///mlflow.db"

    Raises
    ------
    ArtefactError
        If there is no such version or alias, no decision is named, a model that is for study
        only should go live, or one on real records other than by its decisions.
    """
    if alias not in ALIASES:
        raise ArtefactError(
            "There is no such alias.", where=f"{name}", fix=f"Use one of {', '.join(ALIASES)}."
        )
    if alias != "candidate" and not decision.strip():
        raise ArtefactError(
            f"A model becomes {alias} by a decision, and none is named.",
            where=f"{name}, version {version}",
            fix="Pass decision= with the reference of the recorded decision.",
        )
    model = load_model(f"models:/{name}/{version}", tracking_uri=tracking_uri)
    if alias == "live" and model.mode == "study":
        raise ArtefactError(
            f"The model cannot go live. {MODES['study']}",
            where=f"{name}, version {version}",
            fix="Register a model that passes its gates.",
        )
    if alias != "candidate" and model.mode != "synthetic":
        raise ArtefactError(
            f"A model on real records becomes {alias} by the decisions beside it alone.",
            where=f"{name}, version {version}",
            fix="Decide with approve(..., tracking_uri=...), or mirror_decisions() what was.",
        )
    with mlflow_at(tracking_uri) as mlflow:
        client = mlflow.MlflowClient()
        if alias != "candidate":
            client.set_model_version_tag(name, str(version), f"{alias}_by_decision", decision)
        client.set_registered_model_alias(name, alias, str(version))
