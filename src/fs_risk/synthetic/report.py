"""The calibration of a synthetic authority as one page: the table, and drawings of it."""

from html import escape
from pathlib import Path

import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.days_in_words import day_words
from fs_risk.records.notebook import title_stamp
from fs_risk.records.printed_pages import page_foot
from fs_risk.records.records import Records
from fs_risk.synthetic.calibration import calibration_table, truth_of
from fs_risk.synthetic.report_drawings import Drawing, drawings
from fs_risk.synthetic.view import View

KIND_WORDS = {"V": "verified", "D": "derived", "A": "assumed"}
VERDICT_WORDS = {
    "pass": "within the tolerance",
    "miss": "outside the tolerance",
    "shown": "an assumption: shown, never counted as a pass",
    "input": "put in, or not simulated",
    "reported": "a published figure for which no tolerance is set",
}
_NARROW = 330
"""Drawings less wide, in pixels, have captions no wider, so that they stand side by side."""

_ENOUGH = 62_700 * 5 / 2
"""Children times years; of fewer, many rows miss by chance alone."""

_NAMED = 10
"""At most so many rows are named."""

_MARKS = {"pass": "✓", "miss": "✗", "shown": "–", "input": "–", "reported": "–"}
_NUMBERS = ("target", "tolerance", "got")
_UNITS = "Rates are per 10,000 children aged 0 to 17 a year, shares per cent."

