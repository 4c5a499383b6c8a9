"""The forms of a card: pages that hold against the golden ones, and cannot be broken into."""

import json
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fs_risk as fs
from fs_risk.model_cards.explanations import TYPES
from fs_risk.model_cards.markdown import escaped

GOLDEN = Path(__file__).parents[2] / "golden"

TAGS = {
    "a", "body", "caption", "circle", "dd", "details", "div", "dl", "dt", "figcaption", "figure",
    "footer", "h1", "h2", "head", "header", "html", "li", "main", "meta", "nav", "p", "path",
    "rect", "section", "span", "strong", "style", "summary", "svg", "table", "tbody", "td", "text",
    "th", "thead", "title", "tr", "ul",
}  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "</title></style><b>",
    "| a | b |\n|---|",
    "[x](https://example.org) ![y](https://example.org)",
    "=1+1",
    "\u202egnp.exe",
    "\x00\x07",
    "# `code` **b** <!-- -->",
)


@pytest.fixture(scope="module")
def golden():
    return fs.ModelCard.read(GOLDEN / "card.json")


class Page(HTMLParser):
    """What a browser would see: tags, attributes, text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.ids, self.text = set(), [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_data(self, data):
        self.text.append(data)


def test_page_is_the_golden_one(golden):
    written = (GOLDEN / "card.html").read_text(encoding="utf-8")

    assert golden.to_html() == written, "run: python tests/golden/make_card.py render"


def test_markdown_of_the_publishable_view_is_the_golden_one(golden):
    written = (GOLDEN / "card.md").read_text(encoding="utf-8")

    assert golden.publishable().to_markdown() == written


def test_stored_card_comes_back_from_its_json(golden):
    assert golden.to_json() == (GOLDEN / "card.json").read_text(encoding="utf-8")
    assert golden.content_hash == golden.envelope.content_hash


def test_page_needs_no_network_and_runs_nothing(golden):
    page = golden.to_html()
    seen = Page(page)

    assert seen.tags <= TAGS
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    assert "default-src 'none'" in page
    assert len(seen.ids) == len(set(seen.ids))
    anchors = [value for name, value in seen.attributes if name == "href"]
    assert all(value.startswith("#") and value[1:] in seen.ids for value in anchors)


def test_page_answers_the_five_questions_at_its_head(golden):
    """Alone, without the project: for what, how often wrong, for whom worse, who, until when."""
    seen = Page(golden.to_html())
    order = ["what-for", "how-often-wrong", "for-whom-worse", "who-said-yes", "until-when"]
    places = [seen.ids.index(name) for name in order]
    text = " ".join(seen.text)

    assert places == sorted(places)
    assert seen.ids.index("limits") > places[-1]
    for said in (
        "To choose which referrals get a second read",
        "of 100 children listed, the outcome followed for",
        "Not enough evidence on 7 groups",
        "senior responsible owner, Example Council, on 2026-05-05",
        "Until 2027-04-30",
    ):
        assert said in text


def test_every_picture_says_in_words_what_it_shows(golden):
    page = golden.to_html()

    assert page.count("<svg") == page.count("<figcaption><strong>")
    assert page.count('aria-hidden="true"') == page.count("<svg")


def with_text_everywhere(content, text):
    """The same content with hostile text wherever free text may stand."""
    kept = {
        "run", "metric", "symbol", "digest", "model", "plan", "records", "measured_on", "report",
        "audit", "content_hash", "made_from", "made_at", "first_day", "last_day", "view", "kind",
        "origin", "cohort", "role", "family", "verdict", "state", "on", "at", "expires", "card",
        "previous", "review_by", "review_date", "decision", "sensitivity", "policy", "subject",
    }  # fmt: skip
    if isinstance(content, dict):
        return {
            name: value
            if name in kept or name.endswith(("_date", "_review"))
            else with_text_everywhere(value, text)
            for name, value in content.items()
        }
    if isinstance(content, list):
        return [with_text_everywhere(value, text) for value in content]
    return f"{text}{content}"[:180] if isinstance(content, str) else content


def hostile_card(golden, text):
    content = json.loads(golden.to_json())
    spoilt = with_text_everywhere(content, text)
    spoilt["identity"] |= {"kind": "step_up"}
    for each in spoilt["plan"]["gates"]:
        each["judged_on"] = "value"
    return fs.ModelCard.model_validate(spoilt)


def check_harmless(card, text):
    page = Page(card.to_html())
    assert page.tags <= TAGS
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    links = [value for name, value in page.attributes if name in ("href", "src", "action")]
    assert all(value.startswith("#") for value in links)
    markdown = card.to_markdown()
    assert "<" not in markdown
    assert "](" not in markdown.replace("\\](", "")
    assert "://" not in markdown
    rows = card.to_atrs()["fields"]
    assert len(rows) == 56
    assert json.loads(json.dumps(card.to_cyclonedx()))["specVersion"] == "1.7"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_free_field_comes_out_as_text(golden, text):
    card = hostile_card(golden, text)

    check_harmless(card, text)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_in_every_free_field_comes_out_as_text(golden, text):
    check_harmless(hostile_card(golden, text), text)


def test_hostile_text_is_readable_on_the_page(golden):
    people = golden.people.model_copy(update={"owner": HOSTILE[0]})
    page = Page(golden.model_copy(update={"people": people}).to_html())

    assert HOSTILE[0] in "".join(page.text)


def test_escaped_markdown_keeps_one_line():
    assert escaped("a\n# b") == "a # b"
    assert escaped("1. one") == r"1\. one"
    assert escaped("0.682 of it") == "0.682 of it"


def test_word_document_holds_the_same_text(golden, tmp_path):
    pytest.importorskip("docx", reason="python-docx is not installed")
    card = hostile_card(golden, HOSTILE[9] + "<b>")
    path = card.to_word(tmp_path / "card.docx")
    with zipfile.ZipFile(path) as archive:
        tree = ElementTree.fromstring(archive.read("word/document.xml"))
    text = "".join(tree.itertext())

    assert "SYNTHETIC" in text
    assert "How often is it wrong?" in text
    assert "<b>Head of front door services" in text


def test_six_explanations_say_what_holds_for_the_model_and_for_one_score(golden):
    told = golden.explanations()

    assert tuple(told) == TYPES
    assert all("For a single score:" in sentences[-1] for sentences in told.values())
    assert "Head of front door services" in told["responsibility"][0]


def test_bill_of_materials_is_valid_by_the_official_schema(golden, tmp_path):
    validation = pytest.importorskip(
        "cyclonedx.validation.json", reason="cyclonedx-python-lib is not installed"
    )
    from cyclonedx.schema import SchemaVersion

    golden.to_cyclonedx(tmp_path / "bom.json")
    text = (tmp_path / "bom.json").read_text(encoding="utf-8")

    assert validation.JsonStrictValidator(SchemaVersion.V1_7).validate_str(text) is None
    component = json.loads(text)["metadata"]["component"]
    assert component["type"] == "machine-learning-model"
    assert component["hashes"] == [{"alg": "SHA-256", "content": golden.hashes.model}]
    assert component["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]


def test_notebook_shows_the_first_answers(golden):
    shown = golden._repr_html_()

    assert "How often is it wrong?" in shown
    assert "<html" not in shown
