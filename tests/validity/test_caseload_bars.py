"""Caseload forecasts on authorities whose rates drift, or break, as they were told to.

Stock at each tier is to beat last value and the constant-rate Markov model at 12 and 24
months, and 95 % bands are to cover 90 to 97 % (G11).
"""

import numpy as np
import pandas as pd
import pytest
from drifting_caseload import drifting_records

import fs_risk as fs
from fs_risk.demand.caseload_backtest import CaseloadBacktest, backtest_caseload
from fs_risk.demand.caseload_extract import as_extract
from fs_risk.demand.caseload_flows import fit_flows
from fs_risk.records.breaks import Break

pytestmark = pytest.mark.slow

SEEDS = range(100, 106)
"""Settings were chosen on seeds 0 to 29; docs/caseload.md reports seeds 100 to 199."""


def pooled(parts):
    table = pd.concat(
        [part.table.assign(origin=lambda frame, n=n: frame["origin"].astype(str) + f" {n}")
         for n, part in enumerate(parts)]
    )  # fmt: skip
    return CaseloadBacktest(table[table["h"].isin([12, 24])])


@pytest.fixture(scope="module")
def drifting():
    return pooled(
        [
            backtest_caseload(
                drifting_records(seed), horizon=24, windows=4, step=12, n_paths=200, progress=False
            )
            for seed in SEEDS
        ]
    )


def test_small_authorities_hold_the_bars_at_a_year():
    """The same in a few seconds: two authorities of half the size, three origins, 12 months."""
    table = pooled(
        [
            backtest_caseload(
                drifting_records(seed, years=8, coming=60.0),
                horizon=12, windows=3, step=12, n_paths=60, progress=False,
            )
            for seed in (100, 101)
        ]
    ).table  # fmt: skip
    relative = CaseloadBacktest(table).summary()
    inside = table["observed"].between(table["lo-95"], table["hi-95"])
    narrow = table["observed"].between(table["lo-80"], table["hi-80"])

    assert (relative["wape"] / relative["wape_last_value"]).mean() < 1
    assert (relative["wape"] / relative["wape_markov"]).mean() < 1
    assert 0.85 < inside.mean() <= 1  # 24 stocks, of six origins: known to a tenth
    assert 0.6 < narrow.mean() < 0.97


@pytest.mark.timeout(900)
@pytest.mark.nightly
def test_stock_beats_last_value_and_markov_where_rates_drift(drifting):
    for ahead, part in drifting.table.groupby("h"):
        relative = CaseloadBacktest(part).summary()
        last = (relative["wape"] / relative["wape_last_value"]).mean()
        markov = (relative["wape"] / relative["wape_markov"]).mean()
        assert last < 1, ahead
        assert markov < 1, ahead


@pytest.mark.timeout(900)
@pytest.mark.nightly
def test_bands_cover_what_they_say_where_rates_drift(drifting):
    """G11: measured coverage of 80 % and 95 % bands."""
    table = drifting.table
    inside = table["observed"].between(table["lo-95"], table["hi-95"])
    narrow = table["observed"].between(table["lo-80"], table["hi-80"])
    # 24 correlated origins for each tier: a coverage is known to some hundredths
    assert 0.87 < inside.mean() < 0.99
    assert 0.68 < narrow.mean() < 0.90
    markov = table["observed"].between(table["markov_lo"], table["markov_hi"])
    assert inside.mean() > markov.mean() + 0.05


@pytest.mark.timeout(900)
def test_a_break_that_is_told_is_learnt_sooner():
    """A threshold lowers referrals by two fifths four months before the origin."""
    records = fs.make_authority(
        children=12_000,
        years=6,
        seed=11,
        go_live=None,
        shocks={"threshold": 0.6, "threshold_date": "2023-10-02"},
    )
    told = Break(start="2023-10-02", what="threshold")
    early = as_extract(records, pd.Timestamp("2024-02-01"))
    rows = fit_flows(records).history.rows
    after = rows.entered & (rows.tier == 2) & (rows.month >= 649)  # from February 2024
    came = np.log(after.sum())
    missed = []
    for breaks in ([told], []):
        entries = fit_flows(early, breaks=breaks).entries[2]
        expected = entries.expected(np.arange(649, 663)).sum() * np.exp(entries.drift.centre)
        missed.append(abs(np.log(expected) - came))

    assert missed[0] < missed[1]
    assert missed[0] < 0.25
