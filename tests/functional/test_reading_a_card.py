"""The page on reading a card: its code runs, and its words are those on a card."""

import re
from pathlib import Path

import fs_risk as fs

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reading_a_card.md").read_text(encoding="utf-8")


def test_questions_of_the_page_are_those_at_the_head_of_a_card():
    card = fs.ModelCard.read(ROOT / "tests" / "golden" / "card.json").to_html()
    asked = re.findall(r"^\| \*\*(.+?)\*\* \|", PAGE, re.M)

    assert asked == re.findall(r"<h2 [^>]*>(.+?)</h2>", card)[: len(asked)]
    assert len(asked) == 6


def test_commands_of_the_page_are_there():
    from fs_risk.cli.cards import cards

    commands = {command.name or command.callback.__name__ for command in cards.registered_commands}
    assert set(re.findall(r"fs-risk cards (\w+)", PAGE)) <= commands


def test_code_of_the_page_runs(small_authority, small_model, tmp_path, monkeypatch, capsys):
    """Its first two lines, which make an authority and a model, are taken as done."""
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", PAGE, re.S)[1]
    code, made = re.subn(r"^(?:records|model) = .*\n", "", code, flags=re.M)
    exec(code, {"records": small_authority, "model": small_model})

    assert made == 2

    assert (tmp_path / "card.html").stat().st_size > 0
    assert "questions are open" in capsys.readouterr().out
