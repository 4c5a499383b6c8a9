"""Cost and benefit against the closed form, and never without the assumption."""

from types import MappingProxyType

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import AuditError, OutcomeError, SettingError
from fs_risk.evaluation.report import Curve, EvaluationReport, Figure
from fs_risk.evaluation.value import weigh_value
from fs_risk.evaluation.value_costs import (
    PUBLISHED_COSTS,
    CostItem,
    Costs,
    EffectAssumption,
    PriceIndex,
    UnitCost,
    published_cost,
)
from fs_risk.evaluation.value_of_attention import EFFECTS_SHOWN
from fs_risk.model.plan import Plan
from fs_risk.model_cards.fill_evidence import value_of

matplotlib.use("Agg")

N, POSITIVES = 5_000, 400
READ = UnitCost(amount=60, unit="second read", year="2024-25", source="own", low=30, high=90)
EFFECT = EffectAssumption(reduction=0.1, low=0.0, high=0.25, basis="assumed, for illustration")


def made_report(origin="synthetic", precision=(0.25, 0.18, 0.32)):
    """A report whose curve is a straight line: 25 % of the first 500 listed, and so on."""
    listed = np.array([500.0, 1_000.0, 2_500.0, 5_000.0])
    found = np.array([125.0, 210.0, 330.0, 400.0])
    names = ("true_positives_per_1000", "false_positives_per_1000")
    per_1000 = (1000 * 125 / N, 1000 * 375 / N)
    figures = [Figure(metric="precision_at_capacity", value=precision[0], low=precision[1],
                      high=precision[2], n=N)]  # fmt: skip
    figures += [
        Figure(metric=name, value=value, low=None, high=None, n=N)
        for name, value in zip(names, per_1000, strict=True)
    ]
    return EvaluationReport(
        model_name="model", model_version="1", plan_hash="0" * 64,
        plan=Plan(outcome="care", capacity=10, list_period="week"), origin=origin, fresh=False,
        n=N, positives=POSITIVES, households=N, first_as_of="2023-01-01",
        last_as_of="2023-12-16", resamples=10, figures=tuple(figures), candidates={},
        leads_with="step_up_model", bins=(),
        curves={"step_up_model": Curve(recall=tuple(found / POSITIVES),
                                       precision=tuple(found / listed))},
    )  # fmt: skip


def made_costs(attention=60.0, outcome=2_100.0, quantity=52.0):
    read, care = READ, published_cost("looked_after_week")
    if attention != read.amount:
        read = read.model_copy(update={"amount": attention, "low": None, "high": None})
    if outcome != care.amount:
        care = care.model_copy(update={"amount": outcome, "low": None, "high": None})
    return Costs(
        outcome="care",
        attention=CostItem(cost=read, quantity=2, basis="two reads"),
        averted=CostItem(cost=care, quantity=quantity, basis="assumed: a year in care"),
    )


@pytest.fixture(scope="module")
def value():
    return weigh_value(made_report(), made_costs(), effect=EFFECT, capacities=(0.05, 0.2, 40))


def test_own_capacity_is_as_the_report_measured_it(value):
    row = value.table[value.table["counted"] == "list by list"].iloc[0]

    assert (row["capacity"], row["listed"], row["found"]) == (10, 100.0, 25.0)
    assert row["attention_cost"] == 100 * 2 * 60
    assert row["averted"] == pytest.approx(2.5)
    assert row["avoided_cost"] == pytest.approx(2.5 * 52 * 2_100)
    assert row["net"] == pytest.approx(2.5 * 52 * 2_100 - 12_000)
    assert row["net_low"] == pytest.approx(100 * 0.18 * 0.1 * 109_200 - 12_000)
    assert row["break_even_effect"] == pytest.approx(120 / (0.25 * 109_200))
    assert row["assumption"] == "assumed, for illustration"


def test_other_capacities_come_from_the_curve(value):
    """5 % are half of the first 500; 20 % are the first 1,000; 40 a week are 2,000 of 5,000."""
    table = value.table.set_index("capacity")

    assert table.loc[0.05, "found"] == pytest.approx(1000 * 62.5 / N)
    assert table.loc[0.2, "found"] == pytest.approx(1000 * 210 / N)
    assert table.loc[40, "listed"] == pytest.approx(400.0)
    assert table.loc[40, "found"] == pytest.approx(1000 * (210 + 120 * 1000 / 1500) / N)
    assert table["listed"].is_monotonic_increasing


def test_intervals_are_as_wide_as_the_reports_own_say(value):
    """At the plan's share, the curve's interval would be as wide as the measured one."""
    at_own = weigh_value(made_report(), made_costs(), effect=EFFECT, capacities=(0.1,)).table
    widths = (at_own["precision_high"] - at_own["precision_low"]).to_list()

    assert widths[0] == pytest.approx(widths[1], rel=0.05)
    table = value.table
    assert (table["precision_low"] < table["precision"]).all()
    assert (table["precision"] < table["precision_high"]).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 500), st.floats(1, 5_000), st.floats(0, 1), st.floats(0, 1), st.floats(1, 500))
