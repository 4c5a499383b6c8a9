"""Whatever is decided in whatever order, only a whole, current approval makes a model live (M4)."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fs_risk.errors import ApprovalError
from fs_risk.model.approval_log import Subject
from fs_risk.model.approval_policy import STEPS
from fs_risk.model.approvals import Approvals

ROLES = [step.roles[0] for step in STEPS]
SUBJECTS = [Subject(card=letter * 64, model="b" * 64) for letter in "ac"]
KINDS = ["approve", "approve", "approve", "go live", "refuse", "withdraw", "suspend"]
START = date(2025, 1, 1)


class Deciding(RuleBasedStateMachine):
    """Keeps the oracle: for each subject, who signed since the last that undid it."""

    def __init__(self):
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.approvals = Approvals(Path(self.place.name))
        self.minute = 0
        self.taken = []

    def teardown(self):
        self.place.cleanup()

    @rule(
        kind=st.sampled_from(KINDS),
        role=st.sampled_from(ROLES),
        subject=st.sampled_from([SUBJECTS[0], SUBJECTS[0], SUBJECTS[1]]),
        mode=st.sampled_from(["approval needed", "approval needed", "study"]),
        days=st.integers(0, 40),
    )
    def decide(self, kind, role, subject, mode, days):
        self.try_it(kind, role, subject, mode, days)

    @rule(subject=st.sampled_from(SUBJECTS), days=st.integers(0, 40))
    def sign_all_and_go_live(self, subject, days):
        for role in ROLES:
            self.try_it("approve", role, subject, "approval needed", days)
        self.try_it("go live", ROLES[-1], subject, "approval needed", days)

    def try_it(self, kind, role, subject, mode, days):
        self.minute += 1
        at = datetime(START.year, 1, 1, tzinfo=UTC) + timedelta(minutes=self.minute)
        before = len(self.approvals.decisions)
        try:
            self.approvals.decide(
                kind,
                subject=subject,
                mode=mode,
                by=f"The {role}",
                role=role,
                organisation="A council",
                reason="as agreed",
                expires=START + timedelta(days=days),
                at=at,
            )
        except ApprovalError:
            assert len(self.approvals.decisions) == before
            return
        self.taken.append((kind, role, subject, mode, START + timedelta(days=days)))

    @invariant()
    def live_only_when_whole_current_and_moved_there(self):
        for subject in SUBJECTS:
            for day in (START, START + timedelta(days=20)):
                expected = self.may_be_live(subject, day)
                assert self.approvals.state(subject, on=day).live == expected

    def may_be_live(self, subject, day):
        signed, moved = {}, False
        for kind, role, about, mode, until in self.taken:
            if kind == "approve":
                kept = {who: one for who, one in signed.items() if one[0] == about}
                moved = moved and len(kept) == len(signed)
                signed = {**kept, role: (about, until)}
            elif kind == "refuse":
                signed, moved = {}, False
            elif kind == "withdraw":
                earlier = ROLES[: ROLES.index(role)]
                signed = {who: one for who, one in signed.items() if who in earlier}
                moved = False
            elif kind == "go live":
                assert mode != "study"
                moved = True
            else:
                moved = False
        whole = all(role in signed and signed[role][0] == subject for role in ROLES)
        return moved and whole and all(until >= day for _, until in signed.values())


Deciding.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
test_only_a_whole_current_approval_makes_a_model_live = Deciding.TestCase
