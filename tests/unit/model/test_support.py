import numpy as np
import pandas as pd
import pytest

from fs_risk.model.gains import gain_by_feature
from fs_risk.model.similarity import OBSERVED, QUESTIONS, Asker
from fs_risk.model.support import Support

NAMES = (
    "child_age_years",
    "child_unborn",
    "child_referrals_1095d",
    "child_trio_areas_current_365d",
    "child_section47_1095d",
    "child_contacts_365d",
)


def cases(n=2_000, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "child_age_years": rng.uniform(0, 18, n),
            "child_unborn": 0.0,
            "child_referrals_1095d": rng.poisson(0.5, n),
            "child_trio_areas_current_365d": rng.integers(0, 4, n).astype(float),
            "child_section47_1095d": rng.poisson(0.1, n),
            "child_contacts_365d": rng.poisson(1.0, n),
        }
    ).astype(np.float32)
    unborn = rng.random(n) < 0.03
    X.loc[unborn, "child_age_years"] = np.nan
    X.loc[unborn, "child_unborn"] = 1.0
    X.loc[rng.random(n) < 0.4, "child_trio_areas_current_365d"] = np.nan
    early = rng.random(n) < 0.2
    X.loc[early, ["child_referrals_1095d", "child_section47_1095d"]] = np.nan
    return X


@pytest.fixture(scope="module")
def support():
    return Support.fit(cases().to_numpy(), NAMES, weights=np.array([3, 0, 2, 2, 1, 2.0]))


def case(**values):
    usual = {
        "child_age_years": 7.0, "child_unborn": 0.0, "child_referrals_1095d": 0.0,
        "child_trio_areas_current_365d": np.nan, "child_section47_1095d": 0.0,
        "child_contacts_365d": 0.0,
    }  # fmt: skip
    return np.array([[(usual | values)[name] for name in NAMES]], dtype=np.float32)


def by_hand(X):
    """Count similar cases with pandas, question by question: the oracle of `similar`."""
    years = X["child_age_years"].where(X["child_unborn"] != 1, 0.0)
    answers = pd.DataFrame(
        {
            "age": np.digitize(years, [1, 5, 10, 16]),
            "referrals": X["child_referrals_1095d"].clip(upper=2).fillna(-1),
            "trio": X["child_trio_areas_current_365d"].clip(upper=2).fillna(-1),
            "further": X["child_section47_1095d"].clip(upper=1).fillna(-1),
            "seen": X[list(set(OBSERVED) & set(X))].notna().astype(str).agg("".join, axis=1),
        }
    )
    return answers


