"""One score at the front door against LightGBM's own explanation of one row.

Run: ``python evaluation/benchmarks/scoring.py`` (some minutes, most of them making the
authority, the models and the first compilation), or with ``--quick`` for a size that suits
continuous integration. ``--keep FOLDER`` keeps what was made, so that a second run only
measures; ``--only`` measures a part and writes nothing. The reasons of many rows need shap.

The history is of 62,700 children and 8 years, saved and loaded again. The sized model has
300 trees of 31 leaves; the shipped model is what the default plan gives. The reference is a
booster of 300 trees, 31 leaves and 120 features, grown on seeded noise. Scores and
``predict(pred_contrib=True, num_threads=1)`` take turns, one by one. Results go to
``results/scoring.json``.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import lightgbm
import measured
import numpy as np
from score_rows import rows_of

import fs_risk as fs
from fs_risk.api import study_cases
from fs_risk.features.build import feature_matrix
from fs_risk.features.catalogue import features_for_outcome
from fs_risk.model.plan import BoosterSettings
from fs_risk.training.step_up import fit_step_up
from fs_risk.triage.cases import cases_of
from fs_risk.triage.referral import Referral, declared_referrals
from fs_risk.triage.score import scorer

RESULTS = measured.RESULTS / "scoring.json"
FULL, QUICK = 62_700, 6_000
TREES, LEAVES, FEATURES = 300, 31, 120
BATCH = 100_000
CHUNK = 10_000
SIZED = {"max_rounds": TREES, "patience": TREES, "num_leaves": LEAVES, "max_depth": 12,
         "min_rows_in_leaf": 10, "l2": 1.0, "learning_rate": 0.004}  # fmt: skip
"""So slow a rate still gains at the last tree, so that all are kept."""

FIRST_SCORE = """
import json, sys, time
begun = time.perf_counter()
import fs_risk as fs
imported = time.perf_counter()
history = fs.History.load(sys.argv[1])
history.child_number, history.first_known
loaded = time.perf_counter()
model = fs.load_model(sys.argv[2])
fs.score_referral(json.loads(sys.argv[3]), records=history, model=model)
ended = time.perf_counter()
print(json.dumps([imported - begun, loaded - imported, ended - begun, time.process_time()]))
"""


def prepare(folder: Path, children: int) -> None:
    """Make the history, the referrals, both models and the reference booster."""
    if (folder / "compiling.json").exists():
        return
    records = fs.make_authority(children=children, years=8, seed=0)
    fs.History.from_records(records).save(folder / "history")
    sized = BoosterSettings(**SIZED)
    for name, booster in (("shipped", BoosterSettings()), ("sized", sized)):
        plan = fs.Plan(outcome="cp_plan", cohort="referral", capacity=9, booster=booster)
        cases = study_cases(records, plan)
        fit_step_up(
            cases.features,
            cases.labels,
            cases.cohort,
            cases.households,
            plan,
            features_for_outcome(plan.outcome),
            origin=records.origin,
            fingerprint=records.fingerprint,
            extract_date=records.extract_date,
            progress=False,
        ).save(folder / name)
    (folder / "reference.txt").write_text(reference())
    last = records.extract_date
    referrals = declared_referrals(records, (last - timedelta(days=1_200)).date(), last.date())
    text = json.dumps([each.model_dump(mode="json") for each in referrals])
    (folder / "referrals.json").write_text(text)
    (folder / "compiling.json").write_text(json.dumps(in_new_process(folder)[3]))


def reference() -> str:
    """Grow the reference booster: fixed size, seeded, a tenth of its values missing."""
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((20_000, FEATURES))
    label = rng.random(20_000) < 1 / (1 + np.exp(-matrix[:, :20].sum(axis=1) / 4))
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    settings = {"objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.02,
                "min_data_in_leaf": 20, "seed": 0, "num_threads": 1, "deterministic": True,
                "verbosity": -1}  # fmt: skip
    grown = lightgbm.train(settings, lightgbm.Dataset(matrix, label), num_boost_round=TREES)
    return str(grown.model_to_string())


def shape_of(text: str) -> dict[str, float]:
    """Count trees and leaves."""
    leaves = [int(each) for each in re.findall(r"num_leaves=(\d+)", text)]
    return {"trees": len(leaves), "leaves": round(float(np.mean(leaves)), 1)}


def in_turn(first: Callable[[int], Any], second: Callable[[int], Any], n: int) -> np.ndarray:
    """Time two works one after the other, `n` times each; seconds, shape (2, n)."""
    took = np.empty((2, n))
    for place in range(n):
        for row, work in enumerate((first, second)):
            begun = time.perf_counter()
            work(place)
            took[row, place] = time.perf_counter() - begun
    return took


def figures(took: np.ndarray) -> dict[str, float]:
    """Median and 99th per cent, in milliseconds."""
    middle, high = np.quantile(took * 1_000, [0.5, 0.99])
    return {"median ms": round(float(middle), 3), "p99 ms": round(float(high), 3)}


def warm_score(
    history: fs.History, model: fs.StepUpModel, referrals: list[Referral], folder: Path, n: int
) -> dict[str, Any]:
    """Time scores without a ledger beside the reference booster's explanation of a row."""
    peer = lightgbm.Booster(model_file=str(folder / "reference.txt"))
    rows = np.random.default_rng(1).standard_normal((n, FEATURES))

    def score(place: int) -> fs.RiskScore:
        return fs.score_referral(referrals[place], records=history, model=model)

    def explain(place: int) -> Any:
        return peer.predict(rows[place : place + 1], pred_contrib=True, num_threads=1)

    for place in range(100):
        score(place)
        explain(place)
    took = in_turn(score, explain, n)
    ratio = np.median(took[0]) / np.median(took[1])
    return {
        **shape_of(model.booster.text),
        "features": len(model.feature_names),
        "score": figures(took[0]),
        "LightGBM": figures(took[1]),
        "times LightGBM": round(float(ratio), 4),
        "n": n,
    }


