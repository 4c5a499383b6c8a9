"""Every requirement that is carried out so far is cited by a test, in its docstring."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CARRIED_OUT = {
    "T": range(1, 12),  # time and leakage
    "F": range(1, 8),  # features
    "M": range(1, 10),  # the model and its output
    "E": range(1, 7),  # explanations
    "A": range(1, 8),  # how groups fare
    "G": range(1, 12),  # operations and demand
}
"""By letter: the requirements of records, features, the step-up model and the front door."""

ID = re.compile(r"\b([TFMEAG])([1-9][0-9]?)\b(?: to \1([1-9][0-9]?))?")


def cited():
    """Map each requirement to the tests whose docstring, or whose module's, names it."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        if path == Path(__file__):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                continue
            for letter, first, last in ID.findall(ast.get_docstring(node) or ""):
                for number in range(int(first), int(last or first) + 1):
                    where = getattr(node, "name", path.stem)
                    found[f"{letter}{number}"].append(f"{path.name}::{where}")
    return found


CITED = cited()


@pytest.mark.parametrize(
    "requirement", [f"{letter}{n}" for letter, numbers in CARRIED_OUT.items() for n in numbers]
)
def test_requirement_is_cited_by_a_test(requirement):
    assert CITED[requirement], f"no test's docstring cites {requirement}"
