"""Commands about all cards together: the register, its site, its mirror, the demo's cards."""

import json
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
    read_source,
    say,
    say_json,
    told_plainly,
)
from fs_risk.cli.cards import NOT_TRUE, cards
from fs_risk.cli.demand import FRONT_DOOR_TO_CARE
from fs_risk.errors import FsRiskError, SettingError
from fs_risk.model_cards.answers import CardAnswers
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.demand_build import build_demand_card
from fs_risk.model_cards.demand_card import DemandAnswers, DemandCard

DEMO_PURPOSE = "To show what a card holds. The authority is invented, and nobody decides by it."

Tracking = Annotated[
    str | None, typer.Option(help="MLflow's tracking URI, such as sqlite:///mlflow.db.")
]


@cards.command(
    "list", epilog="Example: fs-risk cards list models/ --tracking-uri sqlite:///mlflow.db"
)
@told_plainly
def list_models(
    models: Annotated[
        list[Path] | None, typer.Argument(help="Folders that saved models lie in, at any depth.")
    ] = None,
    tracking_uri: Tracking = None,
    as_json: Json = False,
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
    if as_json:
        say_json(rows)
        return
    for row in rows:
        until = f" until {row['approved_until']}" if row["approved_until"] else ""
        aliases = f" [{', '.join(row['aliases'])}]" if row["aliases"] else ""
        card = f"card {row['card_sha256'][:12]}" if row["card_sha256"] else "no card"
        said = f"{row['state']}{until}, {card}, {row['where']}"
        say(f"{row['name']}  {row['version']}{aliases}: {said}")
        if row["fault"]:
            say(f"  ! {row['fault']}")
    if not rows:
        say("No model was found.")


@cards.command(epilog="Example: fs-risk cards site site/ --models models/ --card demand.json")
@told_plainly
def site(
    out: Annotated[Path, typer.Argument(help="Folder for the site: new, empty, or a site before.")],
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
    tracking_uri: Tracking = None,
    internal: Annotated[
        bool,
        typer.Option("--internal", help="Exact counts, and names of those who decided."),
    ] = False,
) -> None:
    """Write the register, cards, audits, changes, drift and decisions as a static site."""
    from fs_risk.model_cards.site import write_site

    index = write_site(
        out,
        models=models or (),
        cards=[_card_at(path) for path in card or ()],
        drift=[_check_at(path) for path in drift or ()],
        tracking_uri=tracking_uri,
        internal=internal,
    )
    say(f"site: {index}")


@cards.command(epilog="Example: fs-risk cards mirror model/ --tracking-uri sqlite:///mlflow.db")
@told_plainly
def mirror(
    model: Annotated[Path, typer.Argument(help="Folder of the saved model.")],
    tracking_uri: Annotated[
        str, typer.Option(help="MLflow's tracking URI.")
    ] = "sqlite:///mlflow.db",
    registered_as: Annotated[
        str | None, typer.Option(help="Name in the registry; default: all that it has.")
    ] = None,
) -> None:
    """Mirror the decisions about a model to MLflow; its alias live follows them."""
    from fs_risk.model_cards.mirror import mirror_decisions

    found = mirror_decisions(model, tracking_uri=tracking_uri, registered_as=registered_as)
    for one in found:
        aliases = ", ".join(one.aliases) or "none"
        say(f"{one.name}, version {one.version}: {one.state}; aliases: {aliases}")


@cards.command(
    epilog="Example: fs-risk cards demand extract/ --json demand.json --html demand.html"
)
@told_plainly
def demand(
    source: Sources,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the card, JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the card, an HTML page.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the card as Markdown.")] = None,
    horizon: Annotated[int, typer.Option(min=1, help="Months ahead.")] = 12,
    windows: Annotated[int, typer.Option(min=1, help="How many earlier origins.")] = 4,
    name: Annotated[str, typer.Option(help="What the forecast is called.")] = "Demand",
    purpose: Annotated[str | None, typer.Option(help="What is planned with it.")] = None,
    owner: Annotated[str | None, typer.Option(help="The role that owns it.")] = None,
    seed: Seed = 0,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
) -> None:
    """Forecast demand, look back, and write the card of the forecast."""
    records = read_source(source, exclude, pseudonymise)
    people = DemandAnswers(purpose=purpose, owner=owner)
    made = _demand_card(records, horizon, windows, seed, name=name, people=people)
    for path, write in (
        (json_path, made.to_json),
        (html, made.to_html),
        (markdown, made.to_markdown),
    ):
        if path is not None:
            write(path)
            say(f"card: {path}")
    say(f"{made!r}")


@cards.command(epilog="Example: fs-risk cards demo model_cards/published --check")
@told_plainly
def demo(
    out: Annotated[Path, typer.Argument(help="Folder for the cards.")],
    children: Annotated[int, typer.Option(min=1, help="Children of the authority.")] = 62_700,
    years: Annotated[int, typer.Option(min=1, help="Years observed.")] = 8,
    seed: Seed = 0,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 15 where the cards differ."),
    ] = False,
) -> None:
    """Make the cards of the demo's models, as published; or see that they come out the same."""
    say(f"Inventing an authority of {children:,} children, fitting, measuring, auditing ...")
    made = _demo_cards(children, years, seed)
    if check:
        _check(out, made)
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, card in made.items():
        card.to_json(out / f"{name}.json")
        card.to_html(out / f"{name}.html")
        say(f"{name}: {card.content_hash}")


