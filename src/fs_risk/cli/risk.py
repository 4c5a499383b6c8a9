"""Commands that make a model: the demonstration, and training to a written plan."""

import shutil
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import app, read_source
from fs_risk.cli.options import (
    Exclude,
    ExtractDate,
    Out,
    OutcomeName,
    Pseudonymise,
    RegisteredAs,
    Seed,
    Sources,
    TrackingUri,
    WithinDays,
)
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice
from fs_risk.cli.whole_files import write_whole, write_whole_folder
from fs_risk.errors import PlanError, SettingError
from fs_risk.records.decoded_text import decoded_text

POLICY_FILE = "approval_policy.json"
STUDY = {
    "model": "name, version, content hash, mode, and origin of its records",
    "plan": "hash of the plan",
    "slices": "first and last day, cases and outcomes of fit and test",
    "gates": "each gate of the plan and whether it was passed",
    "figures": "metric, value, low, high, n",
    "run": "MLflow's run",
}


@verb(
    app,
    example="fs-risk demo --children 20000 --out my-demo/",
    prints={**STUDY, "list": "what the week's list holds, in a sentence, and its id"},
    fills={"capacity": ()},
)
def demo(
    voice: Voice,
    children: Annotated[int, typer.Option(min=1, help="Children of the authority.")] = 62_700,
    years: Annotated[int, typer.Option(min=1, help="Years observed.")] = 8,
    seed: Seed = 0,
    outcome: OutcomeName = "cp_plan",
    within_days: WithinDays = 365,
    capacity: Annotated[int, typer.Option(min=1, help="Children on the week's list.")] = 9,
    out: Out = None,
) -> None:
    """Run the whole way on an invented authority: data, model, evidence, the week's list."""
    from fs_risk.cli.texts import children_text, in_short, indented, list_text
    from fs_risk.cli.week import week_list

    folder = voice.folder(out, "fs-risk-demo")
    plan = fs.Plan(outcome=outcome, within_days=within_days, capacity=capacity, seed=seed)
    voice.note(f"1 of 5  Inventing an authority of {children:,} children over {years} years ...")
    records = fs.make_authority(children=children, years=years, seed=seed, progress=voice.progress)
    voice.note(indented(children_text(records)))
    voice.note(f"2 of 5  Fitting a model of {outcome} within {within_days} days of a referral ...")
    model = fs.train_step_up(records, plan, progress=voice.progress)
    voice.note("3 of 5  Testing it on later time and unseen households ...")
    report = fs.evaluate_step_up(model, records, progress=voice.progress)
    voice.result(None, indented(in_short(report)))
    voice.note("4 of 5  The week's list ...")
    ranked = week_list(records, model, records.extract_date.date(), capacity, "second_read")
    voice.result(None, indented(list_text(ranked)))
    voice.note("5 of 5  Writing ...")
    run = _write_study(voice, model, report, folder)
    voice.wrote("list", write_whole(folder / "week_list.csv", ranked.to_csv))
    page = folder / "results.html"
    voice.note(f"Next: open {page} in a browser. Your own records: docs/first_hour.md.")
    listed = {"list_id": ranked.list_id, "summary": ranked.summary()}
    if voice.as_json:
        voice.result({**_study(model, report), "run": run, "list": listed})


