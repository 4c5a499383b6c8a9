"""The SSDA903 return (children looked after): its files, elements and code lists.

A file is known by its columns, never by its name. In the XML form the same fields
are elements inside a CHILD.

References
----------
.. [1] Department for Education, Children looked after return (SSDA903), guides to
   the collections of 2016-17 to 2025-26.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class ReturnFile:
    """One file of the return.

    Attributes
    ----------
    name : str
    columns : tuple of str
        All its columns.
    read : tuple of str
        Those that are loaded: no pupil numbers, postcodes or providers.
    needed : tuple of str
        Those without which the file cannot be used.
    """

    name: str
    columns: tuple[str, ...]
    read: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @property
    def own(self) -> frozenset[str]:
        """The columns that tell this file from the others."""
        return frozenset(self.columns) - _SHARED


_SHARED = frozenset({"CHILD", "SEX", "DOB"})


def _file(name: str, columns: str, read: str = "", needed: str = "") -> ReturnFile:
    return ReturnFile(name, tuple(columns.split()), tuple(read.split()), tuple(needed.split()))


_FILES = (
    _file(
        "header",
        "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB",
        "CHILD SEX DOB ETHNIC",
        "CHILD DOB",
    ),
    _file(
        "episodes",
        "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST "
        "PL_POST URN",
        "CHILD DECOM RNE LS PLACE DEC REC",
        "CHILD DECOM RNE DEC REC",
    ),
    _file("uasc", "CHILD SEX DOB DUC", "CHILD SEX DOB DUC", "CHILD DUC"),
    _file(
        "missing",
        "CHILD DOB MISSING MIS_START MIS_END",
        "CHILD MIS_START MIS_END",
        "CHILD MIS_START MIS_END",
    ),
    _file("reviews", "CHILD DOB REVIEW REVIEW_CODE"),
    _file(
        "oc2",
        "CHILD DOB SDQ_SCORE SDQ_REASON CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK "
        "HEALTH_ASSESSMENT SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED",
    ),
    _file("oc3", "CHILD DOB IN_TOUCH ACTIV ACCOM"),
    _file("ad1", "CHILD DOB DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR"),
    _file("placed_for_adoption", "CHILD DOB DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED"),
    _file("previous_permanence", "CHILD DOB PREV_PERM LA_PERM DATE_PERM"),
    _file("sw_episodes", "CHILD DOB SW_ID SW_DECOM SW_DEC SW_REASON"),
    _file("deprivation_of_liberty", "CHILD DOB DOLO_START DOLO_END"),
)

FILES: Mapping[str, ReturnFile] = MappingProxyType({file.name: file for file in _FILES})
"""All files of the return by our names; those with nothing in ``read`` are passed over."""

ROOT, CHILD, EPISODE, MISSING = "EXPSSDA903", "CHILD", "EPISODE", "AMISSING"
"""The XML form's outermost element, and the elements that become rows."""

WRAPPERS = (
    "HEADER",
    "UASC",
    "AREVIEW",
    "OC2",
    "OC3",
    "PERMANENCE",
    "AD1",
    "AD_PLACED",
    "ADOPTION",
    "CARELEAVER",
)
"""Further elements of the XML form that hold others. CHILDID is CHILD, PL is PLACE."""

SEX_CODES = MappingProxyType({"1": "M", "2": "F"})
"""SEX to 2023-24, in the codes used from 2024-25."""

CONTINUES = "X1"
STARTS = "S"

END_REASONS: dict[str, str] = {
    "X1": "continues as a new episode on the same day",
    "E11": "adopted, application unopposed",
    "E12": "adopted, consent dispensed with",
    "E2": "died",
    "E3": "care taken over by another authority",
    "E4": "returned home (earlier code)",
    "E4A": "returned home, planned",
    "E4B": "returned home, unplanned",
    "E13": "left to live with parents or relatives without parental responsibility",
    "E41": "child arrangements order",
    "E43": "special guardianship order, former carer (to 2018)",
    "E44": "special guardianship order, other carer (to 2018)",
    "E45": "special guardianship order, former carer, relative or friend",
    "E46": "special guardianship order, other former carer",
    "E47": "special guardianship order, relative or friend",
    "E48": "special guardianship order, other carer",
    "E5": "independent living, supported",
    "E6": "independent living, unsupported",
    "E7": "adult social care residential provision",
    "E8": "any other reason",
    "E9": "custody",
    "E14": "accommodation on remand ended",
    "E15": "age assessed as 18 or over",
    "E16": "moved abroad",
    "E17": "aged 18 or over and stays with carers",
}

PLACEMENT_TYPES: dict[str, str] = {
    "U1": "foster placement with relative or friend, long term",
    "U2": "foster placement with relative or friend, adopter or concurrent",
    "U3": "foster placement with relative or friend, other",
    "U4": "foster placement with other carer, long term",
    "U5": "foster placement with other carer, adopter or concurrent",
    "U6": "foster placement with other carer, other",
    "A3": "placed for adoption with consent, with current carer",
    "A4": "placed for adoption with consent, not with current carer",
    "A5": "placed for adoption with order, with current carer",
    "A6": "placed for adoption with order, not with current carer",
    "P1": "placed with parents",
    "P2": "independent living (to 2024)",
    "P3": "residential employment",
    "H5": "semi-independent, unregulated (to 2024)",
    "K1": "secure children's home",
    "K2": "children's home",
    "K3": "supported accommodation (from 2025)",
    "R1": "residential care home",
    "R2": "NHS or other health establishment",
    "R3": "family centre or mother and baby unit",
    "R5": "young offender institution or secure training centre",
    "S1": "residential school",
    "T0": "temporary, type not stated",
    "T1": "temporary: hospital",
    "T2": "temporary: holiday",
    "T3": "temporary: carer on holiday",
    "T4": "temporary: other, up to seven days",
    "Z1": "other placement",
    "Z11": "other placement (from 2026)",
    "Z12": "other placement (from 2026)",
    "Z13": "other placement (from 2026)",
    "Z14": "other placement (from 2026)",
}