def test_net_is_linear_in_the_effect_and_falls_with_cost(attention, outcome, one, two, more):
    costs = made_costs(attention, outcome)
    value = weigh_value(made_report(), costs, effect=EFFECT, capacities=(0.2,))
    dearer = weigh_value(
        made_report(), made_costs(attention + more, outcome), effect=EFFECT,
        capacities=(0.2,),
    )  # fmt: skip
    for listed in value.listed:
        middle = value.net(listed, effect=(one + two) / 2)
        ends = (value.net(listed, effect=one) + value.net(listed, effect=two)) / 2
        assert middle == pytest.approx(ends, abs=1e-6)
        even = value.break_even(listed.precision)
        assert value.net(listed, effect=even) == pytest.approx(0.0, abs=1e-6)
        assert dearer.net(listed) < value.net(listed)


def test_sensitivity_varies_one_figure_at_a_time(value):
    table = value.sensitivity().set_index("varied")

    assert table.loc["assumed effect", "net_at_low"] == pytest.approx(-12_000)
    assert table.loc["assumed effect", "net_at_high"] == pytest.approx(
        100 * 0.25 * 0.25 * 109_200 - 12_000
    )
    assert table.loc["cost of attention", "net_at_high"] == pytest.approx(
        2.5 * 109_200 - 100 * 2 * 90
    )
    assert table.loc["cost of an outcome", "net_at_low"] == pytest.approx(2.5 * 52 * 1_624 - 12_000)
    assert table["width"].is_monotonic_decreasing
    assert len(value.over_effects()) == 11 * len(value.listed)


@pytest.fixture(scope="module")
def unstated():
    return weigh_value(made_report(), made_costs(), capacities=(0.05, 0.2))


class TestWithoutAnEffect:
    def test_break_even_and_a_range_and_no_single_saving(self, unstated):
        row = unstated.table[unstated.table["counted"] == "list by list"].iloc[0]

        assert row["break_even_effect"] == pytest.approx(120 / (0.25 * 109_200))
        assert (row["attention_cost"], row["assumption"]) == (12_000, "none stated")
        single = ["averted", "avoided_cost", "net", "net_low", "net_high", "assumed_effect"]
        assert unstated.table[single].isna().all(axis=None)
        over = unstated.over_effects()
        assert tuple(over["effect"].unique()) == EFFECTS_SHOWN
        own = over[over["capacity"] == 10].set_index("effect")["net"]
        assert own[0.1] == pytest.approx(100 * 0.25 * 0.1 * 109_200 - 12_000)

    def test_words_say_that_none_is_stated_and_give_each_net_with_its_effect(self, unstated):
        said = unstated.sentence()

        assert said.startswith("SYNTHETIC. No effect is stated. Listing 100 of 1,000 cases")
        assert "-£12,000 at 0 %, " in said
        assert "£261,000 at 10 %, " in said
        assert "breaks even at an effect of 0.4 %" in said
        for word in ("avoid", "saving of", "If extra attention averted"):
            assert word not in unstated.text()
        assert "No effect is stated: the net stands for each of several shares" in unstated.text()

    def test_what_needs_one_effect_is_refused_with_the_cure(self, unstated):
        for asked in (unstated.sensitivity, unstated.plot_tornado, unstated.stated_effect,
                      lambda: unstated.net(unstated.own)):  # fmt: skip
            with pytest.raises(AuditError, match=r"No effect .* is stated(?s:.*)EffectAssumption"):
                asked()
        with pytest.raises(AuditError, match="No effect of the extra attention is stated"):
            value_of(unstated, "run")

    def test_plot_has_a_line_for_each_effect(self, unstated):
        ax = unstated.plot_net()

        labels = [line.get_label() for line in ax.get_lines() if line.get_label()[0] != "_"]
        assert labels == [f"effect {100 * each:.0f} %" for each in EFFECTS_SHOWN]
        assert "no effect stated" in ax.get_title().replace("\n", " ")


def test_every_sentence_begins_with_the_assumption(value):
    for listed in value.listed:
        sentence = value.sentence(capacity=listed.capacity)

        assert sentence.startswith("SYNTHETIC. If extra attention averted 10 %")
        assert "assumed, for illustration" in sentence
        assert "breaks even at an effect of" in sentence
    real = weigh_value(made_report("real"), made_costs(), effect=EFFECT)
    assert real.sentence().startswith("If extra attention averted")
    assert "SYNTHETIC" not in real.text()


def test_text_names_every_source_and_what_is_not_in_it(value):
    text = value.text()

    assert text.startswith("SYNTHETIC")
    for part in ("section 251 outturn", "own", "2024-25", "assumed: a year in care",
                 "not measured", "saving"):  # fmt: skip
        assert (part in text) is (part != "saving")
    assert "assumed, for illustration" in value._repr_html_()


def test_cost_that_no_effect_covers_says_so():
    value = weigh_value(made_report(), made_costs(60, 2_100, 0.001), effect=EFFECT)

    assert "No effect, however large" in value.sentence()


