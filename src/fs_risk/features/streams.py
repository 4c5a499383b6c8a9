"""Streams of events and spells: which rows of which table, and by which clocks.

A stream may only read a column once the clock it is dated by has made that column
known; `Stream.check` proves it from the declarations in `records.tables`, so that
a feature on a later decision cannot be declared by mistake.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

from fs_risk.errors import FeatureError
from fs_risk.features.working_days import ASSESSMENT_WORKING_DAYS
from fs_risk.records.codes import (
    FACTORS,
    REMAND_STATUSES,
    SHORT_BREAK_STATUSES,
    SOURCE_GROUPS,
)
from fs_risk.records.tables import TABLES, Known

_CLOCK_ORDER = {"known_date": 0, "decision_known_date": 1, "end_known_date": 2}
_CLOCK_OF = {
    Known.IDENTITY: "known_date",
    Known.OPENING: "known_date",
    Known.DECISION: "decision_known_date",
    Known.END: "end_known_date",
}


@dataclass(frozen=True)
class Stream:
    """Events of one kind, or spells when the table has an end.

    Attributes
    ----------
    table : str
        Canonical table.
    date : str
        Column with the event date.
    clock : str
        Column with the day on which it became known.
    column, values : str, tuple of str
        Only rows whose `column` holds one of `values`; all rows when empty.
    factors : tuple of str
        Assessments only: those on which one of these factors was recorded.
    whose_end : bool
        Whether each event opens a spell that the table's end date closes.
    after, after_days : str, int
        Only events that came within so many days after an event of the stream
        `after`, of the same child; known when both were.
    late : tuple of (str, str, int) or empty
        Only rows whose second date is more than so many working days after the first.
    """

    table: str
    date: str
    clock: str = "known_date"
    column: str = ""
    values: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    whose_end: bool = False
    after: str = ""
    after_days: int = 0
    late: tuple[str, str, int] | tuple[()] = ()

    @property
    def end(self) -> str:
        """The column with the day a spell ended."""
        return TABLES[self.table].end

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables whose window must be observed."""
        own = ("assessments", "factors") if self.factors else (self.table,)
        earlier = STREAMS[self.after].tables if self.after else ()
        return tuple(dict.fromkeys((*own, *earlier)))

    @property
    def definition(self) -> dict[str, object]:
        """What the stream is, with the stream that it follows, for a digest."""
        return {**asdict(self), "first": STREAMS[self.after].definition if self.after else None}

    def check(self, name: str) -> None:
        """Refuse a stream that would read a column before it is known.

        Raises
        ------
        FeatureError
            If a column is overwritten at the extract, is known later than the
            stream's clock, or does not exist.
        """
        table = TABLES[self.table]
        for column in filter(None, (self.date, self.column, *self.late[:2])):
            if column not in table:
                raise FeatureError(
                    f"Stream {name!r} reads a column that table {table.name} does not have.",
                    where=f"table {table.name}, column {column}",
                    fix=f"Use one of: {', '.join(table.names)}.",
                )
            known = table[column].known
            if known not in _CLOCK_OF or (
                _CLOCK_ORDER[_CLOCK_OF[known]] > _CLOCK_ORDER[self.clock]
            ):
                raise FeatureError(
                    f"Stream {name!r} would use a column before it is known.",
                    where=f"table {table.name}, column {column} ({known.value})",
                    fix="Date the stream by the clock that makes the column known.",
                )
        unknown = set(self.factors) - set(FACTORS)
        if unknown or (self.factors and self.clock != "end_known_date"):
            raise FeatureError(
                f"Stream {name!r} uses factors that do not exist or are not known yet.",
                fix="Use factor codes of the census, dated by end_known_date.",
            )
        if self.after and (self.after not in STREAMS or STREAMS[self.after].whose_end):
            raise FeatureError(
                f"Stream {name!r} follows a stream that does not exist or holds spells.",
                fix="Name a stream of events.",
            )


def _source(table: str, date: str, group: str) -> Stream:
    return Stream(table, date, column="source", values=SOURCE_GROUPS[group])


def _factor(*factors: str) -> Stream:
    return Stream("assessments", "authorised_date", "end_known_date", factors=factors)


DOMESTIC_ABUSE_HOUSEHOLD = ("3A", "3B", "3C")
SUBSTANCES_HOUSEHOLD = ("1B", "1C", "2B", "2C")

TRIO_FACTORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "domestic_abuse_parent": ("3B",),
        "domestic_abuse_child": ("3A",),
        "domestic_abuse_other": ("3C",),
        "alcohol_parent": ("1B",),
        "alcohol_child": ("1A",),
        "alcohol_other": ("1C",),
        "drugs_parent": ("2B",),
        "drugs_child": ("2A",),
        "drugs_other": ("2C",),
        "mental_health_parent": ("4B",),
        "mental_health_child": ("4A", "15A"),
        "mental_health_other": ("4C",),
    }
)
"""Each area of the trio by whom it is about; codes 3 name who was subjected to it."""


HARM_FACTORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "neglect": ("16A",),
        "emotional_abuse": ("17A",),
        "physical_abuse": ("18A", "18B", "18C"),
        "sexual_abuse": ("19A", "19B", "19C"),
    }
)
"""Harms found at assessment: the decision on a plan rests on those of the same episode."""

OTHER_FACTORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "behaviour_child": ("14A",),
        "young_carer": ("7A",),
        "outside_home": ("10A", "11A", "12A", "13A", "24A"),
        "other_need": ("20",),
    }
)
"""Other needs found at assessment, of anybody in the household."""

NEVER_MODELLED = ("9A", "22A", "23A")
"""Factors that would stand for nationality, ethnicity or religion."""


