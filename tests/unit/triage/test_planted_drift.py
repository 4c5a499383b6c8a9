"""Changes planted in an invented authority: each is seen by the check that is for it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fs_risk.synthetic.defects.migration import COARSER
from fs_risk.triage.watch_abstaining import abstention_rows
from fs_risk.triage.watch_cases import Span, watched_cases
from fs_risk.triage.watch_clocks import lag_rows
from fs_risk.triage.watch_groups import gap_rows
from fs_risk.triage.watch_inputs import input_rows, outside_rows, score_rows
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_lists import volume_rows
from fs_risk.triage.watch_outcomes import outcome_rows, ripe_cases
from fs_risk.triage.watch_recording import code_rows, missing_rows
from fs_risk.triage.watch_rows import LOOK, NOT_ENOUGH, STOP

LIMITS = DriftLimits()
CHANGED = pd.Timestamp("2024-07-01")


@pytest.fixture(scope="module")
def watched(small_model, small_authority):
    return watched_cases(small_model, small_authority, None)


def signalled(rows):
    """The figures that are signalled."""
    return {(row.measure, row.group) for row in rows if row.verdict in (LOOK, STOP)}


def after(frame, column):
    return (frame[column] >= CHANGED).to_numpy(dtype=bool)


def test_nothing_is_signalled_where_nothing_changed(watched):
    rows = [
        *volume_rows(watched, LIMITS), *missing_rows(watched, LIMITS),
        *code_rows(watched, LIMITS), *lag_rows(watched, LIMITS), *outside_rows(watched, LIMITS),
        *abstention_rows(watched, None, LIMITS), *score_rows(watched, LIMITS),
    ]  # fmt: skip
    assert signalled(rows) == set()


def test_team_that_stops_recording_is_named(watched, small_authority):
    assessments = small_authority["assessments"]
    teams = small_authority["referrals"].set_index("referral_id")["team"]
    team = assessments["referral_id"].map(teams)
    busiest = team[after(assessments, "authorised_date")].mode()[0]
    lost = after(assessments, "authorised_date") & (team == busiest).to_numpy(dtype=bool)
    assessments.loc[lost, "factors_recorded"] = False
    changed = replace(watched, records=small_authority.replace(assessments=assessments))

    assert ("share_missing", busiest) in signalled(missing_rows(changed, LIMITS))


def test_new_system_with_coarser_codes_is_seen(watched, small_authority):
    contacts = small_authority["contacts"]
    late = after(contacts, "contact_date")
    contacts.loc[late, "source"] = contacts.loc[late, "source"].replace(COARSER)
    changed = replace(watched, records=small_authority.replace(contacts=contacts))
    rows = code_rows(changed, LIMITS)

    assert signalled(rows) == {("stability_index", "contacts.source")}
    told = next(row.says for row in rows if row.group == "contacts.source")
    assert "% of entries, before" in told


def test_one_miscoded_month_is_seen_and_named(watched, small_authority):
    contacts = small_authority["contacts"]
    month = contacts["contact_date"].dt.strftime("%Y-%m") == "2024-10"
    contacts.loc[month.to_numpy(), "source"] = "10"
    changed = replace(watched, records=small_authority.replace(contacts=contacts))
    rows = [row for row in code_rows(changed, LIMITS) if row.verdict == LOOK]

    assert [row.group for row in rows] == ["contacts.source"]
    assert "the code 10 was" in rows[0].says


def test_facts_typed_up_late_are_seen(watched, small_authority):
    contacts = small_authority["contacts"]
    recorded = ~contacts["known_by_rule"].fillna(True).to_numpy(dtype=bool)
    late = after(contacts, "contact_date") & recorded
    moved = contacts["known_date"] + pd.Timedelta(days=30)
    contacts["known_date"] = (
        contacts["known_date"].mask(late, moved).clip(upper=small_authority.extract_date)
    )
    changed = replace(watched, records=small_authority.replace(contacts=contacts))

    assert ("share_late", "contacts") in signalled(lag_rows(changed, LIMITS))


def test_clocks_reset_by_a_new_system_are_seen(watched, small_authority):
    contacts = small_authority["contacts"]
    old = ~after(contacts, "contact_date")
    contacts.loc[old, "known_date"] = CHANGED
    contacts["known_by_rule"] = False
    changed = replace(watched, records=small_authority.replace(contacts=contacts))
    rows = [row for row in lag_rows(changed, LIMITS) if row.measure == "clock_reset"]

    assert [row.verdict for row in rows] == [LOOK]
    assert "2024-07-01" in rows[0].says


def kept(watched, rows):
    """The same with only some of the cases."""
    arrays = {
        name: getattr(watched, name)[rows]
        for name in ("household", "matrix", "log_odds", "probability", "code", "label", "period",
                     "month", "learnt", "judged", "tested", "now")
    }  # fmt: skip
    return replace(watched, cohort=watched.cohort[rows].reset_index(drop=True), **arrays)


@pytest.mark.parametrize("share", [0.35, 1.0])
def test_front_door_that_accepts_a_third_as_many_is_seen(watched, share):
    rng = np.random.default_rng(0)
    gone = after(watched.cohort, "as_of") & (rng.random(len(watched.label)) >= share)
    found = signalled(volume_rows(kept(watched, ~gone), LIMITS))

    assert found == ({("referrals_against_training", "")} if share < 1 else set())


def large(watched, times=12):
    """The same cases several times over, each copy other families: a large authority.

    Outcomes of all are drawn from the scores, and all are ripe.
    """
    n = len(watched.label)
    rng = np.random.default_rng(7)
    tiled = {
        name: np.tile(getattr(watched, name), times)
        for name in ("log_odds", "probability", "code", "period", "month", "learnt", "judged",
                     "tested", "now")
    }  # fmt: skip
    copy = np.repeat(np.arange(times), n).astype(str)
    cohort = pd.concat([watched.cohort] * times, ignore_index=True)
    cohort["child_id"] = cohort["child_id"] + copy
    label = (rng.random(n * times) < tiled["probability"]).astype(float)
    households = np.char.add(np.tile(watched.household, times).astype(str), copy)
    return replace(
        watched, cohort=cohort, household=households, label=label,
        matrix=np.tile(watched.matrix, (times, 1)), **tiled,
    )  # fmt: skip


def spread_out(watched, deviation):
    """Scores in the same order, further apart: the small model's hardly differ."""
    apart = (watched.log_odds - watched.log_odds.mean()) / watched.log_odds.std()
    return deviation * apart - 2.0