def test_counts_agree_with_counting_by_hand(support):
    """M3: `n_similar` is the number of past cases with the same answers."""
    X = cases()
    answers = by_hand(X)
    found, asked = support.similar(X.to_numpy())

    for number, columns in (
        (4, ["age", "referrals", "trio", "further", "seen"]),
        (3, ["age", "referrals", "trio", "seen"]),
        (2, ["age", "referrals", "seen"]),
        (1, ["age", "seen"]),
    ):
        mine = asked == number
        exact = answers.groupby(columns)["age"].transform("size").to_numpy()[mine]
        assert (found[mine] == (exact + 2) // 5 * 5).all()
    assert (asked == 4).mean() > 0.5


def test_fewer_questions_are_asked_only_where_too_few_cases_are_alike(support):
    X = cases()
    full = by_hand(X).groupby(["age", "referrals", "trio", "further", "seen"])["age"]
    exact = full.transform("size").to_numpy()
    _, asked = support.similar(X.to_numpy())

    assert ((exact + 2) // 5 * 5 >= support.fewest_similar)[asked == 4].all()
    assert ((exact + 2) // 5 * 5 < support.fewest_similar)[asked < 4].all()


def test_no_count_below_six_and_none_exact_is_kept(support):
    """Design section 8: nothing that gives a small count away."""
    for alike in support.alike:
        counts = np.array(alike.counts)
        assert (counts >= 5).all()
        assert (counts % 5 == 0).all()
    kept = support.model_dump_json()
    assert "child_id" not in kept
    assert len(kept) < 20_000


def test_end_of_a_range_is_reached_by_at_least_six_cases():
    X = cases()
    X.loc[0, "child_contacts_365d"] = 400.0
    support = Support.fit(X.to_numpy(), NAMES, weights=np.ones(6))
    reach = support.reaches[NAMES.index("child_contacts_365d")]

    assert reach.high < 10
    assert (X["child_contacts_365d"] >= reach.high).sum() >= 6


def test_empty_history_in_an_observed_window_is_a_fact(support):
    """Design section 4: an unknown child is a normal case."""
    assert support.why_not(case()) == [""]
    assert support.similar(case())[0][0] >= 20


def test_unborn_child_counts_as_an_infant_not_as_one_of_unknown_age(support):
    unborn = case(child_age_years=np.nan, child_unborn=1.0)

    assert support.why_not(unborn) == [""]


def test_unknown_age_gets_no_score(support):
    """M3."""
    assert support.why_not(case(child_age_years=np.nan, child_unborn=np.nan))[0].endswith(
        "age not known."
    )


def test_windows_that_training_never_met_get_no_score(support):
    """M3: contacts were observed for every training case, and are not here."""
    why = support.why_not(case(child_contacts_365d=np.nan))

    assert why[0].startswith("The records observe other tables")


def test_shorter_records_that_training_met_get_a_score(support):
    early = case(child_referrals_1095d=np.nan, child_section47_1095d=np.nan)

    assert support.why_not(early) == [""]


def test_table_that_training_never_observed_does_not_count():
    X = cases().assign(child_contacts_365d=np.nan)
    support = Support.fit(X.to_numpy(), NAMES, weights=np.ones(6))

    assert "child_contacts_365d" not in support.observed
    assert support.why_not(case(child_contacts_365d=3.0)) == [""]


def test_what_the_model_leans_on_out_of_range_gets_no_score(support):
    """M3: out-of-range features by the weight that the trees give them."""
    far = case(child_age_years=60.0)

    assert support.unlike(far)[0] == pytest.approx(0.3)
    assert support.why_not(far) == [
        "A third of what the model leans on is missing here, or outside the range that it was "
        "fitted on."
    ]
    assert support.unlike(case(child_section47_1095d=40.0))[0] == pytest.approx(0.1)
    assert support.why_not(case(child_section47_1095d=40.0)) == [""]


def test_a_little_beyond_the_range_is_not_out_of_range(support):
    youngest = case(child_age_years=0.0)

    assert support.unlike(youngest)[0] == 0.0


def test_weight_is_what_the_splits_gained(fitted):
    gains = gain_by_feature(fitted.booster.text, fitted.feature_names)
    oracle = fitted.booster._trees.feature_importance("gain")

    np.testing.assert_allclose(gains, oracle, rtol=1e-4)


def test_codes_differ_exactly_where_answers_or_windows_do():
    X = cases(800)
    asker = Asker(NAMES, QUESTIONS[:2], ("child_contacts_365d",))
    code = asker.codes(X.to_numpy())[-1]
    answers = (
        by_hand(X)[["age", "referrals"]]
        .assign(known=X["child_contacts_365d"].notna())
        .apply(tuple, axis=1)
    )

    assert pd.Series(code).nunique() == answers.nunique()
    assert (pd.Series(code).groupby(answers).nunique() == 1).all()


def test_without_any_question_only_the_windows_count():
    support = Support.fit(np.ones((50, 1)), ("noise",), weights=np.ones(1))
    found, asked = support.similar(np.ones((1, 1)))

    assert (found[0], asked[0]) == (50, 0)
    assert support.why_not(np.ones((1, 1))) == [""]