def _sequel(then: Stream, after: str, days: int) -> Stream:
    return replace(then, after=after, after_days=days)


_CONTACT_SOURCES = ("police", "school", "health", "individual", "local_authority", "other")
_CATEGORIES = (("neglect", "NEG"), ("emotional", "EMO"), ("physical", "PHY"), ("sexual", "SAB"),
               ("multiple", "MUL"))  # fmt: skip


def _contact_outcome(*outcomes: str) -> Stream:
    return Stream("contacts", "contact_date", "decision_known_date", "outcome", outcomes)


def _contacts() -> dict[str, Stream]:
    return {
        "contacts": Stream("contacts", "contact_date"),
        **{f"contacts_{by}": _source("contacts", "contact_date", by) for by in _CONTACT_SOURCES},
        "contacts_not_referred": _contact_outcome("no_further_action", "information"),
        "contacts_referred": _contact_outcome("referral"),
        "contacts_to_early_help": _contact_outcome("early_help"),
        "contacts_police_again": _sequel(
            _source("contacts", "contact_date", "police"), "contacts_police", 90
        ),
    }


def _early_help() -> dict[str, Stream]:
    return {
        "early_help_starts": Stream("early_help", "start_date"),
        "early_help_ends": Stream("early_help", "end_date", "end_known_date"),
        "early_help": Stream("early_help", "start_date", whose_end=True),
    }


def _referrals() -> dict[str, Stream]:
    referral = Stream("referrals", "referral_date")
    decided = replace(referral, clock="decision_known_date", column="no_further_action")
    return {
        "referrals": referral,
        **{
            f"referrals_{by}": _source("referrals", "referral_date", by)
            for by in ("police", "school", "health", "individual", "local_authority", "other")
        },
        "referrals_nfa": replace(decided, values=("True",)),
        "referrals_accepted": replace(decided, values=("False",)),
        "referral_closures": Stream("referrals", "close_date", "end_known_date"),
        "closures_after_assessment": Stream(
            "referrals", "close_date", "end_known_date", "close_reason", ("RC8", "RC9")
        ),
        "referrals_again": _sequel(referral, "referrals", 365),
        "referrals_after_nfa": _sequel(referral, "referrals_nfa", 365),
        "referrals_after_closure": _sequel(referral, "referral_closures", 365),
        "referrals_soon_after_closure": _sequel(referral, "referral_closures", 90),
        "referrals_after_early_help": _sequel(referral, "early_help_ends", 180),
        "episode": replace(decided, values=("False",), whose_end=True),
    }


def _assessments() -> dict[str, Stream]:
    done = Stream("assessments", "authorised_date", "end_known_date")
    enquiry = Stream("section47", "start_date")
    return {
        "assessments": done,
        "assessments_late": replace(
            done, late=("start_date", "authorised_date", ASSESSMENT_WORKING_DAYS)
        ),
        "assessment_open": Stream("assessments", "start_date", whose_end=True),
        "section47": enquiry,
        "section47_again": _sequel(enquiry, "section47", 365),
        "section47_no_conference": Stream(
            "section47", "end_date", "end_known_date", "conference_needed", ("False",)
        ),
        "section47_after_plan": _sequel(enquiry, "cp_plan_ends", 365),
        "section47_open": replace(enquiry, whose_end=True),
        "conferences": Stream("conferences", "conference_date"),
        "conferences_late": Stream(
            "conferences", "conference_date", late=("target_date", "conference_date", 0)
        ),
        "cin_plans": Stream("cin_plans", "start_date"),
        "cin_plan": Stream("cin_plans", "start_date", whose_end=True),
    }


def _protection() -> dict[str, Stream]:
    start = Stream("cp_plans", "start_date")
    return {
        "cp_plan_starts": start,
        **{
            f"cp_plan_starts_{category}": replace(start, column="initial_category", values=(code,))
            for category, code in _CATEGORIES
        },
        "cp_plan_starts_after_earlier": replace(
            start, column="previous_plans", values=tuple(str(n) for n in range(1, 100))
        ),
        "cp_plan_ends": Stream("cp_plans", "end_date", "end_known_date"),
        "cp_plans_repeated": _sequel(start, "cp_plan_ends", 730),
        "cp_plan": replace(start, whose_end=True),
    }


def _care() -> dict[str, Stream]:
    start = Stream("care_periods", "start_date")
    away = Stream("missing_episodes", "start_date")
    return {
        "pre_proceedings": Stream("pre_proceedings", "start_date"),
        "pre_proceedings_open": Stream("pre_proceedings", "start_date", whose_end=True),
        "care_starts": start,
        "care_ends": Stream("care_periods", "end_date", "end_known_date"),
        "care_returns_failed": _sequel(start, "care_ends", 365),
        "care": replace(start, whose_end=True),
        "care_on_other_grounds": replace(
            start,
            column="legal_status",
            values=tuple(sorted(REMAND_STATUSES | SHORT_BREAK_STATUSES)),
            whose_end=True,
        ),
        "missing": away,
        "missing_again": _sequel(away, "missing", 90),
        "missing_open": replace(away, whose_end=True),
    }


STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        **_contacts(),
        **_early_help(),
        **_referrals(),
        **_assessments(),
        **_protection(),
        **_care(),
        "domestic_abuse_household": _factor(*DOMESTIC_ABUSE_HOUSEHOLD),
        "substances_household": _factor(*SUBSTANCES_HOUSEHOLD),
        **{
            name: _factor(*codes)
            for group in (TRIO_FACTORS, HARM_FACTORS, OTHER_FACTORS)
            for name, codes in group.items()
        },
        "assessments_with_factors": _factor(
            *(code for code in FACTORS if code not in NEVER_MODELLED)
        ),
    }
)
"""Every stream by name; each is checked against the tables when the catalogue loads."""
