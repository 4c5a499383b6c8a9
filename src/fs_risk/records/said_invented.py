"""What an invented return says of itself when it is written, and what is found when it is read."""

from collections.abc import Iterable
from pathlib import Path

from fs_risk.records.findings import Finding, finding
from fs_risk.records.notebook import STAMP

SYNTHETIC_NOTE = f"{STAMP}.txt"
"""The file beside a return's own files."""

SYNTHETIC_TABLE = "synthetic_note"
"""The table beside a dataset's own tables."""

SYNTHETIC_SHEET = "Front_Sheet"
"""The sheet before a workbook's own lists."""

SYNTHETIC_WORDS = f"{STAMP}: no child, family or authority in these files exists."


def said_invented(places: Iterable[str]) -> list[Finding]:
    """Report that a return says of itself that it is invented.

    What is read from a file counts as real whatever it says, so that nobody is spared the
    questions that real records raise; but whoever reads it should know.

    Parameters
    ----------
    places : iterable of str
        Files, or a table, that say so.

    Returns
    -------
    list of Finding
        One for all, that names the first; none where there is none.
    """
    named = list(places)
    return [
        finding(
            "R053",
            "warning",
            "The return says of itself that nobody in it exists; it counts as real all the same.",
            file=first,
            count=len(named),
            fix="Approve and use nothing that is learnt from it. make_authority gives invented "
            "records that stay marked as such.",
        )
        for first in named[:1]
    ]


def noted_as_invented(files: Iterable[Path]) -> list[Finding]:
    """Report the note that stands beside an invented return's files.

    Parameters
    ----------
    files : iterable of Path
        Those that are read.

    Returns
    -------
    list of Finding
        As `said_invented` gives it.
    """
    folders = dict.fromkeys(file.parent for file in files)
    return said_invented(SYNTHETIC_NOTE for each in folders if (each / SYNTHETIC_NOTE).is_file())
