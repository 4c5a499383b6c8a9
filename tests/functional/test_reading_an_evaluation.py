"""The page on reading an evaluation is true: its code runs, and it names every figure."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "reading_an_evaluation.md").read_text("utf-8")
BLOCK = re.compile(r"```python\n(.*?)```", re.S)
TYPED = re.compile(r"`([a-z0-9_<>]+)`")
LATER = ("average_precision_of_", "average_precision_without", "loss_average_precision_without")


@pytest.fixture(scope="module")
def names():
    found = {}
    for code in BLOCK.findall(PAGE):
        exec(compile(code, "reading_an_evaluation.md", "exec"), found)
    return found


def patterns():
    for name in TYPED.findall(PAGE):
        words = re.escape(name).replace("<candidate>", "[a-z_]+").replace("<change>", "[a-z0-9_]+")
        yield re.compile(words)


def test_code_runs_and_the_report_leads_with_a_verdict(names):
    assert names["report"].verdict[0] == names["report"].leading_sentence


def test_every_figure_is_explained(names):
    told = list(patterns())
    for metric in names["report"].table["metric"]:
        plain = metric.replace("delayed_7d", "delayed_28d")
        assert any(pattern.fullmatch(plain) for pattern in told), metric


def test_every_change_that_is_tried_is_explained(names):
    told = set(TYPED.findall(PAGE))
    for each in names["report"].retests:
        assert each.name in told or each.name.startswith("replica_") or each.kind == "month"


def test_figures_named_are_figures_there_are(names):
    """Nothing is explained that a report does not hold (thorough figures apart)."""
    held = set(names["report"].table["metric"])
    table = re.compile(r"^\| ((?:`[a-z0-9_]+` ?)+) \|", re.M)
    changes = {each.name for each in names["report"].retests} | {"other_seed"}
    for row in table.findall(PAGE):
        for name in TYPED.findall(row):
            assert name in held | changes | {"two_sample_auc"} or name.startswith(LATER), name
