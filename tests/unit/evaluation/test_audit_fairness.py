"""The audit's figures, against brute force, fairlearn and published rates."""

import matplotlib
import matplotlib.pyplot
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, roc_auc_score

import fs_risk as fs
from fs_risk.errors import AuditError, SettingError
from fs_risk.model.listing import list_periods, share_listed

RATES = (
    "selection_rate",
    "recall",
    "precision",
    "false_positive_rate",
    "false_negative_rate",
    "false_discovery_rate",
    "false_omission_rate",
)


def cases(n=900, seed=0, *, ties=False):
    rng = np.random.default_rng(seed)
    household = np.repeat(np.arange(n), rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1], size=n))[:n]
    label = (rng.random(n) < 0.3).astype(float)
    score = 1 / (1 + np.exp(-(rng.normal(size=n) + label)))
    if ties:
        score = np.round(score, 1)
    groups = pd.DataFrame(
        {
            "ethnicity": rng.choice(["A", "B", "W"], p=[0.2, 0.2, 0.6], size=n),
            "sex": rng.choice(np.array(["F", "M", None], dtype=object), size=n),
        }
    )
    as_of = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 70, n), "D"))
    return label, score, groups, household, as_of


def audit(label, score, groups, **changed):
    settings = {"capacity": 0.2, "resamples": 100, "seed": 1} | changed
    return fs.audit_fairness(label, score, groups, **settings)


def brute_rates(label, share):
    tp, fp = share[label == 1].sum(), share[label == 0].sum()
    fn, tn = (1 - share)[label == 1].sum(), (1 - share)[label == 0].sum()
    return dict(
        zip(
            RATES,
            (
                (tp + fp) / len(label),
                tp / (tp + fn),
                tp / (tp + fp),
                fp / (fp + tn),
                fn / (tp + fn),
                fp / (tp + fp),
                fn / (fn + tn),
            ),
            strict=True,
        )
    )


@pytest.mark.parametrize("capacity", [0.2, 12])
@pytest.mark.parametrize("ties", [False, True])
def test_rates_of_groups_and_pairs_are_those_of_brute_force_on_each_weeks_list(capacity, ties):
    """A1: the rates at the operating capacity, by group and by pair."""
    label, score, groups, household, as_of = cases(ties=ties)
    share = share_listed(score, list_periods(as_of, "week"), capacity)
    sex = groups["sex"].fillna("missing")
    made = audit(label, score, groups, capacity=capacity, households=household, as_of=as_of)
    table = made.full_table.set_index(["attribute", "group", "metric"])
    inside = {
        ("ethnicity", "B"): groups["ethnicity"] == "B",
        ("sex", "missing"): sex == "missing",
        ("ethnicity & sex", "A & F"): (groups["ethnicity"] == "A") & (sex == "F"),
    }

    for group, rows in inside.items():
        rows = rows.to_numpy()
        own, rest = (brute_rates(label[which], share[which]) for which in (rows, ~rows))
        for metric in RATES:
            row = table.loc[(*group, metric)]
            assert row["value"] == pytest.approx(own[metric], abs=1e-12)
            assert row["difference"] == pytest.approx(own[metric] - rest[metric], abs=1e-12)
            assert row["ratio"] == pytest.approx(own[metric] / rest[metric], abs=1e-12)
            assert row["n"] == rows.sum()
            assert row["positives"] == label[rows].sum()


def test_missing_is_a_group_of_its_own():
    """A4: those of whom an attribute is not recorded are reported."""
    label, score, groups, *_ = cases()
    table = audit(label, score, groups).table

    assert set(table.loc[table["attribute"] == "sex", "group"]) == {"F", "M", "missing"}


def test_values_equal_fairlearns_to_the_last_digit():
    label, score, groups, household, _ = cases()
    made = audit(label, score, groups, households=household)
    frame = made.metric_frame()
    table = made.full_table[made.full_table["attribute"] == "ethnicity"]

    for metric in frame.by_group.columns:
        own = table[table["metric"] == metric].set_index("group")["value"]
        assert own.to_dict() == frame.by_group[metric].to_dict()
        assert made.overall[metric] == frame.overall[metric]


def test_all_of_fairlearns_frame_opens():
    matplotlib.use("Agg")
    label, score, groups, household, _ = cases()
    frame = audit(label, score, groups, households=household).metric_frame(attributes=["sex"])
    by = frame.by_group

    pd.testing.assert_series_equal(frame.difference(), by.max() - by.min(), check_names=False)
    pd.testing.assert_series_equal(frame.ratio(), by.min() / by.max(), check_names=False)
    to_all = (by - frame.overall).abs().max()
    pd.testing.assert_series_equal(frame.difference(method="to_overall"), to_all, check_names=False)
    assert frame.group_max().equals(by.max().astype(frame.group_max().dtype))
    assert frame.sensitive_levels == ["sex"]
    axes = by.plot.bar(subplots=True, layout=(3, 2))
    assert {ax.get_title() for ax in axes.ravel() if ax.has_data()} == set(by.columns)
    matplotlib.pyplot.close("all")


