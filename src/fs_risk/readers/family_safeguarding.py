"""Read Family Safeguarding's own records from the published templates."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from fs_risk.errors import ReturnError, nearest
from fs_risk.readers import cells
from fs_risk.readers.delimited import header_of, read_columns
from fs_risk.readers.no_owner import all_strangers
from fs_risk.readers.sources import files_in, read_all
from fs_risk.records.admission import Admission
from fs_risk.records.assemble import assemble
from fs_risk.records.exclusions import ExclusionList
from fs_risk.records.findings import Finding, finding, findings_by_file
from fs_risk.records.layouts.family_safeguarding import (
    GUIDE,
    TEMPLATES,
    Template,
    TemplateColumn,
)
from fs_risk.records.lookup import is_among
from fs_risk.records.records import Origin, Records

_BY_NAME = {template.file: template for template in TEMPLATES}
_FAMILIES, _ADULTS = "families.csv", "adults.csv"
_SPEAKS_OF = {
    "role": (
        (r"victim|survivor|idva", "victim support"),
        (r"perpetrator|probation|offender|domestic abuse officer", "perpetrator or probation"),
        (r"recovery|substance|drug|alcohol", "recovery"),
        (r"psycholog", "psychologist"),
        (r"mental", "mental health"),
        (r"family support|children'?s practitioner", "family support"),
    ),
    "agreed_rating": ((r"^red$", "high"), (r"^amber$", "medium"), (r"^green$", "low")),
    "module": ((r"^(?:module )?0?([1-8])$", r"\1"),),
}
"""What services write for the stated words."""

_Loaded = tuple[str, pd.DataFrame, list[Finding]]


def read_family_safeguarding(
    folder: str | Path,
    *,
    extract_date: date | str | None = None,
    exclude: ExclusionList | None = None,
    pseudonymise: str | bytes | None = None,
) -> Records:
    r"""Read filled-in templates: families, adults' specialist work, modules, supervision.

    Write the templates with `write_family_safeguarding_templates`; combine the records
    with a return of the same authority (`combine`), whose child ids ``families.csv``
    uses. The agreed rating, next step and what was done are displayed, never modelled.

    Parameters
    ----------
    folder : str or Path
        With any of the templates under their own names, as CSV.
    extract_date : date or str, optional
        Last day the files can know of; by default the latest date that is not in the
        future, with a finding.
    exclude : str, Path or iterable of str, optional
        Children, or adults, to leave out: a file with an id at the start of each line,
        or the ids. A family of which no child is left is left out whole.
    pseudonymise : str or bytes, optional
        A secret key: identifiers become keyed hashes (`Records.pseudonymised`).

    Returns
    -------
    Records
        Each row with its file and row number. A template that is absent or empty is not
        observed; the others are from their first event on. Words that the templates do
        not state count as missing, with a finding, and are not kept.

    Raises
    ------
    ReturnError
        If no template is there or filled in, or one lacks a column it cannot do without.
    SettingError
        If the key is too short.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "families.csv").write_text("family_id,child_id\nF1,A\nF1,B\n")
    ...     _ = Path(folder, "group_supervision.csv").write_text(
    ...         "supervision_id,family_id,supervision_date\nV1,F1,2025-01-10\n")
    ...     records = read_family_safeguarding(folder, extract_date="2025-03-31")
    >>> len(records["group_supervision"])
    1
    """
    admission = Admission.of(exclude, pseudonymise)
    loaded = read_all(files_in(folder, (".csv",)), _load)
    frames = {name: frame for name, frame, _ in loaded if name and len(frame)}
    findings = [found for _, _, more in loaded for found in more]
    if not set(frames) - {_ADULTS}:
        raise ReturnError(
            "No template of Family Safeguarding's records is filled in.",
            where=Path(folder).name,
            fix=f"Fill in any of {', '.join(_BY_NAME)} under their own names.",
        )
    findings += _strangers(frames)
    tables = {_BY_NAME[name].table: frame for name, frame in frames.items() if name != _ADULTS}
    tables, left_out = _admitted(admission, tables)
    records = assemble(
        tables,
        extract_date=extract_date,
        origin=Origin("real", ("Family Safeguarding",)),
        findings=[*findings, *left_out],
    )
    return admission.finished(records)


def _load(path: Path) -> _Loaded:
    template = _BY_NAME.get(path.name.lower())
    if template is None:
        return "", pd.DataFrame(), [] if path.name.lower() == GUIDE else [_not_a_template(path)]
    written = header_of(path)
    lower = [name.lower() for name in written]
    _check_columns(path, template, lower)
    known = {column.name for column in template.columns}
    chosen = {
        written[at]: name
        for at, name in enumerate(lower)
        if name in known and lower.index(name) == at
    }
    text, findings = read_columns(path, list(chosen))
    text = text.rename(columns=chosen)
    frame = text[["source_file", "source_row"]]
    for column in template.columns:
        if column.name in text:
            values, more = _read(template, column, text)
            frame = frame.assign(**{column.name: values})
            findings = [*findings, *more]
    return template.file, frame, findings


def _check_columns(path: Path, template: Template, names: list[str]) -> None:
    lacking = [own.name for own in template.columns if own.needed and own.name not in names]
    if lacking:
        raise ReturnError(
            f"{template.file} lacks {', '.join(lacking)}.{nearest(lacking[0], names)}",
            where=path.name,
            fix="Give it the columns of the template.",
        )


def _read(
    template: Template, column: TemplateColumn, text: pd.DataFrame
) -> tuple[pd.Series, list[Finding]]:
    given = text[column.name]
    if column.name.endswith("_id"):
        return cells.identifiers(given), []
    if column.words is None:
        values, bad = cells.dates(given)
        rule, message, fix = "R010", f"The text of {column.name} cannot be read.", "the dates"
    else:
        values, bad = cells.mapped(given, _meaning_of(column), "str")
        rule, message = "R039", f"Words of {column.name} are not among those of the template."
        fix = f"the words ({', '.join(column.words)})"
    return values, findings_by_file(
        rule,
        "error",
        message,
        text[bad],
        table=template.table,
        column=column.name,
        fix=f"Correct {fix}; the cells count as missing.",
    )


def _meaning_of(column: TemplateColumn) -> Callable[[str], str | None]:
    words = column.words or {}

    def meaning(text: str) -> str | None:
        plain = re.sub(r"[\s_-]+", " ", text.lower()).removesuffix(".0")
        if plain in words:
            return plain
        for pattern, word in _SPEAKS_OF.get(column.name, ()):
            if found := re.search(pattern, plain):
                return found.expand(word)
        return None

    return meaning


def _strangers(frames: dict[str, pd.DataFrame]) -> list[Finding]:
    """Report families and adults that their own files do not hold."""
    found: list[Finding] = []
    for column, owner in (("family_id", _FAMILIES), ("adult_id", _ADULTS)):
        naming = {
            name: frame
            for name, frame in frames.items()
            if name not in (owner, _ADULTS) and column in frame
        }
        if owner not in frames or not frames[owner][column].notna().any():
            # the list of adults serves this check alone; without families no row has a child
            if owner == _FAMILIES:
                found += _no_family({name: frame[column] for name, frame in naming.items()})
            continue
        for name, frame in naming.items():
            stranger = frame[column].notna() & ~is_among(frame[column], frames[owner][column])
            found += findings_by_file(
                "R018",
                "warning",
                f"Rows name a {column} that {owner} does not hold.",
                frame[stranger],
                table=_BY_NAME[name].table,
                column=column,
                fix=f"Complete {owner}; the rows are kept.",
            )
    return found


def _no_family(naming: Mapping[str, pd.Series]) -> list[Finding]:
    return all_strangers(
        f"{_FAMILIES} names no family",
        naming,
        table=_BY_NAME[_FAMILIES].table,
        fix=f"Fill in {_FAMILIES}, the children of each family; without it the rows are kept "
        "and belong to no child.",
    )


def _admitted(
    admission: Admission, tables: dict[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Leave out the listed; a family of which no child is left goes with them."""
    kept, findings = admission.without(tables)
    if "family_links" not in tables:
        return kept, findings
    before, after = tables["family_links"]["family_id"], kept["family_links"]["family_id"]
    emptied = before[~is_among(before, after)]
    for name, frame in kept.items():
        gone = is_among(frame["family_id"], emptied)
        kept[name] = frame[~gone].reset_index(drop=True)
    return kept, findings


def _not_a_template(path: Path) -> Finding:
    return finding(
        "R021",
        "note",
        "The file is none of the templates and was not read.",
        file=path.name,
        fix="Nothing needs doing, unless it was meant to be one; keep the templates' names.",
    )
