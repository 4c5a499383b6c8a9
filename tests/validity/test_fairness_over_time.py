"""What the watch over gaps, the audit's size limits and the options do on larger worlds.

Small versions, still able to fail; ``python evaluation/fairness_over_time.py`` runs the watch
in full and `docs/fairness.md` has what it measured.
"""

import numpy as np
import pandas as pd
import pytest
from audit_worlds import watched_years

import fs_risk as fs

pytestmark = pytest.mark.slow


def watch(rng, *, gap, a_year=3_256, base_rate=0.12, years=3):
    world, as_of, listed = watched_years(rng, a_year, base_rate, years=years, gap=gap)
    return fs.audit_over_time(
        world.label, listed, world.groups, as_of, households=world.household, limit=0.0
    )


@pytest.mark.nightly
@pytest.mark.parametrize("base_rate", [0.025, 0.12])
def test_monthly_looks_do_not_cry_wolf(base_rate):
    """A7: 39 gaps, families alike, three years of months; at most 5 % of watches alert."""
    rng = np.random.default_rng(1)
    alerts = [bool(watch(rng, gap=False, base_rate=base_rate).alerts) for _ in range(12)]
    assert sum(alerts) <= 3


@pytest.mark.nightly
def test_a_halved_recall_raises_an_alert_of_that_group():
    """A7: a planted gap, in a large authority."""
    rng = np.random.default_rng(2)
    for _ in range(3):
        found = {(a.group, a.metric) for a in watch(rng, gap=True, a_year=10_000).alerts}
        assert ("B", "recall") in found


def test_a_million_rows_with_ties_are_audited():
    """A1: any size; tied scores share places."""
    rng = np.random.default_rng(3)
    n = 1_000_000
    label = (rng.random(n) < 0.085).astype(float)
    score = np.round(rng.random(n) + 0.3 * label, 1)
    groups = pd.DataFrame(
        {"sex": rng.choice(["F", "M"], n), "age": rng.choice(["0", "5", "10"], n)}
    )
    audit = fs.audit_fairness(
        label, score, groups, capacity=0.15, resamples=50, score_measures=False, redraw=False
    )

    assert audit.overall["selection_rate"] == pytest.approx(0.15)
    assert audit.gaps.empty
    recall = audit.full_table.query("group == 'F' and metric == 'recall'")["value"].item()
    own = (groups["sex"] == "F").to_numpy() & (label == 1)
    assert recall == pytest.approx(audit.audited.share[own].mean())