@pytest.fixture(scope="module")
def whole(watched):
    return large(watched)


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.0, None), (0.45, STOP), (1.6, LOOK), (2.6, STOP)]
)
def test_outcomes_other_than_expected_are_seen_and_far_others_stop(whole, factor, verdict):
    rng = np.random.default_rng(8)
    chance = np.minimum(whole.probability * factor, 0.95)
    changed = replace(whole, label=(rng.random(len(chance)) < chance).astype(float))
    rows = outcome_rows(changed, changed.log_odds, LIMITS)
    ratio = next(row for row in rows if row.measure == "observed_over_expected" and row.verdict)
    ripe = ripe_cases(changed)

    assert (ratio.verdict if ratio.verdict in (LOOK, STOP) else None) == verdict
    observed = changed.label[ripe].sum() / changed.probability[ripe].sum()
    assert ratio.value == pytest.approx(observed, rel=0.02)


def test_scores_too_far_apart_are_seen_by_the_slope_alone(whole):
    rng = np.random.default_rng(9)
    given = spread_out(whole, 1.5)
    chance = 1 / (1 + np.exp(-(0.3 * (given + 2.0) - 2.0)))
    label = (rng.random(len(chance)) < chance).astype(float)
    given += np.log(label.mean() / (1 / (1 + np.exp(-given))).mean())
    rows = outcome_rows(replace(whole, label=label), given, LIMITS)

    assert ("slope", "") in signalled(rows)


