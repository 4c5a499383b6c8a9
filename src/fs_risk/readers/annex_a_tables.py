"""Lists 1 to 8 of Annex A as canonical tables."""

from collections.abc import Callable, Mapping

import pandas as pd

from fs_risk.readers import annex_a_words, annex_a_words_care, cells
from fs_risk.readers.annex_a_lists import Workbook
from fs_risk.readers.annex_a_sources import source
from fs_risk.readers.cin_canonical import iso_text
from fs_risk.records.findings import findings_by_file
from fs_risk.records.layouts.annex_a import LISTS, UNBORN_AGE
from fs_risk.records.layouts.annex_a_list import ListColumn
from fs_risk.records.lookup import is_among, looked_up
from fs_risk.records.tables import TABLES

_PROVENANCE = ["source_file", "source_row"]
_MEANINGS: Mapping[str, tuple[Callable[[str], str | bool | None], str]] = {
    "sex": (annex_a_words.sex, "str"),
    "ethnicity": (annex_a_words.ethnicity, "str"),
    "source": (source, "str"),
    "no_further_action": (annex_a_words.no_further_action, "boolean"),
    "yes_no": (annex_a_words.yes_no, "boolean"),
    "primary_need": (annex_a_words_care.primary_need, "str"),
    "close_reason": (annex_a_words_care.closure_reason, "str"),
    "case_status": (annex_a_words_care.case_status, "str"),
    "category": (annex_a_words.abuse_category, "str"),
    "legal_status": (annex_a_words_care.legal_status, "str"),
    "end_reason": (annex_a_words_care.end_reason, "str"),
    "placement_type": (annex_a_words_care.placement_type, "str"),
    "provider": (annex_a_words_care.provider, "str"),
    "disabled": (annex_a_words_care.disabled, "boolean"),
}
_UNANSWERED = frozenset(
    {"", "unknown", "not known", "not recorded", "u", "refused", "refu", "nobt", "not obtained"}
)


class ListColumns:
    """A list's columns, read and checked by what each is declared to hold."""

    def __init__(self, book: Workbook, number: int) -> None:
        self.which = LISTS[number]
        self.frame = book.lists[number].reset_index(drop=True)
        self.findings = book.findings

    def read(self) -> pd.DataFrame:
        """Read every declared column; one that the list lacks is all missing."""
        columns = {
            column.name: self._column(column)
            for column in self.which.columns
            if column.content != "-"
        }
        return self.frame[_PROVENANCE].assign(**columns)

    def _column(self, column: ListColumn) -> pd.Series:
        text = pd.Series(pd.NA, index=self.frame.index, dtype="str")
        text = self.frame.get(column.name, text)
        if column.content in ("id", "age"):
            return text
        if column.content == "text":
            return text.str.removeprefix("'")
        if column.content == "date":
            read, bad = cells.dates(text)
        elif column.content == "count":
            read, bad = cells.counts(text)
        else:
            read, bad = cells.mapped(text, *_MEANINGS[column.content])
        silent = cells.mapped(text, _is_silent, "boolean")[0].fillna(False).astype(bool)
        self.findings += findings_by_file(
            "R062",
            "error",
            f"What stands in the column {column.header!r} means nothing to the reader.",
            self.frame[bad & ~silent],
            table=f"list {self.which.number}",
            column=column.name,
            fix="Correct it or use the template's codes; the cells count as missing.",
        )
        return read


def _is_silent(text: str) -> bool:
    return annex_a_words.plain(text) in _UNANSWERED


def read_lists(book: Workbook) -> dict[int, pd.DataFrame]:
    """Read the columns of lists 1 to 8; a list that the workbook lacks is left out.

    Parameters
    ----------
    book : Workbook
        Its findings are added to.

    Returns
    -------
    dict of int to DataFrame
        Columns under our names, typed, with provenance.
    """
    return {
        number: ListColumns(book, number).read()
        for number in sorted(book.lists)
        if LISTS[number].date
    }


