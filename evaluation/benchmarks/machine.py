"""The machine that something was measured on, how busy it was, and what is installed there."""

import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

BUSY = 0.1
"""Share of all processors that others may take before a ratio counts for little."""


class Form(BaseModel):
    """What all parts of the form have in common: nothing else, and nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Machine(Form):
    """What it ran on."""

    processors: int
    processor: str
    memory_gb: float | None
    system: str
    python: str


class Load(Form):
    """How busy the machine was: load averages of 1, 5 and 15 minutes, and others' share."""

    before: tuple[float, ...] | None = None
    after: tuple[float, ...] | None = None
    others: float | None = Field(default=None, ge=0)

    def is_busy(self, processors: int) -> bool | None:
        """Say whether others kept the machine busy; None where that was not noted."""
        if self.others is not None:
            return self.others > BUSY
        seen = self.before or self.after
        return None if seen is None else seen[0] > processors


def machine() -> Machine:
    """Say what this runs on."""
    return Machine(
        processors=processors(),
        processor=processor(),
        memory_gb=memory_gb(),
        system=platform.system(),
        python=platform.python_version(),
    )


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """Name the processor's model where the system tells it, else its kind."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_gb() -> float | None:
    """Tell the machine's memory, in 10^9 bytes."""
    names = getattr(os, "sysconf_names", {})
    if not {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= set(names):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)


def load() -> tuple[float, ...] | None:
    """Say how many tasks ran or waited in the last 1, 5 and 15 minutes."""
    if not hasattr(os, "getloadavg"):
        return None
    return tuple(round(each, 1) for each in os.getloadavg())


def busy_seconds() -> float | None:
    """Tell for how long the processors have been busy, all together; None where untold."""
    told = Path("/proc/stat")
    if not told.exists():
        return None
    ticks = [int(each) for each in told.read_text(encoding="utf-8").split("\n", 1)[0].split()[1:]]
    user, nice, system, _, _, irq, softirq, steal = ticks[:8]
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    """Tell for how long this process and those that it ended have been busy."""
    return sum(os.times()[:4])


def installed(packages: Iterable[str]) -> dict[str, str]:
    """Tell the versions of the packages that are here."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def lacks(python: Path, *modules: str) -> list[str]:
    """List the modules that a Python does not have."""
    asked = "import sys; from importlib.util import find_spec as find; print(*["
    asked += "name for name in sys.argv[1:] if find(name) is None])"
    done = subprocess.run(
        [str(python), "-c", asked, *modules], check=True, capture_output=True, text=True
    )
    return done.stdout.split()
