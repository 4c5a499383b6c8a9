"""Commands about data: check a return, invent an authority, write templates and the catalogue."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

import fs_risk as fs
from fs_risk.cli.app import app, read_source
from fs_risk.cli.complete import FORMATS, PROFILES, one_of
from fs_risk.cli.options import (
    Database,
    Exclude,
    ExtractDate,
    Html,
    Out,
    Pseudonymise,
    Seed,
    Sources,
)
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice
from fs_risk.cli.whole_files import only_invented, write_whole, write_whole_folder
from fs_risk.errors import SettingError, nearest

FOUND_AN_ERROR = 11
"""Exit code of `check --strict` where a finding is an error."""


@verb(
    app,
    example="fs-risk check extract/ --html quality.html",
    prints={
        "extract_date": "the day that the records end on",
        "tables": "rows of each table",
        "observed": "first and last day that each table is observed, or null",
        "set_aside": "rows of each table that could not be used",
        "problems": "findings: rule, severity, file, table, column, count, line numbers, cure",
    },
)
def check(
    voice: Voice,
    source: Sources,
    html: Html = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 11 if any finding is an error.")
    ] = False,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Say what was read from a return, and what is wrong with it. Shows no child's data."""
    from fs_risk.cli.texts import check_summary, check_text

    with voice.steps(2) as step:
        step("Reading")
        records = read_source(source, exclude, pseudonymise, extract_date)
        step("Checking")
        text = "" if voice.as_json else check_text(records)
        summary = check_summary(records)
    voice.result(summary, text)
    if html is not None:
        voice.wrote("quality report", write_whole(html, records.quality_report))
    if strict and (records.problems["severity"] == "error").any():
        voice.exit_code = FOUND_AN_ERROR


@verb(
    app,
    example="fs-risk authority --children 20000 --out invented/ --format ssd --messy",
    prints={
        "synthetic": "true: every record is invented",
        "extract_date": "the day that the records end on",
        "tables": "rows of each table",
        "calibration": "each rate beside the published one; null where only returns are written",
    },
    note="--out is a new or an empty folder, or one that it wrote to before.",
)
def authority(
    voice: Voice,
    children: Annotated[
        int | None, typer.Option(min=1, help="Children; by default the profile's.")
    ] = None,
    years: Annotated[
        int | None, typer.Option(min=1, help="Years observed; by default the profile's.")
    ] = None,
    seed: Seed = 0,
    profile: Annotated[
        str, typer.Option(help="england or small.", autocompletion=one_of(PROFILES))
    ] = "england",
    defect: Annotated[
        list[str] | None,
        typer.Option(help="Defect of recording to plant, as name=size; may be repeated."),
    ] = None,
    html: Html = None,
    out: Out = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="What to write to --out: ssd, cin_census, annex_a or ssda903; may be repeated.",
            autocompletion=one_of(FORMATS),
        ),
    ] = None,
    database: Database = None,
    messy: Annotated[
        bool, typer.Option("--messy", help="Write as untidily as real returns are.")
    ] = False,
) -> None:
    """Invent an authority, hold its rates against the published ones, write its returns."""
    from fs_risk.cli.texts import calibration_text
    from fs_risk.synthetic.calibration import calibration_table
    from fs_risk.synthetic.report import write_authority_report

    chosen, sizes = _formats(formats or ["ssd"]), _sizes(defect or [])
    if out is not None:
        only_invented(out, [written for _, written in _WRITERS.values()])
    table = None
    with voice.steps(2) as step:
        step("Inventing")
        records = fs.make_authority(
            children=children,
            years=years,
            seed=seed,
            profile=profile,
            defects=sizes,
            progress=voice.progress,
        )
        step("Holding against what is published")
        if (out is None and database is None) or html is not None:
            table = calibration_table(records)
    lines = [f"SYNTHETIC {records!r}", *([] if table is None else [calibration_text(table)])]
    summary = {
        "synthetic": True,
        "extract_date": str(records.extract_date.date()),
        "tables": {name: len(records[name]) for name in records},
        "calibration": table,
    }
    voice.result(summary, "\n".join(lines))
    if html is not None:
        voice.wrote("page", write_whole(html, lambda path: write_authority_report(records, path)))
    for name in chosen if out is not None else ():
        voice.wrote(name, _write_return(records, name, out, messy=messy, seed=seed))
    if database is not None:
        records.to_ssd(database, messy=messy, seed=seed)
        voice.wrote("database", "written")


_WRITERS: dict[str, tuple[str, str]] = {
    "ssd": ("to_ssd", "ssd"),
    "cin_census": ("to_cin_census", "cin_census"),
    "annex_a": ("to_annex_a", "annex_a.xlsx"),
    "ssda903": ("to_ssda903", "ssda903"),
}
"""The method of `Records` that writes each format, and what it writes in the folder."""


def _write_return(
    records: "fs.Records", name: str, out: Path | None, *, messy: bool, seed: int
) -> Path:
    from fs_risk.records.said_invented import SYNTHETIC_NOTE, SYNTHETIC_WORDS

    method, written = _WRITERS[name]
    place = (out or Path()) / written
    place.parent.mkdir(parents=True, exist_ok=True)
    # by this note a later run knows that it may write here anew
    (place.parent / SYNTHETIC_NOTE).write_text(f"{SYNTHETIC_WORDS}\n", encoding="utf-8")
    whole = write_whole if place.suffix else write_whole_folder
    return whole(place, lambda path: getattr(records, method)(path, messy=messy, seed=seed))


def _formats(given: list[str]) -> list[str]:
    """Check the formats before anything is made."""
    for name in given:
        if name not in _WRITERS:
            raise SettingError(
                f"There is no format {name!r}.{nearest(name, _WRITERS)}",
                where="--format",
                fix=f"Choose one of: {', '.join(_WRITERS)}.",
            )
    return given


def _sizes(given: list[str]) -> dict[str, float]:
    """Read ``name=size``."""
    sizes: dict[str, float] = {}
    for one in given:
        name, _, size = one.partition("=")
        try:
            sizes[name] = float(size)
        except ValueError:
            raise SettingError(
                f"The defect {name!r} has no size.",
                where="--defect",
                fix="Give it as name=size, for example late_recording=0.3.",
            ) from None
    return sizes


@verb(
    app,
    example="fs-risk templates --out family-safeguarding/",
    prints={},
)
def templates(voice: Voice, out: Out = None) -> None:
    """Write empty CSV templates for the Family Safeguarding service's own records."""
    from fs_risk.records.writing.family_safeguarding import write_family_safeguarding_templates

    folder = voice.folder(out, "family-safeguarding")
    voice.result({})
    written: list[Path] = []
    write_whole_folder(
        folder, lambda part: written.extend(write_family_safeguarding_templates(part))
    )
    for path in written:
        voice.wrote(path.name, folder / path.name)


@verb(
    app,
    example="fs-risk features --out features/",
    prints={"features": "rows of the catalogue: name, concept, window, unit, kind, wording …"},
)
def features(voice: Voice, out: Out = None) -> None:
    """List every feature that the library knows; with --out, write the catalogue's pages."""
    from fs_risk.features.catalogue_pages import catalogue_pages

    catalogue = fs.feature_catalogue()
    lines = [f"{row[1]:<50} {row.meaning}" for row in catalogue.itertuples()]
    voice.result({"features": catalogue}, "\n".join(lines) if out is None else "")
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, text in catalogue_pages().items():
        voice.wrote(name, write_whole(out / name, partial(_write_text, text)))


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
