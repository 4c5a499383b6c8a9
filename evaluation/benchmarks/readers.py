"""Readers against xml.etree element by element, and against the bars, in one run.

The peer does what the D2I validator does: parse the file with xml.etree, visit each
element, and collect each block's rows; it keeps no line numbers and converts nothing.

Run: ``python evaluation/benchmarks/readers.py``, or with ``--quick`` for a size that suits
continuous integration. Results go to ``results/readers.json``.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import measured
import pandas as pd

import fs_risk as fs
from fs_risk.readers.cin_file import read_census_file
from fs_risk.records.layouts.cin import BLOCKS, Block
from fs_risk.records.writing.ssda903 import write_ssda903

RESULTS = measured.RESULTS / "readers.json"
FULL = (60_000, 500)
"""Children, and the megabytes of a large file."""

FLAT = 1.5
"""Memory beyond the tables is flat when ten times the file takes hardly more of it."""

MB = 1_000_000


def by_etree(path: Path) -> dict[str, pd.DataFrame]:
    """Parse with xml.etree and visit each element once, collecting each block's rows."""
    rows: dict[str, list[dict[str, str | None]]] = {name: [] for name in BLOCKS}
    inner: dict[str, dict[str, Block]] = {}
    for block in BLOCKS.values():
        inner.setdefault(block.parent, {})[block.element] = block

    def visit(element: ET.Element, block: str, row: dict[str, str | None]) -> None:
        below = inner.get(block, {})
        for found in element:
            new = below.get(found.tag)
            if new is not None:
                own: dict[str, str | None] = {}
                rows[new.name].append(own)
                if new.is_value and not len(found):
                    own[found.tag] = found.text
                else:
                    visit(found, new.name, own)
            elif len(found):
                visit(found, block, row)
            else:
                row[found.tag] = found.text

    visit(ET.parse(path).getroot(), "", {})
    return {name: pd.DataFrame(found) for name, found in rows.items()}


def best(work: Callable[[], object], repeats: int) -> float:
    """Give the best of some runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def grown(source: Path, target: Path, size: int) -> None:
    """Repeat a census file's children, under new ids, until the file has a size."""
    text = source.read_text(encoding="utf-8")
    start, end = text.index("<Child>"), text.rindex("</Child>") + len("</Child>")
    body = text[start:end]
    with target.open("w", encoding="utf-8") as file:
        file.write(text[:start])
        copy = 0
        while file.tell() < size:
            file.write(body.replace("<LAchildID>", f"<LAchildID>X{copy}"))
            file.write("\n")
            copy += 1
        file.write(text[end:])


