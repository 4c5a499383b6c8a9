"""What each return can hold at all: the tables that it may observe, declared once for the docs."""

from collections.abc import Mapping
from types import MappingProxyType

_NEED = ("referrals", "assessments", "factors", "section47", "conferences", "cin_plans", "cp_plans")

HOLDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "SSD": (
            "children",
            "disabilities",
            "family_links",
            "contacts",
            "early_help",
            *_NEED,
            "pre_proceedings",
            "care_periods",
            "care_episodes",
            "missing_episodes",
            "involvements",
        ),
        "CIN census": ("children", "disabilities", *_NEED, "pre_proceedings"),
        "SSDA903": ("children", "care_periods", "care_episodes", "missing_episodes"),
        "Annex A": (
            "children",
            "contacts",
            "early_help",
            "referrals",
            "assessments",
            "section47",
            "conferences",
            "cp_plans",
            "care_periods",
        ),
        "DfE API": ("children", "disabilities", *_NEED, "care_periods", "care_episodes"),
        "Family Safeguarding": (
            "family_links",
            "specialist_work",
            "programme_modules",
            "group_supervision",
        ),
    }
)
"""Canonical tables by return. A table may still be absent from one authority's files: what
was observed is told by ``records.coverage``."""