def test_tied_rows_stand_twice_in_fairlearns_frame_by_their_chance_of_being_listed():
    label, score, groups, *_ = cases(ties=True)
    made = audit(label, score, groups)
    recall = made.metric_frame(attributes=["ethnicity"]).by_group["recall"]
    rows = made.full_table.query("attribute == 'ethnicity' and metric == 'recall'")

    assert recall.to_dict() == pytest.approx(rows.set_index("group")["value"].to_dict())


def test_any_metric_of_its_kind_can_be_asked_of_the_frame():
    label, score, groups, *_ = cases()
    made = audit(label, score, groups)

    def listed_of_a_hundred(y_true, y_pred, sample_weight=None):
        return 100 * np.average(y_pred, weights=sample_weight)

    frame = made.metric_frame({"listed": listed_of_a_hundred}, attributes=["sex", "ethnicity"])
    assert frame.by_group.shape == (9, 1)
    assert frame.overall["listed"] == pytest.approx(20)


def test_attribute_that_was_not_audited_is_refused_by_the_frame():
    label, score, groups, *_ = cases()
    with pytest.raises(AuditError, match="Did you mean 'ethnicity'"):
        audit(label, score, groups).metric_frame(attributes=["etnicity"])


COMPAS = {
    # defendants by race, two-year recidivism and score (medium or high against low)
    "African-American": {"tp": 1369, "fp": 805, "fn": 532, "tn": 990},
    "Caucasian": {"tp": 505, "fp": 349, "fn": 461, "tn": 1139},
}
"""Larson, Mattu, Kirchner and Angwin, How We Analyzed the COMPAS Recidivism Algorithm,
ProPublica, 23 May 2016: tables "Black Defendants" and "White Defendants"."""

PUBLISHED = {
    # the same article: false positive and false negative rates, and those of predictive value
    "African-American": {"fpr": 44.85, "fnr": 27.99, "ppv": 0.63, "npv": 0.65},
    "Caucasian": {"fpr": 23.45, "fnr": 47.72, "ppv": 0.59, "npv": 0.71},
}


def test_propublicas_published_rates_come_out():
    rows = [
        (race, float(cell in ("tp", "fn")), float(cell in ("tp", "fp")))
        for race, counts in COMPAS.items()
        for cell, count in counts.items()
        for _ in range(count)
    ]
    race, label, listed = (np.array(column) for column in zip(*rows, strict=True))
    made = fs.audit_fairness(
        label, listed, pd.Series(race, name="race"), capacity=0.5, listed=listed, resamples=50
    )
    value = made.table.set_index(["group", "metric"])["value"]

    for group, published in PUBLISHED.items():
        assert round(100 * value[group, "false_positive_rate"], 2) == published["fpr"]
        assert round(100 * value[group, "false_negative_rate"], 2) == published["fnr"]
        assert round(value[group, "precision"], 2) == published["ppv"]
        assert round(1 - value[group, "false_omission_rate"], 2) == published["npv"]
    gap = made.primary.set_index(["group", "metric"])["verdict"]
    assert gap["African-American", "recall"] == "gap shown"


def test_unlabelled_rows_take_places_and_count_in_no_figure():
    label, score, groups, *_ = cases()
    unknown = np.arange(len(label)) % 4 == 0
    share = share_listed(score, np.zeros(len(score)), 0.2)
    made = audit(np.where(unknown, np.nan, label), score, groups)

    known = brute_rates(label[~unknown], share[~unknown])
    assert made.overall.to_dict() == pytest.approx(known)
    assert f"{unknown.sum():,} more without a known outcome" in made.text()


def test_measures_of_scores_are_those_of_sklearn_group_by_group():
    """A1: calibration and ranking of each group."""
    label, score, groups, household, _ = cases()
    table = audit(label, score, groups, households=household).full_table
    rows = (groups["ethnicity"] == "B").to_numpy()
    value = table[table["group"] == "B"].set_index("metric")["value"]
    odds = np.log(score / (1 - score))
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(odds[rows, None], label[rows])
    up, down = label == 1, label == 0
    across = [(rows & up, ~rows & down), (~rows & up, rows & down)]

    assert value["auc"] == pytest.approx(roc_auc_score(label[rows], score[rows]))
    assert value["calibration_slope"] == pytest.approx(fit.coef_[0, 0], abs=1e-4)
    assert value["mean_score_less_outcome"] == pytest.approx((score - label)[rows].mean())
    for metric, (one, other) in zip(
        ("auc_positives_to_rest", "auc_negatives_to_rest"), across, strict=True
    ):
        both = one | other
        assert value[metric] == pytest.approx(roc_auc_score(one[both], score[both]))


def test_calibration_is_left_out_where_scores_are_not_probabilities():
    label, score, groups, *_ = cases()
    table = audit(label, 10 * score, groups).table

    assert "calibration_slope" not in set(table["metric"])
    assert "auc" in set(table["metric"])


def test_a_list_as_decided_is_audited_as_it_is():
    """A5: the same audit of decisions as of scores."""
    label, score, groups, *_ = cases()
    decided = (np.arange(len(label)) % 3 == 0).astype(float)
    made = audit(label, score, groups, listed=decided)

    assert made.overall["selection_rate"] == decided.mean()
    assert made.made == "as decided"


