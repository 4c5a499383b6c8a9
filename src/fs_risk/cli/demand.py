"""Commands about demand: what is coming, and how well earlier forecasts held."""

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
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

FRONT_DOOR_TO_CARE = (
    "contacts",
    "referrals",
    "re_referrals",
    "assessments",
    "section47",
    "conferences",
    "cp_plan_starts",
    "care_starts",
)
"""What is forecast unless other measures are named."""

Horizon = Annotated[int, typer.Option(min=1, help="Periods ahead.")]
Measures = Annotated[
    list[str] | None,
    typer.Option("--measure", help="What to count; may be repeated. Default: contacts to care."),
]
By = Annotated[list[str] | None, typer.Option("--by", help="team or source: counts for each too.")]
Weekly = Annotated[bool, typer.Option("--weekly", help="Count by week instead of month.")]
Csv = Annotated[Path | None, typer.Option(help="Write the table here as CSV.")]


Html = Annotated[
    Path | None, typer.Option(help="Write the page for a planning meeting here as HTML.")
]
GoLive = Annotated[
    list[str] | None,
    typer.Option(
        "--go-live",
        help="Day (yyyy-mm-dd) from which figures are not what they were; may be repeated.",
    ),
]


@app.command(epilog="Example: fs-risk caseload extract/ --horizon 24 --html page.html")
@told_plainly
def caseload(
    source: Sources,
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months ahead.")] = 12,
    html: Html = None,
    plan: Annotated[
        Path | None, typer.Option(help="Staffing plan as JSON: roles with their standards.")
    ] = None,
    scenario: Annotated[
        list[Path] | None,
        typer.Option("--scenario", help="A scenario as JSON; may be repeated, up to five."),
    ] = None,
    go_live: GoLive = None,
    look_back: Annotated[
        bool, typer.Option(help="Look back at earlier dates; without it there is no verdict.")
    ] = True,
    csv: Csv = None,
    seed: Seed = 0,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """Forecast children on each tier, flows, specialists and staff. Names nobody."""
    scenarios = [fs.Scenario.load(path) for path in scenario or ()]
    staffing = None if plan is None else fs.StaffingPlan.load(plan)
    records = read_source(source, exclude, pseudonymise)
    found = fs.forecast_caseload(
        records, horizon=horizon, breaks=go_live or (), seed=seed, backtest=look_back
    )
    if html is not None:
        found.to_html(html, plan=staffing, scenarios=scenarios)
    flows = pd.concat([found.waterfall(tier) for tier in found.tiers], ignore_index=True)
    staff = None if staffing is None else found.staffing(staffing)
    if as_json:
        tables = {"table": found.table, "waterfall": flows, "coverage": found.coverage}
        tables |= {} if staff is None else {"staffing": staff}
        tables |= {f"under {each.name}": found.compare(found.under(each)) for each in scenarios}
        said = {str(tier): words for tier, words in found.verdicts.items()}
        say_json({"records": found.origin, "verdicts": said}
                 | {name: _plain(table) for name, table in tables.items()})  # fmt: skip
    else:
        stamp = ("SYNTHETIC records.",) if found.origin == "synthetic" else ()
        say("\n".join((*stamp, *found.verdicts.values())))
        for table in (_ends(found.table), flows, *([] if staff is None else [staff])):
            say(_told(table))
    _write(found.table, csv, quiet=as_json)
    if html is not None and not as_json:
        say(f"page: {html}")


@app.command(epilog="Example: fs-risk forecast extract/ --measure referrals --csv forecast.csv")
@told_plainly
def forecast(
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
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """Forecast contacts, referrals, plans and care starts, with bands. Names nobody."""
    records = read_source(source, exclude, pseudonymise)
    series = _series(records, measure, by, weekly, go_live)
    found = fs.forecast_demand(series, horizon, authority=authority, random_state=seed)
    if html is not None:
        found.to_html(html, synthetic=records.origin.kind == "synthetic")
    if as_json:
        say_json({"words": list(found.words), "table": _plain(found.table)})
    else:
        say("\n".join(found.words))
        say(_told(found.verdicts))
        say(_told(_ends(found.table)))
    _write(found.table, csv, quiet=as_json)


@app.command(epilog="Example: fs-risk backtest extract/ --measure referrals --windows 4")
@told_plainly
def backtest(
    source: Sources,
    horizon: Horizon = 12,
    windows: Annotated[int, typer.Option(min=1, help="How many earlier origins.")] = 4,
    measure: Measures = None,
    by: By = None,
    weekly: Weekly = False,
    go_live: GoLive = None,
    csv: Csv = None,
    seed: Seed = 0,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """Forecast from earlier dates, and say how that held against last year's number."""
    series = _series(read_source(source, exclude, pseudonymise), measure, by, weekly, go_live)
    found = fs.backtest_demand(series, horizon, windows=windows, random_state=seed)
    if as_json:
        parts = ("verdicts", "skill", "by_origin", "by_horizon")
        tables = {part: _plain(getattr(found, part)) for part in parts}
        say_json({"verdict": found.verdict, "notes": list(found.notes), **tables})
    else:
        say("\n".join((f"Verdict: {found.verdict}.", *found.notes)))
        for table in (found.verdicts, found.skill, found.by_origin):
            say(_told(table))
    _write(found.table, csv, quiet=as_json)


def _series(
    records: fs.Records,
    measure: list[str] | None,
    by: list[str] | None,
    weekly: bool,
    go_live: list[str] | None,
) -> pd.DataFrame:
    return fs.demand_series(
        records,
        freq="W-MON" if weekly else "MS",
        by=by,
        measures=measure or FRONT_DOOR_TO_CARE,
        breaks=go_live or (),
    )


def _ends(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the first and the last period of each series."""
    first = ~table.duplicated("unique_id")
    last = ~table.duplicated("unique_id", keep="last")
    return table[first | last]


def _told(table: pd.DataFrame) -> str:
    return f"{table.to_string(index=False, float_format='{:.2f}'.format)}\n"


def _plain(table: pd.DataFrame) -> Any:
    """Give a table as JSON's own kinds, a missing number as null."""
    dated = table.assign(
        **{name: table[name].dt.strftime("%Y-%m-%d") for name in table.select_dtypes("datetime")}
    )
    return dated.astype(object).where(dated.notna(), None).to_dict("records")


def _write(table: pd.DataFrame, path: Path | None, *, quiet: bool) -> None:
    if path is None:
        return
    table.to_csv(path, index=False, lineterminator="\n")
    if not quiet:
        say(f"table: {path}")
