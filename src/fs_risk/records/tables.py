"""The canonical tables, declared once: columns, types, meaning, and what makes each known.

Readers, checks, synthetic data, features and docs all come from this page. Each
column says which date makes it known (`Known`): a referral's row is several
facts, known on different days.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fs_risk.records import codes
from fs_risk.records.columns import child, clocks, coded, day, flag, identifier
from fs_risk.records.schema import Column as Column
from fs_risk.records.schema import Kind as Kind
from fs_risk.records.schema import Known as Known
from fs_risk.records.schema import Table as Table

PROVENANCE = (
    Column("source_file", Kind.LABEL, "name of the file the row was read from", Known.IDENTITY),
    Column("source_row", Kind.COUNT, "line or row number in that file", Known.IDENTITY),
)
"""Columns that every table carries, so that a finding can name lines."""


_TEAM = Column("team", Kind.LABEL, "team as at the extract; shown, never modelled", Known.EXTRACT)

_TABLES = (
    Table(
        "children",
        "a child or unborn child",
        ("child_id",),
        "",
        (
            child(),
            Column(
                "birth_date",
                Kind.DATE,
                "date of birth; known from that day",
                Known.OPENING,
                sensitivity="protected",
            ),
            Column(
                "expected_birth_date",
                Kind.DATE,
                "expected date of birth",
                Known.OPENING,
                planned=True,
            ),
            coded("sex", "sex", codes.SEXES, Known.EXTRACT, "protected"),
            coded("ethnicity", "ethnic group", codes.ETHNICITIES, Known.EXTRACT, "protected"),
            flag("unaccompanied", "unaccompanied asylum-seeking child", Known.EXTRACT),
            Column(
                "deprivation_decile",
                Kind.COUNT,
                "decile of the home neighbourhood, 1 the most deprived",
                Known.EXTRACT,
            ),
            day("deprivation_date", "day from which the decile holds", Known.EXTRACT),
            day("death_date", "date of death", Known.EXTRACT),
            Column(
                "retain_until",
                Kind.DATE,
                "facts are invisible from the day after this one",
                Known.CLOCK,
                planned=True,
            ),
        ),
    ),
    Table(
        "disabilities",
        "a disability recorded as at the extract; for audit only",
        ("child_id", "code"),
        "",
        (
            child(),
            coded("code", "disability", codes.DISABILITIES, Known.EXTRACT, "protected"),
        ),
    ),
    Table(
        "family_links",
        "a child's membership of a family",
        ("child_id", "family_id"),
        "",
        (child(), identifier("family_id", "the family, as the authority numbers it"), *clocks()),
    ),
    Table(
        "contacts",
        "a contact with the front door",
        ("contact_id",),
        "contact_date",
        (
            identifier("contact_id", "the contact"),
            child(),
            day("contact_date", "day of the contact"),
            coded("source", "who made it", codes.REFERRAL_SOURCES),
            coded("outcome", "what was decided", codes.CONTACT_OUTCOMES, Known.DECISION),
            Column("reason", Kind.LABEL, "reason, where coded", Known.OPENING),
            *clocks(decision=True),
        ),
    ),
    Table(
        "early_help",
        "an episode of early help",
        ("early_help_id",),
        "start_date",
        (
            identifier("early_help_id", "the episode"),
            child(),
            day("start_date", "day it began"),
            day("end_date", "day it ended", Known.END),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "referrals",
        "a referral to children's social care, and the episode of need that followed",
        ("referral_id",),
        "referral_date",
        (
            identifier("referral_id", "the referral"),
            child(),
            day("referral_date", "day of the referral"),
            coded("source", "who made it", codes.REFERRAL_SOURCES),
            coded(
                "primary_need",
                "primary need as at the extract",
                codes.PRIMARY_NEEDS,
                Known.EXTRACT,
            ),
            day("decision_date", "day of the decision on what to do", Known.DECISION),
            flag("no_further_action", "whether nothing further was done", Known.DECISION),
            day("close_date", "day the episode closed", Known.END),
            coded("close_reason", "why it closed", codes.CLOSURE_REASONS, Known.END),
            _TEAM,
            *clocks(end=True, decision=True),
        ),
        "close_date",
    ),
    Table(
        "assessments",
        "a social work assessment",
        ("assessment_id",),
        "start_date",
        (
            identifier("assessment_id", "the assessment"),
            child(),
            identifier("referral_id", "the referral it belongs to"),
            day("start_date", "day it began"),
            day("authorised_date", "day a manager authorised it", Known.END),
            flag("factors_recorded", "whether any factor was recorded, 21 included", Known.END),
            *clocks(end=True),
        ),
        "authorised_date",
    ),
    Table(
        "factors",
        "a factor identified at the end of an assessment",
        ("assessment_id", "code"),
        "",
        (
            identifier("assessment_id", "the assessment; its authorisation makes the factor known"),
            coded("code", "the factor", codes.FACTORS, Known.END, "special"),
        ),
    ),
    Table(
        "section47",
        "an enquiry under section 47 of the Children Act 1989",
        ("section47_id",),
        "start_date",
        (
            identifier("section47_id", "the enquiry"),
            child(),
            identifier("referral_id", "the referral it belongs to"),
            day("start_date", "day of the strategy discussion"),
            day("end_date", "day it ended", Known.END),
            flag("conference_needed", "whether a conference was found necessary", Known.END),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "conferences",
        "an initial child protection conference",
        ("conference_id",),
        "conference_date",
        (
            identifier("conference_id", "the conference"),
            child(),
            identifier("referral_id", "the referral it belongs to"),
            identifier("section47_id", "the enquiry that led to it"),
            day("conference_date", "day it was held"),
            Column(
                "target_date", Kind.DATE, "day by which it was due", Known.OPENING, planned=True
            ),
            flag("transfer_in", "whether the child came on a plan from another authority"),
            flag("plan_made", "whether it made a child protection plan"),
            *clocks(),
        ),
    ),
    Table(
        "cin_plans",
        "a child in need plan",
        ("cin_plan_id",),
        "start_date",
        (
            identifier("cin_plan_id", "the plan"),
            child(),
            identifier("referral_id", "the referral it belongs to"),
            day("start_date", "day it began"),
            day("end_date", "day it ended", Known.END),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "cp_plans",
        "a child protection plan",
        ("cp_plan_id",),
        "start_date",
        (
            identifier("cp_plan_id", "the plan"),
            child(),
            identifier("referral_id", "the referral it belongs to"),
            identifier("conference_id", "the conference that made it"),
            day("start_date", "day it began"),
            day("end_date", "day it ended", Known.END),
            coded("initial_category", "category of abuse at the start", codes.ABUSE_CATEGORIES),
            coded(
                "latest_category",
                "category as at the extract",
                codes.ABUSE_CATEGORIES,
                Known.EXTRACT,
            ),
            Column("previous_plans", Kind.COUNT, "earlier plans with this authority"),
            flag("other_authority", "whether the plan is another authority's"),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "pre_proceedings",
        "a period of pre-proceedings under the public law outline",
        ("pre_proceedings_id",),
        "start_date",
        (
            identifier("pre_proceedings_id", "the period"),
            child(),
            identifier("referral_id", "the referral it belongs to"),
            day("start_date", "day the legal planning meeting decided to begin"),
            day("meeting_date", "day of the first meeting with parents", Known.END),
            day("end_date", "day of the decision to step down or to issue", Known.END),
            Column("outcome", Kind.LABEL, "outcome, in the authority's code", Known.END),
            day("court_date", "day of the application to court", Known.END),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "care_periods",
        "one continuous period of being looked after",
        ("care_period_id",),
        "start_date",
        (
            identifier("care_period_id", "the period"),
            child(),
            identifier("referral_id", "the referral it belongs to"),
            day("start_date", "day it began"),
            day("end_date", "day it ended", Known.END),
            Column("end_reason", Kind.LABEL, "why it ended (SSDA903 code)", Known.END),
            coded("legal_status", "legal status at the start", codes.LEGAL_STATUSES),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "care_episodes",
        "a change of legal status or placement within a period of care",
        ("care_episode_id",),
        "start_date",
        (
            identifier("care_episode_id", "the episode"),
            identifier("care_period_id", "the period it is part of"),
            child(),
            day("start_date", "day it began"),
            day("end_date", "day it ended", Known.END),
            coded("start_reason", "why it began", codes.CARE_START_REASONS),
            Column("end_reason", Kind.LABEL, "why it ended (SSDA903 code)", Known.END),
            coded("legal_status", "legal status", codes.LEGAL_STATUSES),
            Column("placement_type", Kind.LABEL, "placement (SSDA903 code)"),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "missing_episodes",
        "a time when the child was missing or away from placement",
        ("missing_id",),
        "start_date",
        (
            identifier("missing_id", "the episode"),
            child(),
            day("start_date", "day it began"),
            day("end_date", "day it ended", Known.END),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "involvements",
        "a team's involvement with a child; the worker is not kept",
        ("involvement_id",),
        "start_date",
        (
            identifier("involvement_id", "the involvement"),
            child(),
            identifier("referral_id", "the referral it belongs to"),
            day("start_date", "day it began"),
            day("end_date", "day it ended", Known.END),
            Column("team", Kind.LABEL, "the team; shown, never modelled", Known.OPENING),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "specialist_work",
        "Family Safeguarding: an adult specialist's work with a parent or carer",
        ("specialist_work_id",),
        "start_date",
        (
            identifier("specialist_work_id", "the piece of work"),
            identifier("family_id", "the family"),
            identifier("adult_id", "the adult, as the service numbers them"),
            Column("role", Kind.LABEL, "the specialist's role"),
            day("start_date", "day it began"),
            day("end_date", "day it ended", Known.END),
            Column("outcome", Kind.LABEL, "outcome", Known.END),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "programme_modules",
        "Family Safeguarding: a module of the programme, with one family",
        ("module_id",),
        "start_date",
        (
            identifier("module_id", "the piece of work"),
            identifier("family_id", "the family"),
            Column("module", Kind.LABEL, "which module"),
            day("start_date", "day it began"),
            day("end_date", "day it was completed", Known.END),
            *clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "group_supervision",
        "Family Safeguarding: a family's discussion in group supervision",
        ("supervision_id",),
        "supervision_date",
        (
            identifier("supervision_id", "the discussion"),
            identifier("family_id", "the family"),
            day("supervision_date", "day it was held"),
            Column("agreed_rating", Kind.LABEL, "the overall risk rating agreed"),
            Column("next_step", Kind.LABEL, "the next step agreed, where coded"),
            *clocks(),
        ),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _TABLES})
"""All canonical tables by name."""

TIERS = MappingProxyType(
    {
        0: "none",
        1: "early help",
        2: "child in need",
        3: "child protection plan",
        4: "pre-proceedings",
        5: "looked after",
    }
)
"""Tiers of service, in the order in which a case steps up."""
