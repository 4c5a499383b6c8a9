"""Decisions mirrored to MLflow: artefacts and tags of run and version, and where `live` points.

What lies beside the model counts. The mirror lets a model that is fetched from the registry
be used, and lets anybody see there what was decided.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fs_risk.errors import ApprovalError, ArtefactError
from fs_risk.model.approval_log import LOG_FILE, Decision, read_log
from fs_risk.model.approval_state import ApprovalState
from fs_risk.model.approvals import POLICY_FILE, Approvals
from fs_risk.model.artefact import load_model
from fs_risk.model.in_use import CARD_FILE, subject_in
from fs_risk.model.registered import LAST_DECISION, MIRROR
from fs_risk.model.store import DEFAULT_URI, mlflow_at
from fs_risk.model_cards.approve import approval_state
from fs_risk.model_cards.card import ModelCard
from fs_risk.records.arguments import PATH, takes
from fs_risk.records.notebook import ShowsItsFields

_MIRRORED = (LOG_FILE, CARD_FILE, POLICY_FILE)
_CARD_HASH, _STATE, _UNTIL, _LIVE_VERSION = "card_sha256", "state", "approved_until", "live_version"
_OURS = (_CARD_HASH, _STATE, _UNTIL, LAST_DECISION)
_CANDIDATE, _LIVE, _RETIRED = "candidate", "live", "retired"


@dataclass(frozen=True)
class MirroredVersion(ShowsItsFields):
    """A version of a registered model, and where its decisions put it.

    Attributes
    ----------
    name : str
    version : str
    state : str
    aliases : tuple of str
        After mirroring.
    """

    name: str
    version: str
    state: str
    aliases: tuple[str, ...]


@takes(model_folder=PATH)
def mirror_decisions(
    model_folder: str | Path,
    *,
    tracking_uri: str = DEFAULT_URI,
    registered_as: str | None = None,
) -> tuple[MirroredVersion, ...]:
    """Mirror the decisions about a saved model to every registered version of it.

    Card, forms and decisions become artefacts of the run; ``card_sha256``, ``state``,
    ``approved_until`` and ``last_decision`` tags of run, version and, for a live version,
    of the registered model. The alias ``live`` is put on a version whose decisions say
    live, and taken off one whose decisions no longer do; ``retired`` likewise.

    Parameters
    ----------
    model_folder : str or Path
    tracking_uri : str, default="sqlite:///mlflow.db"
    registered_as : str, optional
        Name in the registry; by default every name that this very model has there.

    Returns
    -------
    tuple of MirroredVersion

    Raises
    ------
    ApprovalError
        If the decisions in the folder are not those mirrored before, with others after them.
    ArtefactError
        If no version of this very model is registered.

    Examples
    --------
    >>> mirror_decisions("models/step_up", tracking_uri="sqlite:///mlflow.db")  # doctest: +SKIP
    """
    folder = Path(model_folder)
    model = load_model(folder)
    state, decisions = approval_state(folder), Approvals(folder).decisions
    with mlflow_at(tracking_uri) as mlflow, TemporaryDirectory() as place:
        client = mlflow.MlflowClient()
        found = _versions_of(client, model.content_hash, registered_as)
        if not found:
            raise ArtefactError(
                "This very model is not registered there.",
                where=registered_as or tracking_uri.split("://")[0],
                fix="Register it with track_run(model, register_as=...), then mirror.",
            )
        for version in found:
            _check_goes_on(mlflow, client, version, decisions)
        written = _copied(folder, Path(place))
        tags = _tags(folder, model.content_hash, state, decisions)
        return tuple(_mirror(client, version, written, tags, state) for version in found)


def _versions_of(client: Any, content_hash: str, name: str | None) -> list[Any]:
    """Find the versions that are this very model, by the tag that registering gives them."""
    names = [name] if name else [each.name for each in client.search_registered_models()]
    held = [version for each in names for version in client.search_model_versions(f"name='{each}'")]
    return [version for version in held if version.tags.get("content_hash") == content_hash]


def _check_goes_on(mlflow: Any, client: Any, version: Any, decisions: tuple[Decision, ...]) -> None:
    """See that what is mirrored already is how the decisions begin."""
    if not client.list_artifacts(version.run_id, MIRROR):
        return
    with TemporaryDirectory() as place:
        before = mlflow.artifacts.download_artifacts(
            run_id=version.run_id, artifact_path=MIRROR, dst_path=place
        )
        held = read_log(Path(before))
    if [one.hash for one in held] != [one.hash for one in decisions[: len(held)]]:
        raise ApprovalError(
            "Other decisions are mirrored than those beside the model; nothing was written.",
            where=f"{version.name}, version {version.version}",
            fix="Mirror from the folder that the model was approved in.",
        )


def _copied(folder: Path, place: Path) -> Path:
    """Copy what is mirrored, and write the card's forms beside it."""
    target = place / MIRROR
    target.mkdir()
    for name in _MIRRORED:
        if (folder / name).exists():
            shutil.copyfile(folder / name, target / name)
    card = card_in(folder)
    if card is not None:
        card.to_html(target / "card.html")
        card.to_markdown(target / "card.md")
    return target


def card_in(folder: Path) -> ModelCard | None:
    """Read the card beside a model, with the decisions beside it in its envelope.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    ModelCard or None
        None where there is none that this release can read.
    """
    try:
        card = ModelCard.read(folder / CARD_FILE)
    except ArtefactError:
        return None
    approvals = Approvals(folder)
    decided = card.envelope.model_copy(
        update={
            "decisions": approvals.decisions,
            "policy": approvals.policy,
            "on": datetime.now(UTC).date(),
        }
    )
    return card.model_copy(update={"envelope": decided})


def _tags(
    folder: Path, model_hash: str, state: ApprovalState, decisions: tuple[Decision, ...]
) -> Mapping[str, str]:
    subject = subject_in(folder, model_hash)
    return {
        _CARD_HASH: "" if subject is None else subject.card,
        _STATE: state.state,
        _UNTIL: "" if state.expires is None else state.expires.isoformat(),
        LAST_DECISION: decisions[-1].hash if decisions else "",
    }


def _mirror(
    client: Any, version: Any, written: Path, tags: Mapping[str, str], state: ApprovalState
) -> MirroredVersion:
    name, number = version.name, str(version.version)
    if not state.live:
        # off first: between here and the tags nothing may be used
        _take_off(client, name, number, _LIVE)
    client.log_artifacts(version.run_id, str(written), MIRROR)
    for key, value in tags.items():
        client.set_tag(version.run_id, key, value)
        client.set_model_version_tag(name, number, key, value)
    if state.live:
        client.set_registered_model_alias(name, _LIVE, number)
        _take_off(client, name, number, _CANDIDATE)
        for key, value in {**tags, _LIVE_VERSION: number}.items():
            client.set_registered_model_tag(name, key, value)
    if state.state == _RETIRED:
        client.set_registered_model_alias(name, _RETIRED, number)
    on = tuple(sorted(alias for alias, of in _aliases(client, name) if of == number))
    return MirroredVersion(name, number, state.state, on)


def _take_off(client: Any, name: str, number: str, alias: str) -> None:
    if (alias, number) in set(_aliases(client, name)):
        client.delete_registered_model_alias(name, alias)
        if alias == _LIVE:
            for key in {*_OURS, _LIVE_VERSION} & set(client.get_registered_model(name).tags):
                client.delete_registered_model_tag(name, key)


def _aliases(client: Any, name: str) -> Iterator[tuple[str, str]]:
    for alias, number in client.get_registered_model(name).aliases.items():
        yield alias, str(number)