def peak_of(path: Path) -> dict[str, float]:
    """Read one file in a process of its own: its memory before, at most, and of the tables."""
    done = subprocess.run(
        [sys.executable, __file__, "--peak-of", str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def peak_so_far() -> float:
    """Give this process's greatest memory, in MB, without what its parent had."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024 / MB


def print_peak(path: Path) -> None:
    """Print what `peak_of` asks for."""
    before = peak_so_far()
    start = time.perf_counter()
    census = read_census_file(path)
    seconds = time.perf_counter() - start
    tables = sum(frame.memory_usage(deep=True).sum() for frame in census.blocks.values()) / MB
    figures = {
        "before_mb": before,
        "peak_mb": peak_so_far(),
        "tables_mb": tables,
        "seconds": seconds,
    }
    print(json.dumps(figures))


def grown_care(authority: fs.Records, folder: Path, copies: int) -> tuple[list[Path], int]:
    """Write the care return, its children repeated under new ids; count the files' rows."""
    paths, n_rows = write_ssda903(authority, folder), 0
    for path in paths:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
        parts = [frame.assign(CHILD=f"X{copy}" + frame["CHILD"]) for copy in range(copies)]
        pd.concat(parts).to_csv(path, index=False)
        n_rows += copies * len(frame)
    return paths, n_rows


def rows_in(records: fs.Records) -> int:
    """Count the rows of all tables."""
    return sum(len(records[name]) for name in records)


def figures_of(children: int, large_mb: int, repeats: int) -> dict[str, Any]:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        authority = fs.make_authority(children=children, years=8, seed=0)
        end = authority.extract_date.date()
        latest = authority.to_cin_census(place / "cin")[-1]
        census = place / "census.xml"
        grown(latest, census, min(30, large_mb) * MB)
        ssd = authority.to_ssd(place / "ssd")
        database = place / "ssd.db"
        with closing(sqlite3.connect(database)) as connection:
            for file in ssd.glob("*.csv"):
                pd.read_csv(file, dtype="str").to_sql(file.stem, connection, index=False)
        size = census.stat().st_size / MB
        rows = rows_in(authority)
        peer = best(lambda: by_etree(census), repeats)
        parse = best(lambda: read_census_file(census), repeats)
        whole = best(lambda: fs.read_cin_census(census), repeats)
        csv = best(lambda: fs.read_ssd(ssd, extract_date=end), repeats)
        sql = best(lambda: fs.read_ssd(f"sqlite:///{database}", extract_date=end), repeats)
        care, care_rows = grown_care(authority, place / "ssda903", 12)
        care_seconds = best(lambda: fs.read_ssda903(care, extract_date=end), repeats)
        workbook = authority.to_annex_a(place / "annex_a.xlsx")
        annex = best(lambda: fs.read_annex_a(workbook, extract_date=end), repeats)
        annex_rows = rows_in(fs.read_annex_a(workbook, extract_date=end))
        large, tenth = place / "large.xml", place / "tenth.xml"
        grown(latest, large, large_mb * MB)
        grown(latest, tenth, large_mb * MB // 10)
        return {
            "repeats": repeats,
            "census_mb": round(size, 1),
            "etree_seconds": round(peer, 3),
            "census_parse_seconds": round(parse, 3),
            "census_parse_mb_per_second": round(size / parse, 1),
            "census_parse_times_etree": round(peer / parse, 2),
            "read_cin_census_seconds": round(whole, 3),
            "read_cin_census_mb_per_second": round(size / whole, 1),
            "ssd_rows": rows,
            "csv_rows_per_second": round(rows / csv),
            "sql_rows_per_second": round(rows / sql),
            "ssda903_rows": care_rows,
            "ssda903_rows_per_second": round(care_rows / care_seconds),
            "annex_a_rows": annex_rows,
            "annex_a_rows_per_second": round(annex_rows / annex),
            "large_census": {
                "mb": large_mb,
                **{name: round(value, 1) for name, value in peak_of(large).items()},
            },
            "tenth_census": {
                "mb": large_mb / 10,
                **{name: round(value, 1) for name, value in peak_of(tenth).items()},
            },
        }


def rows_of(found: dict[str, Any]) -> Iterable[measured.Row]:
    """Put the figures into the form that all benchmarks share."""
    repeats = found["repeats"]
    for name, key, bar in (
        ("SSD, CSV files", "csv_rows_per_second", 100_000),
        ("SSD, a database", "sql_rows_per_second", 100_000),
        ("SSDA903, CSV files", "ssda903_rows_per_second", 100_000),
        ("Annex A, a workbook", "annex_a_rows_per_second", None),
    ):
        n = found[
            {"csv": "ssd_rows", "sql": "ssd_rows"}.get(key[:3], key.replace("_per_second", ""))
        ]
        yield measured.row(
            f"{name}, {n:,} rows", "rows a second", found[key], at_least=bar, repeats=repeats
        )
    size = f"{found['census_mb']:.0f} MB"
    for name, key in (("parsed", "census_parse"), ("read whole", "read_cin_census")):
        yield measured.row(
            f"census in XML, {size}, {name}", "MB a second", found[f"{key}_mb_per_second"],
            at_least=25.0, repeats=repeats,
        )  # fmt: skip
    yield measured.row(
        f"census in XML, {size}, parsed", "s", found["census_parse_seconds"],
        peer="xml.etree, element by element", theirs=found["etree_seconds"],
        ratio=found["census_parse_times_etree"], at_least=2.0, repeats=repeats,
    )  # fmt: skip
    yield memory_row(found["large_census"], found.get("tenth_census"))


def memory_row(large: dict[str, float], tenth: dict[str, float] | None) -> measured.Row:
    """Say how much memory a large file takes beyond its tables, beside a tenth of it."""

    def beyond(one: dict[str, float]) -> float:
        return one["peak_mb"] - one["before_mb"] - one["tables_mb"]

    beside: dict[str, Any] = {}
    if tenth:
        beside = {"peer": "a tenth of the file", "theirs": beyond(tenth)}
        beside |= {"slower": True, "at_most": FLAT}
    return measured.row(
        f"census in XML, {large['mb']} MB: the most memory beyond an idle process and the tables",
        "MB",
        beyond(large),
        note=f"tables {large['tables_mb']:.0f} MB; read in {large['seconds']} s"
        + ("" if tenth else "; no other size was tried: whether it is flat is not known"),
        **beside,
    )


def main() -> None:
    """Run all and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--children", type=int)
    parser.add_argument("--large-mb", type=int)
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--peak-of", type=Path)
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if asked.peak_of is not None:
        print_peak(asked.peak_of)
        return
    children = asked.children or (2_000 if asked.quick else FULL[0])
    large_mb = asked.large_mb or (10 if asked.quick else FULL[1])
    watch = measured.Watch()
    found = figures_of(children, large_mb, asked.repeats or (1 if asked.quick else 3))
    result = watch.result(
        "readers",
        f"Readers: an authority of {children:,} children written as each return and read back",
        rows_of(found),
        packages=("numpy", "pandas", "pyarrow"),
        quick=(children, large_mb) != FULL,
        details=found,
    )
    measured.write(result, asked.output)


if __name__ == "__main__":
    main()
