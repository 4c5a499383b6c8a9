"""A card in a real browser: by eye, by keyboard, by screen reader, on a phone, on paper."""

import re
from pathlib import Path

import pytest

import fs_risk as fs

GOLDEN = Path(__file__).parents[1] / "golden"
A_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


@pytest.fixture(scope="module")
def pages():
    """The golden card, one with nothing answered, and a page of changes."""
    card = fs.ModelCard.read(GOLDEN / "card.json")
    empty = card.model_copy(update={"people": fs.CardAnswers(), "value": None})
    return {
        "card": card.to_html(),
        "to be written": empty.publishable().to_html(),
        "changes": empty.diff(card).to_html(),
    }


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("card", "light", 1000), ("to be written", "dark", 320), ("changes", "light", 1000)],
)
def test_page_is_silent_accessible_and_fits(name, scheme, width, pages, show, violations):
    """WCAG 2.2 AA, as far as a machine can tell; nothing is fetched, nothing complains."""
    page = show(pages[name], scheme=scheme, width=width)

    assert page.heard == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []


@pytest.mark.nightly
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_unfolded_page_is_accessible(scheme, pages, show, violations):
    """The same with every long table open."""
    page = show(pages["card"], scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")

    assert violations(page) == []


def test_keyboard_skips_to_the_card_and_on_through_its_contents(pages, show):
    page = show(pages["card"])
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    second = page.evaluate("document.activeElement.getAttribute('href')")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    assert first == "Skip to the card"
    assert second == "#limits"
    assert outline == "solid"


def test_reading_order_begins_with_the_questions_everybody_asks(pages, show):
    headings = show(pages["card"]).locator("h1, h2").all_inner_texts()

    assert headings[1:7] == [
        "What is it for?",
        "How often is it wrong?",
        "For whom is it worse?",
        "Who said yes?",
        "Until when?",
        "What is still open?",
    ]


def test_card_prints_whole_on_a4(pages, show):
    """What is folded on the screen is there on paper."""
    page = show(pages["card"])
    page.emulate_media(media="print")
    folded = page.locator("details").evaluate_all("e => e.map(x => x.offsetHeight)")

    assert min(folded) > 60
    assert len(A_PAGE.findall(page.pdf(prefer_css_page_size=True))) > 5


def test_dark_page_is_dark(pages, show):
    page = show(pages["card"], scheme="dark")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 27)"
