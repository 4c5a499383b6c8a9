"""Commands about demand: what is coming, and how well earlier forecasts held."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import app, read_source
from fs_risk.cli.complete import MEASURES, SPLITS, one_of
from fs_risk.cli.options import (
    Csv,
    Exclude,
    ExtractDate,
    Horizon,
    Html,
    Pseudonymise,
    Seed,
    Sources,
)
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice
from fs_risk.cli.whole_files import write_whole

if TYPE_CHECKING:
    import pandas as pd

Measures = Annotated[
    list[str] | None,
    typer.Option(
        "--measure",
        help="What to count; may be repeated. Default: contacts to care.",
        autocompletion=one_of(MEASURES),
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        "--by", help="team or source: counts for each too.", autocompletion=one_of(SPLITS)
    ),
]
Weekly = Annotated[bool, typer.Option("--weekly", help="Count by week, with the horizon in weeks.")]
GoLive = Annotated[
    list[str] | None,
    typer.Option(
        "--go-live",
        metavar="DATE",
        help="Day from which figures are not what they were; may be repeated.",
    ),
]
Windows = Annotated[int, typer.Option("--windows", min=1, help="How many earlier origins.")]


@verb(
    app,
    example="fs-risk caseload extract/ --horizon 24 --html page.html",
    prints={
        "records": "real or synthetic",
        "verdicts": "for each tier, how earlier forecasts held",
        "table": "each tier and month: mean, median and bands",
        "waterfall": "entries, moves and ends that lead from stock to stock",
        "coverage": "how often the bands held; empty where it did not look back",
        "staffing": "posts needed and in post; null without --staffing",
        "scenarios": "for each scenario, the difference that it makes",
    },
)
def caseload(
    voice: Voice,
    source: Sources,
    horizon: Horizon = 12,
    html: Html = None,
    staffing: Annotated[
        Path | None, typer.Option(help="Staffing plan as JSON: roles with their standards.")
    ] = None,
    scenario: Annotated[
        list[Path] | None,
        typer.Option(help="A scenario as JSON; may be repeated, up to five."),
    ] = None,
    go_live: GoLive = None,
    look_back: Annotated[
        bool, typer.Option(help="Look back at earlier dates; without it there is no verdict.")
    ] = True,
    csv: Csv = None,
    seed: Seed = 0,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Forecast children on each tier, flows, specialists and staff. Names nobody."""
    scenarios = [fs.Scenario.load(path) for path in scenario or ()]
    posts = None if staffing is None else fs.StaffingPlan.load(staffing)
    with voice.steps(2) as step:
        step("Reading")
        records = read_source(source, exclude, pseudonymise, extract_date)
        step("Forecasting")
        found = fs.forecast_caseload(
            records,
            horizon=horizon,
            breaks=go_live or (),
            seed=seed,
            backtest=look_back,
            progress=voice.progress,
        )
    _say_caseload(voice, found, posts, scenarios)
    if html is not None:
        write_whole(html, lambda path: found.to_html(path, plan=posts, scenarios=scenarios))
    _write(voice, found.table, csv)
    voice.wrote("page", html)


def _say_caseload(
    voice: Voice, found: Any, posts: "fs.StaffingPlan | None", scenarios: "list[fs.Scenario]"
) -> None:
    import pandas as pd

    flows = pd.concat([found.waterfall(tier) for tier in found.tiers], ignore_index=True)
    staff = None if posts is None else found.staffing(posts)
    content = {
        "records": found.origin,
        "verdicts": {str(tier): words for tier, words in found.verdicts.items()},
        "table": found.table,
        "waterfall": flows,
        "coverage": found.coverage,
        "staffing": staff,
        "scenarios": {each.name: found.compare(found.under(each)) for each in scenarios},
    }
    shown = (_ends(found.table), flows, *([] if staff is None else [staff]))
    text = "\n".join((*_stamp(found.origin), *found.verdicts.values(), *map(_told, shown)))
    voice.result(content, text)


