"""Training against the LightGBM fits that it contains, and the model against tuned peers.

Run: ``python evaluation/benchmarks/training.py`` (about half an hour, most of it the peers'
search), or with ``--quick`` for a size that suits continuous integration. XGBoost and
CatBoost need a Python that has them, named by ``--peers PYTHON`` (scikit-learn's peer runs
in this one). Results go to ``results/training.json``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import measured
import numpy as np
import pandas as pd

import fs_risk as fs
from fs_risk.api import StudyCases, study_cases
from fs_risk.evaluation.cases import rows_to_test
from fs_risk.evaluation.intervals import HouseholdBootstrap, interval
from fs_risk.evaluation.ranking import Ranking
from fs_risk.features.catalogue import features_for_outcome
from fs_risk.model.folds import split_groups
from fs_risk.model.splits import ForwardHouseholdSplit
from fs_risk.records.records import Origin
from fs_risk.training.step_up import fit_step_up

RESULTS = measured.RESULTS / "training.json"
FULL, QUICK = 365_000, 6_000
"""Children: about 150,000 and 2,500 referrals in eight years."""

FULL_PEERS, QUICK_PEERS = 62_700, 6_000
FEATURES = 120
BAR = 1.3
SCIKIT_LEARNS = "hist_gradient_boosting"
PEERS = (SCIKIT_LEARNS, "xgboost", "catboost")
MODULES = {SCIKIT_LEARNS: "sklearn", "xgboost": "xgboost", "catboost": "catboost"}


@dataclass(frozen=True)
class Case:
    """What a model is fitted on."""

    plan: fs.Plan
    cases: StudyCases
    origin: Origin
    fingerprint: str
    extract_date: pd.Timestamp

    def fit(self) -> fs.StepUpModel:
        """Fit as `train_step_up` does, from the features on."""
        names = set(self.cases.features.columns)
        return fit_step_up(
            self.cases.features,
            self.cases.labels,
            self.cases.cohort,
            self.cases.households,
            self.plan,
            [spec for spec in features_for_outcome(self.plan.outcome) if spec.name in names],
            origin=self.origin,
            fingerprint=self.fingerprint,
            extract_date=self.extract_date,
            progress=False,
        )


def make_case(children: int, n_features: int | None, seed: int = 0) -> Case:
    """Invent an authority and build its cases, with some of the features or all."""
    records = fs.make_authority(children=children, years=8, seed=seed)
    plan = fs.Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=9)
    cases = study_cases(records, plan)
    if n_features is not None:
        places = np.linspace(0, cases.features.shape[1] - 1, n_features).astype(int)
        chosen = cases.features.iloc[:, places]
        cases = StudyCases(cases.cohort, chosen, cases.labels, cases.households)
    return Case(plan, cases, records.origin, records.fingerprint, records.extract_date)


@dataclass(frozen=True)
class BareFit:
    """A call of `lightgbm.train`, and the arrays it was given."""

    parameters: dict[str, Any]
    rounds: int
    patience: int | None
    arrays: tuple[np.ndarray, ...]

    def again(self) -> None:
        """Fit the same, with nothing around it."""
        matrix, label, *held_out = self.arrays
        data = lightgbm.Dataset(matrix, label, categorical_feature=[])
        checks = [lightgbm.Dataset(*held_out, reference=data)] if held_out else []
        stop = (
            [lightgbm.early_stopping(self.patience, verbose=False)]
            if self.patience and checks
            else []
        )
        lightgbm.train(
            self.parameters, data, num_boost_round=self.rounds, valid_sets=checks, callbacks=stop
        )


def listen(fit: Callable[[], Any], patience: int) -> list[BareFit]:
    """Note every LightGBM fit that a piece of work makes."""
    heard: list[BareFit] = []
    whole = lightgbm.train

    def train(parameters: dict[str, Any], data: Any, **given: Any) -> Any:
        sets = [data, *given.get("valid_sets", [])]
        arrays = tuple(part for each in sets for part in (each.data, each.label))
        heard.append(
            BareFit(
                parameters, given["num_boost_round"], patience if len(sets) > 1 else None, arrays
            )
        )
        return whole(parameters, data, **given)

    lightgbm.train = train
    try:
        fit()
    finally:
        lightgbm.train = whole
    return heard


def seconds_of(work: Callable[[], Any]) -> tuple[float, float]:
    """Time a piece of work by the clock and on the processors."""
    start, used = time.perf_counter(), os.times()
    work()
    now = os.times()
    return time.perf_counter() - start, now.user + now.system - used.user - used.system


def overhead(case: Case, repeats: int) -> dict[str, Any]:
    """Tell how many times as long training takes as the LightGBM fits that it contains."""
    bare = listen(case.fit, case.plan.booster.patience)
    whole, alone = [], []
    for _ in range(repeats):
        whole.append(seconds_of(case.fit))
        alone.append(seconds_of(lambda: [fit.again() for fit in bare]))
    ratios = [a[0] / b[0] for a, b in zip(whole, alone, strict=True)]
    best = min(one[0] for one in whole) / min(one[0] for one in alone)
    return {
        "what": f"training on {len(case.cases.features):,} referrals × "
        f"{case.cases.features.shape[1]} features, times the {len(bare)} LightGBM fits in it",
        "seconds": {
            "training": [round(one[0], 2) for one in whole],
            "LightGBM": [round(one[0], 2) for one in alone],
        },
        "processor seconds": {
            "training": round(min(one[1] for one in whole), 2),
            "LightGBM": round(min(one[1] for one in alone), 2),
        },
        "times": {"best run": round(best, 2), "each round": [round(each, 2) for each in ratios]},
    }


def against_peers(case: Case, trials: int, interpreter: Path | None) -> list[dict[str, Any]]:
    """Set the model beside tuned peers that were given the same rows, folds and features."""
    seconds, model = time.perf_counter(), case.fit()
    seconds = time.perf_counter() - seconds
    cases = case.cases
    known = cases.labels["label"].notna().to_numpy()
    groups = split_groups(cases.cohort, cases.households)[known]
    slices = splitter_of(case.plan).slices(groups)
    tested = rows_to_test(model, cases.features, cases.labels, cases.cohort, fresh=False)[known]
    if not np.array_equal(tested, slices.testing):
        raise SystemExit("the test rows of the report and of the split differ")
    X, label = cases.features[known], cases.labels.loc[known, "label"].to_numpy(dtype=float)
    ours = model.replica_log_odds(X[tested], model.folds(groups["household"])[tested])
    household = groups["household"].to_numpy(dtype=object)[tested].astype(str)
    rows = [
        {
            "what": f"fs_risk, {len(X):,} rows × {X.shape[1]} features, "
            f"{int(tested.sum()):,} tested, {int(label[tested].sum()):,} with the outcome",
            "average precision": average_precision(label[tested], ours),
            "configurations": model.training.configurations_tried,
            "seconds": round(seconds, 1),
        }
    ]
    with tempfile.TemporaryDirectory() as place:
        given = Path(place) / "given.npz"
        np.savez(
            given,
            matrix=X.to_numpy(dtype=np.float32),
            label=label,
            fold=slices.fold,
            fitting=slices.fitting,
            testing=slices.testing,
        )
        for peer in PEERS:
            python = Path(sys.executable) if peer == SCIKIT_LEARNS else interpreter
            rows.append(one_peer(peer, python, given, trials, label[tested], ours, household))
    return rows


def one_peer(
    peer: str,
    python: Path | None,
    given: Path,
    trials: int,
    label: np.ndarray,
    ours: np.ndarray,
    household: np.ndarray,
) -> dict[str, Any]:
    """Run a peer in its Python, and compare it with the model on the same resamples."""
    if python is None or measured.lacks(python, MODULES[peer]):
        return {"what": f"{peer}, tuned", "skipped": f"name a Python that has {MODULES[peer]} "
                "with --peers"}  # fmt: skip
    script = Path(__file__).with_name("training_peers.py")
    made = given.with_name(f"{peer}.npz")
    command = [python, script, peer, given, made, "--trials", trials]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{peer} failed: {done.stderr[-2000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    with np.load(made) as found:
        theirs = found["score"]
    model, other = Ranking(label, ours), Ranking(label, theirs)
    bootstrap = HouseholdBootstrap(household, resamples=1_000, seed=0)
    spread = bootstrap.replicates(
        {"ours": model.average_precision, "theirs": other.average_precision}
    )
    low, high = interval(spread["theirs"] - spread["ours"])
    gain = average_precision(label, theirs) - average_precision(label, ours)
    return {
        "what": f"{peer}, tuned",
        "average precision": average_precision(label, theirs),
        "better than fs_risk by": round(gain, 4),
        "interval": [round(low, 4), round(high, 4)],
        **told,
    }


def average_precision(label: np.ndarray, score: np.ndarray) -> float:
    """Give average precision, for print."""
    return round(float(Ranking(label, score).average_precision(np.ones((1, len(label))))[0]), 4)


def splitter_of(plan: fs.Plan) -> ForwardHouseholdSplit:
    """Give the split that the plan's model is fitted and tested with."""
    return ForwardHouseholdSplit(
        horizon_days=plan.within_days,
        n_folds=plan.n_folds,
        test_days=plan.test_days,
        extract_lag_days=plan.extract_lag_days,
        seed=plan.seed,
    )


