"""`ModelCard`: what a model is for, and how anybody can check that the card is true."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from fs_risk.errors import ArtefactError
from fs_risk.model.approval_log import Subject
from fs_risk.model.approval_state import ApprovalState, state_on
from fs_risk.model_cards.answers import QUESTIONS, CardAnswers
from fs_risk.model_cards.envelope import Envelope, OpenQuestion
from fs_risk.model_cards.evidence import (
    Ageing,
    Certainty,
    Fairness,
    LedgerFigures,
    Performance,
    Value,
)
from fs_risk.model_cards.forms import Written
from fs_risk.model_cards.parts import (
    HASH_OR_NONE,
    Data,
    Explanation,
    Feature,
    Hashes,
    Identity,
    Law,
    Leakage,
    PlanShown,
    Settings,
    VignetteShown,
)
from fs_risk.records.counts_in_words import count_of

if TYPE_CHECKING:
    from fs_risk.features.proof import LeakageProof
    from fs_risk.model.step_up import StepUpModel
    from fs_risk.model_cards.compare import Difference
    from fs_risk.model_cards.diff import CardDiff
    from fs_risk.records.records import Records

EQUALITY = "equality"
"""Heading of the open questions of the equality duty."""

SCHEMA_VERSION = 1
"""Raised when the shape of a card changes."""


class ModelCard(Written):
    """What a model is for, what it saw, how well it does and for whom, and what is not known.

    Made by `build_card`. Everything but `people`, `ageing.since`, `ledger` and
    `leakage.prover` can be worked out again from model and records: `verify` does.

    Attributes
    ----------
    schema_version : int
    view : {"internal", "publishable"}
        A publishable card hides small numbers and rounds the others.
    made_from : str
        On a publishable card, the content hash of the internal one; else empty.
    identity, hashes, settings, data, features, leakage, plan, performance, certainty,
    fairness, explanation, vignettes, value, ageing, law, ledger
        Its parts.
    people : CardAnswers
        What only people can write.
    envelope : Envelope
        Run ids, times and decisions: no part of the content that is hashed.
    """

    schema_version: Literal[1] = 1
    view: Literal["internal", "publishable"] = "internal"
    made_from: str = Field(default="", pattern=HASH_OR_NONE)
    identity: Identity
    hashes: Hashes
    settings: Settings
    data: Data
    features: tuple[Feature, ...] = Field(min_length=1)
    leakage: Leakage
    plan: PlanShown
    performance: Performance
    certainty: Certainty
    fairness: Fairness
    explanation: Explanation
    vignettes: tuple[VignetteShown, ...]
    value: Value | None
    ageing: Ageing
    law: Law
    ledger: LedgerFigures | None
    people: CardAnswers
    envelope: Envelope = Envelope()

    @property
    def synthetic(self) -> bool:
        """Whether the model was fitted on invented records."""
        return self.identity.origin == "synthetic"

    @property
    def answers(self) -> dict[str, str | None]:
        """Every question's answer as text, None where it is to be written."""
        return {
            name: None if (said := getattr(self.people, name)) is None else str(said)
            for name in QUESTIONS
        }

    @property
    def open_questions(self) -> tuple[OpenQuestion, ...]:
        """What stops approval: unanswered questions, thin evidence, parts not given."""
        from fs_risk.model_cards.open_questions import open_questions

        return open_questions(self)

    @property
    def obstacles(self) -> tuple[str, ...]:
        """The open questions that stop every signature, as text."""
        return tuple(each.question for each in self.open_questions if each.heading != EQUALITY)

    @property
    def equality_questions(self) -> tuple[str, ...]:
        """The open questions of the equality duty, for the senior responsible owner."""
        return tuple(each.question for each in self.open_questions if each.heading == EQUALITY)

    @property
    def ready(self) -> bool:
        """Whether nothing is left open, so that it can be put forward for approval."""
        return not self.open_questions

    @property
    def subject(self) -> Subject:
        """What a decision about this card is bound to: the hashes of card, model and audit."""
        return Subject(
            card=self.made_from or self.content_hash,
            model=self.hashes.model,
            audit=self.hashes.audit,
        )

    def standing(self, *, on: date | None = None) -> ApprovalState:
        """Say where the model stands, by the decisions that the envelope holds.

        Parameters
        ----------
        on : date, optional
            By default the day that the decisions were copied, else today (UTC).

        Returns
        -------
        ApprovalState
            Signatures of other content are stale, and do not count.
        """
        day = on or self.envelope.on or datetime.now(UTC).date()
        return state_on(self.envelope.decisions, self.subject, self.envelope.policy, day)

    def verify(
        self,
        records: "Records",
        *,
        model: "StepUpModel",
        leakage: "LeakageProof | None" = None,
        drift: Mapping[str, Any] | None = None,
        ledger_figures: "LedgerFigures | Mapping[str, Any] | None" = None,
    ) -> "tuple[Difference, ...]":
        """Measure again, with the settings stated, and compare figure by figure (G3).

        Parameters
        ----------
        records : Records
            Those that the card was measured on.
        model : StepUpModel
        leakage, drift, ledger_figures : optional
            What cannot be worked out from model and records; compared where given again.

        Returns
        -------
        tuple of Difference
            Empty when the card is true. Each names whether the card, the model or the
            data is not what it was.
        """
        from fs_risk.model_cards.verify import verify_card

        return verify_card(
            self,
            records,
            model=model,
            leakage=leakage,
            drift=drift,
            ledger_figures=ledger_figures,
        )

    def diff(self, earlier: "ModelCard") -> "CardDiff":
        """Say what changed since an earlier card, and what the change means.

        Parameters
        ----------
        earlier : ModelCard

        Returns
        -------
        CardDiff
        """
        from fs_risk.model_cards.diff import diff_cards

        return diff_cards(earlier, self)

    def publishable(self) -> "ModelCard":
        """Give the view that may be published: small numbers hidden, the others rounded.

        Returns
        -------
        ModelCard
        """
        from fs_risk.model_cards.publish import publishable

        return publishable(self)

    @classmethod
    def read(cls, path: str | Path) -> "ModelCard":
        """Read a card from its JSON.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        ModelCard

        Raises
        ------
        ArtefactError
            If the file is no card, or one of another schema.
        """
        source = Path(path)
        try:
            return cls.model_validate_json(source.read_bytes())
        except OSError as error:
            raise ArtefactError(
                f"The card cannot be read: {error.strerror}.",
                where=source.name,
                fix="Check the path.",
            ) from None
        except ValidationError as error:
            faults = count_of(error.error_count(), "fault")
            raise ArtefactError(
                f"The file is not a card of this release: {faults}.",
                where=source.name,
                fix="Give the JSON that to_json() wrote.",
            ) from None

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        stamp = "SYNTHETIC " if self.synthetic else ""
        return (
            f"<ModelCard {stamp}{self.identity.name} {self.identity.version}, "
            f"{self.standing().state}, {len(self.open_questions)} open questions>"
        )
