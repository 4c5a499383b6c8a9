"""Indicators by team and month, against plain loops over a small service."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import AuditError, OutcomeError, RecordsError, SettingError
from fs_risk.evaluation.indicators import outcome_indicators
from fs_risk.outcomes.indicators import ALL_TEAMS
from fs_risk.records.records import Records

matplotlib.use("Agg")

WINDOW = ("2020-01-01", "2022-12-20")
TABLES = ("referrals", "cp_plans", "pre_proceedings", "care_periods")
TEAMS = ("Team B", "Team A")
BASE = np.datetime64("2020-01-01", "D")
DAYS = 1085


def stamps(days):
    return pd.Series(
        np.array(
            [np.datetime64("NaT") if d is None or d >= DAYS else BASE + d for d in days],
            dtype="datetime64[s]",
        )
    )


def make_service(seed=0, n_children=70):
    """Cases and plans as tuples, and as records."""
    rng = np.random.default_rng(seed)
    cases, plans, care = [], [], []
    for child in (f"C{number}" for number in range(n_children)):
        day, team = int(rng.integers(0, 300)), str(rng.choice(TEAMS))
        while day < DAYS:
            closed = day + int(rng.integers(5, 200))
            cases.append((child, day, closed, team, bool(rng.random() < 0.1)))
            if rng.random() < 0.5:
                begun = day + int(rng.integers(0, 20))
                plans.append((child, begun, min(begun + int(rng.integers(10, 150)), closed)))
            if rng.random() < 0.2:
                begun = day + int(rng.integers(0, 60))
                care.append((child, begun, begun + int(rng.integers(1, 200))))
            day = closed + int(rng.integers(1, 400))
            team = str(rng.choice(TEAMS))
    plans = [plan for plan in plans if plan[1] < DAYS and plan[2] >= plan[1]]
    care = [period for period in care if period[1] < DAYS]
    frames = {
        "referrals": pd.DataFrame(
            {
                "referral_id": [f"R{number}" for number in range(len(cases))],
                "child_id": [case[0] for case in cases],
                "referral_date": stamps([case[1] for case in cases]),
                "close_date": stamps([case[2] for case in cases]),
                "close_reason": ["RC7" if case[2] < DAYS else None for case in cases],
                "no_further_action": [case[4] for case in cases],
                "team": [case[3] for case in cases],
            }
        )
    }
    for name, key, rows in (("cp_plans", "cp_plan_id", plans),
                            ("care_periods", "care_period_id", care)):  # fmt: skip
        frames[name] = pd.DataFrame(
            {
                key: [f"{key}{number}" for number in range(len(rows))],
                "child_id": [row[0] for row in rows],
                "start_date": stamps([row[1] for row in rows]),
                "end_date": stamps([row[2] for row in rows]),
            }
        )
    records = Records.from_frames(
        frames, extract_date="2022-12-20", coverage=dict.fromkeys(TABLES, WINDOW)
    )
    return cases, plans, care, records


@pytest.fixture(scope="module")
def service():
    return make_service()


@pytest.fixture(scope="module")
def kpis(service):
    return outcome_indicators(service[3], go_live="2022-01-01")


def months():
    return pd.date_range("2020-01-01", "2022-12-01", freq="MS")


def day_of(month):
    return int((np.datetime64(month, "D") - BASE).astype(int))


def team_by(cases, child, day):
    mine = [case for case in cases if case[0] == child and case[1] <= day]
    return max(mine, key=lambda case: case[1])[3] if mine else "not recorded"


def inside(day, month):
    return day_of(month) <= day < day_of(month + pd.offsets.MonthBegin(1))


@pytest.mark.parametrize("team", [ALL_TEAMS, *TEAMS])
class TestAgainstLoops:
    def series(self, kpis, name, team):
        return kpis.series(name, team=team).set_index("month")

    def counts(self, kpis, cases, name, team, events):
        """Compare the numerators of complete months with a count one by one."""
        found = self.series(kpis, name, team)
        for month in months()[:-1]:
            expected = sum(
                inside(day, month) and team in (ALL_TEAMS, team_by(cases, child, day))
                for child, day in events
            )
            assert found.loc[month, "numerator"] == expected, month

    def test_plans_and_care_begun_and_closures(self, kpis, service, team):
        cases, plans, care, _ = service
        self.counts(kpis, cases, "cp_plan_starts", team, [row[:2] for row in plans])
        self.counts(kpis, cases, "care_starts", team, [row[:2] for row in care])
        closures = [(case[0], case[2]) for case in cases if not case[4] and case[2] < DAYS]
        self.counts(kpis, cases, "closures", team, closures)

    def test_step_downs(self, kpis, service, team):
        cases, plans, care, _ = service
        held = {3: plans, 5: care}
        moves = set()
        for rows in held.values():
            for child, _, end in rows:
                if end >= DAYS:
                    continue

                def tier_on(day, child=child):
                    return max(
                        [t for t, periods in held.items() for c, b, e in periods
                         if c == child and b < day and (e >= day or e >= DAYS)], default=2,
                    )  # fmt: skip

                tier = tier_on(end)
                again = any(
                    c == child and end <= b <= end + 1 and t >= tier
                    for t, periods in held.items() for c, b, _ in periods
                )  # fmt: skip
                if tier > 2 and tier_on(end + 1) < tier and not again:
                    moves.add((child, end))
        assert len(moves) > 20
        self.counts(kpis, cases, "step_downs", team, moves)

    def test_open_cases_are_the_days_spent_over_the_days_of_the_month(self, kpis, service, team):
        cases = service[0]
        found = self.series(kpis, "cp_plan_starts", team)
        for month in months()[:-1:5]:
            days = range(day_of(month), day_of(month + pd.offsets.MonthBegin(1)))
            spent = sum(
                case[1] <= day < case[2]
                for case in cases
                for day in days
                if not case[4] and team in (ALL_TEAMS, case[3])
            )
            assert found.loc[month, "denominator"] == pytest.approx(spent / len(days))

    @pytest.mark.parametrize(("name", "within"), [("re_referral_6_months", 183),
                                                  ("re_referral_12_months", 365)])  # fmt: skip
    def test_re_referral_of_closures_old_enough(self, kpis, service, team, name, within):
        """T6: a month too recent for its re-referrals to be known is missing, never 0."""
        cases = service[0]
        found = self.series(kpis, name, team)
        for month in months():
            last = day_of(month + pd.offsets.MonthBegin(1)) - 1
            ready = last + within <= DAYS - 1
            assert bool(found.loc[month, "complete"]) is ready
            if not ready:
                assert np.isnan(found.loc[month, ["numerator", "value"]].astype(float)).all()
                continue
            closures = [
                (case[0], case[2]) for case in cases
                if not case[4] and inside(case[2], month) and team in (ALL_TEAMS, case[3])
                and not any(c[0] == case[0] and c[1] == case[2] for c in cases)
            ]  # fmt: skip
            again = sum(
                any(c[0] == child and 0 < c[1] - day <= within for c in cases)
                for child, day in closures
            )
            assert found.loc[month, "denominator"] == len(closures)
            assert found.loc[month, "numerator"] == again

    def test_days_on_plans_that_ended(self, kpis, service, team):
        cases, plans, _, _ = service
        found = self.series(kpis, "days_on_plan", team)
        for month in months()[:-1]:
            ended = [
                end - begun for child, begun, end in plans
                if end < DAYS and inside(end, month)
                and team in (ALL_TEAMS, team_by(cases, child, end))
            ]  # fmt: skip
            expected = np.mean(ended) if ended else np.nan
            assert found.loc[month, "value"] == pytest.approx(expected, nan_ok=True)


def test_month_partly_observed_is_missing(kpis):
    last = kpis.series("cp_plan_starts").iloc[-1]

    assert last["month"] == pd.Timestamp("2022-12-01")
    assert not last["complete"]
    assert np.isnan(last["value"])


def test_teams_stand_in_the_order_of_their_names(kpis):
    assert list(kpis.table["team"].unique()) == [ALL_TEAMS, "Team A", "Team B"]


def test_indicator_that_the_records_cannot_hold_is_left_out_and_says_why(service):
    records = service[3]
    bare = Records.from_frames(
        {"referrals": records["referrals"]}, extract_date="2022-12-20",
        coverage={"referrals": WINDOW},
    )  # fmt: skip
    kpis = outcome_indicators(bare, by=None)

    assert kpis.left_out["cp_plan_starts"] == "these records hold no cp_plans"
    assert set(kpis.table["team"]) == {ALL_TEAMS}
    with pytest.raises(AuditError, match="these records hold no cp_plans"):
        kpis.series("cp_plan_starts")


def test_quarters_add_up_to_the_same_counts(service):
    quarters = outcome_indicators(service[3], by=None, freq="QS").series("closures")
    monthly = outcome_indicators(service[3], by=None).series("closures")
    full = quarters["complete"].to_numpy()

    assert full.sum() == 11
    assert quarters["numerator"][full].sum() == monthly["numerator"].iloc[:33].sum()


def test_limits_come_from_the_months_before_the_go_live(kpis, service):
    series = kpis.series("closures")
    before = series[series["month"] < "2022-01-01"]

    centre = 100 * before["numerator"].sum() / before["denominator"].sum()
    np.testing.assert_allclose(series["centre"].dropna(), centre)
    plain = outcome_indicators(service[3], by=None).series("closures")
    assert plain["centre"].iloc[0] != pytest.approx(centre)


def test_before_and_after_says_that_it_is_no_effect(kpis):
    found = kpis.before_and_after("closures", go_live="2022-01-15")

    assert found["periods"].to_list() == [24, 10]
    assert found["reading"].str.contains("not the effect").all()
    assert "not the effect" in kpis._repr_html_()


def test_publishable_table_shows_no_small_count(kpis):
    """A2: counts of 1 to 5 are c, others rounded, and no value gives one away."""
    table, shown = kpis.table, kpis.publishable()
    few = (
        table["numerator"].between(1, 5) & (table["kind"] != "mean")
        | table["denominator"].between(0.5, 5.49)
        | (table["kind"] == "share") & (table["denominator"] - table["numerator"]).between(1, 5)
    ) & table["value"].notna()

    assert few.sum() > 50
    assert shown.loc[few.to_numpy(), "value"].eq("c").all()
    known = shown["numerator"][~shown["numerator"].isin(["", "c", "0"])]
    assert (known.str.replace(",", "").astype(int) % 5 == 0).all()
    assert not {"low", "high", "upper_limit"} & set(shown)


SUPPLIED = pd.DataFrame(
    {
        "month": pd.date_range("2020-01-01", periods=20, freq="MS"),
        "team": ALL_TEAMS,
        "indicator": "attendance",
        "numerator": range(900, 920),
        "denominator": 1000,
        "kind": "share",
        "unit": "of sessions",
    }
)


class TestSupplied:
    def test_series_is_charted_like_the_others(self, service):
        series = outcome_indicators(service[3], by=None, supplied=SUPPLIED).series("attendance")

        assert series["value"].iloc[0] == 0.9
        assert series["value"].notna().sum() == 20
        assert not series["complete"].iloc[-1]
        assert series["unit"].iloc[0] == "share of sessions"

    def test_rate_is_per_hundred(self, service):
        rate = SUPPLIED.drop(columns=["kind"]).assign(indicator="incidents", unit="families")
        series = outcome_indicators(service[3], by=None, supplied=rate).series("incidents")

        assert series["value"].iloc[0] == 90.0
        assert series["unit"].iloc[0] == "per 100 families"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"month": "soon"}, "20 rows of the supplied series are no date"),
            ({"month": pd.Timestamp("2020-01-02")}, "not the first day of a period"),
            ({"month": pd.Timestamp("2031-01-01")}, "not the first day of a period"),
            ({"numerator": -1}, "no count of 0 or more"),
            ({"numerator": "many"}, "no count of 0 or more"),
            ({"denominator": 0}, "are 0"),
            ({"numerator": 1001}, "more than the denominator of a share"),
            ({"kind": "ratio"}, "neither share nor rate"),
            ({"team": None}, "are missing"),
            ({"indicator": "closures"}, "one of the library's own"),
            ({"unit": [f"of {number}" for number in range(20)]}, "not the same throughout"),
            ({"month": pd.Timestamp("2020-01-01")}, "a period, team and indicator twice"),
        ],
    )
    def test_faulty_series_is_refused_with_its_rows(self, service, change, message):
        with pytest.raises(RecordsError, match=message) as refusal:
            outcome_indicators(service[3], by=None, supplied=SUPPLIED.assign(**change))

        assert "rows 1, 2, 3, 4, 5 and more" in str(refusal.value)

    def test_absent_column_is_named(self, service):
        odd = SUPPLIED.rename(columns={"numerator": "numerater"})
        with pytest.raises(RecordsError, match="Did you mean 'numerater'"):
            outcome_indicators(service[3], by=None, supplied=odd)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"by": "worker"}, "by='worker'"), ({"freq": "W"}, "freq='W'"),
     ({"go_live": "soon"}, "go_live is not a day"), ({"go_live": "04/03/2024"}, "is not a day")],
)  # fmt: skip
def test_impossible_argument_is_refused(service, settings, message):
    with pytest.raises(SettingError, match=message):
        outcome_indicators(service[3], **settings)


def test_records_without_referrals_are_refused():
    plans = pd.DataFrame(
        {"cp_plan_id": ["P"], "child_id": ["A"], "start_date": pd.to_datetime(["2021-01-01"])}
    )
    with pytest.raises(OutcomeError, match="hold no referrals"):
        outcome_indicators(Records.from_frames({"cp_plans": plans}, extract_date="2022-12-31"))


def test_unknown_indicator_and_team_are_refused(kpis):
    with pytest.raises(AuditError, match="Did you mean 'closures'"):
        kpis.series("closure")
    with pytest.raises(AuditError, match="no team 'Team C'"):
        kpis.series("closures", team="Team C")


def test_chart_has_title_units_n_and_says_what_it_is_not(kpis):
    ax = kpis.plot_control_chart("re_referral_12_months", team="Team A")

    assert "Team A, as at the extract" in ax.get_title()
    assert "n " in ax.get_title()
    assert ax.get_ylabel() == "share of closures"
    assert "before and after go-live; not an effect" in ax.get_xlabel()
    plain = kpis.plot_control_chart("closures", go_live=[])
    assert "effect" not in plain.get_xlabel()
    matplotlib.pyplot.close("all")


def test_object_is_frozen_and_its_table_a_copy(kpis):
    copy = kpis.table
    copy["value"] = 0.0
    with pytest.raises(AttributeError, match="cannot assign"):
        kpis.freq = "QS"

    assert kpis.table["value"].max() > 0


@pytest.mark.parametrize("name", ["cp_plan_starts", "closures", "re_referral_6_months"])
def test_teams_add_up_to_all_of_them(kpis, name):
    table = kpis.table.query("indicator == @name and complete")
    whole = table[table["team"] == ALL_TEAMS].set_index("month")
    teams = table[table["team"] != ALL_TEAMS].groupby("month")[["numerator", "denominator"]].sum()

    np.testing.assert_allclose(teams["numerator"], whole["numerator"])
    np.testing.assert_allclose(teams["denominator"], whole["denominator"])
