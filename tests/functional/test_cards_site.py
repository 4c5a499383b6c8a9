"""The site of cards: what it holds, what it keeps back, and how it does in a real browser."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

import fs_risk as fs
from fs_risk.cli import app
from fs_risk.errors import SettingError
from fs_risk.model.approval_log import append
from fs_risk.model.in_use import CARD_FILE, subject_of
from fs_risk.model_cards.approve import SIGNED
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.demand_card import DemandCard
from fs_risk.model_cards.register import register_of
from fs_risk.model_cards.site import write_site

ROLES = ("technical reviewer", "practice lead", "data protection officer", "equality lead",
         "senior responsible owner")  # fmt: skip
TODAY = datetime.now(UTC).date()
UNTIL = TODAY + timedelta(days=300)
HOSTILE = "<script>alert(1)</script>"
NAME = "Jo Signer"


@pytest.fixture(scope="module")
def golden():
    return ModelCard.read("tests/golden/card.json")


@pytest.fixture(scope="module")
def models(golden, small_model, tmp_path_factory):
    """Two models of one name: one live on its second card, one signed after it; a broken third."""
    place = tmp_path_factory.mktemp("models")
    first = real(small_model).save(place / "first")
    later = real(replace(small_model, booster=small_model.booster), "later").save(place / "later")
    broken = real(small_model, "broken").save(place / "broken")
    (broken / "booster.txt").write_text("changed", encoding="utf-8")
    card = of(golden, first)
    second = card.model_copy(
        update={"people": card.people.model_copy(update={"owner": f"Head {HOSTILE}"})}
    )
    signed(first, card, 1, ROLES[:1])
    signed(first, second, 2, (*ROLES, "go live"))
    signed(later, of(second, later), 3, ROLES[:2])
    return place


def real(model, label=None):
    training = model.training.model_copy(
        update={"origin": "real", "label": label or model.training.label}
    )
    passed = tuple(one.model_copy(update={"passed": True}) for one in model.gate_results)
    facts = model.facts.model_copy(update={"training": training, "gate_results": passed})
    return replace(model, facts=facts)


def of(card, folder):
    model = fs.load_model(folder)
    hashes = card.hashes.model_copy(update={"model": model.content_hash})
    identity = card.identity.model_copy(
        update={"name": model.name, "version": model.version, "origin": "real"}
    )
    return card.model_copy(update={"hashes": hashes, "identity": identity})


def signed(folder, card, month, roles):
    """Write decisions as `approve` does; who may decide is tested elsewhere."""
    from fs_risk.model.approval_log import read_log

    (folder / SIGNED).mkdir(exist_ok=True)
    text = card.to_json()
    (folder / SIGNED / f"{card.content_hash}.json").write_text(text, encoding="utf-8")
    (folder / CARD_FILE).write_text(text, encoding="utf-8")
    for role in roles:
        live = role == "go live"
        content = {
            "at": datetime(TODAY.year - 1, month, 1, tzinfo=UTC),
            "decision": role if live else "approve",
            "by": NAME, "role": ROLES[-1] if live else role, "organisation": f"Council {HOSTILE}",
            "reason": f"as {NAME} said", "conditions": (), "answers": (),
            "expires": None if live else UNTIL,
            "subject": subject_of(text, card.hashes.model), "mode": "approval needed",
        }  # fmt: skip
        append(folder, content, seen=read_log(folder))


@pytest.fixture(scope="module")
def drift(models):
    row = {
        "check": "calibration", "measure": "observed over expected", "period": "", "by": "",
        "group": "", "value": 1.1, "low": 0.9, "high": 1.3, "limit_low": 0.8, "limit_high": 1.25,
        "n": 400, "verdict": "as expected", "suppressed": False, "says": "Observed over expected.",
    }  # fmt: skip
    held = fs.load_model(models / "first")
    return {
        "verdict": "as expected", "model": held.name, "model_hash": held.content_hash,
        "synthetic": False, "on": "2026-06-01", "since": "2025-06-01", "until": "2026-05-31",
        "verdicts": {"calibration": "as expected"}, "notes": ["Rests on 400 scores."],
        "table": [row, {**row, "n": None, "value": 0.5, "suppressed": True}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def demand_card():
    return DemandCard.model_validate_json(json.dumps(DEMAND))


DEMAND = {
    "identity": {"name": "Front door", "library_version": "0.1.0", "origin": "synthetic",
                 "label": "seed 0"},
    "settings": {"horizon": 12, "origins": ["2024-01-01"], "seeds": 2, "random_state": 0,
                 "learnt_from_others": False},
    "series": [{"name": "referrals", "measure": "referrals", "kind": "flow",
                "first": "2018-01-01", "last": "2025-01-01", "periods": 85, "missing": 0,
                "late": 1, "mean": 320.1}],
    "verdict": "use it", "verdicts": [], "coverage": {"80": 0.8, "95": 0.94}, "figures": [],
    "rivals": [], "horizons": [], "notes": [],
    "hashes": {"series": "a" * 64, "forecast": "b" * 64, "backtest": "c" * 64}, "people": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def site(models, drift, demand_card, tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "site"
    write_site(out, models=models, cards=[demand_card], drift=[drift])
    return out


def pages(folder):
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for path in folder.rglob("*.html")}  # fmt: skip


def test_register_tells_states_by_the_decisions(models):
    """G4: what lies beside each model counts; a changed byte is told, not passed over."""
    found = {one.where: one for one in register_of(models)}
    assert {where: one.state for where, one in found.items()} == {
        "first": "live", "later": "practice review", "broken": "cannot be read",
    }  # fmt: skip
    assert found["first"].approved_until == UNTIL
    assert "booster.txt" in found["broken"].fault


def test_site_has_a_page_for_everything(site):
    found = set(pages(site))
    names = sorted(path.split("/")[-1] for path in found)
    assert names.count("card.html") == 3
    assert names.count("audit.html") == 2
    assert names.count("changes-1.html") == 2
    assert names.count("drift-1.html") == 1
    assert "Front door" in pages(site)["index.html"]


def test_every_link_leads_somewhere_and_none_leaves_the_site(site):
    for path, text in pages(site).items():
        for link in re.findall(r'(?:href|src)="([^"#]+)', text):
            assert "://" not in link
            assert (site / path).parent.joinpath(link).resolve().is_file(), (path, link)


def test_public_view_keeps_names_and_reasons_back(site):
    """A2, G5: of those who decided, role and organisation."""
    everything = "".join(path.read_text("utf-8") for path in site.rglob("*") if path.is_file())
    assert NAME not in everything
    assert "senior responsible owner" in everything


def test_public_view_hides_small_numbers(site, golden):
    for path in site.rglob("card.json"):
        if "models" in path.parts:
            assert ModelCard.read(path).view == "publishable"
    hidden = next(text for path, text in pages(site).items() if path.endswith("drift-1.html"))
    assert '<td class="number">c</td>' in hidden


def test_hostile_words_stay_words(site):
    for text in pages(site).values():
        assert "<script>alert" not in text


def test_internal_view_shows_who_decided(models, tmp_path):
    write_site(tmp_path / "site", models=models, internal=True)
    assert any(NAME in text for text in pages(tmp_path / "site").values())


def test_site_is_written_over_a_site_and_over_nothing_else(models, tmp_path):
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(SettingError, match="something else than a site"):
        write_site(tmp_path)
    write_site(tmp_path / "site")
    (tmp_path / "site" / "models" / "old").mkdir(parents=True)
    write_site(tmp_path / "site")
    assert not (tmp_path / "site" / "models" / "old").exists()


def test_commands_list_and_write(models, drift, tmp_path):
    (tmp_path / "drift.json").write_text(json.dumps(drift), encoding="utf-8")
    (tmp_path / "demand.json").write_text(json.dumps(DEMAND), encoding="utf-8")
    run = CliRunner().invoke
    listed = run(app, ["cards", "list", str(models)])
    assert listed.exit_code == 0, listed.output
    assert f"live until {UNTIL}" in listed.output
    assert "! booster.txt is not as it was written." in listed.output
    done = run(app, ["cards", "site", "--out", str(tmp_path / "site"), "--models", str(models),
                     "--card", str(tmp_path / "demand.json"),
                     "--drift", str(tmp_path / "drift.json")])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (tmp_path / "site" / "index.html").is_file()
    wrong = run(
        app,
        ["cards", "site", "--out", str(tmp_path / "x"), "--drift", str(tmp_path / "demand.json")],
    )
    assert wrong.exit_code == 18
    assert run(app, ["cards", "list"]).exit_code == 18


@pytest.fixture
def visit(blank_page, site):
    """Opens a page of the site from its file; other files of the site may be asked for."""

    def opened(path="index.html", *, width=1000, scheme="light"):
        page = blank_page(width=width, scheme=scheme, asks=lambda url: not url.startswith("file:"))
        page.goto((site / path).as_uri())
        return page

    return opened


def of_first(site, name):
    return next(path for path in pages(site) if path.endswith(f"/{name}"))


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("index.html", "light", 1000), ("index.html", "dark", 320), ("drift-1.html", "dark", 320),
     ("changes-1.html", "light", 1000), ("audit.html", "dark", 1000), ("model", "light", 320)],
)  # fmt: skip
def test_page_is_silent_accessible_and_fits(name, scheme, width, site, visit, violations):
    """WCAG 2.2 AA, as far as a machine can tell; nothing is fetched, nothing complains."""
    path = name
    if name != "index.html":
        path = of_first(site, "index.html" if name == "model" else name)
    page = visit(path, scheme=scheme, width=width)
    # axe is put in by the test, which the page's own policy would not allow
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.heard == []
    assert violations(page) == []


def test_search_finds_by_keyboard_alone_and_tells_how_many(visit):
    page = visit()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "words"
    page.keyboard.type(f"LIVE {UNTIL.year}")
    assert page.locator("#register tr:visible").count() == 1
    assert page.locator("#found").inner_text() == "1 of 4 cards."
    page.locator("#words").fill("")
    assert page.locator("#found").inner_text() == "4 cards."
    assert page.heard == []


def test_one_walks_from_the_register_to_a_card_and_back(visit):
    page = visit()
    page.locator("#register a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="The model card").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Model card")
    page.get_by_role("link", name="Register").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Register of models"
    assert page.heard == []
