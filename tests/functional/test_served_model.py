"""A registered model behind MLflow's own scoring server, asked as any client would ask it."""

import asyncio
import json

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.api import study_cases
from fs_risk.model.store import mlflow_at

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rows(small_authority, small_model):
    return study_cases(small_authority, small_model.plan).features[:3]


@pytest.fixture(scope="module")
def ask(small_model, tmp_path_factory):
    """Give a function that posts to ``/invocations`` of the server's application."""
    store = f"sqlite:///{tmp_path_factory.mktemp('served') / 'mlflow.db'}"
    fs.track_run(small_model, tracking_uri=store, register_as="step_up")
    with mlflow_at(store) as mlflow:
        from mlflow.pyfunc.scoring_server import init

        served = init(mlflow.pyfunc.load_model("models:/step_up@candidate"))
        yield lambda content: asyncio.run(posted(served, content))


async def posted(application, content):
    """Speak ASGI to the application: one request, its status and its body."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "path": "/invocations", "raw_path": b"/invocations", "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"localhost")],
        "scheme": "http", "server": ("localhost", 80), "client": ("localhost", 1),
    }  # fmt: skip
    requests = iter([{"type": "http.request", "body": body, "more_body": False}])
    answers = []

    async def receive():
        return next(requests, {"type": "http.disconnect"})

    async def send(message):
        answers.append(message)

    await application(scope, receive, send)
    parts = [answer.get("body", b"") for answer in answers]
    return answers[0]["status"], b"".join(parts).decode()


def as_json(rows):
    return {"dataframe_records": json.loads(rows.to_json(orient="records", double_precision=15))}


def test_server_answers_as_the_model_does(ask, rows, small_model):
    status, text = ask(as_json(rows))
    answered = pd.DataFrame(json.loads(text)["predictions"])

    assert status == 200
    assert answered["probability"].to_numpy() == pytest.approx(
        small_model.predict_proba(rows)[:, 1], rel=1e-6
    )
    assert answered["mode"].str.startswith("SYNTHETIC").all()


@pytest.mark.parametrize("spoil", ["no number", "unknown column", "no columns"])
def test_rows_that_cannot_be_scored_are_refused_and_not_repeated(ask, rows, spoil):
    """The answer to a mistake never holds a row."""
    content = as_json(rows)
    if spoil == "no number":
        content["dataframe_records"][0][rows.columns[0]] = "Jane Doe"
    elif spoil == "unknown column":
        content["dataframe_records"][0]["name"] = "Jane Doe"
    else:
        content = {"instances": [["Jane Doe", 1.0]]}
    status, text = ask(content)

    assert status == 400
    assert "Jane" not in text


def test_missing_values_may_be_null(ask, rows):
    empty = rows.assign(**{rows.columns[0]: np.nan})
    status, text = ask(as_json(empty))

    assert status == 200
    assert len(json.loads(text)["predictions"]) == len(rows)
