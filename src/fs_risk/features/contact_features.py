"""Features of contacts with the front door: how many, by whom, with what outcome, how they come."""

from collections.abc import Iterator

from fs_risk.features.declare import counts, days_since
from fs_risk.features.declare_rhythm import (
    change,
    count_since,
    distinct,
    gap,
    since_first,
    weighted,
)
from fs_risk.features.spec import FeatureSpec

CONCEPT = "Contacts with the front door"

SOURCES = ("police", "school", "health", "individual", "local_authority", "other")


def contact_features() -> Iterator[FeatureSpec]:
    """Declare the features of contacts."""
    yield from counts("contacts", (30, 90, 180, 365, 1_095), CONCEPT, "contact")
    yield from _by_source()
    yield from _by_outcome()
    yield days_since("contacts", 1_095, CONCEPT, "contact")
    yield from _rhythm()


def _by_source() -> Iterator[FeatureSpec]:
    for source, windows, by in (
        ("police", (90, 365), "by the police"),
        ("school", (365,), "by a school"),
        ("health", (365,), "by a health service"),
        ("individual", (365,), "by family or the public"),
        ("local_authority", (365,), "by another service of a local authority"),
        ("other", (365,), "by another organisation"),
    ):
        yield from counts(
            f"contacts_{source}", windows, CONCEPT, f"contact {by}", plural=f"contacts {by}"
        )
    yield from counts(
        "contacts_police_again",
        (365,),
        CONCEPT,
        "contact by the police within 90 days of another",
        plural="contacts by the police within 90 days of another",
    )
    streams = tuple(f"contacts_{source}" for source in SOURCES)
    yield distinct("contact_sources", streams, 365, CONCEPT, "kinds of people who made contact")
    yield distinct(
        "contact_sources_returning",
        streams,
        365,
        CONCEPT,
        "kinds of people who made contact",
        at_least=2,
    )


def _by_outcome() -> Iterator[FeatureSpec]:
    for stream, windows, words in (
        ("contacts_not_referred", (90, 365), "that did not become a referral"),
        ("contacts_referred", (365,), "that became a referral"),
        ("contacts_to_early_help", (365,), "passed to early help"),
    ):
        yield from counts(stream, windows, CONCEPT, f"contact {words}", plural=f"contacts {words}")
    yield count_since(
        "contacts_since_referral",
        "contacts",
        ("referrals",),
        365,
        CONCEPT,
        "contact since the latest referral",
        "contacts since the latest referral",
    )


def _rhythm() -> Iterator[FeatureSpec]:
    yield weighted("contacts", 180, 1_825, CONCEPT, "contacts")
    yield change("contacts", 90, CONCEPT, "contacts")
    yield gap("contacts", "mean", 730, CONCEPT, "contact", "contacts")
    yield gap("contacts", "longest", 1_095, CONCEPT, "contact", "contacts")
    yield since_first("contacts", 1_825, CONCEPT, "contact")
