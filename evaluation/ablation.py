"""Writes features/ablation.md and .csv: what each concept is worth on an invented authority.

From the checkout: python evaluation/ablation.py
"""

import argparse
from pathlib import Path

import pandas as pd

import fs_risk as fs
from fs_risk.evaluation.ablation import SETTINGS
from fs_risk.evaluation.ablation_page import ablation_frame, ablation_page
from fs_risk.evaluation.ablation_study import ablate_catalogue

DESK = Path(__file__).parents[1] / "features"


def main() -> None:
    """Make the authority, try every set of features, write the two pages."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--children", type=int, default=250_000)
    asked.add_argument("--years", type=int, default=10)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--resamples", type=int, default=500)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--out", type=Path, default=DESK)
    given = asked.parse_args()
    records = fs.make_authority(children=given.children, years=given.years, seed=given.seed)
    reviews = pd.date_range(
        records.coverage["referrals"].observed_from + pd.DateOffset(months=3),
        records.extract_date,
        freq="2QE",
    )
    shared = {"seed": given.seed, "resamples": given.resamples, "threads": given.threads}
    found = {
        "Referrals: a child protection plan within 365 days": ablate_catalogue(
            records, fs.referral_cohort(records), outcome="cp_plan", **shared
        ),
        "Open cases under review: a move to a higher tier within 365 days": ablate_catalogue(
            records,
            fs.open_case_cohort(records, on=reviews),
            outcome="step_up",
            headline=True,
            **shared,
        ),
    }
    settings = (
        f"Written by `python evaluation/ablation.py --children {given.children} --years "
        f"{given.years} --seed {given.seed} --resamples {given.resamples}` (settings as shown). "
        "Split forward in time and by household in three folds, embargo 372 days, test the last "
        "365 days with a known outcome, extract lag 7 days; at most "
        f"{SETTINGS.max_rounds} trees of depth {SETTINGS.max_depth} with {SETTINGS.num_leaves} "
        f"leaves, learning rate {SETTINGS.learning_rate}, each from "
        f"{SETTINGS.share_of_rows:.0%} of the rows and {SETTINGS.share_of_features:.0%} of the "
        "features, their number chosen on held-out households. Open cases are those of the last "
        "day of every second quarter."
    )
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "ablation.md").write_text(
        ablation_page(found, settings=settings), encoding="utf-8", newline="\n"
    )
    ablation_frame(found).to_csv(given.out / "ablation.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
