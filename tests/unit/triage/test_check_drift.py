"""`check_drift` over an invented authority: with and without a ledger, and in odd scenes."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
import ledgers
from fs_risk.errors import AuditError, SettingError
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer
from fs_risk.triage.watch_abstaining import abstention_rows
from fs_risk.triage.watch_cases import watched_cases
from fs_risk.triage.watch_clocks import extract_rows, model_rows
from fs_risk.triage.watch_ledger import given_log_odds, recorded_use
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_lists import list_rows
from fs_risk.triage.watch_people import FEWEST_PEOPLE, decision_rows
from fs_risk.triage.watch_pictures import left_out_words, months_svg
from fs_risk.triage.watch_result import EXIT_CODES
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, STOP, Row, table_of
from fs_risk.triage.watch_words import CHECKS

LIMITS = DriftLimits()
WORKERS = ["Worker-Quince", "Worker-Rowan", "Worker-Sorrel", "Worker-Teasel"]


@pytest.fixture(scope="module")
def watched(small_model, small_authority):
    return watched_cases(small_model, small_authority, None)


@pytest.fixture(scope="module")
def recent(small_model, small_authority):
    """Referrals of the time watched, each with the score it gets and what it is made from."""
    last = small_authority.extract_date.date()
    referrals = declared_referrals(small_authority, last - timedelta(days=250), last)
    return scorer(small_authority, small_model).make(referrals)


@pytest.fixture(scope="module")
def used(tmp_path_factory, recent, small_model):
    """A ledger in use: scores, contexts, sealed ones, decisions of two teams, an erasure."""
    book = ledgers.begin(tmp_path_factory.mktemp("drift"))
    book.record_scores(recent[:150], model=small_model)
    book.record_scores(recent[150:160], model=small_model, sealed=True)
    book.record_scores(recent[:20], model=small_model, context="household")
    book.record_scores(recent[20:40], model=small_model, context="supervision")
    rng = np.random.default_rng(0)
    scored = [made.score for made in recent[:150] if made.score.code is None]
    for place, score in enumerate(scored[:90]):
        lone = place % 6 == 0
        book.record_decision(
            score.score_id, decision="assessment", reason="As seen.",
            agreement="more_worried" if rng.random() < 0.25 else "agrees",
            by=WORKERS[3] if lone else WORKERS[place % 3], role="duty manager",
            team="Alone" if lone else "North",
        )  # fmt: skip
    book.erase(str(scored[89].child_id), **ledgers.AUTHORITY)
    yield book
    book.close()


@pytest.fixture(scope="module")
def without(small_model, small_authority):
    return fs.check_drift(None, small_model, small_authority)


@pytest.fixture(scope="module")
def check(used, small_model, small_authority):
    return fs.check_drift(used, small_model, small_authority)


def verdict_of(rows, measure, group=""):
    found = [r for r in rows if r.measure == measure and r.group == group and r.verdict]
    assert len(found) == 1
    return found[0].verdict


def test_unchanged_authority_is_as_expected(without):
    assert without.verdict == AS_EXPECTED
    assert without.exit_code == 0
    assert without.signals.empty
    assert set(without.table["check"]) <= set(CHECKS)


def test_it_says_when_there_is_no_ledger(without):
    assert any("Without a ledger" in note for note in without.notes)
    assert not {"overrides", "lists"} & set(without.table["check"])


def test_outcomes_whose_time_is_not_up_count_for_nothing(watched, without):
    """The model's own extract holds no ripe outcome after its test (T6)."""
    assert np.isnan(watched.label[watched.now]).all()
    assert without.verdicts["calibration"] == NOT_ENOUGH


def test_ledger_in_use_is_read(check):
    table = check.table
    overrides = table[(table["check"] == "overrides") & (table["measure"] == "override_rate")]

    assert {"", "North", "Alone"} <= set(overrides["group"])
    assert any("erased" in note for note in check.notes)
    assert any("sealed still" in note for note in check.notes)
    assert any("supervision are left out" in note for note in check.notes)
    assert check.verdict == AS_EXPECTED


def test_team_of_one_person_has_no_figure(check):
    """Nothing is counted by worker (A5): such a team's rate would be one worker's."""
    table = check.table
    alone = table[(table["by"] == "team") & (table["group"] == "Alone")]

    assert FEWEST_PEOPLE == 3
    assert alone["suppressed"].all()
    assert alone[["value", "low", "high", "n"]].isna().all(axis=None)


