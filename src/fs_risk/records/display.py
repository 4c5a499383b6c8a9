"""Records as HTML, for a notebook: tables, rows and what is observed; no child's data."""

import html
from typing import TYPE_CHECKING

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.tables import TABLES

if TYPE_CHECKING:
    from fs_risk.records.records import Records, Window


def records_html(records: "Records") -> str:
    """Lay out which tables were read, and over which days.

    Parameters
    ----------
    records : Records

    Returns
    -------
    str
    """
    held = {name: len(records[name]) for name in TABLES}
    rows = "".join(
        f"<tr><td>{name}</td><td style='text-align:right'>{count:,}</td>"
        f"<td>{_window_text(records.coverage.get(name))}</td></tr>"
        for name, count in held.items()
        if count or records.coverage.get(name) is not None
    )
    stamp = "SYNTHETIC records" if records.origin.kind == "synthetic" else "Records"
    returns = html.escape(", ".join(records.origin.returns))
    return (
        f"<p><b>{stamp}</b> ({returns}) to {records.extract_date.date()}; "
        f"{count_of(len(records.findings), 'finding')}</p>"
        f"<table><thead><tr><th>table</th><th>rows</th><th>observed</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _window_text(window: "Window | None") -> str:
    return "not held by this return" if window is None else observed_text(window)


def observed_text(window: "Window") -> str:
    """Say which days a table observed; of one that holds no history, on which day it was known.

    Parameters
    ----------
    window : Window

    Returns
    -------
    str
    """
    # assembling loads far more than a page of a table needs
    from fs_risk.records.observed_windows import EARLIEST

    if window.observed_from <= EARLIEST:
        return f"as known on {window.observed_to.date()}"
    return f"{window.observed_from.date()} to {window.observed_to.date()}"
