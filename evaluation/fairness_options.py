"""What each option changes in an invented authority where one group is recorded more.

``over_reporting`` plants further contacts for each contact of Black children: no further need.
Run: ``python evaluation/fairness_options.py [--children 20000]`` (some minutes on one core).
Results go to ``results/fairness_options.json``.
"""

import argparse
import json
import time
from pathlib import Path

import fs_risk as fs

RESULTS = Path(__file__).parent / "results" / "fairness_options.json"


def main():
    """Fit, audit, explain and compare; write down what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=20_000)
    asked = parser.parse_args()
    records = fs.make_authority(
        children=asked.children, years=8, seed=3, defects={"over_reporting": 1.5}
    )
    plan = fs.Plan(outcome="section47", within_days=365, cohort="referral", capacity=0.15)
    model = fs.train_step_up(records, plan, progress=False)
    started = time.process_time()
    why = fs.explain_gaps(
        model, records, gaps=[("ethnicity", "Black", "precision")], progress=False
    ).gaps[0]
    explained = time.process_time() - started
    started = time.process_time()
    options = fs.compare_options(
        model, records, attribute="ethnicity", group="Black", progress=False
    )
    found = {
        "children": asked.children,
        "seconds_to_explain": explained,
        "seconds_to_compare": time.process_time() - started,
        "proxies": int(why.proxies["proxy"].sum()),
        "clearest_proxies": why.proxies.head(5)[["feature", "auc_group", "auc_outcome"]].to_dict(
            "records"
        ),
        "concepts": why.concepts.head(4)[
            ["part", "difference", "low", "high", "verdict", "gap_if_alike"]
        ].to_dict("records"),
        "contacts_ratio": float(why.contacts["ratio"]),
        "frontier": options.frontier.to_dict("records"),
        "overall": options.overall.to_dict("records"),
        "left_out": options.left_out,
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
