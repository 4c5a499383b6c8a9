"""The documentation site: built strictly, whole, found by search, and fetched from nowhere else."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

import fs_risk as fs

ROOT = Path(__file__).parents[2]
REFERENCE = sorted((ROOT / "docs" / "reference").glob("*.md"))


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The site and what its builder said, built once for all the processes of a test run."""
    pytest.importorskip("zensical", reason="fs-risk[docs] is not installed")
    own = tmp_path_factory.getbasetemp()
    place = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "docs-site"
    said = place / "said.txt"
    try:
        place.mkdir()
    except FileExistsError:
        while not said.exists():
            time.sleep(0.2)
        return place / "site", said.read_text("utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "site" / "build.py", "--into", place],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    half = place / "half.txt"
    half.write_text(f"{done.stdout}{done.stderr}exit {done.returncode}", "utf-8")
    half.replace(said)
    return place / "site", said.read_text("utf-8")


@pytest.fixture(scope="session")
def pages(built):
    """Every page of the site, parsed."""
    site, said = built
    assert said.endswith("exit 0"), said
    return {path: html.parse(path).getroot() for path in sorted(site.rglob("*.html"))}


def test_site_builds_without_a_warning(built):
    _, said = built

    assert said.endswith("exit 0"), said
    assert "No issues found" in said
    assert not re.search(r"warn|error", said, re.I), said


def test_every_link_leads_to_a_page_and_a_place_on_it(pages):
    anchors = {path: set(page.xpath("//@id | //a/@name")) for path, page in pages.items()}
    lost = []
    for path, page in pages.items():
        for link in page.xpath("//@href | //@src"):
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//") or path.name == "404.html":
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            to = to / "index.html" if to.is_dir() else to
            there = to.exists() and (not parts.fragment or to not in anchors)
            if not there and unquote(parts.fragment) not in anchors.get(to, ()):
                lost.append((path.name, link))

    assert lost == []


def test_nothing_is_fetched_from_elsewhere(pages, built):
    for path, page in pages.items():
        asked = page.xpath("//link/@href | //script/@src | //img/@src | //iframe/@src")
        assert [one for one in asked if re.match(r"(https?:)?//", one)] == [], path.name
    for sheet in built[0].rglob("*.css"):
        assert not re.search(r"(url\(|@import)[\s'\"]*(https?:)?//", sheet.read_text("utf-8"))


def test_every_page_has_a_place_in_the_order(built):
    settings = json.loads((built[0].parent / "mkdocs.yml").read_text("utf-8"))
    ordered = re.findall(r'"([^"]+\.md)"', json.dumps(settings["nav"]))
    written = {
        path.relative_to(built[0].parent / "pages").as_posix()
        for path in (built[0].parent / "pages").rglob("*.md")
    }

    assert sorted(ordered) == sorted(written)


def test_every_public_name_is_in_the_reference_once(pages, built):
    told = re.findall(
        r"^::: fs_risk\.(\w+)$", "\n".join(page.read_text("utf-8") for page in REFERENCE), re.M
    )
    shown = [one for page in pages.values() for one in page.xpath("//h2/@id")]

    assert sorted(told) == sorted(set(fs.__all__) - {"__version__"}), "docs/reference/*.md"
    assert [name for name in told if shown.count(f"fs_risk.{name}") != 1] == []


def test_reference_says_in_a_viewer_where_its_entries_are_and_the_site_does_not(pages, built):
    """Where a page stands, `:::` and a name is all that is there of an entry."""
    for page in REFERENCE:
        head = page.read_text("utf-8").splitlines()[2]
        assert "python docs/site/build.py" in head, page.name
        assert head.endswith("<!-- left out of the site -->"), page.name
        shown = (built[0] / "reference" / page.with_suffix(".html").name).read_text("utf-8")
        assert "docs/site/build.py" not in shown
        assert "left out of the site" not in shown


def test_every_decision_is_in_the_index_of_decisions():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"\]\((0[^)]+\.md)\)", index) == sorted(
        path.name for path in folder.glob("0*.md")
    )


class TestInABrowser:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize(
        "page", ["index.html", "reference/outcomes.html", "for_governance.html"]
    )
    def test_axe_finds_nothing(self, built, blank_page, violations, page, scheme):
        shown = blank_page(width=1300, scheme=scheme)
        shown.goto((built[0] / page).as_uri())
        shown.wait_for_load_state()

        assert [one for one in shown.heard if not one.startswith("file:")] == []
        assert violations(shown) == []

    @pytest.mark.parametrize("page", ["index.html", "errors.html", "reference/triage.html"])
    def test_a_telephone_shows_it_without_scrolling_sideways(self, built, blank_page, page):
        shown = blank_page(width=390)
        shown.goto((built[0] / page).as_uri())

        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_search_finds_a_page_from_a_folder(self, built, blank_page):
        shown = blank_page(width=1300)
        shown.goto((built[0] / "index.html").as_uri())
        shown.keyboard.press("Control+k")
        shown.wait_for_timeout(500)
        shown.keyboard.type("sealed score", delay=30)
        found = shown.get_by_text("Sealed").first
        found.wait_for(timeout=10_000)

        assert [one for one in shown.heard if not one.startswith("file:")] == []
