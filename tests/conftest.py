"""Fixtures used by more than one folder."""

import gc
import os
from pathlib import Path

import pytest

# Where two threads grow trees, the one that waits must not spin: tests share their processors.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# A walk through every object of every library that is loaded, ten times less often.
gc.set_threshold(10_000, 10, 100)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how hard `tests/fuzz` tries: more at night, or one case alone."""
    faults = int(os.environ.get("FS_RISK_FUZZ", "2000"))
    parser.addoption("--fuzz", type=int, default=faults, help="faults made in each sample")
    parser.addoption("--fuzz-case", type=int, help="the number of one case, to try it alone")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each worker neighbours to run, so that what a module sets up is set up once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_modifyitems(items):
    """Put modules that need a trained model first: one worker then trains it for all of them."""
    trained = {"small_model", "open_model", "fitted", "new_store"}
    needs = {item.path for item in items if trained & set(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: item.path not in needs)


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder with ``samples/`` and ``published/``, or a skip that says why."""
    folder = os.environ.get("FS_RISK_SAMPLES")
    if not folder:
        pytest.skip("FS_RISK_SAMPLES is not set: the public sample files are not at hand")
    path = Path(folder).resolve()
    if not (path / "samples").is_dir():
        pytest.skip("FS_RISK_SAMPLES does not hold a folder samples/")
    return path


@pytest.fixture(scope="session")
def small_authority():
    """An invented authority, small enough for unit tests."""
    import fs_risk as fs

    return fs.make_authority(children=6_000, years=8, seed=3)


@pytest.fixture(scope="session")
def small_model(small_authority):
    """A step-up model fitted on the small authority."""
    import fs_risk as fs

    # by other folds of so few outcomes trees find next to nothing
    plan = fs.Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=9, seed=1)
    return fs.train_step_up(small_authority, plan, progress=False)


@pytest.fixture(scope="session")
def open_model(small_authority):
    """A small model of open cases, fitted on the small authority."""
    import fs_risk as fs
    from fs_risk.model.plan import BoosterSettings

    booster = BoosterSettings(max_rounds=40, patience=40, learning_rate=0.1)
    plan = fs.Plan(outcome="step_up", cohort="open_case", capacity=9, n_folds=2, booster=booster)
    return fs.train_step_up(small_authority, plan, progress=False)
