"""Features of contacts with the front door: how many, by whom, with what outcome, how they come."""

from collections.abc import Iterator

from fs_risk.features.declare import CRIMINAL, POLICE_NECESSITY, counts, days_since
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

WINDOWS = (30, 90, 180, 365, 1_095)

SOURCES = {
    "police": "by the police",
    "school": "by a school",
    "health": "by a health service",
    "individual": "by family, the child or the public",
    "local_authority": "by another service of a local authority",
    "other": "by another organisation",
}
"""Who makes contact, in words."""


def contact_features() -> Iterator[FeatureSpec]:
    """Declare the features of contacts."""
    yield from counts("contacts", WINDOWS, CONCEPT, "contact")
    yield from _by_source()
    yield from _by_outcome()
    yield days_since("contacts", 1_095, CONCEPT, "contact")
    yield from _rhythm()


def _by_source() -> Iterator[FeatureSpec]:
    for source, by in SOURCES.items():
        police = source == "police"
        yield from counts(
            f"contacts_{source}",
            WINDOWS,
            CONCEPT,
            f"contact {by}",
            plural=f"contacts {by}",
            sensitivity=CRIMINAL if police else "",
            necessity=POLICE_NECESSITY if police else "",
        )
    yield from counts(
        "contacts_police_again",
        (365,),
        CONCEPT,
        "contact by the police within 90 days of another",
        plural="contacts by the police within 90 days of another",
        sensitivity=CRIMINAL,
        necessity=POLICE_NECESSITY,
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
    for stream, words in (
        ("contacts_not_referred", "that did not become a referral"),
        ("contacts_referred", "that became a referral"),
        ("contacts_to_early_help", "passed to early help"),
    ):
        yield from counts(
            stream,
            WINDOWS,
            CONCEPT,
            f"contact {words}",
            plural=f"contacts {words}",
            kind="neutral" if stream == "contacts_to_early_help" else "worry",
            service_use=stream == "contacts_to_early_help",
        )
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
    yield change("contacts", 90, CONCEPT, "contact", "contacts")
    yield gap("contacts", "mean", 730, CONCEPT, "contact", "contacts")
    yield gap("contacts", "longest", 1_095, CONCEPT, "contact", "contacts")
    yield since_first("contacts", 1_825, CONCEPT, "contact")
