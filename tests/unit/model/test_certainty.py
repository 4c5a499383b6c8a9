from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import ArtefactError, FeatureError
from fs_risk.model.certainty import abstention_rates, groups_of


def test_interval_is_around_the_score_of_each_case(fitted, study):
    """M3: each score carries an interval."""
    X = study.X[:200]
    sure = fitted.predict_interval(X)
    score = fitted.predict_proba(X)[:, 1]

    assert list(sure) == ["low", "high"]
    assert sure.index.equals(X.index)
    assert ((sure["low"] <= score) & (score <= sure["high"])).all()
    assert (fitted.predict_interval(X, level=0.5)["low"] >= sure["low"]).all()


def test_interval_is_worked_out_on_households_held_out(fitted, study):
    """T9: test rows change nothing, so no label of the test period is looked at."""
    sure = fitted.facts.interval

    assert sure.n == fitted.training.fit.n
    assert sure.positives == fitted.training.fit.positives
    assert sure.brier > sure.best_brier


def test_test_rows_change_neither_interval_nor_counts(refit):
    """T9."""
    study = refit.make_study(4_000)
    fitted = refit.fit_study(study)
    late = study.cohort["as_of"] >= pd.Timestamp(fitted.training.test.first_as_of)
    study.labels.loc[late & study.labels["label"].notna(), "label"] = np.tile(
        [0.0, 1.0], len(study.labels)
    )[: int((late & study.labels["label"].notna()).sum())]
    again = refit.fit_study(study)

    assert again.facts.interval == fitted.facts.interval
    assert again.facts.support == fitted.facts.support


def test_n_similar_is_said_with_what_is_alike(fitted, study):
    """M3: each score carries `n_similar`."""
    found = fitted.n_similar(study.X[:100])

    assert list(found) == ["n_similar", "alike_in"]
    assert found["n_similar"].dtype == "Int64"
    assert (found["n_similar"].dropna() % 5 == 0).all()
    assert found["alike_in"].str.startswith("age").all()


def test_fewer_than_six_similar_cases_are_not_counted(fitted, study):
    X = study.X[:1].assign(child_age_years=np.nan)

    assert fitted.n_similar(X)["n_similar"].isna().all()


def test_case_of_unknown_age_gets_no_score_and_the_reason(fitted, study):
    """M3: abstains with a code."""
    X = study.X[:2].copy()
    X.iloc[0, X.columns.get_loc("child_age_years")] = np.nan
    said = fitted.abstain(X)

    assert said["code"].tolist()[0] == "NOT_OBSERVED"
    assert pd.isna(said["code"].iloc[1])
    assert said["why"].iloc[0].endswith(".")
    assert said["why"].iloc[1] == ""


def test_columns_in_another_order_make_no_difference(fitted, study):
    X = study.X[:50]
    other = X[X.columns[::-1]]

    pd.testing.assert_frame_equal(fitted.predict_interval(other), fitted.predict_interval(X))
    pd.testing.assert_frame_equal(fitted.n_similar(other), fitted.n_similar(X))
    pd.testing.assert_frame_equal(fitted.abstain(other), fitted.abstain(X))


def test_no_cases_give_empty_tables(fitted, study):
    none = study.X[:0]

    assert len(fitted.predict_interval(none)) == 0
    assert len(fitted.n_similar(none)) == 0
    assert len(fitted.abstain(none)) == 0


def test_model_fitted_before_models_said_so_is_refused(fitted, study):
    earlier = replace(fitted, facts=fitted.facts.model_copy(update={"interval": None}))

    with pytest.raises(ArtefactError, match="does not say how sure it is"):
        earlier.predict_interval(study.X[:1])


def test_certainty_survives_the_artefact(fitted, study, tmp_path):
    from fs_risk.model.artefact import load_model

    again = load_model(fitted.save(tmp_path / "model"))

    assert again.facts == fitted.facts
    pd.testing.assert_frame_equal(
        again.predict_interval(study.X[:20]), fitted.predict_interval(study.X[:20])
    )


def test_artefact_holds_counts_and_no_case(fitted, study):
    """Design section 8."""
    kept = fitted.facts.support.model_dump_json()

    assert not any(child in kept for child in study.cohort["child_id"][:500])


class TestRates:
    @pytest.fixture
    def X(self, study):
        X = study.X[:600].copy().reset_index(drop=True)
        X.loc[:99, "child_age_years"] = np.nan
        X.loc[100:102, "child_age_years"] = 99.0
        return X

    def test_are_counted_by_age(self, fitted, X):
        table = abstention_rates(fitted, X).set_index(["attribute", "group"])
        none = fitted.abstain(X)["code"].notna()

        assert table.loc[("all", "all"), "cases"] == "600"
        assert table.loc[("age", "not known"), "share"] == "100 %"
        assert table.loc[("all", "all"), "without_score"] == f"{(none.sum() + 2) // 5 * 5}"

    def test_small_counts_are_suppressed(self, fitted, X):
        groups = pd.DataFrame({"team": np.where(X.index < 4, "A", "B")}, index=X.index)
        table = abstention_rates(fitted, X, by=groups).set_index("group")

        assert table.loc["A", "cases"] == "c"
        assert table.loc["A", "share"] == "c"

    def test_groups_of_other_cases_are_refused(self, fitted, X):
        with pytest.raises(FeatureError, match="do not have the same index"):
            abstention_rates(fitted, X, by=pd.DataFrame({"age": [1]}))

    def test_age_and_source_are_read_from_the_features(self):
        X = pd.DataFrame(
            {
                "child_age_years": [0.2, np.nan, 17.0, np.nan],
                "child_unborn": [0.0, 1.0, 0.0, np.nan],
                "referral_source_police": [1.0, 0.0, 0.0, np.nan],
                "referral_source_local_authority": [0.0, 1.0, 0.0, np.nan],
            }
        )
        groups = groups_of(X)

        assert groups["age"].tolist() == ["under 1", "unborn", "16 or 17", "not known"]
        assert groups["source"].tolist() == ["police", "local authority", "other", "not declared"]
