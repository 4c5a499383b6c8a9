"""A card is held against figures measured again from model and records, not its hashes alone."""

import pytest

ADDED = 0.0003
"""Too little for a reader to notice, and far more than rounding."""


def with_figure(card, place, value):
    figures = list(card.performance.figures)
    figures[place] = figures[place].model_copy(update={"value": value})
    done = card.performance.model_copy(update={"figures": tuple(figures)})
    return card.model_copy(update={"performance": done})


def with_group_figure(card, place, value):
    rows = list(card.fairness.rows)
    figure = rows[place].figure.model_copy(update={"value": value})
    rows[place] = rows[place].model_copy(update={"figure": figure})
    fairness = card.fairness.model_copy(update={"rows": tuple(rows)})
    return card.model_copy(update={"fairness": fairness})


def hashed_anew(card):
    """As somebody would who knows the format, and wants the card to look untouched."""
    envelope = card.envelope.model_copy(update={"content_hash": card.content_hash})
    return card.model_copy(update={"envelope": envelope})


def test_figures_that_the_model_does_not_give_are_named(card, small_authority, small_model):
    """G3: one of performance and one of fairness, on the whole way; and nothing else is named."""
    names = [figure.metric for figure in card.performance.figures]
    place = names.index("average_precision")
    shares = [row.figure.value for row in card.fairness.rows]
    group = next(number for number, share in enumerate(shares) if share and share < 1)
    true = card.performance.figures[place].value
    better = with_figure(card, place, true + ADDED)
    changed = hashed_anew(with_group_figure(better, group, shares[group] + ADDED))

    found = changed.verify(small_authority, model=small_model)

    assert {each.where for each in found} == {
        f"performance.figures[{place}].value",
        f"fairness.rows[{group}].figure.value",
    }
    assert {each.changed for each in found} == {"card"}
    stated = next(each for each in found if each.where.startswith("performance"))
    assert float(stated.stated) == pytest.approx(true + ADDED)
    assert float(stated.found) == pytest.approx(true)
