"""Read Ofsted's Annex A workbook: child-level inspection lists to canonical tables."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.readers.annex_a_lists import Workbook, load_lists, without_children
from fs_risk.readers.annex_a_tables import canonical_tables, read_lists
from fs_risk.readers.sources import read_all
from fs_risk.readers.ssd_window import extract_day
from fs_risk.records.admission import Admission
from fs_risk.records.arguments import PATH, takes
from fs_risk.records.assemble import assemble
from fs_risk.records.exclusions import ExclusionList
from fs_risk.records.findings import Finding
from fs_risk.records.layouts.annex_a import LISTS, MONTHS
from fs_risk.records.records import Origin, Records
from fs_risk.records.tables import TABLES

Span = tuple[pd.Timestamp, pd.Timestamp]
_LISTS_OF = {
    "contacts": (1,),
    "early_help": (2,),
    "referrals": (3,),
    "assessments": (4,),
    "section47": (5,),
    "conferences": (5,),
    "cp_plans": (7,),
    "care_periods": (8,),
}


@takes(path=PATH)
def read_annex_a(
    path: str | Path,
    *,
    extract_date: date | str | None = None,
    exclude: ExclusionList | None = None,
    pseudonymise: str | bytes | None = None,
) -> Records:
    """Read an Annex A workbook.

    Lists are found by their columns, whatever their sheets are called, with or
    without a title above the header; what authorities write differently is made the
    same (`annex_a_words`). A value that names only a group ("White", "Health") becomes
    the "any other" code of that group. What means nothing is reported and missing.

    The workbook has no identifiers but the child's, so they are made: a referral's is
    ``<child>/<referral date>``, the others add their kind. Nothing says which referral
    an assessment, enquiry or plan belongs to.

    It cannot hold factors, plans for children in need, pre-proceedings, families, the
    history of placements, missing episodes or which disability: these are not
    observed. Its counters ("in the last 12 months") look back from each child's latest
    event and its case status is that of the day of the extract; neither is kept.

    Parameters
    ----------
    path : str or Path
        ``.xlsx`` or ``.xls``.
    extract_date : date or str, optional
        The day the workbook was made. By default its latest date that is not in the
        future, with a finding.
    exclude : str, Path or iterable of str, optional
        Children to leave out before lists are joined: a file with an id at the start of
        each line, or the ids (`Records.excluding`).
    pseudonymise : str or bytes, optional
        A secret key: identifiers become keyed hashes (`Records.pseudonymised`).

    Returns
    -------
    Records
        Each row with its list and row number. Lists observe the six months up to the
        extract; rows from before are those of cases that reach into them. An absent or
        empty list is not observed. Of a child, lists 6 to 8 hold only the latest
        episode, plan and period of care. The end of early help is the date on which
        its assessment was completed. A conference counts as needed unless it was
        deemed unnecessary; the legal status of a period of care is known only where
        the current one has held from its start.

    Raises
    ------
    ReturnError
        If there is no such file, it is not a workbook, is damaged or too large, no
        sheet is a list, or a list lacks the column that dates its rows. If the exclusion
        list cannot be read.
    SettingError
        If the key is too short.

    References
    ----------
    .. [1] Ofsted, inspecting local authority children's services: Annex A child-level
       data, guidance of August 2019.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> referrals = pd.DataFrame({"Child Unique ID": ["A"], "Gender": ["Female"],
    ...     "Date of Birth": ["02/03/2015"], "Date of referral": ["04/03/2024"],
    ...     "Referral source": ["Schools"], "Referral NFA?": ["No"]})
    >>> with TemporaryDirectory() as folder:
    ...     referrals.to_excel(f"{folder}/annex_a.xlsx", sheet_name="List 3", index=False)
    ...     records = read_annex_a(f"{folder}/annex_a.xlsx", extract_date="2024-03-31")
    >>> records["referrals"]["referral_id"].to_list()
    ['A/2024-03-04']
    """
    admission = Admission.of(exclude, pseudonymise)
    book = without_children(_loaded(Path(path)), admission.excluded)
    lists = read_lists(book)
    tables = canonical_tables(lists, book)
    end, decided = _extract_day(lists, tables, extract_date)
    _expect_births_after(tables, end)
    records = assemble(
        tables,
        extract_date=end.date(),
        coverage=_observed(lists, end),
        origin=Origin("real", ("Annex A",)),
        findings=[*decided, *book.findings],
    )
    return admission.finished(records)


def _loaded(path: Path) -> Workbook:
    if not path.is_file():
        raise ReturnError(
            "There is no such file.", where=str(path), fix="Give the path of one workbook."
        )
    (book,) = read_all([path], load_lists)
    return book


def _extract_day(
    lists: Mapping[int, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    given: date | str | None,
) -> tuple[pd.Timestamp, list[Finding]]:
    """Tell the day of the extract; visits and reviews count too where they are the latest."""
    end, decided = extract_day(tables, given)
    if given is not None:
        return end, decided
    today = pd.Timestamp(date.today())  # noqa: DTZ011 - UK local whole days throughout
    for number, frame in lists.items():
        for column in LISTS[number].columns:
            if column.content == "date" and column.name != "birth_date":
                days = frame[column.name]
                latest = days[days <= today].max()
                end = end if pd.isna(latest) else max(end, latest)
    return end, decided


def _expect_births_after(tables: Mapping[str, pd.DataFrame], end: pd.Timestamp) -> None:
    """Take dates of birth after the extract for expected ones."""
    children = tables["children"]
    later = children["birth_date"] > end
    expected = children["expected_birth_date"]
    children["expected_birth_date"] = expected.mask(later, children["birth_date"])
    children["birth_date"] = children["birth_date"].mask(later)


def _observed(lists: Mapping[int, pd.DataFrame], end: pd.Timestamp) -> dict[str, Span | None]:
    """Say which days each table observes: the six months up to the extract, or none."""
    start = end - pd.DateOffset(months=MONTHS) + pd.Timedelta(days=1)
    coverage: dict[str, Span | None] = dict.fromkeys(TABLES)
    coverage["children"] = (end, end)
    for name, numbers in _LISTS_OF.items():
        if any(number in lists and len(lists[number]) for number in numbers):
            coverage[name] = (start, end)
    return coverage
