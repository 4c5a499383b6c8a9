"""What surrounds a card's content and is no part of its hash: runs, times, decisions."""

from datetime import date

from pydantic import Field

from fs_risk.model.approval_log import Decision
from fs_risk.model.approval_policy import ApprovalPolicy
from fs_risk.model_cards.parts import Part

WITHHELD = "name withheld"
"""Stands on a publishable card for who decided; the role is shown."""


class Envelope(Part):
    """What surrounds a card's content, and is no part of its hash.

    Attributes
    ----------
    content_hash : str
        SHA-256 of the content as it was written.
    made_at : str
        ISO time, UTC.
    runs : dict of str to str
        By the name that figures carry: the tracking run's id, or empty where the run
        was not tracked.
    environment : dict of str to str
        Versions of the library and of those that figures depend on.
    decisions : tuple of Decision
        A copy of those taken about the model, in their order; the log beside the
        artefact is what counts.
    policy : ApprovalPolicy
        Which signatures are needed.
    on : date or None
        The day that the decisions were copied: the page says where the model stood then.
    """

    content_hash: str = ""
    made_at: str = ""
    runs: dict[str, str] = Field(default_factory=dict)
    environment: dict[str, str] = Field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    policy: ApprovalPolicy = ApprovalPolicy()
    on: date | None = None


class OpenQuestion(Part):
    """Something that stops approval until somebody has seen to it.

    Attributes
    ----------
    field : str
    heading : str
    question : str
    """

    field: str
    heading: str
    question: str
