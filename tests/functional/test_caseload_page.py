"""The page on caseload runs as it is printed."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "caseload.md").read_text("utf-8")


def test_every_block_but_the_one_on_scores_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.S)
    assert len(blocks) == 3
    for block in blocks:
        exec(compile(block, "docs/caseload.md", "exec"), names)  # the page's own code

    said = capsys.readouterr().out
    assert "use it" in said or "use that" in said
    assert "chance_of_breach" in said
    assert (tmp_path / "adopt.json").exists()