def rows_of(found: list[dict[str, Any]]) -> Iterable[measured.Row]:
    """Put the figures into the form that all benchmarks share."""
    ours = next((one for one in found if one["what"].startswith("fs_risk")), None)
    for one in found:
        if "times" in one:
            whole, bare = one["seconds"]["training"], one["seconds"]["LightGBM"]
            yield measured.row(
                one["what"], "s", min(whole), peer="the LightGBM fits in it, bare",
                theirs=min(bare), slower=True, at_most=BAR, repeats=len(whole),
                spread=measured.spread(one["times"]["each round"]),
            )  # fmt: skip
        elif one is ours:
            said = f"{one['configurations']} configuration(s), {one['seconds']:.0f} s"
            yield measured.row(
                one["what"], "average precision", one["average precision"], note=said
            )
        elif "skipped" in one:
            yield measured.row(one["what"], "average precision", missing=one["skipped"], at_most=0)
        else:
            yield measured.row(
                f"{one['what']}: how much better than ours, lower end of the 95 % interval",
                "average precision",
                one["interval"][0],
                at_most=0,
                spread=tuple(one["interval"]),
                note=f"theirs {one['average precision']}, ours {ours['average precision']}; "
                f"{one['configurations']} configurations, {one['seconds']:.0f} s",
            )


def main() -> None:
    """Run all rows, and write them with their bars."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small size, for a first look")
    parser.add_argument("--children", type=int, help="of the authority that training is timed on")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--trials", type=int, help="configurations that each peer may try")
    parser.add_argument("--peers", type=Path, metavar="PYTHON")
    parser.add_argument("--only", choices=["overhead", "peers"])
    parser.add_argument("--output", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    trials = chosen.trials or (1 if chosen.quick else 30)
    repeats = chosen.repeats or (1 if chosen.quick else 3)
    watch = measured.Watch()
    rows = []
    if chosen.only != "peers":
        children = chosen.children or (QUICK if chosen.quick else FULL)
        rows.append(overhead(make_case(children, FEATURES), repeats))
    if chosen.only != "overhead":
        children = QUICK_PEERS if chosen.quick else FULL_PEERS
        rows += against_peers(make_case(children, None), trials, chosen.peers)
    if chosen.only:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    result = watch.result(
        "training",
        "Training: a plan within 365 days of a referral",
        rows_of(rows),
        packages=("lightgbm", "numpy", "scikit-learn"),
        quick=chosen.quick or bool(chosen.children),
        details={"rows": rows},
    )
    measured.write(result, chosen.output)


if __name__ == "__main__":
    main()
