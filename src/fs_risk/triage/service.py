"""The service as an ASGI application: addresses, their description, and nothing else.

The only module that loads FastAPI.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

import fs_risk
from fs_risk.errors import FsRiskError
from fs_risk.triage.risk_score import CAVEAT, RiskScore
from fs_risk.triage.service_answers import (
    PROBLEM,
    Alive,
    ListAnswer,
    ModelAnswer,
    Problem,
    Ready,
    Refused,
    fault,
    refused_for,
)
from fs_risk.triage.service_asked import ListRequest, ScoreRequest, read_json, unreadable
from fs_risk.triage.service_desk import Desk, list_answer
from fs_risk.triage.service_door import Door, DoorSettings
from fs_risk.triage.service_log import note_fault
from fs_risk.triage.service_tokens import Tokens
from fs_risk.triage.service_visit import OPEN, VERSION, Visit

LOOK_SECONDS = 5.0
"""How often it is looked whether a newer history was saved, and whether the ledger is there."""

_WORDS = f"""Scores of referrals, with their reasons and limits. {CAVEAT} A list orders additional
attention only: nothing here closes, defers or refuses a referral."""

_TELEMETRY = ("tracing", "metrics", "logs", "operation_spans", "auto_configure")
_NO_TELEMETRY: Any = dict.fromkeys(_TELEMETRY, False)
"""FastAPI can hand bodies and messages of errors to OpenTelemetry: never here."""


def make_app(
    desk: Desk,
    *,
    tokens: Tokens | None = None,
    settings: DoorSettings | None = None,
    encrypted: bool = False,
) -> Door:
    """Make the service: its addresses behind its door.

    Parameters
    ----------
    desk : Desk
        Closed when the service ends.
    tokens : Tokens, optional
        By default those of the environment.
    settings : DoorSettings, optional
    encrypted : bool, default=False
        Whether it is asked over TLS.

    Returns
    -------
    Door
        An ASGI application.
    """
    app = FastAPI(
        title="fs_risk",
        version=fs_risk.__version__,
        description=_WORDS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": VERSION}],
        lifespan=lambda _: _while_open(desk),
        telemetry=_NO_TELEMETRY,
    )
    app.router.route_class = _StrictRoute
    known = Tokens() if tokens is None else tokens
    _score_addresses(app, desk)
    _other_addresses(app, desk, known)
    for kind in (FsRiskError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _refuse)
    _describe(app, guarded=bool(known))
    return Door(app, known, settings or DoorSettings(), encrypted=encrypted)


def _score_addresses(app: FastAPI, desk: Desk) -> None:
    @app.post("/score", responses=_answers(RiskScore, *_ASKING, *_BODY))
    def score(asked: ScoreRequest, request: Request) -> Response:
        """Score one referral; what is answered is in the ledger, if there is one."""
        made = desk.score(asked)
        _visit(request).noted([made], desk.unknown([asked.referral]))
        return _as_json(made)

    @app.post("/prioritise", responses=_answers(ListAnswer, 400, 401, 408, 413, 415, 422, 431, 503))
    def prioritise(asked: ListRequest, request: Request) -> Response:
        """Order the referrals of one list period for additional attention, up to a capacity."""
        ranked = desk.rank(asked)
        _visit(request).noted(ranked.scores, desk.unknown(list(asked.referrals)))
        return _as_json(list_answer(ranked))


def _other_addresses(app: FastAPI, desk: Desk, tokens: Tokens) -> None:
    @app.get("/model", responses=_answers(ModelAnswer, *_ASKING))
    async def model() -> Response:
        """Say which model answers, from records up to when."""
        return _as_json(desk.about_model())

    @app.get("/health", responses=_answers(Alive, *_ANYBODY))
    async def health() -> Response:
        """Say that the process answers: restart it when this fails."""
        return _as_json(Alive())

    @app.get("/ready", responses={**_answers(Ready, *_ANYBODY), **_answers(Ready, at=503)})
    async def ready() -> Response:
        """Say whether it can score: send nothing to it while this is 503."""
        state: Any = "none needed"
        if tokens:
            state = "ok" if tokens.usable else "none usable"
        well = desk.ledger_state != "failing" and state != "none usable"
        answer = Ready(
            ready=well, history=desk.history_state, ledger=desk.ledger_state, tokens=state
        )
        return _as_json(answer, status=200 if well else 503)


@asynccontextmanager
async def _while_open(desk: Desk) -> AsyncIterator[None]:
    """Look for a newer history while the service is open; close the ledger at its end."""
    looking = asyncio.create_task(_look(desk))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        desk.close()


async def _look(desk: Desk) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await run_in_threadpool(desk.renew)
        except Exception as error:  # the next look may succeed
            note_fault("look failed", error)


class _StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        return read_json(await self.body())


class _StrictRoute(APIRoute):
    """Reads requests as `_StrictRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly


async def _refuse(request: Request, error: Exception) -> Response:
    """Answer a mistake or a fault with a problem that repeats nothing."""
    if isinstance(error, RequestValidationError):
        refused = unreadable(error.errors())
    elif isinstance(error, FsRiskError):
        refused = refused_for(error)
    elif isinstance(error, HTTPException) and isinstance(error.__cause__, Refused):
        refused = error.__cause__
    else:
        refused = fault()
    visit = _visit(request)
    visit.said["problem"] = refused.kind
    status, headers, body = refused.answer(visit.request_id)
    return Response(body, status, headers)


def _visit(request: Request) -> Visit:
    visit: Visit = request.state.visit
    return visit


def _as_json(answer: BaseModel, *, status: int = 200) -> Response:
    return Response(answer.model_dump_json(), status, media_type="application/json")


def _answers(answer: type[BaseModel], *problems: int, at: int = 200) -> dict[int | str, Any]:
    """Describe what an address answers."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    retry = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    described: dict[int | str, Any] = {
        status: {"description": _MEANINGS[status], "content": content}
        | ({"headers": retry} if status == 503 else {})
        for status in problems
    }
    said = "Answered." if at == 200 else "Not now."
    return {at: {"model": answer, "description": said}, **described}


_ANYBODY = (400, 431, 500, 503)
_ASKING = (*_ANYBODY, 401, 421)
_BODY = (408, 413, 415, 422)
"""Problems of every address, of those that need a token, of those that take a body."""

_MEANINGS = {
    400: "Not JSON, or an address with a query.",
    401: "No valid token.",
    408: "The body took too long.",
    413: "The body is too large.",
    415: "Not JSON in UTF-8, or compressed.",
    421: "Without tokens, asked under a name that is not local.",
    422: "Fields that cannot be read, or something that is not possible.",
    431: "The head of the request is too large.",
    500: "A fault of the service.",
    503: "Too much at once, or the ledger could not record the score: no score, ask again later.",
}


def _describe(app: FastAPI, *, guarded: bool) -> None:
    """Complete the description: the shape of problems, and the token where one is needed."""
    description = app.openapi()
    parts = description.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    for left in ("HTTPValidationError", "ValidationError"):
        schemas.pop(left, None)
    if guarded:
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        description["security"] = [{"token": []}]
        for path in OPEN:
            description["paths"][path]["get"]["security"] = []
