"""The page on how groups fare: its code runs."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "fairness.md"


def test_code_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made: dict = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S):
        exec(code.replace("children=12_000", "children=6_000"), made)

    assert set(made["audit"].primary["metric"]) == {"recall", "precision"}
    assert made["frame"].by_group.shape[0] >= 2
    assert len(made["why"].gaps) == 1
    assert [option.name for option in made["options"].options][1:] == [
        "reweighed",
        "equal-recall thresholds",
    ]
    assert "What could be done" in (tmp_path / "audit.html").read_text("utf-8")
