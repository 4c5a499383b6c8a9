"""A stand-in study: cases with known probabilities, not from any generator of records."""

import shutil
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

FEATURES = {
    "child_referrals_1095d": 0,
    "child_cp_plan_starts_1825d": 1,
    "child_trio_areas_current_365d": 0,
    "child_age_years": 0,
    "noise": 0,
}


def spec(name, monotone=0):
    return SimpleNamespace(
        name=name,
        meaning=f"What {name} means.",
        concept="Concept",
        kind="worry",
        unit="days",
        monotone=monotone,
        digest=name.encode().hex().ljust(64, "0")[:64],
    )


def make_study(n=9_000, seed=0, extract="2025-12-31"):
    """Cases over eight years, two children to a household, with their true probabilities."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "child_referrals_1095d": rng.poisson(0.6, n),
            "child_cp_plan_starts_1825d": rng.poisson(0.3, n),
            "child_trio_areas_current_365d": rng.integers(0, 4, n),
            "child_age_years": rng.uniform(0, 18, n),
            "noise": rng.normal(size=n),
        }
    ).astype(np.float32)
    log_odds = (
        -3.0
        + 0.9 * X["child_cp_plan_starts_1825d"]
        + 0.35 * X["child_referrals_1095d"] * X["child_trio_areas_current_365d"]
        + 0.8 * (X["child_age_years"] < 1)
    )
    truth = 1 / (1 + np.exp(-log_odds))
    days = np.sort(rng.integers(0, 8 * 365, n))
    as_of = pd.Series(np.datetime64("2018-01-01") + days).astype("datetime64[s]")
    children = n * 3 // 4
    child = pd.Series([f"C{number:05d}" for number in rng.integers(0, children, n)], dtype="str")
    cohort = pd.DataFrame(
        {
            "case_id": pd.Series([f"R{number:05d}" for number in range(n)], dtype="str"),
            "child_id": child,
            "as_of": as_of,
        }
    )
    known = (as_of + np.timedelta64(365, "D")).astype("datetime64[s]")
    ripe = known <= pd.Timestamp(extract)
    happened = rng.random(n) < truth
    labels = pd.DataFrame(
        {
            "label": np.where(ripe, happened.astype(float), np.nan),
            "known_date": known,
            "reason": pd.Series(np.where(ripe, "", "immature"), dtype="str"),
        }
    )
    households = pd.Series(
        {f"C{number:05d}": f"C{number - number % 2:05d}" for number in range(children)}
    )
    return SimpleNamespace(
        X=X,
        labels=labels,
        cohort=cohort,
        households=households,
        truth=truth,
        extract_date=pd.Timestamp(extract),
        specs=[spec(name, monotone) for name, monotone in FEATURES.items()],
    )


def fit_study(study, **changes):
    from fs_risk.model.plan import BoosterSettings, Plan
    from fs_risk.records.records import Origin
    from fs_risk.training.step_up import fit_step_up

    plan = changes.pop("plan", None) or Plan(
        outcome="cp_plan", booster=BoosterSettings(max_rounds=120, patience=20), capacity=4
    )
    arguments = {
        "origin": Origin("synthetic", ("stand-in",), "seed 0"),
        "fingerprint": "0" * 64,
        "extract_date": study.extract_date,
        "threads": 1,
        "progress": False,
        **changes,
    }
    return fit_step_up(
        study.X, study.labels, study.cohort, study.households, plan, study.specs, **arguments
    )


@pytest.fixture(scope="session")
def study():
    return make_study()


@pytest.fixture(scope="session")
def fitted(study):
    return fit_study(study)


@pytest.fixture(scope="session")
def refit():
    """Make and fit studies of one's own."""
    return SimpleNamespace(make_study=make_study, fit_study=fit_study, spec=spec)


@pytest.fixture(scope="session")
def report(fitted, study):
    from fs_risk.evaluation.step_up import evaluate

    return evaluate(
        fitted,
        study.X,
        study.labels,
        study.cohort,
        study.households,
        truth={"given_recorded": study.truth},
        by={"age band": study.X["child_age_years"].lt(9).map({True: "under 9", False: "9 to 17"})},
        resamples=200,
    )


@pytest.fixture(scope="session")
def new_store(tmp_path_factory):
    """Make stores of MLflow in folders: copies of one, as its tables take seconds to make."""
    from fs_risk.model.store import mlflow_at

    first = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    with mlflow_at(f"sqlite:///{first}") as mlflow:
        assert not mlflow.search_experiments(filter_string="name = 'fs_risk'")
    with closing(sqlite3.connect(first)) as connection:
        # writes each change to the disk once, not thrice
        assert connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)

    def make(folder):
        return f"sqlite:///{shutil.copy(first, folder)}"

    return make
