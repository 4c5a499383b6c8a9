"""Commands about evidence: how good a saved model is, and how groups fare on its lists."""

from typing import Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import app, read_source
from fs_risk.cli.complete import ATTRIBUTES, one_of
from fs_risk.cli.options import (
    Capacity,
    Exclude,
    ExtractDate,
    Fresh,
    Html,
    Model,
    Pseudonymise,
    Resamples,
    Sources,
    whole_or_share,
)
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice
from fs_risk.cli.whole_files import write_whole


@verb(
    app,
    example="fs-risk evaluate extract/ --model model/ --html results.html",
    prints="fs_risk.evaluation.report.EvaluationReport",
)
def evaluate(
    voice: Voice,
    source: Sources,
    model: Model,
    fresh: Fresh = False,
    resamples: Resamples = 500,
    sizes: Annotated[
        list[float] | None,
        typer.Option(
            "--capacity",
            help="A size of list to show beside the plan's own: children, or a share below 1. "
            "May be repeated.",
        ),
    ] = None,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Fit again as well: a learning curve, without features of poverty, another seed.",
        ),
    ] = False,
    html: Html = None,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Say how good a saved model is, on later time and unseen households."""
    with voice.steps(2) as step:
        step("Reading")
        loaded = fs.load_model(model)
        records = read_source(source, exclude, pseudonymise, extract_date)
        step("Measuring")
        found = fs.evaluate_step_up(
            loaded,
            records,
            fresh=fresh,
            resamples=resamples,
            capacities=[whole_or_share(size) for size in sizes or ()],
            thorough=thorough,
            progress=voice.progress,
        )
    voice.result(found, "" if voice.as_json else found.text())
    if html is not None:
        from fs_risk.evaluation.page import write_page

        voice.wrote("page", write_whole(html, lambda path: write_page(found, loaded, path)))


@verb(
    app,
    example="fs-risk audit extract/ --model model/ --why --html audit.html",
    prints={
        "made": "how lists were made: day, week, month, one list",
        "origin": "real or synthetic",
        "table": "metric, attribute, group, value, low, high, n, verdict …; small numbers hidden",
        "why": "for each gap that is shown, the concepts that carry it; null without --why",
        "options": "before and after each option; null without --options",
    },
)
def audit(
    voice: Voice,
    source: Sources,
    model: Model,
    html: Html = None,
    capacity: Capacity = None,
    resamples: Resamples = 1000,
    fresh: Fresh = False,
    why: Annotated[
        bool, typer.Option("--why", help="Say what carries the gaps that the audit shows.")
    ] = False,
    options: Annotated[
        str | None,
        typer.Option(
            help="An attribute, such as ethnicity: fit and list otherwise, and show before and "
            "after. Takes minutes.",
            autocompletion=one_of(ATTRIBUTES),
        ),
    ] = None,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Compare how groups fare on a model's lists; small numbers are hidden."""
    size = whole_or_share(capacity)
    with voice.steps(2 + why + (options is not None)) as step:
        step("Reading")
        loaded = fs.load_model(model)
        records = read_source(source, exclude, pseudonymise, extract_date)
        step("Auditing")
        found = fs.audit_step_up(loaded, records, capacity=size, resamples=resamples, fresh=fresh)
        reasons = tried = None
        if why:
            step("Asking why")
            reasons = fs.explain_gaps(
                loaded, records, audit=found, fresh=fresh, progress=voice.progress
            )
        if options is not None:
            step("Trying options")
            tried = fs.compare_options(
                loaded, records, attribute=options, capacity=size, progress=voice.progress
            )
    parts = [each for each in (found, reasons, tried) if each is not None]
    voice.result(_audited(*(found, reasons, tried)), "\n".join(each.text() for each in parts))
    if html is not None:
        write_whole(html, lambda path: found.to_html(path, why=reasons, options=tried))
        voice.wrote("page", html)


def _audited(found: Any, reasons: Any, tried: Any) -> dict[str, Any]:
    gaps = None if reasons is None else [
        {
            "attribute": gap.attribute,
            "group": gap.group,
            "metric": gap.metric,
            "shown": gap.shown,
            "concepts": None if gap.suppressed else gap.concepts,
        }
        for gap in reasons.gaps
    ]  # fmt: skip
    return {
        "made": found.made,
        "origin": found.origin,
        "table": found.table,
        "why": gaps,
        "options": None if tried is None or tried.suppressed else tried.table,
    }
