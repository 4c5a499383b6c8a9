"""The runner of the benchmarks: one form, nothing lost, nothing hidden, a page that is true."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "evaluation" / "benchmarks"
RESULTS = sorted((BENCHMARKS / "results").glob("*.json"))
MODULES = ("demand_rows", "machine", "measured", "page", "run")


@pytest.fixture(scope="module")
def bench():
    """The runner's modules, found as its scripts find each other."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    finally:
        sys.path.remove(str(BENCHMARKS))
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture
def committed():
    """A result that was committed, as it stands in its file."""
    return json.loads((BENCHMARKS / "results" / "features.json").read_text(encoding="utf-8"))


def scripted(bench, folder, name, text, **given):
    """A benchmark whose script is told here."""
    script = folder / f"{name}.py"
    script.write_text(text, encoding="utf-8")
    return bench.run.Benchmark(name, 1, script=script, **given)


def writing(result):
    """Tell a script that writes a result where it is asked to."""
    return f"""
import sys
from pathlib import Path
place = Path(sys.argv[sys.argv.index("--output") + 1])
place.write_text({json.dumps(result)!r}, encoding="utf-8")
"""


class TestThePage:
    def test_committed_page_is_what_the_committed_results_give(self, bench):
        page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")

        made = bench.page.page_of(bench.page.committed(BENCHMARKS / "results"))
        assert page == made, "run: python evaluation/benchmarks/run.py --page"

    def test_a_missed_bar_is_printed_as_missed(self, bench):
        row = bench.measured.row("work", "s", 3.0, at_most=2.0)
        (row,) = bench.measured.judged([row], quick=False)

        assert f"| ≤{bench.page.NO_BREAK}2 | **missed** |" in bench.page.line(row)
        assert bench.measured.said(row) == "work: 3 s, MISSED"

    def test_a_missing_peer_is_said_in_the_row_and_above(self, bench, committed):
        why = "name a Python that has it with --peers"
        row = bench.measured.row("work", "s", peer="xgboost", at_most=2.0, missing=why)
        result = bench.measured.Result(**{**committed, "rows": (row,)})

        page = bench.page.page_of([result])
        assert f"| work | {why} | xgboost |" in page
        assert "0 hold, 0 missed, 1 not measured" in page
        assert f"- work (xgboost): {why}" in page

    def test_our_own_figure_stands_though_the_peer_is_missing(self, bench):
        row = bench.measured.row(
            "work", "s", 2.0, peer="Polars", at_least=8.0, judged="ratio", missing="not installed"
        )

        assert bench.page.line(row).startswith("| work | 2 s | Polars: not installed |  |")
        assert bench.measured.said(row) == "work: 2 s, Polars: not installed"
        assert row.bar_holds is None

    def test_one_year_ahead_is_one_year(self, bench):
        assert bench.demand_rows.ahead(1) == "1 year ahead"
        assert bench.demand_rows.ahead(3) == "3 years ahead"

    def test_a_benchmark_without_results_is_named(self, bench, committed):
        page = bench.page.page_of([bench.measured.Result(**committed)])

        assert "No result yet" in page
        assert "- `training`" in page

    @pytest.mark.parametrize(
        ("load", "said"),
        [
            ({"before": [0.1, 0.2, 0.3], "others": 0.4}, "**a loaded machine**"),
            ({"before": [9.0, 9.0, 9.0], "others": 0.01}, "quiet"),
            ({"before": [9.0, 9.0, 9.0]}, "**a loaded machine**"),
            ({"before": [0.5, 9.0, 9.0]}, "quiet"),
            ({}, "how busy it was is not noted"),
        ],
    )
    def test_a_result_says_whether_others_kept_the_machine_busy(self, bench, committed, load, said):
        result = bench.measured.Result(**{**committed, "load": load})

        assert said in bench.page.section(result).splitlines()[2]
        assert ("to be measured again" in bench.page.summary([result])) == ("loaded" in said)


