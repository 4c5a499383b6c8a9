"""Verifying a card: measured again and compared; 200 mutations are each caught (G3)."""

import json
import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import fs_risk as fs
from fs_risk.errors import ArtefactError
from fs_risk.model_cards.compare import differences
from fs_risk.model_cards.verify import check_hashes, compared

COMPUTED = 130
"""Mutations of what is worked out, the card's own hash put right again after each."""
WRITTEN, ARTEFACT, DATA = 30, 20, 20
"""Of what people wrote or gave, of the model, of the records: 200 in all."""

NOT_WORKED_OUT = ("people.", "ledger.", "ageing.since", "leakage.prover")


def test_true_card_has_no_differences(card, measured_again, small_authority, small_model):
    """G3: hashes agree, and every figure measured again is the same."""
    assert list(check_hashes(card, small_authority, small_model)) == []
    assert compared(card, measured_again) == ()


def test_200_mutations_are_planned():
    assert COMPUTED + WRITTEN + ARTEFACT + DATA == 200


def leaves(content, where=""):
    """Every leaf's path, as keys and places."""
    if isinstance(content, dict):
        for key, inner in content.items():
            yield from leaves(inner, (*where, key))
    elif isinstance(content, list):
        for place, inner in enumerate(content):
            yield from leaves(inner, (*where, place))
    else:
        yield where


def mutated(content, path, rng):
    """A copy of the content with one leaf changed."""
    copy = json.loads(json.dumps(content))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    value = inner[path[-1]]
    if isinstance(value, bool):
        inner[path[-1]] = not value
    elif isinstance(value, int | float):
        inner[path[-1]] = value + rng.choice([1, 7]) if rng.random() < 0.5 else value * 1.001 + 1e-3
    elif value is None:
        inner[path[-1]] = 1
    else:
        inner[path[-1]] = value + "1" if rng.random() < 0.8 else ""
    return copy


def named(path):
    return ".".join(str(step) for step in path)


def paths_of(card, *, worked_out):
    rng = random.Random(8)
    by_part = {}
    for path in leaves(card.content, ()):
        if path[0] in ("schema_version", "view", "made_from"):
            continue
        if named(path).startswith(NOT_WORKED_OUT) != worked_out:
            by_part.setdefault(path[0], []).append(path)
    for part in by_part.values():
        rng.shuffle(part)
    order = []
    while any(by_part.values()):  # every part of the card in turn
        order += [part.pop() for part in by_part.values() if part]
    return order


def as_card(content, card):
    return fs.ModelCard.model_validate({**content, "envelope": card.envelope.model_dump()})


def with_hash_put_right(changed):
    envelope = changed.envelope.model_copy(update={"content_hash": changed.content_hash})
    return changed.model_copy(update={"envelope": envelope})


def slim(card):
    """The same card with fewer rows of its long tables, quick to compare."""
    done, groups = card.performance, card.fairness
    return card.model_copy(
        update={
            "features": card.features[:12],
            "performance": done.model_copy(update={"groups": done.groups[:24]}),
            "fairness": groups.model_copy(update={"rows": groups.rows[:24]}),
        }
    )


def test_every_mutation_of_what_is_worked_out_is_caught(card, measured_again):
    """G3: even by somebody who puts the card's own hash right again."""
    card, measured_again = slim(card), slim(measured_again)
    rng = random.Random(1)
    missed = []
    for path in paths_of(card, worked_out=True)[:COMPUTED]:
        try:
            changed = with_hash_put_right(as_card(mutated(card.content, path, rng), card))
        except ValidationError:
            continue  # refused: no such card can be read
        if changed.content != card.content and not compared(changed, measured_again):
            missed.append(named(path))

    assert missed == []


def test_every_mutation_of_what_people_wrote_or_gave_is_caught_by_the_hash(
    card, small_authority, small_model
):
    """G3: what cannot be worked out again is bound by the card's hash."""
    card = with_hash_put_right(slim(card))
    rng = random.Random(2)
    missed = []
    for path in paths_of(card, worked_out=False)[:WRITTEN]:
        try:
            changed = as_card(mutated(card.content, path, rng), card)
        except ValidationError:
            continue
        found = list(check_hashes(changed, small_authority, small_model))
        if not found or found[0].changed != "card":
            missed.append(named(path))

    assert missed == []


