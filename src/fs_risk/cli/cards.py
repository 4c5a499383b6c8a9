"""Commands about one model card: write it, verify it, compare two, ask what is to be written."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import app, read_source
from fs_risk.cli.options import (
    CardFile,
    CardOut,
    Exclude,
    ExtractDate,
    Fresh,
    Html,
    Markdown,
    Model,
    Out,
    Pseudonymise,
    Resamples,
    Sources,
)
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice
from fs_risk.cli.whole_files import can_be_written, write_whole, write_whole_folder
from fs_risk.errors import SettingError
from fs_risk.records.counts_in_words import count_of

if TYPE_CHECKING:
    from fs_risk.features.proof import LeakageProof
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

Word = Annotated[
    Path | None,
    typer.Option(
        "--word",
        help="Write it as a Word document here (fs-risk[word]).",
        callback=can_be_written,
    ),
]
Atrs = Annotated[
    Path | None,
    typer.Option(
        "--atrs",
        help="Write the transparency record (ATRS v4.0) here: .json, or rows as .xlsx or .csv.",
        callback=can_be_written,
    ),
]
CycloneDx = Annotated[
    Path | None,
    typer.Option(
        "--cyclonedx",
        help="Write a CycloneDX 1.7 bill of materials here.",
        callback=can_be_written,
    ),
]
Publishable = Annotated[
    bool,
    typer.Option("--publishable", help="Hide small numbers and round the others."),
]
THE_CARD = "fs_risk.ModelCard"


@verb(
    app,
    example="fs-risk card extract/ --model model/ --out card.json --html card.html",
    prints=THE_CARD,
)
def card(
    voice: Voice,
    source: Sources,
    model: Model,
    out: CardOut = None,
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
    resamples: Resamples = 500,
    fresh: Fresh = False,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Measure and audit a saved model, and write its card."""
    from fs_risk.model_cards.answers import CardAnswers, read_answers

    people = CardAnswers() if answers is None else read_answers(answers)
    with voice.steps(3 + prove) as step:
        step("Reading")
        loaded = fs.load_model(model)
        records = read_source(source, exclude, pseudonymise, extract_date)
        step("Measuring")
        report = fs.evaluate_step_up(
            loaded, records, resamples=resamples, fresh=fresh, progress=voice.progress
        )
        step("Auditing")
        audit = fs.audit_step_up(loaded, records, resamples=resamples, fresh=fresh)
        if prove:
            step("Proving what is known")
        leakage = _proof(records, loaded) if prove else None
    made = fs.build_card(loaded, report, audit, records=records, people=people, leakage=leakage)
    _write(voice, _shown(made, publishable), _files(out, html, markdown, word, atrs, cyclonedx))


def _proof(records: "fs.Records", model: "fs.StepUpModel") -> "LeakageProof":
    from fs_risk.api import study_cases

    cohort = study_cases(records, model.plan).cohort
    return fs.prove_no_leakage(records, cohort, lag_days=model.plan.extract_lag_days)


def _shown(made: "ModelCard", publishable: bool) -> "ModelCard":
    return made.publishable() if publishable else made


def _files(
    out: Path | None,
    html: Path | None,
    markdown: Path | None,
    word: Path | None,
    atrs: Path | None,
    cyclonedx: Path | None,
) -> dict[str, tuple[str, Path]]:
    """Name the method of a card that writes each form that was asked for."""
    forms = {
        "card": ("to_json", out),
        "page": ("to_html", html),
        "Markdown": ("to_markdown", markdown),
        "Word": ("to_word", word),
        "ATRS record": ("to_atrs", atrs),
        "CycloneDX": ("to_cyclonedx", cyclonedx),
    }
    return {what: (method, path) for what, (method, path) in forms.items() if path is not None}


def _write(voice: Voice, card: "ModelCard", files: Mapping[str, tuple[str, Path]]) -> None:
    voice.result(card, "" if voice.as_json else _state(card))
    for what, (method, path) in files.items():
        write: Callable[[Path], Any] = getattr(card, method)
        voice.wrote(what, write_whole(path, write))


def _state(card: "ModelCard") -> str:
    stamp = "SYNTHETIC " if card.synthetic else ""
    lines = [
        f"{stamp}{card.identity.name} {card.identity.version}: {card.standing().state}",
        f"card {card.content_hash}",
    ]
    if card.open_questions:
        lines.append(
            f"{count_of(len(card.open_questions), 'question is', 'questions are')} open; "
            "approval waits. See fs-risk cards open."
        )
    return "\n".join(lines)


