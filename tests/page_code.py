"""The code of the documentation's pages: found, and run with what a page takes as given."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
DESKS = ("features", "training", "evaluation", "model_cards")
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / desk / "README.md" for desk in DESKS),
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
    )
)
BLOCK = re.compile(r"(?:^<!-- not run: (.+?) -->\n+)?^```(\w+)\n(.*?)^```", re.S | re.M)
GIVEN = re.compile(r"<!-- given: (.+?) -->")


class Block(NamedTuple):
    """A fenced block of a page, and why it is not run, if the page says so."""

    language: str
    code: str
    not_run: str


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[Block]:
    found = [Block(two, three, one or "") for one, two, three in BLOCK.findall(text_of(page))]
    return [block for block in found if block.language == language]


def given(page: str) -> list[str]:
    """Name what the page takes as given, in a comment that a reader of the site does not see."""
    said = GIVEN.search(text_of(page))
    return [name.strip() for name in said[1].split(",")] if said else []


def run(page: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run a page's code from top to bottom, leaving out the making of what is given."""
    for block in blocks(page, "python"):
        if block.not_run:
            continue
        tree = ast.parse(block.code)
        tree.body = [one for one in tree.body if not _makes(one, given(page))]
        exec(compile(tree, page, "exec"), names)
    return names


def _makes(statement: ast.stmt, names: list[str]) -> bool:
    """Whether it makes an authority or fits a model under a name that is given."""
    if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)):
        return False
    called = getattr(statement.value.func, "attr", "")
    target = getattr(statement.targets[0], "id", "")
    return target in names and called in {"make_authority", "train_step_up"}


def lines(page: str) -> Iterator[list[str]]:
    """Give the words of every line that a page asks to type into a shell."""
    for block in blocks(page, "sh"):
        for line in block.code.replace("\\\n", " ").replace("&&", "\n").splitlines():
            if words := shlex.split(line, comments=True):
                yield words
