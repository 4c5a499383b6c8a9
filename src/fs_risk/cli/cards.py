"""Commands about model cards: write one, verify it, compare two, ask what is to be written."""

from pathlib import Path
from typing import Annotated

import typer

import fs_risk as fs
from fs_risk.cli.app import (
    Exclude,
    Json,
    Pseudonymise,
    Sources,
    app,
    read_source,
    say,
    say_json,
    told_plainly,
)
from fs_risk.errors import SettingError
from fs_risk.features.proof import LeakageProof
from fs_risk.model_cards.answers import CardAnswers, questions_toml, read_answers
from fs_risk.model_cards.card import ModelCard

NOT_TRUE = 15
"""Exit code of a card that is not true: that of a changed artefact."""

cards = typer.Typer(
    name="cards",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Model cards: verify one, write it in other forms, compare two, list what is open.",
)
app.add_typer(cards)

Html = Annotated[Path | None, typer.Option("--html", help="Write the card, an HTML page, here.")]
JsonPath = Annotated[Path | None, typer.Option("--json", help="Write the card itself, JSON, here.")]
Markdown = Annotated[Path | None, typer.Option("--markdown", help="Write it as Markdown here.")]
Word = Annotated[
    Path | None, typer.Option("--word", help="Write it as a Word document here (fs-risk[word]).")
]
Atrs = Annotated[
    Path | None,
    typer.Option(
        "--atrs",
        help="Write the transparency record (ATRS v4.0) here: .json, or rows as .xlsx or .csv.",
    ),
]
CycloneDx = Annotated[
    Path | None, typer.Option("--cyclonedx", help="Write a CycloneDX 1.7 bill of materials here.")
]
Publishable = Annotated[
    bool,
    typer.Option("--publishable", help="Hide small numbers and round the others."),
]
CardFile = Annotated[Path, typer.Argument(help="JSON of a card.")]


@app.command(epilog="Example: fs-risk card model/ extract/ --json card.json --html card.html")
@told_plainly
def card(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.")],
    source: Sources,
    json_path: JsonPath = None,
    html: Html = None,
    markdown: Markdown = None,
    word: Word = None,
    atrs: Atrs = None,
    cyclonedx: CycloneDx = None,
    answers: Annotated[
        Path | None,
        typer.Option(help="TOML file with what only people can write; see cards questions."),
    ] = None,
    publishable: Publishable = False,
    prove: Annotated[
        bool,
        typer.Option("--prove", help="Run the leakage prover as well; takes some minutes."),
    ] = False,
    resamples: Annotated[
        int, typer.Option(min=100, max=20_000, help="Resamples for the intervals.")
    ] = 500,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="The records are another authority's: every case counts."),
    ] = False,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
) -> None:
    """Measure and audit a saved model, and write its card."""
    people = CardAnswers() if answers is None else read_answers(answers)
    loaded = fs.load_model(model)
    records = read_source(source, exclude, pseudonymise)
    say("Measuring ...")
    report = fs.evaluate_step_up(loaded, records, resamples=resamples, fresh=fresh)
    say("Auditing ...")
    audit = fs.audit_step_up(loaded, records, resamples=resamples, fresh=fresh)
    leakage = _proof(records, loaded) if prove else None
    made = fs.build_card(loaded, report, audit, records=records, people=people, leakage=leakage)
    _write(made, json_path, html, markdown, word, atrs, cyclonedx, publishable=publishable)
    _say_state(made)


def _proof(records: fs.Records, model: fs.StepUpModel) -> LeakageProof:
    from fs_risk.api import study_cases

    say("Proving that no feature sees the future ...")
    cohort = study_cases(records, model.plan).cohort
    return fs.prove_no_leakage(records, cohort, lag_days=model.plan.extract_lag_days)


def _write(
    made: ModelCard,
    json_path: Path | None,
    html: Path | None,
    markdown: Path | None,
    word: Path | None,
    atrs: Path | None,
    cyclonedx: Path | None,
    *,
    publishable: bool,
) -> None:
    shown = made.publishable() if publishable else made
    writers = (
        ("card", json_path, shown.to_json),
        ("page", html, shown.to_html),
        ("Markdown", markdown, shown.to_markdown),
        ("Word", word, shown.to_word),
        ("ATRS record", atrs, shown.to_atrs),
        ("CycloneDX", cyclonedx, shown.to_cyclonedx),
    )
    for what, path, write in writers:
        if path is not None:
            write(path)
            say(f"{what}: {path}")


