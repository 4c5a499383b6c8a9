"""How well each outcome of the synthetic authority can be told, by cohort: measured anew.

For each outcome and cohort the area under the curve and the average precision of the
probability given everything and of the one given what was recorded (the ceiling), beside
the base rate, and observed over expected of the ceiling with one standard error of
families. Horizon 365 days, care of referrals 548.

Run: ``python evaluation/ceiling_table.py [--seeds 1 2] [--children 40000] [--write]``.
``--write`` puts the table between its markers in ``docs/synthetic_authority.md``.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

import fs_risk as fs
from fs_risk.synthetic.ceiling import ceiling_probabilities, has_ceiling
from fs_risk.synthetic.remade import remake

PAGE = Path(__file__).parents[1] / "docs" / "synthetic_authority.md"
FIRST, LAST = "<!-- ceiling table -->", "<!-- end of ceiling table -->"
HEAD = (
    "| cohort | outcome | cases | base rate | AUC, everything | AUC, ceiling | "
    "AP, everything | AP, ceiling | O/E of the ceiling |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)
OUTCOMES = (
    "cp_plan",
    "care",
    "step_up",
    "pre_proceedings",
    "section47",
    "re_referral",
    "step_down",
    "sustained_closure",
)


def cohorts(records: fs.Records) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each cohort; of open cases those of two days a year."""
    yield "referral", fs.referral_cohort(records)
    window = records.coverage["referrals"]
    assert window is not None
    days = pd.date_range(window.observed_from, window.observed_to, freq="6MS")[1:]
    yield "open_case", fs.open_case_cohort(records, on=days)
    yield "closure", fs.closure_cohort(records)


def known_cases(seed: int, children: int) -> pd.DataFrame:
    """Give label and both probabilities of every labelled case of one authority."""
    records = fs.make_authority(children=children, seed=seed)
    held = remake(records)  # while it is held, every outcome is asked of one and the same
    links = records["family_links"].drop_duplicates("child_id").set_index("child_id")
    parts = []
    for cohort, cases in cohorts(records):
        family = links["family_id"].reindex(cases["child_id"]).fillna("alone").to_numpy()
        family = f"{seed} " + family.astype(str).astype(object)
        for outcome in OUTCOMES:
            within = 548 if (cohort, outcome) == ("referral", "care") else 365
            if not has_ceiling(records, outcome, within, cohort):
                continue
            label = fs.label_outcome(records, cases, outcome=outcome, within_days=within)["label"]
            known = ceiling_probabilities(
                records, cases, outcome=outcome, within_days=within, kind=cohort
            )
            known = known.assign(cohort=cohort, outcome=outcome, family=family, label=label)
            parts.append(known.dropna())
            print(f"seed {seed}: {outcome} of {cohort}, {len(parts[-1])} cases", flush=True)
    del held
    return pd.concat(parts, ignore_index=True)


def row_of(cohort: str, outcome: str, cases: pd.DataFrame) -> str:
    """Write one row of the table."""
    label, everything, recorded = (
        cases[name].to_numpy() for name in ("label", "given_everything", "given_recorded")
    )
    surprise = pd.Series(label - recorded).groupby(cases["family"].to_numpy()).sum()
    error = np.sqrt((surprise**2).sum()) / recorded.sum()
    figures = [
        f"{score(label, chance):.3f}"
        for score in (roc_auc_score, average_precision_score)
        for chance in (everything, recorded)
    ]
    cells = [cohort, outcome, f"{len(cases):,}", f"{100 * label.mean():.1f}%", *figures]
    return "| " + " | ".join([*cells, f"{label.sum() / recorded.sum():.2f} ± {error:.2f}"]) + " |\n"


def table_of(seeds: list[int], children: int) -> str:
    """Measure the table on some authorities together."""
    cases = pd.concat([known_cases(seed, children) for seed in seeds], ignore_index=True)
    rows = [
        row_of(str(cohort), str(outcome), part)
        for (cohort, outcome), part in cases.groupby(["cohort", "outcome"], sort=False)
    ]
    named = ", ".join(map(str, seeds))
    return f"Authorities of {children:,} children; seeds: {named}.\n\n" + HEAD + "".join(rows)


def main() -> None:
    """Measure the table; print it, or write it into the documentation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--children", type=int, default=40_000)
    parser.add_argument("--write", action="store_true", help="write it into the documentation")
    given = parser.parse_args()
    table = table_of(given.seeds, given.children)
    print(table)
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(FIRST)
        after = rest.split(LAST)[1]
        PAGE.write_text(f"{before}{FIRST}\n{table}\n{LAST}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
