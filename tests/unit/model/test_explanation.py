"""Explanations: exact, in order, quick, and open to shap's plots."""

import sys
import warnings
from dataclasses import replace
from types import SimpleNamespace

import lightgbm
import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

import fs_risk as fs
from fs_risk.errors import FeatureError, SettingError
from fs_risk.model.means import mean_of_rows
from fs_risk.model.plan import BoosterSettings

matplotlib.use("Agg")

CELLS = st.one_of(
    st.just(float("nan")),
    st.floats(-5, 30, width=32),
    st.sampled_from([0.0, 1.0, 2.0, 17.999]),
)


@pytest.fixture(scope="module")
def cases(study):
    X = study.X.head(400).copy()
    rng = np.random.default_rng(5)
    return X.mask(rng.random(X.shape) < 0.1)


@pytest.fixture(scope="module")
def model(fitted):
    """The fitted model, its features in three concepts."""
    concepts = ["History", "History", "Trio", "Trio", "Noise"]
    features = [
        feature.model_copy(update={"concept": concept})
        for feature, concept in zip(fitted.facts.features, concepts, strict=True)
    ]
    facts = fitted.facts.model_copy(update={"features": tuple(features)})
    return replace(fitted, facts=facts)


@pytest.fixture(scope="module")
def explanation(model, cases):
    return fs.explain(model, cases, households=np.arange(len(cases)) // 2)


@pytest.fixture(scope="module")
def oracle(fitted, cases):
    """shap's own values, from LightGBM's own trees."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own notices, on import and on use
        import shap

        trees = lightgbm.Booster(model_str=fitted.booster.text)
        explainer = shap.TreeExplainer(trees)
        values = explainer.shap_values(fitted.matrix(cases))
    base = np.ravel(explainer.expected_value)[-1]
    return SimpleNamespace(shap=shap, values=np.asarray(values), base=float(base))


@pytest.fixture
def pyplot():
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def test_parts_sum_to_the_calibrated_unclipped_log_odds(fitted, cases, explanation):
    """E1."""
    odds = logit(fitted.predict_proba(cases)[:, 1])

    np.testing.assert_allclose(explanation.total, odds, rtol=0, atol=1e-9)
    assert list(explanation.by_concept.columns) == ["History", "Trio", "Noise"]
    trio = explanation.values[["child_trio_areas_current_365d", "child_age_years"]].sum(axis=1)
    np.testing.assert_allclose(explanation.by_concept["Trio"], trio)
    by_concept = explanation.by_concept.sum(axis=1) + explanation.base_value
    np.testing.assert_allclose(by_concept, odds, rtol=0, atol=1e-9)
    np.testing.assert_allclose(explanation.probability, fitted.predict_proba(cases)[:, 1])


def test_values_are_those_of_shap_scaled_by_the_calibrator(fitted, explanation, oracle):
    line = fitted.calibrator

    np.testing.assert_allclose(explanation.values, line.slope * oracle.values, atol=1e-9)
    assert explanation.base_value == pytest.approx(line.intercept + line.slope * oracle.base)


@given(rows=st.lists(st.tuples(*[CELLS] * 5), max_size=8))
@settings(max_examples=40, deadline=None)
def test_any_values_and_any_missing_ones_sum_exactly(fitted, rows):
    X = pd.DataFrame(rows, columns=list(fitted.feature_names), dtype=np.float32)
    explanation = fs.explain(fitted, X)

    assert explanation.values.shape == X.shape
    np.testing.assert_allclose(explanation.total, fitted.log_odds(X), rtol=0, atol=1e-9)


def test_a_classifier_of_ones_own_is_explained_too(study):
    X = study.X.head(1_500)
    y = (study.truth.head(1_500) > 0.1).astype(float)
    clf = fs.StepUpClassifier(settings=BoosterSettings(max_rounds=20)).fit(X, y)
    bare = fs.StepUpClassifier(settings=BoosterSettings(max_rounds=20)).fit(X.to_numpy(), y)
    explanation = fs.explain(clf, X)

    np.testing.assert_allclose(explanation.total, clf.decision_function(X), rtol=0, atol=1e-9)
    assert list(explanation.by_concept.columns) == list(X.columns)
    assert not explanation.synthetic
    unnamed = fs.explain(bare, X.to_numpy())
    np.testing.assert_allclose(unnamed.values, explanation.values, rtol=0, atol=1e-9)


def test_columns_are_found_by_name_and_the_index_is_kept(fitted, cases, explanation):
    turned = cases[cases.columns[::-1]].set_axis(np.arange(len(cases)) * 3 + 7)
    found = fs.explain(fitted, turned)

    assert list(found.values.columns) == list(fitted.feature_names)
    assert found.total.index.equals(turned.index)
    np.testing.assert_array_equal(found.values, explanation.values)


def test_whole_numbers_flags_and_nullable_columns_are_read(fitted, cases):
    plain = cases.fillna(1.0).round().clip(0, 1)
    kinds = ["int64", "boolean", "Float64", "Int8", "float32"]
    mixed = plain.astype(dict(zip(plain.columns, kinds, strict=True)))
    mixed.iloc[0, 1] = pd.NA
    plain.iloc[0, 1] = np.nan

    np.testing.assert_array_equal(
        fs.explain(fitted, mixed).values, fs.explain(fitted, plain).values
    )
    whole = plain.fillna(0).astype("int64")
    np.testing.assert_array_equal(
        fitted.predict_proba(whole), fitted.predict_proba(whole.astype(float))
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda X: X.drop(columns="child_age_years"), "1 feature is missing"),
        (lambda X: X.assign(child_age_year=1.0), "1 is unknown.*Did you mean 'child_age_years'"),
        (lambda X: pd.concat([X, X[["noise"]]], axis=1), "1 is there twice"),
        (lambda X: X.assign(noise="a name"), "1 of 5 features does not hold numbers"),
        (lambda X: X.assign(noise=pd.Timestamp("2024-01-01")), "1 of 5 features does not hold"),
        (lambda X: X.assign(noise=1j), "1 of 5 features does not hold"),
        (lambda X: X.to_numpy(), "Features without names"),
    ],
)
def test_a_wrong_frame_is_refused_and_the_columns_are_named(fitted, cases, change, says):
    with pytest.raises(FeatureError, match=says) as told:
        fs.explain(fitted, change(cases))
    assert "a name" not in str(told.value)


def test_what_is_no_trained_model_is_refused():
    with pytest.raises(SettingError, match="Only a trained step-up model"):
        fs.explain(fs.StepUpClassifier(), pd.DataFrame())


def test_households_are_one_for_each_case(fitted, cases):
    with pytest.raises(FeatureError, match="400 cases, and 3 households"):
        fs.explain(fitted, cases, households=np.arange(3))


def test_no_case_and_one_case(fitted, cases, pyplot):
    none, one = fs.explain(fitted, cases.head(0)), fs.explain(fitted, cases.head(1))

    assert len(none) == 0
    assert none.base_value == one.base_value
    assert none.importance()["mean"].isna().all()
    assert "cases: 0" in repr(none)
    with pytest.raises(SettingError, match="No case is explained"):
        none.plot_importance()
    with pytest.raises(SettingError, match="There is no such row: 0 cases"):
        none.plot_row(0)
    assert pyplot.get_fignums() == []
    assert one.importance()["low"].isna().all()
    one.plot_importance().figure.canvas.draw()
    one.plot_row(0).figure.canvas.draw()
    one.plot_dependence("noise").figure.canvas.draw()


def test_table_of_a_case_begins_with_the_start_and_sums_to_its_score(explanation):
    for by in ("feature", "concept"):
        table = explanation.table(3, by=by)
        size = table["contribution"].iloc[1:].abs()

        assert table["concept"].iloc[0] == "where every score starts"
        assert table["contribution"].sum() == pytest.approx(explanation.total.iloc[3], abs=1e-12)
        assert size.is_monotonic_decreasing
    assert explanation.table(-1).equals(explanation.table(len(explanation) - 1))
    with pytest.raises(SettingError, match="by concept or by feature"):
        explanation.table(0, by="concepts")
    with pytest.raises(SettingError, match="There is no such row"):
        explanation.table(400)


def test_importance_is_the_mean_size_with_its_interval(explanation):
    found = explanation.importance("feature").set_index("part")
    size = explanation.values.abs()

    pd.testing.assert_series_equal(
        found["mean"].sort_index(), size.mean().sort_index(), check_names=False
    )
    assert ((found["low"] < found["mean"]) & (found["mean"] < found["high"])).all()
    assert (found["n"] == 400).all()


def test_interval_of_a_mean_is_that_of_whole_groups():
    """Of groups of one size it is Student's interval of the groups' own means."""
    from scipy.stats import t

    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(30), 4)
    values = rng.normal(size=(120, 2)) + rng.normal(size=(30, 2))[groups]
    found = mean_of_rows(values, groups)
    means = values.reshape(30, 4, 2).mean(axis=1)
    reach = t.ppf(0.975, 29) * means.std(axis=0, ddof=1) / np.sqrt(30)

    np.testing.assert_allclose(found.mean, means.mean(axis=0))
    np.testing.assert_allclose(found.high - found.mean, reach)
    np.testing.assert_allclose(found.mean - found.low, reach)


def test_what_it_says_of_itself_is_of_all_cases_together(explanation, fitted, cases):
    text = repr(explanation)

    assert text.startswith("SYNTHETIC. Explanation")
    assert "cases: 400" in text
    assert len(text.splitlines()) <= 12
    one = repr(fs.explain(fitted, cases.head(1)))
    assert "moves scores" not in one


@pytest.mark.parametrize(
    "plot",
    [
        lambda e, **ax: e.plot_row(0, **ax),
        lambda e, **ax: e.plot_importance(**ax),
        lambda e, **ax: e.plot_importance("feature", most=2, **ax),
        lambda e, **ax: e.plot_dependence("child_age_years", **ax),
        lambda e, **ax: e.plot_dependence("child_trio_areas_current_365d", **ax),
    ],
)
def test_plots_draw_where_they_are_told_and_leave_the_rest_alone(explanation, plot, pyplot):
    mine, axes = pyplot.subplots()
    drawn = plot(explanation, ax=axes)
    mine.canvas.draw()

    assert drawn is axes
    assert pyplot.get_fignums() == [mine.number]
    assert axes.get_title().startswith("SYNTHETIC. ")
    assert "n 400" in axes.get_title().replace("\n", " ")
    assert "log-odds" in axes.get_xlabel() + axes.get_ylabel()
    assert plot(explanation).figure is not mine


def test_values_of_fewer_than_six_cases_are_not_drawn(fitted, cases, pyplot):
    X = cases.copy()
    X["child_cp_plan_starts_1825d"] = 0.0
    X.iloc[:4, X.columns.get_loc("child_cp_plan_starts_1825d")] = 9.0
    axes = fs.explain(fitted, X).plot_dependence("child_cp_plan_starts_1825d")

    assert "4 cases with rare values not drawn" in axes.get_title().replace("\n", " ")
    assert all(line.get_xdata().max(initial=0) < 9 for line in axes.get_lines()[:1])
    with pytest.raises(SettingError, match=r"no such feature.*Did you mean 'child_age_years'"):
        fs.explain(fitted, X).plot_dependence("child_age_year")


def test_all_of_shaps_plots_open(explanation, oracle, pyplot):
    given = explanation.to_shap()
    shap = oracle.shap

    np.testing.assert_array_equal(given.values, explanation.values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own notices
        for draw in (
            lambda: shap.plots.beeswarm(given, show=False),
            lambda: shap.plots.bar(given, show=False),
            lambda: shap.plots.waterfall(given[0], show=False),
            lambda: shap.plots.scatter(given[:, "child_age_years"], color=given, show=False),
            lambda: shap.plots.heatmap(given[:50], show=False),
            lambda: shap.plots.violin(given, show=False),
            lambda: shap.plots.force(given[0], matplotlib=True, show=False),
            lambda: shap.plots.decision(given.base_values[0], given.values[:20], show=False),
            lambda: shap.plots.bar(explanation.to_shap(by="concept"), show=False),
            lambda: shap.plots.beeswarm(explanation.to_shap(by="concept"), show=False),
        ):
            pyplot.figure()  # shap draws on the current one
            draw()
            pyplot.close("all")


def test_without_shap_the_cure_is_named(explanation, monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(SettingError, match=r"Install fs-risk\[shap\], or use plot_row"):
        explanation.to_shap()


def test_explaining_asks_neither_for_shap_nor_for_matplotlib(fitted, cases, monkeypatch):
    for name in ("shap", "matplotlib", "matplotlib.pyplot"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it would now fail

    explanation = fs.explain(fitted, cases)
    assert repr(explanation)
    assert explanation._repr_html_()
    assert len(explanation.table(0)) == 6
