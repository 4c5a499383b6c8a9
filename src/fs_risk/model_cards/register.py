"""The register: every saved or registered model with its state, card, decisions and end."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fs_risk.errors import FsRiskError, SettingError
from fs_risk.model.approval_log import Decision
from fs_risk.model.approvals import Approvals
from fs_risk.model.artefact import MODEL_FILE, load_model
from fs_risk.model.store import mlflow_at
from fs_risk.model_cards.approve import SIGNED, approval_state
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.mirror import card_in
from fs_risk.records.notebook import Display, Displayed

NOT_READABLE = "cannot be read"
SYNTHETIC_STATE = "synthetic"
"""What stands for the state of a model on invented records that nobody decided about."""


@dataclass(frozen=True, repr=False)
class RegisterEntry(Displayed):
    """One model in the register.

    Attributes
    ----------
    name, version : str
    state : str
        By the decisions beside the model, or as the registry says; "cannot be read" where
        a byte has changed or the chain is broken.
    why : str
    card_sha256 : str
        Of the internal card; empty where there is none.
    approved_until : date or None
    owner : str
    model_sha256 : str
    where : str
        The folder's name, or the registry's name and version.
    aliases : tuple of str
        In the registry.
    fault : str
        What does not agree; empty for nothing.
    folder : Path or None
    card : ModelCard or None
    decisions : tuple of Decision
    """

    name: str
    version: str
    state: str
    why: str
    card_sha256: str
    approved_until: date | None
    owner: str
    model_sha256: str
    where: str
    aliases: tuple[str, ...] = ()
    fault: str = ""
    folder: Path | None = None
    card: ModelCard | None = None
    decisions: tuple[Decision, ...] = ()

    def _display(self) -> Display:
        held = {name.replace("_", " "): value for name, value in self.row().items()}
        title = f"{held.pop('name')} {held.pop('version')}: {held.pop('state')}"
        return Display(title, [("why", self.why), *held.items()])

    def row(self) -> dict[str, Any]:
        """Give what the register shows, as plain data."""
        return {
            "name": self.name,
            "version": self.version,
            "state": self.state,
            "approved_until": self.approved_until and self.approved_until.isoformat(),
            "card_sha256": self.card_sha256,
            "owner": self.owner,
            "model_sha256": self.model_sha256,
            "where": self.where,
            "aliases": list(self.aliases),
            "fault": self.fault,
        }


def register_of(
    models: str | Path | Sequence[str | Path] = (),
    *,
    tracking_uri: str | None = None,
    cards: Iterable[ModelCard] = (),
    on: date | None = None,
) -> tuple[RegisterEntry, ...]:
    """List models with their state, from folders, from MLflow's registry, or both.

    Parameters
    ----------
    models : str, Path or sequence of them, optional
        Folders in which saved models lie, at any depth.
    tracking_uri : str, optional
        Of an MLflow store.
    cards : iterable of ModelCard, optional
        Internal cards of models that nobody signed yet, which have none beside them.
    on : date, optional
        By default today.

    Returns
    -------
    tuple of RegisterEntry
        Folders by name and version, then registered versions.

    Raises
    ------
    SettingError
        If a folder is not there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     register_of(folder)
    ()
    """
    given = {card.hashes.model: card for card in cards}
    places = [models] if isinstance(models, str | Path) else list(models)
    folders = [folder for place in places for folder in _model_folders(Path(place))]
    entries = [_entry(folder, given, on) for folder in dict.fromkeys(folders)]
    entries.sort(key=lambda one: (one.name, one.version, one.where))
    registered = [] if tracking_uri is None else list(_registered(tracking_uri, entries))
    return (*entries, *registered)


def signed_cards(entry: RegisterEntry) -> tuple[tuple[ModelCard, Decision], ...]:
    """Give every card of a model that was signed, with the first signature on it, in order.

    Parameters
    ----------
    entry : RegisterEntry

    Returns
    -------
    tuple of (ModelCard, Decision)
        Without those that are not the card that was signed any more.
    """
    if entry.folder is None:
        return ()
    firsts: dict[str, Decision] = {}
    for one in entry.decisions:
        if one.decision == "approve":
            firsts.setdefault(one.subject.card, one)
    found = []
    for card_hash, decision in firsts.items():
        path = entry.folder / SIGNED / f"{card_hash}.json"
        card = _card_at(path)
        if card is not None and card.content_hash == card_hash:
            found.append((card, decision))
    return tuple(found)


def _model_folders(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        raise SettingError(
            "There is no such folder of models.",
            where=place.name,
            fix="Give the folder that saved models lie in.",
        )
    for path in sorted(place.rglob(MODEL_FILE)):
        # MLflow keeps copies of its own
        if "mlruns" not in path.parts:
            yield path.parent


def _entry(folder: Path, given: dict[str, ModelCard], on: date | None) -> RegisterEntry:
    try:
        model, state = load_model(folder), approval_state(folder, on=on)
        card = card_in(folder) or given.get(model.content_hash)
        decisions = Approvals(folder).decisions
    except FsRiskError as error:
        return _unreadable(folder, error)
    undecided = model.mode == "synthetic" and not decisions
    owner = "" if card is None else card.people.owner or ""
    return RegisterEntry(
        name=model.name,
        version=model.version,
        state=SYNTHETIC_STATE if undecided else state.state,
        why="Fitted on invented records." if undecided else state.why,
        card_sha256="" if card is None else card.content_hash,
        approved_until=state.expires,
        owner=owner or (getattr(model.plan, "owner", None) or ""),
        model_sha256=model.content_hash,
        where=folder.name,
        folder=folder,
        card=card,
        decisions=decisions,
    )


def _unreadable(folder: Path, error: FsRiskError) -> RegisterEntry:
    """List a model that may not be used because of what happened to its files."""
    return RegisterEntry(
        name=folder.name, version="", state=NOT_READABLE, why=error.what, card_sha256="",
        approved_until=None, owner="", model_sha256="", where=folder.name, fault=error.what,
    )  # fmt: skip


def _card_at(path: Path) -> ModelCard | None:
    try:
        return ModelCard.read(path)
    except FsRiskError:
        return None


def _registered(tracking_uri: str, entries: Sequence[RegisterEntry]) -> Iterator[RegisterEntry]:
    """List the versions that MLflow has, held against the folders where those are at hand."""
    by_hash = {one.model_sha256: one for one in entries if one.model_sha256}
    with mlflow_at(tracking_uri) as mlflow:
        client = mlflow.MlflowClient()
        for model in client.search_registered_models():
            for version in client.search_model_versions(f"name='{model.name}'"):
                aliases = tuple(
                    sorted(
                        name
                        for name, of in model.aliases.items()
                        if str(of) == str(version.version)
                    )
                )
                yield _of_version(version, aliases, by_hash)


def _of_version(
    version: Any, aliases: tuple[str, ...], by_hash: dict[str, RegisterEntry]
) -> RegisterEntry:
    tags = version.tags
    beside = by_hash.get(tags.get("content_hash", ""))
    until = tags.get("approved_until", "")
    ends = date.fromisoformat(until) if until else None
    state = tags.get("state") or (
        SYNTHETIC_STATE if tags.get("mode") == "synthetic" else "nothing mirrored"
    )
    return RegisterEntry(
        name=version.name,
        version=str(version.version),
        state=state,
        why="As MLflow's registry says.",
        card_sha256=tags.get("card_sha256", ""),
        approved_until=ends,
        owner="",
        model_sha256=tags.get("content_hash", ""),
        where=f"registry: {version.name}/{version.version}",
        aliases=aliases,
        fault=_disagreement(state, aliases, ends, beside),
    )


def _disagreement(
    state: str, aliases: tuple[str, ...], until: date | None, beside: RegisterEntry | None
) -> str:
    """Say where an alias or a mirrored state is not what was decided."""
    if state == SYNTHETIC_STATE:
        return ""
    if beside is not None and beside.state != state:
        return f"The registry says {state}, the decisions beside the model say {beside.state}."
    if state == "live" and until is not None and until < datetime.now(UTC).date():
        return f"The registry says live, and the approval ended on {until.isoformat()}."
    if ("live" in aliases) != (state == "live"):
        on = "is" if "live" in aliases else "is not"
        return f"The alias live {on} on it, and the decisions say {state}."
    return ""
