"""Commands about risk: the demonstration, training, evidence and audits."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import (
    Exclude,
    Json,
    Out,
    Pseudonymise,
    Seed,
    Sources,
    app,
    read_source,
    say,
    say_json,
    told_plainly,
)
from fs_risk.cli.texts import indented, list_text, slices_text
from fs_risk.cli.triage import week_list
from fs_risk.errors import PlanError

Outcome = Annotated[str, typer.Option(help="cp_plan, pre_proceedings, care, step_up or section47.")]
Within = Annotated[int, typer.Option(min=1, help="Days in which the outcome counts.")]


@app.command(epilog="Example: fs-risk demo --children 20000 --out my-demo")
@told_plainly
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
    say(f"1 of 5  Inventing an authority of {children:,} children over {years} years ...")
    records = fs.make_authority(children=children, years=years, seed=seed)
    say(f"        {records!r}")
    say(f"2 of 5  Fitting a model of {outcome} within {within_days} days of a referral ...")
    model = fs.train_step_up(records, plan)
    say("3 of 5  Testing it on later time and unseen households ...")
    report = fs.evaluate_step_up(model, records)
    say(indented(report.text()))
    say("4 of 5  The week's list ...")
    ranked = week_list(records, model, records.extract_date.date(), capacity, "second_read")
    say(indented(list_text(ranked)))
    say("5 of 5  Writing ...")
    written = _write_study(model, report, out)
    written["list"] = ranked.to_csv(out / "week_list.csv")
    for what, where in written.items():
        say(f"        {what}: {where}")


@app.command(epilog="Example: fs-risk train extract/ --plan plan.toml --out model/")
@told_plainly
def train(
    source: Sources,
    plan: Annotated[
        Path, typer.Option(exists=False, help="TOML file with the plan: outcome, purpose, owner …")
    ],
    out: Out = Path("fs-risk-model"),
    tune: Annotated[
        int | None,
        typer.Option(min=1, help="Try this many settings of the trees; part of the plan."),
    ] = None,
    plans: Annotated[
        Path | None,
        typer.Option(
            help="List of every plan tried, which this one is added to before anything is "
            "fitted; default: plans_tried.jsonl beside --out."
        ),
    ] = None,
    register: Annotated[
        str | None,
        typer.Option(help="Name in MLflow's registry; the new version is its candidate."),
    ] = None,
    vignettes: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of your own cases and their order, to try the model on; default: "
            "those that ship with the library."
        ),
    ] = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
) -> None:
    """Fit a step-up model to a written plan, test it and write model, page and run."""
    book = None if vignettes is None else fs.read_vignettes(vignettes)
    stated = _read_plan(plan).tuned(tune)
    say(f"plan {stated.hash}")
    records = read_source(source, exclude, pseudonymise)
    noted = plans or out.parent / "plans_tried.jsonl"
    model = fs.train_step_up(records, stated, plans_tried=noted, vignettes=book)
    say(slices_text(model))
    report = fs.evaluate_step_up(model, records)
    say(report.text())
    for what, where in _write_study(model, report, out, register).items():
        say(f"{what}: {where}")


@app.command(epilog="Example: fs-risk evaluate extract/ --model model/ --report results.html")
@told_plainly
def evaluate(
    source: Sources,
    model: Annotated[Path, typer.Option(help="Folder of a saved model.")],
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="The records are another authority's: every case counts."),
    ] = False,
    resamples: Annotated[
        int, typer.Option(min=100, help="Household resamples for the intervals.")
    ] = 500,
    capacity: Annotated[
        list[float] | None,
        typer.Option(
            help="A size of list to show beside the plan's own: children, or a share below 1. "
            "May be repeated."
        ),
    ] = None,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Fit again as well: a learning curve, without features of poverty, another seed.",
        ),
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the results, an HTML page, here.")
    ] = None,
    as_json: Json = False,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
) -> None:
    """Say how good a saved model is, on later time and unseen households."""
    loaded = fs.load_model(model)
    records = read_source(source, exclude, pseudonymise)
    found = fs.evaluate_step_up(
        loaded,
        records,
        fresh=fresh,
        resamples=resamples,
        capacities=[int(size) if size.is_integer() else size for size in capacity or ()],
        thorough=thorough,
    )
    if as_json:
        say_json(found.model_dump(mode="json"))
    else:
        say(found.text())
    if report is not None:
        from fs_risk.evaluation.page import write_page

        written = write_page(found, loaded, report)
        if not as_json:
            say(f"page: {written}")


@app.command(epilog="Example: fs-risk audit model/ extract/ --why --html audit.html")
@told_plainly
def audit(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.")],
    source: Sources,
    html: Annotated[Path | None, typer.Option(help="Write the audit, an HTML page, here.")] = None,
    capacity: Annotated[
        float | None,
        typer.Option(help="Children on each list, or a share below 1; default: the plan's own."),
    ] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Resamples for the intervals.")] = 1000,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="The records are another authority's: every case counts."),
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Say what carries the gaps that the audit shows.")
    ] = False,
    options: Annotated[
        str | None,
        typer.Option(
            help="An attribute, such as ethnicity: fit and list otherwise, and show before and "
            "after. Takes minutes."
        ),
    ] = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
) -> None:
    """Compare how groups fare on a model's lists; small numbers are hidden."""
    loaded = fs.load_model(model)
    records = read_source(source, exclude, pseudonymise)
    size = int(capacity) if capacity is not None and capacity.is_integer() else capacity
    found = fs.audit_step_up(loaded, records, capacity=size, resamples=resamples, fresh=fresh)
    say(found.text())
    reasons = fs.explain_gaps(loaded, records, audit=found, fresh=fresh) if why else None
    if reasons is not None:
        say(reasons.text())
    tried = None
    if options is not None:
        tried = fs.compare_options(loaded, records, attribute=options, capacity=size)
        say(tried.text())
    if html is not None:
        say(f"page: {found.to_html(html, why=reasons, options=tried)}")


def _write_study(
    model: fs.StepUpModel, report: Any, out: Path, register: str | None = None
) -> dict[str, Path | str]:
    from fs_risk.evaluation.page import write_page

    out.mkdir(parents=True, exist_ok=True)
    folder = model.save(out / "model")
    page = write_page(report, model, out / "results.html")
    store = out / "mlflow.db"
    run = fs.track_run(
        model,
        figures=report.table,
        pictures={
            "precision_recall": report.plot_precision_recall(),
            "calibration": report.plot_calibration(),
            "gain": report.plot_gain(),
        },
        tracking_uri=f"sqlite:///{store.as_posix()}",
        register_as=register,
    )
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
