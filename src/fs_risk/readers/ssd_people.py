"""Children, their disabilities and families, from the dataset."""

import pandas as pd

from fs_risk.readers import ssd_words
from fs_risk.readers.ssd_tables import Extract
from fs_risk.records import codes
from fs_risk.records.findings import findings_by_file
from fs_risk.records.layouts.ssd import MOTHER_FAMILY
from fs_risk.records.lookup import is_among

LARGEST_FAMILY = 30
"""A family of more children than this is rather an id that means "unknown"."""
_UNACCOMPANIED = r"unaccompanied|\buasc\b"


def children(extract: Extract) -> pd.DataFrame:
    """Build ``children``.

    Where the date of birth is also the expected one (Eclipse, for the unborn), it is
    only expected. A missing sex is filled from the gender. With a table of
    immigration statuses, children without that of an unaccompanied child are not.
    """
    person = extract.open("ssd_person")
    birth, expected = person.dates("pers_dob"), person.dates("pers_expected_dob")
    sex = person.codes("pers_sex", codes.SEXES, ssd_words.sex)
    gender = person.meant("pers_gender", ssd_words.sex)
    frame = person.provenance.assign(
        child_id=person.ids("pers_person_id"),
        birth_date=birth.where(birth.ne(expected)),
        expected_birth_date=expected,
        sex=sex.fillna(gender),
        ethnicity=_ethnicity(
            person.codes("pers_ethnicity", codes.ETHNICITIES, ssd_words.ethnicity)
        ),
        death_date=person.dates("pers_death_date"),
    )
    if "ssd_immigration_status" in extract and len(extract.tables["ssd_immigration_status"]):
        status = extract.open("ssd_immigration_status")
        text = status.text("immi_immigration_status")
        alone = text.str.contains(_UNACCOMPANIED, case=False, regex=True).fillna(False).astype(bool)
        ids = status.ids("immi_person_id")[alone]
        frame["unaccompanied"] = is_among(frame["child_id"], ids).astype("boolean")
    return frame


def _ethnicity(values: pd.Series) -> pd.Series:
    """Take a system's "??" as missing."""
    return values.where(values != "??")


def disabilities(extract: Extract) -> pd.DataFrame:
    """Build ``disabilities``."""
    table = extract.open("ssd_disability")
    return table.provenance.assign(
        child_id=table.ids("disa_person_id"),
        code=table.codes("disa_disability_code", codes.DISABILITIES),
    )


def family_links(extract: Extract) -> pd.DataFrame:
    """Build ``family_links`` from families, and from the children of one mother.

    A mother's children are a family named ``mother:<her id>``; she herself is not
    made a member of it.
    """
    family, mother = extract.open("ssd_family"), extract.open("ssd_mother")
    by_family = family.provenance.assign(
        child_id=family.ids("fami_person_id"), family_id=family.ids("fami_family_id")
    )
    by_mother = mother.provenance.assign(
        child_id=mother.ids("moth_childs_person_id"),
        family_id=MOTHER_FAMILY + mother.ids("moth_person_id"),
    )
    links = pd.concat([by_family, by_mother], ignore_index=True)
    _report_giants(extract, links)
    return links


def _report_giants(extract: Extract, links: pd.DataFrame) -> None:
    size = links.groupby("family_id")["child_id"].transform("nunique")
    extract.findings += findings_by_file(
        "R023",
        "warning",
        f"A family has more than {LARGEST_FAMILY} children.",
        links[size > LARGEST_FAMILY],
        table="family_links",
        column="family_id",
        fix="Check that the id does not stand for an unknown family.",
    )