def test_no_worker_and_no_child_is_anywhere(check, watched, used, tmp_path):
    page = check.to_html(tmp_path / "drift.html").read_text("utf-8")
    texts = [page, check.to_json(tmp_path / "drift.json").read_text("utf-8"), check.text(),
             check._repr_html_()]  # fmt: skip
    ids = {*watched.cohort["child_id"], *watched.cohort["case_id"], *used.scores()["score_id"]}

    for text in texts:
        assert not any(name in text for name in WORKERS)
        assert not any(identifier in text for identifier in ids)


def test_page_says_as_the_text_does_how_many_checks_could_not_be_judged(check, tmp_path):
    first = check.table["check"].iloc[0]
    verdicts = check.table["verdict"].mask(check.table["check"] == first, NOT_ENOUGH)
    unsure = replace(check, table=check.table.assign(verdict=verdicts))
    (said,) = unsure.unjudged()

    assert "on too little to judge" in said
    page = unsure.to_html(tmp_path / "drift.html").read_text("utf-8")
    for text in (unsure.text(), page, unsure._repr_html_()):
        assert said in text


def test_contexts_are_kept_apart(used, small_model):
    recorded = recorded_use(used, small_model)

    assert recorded.apart == 40
    assert len(recorded.scores) == len(recorded.scores.drop_duplicates(["referral_id", "as_of"]))
    assert 150 <= len(recorded.scores) <= 160
    assert recorded.unreadable >= 2


def test_scores_are_taken_as_they_were_given(used, small_model, watched):
    given, held = given_log_odds(recorded_use(used, small_model), watched)
    table = used.scores()
    known = table[(table["context"] == "referral") & table["log_odds"].notna()]

    assert held.sum() == known["referral_id"].nunique()
    assert given[held] == pytest.approx(watched.log_odds[held])


def test_scores_made_again_differ_when_facts_came_late(used, small_model, watched):
    recorded = recorded_use(used, small_model)
    today = date(2025, 3, 31)
    same = extract_rows(watched, recorded, today)
    moved = replace(watched, log_odds=watched.log_odds + 0.4)
    other = extract_rows(moved, recorded, today)

    assert verdict_of(same, "scores_that_differ") == AS_EXPECTED
    assert verdict_of(other, "scores_that_differ") == LOOK
    assert verdict_of(same, "scored_but_not_in_records") == AS_EXPECTED


def test_records_older_than_the_ledger_are_said_to_be_stale(watched, used, small_model):
    rows = extract_rows(watched, recorded_use(used, small_model), date(2025, 6, 1))
    assert verdict_of(rows, "days_old") == LOOK


def test_records_of_others_are_noticed(watched, used, small_model):
    recorded = recorded_use(used, small_model)
    elsewhere = recorded.scores.assign(referral_id="X" + recorded.scores["referral_id"])
    rows = extract_rows(watched, replace(recorded, scores=elsewhere), date(2025, 3, 31))
    assert verdict_of(rows, "scored_but_not_in_records") == LOOK


def test_empty_ledger_is_not_enough_evidence(tmp_path, watched, small_model):
    book = ledgers.begin(tmp_path)
    recorded = recorded_use(book, small_model)
    book.close()

    assert verdict_of(decision_rows(watched, recorded, LIMITS), "override_rate") == NOT_ENOUGH
    assert verdict_of(list_rows(watched, recorded, LIMITS), "periods_with_a_list") == NOT_ENOUGH
    assert verdict_of(abstention_rows(watched, recorded, LIMITS), "without_score") == NOT_ENOUGH


def test_one_score_is_not_enough_evidence(tmp_path, watched, recent, small_model):
    book = ledgers.begin(tmp_path)
    book.record_scores(recent[:1], model=small_model)
    rows = abstention_rows(watched, recorded_use(book, small_model), LIMITS)
    book.close()

    assert {row.verdict for row in rows if row.verdict} == {NOT_ENOUGH}
    assert all(row.suppressed or row.n == 0 for row in rows)


def test_all_abstained_is_signalled(watched, used, small_model):
    """Every referral since the test gets a code: another return is being loaded."""
    recorded = recorded_use(used, small_model)
    silent = recorded.scores.assign(code="NOT_OBSERVED", log_odds=np.nan, probability=np.nan)
    rows = abstention_rows(watched, replace(recorded, scores=silent), LIMITS)
    assert verdict_of(rows, "code", "NOT_OBSERVED") == LOOK

    stale = recorded.scores.assign(code="STALE_EXTRACT")
    rows = abstention_rows(watched, replace(recorded, scores=stale), LIMITS)
    assert verdict_of(rows, "code", "STALE_EXTRACT") == LOOK


