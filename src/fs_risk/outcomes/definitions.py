"""What is predicted: each outcome, the tables that show it, and the tier it is on."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fs_risk.errors import OutcomeError, nearest

TIER_TABLES: Mapping[int, str] = MappingProxyType(
    {3: "cp_plans", 4: "pre_proceedings", 5: "care_periods"}
)
"""The table whose periods put a child on each tier above child in need."""


@dataclass(frozen=True)
class Outcome:
    """One thing that may happen within some days of `as_of`.

    Attributes
    ----------
    name : str
    meaning : str
        What a label of 1 says, to follow "within N days".
    tables : tuple of str
        What must be observed to know it; a positive comes from one of these.
    tier : int or None
        The lowest tier that it leads to; None where it is not a step up.
    """

    name: str
    meaning: str
    tables: tuple[str, ...]
    tier: int | None = None


_OUTCOMES = (
    Outcome("cp_plan", "a child protection plan began", ("cp_plans",), 3),
    Outcome("pre_proceedings", "pre-proceedings began", ("pre_proceedings",), 4),
    Outcome("care", "the child came into care", ("care_periods",), 5),
    Outcome(
        "step_up",
        "the child moved to a higher tier (a referral: to a child protection plan, "
        "pre-proceedings or care)",
        tuple(TIER_TABLES.values()),
        3,
    ),
    Outcome("section47", "an enquiry under section 47 began", ("section47",)),
    Outcome("re_referral", "the child was referred again", ("referrals",)),
    Outcome(
        "step_down",
        "the child moved to a lower tier, or a child in need's case closed, without having "
        "moved up first",
        ("referrals", *TIER_TABLES.values()),
    ),
    Outcome(
        "sustained_closure",
        "the case stayed closed: no new referral and no higher tier for the whole time",
        ("referrals", *TIER_TABLES.values()),
    ),
    Outcome("proceedings", "an application for care proceedings was made", ("pre_proceedings",)),
)

OUTCOMES: Mapping[str, Outcome] = MappingProxyType({outcome.name: outcome for outcome in _OUTCOMES})
"""All outcomes by name."""


def find_outcome(name: str) -> Outcome:
    """Find an outcome by its name.

    Parameters
    ----------
    name : str

    Returns
    -------
    Outcome

    Raises
    ------
    OutcomeError
        If there is none of that name.

    Examples
    --------
    >>> find_outcome("care").tier
    5
    """
    if name not in OUTCOMES:
        raise OutcomeError(
            f"There is no outcome {name!r}.{nearest(name, OUTCOMES)}",
            fix=f"Choose one of: {', '.join(OUTCOMES)}.",
        )
    return OUTCOMES[name]