class TestTheForm:
    @pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
    def test_every_committed_result_is_in_the_form(self, bench, path):
        result = bench.measured.read(path)

        assert result.name == path.stem
        assert result.size == "full"
        assert result.machine.processors
        assert f"evaluation/benchmarks/{path.stem}.py" in result.command

    @pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
    def test_no_committed_result_names_a_place_on_a_machine(self, path):
        text = path.read_text(encoding="utf-8")

        assert not re.search(r"[\"' =](/|[A-Z]:\\\\)\w", text)

    def test_the_ratio_of_a_faster_side_is_theirs_over_ours(self, bench):
        row = bench.measured.row("work", "s", 2.0, peer="other", theirs=20.0, at_least=8.0)

        assert (row.ratio, row.ratio_of, row.judged) == (10.0, "theirs / ours", "ratio")
        assert row.bar_holds

    def test_the_ratio_of_a_side_that_may_be_slower_is_ours_over_theirs(self, bench):
        row = bench.measured.row("work", "s", 3.0, peer="o", theirs=2.0, slower=True, at_most=1.3)

        assert (row.ratio, row.ratio_of) == (1.5, "ours / theirs")
        assert not row.bar_holds

    def test_a_bar_may_be_on_our_figure_though_there_is_a_peer(self, bench):
        row = bench.measured.row(
            "work", "", 0.7, peer="o", theirs=0.1, at_most=0.8, judged="ours", slower=True
        )

        assert row.bar_holds

    def test_a_bar_of_two_ends_holds_between_them(self, bench):
        bar = bench.measured.Bar(at_least=0.78, at_most=0.84)

        assert [bar.holds(figure) for figure in (0.77, 0.78, 0.8, 0.84, 0.85)] == [
            False, True, True, True, False,
        ]  # fmt: skip

    def test_bars_are_judged_at_full_size_alone(self, bench):
        row = bench.measured.row("work", "s", 3.0, at_most=2.0)

        assert [each.holds for each in bench.measured.judged([row], quick=True)] == [None]
        assert [each.holds for each in bench.measured.judged([row], quick=False)] == [False]

    @pytest.mark.parametrize(
        ("spoilt", "why"),
        [
            ({"holds": False}, "says otherwise than its bar"),
            ({"ours": None, "ratio": None, "ratio_of": None}, "says why it is missing"),
            ({"ratio_of": None}, "says of what it is"),
            ({"bar": None}, "without a bar nothing holds"),
            ({"verdict": "good"}, "Extra inputs are not permitted"),
            ({"repeats": 0}, "greater than or equal to 1"),
        ],
    )
    def test_a_row_out_of_form_is_refused(self, bench, committed, spoilt, why):
        row = {**committed["rows"][0], **spoilt}

        with pytest.raises(ValidationError, match=why):
            bench.measured.Row(**row)

    def test_a_quick_result_that_claims_a_bar_is_refused(self, bench, committed):
        with pytest.raises(ValidationError, match="judged at full size"):
            bench.measured.Result(**{**committed, "size": "quick"})

    def test_the_command_hides_places_and_keeps_the_rest(self, bench):
        argv = ["/a/b/features.py", "--peers", "/x/python", "--output=/tmp/y", "--repeats", "5",
                "--keep", "/z", "--featuretools=/q/python", "--quick"]  # fmt: skip

        assert bench.measured.command(argv) == (
            "python evaluation/benchmarks/features.py --peers PYTHON --repeats 5 --keep FOLDER "
            "--featuretools PYTHON --quick"
        )

    def test_what_was_measured_is_written_and_read_again(self, bench, tmp_path, capsys):
        row = bench.measured.row("work", "s", 1.23456, at_most=2.0, spread=(1.0, 2.0), repeats=3)
        result = bench.measured.Watch().result(
            "one", "One", [row], packages=("numpy", "no-such-package"), quick=False
        )
        bench.measured.write(result, tmp_path / "results" / "one.json")

        again = bench.measured.read(tmp_path / "results" / "one.json")
        assert again == result
        assert set(again.versions) == {"numpy"}
        assert (again.rows[0].ours, again.rows[0].holds) == (1.235, True)
        assert capsys.readouterr().out == "work: 1.235 s, holds\n"


