"""The canonical tables, declared once: columns, types, meaning, and what makes each known.

Readers, checks, synthetic data, features and docs all come from this page. Each
column says which date makes it known (`Known`): a referral's row is several
facts, known on different days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from fs_risk.records import codes


class Kind(Enum):
    """What a column holds, and so its dtype."""

    ID = "id"
    DATE = "date"
    CODE = "code"
    LABEL = "label"
    FLAG = "flag"
    COUNT = "count"

    @property
    def dtype(self) -> str:
        """The pandas dtype that every column of this kind has."""
        return _DTYPES[self]


_DTYPES = {
    Kind.ID: "str",
    Kind.DATE: "datetime64[s]",
    Kind.CODE: "str",
    Kind.LABEL: "str",
    Kind.FLAG: "boolean",
    Kind.COUNT: "Int64",
}


class Known(Enum):
    """Which date makes a column's value known to the service."""

    IDENTITY = "identity"
    """Who the row is about; known with the row."""
    OPENING = "opening"
    """Known on the row's `known_date`."""
    DECISION = "decision"
    """Known on the row's `decision_known_date`."""
    END = "end"
    """Known on the row's `end_known_date`."""
    EXTRACT = "extract"
    """As at the extract, overwritten since: never a feature."""
    CLOCK = "clock"
    """A date on which something became known."""


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Attributes
    ----------
    name : str
        Plain snake case.
    kind : Kind
        What it holds, and so its dtype.
    meaning : str
        In a practitioner's words.
    known : Known
        Which date makes it known.
    codes : mapping of str to str or None
        The values it may hold, where it is coded.
    sensitivity : str
        ``"protected"``, ``"special"`` (special-category data), ``"criminal"`` or empty.
    planned : bool
        Whether the date may lie after the extract (a birth that is expected).
    """

    name: str
    kind: Kind
    meaning: str
    known: Known = Known.OPENING
    codes: Mapping[str, str] | None = None
    sensitivity: str = ""
    planned: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical table.

    Attributes
    ----------
    name : str
    meaning : str
        What a row is.
    key : tuple of str
        Columns that identify a row; empty where rows have no identity of their own.
    date : str
        The event date that places a row in time, without which it cannot be used;
        empty for tables without time.
    columns : tuple of Column
    end : str
        The column that ends what `date` began, if any.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    date: str
    columns: tuple[Column, ...]
    end: str = ""
    _by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        object.__setattr__(self, "_by_name", MappingProxyType(by_name))

    def __getitem__(self, name: str) -> Column:
        """Give one column by its name."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def names(self) -> list[str]:
        """The column names, in order."""
        return [column.name for column in self.columns]

    @property
    def required(self) -> list[str]:
        """The columns without which a row cannot be used."""
        needed = [*self.key, *(["child_id"] if "child_id" in self else []), self.date]
        return list(dict.fromkeys(name for name in needed if name))


PROVENANCE = (
    Column("source_file", Kind.LABEL, "name of the file the row was read from", Known.IDENTITY),
    Column("source_row", Kind.COUNT, "line or row number in that file", Known.IDENTITY),
)
"""Columns that every table carries, so that a finding can name lines."""


def _id(name: str, meaning: str) -> Column:
    return Column(name, Kind.ID, meaning, Known.IDENTITY)


def _child() -> Column:
    return _id("child_id", "the child, as the authority numbers them")


def _date(name: str, meaning: str, known: Known = Known.OPENING) -> Column:
    return Column(name, Kind.DATE, meaning, known)


def _code(
    name: str,
    meaning: str,
    values: Mapping[str, str],
    known: Known = Known.OPENING,
    sensitivity: str = "",
) -> Column:
    return Column(name, Kind.CODE, meaning, known, values, sensitivity)


def _flag(name: str, meaning: str, known: Known = Known.OPENING) -> Column:
    return Column(name, Kind.FLAG, meaning, known)


def _known() -> Column:
    return Column(
        "known_date", Kind.DATE, "day on which the service knew the opening facts", Known.CLOCK
    )


def _end_known() -> Column:
    return Column(
        "end_known_date", Kind.DATE, "day on which the end and its reason were known", Known.CLOCK
    )


def _decision_known() -> Column:
    return Column(
        "decision_known_date", Kind.DATE, "day on which the decision was known", Known.CLOCK
    )


def _by_rule() -> Column:
    return Column(
        "known_by_rule",
        Kind.FLAG,
        "whether the row's clocks were set by rule, not recorded",
        Known.CLOCK,
    )


def _clocks(*, end: bool = False, decision: bool = False) -> tuple[Column, ...]:
    middle = [_decision_known()] if decision else []
    last = [_end_known()] if end else []
    return (_known(), *middle, *last, _by_rule())