def with_two_others(
    history: fs.History, model: fs.StepUpModel, referrals: list[Referral], n: int
) -> list[Referral]:
    """List referrals of children with two others of the household to be scored beside them."""
    groups = np.bincount(history.siblings.member_group, minlength=history.siblings.n_groups)
    found: list[Referral] = []
    for each in referrals:
        number = history.child_number.get(each.child_id)
        # most households are too small or too large; a group may list the child or not
        if number is None or groups[history.siblings.group[number]] not in (2, 3, 4):
            continue
        score = fs.score_referral(each, records=history, model=model, household=True)
        if len(score.household) == 2:
            found.append(each)
        if len(found) == n:
            break
    return found


def whole_score(
    history: fs.History, model: fs.StepUpModel, referrals: list[Referral], n: int
) -> dict[str, Any]:
    """Time all there is: brothers and sisters, interval, unknowns, and a ledger on disk."""
    chosen = with_two_others(history, model, referrals, n + 20)
    with tempfile.TemporaryDirectory() as name:
        key = Path(name, "ledger.key")
        fs.new_ledger_key(key)
        url = f"sqlite:///{Path(name, 'ledger.db').as_posix()}"
        ledger = fs.Ledger(url, key_file=key, retain_days=3_650)
        took = []
        for each in chosen:
            begun = time.perf_counter()
            fs.score_referral(each, records=history, model=model, ledger=ledger, household=True)
            took.append(time.perf_counter() - begun)
        ledger.close()
    return {
        **figures(np.array(took[20:])),
        "others of the household": 2,
        "n": len(took) - 20,
    }


