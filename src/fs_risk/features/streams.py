"""Streams of events and spells: which rows of which table, and by which clocks.

A stream may only read a column once the clock it is dated by has made that column
known; `Stream.check` proves it from the declarations in `records.tables`, so that
a feature on a later decision cannot be declared by mistake.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fs_risk.errors import FeatureError
from fs_risk.records.codes import FACTORS, SOURCE_GROUPS
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
    """

    table: str
    date: str
    clock: str = "known_date"
    column: str = ""
    values: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    whose_end: bool = False

    def check(self, name: str) -> None:
        """Refuse a stream that would read a column before it is known.

        Raises
        ------
        FeatureError
            If a column is overwritten at the extract, is known later than the
            stream's clock, or does not exist.
        """
        table = TABLES[self.table]
        for column in filter(None, (self.date, self.column)):
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


def _source(table: str, date: str, group: str) -> Stream:
    return Stream(table, date, column="source", values=SOURCE_GROUPS[group])


def _factor(*factors: str) -> Stream:
    return Stream("assessments", "authorised_date", "end_known_date", factors=factors)


DOMESTIC_ABUSE_HOUSEHOLD = ("3A", "3B", "3C")
SUBSTANCES_PARENT = ("1B", "2B")
SUBSTANCES_HOUSEHOLD = ("1B", "1C", "2B", "2C")

STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "contacts": Stream("contacts", "contact_date"),
        "contacts_police": _source("contacts", "contact_date", "police"),
        "contacts_school": _source("contacts", "contact_date", "school"),
        "contacts_health": _source("contacts", "contact_date", "health"),
        "contacts_individual": _source("contacts", "contact_date", "individual"),
        "contacts_not_referred": Stream(
            "contacts",
            "contact_date",
            "decision_known_date",
            "outcome",
            ("no_further_action", "information"),
        ),
        "early_help_starts": Stream("early_help", "start_date"),
        "early_help_ends": Stream("early_help", "end_date", "end_known_date"),
        "early_help": Stream("early_help", "start_date", whose_end=True),
        "referrals": Stream("referrals", "referral_date"),
        "referrals_police": _source("referrals", "referral_date", "police"),
        "referrals_nfa": Stream(
            "referrals", "referral_date", "decision_known_date", "no_further_action", ("True",)
        ),
        "referral_closures": Stream("referrals", "close_date", "end_known_date"),
        "closures_after_assessment": Stream(
            "referrals", "close_date", "end_known_date", "close_reason", ("RC8", "RC9")
        ),
        "assessments": Stream("assessments", "authorised_date", "end_known_date"),
        "section47": Stream("section47", "start_date"),
        "conferences": Stream("conferences", "conference_date"),
        "cin_plans": Stream("cin_plans", "start_date"),
        "cp_plan_starts": Stream("cp_plans", "start_date"),
        "cp_plan_starts_neglect": Stream(
            "cp_plans", "start_date", column="initial_category", values=("NEG",)
        ),
        "cp_plan_ends": Stream("cp_plans", "end_date", "end_known_date"),
        "cp_plan": Stream("cp_plans", "start_date", whose_end=True),
        "pre_proceedings": Stream("pre_proceedings", "start_date"),
        "pre_proceedings_open": Stream("pre_proceedings", "start_date", whose_end=True),
        "care_starts": Stream("care_periods", "start_date"),
        "care_ends": Stream("care_periods", "end_date", "end_known_date"),
        "care": Stream("care_periods", "start_date", whose_end=True),
        "missing": Stream("missing_episodes", "start_date"),
        "domestic_abuse_household": _factor(*DOMESTIC_ABUSE_HOUSEHOLD),
        "substances_household": _factor(*SUBSTANCES_HOUSEHOLD),
        "mental_health_parent": _factor("4B"),
        "neglect": _factor("16A"),
        "abuse": _factor("17A", "18A", "18B", "18C", "19A", "19B", "19C"),
    }
)
"""Every stream by name; each is checked against the tables when the catalogue loads."""
