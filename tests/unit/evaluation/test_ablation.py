"""An ablation says what each set of features is worth, and by how much it may be wrong."""

import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from fs_risk.errors import AuditError
from fs_risk.evaluation import ablation as module
from fs_risk.evaluation.ablation import ALL, FeatureSet, ablation
from fs_risk.evaluation.ablation_page import ablation_frame, ablation_page
from fs_risk.evaluation.ablation_sets import POVERTY, SAME_DECISION, feature_sets
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.model.folds import split_groups
from fs_risk.model.plan import BoosterSettings
from fs_risk.model.splits import ForwardHouseholdSplit

QUICK = BoosterSettings(max_rounds=40, patience=10, learning_rate=0.2)
PLANS = "child_cp_plan_starts_1825d"


def sets_of(columns):
    return [
        FeatureSet(ALL, "all", tuple(columns)),
        FeatureSet("plans", "left out", tuple(c for c in columns if c != PLANS)),
        FeatureSet("plans", "alone", (PLANS,)),
        FeatureSet("noise", "alone", ("noise",)),
        FeatureSet("the same again", "added", tuple(columns)),
    ]


def tried(study, **more):
    arguments = {"sets": sets_of(study.X.columns), "settings": QUICK, "resamples": 100,
                 "threads": 1, "progress": False, **more}  # fmt: skip
    return ablation(study.X, study.labels, study.cohort, study.households, **arguments)


@pytest.fixture(scope="module")
def found(study):
    return tried(study)


def test_values_are_scikit_learns_on_the_same_scores(study, found, monkeypatch):
    kept = {}

    def keep(label, scores, household, resamples, seed):
        kept.update(label=label, scores=scores, household=household)
        return figures(label, scores, household, resamples, seed)

    figures = module._figures
    monkeypatch.setattr(module, "_figures", keep)
    tried(study)

    for number, row in enumerate(found.table.itertuples()):
        score = kept["scores"][number]
        assert row.average_precision == pytest.approx(
            average_precision_score(kept["label"], score), abs=1e-9
        )
        assert row.roc_auc == pytest.approx(roc_auc_score(kept["label"], score), abs=1e-9)


def test_difference_is_paired_with_all_features(found):
    every = found.row(ALL, "all")
    same = found.row("the same again", "added")

    assert found.table["average_precision_gain"].to_numpy() == pytest.approx(
        found.table["average_precision"] - every["average_precision"]
    )
    # the same model on the same resamples: no difference, however wide its own interval is
    assert same["average_precision_gain_low"] == same["average_precision_gain_high"] == 0.0
    assert every["average_precision_low"] < every["average_precision_high"]


def test_what_matters_is_missed_and_noise_alone_is_beaten(found):
    without = found.row("plans", "left out")

    assert without["average_precision_gain_high"] < 0
    assert found.row("noise", "alone")["roc_auc_low"] < 0.5 < found.row("noise", "alone")[
        "roc_auc_high"
    ]  # fmt: skip
    assert "noise" not in found.ties


def test_cases_tested_are_later_and_of_households_not_learnt_from(study, found):
    known = study.labels["label"].notna()
    groups = split_groups(study.cohort[known], study.households)
    slices = ForwardHouseholdSplit().slices(groups)

    assert found.n == slices.testing.sum()
    assert found.n_learnt == slices.fitting.sum()
    assert found.positives == study.labels.loc[known, "label"].to_numpy()[slices.testing].sum()


def test_same_seed_gives_the_same_table(study, found):
    """M6."""
    pd.testing.assert_frame_equal(tried(study).table, found.table)


def test_page_and_frame_show_every_set(found):
    """F7: performance with and without is shown."""
    page = ablation_page({"Referrals": found}, settings="Seed 0.")

    assert page.count("| noise |") == 1
    assert "SYNTHETIC" in page
    assert len(ablation_frame({"Referrals": found, "Open cases": found})) == 2 * len(found.table)
    assert "5 sets" in repr(found)
    assert "<table" in found._repr_html_()


def test_tie_is_named_on_the_page(study):
    """A concept that all features do not beat is reported, not hidden."""
    columns = tuple(study.X.columns)
    sets = [FeatureSet(ALL, "all", columns), FeatureSet("everything but one", "alone", columns)]

    result = tried(study, sets=sets)

    assert result.ties == ["everything but one"]
    assert "not shown to rank better than everything but one alone" in ablation_page(
        {"Referrals": result}, settings=""
    )


class TestSetsOfTheCatalogue:
    def test_each_concept_is_left_out_and_used_alone(self):
        sets = feature_sets(CATALOGUE, outcome="cp_plan")
        every = set(sets[0].features)
        concepts = {spec.concept for spec in CATALOGUE if "cp_plan" not in spec.not_for}

        assert {one.what for one in sets if one.done == "alone"} == concepts
        for concept in concepts:
            [alone] = [set(s.features) for s in sets if (s.what, s.done) == (concept, "alone")]
            [rest] = [set(s.features) for s in sets if (s.what, s.done) == (concept, "left out")]
            assert alone | rest == every
            assert not alone & rest

    def test_features_of_poverty_or_service_use_can_be_left_out(self):
        """F7."""
        sets = feature_sets(CATALOGUE, outcome="cp_plan", headline=True)
        [without] = [set(one.features) for one in sets if one.what == POVERTY]

        flagged = {spec.name for spec in CATALOGUE if spec.poverty_or_service_use}
        assert flagged
        assert set(sets[0].features) - without == flagged

    def test_the_outcomes_own_decision_is_added_and_never_among_all(self):
        sets = feature_sets(CATALOGUE, outcome="cp_plan")
        [added] = [set(one.features) for one in sets if one.what == SAME_DECISION]

        assert added - set(sets[0].features) == {
            "child_neglect_this_episode_365d",
            "child_abuse_this_episode_365d",
        }
        assert not [s for s in feature_sets(CATALOGUE, outcome="care") if s.what == SAME_DECISION]


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ([], "nothing to compare"),
        ([FeatureSet("plans", "alone", (PLANS,))], "nothing to compare"),
        ([FeatureSet(ALL, "all", ("no_such_feature",))], "1 feature of the sets is not in X"),
        ([FeatureSet(ALL, "all", ())], "1 set is empty"),
    ],
)
def test_sets_that_cannot_be_tried_are_refused(study, sets, message):
    with pytest.raises(AuditError, match=message):
        tried(study, sets=sets)


def test_too_few_cases_with_the_outcome_are_refused(study):
    labels = study.labels.assign(label=study.labels["label"].where(study.labels["label"].isna(), 0))

    with pytest.raises(AuditError, match="followed in 0 cases"):
        ablation(
            study.X, labels, study.cohort, study.households,
            sets=sets_of(study.X.columns), progress=False,
        )  # fmt: skip


def test_row_that_was_not_tried_is_an_error(found):
    with pytest.raises(AuditError, match="no row for 'plans' added"):
        found.row("plans", "added")