@verb(
    app,
    example="fs-risk train extract/ --plan plan.toml --out model/",
    prints={
        **STUDY,
        "configurations_tried": "how many settings of the trees were tried",
        "plans_tried": "how many plans were tried on these test months",
    },
)
def train(
    voice: Voice,
    source: Sources,
    plan: Annotated[
        Path, typer.Option(help="TOML file with the plan: outcome, purpose, owner … Setting: plan.")
    ],
    out: Out = None,
    tune: Annotated[
        int | None,
        typer.Option(min=1, help="Try this many settings of the trees; part of the plan."),
    ] = None,
    plans_tried: Annotated[
        Path | None,
        typer.Option(
            help="List of every plan tried, which this one is added to before anything is "
            "fitted; default: plans_tried.jsonl beside --out."
        ),
    ] = None,
    tracking_uri: TrackingUri = None,
    experiment: Annotated[
        str | None, typer.Option(help="MLflow's experiment. Setting: experiment.")
    ] = None,
    registered_as: RegisteredAs = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="JSON of the policy of approval, put beside the model; without one, the "
            "library's. Setting: policy."
        ),
    ] = None,
    vignettes: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of your own cases and their order, to try the model on; default: "
            "those that ship with the library."
        ),
    ] = None,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Fit a step-up model to a written plan, test it and write model, page and run."""
    from fs_risk.cli.texts import in_short, slices_text

    folder = voice.folder(out, "fs-risk-model")
    book = None if vignettes is None else fs.read_vignettes(vignettes)
    stated = read_plan(plan).tuned(tune)
    _check_policy(policy)
    voice.note(f"plan {stated.hash}")
    with voice.steps(3) as step:
        step("Reading")
        records = read_source(source, exclude, pseudonymise, extract_date)
        noted = plans_tried or folder.parent / "plans_tried.jsonl"
        step("Fitting")
        model = fs.train_step_up(
            records, stated, plans_tried=noted, vignettes=book, progress=voice.progress
        )
        step("Testing")
        report = fs.evaluate_step_up(model, records, progress=voice.progress)
    voice.result(None, f"{slices_text(model)}\n{in_short(report)}")
    run = _write_study(
        voice, model, report, folder, uri=tracking_uri, experiment=experiment, name=registered_as
    )
    if policy is not None:
        beside = folder / "model" / POLICY_FILE
        voice.wrote("policy", write_whole(beside, lambda path: shutil.copyfile(policy, path)))
    if voice.as_json:
        tried = {"configurations_tried": model.training.configurations_tried,
                 "plans_tried": model.plans_tried}  # fmt: skip
        voice.result({**_study(model, report), "run": run, **tried})


def _study(model: "fs.StepUpModel", report: Any) -> dict[str, Any]:
    """Give what `train --json` and `demo --json` print of a model."""
    training = model.training
    return {
        "model": {
            "name": model.name,
            "version": model.version,
            "content_hash": model.content_hash,
            "mode": model.mode,
            "origin": training.origin,
        },
        "plan": model.plan.hash,
        "slices": {name: getattr(training, name) for name in ("fit", "test")},
        "gates": list(model.gate_results or ()),
        "figures": report.table,
    }


def _write_study(
    voice: Voice,
    model: "fs.StepUpModel",
    report: Any,
    out: Path,
    *,
    uri: str | None = None,
    experiment: str | None = None,
    name: str | None = None,
) -> dict[str, Any]:
    from fs_risk.evaluation.page import write_page

    out.mkdir(parents=True, exist_ok=True)
    voice.wrote("model", write_whole_folder(out / "model", model.save))
    page = write_whole(out / "results.html", lambda path: write_page(report, model, path))
    voice.wrote("page", page)
    store = uri or f"sqlite:///{(out / 'mlflow.db').as_posix()}"
    run = fs.track_run(
        model,
        figures=report.table,
        pictures={
            "precision_recall": report.plot_precision_recall(),
            "calibration": report.plot_calibration(),
            "gain": report.plot_gain(),
        },
        tracking_uri=store,
        register_as=name,
        **({} if experiment is None else {"experiment": experiment}),
    )
    place = "the tracking server" if uri else str(out / "mlflow.db")
    voice.wrote("MLflow run", f"{run.run_id} in {place}")
    return {"run_id": run.run_id, "model_uri": run.model_uri, "version": run.version}


def _check_policy(path: Path | None) -> None:
    """Refuse a policy of approval that could not be read, before anything is fitted."""
    from pydantic import ValidationError

    if path is None:
        return
    try:
        fs.ApprovalPolicy.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise SettingError(
            "The policy of approval cannot be read.",
            where=str(path),
            fix="Write it with ApprovalPolicy(...).model_dump_json().",
        ) from None


def read_plan(path: Path) -> "fs.Plan":
    """Read a plan from its TOML file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Plan

    Raises
    ------
    PlanError
        If the file is not there, is not TOML, or states what no plan can have.
    """
    from pydantic import ValidationError

    try:
        stated = tomllib.loads(decoded_text(path.read_bytes()))
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