def batch(
    history: fs.History, model: fs.StepUpModel, referrals: list[Referral], n: int, n_shap: int
) -> dict[str, Any]:
    """Explain many rows, and sum by concept; processor seconds, on one thread, of both sides."""
    import shap

    by = scorer(history, model)
    cases = cases_of(history, referrals, lag_days=model.plan.extract_lag_days)
    matrix = np.ascontiguousarray(feature_matrix(history, cases, by.layout))
    rng = np.random.default_rng(2)
    concepts = by.teller.specs.concept_of
    is_of = (concepts[:, None] == np.arange(concepts.max() + 1)).astype(float)
    explain = model.booster.contributions
    explain(matrix[:10])
    used = 0.0
    for first in range(0, n, CHUNK):
        rows = matrix[rng.integers(len(matrix), size=min(CHUNK, n - first))]
        begun = time.process_time()
        parts = model.calibrator.contributions(explain(rows))
        parts[:, :-1] @ is_of
        used += time.process_time() - begun
    explainer = shap.TreeExplainer(lightgbm.Booster(model_str=model.booster.text))
    some = matrix[rng.integers(len(matrix), size=n_shap)]
    explainer.shap_values(some[:10])
    begun = time.process_time()
    theirs = explainer.shap_values(some)
    shap_used = time.process_time() - begun
    apart = float(np.abs(np.asarray(theirs) - explain(some)[:, :-1]).max())
    begun = time.process_time()
    by.score(referrals[:1_000])
    scored = time.process_time() - begun
    return {
        "rows": n,
        "s": round(used, 2),
        "shap rows": n_shap,
        "shap s, in proportion": round(shap_used * n / n_shap, 1),
        "times shap": round(shap_used / n_shap * n / used, 1),
        "largest difference": apart,
        "whole RiskScore, ms a row in a batch": round(scored * 1_000 / 1_000, 3),
    }


def in_new_process(folder: Path) -> list[float]:
    """Import, load and score in a process of its own; seconds, those of the processor last.

    As on an installation that cannot be written to: numba keeps machine code in another
    folder, as it does in the user's cache folder.
    """
    referral = json.loads((folder / "referrals.json").read_text("utf-8"))[0]
    command = [sys.executable, "-c", FIRST_SCORE, str(folder / "history"), str(folder / "sized"),
               json.dumps(referral)]  # fmt: skip
    setting = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "numba")}
    done = subprocess.run(command, env=setting, check=True, capture_output=True, text=True)
    return [float(each) for each in json.loads(done.stdout)]


def new_process(folder: Path, n: int) -> dict[str, Any]:
    """Give the median of some new processes, and what the first of all took."""
    took = np.array([in_new_process(folder) for _ in range(n)])
    imported, loaded, whole, _ = np.median(took, axis=0)
    compiling = json.loads((folder / "compiling.json").read_text("utf-8"))
    return {
        "import s": round(float(imported), 2),
        "load s": round(float(loaded), 3),
        "first score s, import and load included": round(float(whole), 2),
        "processor s of the very first, which compiles": round(compiling, 1),
        "n": n,
    }


def main() -> None:
    """Make what is missing, measure, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder for what is made")
    parser.add_argument("--only", choices=("prepare", "timing", "batch"))
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    watch = measured.Watch()
    with tempfile.TemporaryDirectory() as name:
        folder = asked.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        prepare(folder, QUICK if asked.quick else FULL)
        found = {} if asked.only == "prepare" else figures_of(folder, asked)
    if asked.only:
        print(json.dumps(found, indent=1))
        return
    result = watch.result(
        "scoring",
        f"One score: history of {found['children']:,} children and 8 years, loaded from disk",
        rows_of(found),
        packages=("lightgbm", "numba", "numpy", "shap"),
        quick=asked.quick,
        details=found,
    )
    measured.write(result, asked.output)


def figures_of(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Measure what was asked for."""
    history = fs.History.load(folder / "history")
    models = {name: fs.load_model(folder / name) for name in ("sized", "shipped")}
    said = json.loads((folder / "referrals.json").read_text("utf-8"))
    referrals = [Referral(**each) for each in said]
    n = 200 if asked.quick else 1_000
    found: dict[str, Any] = {
        "children": len(history.children),
        "reference": {"trees": TREES, "leaves": LEAVES, "features": FEATURES},
    }
    if asked.only != "batch":
        found["new process"] = new_process(folder, 3 if asked.quick else 5)
        for name, model in models.items():
            found[f"{name} model"] = warm_score(history, model, referrals, folder, n)
        found["whole score"] = whole_score(history, models["sized"], referrals, n // 2)
    if asked.only != "timing":
        rows, shap_rows = (2_000, 200) if asked.quick else (BATCH, 2_000)
        if find_spec("shap"):
            found["batch"] = batch(history, models["sized"], referrals, rows, shap_rows)
        else:
            found["batch"] = {"missing": "shap is not installed"}
    return found


if __name__ == "__main__":
    main()
