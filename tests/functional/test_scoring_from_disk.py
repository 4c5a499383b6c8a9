"""A score from a history on disk: the same as from the records, and as little to load."""

import subprocess
import sys

import pytest

import fs_risk as fs
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer

ALONE = 40


@pytest.fixture(scope="module")
def folder(small_authority, tmp_path_factory):
    history = fs.History.from_records(small_authority)
    return history.save(tmp_path_factory.mktemp("authority") / "history")


@pytest.fixture(scope="module")
def every_referral(small_authority):
    window = small_authority.coverage["referrals"]
    return declared_referrals(
        small_authority, window.observed_from.date(), window.observed_to.date()
    )


def test_every_historic_referral_scores_the_same_from_disk(
    small_authority, small_model, folder, every_referral
):
    """G1: batch = single, from records or from a loaded history, to the last bit."""
    expected = scorer(small_authority, small_model).score(every_referral)
    loaded = fs.History.load(folder)

    batch = scorer(loaded, small_model).score(every_referral)

    assert batch == expected
    step = max(1, len(every_referral) // ALONE)
    for place in range(0, len(every_referral), step):
        alone = fs.score_referral(every_referral[place], records=loaded, model=small_model)
        assert alone == expected[place]


def test_unknown_child_scores_the_same_from_disk(small_authority, small_model, folder):
    """An empty history in a fully observed window is a fact."""
    referral = {
        "referral_id": "new",
        "child_id": "nobody yet",
        "referral_date": small_authority.extract_date.date(),
        "birth_date": "2015-03-01",
    }

    found = [
        fs.score_referral(referral, records=records, model=small_model)
        for records in (small_authority, fs.History.load(folder))
    ]

    assert found[0] == found[1]
    assert found[0].code is None


def test_list_is_the_same_from_disk(small_authority, small_model, folder, every_referral):
    lists = [
        fs.prioritise(
            every_referral[-60:], records=records, model=small_model, capacity=9,
            purpose="second_read",
        )
        for records in (small_authority, fs.History.load(folder))
    ]  # fmt: skip

    assert lists[0].scores == lists[1].scores
    assert lists[0].table.equals(lists[1].table)


def test_scoring_from_disk_loads_no_training_reader_or_slow_library(
    small_authority, small_model, folder, every_referral, tmp_path
):
    """Design section 3: what a score does not pay for; and the score of another process."""
    referral = every_referral[-1]
    code = f"""
import sys
import fs_risk as fs
history = fs.History.load({str(folder)!r})
model = fs.load_model({str(small_model.save(tmp_path / "model"))!r})
made = fs.score_referral({referral.model_dump(mode="json")!r}, records=history, model=model)
slow = {{"fairlearn", "mlflow", "shap", "matplotlib", "typer", "jinja2", "sqlalchemy"}}
ours = [m for m in sys.modules if m.startswith(("fs_risk.training", "fs_risk.readers",
        "fs_risk.synthetic", "fs_risk.evaluation", "fs_risk.demand"))]
print(sorted(slow & set(sys.modules)), ours, made.score_id, made.log_odds)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    here = fs.score_referral(referral, records=small_authority, model=small_model)
    assert done.stdout.strip() == f"[] [] {here.score_id} {here.log_odds}"
