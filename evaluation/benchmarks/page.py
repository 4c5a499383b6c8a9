"""The page of all results, made from the results' files and from nothing else."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from machine import BUSY
from measured import Bar, Result, Row, read

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
ORDER = ("features", "readers", "scoring", "service", "ledger", "fairness", "training", "demand",
         "start_up")  # fmt: skip
RATIO = {"theirs / ours": "× as fast", "ours / theirs": "×"}
NO_BREAK = "\N{NO-BREAK SPACE}"

OPENING = """# Benchmarks

Made from `evaluation/benchmarks/results/`, and not edited by hand. To measure everything again, one
benchmark after the other, and to write this page:

```sh
python evaluation/benchmarks/run.py --featuretools PYTHON --peers PYTHON
```

The two Pythons are those of environments with the peers that ask for other versions of pandas;
without them their rows say what is missing. `--only NAME` measures one benchmark, `--quick` small
sizes (nothing is kept), `--page` writes the page alone.

A bar was fixed before the work was measured, and is judged at full size alone. Where there is a
peer, both sides did the same work in the same run, and the ratio says more than the seconds:
*× as fast* is the peer's time over ours, a plain *×* is ours over the peer's. Seconds are those of
the best repeat unless the unit says otherwise; the spread is the least and the most, over the
repeats, of what is judged.

How near models come to the best possible is in `evaluation/README.md`; whether audits and intervals
hold what they promise, in [groups](fairness.md) and [how sure a score is](how_sure_is_a_score.md);
each origin and target of the forecasts, in [demand](demand.md)."""


def page_of(results: Sequence[Result]) -> str:
    """Write the page of some results."""
    parts = [OPENING, summary(results), *(section(each) for each in results)]
    return "\n\n".join(parts) + "\n"


def committed(folder: Path) -> list[Result]:
    """Read the results of a folder, in the page's order."""
    found = [read(path) for path in folder.glob("*.json")]
    return sorted(found, key=lambda one: (place_of(one.name), one.name))


def place_of(name: str) -> int:
    """Give a benchmark's place on the page."""
    return ORDER.index(name) if name in ORDER else len(ORDER)


def summary(results: Sequence[Result]) -> str:
    """Say how many bars hold, name those that do not, and what was not measured."""
    rows = [(result, row) for result in results for row in result.rows]
    barred = [row for _, row in rows if row.bar]
    missed = [(result, row) for result, row in rows if row.holds is False]
    not_there = [(result, row) for result, row in rows if row.bar and row.holds is None]
    absent = [name for name in ORDER if name not in {result.name for result in results}]
    lines = [
        "## In short",
        f"{len(barred)} figures have a bar: {sum(row.holds is True for row in barred)} hold, "
        f"{len(missed)} missed, {len(not_there)} not measured.",
        *listed("Missed:", (f"{each.work}: {judged_figure(each)}, bar {bar_of(each.bar)}"
                            for _, each in missed)),
        *listed("Not measured:", (f"{each.work} ({each.peer or one.name}): {each.missing}"
                                  for one, each in not_there)),
        *listed("No result yet, and not counted above:", (f"`{name}`" for name in absent)),
        *listed("Measured while others kept the machine busy, to be measured again:",
                (f"`{one.name}`: {how_busy(one)}" for one in results
                 if one.load.is_busy(one.machine.processors))),
    ]  # fmt: skip
    return "\n\n".join(lines)


def listed(heading: str, points: Iterable[str]) -> list[str]:
    """Give a heading with its points, or nothing where there are none."""
    lines = [f"- {point}" for point in points]
    return [f"{heading}\n\n" + "\n".join(lines)] if lines else []


def section(result: Result) -> str:
    """Write one benchmark: how it was run, on what, and its table."""
    took = f", {spoken(result.seconds)}" if result.seconds else ""
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    machine = result.machine
    memory = f", {machine.memory_gb:.0f} GB" if machine.memory_gb else ""
    lines = [
        f"## {result.title}",
        f"`{result.command}` · {result.date.isoformat()}{took} · {machine.processors} processors "
        f"({machine.processor}){memory}, {machine.system}, Python {machine.python}"
        f"{', ' + versions if versions else ''} · {how_busy(result)}.",
        table(result.rows),
    ]
    return "\n\n".join(lines)


def table(rows: Iterable[Row]) -> str:
    """Write rows as a table."""
    head = ["| work | ours | peer | ratio | bar | holds | spread | repeats |",
            "| --- | ---: | --- | ---: | ---: | --- | --- | ---: |"]  # fmt: skip
    return "\n".join([*head, *(line(each) for each in rows)])


def line(row: Row) -> str:
    """Write one row."""
    theirs = "" if row.theirs is None else f": {number(row.theirs)}{unit_of(row)}"
    if row.missing and row.ours is not None:
        theirs = f": {row.missing}"
    spread = "" if row.spread is None else " to ".join(number(each) for each in row.spread)
    work = row.work + (f" ({row.note})" if row.note else "")
    cells = [
        work,
        row.missing or "" if row.ours is None else f"{number(row.ours)}{unit_of(row)}",
        f"{row.peer or ''}{theirs}",
        "" if row.ratio is None else ratio_of(row),
        bar_of(row.bar),
        {True: "yes", False: "**missed**", None: ""}[row.holds],
        spread,
        "" if row.ours is None else f"{row.repeats:,}",
    ]
    return "| " + " | ".join(each.replace("|", "/") for each in cells) + " |"


def judged_figure(row: Row) -> str:
    """Say the figure that the bar is on."""
    return ratio_of(row) if row.judged == "ratio" else f"{number(row.ours)}{unit_of(row)}"


def ratio_of(row: Row) -> str:
    """Say a ratio, and of what it is."""
    return f"{number(row.ratio, 3)}{NO_BREAK}{RATIO[row.ratio_of or 'ours / theirs']}"


def bar_of(bar: Bar | None) -> str:
    """Say a bar."""
    if bar is None:
        return ""
    if bar.at_least is not None and bar.at_most is not None:
        return f"{number(bar.at_least)} to {number(bar.at_most)}"
    if bar.at_least is not None:
        return f"≥{NO_BREAK}{number(bar.at_least)}"
    return f"≤{NO_BREAK}{number(bar.at_most)}"


def unit_of(row: Row) -> str:
    """Give the unit with the space before it."""
    return f" {row.unit}" if row.unit else ""


def number(value: float | None, figures: int = 4) -> str:
    """Say a number in a few figures, thousands apart."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.{figures}g}"


def spoken(seconds: float) -> str:
    """Say how long something took."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def how_busy(result: Result) -> str:
    """Say how busy the machine was beside the measuring."""
    load = result.load
    parts = [
        f"load average {when} {' '.join(f'{each:g}' for each in said)}"
        for when, said in (("before", load.before), ("after", load.after))
        if said
    ]
    if load.others is not None:
        parts.append(f"others took {load.others:.0%} of the processors")
    busy = load.is_busy(result.machine.processors)
    verdict = {True: "**a loaded machine**", False: "quiet", None: "how busy it was is not noted"}
    return "; ".join([verdict[busy], *parts])


WARNING = (
    f"others take more than {BUSY:.0%} of the processors now: ratios measured on a busy machine "
    "count for little. Measure when it is quiet."
)
