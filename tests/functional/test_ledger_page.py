"""The page on the ledger is true: its code runs from top to bottom, and names every operation."""

import re
from pathlib import Path

from fs_risk.triage.ledger import Ledger
from fs_risk.triage.ledger_keys import KEY_VARIABLE
from fs_risk.triage.ledger_words import AGREEMENTS, DECISIONS

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
CALLED_BY_OTHERS = {"close", "record_scores", "record_list", "record_household"}


def test_code_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.S):
        exec(compile(code, "ledger.md", "exec"), names)

    assert "nobody's own view is recorded" in capsys.readouterr().out
    assert (tmp_path / "held.html").exists()


def test_page_names_every_operation_and_word():
    operations = {name for name in dir(Ledger) if not name.startswith("_")}
    for name in operations - CALLED_BY_OTHERS:
        assert name in PAGE
    for word in (*DECISIONS, *AGREEMENTS, KEY_VARIABLE):
        assert f"`{word}`" in PAGE
