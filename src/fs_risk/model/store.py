"""Where saved models are found: a folder, or MLflow's registry."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fs_risk.errors import ArtefactError
from fs_risk.model.artefact import load_model as read_folder
from fs_risk.model.step_up import StepUpModel

DEFAULT_URI = "sqlite:///mlflow.db"
FOLDER = "step_up"
"""Name of the model's folder among the logged artefacts."""

_NOISY = r"(mlflow|sqlalchemy|alembic|google)"
_REGISTERED = ("models:/", "runs:/")


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
        return read_folder(Path(found) / "artifacts" / FOLDER)


@contextmanager
def mlflow_at(tracking_uri: str) -> Iterator[Any]:
    """Import MLflow without its telemetry, use one store, and leave the setting as it was."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with warnings.catch_warnings():
        # Notices of its own and its dependencies' code; whoever tracks a run cannot act on them.
        for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning, UserWarning):
            warnings.filterwarnings("ignore", category=category, module=_NOISY)
        import mlflow

        logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
        # a model without a signature is meant: MLflow's schema errors would print the rows
        logging.getLogger("mlflow.pyfunc").setLevel(logging.ERROR)
        library: Any = mlflow
        before = library.get_tracking_uri() if library.is_tracking_uri_set() else None
        library.set_tracking_uri(tracking_uri)
        try:
            yield library
        finally:
            library.set_tracking_uri(before)
