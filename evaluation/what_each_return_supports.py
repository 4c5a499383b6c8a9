"""Which features and outcomes each return can support, as tables for the page on reading.

Made from the catalogue, the outcomes and what each return can hold; nothing is measured.

Run: ``python evaluation/what_each_return_supports.py`` prints them, ``--write`` puts them
into ``docs/reading_your_data.md``.
"""

import argparse
import re
from pathlib import Path

import fs_risk as fs
from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.readers.returns import HOLDS

PAGE = Path(__file__).parents[1] / "docs" / "reading_your_data.md"
SOURCES = {
    "SSD": ("SSD",),
    "CIN": ("CIN census",),
    "CIN + 903": ("CIN census", "SSDA903"),
    "Annex A": ("Annex A",),
    "API": ("DfE API",),
}
"""Columns of the tables: returns, and two that are commonly combined."""


def held(returns: tuple[str, ...]) -> set[str]:
    """Give the tables that returns hold together."""
    return {table for name in returns for table in HOLDS[name]}


def features_table() -> str:
    """Count, for each concept, the features all of whose tables a return holds."""
    catalogue = fs.feature_catalogue()
    needs = catalogue["sources"].map(lambda text: set(filter(None, text.split(", "))))
    head = "| features about | all | " + " | ".join(SOURCES) + " |"
    lines = [head, "| --- |" + " ---: |" * (1 + len(SOURCES))]
    groups = [*catalogue.groupby("concept", sort=True).groups.items()]
    for concept, rows in [*groups, ("**together**", catalogue.index)]:
        counts = [sum(needs[row] <= held(each) for row in rows) for each in SOURCES.values()]
        lines.append(f"| {concept} | {len(rows)} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(lines)


def outcomes_table() -> str:
    """Say which outcomes can be labelled."""
    lines = ["| outcome | needs | " + " | ".join(SOURCES) + " |"]
    lines.append("| --- | --- |" + " --- |" * len(SOURCES))
    for name, outcome in OUTCOMES.items():
        marks = [_mark({*outcome.tables} <= held(each), each) for each in SOURCES.values()]
        lines.append(f"| `{name}` | {', '.join(outcome.tables)} | " + " | ".join(marks) + " |")
    return "\n".join(lines)


def _mark(holds: bool, returns: tuple[str, ...]) -> str:
    """Say whether an outcome can be labelled; six months are too short for any."""
    if not holds:
        return "–"
    return "too short" if returns == ("Annex A",) else "yes"


def tables_table() -> str:
    """Say which tables each return holds."""
    names = list(dict.fromkeys(table for tables in HOLDS.values() for table in tables))
    lines = ["| table | " + " | ".join(HOLDS) + " |", "| --- |" + " --- |" * len(HOLDS)]
    for name in names:
        marks = ["yes" if name in tables else "–" for tables in HOLDS.values()]
        lines.append(f"| `{name}` | " + " | ".join(marks) + " |")
    return "\n".join(lines)


PARTS = {"tables": tables_table, "features": features_table, "outcomes": outcomes_table}


def filled(page: str) -> str:
    """Put the tables into a page, each between its marks."""
    for name, make in PARTS.items():
        marks = rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)"
        table = make()
        page = re.sub(
            marks, lambda found, t=table: f"{found[1]}\n{t}\n\n{found[2]}", page, flags=re.S
        )
    return page


def main() -> None:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        return
    for name, make in PARTS.items():
        print(f"## {name}\n\n{make()}\n")


if __name__ == "__main__":
    main()
