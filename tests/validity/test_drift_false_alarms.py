"""A check of drift in authorities where nothing changes, and where something does.

``python evaluation/drift_validity.py`` does the same for more of them.
"""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "evaluation" / "drift_validity.py"


@pytest.fixture(scope="module")
def validity():
    spec = importlib.util.spec_from_file_location("drift_validity", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_nothing_is_signalled_in_three_years_without_a_change(validity):
    """A7: four authorities, looked at twelve times each."""
    for seed in range(4):
        found = validity.one_draw(12_000, 300 + seed, 11, planted=False)
        assert found == {"nothing": {}}


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_planted_changes_are_seen_by_the_checks_that_are_for_them(validity):
    """A7: all but the threshold for a plan, which takes a larger authority to be seen soon."""
    found = validity.one_draw(20_000, 310, 1, planted=True)
    for name, (_, checks) in validity.CHANGES.items():
        if name != "half of the plans":
            assert set(checks) & set(found[name]), name