def decided(recorded, agreements, teams="North"):
    scores = recorded.scores.iloc[: len(agreements)]
    return replace(
        recorded,
        people={"North": 5, "South": 5},
        decisions=pd.DataFrame(
            {"kind": "decision", "score_id": scores["score_id"], "child_id": scores["child_id"],
             "referral_id": scores["referral_id"], "as_of": scores["as_of"],
             "agreement": agreements, "team": teams}
        ),
    )  # fmt: skip


def many(recorded, times=8):
    """The same scores several times, under other ids: an authority as large."""
    copies = [
        recorded.scores.assign(
            score_id=recorded.scores["score_id"] + str(k),
            child_id=recorded.scores["child_id"] + f"-{k}",
        )
        for k in range(times)
    ]
    return replace(recorded, scores=pd.concat(copies, ignore_index=True))


@pytest.mark.parametrize(
    ("agreement", "measure"),
    [("agrees", "override_rate"), ("less_worried", "override_rate"), ("not_used", "not_used")],
)
def test_nobody_disagreeing_everybody_or_scores_unused_are_signalled(
    watched, used, small_model, agreement, measure
):
    recorded = many(recorded_use(used, small_model))
    rows = decision_rows(watched, decided(recorded, [agreement] * 1_000), LIMITS)
    assert verdict_of(rows, measure) == LOOK


def test_team_that_always_overrides_is_found_among_others(watched, used, small_model):
    recorded = many(recorded_use(used, small_model))
    rng = np.random.default_rng(1)
    teams = np.where(np.arange(900) % 4 == 0, "South", "North")
    agreements = np.where((teams == "South") | (rng.random(900) < 0.2), "more_worried", "agrees")
    rows = decision_rows(watched, decided(recorded, list(agreements), teams), LIMITS)

    assert verdict_of(rows, "override_rate", "South") == LOOK
    assert verdict_of(rows, "override_rate", "North") == AS_EXPECTED
    assert verdict_of(rows, "override_rate") == AS_EXPECTED


def lists(recorded, watched, *, capacity=9, every=7, decided_share=1.0):
    days = pd.date_range(watched.span.first, watched.span.last, freq=f"{every}D")
    made = pd.DataFrame(
        {"list_id": [f"L{k}" for k in range(len(days))], "as_of": days, "capacity": capacity,
         "listed": capacity}
    )  # fmt: skip
    listed = recorded.scores.assign(listed=True)
    done = int(len(listed) * decided_share)
    return replace(
        recorded, lists=made, listed=listed,
        decisions=pd.DataFrame({"referral_id": listed["referral_id"].iloc[:done]}),
    )  # fmt: skip


def test_lists_of_the_planned_length_each_week_are_as_expected(watched, used, small_model):
    rows = list_rows(watched, lists(recorded_use(used, small_model), watched), LIMITS)
    assert {row.verdict for row in rows if row.verdict} == {AS_EXPECTED}


@pytest.mark.parametrize(
    ("change", "measure"),
    [({"capacity": 20}, "other_capacity"), ({"every": 21}, "periods_with_a_list"),
     ({"decided_share": 0.3}, "places_used")],
)  # fmt: skip
def test_other_lists_than_planned_are_signalled(watched, used, small_model, change, measure):
    """A policy changed without a new evaluation: capacity, rhythm, or nobody acts on it."""
    recorded = lists(recorded_use(used, small_model), watched, **change)
    assert verdict_of(list_rows(watched, recorded, LIMITS), measure) == LOOK


@pytest.mark.parametrize(
    ("until", "verdict"),
    [(date(2025, 3, 30), STOP), (date(2025, 4, 15), LOOK), (date(2026, 3, 31), AS_EXPECTED)],
)
def test_lapsed_approval_stops_and_one_that_ends_soon_asks(watched, until, verdict):
    """G4."""
    rows = model_rows(watched, date(2025, 3, 31), until, LIMITS)
    assert verdict_of(rows, "days_approved") == verdict


def test_real_model_without_stated_approval_is_not_as_expected(watched):
    real = replace(watched.model, facts=watched.model.facts.model_copy(
        update={"training": watched.model.training.model_copy(update={"origin": "real"})}
    ))  # fmt: skip
    rows = model_rows(replace(watched, model=real), date(2025, 3, 31), None, LIMITS)
    assert verdict_of(rows, "days_approved") == NOT_ENOUGH


