"""Decisions about a model: who may take which, when they count, and what breaks them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fs_risk.errors import ApprovalError
from fs_risk.model.approval_log import FIRST, LOG_FILE, EqualityAnswer, Subject, read_log
from fs_risk.model.approval_policy import STEPS, ApprovalPolicy, Step
from fs_risk.model.approvals import POLICY_FILE, Approvals

THIS = Subject(card="a" * 64, model="b" * 64, audit="c" * 64)
DAY = date(2025, 3, 3)
ORDER = [step.roles[0] for step in STEPS]
OWNER = ORDER[-1]


class Desk:
    """Takes decisions on successive hours of a day, about one subject unless told."""

    def __init__(self, folder, policy=None):
        self.approvals = Approvals(folder, policy)
        self.hours = 0

    def __call__(self, decision, role, *, day=DAY, subject=THIS, **more):
        self.hours += 1
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=self.hours)
        if decision == "approve" and role == OWNER:
            more.setdefault("expires", day + timedelta(days=90))
        if decision not in ("approve", "go live"):
            more.setdefault("reason", "it was asked for")
        return self.approvals.decide(
            decision,
            **{"mode": "approval needed", "by": f"The {role}", "organisation": "A council"}
            | {"role": role, "subject": subject, "at": at}
            | more,
        )

    def all_sign(self, **more):
        for role in ORDER:
            self("approve", role, **more)

    def state(self, on=DAY, subject=THIS):
        return self.approvals.state(subject, on=on)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_model_passes_each_review_in_turn_and_is_then_moved_to_live(desk):
    assert (desk.state().state, desk.state().waits_for) == ("draft", STEPS[0].roles)
    for step in STEPS:
        desk("approve", step.roles[0])
        assert desk.state().state == step.state
        assert not desk.state().live
    desk("go live", OWNER)
    assert desk.state().live
    assert desk.state().expires == DAY + timedelta(days=90)


def test_an_approval_ends_on_its_day(desk):
    """Requirement G4."""
    desk.all_sign()
    desk("go live", OWNER)
    last = desk.state().expires
    assert desk.state(on=last).live
    after = desk.state(on=last + timedelta(days=1))
    assert (after.state, after.why) == ("suspended", f"The approval ended on {last.isoformat()}.")


@pytest.mark.parametrize("part", ["card", "model", "audit"])
def test_a_changed_byte_makes_every_signature_stale(desk, part):
    desk.all_sign()
    desk("go live", OWNER)
    changed = THIS.model_copy(update={part: "d" * 64})
    state = desk.state(subject=changed)
    assert state.state == "suspended"
    assert len(state.stale) == len(STEPS)
    assert part in state.why
    assert desk.state().live  # of what was signed, nothing is said anew


def test_after_a_change_all_sign_again(desk):
    desk.all_sign()
    desk("go live", OWNER)
    changed = THIS.model_copy(update={"card": "d" * 64})
    desk("approve", ORDER[0], subject=changed)
    state = desk.state(subject=changed)
    assert (state.state, state.waits_for) == (STEPS[0].state, STEPS[1].roles)


def test_a_refusal_voids_the_signatures_before_it(desk):
    for role in ORDER[:3]:
        desk("approve", role)
    desk("refuse", ORDER[3])
    assert desk.state().state == "draft"
    assert desk.state().why == f"Refused by the {ORDER[3]}, {DAY.isoformat()}."


def test_a_withdrawal_voids_that_signature_and_those_after_it_and_suspends(desk):
    desk.all_sign()
    desk("go live", OWNER)
    desk("withdraw", ORDER[2])
    state = desk.state()
    assert (state.state, state.waits_for) == ("suspended", STEPS[2].roles)
    assert [one.role for one in state.signed] == ORDER[:2]


def test_a_withdrawal_by_the_first_to_sign_leaves_no_signature(desk):
    desk.all_sign()
    desk("withdraw", ORDER[0])
    assert desk.state().signed == ()


def test_any_of_its_roles_suspends_a_live_model_and_the_owner_resumes(desk):
    desk.all_sign()
    desk("go live", OWNER)
    desk("suspend", ORDER[1])
    assert desk.state().state == "suspended"
    desk("go live", OWNER)
    assert desk.state().live


def test_a_retired_model_stays_retired(desk):
    desk.all_sign()
    desk("retire", OWNER)
    with pytest.raises(ApprovalError, match="is retired"):
        desk("go live", OWNER)
    assert desk.state(on=DAY + timedelta(days=900)).state == "retired"


def test_a_renewal_before_the_end_moves_the_end(desk):
    desk.all_sign()
    desk("go live", OWNER)
    later = DAY + timedelta(days=60)
    desk("approve", OWNER, day=later, expires=later + timedelta(days=300))
    assert desk.state(on=later + timedelta(days=299)).live


def test_what_was_live_on_a_day_and_who_moved_it(desk):
    desk.all_sign()
    desk("go live", OWNER)
    desk("suspend", OWNER, day=DAY + timedelta(days=10))
    assert desk.approvals.was(DAY - timedelta(days=1)).state == "draft"
    assert desk.approvals.was(DAY + timedelta(days=9)).live
    assert desk.approvals.was(DAY + timedelta(days=10)).state == "suspended"
    moves = [one for one in desk.approvals.decisions if one.decision == "go live"]
    assert [(one.by, one.subject) for one in moves] == [(f"The {OWNER}", THIS)]


REFUSED = {
    "out of turn": (("approve", ORDER[2]), {}, "not that role's turn"),
    "unknown role": (("approve", "councillor"), {}, "No step of the policy"),
    "before the signatures": (("go live", OWNER), {}, "not approved yet"),
    "not the owner": (("go live", ORDER[0]), {}, "Only the senior responsible owner"),
    "no reason": (("refuse", ORDER[0]), {"reason": "  "}, "needs a reason"),
    "unwritten card": (("approve", ORDER[0]), {"obstacles": ["purpose"]}, "still to be written"),
    "not live": (("suspend", ORDER[0]), {}, "is not live"),
    "nothing signed": (("withdraw", ORDER[0]), {}, "has signed nothing"),
    "nobody": (("approve", ORDER[0]), {"by": ""}, "by not usable"),
    "too long": (
        ("approve", ORDER[0]),
        {"expires": DAY + timedelta(days=400)},
        "later than the policy allows",
    ),
    "already over": (
        ("approve", ORDER[0]),
        {"expires": DAY - timedelta(days=1)},
        "would end before today",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_be_decided_is_refused_and_not_written(desk, name):
    decision, more, message = REFUSED[name]
    with pytest.raises(ApprovalError, match=message) as raised:
        desk(*decision, **more)
    assert raised.value.fix
    assert desk.approvals.decisions == ()


def test_no_signature_lifts_a_failed_gate(desk):
    """Requirement M4."""
    desk.all_sign(mode="study")
    with pytest.raises(ApprovalError, match="stays in study mode"):
        desk("go live", OWNER, mode="study")


def test_one_person_signs_one_step(desk):
    desk("approve", ORDER[0], by="Ann  Example")
    with pytest.raises(ApprovalError, match="same person"):
        desk("approve", ORDER[1], by="ann example")


def test_the_owner_answers_each_question_that_evidence_cannot(desk):
    for role in ORDER[:-1]:
        desk("approve", role)
    asked = ["Recall for one group: not enough evidence."]
    with pytest.raises(ApprovalError, match="1 equality questions"):
        desk("approve", OWNER, questions=asked)
    answer = EqualityAnswer(
        question=asked[0], answer="Read by hand each month.", review_by=DAY + timedelta(days=30)
    )
    desk("approve", OWNER, questions=asked, answers=[answer])
    assert desk.state().answers == (answer,)
    assert desk.state(on=DAY + timedelta(days=31)).due == (answer,)


def test_an_answer_without_a_review_to_come_is_none(desk):
    for role in ORDER[:-1]:
        desk("approve", role)
    answer = EqualityAnswer(question="Q", answer="We looked at it.", review_by=DAY)
    with pytest.raises(ApprovalError, match="no day of review to come"):
        desk("approve", OWNER, questions=["Q"], answers=[answer])


def test_the_owner_gives_an_end(desk):
    for role in ORDER[:-1]:
        desk("approve", role)
    with pytest.raises(ApprovalError, match="without an end"):
        desk("approve", OWNER, expires=None)


def spoil_text(lines):
    return [lines[0].replace("A council", "B council"), *lines[1:]]


SPOILT = {
    "a word changed": spoil_text,
    "a line lost": lambda lines: [lines[0], *lines[2:]],
    "the first line lost": lambda lines: lines[1:],
    "lines turned round": lambda lines: [lines[1], lines[0], *lines[2:]],
    "a line twice": lambda lines: [lines[0], *lines],
    "a space put in": lambda lines: [lines[0] + " ", *lines[1:]],
    "not JSON": lambda lines: ["{", *lines[1:]],
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_chain_is_refused(desk, tmp_path, name):
    desk.all_sign()
    path = tmp_path / LOG_FILE
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(SPOILT[name](lines)) + "\n", encoding="utf-8")
    with pytest.raises(ApprovalError, match="chain of decisions is broken"):
        Approvals(tmp_path).state(THIS, on=DAY)


def test_each_decision_holds_the_hash_of_the_one_before(desk, tmp_path):
    desk.all_sign()
    decisions = read_log(tmp_path)
    hashes = [FIRST, *(one.hash for one in decisions)]
    assert [one.previous for one in decisions] == hashes[:-1]


def test_half_a_line_of_a_killed_process_was_no_decision(desk, tmp_path):
    desk("approve", ORDER[0])
    with open(tmp_path / LOG_FILE, "ab") as log:
        log.write(b'{"answers":[],"at":"2025-')
    assert len(Approvals(tmp_path).decisions) == 1
    again = Desk(tmp_path)
    again.hours = 5
    again("approve", ORDER[1])
    assert len(read_log(tmp_path)) == 2


def test_who_decided_in_sight_of_less_is_refused(tmp_path):
    first, second = Desk(tmp_path), Desk(tmp_path)
    assert second.approvals.decisions == ()
    first("approve", ORDER[0])
    from fs_risk.model.approval_log import append

    content = read_log(tmp_path)[0].model_dump(exclude={"number", "previous"})
    with pytest.raises(ApprovalError, match="in the meantime"):
        append(tmp_path, content, seen=())
    assert len(read_log(tmp_path)) == 1


def test_a_lock_left_behind_is_named_with_the_cure(desk, tmp_path, monkeypatch):
    from fs_risk.model import approval_log

    monkeypatch.setattr(approval_log, "_LOCK_SECONDS", 0.0)
    (tmp_path / approval_log.LOCK_FILE).touch()
    with pytest.raises(ApprovalError, match="is being written") as raised:
        desk("approve", ORDER[0])
    assert "delete the lock" in raised.value.fix


def test_a_decision_reaches_whoever_reads_already(desk, tmp_path):
    reader = Approvals(tmp_path)
    desk.all_sign()
    assert reader.state(THIS, on=DAY).state == "approved"
    desk("go live", OWNER)
    assert reader.state(THIS, on=DAY).live


def test_an_authority_writes_its_own_steps(tmp_path):
    own = ApprovalPolicy(
        steps=(
            Step(state="practice review", roles=("head of service",), asks="Does it help?"),
            Step(state="approved", roles=("director",), asks="Shall we?"),
        )
    )
    (tmp_path / POLICY_FILE).write_text(own.model_dump_json(), encoding="utf-8")
    desk = Desk(tmp_path)
    desk("approve", "head of service")
    assert desk.state().waits_for == ("director",)


def test_a_spoilt_policy_is_refused(tmp_path):
    (tmp_path / POLICY_FILE).write_text("{}x", encoding="utf-8")
    with pytest.raises(ApprovalError, match="own policy"):
        Approvals(tmp_path).state(THIS, on=DAY)


@pytest.mark.parametrize(
    "steps", [STEPS[:2], (STEPS[0], STEPS[0], STEPS[-1]), ()], ids=["no end", "twice", "none"]
)
def test_a_policy_without_one_approval_at_its_end_is_refused(steps):
    with pytest.raises(ValueError, match="end with the approval"):
        ApprovalPolicy(steps=steps)


def test_a_state_says_what_it_is(desk):
    desk.all_sign()
    desk("go live", OWNER)
    state = desk.state()
    assert str(state).startswith(f"live until {state.expires.isoformat()}: Moved to live")
    assert str(replace(state, state="suspended")).startswith("suspended: ")
