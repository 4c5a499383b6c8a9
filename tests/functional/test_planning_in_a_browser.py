"""The planning page in a browser: by eye in light and dark, on a phone, by keyboard, printed."""

import re

import pytest

import fs_risk as fs

A_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


@pytest.fixture(scope="module")
def html():
    records = fs.make_authority(children=2_500, years=5, seed=2)
    plan = fs.StaffingPlan(
        roles=[
            {"name": "social worker", "weights": {2: 1, 3: 1.5}, "standard": 15, "in_post": 5},
            {"name": "domestic abuse worker", "need": "domestic_abuse", "counts": "families",
             "weights": {2: 1, 3: 1}, "standard": 20},
        ]
    )  # fmt: skip
    more = fs.Scenario(
        name="more referrals",
        changes=[{"kind": "entry", "tier": 2, "multiply": 1.5, "start": "2025-06-01"}],
    )
    caseload = fs.forecast_caseload(records, horizon=6, n_paths=40, progress=False)
    series = fs.demand_series(records, measures=["contacts", "referrals"])
    counts = fs.forecast_demand(series, horizon=6, seeds=1)
    return caseload.to_html(plan=plan, scenarios=[more], counts=counts)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_silent_and_accessible(html, show, violations, scheme):
    """WCAG 2.2 AA, as far as a machine can tell; nothing is fetched or run."""
    page = show(html, scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert violations(page) == []
    assert page.heard == []
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 27)"}[scheme]


def test_nothing_but_tables_and_pictures_scrolls_sideways_on_a_phone(html, show, violations):
    """WCAG 1.4.10, at 320 pixels."""
    page = show(html, width=320)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == []


def test_keyboard_reaches_what_scrolls(html, show):
    page = show(html, width=320)
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_labels_below_a_waterfall_do_not_touch(html, show):
    """Words of neighbouring bars on one line keep a gap."""
    page = show(html)
    gaps = page.evaluate("""() => [...document.querySelectorAll('figure svg')].flatMap(one => {
        const boxes = [...one.querySelectorAll('text[text-anchor=middle]')]
            .map(text => text.getBBox()).sort((a, b) => a.y - b.y || a.x - b.x);
        return boxes.slice(1).flatMap((box, i) =>
            Math.abs(box.y - boxes[i].y) < 1 ? [box.x - boxes[i].x - boxes[i].width] : []);
    })""")

    assert len(gaps) > 50
    assert min(gaps) > 0


def test_page_prints_on_a4_with_what_scrolled_laid_open(html, show):
    page = show(html)
    page.emulate_media(media="print")
    spilling = page.locator(".wide").evaluate_all(
        "e => e.filter(x => x.scrollWidth > document.documentElement.clientWidth + 1).length"
    )

    assert spilling == 0
    assert 2 <= len(A_PAGE.findall(page.pdf(prefer_css_page_size=True))) <= 10