def test_exit_code_is_that_of_the_most_pressing_verdict(without):
    def told(*verdicts):
        rows = [Row("model", "slope", "2024", verdict=verdict) for verdict in verdicts]
        return replace(without, table=table_of(rows))

    assert told(AS_EXPECTED, STOP, LOOK).exit_code == EXIT_CODES[STOP] == 4
    assert told(AS_EXPECTED, LOOK).exit_code == EXIT_CODES[LOOK] == 3
    assert told(NOT_ENOUGH).exit_code == 0
    assert told(NOT_ENOUGH).verdict == NOT_ENOUGH
    assert told(AS_EXPECTED, NOT_ENOUGH, AS_EXPECTED).verdict == AS_EXPECTED


def test_json_holds_all_of_the_table(check, tmp_path):
    content = json.loads(check.to_json(tmp_path / "drift.json").read_text("utf-8"))

    assert len(content["table"]) == len(check.table)
    assert content["verdict"] == check.verdict
    assert content["table"][0].keys() == set(check.table.columns)


def test_page_needs_no_network_and_escapes_what_it_shows(check, tmp_path):
    hostile = check.table.assign(group="<script>alert(1)</script>", by="team")
    page = replace(check, table=hostile).to_html(tmp_path / "d.html").read_text("utf-8")

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert 'lang="en-GB"' in page
    assert "SYNTHETIC" in page


def test_plot_gives_the_months_and_names_what_it_can_plot(check):
    ax = check.plot("volume")
    assert ax.get_title().startswith("SYNTHETIC. ")

    with pytest.raises(SettingError, match="no monthly figures"):
        check.plot("codes")


def test_month_watched_in_part_is_left_out_of_the_picture_of_volume_which_says_so(check):
    """A month of four days, drawn as if whole, looks as if nobody had been referred."""
    assert (check.since, check.until) == ("2024-03-28", "2025-03-24")
    ax = check.plot("volume")
    shown = [label.get_text() for label in ax.get_xticklabels()]
    svg = months_svg(check, "volume")

    assert (shown[0], shown[-1]) == ("2024-04", "2025-02")
    for said in (ax.get_title(), svg):
        assert "2024-03 and 2025-03 left out: watched in part." in said
    assert svg.count("<circle") == len(shown)


def test_picture_of_whole_months_leaves_none_out(check):
    whole = replace(check, since="2024-03-01", until="2025-03-31")

    assert left_out_words(whole, "volume") == ""
    assert "left out" not in whole.plot("volume").get_title()


def test_picture_of_shares_keeps_a_month_watched_in_part(check):
    """Its interval says how few cases it holds."""
    assert left_out_words(check, "abstentions") == ""


@pytest.mark.nightly
def test_same_records_give_the_same_check(without, small_model, small_authority):
    """M6."""
    again = fs.check_drift(None, small_model, small_authority)
    pd.testing.assert_frame_equal(again.table, without.table)


def test_groups_of_ones_own_or_none(small_model, small_authority, watched):
    from fs_risk.triage.watch_groups import gap_rows, groups_of_cases

    children = small_authority["children"]["child_id"]
    halves = pd.DataFrame({"half": np.arange(len(children)) % 2}, index=children)
    rows = gap_rows(watched, groups_of_cases(watched, halves), LIMITS)

    assert {row.group for row in rows if row.measure == "share_listed"} == {"0", "1"}
    assert gap_rows(watched, groups_of_cases(watched, halves[[]]), LIMITS) == []


def test_nothing_to_watch_is_refused(small_model, small_authority):
    with pytest.raises(SettingError, match="no day to watch"):
        fs.check_drift(None, small_model, small_authority, since=date(2025, 3, 30))


def test_records_of_another_kind_are_refused(small_model, small_authority):
    frames = {name: small_authority[name] for name in ("referrals", "children", "family_links")}
    real = fs.Records.from_frames(frames, extract_date="2025-03-31")
    with pytest.raises(AuditError, match="cannot be watched on real"):
        fs.check_drift(None, small_model, real)


def test_break_that_the_plan_marks_is_said_where_it_lies_within_the_days_watched(
    small_model, small_authority
):
    last = small_authority.extract_date.date()
    within = fs.Break(kind="tier rule", start=last - timedelta(days=60), what="Family Help")
    long_ago = fs.Break(start="2018-04-01", what="new teams")
    plan = small_model.plan._changed(breaks=(within, long_ago))
    facts = small_model.facts.model_copy(update={"plan": plan})
    check = fs.check_drift(None, replace(small_model, facts=facts), small_authority)

    told = [note for note in check.notes if "lies within the days watched" in note]
    assert len(told) == 1
    assert within.dated in told[0]
