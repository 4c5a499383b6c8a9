"""Whatever is sent, no answer to a mistake and no line of the log holds any of it."""

import json
import logging

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

import fs_risk as fs
import services
from fs_risk.triage.service_asked import DeclaredReferral

FIELDS = tuple(DeclaredReferral.model_fields)

marks = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=10, max_size=40)
"""Texts that stand in no answer of ours by chance."""
days = st.dates().map(str)
values = marks | days | st.integers(10**9) | st.booleans() | st.none() | st.lists(marks, max_size=2)
referrals = st.dictionaries(st.sampled_from(FIELDS), values) | st.dictionaries(
    st.sampled_from(FIELDS) | marks, values
)
whole = st.fixed_dictionaries(
    {"referral_id": marks, "child_id": marks, "referral_date": days},
    optional={"birth_date": days, "source": values, "restricted": values, "kind": values},
)
bodies = (
    st.builds(lambda referral: {"referral": referral}, referrals | whole)
    | st.builds(
        lambda some, capacity: {"referrals": some, "capacity": capacity, "purpose": "allocation"},
        st.lists(referrals | whole, max_size=3),
        values | st.just(2),
    )
    | values
)


@pytest.fixture(scope="module")
def client(small_model):
    history = fs.History.from_records(services.village())
    with services.asking(services.desk_of(history, small_model)) as client:
        yield client


@pytest.fixture(scope="module")
def log():
    lines = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(repr(vars(record)))

    logger, handler = logging.getLogger("fs_risk"), Kept()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)


def leaves(content):
    """Every text and number of a body that nobody but its sender could have said."""
    if isinstance(content, dict):
        return {leaf for pair in content.items() for each in pair for leaf in leaves(each)}
    if isinstance(content, list):
        return {leaf for each in content for leaf in leaves(each)}
    return {str(content)} if len(str(content)) >= 10 else set()


@settings(
    max_examples=100, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(body=bodies, path=st.sampled_from(["/score", "/prioritise"]), where=marks)
@example(
    body={"referral": {"referral_id": "R-of-a-child", "child_id": "C-4711-4711",
                       "referral_date": "2024-05-06T00:00"}}, path="/score", where="C-4711-4711",
)  # fmt: skip
def test_nothing_that_was_sent_comes_back(client, log, body, path, where):
    """G8: the field and its place are named, never its value."""
    log.clear()
    sent, content = leaves(body), json.dumps(body)
    headers = {"content-type": "application/json", "x-child": where, "cookie": where}
    answer, astray, query = (
        client("POST", to, content=content, headers=headers)
        for to in (path, f"/{where}", f"{path}?child_id={where}")
    )
    said = "".join(log) + astray.text + query.text
    if answer.status_code != 200:
        said += answer.text

    assert answer.status_code in (200, 422)
    assert (astray.status_code, query.status_code) == (404, 400)
    assert len(log) >= 3
    for leaf in (sent | {where}) - {*FIELDS, "allocation"}:
        assert leaf not in said
        assert json.dumps(leaf)[1:-1] not in said
