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


@app.command(epilog="Example: fs-risk forecast extract/ --measure referrals --csv forecast.csv")
@told_plainly
def forecast(
    source: Sources,
    horizon: Horizon = 12,
    measure: Measures = None,
    by: By = None,
    weekly: Weekly = False,
    csv: Csv = None,
    seed: Seed = 0,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """Forecast contacts, referrals, plans and care starts, with bands. Names nobody."""
    series = _series(read_source(source, exclude, pseudonymise), measure, by, weekly)
    found = fs.forecast_demand(series, horizon, random_state=seed)
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
    csv: Csv = None,
    seed: Seed = 0,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """Forecast from earlier dates, and say how that held against last year's number."""
    series = _series(read_source(source, exclude, pseudonymise), measure, by, weekly)
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
    records: fs.Records, measure: list[str] | None, by: list[str] | None, weekly: bool
) -> pd.DataFrame:
    return fs.demand_series(
        records,
        freq="W-MON" if weekly else "MS",
        by=by,
        measures=measure or FRONT_DOOR_TO_CARE,
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
