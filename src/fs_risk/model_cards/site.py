"""`write_site`: the register, cards, audits, changes, drift and decisions as a static site.

Every page stands alone: no network, relative links, so that it opens from a folder. The
default is what may be published; the internal view is asked for.
"""

import base64
import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from fs_risk.errors import SettingError
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.model_cards.blocks import Document, Paragraph, Section
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.demand_card import DemandCard
from fs_risk.model_cards.demand_document import demand_document
from fs_risk.model_cards.document import SYNTHETIC, card_document
from fs_risk.model_cards.page import filled
from fs_risk.model_cards.register import RegisterEntry, register_of, signed_cards
from fs_risk.model_cards.site_pages import (
    audit_document,
    decisions_section,
    drift_document,
    standing_section,
)
from fs_risk.model_cards.words import DASH, capital
from fs_risk.records.arguments import PATH, takes
from fs_risk.records.counts_in_words import count_of

View = Literal["publishable", "internal"]
_MARK = ".fs-risk-cards-site"
"""Lies in a folder that a site was written to: only such a folder is written over."""
_TEMPLATE = "site_page.html.j2"
_SCRIPT = Path(__file__).parent / "templates" / "site_search.js"
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass
class _Site:
    """Pages as they are made, and the register's rows."""

    view: View
    pages: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)

    def shown(self, card: ModelCard) -> ModelCard:
        """Give the card as this site may show it."""
        if self.view == "internal":
            return card
        shown = card.publishable()
        # what people wrote when they decided may name somebody
        silent = tuple(
            one.model_copy(update={"reason": "", "answers": ()}) for one in shown.envelope.decisions
        )
        envelope = shown.envelope.model_copy(update={"decisions": silent})
        return shown.model_copy(update={"envelope": envelope})

    def put(self, path: str, document: Document, **more: Any) -> None:
        """Make a page."""
        more = {"script": "", "links": (), "trail": (), **more}
        self.pages[path] = filled(_TEMPLATE, document, **more)


@takes(out=PATH)
def write_site(
    out: str | Path,
    *,
    models: str | Path | Sequence[str | Path] = (),
    cards: Iterable[ModelCard | DemandCard] = (),
    drift: Iterable[Mapping[str, Any]] = (),
    tracking_uri: str | None = None,
    internal: bool = False,
    on: date | None = None,
) -> Path:
    """Write the register of models and all about each as a static site.

    Parameters
    ----------
    out : str or Path
        New or empty, or a site that was written before, which is written anew.
    models : str, Path or sequence of them, optional
        Folders in which saved models lie, at any depth; the decisions beside them count.
    cards : iterable of ModelCard or DemandCard, optional
        Cards of models that nobody signed yet, and of forecasts.
    drift : iterable of mapping, optional
        What `DriftCheck.content` gives, of any of the models.
    tracking_uri : str, optional
        Of an MLflow store, whose registered versions are listed as well.
    internal : bool, default=False
        Show exact counts and who decided; by default what may be published: small numbers
        hidden, of those who decided only role and organisation.
    on : date, optional
        The day that states are told of; by default today.

    Returns
    -------
    Path
        Of the register, ``index.html``.

    Raises
    ------
    SettingError
        If the folder holds something else, or a folder of models is not there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_site(f"{folder}/site", models=folder).name
    'index.html'
    """
    target = Path(out)
    _check_folder(target)
    given = list(cards)
    step_up = [card for card in given if isinstance(card, ModelCard) and card.view == "internal"]
    entries = register_of(models, tracking_uri=tracking_uri, cards=step_up, on=on)
    site = _Site("internal" if internal else "publishable")
    folders = _folder_names(entries)
    changes = _changes(entries, site)
    watched = [dict(each) for each in drift]
    for entry in entries:
        _add_model(site, entry, folders[id(entry)], changes.get(id(entry), ()), watched)
    _add_loose(site, given, {one.model_sha256 for one in entries})
    _add_register(site)
    _write(target, site.pages)
    return target / "index.html"


