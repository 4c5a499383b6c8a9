"""The parts of the synthetic authority: luck, drawing, calendar, timeline, parameters."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fs_risk.errors import SettingError
from fs_risk.records.dates import add_working_days
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.day_tables import share_by_day
from fs_risk.synthetic.drawing import drawn_codes, drawn_columns, each_apart
from fs_risk.synthetic.factors import factor_chances
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import KINDS, load_parameters
from fs_risk.synthetic.people import make_people
from fs_risk.synthetic.referring import averaged_over_steps, length_chances, steps_chances
from fs_risk.synthetic.states import BANDS, CLASSES, ENQUIRIES, Kind, band, has_plan
from fs_risk.synthetic.timeline import NONE, ids, rank_within, spans
from fs_risk.synthetic.transitions import OUTCOMES, DayKind


@pytest.fixture(scope="module")
def parameters():
    return load_parameters()


@pytest.fixture(scope="module")
def calendar(parameters):
    return Calendar(2012, 8, parameters)


@pytest.fixture(scope="module")
def people(parameters):
    calendar = Calendar(1999, 26, parameters)
    return make_people(20_000, calendar, parameters, np.random.default_rng(1)), calendar


class TestLuck:
    def test_is_uniform_and_without_trend_across_names(self):
        who, when = np.meshgrid(np.arange(400), np.arange(100))
        drawn = Luck(1).uniform(3, who.ravel(), when.ravel())

        assert stats.kstest(drawn, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.02
        assert abs(np.corrcoef(drawn[:-400], drawn[400:])[0, 1]) < 0.02

    def test_differs_by_seed_and_purpose(self):
        who = np.arange(1_000)
        draws = [Luck(seed).uniform(purpose, who, 5) for seed in (1, 2) for purpose in (1, 2)]

        for one in range(4):
            for other in range(one):
                assert not np.isin(draws[one], draws[other]).any()

    def test_siblings_share_it_as_often_as_asked(self):
        children = np.arange(40_000)
        drawn = Luck(4).shared(7, children // 2, children, 3, share=0.9)
        alike = (drawn[::2] == drawn[1::2]).mean()

        assert alike == pytest.approx(0.81, abs=0.01)
        assert stats.kstest(drawn[::2], "uniform").pvalue > 1e-3


class TestDrawing:
    @given(st.floats(0.001, 0.9), st.integers(0, 2_000), st.integers(0, 10_000))
    @settings(max_examples=40, deadline=None)
    def test_picks_are_distinct_and_in_range(self, chance, count, seed):
        picked = each_apart(chance, count, np.random.default_rng(seed))

        assert (np.diff(picked) > 0).all()
        assert ((picked >= 0) & (picked < count)).all()

    def test_codes_come_up_by_their_shares(self):
        shares = np.tile([1.0, 3.0, 0.0], (40_000, 1))
        drawn = drawn_codes(shares, ["A", "B", "C"], np.random.default_rng(2))

        assert (drawn == "B").mean() == pytest.approx(0.75, abs=0.01)
        assert not (drawn == "C").any()
        assert drawn_columns(shares[:0], np.random.default_rng(0)).shape == (0,)


class TestCalendar:
    def test_thirteen_steps_cover_each_year(self, calendar):
        starts = calendar.dates[calendar.starts[:-1]]
        aprils = pd.DatetimeIndex(starts[::13])

        assert (aprils.month == 4).all()
        assert (aprils.day == 1).all()
        lengths = np.diff(calendar.starts)
        assert set(lengths[np.arange(len(lengths)) % 13 < 12]) == {28}
        assert set(lengths[12::13]) <= {29, 30}

    def test_every_day_belongs_to_the_step_that_holds_it(self, calendar):
        days = np.arange(len(calendar.step_of))

        assert (calendar.starts[calendar.step_of] <= days).all()
        assert (calendar.starts[calendar.step_of + 1] > days).all()

    @given(st.integers(0, 3_000), st.integers(1, 80))
    @settings(deadline=None)
    def test_working_days_are_added_as_everywhere_else(self, day, count):
        calendar = Calendar(2012, 8, load_parameters())
        moved = calendar.add_working_days(np.array([day]), count)
        expected = add_working_days(pd.Series(calendar.dates[[day]].astype("datetime64[s]")), count)

        assert calendar.dates[moved[0]] == expected[0].to_datetime64().astype("datetime64[D]")

    def test_shares_of_a_step_reach_one_on_its_last_day(self, calendar):
        last = np.diff(calendar.starts) - 1
        for shares in (calendar.referral_shares, calendar.working_shares):
            assert (np.diff(shares, axis=1) >= -1e-12).all()
            np.testing.assert_allclose(shares[np.arange(len(last)), last], 1.0)

    def test_days_fall_in_their_step(self, calendar):
        luck = np.random.default_rng(0).random(500)
        steps = np.arange(500) % calendar.steps
        days = calendar.day_in_step(calendar.referral_shares, steps, luck)

        assert (calendar.step_of[days] == steps).all()

    def test_august_is_quiet_and_an_average_step_is_one(self, calendar):
        assert calendar.season.mean() == pytest.approx(1.0)
        august = calendar.step_of[np.isin(calendar.dates, np.array(["2016-08-15"], "M8[D]"))]
        assert calendar.season[august[0]] < 0.9

    def test_schools_are_shut_in_august_and_at_easter(self, calendar):
        def open_on(day):
            return bool(calendar.school_day[np.flatnonzero(calendar.dates == np.datetime64(day))])

        assert not open_on("2016-08-15")
        assert not open_on("2016-03-29")
        assert open_on("2016-06-15")


class TestDayTables:
    def test_shares_rise_to_one_by_the_end_of_the_next_step(self, calendar, parameters):
        shares = share_by_day(calendar, parameters)
        steps = np.arange(calendar.steps)
        before = None
        for ahead in range(-1, 60):
            now = shares(steps, calendar.starts[steps] + ahead)
            if before is not None:
                assert (now >= before - 1e-12).all()
            before = now
        np.testing.assert_allclose(shares(steps, calendar.starts[steps + 2] - 1), 1.0)
        assert (shares(steps, calendar.starts[steps] - 1) == 0).all()

    def test_conferences_come_after_enquiries(self, calendar, parameters):
        shares = share_by_day(calendar, parameters)
        steps = np.arange(calendar.steps)
        middle = shares(steps, calendar.starts[steps] + 14)

        assert (middle[DayKind.CONFERENCE] < middle[DayKind.WORKING]).all()
        assert (middle[DayKind.ENTRY_CONFERENCE] < middle[DayKind.ENTRY_ENQUIRY]).all()


class TestAssessmentLengths:
    def test_follow_the_published_bands(self, parameters):
        chances = length_chances(parameters)

        assert chances.sum() == pytest.approx(1.0)
        assert chances[:46].sum() == pytest.approx(0.857, abs=0.003)
        assert chances[0] == pytest.approx(0.018, abs=0.001)

    def test_no_assessment_outlasts_its_states(self, calendar, parameters):
        by_day = steps_chances(calendar, parameters, np.arange(len(calendar.step_of)))
        chances = averaged_over_steps(calendar, by_day)[: calendar.steps]

        np.testing.assert_allclose(chances.sum(axis=1), 1.0)


class TestTimeline:
    def test_stays_are_paired_in_order(self):
        events = {
            "child": np.array([4, 2, 4, 2, 4]),
            "origin": np.array([0, 0, 12, 0, 0]),
            "target": np.array([8, 8, 0, 0, 8]),
        }
        starts, ends = spans(events, has_plan)

        assert starts.tolist() == [1, 0, 4]
        assert ends.tolist() == [NONE, 2, NONE]

    def test_ranks_start_again_with_each_run(self):
        assert rank_within(np.array([3, 3, 5, 5, 5, 9])).tolist() == [0, 1, 0, 1, 2, 0]
        assert rank_within(np.zeros(0, dtype=int)).shape == (0,)

    def test_identifiers_have_seven_digits(self):
        assert ids("R", np.array([1, 1_234_567])).to_list() == ["R0000001", "R1234567"]


class TestParameters:
    def test_each_has_a_kind_and_a_source(self, parameters):
        for name, parameter in parameters.items():
            assert parameter.kind in KINDS, name
            assert parameter.source, name

    def test_lists_by_class_have_one_number_for_each(self, parameters):
        for name in parameters:
            if name.endswith(".class"):
                assert parameters.array(name).shape == (len(CLASSES),), name
            if name.endswith(".band"):
                assert parameters.array(name).shape == (len(BANDS),), name

    def test_an_unknown_name_is_answered_with_the_nearest(self, parameters):
        with pytest.raises(SettingError, match=r"Did you mean 'care\.previous'"):
            parameters["care.previus"]

    def test_factor_chances_are_probabilities_for_every_class_and_age(self, parameters):
        codes, chances = factor_chances(parameters)

        assert chances.shape == (len(CLASSES), len(BANDS), len(codes))
        assert ((chances >= 0) & (chances < 1)).all()


class TestPeople:
    def test_as_many_children_as_asked_for_once_a_childhood_has_passed(self, people):
        made, calendar = people
        for step in (18 * 13, calendar.steps - 1):
            born = np.flatnonzero(made.birth_step <= step)
            assert made.here(born, step).sum() == pytest.approx(20_000, rel=0.03)

    def test_families_stand_together(self, people):
        made, _ = people

        assert (np.diff(made.family) >= 0).all()
        expected = np.repeat(made.first_child, made.n_children)
        assert (expected <= np.arange(len(made.family))).all()
        assert (made.family_class[made.family] == made.child_class).all()

    def test_siblings_are_months_apart(self, people):
        made, _ = people
        siblings = np.diff(made.family) == 0

        assert np.diff(made.birth_day)[siblings].min() > 280

    def test_birthdays_come_after_eighteen_years(self, people):
        made, calendar = people
        births = pd.DatetimeIndex(calendar.dates[made.birth_day])
        expected = births + pd.DateOffset(years=18)
        days = pd.DatetimeIndex(np.datetime64(calendar.dates[0]) + made.adult_day)
        leap = (births.month == 2) & (births.day == 29)

        assert (days[~leap] == expected[~leap]).all()

    def test_age_bands_follow_the_step_of_birth(self):
        assert band(np.array([-5, 0, 1, 13, 14, 66, 131, 209])).tolist() == [0, 0, 1, 1, 2, 3, 4, 5]


class TestDaysOfOutcomes:
    @pytest.mark.parametrize("kind", ENQUIRIES)
    def test_a_re_referral_has_the_day_of_the_referral_whatever_follows(self, kind):
        """Not that of the enquiry to which it leads, which may be days later."""
        assert OUTCOMES["re_referral"].day_kind(kind, True) == DayKind.REFERRAL

    def test_enquiries_and_plans_on_a_referral_have_days_of_their_own(self):
        assert OUTCOMES["section47"].day_kind(Kind.PLAN, True) == DayKind.ENTRY_ENQUIRY
        assert OUTCOMES["cp_plan"].day_kind(Kind.PLAN, True) == DayKind.ENTRY_CONFERENCE
        assert OUTCOMES["cp_plan"].day_kind(Kind.PLAN, False) == DayKind.CONFERENCE
        assert OUTCOMES["care"].day_kind(Kind.CARE, True) == DayKind.REFERRAL
