"""The other children of a household as lines of text, each in their own words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fs_risk.triage.household_member import HouseholdMember
from fs_risk.triage.reasons import Reason

if TYPE_CHECKING:
    from fs_risk.triage.risk_score import RiskScore


def household_lines(score: "RiskScore") -> list[str]:
    """Say who else is in the household, and what their scores are.

    Parameters
    ----------
    score : RiskScore

    Returns
    -------
    list of str
        None where nobody asked.
    """
    if not score.household_said:
        return []
    said = [f"Household: {score.household_said}"]
    return said + [line for member in score.household for line in member_lines(member)]


def member_lines(member: HouseholdMember) -> list[str]:
    """Say one child's score, limits and reasons.

    Parameters
    ----------
    member : HouseholdMember

    Returns
    -------
    list of str
    """
    who = f"In the household: {member.child_id or 'a child'}, {member.age}."
    if member.code is not None:
        return [f"{who} No score ({member.code}). {member.code_meaning}"]
    band = f"Band: {member.band.name}. {member.band.meaning}" if member.band else member.outside
    said = (who, member.said, member.interval_said, member.similar_said, band)
    return [
        " ".join(part for part in said if part),
        *_reasons("Shared with the child referred", member.shared),
        *_reasons("Their own", member.own),
        *(f"Not known of them: {unknown}" for unknown in member.unknowns),
    ]


def _reasons(whose: str, reasons: Sequence[Reason]) -> list[str]:
    return [
        f"{whose}, {reason.direction}: {reason.concept}: {reason.wording}" for reason in reasons
    ]
