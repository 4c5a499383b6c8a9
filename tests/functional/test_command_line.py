"""The command line as a whole: start-up, shape, errors, ends, completion, its page."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fs_risk.cli import app, complete
from fs_risk.cli.app import EXIT_CODES
from fs_risk.cli.faults import ORDER, Frame, as_told, said
from fs_risk.cli.reference import EVERYWHERE, commands, options_of, spelt, with_generated
from fs_risk.cli.settings import Settings
from fs_risk.cli.verbs import VERBS, WRITTEN
from fs_risk.errors import FsRiskError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "command_line.md"
COMMANDS = dict(commands())
HEAVY = ("pandas", "numpy", "scipy", "sklearn", "lightgbm", "mlflow", "matplotlib", "sqlalchemy",
         "jinja2", "numba", "fastapi", "pydantic_settings", "fairlearn", "rich")  # fmt: skip
NAME = "Kerry-Ann 0042"
"""Stands for a child's data."""


def run(*words, **more):
    return CliRunner().invoke(app, [str(word) for word in words], **more)


def shell(*words, **more):
    environment = {**os.environ, **more.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "fs_risk", *map(str, words)],
        capture_output=True, check=False, env=environment, **more,
    )  # fmt: skip


class TestStartUp:
    @pytest.mark.parametrize("words", [["--help"], ["check", "--help"]], ids=" ".join)
    def test_help_loads_nothing_heavy(self, words):
        code = (
            "import sys\nfrom fs_risk.cli import main\nsys.argv[1:] = sys.argv[2:]\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\n"
            "print(*sys.modules, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "-", *words], capture_output=True, text=True, check=True
        )
        loaded = set(done.stderr.split())

        assert "Usage: " in done.stdout
        assert loaded.isdisjoint(HEAVY)

    @pytest.mark.parametrize("path", COMMANDS)
    def test_every_command_has_help_with_an_example(self, path):
        shown = run(*path.split(), "--help")

        assert shown.exit_code == 0
        assert f"Example: fs-risk {path} " in " ".join(shown.stdout.split()) + " "

    def test_version_is_printed(self):
        assert re.fullmatch(r"\d+\.\d+\.\d+\n", run("--version").stdout)


class TestShape:
    def test_every_command_has_a_place_in_the_help(self):
        assert {path.split()[0] for path in COMMANDS} == set(ORDER)

    @pytest.mark.parametrize("path", COMMANDS)
    def test_options_of_every_command_are_on_every_command(self, path):
        spellings = {name for each in COMMANDS[path].params for name in each.opts}

        assert {"--quiet", "-q", "--settings"} <= spellings
        assert ("--json" in spellings) == (path != "serve")

    def test_one_spelling_means_one_thing(self):
        """But where a command says of its own what the same word means there."""
        meanings = {}
        for command in COMMANDS.values():
            for each in options_of(command):
                meanings.setdefault(spelt(each), set()).add(each.help)
        own_words = {"--children", "--years", "--capacity", "--out, -o", "--card", "--reason",
                     "--on", "--no-ledger", "--answers", "--purpose", "--by"}  # fmt: skip

        assert {name for name, held in meanings.items() if len(held) > 1} == own_words

    def test_no_old_or_second_word_for_the_same(self):
        spellings = {
            name for command in COMMANDS.values() for each in command.params for name in each.opts
        }
        for other in ("report", "date", "key-file", "ledger-key", "to-sql", "write", "plans"):
            assert f"--{other}" not in spellings

    def test_settings_are_what_options_of_their_name_take(self):
        spellings = {
            name for command in COMMANDS.values() for each in command.params for name in each.opts
        }
        options = {f"--{key.replace('_', '-')}" for key in Settings.model_fields}

        assert options - spellings == {"--extract", "--history"}

    def test_words_offered_are_the_library_s_own(self):
        from typing import get_args

        from fs_risk.demand.series import BY
        from fs_risk.demand.series_measures import CASELOAD, MEASURES
        from fs_risk.model.approval_log import Kind
        from fs_risk.model.approval_policy import ApprovalPolicy
        from fs_risk.outcomes.definitions import OUTCOMES
        from fs_risk.triage.prioritise_list import PURPOSES

        assert set(complete.OUTCOMES) <= set(OUTCOMES)
        assert set(complete.PURPOSES) == set(PURPOSES)
        assert get_args(Kind) == complete.DECISIONS
        assert ApprovalPolicy().roles == complete.ROLES
        assert set(complete.MEASURES) <= {*MEASURES, *CASELOAD}
        assert tuple(BY) == complete.SPLITS


def other_app():
    """An application of the same frame, whose commands end in other ways."""
    made = typer.Typer(cls=Frame, rich_markup_mode=None, pretty_exceptions_enable=False)

    @made.command("demo")
    def fault() -> None:
        raise KeyError(NAME)

    @made.command("check")
    def interrupted() -> None:
        raise KeyboardInterrupt

    @made.command("train")
    def refused() -> None:
        Path("nowhere/at/all").read_text()

    return made


