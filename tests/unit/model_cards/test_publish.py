"""The publishable view: no count of 1 to 5, and nothing exact to subtract from (A2)."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fs_risk as fs
from fs_risk.errors import ArtefactError
from fs_risk.model_cards.publish_rules import is_few, shown

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(scope="module")
def golden():
    return fs.ModelCard.read(GOLDEN / "card.json")


def counts_in(content, where=()):
    names = ("n", "positives", "cases", "with_outcome", "households", "rows", "children", "count",
             "set_aside")  # fmt: skip
    if isinstance(content, dict):
        for name, value in content.items():
            if name in names and isinstance(value, int):
                yield ".".join(map(str, (*where, name))), value
            yield from counts_in(value, (*where, name))
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from counts_in(value, (*where, place))


def test_no_count_of_1_to_5_is_left_and_all_are_rounded(card):
    """A2: counts of 1 to 5 become c."""
    exact, published = list(counts_in(card.content)), list(counts_in(card.publishable().content))

    assert any(0 < value <= 5 for _, value in exact)
    assert [where for where, value in published if value % 5] == []


def test_what_the_audit_suppresses_is_hidden(card, card_study):
    """A2: with what would give it away by subtraction."""
    audit = card_study[1]
    shown_rows = audit.table.set_index(["attribute", "group", "metric"])
    published = card.publishable().fairness.rows

    assert any(row.hidden for row in published)
    for row in published:
        allowed = shown_rows.loc[(row.attribute, row.group, row.figure.metric)]
        if allowed["suppressed"]:
            assert row.figure.symbol == "c"
            assert row.figure.value is None
            assert row.difference is None
            assert row.rest is None


def test_shares_are_too_coarse_to_give_a_count_of_1_to_5_away(card):
    """A2: where few are found, missed, or listed in vain, what lists hold is hidden."""
    exact, published = card.performance, card.publishable().performance
    for own, row in zip(exact.capacities, published.capacities, strict=True):
        precision = own.figure("precision").value
        found = own.listed * precision
        cells = (found, own.listed - found, exact.positives - found,
                 exact.n - exact.positives - own.listed + found)  # fmt: skip
        hidden = row.figure("recall").value is None
        assert hidden == any(is_few(cell) for cell in cells)
    assert any(row.figure("recall").symbol == "c" for row in published.capacities)


def test_hidden_lists_are_hidden_in_every_sentence(card):
    published = card.publishable()

    assert card.performance.planned.figure("recall").value is not None
    assert published.performance.planned.figure("recall").value is None
    assert published.performance.figure("recall_at_capacity").symbol == "c"
    page = published.to_markdown()
    assert "What the lists held is hidden" in page
    assert "How often lists are wrong cannot be shown" in page


def test_worth_of_small_lists_is_left_out_and_the_rest_is_whole(golden):
    """A2: what is found of 1,000 cases must not give a count of 1 to 5 back."""
    published = golden.publishable().value
    per_case = golden.performance.n / 1000

    assert 0 < len(published.rows) < len(golden.value.rows)
    for row in published.rows:
        assert row.found == round(row.found)
        assert not is_few(row.found * per_case)


def test_publishing_twice_changes_nothing(golden):
    once = golden.publishable()

    assert once.publishable() is once
    assert once.made_from == golden.content_hash
    assert once.envelope.content_hash == once.content_hash
    assert fs.ModelCard.model_validate_json(once.to_json()) == once


def test_same_questions_are_open_on_both_views(card, golden):
    for each in (card, golden):
        assert each.publishable().open_questions == each.open_questions


def test_no_name_is_published(golden):
    assert "Invented Person" in golden.to_html()
    published = golden.publishable()
    forms = (published.to_html(), published.to_markdown(), published.to_json())
    assert not [form for form in forms if "Invented Person" in form]


def test_publishable_card_cannot_be_verified(golden, small_authority, small_model):
    with pytest.raises(ArtefactError, match="cannot be held against the records"):
        golden.publishable().verify(small_authority, model=small_model)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_shown_count_is_hidden_or_within_two(count):
    found = shown(count)

    assert (found is None) == (0 < count <= 5)
    if found is not None:
        assert abs(found - count) <= 2
