"""What changed between two cards, and what the change means."""

import json
from pathlib import Path

import pytest

import fs_risk as fs

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(scope="module")
def golden():
    return fs.ModelCard.read(GOLDEN / "card.json")


def changed(card, **parts):
    content = json.loads(card.to_json())
    for path, value in parts.items():
        inner = content
        steps = path.split("__")
        for step in steps[:-1]:
            inner = inner[int(step) if step.isdigit() else step]
        inner[steps[-1]] = value
    return fs.ModelCard.model_validate(content)


def only(diff, part):
    return [each for each in diff.changes if each.part == part]


def test_card_does_not_differ_from_itself(golden):
    diff = golden.diff(golden)

    assert diff.changes == ()
    assert diff.text() == "Nothing changed."
    assert "signatures hold" in diff.to_html()


def test_figure_beyond_chance_says_so(golden):
    place = [each.metric for each in golden.performance.figures].index("recall_at_capacity")
    figure = f"performance__figures__{place}__"
    better = changed(golden, **{f"{figure}value": 0.9, f"{figure}low": 0.85, f"{figure}high": 0.95})
    found = only(better.diff(golden), "Figures")[0]

    assert "more of 100 children with the outcome are listed" in found.means
    assert "more than chance" in found.means


def test_figure_within_its_interval_may_be_chance(golden):
    place = [each.metric for each in golden.performance.figures].index("average_precision")
    worse = changed(golden, **{f"performance__figures__{place}__value": 0.1})
    found = only(worse.diff(golden), "Figures")[0]

    assert found.means == "It ranks worse. The intervals overlap: chance alone may account for it."


def test_gate_that_is_failed_now_is_named(golden):
    passed = [gate.passed for gate in golden.plan.gates]
    place = passed.index(True)
    failed = changed(golden, **{f"plan__gates__{place}__passed": False})
    found = only(failed.diff(golden), "Gates")

    assert [each.means for each in found] == ["Not passed any more."]


def test_features_gone_and_new_are_named(golden):
    fewer = golden.model_copy(update={"features": golden.features[1:]})
    gone, new = fewer.diff(golden), golden.diff(fewer)

    assert only(gone, "Features")[0].before == golden.features[0].name
    assert only(gone, "Features")[0].means == "It no longer sees these."
    assert only(new, "Features")[0].after == golden.features[0].name


def test_redefined_feature_is_named(golden):
    other = changed(golden, features__0__digest="0" * 64)

    assert only(other.diff(golden), "Features")[0].what == "defined otherwise"


def test_new_gap_opens_the_equality_questions(golden):
    place = next(
        number for number, row in enumerate(golden.fairness.rows) if row.family == "primary"
    )
    gap = changed(golden, **{f"fairness__rows__{place}__verdict": "gap shown"})

    assert "equality questions are open again" in only(gap.diff(golden), "Groups")[0].means


def test_answers_taken_away_are_named_and_the_approval_falls(golden):
    without = changed(golden, people__owner=None)
    diff = without.diff(golden)

    assert only(diff, "Answers")[0].means == "An answer was taken away."
    assert only(diff, "Approval")[0].before == "approved"
    assert only(diff, "Approval")[0].after == "draft"


@pytest.mark.parametrize(
    ("path", "value"),
    [("hashes__model", "0" * 64), ("hashes__records", "1" * 64), ("identity__capacity", 12),
     ("plan__plans_tried", 7), ("data__returns", ["another return"]),
     ("explanation__trees", 1), ("fairness__fewest", 3), ("vignettes__0__holds", False),
     ("performance__bins__0__predicted", 0.5), ("ageing__learnt_to", "2020-01-01")],
)  # fmt: skip
def test_nothing_changes_unsaid(golden, path, value):
    other = changed(golden, **{path: value})

    assert other.content_hash != golden.content_hash
    assert [each for each in other.diff(golden).changes if each.part != "Approval"]


def test_page_says_that_signatures_do_not_hold(golden, tmp_path):
    other = changed(golden, identity__capacity=12)
    page = other.diff(golden).to_html(tmp_path / "diff.html")

    assert "Signatures on the earlier card do not hold" in page
    assert "precision falls and recall rises" in page
    assert (tmp_path / "diff.html").read_text(encoding="utf-8") == page