@verb(
    app,
    example="fs-risk forecast extract/ --measure referrals --csv forecast.csv",
    prints={
        "records": "real or synthetic",
        "words": "what is forecast, and how earlier forecasts held, in sentences",
        "verdicts": "the same for each series",
        "table": "unique_id, ds, mean, median, lo-80, hi-80, lo-95, hi-95",
    },
)
def forecast(
    voice: Voice,
    source: Sources,
    horizon: Horizon = 12,
    measure: Measures = None,
    by: By = None,
    weekly: Weekly = False,
    go_live: GoLive = None,
    authority: Annotated[
        str | None,
        typer.Option(help="ONS code of yours: with a year of referrals, others' help to forecast."),
    ] = None,
    html: Html = None,
    csv: Csv = None,
    seed: Seed = 0,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Forecast contacts, referrals, plans and care starts, with bands. Names nobody."""
    with voice.steps(2) as step:
        step("Reading")
        records = read_source(source, exclude, pseudonymise, extract_date)
        series = _series(records, measure, by, weekly, go_live)
        step("Forecasting")
        found = fs.forecast_demand(series, horizon, authority=authority, random_state=seed)
    shown = (*found.words, _told(found.verdicts), _told(_ends(found.table)))
    content = {
        "records": records.origin.kind,
        "words": list(found.words),
        "verdicts": found.verdicts,
        "table": found.table,
    }
    voice.result(content, "\n".join((*_stamp(records.origin.kind), *shown)))
    if html is not None:
        write_whole(html, found.to_html)
    voice.wrote("page", html)
    _write(voice, found.table, csv)


@verb(
    app,
    example="fs-risk backtest extract/ --measure referrals --windows 4",
    prints={
        "records": "real or synthetic",
        "verdict": "how the forecast held against last year's number",
        "notes": "what it rests on, in sentences",
        "verdicts": "the verdict on each series",
        "skill": "error of each series beside last year's",
        "by_origin": "the same by the date it was forecast from",
        "by_horizon": "the same by how far ahead",
    },
)
def backtest(
    voice: Voice,
    source: Sources,
    horizon: Horizon = 12,
    windows: Windows = 4,
    measure: Measures = None,
    by: By = None,
    weekly: Weekly = False,
    go_live: GoLive = None,
    csv: Csv = None,
    seed: Seed = 0,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Forecast from earlier dates, and say how that held against last year's number."""
    with voice.steps(2) as step:
        step("Reading")
        records = read_source(source, exclude, pseudonymise, extract_date)
        series = _series(records, measure, by, weekly, go_live)
        step("Looking back")
        found = fs.backtest_demand(series, horizon, windows=windows, random_state=seed)
    parts = ("verdicts", "skill", "by_origin", "by_horizon")
    tables = {part: getattr(found, part) for part in parts}
    shown = [_told(found.verdicts), _told(found.skill), _told(found.by_origin)]
    kind = records.origin.kind
    voice.result(
        {"records": kind, "verdict": found.verdict, "notes": list(found.notes), **tables},
        "\n".join((*_stamp(kind), f"Verdict: {found.verdict}.", *found.notes, *shown)),
    )
    _write(voice, found.table, csv)


def _series(
    records: "fs.Records",
    measure: list[str] | None,
    by: list[str] | None,
    weekly: bool,
    go_live: list[str] | None,
) -> "pd.DataFrame":
    return fs.demand_series(
        records,
        freq="W-MON" if weekly else "MS",
        by=by,
        measures=measure or MEASURES,
        breaks=go_live or (),
    )


def _ends(table: "pd.DataFrame") -> "pd.DataFrame":
    """Keep the first and the last period of each series."""
    first = ~table.duplicated("unique_id")
    last = ~table.duplicated("unique_id", keep="last")
    return table[first | last]


def _stamp(kind: str) -> tuple[str, ...]:
    return ("SYNTHETIC records.",) if kind == "synthetic" else ()


def _two_digits(value: float) -> str:
    """Write a number with two digits; what rounds to nothing has no sign.

    Examples
    --------
    >>> _two_digits(-0.004), _two_digits(-0.52)
    ('0.00', '-0.52')
    """
    return f"{round(value, 2) + 0.0:.2f}"


def _told(table: "pd.DataFrame") -> str:
    return f"{table.to_string(index=False, float_format=_two_digits)}\n"


def _write(voice: Voice, table: "pd.DataFrame", path: Path | None) -> None:
    if path is not None:
        write_whole(path, lambda part: table.to_csv(part, index=False, lineterminator="\n"))
        voice.wrote("table", path)
