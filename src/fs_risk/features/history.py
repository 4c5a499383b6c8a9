"""Features of a child's history with the service: contacts, referrals, plans, care, early help."""

from collections.abc import Iterator

from fs_risk.features.declare import counts, days_since, spells
from fs_risk.features.measures import SpellsOpen
from fs_risk.features.spec import FeatureSpec


def history_features() -> Iterator[FeatureSpec]:
    """Declare the features of contacts, referrals, assessments, plans, care and early help."""
    yield from _contacts()
    yield from _referrals()
    yield from _assessments()
    yield from _protection()
    yield from _care()
    yield from _early_help()


def _contacts() -> Iterator[FeatureSpec]:
    concept = "Contacts with the front door"
    yield from counts("contacts", (30, 90, 180, 365, 1_095), concept, "contact")
    yield from counts(
        "contacts_police",
        (90, 365),
        concept,
        "contact by the police",
        plural="contacts by the police",
    )
    yield from counts(
        "contacts_school", (365,), concept, "contact by a school", plural="contacts by schools"
    )
    yield from counts(
        "contacts_health",
        (365,),
        concept,
        "contact by a health service",
        plural="contacts by health services",
    )
    yield from counts(
        "contacts_individual",
        (365,),
        concept,
        "contact by family or the public",
        plural="contacts by family or the public",
    )
    yield from counts(
        "contacts_not_referred",
        (365,),
        concept,
        "contact that did not become a referral",
        plural="contacts that did not become a referral",
    )
    yield days_since("contacts", 1_095, concept, "contact")


def _referrals() -> Iterator[FeatureSpec]:
    concept = "Earlier referrals"
    yield from counts("referrals", (90, 180, 365, 730, 1_095), concept, "earlier referral")
    yield from counts(
        "referrals_police",
        (1_095,),
        concept,
        "earlier referral by the police",
        plural="earlier referrals by the police",
    )
    yield from counts(
        "referrals_nfa",
        (730,),
        concept,
        "earlier referral with no further action",
        plural="earlier referrals with no further action",
    )
    yield from counts(
        "closures_after_assessment",
        (730,),
        concept,
        "episode closed after assessment",
        plural="episodes closed after assessment",
        kind="neutral",
    )
    yield days_since("referrals", 1_095, concept, "earlier referral")
    yield days_since("referral_closures", 1_095, concept, "closure", kind="neutral")


def _assessments() -> Iterator[FeatureSpec]:
    concept = "Assessments and enquiries"
    yield from counts(
        "assessments",
        (365, 1_095),
        concept,
        "completed assessment",
        kind="neutral",
        service_use=True,
    )
    yield from counts(
        "section47", (180, 365, 1_095), concept, "section 47 enquiry", plural="section 47 enquiries"
    )
    yield from counts("conferences", (1_095,), concept, "child protection conference")
    yield from counts(
        "cin_plans", (1_095,), concept, "child in need plan", kind="neutral", service_use=True
    )


def _protection() -> Iterator[FeatureSpec]:
    concept = "Child protection plans"
    yield from counts("cp_plan_starts", (365, 1_095, 1_825), concept, "child protection plan")
    yield from counts(
        "cp_plan_starts_neglect",
        (1_825,),
        concept,
        "child protection plan for neglect",
        plural="child protection plans for neglect",
    )
    yield days_since("cp_plan_ends", 1_825, concept, "end of a child protection plan")
    yield from spells("cp_plan", concept, "child protection plan")


def _care() -> Iterator[FeatureSpec]:
    concept = "Care and pre-proceedings"
    yield from counts(
        "pre_proceedings",
        (1_095,),
        concept,
        "time in pre-proceedings",
        plural="times in pre-proceedings",
    )
    yield from counts(
        "care_starts", (1_095, 1_825), concept, "time looked after", plural="times looked after"
    )
    yield days_since("care_ends", 1_825, concept, "return from care")
    yield from counts("missing", (365,), concept, "missing episode")


def _early_help() -> Iterator[FeatureSpec]:
    concept = "Early help"
    yield from counts(
        "early_help_starts",
        (365, 1_095),
        concept,
        "start of early help",
        plural="starts of early help",
        kind="strength",
        service_use=True,
    )
    yield from counts(
        "early_help_ends",
        (365,),
        concept,
        "end of early help",
        plural="ends of early help",
        kind="neutral",
        service_use=True,
    )
    yield FeatureSpec(
        name="child_early_help_open",
        concept=concept,
        meaning="Whether early help is open on the day, as far as known.",
        unit="number open",
        kind="strength",
        measure=SpellsOpen("early_help"),
        present="early help is open",
        absent="no early help is open",
        missing="early help: not held by this return",
        poverty_or_service_use=True,
    )
