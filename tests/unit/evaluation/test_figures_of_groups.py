import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score

from fs_risk.evaluation import cases as evaluated
from fs_risk.evaluation.by_group import figures_by_group, worst_recall
from fs_risk.evaluation.groupings import AGE, MONTH, SOURCE, YEAR, make_groupings
from fs_risk.model.listing import share_listed
from fs_risk.outcomes.cohorts import referral_cohort


def make(n=600, seed=0):
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-1.2, 1, n)
    label = (rng.random(n) < expit(log_odds)).astype(float)
    tested = evaluated.Tested(
        label, log_odds, {}, (np.arange(n) // 2).astype(str), rng.integers(0, 20, n), {}
    )
    group = pd.Series(np.where(np.arange(n) % 3 == 0, "a", "b"))
    return tested, pd.DataFrame({"case_id": np.arange(n)}), group


def test_group_is_measured_on_the_lists_of_everyone():
    tested, cohort, group = make()
    found = figures_by_group(tested, cohort, np.ones(600, bool), {"by": group}, 5, 50, 0)
    table = pd.DataFrame([each.model_dump() for each in found])
    listed = share_listed(tested.log_odds, tested.period, 5)

    for level in ("a", "b"):
        inside = (group == level).to_numpy()
        value = table[table["level"] == level].set_index("metric")["value"]
        label, on_list = tested.label[inside], listed[inside]
        assert value["recall_at_capacity"] == pytest.approx(on_list @ label / label.sum())
        assert value["precision_at_capacity"] == pytest.approx(on_list @ label / on_list.sum())
        assert value["share_listed"] == pytest.approx(on_list.mean())
        assert value["base_rate"] == pytest.approx(label.mean())
        assert value["observed_over_expected"] == pytest.approx(
            label.sum() / expit(tested.log_odds[inside]).sum()
        )
        assert value["average_precision"] == pytest.approx(
            average_precision_score(label, tested.log_odds[inside])
        )


def test_worst_group_is_the_one_that_lists_find_least_of():
    tested, cohort, group = make()
    months = pd.Series(np.where(tested.label == 1, "2024-01", "2024-02"))
    by = {"by": group, MONTH: months}
    found = figures_by_group(tested, cohort, np.ones(600, bool), by, 5, 50, 0)
    recalls = [each for each in found if each.metric == "recall_at_capacity" and each.by == "by"]
    worst = worst_recall(found)

    assert worst.value == min(each.value for each in recalls)
    assert worst.low < worst.value < worst.high
    assert worst_recall(()) is None


def test_small_groups_are_neither_measured_nor_counted_out(report):
    odd = report.groups[0].model_copy(
        update={"level": "few", "n": 9, "positives": 3, "value": None, "low": None, "high": None}
    )
    table = report.model_copy(update={"groups": (*report.groups, odd)}).published_groups
    few = table[table["level"] == "few"].iloc[0]

    assert few["positives"] == "c"
    assert few["n"] == "10"
    assert few["base_rate"] == "–"


def test_one_family_asked_about_many_times_is_no_group():
    tested, cohort, group = make()
    few = pd.Series(np.where(np.arange(600) < 60, "family", "rest"))
    household = np.where(np.arange(600) < 60, "F", tested.household)
    crowded = evaluated.Tested(tested.label, tested.log_odds, {}, household, tested.period, {})
    found = figures_by_group(crowded, cohort, np.ones(600, bool), {"by": few}, 5, 20, 0)

    assert len(group) == 600
    assert all(each.value is None for each in found if each.level == "family")
    assert all(each.value is not None for each in found if each.level == "rest")


def test_published_groups_hold_no_exact_count(report):
    """Counts of 1 to 5 hidden, all others rounded, also where the rest would give them away."""
    table = report.published_groups
    counts = pd.to_numeric(
        table[["n", "positives"]].stack().str.replace(",", ""), errors="coerce"
    ).dropna()

    assert (counts % 5 == 0).all()
    nearly_all = report.groups[0].model_copy(update={"n": 100, "positives": 97})
    only = report.model_copy(update={"groups": (nearly_all,)}).published_groups
    assert only["positives"].item() == "c"


def test_every_case_is_in_one_group_of_each_kind(small_authority):
    cohort = referral_cohort(small_authority)
    groups = make_groupings(small_authority, cohort)

    assert {YEAR, MONTH, AGE, SOURCE} <= set(groups)
    for series in groups.values():
        assert series.notna().all()
        assert series.index.equals(cohort.index)


def test_age_bands_are_those_of_the_day(small_authority):
    cohort = referral_cohort(small_authority)
    born = small_authority["children"].set_index("child_id")["birth_date"]
    age = (cohort["as_of"] - cohort["child_id"].map(born)).dt.days / 365.25
    band = make_groupings(small_authority, cohort)[AGE].astype("object")

    assert (band[age < 0] == "not yet born").all()
    assert (band[(age >= 1) & (age < 5)] == "1 to 4").all()
    assert (band[age >= 16] == "16 and 17").all()
    assert set(band.unique()) <= {"not yet born", "under 1", "1 to 4", "5 to 9", "10 to 15",
                                  "16 and 17", "not recorded"}  # fmt: skip


def test_levels_of_a_categorical_keep_their_order():
    tested, cohort, group = make()
    ordered = pd.Series(pd.Categorical(group, categories=["b", "a"]))
    found = figures_by_group(tested, cohort, np.ones(600, bool), {"by": ordered}, 5, 20, 0)

    assert list(dict.fromkeys(each.level for each in found)) == ["b", "a"]


def test_years_and_months_of_the_test_period_are_shown_by_themselves(fitted, study):
    from matplotlib import pyplot

    from fs_risk.evaluation.step_up import evaluate

    found = evaluate(fitted, study.X, study.labels, study.cohort, study.households, resamples=20)
    table = found.group_table.drop_duplicates(["by", "level"])

    assert set(table["by"]) == {YEAR, MONTH}
    assert table.groupby("by")["n"].sum().eq(found.n).all()
    assert "worst_group_recall" not in found
    ax = found.plot_months()
    assert ax.get_xlabel() == MONTH
    assert "SYNTHETIC" in ax.get_title()
    pyplot.close(ax.figure)
