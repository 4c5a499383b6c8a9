"""The pages of a score in a real browser: read by eye, by keyboard, by screen reader, on paper."""

import re

import pytest

from fixed_scores import (
    PAGES,
    coded_score,
    empty_score,
    fixed_score,
    hostile_score,
    long_score,
)

A_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")

ALL = {
    **PAGES,
    "code": lambda: coded_score(chronology=empty_score().chronology).to_html(),
    "long": lambda: long_score(60).to_html(),
    "hostile": lambda: hostile_score().to_html(with_score=True),
}
DARK = ("score_with_score.html", "code")


@pytest.mark.parametrize("name", ALL)
def test_page_is_silent_and_accessible(name, show, violations):
    """WCAG 2.2 AA, as far as a machine can tell; nothing is fetched or run."""
    page = show(
        ALL[name](), scheme="dark" if name in ("score_with_score.html", "code") else "light"
    )

    assert violations(page) == []
    assert page.heard == []


@pytest.mark.parametrize("html", [fixed_score().to_html(), fixed_score().to_family_html()],
                         ids=["score", "family, to be written"])  # fmt: skip
def test_page_is_accessible_on_a_dark_phone(html, show, violations):
    """WCAG 1.4.10: nothing but the picture scrolls sideways at 320 pixels."""
    page = show(html, scheme="dark", width=320)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == []


def pages_printed(page):
    return len(A_PAGE.findall(page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize(
    ("name", "sheets"),
    [("score.html", 1), ("score_with_score.html", 1), ("code", 1), ("child.html", 1),
     ("family.html", 2)],
)  # fmt: skip
def test_typical_history_prints_on_one_a4_page(name, sheets, show):
    """And a family's page on two sides of one sheet."""
    assert pages_printed(show(ALL[name]())) == sheets


def test_long_history_flows_on_and_loses_nothing(show):
    page = show(ALL["long"]())

    assert pages_printed(page) > 1
    assert page.locator("tbody tr").count() == 60
    page.emulate_media(media="print")
    heading = page.locator("thead").evaluate("e => getComputedStyle(e).display")
    assert heading == "table-header-group"


_FEET = """[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
    .filter(rule => rule instanceof CSSPageRule).flatMap(rule => [...rule.cssRules])
    .map(rule => [rule.name, rule.style.content])"""


@pytest.mark.parametrize(
    ("name", "said"),
    [("score.html", "SYNTHETIC: Referral R-1, 5 March 2025. A person decides."),
     ("hostile", None), ("family.html", "SYNTHETIC")],
)  # fmt: skip
def test_each_printed_page_says_what_it_is_of(name, said, show):
    """A sheet may be found without the others."""
    page = show(ALL[name]())
    feet = dict(page.evaluate(_FEET))

    assert set(feet) == {"bottom-left", "bottom-right"}
    assert feet["bottom-right"] == 'counter(page) " of " counter(pages)'
    assert said is None or feet["bottom-left"] == f'"{said}"'
    assert feet["bottom-left"].startswith('"SYNTHETIC')


def test_keyboard_reaches_the_picture_and_scrolls_it(show):
    page = show(ALL["score.html"](), width=360)
    page.keyboard.press("Tab")
    at = page.evaluate("document.activeElement.getAttribute('aria-label')")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    # asked again and again from outside: the page's own policy forbids code inside it
    for _ in range(50):
        if page.evaluate("document.activeElement.scrollLeft") > 0:
            break
        page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.scrollLeft") > 0

    assert at == "Picture of the chronology"
    assert outline == "solid"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_reading_order_is_caveat_history_reasons_entries(show):
    page = show(ALL["score.html"]())
    headings = page.locator("h1, h2, h3").all_inner_texts()
    landmarks = page.locator("header, main, footer").evaluate_all("e => e.map(x => x.tagName)")

    assert headings == [
        "Referral R-1, 5 March 2025",
        "Chronology: what was known before 5 March 2025",
        "Worries beside strengths",
        "Worries",
        "Strengths",
        "Not known, and worth finding out",
        "The household",
        "Every entry, latest first",
    ]
    assert landmarks == ["HEADER", "MAIN", "FOOTER"]


def luminance(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_picture_is_seen_in_light_and_dark(scheme, show):
    """WCAG 1.4.3 and 1.4.11, which the checker does not try inside a picture."""
    page = show(ALL["score.html"](), scheme=scheme)

    def drawn(where, what):
        return page.locator(where).first.evaluate(f"e => getComputedStyle(e).{what}")

    paper, gap = drawn("body", "backgroundColor"), drawn(".gap", "fill")
    assert (luminance(paper) < 0.1) is (scheme == "dark")
    for words in (".timeline text", ".timeline .small"):
        assert contrast(drawn(words, "fill"), paper) >= 4.5
    for shape in ("event", "trio", "bar"):
        assert contrast(drawn(f".timeline .{shape}", "fill"), paper) >= 3.0
    for line in ("closure", "repeat", "referral"):
        assert contrast(drawn(f".timeline .{line}", "stroke"), paper) >= 3.0
    assert contrast(drawn(".gap-words", "fill"), gap) >= 4.5
    assert contrast(drawn(".event", "fill"), gap) >= 3.0


def test_paper_is_white_even_where_the_screen_is_dark(show):
    page = show(ALL["score.html"](), scheme="dark")
    page.emulate_media(media="print")

    colour = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert luminance(colour) == pytest.approx(1.0)


def test_note_to_the_worker_is_not_printed(show):
    page = show(ALL["family.html"]())
    assert page.locator(".worker").is_visible()

    page.emulate_media(media="print")
    assert not page.locator(".worker").is_visible()
