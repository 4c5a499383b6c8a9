"""A chronology, history by history: each test draws what is recorded and says what is shown."""

import pandas as pd
import pytest

import fs_risk as fs
import ledgers
from drawn import authority, case
from fs_risk.features.cases import as_cases
from fs_risk.features.timeline import History
from fs_risk.triage.basis import Basis
from fs_risk.triage.chronology import Chronology
from fs_risk.triage.chronology_facts import chronology_of
from fs_risk.triage.chronology_gaps import months_between
from fs_risk.triage.chronology_words import chronology_lines, entry_words, gap_words, held_lines
from fs_risk.triage.score import scorer


def chronology(records, as_of, *, child="A", lag=0):
    history = History.from_records(records)
    return chronology_of(history, as_cases(history, case(child, as_of), lag_days=lag))


def said(made):
    return [f"{entry.day} {entry_words(entry)}" for entry in made.entries]


CONTACTS = """
contact_id|child_id|contact_date|known_date|decision_known_date|source|outcome
1|A|2021-05-03|2021-05-03|2021-05-03|6|information
2|A|2023-01-10|2023-01-10|2023-01-12|2A|referral
3|A|2023-01-10|2023-01-11|2023-01-12|3B|existing
4|B|2022-02-02|2022-02-02|2022-02-02|6|information
"""
REFERRALS = """
referral_id|child_id|source|referral_date|decision_known_date|no_further_action|close_date|CLOSED
1|A|2A|2023-01-12|2023-01-13|no|2023-06-30|RC8|2023-07-03
2|A|6|2023-11-02|2023-11-06|yes|2023-11-06|-|2023-11-06
""".replace("CLOSED", "close_reason|end_known_date")
CP_PLANS = """
cp_plan_id|child_id|start_date|end_date|end_known_date|initial_category|previous_plans
1|A|2023-03-20|2023-06-20|2023-06-21|NEG|1
"""


@pytest.fixture(scope="module")
def family():
    """A child with contacts, two referrals within a year, an assessment, a plan; and a brother."""
    return authority(
        contacts=CONTACTS,
        referrals=REFERRALS,
        cp_plans=CP_PLANS,
        assessments="""
            assessment_id | child_id | start_date | known_date | authorised_date | end_known_date
            1 | A | 2023-01-16 | 2023-01-16 | 2023-03-01 | 2023-03-01
            2 | A | 2023-11-07 | 2023-11-07 | -          | -
        """,
        factors="""
            assessment_id | code
            1 | 3B
            1 | 2C
            1 | 16A
            1 | 9A
        """,
        family_links="""
            child_id | family_id
            A | F
            B | F
        """,
        coverage={"early_help": None, "care_periods": None},
    )  # fmt: skip


def test_everything_is_on_one_line_of_time_in_words(family):
    assert said(chronology(family, "2023-11-20")) == [
        "2021-05-03 Contact from police; not referred on",
        "2023-01-10 Contact from school and health services; became a referral",
        "2023-01-12 Referral from school; further action decided",
        "2023-03-01 Assessment authorised; found: neglect. Trio: drug misuse: other person in the "
        "household; domestic abuse: parent or carer subjected to it",
        "2023-03-20 Child protection plan: neglect; not the first plan, to 20 Jun 2023",
        "2023-06-30 Case closed after assessment",
        "2023-11-02 Referral from police; no further action. Repeat: within 12 months after the "
        "one of 12 Jan 2023",
        "2023-11-06 Case closed",
        "2023-11-07 Assessment begun, not authorised yet",
    ]


def test_only_what_was_known_on_the_day_is_shown(family):
    """T5: the plan's end, the closure and the decision came later."""
    assert said(chronology(family, "2023-03-21"))[-1] == (
        "2023-03-20 Child protection plan: neglect; not the first plan, not known to have ended"
    )
    assert said(chronology(family, "2023-07-03"))[-1].startswith("2023-03-20")
    assert said(chronology(family, "2023-11-05"))[-1].startswith(
        "2023-11-02 Referral from police. Repeat"
    )