class TestTheRunner:
    def test_one_that_fails_does_not_lose_the_others(self, bench, committed, tmp_path, capsys):
        results = tmp_path / "results"
        results.mkdir()
        (results / "broken.json").write_text("an earlier result", encoding="utf-8")
        chosen = [
            scripted(bench, tmp_path, "broken", "raise RuntimeError('no such thing')"),
            scripted(bench, tmp_path, "formless", writing({"name": "formless"})),
            scripted(bench, tmp_path, "silent", ""),
            scripted(bench, tmp_path, "features", writing(committed)),
        ]
        outcomes = bench.run.run_all(chosen, results, lambda one: [])

        assert [one.ended for one in outcomes] == ["failed", "failed", "failed", "measured"]
        assert "no such thing" in outcomes[0].why
        assert (results / "broken.json").read_text(encoding="utf-8") == "an earlier result"
        assert sorted(path.name for path in results.iterdir()) == ["broken.json", "features.json"]
        assert "failed: broken, formless, silent" in bench.run.in_short(outcomes)
        assert "4 of 4  features" in capsys.readouterr().out

    def test_what_needs_data_that_is_not_there_is_not_run(self, bench, tmp_path, monkeypatch):
        monkeypatch.delenv("FS_RISK_SAMPLES", raising=False)
        needy = scripted(bench, tmp_path, "demand", "", needs="FS_RISK_SAMPLES")

        outcome = bench.run.run(needy, tmp_path / "demand.new", [])
        assert (outcome.ended, outcome.why) == ("not run", "set FS_RISK_SAMPLES")

    def test_the_end_names_bars_missed_and_peers_missing(self, bench, committed):
        rows = [
            *bench.measured.judged([bench.measured.row("slow", "s", 3, at_most=2)], quick=False),
            bench.measured.row("work", "s", peer="xgboost", missing="not installed"),
        ]
        result = bench.measured.Result(**{**committed, "rows": rows})
        outcome = bench.run.Outcome("features", "measured", result=result)

        assert bench.run.in_short([outcome]).splitlines() == [
            "measured: features",
            "bar missed: features: slow: 3 s, MISSED",
            "missing: features: xgboost: not installed",
        ]

    def test_each_gets_its_own_peers_and_no_others(self, bench):
        asked = bench.run.arguments().parse_args(["--quick", "--peers", "P"])
        given = {one.name: bench.run.options_for(one, asked) for one in bench.run.BENCHMARKS}

        assert given["training"] == given["demand"] == ["--quick", "--peers", "P"]
        assert given["features"] == given["readers"] == ["--quick"]

    def test_modules_that_a_python_lacks_are_told(self, bench):
        lacking = bench.measured.lacks(Path(sys.executable), "json", "no_such_module")

        assert lacking == ["no_such_module"]

    def test_every_benchmark_is_run_and_has_its_place_on_the_page(self, bench):
        names = {one.name for one in bench.run.BENCHMARKS}

        assert set(bench.page.ORDER) == names
        assert {path.stem for path in RESULTS} <= names
        for one in bench.run.BENCHMARKS:
            text = one.path.read_text(encoding="utf-8")
            assert "--quick" in text, one.name
            assert '"--output"' in text, one.name


@pytest.mark.nightly
@pytest.mark.timeout(1_800)
def test_all_benchmarks_run_at_a_small_size():
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--quick"]
    before = {path: path.read_bytes() for path in RESULTS}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ)

    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert "failed" not in done.stdout
    assert {path: path.read_bytes() for path in RESULTS} == before
