"""The one form of all results: what was measured, on which machine, and whether its bar holds.

Each benchmark fills rows from its own figures and writes them with `write`; the page is
made from nothing else. A bar is judged here alone, so that no benchmark is its own judge.
"""

import json
import sys
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, Self

from machine import (
    Form,
    Load,
    Machine,
    busy_seconds,
    installed,
    lacks,
    load,
    machine,
    own_seconds,
    processors,
)
from pydantic import Field, model_validator

__all__ = ["RESULTS", "Bar", "Result", "Row", "Watch", "lacks", "read", "row", "said", "spread",
           "write"]  # fmt: skip

RESULTS = Path(__file__).parent / "results"
PLACES = {"--output": "", "--keep": "FOLDER", "--prepared": "FOLDER", "--peers": "PYTHON",
          "--featuretools": "PYTHON"}  # fmt: skip
"""Options whose value is a place on one machine, and what is noted instead of it."""


class Bar(Form):
    """What a figure must keep to, fixed before it was measured."""

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, figure: float) -> bool:
        """Say whether a figure keeps to the bar."""
        return (self.at_least is None or figure >= self.at_least) and (
            self.at_most is None or figure <= self.at_most
        )


class Row(Form):
    """One piece of work: ours, a peer's, their ratio, the bar."""

    work: str
    unit: str
    ours: float | None = None
    peer: str | None = None
    theirs: float | None = None
    ratio: float | None = None
    ratio_of: Literal["theirs / ours", "ours / theirs"] | None = None
    bar: Bar | None = None
    judged: Literal["ours", "ratio"] = "ours"
    holds: bool | None = None
    repeats: int = Field(default=1, ge=1)
    spread: tuple[float, float] | None = None
    note: str | None = None
    missing: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.missing is None and self.ours is None:
            raise ValueError("a row has a figure, or says why it is missing")
        if (self.ratio is None) != (self.ratio_of is None):
            raise ValueError("a ratio says of what it is")
        if self.bar is None and self.holds is not None:
            raise ValueError("without a bar nothing holds")
        judged = getattr(self, self.judged)
        if self.holds is not None and (judged is None or self.holds != self.bar_holds):
            raise ValueError("the row says otherwise than its bar")
        return self

    @property
    def bar_holds(self) -> bool | None:
        """Whether the figure that is judged keeps to the bar; None without either."""
        judged = getattr(self, self.judged)
        return None if self.bar is None or judged is None else self.bar.holds(judged)


class Result(Form):
    """All that one benchmark measured in one run."""

    name: str
    title: str
    date: date
    command: str
    size: Literal["full", "quick"]
    seconds: float | None = None
    machine: Machine
    versions: dict[str, str]
    load: Load
    rows: tuple[Row, ...] = Field(min_length=1)
    details: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_judged(self) -> Self:
        for row in self.rows:
            if row.holds != (row.bar_holds if self.size == "full" else None):
                raise ValueError(f"{row.work}: judged at full size, and only there")
        return self


def row(
    work: str,
    unit: str,
    ours: float | None = None,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    slower: bool = False,
    **given: Any,
) -> Row:
    """Fill a row: the ratio is how many times as long the peer takes, or, `slower`, we do.

    Where there is a peer the bar is on the ratio, unless `judged` says ``"ours"``.
    """
    theirs = given.get("theirs")
    if ours is not None and theirs is not None and "ratio" not in given:
        given["ratio"] = figures(ours / theirs if slower else theirs / ours)
    if given.get("ratio") is not None:
        given["ratio_of"] = "ours / theirs" if slower else "theirs / ours"
        given.setdefault("judged", "ratio")
    if at_least is not None or at_most is not None:
        given["bar"] = Bar(at_least=at_least, at_most=at_most)
    given = {key: value for key, value in given.items() if value is not None}
    if ours is not None:
        ours = figures(ours)
    if theirs is not None:
        given["theirs"] = figures(theirs)
    return Row(work=work, unit=unit, ours=ours, **given)


def figures(value: float) -> float:
    """Keep four figures, and all before the point."""
    value = float(value)
    return round(value) if abs(value) >= 10_000 else float(f"{value:.4g}")


def spread(values: Iterable[float]) -> tuple[float, float] | None:
    """Give the least and the most of some runs; None of one alone."""
    found = [figures(value) for value in values]
    return (min(found), max(found)) if len(found) > 1 else None


class Watch:
    """Notes when a measurement began, and how busy the machine was from then on."""

    def __init__(self) -> None:
        self._day = datetime.now(UTC).date()
        self._begun = time.perf_counter()
        self._load, self._busy, self._own = load(), busy_seconds(), own_seconds()

    def result(
        self,
        name: str,
        title: str,
        rows: Iterable[Row],
        *,
        packages: Iterable[str],
        quick: bool,
        details: dict[str, Any] | None = None,
        versions: dict[str, str] | None = None,
        before_command: str = "",
    ) -> Result:
        """Put what was measured into the form, each row with its bar, judged at full size."""
        seconds = time.perf_counter() - self._begun
        others = None
        if self._busy is not None:
            busy = (busy_seconds() or 0) - self._busy - (own_seconds() - self._own)
            others = round(max(busy, 0) / seconds / processors(), 3)
        return Result(
            name=name,
            title=title,
            date=self._day,
            command=before_command + command(sys.argv),
            size="quick" if quick else "full",
            seconds=round(seconds, 1),
            machine=machine(),
            versions={**installed(packages), **(versions or {})},
            load=Load(before=self._load, after=load(), others=others),
            rows=tuple(judged(rows, quick=quick)),
            details=details or {},
        )


def judged(rows: Iterable[Row], *, quick: bool) -> Iterable[Row]:
    """Say of each row whether its bar holds; bars are for the full size."""
    return [each.model_copy(update={"holds": None if quick else each.bar_holds}) for each in rows]


def write(result: Result, path: Path) -> None:
    """Write a result down, and say it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = result.model_dump(mode="json", exclude_none=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for each in result.rows:
        print(said(each))


def read(path: Path) -> Result:
    """Read a result, refusing what is not in the form."""
    return Result.model_validate_json(path.read_text(encoding="utf-8"))


def said(one: Row) -> str:
    """Say a row in a line, for a terminal."""
    parts = [one.work if one.ours is None else f"{one.work}: {one.ours:,g} {one.unit}".rstrip()]
    if one.missing:
        parts.append(f"{one.peer}: {one.missing}" if one.peer else one.missing)
    if one.theirs is not None:
        parts.append(f"{one.peer} {one.theirs:,g} {one.unit}".rstrip())
    if one.ratio is not None:
        parts.append(f"{one.ratio:,g} ({one.ratio_of})")
    verdict = {True: "holds", False: "MISSED", None: ""}[one.holds]
    return ", ".join([*parts, verdict]).rstrip(", ")


def command(arguments: list[str]) -> str:
    """Give the command that was run, without places on this machine."""
    said, place = ["python", f"evaluation/benchmarks/{Path(arguments[0]).name}"], None
    for each in arguments[1:]:
        option, told, _ = each.partition("=")
        if place is not None:
            said += [place] if place else []
            place = None
        elif option in PLACES:
            place = PLACES[option]
            said += [option, *([place] if told else [])] if place else []
            place = None if told else place
        else:
            said.append(each)
    return " ".join(said)