def test_the_days_own_referral_and_what_the_lag_hides_are_not_shown(family):
    """T2: an extract that may be a week old is read as if it were."""
    days = [entry.day for entry in chronology(family, "2023-11-02").entries]
    assert days[-1] == "2023-06-30"

    lagged = chronology(family, "2023-11-08", lag=7)
    assert lagged.entries[-1].day == "2023-06-30"
    assert lagged.known_before == "2023-11-01"
    assert held_lines(lagged)[-1] == "What became known on or after 1 November 2023 is not here."


def test_a_brothers_facts_are_not_the_childs(family):
    assert "2022-02-02" not in [entry.day for entry in chronology(family, "2023-11-20").entries]


def test_never_shows_a_factor_that_stands_for_nationality_or_religion(family):
    assert "asylum" not in str(chronology(family, "2023-11-20"))


def test_gaps_of_a_year_are_said_and_open_cases_are_none(family):
    made = chronology(family, "2024-12-20")

    assert [gap_words(gap) for gap in made.gaps] == [
        "Nothing recorded and no case open for 20 months, 3 May 2021 to 10 Jan 2023."
    ]  # the assessment that was begun is open still


def test_months_are_whole():
    assert (
        months_between(pd.Timestamp("2023-02-28").date(), pd.Timestamp("2024-02-27").date()) == 11
    )


def test_what_the_return_does_not_hold_is_said():
    """A CIN census has no contacts and no care."""
    records = authority(
        referrals="""
            referral_id | child_id | referral_date | source
            1 | A | 2023-01-12 | 6
        """,
        coverage={
            "referrals": ("2022-04-01", "2024-03-31"),
            "cp_plans": ("2023-04-01", "2024-03-31"),
        },
    )
    made = chronology(records, "2024-06-01")

    assert {"contact", "care", "early_help", "pre_proceedings"} <= set(made.not_held)
    assert held_lines(made)[:2] == [
        "Referrals: observed from 1 April 2022 to 31 March 2024.",
        "Child protection plans: observed from 1 April 2023 to 31 March 2024.",
    ]
    assert "That there are none is not known." in held_lines(made)[2]


def test_what_was_not_observed_in_a_gap_is_named():
    records = authority(
        contacts="""
            contact_id | child_id | contact_date | source
            1 | A | 2018-01-12 | 6
            2 | A | 2020-01-12 | 6
        """,
        coverage={"early_help": ("2019-01-01", "2024-12-31")},
    )
    made = chronology(records, "2020-02-01")

    assert gap_words(made.gaps[0]) == (
        "Nothing recorded and no case open for 24 months, 12 Jan 2018 to 12 Jan 2020; not observed "
        "for all of it: early help."
    )


def test_a_child_nobody_knows_has_an_empty_chronology_and_that_is_said(family):
    made = chronology(family, "2023-11-20", child="nobody")

    assert made.entries == ()
    assert chronology_lines(made)[0] == "Nothing is recorded of this child before 20 November 2023."


def test_facts_past_their_date_are_gone():
    """G7."""
    records = authority(contacts=CONTACTS, children="child_id | retain_until\nA | 2023-11-19")

    assert chronology(records, "2023-11-20").entries == ()
    assert len(chronology(records, "2023-11-19").entries) == 2


def test_an_assessment_without_factors_says_which_of_three_it_is():
    def of(factors, coverage=None):
        records = authority(
            assessments="""
                assessment_id | child_id | start_date | authorised_date | end_known_date
                1 | A | 2023-01-16 | 2023-03-01 | 2023-03-01
            """,
            factors=factors,
            coverage=coverage,
        )
        return chronology(records, "2024-01-01").entries[0].what

    header = "assessment_id | code\n"
    assert of(header + "1 | 16A").endswith("found: neglect; none of the trio recorded")
    assert of(header + "other | 16A").endswith("; factors missing")
    assert of(header + "other | 16A", {"factors": None}).endswith("; factors not held")


@pytest.fixture(scope="module")
def with_chronology(small_authority, small_model):
    """Scores of the last referrals with their chronologies."""
    referrals = [made.basis.referral for made in ledgers.made_scores(small_authority, small_model)]
    return scorer(small_authority, small_model).make(referrals, chronology=True)


