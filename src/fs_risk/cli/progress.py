"""A bar for what takes long, on a terminal; elsewhere nothing."""

import sys
from threading import Event, Thread
from types import TracebackType
from typing import Any

TICK_SECONDS = 1.0


class Steps:
    """A bar over the steps of a command, with the step's name and the time.

    Parameters
    ----------
    count : int
    shown : bool
        Nothing is shown where standard error is not a terminal, whatever is asked.

    Examples
    --------
    >>> with Steps(2, shown=False) as step:
    ...     step("Reading")
    ...     step("Measuring")
    """

    def __init__(self, count: int, *, shown: bool) -> None:
        self._count, self._shown = count, shown and sys.stderr.isatty()
        self._begun, self._over = 0, Event()
        self._bar: Any = None

    def __enter__(self) -> "Steps":
        if self._shown:
            from fs_risk.records.progress import tqdm

            self._bar = tqdm(
                total=self._count,
                leave=False,
                bar_format="{desc:<28} |{bar:20}| step {n_fmt} of {total_fmt}, {elapsed}",
            )
            Thread(target=self._tick, daemon=True).start()
        return self

    def __call__(self, name: str) -> None:
        """Begin the next step."""
        if self._bar is not None:
            self._begun += 1
            self._bar.n = min(self._begun, self._count)
            self._bar.set_description_str(name)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._bar is not None:
            self._bar.close()

    def _tick(self) -> None:
        """Let the clock of the bar go on while a step computes."""
        while not self._over.wait(TICK_SECONDS):
            self._bar.refresh()
