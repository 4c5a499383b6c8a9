"""The census as one table of dated events, as regional tools hand it on.

Each row is one dated event (``Type`` says which element's date ``Date`` is) and repeats
the elements of its child, its episode and of what lies in it. The rows are parted again
into the flattened census's tables, each record once; where rows of one record differ the
last is believed.

References
----------
.. [1] London Innovation and Improvement Alliance, tools pipeline: Children in need census.
"""

from collections.abc import Sequence

import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.records.findings import Finding, finding

CHILD, DAY, TYPE, FACTORS, DISABILITIES = "lachildid", "date", "type", "factors", "disabilities"
AUTHORITY, YEAR = "la", "year"
EPISODE, ASSESSMENT, PLAN = "cindetailsid", "assessmentid", "cppid"

_IDENTITY = ("upn", "formerupn", "upnunknown", "personbirthdate", "expectedpersonbirthdate")
_RECORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "children": (
        (CHILD,),
        (*_IDENTITY, "gendercurrent", "sex", "persondeathdate"),
    ),
    "characteristics": ((CHILD,), ("ethnicity",)),
    "episodes": (
        (CHILD, EPISODE),
        (
            "cinreferraldate",
            "referralsource",
            "primaryneedcode",
            "cinclosuredate",
            "reasonforclosure",
            "referralnfa",
        ),
    ),
    "assessments": (
        (CHILD, EPISODE, ASSESSMENT),
        (
            "assessmentactualstartdate",
            "assessmentinternalreviewdate",
            "assessmentauthorisationdate",
            "assessmentfactors",
        ),
    ),
    "cin_plans": ((CHILD, EPISODE, "cinplanstartdate"), ("cinplanenddate",)),
    "section47": (
        (CHILD, EPISODE, "s47actualstartdate"),
        ("initialcpctarget", "dateofinitialcpc", "icpcnotrequired"),
    ),
    "cp_plans": (
        (CHILD, EPISODE, PLAN),
        (
            "cppstartdate",
            "cppenddate",
            "initialcategoryofabuse",
            "latestcategoryofabuse",
            "numberofpreviouscpp",
        ),
    ),
    "reviews": ((CHILD, EPISODE, PLAN, "cppreviewdate"), ()),
}
"""What names a record of each table, and its other columns."""

TYPES = {
    "episodes": ("cinreferraldate", "cinclosuredate"),
    "assessments": ("assessmentactualstartdate", "assessmentauthorisationdate"),
    "cin_plans": ("cinplanstartdate", "cinplanenddate"),
    "section47": ("s47actualstartdate",),
    "cp_plans": ("cppstartdate", "cppenddate"),
    "reviews": ("cppreviewdate",),
}
"""Types of events by the table whose record they date."""

_PROVENANCE = ["source_file", "source_row"]


def is_events(written: Sequence[str]) -> bool:
    """Say whether columns are those of dated events."""
    return {CHILD, DAY, TYPE, "cinreferraldate"} <= {name.lower() for name in written}


def event_columns() -> set[str]:
    """Give the columns that are read of a table of events, in lower case."""
    named = {column for key, rest in _RECORDS.values() for column in (*key, *rest)}
    return named | {DAY, TYPE, FACTORS, DISABILITIES, AUTHORITY, YEAR}


def tables_of(events: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Part events into the flattened census's tables.

    Parameters
    ----------
    events : DataFrame
        Text columns in lower case, with ``source_file`` and ``source_row``.

    Returns
    -------
    tables : dict of str to DataFrame
    findings : list of Finding
        Rows of a type that is none of the census's.

    Raises
    ------
    ReturnError
        If the events are of several authorities.
    """
    file = str(events["source_file"].iloc[0]) if len(events) else ""
    if AUTHORITY in events and events[AUTHORITY].nunique() > 1:
        raise ReturnError(
            f"The events are of {events[AUTHORITY].nunique()} authorities; their child ids mean "
            "different children.",
            where=file,
            fix="Give one authority's rows.",
        )
    absent = event_columns() - {*events}
    events = events.assign(**{name: pd.Series(pd.NA, events.index, dtype="str") for name in absent})
    kind = events[TYPE].str.strip().str.lower()
    events = _dated(events, kind)
    tables = {name: _records(events, name, kind) for name in _RECORDS}
    tables["disabilities"] = _disabilities(events)
    if events[YEAR].notna().any():
        tables["header"] = _header(events)
    known = {each for types in TYPES.values() for each in types}
    return tables, _unknown(events[~kind.isin(list(known))], file)


def _dated(events: pd.DataFrame, kind: pd.Series) -> pd.DataFrame:
    """Give each event its date under its element's name, and its records their ids."""
    changed = {}
    for types in TYPES.values():
        for element in types:
            changed[element] = events[element].mask(kind.eq(element), events[DAY])
    events = events.assign(assessmentfactors=events[FACTORS], **changed)
    start, done = events["assessmentactualstartdate"], events["assessmentauthorisationdate"]
    return events.assign(
        **{
            EPISODE: events["cinreferraldate"],
            ASSESSMENT: start.fillna(done),
            PLAN: events["cppstartdate"],
        }
    )


def _records(events: pd.DataFrame, name: str, kind: pd.Series) -> pd.DataFrame:
    """Keep each record of a table once; of its cells the last that is given."""
    key, rest = _RECORDS[name]
    own = events[kind.isin(TYPES[name])] if name in TYPES and name != "episodes" else events
    columns = [*dict.fromkeys([*key, *rest]), *_PROVENANCE]
    whole = own[columns].dropna(subset=list(key))
    last = whole.groupby(list(key), sort=False).last().reset_index()
    first = whole.drop_duplicates(list(key))["source_row"].to_numpy()
    return last.assign(source_row=first)


def _disabilities(events: pd.DataFrame) -> pd.DataFrame:
    given = events[[CHILD, DISABILITIES, *_PROVENANCE]].dropna(subset=[CHILD, DISABILITIES])
    given = given.drop_duplicates(CHILD, keep="last")
    each = given.assign(disability=given[DISABILITIES].str.split(",")).explode("disability")
    each["disability"] = each["disability"].astype("str").str.strip()
    return each.drop(columns=DISABILITIES)[each["disability"] != ""].reset_index(drop=True)


def _header(events: pd.DataFrame) -> pd.DataFrame:
    """Take the latest census year for the file's: it ends on 31 March."""
    year = events[YEAR].dropna().str.extract(r"(\d{4})")[0].dropna().max()
    row = events.head(1)[_PROVENANCE]
    return row.assign(collection="CIN", referencedate=f"{year}-03-31")


def _unknown(rows: pd.DataFrame, file: str) -> list[Finding]:
    if rows.empty:
        return []
    return [
        finding(
            "R038",
            "error",
            "Rows are of a type of event that the census does not have.",
            column="Type",
            file=file,
            rows=rows["source_row"],
            fix="Name each event as the census's element (CPPstartDate…); these were not read.",
        )
    ]
