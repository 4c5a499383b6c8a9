"""The notebooks of the desks: they run on small data, and what is stored in them may be shown."""

import ast
import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbmake.nb_run import NotebookRun

from test_house_rules import SAYS_MORE_THAN_A_SCORE_CAN

ROOT = Path(__file__).parents[2]
DESKS = ("features", "training", "evaluation", "model_cards")
NOTEBOOKS = [path for desk in DESKS for path in sorted((ROOT / desk).glob("*.ipynb"))]
CHILDREN = {"01-is-it-good-enough": 8_000}
"""Of the invented authority, where the usual number leaves no group large enough to draw."""
FEWEST_CHILDREN = 4_500
LARGEST = 256 * 1024
"""Bytes of one notebook, pictures and all."""
PATH_OF_A_MACHINE = re.compile(r"(?:/home/|/root/|/tmp/|/usr/|/work/|/Users/|[A-Z]:\\\\?\w)")
IDENTIFIER = re.compile(r"\b[A-Z]{1,2}\d{7}\b")
LOGIC = (
    ast.AsyncFunctionDef, ast.ClassDef, ast.DictComp, ast.For, ast.FunctionDef, ast.GeneratorExp,
    ast.If, ast.IfExp, ast.Lambda, ast.ListComp, ast.SetComp, ast.While,
)  # fmt: skip


def ids(path):
    return f"{path.parent.name}/{path.stem}"


def cells_of(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def shown_by(path):
    """All text that the stored outputs show, without the pictures."""
    texts = []
    for cell in cells_of(path, "code"):
        for output in cell.outputs:
            data = {
                kind: text for kind, text in output.get("data", {}).items() if "png" not in kind
            }
            texts.append(json.dumps([output.get("text", ""), data], ensure_ascii=False))
    return "\n".join(texts)


def test_every_desk_has_its_notebooks():
    assert [ids(path) for path in NOTEBOOKS] == [
        "features/01-what-was-known",
        "training/01-step-up",
        "training/02-demand",
        "training/03-your-own-extract",
        "evaluation/01-is-it-good-enough",
        "evaluation/02-fairness-audit",
        "evaluation/03-what-if-the-data-lie",
        "model_cards/01-from-model-to-decision",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_runs_from_a_fresh_kernel_in_its_desk(path, tmp_path, monkeypatch):
    """On small data; with FS_RISK_WRITE_NOTEBOOKS at full size, and written back."""
    writing = "FS_RISK_WRITE_NOTEBOOKS" in os.environ
    desk = tmp_path / path.parent.name
    desk.mkdir()
    copy = Path(shutil.copy(path, desk))
    if not writing:
        children = CHILDREN.get(path.stem, FEWEST_CHILDREN)
        monkeypatch.setenv("FS_RISK_NOTEBOOK_CHILDREN", str(children))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(desk)
    result = NotebookRun(copy, default_timeout=240).execute()
    assert result.error is None, result.error.trace
    outputs = [output for cell in result.nb.cells for output in cell.get("outputs", ())]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    assert [left.name for left in desk.iterdir()] == [path.name]
    if writing:
        nbformat.write(stripped(result.nb), path)


def stripped(notebook):
    """Without times, and without what is noted of the kernel's machine."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
    return nbformat.from_dict(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
class TestWhatIsStored:
    def test_every_cell_was_run_once_and_in_order(self, path):
        counts = [cell.execution_count for cell in cells_of(path, "code")]
        assert counts == list(range(1, len(counts) + 1))

    def test_no_error_and_no_warning(self, path):
        outputs = [output for cell in cells_of(path, "code") for output in cell.outputs]
        assert outputs
        assert [output for output in outputs if output.output_type == "error"] == []
        assert [output for output in outputs if output.get("name") == "stderr"] == []

    def test_no_identifier_and_no_path_of_a_machine(self, path):
        shown = shown_by(path)
        assert not IDENTIFIER.search(shown)
        assert not PATH_OF_A_MACHINE.search(shown)

    def test_no_machine_and_no_times_in_what_is_noted_beside(self, path):
        notebook = nbformat.read(path, as_version=4)
        assert set(notebook.metadata) <= {"kernelspec", "language_info"}
        assert notebook.metadata["kernelspec"]["name"] == "python3"
        assert notebook.metadata["kernelspec"]["display_name"] == "Python 3"
        assert set(notebook.metadata.get("language_info", {})) <= {"name"}
        assert [cell.metadata for cell in notebook.cells if cell.metadata] == []

    def test_is_small(self, path):
        assert path.stat().st_size <= LARGEST


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
class TestHowItReads:
    def test_opens_with_its_question_and_ends_with_what_to_do_next(self, path):
        written = cells_of(path, "markdown")
        assert re.match(r"# .+\n", written[0].source)
        for said in ("**The question.**", "**For** ", "**Takes** "):
            assert said in written[0].source
        assert "## What to do next\n" in written[-1].source

    def test_says_before_each_cell_what_to_look_at_and_after_the_last_what_follows(self, path):
        kinds = "".join(cell.cell_type[0] for cell in nbformat.read(path, as_version=4).cells)
        assert kinds.startswith("mc")
        assert kinds.endswith("cm")
        assert "ccc" not in kinds

    def test_holds_no_logic(self, path):
        for cell in cells_of(path, "code"):
            found = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, LOGIC)]
            assert found == [], cell.source

    def test_foretells_and_grades_nothing(self, path):
        """G10: a score is about a situation at a date."""
        written = "\n".join(cell.source for cell in cells_of(path, "markdown"))
        assert not SAYS_MORE_THAN_A_SCORE_CAN.search(written)

    def test_points_only_to_pages_and_notebooks_that_are_there(self, path):
        written = "\n".join(cell.source for cell in cells_of(path, "markdown"))
        for name in re.findall(
            r"`(docs/[\w/.]+\.md|(?:{})/README\.md)`".format("|".join(DESKS)), written
        ):
            assert (ROOT / name).exists(), name
        for name in re.findall(r"`((?:{})/\d\d-[\w-]+)`".format("|".join(DESKS)), written):
            assert (ROOT / f"{name}.ipynb").exists(), name

    def test_its_desk_names_it(self, path):
        page = (path.parent / "README.md").read_text(encoding="utf-8")
        assert f"`{path.name}`" in page or f"({path.name})" in page
