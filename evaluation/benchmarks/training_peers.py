"""One peer of the step-up model, tuned: run by ``training.py`` in a Python that has it.

It is given the same rows, features and household folds. Each configuration is fitted
without each fold, stopped early on the fold's own rows of the fit period, and judged by
its mean log loss there; the best one's replicas score the test rows of their own folds.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Fitted = tuple[Callable[[np.ndarray], np.ndarray], float]
"""How to score rows, and the log loss of the rows held out."""

PATIENCE, ROUNDS = 60, 1_500


def log_loss(label: np.ndarray, chance: np.ndarray) -> float:
    """Give the mean log loss."""
    kept = np.clip(chance, 1e-12, 1 - 1e-12)
    return float(-np.mean(label * np.log(kept) + (1 - label) * np.log(1 - kept)))


def draw(rng: np.random.Generator) -> dict[str, Any]:
    """Draw a configuration in words common to the three."""
    return {
        "rate": float(np.exp(rng.uniform(np.log(0.02), np.log(0.1)))),
        "depth": int(rng.integers(2, 8)),
        "rows": int(np.exp(rng.uniform(np.log(5), np.log(300)))),
        "l2": float(np.exp(rng.uniform(np.log(0.1), np.log(50)))),
        "features": float(rng.uniform(0.1, 1.0)),
        "sample": float(rng.uniform(0.5, 1.0)),
    }


def hist_gradient_boosting(
    given: dict[str, Any], X: np.ndarray, y: np.ndarray, held: np.ndarray, answer: np.ndarray
) -> Fitted:
    """scikit-learn's histogram gradient boosting."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        learning_rate=given["rate"],
        max_iter=ROUNDS,
        max_depth=given["depth"],
        max_leaf_nodes=2 ** given["depth"],
        min_samples_leaf=given["rows"],
        l2_regularization=given["l2"],
        max_features=given["features"],
        early_stopping=True,
        n_iter_no_change=PATIENCE,
        scoring="loss",
        random_state=0,
    )
    model.fit(X, y, X_val=held, y_val=answer)
    stages = (chance[:, 1] for chance in model.staged_predict_proba(held))
    losses = [log_loss(answer, chance) for chance in stages]
    best = int(np.argmin(losses))

    def score(rows: np.ndarray) -> np.ndarray:
        for number, chance in enumerate(model.staged_predict_proba(rows)):
            if number == best:
                return chance[:, 1]
        raise RuntimeError("no such round")

    return score, losses[best]


def xgboost(
    given: dict[str, Any], X: np.ndarray, y: np.ndarray, held: np.ndarray, answer: np.ndarray
) -> Fitted:
    """XGBoost's histogram method."""
    import xgboost as library

    model = library.XGBClassifier(
        n_estimators=ROUNDS,
        learning_rate=given["rate"],
        max_depth=given["depth"],
        min_child_weight=given["rows"] / 10,
        reg_lambda=given["l2"],
        colsample_bytree=given["features"],
        subsample=given["sample"],
        tree_method="hist",
        eval_metric="logloss",
        early_stopping_rounds=PATIENCE,
        random_state=0,
    )
    model.fit(X, y, eval_set=[(held, answer)], verbose=False)
    return lambda rows: model.predict_proba(rows)[:, 1], float(model.best_score)


def catboost(
    given: dict[str, Any], X: np.ndarray, y: np.ndarray, held: np.ndarray, answer: np.ndarray
) -> Fitted:
    """CatBoost with symmetric trees."""
    import catboost as library

    model = library.CatBoostClassifier(
        iterations=ROUNDS,
        learning_rate=given["rate"],
        depth=given["depth"],
        l2_leaf_reg=given["l2"],
        rsm=given["features"],
        bootstrap_type="Bernoulli",
        subsample=given["sample"],
        od_type="Iter",
        od_wait=PATIENCE,
        random_seed=0,
        verbose=False,
        allow_writing_files=False,
    )
    model.fit(X, y, eval_set=(held, answer), use_best_model=True)
    return (
        lambda rows: model.predict_proba(rows)[:, 1],
        float(model.get_best_score()["validation"]["Logloss"]),
    )


PEERS = {
    "hist_gradient_boosting": hist_gradient_boosting,
    "xgboost": xgboost,
    "catboost": catboost,
}


def known_everywhere(matrix: np.ndarray, fold: np.ndarray, fitting: np.ndarray) -> np.ndarray:
    """Keep columns with a known value in whatever is learnt from; scikit-learn needs one."""
    learnt = [matrix[fitting & (fold != number)] for number in range(int(fold.max()) + 1)]
    return np.all([~np.isnan(part).all(axis=0) for part in learnt], axis=0)


def main() -> None:
    """Tune one peer, and write its scores of the test rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=list(PEERS))
    parser.add_argument("given", type=Path)
    parser.add_argument("made", type=Path)
    parser.add_argument("--trials", type=int, default=30)
    chosen = parser.parse_args()
    with np.load(chosen.given) as file:
        matrix, label, fold, fitting, testing = (
            file[name] for name in ("matrix", "label", "fold", "fitting", "testing")
        )
    matrix = matrix[:, known_everywhere(matrix, fold, fitting)]
    rng = np.random.default_rng(0)
    fit, begun = PEERS[chosen.peer], time.perf_counter()
    best: tuple[float, dict[str, Any], np.ndarray] | None = None
    for _ in range(chosen.trials):
        given = draw(rng)
        score, losses, sizes = np.full(len(label), np.nan), [], []
        for number in range(int(fold.max()) + 1):
            learn, hold = fitting & (fold != number), fitting & (fold == number)
            scorer, loss = fit(given, matrix[learn], label[learn], matrix[hold], label[hold])
            mine = testing & (fold == number)
            score[mine] = scorer(matrix[mine])
            losses.append(loss)
            sizes.append(int(hold.sum()))
        mean = float(np.average(losses, weights=sizes))
        if best is None or mean < best[0]:
            best = (mean, given, score[testing])
    if best is None:
        raise SystemExit("no configuration was tried")
    np.savez(chosen.made, score=best[2])
    told = {
        "configurations": chosen.trials,
        "log loss held out": round(best[0], 5),
        "chosen": {name: round(value, 4) for name, value in best[1].items()},
        "seconds": round(time.perf_counter() - begun, 1),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
