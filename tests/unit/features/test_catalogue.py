"""Every feature, one by one: what a declaration must say, and what it must never use."""

import re

import pytest

from fs_risk.errors import FeatureError, OutcomeError
from fs_risk.features.catalogue import CATALOGUE, feature_catalogue, features_for_outcome
from fs_risk.features.measures import Factor, FactorState, streams_of
from fs_risk.features.streams import STREAMS, TRIO_FACTORS, Stream
from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.records.outcome_names import OUTCOME_NAMES
from fs_risk.records.tables import TABLES

PROTECTED = {"sex", "ethnicity", "disability", "religion", "nationality"}
NEVER_FACTORS = {"9A", "22A", "23A"}
SUBJECTED_TO = {"3A", "3B", "3C"}
SERVICE_TABLES = {"early_help", "cin_plans"}
NEVER_TABLES = {
    "involvements", "specialist_work", "programme_modules", "group_supervision", "disabilities",
}  # fmt: skip
BY_NAME = {spec.name: spec for spec in CATALOGUE}


def factors_of(spec):
    """List every factor code that a feature reads, directly or through a stream."""
    measure = spec.measure
    codes = set(getattr(measure, "factors", ()))
    codes |= {code for group in getattr(measure, "groups", ()) for code in group}
    return codes | {code for name in streams_of(measure) for code in STREAMS[name].factors}


class TestEveryFeature:
    def test_is_said_in_words_in_all_three_cases(self):
        """E3: plain English present, absent and not recorded."""
        for spec in CATALOGUE:
            said = [spec.say(2.0), spec.say(0.0), spec.say(float("nan"))]

            assert all(said), spec.name
            assert len(set(said)) == 3, spec.name
            assert "{" not in "".join([*said, spec.say(1.0), spec.say(-3.0)]), spec.name

    def test_says_all_that_a_catalogue_must(self):
        for spec in CATALOGUE:
            assert spec.concept, spec.name
            assert spec.meaning[0].isupper(), spec.name
            assert spec.meaning.endswith("."), spec.name
            assert spec.unit, spec.name
            assert spec.whom in ("child", "siblings", "household"), spec.name
            assert spec.kind in ("worry", "strength", "neutral"), spec.name
            assert spec.monotone in (-1, 0, 1), spec.name
            assert spec.why, spec.name
            assert all(table in TABLES for table in spec.sources), spec.name
            assert spec.sources or spec.concept in ("The child's age", "Who made this referral"), (
                spec.name
            )

    def test_has_a_limited_look_back_or_a_waiver(self):
        """F2: a history feature declares its look-back; an unlimited one is waived by name."""
        for spec in CATALOGUE:
            events = {name for name in streams_of(spec.measure) if not STREAMS[name].whose_end}
            limited = 0 < spec.window_days <= 1_825

            assert 0 <= spec.window_days <= 1_825, spec.name
            assert limited or spec.waiver or not (events or isinstance(spec.measure, Factor)), (
                spec.name
            )
            assert not re.search(r"\bever\b", f"{spec.name} {spec.meaning}") or spec.waiver

    def test_name_says_its_window(self):
        for spec in CATALOGUE:
            in_name = re.search(r"_(\d+)d$", spec.name)

            assert (int(in_name[1]) if in_name else 0) == spec.window_days, spec.name

    def test_sensitive_feature_states_why_it_is_needed(self):
        for spec in CATALOGUE:
            assert spec.sensitivity in ("", "protected", "special", "criminal"), spec.name
            assert bool(spec.sensitivity) == bool(spec.necessity), spec.name

    def test_what_it_reads_decides_its_sensitivity(self):
        for spec in CATALOGUE:
            streams = {name for name in streams_of(spec.measure) if "police" in name}
            if factors_of(spec):
                assert spec.sensitivity == "special", spec.name
            elif streams and len(streams_of(spec.measure)) == 1:
                assert spec.sensitivity == "criminal", spec.name

    def test_is_never_a_protected_attribute_or_excluded_factor(self):
        """F6: sex, ethnicity, disability and factors 9A, 22A, 23A never enter X."""
        for spec in CATALOGUE:
            assert not factors_of(spec) & NEVER_FACTORS, spec.name
            assert not PROTECTED & set(spec.name.split("_"))

    def test_never_reads_a_service_response_or_a_table_for_audit(self):
        """F6: teams, specialist work, modules and agreed ratings are shown, never modelled."""
        for spec in CATALOGUE:
            assert not set(spec.sources) & NEVER_TABLES, spec.name

    def test_what_reflects_use_of_services_is_marked(self):
        """F7: all that reads early help or child in need plans can be left out by its mark."""
        for spec in CATALOGUE:
            if set(spec.sources) & SERVICE_TABLES:
                assert spec.poverty_or_service_use, spec.name

    def test_being_subjected_to_domestic_abuse_is_never_monotone(self):
        for spec in CATALOGUE:
            assert not (spec.monotone and factors_of(spec) & SUBJECTED_TO), spec.name

    def test_words_never_foretell_or_grade(self):
        """G10: no "will", no "low risk"."""
        for spec in CATALOGUE:
            said = (spec.present, spec.absent, spec.missing, spec.meaning, spec.one, spec.below)

            assert not re.search(
                r"\bwill\b|low risk|unsafe|predict|fail", " ".join(said).lower()
            ), spec.name

    def test_words_never_say_that_something_is_not_there(self):
        """F1: of factors only that they are not recorded; "no" is never said of a parent."""
        for spec in CATALOGUE:
            if isinstance(spec.measure, FactorState):
                assert re.search(r"not recorded|not on", spec.absent), spec.name
                assert "not assessed" in spec.missing, spec.name

    def test_one_is_said_in_the_singular(self):
        for spec in CATALOGUE:
            for said in (spec.say(1.0), spec.say(-1.0)):
                assert not re.search(
                    r"\b1 (more |fewer )?(earlier )?(contacts|referrals|steps|days)\b", said
                ), spec.name

    def test_article_agrees_with_its_noun(self):
        for spec in CATALOGUE:
            said = " ".join((spec.present, spec.one, spec.absent, spec.meaning))

            assert not re.search(r"\ba (?=[aeio])|\ban (?=[^aeiouh])", said, re.I), spec.name


