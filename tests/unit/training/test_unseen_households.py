"""Whoever is tested is scored by the replica that never learnt from their household."""

from types import SimpleNamespace

import lightgbm
import numpy as np
import pandas as pd
import pytest

from fs_risk.api import study_cases
from fs_risk.evaluation.cases import scorer
from fs_risk.model.booster import LOCAL, Grower
from fs_risk.model.folds import split_groups
from fs_risk.model.plan import BoosterSettings, Plan
from fs_risk.model.splits import ForwardHouseholdSplit
from fs_risk.training import step_up


def labelled(model, X, labels, cohort, households):
    """Keep what a model was fitted to, with a split of our own by its plan."""
    known = labels["label"].notna()
    groups = split_groups(cohort[known], households)
    plan = model.plan
    split = ForwardHouseholdSplit(
        horizon_days=plan.within_days, n_folds=plan.n_folds, test_days=plan.test_days,
        extract_lag_days=plan.extract_lag_days, seed=plan.seed,
    )  # fmt: skip
    return SimpleNamespace(
        model=model,
        X=X[known],
        label=labels.loc[known, "label"].to_numpy(),
        cohort=cohort[known],
        households=households,
        household=groups["household"],
        slices=split.slices(groups),
    )


@pytest.fixture(scope="module")
def watched(refit):
    """A study whose households are a column of it, so that what was learnt from can be read."""
    study = refit.make_study(n=4_000, seed=7)
    key = study.cohort["child_id"].map(study.households)
    study.X["household_number"] = key.str[1:].astype("float32")
    study.specs.append(refit.spec("household_number"))
    grown = []

    def watch(matrix, label, *rest):
        growth, loss = LOCAL.grow_with_held_out(matrix, label, *rest)
        grown.append((growth, set(matrix[:, -1].astype(int))))
        return growth, loss

    plan = Plan(
        outcome="cp_plan", capacity=2, seed=5, booster=BoosterSettings(max_rounds=25, patience=25)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step_up, "LOCAL", Grower(LOCAL.grow, watch, "local"))
        model = refit.fit_study(study, plan=plan)
    cases = labelled(model, study.X, study.labels, study.cohort, study.households)
    learnt = {growth.first(model.training.rounds).text: met for growth, met in grown}
    cases.met = [learnt[replica.text] for replica in model.replicas]
    return cases


@pytest.fixture(scope="module")
def of_authority(small_authority, small_model):
    made = study_cases(small_authority, small_model.plan)
    return labelled(small_model, made.features, made.labels, made.cohort, made.households)


@pytest.fixture(params=["watched", "of_authority"])
def cases(request):
    return request.getfixturevalue(request.param)


def scores_by_replica(cases):
    """Score all cases with each replica, by LightGBM itself; a column each."""
    matrix = cases.X.to_numpy()
    lines = cases.model.facts.replica_calibrators
    columns = []
    for replica, line in zip(cases.model.replicas, lines, strict=True):
        trees = lightgbm.Booster(model_str=replica.text)
        columns.append(line.intercept + line.slope * trees.predict(matrix, raw_score=True))
    return np.column_stack(columns)


def last_year_by_hand(cases):
    """Score the last year's cases, each by its own fold's replica."""
    as_of = cases.cohort["as_of"]
    own = scores_by_replica(cases)[np.arange(len(as_of)), cases.slices.fold]
    frame = pd.DataFrame({"score": own, "label": cases.label, "as_of": as_of.to_numpy()})
    first = frame["as_of"].max() - pd.Timedelta(days=cases.model.plan.test_days)
    return frame[frame["as_of"] > first]


def test_a_fitted_model_knows_the_folds_that_it_was_fitted_by(cases):
    """T8: evaluation asks the model, and must be told what the split had said."""
    assert cases.model.plan.seed > 0
    assert set(cases.slices.fold) == set(range(cases.model.plan.n_folds))
    assert cases.model.folds(cases.household).tolist() == cases.slices.fold.tolist()


def test_no_replica_tests_a_household_that_it_learnt_from(watched):
    """T8: by the rows that the trees were really grown on."""
    number = watched.household.str[1:].astype(int).to_numpy()
    fold = watched.model.folds(watched.household)

    for replica, met in enumerate(watched.met):
        tested = set(number[watched.slices.testing & (fold == replica)])
        assert len(met) > 500
        assert len(tested) > 50
        assert not tested & met


def test_evaluation_scores_by_the_one_replica_that_has_not_met_the_household(watched):
    """T8: a household of the fit period was met by all replicas but one."""
    number = watched.household.str[1:].astype(int)
    met = np.column_stack([number.isin(each) for each in watched.met])
    seen_before = watched.slices.testing & met.any(axis=1)
    unmet = np.argmin(met, axis=1)
    expected = scores_by_replica(watched)[np.arange(len(unmet)), unmet]
    score = scorer(watched.model, watched.cohort, watched.households, fresh=False)

    assert seen_before.sum() > 200
    assert (met[seen_before].sum(axis=1) == len(watched.met) - 1).all()
    assert score(watched.X)[seen_before] == pytest.approx(expected[seen_before], abs=1e-12)


def test_bands_state_what_followed_among_unseen_households(cases):
    """T8: bands cut by hand, from scores of each fold's own replica."""
    tested = last_year_by_hand(cases)
    ranked = tested["score"].sort_values(ascending=False).to_numpy()
    above = np.inf
    assert len(cases.model.bands) == 2

    for band, percent in zip(cases.model.bands, (5, 15), strict=True):
        lowest = ranked[-(-percent * len(ranked) // 100) - 1]
        inside = tested[(tested["score"] >= lowest) & (tested["score"] < above)]
        assert band.threshold == pytest.approx(lowest, abs=1e-12)
        assert (band.n, band.positives) == (len(inside), inside["label"].sum())
        assert band.observed_rate == pytest.approx(inside["label"].mean())
        above = lowest


def test_lists_state_what_they_would_have_found_among_unseen_households(cases):
    """T8: lists made by hand, week by week, those tied at the last places sharing them."""
    tested, capacity = last_year_by_hand(cases), cases.model.plan.capacity
    listed = found = 0.0
    for _, week in tested.groupby(tested["as_of"].dt.to_period("W-SUN")):
        for score, label in zip(week["score"], week["label"], strict=True):
            places = max(capacity - (week["score"] > score).sum(), 0)
            chance = min(places / (week["score"] == score).sum(), 1.0)
            listed += chance
            found += chance * label
    stated, positives = cases.model.facts.listed, tested["label"].sum()

    assert (stated.n, stated.positives) == (len(tested), positives)
    assert stated.listed == pytest.approx(listed)
    assert stated.found == pytest.approx(found)
    assert stated.not_listed_of_100 == pytest.approx(100 - 100 * found / positives)
