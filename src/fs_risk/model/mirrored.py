"""Decisions as MLflow's registry mirrors them, for a model that was fetched from there."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fs_risk.errors import ApprovalError
from fs_risk.model.approval_log import Decision, Subject
from fs_risk.model.approval_policy import ApprovalPolicy
from fs_risk.model.approval_state import ApprovalState, state_on
from fs_risk.model.approvals import Approvals
from fs_risk.model.registered import LAST_DECISION, MIRROR, Registered
from fs_risk.model.store import mlflow_at

ASKED_AGAIN_AFTER = 60.0
"""Seconds for which what the registry said holds: a suspension takes no longer to arrive."""


@dataclass(frozen=True)
class Snapshot:
    """What a registry says about a version.

    Attributes
    ----------
    live : bool
        Whether the alias ``live`` is on this version.
    decisions : tuple of Decision
        The mirrored chain, checked.
    policy : ApprovalPolicy
    subject : Subject or None
        Of the mirrored card and the model; None where no card is mirrored.
    """

    live: bool
    decisions: tuple[Decision, ...]
    policy: ApprovalPolicy
    subject: Subject | None

    def state(self, on: date) -> ApprovalState | None:
        """Give where the model stands on a day; None where no card is mirrored."""
        if self.subject is None:
            return None
        return state_on(self.decisions, self.subject, self.policy, on)


class MirroredDecisions:
    """The decisions about a fetched model, asked for again after `ASKED_AGAIN_AFTER` seconds.

    Parameters
    ----------
    registered : Registered
    model_hash : str
        Content hash of the model, worked out from the files that were fetched.
    """

    def __init__(self, registered: Registered, model_hash: str) -> None:
        self.registered, self.model_hash = registered, model_hash
        self._held: Snapshot | None = None
        self._asked = float("-inf")

    def state(self, on: date | None = None) -> ApprovalState | None:
        """Give where the model stands, by the registry.

        Parameters
        ----------
        on : date, optional
            By default today.

        Returns
        -------
        ApprovalState or None
            None where no card is mirrored, or the alias ``live`` is on no or another version.

        Raises
        ------
        ApprovalError
            If the mirror cannot be read, or does not hold what it says.
        """
        if time.monotonic() - self._asked > ASKED_AGAIN_AFTER:
            # what was held counts no longer, whether or not there is an answer; and a store
            # that does not answer is not asked at every score
            self._held, self._asked = None, time.monotonic()
            self._held = read_mirror(self.registered, self.model_hash)
        held = self._held
        if held is None or not held.live:
            return None
        return held.state(on or datetime.now(UTC).date())


def read_mirror(registered: Registered, model_hash: str) -> Snapshot:
    """Read what a registry says about a version of a model.

    Parameters
    ----------
    registered : Registered
    model_hash : str

    Returns
    -------
    Snapshot

    Raises
    ------
    ApprovalError
        If the registry does not answer, the chain is broken, or its last decision is
        not the one that the version's tag names.
    """
    with mlflow_at(registered.tracking_uri) as mlflow, TemporaryDirectory() as place:
        try:
            client = mlflow.MlflowClient()
            version = client.get_model_version(registered.name, registered.version)
            folder = _fetched(mlflow, client, version, Path(place))
            live = _version_with(client, registered.name, "live") == registered.version
        except Exception:
            # whatever a store behind a network raises: no answer is no approval
            raise ApprovalError(
                "The registry does not say what was decided about the model.",
                where=f"{registered.name}, version {registered.version}",
                fix="Check that the registry answers; until then the model counts as not approved.",
            ) from None
        return _snapshot(folder, model_hash, live, str(version.tags.get(LAST_DECISION, "")))


def _snapshot(folder: Path, model_hash: str, live: bool, last: str) -> Snapshot:
    from fs_risk.model.in_use import subject_in

    approvals = Approvals(folder)
    decisions = approvals.decisions
    if (decisions[-1].hash if decisions else "") != last:
        raise ApprovalError(
            "The mirrored decisions do not end with the one that the version's tag names.",
            where=f"registry, tag {LAST_DECISION}",
            fix="Mirror the decisions again from the model's folder.",
        )
    return Snapshot(live, decisions, approvals.policy, subject_in(folder, model_hash))


def _fetched(mlflow: Any, client: Any, version: Any, place: Path) -> Path:
    """Download the mirror; an empty folder where there is none."""
    if not version.run_id or not client.list_artifacts(version.run_id, MIRROR):
        return place
    found = mlflow.artifacts.download_artifacts(
        run_id=version.run_id, artifact_path=MIRROR, dst_path=str(place)
    )
    return Path(found)


def _version_with(client: Any, name: str, alias: str) -> str | None:
    """Give the version that an alias is on."""
    aliases: dict[str, Any] = client.get_registered_model(name).aliases
    return None if alias not in aliases else str(aliases[alias])