def test_definitions_have_distinct_digests():
    assert feature_catalogue()["definition"].is_unique


def test_catalogue_gives_every_field_of_a_declaration():
    columns = set(feature_catalogue().columns)

    assert columns >= {
        "name", "concept", "whom", "meaning", "unit", "window_days", "kind", "present", "absent",
        "missing", "monotone", "sensitivity", "necessity", "poverty_or_service_use", "why",
        "waiver", "sources", "not_for", "half_life_days",
    }  # fmt: skip


TRIO = (*TRIO_FACTORS, *(f"substances_{whom}" for whom in ("parent", "child", "other")))


@pytest.mark.parametrize("area", TRIO)
def test_each_part_of_the_trio_has_its_four_states(area):
    """F1: current and earlier tell the four states apart, by whom it is about."""
    current, earlier = (
        BY_NAME[f"child_{area}_{state}"].measure for state in ("current_365d", "earlier_1095d")
    )
    assert (current.state, earlier.state) == ("current", "earlier")
    assert current.factors == earlier.factors
    letters = {code[-1] for code in current.factors}
    assert letters == {{"parent": "B", "child": "A", "other": "C"}[area.rsplit("_", 1)[1]]}


@pytest.mark.parametrize("area", TRIO_FACTORS)
def test_each_part_of_the_trio_is_counted_and_dated(area):
    assert {f"child_{area}_1095d", f"child_days_since_{area}_1825d"} <= set(BY_NAME)


@pytest.mark.parametrize("days", [30, 90, 180, 365, 1_095])
@pytest.mark.parametrize(
    "stream",
    ["", "_police", "_school", "_health", "_individual", "_local_authority", "_other",
     "_not_referred", "_referred", "_to_early_help"],
)  # fmt: skip
def test_contacts_are_counted_by_source_and_outcome_in_each_window(stream, days):
    assert f"child_contacts{stream}_{days}d" in BY_NAME


