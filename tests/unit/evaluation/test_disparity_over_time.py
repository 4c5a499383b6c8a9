"""Gaps over time: the bet against a gap's limit, and the alert it raises."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import AuditError, SettingError
from fs_risk.evaluation.disparity_evidence import log_evidence, monthly_sums, sequence


def rows(n=3_000, gap=0.0, begins=0.0, rate=0.4, seed=0, months=36):
    rng = np.random.default_rng(seed)
    month = np.sort(rng.integers(0, months, n))
    inside = rng.random(n) < 0.25
    late = month >= begins * months
    listed = (rng.random(n) < rate - gap * (inside & late)).astype(float)
    return month, inside, listed


def sums_of(n=3_000, months=36, **world):
    month, inside, listed = rows(n, months=months, **world)
    return monthly_sums(listed, np.ones(n), inside, month, np.arange(n), months)


def cases(**world):
    month, inside, listed = rows(**world)
    as_of = pd.Series(pd.Timestamp("2021-01-01") + pd.to_timedelta(month * 30, "D"))
    return listed, pd.Series(np.where(inside, "in", "out"), name="place"), as_of


class TestEvidence:
    def test_sums_are_hits_less_the_rests_within_months(self):
        month, inside, listed = rows()
        sums = sums_of()
        own, rest = ((month == 5) & side for side in (inside, ~inside))
        size = own.sum() * rest.sum() / (own.sum() + rest.sum())

        assert sums.size[5] == pytest.approx(size)
        assert sums.excess[5] == pytest.approx(size * (listed[own].mean() - listed[rest].mean()))

    @pytest.mark.parametrize("rate", [0.05, 0.4])
    def test_a_bet_on_no_gap_is_not_expected_to_grow(self, rate):
        """The stake's mean at the end, over many worlds, is at most what it began as."""
        last = [
            np.exp(log_evidence(sums_of(600, 12, rate=rate, seed=s), 0.0, below=True)[-1])
            for s in range(300)
        ]
        assert np.mean(last) < 1 + 2 * np.std(last) / np.sqrt(300)

    def test_looking_every_month_for_years_seldom_alarms(self):
        alarms = [
            log_evidence(sums_of(1_500, 60, rate=0.1, seed=s), 0.0, below=b).max() > np.log(20)
            for s in range(150)
            for b in (True, False)
        ]
        assert np.mean(alarms) <= 0.05

    def test_households_widen_what_chance_is_let_do(self):
        month, inside, listed = rows(2_000)
        family = np.arange(2_000) // 4
        together = monthly_sums(
            listed[4 * family], np.ones(2_000), inside[4 * family], month, family, 36
        )
        assert together.effect[-1] > 2
        assert sums_of(2_000).effect[-1] < 1.3

    def test_interval_holds_no_gap_at_every_look(self):
        missed = 0
        for seed in range(100):
            _, low, high = sequence(sums_of(2_000, seed=seed), 0.05)
            missed += bool(((low > 0) | (high < 0)).any())
        assert missed <= 8


