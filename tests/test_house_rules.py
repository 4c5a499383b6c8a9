"""The rules of the house that no linter knows."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "fs_risk"
MODULES = sorted(SOURCE.rglob("*.py"))
BANNED_NAMES = {"utils", "util", "helpers", "common", "misc", "base", "core"}
DESKS = ("features", "training", "evaluation", "model_cards")
SAYS_MORE_THAN_A_SCORE_CAN = re.compile(
    r"\bunsafe famil|\bgreen band\b|\bpredicts? abuse\b|\bwill (?:be|step|suffer|need)\b", re.I
)


@cache
def trees():
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def ours():
    tree = ast.parse((SOURCE / "errors.py").read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def where(path, line=1):
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


# each rule is one test for all modules: thousands of tests of a line each cost more to run
# than to decide, and a list names every place that breaks it


def test_every_module_is_short_enough_to_read():
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert [where(path, many) for path, many in lines.items() if many > 400] == []


def test_every_module_says_why_it_exists():
    assert [where(path) for path, tree in trees().items() if not ast.get_docstring(tree)] == []


def test_every_module_is_named_for_what_it_is_about():
    assert [where(path) for path in MODULES if path.stem in BANNED_NAMES] == []


def test_every_page_stamps_its_title_in_one_way():
    titles = [
        line
        for path in SOURCE.rglob("*.html.j2")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "<title>" in line
    ]

    assert len(titles) > 8
    assert [line for line in titles if "<title>{{ title_stamp(" not in line] == []


def test_days_are_written_the_same_on_every_machine():
    # "%-d" is an error on Windows, and the names of months follow the machine's language
    machine_bound = re.compile(r"%(?:[-#][a-zA-Z]|[aAbBcxXp])")

    found = [
        where(path, part.lineno)
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.FormattedValue) and node.format_spec is not None)
        or getattr(getattr(node, "func", None), "attr", "") in {"strftime", "strptime"}
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and machine_bound.search(str(part.value))
    ]

    assert found == []


def test_every_error_of_ours_states_the_cure():
    known = ours()
    raised = [
        (where(path, node.lineno), node.exc)
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and getattr(node.exc.func, "id", "") in known
    ]

    assert len(raised) > 300
    assert [at for at, exc in raised if not any(word.arg == "fix" for word in exc.keywords)] == []


@pytest.mark.parametrize("desk", DESKS)
def test_desk_is_not_a_package_and_says_what_it_is_for(desk):
    assert not list((ROOT / desk).rglob("__init__.py"))
    assert (ROOT / desk / "README.md").exists()


def texts():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *MODULES]
    return [path for path in documents if path.name != "talking_about_risk.md"]


def test_no_text_foretells_or_grades():
    """G10: a score is about a situation at a date."""
    read = {path: path.read_text(encoding="utf-8") for path in texts()}

    assert [
        where(path) for path, text in read.items() if SAYS_MORE_THAN_A_SCORE_CAN.search(text)
    ] == []


def test_every_error_is_documented_with_its_exit_code():
    import fs_risk.errors as errors

    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for name in ours() - {"FsRiskError"}:
        assert f"| `{name}` | {getattr(errors, name).exit_code} |" in page


def test_exit_codes_are_distinct():
    import fs_risk.errors as errors

    exits = [getattr(errors, name).exit_code for name in ours()]
    assert len(set(exits)) == len(exits)


def test_constraints_pin_every_dependency_by_name_and_version_alone():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {}
    for line in lines:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.]+)", line)
        assert match, "a constraint is name==version and nothing else"
        pins[re.sub(r"[-_.]+", "-", match[1]).lower()] = match[2]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(need for extra in extras for need in extra)]
    names = {re.split(r"[<>=!\[ ]", need)[0].lower().replace("_", "-") for need in wanted}

    assert names <= set(pins)


def test_every_finding_of_ours_is_documented():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    written = {
        code for path in MODULES for code in re.findall(r'"(R\d{3})"', path.read_text("utf-8"))
    }

    assert written
    assert [code for code in sorted(written) if f"| {code} |" not in page] == []