def test_confusion_counts_of_everyone_are_sklearns():
    label, score, groups, *_ = cases()
    made = audit(label, score, groups, capacity=180)
    listed = score >= np.sort(score)[-180]
    everyone = made.audited.counts[1]
    tn, fp, fn, tp = confusion_matrix(label, listed).ravel()

    assert [float(getattr(everyone, name)[0]) for name in ("tp", "fp", "fn", "tn")] == [
        tp,
        fp,
        fn,
        tn,
    ]


class TestUnusualCases:
    def test_group_without_positives_is_not_enough_evidence_and_has_no_recall(self):
        label, score, groups, *_ = cases()
        none = np.where(groups["ethnicity"] == "A", 0.0, label)
        rows = audit(none, score, groups).full_table.query("group == 'A' and metric == 'recall'")

        assert rows["verdict"].item() == "not enough evidence"
        assert np.isnan(rows["value"].item())
        assert rows["symbol"].item() in ("z", "c")

    def test_groups_of_one_person_are_hidden_and_not_enough_evidence(self):
        label, score, *_ = cases(60)
        made = audit(label, score, pd.Series([str(n) for n in range(60)], name="who"))

        assert set(made.primary["verdict"]) == {"not enough evidence"}
        assert made.primary["value"].isna().all()

    def test_all_missing_is_one_group_with_no_rest_to_compare(self):
        label, score, *_ = cases()
        made = audit(label, score, pd.Series([None] * len(label), name="sex", dtype="object"))

        assert set(made.table["group"]) == {"missing"}
        assert set(made.primary["verdict"]) == {"not enough evidence"}

    def test_one_score_for_all_lists_each_with_the_same_chance(self):
        label, _, groups, household, *_ = cases()
        made = audit(label, np.full(len(label), 0.3), groups, households=household)

        rates = made.full_table.query("metric == 'selection_rate'")["value"]
        assert rates.to_numpy() == pytest.approx(0.2)
        assert "gap shown" not in set(made.primary["verdict"])

    def test_nobody_with_the_outcome_is_not_enough_evidence(self):
        label, score, groups, *_ = cases()
        recall = audit(0 * label, score, groups).primary.query("metric == 'recall'")

        assert set(recall["verdict"]) == {"not enough evidence"}

    def test_everybody_listed_has_no_rows_left_out(self):
        label, score, groups, *_ = cases()
        made = audit(label, score, groups, capacity=2000)

        assert made.overall["recall"] == 1
        assert np.isnan(made.overall["false_omission_rate"])

    def test_missing_households_are_households_of_their_own(self):
        label, score, groups, *_ = cases()
        none = audit(label, score, groups, households=np.full(len(label), None))
        alone = audit(label, score, groups)

        pd.testing.assert_frame_equal(none.full_table, alone.full_table)


class TestErrors:
    def test_lengths_that_differ_are_named(self):
        label, score, groups, *_ = cases()
        with pytest.raises(AuditError, match="labels have 900 rows, scores 899"):
            audit(label, score[1:], groups)

    def test_household_lengths_are_checked(self):
        label, score, groups, household, _ = cases()
        with pytest.raises(AuditError, match="households 3"):
            audit(label, score, groups, households=household[:3])

    def test_labels_other_than_nought_and_one_are_refused(self):
        label, score, groups, *_ = cases()
        with pytest.raises(AuditError, match="900 of 900 labels are neither 0 nor 1"):
            audit(label + 0.5, score, groups)

    def test_no_label_at_all_is_refused(self):
        label, score, groups, *_ = cases()
        with pytest.raises(AuditError, match="None of 900 rows has a label"):
            audit(label * np.nan, score, groups)

    def test_missing_scores_are_counted(self):
        label, score, groups, *_ = cases()
        with pytest.raises(AuditError, match="2 of 900 scores are missing"):
            audit(label, np.where(np.arange(900) < 2, np.nan, score), groups)

    @pytest.mark.parametrize("capacity", [0, -1, 1.5, True, float("nan")])
    def test_capacity_is_a_number_of_children_or_a_share(self, capacity):
        label, score, groups, *_ = cases()
        with pytest.raises(SettingError, match="neither a whole number"):
            audit(label, score, groups, capacity=capacity)

    def test_one_household_is_refused(self):
        label, score, groups, *_ = cases()
        with pytest.raises(AuditError, match="one household"):
            audit(label, score, groups, households=np.zeros(900))

    def test_missing_dates_are_counted(self):
        label, score, groups, _, as_of = cases()
        with pytest.raises(AuditError, match="1 of 900 dates is missing"):
            audit(label, score, groups, as_of=as_of.mask(as_of.index == 0))

    def test_no_groups_are_refused(self):
        label, score, *_ = cases()
        with pytest.raises(AuditError, match="no groups to compare"):
            audit(label, score, {})

    def test_list_that_is_not_of_noughts_and_ones_is_refused(self):
        label, score, groups, *_ = cases()
        with pytest.raises(AuditError, match="neither listed nor not"):
            audit(label, score, groups, listed=score + 5)