def _say_state(made: ModelCard) -> None:
    stamp = "SYNTHETIC " if made.synthetic else ""
    say(f"{stamp}{made.identity.name} {made.identity.version}: {made.standing().state}")
    say(f"card {made.content_hash}")
    questions = made.open_questions
    if questions:
        say(f"{len(questions)} questions are open; approval waits. See fs-risk cards open.")


@cards.command(epilog="Example: fs-risk cards verify card.json model/ extract/")
@told_plainly
def verify(
    card: CardFile,
    model: Annotated[Path, typer.Argument(help="Folder of the saved model.")],
    source: Sources,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
    as_json: Json = False,
) -> None:
    """Measure again and compare figure by figure; exit with 15 if the card is not true."""
    read = ModelCard.read(card)
    loaded = fs.load_model(model)
    found = read.verify(read_source(source, exclude, pseudonymise), model=loaded)
    if as_json:
        say_json([each.model_dump() for each in found])
    elif found:
        say(f"The card is NOT true: {len(found)} differences.")
        for each in found:
            say(f"  {each}")
    else:
        say(f"The card is true: every figure was measured again. Card {read.content_hash}")
    if found:
        raise typer.Exit(NOT_TRUE)


@cards.command(epilog="Example: fs-risk cards write card.json --html card.html --publishable")
@told_plainly
def write(
    card: CardFile,
    json_path: JsonPath = None,
    html: Html = None,
    markdown: Markdown = None,
    word: Word = None,
    atrs: Atrs = None,
    cyclonedx: CycloneDx = None,
    publishable: Publishable = False,
) -> None:
    """Write a card that is there already in other forms."""
    given = (json_path, html, markdown, word, atrs, cyclonedx)
    if not any(given):
        raise SettingError(
            "No form was asked for.",
            where="cards write",
            fix="Give --html, --json, --markdown, --word, --atrs or --cyclonedx with a path.",
        )
    _write(ModelCard.read(card), *given, publishable=publishable)


@cards.command(epilog="Example: fs-risk cards diff earlier.json later.json --html changes.html")
@told_plainly
def diff(
    earlier: Annotated[Path, typer.Argument(help="JSON of the earlier card.")],
    later: Annotated[Path, typer.Argument(help="JSON of the later card.")],
    html: Annotated[
        Path | None, typer.Option(help="Write the changes, an HTML page, here.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what changed from one card to another, and what the change means."""
    found = ModelCard.read(later).diff(ModelCard.read(earlier))
    if as_json:
        say_json(found.model_dump(mode="json"))
    else:
        say(found.text())
    if html is not None:
        found.to_html(html)
        if not as_json:
            say(f"page: {html}")


@cards.command("open", epilog="Example: fs-risk cards open card.json")
@told_plainly
def list_open(card: CardFile) -> None:
    """List what is still to be written before a card can be put forward."""
    questions = ModelCard.read(card).open_questions
    for place, each in enumerate(questions, start=1):
        say(f"{place:>3}  {each.heading}: {each.question}")
    say(f"{len(questions)} open." if questions else "Nothing is open.")


@cards.command(epilog="Example: fs-risk cards questions answers.toml")
@told_plainly
def questions(
    out: Annotated[Path, typer.Argument(help="TOML file to fill in.")],
    card: Annotated[
        Path | None, typer.Option(help="JSON of a card, whose answers are kept.")
    ] = None,
) -> None:
    """Write every question that only people can answer, as a file to fill in."""
    if out.exists():
        raise SettingError(
            "The file is there already; nothing was written.",
            where=out.name,
            fix="Choose another name, so that no answer is lost.",
        )
    known = CardAnswers() if card is None else ModelCard.read(card).people
    out.write_bytes(questions_toml(known).encode())
    say(f"questions: {out}")


@cards.command(epilog="Example: fs-risk cards schemas model_cards/")
@told_plainly
def schemas(
    folder: Annotated[Path, typer.Argument(help="Folder for schema.json and atrs_schema.json.")],
) -> None:
    """Write the JSON schemas of a card and of its transparency record."""
    from fs_risk.model_cards.schemas import write_schemas

    for path in write_schemas(folder):
        say(f"schema: {path}")