def test_list_that_finds_no_more_is_seen(whole):
    """Scores of now are shuffled: the list holds anybody."""
    rng = np.random.default_rng(10)
    # a list of fewer than come, as a median authority's is
    plan = whole.model.plan.model_copy(update={"capacity": 0.15})
    model = replace(whole.model, facts=whole.model.facts.model_copy(update={"plan": plan}))
    strong = spread_out(whole, 1.5)
    label = (rng.random(len(strong)) < 1 / (1 + np.exp(-strong))).astype(float)
    shuffled = strong.copy()
    shuffled[whole.now] = rng.permutation(strong[whole.now])
    base = replace(whole, model=model, label=label)

    usual = outcome_rows(replace(base, log_odds=strong), strong, LIMITS)
    worse = outcome_rows(replace(base, log_odds=shuffled), shuffled, LIMITS)
    assert ("recall_at_capacity", "") not in signalled(usual)
    assert ("recall_at_capacity", "") in signalled(worse)


def test_other_families_are_seen_in_what_the_model_reads(whole):
    """A shift of population: children ten years younger, so their features are others'."""
    age = whole.model.feature_names.index("child_age_years")
    matrix = whole.matrix.copy()
    matrix[whole.now, age] = np.maximum(matrix[whole.now, age] - 10, 0)
    part = kept(replace(whole, matrix=matrix), np.arange(len(whole.label)) < len(whole.label) // 4)
    found = signalled(input_rows(part, LIMITS))
    used = part.model.facts.support.reaches[age].weight > 0

    assert ("stability_index", "child_age_years") in found or not used
    assert found or not used


def test_values_that_training_never_saw_are_unlike_training(watched):
    matrix = watched.matrix.copy()
    matrix[watched.now] = 1e6

    assert ("share_unlike_training", "") in signalled(
        outside_rows(replace(watched, matrix=matrix), LIMITS)
    )


def test_higher_scores_are_seen_by_bands_and_stability(whole):
    moved = whole.log_odds + np.where(whole.now, 1.2, 0.0)
    found = signalled(score_rows(replace(whole, log_odds=moved), LIMITS))
    assert ("stability_index", "") in found


def groups(watched, share=0.3):
    rng = np.random.default_rng(11)
    half = pd.Series(rng.random(len(watched.label)) < share).map({True: "A", False: "B"})
    return pd.DataFrame({"half": half.to_numpy()}, index=watched.cohort.index)


def listing(watched):
    plan = watched.model.plan.model_copy(update={"capacity": 0.15})
    facts = watched.model.facts.model_copy(update={"plan": plan})
    return replace(watched, model=replace(watched.model, facts=facts))


def test_gap_that_has_grown_since_the_test_is_seen(whole):
    """A7: a group's children are scored higher now than others alike, beyond the limit."""
    base, by = listing(whole), groups(whole)
    higher = whole.log_odds + np.where(whole.now & (by["half"] == "A").to_numpy(), 1.0, 0.0)

    assert signalled(gap_rows(base, by, LIMITS)) == set()
    found = signalled(gap_rows(replace(base, log_odds=higher), by, LIMITS))
    assert {("share_listed", "A"), ("share_listed", "B")} <= found


def test_gap_that_was_there_at_the_test_is_not_drift(whole):
    base, by = listing(whole), groups(whole)
    always = whole.log_odds + np.where((by["half"] == "A").to_numpy(), 1.0, 0.0)
    rows = gap_rows(replace(base, log_odds=always), by, LIMITS)

    assert not [row for row in rows if row.measure == "share_listed" and row.verdict == LOOK]
    assert any("the gap" in row.says for row in rows)


def test_few_cases_are_not_enough_evidence(watched):
    """M3's cousin: a month of a small authority says nothing, and says so."""
    early = Span(watched.span.first, watched.span.first + pd.Timedelta(days=40))
    now = watched.now & early.holds(watched.cohort["as_of"])
    short = replace(watched, span=early, now=now)

    assert {row.verdict for row in outcome_rows(short, short.log_odds, LIMITS)} == {NOT_ENOUGH}
    assert {row.verdict for row in input_rows(short, LIMITS)} == {NOT_ENOUGH}