def _add_model(
    site: _Site,
    entry: RegisterEntry,
    folder: str,
    changes: Sequence[tuple[str, Document]],
    drift: Sequence[Mapping[str, Any]],
) -> None:
    """Make the pages of one model, and its row."""
    if entry.card is None and entry.folder is None:
        site.rows.append(_row(entry, ""))
        return
    base, links = f"models/{folder}", []
    if entry.card is not None:
        card = site.shown(entry.card)
        _put_card(site, base, card_document(card), card.to_json())
        site.put(f"{base}/audit.html", audit_document(card), trail=_trail(entry.name, "Audit"))
        links += [("The model card", "card.html"), ("How groups fare: the audit", "audit.html")]
    for place, (title, document) in enumerate(changes, start=1):
        site.put(f"{base}/changes-{place}.html", document, trail=_trail(entry.name, "Changes"))
        links.append((title, f"changes-{place}.html"))
    mine = sorted(
        (one for one in drift if one.get("model_hash") == entry.model_sha256),
        key=lambda one: str(one.get("on")),
    )
    for place, check in enumerate(mine, start=1):
        document = drift_document(check)
        site.put(f"{base}/drift-{place}.html", document, trail=_trail(entry.name, "Drift"))
        links.append((f"Drift, checked on {check.get('on')}", f"drift-{place}.html"))
    if entry.card is not None:
        links.append(("The card for machines (JSON)", "card.json"))
    means = "" if entry.card is None else f"{capital(entry.card.identity.outcome_means)}. "
    front = Document(
        title=entry.name,
        stamp=SYNTHETIC if entry.card is not None and entry.card.synthetic else "",
        under=(f"{means}Version {entry.version}.",),
        glance=(standing_section(entry),),
        sections=(decisions_section(entry.decisions, internal=site.view == "internal"),),
        foot=(f"Model {entry.model_sha256}", f"Card {entry.card_sha256 or DASH}"),
    )
    trail = (("Register", "../../index.html"), (entry.name, ""))
    site.put(f"{base}/index.html", front, links=links, trail=trail)
    site.rows.append(_row(entry, f"{base}/index.html"))


def _put_card(
    site: _Site, base: str, document: Document, text: str, *, alone: bool = False
) -> None:
    trail = (
        (("Register", "../../index.html"), ("Card", "")) if alone else _trail("The model", "Card")
    )
    site.put(f"{base}/card.html", document, trail=trail)
    site.pages[f"{base}/card.json"] = text


def _add_loose(site: _Site, cards: Sequence[ModelCard | DemandCard], held: set[str]) -> None:
    """Make the pages of cards without a folder: of forecasts, and of models kept elsewhere."""
    for card in cards:
        if isinstance(card, ModelCard):
            if card.hashes.model in held:
                continue
            shown = site.shown(card)
            document, text, owner = card_document(shown), shown.to_json(), card.people.owner
            state, version = str(card.standing().state), card.identity.version
            means = card.identity.outcome_means
        else:
            document, text, owner = demand_document(card), card.to_json(), card.people.owner
            state, version = f"forecast: {card.verdict}", card.identity.library_version
            means = f"{len(card.series)} series, {count_of(card.settings.horizon, 'period')} ahead"
        name = card.identity.name
        base = f"cards/{_in_a_name(name)}-{card.content_hash[:12]}"
        _put_card(site, base, document, text, alone=True)
        site.rows.append(_told(
            name=name, version=version, state=f"{_stamp(card)}{state}", until=DASH,
            owner=owner or DASH, means=means,
            hash=card.content_hash, link=f"{base}/card.html", fault="",
        ))  # fmt: skip


def _stamp(card: ModelCard | DemandCard) -> str:
    return "SYNTHETIC, " if card.synthetic else ""


