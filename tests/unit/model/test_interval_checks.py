from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import FeatureError
from fs_risk.model.folds import split_groups
from fs_risk.model.interval_checks import check_intervals


@pytest.fixture(scope="module")
def later(fitted, study):
    rows = study.cohort["as_of"] >= pd.Timestamp(fitted.training.test.first_as_of)
    groups = split_groups(study.cohort[rows], study.households)
    return study.X[rows], study.labels.loc[rows, "label"], groups["household"]


def test_intervals_of_a_good_model_hold_in_every_group(fitted, later):
    table = check_intervals(fitted, *later)

    assert set(table["attribute"]) == {"all", "tenth of the score", "age"}
    assert table["holds"].all()
    assert table.iloc[0]["others_inside"] > 0.9


def test_intervals_of_scores_that_are_far_too_high_fail(fitted, later):
    """A planted mis-calibration is seen without knowing any truth."""
    line = fitted.calibrator.model_copy(update={"intercept": fitted.calibrator.intercept + 2.5})
    wrong = replace(fitted, facts=fitted.facts.model_copy(update={"calibrator": line}))

    assert not check_intervals(wrong, *later)["holds"].all()


def test_intervals_far_too_narrow_fail_against_models_of_other_families(fitted, later):
    narrow = fitted.facts.interval.model_copy(
        update={"cases_worth": 400.0, "cases_worth_unknown": 400.0}
    )
    wrong = replace(fitted, facts=fitted.facts.model_copy(update={"interval": narrow}))

    assert check_intervals(wrong, *later).iloc[0]["others_inside"] < 0.9


def test_own_groups_are_used_and_small_ones_left_out(fitted, later):
    X, label, households = later
    by = pd.DataFrame({"team": np.where(np.arange(len(X)) < 5, "A", "B")}, index=X.index)
    table = check_intervals(fitted, X, label, households, by=by)

    assert table["group"].tolist() == ["all", "B"]


def test_rows_that_do_not_belong_together_are_refused(fitted, later):
    X, label, households = later
    with pytest.raises(FeatureError, match="do not have the same index"):
        check_intervals(fitted, X[1:], label, households)