def _demo_cards(children: int, years: int, seed: int) -> dict[str, ModelCard | DemandCard]:
    records = fs.make_authority(children=children, years=years, seed=seed)
    plan = fs.Plan(outcome="cp_plan", within_days=365, capacity=9, seed=seed)
    model = fs.train_step_up(records, plan)
    report = fs.evaluate_step_up(model, records)
    audit = fs.audit_step_up(model, records, resamples=500)
    people = CardAnswers(purpose=DEMO_PURPOSE)
    step_up = fs.build_card(model, report, audit, records=records, people=people)
    answers = DemandAnswers(purpose=DEMO_PURPOSE)
    demand = _demand_card(records, 12, 4, seed, name="Front door to care", people=answers)
    return {"step_up": step_up.publishable(), "demand": demand}


def _demand_card(
    records: fs.Records, horizon: int, windows: int, seed: int, *, name: str, people: DemandAnswers
) -> DemandCard:
    series = fs.demand_series(records, freq="MS", measures=FRONT_DOOR_TO_CARE)
    return build_demand_card(
        fs.forecast_demand(series, horizon, random_state=seed),
        fs.backtest_demand(series, horizon, windows=windows, random_state=seed),
        series=series,
        origin=records.origin,
        name=name,
        people=people,
        random_state=seed,
    )


def _check(folder: Path, made: dict[str, ModelCard | DemandCard]) -> None:
    other = []
    for name, card in made.items():
        held = _card_at(folder / f"{name}.json")
        same = held.content_hash == card.content_hash
        say(f"{name}: {'the same' if same else 'NOT the same'}, {card.content_hash}")
        other += [] if same else [name]
    if other:
        raise typer.Exit(NOT_TRUE)


def _card_at(path: Path) -> ModelCard | DemandCard:
    try:
        return ModelCard.read(path)
    except FsRiskError:
        return DemandCard.read(path)


def _check_at(path: Path) -> dict[str, Any]:
    needed = {
        "model",
        "model_hash",
        "on",
        "since",
        "until",
        "verdict",
        "verdicts",
        "table",
        "notes",
    }
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or not needed <= set(content):
        raise SettingError(
            "The file is not a check of drift.",
            where=path.name,
            fix="Give what fs-risk drift --json printed, or check.to_json() wrote.",
        )
    return content
