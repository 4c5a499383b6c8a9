"""The service's log: one JSON object a line, and nothing in it about any child.

Only what this module is told to say is said. What other libraries log may repeat what they
were given, so of their lines only the level, the logger and the kind of error remain.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

LOGGER = "fs_risk.service"

_SERVER = ("uvicorn", "uvicorn.error")
"""Loggers whose message is printed, without what was to be put into it."""


def note(event: str, *, level: int = logging.INFO, **said: Any) -> None:
    """Log one event.

    Parameters
    ----------
    event : str
        ``answered``, ``started``, ``history renewed`` …
    level : int, default=logging.INFO
    **said
        Counts, times and words of our own; never what a client sent.
    """
    logging.getLogger(LOGGER).log(level, event, extra={"said": said})


def note_fault(event: str, error: BaseException, **said: Any) -> None:
    """Log a fault of the library: its kind and the lines it passed, never its message.

    Parameters
    ----------
    event : str
    error : BaseException
    **said
        As for `note`.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "fs_risk" in frame.filename] or frames
    passed = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in ours[-12:]]
    note(event, level=logging.ERROR, error=type(error).__name__, passed=passed, **said)


class JsonLines(logging.Formatter):
    """Writes a log record as one line of JSON, without what it was given by others.

    Examples
    --------
    >>> record = logging.LogRecord("asyncio", 40, "", 0, "child %s", ("A",), None)
    >>> json.loads(JsonLines().format(record))["event"]
    'withheld'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Give the line.

        Parameters
        ----------
        record : logging.LogRecord

        Returns
        -------
        str
        """
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname}
        if record.name == LOGGER:
            line |= {"event": record.getMessage(), **getattr(record, "said", {})}
        else:
            told = record.name in _SERVER and isinstance(record.msg, str)
            line |= {"event": record.msg.strip() if told else "withheld", "logger": record.name}
            if record.exc_info and record.exc_info[0]:
                line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=True)


def log_to(stream: TextIO | None = None) -> None:
    """Send every log line of this process through `JsonLines`.

    Parameters
    ----------
    stream : text file, optional
        By default the standard output.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in logging.root.manager.loggerDict:
        # a library that prints its lines itself would print what it was given
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    # a failing handler would print the record itself
    logging.raiseExceptions = False
    logging.captureWarnings(True)


def _short(filename: str) -> str:
    """Leave out where the library is installed."""
    parts = filename.replace("\\", "/").split("/")
    return "/".join(parts[-2:])
