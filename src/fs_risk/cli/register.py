"""Commands about all cards together: the register, its site, its mirror, the demo's cards."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import read_source
from fs_risk.cli.cards import NOT_TRUE, cards
from fs_risk.cli.complete import MEASURES
from fs_risk.cli.demand import Windows
from fs_risk.cli.options import (
    CardOut,
    Exclude,
    ExtractDate,
    Horizon,
    Html,
    Markdown,
    Model,
    Out,
    Pseudonymise,
    RegisteredAs,
    Seed,
    Sources,
    TrackingUri,
)
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice
from fs_risk.cli.whole_files import write_whole, write_whole_folder
from fs_risk.errors import FsRiskError, SettingError

if TYPE_CHECKING:
    from fs_risk.model_cards.card import ModelCard
    from fs_risk.model_cards.demand_card import DemandAnswers, DemandCard

DEMO_PURPOSE = "To show what a card holds. The authority is invented, and nobody decides by it."
_DRIFT_KEYS = {
    "model", "model_hash", "on", "since", "until", "verdict", "verdicts", "table", "notes",
}  # fmt: skip


@verb(
    cards,
    "list",
    example="fs-risk cards list models/ --tracking-uri sqlite:///mlflow.db",
    prints={"models": "name, version, state, approved_until, aliases, card_sha256, where, fault"},
)
def list_models(
    voice: Voice,
    models: Annotated[
        list[Path] | None, typer.Argument(help="Folders that saved models lie in, at any depth.")
    ] = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """List models with version, state and expiry, and what does not agree."""
    from fs_risk.model_cards.register import register_of

    if not models and tracking_uri is None:
        raise SettingError(
            "There is nothing to list from.",
            where="cards list",
            fix="Give a folder of models, --tracking-uri, or both.",
        )
    rows = [one.row() for one in register_of(models or (), tracking_uri=tracking_uri)]
    voice.result({"models": rows}, "\n".join(map(_row, rows)) or "No model was found.")


def _row(row: dict[str, Any]) -> str:
    until = f" until {row['approved_until']}" if row["approved_until"] else ""
    aliases = f" [{', '.join(row['aliases'])}]" if row["aliases"] else ""
    card = f"card {row['card_sha256'][:12]}" if row["card_sha256"] else "no card"
    said = f"{row['state']}{until}, {card}, {row['where']}"
    fault = f"\n  ! {row['fault']}" if row["fault"] else ""
    return f"{row['name']}  {row['version']}{aliases}: {said}{fault}"


@verb(
    cards,
    example="fs-risk cards site --models models/ --card demand.json --out site/",
    prints={},
)
def site(
    voice: Voice,
    out: Out = None,
    models: Annotated[
        list[Path] | None, typer.Option(help="Folder that saved models lie in; may be repeated.")
    ] = None,
    card: Annotated[
        list[Path] | None,
        typer.Option(
            help="JSON of a card without a folder, of a model or forecast; may be repeated."
        ),
    ] = None,
    drift: Annotated[
        list[Path] | None,
        typer.Option(help="What fs-risk drift --json printed; may be repeated."),
    ] = None,
    tracking_uri: TrackingUri = None,
    internal: Annotated[
        bool,
        typer.Option("--internal", help="Exact counts, and names of those who decided."),
    ] = False,
) -> None:
    """Write the register, cards, audits, changes, drift and decisions as a static site."""
    from fs_risk.model_cards.site import write_site

    folder = voice.folder(out, "fs-risk-cards")
    shown = [_card_at(path) for path in card or ()]
    checks = [_check_at(path) for path in drift or ()]
    write_whole_folder(
        folder,
        lambda part: write_site(
            part,
            models=models or (),
            cards=shown,
            drift=checks,
            tracking_uri=tracking_uri,
            internal=internal,
        ),
    )
    voice.result({})
    voice.wrote("site", folder / "index.html")


@verb(
    cards,
    example="fs-risk cards mirror --model model/ --tracking-uri sqlite:///mlflow.db",
    prints={"versions": "name, version, state and aliases of each registered version"},
)
def mirror(
    voice: Voice,
    model: Model,
    tracking_uri: TrackingUri = "sqlite:///mlflow.db",
    registered_as: RegisteredAs = None,
) -> None:
    """Mirror the decisions about a model to MLflow; its alias live follows them."""
    from fs_risk.model_cards.mirror import mirror_decisions

    place = tracking_uri or "sqlite:///mlflow.db"
    found = mirror_decisions(model, tracking_uri=place, registered_as=registered_as)
    keys = ("name", "version", "state", "aliases")
    lines = [
        f"{one.name}, version {one.version}: {one.state}; "
        f"aliases: {', '.join(one.aliases) or 'none'}"
        for one in found
    ]
    rows = [{key: getattr(one, key) for key in keys} for one in found]
    voice.result({"versions": rows}, "\n".join(lines))


@verb(
    cards,
    example="fs-risk cards demand extract/ --out demand.json --html demand.html",
    prints="fs_risk.DemandCard",
)
def demand(
    voice: Voice,
    source: Sources,
    out: CardOut = None,
    html: Html = None,
    markdown: Markdown = None,
    horizon: Horizon = 12,
    windows: Windows = 4,
    name: Annotated[str, typer.Option(help="What the forecast is called.")] = "Demand",
    purpose: Annotated[str | None, typer.Option(help="What is planned with it.")] = None,
    owner: Annotated[str | None, typer.Option(help="The role that owns it.")] = None,
    seed: Seed = 0,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Forecast demand, look back, and write the card of the forecast."""
    from fs_risk.model_cards.demand_card import DemandAnswers

    people = DemandAnswers(purpose=purpose, owner=owner)
    with voice.steps(2) as step:
        step("Reading")
        records = read_source(source, exclude, pseudonymise, extract_date)
        step("Forecasting, looking back")
        made = _demand_card(records, horizon, windows, seed, name=name, people=people)
    voice.result(made, f"{made!r}")
    for what, path, write in (
        ("card", out, made.to_json),
        ("page", html, made.to_html),
        ("Markdown", markdown, made.to_markdown),
    ):
        voice.wrote(what, path and write_whole(path, write))


