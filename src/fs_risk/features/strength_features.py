"""Features of early help and of what went well: help completed, steps down that held, quiet."""

from collections.abc import Iterator

from fs_risk.features.declare import counts, days_since
from fs_risk.features.declare_rhythm import count_since, days_open
from fs_risk.features.measures import DaysWithout, SpellsOpen
from fs_risk.features.spec import FeatureSpec

EARLY_HELP = "Early help"
STRENGTHS = "What has gone well"

CONCERNS = (
    "contacts",
    "referrals",
    "section47",
    "cp_plan_starts",
    "pre_proceedings",
    "care_starts",
    "missing",
)
"""Streams of which any event is a concern."""

KEPT_DAYS = 180
"""A step down has held when nothing is known to have followed for so many days."""


def strength_features() -> Iterator[FeatureSpec]:
    """Declare the features of early help and of strengths."""
    yield from _early_help()
    yield from _strengths()


def _early_help() -> Iterator[FeatureSpec]:
    yield from counts(
        "early_help_starts",
        (365, 1_095),
        EARLY_HELP,
        "start of early help",
        plural="starts of early help",
        kind="strength",
        service_use=True,
    )
    yield from counts(
        "early_help_ends",
        (365,),
        EARLY_HELP,
        "end of early help",
        plural="ends of early help",
        kind="neutral",
        service_use=True,
    )
    yield FeatureSpec(
        name="child_early_help_open",
        concept=EARLY_HELP,
        meaning="Whether early help is open on the day, as far as known.",
        unit="number open",
        kind="strength",
        measure=SpellsOpen("early_help"),
        present="early help is open",
        absent="no early help is open",
        missing="early help: not held by this return",
        poverty_or_service_use=True,
    )
    yield from days_open(
        "early_help", 1_095, EARLY_HELP, "of early help", kind="strength", service_use=True
    )
    yield days_since("early_help_ends", 1_095, EARLY_HELP, "end of early help", service_use=True)
    after = "within 180 days of the end of early help"
    yield from counts(
        "referrals_after_early_help",
        (1_095,),
        EARLY_HELP,
        f"referral {after}",
        plural=f"referrals {after}",
        service_use=True,
    )


def _strengths() -> Iterator[FeatureSpec]:
    for name, stream, resets, days, noun, nouns in (
        (
            "early_help_kept",
            "early_help_ends",
            ("referrals",),
            1_095,
            "time early help ended and no referral has followed",
            "times early help ended and no referral has followed",
        ),
        (
            "closures_kept",
            "referral_closures",
            ("referrals",),
            1_095,
            "episode that closed and no referral has followed",
            "episodes that closed and no referral has followed",
        ),
        (
            "cp_plan_ends_kept",
            "cp_plan_ends",
            ("section47", "cp_plan_starts", "pre_proceedings", "care_starts"),
            1_825,
            "step down from a child protection plan that has held",
            "steps down from a child protection plan that have held",
        ),
        (
            "care_ends_kept",
            "care_ends",
            ("cp_plan_starts", "pre_proceedings", "care_starts"),
            1_825,
            "return from care that has held",
            "returns from care that have held",
        ),
    ):
        held = f"for {KEPT_DAYS} days or more"
        yield count_since(
            name,
            stream,
            resets,
            days,
            STRENGTHS,
            f"{noun} {held}",
            f"{nouns} {held}",
            least=KEPT_DAYS,
            kind="strength",
            service_use=stream == "early_help_ends",
        )
    yield FeatureSpec(
        name="child_days_without_concern_1095d",
        concept=STRENGTHS,
        meaning="Days since the latest contact, referral, section 47 enquiry, plan, "
        "pre-proceedings, care or missing episode, up to 1,095.",
        unit="days, at most 1,095",
        kind="strength",
        measure=DaysWithout(CONCERNS, 1_095),
        present="{n} days without a recorded concern (counted up to 1,095)",
        one="a concern was recorded the day before",
        absent="a concern was recorded on the day itself",
        missing="time without concerns: not known for the whole of the last three years",
    )
