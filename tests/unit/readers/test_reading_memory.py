"""Section 7: a census is read in pieces, so memory beyond the tables does not grow with it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = """
import json, sys
from pathlib import Path
from fs_risk.readers.cin_file import read_census_file

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024

before = peak()
census = read_census_file(Path(sys.argv[1]))
tables = sum(f.memory_usage(deep=True).sum() for f in census.blocks.values()) / 2**20
rows = len(census.blocks["children"])
print(json.dumps({"extra": peak() - before - tables, "peak": peak(), "rows": rows}))
"""


def grown(text: str, path: Path, megabytes: int) -> tuple[Path, int]:
    start, end = text.index("<Child>"), text.rindex("</Child>") + len("</Child>\n")
    body, copies = text[start:end], 0
    with path.open("w", encoding="utf-8") as file:
        file.write(text[:start])
        while file.tell() < megabytes << 20:
            for _ in range(500):
                file.write(body.replace("<LAchildID>", f"<LAchildID>X{copies}"))
                copies += 1
        file.write(text[end:])
    return path, copies * body.count("<Child>")


def measured(path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_beyond_the_tables_stays_flat_as_a_file_grows(clean, tmp_path):
    small, small_rows = grown(clean, tmp_path / "small.xml", 10)
    large, large_rows = grown(clean, tmp_path / "large.xml", 100)

    little, much = measured(small), measured(large)

    assert (little["rows"], much["rows"]) == (small_rows, large_rows)
    assert much["extra"] < 250
    assert much["peak"] < 600