def canonical_tables(lists: Mapping[int, pd.DataFrame], book: Workbook) -> dict[str, pd.DataFrame]:
    """Turn the lists into canonical tables.

    Parameters
    ----------
    lists : mapping of int to DataFrame
        As `read_lists` gives them.
    book : Workbook
        Its findings are added to.

    Returns
    -------
    dict of str to DataFrame
        Without clocks; tables whose list is absent are left out.
    """
    tables = {"children": _children(lists, book)}
    if 1 in lists:
        tables["contacts"] = _named(lists[1], "contact_id", "contact", "contact_date")
    if 2 in lists:
        tables["early_help"] = _named(lists[2], "early_help_id", "early-help", "start_date")
    if 3 in lists or 6 in lists:
        tables["referrals"] = _referrals(lists)
    if 4 in lists:
        tables["assessments"] = _named(lists[4], "assessment_id", "A", "start_date")
    if 5 in lists:
        tables["section47"], tables["conferences"] = _enquiries(lists[5])
    if 7 in lists:
        tables["cp_plans"] = _named(lists[7], "cp_plan_id", "CP", "start_date")
    if 8 in lists:
        tables["care_periods"] = _care_periods(lists[8])
    return {name: _only_declared(name, frame) for name, frame in tables.items()}


def _only_declared(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    declared = [*TABLES[name].names, *_PROVENANCE]
    return frame[[column for column in frame.columns if column in declared]]


def _named(frame: pd.DataFrame, column: str, kind: str, day: str) -> pd.DataFrame:
    """Name rows by child, kind and day; different ones of one day are numbered.

    Exact repeats keep one name, so that all but the first are set aside.
    """
    names = frame["child_id"] + (f"/{kind}/" if kind else "/") + iso_text(frame[day])
    different = ~frame.duplicated([name for name in frame.columns if name not in _PROVENANCE])
    nth = different.groupby(names).cumsum()
    numbered = names + "#" + nth.astype("str").str.removesuffix(".0")
    return frame.assign(**{column: names.where(~nth.gt(1), numbered)})


def _children(lists: Mapping[int, pd.DataFrame], book: Workbook) -> pd.DataFrame:
    """Gather the children of all lists: of each cell, the first list that has it.

    An age of -1 says that the date of birth is the expected one.
    """
    people = [
        frame[["child_id", "sex", "ethnicity", "birth_date", "age", *_PROVENANCE]].assign(
            unaccompanied=frame.get("unaccompanied", pd.NA)
        )
        for frame in lists.values()
    ]
    every = pd.concat(people, ignore_index=True)
    every = every[every["child_id"].notna()]
    age = pd.to_numeric(every["age"], errors="coerce")
    unborn = age.le(UNBORN_AGE).fillna(False).astype(bool)
    every = every.assign(
        expected_birth_date=every["birth_date"].where(unborn),
        birth_date=every["birth_date"].where(~unborn),
        unaccompanied=every["unaccompanied"].astype("boolean"),
    )
    groups = every.groupby("child_id", sort=False)
    children = groups.first().reset_index()
    days = groups["birth_date"].nunique()
    differing = is_among(every["child_id"], days.index[days > 1])
    book.findings += findings_by_file(
        "R063",
        "warning",
        "The lists give a child different dates of birth.",
        every[differing & every["birth_date"].notna()],
        table="children",
        column="birth_date",
        fix="Correct them; the date in the list with the lowest number was used.",
    )
    return children


def _referrals(lists: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Join list 3 with list 6, which names the referral that opened an episode by its date.

    Episodes whose referral is older than list 3 reaches become referrals of their own.
    """
    named = {
        number: _named(lists[number], "referral_id", "", "referral_date")
        for number in (3, 6)
        if number in lists
    }
    if len(named) == 1:
        return next(iter(named.values()))
    referred, episodes = named[3], named[6]
    by_id = episodes.set_index("referral_id")
    for column in ("close_date", "close_reason", "primary_need"):
        referred[column] = looked_up(referred["referral_id"], by_id[column])
    joined = is_among(episodes["referral_id"], referred["referral_id"])
    joined &= ~episodes["referral_id"].duplicated()
    return pd.concat([referred, episodes[~joined]], ignore_index=True)


def _enquiries(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split list 5 into enquiries and the conferences that they led to."""
    frame = _named(frame, "section47_id", "S47", "start_date")
    held = frame["conference_date"].notna()
    frame["conference_needed"] = (~frame["not_needed"]).mask(held, True)
    conferences = frame.loc[
        held, [*_PROVENANCE, "child_id", "section47_id", "conference_date", "plan_made"]
    ]
    return frame, _named(
        conferences.reset_index(drop=True), "conference_id", "ICPC", "conference_date"
    )


def _care_periods(frame: pd.DataFrame) -> pd.DataFrame:
    """Name periods of care; the legal status is kept where it has held from the start."""
    frame = _named(frame, "care_period_id", "care", "start_date")
    from_start = frame["status_date"].eq(frame["start_date"])
    return frame.assign(legal_status=frame["legal_status"].where(from_start))