class TestAlerts:
    def test_a_gap_beyond_its_limit_raises_a_record(self):
        """A7: drift of a gap beyond its pre-set limit raises an alert record."""
        listed, place, as_of = cases(gap=0.3)
        watched = fs.audit_over_time(listed * np.nan, listed, place, as_of, limit=0.1)
        alert = watched.alerts[0]

        assert (alert.group, alert.metric, alert.way) == (
            "in", "selection_rate", "below the rest",
        )  # fmt: skip
        assert alert.evidence >= alert.needed == watched.needed
        assert "by more than the 10 points set as its limit" in alert.sentence()
        assert alert.model_dump_json()

    def test_a_gap_within_its_limit_raises_none(self):
        """A7: the limit is what was set beforehand."""
        listed, place, as_of = cases(gap=0.1)
        assert fs.audit_over_time(listed * np.nan, listed, place, as_of, limit=0.15).alerts == ()

    def test_a_gap_that_begins_late_is_seen_and_dated(self):
        """A7: drift, not only a standing gap."""
        listed, place, as_of = cases(n=8_000, gap=0.25, begins=0.6)
        alert = fs.audit_over_time(listed * np.nan, listed, place, as_of, limit=0.05).alerts[0]
        began = pd.Timestamp("2021-01-01") + pd.Timedelta(days=int(0.6 * 36 * 30))

        assert pd.Timestamp(alert.month) >= began.replace(day=1)
        assert abs((pd.Timestamp(alert.since) - began).days) < 100

    def test_recall_waits_until_outcomes_are_known(self):
        listed, place, as_of = cases(gap=0.3)
        known = as_of + pd.Timedelta(days=365)
        watched = fs.audit_over_time(np.ones(len(listed)), listed, place, as_of, known=known)
        first = watched.table.groupby("metric")["month"].min()

        assert first["recall"] - first["selection_rate"] > pd.Timedelta(days=360)

    def test_other_rates_have_limits_of_their_own(self):
        listed, place, as_of = cases(gap=0.3)
        watched = fs.audit_over_time(
            np.ones(len(listed)), listed, place, as_of, limit={"recall": 0.5}
        )
        assert [alert.metric for alert in watched.alerts] == ["selection_rate"]

    def test_few_cases_say_nothing(self):
        listed, place, as_of = cases(n=60, gap=0.4)
        watched = fs.audit_over_time(listed * np.nan, listed, place, as_of, fewest=40)

        assert watched.alerts == ()
        assert watched.table["gap"].isna().all()

    def test_missing_is_a_group_of_its_own(self):
        """A4: those of whom nothing is recorded are watched too."""
        listed, place, as_of = cases()
        place = place.mask(place.index % 5 == 0)
        watched = fs.audit_over_time(listed * np.nan, listed, place, as_of)
        assert set(watched.table["group"]) == {"in", "missing", "out"}


class TestShown:
    def test_words_and_picture(self):
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        listed, place, as_of = cases(gap=0.3)
        watched = fs.audit_over_time(
            listed * np.nan, listed, place, as_of, limit=0.1, origin="synthetic"
        )
        ax = watched.plot("place", "in", "selection_rate")

        assert "1 gap watched month by month, 1 alert." in watched.text()
        assert "SYNTHETIC" in watched.text()
        assert ax.get_title().startswith("SYNTHETIC.")
        pyplot.close(ax.figure)
        with pytest.raises(AuditError, match="That gap was not watched"):
            watched.plot("place", "out", "selection_rate")

    def test_small_counts_are_hidden_in_words(self):
        """A2: published text shows no gap of 1 to 5 children."""
        listed, place, as_of = cases(n=2_000)
        place = pd.Series(np.where(np.arange(2_000) % 100 == 0, "few", place), name="place")
        watched = fs.audit_over_time(listed * np.nan, listed, place, as_of)

        assert "few" in set(watched.table["group"])
        hits = watched.table.query("group == 'few'")["hits"].iloc[-1]
        assert ("place: few" in watched.text()) == (hits > 5)


class TestErrors:
    def test_lengths_that_differ_are_named(self):
        listed, place, as_of = cases(n=100)
        with pytest.raises(AuditError, match="100 labels, and columns"):
            fs.audit_over_time(listed, listed[:50], place, as_of)

    def test_one_group_is_nothing_to_compare(self):
        listed, _, as_of = cases(n=100)
        with pytest.raises(AuditError, match="No attribute has two groups"):
            fs.audit_over_time(listed, listed, pd.Series(["a"] * 100, name="g"), as_of)

    @pytest.mark.parametrize("limit", [1.0, -0.1, {"auc": 0.1}])
    def test_limits_are_shares_of_rates_that_are_watched(self, limit):
        listed, place, as_of = cases(n=100)
        with pytest.raises(SettingError, match="not between 0 and 1"):
            fs.audit_over_time(listed, listed, place, as_of, limit=limit)
