import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from fs_risk.errors import PlanError
from fs_risk.model.folds import household_fold, split_groups
from fs_risk.model.splits import ForwardHouseholdSplit


def groups_of(n=3_000, years=6, seed=0, missing=0.0):
    rng = np.random.default_rng(seed)
    household = pd.Series([f"H{number}" for number in rng.integers(0, n // 3, n)], dtype="str")
    days = np.datetime64("2018-01-01") + rng.integers(0, int(years * 365.25), n)
    return pd.DataFrame(
        {
            "household": household.where(rng.random(n) >= missing),
            "as_of": pd.Series(days).astype("datetime64[s]"),
        }
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    horizon=st.sampled_from([90, 365, 548]),
    lag=st.sampled_from([0, 7, 28]),
    n_folds=st.integers(2, 5),
)
def test_no_test_row_shares_time_or_household_with_training(seed, horizon, lag, n_folds):
    """T7, T8."""
    groups = groups_of(seed=seed, missing=0.1)
    splitter = ForwardHouseholdSplit(
        horizon_days=horizon, extract_lag_days=lag, n_folds=n_folds, seed=seed
    )
    as_of, household = groups["as_of"], groups["household"]

    for train, test in splitter.split(groups, groups=groups):
        known = as_of.iloc[train].max() + pd.Timedelta(days=horizon + lag)
        assert known < as_of.iloc[test].min()
        assert not set(household.iloc[train].dropna()) & set(household.iloc[test].dropna())

    proof = splitter.proof(groups)
    assert (proof["shared_households"] == 0).all()
    assert (proof["days_clear"] >= 1).all()


def test_every_household_is_tested_once_and_learnt_from_elsewhere():
    groups = groups_of()
    slices = ForwardHouseholdSplit().slices(groups)
    tested = np.concatenate([slices.test_rows(fold) for fold in range(3)])

    assert sorted(tested) == np.flatnonzero(slices.testing).tolist()
    for fold in range(3):
        own = np.flatnonzero(slices.fitting & (slices.fold == fold))
        assert sorted([*slices.fit_rows(fold), *own]) == np.flatnonzero(slices.fitting).tolist()


def test_all_that_comes_before_the_embargo_is_fitted():
    groups = groups_of()
    splitter = ForwardHouseholdSplit()
    slices = splitter.slices(groups)
    as_of = groups["as_of"]
    unused = as_of[~slices.fitting & ~slices.testing]

    assert unused.min() == as_of[slices.fitting].max() + pd.Timedelta(days=1)
    assert as_of[slices.testing].min() - unused.min() == pd.Timedelta(days=365)


def test_fold_of_a_household_does_not_depend_on_the_others():
    """M8: rows in another order, or more of them, change no fold."""
    households = pd.Series([f"H{number}" for number in range(100)], dtype="str")
    folds = household_fold(households, n_folds=3, seed=5)

    assert (household_fold(households[::-1], n_folds=3, seed=5) == folds[::-1]).all()
    assert (household_fold(households[:10], n_folds=3, seed=5) == folds[:10]).all()
    assert (household_fold(households, n_folds=3, seed=6) != folds).any()
    assert np.bincount(folds, minlength=3).min() > 15


def test_missing_households_are_not_one_household():
    """T8: a missing family never joins children."""
    folds = household_fold(pd.Series([None] * 60, dtype="str"), n_folds=3, seed=0)

    assert len(np.unique(folds)) == 3


def test_child_without_a_household_is_one_of_its_own():
    cohort = pd.DataFrame(
        {"child_id": ["A", "B", "C"], "as_of": pd.to_datetime(["2020-01-01"] * 3)}
    )
    groups = split_groups(cohort, pd.Series({"A": "A", "B": "A"}))

    assert groups["household"].to_list() == ["A", "A", "C"]


def test_too_short_a_span_names_the_months_of_each_slice():
    with pytest.raises(
        PlanError,
        match=r"span 36 months; 45 are needed \(fit 21, embargo 12, test 12\)",
    ):
        ForwardHouseholdSplit().slices(groups_of(years=3))


def test_no_rows_at_all_are_too_short():
    with pytest.raises(PlanError, match="no case with a known outcome"):
        ForwardHouseholdSplit().slices(groups_of(n=3).iloc[:0])


def test_missing_labels_are_refused_with_their_number():
    """T6."""
    groups = groups_of()
    y = np.zeros(len(groups))
    y[:7] = np.nan
    with pytest.raises(PlanError, match="7 of 3,000 rows have no label"):
        next(ForwardHouseholdSplit().split(groups, y, groups))


def test_groups_without_their_columns_are_refused():
    with pytest.raises(PlanError, match="without their household and as_of"):
        ForwardHouseholdSplit().slices(np.arange(5))
    with pytest.raises(PlanError, match="Did you mean 'house_hold'"):
        ForwardHouseholdSplit().slices(groups_of().rename(columns={"household": "house_hold"}))


def test_case_without_a_date_is_refused():
    groups = groups_of()
    groups.loc[3, "as_of"] = pd.NaT
    with pytest.raises(PlanError, match="1 of 3,000 cases has no as_of"):
        ForwardHouseholdSplit().slices(groups)


def test_scikit_learn_can_use_it():
    groups = groups_of()
    rng = np.random.default_rng(0)
    X = rng.normal(size=(len(groups), 2))
    y = (rng.random(len(groups)) < 0.3).astype(float)
    scores = cross_val_score(
        LogisticRegression(), X, y, groups=groups, cv=ForwardHouseholdSplit(), scoring="roc_auc"
    )

    assert len(scores) == ForwardHouseholdSplit().get_n_splits() == 3


def test_it_sees_through_a_feature_that_only_names_the_household():
    """T8: shuffled folds reward remembering households; this split does not."""
    rng = np.random.default_rng(1)
    groups = groups_of(n=6_000)
    number = groups["household"].str[1:].astype(int)
    risk = pd.Series(rng.random(number.max() + 1) < 0.3)
    y = risk[number].to_numpy(dtype=float)
    X = pd.get_dummies(number).to_numpy(dtype=np.float32)[:, :200]
    scores = cross_val_score(
        LogisticRegression(), X, y, groups=groups, cv=ForwardHouseholdSplit(), scoring="roc_auc"
    )
    dummy = cross_val_score(
        DummyClassifier(), X, y, groups=groups, cv=ForwardHouseholdSplit(), scoring="roc_auc"
    )

    assert scores == pytest.approx(dummy, abs=1e-9)


def test_an_outcome_of_18_months_fits_a_six_year_extract():
    """T8: what a six-year window leaves once every outcome is known, lag and embargo counted."""
    first, last = pd.Timestamp("2019-04-01"), pd.Timestamp("2025-03-31")
    # monthly reviews begin with the second month; the last cases' outcomes take 548 days
    days = pd.date_range(first + pd.Timedelta(days=60), last - pd.Timedelta(days=548), freq="D")
    groups = pd.DataFrame({"household": [f"H{n % 400}" for n in range(len(days))], "as_of": days})
    split = ForwardHouseholdSplit(horizon_days=548, extract_lag_days=7)

    assert (split.proof(groups)["days_clear"] > 0).all()
