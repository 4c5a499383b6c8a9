"""The other children of a household, each with a score, reasons and limits of their own.

Nothing is added up over a household and nobody in it is ranked: what is known of one
child is no measure of another.
"""

from typing import TYPE_CHECKING, NamedTuple

from fs_risk.triage.basis import Made
from fs_risk.triage.cases import cases_of
from fs_risk.triage.household_known import LeftOut, Others, age_in_words, others_of
from fs_risk.triage.household_member import HouseholdMember
from fs_risk.triage.referral import Referral
from fs_risk.triage.risk_score import RiskScore

if TYPE_CHECKING:
    from fs_risk.triage.score import Scorer

NOT_REFERRED = "not referred"
"""Stands where a referral's id would, in what is recorded of another child."""

WITHOUT_HOUSEHOLD = {
    "PERSON_NOW": "A person decides now; nobody else of the household is scored.",
    "RESTRICTED": "The record is restricted: nothing of the household is shown.",
    "NOT_APPROVED": "The model is not approved for use: nothing of the household is shown.",
    "STALE_EXTRACT": "The extract is too old: nothing of the household is shown.",
}
"""Codes of a referral for which nobody else is looked at, and why."""

OTHER_KIND = "The referral is about another matter than the home: nobody else is scored."

CASE = (
    "Each is scored on their own record, as if referred on this day by the same source. "
    "Nobody referred them by this and nothing is decided about them; a referral of theirs is "
    "scored as theirs. By age, the eldest first: the order says nothing else, and there is no "
    "score of the household."
)
FAMILY_NOT_READ = "The family declared was looked up; the child's own score does not use it."
FAMILY_READ = (
    "The family declared was looked up; the child's own score reads what is recorded of it "
    "where the records do not place the child in a household yet."
)
NOT_HELD = "Who lives there today, the records do not hold."


class WithHousehold(NamedTuple):
    """A score with the household beside it, and the scores that were made for that."""

    score: RiskScore
    others: list[Made]


def with_household(scorer: "Scorer", made: Made) -> WithHousehold:
    """Put the other children of the household beside a score.

    Parameters
    ----------
    scorer : Scorer
        That made it.
    made : Made

    Returns
    -------
    WithHousehold
        `others` holds those that are shown.
    """
    referral = made.basis.referral
    why_not = WITHOUT_HOUSEHOLD.get(made.score.code or "", "")
    if not why_not and referral.kind != "home":
        why_not = OTHER_KIND
    if why_not:
        return WithHousehold(made.score.model_copy(update={"household_said": why_not}), [])
    case = cases_of(scorer.history, [referral], lag_days=scorer.model.plan.extract_lag_days)
    others = others_of(scorer.history, case, family_id=referral.family_id)
    ids = [str(scorer.history.children[child]) for child in others.children]
    scored = scorer.make([_as_if(referral, child_id) for child_id in ids])
    day = int(case.day[0])
    shown = [
        (one, age_in_words(scorer.history, int(child), day))
        for one, child in zip(scored, others.children, strict=True)
        if one.score.code != "OUT_OF_SCOPE"
    ]
    left_out = dict(others.left_out)
    if len(scored) > len(shown):
        left_out["outside what the model knows"] = len(scored) - len(shown)
    score = made.score.model_copy(
        update={
            "household": tuple(_member(made.score, one.score, age) for one, age in shown),
            "household_said": _said(
                len(shown), left_out, others, referral, read=scorer.model.plan.family_declared
            ),
            "household_left_out": left_out,
        }
    )
    return WithHousehold(score, [one for one, _ in shown])


def _as_if(referral: Referral, child_id: str) -> Referral:
    """State the case that is scored: this child, the same day and source, no referral."""
    return Referral(
        referral_id=NOT_REFERRED,
        child_id=child_id,
        referral_date=referral.referral_date,
        source=referral.source,
    )


def _member(child: RiskScore, other: RiskScore, age: str) -> HouseholdMember:
    moving = {(reason.concept, reason.direction) for reason in child.reasons}
    shared = [r for r in other.reasons if (r.concept, r.direction) in moving]
    own = [r for r in other.reasons if (r.concept, r.direction) not in moving]
    same = set(HouseholdMember.model_fields) & set(RiskScore.model_fields)
    return HouseholdMember(
        age=age,
        shared=tuple(shared),
        own=tuple(own),
        **{name: getattr(other, name) for name in same},
    )


def _said(
    n: int, left_out: dict[LeftOut, int], others: Others, referral: Referral, *, read: bool
) -> str:
    children = "No other child" if not n else "1 other child" if n == 1 else f"{n} other children"
    said = [f"{children} under 18 known to be in the household before this day. {NOT_HELD}"]
    if n:
        said.append(CASE)
    if left_out:
        said.append(f"Not shown: {', '.join(f'{count} {why}' for why, count in left_out.items())}.")
    if not others.family_known:
        said.append("The family declared is not in the records.")
    elif referral.family_id is not None:
        said.append(FAMILY_READ if read else FAMILY_NOT_READ)
    return " ".join(said)
