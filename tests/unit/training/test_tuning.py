import builtins

import numpy as np
import pytest

from fs_risk.errors import PlanError, SettingError
from fs_risk.model.booster import Recipe
from fs_risk.model.fitting import fit_trees
from fs_risk.model.folds import household_fold, split_groups
from fs_risk.model.plan import BoosterSettings, Plan
from fs_risk.model.tuning import SearchSpace, Tuning
from fs_risk.training.tuning import tune

QUICK = BoosterSettings(max_rounds=25, patience=10)


def pieces(study, settings=QUICK, seed=0):
    known = study.labels["label"].notna().to_numpy()
    groups = split_groups(study.cohort, study.households)[known]
    recipe = Recipe(list(study.X.columns), [0] * 5, settings, seed, threads=1)
    label = study.labels["label"].to_numpy()[known]
    fold = household_fold(groups["household"], n_folds=3, seed=0)
    early = (groups["as_of"] < groups["as_of"].median()).to_numpy()
    return study.X[known].to_numpy(), label, recipe, {"fold": fold, "fitting": early}


def test_own_settings_are_tried_first_and_the_least_loss_is_chosen(study):
    matrix, label, recipe, where = pieces(study)
    found = tune(matrix, label, recipe, Tuning(trials=9), **where, progress=False)
    losses = [trial.loss for trial in found.trials if trial.loss is not None]

    assert len(found.trials) == 9
    assert found.trials[0].settings == recipe.settings
    assert found.settings == next(
        trial.settings for trial in found.trials if trial.loss == min(losses)
    )
    assert min(losses) <= found.trials[0].loss


def test_loss_of_a_trial_is_that_of_the_fit_with_its_settings(study):
    """The number that is compared is the one that choosing the rounds looks at."""
    matrix, label, recipe, where = pieces(study)
    first = tune(matrix, label, recipe, Tuning(trials=1), **where, progress=False).trials[0]
    fitted = fit_trees(matrix, label, recipe, **where, progress=False)

    assert first.loss == fitted.loss.min()
    assert first.rounds == fitted.rounds


def test_same_seed_and_budget_in_trials_find_the_same(study):
    """M6."""
    matrix, label, recipe, where = pieces(study)
    first, second = (
        tune(matrix, label, recipe, Tuning(trials=6), **where, progress=False) for _ in range(2)
    )
    other = tune(*pieces(study, seed=1)[:3], Tuning(trials=6), **where, progress=False)

    assert first == second
    assert other.trials != first.trials


def test_only_rows_of_the_fit_period_are_looked_at(study):
    """T9: the calibration and the test period play no part in the choice."""
    matrix, label, recipe, where = pieces(study)
    later = ~where["fitting"]
    changed = matrix.copy()
    changed[later] = np.nan
    first = tune(matrix, label, recipe, Tuning(trials=4), **where, progress=False)
    second = tune(
        changed, np.where(later, 1 - label, label), recipe, Tuning(trials=4), **where,
        progress=False,
    )  # fmt: skip

    assert first == second


def test_settings_stay_within_their_ranges_or_are_the_plans_own(study):
    matrix, label, recipe, where = pieces(study)
    space = SearchSpace(num_leaves=(8, 9), l2=(20.0, 20.0))
    found = tune(matrix, label, recipe, Tuning(trials=6, space=space), **where, progress=False)

    own = recipe.settings
    for trial in found.trials:
        assert min(8, own.num_leaves) <= trial.settings.num_leaves <= max(9, own.num_leaves)
        assert min(20.0, own.l2) <= trial.settings.l2 <= max(20.0, own.l2)
        assert trial.settings.learning_rate == recipe.settings.learning_rate


def test_time_ends_a_search_after_the_first_trial_at_the_earliest(study):
    matrix, label, recipe, where = pieces(study)
    found = tune(matrix, label, recipe, Tuning(seconds=1e-6), **where, progress=False)

    assert len(found.trials) == 1
    assert found.settings == recipe.settings


def test_too_few_cases_are_refused_before_the_search(study):
    matrix, label, recipe, where = pieces(study)
    with pytest.raises(PlanError, match="only 0 cases with the rarer answer"):
        tune(matrix, 0 * label, recipe, Tuning(trials=2), **where, progress=False)


def test_without_optuna_the_cure_is_named(study, monkeypatch):
    whole = builtins.__import__

    def without(name, *rest):
        if name == "optuna":
            raise ImportError(name)
        return whole(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    matrix, label, recipe, where = pieces(study)
    with pytest.raises(SettingError, match="needs Optuna") as caught:
        tune(matrix, label, recipe, Tuning(trials=2), **where, progress=False)

    assert "fs-risk[tuning]" in caught.value.fix


def test_tuned_model_keeps_its_settings_and_every_trial(study, refit, tmp_path):
    """M6: and rebuilds byte for byte."""
    from fs_risk.model.artefact import load_model

    few = BoosterSettings(max_rounds=4)
    plan = Plan(outcome="cp_plan", booster=few, tuning=3)
    one, two = (refit.fit_study(study, plan=plan, threads=threads) for threads in (1, 2))
    saved = load_model(one.save(tmp_path / "model"))

    assert one.content_hash == two.content_hash == saved.content_hash
    assert saved.training.configurations_tried == len(saved.training.trials) == 3
    assert saved.training.settings in [trial.settings for trial in saved.training.trials]
    assert saved.plan.booster == few
    assert saved.plan.hash == plan.hash


def test_model_that_was_not_tuned_tried_one_configuration(fitted):
    assert fitted.training.configurations_tried == 1
    assert fitted.training.settings == fitted.plan.booster
