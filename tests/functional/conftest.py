"""A real browser for tests of pages, opened once for each file of tests."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser():
    """Debian's chromium; without it the tests that ask for it are skipped."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: pages are not tried in a browser")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    # not for the whole session: its loop would be in the way of tests that run their own
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def blank_page(browser):
    """Gives empty pages that note what they ask for, and complain about, in `heard`."""
    contexts = []

    def opened(*, width=1000, scheme="light", asks=lambda url: True):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.heard = []
        page.on("request", lambda made: asks(made.url) and page.heard.append(made.url))
        page.on("console", lambda message: page.heard.append(message.text))
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.on("dialog", lambda dialog: (page.heard.append("dialog"), dialog.dismiss()))
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def show(blank_page):
    """Shows the text of a page."""

    def shown(html, *, width=1000, scheme="light"):
        page = blank_page(width=width, scheme=scheme)
        page.set_content(html, wait_until="load")
        return page

    return shown


@pytest.fixture
def violations():
    """Gives what axe-core finds wrong with a page."""

    def found(page):
        from axe_playwright_python.sync_playwright import Axe

        wrong = Axe().run(page).response["violations"]
        return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in wrong]

    return found
