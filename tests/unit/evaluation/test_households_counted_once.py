"""Children of one household are one observation: twice the rows do not halve an interval."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency

import fs_risk as fs
from fs_risk.evaluation.abstention import ANY, audit_abstentions
from fs_risk.evaluation.calibration import Calibration, calibration_bins
from fs_risk.evaluation.value_listed import Listed
from fs_risk.evaluation.value_of_attention import ValueOfAttention
from fs_risk.model.bands import make_bands

HOUSEHOLDS = 400


def one_child_each(seed=0):
    """Outcomes of as many households, whose log-odds are of ten steps: bins of 40."""
    rng = np.random.default_rng(seed)
    log_odds = np.repeat(np.linspace(-1.5, 1.5, 10), HOUSEHOLDS // 10)
    label = (rng.random(HOUSEHOLDS) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return label, log_odds


def twice(values):
    """Give each household two children who are alike."""
    return np.repeat(values, 2)


def wilson_once(parts):
    """Wilson's intervals, by scipy, of half the rows counted: one to a household."""
    ends = [
        binomtest(part.positives // 2, part.n // 2).proportion_ci(method="wilson") for part in parts
    ]
    return np.array([[end.low, end.high] for end in ends])


def ends_of(parts):
    return np.array([[part.low, part.high] for part in parts])


def bands_of(household):
    """Of the same children, every score apart and the highest ones mostly right."""
    label, _ = one_child_each()
    return make_bands(*map(twice, (np.linspace(3, -3, HOUSEHOLDS), label[::-1])), household)


def bins_of(household):
    return calibration_bins(*map(twice, one_child_each()), household)


@pytest.mark.parametrize("parts_of", [bands_of, bins_of], ids=["bands", "calibration bins"])
def test_interval_of_a_rate_is_that_of_each_household_once(parts_of):
    """M2: two children who are alike say no more than one; as households apart they would."""
    together = parts_of(twice(np.arange(HOUSEHOLDS)))
    apart = parts_of(np.arange(2 * HOUSEHOLDS))

    assert all(0 < part.positives < part.n for part in together)
    assert ends_of(together) == pytest.approx(wilson_once(together))
    wider = np.diff(ends_of(together)) / np.diff(ends_of(apart))
    assert (wider > 1.3).all()  # nearly the root of 2


def test_calibration_error_by_chance_is_that_of_each_household_once():
    """Ten bins: the same law of the error, and a larger one than of rows apart."""
    rows = one_child_each()
    household = np.arange(HOUSEHOLDS)
    once = Calibration(*rows).error_by_chance(household, draws=3000)
    doubled = Calibration(*map(twice, rows))
    together = doubled.error_by_chance(twice(household), draws=3000, seed=1)
    apart = doubled.error_by_chance(np.arange(2 * HOUSEHOLDS), draws=3000, seed=1)

    shares = [0.05, 0.5, 0.95]
    assert np.quantile(together, shares) == pytest.approx(np.quantile(once, shares), rel=0.06)
    assert np.quantile(together, shares) == pytest.approx(
        np.sqrt(2) * np.quantile(apart, shares), rel=0.06
    )


def test_calibration_error_by_chance_is_the_half_normal_of_households():
    """One bin: the gap of a mean of as many independent households, in closed form."""
    label, _ = one_child_each()
    rate = label.mean()
    doubled = Calibration(twice(label), np.full(2 * HOUSEHOLDS, np.log(rate / (1 - rate))))
    drawn = doubled.error_by_chance(twice(np.arange(HOUSEHOLDS)), draws=6000)

    most = 1.96 * np.sqrt(rate * (1 - rate) / HOUSEHOLDS)
    assert np.quantile(drawn, 0.95) == pytest.approx(most, rel=0.05)


class TestAbstentions:
    """Of 200 households in each half, 30 and 44 have no score."""

    COUNTS = np.array([[30, 170], [44, 156]])

    def found(self, child):
        code = np.repeat(["NOT_OBSERVED", None] * 2, self.COUNTS.ravel())
        asked = pd.DataFrame({"code": twice(code), "child_id": child})
        groups = pd.DataFrame({"half": twice(np.repeat(["one", "two"], 200))})
        rows = audit_abstentions(asked, groups=groups)
        return rows[(rows["code"] == ANY) & (rows["attribute"] == "half")]

    def test_p_value_is_that_of_each_household_once(self):
        """M3: scipy's test of the table of households, twice for the two halves (Holm)."""
        together = self.found(twice(np.arange(400)).astype(str))
        expected = 2 * chi2_contingency(self.COUNTS, correction=False).pvalue

        assert together["adjusted_p"].to_numpy() == pytest.approx([expected] * 2)
        assert together["verdict"].str.startswith("no gap shown").all()

    def test_same_rows_as_households_of_their_own_show_a_gap(self):
        """What the test above would find if rows were counted."""
        apart = self.found(np.arange(800).astype(str))
        expected = 2 * chi2_contingency(2 * self.COUNTS, correction=False).pvalue

        assert (apart["adjusted_p"] < 2 * expected).all()
        assert (apart["verdict"] == "gap shown").all()


class TestSharedGap:
    """A child in the group and one in the rest in each household, mostly on the list together."""

    BOTH, ONLY_GROUP, ONLY_REST, NEITHER = 140, 28, 12, 120

    def pairs(self):
        counts = (self.BOTH, self.ONLY_GROUP, self.ONLY_REST, self.NEITHER)
        group = np.repeat([1.0, 1.0, 0.0, 0.0], counts)
        rest = np.repeat([1.0, 0.0, 1.0, 0.0], counts)
        return group, rest

    def ends(self):
        group, rest = self.pairs()
        n = len(group)
        audit = fs.audit_fairness(
            np.tile([1.0, 0.0], n), np.zeros(2 * n),
            pd.Series(np.repeat(["in", "out"], n), name="group"), capacity=0.5,
            listed=np.concatenate([group, rest]), households=np.tile(np.arange(n), 2),
            redraw=False, resamples=1500, score_measures=False,
        )  # fmt: skip
        row = audit.full_table.query("group == 'in' and metric == 'selection_rate'").iloc[0]
        return row["difference"], row["difference_low"], row["difference_high"]

    def test_both_ends_are_those_of_whole_households_drawn_again(self):
        """A1: what the two share cancels, so the gap is known better than either rate."""
        group, rest = self.pairs()
        rng = np.random.default_rng(4)
        drawn = rng.integers(0, len(group), (4000, len(group)))
        low, high = np.quantile((group - rest)[drawn].mean(axis=1), [0.025, 0.975])
        gap, found_low, found_high = self.ends()

        assert gap == pytest.approx((self.ONLY_GROUP - self.ONLY_REST) / len(group))
        assert gap - found_low == pytest.approx(gap - low, rel=0.12)
        assert found_high - gap == pytest.approx(high - gap, rel=0.12)

    def test_both_ends_are_those_of_paired_proportions(self):
        """McNemar's variance, from the households that differ alone."""
        n = self.BOTH + self.ONLY_GROUP + self.ONLY_REST + self.NEITHER
        gap = (self.ONLY_GROUP - self.ONLY_REST) / n
        error = np.sqrt((self.ONLY_GROUP + self.ONLY_REST) / n - gap**2) / np.sqrt(n)
        _, low, high = self.ends()

        assert [low, high] == pytest.approx([gap - 1.96 * error, gap + 1.96 * error], abs=0.005)


class TestBreakEven:
    """A list of a precision from 20 to 40 %, at £100 a child listed and £2,000 an outcome."""

    def row(self, low=0.2, high=0.4):
        costs = fs.Costs(
            outcome="cp_plan",
            attention=fs.CostItem(
                cost=fs.UnitCost(amount=100, unit="read", year="2024-25", source="own"),
                basis="one read",
            ),
            averted=fs.CostItem(
                cost=fs.UnitCost(amount=2_000, unit="plan", year="2024-25", source="own"),
                basis="one plan",
            ),
        )
        listed = Listed(10, 0.1, 0.25, low, high, "list by list")
        effect = fs.EffectAssumption(reduction=0.1, low=0.0, high=0.2, basis="assumed")
        value = ValueOfAttention(
            report_name="model", outcome="cp_plan", within_days=365, n=1_000, origin="synthetic",
            costs=costs, effect=effect, listed=(listed,), own=listed,
        )  # fmt: skip
        return value.table.iloc[0]

    def test_interval_is_by_hand_from_the_ends_of_the_precision(self):
        """The more a list holds, the smaller an effect pays for it: 100 / (0.4 * 2,000)."""
        row = self.row()

        assert row["break_even_effect"] == pytest.approx(0.2)
        assert row["break_even_effect_low"] == pytest.approx(0.125)
        assert row["break_even_effect_high"] == pytest.approx(0.25)

    def test_high_end_is_infinite_where_the_list_may_hold_nobody(self):
        row = self.row(low=0.0)

        assert row["break_even_effect_high"] == np.inf
        assert row["break_even_effect_low"] == pytest.approx(0.125)
