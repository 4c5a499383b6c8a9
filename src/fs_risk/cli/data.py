"""Commands about data: check a return, invent an authority, write templates and the catalogue."""

from pathlib import Path
from typing import Annotated

import typer

import fs_risk as fs
from fs_risk.cli.app import (
    Exclude,
    Json,
    Pseudonymise,
    Seed,
    Sources,
    app,
    read_source,
    say,
    say_json,
    told_plainly,
)
from fs_risk.cli.texts import calibration_text, check_summary, check_text
from fs_risk.errors import SettingError, nearest


@app.command(
    epilog="Example: fs-risk check extract/ --report quality.html   "
    "or   fs-risk check CIN_2023.xml CIN_2024.xml"
)
@told_plainly
def check(
    source: Sources,
    as_json: Json = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the quality report, an HTML page, here.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 11 if any finding is an error.")
    ] = False,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
) -> None:
    """Say what was read from a return, and what is wrong with it. Shows no child's data."""
    records = read_source(source, exclude, pseudonymise)
    if as_json:
        say_json(check_summary(records))
    else:
        say(check_text(records))
    if report is not None:
        written = records.quality_report(report)
        if not as_json:
            say(f"quality report: {written}")
    if strict and (records.problems["severity"] == "error").any():
        raise typer.Exit(11)


@app.command(
    epilog="Example: fs-risk authority --report authority.html   "
    "or   fs-risk authority --children 20000 --out extract --format ssd --messy"
)
@told_plainly
def authority(
    children: Annotated[
        int | None, typer.Option(min=1, help="Children; by default the profile's.")
    ] = None,
    years: Annotated[
        int | None, typer.Option(min=1, help="Years observed; by default the profile's.")
    ] = None,
    seed: Seed = 0,
    profile: Annotated[str, typer.Option(help="england or small.")] = "england",
    defect: Annotated[
        list[str] | None,
        typer.Option(help="Defect of recording to plant, as name=size; may be repeated."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write the calibration table with its drawings, an HTML page, here."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the records to this folder.")
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="ssd, cin_census, annex_a or ssda903; may be repeated."),
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="Write the SSD's tables to this database address.")
    ] = None,
    messy: Annotated[
        bool, typer.Option("--messy", help="Write as untidily as real returns are.")
    ] = False,
) -> None:
    """Invent an authority, hold its rates against the published ones, write its returns."""
    from fs_risk.synthetic.calibration import calibration_table
    from fs_risk.synthetic.report import write_authority_report

    chosen = _formats(formats or ["ssd"])
    records = fs.make_authority(
        children=children, years=years, seed=seed, profile=profile, defects=_sizes(defect or [])
    )
    say(f"SYNTHETIC {records!r}")
    if (out is None and database is None) or report is not None:
        say(calibration_text(calibration_table(records)))
    if report is not None:
        say(f"report: {write_authority_report(records, report)}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name in chosen:
            method, written = _WRITERS[name]
            getattr(records, method)(out / written, messy=messy, seed=seed)
            say(f"{name}: {out / written}")
    if database is not None:
        records.to_ssd(database, messy=messy, seed=seed)
        say("database: written")


_WRITERS: dict[str, tuple[str, str]] = {
    "ssd": ("to_ssd", "ssd"),
    "cin_census": ("to_cin_census", "cin_census"),
    "annex_a": ("to_annex_a", "annex_a.xlsx"),
    "ssda903": ("to_ssda903", "ssda903"),
}
"""The method of `Records` that writes each format, and what it writes in the folder."""


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


@app.command(epilog="Example: fs-risk templates family-safeguarding/")
@told_plainly
def templates(
    folder: Annotated[Path, typer.Argument(help="Folder for the CSV templates and their guide.")],
) -> None:
    """Write empty CSV templates for the Family Safeguarding service's own records."""
    from fs_risk.records.writing.family_safeguarding import write_family_safeguarding_templates

    for path in write_family_safeguarding_templates(folder):
        say(f"template: {path}")


@app.command(epilog="Example: fs-risk features --write features/")
@told_plainly
def features(
    write: Annotated[
        Path | None, typer.Option(help="Write catalogue.md and catalogue.csv to this folder.")
    ] = None,
) -> None:
    """List every feature that the library knows, or write the catalogue's pages."""
    from fs_risk.features.catalogue_pages import write_catalogue

    if write is not None:
        for path in write_catalogue(write):
            say(f"catalogue: {path}")
        return
    for row in fs.feature_catalogue().itertuples():
        say(f"{row[1]:<50} {row.meaning}")
