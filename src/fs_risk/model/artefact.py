"""A model on disk: a folder of text that holds data and nothing that can run.

::

    model.json        Facts, the checksum of every other file, and its own hash
    booster.txt       the trees (LightGBM's text)
    replicas/fold-k.txt
    candidates.json   the simple models
    envelope.json     when it was written, and the run; not part of the content
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fs_risk.errors import ArtefactError, PlanError
from fs_risk.model.booster import Booster
from fs_risk.model.candidates import CandidateSet
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.model.facts import SCHEMA_VERSION, Facts
from fs_risk.model.step_up import StepUpModel

MODEL_FILE = "model.json"
ENVELOPE_FILE = "envelope.json"
BOOSTER_FILE = "booster.txt"
CANDIDATES_FILE = "candidates.json"


def save(model: StepUpModel, folder: str | Path, *, run_id: str = "") -> Path:
    """Write a model to a folder.

    Parameters
    ----------
    model : StepUpModel
    folder : str or Path
        New or empty; a folder that already holds this very model is left as it is.
    run_id : str, optional
        The tracking run, kept in the envelope.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ArtefactError
        If the folder holds something else.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        if _held(target) == model.content_hash:
            return target
        raise ArtefactError(
            "The folder already holds something else; nothing was written.",
            where=str(target),
            fix="Choose a new folder, or remove this one.",
        )
    target.mkdir(parents=True, exist_ok=True)
    for name, text in _files(model).items():
        path = target / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    envelope = {
        "content_hash": model.content_hash,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": run_id,
        "plans_tried": model.plans_tried,
    }
    (target / ENVELOPE_FILE).write_bytes(_sealed(envelope).encode())
    (target / MODEL_FILE).write_bytes(_model_json(model).encode())
    return target


def load_model(folder: str | Path) -> StepUpModel:
    """Read a model from its folder, refusing it if a byte has changed.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    StepUpModel

    Raises
    ------
    ArtefactError
        If the folder holds no model, a file was changed or is missing, or the model
        was written by a release with another schema.
    """
    source = Path(folder)
    text = _read(source, MODEL_FILE)
    content = _content(source, text)
    checksums = content.pop("checksums")
    try:
        facts = Facts.model_validate(content)
    except (ValidationError, PlanError):
        raise _damaged(source / MODEL_FILE) from None
    names = _file_names(len(facts.replica_calibrators))
    if sorted(checksums) != sorted(names) or facts.plan.hash != facts.plan_hash:
        raise _damaged(source / MODEL_FILE)
    texts = {name: _checked(source, name, checksums[name]) for name in names}
    try:
        candidates = CandidateSet.model_validate_json(texts[CANDIDATES_FILE])
    except ValidationError:
        raise _damaged(source / CANDIDATES_FILE) from None
    model = StepUpModel(
        facts=facts,
        booster=Booster(texts[BOOSTER_FILE]),
        replicas=tuple(Booster(texts[name]) for name in names if name.startswith("replicas/")),
        candidates=candidates,
        plans_tried=_plans_tried(source),
        home=source.resolve(),
    )
    if model.booster.feature_names != model.feature_names:
        raise _damaged(source / BOOSTER_FILE)
    return model


def content_hash(model: StepUpModel) -> str:
    """Give the SHA-256 of a model's canonical content.

    Run ids and times are no part of it, so the same data, seed and release give the
    same hash (requirement M6).

    Parameters
    ----------
    model : StepUpModel

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return sha256(canonical_json(_content_of(model)))


def _content_of(model: StepUpModel) -> dict[str, Any]:
    checksums = {name: sha256(text) for name, text in _files(model).items()}
    return {**model.facts.model_dump(mode="json"), "checksums": checksums}


def _model_json(model: StepUpModel) -> str:
    return canonical_json({**_content_of(model), "content_hash": model.content_hash})


def _files(model: StepUpModel) -> dict[str, str]:
    texts = [
        model.booster.text,
        canonical_json(model.candidates.model_dump(mode="json")),
        *(replica.text for replica in model.replicas),
    ]
    return dict(zip(_file_names(len(model.replicas)), texts, strict=True))


def _file_names(n_folds: int) -> list[str]:
    return [BOOSTER_FILE, CANDIDATES_FILE, *(f"replicas/fold-{k}.txt" for k in range(n_folds))]


def _content(source: Path, text: str) -> dict[str, Any]:
    """Give what ``model.json`` says, after its schema and its own hash were checked."""
    try:
        content = json.loads(text)
        schema = content["schema_version"]
    except (ValueError, KeyError, TypeError):
        raise _damaged(source / MODEL_FILE) from None
    if schema != SCHEMA_VERSION:
        release = str(content.get("library_version", "another"))[:20]
        raise ArtefactError(
            f"The model has schema {str(schema)[:5]}; this release reads schema {SCHEMA_VERSION}.",
            where=str(source / MODEL_FILE),
            fix=f"Use release {release} of fs_risk, or fit the model again.",
        )
    stated = content.pop("content_hash", None)
    whole = canonical_json({**content, "content_hash": stated})
    if whole != text or sha256(canonical_json(content)) != stated or "checksums" not in content:
        raise _damaged(source / MODEL_FILE)
    if _envelope(source).get("content_hash") != stated:
        raise _damaged(source / ENVELOPE_FILE)
    return dict(content)


def _sealed(envelope: dict[str, Any]) -> str:
    """Write what is no part of the content, with a hash of its own."""
    return canonical_json({**envelope, "sha256": sha256(canonical_json(envelope))})


def _envelope(source: Path) -> dict[str, Any]:
    """Read what is no part of the content, after its own hash was checked."""
    text = _read(source, ENVELOPE_FILE)
    try:
        envelope = dict(json.loads(text))
    except (ValueError, TypeError):
        raise _damaged(source / ENVELOPE_FILE) from None
    envelope.pop("sha256", None)
    if _sealed(envelope) != text:
        raise _damaged(source / ENVELOPE_FILE)
    return envelope


def _plans_tried(source: Path) -> int | None:
    kept = _envelope(source).get("plans_tried")
    return kept if isinstance(kept, int) else None


def _held(folder: Path) -> str | None:
    try:
        return load_model(folder).content_hash
    except ArtefactError:
        return None


def _read(source: Path, name: str) -> str:
    try:
        return (source / name).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise ArtefactError(
            f"The model's {name} is not there, or cannot be read.",
            where=str(source),
            fix=_where_the_model_is(source),
        ) from None


def _where_the_model_is(source: Path) -> str:
    if not source.exists():
        return "Check the path: there is no such folder."
    inside = sorted(found.parent.name for found in source.glob("*/model.json"))
    if inside:
        return f"Give the folder {inside[0]} inside it."
    return "Give the folder that save() or fs-risk train wrote, whole."


def _checked(source: Path, name: str, checksum: str) -> str:
    text = _read(source, name)
    if sha256(text) != checksum:
        raise _damaged(source / name)
    return text


def _damaged(path: Path) -> ArtefactError:
    return ArtefactError(
        f"{path.name} is not as it was written.",
        where=str(path),
        fix="Restore the folder from where it was first saved, or fit the model again.",
    )
