"""How much of the way to the ceiling any model could come with these features.

Half the families of the larger authority's cases (`way_to_ceiling.py --keep`) are learnt
from, the other half asked about, and the other way round. Two models learn: one from what
happened, as any model must, but from more cases than an authority of default size has; the
other from the ceiling's own log-odds, which nobody has outside an invented authority. The
second is told the answer without its noise: what it still misses is not in the features,
or takes more cases to find.

Run: ``python evaluation/attainable_way.py KEPT_FOLDER [--plans plan-referral ...]``.
Results: ``evaluation/results/attainable_way.json``; rows of the same cases are replaced.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from scipy.special import logit
from sklearn.metrics import average_precision_score

RESULTS = Path(__file__).parent / "results" / "attainable_way.json"
NOT_FEATURES = ["label", "ceiling", "everything", "family"]
SMALLEST = 1e-5

COMMON = {"num_threads": 1, "verbose": -1, "lambda_l2": 5.0, "seed": 0}
FROM_LABELS = {
    "objective": "binary", "learning_rate": 0.03, "num_leaves": 7,
    "min_data_in_leaf": 100, "feature_fraction": 0.3,
}  # fmt: skip
FROM_CEILING = {
    "objective": "regression", "learning_rate": 0.05, "num_leaves": 31,
    "min_data_in_leaf": 50, "feature_fraction": 0.5,
}  # fmt: skip
ROUNDS = {"labels": 350, "ceiling": 400}


def asked(features: np.ndarray, target: np.ndarray, fold: np.ndarray, told: str) -> np.ndarray:
    """Score each half by a model fitted on the other."""
    settings: dict[str, Any] = {**COMMON, **(FROM_LABELS if told == "labels" else FROM_CEILING)}
    scores = np.empty(len(target))
    for half in (0, 1):
        learnt = lightgbm.Dataset(features[fold != half], target[fold != half])
        booster = lightgbm.train(settings, learnt, ROUNDS[told])
        scores[fold == half] = booster.predict(features[fold == half])
    return scores


def attainable(path: Path) -> dict[str, Any]:
    """Give the way that each of the two models comes on one plan's cases."""
    cases = pd.read_parquet(path)
    features = cases.drop(columns=NOT_FEATURES).to_numpy(np.float32)
    label, family = cases["label"].to_numpy(), cases["family"].to_numpy()
    best = logit(cases["ceiling"].clip(SMALLEST, 1 - SMALLEST)).to_numpy()
    fold = np.random.default_rng(0).integers(0, 2, family.max() + 1)[family]
    base, ceiling = float(label.mean()), float(average_precision_score(label, best))
    found: dict[str, Any] = {"cases": path.stem, "n": len(cases), "ceiling": ceiling, "base": base}
    for told, target in (("labels", label), ("ceiling", best)):
        reached = average_precision_score(label, asked(features, target, fold, told))
        found[f"way_told_{told}"] = float((reached - base) / (ceiling - base))
    return found


def main() -> None:
    """Learn, ask, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--plans", nargs="+", default=["plan-referral"])
    wanted = parser.parse_args()
    rows = []
    for plan in wanted.plans:
        (path,) = wanted.kept.glob(f"*-{plan}.parquet")
        rows.append(attainable(path))
        print(json.dumps(rows[-1]), flush=True)
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    new = {row["cases"] for row in rows}
    kept = [row for row in before if row["cases"] not in new]
    RESULTS.write_text(json.dumps([*kept, *rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
