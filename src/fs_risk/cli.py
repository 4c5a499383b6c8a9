"""The command line: arguments in, exit code out; no sums of its own."""

import json
import sys
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

import fs_risk as fs
from fs_risk.errors import FsRiskError, PlanError, ReferralError

app = typer.Typer(
    name="fs-risk",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Risk profiles for English children's services, from what was known on the day. "
    "A list adds attention; it never closes, defers or refuses a referral.",
)

EXIT_CODES = (
    "Exit codes: 0 done; 1 a fault of the library; 2 wrong usage; 10 a return cannot be read; "
    "11 records cannot be used; 12 features; 13 outcomes; 14 the plan; 15 a saved model; "
    "16 a referral; 17 no honest figure; 18 a setting."
)


def _told_plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Print errors that a user can put right without a traceback, and exit with their code."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except FsRiskError as error:
            typer.echo(f"{type(error).__name__}: {error}", err=True)
            raise typer.Exit(error.exit_code) from None

    return run


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(fs.__version__)
        raise typer.Exit


@app.callback(epilog=EXIT_CODES)
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the release.")
    ] = False,
) -> None:
    """Take the options that come before a command."""


Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for what is written.")]
Outcome = Annotated[str, typer.Option(help="cp_plan, pre_proceedings, care, step_up or section47.")]
Within = Annotated[int, typer.Option(min=1, help="Days in which the outcome counts.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same results.")]
Sources = Annotated[
    list[str],
    typer.Argument(help="Folder or database of SSD tables, CIN census, Annex A or API payloads."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command(epilog="Example: fs-risk demo --children 20000 --out my-demo")
@_told_plainly
def demo(
    children: Annotated[int, typer.Option(min=1, help="Children of the authority.")] = 62_700,
    years: Annotated[int, typer.Option(min=1, help="Years observed.")] = 8,
    seed: Seed = 0,
    outcome: Outcome = "cp_plan",
    within_days: Within = 365,
    capacity: Annotated[int, typer.Option(min=1, help="Children on the week's list.")] = 9,
    out: Out = Path("fs-risk-demo"),
) -> None:
    """Run the whole way on an invented authority: data, model, evidence, the week's list."""
    plan = fs.Plan(outcome=outcome, within_days=within_days, capacity=capacity, seed=seed)
    typer.echo(f"1 of 5  Inventing an authority of {children:,} children over {years} years ...")
    records = fs.make_authority(children=children, years=years, seed=seed)
    typer.echo(f"        {records!r}")
    typer.echo(f"2 of 5  Fitting a model of {outcome} within {within_days} days of a referral ...")
    model = fs.train_step_up(records, plan)
    typer.echo("3 of 5  Testing it on later time and unseen households ...")
    report = fs.evaluate_step_up(model, records)
    typer.echo(_indented(report.text()))
    typer.echo("4 of 5  The week's list ...")
    ranked = _week_list(records, model, records.extract_date.date(), capacity, "second_read")
    typer.echo(_indented(_list_text(ranked)))
    typer.echo("5 of 5  Writing ...")
    written = _write_study(model, report, out)
    written["list"] = ranked.to_csv(out / "week_list.csv")
    for what, where in written.items():
        typer.echo(f"        {what}: {where}")


@app.command(
    epilog="Example: fs-risk check extract/   or   fs-risk check CIN_2023.xml CIN_2024.xml"
)
@_told_plainly
def check(
    source: Sources,
    as_json: Json = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 11 if any finding is an error.")
    ] = False,
) -> None:
    """Say what was read from a return, and what is wrong with it. Shows no child's data."""
    from fs_risk.readers.recognise import read_return

    records = read_return(source)
    problems = records.problems
    if as_json:
        typer.echo(json.dumps(_check_summary(records), indent=2))
    else:
        typer.echo(_check_text(records))
    if strict and (problems["severity"] == "error").any():
        raise typer.Exit(11)


@app.command(epilog="Example: fs-risk train extract/ --plan plan.toml --out model/")
@_told_plainly
def train(
    source: Sources,
    plan: Annotated[
        Path, typer.Option(exists=False, help="TOML file with the plan: outcome, purpose, owner …")
    ],
    out: Out = Path("fs-risk-model"),
) -> None:
    """Fit a step-up model to a written plan, test it and write model, page and run."""
    from fs_risk.readers.recognise import read_return

    stated = _read_plan(plan)
    records = read_return(source)
    model = fs.train_step_up(records, stated)
    report = fs.evaluate_step_up(model, records)
    typer.echo(report.text())
    for what, where in _write_study(model, report, out).items():
        typer.echo(f"{what}: {where}")


@app.command(
    epilog="Example: fs-risk score extract/ --model model/ --last-day 2025-03-31 --csv list.csv"
)
@_told_plainly
def score(
    source: Sources,
    model: Annotated[Path, typer.Option(help="Folder of a saved model.")],
    last_day: Annotated[
        str | None, typer.Option(help="Last day of the list's week; default: the extract's date.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How many days the list covers.")] = 7,
    capacity: Annotated[int, typer.Option(min=1, help="Children on the list.")] = 9,
    purpose: Annotated[
        str, typer.Option(help="second_read, group_supervision or allocation.")
    ] = "second_read",
    csv: Annotated[Path | None, typer.Option(help="Write the list here as CSV.")] = None,
    as_json: Json = False,
) -> None:
    """Score the referrals of some days and list those for additional attention."""
    from fs_risk.readers.recognise import read_return

    loaded = fs.load_model(model)
    records = read_return(source)
    end = _day(last_day) if last_day else records.extract_date.date()
    ranked = _week_list(records, loaded, end, capacity, purpose, days=days)
    if as_json:
        typer.echo(json.dumps([made.model_dump() for made in ranked.scores], indent=2))
    else:
        typer.echo(_list_text(ranked))
    if csv is not None:
        typer.echo(f"list: {ranked.to_csv(csv)}")


@app.command(epilog="Example: fs-risk features --write features/")
@_told_plainly
def features(
    write: Annotated[
        Path | None, typer.Option(help="Write catalogue.md and catalogue.csv to this folder.")
    ] = None,
) -> None:
    """List every feature that the library knows, or write the catalogue's pages."""
    from fs_risk.features.catalogue_pages import write_catalogue

    if write is not None:
        for path in write_catalogue(write):
            typer.echo(f"catalogue: {path}")
        return
    for row in fs.feature_catalogue().itertuples():
        typer.echo(f"{row[1]:<50} {row.meaning}")


def _week_list(
    records: fs.Records,
    model: fs.StepUpModel,
    last: date,
    capacity: int,
    purpose: str,
    *,
    days: int = 7,
) -> Any:
    from fs_risk.triage.referral import declared_referrals

    referrals = declared_referrals(records, last - timedelta(days=days - 1), last)
    return fs.prioritise(
        referrals,
        records=records,
        model=model,
        capacity=capacity,
        purpose=purpose,  # type: ignore[arg-type]
    )


def _write_study(model: fs.StepUpModel, report: Any, out: Path) -> dict[str, Path | str]:
    from fs_risk.evaluation.page import write_page

    out.mkdir(parents=True, exist_ok=True)
    folder = model.save(out / "model")
    page = write_page(report, model, out / "results.html")
    store = out / "mlflow.db"
    run = fs.track_run(model, figures=report.table, tracking_uri=f"sqlite:///{store.as_posix()}")
    return {"model": folder, "page": page, "MLflow run": f"{run.run_id} in {store}"}


def _read_plan(path: Path) -> fs.Plan:
    from pydantic import ValidationError

    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanError(
            "The plan does not exist.", where=path.name, fix="Write it as the README shows."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(
            "The plan is not a TOML file.", where=path.name, fix=f"Correct it: {error}."
        ) from None
    try:
        return fs.Plan.model_validate(stated)
    except ValidationError as error:
        faults = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise PlanError(
            f"The plan's {faults} cannot be used.",
            where=path.name,
            fix=f"Correct it: {error.errors()[0]['msg']}.",
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReferralError("The last day is not a date.", fix="Give it as yyyy-mm-dd.") from None


def _check_summary(records: fs.Records) -> dict[str, Any]:
    return {
        "extract_date": str(records.extract_date.date()),
        "tables": {name: len(records[name]) for name in records},
        "observed": {
            name: None
            if window is None
            else [str(window.observed_from.date()), str(window.observed_to.date())]
            for name, window in records.coverage.items()
        },
        "set_aside": {name: len(frame) for name, frame in records.set_aside.items()},
        "problems": json.loads(records.problems.to_json(orient="records")),
    }


def _check_text(records: fs.Records) -> str:
    lines = [f"Read to {records.extract_date.date()}.", "", "table, rows, observed:"]
    for name in records:
        window = records.coverage[name]
        if len(records[name]) or window is not None:
            span = (
                f"{window.observed_from.date()} to {window.observed_to.date()}"
                if window is not None
                else "not observed"
            )
            lines.append(f"  {name:<18} {len(records[name]):>9,}  {span}")
    aside = sum(len(frame) for frame in records.set_aside.values())
    lines += ["", f"{aside} rows set aside. {len(records.findings)} findings:"]
    for found in records.problems.itertuples():
        rows = ", ".join(map(str, found.rows[:8])) + (", ..." if found.count > 8 else "")
        where = " ".join(filter(None, [found.file, found.table, found.column]))
        at = f", lines {rows}" if rows else ""
        lines.append(
            f"  {found.severity} {found.rule} ({where}{at}; {found.count}) {found.message}"
        )
        lines.append(f"      {found.fix}")
    return "\n".join(lines)


def _list_text(ranked: Any) -> str:
    lines = [ranked.summary()]
    for row, made in zip(ranked.table.itertuples(), ranked.scores, strict=True):
        if made.code is not None:
            lines.append(f"  first   {made.referral_id or '-'}: {made.code}. {made.code_meaning}")
        elif row.listed:
            lines.append(f"  {row.place:>5}   referral {made.referral_id or '-'}: {made.said}")
            lines += [f"          worry: {r.concept}: {r.wording}" for r in made.worries[:3]]
            lines += [f"          strength: {r.concept}: {r.wording}" for r in made.strengths[:2]]
    if ranked.scores and ranked.scores[0].synthetic:
        lines.insert(0, "SYNTHETIC")
    return "\n".join(lines)


def _indented(text: str) -> str:
    return "\n".join(f"        {line}" for line in text.splitlines())


def main() -> None:
    """Run the command line."""
    if hasattr(sys.stdout, "reconfigure"):
        # a Windows console may not encode every character of a finding
        sys.stdout.reconfigure(errors="replace")
    app()