@verb(
    cards,
    example="fs-risk cards verify card.json extract/ --model model/",
    prints={
        "true": "whether every figure came out the same",
        "card": "hash of the card's content",
        "differences": "where, what is stated, what was measured",
    },
)
def verify(
    voice: Voice,
    card: CardFile,
    source: Sources,
    model: Model,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Measure again and compare figure by figure; exit with 15 if the card is not true."""
    from fs_risk.model_cards.card import ModelCard

    read = ModelCard.read(card)
    with voice.steps(2) as step:
        step("Reading")
        loaded = fs.load_model(model)
        records = read_source(source, exclude, pseudonymise, extract_date)
        step("Measuring again")
        found = read.verify(records, model=loaded)
    lines = [
        f"The card is NOT true: {count_of(len(found), 'difference')}.",
        *(f"  {each}" for each in found),
    ]
    true = f"The card is true: every figure was measured again. Card {read.content_hash}"
    voice.result(
        {"true": not found, "card": read.content_hash, "differences": list(found)},
        "\n".join(lines) if found else true,
    )
    if found:
        voice.exit_code = NOT_TRUE


@verb(
    cards,
    example="fs-risk cards write card.json --html card.html --publishable",
    prints=THE_CARD,
)
def write(
    voice: Voice,
    card: CardFile,
    out: CardOut = None,
    html: Html = None,
    markdown: Markdown = None,
    word: Word = None,
    atrs: Atrs = None,
    cyclonedx: CycloneDx = None,
    publishable: Publishable = False,
) -> None:
    """Write a card that is there already in other forms."""
    from fs_risk.model_cards.card import ModelCard

    files = _files(out, html, markdown, word, atrs, cyclonedx)
    if not (files or voice.as_json):
        raise SettingError(
            "No form was asked for.",
            where="cards write",
            fix="Give --out, --html, --markdown, --word, --atrs or --cyclonedx with a path.",
        )
    _write(voice, _shown(ModelCard.read(card), publishable), files)


@verb(
    cards,
    example="fs-risk cards diff earlier.json later.json --html changes.html",
    prints="fs_risk.model_cards.diff.CardDiff",
)
def diff(
    voice: Voice,
    earlier: Annotated[Path, typer.Argument(help="JSON of the earlier card.")],
    later: Annotated[Path, typer.Argument(help="JSON of the later card.")],
    html: Html = None,
) -> None:
    """Say what changed from one card to another, and what the change means."""
    from fs_risk.model_cards.card import ModelCard

    found = ModelCard.read(later).diff(ModelCard.read(earlier))
    voice.result(found, found.text())
    voice.wrote("page", html and write_whole(html, found.to_html))


@verb(
    cards,
    "open",
    example="fs-risk cards open card.json",
    prints={"open": "heading and question of what is still to be written"},
)
def list_open(voice: Voice, card: CardFile) -> None:
    """List what is still to be written before a card can be put forward."""
    from fs_risk.model_cards.card import ModelCard

    found = ModelCard.read(card).open_questions
    lines = [
        f"{place:>3}  {each.heading}: {each.question}" for place, each in enumerate(found, start=1)
    ]
    rows = [{"heading": each.heading, "question": each.question} for each in found]
    end = f"{len(found)} open." if found else "Nothing is open."
    voice.result({"open": rows}, "\n".join([*lines, end]))


@verb(cards, example="fs-risk cards questions --out answers.toml", prints={})
def questions(
    voice: Voice,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="TOML file to fill in.", callback=can_be_written),
    ] = Path("answers.toml"),
    card: Annotated[
        Path | None, typer.Option(help="JSON of a card, whose answers are kept.")
    ] = None,
) -> None:
    """Write every question that only people can answer, as a file to fill in."""
    from fs_risk.model_cards.answers import CardAnswers, questions_toml
    from fs_risk.model_cards.card import ModelCard

    if out.exists():
        raise SettingError(
            "The file is there already; nothing was written.",
            where=out.name,
            fix="Choose another name, so that no answer is lost.",
        )
    known = CardAnswers() if card is None else ModelCard.read(card).people
    text = questions_toml(known).encode()
    voice.result({})
    voice.wrote("questions", write_whole(out, lambda path: path.write_bytes(text)))


@verb(cards, example="fs-risk cards schemas --out model_cards/", prints={})
def schemas(voice: Voice, out: Out = None) -> None:
    """Write the JSON schemas of a card and of its transparency record."""
    from fs_risk.model_cards.schemas import write_schemas

    folder, written = voice.folder(out, "fs-risk-schemas"), list[Path]()
    write_whole_folder(folder, lambda part: written.extend(write_schemas(part)))
    voice.result({})
    for path in written:
        voice.wrote(path.name, folder / path.name)
