"""On an invented authority all features together beat any one concept of the catalogue alone."""

import pytest

import fs_risk as fs
from fs_risk.evaluation.ablation_sets import POVERTY, SAME_DECISION
from fs_risk.evaluation.ablation_study import SERVICE, ablate_catalogue

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3_000)]


@pytest.fixture(scope="module")
def records():
    return fs.make_authority(children=200_000, years=10, seed=0)


@pytest.fixture(scope="module")
def found(records):
    return ablate_catalogue(
        records, fs.referral_cohort(records), headline=True, resamples=300, progress=False
    )


def test_all_features_beat_every_concept_alone(found):
    """The whole interval of each paired difference is on the side of all features."""
    alone = found.table[found.table["done"] == "alone"]

    assert (alone["average_precision_gain_high"] < 0).all(), found.ties
    assert (alone["roc_auc_gain_high"] < 0).all()


def test_performance_is_shown_with_and_without_poverty_and_service_use(found):
    """F7."""
    without = found.row(POVERTY, "left out")

    assert without["n_features"] < found.table.iloc[0]["n_features"]
    assert without["average_precision_gain_low"] <= without["average_precision_gain"]


def test_assessment_of_the_episode_adds_nothing_to_a_new_referral(found):
    """A referral of the day has no assessment yet: what it would find cannot leak in."""
    assert found.row(SAME_DECISION, "added")["average_precision_gain"] == 0.0


def test_service_responses_are_shown_and_never_among_all_features(found):
    added = found.table[found.table["what"].str.startswith(SERVICE)]

    assert len(added)
    assert (added["n_features"] > found.table.iloc[0]["n_features"]).all()
    assert (added["done"] == "added").all()