def _add_register(site: _Site) -> None:
    published = (
        "What may be published: counts of 1 to 5 are hidden, names withheld."
        if site.view == "publishable"
        else "Internal view: exact counts, and the names of those who decided. Not for publishing."
    )
    about = Paragraph(
        "A state is worked out from the decisions that lie beside the model, each time this site "
        "is written. Only a model that is live gives scores on real referrals; a list orders "
        "additional attention and decides nothing."
    )
    document = Document(
        title="Register of models",
        stamp="",
        under=(published,),
        glance=(),
        sections=(Section("about", "How to read this", (about,)),),
        foot=() if site.rows else ("No model was found.",),
    )
    script, script_hash = _script()
    site.put(
        "index.html", document, rows=site.rows, script=script, script_hash=script_hash,
    )  # fmt: skip


def _row(entry: RegisterEntry, link: str) -> dict[str, str]:
    until = DASH if entry.approved_until is None else entry.approved_until.isoformat()
    return _told(
        name=entry.name, version=entry.version, state=entry.state, until=until,
        owner=entry.owner or DASH, hash=entry.card_sha256, link=link, fault=entry.fault,
        means="" if entry.card is None else entry.card.identity.outcome_means,
    )  # fmt: skip


def _told(**row: str) -> dict[str, str]:
    said = (
        row[name]
        for name in ("name", "version", "state", "until", "owner", "hash", "fault", "means")
    )
    return {**row, "words": " ".join(said).lower()}


def _changes(
    entries: Sequence[RegisterEntry], site: _Site
) -> dict[int, list[tuple[str, Document]]]:
    """Compare each signed card with the one signed before it, of the same name."""
    signed = sorted(
        ((decision.at, card, entry) for entry in entries for card, decision in signed_cards(entry)),
        key=lambda one: one[0],
    )
    last: dict[str, ModelCard] = {}
    made: dict[int, list[tuple[str, Document]]] = {}
    for at, card, entry in signed:
        before = last.get(card.identity.name)
        if before is not None:
            found = site.shown(card).diff(site.shown(before))
            title = f"What changed before the signature of {at.date().isoformat()}"
            made.setdefault(id(entry), []).append((title, found.document))
        last[card.identity.name] = card
    return made


def _folder_names(entries: Sequence[RegisterEntry]) -> dict[int, str]:
    taken: dict[str, int] = {}
    names = {}
    for entry in entries:
        name = f"{_in_a_name(entry.name)}-{entry.model_sha256[:12]}"
        taken[name] = taken.get(name, 0) + 1
        names[id(entry)] = name if taken[name] == 1 else f"{name}-{taken[name]}"
    return names


def _in_a_name(text: str) -> str:
    return _NOT_IN_A_NAME.sub("-", text.lower()).strip("-")[:40] or "model"


def _trail(name: str, here: str) -> tuple[tuple[str, str], ...]:
    return (("Register", "../../index.html"), (name, "index.html"), (here, ""))


@lru_cache(maxsize=1)
def _script() -> tuple[str, str]:
    """Give the search, and the hash by which the page allows it and no other script."""
    text = _SCRIPT.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return text, f"sha256-{digest}"


def _check_folder(target: Path) -> None:
    if target.exists() and (not target.is_dir() or _strange(target)):
        raise SettingError(
            "The folder holds something else than a site of cards; nothing was written.",
            where=target.name,
            fix="Give a new or empty folder, or one that a site was written to before.",
        )


def _strange(target: Path) -> bool:
    return any(target.iterdir()) and not (target / _MARK).exists()


def _write(target: Path, pages: Mapping[str, str]) -> None:
    for old in ("models", "cards"):
        shutil.rmtree(target / old, ignore_errors=True)
    for path, text in _with_mark(pages):
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())


def _with_mark(pages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield from pages.items()
    sums = {path: sha256(text) for path, text in pages.items()}
    yield _MARK, canonical_json(sums) + "\n"