def test_chronology_is_off_by_default_and_changes_no_score(
    with_chronology, small_authority, small_model
):
    for made in with_chronology[:5]:
        plain = fs.score_referral(made.basis.referral, records=small_authority, model=small_model)
        assert plain.chronology is None
        assert made.score.model_copy(update={"chronology": None}) == plain


def test_a_history_from_disk_gives_the_same_as_the_records(
    with_chronology, small_authority, small_model, tmp_path
):
    """G1."""
    history = History.load(History.from_records(small_authority).save(tmp_path / "history"))

    for made in with_chronology[:10]:
        again = fs.score_referral(
            made.basis.referral, records=history, model=small_model, chronology=True
        )
        assert again == made.score


@pytest.mark.parametrize(
    ("declared", "shown"),
    [({"immediate_concern": "injury"}, True), ({"kind": "custody"}, True),
     ({"restricted": True}, False),
     ({"restricted": True, "immediate_concern": "injury"}, False)],
)  # fmt: skip
def test_with_a_code_there_is_a_chronology_unless_the_record_is_restricted(
    declared, shown, with_chronology, small_authority, small_model
):
    referral = with_chronology[0].basis.referral.model_copy(update=declared)
    made = fs.score_referral(referral, records=small_authority, model=small_model, chronology=True)

    assert made.code is not None
    assert (made.chronology is not None) is shown


def test_study_output_has_no_chronology(small_authority, small_model):
    real = fs.Records.from_frames(
        {name: small_authority[name] for name in small_authority},
        extract_date=small_authority.extract_date,
    )
    referral = ledgers.made_scores(small_authority, small_model, n=1)[0].basis.referral

    made = fs.score_referral(referral, records=real, model=small_model, chronology=True)

    assert made.chronology is None


def test_chronology_survives_json(with_chronology):
    for made in with_chronology:
        text = made.score.chronology.model_dump_json()
        assert Chronology.model_validate_json(text) == made.score.chronology


def test_replay_gives_the_chronology_again_and_erasure_takes_it(
    with_chronology, small_model, ledger
):
    """G2: what was shown is in the ledger with the score, encrypted with the child's key."""
    made = max(with_chronology, key=lambda one: len(one.score.chronology.entries))
    ledger.record_scores([made], model=small_model)

    again = ledger.replay(made.score.score_id, model=small_model)
    assert again.verdict == "SAME"
    assert again.score.chronology == made.score.chronology
    child = made.basis.referral.child_id
    held = ledger.subject_access(child, by="IG officer", authority="SAR 1")
    assert any("Contact" in line for entry in held.entries for line in entry["shown"])

    ledger.erase(child, **ledgers.AUTHORITY)
    assert ledger.replay(made.score.score_id, model=small_model).verdict == "ERASED"


def test_ledger_entries_of_before_have_none(with_chronology, small_model):
    content = with_chronology[0].basis.content(small_model.feature_names)
    del content["chronology"]

    assert Basis.from_content(content, small_model.feature_names).chronology is None


def test_printed_score_has_the_chronology(with_chronology):
    made = max(with_chronology, key=lambda one: len(one.score.chronology.entries))
    lines = str(made.score).splitlines()

    assert f"{made.score.chronology.entries[0].day}: " in "\n".join(lines)
    assert lines[-1] == made.score.caveat


def test_picture_tells_recorded_from_not_recorded_from_missing(family):
    """F1: missing factors are not an empty line."""
    from fs_risk.triage.chronology_timeline import timeline_of

    made = chronology(family, "2023-11-20")
    unknown = made.entries[3].model_copy(
        update={"day": "2023-04-01", "factors_known": False, "areas": (), "trio": ()}
    )
    entries = (*made.entries, unknown)
    lanes = {
        lane.name: [point.mark for point in lane.points]
        for lane in timeline_of(made.model_copy(update={"entries": entries})).lanes
        if lane.trio
    }

    assert lanes == {
        "Domestic abuse": ["trio", "missing"],
        "Substance misuse": ["trio", "missing"],
        "Mental health": ["without", "missing"],
    }