def test_no_precision_no_value():
    bare = made_report(precision=(None, None, None))
    with pytest.raises(AuditError, match="no precision with an interval"):
        weigh_value(bare, made_costs(), effect=EFFECT)


def test_costs_of_another_outcome_are_refused():
    plans = made_costs().model_copy(update={"outcome": "cp_plan"})
    with pytest.raises(AuditError, match="costs are of cp_plan; the report is on care"):
        weigh_value(made_report(), plans, effect=EFFECT)


@pytest.mark.parametrize("capacity", [0, 1.5, -0.1, True])
def test_impossible_capacity_is_refused(capacity):
    with pytest.raises(SettingError, match="neither a whole number"):
        weigh_value(made_report(), made_costs(), effect=EFFECT, capacities=(capacity,))


def test_capacity_not_weighed_is_refused(value):
    with pytest.raises(AuditError, match=r"0\.5 was not weighed"):
        value.sentence(capacity=0.5)


class TestCosts:
    def test_price_years_are_not_mixed_without_an_index(self):
        old = READ.model_copy(update={"year": "2016-17"})
        attention = CostItem(cost=old, basis="one read")
        averted = made_costs().averted
        with pytest.raises(AuditError, match="2 price years cannot be added up"):
            Costs(outcome="care", attention=attention, averted=averted)
        with pytest.raises(AuditError, match="2 price years cannot be added up"):
            Costs(outcome="care", attention=attention, averted=averted, price_year="2024-25")

    def test_index_brings_them_to_one_year(self):
        old = READ.model_copy(update={"year": "2016-17"})
        costs = Costs(
            outcome="care", attention=CostItem(cost=old, basis="one read"),
            averted=made_costs().averted, price_year="2024-25",
            price_index=PriceIndex(levels={"2016-17": 80.0, "2024-25": 100.0}, source="own"),
        )  # fmt: skip

        assert costs.per_listed == pytest.approx(75.0)
        assert costs.per_outcome == pytest.approx(109_200)
        assert costs.ends("attention") == pytest.approx((37.5, 112.5))

    def test_published_costs_name_year_and_source(self):
        """statistics, section 7."""
        amounts = {name: cost.amount for name, cost in PUBLISHED_COSTS.items()}

        assert amounts == {
            "looked_after_week": 2_100, "foster_week": 765,
            "residential_week": 7_385, "social_work_week": 170,
        }  # fmt: skip
        assert all(
            cost.source and cost.year == "2024-25" and cost.low < cost.amount < cost.high
            for cost in PUBLISHED_COSTS.values()
        )
        assert isinstance(PUBLISHED_COSTS, MappingProxyType)

    def test_unknown_cost_and_outcome_are_refused(self):
        with pytest.raises(AuditError, match="no published cost 'plan'"):
            published_cost("plan")
        with pytest.raises(OutcomeError, match="no outcome 'cre'"):
            Costs(outcome="cre", attention=made_costs().attention, averted=made_costs().averted)

    @pytest.mark.parametrize(
        "fault",
        [{"amount": -1}, {"year": "2024"}, {"source": ""}, {"low": 70}, {"high": 50},
         {"currency": "GBP"}],
    )  # fmt: skip
    def test_unit_cost_needs_year_source_and_a_range_around_it(self, fault):
        stated = {"amount": 60, "unit": "read", "year": "2024-25", "source": "own"}
        with pytest.raises(AuditError, match="stated figure cannot be used"):
            UnitCost(**(stated | fault))

    @pytest.mark.parametrize(
        "fault",
        [{"reduction": 1.2}, {"low": 0.2}, {"low": 0.1, "high": 0.1}, {"basis": ""}],
    )
    def test_effect_needs_a_basis_and_a_range(self, fault):
        stated = {"reduction": 0.1, "low": 0.0, "high": 0.2, "basis": "assumed"}
        with pytest.raises(AuditError, match="stated figure cannot be used"):
            EffectAssumption(**(stated | fault))


def test_plots_state_the_assumption(value):
    for ax in (value.plot_net(), value.plot_tornado(capacity=0.2)):
        title = ax.get_title().replace("\n", " ")

        assert title.startswith("SYNTHETIC")
        assert "assumed: 10 % of outcomes averted" in title
        assert "2024-25 prices" in ax.get_xlabel() + ax.get_ylabel()
    matplotlib.pyplot.close("all")


def test_value_of_a_real_reports_shape(report):
    """On a report as `evaluate` makes it, the curve agrees with the lists it was made from."""
    costs = Costs(
        outcome=report.plan.outcome,
        attention=made_costs().attention,
        averted=made_costs().averted,
    )
    value = weigh_value(report, costs, effect=EFFECT, capacities=(0.05, 0.1, 0.2))
    near = weigh_value(report, costs, effect=EFFECT, capacities=(float(value.own.share),))

    assert np.isfinite(value.table["net"]).all()
    precision = near.table["precision"]
    assert precision.iloc[0] == pytest.approx(precision.iloc[1], abs=0.06)
