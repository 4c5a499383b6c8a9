"""Gaps as sums over households: values against the audit's, errors against resampling."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.evaluation.disparity_gaps import rate_gap, standard_error


def cases(n=1_500, seed=0):
    rng = np.random.default_rng(seed)
    household = np.repeat(np.arange(n), rng.choice([1, 2, 3], p=[0.5, 0.3, 0.2], size=n))[:n]
    shared = rng.normal(size=n)[household]
    label = (rng.normal(size=n) + shared > 1).astype(float)
    share = (rng.normal(size=n) + shared + label > 1).astype(float)
    inside = (rng.random(n) < 0.3)[household]
    return label, share, inside, household


@pytest.mark.parametrize("metric", ["selection_rate", "recall", "precision"])
def test_gap_is_the_audits_difference(metric):
    label, share, inside, household = cases()
    label[::7] = np.nan
    audit = fs.audit_fairness(
        label, share, pd.Series(np.where(inside, "in", "out"), name="group"), capacity=0.3,
        listed=share, households=household, resamples=20,
    )  # fmt: skip
    row = audit.full_table.query("group == 'in' and metric == @metric").iloc[0]
    known = ~np.isnan(label)
    rows = np.ones(len(label), bool) if metric != "selection_rate" else known

    gap = rate_gap(metric, label[rows], share[rows], inside[rows])
    assert gap.value[0] == pytest.approx(row["difference"])


@pytest.mark.parametrize("metric", ["recall", "precision"])
def test_standard_error_is_that_of_households_drawn_again(metric):
    label, share, inside, household = cases()
    gap = rate_gap(metric, label, share, inside)
    rng, drawn = np.random.default_rng(1), []
    rows_of = [np.flatnonzero(household == each) for each in range(household.max() + 1)]
    for _ in range(300):
        rows = np.concatenate([rows_of[k] for k in rng.integers(0, len(rows_of), len(rows_of))])
        drawn.append(rate_gap(metric, label[rows], share[rows], inside[rows]).value[0])

    assert standard_error(gap.pull, household)[0] == pytest.approx(np.std(drawn), rel=0.12)


def test_a_side_without_rows_has_no_gap():
    label, share, inside, _household = cases(100)
    gap = rate_gap("recall", label * ~inside, share, inside)

    assert np.isnan(gap.value[0])
    assert np.isnan(standard_error(np.zeros((3, 1)), np.arange(3))[0])
