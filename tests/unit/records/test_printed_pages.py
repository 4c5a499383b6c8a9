"""What stands at the foot of each printed page, and that every page has one."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fs_risk
from fs_risk.records.html_templates import filled
from fs_risk.records.printed_pages import page_foot

TEMPLATES = sorted(
    path
    for path in Path(fs_risk.__file__).parent.glob("*/templates/*.html.j2")
    if "<html" in path.read_text("utf-8")
)


def read_back(rule):
    """Read the first string of a style rule as CSS does: a number and one space for a sign."""
    text = re.search(r'content: "([^"]*)"', rule)[1]
    return re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_words_come_back_and_end_neither_string_nor_style(words):
    rule = str(page_foot(words))
    assert read_back(rule) == words
    assert rule.count('"') == 4
    assert "<" not in rule
    assert rule.isascii()


def test_pages_are_found():
    assert len(TEMPLATES) >= 10


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_page_is_stamped_numbered_and_loads_nothing(path):
    text = path.read_text("utf-8")
    style = text[text.index("<style>") : text.index("</style>")]
    assert "page_foot(" in style
    assert "title_stamp(" in text[text.index("<title>") : text.index("</title>")]
    assert "default-src 'none'" in text


def test_heading_made_of_data_is_written_once_escaped(tmp_path):
    (tmp_path / "page.html").write_text(
        "{% set heading %}{{ name }}{% endset %}<title>{{ heading }}</title>"
        "<style>{{ page_foot('SYNTHETIC: ' ~ heading|striptags) }}</style>"
    )
    page = filled(tmp_path, "page.html", {"name": "</style><b>A & B</b>"})
    assert page.startswith("<title>&lt;/style&gt;&lt;b&gt;A &amp; B&lt;/b&gt;</title><style>@page")
    assert page.count("</style>") == 1
    assert read_back(page) == "SYNTHETIC: </style><b>A & B</b>"
