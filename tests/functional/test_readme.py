"""The README is true: its code runs, its commands are those that CI runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_score_in_ten_lines_runs(capsys):
    code = re.search(r"```python\n(.*?)```", README, re.S)[1]
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 12

    exec(compile(code, "README.md", "exec"), {})

    printed = capsys.readouterr().out
    assert "in 1,000 similar referrals" in printed
    assert "it has not read today's referral" in printed


def test_first_screen_says_what_it_must_not_be_used_for():
    first_screen = "\n".join(README.splitlines()[:30])

    assert "must not be used for" in first_screen


def test_each_command_is_one_line_and_has_its_windows_form():
    blocks = re.findall(r"<!-- (main|test) command -->\n```sh\n(.*?)```", README, re.S)
    powershell = re.search(r"```powershell\n(.*?)```", README, re.S)[1]

    assert [name for name, _ in blocks] == ["main", "test"]
    for _, command in blocks:
        assert len(command.strip().splitlines()) == 1
        assert "constraints.txt" in command
    assert len(powershell.strip().splitlines()) == 2


def test_ci_runs_the_commands_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert "$(readme_command test)" in script
    assert "$(readme_command main)" in script


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
