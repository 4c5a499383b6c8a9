"""The referrals that a list is made of: those of a file, or of some days of the source."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fs_risk as fs
from fs_risk.cli.app import read_source
from fs_risk.cli.referral_files import read_referrals
from fs_risk.errors import SettingError

if TYPE_CHECKING:
    from fs_risk.triage.prioritise_list import RankedList


def week_list(
    records: "fs.Records", model: "fs.StepUpModel", last: date, capacity: int, purpose: str
) -> "RankedList":
    """List the referrals of the week that ends on a day."""
    return fs.prioritise(
        referrals_to_list(records, None, last, 7, last, family_declared=model.plan.family_declared),
        records=records,
        model=model,
        capacity=capacity,
        purpose=purpose,  # type: ignore[arg-type]
        on=last,
    )


def referrals_to_list(
    records: "fs.Records | fs.History",
    path: Path | None,
    last: date | None,
    days: int,
    on: date | None,
    *,
    family_declared: bool,
) -> list[Any]:
    """Give the referrals of a file, else those of some days of the source.

    Parameters
    ----------
    records : Records or History
    path : Path or None
        CSV or JSON file.
    last : date or None
        Last of the days; by default that of the extract.
    days : int
        How many of them.
    on : date or None
        Day of the list.
    family_declared : bool
        Whether referrals of the source name their families, as the model's plan says.

    Returns
    -------
    list of mapping or Referral

    Raises
    ------
    SettingError
        If both a file and days are given, or the source observes none of the days.
    ReferralError
        If the file cannot be read.
    """
    from fs_risk.triage.referral import declared_referrals

    if path is not None:
        if last is not None:
            raise SettingError(
                "Both a file of referrals and days of the source are given.",
                where="--referrals, --last-day",
                fix="Give one of the two.",
            )
        return read_referrals(path)
    if isinstance(records, fs.History):
        raise not_from_a_history("--last-day")
    end = last or records.extract_date.date()
    first = end - timedelta(days=days - 1)
    found = list(
        declared_referrals(records, first, end, on=on or end, family_declared=family_declared)
    )
    return found or none_because(records, first, end)


def none_because(records: "fs.Records", first: date, last: date) -> list[Any]:
    """Give no referrals, if the source could have held some of those days; else say so."""
    window = records.coverage["referrals"]
    if window is None:
        raise SettingError(
            "The source holds no referrals to list.",
            where="--last-day",
            fix="Give a return that holds referrals, or --referrals.",
        )
    begin, end = window.observed_from.date(), window.observed_to.date()
    if last < begin or first > end:
        raise SettingError(
            f"The source observes no referrals from {first} to {last}: only {begin} to {end}.",
            where="--last-day",
            fix=f"Give a day up to {end}, or --referrals.",
        )
    return []


def not_from_a_history(option: str) -> SettingError:
    """Give the error for what only a return can give."""
    return SettingError(
        "A saved history holds no list of referrals and no teams.",
        where=option,
        fix="Give --referrals, or the return itself in the place of the history.",
    )


def records_or_history(
    source: list[str],
    exclude: Path | None,
    pseudonymise: bool | None,
    extract_date: str | None = None,
    *,
    stated: frozenset[str] = frozenset(),
) -> "fs.Records | fs.History":
    """Read a folder that `fs-risk history` wrote, or a return.

    What the settings leave out, the history left out when it was saved.

    Parameters
    ----------
    source : list of str
    exclude, pseudonymise, extract_date
        As in `read_source`; of a return alone.
    stated : frozenset of str
        The parameters that the command line itself gave.

    Returns
    -------
    Records or History

    Raises
    ------
    SettingError
        If a history is asked for what only its saving can give.
    """
    from fs_risk.features.history_store import HISTORY_FILE

    if len(source) > 1 or not Path(source[0], HISTORY_FILE).is_file():
        return read_source(source, exclude, pseudonymise, extract_date)
    if extract_date is not None:
        raise SettingError(
            "A history that was saved knows the day of its extract.",
            where="--extract-date",
            fix="Give it to fs-risk history, which saves it.",
        )
    if ("exclude" in stated and exclude) or ("pseudonymise" in stated and pseudonymise):
        raise SettingError(
            "A history that was saved leaves out nobody more, and keeps its identifiers.",
            where="--exclude, --pseudonymise",
            fix="Give them to fs-risk history, which saves it.",
        )
    return fs.History.load(source[0])
