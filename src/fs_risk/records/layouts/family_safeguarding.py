"""Family Safeguarding's own records: the tables that a service fills in, declared once.

No return holds these. The words that a column may hold are stated here, so that no
free text, and no worker's name in it, is taken in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ROLES = MappingProxyType(
    {
        "victim support": "domestic abuse practitioner who works with those subjected to it",
        "perpetrator or probation": "domestic abuse officer who works with those who abuse",
        "recovery": "drug and alcohol recovery worker",
        "mental health": "adult mental health practitioner",
        "psychologist": "psychologist",
        "family support": "family support worker or children's practitioner",
    }
)
"""Roles of adult specialists."""

WORK_OUTCOMES = MappingProxyType(
    {
        "completed": "the work was done as planned",
        "ended early": "it ended before it was done",
        "declined": "the adult did not want it, or never came",
        "passed on": "another service took it over",
    }
)
RATINGS = MappingProxyType(
    {"low": "low", "medium": "medium", "high": "high", "very high": "very high"}
)
"""The overall risk rating that a group agrees."""

NEXT_STEPS = MappingProxyType(
    {
        "continue": "go on as planned",
        "change plan": "change what is done",
        "step up": "go to a higher tier",
        "step down": "go to a lower tier",
        "close": "end the work",
    }
)
MODULES = MappingProxyType({str(number): f"module {number}" for number in range(1, 9)})
"""The programme's eight modules."""


@dataclass(frozen=True)
class TemplateColumn:
    """One column of a template.

    Attributes
    ----------
    name : str
        The same as the canonical column's.
    meaning : str
    words : mapping of str to str or None
        What it may hold, with meanings; None where it is an id or a date.
    needed : bool
        Whether a row cannot be used without it.
    """

    name: str
    meaning: str
    words: Mapping[str, str] | None = None
    needed: bool = False


@dataclass(frozen=True)
class Template:
    """One CSV file that a service fills in.

    Attributes
    ----------
    file : str
        Its name.
    table : str
        The canonical table it becomes; empty for the list of adults.
    columns : tuple of TemplateColumn
    """

    file: str
    table: str
    columns: tuple[TemplateColumn, ...]


def _needed(name: str, meaning: str) -> TemplateColumn:
    return TemplateColumn(name, meaning, needed=True)


_KNOWN = TemplateColumn("known_date", "day it was recorded, if the system keeps it")
_END_KNOWN = TemplateColumn("end_known_date", "day the end was recorded, if the system keeps it")
_FAMILY = _needed("family_id", "the family, as the service numbers it")

TEMPLATES: tuple[Template, ...] = (
    Template(
        "families.csv",
        "family_links",
        (_FAMILY, _needed("child_id", "a child of the family, as in the other returns"), _KNOWN),
    ),
    Template(
        "adults.csv",
        "",
        (_needed("adult_id", "an adult, as the service numbers them; no name"), _FAMILY),
    ),
    Template(
        "specialist_work.csv",
        "specialist_work",
        (
            _needed("specialist_work_id", "the piece of work"),
            _FAMILY,
            TemplateColumn("adult_id", "the adult, as in adults.csv"),
            TemplateColumn("role", "the specialist's role", ROLES),
            _needed("start_date", "day it began"),
            TemplateColumn("end_date", "day it ended; empty while it goes on"),
            TemplateColumn("outcome", "how it ended", WORK_OUTCOMES),
            _KNOWN,
            _END_KNOWN,
        ),
    ),
    Template(
        "programme_modules.csv",
        "programme_modules",
        (
            _needed("module_id", "the piece of work"),
            _FAMILY,
            TemplateColumn("module", "which of the programme's modules", MODULES),
            _needed("start_date", "day it began"),
            TemplateColumn("end_date", "day it was completed; empty until then"),
            _KNOWN,
            _END_KNOWN,
        ),
    ),
    Template(
        "group_supervision.csv",
        "group_supervision",
        (
            _needed("supervision_id", "the family's discussion"),
            _FAMILY,
            _needed("supervision_date", "day it was held"),
            TemplateColumn("agreed_rating", "the overall risk rating agreed", RATINGS),
            TemplateColumn("next_step", "the next step agreed", NEXT_STEPS),
            _KNOWN,
        ),
    ),
)
"""All templates."""

GUIDE = "columns.csv"
"""The file beside the templates that says what each column holds."""
