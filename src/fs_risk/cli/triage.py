"""Commands of the front door and of supervision: one score, a list, a month's families."""

import json
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

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
    whole_day,
)
from fs_risk.cli.referral_files import one_referral, read_referrals
from fs_risk.cli.texts import list_text
from fs_risk.errors import SettingError

Model = Annotated[Path, typer.Option(help="Folder of a saved model.")]
LedgerUrl = Annotated[
    str | None, typer.Option("--ledger", help="Where it is recorded: sqlite:///ledger.db.")
]
LedgerKey = Annotated[
    Path | None,
    typer.Option("--ledger-key", help="File of its master key; default: FS_RISK_LEDGER_KEY."),
]
Csv = Annotated[Path | None, typer.Option(help="Write the list here as CSV.")]
Excel = Annotated[Path | None, typer.Option(help="Write the list here as a workbook, .xlsx.")]


@app.command(
    epilog="Example: fs-risk score history/ --model model/ --referral referral.json   "
    "or   fs-risk score extract/ --model model/ --referral-id R1 --child-id C7 --date 2025-03-31"
)
@told_plainly
def score(
    source: Sources,
    model: Model,
    referral: Annotated[
        Path | None,
        typer.Option(help="JSON file with one referral, or CSV file with one row; - for stdin."),
    ] = None,
    referral_id: Annotated[str | None, typer.Option(help="Instead of a file.")] = None,
    child_id: Annotated[str | None, typer.Option(help="Known to the source or not.")] = None,
    on: Annotated[str | None, typer.Option("--date", help="Day of the referral.")] = None,
    made_by: Annotated[
        str | None, typer.Option(help="Census code of who made it; 6 is the police.")
    ] = None,
    birth_date: Annotated[str | None, typer.Option(help="Where the source has none.")] = None,
    concern: Annotated[
        str | None,
        typer.Option(help="injury, disclosure, strategy_discussion or police_protection."),
    ] = None,
    household: Annotated[
        bool, typer.Option("--household", help="Score the brothers and sisters too; recorded.")
    ] = False,
    would_change: Annotated[
        bool, typer.Option("--would-change", help="Say what could be learnt that would change it.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write chronology and reasons, a page, here.")
    ] = None,
    with_score: Annotated[
        bool, typer.Option("--with-score", help="Say the score on the page too.")
    ] = False,
    ledger: LedgerUrl = None,
    ledger_key: LedgerKey = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """Score one referral, with its reasons and limits. It decides nothing."""
    fields = {
        "referral_id": referral_id,
        "child_id": child_id,
        "referral_date": on,
        "source": made_by,
        "birth_date": birth_date,
        "immediate_concern": concern,
    }
    stated = one_referral(referral, {name: text for name, text in fields.items() if text})
    made = fs.score_referral(
        stated,
        records=_records_or_history(source, exclude, pseudonymise),
        model=fs.load_model(model),
        ledger=_ledger(ledger, ledger_key),
        chronology=html is not None,
        household=household,
        would_change=would_change,
    )
    if as_json:
        say_json(made.model_dump(mode="json"))
    else:
        say(str(made))
    if html is not None:
        made.to_html(html, with_score=with_score)
        if not as_json:
            say(f"page: {html}")


@app.command(
    epilog="Example: fs-risk prioritise extract/ --model model/ --last-day 2025-03-31 "
    "--csv list.csv   or   fs-risk prioritise history/ --model model/ --referrals today.csv "
    "--excel list.xlsx"
)
@told_plainly
def prioritise(
    source: Sources,
    model: Model,
    referrals: Annotated[
        Path | None, typer.Option(help="CSV or JSON file of the referrals, one a row.")
    ] = None,
    last_day: Annotated[
        str | None,
        typer.Option(help="Instead of a file: last day of the source's own referrals to list."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How many days of them.")] = 7,
    on: Annotated[
        str | None, typer.Option(help="Day of the list, for what is undecided for too long.")
    ] = None,
    capacity: Annotated[float, typer.Option(help="Children on the list, or a share below 1.")] = 9,
    purpose: Annotated[
        str, typer.Option(help="second_read, group_supervision or allocation.")
    ] = "second_read",
    random_share: Annotated[
        float, typer.Option(help="Share of the places filled at random from the others.")
    ] = 0.0,
    seed: Seed = 0,
    csv: Csv = None,
    excel: Excel = None,
    to_sql: Annotated[
        str | None, typer.Option(help="Add the list to this database, an SQLAlchemy URL.")
    ] = None,
    table: Annotated[str, typer.Option(help="Table for --to-sql.")] = "fs_risk_list",
    ledger: LedgerUrl = None,
    ledger_key: LedgerKey = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """List referrals for additional attention. It closes, defers and refuses nothing."""
    loaded = fs.load_model(model)
    day = whole_day(on, "--on") if on else None
    last = whole_day(last_day, "--last-day") if last_day else None
    records = _records_or_history(source, exclude, pseudonymise)
    given = _referrals(records, referrals, last, days, day)
    ranked = fs.prioritise(
        given,
        records=records,
        model=loaded,
        capacity=int(capacity) if capacity.is_integer() else capacity,
        purpose=purpose,  # type: ignore[arg-type]
        on=day,
        random_share=random_share,
        seed=seed,
        ledger=_ledger(ledger, ledger_key),
    )
    if as_json:
        say_json(_list_summary(ranked))
    else:
        say(list_text(ranked))
    written = {
        "list": csv and ranked.to_csv(csv),
        "workbook": excel and ranked.to_excel(excel),
        "table": to_sql and ranked.to_sql(to_sql, table),
    }
    _tell(written, quiet=as_json)


@app.command(
    epilog="Example: fs-risk supervise extract/ --service family-safeguarding/ --model model/ "
    "--on 2025-04-03 --team 'Family Safeguarding 2' --html april.html"
)
@told_plainly
def supervise(
    source: Sources,
    model: Model,
    on: Annotated[str, typer.Option(help="Day of the meeting.")],
    team: Annotated[str | None, typer.Option(help="One team's families.")] = None,
    service: Annotated[
        Path | None,
        typer.Option(help="Folder of Family Safeguarding's own templates, filled in."),
    ] = None,
    setting: Annotated[
        Path | None, typer.Option(help="TOML file: which families are discussed.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the page to print here.")] = None,
    csv: Csv = None,
    excel: Excel = None,
    ledger: LedgerUrl = None,
    ledger_key: LedgerKey = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """Prepare monthly group supervision. No score is shown; with --ledger each lies sealed."""
    loaded, chosen, day = fs.load_model(model), _setting(setting), whole_day(on, "--on")
    records = _records_or_history(source, exclude, pseudonymise)
    if service is not None:
        if isinstance(records, fs.History):
            raise _not_from_a_history("--service")
        records = fs.combine(records, read_source([str(service)], exclude, pseudonymise))
    found = fs.supervision_list(
        records,  # type: ignore[arg-type]
        model=loaded,
        on=day,
        team=team,
        ledger=_ledger(ledger, ledger_key),
        setting=chosen,
    )
    if as_json:
        rows = json.loads(found.table.to_json(orient="records", date_format="iso"))
        say_json({"summary": found.summary(), "left_out": found.left_out, "families": rows})
    else:
        say(str(found))
    written = {
        "page": html and found.to_html(html),
        "list": csv and found.to_csv(csv),
        "workbook": excel and found.to_excel(excel),
    }
    _tell(written, quiet=as_json)


def week_list(
    records: fs.Records, model: fs.StepUpModel, last: date, capacity: int, purpose: str
) -> Any:
    """List the referrals of the week that ends on a day."""
    return fs.prioritise(
        _referrals(records, None, last, 7, last),
        records=records,
        model=model,
        capacity=capacity,
        purpose=purpose,  # type: ignore[arg-type]
        on=last,
    )


def _referrals(
    records: "fs.Records | fs.History",
    path: Path | None,
    last: date | None,
    days: int,
    on: date | None,
) -> list[Any]:
    """Give the referrals of a file, else those of some days of the source."""
    from fs_risk.triage.referral import declared_referrals

    if path is not None:
        if last is not None:
            raise SettingError(
                "Both a file of referrals and days of the source are given.",
                where="--referrals, --last-day",
                fix="Give one of the two.",
            )
        return read_referrals(path)
    if isinstance(records, fs.History):
        raise _not_from_a_history("--last-day")
    end = last or records.extract_date.date()
    return list(declared_referrals(records, end - timedelta(days=days - 1), end, on=on or end))


def _not_from_a_history(option: str) -> SettingError:
    return SettingError(
        "A saved history holds no list of referrals and no teams.",
        where=option,
        fix="Give --referrals, or the return itself in the place of the history.",
    )


def _records_or_history(
    source: list[str], exclude: Path | None, pseudonymise: bool
) -> "fs.Records | fs.History":
    """Read a folder that `fs-risk history` wrote, or a return."""
    from fs_risk.features.history_store import HISTORY_FILE

    if len(source) > 1 or not Path(source[0], HISTORY_FILE).is_file():
        return read_source(source, exclude, pseudonymise)
    if exclude is not None or pseudonymise:
        raise SettingError(
            "A history that was saved leaves out nobody more, and keeps its identifiers.",
            where="--exclude, --pseudonymise",
            fix="Give them to fs-risk history, which saves it.",
        )
    return fs.History.load(source[0])


def _ledger(url: str | None, key: Path | None) -> "fs.Ledger | None":
    return None if url is None else fs.Ledger(url, key_file=key)


def _setting(path: Path | None) -> "fs.SupervisionSetting":
    from pydantic import ValidationError

    if path is None:
        return fs.SupervisionSetting()
    try:
        return fs.SupervisionSetting.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SettingError(
            "The setting is not a TOML file that can be read.",
            where=path.name,
            fix="Write it as docs/supervision.md shows.",
        ) from None
    except ValidationError as error:
        faults = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise SettingError(
            f"The setting's {faults} cannot be used.",
            where=path.name,
            fix=f"Correct it; known: {', '.join(fs.SupervisionSetting.model_fields)}.",
        ) from None


def _list_summary(ranked: Any) -> dict[str, Any]:
    rows = ranked.table[["block", "place", "listed", "chance", "household"]]
    plain = rows.astype(object).where(rows.notna(), None).to_dict("records")
    scores = [made.model_dump(mode="json") for made in ranked.scores]
    return {
        "list_id": ranked.list_id,
        "summary": ranked.summary(),
        "referrals": [{**row, "score": one} for row, one in zip(plain, scores, strict=True)],
    }


def _tell(written: dict[str, Any], *, quiet: bool) -> None:
    for what, where in written.items():
        if where and not quiet:
            say(f"{what}: {where}")
