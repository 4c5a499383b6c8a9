import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import SplineTransformer

from fs_risk.errors import FeatureError
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.model.candidates import (
    PRACTICE_RULES,
    CandidateSet,
    Points,
    ReferralCount,
    RuleSet,
    SplineLogistic,
    Term,
    spline_basis,
)


def test_count_stands_in_where_the_window_was_not_observed():
    X = pd.DataFrame({"n": [0.0, 3.0, np.nan]})

    assert ReferralCount(feature="n", when_missing=0.6).margin(X).tolist() == [0.0, 3.0, 0.6]


def test_points_add_up_and_a_missing_value_gives_none():
    rules = (
        Points(feature="a", at_least=1, points=2, wording="a"),
        Points(feature="a", at_least=3, points=1, wording="more a"),
        Points(feature="b", at_least=1, points=4, wording="b"),
    )
    X = pd.DataFrame({"a": [0.0, 1, 3, np.nan], "b": [1.0, np.nan, 1, 1]})

    assert RuleSet(rules=rules).margin(X).tolist() == [4, 2, 7, 4]


def test_practice_rules_read_features_that_there_are():
    names = {spec.name for spec in CATALOGUE}

    assert {rule.feature for rule in PRACTICE_RULES} <= names


@given(st.lists(st.floats(-2, 12), min_size=1, max_size=20))
def test_spline_basis_is_scikit_learns(values):
    inner = np.array([0.0, 2.0, 5.0, 10.0])
    knots = np.r_[[0.0] * 3, inner, [10.0] * 3]
    x = np.array(values)
    # With extrapolation="constant" values outside count as the nearer end, as here; its
    # basis is for evenly spaced outer knots, so the spaces spanned are compared instead.
    ours = spline_basis(x, 0.0, 0.0, 10.0, knots)

    assert ours.shape == (len(x), len(knots) - 4 - 1)
    assert (ours >= 0).all()
    assert (ours.sum(axis=1) <= 1 + 1e-12).all()


def test_spline_basis_spans_the_cubic_splines_with_these_knots():
    inner = np.array([0.0, 2.0, 5.0, 10.0])
    x = np.linspace(0, 10, 200)
    ours = np.column_stack(
        [np.ones(200), spline_basis(x, 0, 0.0, 10.0, np.r_[[0.0] * 3, inner, [10.0] * 3])]
    )
    theirs = SplineTransformer(degree=3, knots=inner[:, None]).fit_transform(x[:, None])
    _, residual, *_ = np.linalg.lstsq(ours, theirs, rcond=None)

    assert residual == pytest.approx(np.zeros(theirs.shape[1]), abs=1e-15)


def test_logistic_margin_is_its_terms_sum():
    model = SplineLogistic(
        intercept=-1.0,
        penalty=0.1,
        terms=(
            Term(feature="a", fill=2.0, low=0.0, high=5.0, coefficients=(0.5,), when_missing=0.25),
        ),
    )
    X = pd.DataFrame({"a": [0.0, 4.0, 9.0, np.nan]})

    assert model.margin(X).tolist() == [-1.0, 1.0, 1.5, 0.25]


def test_candidates_survive_json():
    known = CandidateSet(final=(ReferralCount(feature="n", when_missing=0.5),), replicas=((), ()))

    assert CandidateSet.model_validate_json(known.model_dump_json()) == known


def test_missing_column_names_the_nearest():
    with pytest.raises(FeatureError, match=r"lacks referrals.*Did you mean 'referral'"):
        ReferralCount(feature="referrals", when_missing=0.0).margin(pd.DataFrame({"referral": [1]}))
