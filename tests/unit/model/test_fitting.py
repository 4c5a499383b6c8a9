import numpy as np
import pytest
from scipy.special import expit

from fs_risk.model.booster import Recipe
from fs_risk.model.calibration import fit_log_odds
from fs_risk.model.fitting import fit_trees
from fs_risk.model.plan import BoosterSettings

FEW_TREES = BoosterSettings(max_rounds=12, patience=12)
SHARES = np.array([0.04, 0.10, 0.25])


@pytest.fixture(scope="module")
def uneven():
    """Few cases, a weak feature, and folds that luck made very different."""
    rng = np.random.default_rng(4)
    fold = np.repeat(np.arange(3), 400)
    feature = rng.normal(size=1_200)
    chance = expit(np.log(SHARES / (1 - SHARES))[fold] + 0.6 * feature)
    label = (rng.random(1_200) < chance).astype(float)
    recipe = Recipe(["feature"], [0], FEW_TREES, 0, threads=1)
    whole = np.ones(1_200, dtype=bool)
    matrix = feature[:, None]
    fitted = fit_trees(matrix, label, recipe, fold=fold, fitting=whole, progress=False)
    return matrix, label, fold, fitted


def test_a_fold_with_more_outcomes_does_not_turn_the_calibrator(uneven):
    """M1: replicas without that fold start lower, and its held-out cases are the likelier ones."""
    _, label, _, fitted = uneven

    assert fit_log_odds(fitted.margin, label)[1] < 0  # as they are, scores point the wrong way
    assert fitted.calibrator.slope > 0.5


def test_held_out_probabilities_sum_to_what_was_observed(uneven):
    """M2: over each replica's calibrator the mean is that of the rows it was fitted on."""
    matrix, label, fold, fitted = uneven
    for number, line in enumerate(fitted.replica_calibrators):
        others = fold != number
        levels = [each.margin(matrix).mean() for each in fitted.replicas]
        moved = fitted.margin - np.array(levels)[fold] + levels[number]

        assert expit(line.log_odds(moved[others])).mean() == pytest.approx(
            label[others].mean(), abs=1e-9
        )