@verb(
    cards,
    example="fs-risk cards demo --out model_cards/published/ --check",
    prints={
        "cards": "hash of each card's content",
        "same": "whether each is as published; null without --check",
    },
)
def demo(
    voice: Voice,
    out: Out = None,
    children: Annotated[int, typer.Option(min=1, help="Children of the authority.")] = 62_700,
    years: Annotated[int, typer.Option(min=1, help="Years observed.")] = 8,
    seed: Seed = 0,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 15 where the cards differ."),
    ] = False,
) -> None:
    """Make the cards of the demo's models, as published; or see that they come out the same."""
    folder = voice.folder(out, "fs-risk-cards")
    with voice.steps(1) as step:
        step("Inventing, fitting, auditing")
        made = _demo_cards(children, years, seed, progress=voice.progress)
    hashes = {name: card.content_hash for name, card in made.items()}
    if check:
        same = {name: _card_at(folder / f"{name}.json").content_hash == hashes[name]
                for name in made}  # fmt: skip
        lines = [f"{name}: {'the same' if same[name] else 'NOT the same'}, {hashes[name]}"
                 for name in made]  # fmt: skip
        voice.exit_code = 0 if all(same.values()) else NOT_TRUE
        voice.result({"cards": hashes, "same": same}, "\n".join(lines))
        return
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}: {held}" for name, held in hashes.items()]
    voice.result({"cards": hashes, "same": None}, "\n".join(lines))
    for name, card in made.items():
        voice.wrote(f"{name} card", write_whole(folder / f"{name}.json", card.to_json))
        voice.wrote(f"{name} page", write_whole(folder / f"{name}.html", card.to_html))


def _demo_cards(
    children: int, years: int, seed: int, *, progress: bool
) -> "dict[str, ModelCard | DemandCard]":
    from fs_risk.model_cards.answers import CardAnswers
    from fs_risk.model_cards.demand_card import DemandAnswers

    records = fs.make_authority(children=children, years=years, seed=seed, progress=progress)
    plan = fs.Plan(outcome="cp_plan", within_days=365, capacity=9, seed=seed)
    model = fs.train_step_up(records, plan, progress=progress)
    report = fs.evaluate_step_up(model, records, progress=progress)
    audit = fs.audit_step_up(model, records, resamples=500)
    people = CardAnswers(purpose=DEMO_PURPOSE)
    step_up = fs.build_card(model, report, audit, records=records, people=people)
    answers = DemandAnswers(purpose=DEMO_PURPOSE)
    demand = _demand_card(records, 12, 4, seed, name="Front door to care", people=answers)
    return {"step_up": step_up.publishable(), "demand": demand}


def _demand_card(
    records: "fs.Records",
    horizon: int,
    windows: int,
    seed: int,
    *,
    name: str,
    people: "DemandAnswers",
) -> "DemandCard":
    from fs_risk.model_cards.demand_build import build_demand_card

    series = fs.demand_series(records, freq="MS", measures=MEASURES)
    return build_demand_card(
        fs.forecast_demand(series, horizon, random_state=seed),
        fs.backtest_demand(series, horizon, windows=windows, random_state=seed),
        series=series,
        origin=records.origin,
        name=name,
        people=people,
        random_state=seed,
    )


def _card_at(path: Path) -> "ModelCard | DemandCard":
    from fs_risk.model_cards.card import ModelCard
    from fs_risk.model_cards.demand_card import DemandCard

    try:
        return ModelCard.read(path)
    except FsRiskError:
        return DemandCard.read(path)


def _check_at(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or not set(content) >= _DRIFT_KEYS:
        raise SettingError(
            "The file is not a check of drift.",
            where=path.name,
            fix="Give what fs-risk drift --json printed, or check.to_json() wrote.",
        )
    return content
