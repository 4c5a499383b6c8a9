"""A check of drift as one page that opens in any browser, on a phone, and in print."""

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from fs_risk.triage.watch_pictures import (
    PICTURED,
    incomplete_months,
    months_svg,
    picture_text,
)
from fs_risk.triage.watch_rows import LOOK, STOP
from fs_risk.triage.watch_words import (
    CHECKS,
    HEADLINES,
    MEASURES,
    figure_words,
    limit_words,
    signal_words,
    who_words,
)

if TYPE_CHECKING:
    from fs_risk.triage.watch_result import DriftCheck

SIGNS = {LOOK: "▲", STOP: "■"}
"""Beside the words, so that a verdict is told by shape as well."""

AT_ONCE = 6
"""Figures of a check that are shown at once; of more, only those that are signalled."""


def drift_page(check: "DriftCheck") -> str:
    """Give the page of `DriftCheck.to_html` as text.

    Parameters
    ----------
    check : DriftCheck

    Returns
    -------
    str
        Everything that comes from data is escaped.
    """
    from fs_risk.evaluation.page import from_template

    return from_template("drift.html.j2", page_content(check))


def page_content(check: "DriftCheck") -> dict[str, Any]:
    """Gather what the template shows.

    Parameters
    ----------
    check : DriftCheck

    Returns
    -------
    dict of str to Any
    """
    verdicts = check.verdicts
    return {
        "check": check,
        "headline": HEADLINES[check.verdict],
        "verdict": _said(check.verdict),
        "tone": _tone(check.verdict),
        "signals": [
            (CHECKS[name], [signal_words(row) for row in _rows(check.signals, name)])
            for name, verdict in verdicts.items()
            if verdict in SIGNS
        ],
        "parts": [_part(check, name, verdict) for name, verdict in verdicts.items()],
        "unjudged": check.unjudged(),
        "promise": check.promise,
    }


def _part(check: "DriftCheck", name: str, verdict: str) -> dict[str, Any]:
    mine = check.table[check.table["check"] == name]
    single = mine["period"].str.len() == len("yyyy-mm")
    svg = months_svg(check, name) if name in PICTURED else ""
    partly = incomplete_months(check, name)
    rows = mine[~single]
    first = rows["verdict"].isin(list(SIGNS)).to_numpy() | (len(rows) <= AT_ONCE)
    return {
        "name": name,
        "words": CHECKS[name],
        "verdict": _sign(verdict),
        "said": _said(verdict),
        "tone": _tone(verdict),
        "rows": [_row(row) for _, row in rows[first].iterrows()],
        "others": [_row(row) for _, row in rows[~first].iterrows()],
        "months": [
            row | {"period": f"{row['period']} (in part)"} if row["period"] in partly else row
            for row in (_row(each) for _, each in mine[single].iterrows())
        ],
        "svg": svg,
        "says": picture_text(check, name) if svg else "",
    }


def _row(row: pd.Series) -> dict[str, str]:
    hidden, measure = bool(row["suppressed"]), str(row["measure"])
    known = row["low"] == row["low"] and row["high"] == row["high"]
    ends = [figure_words(measure, row[end]) for end in ("low", "high")]
    return {
        "measure": MEASURES[measure],
        "who": who_words(row),
        "period": row["period"],
        "value": "c" if hidden else figure_words(measure, row["value"]),
        "interval": f"{ends[0]} to {ends[1]}" if known and not hidden else "",
        "limit": limit_words(measure, row["limit_low"], row["limit_high"]),
        "n": "c" if hidden else "" if pd.isna(row["n"]) else f"{row['n']:,}",
        "verdict": _sign(row["verdict"]),
        "tone": _tone(row["verdict"]),
        "says": row["says"],
    }


def _rows(table: pd.DataFrame, name: str) -> list[pd.Series]:
    return [row for _, row in table[table["check"] == name].iterrows()]


def _said(verdict: str) -> str:
    """Begin a sentence with a verdict."""
    sign = f"{SIGNS[verdict]} " if verdict in SIGNS else ""
    return f"{sign}{verdict[:1].upper()}{verdict[1:]}"


def _sign(verdict: str) -> str:
    return f"{SIGNS[verdict]} {verdict}" if verdict in SIGNS else verdict


def _tone(verdict: str) -> str:
    return {LOOK: "look", STOP: "stop"}.get(verdict, "calm")


def notebook_html(check: "DriftCheck") -> str:
    """Lay a check out for a notebook, everything escaped.

    Parameters
    ----------
    check : DriftCheck

    Returns
    -------
    str
    """
    stamp = "<p><b>SYNTHETIC: an invented authority.</b></p>" if check.synthetic else ""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(CHECKS[name].title)}</th>"
        f"<td style='text-align:left'>{escape(_sign(verdict))}</td></tr>"
        for name, verdict in check.verdicts.items()
    )
    told = "".join(f"<li>{escape(signal_words(row))}</li>" for _, row in check.signals.iterrows())
    listed = f"<ul>{told}</ul>" if told else ""
    return (
        f"{stamp}<p><b>{escape(_sign(check.verdict))}</b>. {escape(HEADLINES[check.verdict])} "
        f"{escape(check.model)}, {check.since} to {check.until}. "
        f"{' '.join(check.unjudged())}</p>"
        f"<table>{rows}</table>{listed}<p>{escape(' '.join(check.notes))}</p>"
    )
