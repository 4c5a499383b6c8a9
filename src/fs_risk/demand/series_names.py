"""What a demand series is called where people read it."""

from collections.abc import Mapping
from types import MappingProxyType

from fs_risk.demand.caseload_paths import TIERS

CALLED: Mapping[str, str] = MappingProxyType(
    {
        "contacts": "contacts",
        "early_help_starts": "early help begun",
        "early_help_ends": "early help ended",
        "referrals": "referrals",
        "re_referrals": "re-referrals",
        "closures": "cases closed",
        "assessments": "assessments",
        "section47": "section 47 enquiries",
        "conferences": "initial conferences",
        "cp_plan_starts": "child protection plans begun",
        "cp_plan_ends": "child protection plans ended",
        "pre_proceedings_starts": "pre-proceedings begun",
        "pre_proceedings_ends": "pre-proceedings ended",
        "care_starts": "children who came into care",
        "care_ends": "children who left care",
        "stock": "children at the end of the period",
        "open_cases": "open cases",
        "step_ups": "step-ups",
        "step_downs": "step-downs",
        "entries": "children who came to a tier",
        "exits": "children who left for no tier",
        "need": "open cases by need",
    }
)
"""Each measure that `demand_series` counts, as a planner says it."""

_TIERS = {str(number): tier for number, tier in TIERS.items()}


def in_words(unique_id: str) -> str:
    """Turn the name of a series, or of a measure, into words.

    Parameters
    ----------
    unique_id : str
        The measure, and after it what it is split by; a name that is nobody's measure is
        kept, with its signs read as spaces.

    Returns
    -------
    str

    Examples
    --------
    >>> in_words("step_ups/tier=2/to=3"), in_words("visits_made/team=North")
    ('step-ups, child in need to child protection plan', 'visits made, team North')
    """
    measure, *parts = unique_id.split("/")
    split = "".join(map(_part, parts))
    return CALLED.get(measure, measure.replace("_", " ")) + split


def _part(part: str) -> str:
    name, _, value = part.replace("_", " ").partition("=")
    if name in ("tier", "to"):
        value = " and ".join(_TIERS.get(tier, tier) for tier in value.split("+"))
    if name == "to":
        return f" to {value}"
    return f", {value}" if name in ("tier", "need") else f", {name} {value}".rstrip()