class TestErrors:
    @pytest.mark.parametrize("as_json", [False, True])
    def test_error_has_one_form(self, as_json, tmp_path):
        done = run("check", tmp_path / "no", *(["--json"] if as_json else []))

        assert done.exit_code == 10
        assert done.stdout == ""
        if as_json:
            told = json.loads(done.stderr)["error"]
            assert set(told) == {"kind", "what", "where", "fix", "exit_code"}
            assert (told["kind"], told["exit_code"]) == ("ReturnError", 10)
        else:
            assert re.match(r"ReturnError: .+\n  Where: .+\n  Fix:   .+\n$", done.stderr)

    @pytest.mark.parametrize(
        ("words", "what"),
        [
            (["check", "x", "--hmtl", "p"], "No such option: --hmtl"),
            (["chekc"], "Did you mean 'check'"),
            (["demo", "--children", "0"], "Invalid value for '--children'"),
            (["approve", "card.json", "--model", "m"], "Missing option '--by'"),
            (["evaluate", "x"], "--model is not given"),
            (["settings", NAME], "more arguments than the command takes"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else None,
    )
    def test_wrong_usage_is_told_like_any_error(self, words, what):
        done = run(*words)

        assert done.exit_code == 2
        assert done.stderr.startswith("UsageError: ")
        assert what in done.stderr
        assert "  Fix:   " in done.stderr
        assert NAME not in done.output
        assert json.loads(run(*words, "--json").stderr)["error"]["exit_code"] == 2

    def test_no_command_shows_the_help(self):
        done = run()

        assert done.exit_code == 2
        assert "Commands:" in done.stderr

    def test_fault_of_the_library_says_how_to_report_it_without_data(self, monkeypatch):
        done = CliRunner().invoke(other_app(), ["demo"])

        assert done.exit_code == 1
        assert "LibraryFault: fs_risk 0." in done.stderr
        assert "KeyError" in done.stderr
        assert "test_command_line.py:" in done.stderr
        assert "Report it to whoever keeps fs_risk" in done.stderr
        assert NAME not in done.output
        assert "Traceback" not in done.output

        monkeypatch.setenv("FS_RISK_TRACEBACK", "1")
        assert f"KeyError: '{NAME}'" in CliRunner().invoke(other_app(), ["demo"]).output

    def test_ctrl_c_ends_with_130(self):
        done = CliRunner().invoke(other_app(), ["check"])

        assert done.exit_code == 130
        assert "Traceback" not in done.output

    def test_refusal_of_the_system_is_no_fault_of_the_library(self):
        done = CliRunner().invoke(other_app(), ["train"])

        assert done.exit_code == 18
        assert "The system refuses" in done.stderr

    def test_every_error_of_ours_comes_out_with_its_own_code(self):
        for kind in FsRiskError.__subclasses__():
            error = kind("It is so.", where="there", fix="Do this.")

            assert as_told(error) is error
            assert json.loads(said(error, as_json=True))["error"]["exit_code"] in EXIT_CODES

    def test_file_that_cannot_be_written_is_refused_before_anything_is_read(self, tmp_path):
        done = run("check", "nowhere", "--html", tmp_path / "no" / "page.html")

        assert done.exit_code == 18
        assert "does not exist" in done.stderr


class TestEnds:
    @pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
    def test_ctrl_c_leaves_nothing_half_written(self, tmp_path):
        """Pressed while the command reads."""
        with subprocess.Popen(
            [sys.executable, "-m", "fs_risk", "score", "history", "--model", "model",
             "--referral", "-", "--html", tmp_path / "page.html"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            # what started the tests in the background may have switched it off
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as process:  # fmt: skip
            # more than a pipe holds: once it is taken, the command is reading
            process.stdin.write(b" " * 200_000)
            process.stdin.flush()
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)

        assert process.returncode == 130, told
        assert told == b"Interrupted. Nothing is left half-written.\n"
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.skipif(os.name == "nt", reason="a shell's pipe")
    def test_reader_that_stops_early_is_no_error(self):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {sys.executable} -m fs_risk features | head -1"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert done.returncode == 0
        assert done.stderr == ""
        assert len(done.stdout.splitlines()) == 1

    def test_console_without_a_character_shows_another(self, tmp_path):
        """A Windows console of code page 1252."""
        (tmp_path / "fs-risk.toml").write_text('model = "Łódź ≥"\n', encoding="utf-8")
        env = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
        done = shell("settings", cwd=tmp_path, env=env)
        as_json = shell("settings", "--json", cwd=tmp_path, env=env)
        faulty = shell("settings", "--settings", "Łódź.toml", cwd=tmp_path, env=env)

        assert done.returncode == 0, done.stderr
        assert b"model" in done.stdout
        assert json.loads(as_json.stdout)["settings"]["model"]["value"].endswith("Łódź ≥")
        assert faulty.returncode == 18
        for each in (done, as_json, faulty):
            assert b"\x1b[" not in each.stdout + each.stderr


class TestProgress:
    CODE = (
        "from fs_risk.cli.progress import Steps\nwith Steps(2, shown=True) as step: step('Reading')"
    )

    @pytest.mark.skipif(os.name == "nt", reason="a terminal of Unix")
    def test_bar_is_shown_on_a_terminal(self):
        import fcntl
        import pty
        import struct
        import termios

        here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        subprocess.run([sys.executable, "-c", self.CODE], stderr=there, check=True)
        shown = os.read(here, 10_000)
        os.close(there)
        os.close(here)

        assert b"Reading" in shown
        assert b"step 1 of 2" in shown

    def test_nothing_is_shown_elsewhere(self):
        done = subprocess.run([sys.executable, "-c", self.CODE], capture_output=True, check=True)

        assert done.stderr == b""


class TestCompletion:
    @pytest.mark.parametrize("kind", ["bash", "zsh", "fish", "powershell", "pwsh"])
    def test_script_is_shown_for_every_shell(self, kind, monkeypatch):
        monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
        done = shell("--show-completion", kind)

        assert done.returncode == 0, done.stderr
        assert b"_FS_RISK_COMPLETE" in done.stdout

    def offered(self, typed):
        words = shlex.split(typed)
        done = run(
            prog_name="fs-risk",
            env={
                "_FS_RISK_COMPLETE": "complete_bash",
                "COMP_WORDS": typed,
                "COMP_CWORD": str(len(words) - (not typed.endswith(" "))),
            },
        )
        return done.stdout.split("\n")

    @pytest.mark.parametrize(
        ("typed", "word"),
        [
            ("fs-risk ch", "check"),
            ("fs-risk cards ver", "verify"),
            ("fs-risk evaluate --thor", "--thorough"),
            ("fs-risk demo --outcome c", "cp_plan"),
            ("fs-risk prioritise --purpose a", "allocation"),
            ("fs-risk approve --decision go", "go live"),
            ("fs-risk forecast --measure re", "referrals"),
            ("fs-risk evaluate extract --model m", "mine/model"),
        ],
    )
    def test_words_are_offered(self, typed, word, tmp_path, monkeypatch):
        folder = tmp_path / "mine" / "model"
        folder.mkdir(parents=True)
        for name in ("model.json", "booster.txt"):
            (folder / name).touch()
        monkeypatch.chdir(tmp_path)

        assert word in self.offered(typed)


def shell_lines():
    """Every command line of ours in the documents."""
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    documents += [ROOT / desk / "README.md"
                  for desk in ("features", "training", "evaluation", "model_cards")]  # fmt: skip
    for path in documents:
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"^(?:fs-risk|.*bin/fs-risk) ([a-z].*)$", text, re.M):
            yield path.name, line.split("   # ")[0]
        for line in re.findall(r"`fs-risk ([a-z][^`]*? [^`]*)`", text):
            if "…" not in line and "|" not in line:
                yield path.name, line


class TestPage:
    def test_generated_parts_are_current(self):
        page = PAGE.read_text(encoding="utf-8")
        cure = "run: python -m fs_risk.cli.reference docs/command_line.md"

        assert with_generated(page) == page, cure

    @pytest.mark.parametrize("path", COMMANDS)
    def test_every_command_option_and_key_is_on_the_page(self, path):
        page = PAGE.read_text(encoding="utf-8")
        part = page.split(f"### fs-risk {path}\n")[1].split("\n### ")[0]

        for each in COMMANDS[path].params:
            if each.name not in EVERYWHERE:
                assert f"| `{spelt(each)}` |" in part
        prints = VERBS[path].prints
        for key in {**prints, **WRITTEN} if isinstance(prints, dict) else {}:
            assert f"- `{key}`:" in part

    def test_every_exit_code_and_setting_is_on_the_page(self):
        page = PAGE.read_text(encoding="utf-8")

        assert all(f"| {code} | {meaning} |" in page for code, meaning in EXIT_CODES.items())
        assert all(f"| `{key}` |" in page for key in Settings.model_fields)

    def test_settings_file_of_the_page_is_read(self, tmp_path, monkeypatch):
        block = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]
        (tmp_path / "fs-risk.toml").write_text(block, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        done = run("settings", "--json")

        assert done.exit_code == 0, done.stderr
        found = json.loads(done.stdout)["settings"]
        assert found["ledger"]["value"].endswith("/ledger.db")

    def test_every_command_line_of_the_documents_is_understood(self):
        """Options and arguments as they are now, on every page."""
        wrong = []
        for page, line in shell_lines():
            words = shlex.split(re.split(r" (?:[>|&]|\|\|) ", line)[0])
            path = next(
                (" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in COMMANDS), ""
            )
            command = COMMANDS.get(path)
            rest = words[len(path.split()) :]
            if command is None:
                wrong.append(f"{page}: {line}")
                continue
            try:
                command.make_context(path, rest).close()
            except FsRiskError:
                pass  # a folder for output that is not there
            except Exception as error:
                wrong.append(f"{page}: {line}: {error}")
        assert wrong == []
