"""Read the Standard Safeguarding Dataset: a folder or database to canonical tables."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from fs_risk.readers import ssd_care, ssd_need, ssd_people, ssd_protection
from fs_risk.readers.no_owner import all_strangers
from fs_risk.readers.ssd_tables import Extract, load_extract
from fs_risk.readers.ssd_window import event_days, extract_day, observed, quiet_at_the_end
from fs_risk.records.admission import Admission
from fs_risk.records.assemble import assemble
from fs_risk.records.exclusions import ExclusionList
from fs_risk.records.findings import findings_by_file
from fs_risk.records.lookup import is_among
from fs_risk.records.records import Origin, Records
from fs_risk.records.tables import TABLES

_BUILDERS = {
    "children": (ssd_people.children, ("ssd_person",)),
    "disabilities": (ssd_people.disabilities, ("ssd_disability",)),
    "family_links": (ssd_people.family_links, ("ssd_family", "ssd_mother")),
    "contacts": (ssd_need.contacts, ("ssd_contacts",)),
    "early_help": (ssd_need.early_help, ("ssd_early_help_episodes",)),
    "referrals": (ssd_need.referrals, ("ssd_cin_episodes",)),
    "section47": (ssd_protection.section47, ("ssd_s47_enquiry",)),
    "conferences": (ssd_protection.conferences, ("ssd_initial_cp_conference",)),
    "cin_plans": (ssd_protection.cin_plans, ("ssd_cin_plans",)),
    "cp_plans": (ssd_protection.cp_plans, ("ssd_cp_plans",)),
    "pre_proceedings": (ssd_protection.pre_proceedings, ("ssd_pre_proceedings",)),
    "missing_episodes": (ssd_care.missing_episodes, ("ssd_missing",)),
    "involvements": (ssd_care.involvements, ("ssd_involvements",)),
}

_FEWEST_TO_COMPARE = 10
_MERGED = "Check whether records were merged or left out; the rows are kept."
_WRITTEN_OTHERWISE = (
    "None is known: export the identifier as text in both tables (a spreadsheet makes 1.23E+09 or "
    "123.0 of it), or give both for the same children; the rows are kept."
)


def read_ssd(
    source: str | Path,
    *,
    extract_date: date | str | None = None,
    schema: str | None = None,
    exclude: ExclusionList | None = None,
    pseudonymise: str | bytes | None = None,
) -> Records:
    r"""Read an extract of the Standard Safeguarding Dataset.

    Tables are recognised by the prefixes of their columns, whatever the files are
    called, and what case management systems write differently is made the same: codes,
    words and numbers for one thing, flags and outcomes, factors as arrays, objects or
    lists, placeholders for nothing. Names, addresses, workers, pupil numbers and free
    text are not loaded. Outcomes may hold comments: they are looked through for their
    flags and not kept.

    Parameters
    ----------
    source : str or Path
        A folder of CSV or Parquet files, with column names in the first row, or a
        database's address as SQLAlchemy writes it (``postgresql+psycopg://…``,
        ``mssql+pyodbc://…``, ``sqlite:///…``). Of a database only the columns that are
        used are asked for, and nothing is written; its driver is yours to install.
    extract_date : date or str, optional
        The day the extract was made. By default the latest event that is not in the
        future, with a finding.
    schema : str, optional
        The database's schema; by default the user's own.
    exclude : str, Path or iterable of str, optional
        Children to leave out before anything is linked: a file with an id at the start
        of each line, or the ids (`Records.excluding`).
    pseudonymise : str or bytes, optional
        A secret key: identifiers become keyed hashes (`Records.pseudonymised`).

    Returns
    -------
    Records
        Each row with its file and row number, the header being row 1; of a database,
        the table and the row's number when sorted by its first identifiers. Tables whose
        file is absent or empty are not observed; for the others see
        `ssd_window.observed`. Events of children who are not in ``ssd_person`` are
        kept, with a finding.

    Raises
    ------
    ReturnError
        If there is no such folder, no file is a table of the dataset, a file is not
        what its name says, or a table lacks a column it cannot do without. All faulty
        files are named at once. If a database or the exclusion list cannot be read; no
        error repeats an address or a password.
    SettingError
        If the key is too short, a schema is named for a folder, or `extract_date` is
        no day.

    References
    ----------
    .. [1] Standard Safeguarding Dataset 1.4.5, data definition and scripts of July 2026.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> rows = ("cine_referral_id,cine_person_id,cine_referral_date\n"
    ...     "R1,A,02/03/2024\nR2,A,31/02/2024\n")
    >>> with TemporaryDirectory() as extract:
    ...     _ = Path(extract, "cin_episodes.csv").write_text(rows)
    ...     records = read_ssd(extract, extract_date="2024-12-31")
    >>> len(records["referrals"]), len(records.set_aside)
    (1, 1)
    """
    admission = Admission.of(exclude, pseudonymise)
    extract = load_extract(source, schema)
    tables, left_out = admission.without(_tables(extract))
    end, decided = extract_day(tables, extract_date)
    _report_strangers(extract, tables)
    extract.findings += quiet_at_the_end(event_days(tables, end), end)
    records = assemble(
        tables,
        extract_date=end.date(),
        coverage=observed(tables, end),
        origin=Origin("real", ("SSD",)),
        findings=[*decided, *left_out, *extract.findings],
    )
    return admission.finished(records)


def _tables(extract: Extract) -> dict[str, pd.DataFrame]:
    """Build the canonical tables whose files are there."""
    tables = {
        name: build(extract)
        for name, (build, files) in _BUILDERS.items()
        if any(file in extract for file in files)
    }
    if "ssd_cin_assessments" in extract or "ssd_assessment_factors" in extract:
        assessments, factors = ssd_need.assessments_and_factors(extract)
        tables |= {"assessments": assessments} if "ssd_cin_assessments" in extract else {}
        tables |= {"factors": factors} if "ssd_assessment_factors" in extract else {}
    if "ssd_cla_episodes" in extract:
        periods, episodes = ssd_care.care_periods_and_episodes(extract)
        tables |= {"care_periods": periods, "care_episodes": episodes}
    return tables


def _report_strangers(extract: Extract, tables: Mapping[str, pd.DataFrame]) -> None:
    """Report rows of children, and of referrals, that their own table does not hold."""
    for column, owner in (("child_id", "children"), ("referral_id", "referrals")):
        if owner not in tables:
            continue
        known = pd.Index(tables[owner][column].dropna().unique())
        naming = {
            name: frame
            for name, frame in tables.items()
            if name != owner and column in frame and TABLES[name].date
        }
        if known.empty:
            extract.findings += all_strangers(
                f"{owner} holds no row",
                {name: naming[name][column] for name in sorted(naming)},
                table=owner,
                fix=f"Extract {' and '.join(_BUILDERS[owner][1])} again: it is empty. The rows "
                "that name one are kept.",
            )
            continue
        for name, frame in naming.items():
            given = frame[column].notna()
            stranger = given & ~is_among(frame[column], known)
            # all of them: the two tables write the identifier in two ways
            none_known = stranger.sum() == given.sum() >= _FEWEST_TO_COMPARE
            extract.findings += findings_by_file(
                "R018",
                "warning",
                f"Rows name a {column} that {owner} does not hold.",
                frame[stranger],
                table=name,
                column=column,
                fix=_WRITTEN_OTHERWISE if none_known else _MERGED,
            )
