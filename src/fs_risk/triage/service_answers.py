"""What the service answers besides scores: problems, lists, the model, its health."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fs_risk.errors import FsRiskError, LedgerError
from fs_risk.triage.risk_score import RiskScore

LEDGER_WAIT, QUEUE_WAIT = 5, 1
"""Seconds after which a client may ask again: when the ledger failed, when all were busy."""


class Problem(BaseModel):
    """Why there is no answer; it repeats nothing that was sent.

    Attributes
    ----------
    type : str
        A name for this kind of problem, which stays the same from release to release.
    title : str
        The kind, in words.
    status : int
    detail : str
        What is wrong.
    where : str
    fix : str
        What to do about it.
    request_id : str
        Stands in the service's log too.

    References
    ----------
    .. [1] RFC 9457, Problem details for HTTP APIs.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    where: str = ""
    fix: str
    request_id: str = ""


class Refused(Exception):
    """A request that gets a problem for an answer.

    Parameters
    ----------
    status : int
    kind : str
        The last word of the problem's `type`.
    what, where, fix : str
        As of an `FsRiskError`.
    after : int, optional
        Seconds after which to ask again.
    headers : dict of str to str, optional
    """

    def __init__(
        self,
        status: int,
        kind: str,
        what: str,
        *,
        fix: str,
        where: str = "",
        after: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(kind)
        self.headers = {**(headers or {}), **({"retry-after": str(after)} if after else {})}
        self.problem = Problem(
            type=f"urn:fs-risk:problem:{kind}",
            title=TITLES[kind],
            status=status,
            detail=what,
            where=where,
            fix=fix,
        )

    def answer(self, request_id: str) -> tuple[int, dict[str, str], bytes]:
        """Give it as a client receives it.

        Parameters
        ----------
        request_id : str

        Returns
        -------
        (int, dict, bytes)
            Status, headers, body.
        """
        problem = self.problem.model_copy(update={"request_id": request_id})
        body = problem.model_dump_json().encode()
        return problem.status, {"content-type": PROBLEM, **self.headers}, body

    @property
    def kind(self) -> str:
        """The last word of the problem's `type`."""
        return self.problem.type.rpartition(":")[2]


PROBLEM = "application/problem+json"

TITLES = {
    "not-json": "The body is not JSON",
    "not-readable": "The request cannot be read",
    "not-possible": "What is asked for is not possible",
    "not-let-in": "No valid token",
    "wrong-host": "Asked under another name",
    "no-query": "Addresses take no query",
    "not-here": "There is nothing at this address",
    "not-this-way": "Not with this method",
    "too-slow": "The body took too long",
    "too-large": "The body is too large",
    "not-this-type": "Not this type of content",
    "head-too-large": "The head of the request is too large",
    "fault": "A fault of the service",
    "busy": "The service is busy",
    "not-recorded": "The score could not be recorded",
}
"""Every kind of problem, in words."""


def fault() -> Refused:
    """Give the answer to a fault: its number alone, since what it says may repeat what was sent."""
    return Refused(
        500,
        "fault",
        "The service has a fault.",
        fix="Decide without a score; give the request_id to whoever runs the service.",
    )


def refused_for(error: FsRiskError) -> Refused:
    """Turn an error of ours into an answer.

    Parameters
    ----------
    error : FsRiskError

    Returns
    -------
    Refused
        503 where the ledger failed, since there is no score without its entry; else 422.
    """
    if isinstance(error, LedgerError):
        return Refused(
            503,
            "not-recorded",
            "The ledger could not record the score, so none is given.",
            fix="Decide without a score, as always when there is none; whoever runs the "
            "service looks into its log.",
            after=LEDGER_WAIT,
        )
    return Refused(422, "not-possible", error.what, where=error.where, fix=error.fix)


class ListItem(BaseModel):
    """One referral of a list; the fields are those of `RankedList.table`."""

    model_config = ConfigDict(frozen=True)

    block: str = Field(description="Where on the list it stands, and why.")
    place: int | None = Field(description="By score, from 1; null where not ranked.")
    listed: bool = Field(description="Whether it gets the additional attention.")
    chance: float | None = Field(description="Of being listed: 1 by score, else the drawing's.")
    household: int = Field(description="Number within this list; the same for siblings.")
    score: RiskScore


class ListAnswer(BaseModel):
    """Referrals in the order of additional attention; see the library's `RankedList`.

    Attributes
    ----------
    list_id : str
        The same in the ledger.
    purpose : str
    on : str or None
        The list's day.
    capacity : int
        Children listed at most.
    tied, tied_listed : int
        Referrals left out, and listed, with the score of the last one listed by score.
    random_share : float
    seed : int
    undeclared : int
        Referrals that do not say whether they are decided.
    summary : str
        What the list is for and what it is not; to be shown above it.
    blocks : dict of str to str
        What each block means.
    items : tuple of ListItem
    """

    model_config = ConfigDict(frozen=True)

    list_id: str
    purpose: str
    on: str | None
    capacity: int
    tied: int
    tied_listed: int
    random_share: float
    seed: int
    undeclared: int
    summary: str
    blocks: dict[str, str]
    items: tuple[ListItem, ...]


class ModelAnswer(BaseModel):
    """Which model answers, from records up to when.

    Attributes
    ----------
    name, version : str
    plan : str
        Hash of the plan that it was fitted to.
    outcome : str
    within_days : int
    origin : {"SYNTHETIC", "real"}
        Of the records that it was fitted on.
    mode, mode_meaning : str
        What it may be used for, before decisions about it.
    usable : bool
        Whether it gives scores today: else every referral gets ``NOT_APPROVED``.
    card, approved_until : str or None
        The start of the hash of the card that was signed, and the last day of its approval.
    fitted_to : str or None
        Last day known to the records that it was fitted on.
    records_to : str
        Last day known to the records that scores are made from.
    lag_days : int
        From this many days after `records_to` on the answer is ``STALE_EXTRACT``.
    ledger : {"kept", "absent"}
    library : str
        Release.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    plan: str
    outcome: str
    within_days: int
    origin: str
    mode: str
    mode_meaning: str
    usable: bool
    card: str | None = None
    approved_until: str | None = None
    fitted_to: str | None
    records_to: str
    lag_days: int
    ledger: Literal["kept", "absent"]
    library: str


class Alive(BaseModel):
    """The process answers; it says nothing of whether it can score."""

    model_config = ConfigDict(frozen=True)

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """Whether the service can score now.

    Attributes
    ----------
    ready : bool
    history : {"ok", "stale", "kept"}
        ``stale``: older today than the model was trained for; ``kept``: a newer one was
        saved and could not be loaded, the one before is in use.
    ledger : {"ok", "absent", "failing"}
    tokens : {"ok", "none needed", "none usable"}
    """

    model_config = ConfigDict(frozen=True)

    ready: bool
    history: Literal["ok", "stale", "kept"]
    ledger: Literal["ok", "absent", "failing"]
    tokens: Literal["ok", "none needed", "none usable"]
