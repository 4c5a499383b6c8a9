import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import FeatureError, PlanError
from fs_risk.model.folds import split_groups
from fs_risk.model.plan import DECLARATIONS, BoosterSettings, Plan
from fs_risk.model.splits import ForwardHouseholdSplit
from fs_risk.records.records import Origin

REAL = Origin("real", ("SSD",))


def test_same_data_seed_and_release_give_the_same_bytes(study, refit, tmp_path):
    """M6: whatever the number of threads."""
    plan = Plan(outcome="cp_plan", booster=BoosterSettings(max_rounds=8))
    one, two = (refit.fit_study(study, plan=plan, threads=threads) for threads in (1, 2))
    first, second = one.save(tmp_path / "first"), two.save(tmp_path / "second")

    assert one.content_hash == two.content_hash
    for name in ("model.json", "booster.txt", "candidates.json", "replicas/fold-1.txt"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_order_of_the_rows_changes_no_evidence(fitted, study, refit):
    """M8."""
    order = np.random.default_rng(0).permutation(len(study.X))
    turned = type(study)(**vars(study))
    turned.X, turned.labels = study.X.iloc[order], study.labels.iloc[order]
    turned.cohort = study.cohort.iloc[order]
    again = refit.fit_study(turned)

    assert again.training.test == fitted.training.test
    assert again.training.proof == fitted.training.proof
    assert again.log_odds(study.X) == pytest.approx(fitted.log_odds(study.X), abs=0.6)


def test_changed_test_rows_change_nothing_that_was_fitted(fitted, study, refit):
    """T9: imputation, knots, trees and calibrator see training rows only."""
    groups = split_groups(study.cohort, study.households)
    late = (groups["as_of"] >= pd.Timestamp(fitted.training.test.first_as_of)).to_numpy()
    changed = type(study)(**vars(study))
    changed.X = study.X.copy()
    changed.X.loc[late] = study.X[late].sample(frac=1, random_state=1).to_numpy()
    again = refit.fit_study(changed)

    assert again.booster.text == fitted.booster.text
    assert [each.text for each in again.replicas] == [each.text for each in fitted.replicas]
    assert again.candidates == fitted.candidates
    assert again.calibrator == fitted.calibrator
    assert again.facts.replica_calibrators == fitted.facts.replica_calibrators
    assert again.bands != fitted.bands


def test_proof_is_kept_with_the_model(fitted):
    """T7, T8."""
    for fold in fitted.training.proof:
        assert fold.shared_households == 0
        assert fold.last_training_label < fold.first_test_as_of
        assert fold.days_clear >= 1


def test_summary_says_what_was_fitted_on(fitted, study):
    slices = ForwardHouseholdSplit(extract_lag_days=7).slices(
        split_groups(study.cohort, study.households)[study.labels["label"].notna()]
    )

    assert fitted.training.fit.n == slices.fitting.sum()
    assert fitted.training.test.n == slices.testing.sum()
    assert fitted.training.not_labelled == {"immature": int(study.labels["label"].isna().sum())}
    assert fitted.training.extract_date == "2025-12-31"


def test_bands_and_lists_are_observed_on_test_rows(fitted):
    assert fitted.facts.listed.n == fitted.training.test.n
    assert sum(band.n for band in fitted.bands) == pytest.approx(
        0.15 * fitted.training.test.n, abs=2
    )
    assert fitted.bands[0].observed_rate > fitted.bands[1].observed_rate


def test_model_finds_what_was_planted(fitted, study):
    """The planted log-odds and the model's agree in order and, roughly, in size."""
    planted = np.log(study.truth / (1 - study.truth))

    assert np.corrcoef(planted, fitted.log_odds(study.X))[0, 1] > 0.8
    assert 0.5 < fitted.calibrator.slope < 2


def test_declared_direction_holds(fitted, study):
    """F3."""
    more = study.X.assign(child_cp_plan_starts_1825d=study.X["child_cp_plan_starts_1825d"] + 1)

    assert (fitted.log_odds(more) >= fitted.log_odds(study.X) - 1e-12).all()


class TestRefusals:
    def test_real_records_without_declarations(self, study, refit):
        with pytest.raises(PlanError, match="5 of 5 declarations are missing"):
            refit.fit_study(study, origin=REAL)

    def test_labels_that_end_after_the_extract(self, study, refit):
        """T6."""
        with pytest.raises(PlanError, match=r"[\d,]+ of [\d,]+ labels are for windows that"):
            refit.fit_study(study, extract_date="2024-12-31")

    def test_too_few_cases_with_the_outcome(self, study, refit):
        rare = type(study)(**vars(study))
        rare.labels = study.labels.assign(label=study.labels["label"] * 0)
        with pytest.raises(PlanError, match="only 0 cases with the rarer answer"):
            refit.fit_study(rare)

    def test_too_short_a_time(self, study, refit):
        plan = Plan(outcome="cp_plan", within_days=1_700)
        with pytest.raises(PlanError, match="are needed"):
            refit.fit_study(study, plan=plan)

    def test_columns_without_a_declaration(self, study, refit):
        changed = type(study)(**vars(study))
        changed.specs = study.specs[1:]
        with pytest.raises(FeatureError, match="1 of 5 columns has no declaration"):
            refit.fit_study(changed)

    def test_rows_that_do_not_belong_together(self, study, refit):
        changed = type(study)(**vars(study))
        changed.X = study.X.iloc[1:]
        with pytest.raises(FeatureError, match="do not have the same index"):
            refit.fit_study(changed)


def test_declared_plan_on_real_records_gives_a_study_model(study, refit):
    plan = Plan(
        outcome="cp_plan",
        booster=BoosterSettings(max_rounds=10),
        **dict.fromkeys(DECLARATIONS, "given"),
    )
    model = refit.fit_study(study, plan=plan, origin=REAL)

    assert model.mode == "study"
