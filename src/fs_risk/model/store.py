"""Where saved models are found: a folder, or MLflow's registry."""

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fs_risk.errors import ArtefactError
from fs_risk.model.artefact import load_model as read_folder
from fs_risk.model.registered import Registered
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import PATH, takes

DEFAULT_URI = "sqlite:///mlflow.db"
FOLDER = "step_up"
"""Name of the model's folder among the logged artefacts."""

_NOISY = r"(mlflow|sqlalchemy|alembic|google)"
_REGISTERED = ("models:/", "runs:/")
_BY_ALIAS, _BY_VERSION = (
    re.compile(r"models:/([^/@]+)@([^/@]+)"),
    re.compile(r"models:/([^/@]+)/(\d+)"),
)


@takes(source=PATH)
def load_model(source: str | Path, *, tracking_uri: str = DEFAULT_URI) -> StepUpModel:
    """Read a saved model, refusing it if a byte has changed.

    Parameters
    ----------
    source : str or Path
        Its folder; or ``models:/name@alias``, ``models:/name/1`` for one that MLflow
        keeps.
    tracking_uri : str, default="sqlite:///mlflow.db"
        Where MLflow keeps it.

    Returns
    -------
    StepUpModel

    Raises
    ------
    ArtefactError
        If there is no model, a file was changed or is missing, or it was written by
        a release with another schema.

    Examples
    --------
    >>> model = load_model("models/step_up")  # doctest: +SKIP
    >>> model = load_model("models:/care-at-referral@live")  # doctest: +SKIP
    """
    if str(source).startswith(_REGISTERED):
        return _fetched(str(source), tracking_uri)
    return read_folder(source)


def _fetched(model_uri: str, tracking_uri: str) -> StepUpModel:
    """Load a model that was recorded, checking every byte as from a folder."""
    with mlflow_at(tracking_uri) as mlflow, TemporaryDirectory() as place:
        try:
            found = mlflow.artifacts.download_artifacts(artifact_uri=model_uri, dst_path=place)
        except (mlflow.MlflowException, OSError):
            raise ArtefactError(
                "MLflow has no such model.",
                where=f"{model_uri} at {tracking_uri.split('://')[0]}",
                fix="Check the name, version or alias, and the tracking URI.",
            ) from None
        # the copy is gone in a moment; the registry mirrors what was decided
        model = read_folder(Path(found) / "artifacts" / FOLDER)
        return replace(model, home=None, registered=_registered(mlflow, model_uri, tracking_uri))


def _registered(mlflow: Any, model_uri: str, tracking_uri: str) -> Registered | None:
    """Say which version was fetched; None for one that is in no registry."""
    if found := _BY_ALIAS.fullmatch(model_uri):
        name, alias = found.groups()
        try:
            version = mlflow.MlflowClient().get_model_version_by_alias(name, alias).version
        except mlflow.MlflowException:
            return None
        return Registered(name, str(version), tracking_uri)
    if found := _BY_VERSION.fullmatch(model_uri):
        return Registered(found[1], found[2], tracking_uri)
    return None


def say_no_rows() -> None:
    """Have MLflow's errors about rows that do not fit a signature leave the rows out."""
    os.environ["MLFLOW_DISABLE_SCHEMA_DETAILS"] = "true"


@contextmanager
def mlflow_at(tracking_uri: str) -> Iterator[Any]:
    """Import MLflow without its telemetry, use one store, and leave the setting as it was."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    say_no_rows()
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with warnings.catch_warnings():
        # Notices of its own and its dependencies' code; whoever tracks a run cannot act on them.
        for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning, UserWarning):
            warnings.filterwarnings("ignore", category=category, module=_NOISY)
        import mlflow

        logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
        logging.getLogger("mlflow.pyfunc").setLevel(logging.ERROR)
        library: Any = mlflow
        before = library.get_tracking_uri() if library.is_tracking_uri_set() else None
        library.set_tracking_uri(tracking_uri)
        try:
            yield library
        finally:
            library.set_tracking_uri(before)
