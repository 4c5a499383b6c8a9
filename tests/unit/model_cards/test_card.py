"""A card: filled from model, report and audit; what people must write stays open."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import fs_risk as fs
from fs_risk.errors import ArtefactError, AuditError, SettingError
from fs_risk.model.approval_log import Decision
from fs_risk.model.approval_log import EqualityAnswer as Answer
from fs_risk.model.in_use import subject_of
from fs_risk.model_cards.answers import QUESTIONS, EqualityAnswer, questions_toml, read_answers
from fs_risk.model_cards.build import build_card
from fs_risk.model_cards.schemas import FILES, schema_of, schema_text
from fs_risk.model_cards.sections_use import use_sections
from fs_risk.records.breaks import Break

ROOT = Path(__file__).parents[3]


def test_card_read_back_from_its_json_is_equal(card, tmp_path):
    card.to_json(tmp_path / "card.json")
    again = fs.ModelCard.read(tmp_path / "card.json")

    assert again == card
    assert again.content_hash == card.content_hash == card.envelope.content_hash


def test_published_schemas_are_current():
    for name, what in FILES.items():
        written = (ROOT / "model_cards" / name).read_text(encoding="utf-8")

        assert written == schema_text(what), "run: fs-risk cards schemas --out model_cards/"


def test_card_is_valid_by_its_own_published_schema(card):
    import jsonschema  # a second to load

    jsonschema.Draft202012Validator(schema_of("card")).validate(json.loads(card.to_json()))


def test_same_model_and_study_give_the_same_content(card, small_authority, small_model, card_study):
    """M6: run ids and times are in the envelope, and change no hash."""
    one, other = (
        build_card(small_model, *card_study, records=small_authority, runs={"audit": run})
        for run in ("", "another-run")
    )

    assert one.content_hash == other.content_hash
    assert one.envelope.runs != other.envelope.runs


def test_every_figure_names_its_run_metric_and_n(card):
    """G3: each figure can be found again."""

    def figures(content):
        if isinstance(content, dict):
            if {"run", "metric", "symbol"} <= set(content):
                yield content
            for inner in content.values():
                yield from figures(inner)
        elif isinstance(content, list):
            for inner in content:
                yield from figures(inner)

    found = list(figures(card.content))

    assert len(found) > 200
    assert {each["run"] for each in found} <= set(card.envelope.runs)
    assert all(each["metric"] for each in found)
    assert all(each["n"] is not None for each in found)
    assert all(each["symbol"] for each in found if each["value"] is None)


def test_figures_are_those_of_the_report_and_the_audit(card, card_study):
    report, audit = card_study
    for stated in card.performance.figures:
        measured = report.figure(stated.metric)
        assert stated.n == measured.n
        assert stated.value == pytest.approx(measured.value, rel=1e-8)
    exact = audit.full_table.set_index(["attribute", "group", "metric"])
    for row in card.fairness.rows:
        found = exact.loc[(row.attribute, row.group, row.figure.metric)]
        if row.figure.value is not None:
            assert row.figure.value == pytest.approx(found["value"], rel=1e-8)
        assert row.verdict == found["verdict"]


def test_a_card_without_its_variable_list_is_not_valid(card):
    """G3: a model whose list of variables is missing cannot have a card."""
    content = json.loads(card.to_json())
    content["features"] = []
    with pytest.raises(ValueError, match="features"):
        fs.ModelCard.model_validate(content)


def test_waiver_of_a_limited_look_back_is_shown(card):
    """F2: an unlimited look-back needs a waiver, and the card shows it."""
    feature = card.features[0].model_copy(
        update={"waiver": "Practice board, 2 May 2026", "window_days": 0, "half_life_days": 0}
    )
    waived = card.model_copy(update={"features": (feature, *card.features[1:])})

    assert "None looks back without limit" in card.to_html()
    assert f"{feature.name} (Practice board, 2 May 2026)" in waived.to_html()
    assert "without limit" in waived.to_html()


def test_failed_gates_are_on_the_card_and_in_its_first_answers(card):
    """M4: gates were set before fitting, and how the model stood is not to be missed."""
    failed = [gate for gate in card.plan.gates if not gate.passed]

    assert len(failed) == sum(not result.passed for result in card_results(card))
    does = "is" if len(failed) == 1 else "are"
    assert (
        f"{len(failed)} of {len(card.plan.gates)} gates set before fitting {does} not passed"
        in (card.to_markdown())
    )


def card_results(card):
    plan = fs.Plan.model_validate(card.plan.settings)
    figures = {figure.metric: figure for figure in card.performance.figures}
    from fs_risk.model.gates import judge

    return judge(
        plan.gates,
        {
            (metric, side): getattr(figure, side)
            for metric, figure in figures.items()
            for side in ("value", "low", "high")
            if getattr(figure, side) is not None
        },
    )


def test_card_gives_no_grade_and_says_what_conflicts(card):
    """A3: no single figure grades a model."""
    assert "No single figure grades a model" in card.fairness.conflicts[0]
    assert card.fairness.conflicts[0] in card.to_markdown()


def test_missing_ethnicity_is_a_group_of_its_own(card):
    """A4: not obtained is reported, and counts against completeness."""
    groups = {row.group for row in card.fairness.rows if row.attribute == "ethnicity"}
    race = next(each for each in card.law.characteristics if each.name == "race")

    assert groups & {"missing", "not yet obtained", "refused"}
    assert race.used_in_audit
    assert not race.used_in_model
    assert race.complete is not None
    assert race.complete.value <= 1.0


def test_all_nine_characteristics_are_answered_for(card):
    protected = [each.name for each in card.law.characteristics if each.protected]

    assert len(protected) == 9
    assert all(each.reason for each in card.law.characteristics)


class TestWhatIsOpen:
    def test_every_unanswered_question_stops_approval(self, card):
        asked = {each.field for each in card.open_questions}

        assert set(QUESTIONS) - {"owner"} <= asked
        assert "owner" not in asked
        assert not card.ready

    def test_thin_evidence_is_an_open_question_until_it_is_answered(self, card):
        """A2: insufficient data is a verdict of its own, and somebody has to answer for it."""
        attribute, group = card.fairness.without_evidence[0]
        field = f"equality: {attribute}, {group}"
        answer = EqualityAnswer(
            attribute=attribute, group=group, answer="Pooled over three years from 2027.",
            role="Director", review_date=date(2027, 1, 31),
        )  # fmt: skip
        people = card.people.model_copy(update={"equality": (answer,)})
        answered = card.model_copy(update={"people": people})

        assert field in {each.field for each in card.open_questions}
        assert field not in {each.field for each in answered.open_questions}

    def test_card_with_every_answer_and_part_is_ready(self, card):
        dates = {"dpia_date", "eqia_date", "assessments_review", "review_date"}
        answers = {name: date(2027, 1, 31) if name in dates else "Answered." for name in QUESTIONS}
        thin = tuple(
            EqualityAnswer(attribute=attribute, group=group, answer="Pooled.", role="Director",
                           review_date=date(2027, 1, 31))
            for attribute, group in card.fairness.without_evidence
        )  # fmt: skip
        people = fs.CardAnswers(**answers, equality=thin)
        leakage = card.leakage.model_copy(update={"prover": {"passed": True}})
        whole = card.model_copy(update={"people": people, "leakage": leakage})

        assert whole.open_questions == ()
        assert whole.ready
        assert "to be written" not in whole.to_markdown().lower().replace("still to be written", "")

    def test_blank_is_no_answer(self):
        assert fs.CardAnswers(owner="  ").owner is None

    def test_answers_go_to_a_file_and_come_back(self, tmp_path):
        answers = fs.CardAnswers(
            owner='The "owner" \\ of\nit', review_date=date(2027, 1, 31),
            equality=(
                EqualityAnswer(attribute="sex", group="female", answer="a", role="b",
                               review_date=date(2027, 2, 1)),
            ),
        )  # fmt: skip
        path = tmp_path / "answers.toml"
        path.write_text(questions_toml(answers), encoding="utf-8")

        assert read_answers(path) == answers

    @pytest.mark.parametrize(
        ("text", "message"),
        [("owner = ", "cannot be read"), ('ownr = "a"', "Did you mean 'owner'"),
         ("review_date = 2027", "1 answer cannot be used")],
    )  # fmt: skip
    def test_answers_that_cannot_be_used_are_refused(self, tmp_path, text, message):
        path = tmp_path / "answers.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SettingError, match=message):
            read_answers(path)


class TestWhatTheAuthorityDeclared:
    def test_plan_answers_what_nobody_wrote_anew(self, small_model, card_study):
        from fs_risk.model_cards.build import _with_plan

        plan = small_model.plan.model_copy(update={"owner": "Plan's owner", "dpia": "DPIA 7"})
        facts = small_model.facts.model_copy(update={"plan": plan})
        declared = type(small_model)(facts, small_model.booster, (), small_model.candidates)
        people = _with_plan(fs.CardAnswers(owner="Written owner"), declared)

        assert (people.owner, people.dpia) == ("Written owner", "DPIA 7")

    def test_ledger_figures_that_are_no_counts_are_refused(self, small_model, card_study):
        with pytest.raises(SettingError, match="ledger's figures cannot be used"):
            build_card(small_model, *card_study, ledger_figures={"scores": -1})


class TestOfAnotherModel:
    def test_report_of_another_model_is_refused(self, small_model, card_study):
        report, audit = card_study
        with pytest.raises(AuditError, match="about another model"):
            build_card(small_model, report.model_copy(update={"plan_hash": "0" * 64}), audit)

    def test_audit_of_other_cases_is_refused(self, small_model, card_study):
        report, audit = card_study
        with pytest.raises(AuditError, match="of different cases"):
            build_card(small_model, report.model_copy(update={"n": report.n + 1}), audit)

    def test_file_that_is_no_card_is_refused(self, tmp_path):
        path = tmp_path / "card.json"
        path.write_text('{"schema_version": 1}', encoding="utf-8")
        with pytest.raises(ArtefactError, match="not a card of this release"):
            fs.ModelCard.read(path)

    @pytest.mark.parametrize("kind", [fs.ModelCard, fs.DemandCard])
    def test_card_that_is_not_there_is_not_called_no_card(self, tmp_path, kind):
        with pytest.raises(ArtefactError, match="The card cannot be read: No such file"):
            kind.read(tmp_path / "card.json")


OWNER = "senior responsible owner"
ROLES = ("technical reviewer", "practice lead", "data protection officer", "equality lead", OWNER)


def signed(card, *more, on=date(2026, 6, 1), **changes):
    """The card with a signature of every role, the decisions bound as the log binds them."""
    taken = [(role, "approve") for role in ROLES] + list(more)
    decisions = tuple(
        Decision(
            number=place, at=datetime(2026, 5, place, tzinfo=UTC), decision=kind,
            by=f"Person {place}", role=role, organisation="Example Council",
            reason="" if kind == "approve" else "A reason.",
            expires=date(2027, 4, 30) if kind == "approve" else None,
            conditions=("Second reads only.",) if role == OWNER and kind == "approve" else (),
            **{"subject": card.subject, "mode": "synthetic", "previous": "0" * 64, **changes},
        )
        for place, (role, kind) in enumerate(taken, start=1)
    )  # fmt: skip
    envelope = card.envelope.model_copy(update={"decisions": decisions, "on": on})
    return card.model_copy(update={"envelope": envelope})


class TestApproval:
    def test_who_said_yes_and_until_when_are_on_the_page(self, card):
        """G4: a card's approval has an end, and the page says it."""
        page = signed(card).to_markdown()

        assert f"Person 5, {OWNER}, Example Council, on 2026-05-05. State: approved." in page
        assert "Until 2027-04-30." in page
        assert "Second reads only." in page

    def test_approval_that_has_ended_is_none(self, card):
        """G4: after its last day a card says that the model may not be used."""
        page = signed(card, on=date(2027, 5, 1)).to_markdown()

        assert "There is no approval, so it may not be used." in page
        assert "Nobody, as it stands." in page

    def test_approval_of_other_content_does_not_count(self, card):
        other = card.subject.model_copy(update={"card": "0" * 64})

        assert signed(card).standing().state == "approved"
        assert signed(card, subject=other).standing().state == "draft"

    def test_withdrawn_approval_does_not_count(self, card):
        assert signed(card, (OWNER, "withdraw")).standing().state not in ("approved", "live")

    def test_state_and_decisions_change_no_content(self, card):
        assert signed(card).content_hash == card.content_hash

    def test_hash_is_the_one_that_decisions_about_the_file_are_bound_to(self, card):
        assert subject_of(card.to_json(), card.hashes.model) == card.subject

    def test_copy_with_other_content_never_keeps_the_hash(self, card):
        before = card.content_hash
        changed = card.model_copy(update={"people": fs.CardAnswers(owner="Another")})

        assert changed.content_hash != before
        assert changed.subject.card != before

    def test_published_card_keeps_the_approval_and_no_name(self, card):
        published = signed(card).publishable()

        assert published.standing().state == "approved"
        assert "Person 5" not in published.to_json() + published.to_html()
        assert f"name withheld, {OWNER}" in published.to_markdown()

    def test_questions_of_equality_are_apart_from_what_stops_every_signature(self, card):
        questions = card.equality_questions
        answered = signed(
            card,
            answers=tuple(
                Answer(question=question, answer="Pooled over three years.",
                       review_by=date(2027, 1, 31))
                for question in questions
            ),
        )  # fmt: skip

        assert len(questions) == len(card.fairness.without_evidence)
        assert not set(questions) & set(card.obstacles)
        assert answered.equality_questions == ()
        assert answered.obstacles == card.obstacles


def test_card_says_that_referrals_have_to_name_the_family(card):
    """Nobody may find out at the door: scored without the name, it is another kind of case."""
    named = "Each referral has to name the child's family"
    assert named not in card.to_markdown()
    settings = {**card.plan.settings, "family_declared": True}
    other = card.model_copy(update={"plan": card.plan.model_copy(update={"settings": settings})})
    assert named in other.to_markdown()
    assert "family declared" in str(card.diff(other))


def test_card_says_on_which_side_of_a_marked_break_it_was_tested(card):
    rule = Break(kind="tier rule", start=card.performance.last_as_of, what="Family Help")
    marked = fs.Plan(outcome="cp_plan", breaks=[rule])
    plan = card.plan.model_copy(update={"settings": marked.model_dump(mode="json")})
    told = str(use_sections(card.model_copy(update={"plan": plan})))

    assert f"from both sides of the {rule.dated}" in told
    assert rule.dated not in str(use_sections(card))
