"""The page of a score: what is on it, what is left out, and that nothing on it can run."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixed_scores import (
    HOSTILE,
    PAGES,
    SAID,
    coded_score,
    empty_score,
    fixed_score,
    hostile_score,
    long_score,
)
from fs_risk.errors import SettingError
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.scope import CODES

GOLDEN = Path(__file__).parents[2] / "golden"
VOID = {"meta", "br", "img", "link", "input", "hr"}
OF_THE_SCORE = ("152", "110 and", "Band", "higher", "240 past cases", "70 in 1,000", "200 to 240")


class Outline(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.ids, self.text = [], set(), set(), [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("name", PAGES)
def test_page_of_a_fixed_score_is_as_it_was(name):
    """M6: written anew by tests/golden/make_score_pages.py, then looked at."""
    assert PAGES[name]() == (GOLDEN / name).read_text(encoding="utf-8")


def test_score_is_left_out_unless_asked_for():
    page, asked = fixed_score().to_html(), fixed_score().to_html(with_score=True)

    assert not [words for words in OF_THE_SCORE if words in page]
    assert [words for words in OF_THE_SCORE if words not in asked] == []
    assert "The score is left out of this page" in page
    assert "contribution" not in page


def test_caveat_comes_first_and_synthetic_is_stamped():
    """G10."""
    page = fixed_score(synthetic=True).to_html(with_score=True)
    body = page[page.index("<main>") :]

    assert "SYNTHETIC" in page[page.index("<title>") :][:30]
    assert '<p class="stamp">SYNTHETIC' in page
    assert body.index("Made from recorded history only") < body.index("<section")
    assert "SYNTHETIC" not in fixed_score(synthetic=False).to_html()


def test_worries_stand_beside_strengths_with_their_days():
    """E2, E4: a sibling's day is not shown as the child's."""
    page = fixed_score().to_html()

    assert page.index("Worries</h3>") < page.index("Strengths</h3>")
    assert "Recorded 15 Aug 2023, 12 Sep 2022." in page
    assert "2024" not in "".join(re.findall(r"<li><strong>Child protection plans.*?</li>", page))


def test_gaps_repeats_trio_and_what_is_not_held_are_said():
    page = fixed_score().to_html()

    assert "no case open for 19 months" in page
    assert "(Repeat: within 12 months after the one of 12 Sep 2022)" in page
    assert "domestic abuse: parent or carer subjected to it; mental health" in page
    assert "Not in these records, so never here: pre-proceedings, care." in page
    assert "What became known on or after 26 February 2025 is not here." in page


@pytest.mark.parametrize("code", CODES)
def test_code_and_its_meaning_stand_where_a_score_would(code):
    page = coded_score(code).to_html(with_score=True)

    assert f"No score: {code}" in page
    assert CODES[code].split(":")[0] in page


def test_empty_history_is_said_and_has_no_picture():
    page = empty_score().to_html()

    assert "Nothing is recorded of this child before 5 March 2025." in page
    assert "<svg" not in page
    assert "<table" not in page


def test_page_without_a_chronology_says_so():
    assert "No chronology was asked for" in fixed_score(chronology=None).to_html()


def test_picture_has_a_title_and_says_in_words_what_it_shows():
    page = fixed_score().to_html()
    said = re.search(r"<desc[^>]*>(.*?)</desc>", page)[1]

    assert "contacts 2" in said
    assert "domestic abuse 2, mental health 1" in said
    assert "Nothing recorded and no case open for 19 months" in said


def test_page_fetches_and_runs_nothing():
    for score in (fixed_score(), empty_score(), long_score(), coded_score()):
        outline = Outline(score.to_html(with_score=True))
        assert outline.open == []
        assert len(outline.ids) == len(set(outline.ids))
        assert not outline.tags & {"script", "img", "link", "iframe", "a", "object", "form"}
        assert not {name for name in outline.attributes if name.startswith("on")}
        assert not outline.attributes & {"src", "href", "srcset", "action"}


def pages_of(score):
    yield score.to_html(with_score=True)
    yield score.to_html()
    yield score.to_family_html(with_score=True, **dict.fromkeys(SAID, score.child_id))
    yield score.to_family_html(reader="child", **dict.fromkeys(SAID, score.child_id))


def test_hostile_text_stays_text():
    for page in pages_of(hostile_score()):
        outline = Outline(page)
        assert not outline.tags & {"script", "img"}
        assert HOSTILE.rstrip(".") in "".join(outline.text)
        assert not {name for name in outline.attributes if name.startswith("on")}


PIECES = st.lists(
    st.sampled_from(["<", ">", "'", '"', "&", "&lt;", "--", "]]>", "{{", "}}", "{%", "<!--", "/*",
                     "</style>", "</svg>", "</td>", "<b>", "javascript:", "\\", "x", " "]),
    min_size=1, max_size=8,
).map("".join).filter(str.strip)  # fmt: skip
"""Never blank: a page says of a blank answer that it is still to be written."""


@settings(deadline=None, max_examples=20)
@given(PIECES)
def test_no_text_changes_the_outline_of_a_page(text):
    plain = [Outline(page) for page in pages_of(hostile_score("plain"))]
    for expected, page in zip(plain, pages_of(hostile_score(text)), strict=True):
        outline = Outline(page)
        assert outline.open == []
        assert outline.tags == expected.tags
        assert outline.attributes == expected.attributes
        assert outline.ids == expected.ids


def test_page_is_written_where_a_path_is_given(tmp_path):
    target = tmp_path / "page.html"

    page = fixed_score().to_html(target)

    assert target.read_bytes() == page.encode()
    assert RiskScore.model_validate_json(fixed_score().model_dump_json()).to_html() == page


def test_plot_leaves_the_score_out_unless_asked_for():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    said = fixed_score().plot_chronology(ax).get_title(loc="left")
    asked = fixed_score().plot_chronology(Figure().add_subplot(), with_score=True)

    assert "SYNTHETIC" in said
    assert "152" not in said
    assert "152 in 1,000" in asked.get_title(loc="left")
    assert [label.get_text() for label in ax.get_yticklabels()][-3:] == [
        "Domestic abuse", "Substance misuse", "Mental health",
    ]  # fmt: skip
    assert "this referral, 5 March 2025" in ax.get_xlabel()


def test_plot_of_nothing_says_so_and_of_no_chronology_is_refused():
    from matplotlib.figure import Figure

    from fs_risk.errors import ReferralError

    ax = empty_score().plot_chronology(Figure().add_subplot())
    assert "Nothing is recorded" in ax.texts[0].get_text()
    with pytest.raises(ReferralError, match="has no chronology"):
        fixed_score(chronology=None).plot_chronology()


def test_plot_makes_its_own_axes():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    ax = fixed_score().plot_chronology()

    assert ax.get_legend() is not None
    pyplot.close(ax.figure)


def test_page_that_cannot_be_written_says_so(tmp_path):
    for place in (tmp_path, tmp_path / "nowhere" / "page.html"):
        with pytest.raises(SettingError, match="cannot be written"):
            fixed_score().to_html(place)
