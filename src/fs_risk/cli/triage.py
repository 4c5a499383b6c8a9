"""Commands of the front door and of supervision: one score, a list, a month's families."""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import app, read_source, whole_day
from fs_risk.cli.complete import CONCERNS, PURPOSES, one_of
from fs_risk.cli.options import (
    Capacity,
    Csv,
    Database,
    Excel,
    Exclude,
    ExtractDate,
    Html,
    LedgerKeyFile,
    LedgerUrl,
    Model,
    NoLedger,
    Pseudonymise,
    Seed,
    Sources,
    SourcesOrHistory,
    whole_or_share,
)
from fs_risk.cli.referral_files import one_referral
from fs_risk.cli.verbs import HISTORY_FIRST, verb
from fs_risk.cli.voice import Voice
from fs_risk.cli.week import not_from_a_history, records_or_history, referrals_to_list
from fs_risk.cli.whole_files import write_whole
from fs_risk.errors import SettingError
from fs_risk.records.decoded_text import decoded_text

HOW_APPROVED = (
    "Next: fs-risk card writes the model's card, and fs-risk approve takes each signature; "
    "fs-risk approvals says where the model stands. See docs/approving_a_model.md."
)
"""What to do about a model that is not approved."""


@verb(
    app,
    example="fs-risk score history/ --model model/ --referral referral.json",
    prints="fs_risk.RiskScore",
    fills=HISTORY_FIRST,
)
def score(
    voice: Voice,
    source: SourcesOrHistory,
    model: Model,
    referral: Annotated[
        Path | None,
        typer.Option(help="JSON file with one referral, or CSV file with one row; - for stdin."),
    ] = None,
    referral_id: Annotated[str | None, typer.Option(help="Instead of a file.")] = None,
    child_id: Annotated[str | None, typer.Option(help="Known to the source or not.")] = None,
    referral_date: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day of the referral.")
    ] = None,
    made_by: Annotated[
        str | None, typer.Option(help="Census code of who made it; 6 is the police.")
    ] = None,
    birth_date: Annotated[
        str | None, typer.Option(metavar="DATE", help="Where the source has none.")
    ] = None,
    concern: Annotated[
        str | None,
        typer.Option(
            help="injury, disclosure, strategy_discussion or police_protection.",
            autocompletion=one_of(CONCERNS),
        ),
    ] = None,
    household: Annotated[
        bool, typer.Option("--household", help="Score the brothers and sisters too; recorded.")
    ] = False,
    would_change: Annotated[
        bool, typer.Option("--would-change", help="Say what could be learnt that would change it.")
    ] = False,
    html: Html = None,
    with_score: Annotated[
        bool, typer.Option("--with-score", help="Say the score on the page too.")
    ] = False,
    ledger: LedgerUrl = None,
    ledger_key_file: LedgerKeyFile = None,
    no_ledger: NoLedger = False,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Score one referral, with its reasons and limits. It decides nothing."""
    fields = {
        "referral_id": referral_id,
        "child_id": child_id,
        "referral_date": referral_date,
        "source": made_by,
        "birth_date": birth_date,
        "immediate_concern": concern,
    }
    stated = one_referral(referral, {name: text for name, text in fields.items() if text})
    with voice.steps(2) as step:
        step("Reading")
        records = records_or_history(
            source, exclude, pseudonymise, extract_date, stated=voice.stated
        )
        step("Scoring")
        made = fs.score_referral(
            stated,
            records=records,
            model=fs.load_model(model),
            ledger=open_ledger(ledger, ledger_key_file, no_ledger),
            chronology=html is not None,
            household=household,
            would_change=would_change,
        )
    voice.result(made, str(made))
    if made.code == "NOT_APPROVED":
        voice.note(HOW_APPROVED)
    if html is not None:
        write_whole(html, lambda path: made.to_html(path, with_score=with_score))
    voice.wrote("page", html)


@verb(
    app,
    example="fs-risk prioritise extract/ --model model/ --last-day 2025-03-31 --csv list.csv",
    prints={
        "list_id": "of the list, as the ledger knows it",
        "summary": "what the list holds, in a sentence",
        "referrals": "in the list's order: block, place, listed, chance, household, score "
        "(fs_risk.RiskScore)",
    },
)
def prioritise(
    voice: Voice,
    source: SourcesOrHistory,
    model: Model,
    referrals: Annotated[
        Path | None, typer.Option(help="CSV or JSON file of the referrals, one a row.")
    ] = None,
    last_day: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Instead of a file: last day of the source's own referrals to list.",
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How many days of them.")] = 7,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Day of the list, for what is undecided for too long; default: the last day "
            "listed.",
        ),
    ] = None,
    capacity: Capacity = None,
    purpose: Annotated[
        str,
        typer.Option(
            help="second_read, group_supervision or allocation.", autocompletion=one_of(PURPOSES)
        ),
    ] = "second_read",
    random_share: Annotated[
        float, typer.Option(help="Share of the places filled at random from the others.")
    ] = 0.0,
    seed: Seed = 0,
    csv: Csv = None,
    excel: Excel = None,
    database: Database = None,
    table: Annotated[str, typer.Option(help="Table for --database.")] = "fs_risk_list",
    ledger: LedgerUrl = None,
    ledger_key_file: LedgerKeyFile = None,
    no_ledger: NoLedger = False,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """List referrals for additional attention. It closes, defers and refuses nothing."""
    from fs_risk.cli.texts import list_text
    from fs_risk.triage.list_database import check_can_hold_lists

    loaded, size = fs.load_model(model), whole_or_share(capacity)
    day, last = whole_day(on, "--on"), whole_day(last_day, "--last-day")
    if database is not None:
        # what the ledger records is what was given: nothing is, where it cannot be written
        check_can_hold_lists(database, table)
    with voice.steps(2) as step:
        step("Reading")
        records = records_or_history(
            source, exclude, pseudonymise, extract_date, stated=voice.stated
        )
        given = referrals_to_list(
            records, referrals, last, days, day, family_declared=loaded.plan.family_declared
        )
        step("Scoring")
        ranked = fs.prioritise(
            given,
            records=records,
            model=loaded,
            capacity=loaded.plan.capacity if size is None else size,
            purpose=purpose,  # type: ignore[arg-type]
            on=day,
            random_share=random_share,
            seed=seed,
            ledger=open_ledger(ledger, ledger_key_file, no_ledger),
        )
    voice.result(_list_summary(ranked), "" if voice.as_json else list_text(ranked))
    if any(made.code == "NOT_APPROVED" for made in ranked.scores):
        voice.note(HOW_APPROVED)
    voice.wrote("list", csv and write_whole(csv, ranked.to_csv))
    voice.wrote("workbook", excel and write_whole(excel, ranked.to_excel))
    voice.wrote("table", database and ranked.to_sql(database, table))


@verb(
    app,
    example="fs-risk supervise extract/ --service family-safeguarding/ --model model/ "
    "--on 2025-04-03 --team 'Family Safeguarding 2' --html april.html",
    prints={
        "summary": "what the list holds, in a sentence",
        "left_out": "how many families were left out, and why",
        "families": "one row each, without a score",
    },
)
def supervise(
    voice: Voice,
    source: Sources,
    model: Model,
    on: Annotated[str, typer.Option(metavar="DATE", help="Day of the meeting.")],
    team: Annotated[str | None, typer.Option(help="One team's families.")] = None,
    service: Annotated[
        Path | None,
        typer.Option(help="Folder of Family Safeguarding's own templates, filled in."),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="TOML file: which families are discussed.")
    ] = None,
    html: Html = None,
    csv: Csv = None,
    excel: Excel = None,
    ledger: LedgerUrl = None,
    ledger_key_file: LedgerKeyFile = None,
    no_ledger: NoLedger = False,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Prepare monthly group supervision. No score is shown; with --ledger each lies sealed."""
    loaded, chosen, day = fs.load_model(model), _rules(rules), whole_day(on, "--on")
    with voice.steps(2) as step:
        step("Reading")
        records = records_or_history(
            source, exclude, pseudonymise, extract_date, stated=voice.stated
        )
        if service is not None:
            if isinstance(records, fs.History):
                raise not_from_a_history("--service")
            records = fs.combine(records, read_source([str(service)], exclude, pseudonymise))
        step("Preparing")
        found = fs.supervision_list(
            records,  # type: ignore[arg-type]
            model=loaded,
            on=day,  # type: ignore[arg-type]
            team=team,
            ledger=open_ledger(ledger, ledger_key_file, no_ledger),
            setting=chosen,
        )
    rows = json.loads(found.table.to_json(orient="records", date_format="iso"))
    voice.result(
        {"summary": found.summary(), "left_out": found.left_out, "families": rows}, str(found)
    )
    voice.wrote("page", html and write_whole(html, found.to_html))
    voice.wrote("list", csv and write_whole(csv, found.to_csv))
    voice.wrote("workbook", excel and write_whole(excel, found.to_excel))


def open_ledger(url: str | None, key_file: Path | None, none: bool) -> "fs.Ledger | None":
    """Open the ledger that is named, unless there is to be none."""
    if url is not None and none:
        raise SettingError(
            "A ledger is named, and that there is none.",
            where="--ledger, --no-ledger",
            fix="Give one of the two.",
        )
    return None if url is None else fs.Ledger(url, key_file=key_file)


def _rules(path: Path | None) -> "fs.SupervisionSetting":
    from pydantic import ValidationError

    if path is None:
        return fs.SupervisionSetting()
    try:
        return fs.SupervisionSetting.model_validate(tomllib.loads(decoded_text(path.read_bytes())))
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
    return {
        "list_id": ranked.list_id,
        "summary": ranked.summary(),
        "referrals": [{**row, "score": one} for row, one in zip(plain, ranked.scores, strict=True)],
    }
