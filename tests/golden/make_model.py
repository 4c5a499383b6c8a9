"""Makes the golden model of a release: a folder that every later release has to load.

Run once for a release: python tests/golden/make_model.py (writes models/VERSION). A folder
that is there is never made again: models of a release are on people's disks as they are.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import fs_risk as fs
from fs_risk.api import study_cases
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.model.plan import BoosterSettings
from fs_risk.training.step_up import fit_step_up

HERE = Path(__file__).parent / "models"
FEATURES = (
    "child_age_years",
    "child_referrals_1095d",
    "child_trio_areas_current_365d",
    "child_days_since_cp_plan_ends_1825d",
    "child_cp_plan_starts_1825d",
    "household_contacts_365d",
)
ASKED = 40


def make_model(folder: Path) -> None:
    """Fit a small model on a few features, and write it with the scores of some rows."""
    records = fs.make_authority(children=6_000, years=8, seed=3)
    plan = fs.Plan(
        outcome="cp_plan",
        capacity=4,
        n_folds=2,
        booster=BoosterSettings(max_rounds=12, patience=12),
    )
    study = study_cases(records, plan)
    X = study.features[list(FEATURES)]
    model = fit_step_up(
        X, study.labels, study.cohort, study.households, plan,
        [spec for spec in CATALOGUE if spec.name in FEATURES],
        origin=records.origin, fingerprint="0" * 64, extract_date=records.extract_date,
        progress=False,
    )  # fmt: skip
    model.save(folder)
    rows = X.tail(ASKED)
    scores = {
        "features": list(FEATURES),
        "rows": [[None if value != value else float(value) for value in row]
                 for row in rows.to_numpy().tolist()],
        "log_odds": model.log_odds(rows).tolist(),
        "content_hash": model.content_hash,
    }  # fmt: skip
    (folder.parent / f"{folder.name}.json").write_text(
        json.dumps(scores, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    made = HERE / version("fs_risk")
    if made.exists():
        sys.exit(f"{made.name} is there already.")
    HERE.mkdir(exist_ok=True)
    make_model(made)
