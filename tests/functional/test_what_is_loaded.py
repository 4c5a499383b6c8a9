"""What a process of its own loads and writes: the costs that scoring and auditing must not have."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import fs_risk


def told(code, **environment):
    """Run code in a new process; give what it prints."""
    done = subprocess.run(
        [sys.executable, *environment.pop("flags", ()), "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_scoring_loads_no_training_reader_database_or_slow_library(small_model, tmp_path):
    """Design section 3: what a score does not pay for; without a ledger no database either."""
    folder = small_model.save(tmp_path / "model")
    code = f"""
import sys
import pandas as pd
import fs_risk as fs
frame = pd.DataFrame({{"referral_id": ["1"], "child_id": ["A"],
                      "referral_date": pd.to_datetime(["2024-01-05"])}})
records = fs.Records.from_frames({{"referrals": frame}}, extract_date="2024-12-31")
model = fs.load_model({str(folder)!r})
made = fs.score_referral({{"referral_id": "2", "child_id": "A", "referral_date": "2024-06-05"}},
                         records=records, model=model)
assert made.probability is not None
slow = {{"fairlearn", "mlflow", "shap", "matplotlib", "typer", "jinja2", "fastapi", "starlette",
         "uvicorn", "sqlalchemy", "cryptography"}} & set(sys.modules)
ours = [m for m in sys.modules if m.startswith(("fs_risk.training", "fs_risk.readers",
        "fs_risk.synthetic", "fs_risk.evaluation"))]
print(sorted(slow), ours)
"""

    assert told(code) == "[] []"


def test_auditing_loads_fairlearn_only_for_a_frame():
    code = """
import sys, fs_risk as fs, numpy as np, pandas as pd
rng = np.random.default_rng(0)
made = fs.audit_fairness((rng.random(99) < 0.4).astype(float), rng.random(99),
                         pd.Series(list("ABC") * 33, name="g"), capacity=0.3, resamples=2)
before = {"fairlearn", "matplotlib", "mlflow"} & set(sys.modules)
made.metric_frame()
print(sorted(before), "fairlearn" in sys.modules)
"""

    assert told(code).split("\n")[0] == "[] True"


def test_installation_that_cannot_be_written_compiles_in_memory(tmp_path):
    package = Path(fs_risk.__file__).parent
    installed = tmp_path / "fs_risk"
    shutil.copytree(package, installed, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (installed / "features" / "__pycache__").touch()  # no folder can be made here
    nowhere = str(installed / "__init__.py")
    code = (
        "import numpy as np; from fs_risk.features.ordering import order_by_key_and_day as o;"
        "k = np.array([1, 0], np.int32); print(o(k, k, 2)[1])"
    )
    blocked = {"HOME": nowhere, "XDG_CACHE_HOME": nowhere, "LOCALAPPDATA": nowhere}

    said = told(code, flags=["-B"], **blocked, PYTHONPATH=str(tmp_path), NUMBA_CACHE_DIR="")
    assert said == "[1 0]"
