"""What it costs to have the library and to begin with it: imports, wheel, dependencies.

Run: ``python evaluation/benchmarks/start_up.py``, or with ``--quick`` for fewer new processes.
``import fs_risk`` and ``import numpy`` take turns, each in a new process that has its byte code;
modules are loaded when a name is first asked for, so what the first names cost stands beside it.
The wheel is built from this folder by pip; what it asks for, without extras, is counted as it is
installed here. Results go to ``results/start_up.json``.
"""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from email import message_from_bytes
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import measured
import numpy as np
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RESULTS = measured.RESULTS / "start_up.json"
ROOT = Path(__file__).parents[2]
PACKAGE = "fs-risk"
BAR = 1.2

STARTS = {
    "import numpy": "import numpy",
    "import fs_risk": "import fs_risk",
    "import fs_risk, and the names that read records": "import fs_risk as fs; fs.read_ssd",
    "import fs_risk, and the names that score": "import fs_risk as fs; fs.load_model, "
    "fs.History, fs.score_referral",
    "import fs_risk, and the names that train": "import fs_risk as fs; fs.train_step_up",
}
"""What new processes are told to do."""

TIMED = "import time; begun = time.perf_counter(); {}; print(time.perf_counter() - begun)"


def seconds_of(work: str) -> float:
    """Tell how long some statements take in a process of their own, its own start apart."""
    command = [sys.executable, "-c", TIMED.format(work)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def starts(repeats: int) -> dict[str, list[float]]:
    """Time each start, all in turn, after one that leaves byte code behind."""
    took: dict[str, list[float]] = {name: [] for name in STARTS}
    for once in range(repeats + 1):
        for name, work in STARTS.items():
            seconds = seconds_of(work)
            if once:
                took[name].append(seconds)
    return took


def wheel() -> dict[str, Any]:
    """Build the wheel as a user's pip does; say its size and what it holds."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, str(ROOT)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            return {"missing": "pip could not build the wheel: it needs hatchling"}
        (path,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(path) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
            (papers,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
            needs = message_from_bytes(archive.read(papers)).get_all("Requires-Dist") or []
        kinds = [Path(each.filename).suffix or "none" for each in files]
        return {
            "bytes": path.stat().st_size,
            "bytes unpacked": sum(each.file_size for each in files),
            "files": len(files),
            "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
            "needs": without_extras(needs),
        }


def without_extras(needs: Iterable[str]) -> list[str]:
    """List the names of what is asked for on this machine, without extras."""
    found = []
    for text in needs:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found.append(canonicalize_name(requirement.name))
    return found


def dependencies(direct: list[str]) -> dict[str, Any]:
    """Count direct and all dependencies, and what they take on the disk."""
    all_of_them: set[str] = set()
    waiting = list(direct)
    while waiting:
        name = waiting.pop()
        if name in all_of_them:
            continue
        try:
            waiting += without_extras(distribution(name).requires or ())
        except PackageNotFoundError:
            continue
        all_of_them.add(name)
    sizes = {name: bytes_of(distribution(name)) for name in all_of_them}
    largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:8]
    return {
        "direct": len(direct),
        "all": len(all_of_them),
        "bytes": sum(sizes.values()),
        "largest, MB": {name: round(sizes[name] / 1e6) for name in largest},
    }


def bytes_of(package: Distribution) -> int:
    """Tell what a package's files take on the disk."""
    paths = [Path(str(package.locate_file(each))) for each in package.files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file())


def rows_of(found: dict[str, Any]) -> Iterable[measured.Row]:
    """Put the figures into the form that all benchmarks share."""
    took = found["starts, s"]
    numpys = took["import numpy"]
    for name, seconds in took.items():
        if name == "import numpy":
            continue
        yield measured.row(
            name,
            "ms, median",
            float(np.median(seconds)) * 1_000,
            peer="import numpy",
            theirs=float(np.median(numpys)) * 1_000,
            slower=True,
            at_most=BAR if name == "import fs_risk" else None,
            repeats=len(seconds),
            spread=measured.spread(a / b for a, b in zip(seconds, numpys, strict=True)),
        )
    built = found["wheel"]
    if "missing" in built:
        yield measured.row("the wheel", "MB", missing=built["missing"])
    else:
        held = ", ".join(f"{n} {kind}" for kind, n in built["kinds"].items())
        yield measured.row("the wheel", "MB", built["bytes"] / 1e6,
                           note=f"{built['bytes unpacked'] / 1e6:.1f} MB unpacked")  # fmt: skip
        yield measured.row("files in the wheel", "", built["files"], note=held)
    needs = found["dependencies"]
    largest = ", ".join(f"{name} {size} MB" for name, size in needs["largest, MB"].items())
    yield measured.row("direct dependencies", "", needs["direct"])
    yield measured.row("dependencies with all that they ask for", "", needs["all"])
    yield measured.row("these on the disk", "MB", needs["bytes"] / 1e6, note=f"largest: {largest}")


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few new processes")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--output", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    repeats = chosen.repeats or (1 if chosen.quick else 15)
    watch = measured.Watch()
    built = wheel()
    # an editable installation may be older than the project's file
    direct = built.get("needs") or without_extras(distribution(PACKAGE).requires or ())
    found = {"starts, s": starts(repeats), "wheel": built, "dependencies": dependencies(direct)}
    result = watch.result(
        "start_up",
        "Having the library, and beginning with it",
        rows_of(found),
        packages=("fs-risk", "numpy"),
        quick=chosen.quick,
        details=found,
    )
    measured.write(result, chosen.output)


if __name__ == "__main__":
    main()