def test_every_changed_byte_of_the_artefact_is_caught(card, small_model, tmp_path):
    """G3: a changed model cannot be loaded, so no card can be verified with it."""
    folder = small_model.save(tmp_path / "model")
    files = sorted(path for path in folder.rglob("*") if path.name != "envelope.json"
                   and path.is_file())  # fmt: skip
    rng = random.Random(3)
    for _ in range(ARTEFACT // 2):
        path = rng.choice(files)
        whole = path.read_bytes()
        place = rng.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ArtefactError, match=r"not as it was written|not there|schema"):
            fs.load_model(folder)
        path.write_bytes(whole)

    assert fs.load_model(folder).content_hash == card.hashes.model


def test_another_model_is_named(card, small_authority, small_model):
    rng = random.Random(4)
    facts = small_model.facts
    for number in range(ARTEFACT // 2):
        used = rng.randrange(len(facts.features))
        changed = [
            {"calibrator": facts.calibrator.model_copy(update={"slope": 1.0 + 0.01 * number})},
            {"bands": facts.bands[1:]},
            {"features": (*facts.features[:used], *facts.features[used + 1 :])},
            {"training": facts.training.model_copy(update={"rounds": 7 + number})},
            {"plan_hash": f"{number:064d}"},
        ][number % 5]
        other = replace(small_model, facts=facts.model_copy(update=changed))
        found = card.verify(small_authority, model=other)

        assert {each.changed for each in found} == {"model"}, list(changed)


def test_every_changed_cell_of_the_data_is_caught_and_named(card, small_authority, small_model):
    rng = np.random.default_rng(5)
    names = [name for name in small_authority if len(small_authority[name])]
    for _ in range(DATA):
        name = str(rng.choice(names))
        table = small_authority[name]
        row = int(rng.integers(len(table)))
        column = str(rng.choice([each for each in table if each.endswith(("_date", "_id"))]))
        cell = table.iloc[row][column]
        if pd.isna(cell):
            dated = column.endswith("_date")
            other = pd.Timestamp("2020-01-01") if dated else "X"
        else:
            other = cell + pd.Timedelta(days=1) if isinstance(cell, pd.Timestamp) else f"{cell}X"
        table.loc[table.index[row], column] = other
        changed = small_authority.replace(**{name: table})
        found = card.verify(changed, model=small_model)

        assert [each.changed for each in found] == ["data"], f"{name}.{column}"


def test_rows_taken_away_are_named_as_data(card, small_authority, small_model):
    fewer = small_authority.replace(contacts=small_authority["contacts"].iloc[1:])

    assert card.verify(fewer, model=small_model)[0].changed == "data"


def test_difference_says_where_and_what(card, measured_again):
    figures = list(card.performance.figures)
    figures[0] = figures[0].model_copy(update={"value": 0.99})
    done = card.performance.model_copy(update={"figures": tuple(figures)})
    found = compared(card.model_copy(update={"performance": done}), measured_again)

    assert len(found) == 1
    assert found[0].where == "performance.figures[0].value"
    assert str(found[0]).startswith(
        "card changed: performance.figures[0].value: stated 0.99, found 0."
    )


def test_what_is_given_again_is_compared(card, measured_again):
    again = measured_again.model_copy(
        update={"ledger": card.ledger.model_copy(update={"more_worried": 40})}
    )

    assert [each.where for each in compared(card, again)] == ["ledger.more_worried"]


def test_rounded_card_cannot_be_verified(card, small_authority, small_model):
    with pytest.raises(ArtefactError, match="publishable card is rounded"):
        card.publishable().verify(small_authority, model=small_model)


def test_lists_of_other_length_are_compared_to_the_end():
    found = differences({"a": [1]}, {"a": [1, 2]})

    assert [str(each) for each in found] == ["card changed: a[1]: stated not there, found 2"]


@pytest.mark.nightly
def test_changed_settings_are_caught_by_measuring_again(card, small_authority, small_model):
    """G3: with the hash put right, on the whole way."""
    settings = card.settings.model_copy(update={"resamples": 120})
    changed = with_hash_put_right(card.model_copy(update={"settings": settings}))

    assert changed.verify(small_authority, model=small_model)


@pytest.mark.nightly
def test_settings_that_cannot_be_are_named_and_do_not_crash(card, small_authority, small_model):
    settings = card.settings.model_copy(update={"audit_attributes": ("no such attribute",)})
    changed = with_hash_put_right(card.model_copy(update={"settings": settings}))

    assert [each.where for each in changed.verify(small_authority, model=small_model)] == [
        "settings"
    ]


@pytest.mark.nightly
def test_true_card_verifies_on_the_whole_way(card, small_authority, small_model):
    assert card.verify(small_authority, model=small_model) == ()
