"""The door to LightGBM's Dask estimator: trees grown by the workers of a cluster."""

import warnings
from typing import Any

import numpy as np

from fs_risk.errors import SettingError
from fs_risk.model.booster import Booster, Grower, Growth, Recipe

ROWS_A_PART = 50_000
"""Rows that travel to a worker together."""


def dask_grower(client: Any = None) -> Grower:
    """Give what grows trees on a cluster.

    Early stopping is not known there: all rounds are grown, and how many are kept is
    chosen from the loss on households held out, as on one machine.

    Parameters
    ----------
    client : distributed.Client, optional
        The current one by default.

    Returns
    -------
    Grower

    Raises
    ------
    SettingError
        If Dask's cluster is not installed, or there is no client.
    """
    try:
        from distributed import default_client
    except ImportError:
        raise SettingError(
            "Growing trees on a cluster needs Dask, which is not installed.",
            where="train_step_up, engine",
            fix="Install fs-risk[dask], or leave out engine=.",
        ) from None
    current: Any = default_client  # its own has no types
    try:
        client = client or current()
    except ValueError:
        raise SettingError(
            "There is no Dask cluster to grow trees on.",
            where="train_step_up, client",
            fix="Make one first: distributed.Client(address), or pass client=.",
        ) from None

    def grow(matrix: np.ndarray, label: np.ndarray, recipe: Recipe, *, rounds: int) -> Booster:
        return Growth(_fitted(client, matrix, label, recipe, rounds).booster_).first(rounds)

    def grow_with_held_out(
        matrix: np.ndarray,
        label: np.ndarray,
        held_out: np.ndarray,
        held_out_label: np.ndarray,
        recipe: Recipe,
    ) -> tuple[Growth, np.ndarray]:
        rounds = recipe.settings.max_rounds
        grown = Growth(_fitted(client, matrix, label, recipe, rounds).booster_)
        return grown, grown.loss_by_round(held_out, held_out_label)

    return Grower(grow, grow_with_held_out, "dask")


def _fitted(client: Any, matrix: np.ndarray, label: np.ndarray, recipe: Recipe, rounds: int) -> Any:
    import dask.array
    from lightgbm import DaskLGBMClassifier

    arrays: Any = dask.array
    given: dict[str, Any] = recipe.parameters(len(matrix))
    for unused in ("num_threads", "metric"):
        given.pop(unused)
    given["min_child_samples"] = given.pop("min_data_in_leaf")
    given["reg_lambda"] = given.pop("lambda_l2")
    given["colsample_bytree"] = given.pop("feature_fraction")
    given["random_state"] = given.pop("seed")
    rows = min(ROWS_A_PART, -(-len(matrix) // len(client.nthreads())))
    estimator = DaskLGBMClassifier(client=client, n_estimators=rounds, tree_learner="data", **given)
    with warnings.catch_warnings():
        # the estimator's own default for threads, which it then tells us it ignores
        warnings.filterwarnings("ignore", message="Parameter n_jobs ")
        return estimator.fit(
            arrays.from_array(matrix, chunks=(rows, matrix.shape[1])),
            arrays.from_array(label, chunks=rows),
            feature_name=list(recipe.feature_names),
            categorical_feature=[],
        )