_TEAM = Column("team", Kind.LABEL, "team as at the extract; shown, never modelled", Known.EXTRACT)

_TABLES = (
    Table(
        "children",
        "a child or unborn child",
        ("child_id",),
        "",
        (
            _child(),
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
            _code("sex", "sex", codes.SEXES, Known.EXTRACT, "protected"),
            _code("ethnicity", "ethnic group", codes.ETHNICITIES, Known.EXTRACT, "protected"),
            _flag("unaccompanied", "unaccompanied asylum-seeking child", Known.EXTRACT),
            Column(
                "deprivation_decile",
                Kind.COUNT,
                "decile of the home neighbourhood, 1 the most deprived",
                Known.EXTRACT,
            ),
            _date("deprivation_date", "day from which the decile holds", Known.EXTRACT),
            _date("death_date", "date of death", Known.EXTRACT),
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
            _child(),
            _code("code", "disability", codes.DISABILITIES, Known.EXTRACT, "protected"),
        ),
    ),
    Table(
        "family_links",
        "a child's membership of a family",
        ("child_id", "family_id"),
        "",
        (_child(), _id("family_id", "the family, as the authority numbers it"), *_clocks()),
    ),
    Table(
        "contacts",
        "a contact with the front door",
        ("contact_id",),
        "contact_date",
        (
            _id("contact_id", "the contact"),
            _child(),
            _date("contact_date", "day of the contact"),
            _code("source", "who made it", codes.REFERRAL_SOURCES),
            _code("outcome", "what was decided", codes.CONTACT_OUTCOMES, Known.DECISION),
            Column("reason", Kind.LABEL, "reason, where coded", Known.OPENING),
            *_clocks(decision=True),
        ),
    ),
    Table(
        "early_help",
        "an episode of early help",
        ("early_help_id",),
        "start_date",
        (
            _id("early_help_id", "the episode"),
            _child(),
            _date("start_date", "day it began"),
            _date("end_date", "day it ended", Known.END),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "referrals",
        "a referral to children's social care, and the episode of need that followed",
        ("referral_id",),
        "referral_date",
        (
            _id("referral_id", "the referral"),
            _child(),
            _date("referral_date", "day of the referral"),
            _code("source", "who made it", codes.REFERRAL_SOURCES),
            _code(
                "primary_need",
                "primary need as at the extract",
                codes.PRIMARY_NEEDS,
                Known.EXTRACT,
            ),
            _date("decision_date", "day of the decision on what to do", Known.DECISION),
            _flag("no_further_action", "whether nothing further was done", Known.DECISION),
            _date("close_date", "day the episode closed", Known.END),
            _code("close_reason", "why it closed", codes.CLOSURE_REASONS, Known.END),
            _TEAM,
            *_clocks(end=True, decision=True),
        ),
        "close_date",
    ),
    Table(
        "assessments",
        "a social work assessment",
        ("assessment_id",),
        "start_date",
        (
            _id("assessment_id", "the assessment"),
            _child(),
            _id("referral_id", "the referral it belongs to"),
            _date("start_date", "day it began"),
            _date("authorised_date", "day a manager authorised it", Known.END),
            _flag("factors_recorded", "whether any factor was recorded, 21 included", Known.END),
            *_clocks(end=True),
        ),
        "authorised_date",
    ),
    Table(
        "factors",
        "a factor identified at the end of an assessment",
        ("assessment_id", "code"),
        "",
        (
            _id("assessment_id", "the assessment; its authorisation makes the factor known"),
            _code("code", "the factor", codes.FACTORS, Known.END, "special"),
        ),
    ),
    Table(
        "section47",
        "an enquiry under section 47 of the Children Act 1989",
        ("section47_id",),
        "start_date",
        (
            _id("section47_id", "the enquiry"),
            _child(),
            _id("referral_id", "the referral it belongs to"),
            _date("start_date", "day of the strategy discussion"),
            _date("end_date", "day it ended", Known.END),
            _flag("conference_needed", "whether a conference was found necessary", Known.END),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "conferences",
        "an initial child protection conference",
        ("conference_id",),
        "conference_date",
        (
            _id("conference_id", "the conference"),
            _child(),
            _id("referral_id", "the referral it belongs to"),
            _id("section47_id", "the enquiry that led to it"),
            _date("conference_date", "day it was held"),
            Column(
                "target_date", Kind.DATE, "day by which it was due", Known.OPENING, planned=True
            ),
            _flag("transfer_in", "whether the child came on a plan from another authority"),
            _flag("plan_made", "whether it made a child protection plan"),
            *_clocks(),
        ),
    ),
    Table(
        "cin_plans",
        "a child in need plan",
        ("cin_plan_id",),
        "start_date",
        (
            _id("cin_plan_id", "the plan"),
            _child(),
            _id("referral_id", "the referral it belongs to"),
            _date("start_date", "day it began"),
            _date("end_date", "day it ended", Known.END),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "cp_plans",
        "a child protection plan",
        ("cp_plan_id",),
        "start_date",
        (
            _id("cp_plan_id", "the plan"),
            _child(),
            _id("referral_id", "the referral it belongs to"),
            _id("conference_id", "the conference that made it"),
            _date("start_date", "day it began"),
            _date("end_date", "day it ended", Known.END),
            _code("initial_category", "category of abuse at the start", codes.ABUSE_CATEGORIES),
            _code(
                "latest_category",
                "category as at the extract",
                codes.ABUSE_CATEGORIES,
                Known.EXTRACT,
            ),
            Column("previous_plans", Kind.COUNT, "earlier plans with this authority"),
            _flag("other_authority", "whether the plan is another authority's"),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "pre_proceedings",
        "a period of pre-proceedings under the public law outline",
        ("pre_proceedings_id",),
        "start_date",
        (
            _id("pre_proceedings_id", "the period"),
            _child(),
            _id("referral_id", "the referral it belongs to"),
            _date("start_date", "day the legal planning meeting decided to begin"),
            _date("meeting_date", "day of the first meeting with parents", Known.END),
            _date("end_date", "day of the decision to step down or to issue", Known.END),
            Column("outcome", Kind.LABEL, "outcome, in the authority's code", Known.END),
            _date("court_date", "day of the application to court", Known.END),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "care_periods",
        "one continuous period of being looked after",
        ("care_period_id",),
        "start_date",
        (
            _id("care_period_id", "the period"),
            _child(),
            _id("referral_id", "the referral it belongs to"),
            _date("start_date", "day it began"),
            _date("end_date", "day it ended", Known.END),
            Column("end_reason", Kind.LABEL, "why it ended (SSDA903 code)", Known.END),
            _code("legal_status", "legal status at the start", codes.LEGAL_STATUSES),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "care_episodes",
        "a change of legal status or placement within a period of care",
        ("care_episode_id",),
        "start_date",
        (
            _id("care_episode_id", "the episode"),
            _id("care_period_id", "the period it is part of"),
            _child(),
            _date("start_date", "day it began"),
            _date("end_date", "day it ended", Known.END),
            _code("start_reason", "why it began", codes.CARE_START_REASONS),
            Column("end_reason", Kind.LABEL, "why it ended (SSDA903 code)", Known.END),
            _code("legal_status", "legal status", codes.LEGAL_STATUSES),
            Column("placement_type", Kind.LABEL, "placement (SSDA903 code)"),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "missing_episodes",
        "a time when the child was missing or away from placement",
        ("missing_id",),
        "start_date",
        (
            _id("missing_id", "the episode"),
            _child(),
            _date("start_date", "day it began"),
            _date("end_date", "day it ended", Known.END),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "involvements",
        "a team's involvement with a child; the worker is not kept",
        ("involvement_id",),
        "start_date",
        (
            _id("involvement_id", "the involvement"),
            _child(),
            _id("referral_id", "the referral it belongs to"),
            _date("start_date", "day it began"),
            _date("end_date", "day it ended", Known.END),
            Column("team", Kind.LABEL, "the team; shown, never modelled", Known.OPENING),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "specialist_work",
        "Family Safeguarding: an adult specialist's work with a parent or carer",
        ("specialist_work_id",),
        "start_date",
        (
            _id("specialist_work_id", "the piece of work"),
            _id("family_id", "the family"),
            _id("adult_id", "the adult, as the service numbers them"),
            Column("role", Kind.LABEL, "the specialist's role"),
            _date("start_date", "day it began"),
            _date("end_date", "day it ended", Known.END),
            Column("outcome", Kind.LABEL, "outcome", Known.END),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "programme_modules",
        "Family Safeguarding: a module of the programme, with one family",
        ("module_id",),
        "start_date",
        (
            _id("module_id", "the piece of work"),
            _id("family_id", "the family"),
            Column("module", Kind.LABEL, "which module"),
            _date("start_date", "day it began"),
            _date("end_date", "day it was completed", Known.END),
            *_clocks(end=True),
        ),
        "end_date",
    ),
    Table(
        "group_supervision",
        "Family Safeguarding: a family's discussion in group supervision",
        ("supervision_id",),
        "supervision_date",
        (
            _id("supervision_id", "the discussion"),
            _id("family_id", "the family"),
            _date("supervision_date", "day it was held"),
            Column("agreed_rating", Kind.LABEL, "the overall risk rating agreed"),
            Column("next_step", Kind.LABEL, "the next step agreed, where coded"),
            *_clocks(),
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
