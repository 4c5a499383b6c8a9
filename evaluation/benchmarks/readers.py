"""Readers against xml.etree element by element, and against the bars, in one run.

The peer does what the D2I validator does: parse the file with xml.etree, visit each
element, and collect each block's rows; it keeps no line numbers and converts nothing.

Run: ``python evaluation/benchmarks/readers.py [--children 60000] [--large-mb 500]``.
Results and machine go to ``results/readers.json``.
"""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd

import fs_risk as fs
from fs_risk.readers.cin_file import read_census_file
from fs_risk.records.layouts.cin import BLOCKS, Block
from fs_risk.records.writing.ssda903 import write_ssda903

RESULTS = Path(__file__).parent / "results" / "readers.json"
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


def measured(children: int, large_mb: int, repeats: int) -> dict[str, object]:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        authority = fs.make_authority(children=children, years=8, seed=0)
        end = authority.extract_date.date()
        latest = authority.to_cin_census(place / "cin")[-1]
        census = place / "census.xml"
        grown(latest, census, 30 * MB)
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
        large = place / "large.xml"
        grown(latest, large, large_mb * MB)
        return {
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
        }


def main() -> None:
    """Run all and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=60_000)
    parser.add_argument("--large-mb", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peak-of", type=Path)
    asked = parser.parse_args()
    if asked.peak_of is not None:
        print_peak(asked.peak_of)
        return
    figures = {
        "machine": {
            "processor": platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
            "pandas": pd.__version__,
        },
        **measured(asked.children, asked.large_mb, asked.repeats),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
