"""Features of assessments, enquiries, plans, pre-proceedings, care and missing episodes."""

from collections.abc import Iterator

from fs_risk.features.declare import counts, days_since, spells
from fs_risk.features.declare_rhythm import days_open, distinct, weighted
from fs_risk.features.measures import Overdue
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.working_days import ASSESSMENT_WORKING_DAYS, CONFERENCE_WORKING_DAYS

ASSESSED = "Assessments and enquiries"
PLANS = "Child protection plans"
CARE = "Care and pre-proceedings"
MISSING = "Missing episodes"


def protection_features() -> Iterator[FeatureSpec]:
    """Declare the features of everything that followed a referral."""
    yield from _assessments()
    yield from _enquiries()
    yield from _timeliness()
    yield from _plans()
    yield from _care()
    yield from _missing()


def _assessments() -> Iterator[FeatureSpec]:
    yield from counts(
        "assessments",
        (365, 1_095),
        ASSESSED,
        "completed assessment",
        kind="neutral",
        service_use=True,
    )
    yield days_since("assessments", 1_095, ASSESSED, "completed assessment", service_use=True)
    yield from spells(
        "assessment",
        ASSESSED,
        "assessment",
        stream="assessment_open",
        kind="neutral",
        article="an",
        service_use=True,
    )
    yield from counts(
        "cin_plans", (1_095,), ASSESSED, "child in need plan", kind="neutral", service_use=True
    )
    yield days_since("cin_plans", 1_095, ASSESSED, "child in need plan", service_use=True)
    yield from spells("cin_plan", ASSESSED, "child in need plan", kind="neutral", service_use=True)
    yield from days_open("cin_plan", 1_095, ASSESSED, "on a child in need plan", service_use=True)


def _enquiries() -> Iterator[FeatureSpec]:
    enquiry, enquiries = "section 47 enquiry", "section 47 enquiries"
    yield from counts("section47", (180, 365, 1_095), ASSESSED, enquiry, plural=enquiries)
    yield from counts("conferences", (1_095,), ASSESSED, "child protection conference")
    yield days_since("section47", 1_095, ASSESSED, enquiry)
    yield days_since("conferences", 1_825, ASSESSED, "child protection conference")
    yield from spells("section47", ASSESSED, enquiry, stream="section47_open")
    yield weighted("section47", 365, 1_825, ASSESSED, enquiries)
    for stream, words in (
        ("section47_again", "within 12 months of another"),
        ("section47_no_conference", "that needed no conference"),
        ("section47_after_plan", "within 12 months of the end of a child protection plan"),
    ):
        yield from counts(
            stream, (1_095,), ASSESSED, f"{enquiry} {words}", plural=f"{enquiries} {words}"
        )


def _timeliness() -> Iterator[FeatureSpec]:
    late = f"completed after more than {ASSESSMENT_WORKING_DAYS} working days"
    yield from counts(
        "assessments_late",
        (1_095,),
        ASSESSED,
        f"assessment {late}",
        plural=f"assessments {late}",
        kind="neutral",
        service_use=True,
    )
    due = f"held later than due ({CONFERENCE_WORKING_DAYS} working days from the enquiry)"
    yield from counts(
        "conferences_late",
        (1_095,),
        ASSESSED,
        f"conference {due}",
        plural=f"conferences {due}",
        kind="neutral",
        service_use=True,
    )
    yield FeatureSpec(
        name="child_assessment_overdue",
        concept=ASSESSED,
        meaning=f"Whether an open assessment has run past {ASSESSMENT_WORKING_DAYS} working days.",
        unit="1 or 0",
        kind="neutral",
        measure=Overdue("assessment_open", ASSESSMENT_WORKING_DAYS),
        present=f"an assessment is open past {ASSESSMENT_WORKING_DAYS} working days",
        absent=f"no assessment is open past {ASSESSMENT_WORKING_DAYS} working days",
        missing="open assessments: not held by this return",
        poverty_or_service_use=True,
    )


def _plans() -> Iterator[FeatureSpec]:
    plan, plans = "child protection plan", "child protection plans"
    yield from counts("cp_plan_starts", (365, 1_095, 1_825), PLANS, plan)
    for category, words in (
        ("neglect", "neglect"),
        ("emotional", "emotional abuse"),
        ("physical", "physical abuse"),
        ("sexual", "sexual abuse"),
        ("multiple", "more than one category"),
    ):
        yield from counts(
            f"cp_plan_starts_{category}",
            (1_825,),
            PLANS,
            f"{plan} for {words}",
            plural=f"{plans} for {words}",
        )
    yield distinct(
        "cp_plan_categories",
        tuple(
            f"cp_plan_starts_{category}"
            for category in ("neglect", "emotional", "physical", "sexual", "multiple")
        ),
        1_825,
        PLANS,
        "categories of child protection plans",
    )
    yield days_since("cp_plan_ends", 1_825, PLANS, f"end of a {plan}")
    yield days_since("cp_plan_starts", 1_825, PLANS, f"start of a {plan}")
    yield from spells("cp_plan", PLANS, plan)
    yield from days_open("cp_plan", 1_825, PLANS, "on a child protection plan", kind="worry")
    repeated = "within two years of the end of another"
    yield from counts(
        "cp_plans_repeated",
        (1_825,),
        PLANS,
        f"{plan} {repeated}",
        plural=f"{plans} {repeated}",
    )


def _care() -> Iterator[FeatureSpec]:
    yield from counts(
        "pre_proceedings",
        (1_095,),
        CARE,
        "time in pre-proceedings",
        plural="times in pre-proceedings",
    )
    yield from counts(
        "care_starts", (1_095, 1_825), CARE, "time looked after", plural="times looked after"
    )
    yield days_since("pre_proceedings", 1_825, CARE, "start of pre-proceedings")
    yield days_since("care_starts", 1_825, CARE, "start of being looked after")
    yield days_since("care_ends", 1_825, CARE, "return from care")
    yield from spells(
        "pre_proceedings", CARE, "period of pre-proceedings", stream="pre_proceedings_open"
    )
    yield from days_open(
        "pre_proceedings_open",
        1_825,
        CARE,
        "in pre-proceedings",
        name="pre_proceedings",
        kind="worry",
    )
    yield from spells("care", CARE, "period of being looked after")
    yield from days_open("care", 1_825, CARE, "looked after", kind="worry")
    failed = "that began within 12 months of a return home"
    yield from counts(
        "care_returns_failed",
        (1_825,),
        CARE,
        f"time looked after {failed}",
        plural=f"times looked after {failed}",
    )


def _missing() -> Iterator[FeatureSpec]:
    yield from counts("missing", (90, 365), MISSING, "missing episode")
    yield days_since("missing", 1_095, MISSING, "missing episode")
    again = "within 90 days of another"
    yield from counts(
        "missing_again",
        (365,),
        MISSING,
        f"missing episode {again}",
        plural=f"missing episodes {again}",
    )
    yield from days_open("missing_open", 365, MISSING, "missing", name="missing", kind="worry")
