"""Each concept by example; the page of examples is what a practitioner reads."""

from pathlib import Path

import numpy as np
import pytest

from fs_risk.features.catalogue import CATALOGUE
from spec.concepts import EXAMPLES, page

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.concept)
def test_example_is_what_the_library_finds(example):
    found = example.found()

    expected = {
        name: float("nan") if value is None else value for name, value in example.values.items()
    }
    for name, value in expected.items():
        np.testing.assert_equal(found[name], value, err_msg=name)


def test_every_concept_has_an_example_of_its_own_features():
    concept_of = {spec.name: spec.concept for spec in CATALOGUE}

    assert [example.concept for example in EXAMPLES] == list(
        dict.fromkeys(spec.concept for spec in CATALOGUE)
    )
    for example in EXAMPLES:
        assert {concept_of[name] for name in example.values} & {example.concept}


def test_page_of_examples_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "Write it again: PYTHONPATH=tests python tests/spec/concepts.py"
    )
