"""The element tree of the Children in need census, declared once for reader and writer.

A *block* is an element that becomes one row; its *fields* are the elements inside
it that become the row's columns. Which elements a file holds tells its layout,
never the year in its header.

References
----------
.. [1] Department for Education, Children in need census, XML schemas of the
   2016-17 to 2025-26 collections, and module 5 (pre-proceedings) of 2026-27.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Content(Enum):
    """What the text of an element is."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    FLAG = "flag"
    COUNT = "count"


@dataclass(frozen=True)
class Field:
    """One element with a value.

    Attributes
    ----------
    element : str
        Its name in the file.
    content : Content
        What its text is.
    column : str
        The canonical column it fills; empty where the canonical tables hold none.
    holder : str
        The element that wraps it inside its block; empty where none does.
    """

    element: str
    content: Content
    column: str = ""
    holder: str = ""


@dataclass(frozen=True)
class Block:
    """One element that becomes a row.

    Attributes
    ----------
    name : str
        Our name for it.
    element : str
        Its name in the file.
    parent : str
        The block it lies in; empty at the top.
    within : tuple of str
        Elements that may stand between the parent block's element and this one.
    table : str
        The canonical table that its rows go to; empty where none does.
    fields : tuple of Field
        A block whose own text is its value has one field of the block's own name.
    """

    name: str
    element: str
    parent: str
    within: tuple[str, ...]
    table: str
    fields: tuple[Field, ...]

    @property
    def is_value(self) -> bool:
        """Whether the block's element holds its value itself."""
        return len(self.fields) == 1 and self.fields[0].element == self.element


def _text(element: str, column: str = "", holder: str = "") -> Field:
    return Field(element, Content.TEXT, column, holder)


def _code(element: str, column: str = "", holder: str = "") -> Field:
    return Field(element, Content.CODE, column, holder)


def _date(element: str, column: str = "", holder: str = "") -> Field:
    return Field(element, Content.DATE, column, holder)


def _flag(element: str, column: str = "") -> Field:
    return Field(element, Content.FLAG, column)


def _count(element: str, column: str = "") -> Field:
    return Field(element, Content.COUNT, column)


ROOT = "Message"
CHILDREN = "Children"

_IDENTIFIERS = "ChildIdentifiers"
_CHARACTERISTICS = "ChildCharacteristics"

_BLOCKS = (
    Block(
        "header",
        "Header",
        "",
        (),
        "",
        (
            _text("Collection", holder="CollectionDetails"),
            _text("Year", holder="CollectionDetails"),
            _date("ReferenceDate", holder="CollectionDetails"),
            _text("SourceLevel", holder="Source"),
            _text("LEA", holder="Source"),
            _text("SoftwareCode", holder="Source"),
            _text("Release", holder="Source"),
            _text("SerialNo", holder="Source"),
            _text("DateTime", holder="Source"),
        ),
    ),
    Block(
        "children",
        "Child",
        "",
        (CHILDREN,),
        "children",
        (
            _text("LAchildID", "child_id", _IDENTIFIERS),
            _text("UPN", holder=_IDENTIFIERS),
            _text("FormerUPN", holder=_IDENTIFIERS),
            _code("UPNunknown", holder=_IDENTIFIERS),
            _date("PersonBirthDate", "birth_date", _IDENTIFIERS),
            _date("ExpectedPersonBirthDate", "expected_birth_date", _IDENTIFIERS),
            _code("GenderCurrent", "sex", _IDENTIFIERS),
            _code("Sex", "sex", _IDENTIFIERS),
            _date("PersonDeathDate", "death_date", _IDENTIFIERS),
            _code("Ethnicity", "ethnicity", _CHARACTERISTICS),
        ),
    ),
    Block(
        "disabilities",
        "Disability",
        "children",
        (_CHARACTERISTICS, "Disabilities"),
        "disabilities",
        (_code("Disability", "code"),),
    ),
    Block(
        "episodes",
        "CINdetails",
        "children",
        (),
        "referrals",
        (
            _date("CINreferralDate", "referral_date"),
            _code("ReferralSource", "source"),
            _code("PrimaryNeedCode", "primary_need"),
            _date("CINclosureDate", "close_date"),
            _code("ReasonForClosure", "close_reason"),
            _date("DateOfInitialCPC"),
            _flag("ReferralNFA", "no_further_action"),
        ),
    ),
    Block(
        "assessments",
        "Assessments",
        "episodes",
        (),
        "assessments",
        (
            _date("AssessmentActualStartDate", "start_date"),
            _date("AssessmentInternalReviewDate"),
            _date("AssessmentAuthorisationDate", "authorised_date"),
        ),
    ),
    Block(
        "factors",
        "AssessmentFactors",
        "assessments",
        ("FactorsIdentifiedAtAssessment",),
        "factors",
        (_code("AssessmentFactors", "code"),),
    ),
    Block(
        "cin_plans",
        "CINPlanDates",
        "episodes",
        (),
        "cin_plans",
        (_date("CINPlanStartDate", "start_date"), _date("CINPlanEndDate", "end_date")),
    ),
    Block(
        "section47",
        "Section47",
        "episodes",
        (),
        "section47",
        (
            _date("S47ActualStartDate", "start_date"),
            _date("InitialCPCtarget"),
            _date("DateOfInitialCPC"),
            _flag("ICPCnotRequired"),
        ),
    ),
    Block(
        "cp_plans",
        "ChildProtectionPlans",
        "episodes",
        (),
        "cp_plans",
        (
            _date("CPPstartDate", "start_date"),
            _date("CPPendDate", "end_date"),
            _code("InitialCategoryOfAbuse", "initial_category"),
            _code("LatestCategoryOfAbuse", "latest_category"),
            _count("NumberOfPreviousCPP", "previous_plans"),
        ),
    ),
    Block("review_groups", "Reviews", "cp_plans", (), "", ()),
    Block(
        "reviews",
        "CPPreviewDate",
        "cp_plans",
        ("Reviews",),
        "",
        (_date("CPPreviewDate"),),
    ),
    Block(
        "pre_proceedings",
        "PreProceedingsandFGDM",
        "episodes",
        (),
        "pre_proceedings",
        (
            _date("PPStartDate", "start_date"),
            _date("LBPSentDate"),
            _flag("FGDMMeetingOffer"),
            _flag("FGDMMeetingFac"),
            _date("InitialPPMeetingDate", "meeting_date"),
            _count("ReviewMeetingsCount"),
            _date("StepDecisionDate", "end_date"),
            _code("PPOutcome", "outcome"),
            _date("CourtAppDate", "court_date"),
            _date("LetterInitCPDate"),
        ),
    ),
)

BLOCKS: Mapping[str, Block] = MappingProxyType({block.name: block for block in _BLOCKS})
"""All blocks by our names, parents before what lies in them."""

SEX_FROM_GENDER = MappingProxyType({"0": "U", "1": "M", "2": "F", "9": "U"})
"""GenderCurrent (to 2023-24) in the codes of Sex (from 2024-25)."""

FIRST_YEAR_OF_SEX = 2025
FIRST_YEAR_OF_CIN_PLANS = 2022
FIRST_YEAR_OF_PRE_PROCEEDINGS = 2027
FIRST_YEAR_OF_EARLY_HELP_CODES = 2023
"""Referral source 5D and closure reason RC9."""
FIRST_YEAR_OF_SPLIT_ABUSE = 2021
"""Factors 18B, 18C, 19B and 19C in place of 18A and 19A."""
FIRST_YEAR_OF_CRIMINAL_EXPLOITATION = 2022
"""Factor 24A."""