@pytest.mark.parametrize(
    "name",
    [
        # the trio: both substances at once, pairs and all three, trend, siblings', whose assessment
        "child_alcohol_and_drugs_parent_current_365d", "child_alcohol_and_drugs_child_current_365d",
        "child_alcohol_and_drugs_other_current_365d",
        "child_domestic_abuse_and_substances_current_365d",
        "child_domestic_abuse_and_mental_health_current_365d",
        "child_substances_and_mental_health_current_365d", "child_trio_all_current_365d",
        "child_trio_trend_1095d", "siblings_trio_areas_1095d",
        "siblings_only_domestic_abuse_household_1095d", "siblings_only_substances_household_1095d",
        "siblings_only_mental_health_parent_1095d",
        # contacts: acceleration, gaps, without referral, the same source returning
        "child_contacts_change_180d", "child_contacts_mean_gap_730d",
        "child_contacts_longest_gap_1095d", "child_contacts_since_referral_365d",
        "child_contact_sources_returning_365d", "child_contacts_police_again_365d",
        # referrals: repeats, after no further action, after closure and how soon, runs, escalation
        "child_referrals_again_1095d", "child_referrals_after_nfa_1095d",
        "child_referrals_after_closure_1095d", "child_referrals_soon_after_closure_1095d",
        "child_days_since_referral_closures_1095d", "child_referrals_nfa_run_1095d",
        "child_furthest_step_365d", "child_step_change_1095d",
        # assessments, enquiries, plans, care: counts, durations, time since, repeats, timeliness
        "child_assessments_1095d", "child_assessment_open_days", "child_section47_1095d",
        "child_days_since_section47_1095d", "child_conferences_1095d",
        "child_days_since_conferences_1825d", "child_cin_plan_days_1095d",
        "child_cp_plan_starts_1825d", "child_cp_plan_days_1825d", "child_cp_plans_repeated_1825d",
        "child_cp_plan_categories_1825d", "child_days_since_cp_plan_ends_1825d",
        "child_pre_proceedings_1095d", "child_days_since_pre_proceedings_1825d",
        "child_care_starts_1825d", "child_care_days_1825d", "child_days_since_care_starts_1825d",
        "child_care_returns_failed_1825d", "child_section47_after_plan_1095d",
        "child_assessments_late_1095d", "child_conferences_late_1095d", "child_assessment_overdue",
        # early help, missing episodes
        "child_early_help_starts_1095d", "child_referrals_after_early_help_1095d",
        "child_missing_365d", "child_missing_again_365d",
        # the household: siblings' tiers and histories, newborn or unborn, size
        "siblings_early_help_open", "siblings_cin_plan_open", "siblings_cp_plan_open",
        "siblings_pre_proceedings_open", "siblings_care_open", "siblings_referrals_365d",
        "siblings_cp_plan_starts_1095d", "siblings_pre_proceedings_1825d",
        "siblings_care_starts_1825d", "siblings_under_1", "siblings_unborn", "siblings_number",
        # strengths, age
        "child_early_help_kept_1095d", "child_cp_plan_ends_kept_1825d",
        "child_days_without_concern_1095d", "child_age_years", "child_unborn",
    ],
)  # fmt: skip
def test_feature_that_practice_asks_for_is_there(name):
    assert name in BY_NAME


def test_strengths_are_told_apart_from_worries():
    assert {spec.concept for spec in CATALOGUE if spec.kind == "strength"} == {
        "Early help",
        "What has gone well",
    }


@pytest.mark.parametrize(
    "stream",
    [
        Stream("referrals", "referral_date", column="no_further_action", values=("True",)),
        Stream("referrals", "close_date"),
        Stream("referrals", "referral_date", column="primary_need", values=("N1",)),
        Stream("cp_plans", "start_date", "end_known_date", "latest_category", ("NEG",)),
        Stream("assessments", "start_date", factors=("1B",)),
        Stream("referrals", "no_such_date"),
    ],
)
def test_stream_that_reads_a_column_before_it_is_known_is_refused(stream):
    with pytest.raises(FeatureError, match=r"before it is known|not known yet|does not have"):
        stream.check("planted")


class TestFeaturesForAnOutcome:
    def test_names_are_those_of_the_outcomes(self):
        assert tuple(OUTCOMES) == OUTCOME_NAMES
        assert {name for spec in CATALOGUE for name in spec.not_for} <= set(OUTCOME_NAMES)

    def test_another_word_is_refused_with_the_outcomes(self):
        with pytest.raises(OutcomeError, match=r"Did you mean 'cp_plan'(?s:.*)section47, "):
            features_for_outcome("cp_plans")