_TITLE = f"{title_stamp(True)}calibration of an invented authority"
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.2rem; border-top: 1px solid #ccc; padding-top: 1rem; }
.note { background: #f3f3f3; border-left: 4px solid #2f6690; padding: .6rem 1rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 1.8rem; }
figure { margin: .6rem 0; overflow-x: auto; max-width: 100%; }
figcaption { max-width: 44rem; }
figure.small figcaption { max-width: 17rem; }
figcaption { font-weight: 600; margin-bottom: .4rem; }
figcaption span { font-weight: 400; color: #444; display: block; font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid #ddd; text-align: left;
  vertical-align: top; }
td:nth-child(3), td:nth-child(7) { white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.miss td { background: #fbeee6; font-weight: 600; }
tr.shown td, tr.input td, tr.reported td { color: #555; }
.scroll { overflow-x: auto; }
@media print { body { max-width: none; } h2 { break-after: avoid; }
  figure { break-inside: avoid; } }
"""


def write_authority_report(records: Records, path: str | Path, *, years: int = 5) -> Path:
    """Write how a synthetic authority compares with the published figures, as one HTML page.

    Parameters
    ----------
    records : Records
        Made by `make_authority`.
    path : str or Path
        A file of that name is replaced.
    years : int, default=5
        Measured over so many of the last reporting years.

    Returns
    -------
    Path

    Raises
    ------
    RecordsError
        If the records are not of a synthetic authority, or the file cannot be written.
    """
    target = Path(path)
    page = authority_html(records, years=years).encode()
    try:
        target.write_bytes(page)
    except OSError as error:
        raise RecordsError(
            f"The authority's report cannot be written: {error.strerror}.",
            where=target.name,
            fix="Give a path in a folder that exists and may be written.",
        ) from None
    return target


def authority_html(records: Records, *, years: int = 5) -> str:
    """Give the page of `write_authority_report` as text.

    Parameters
    ----------
    records : Records
    years : int, default=5

    Returns
    -------
    str
        A document that needs nothing else; what comes from data is escaped.
    """
    settings = truth_of(records)["authority"].iloc[0]
    view = View(records, years)
    table = calibration_table(records, years=years)
    figures = "".join(_figure(one) for one in drawings(view, table))
    size = (
        f"{int(settings['children']):,} children, seed {int(settings['seed'])}, measured over "
        f"{view.years} reporting years to {day_words(view.last)}"
    )
    said = summary(table, view.children * view.years)
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{_POLICY}<title>{_TITLE}</title><style>{_STYLE}{page_foot(_TITLE)}</style></head><body>"
        f"<h1>A synthetic authority beside the published figures</h1><p>{escape(size)}.</p>"
        f'<p class="note"><strong>SYNTHETIC.</strong> Nobody in these records exists. '
        f"{escape(said)} {_UNITS} Blue is the authority, orange the target.</p>"
        f'<h2>Drawings</h2><div class="figures">{figures}</div>'
        f"<h2>All rows</h2>{_rows(table)}</body></html>\n"
    )


def summary(table: pd.DataFrame, child_years: float) -> str:
    """Say how many rows passed, and name what did not, if the authority is large enough.

    Parameters
    ----------
    table : DataFrame
        As `calibration_table` gives it.
    child_years : float
        Children times years measured.

    Returns
    -------
    str
    """
    held = table[table["verdict"].isin(["pass", "miss"])]
    missed = [_plain(name) for name in held.loc[held["verdict"] == "miss", "measure"]]
    assumed = count_of(int((table["verdict"] == "shown").sum()), "assumption is", "assumptions are")
    assumed = f"{assumed} shown and not counted."
    if child_years < _ENOUGH:
        return (
            f"This authority is too small for the tolerances, which are those of five years of "
            f"62,700 children: {len(missed)} of {len(held)} measures with a verified or derived "
            f"target miss, as they may by chance alone. {assumed}"
        )
    text = (
        f"{len(held) - len(missed)} of {len(held)} measures with a verified or derived target "
        f"are within their tolerance"
    )
    more = f" and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
    names = f"; outside: {', '.join(missed[:_NAMED])}{more}" if missed else ""
    return f"{text}{names}. {assumed}"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _figure(drawing: Drawing) -> str:
    narrow = ' class="small"' if drawing.width < _NARROW else ""
    return (
        f"<figure{narrow}><figcaption>{escape(drawing.title)}"
        f"<span>{escape(drawing.note)}</span></figcaption>{drawing.svg}</figure>"
    )


def _rows(table: pd.DataFrame) -> str:
    """Lay out the table; a verdict is told in words, a mark and a shade."""
    head = "".join(
        f'<th scope="col"{place}>{name}</th>'
        for name, place in (
            ("Row", ""),
            ("Measure", ""),
            ("Kind", ""),
            ("Target", ' class="number"'),
            ("Tolerance", ' class="number"'),
            ("Got", ' class="number"'),
            ("Verdict", ""),
            ("Source", ""),
        )
    )
    body = "".join(_row(row) for row in table.to_dict("records"))
    legend = "; ".join(f"{word}: {meaning}" for word, meaning in VERDICT_WORDS.items())
    return (
        f'<p>{escape(legend)}. Kind: V verified, D derived, A assumed.</p><div class="scroll">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: dict[str, object]) -> str:
    verdict = str(row["verdict"])
    cells = [
        f"<td>{row['row']}</td>",
        f'<th scope="row">{escape(_plain(str(row["measure"])))}</th>',
        f"<td>{row['kind']} {KIND_WORDS[str(row['kind'])]}</td>",
        *(f'<td class="number">{number(row[name])}</td>' for name in _NUMBERS),
        f"<td>{_MARKS[verdict]} {verdict}</td>",
        f"<td>{escape(str(row['source']))}</td>",
    ]
    return f'<tr class="{verdict}">{"".join(cells)}</tr>'


def number(value: object) -> str:
    """Write a number with as many digits as it deserves; an en dash for none.

    Parameters
    ----------
    value : float

    Returns
    -------
    str

    Examples
    --------
    >>> number(2490.0), number(50.81), number(2.754), number(0.0375), number(float("nan"))
    ('2,490', '50.8', '2.75', '0.037', '–')
    """
    size = float(str(value))
    if size != size:
        return "–"
    for least, form in ((1000, ",.0f"), (10, ".1f"), (1, ".2f")):
        if abs(size) >= least:
            return format(size, form)
    return format(size, ".3f")
