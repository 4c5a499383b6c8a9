"""Small pictures for a page, as SVG text made of numbers: nothing is fetched or run."""

from collections.abc import Sequence
from html import escape

import numpy as np

_BAR, _GAP, _HEIGHT = 7, 1, 60
_CELL = 12
_BLUE, _ORANGE, _GREY = "#2f6690", "#b3400a", "#d0d0d0"
_LABEL_WIDTH = 110
_FEWEST_SHOWN = 5
_STEPS = ("#ffffff", "#e3edf5", "#bdd5e8", "#8fb6d6", "#5d92bf", "#2f6690", "#173f5f")


def bars(months: Sequence[str], heights: np.ndarray, marks: np.ndarray, text: str) -> str:
    """Draw a bar for each month; those out of line are orange with a triangle.

    Parameters
    ----------
    months : sequence of str
        ``yyyy-mm``; each January is labelled.
    heights : ndarray
        Rounded counts.
    marks : ndarray of int
        Not 0 where a month is out of line.
    text : str
        What the picture says, for those who do not see it.

    Returns
    -------
    str
        An ``svg`` element.
    """
    top = max(int(heights.max(initial=0)), 1)
    step = _BAR + _GAP
    tallest = f"{top:,}" if top >= _FEWEST_SHOWN else "c"
    parts = [_words(len(months) * step + 4, 20, tallest)]
    for at, (height, mark) in enumerate(zip(heights, marks, strict=True)):
        x, tall = at * step, _HEIGHT * float(height) / top
        colour = _ORANGE if mark else _BLUE
        parts.append(_rect(x, 12 + _HEIGHT - tall, _BAR, tall, colour))
        if mark:
            y = 12 + _HEIGHT - tall - 2
            parts.append(f'<path d="M{x} {y - 6:.1f}h{_BAR}l-3.5 6z" fill="{_ORANGE}"/>')
    parts.append(_rect(0, 12 + _HEIGHT, len(months) * step, 1, "#555555"))
    parts += _years(months, step, 12 + _HEIGHT + 12, 0)
    return _svg(len(months) * step + 40, _HEIGHT + 30, parts, text)


def cells(rows: Sequence[str], columns: Sequence[str], shares: np.ndarray, text: str) -> str:
    """Draw a grid of shares, darker for more (by their root); grey where there is none to tell.

    Parameters
    ----------
    rows, columns : sequence of str
        Names, of rows perhaps empty; columns as ``yyyy-mm`` or ``yyyy``.
    shares : ndarray, shape (n_rows, n_columns)
        From 0 to 1, or NaN.
    text : str
        What the picture says, for those who do not see it.

    Returns
    -------
    str
        An ``svg`` element.
    """
    wide = _BAR if any("-" in column for column in columns) else 3 * _CELL
    left = _LABEL_WIDTH if any(rows) else 0
    parts = []
    for row, name in enumerate(rows):
        y = row * (_CELL + 2)
        parts.append(_words(0, y + 10, name[:18]))
        parts += _shaded(shares[row], left, y, wide)
    below = len(rows) * (_CELL + 2) + 10
    parts += _years(columns, wide, below, left)
    return _svg(left + len(columns) * wide + 30, below + 6, parts, text)


def stack(shares: Sequence[float], names: Sequence[str], text: str) -> str:
    """Draw shares of one whole beside each other, light to dark.

    Parameters
    ----------
    shares : sequence of float
        Adding up to 1.
    names : sequence of str
        Of the parts.
    text : str

    Returns
    -------
    str
        An ``svg`` element.
    """
    parts, x, whole = [], 0.0, 300.0
    for at, (share, name) in enumerate(zip(shares, names, strict=True)):
        colour = _STEPS[min(at + 1, len(_STEPS) - 1)]
        title = f"<title>{escape(name)}</title>"
        parts.append(_rect(x, 0, whole * share, 14, colour, title))
        x += whole * share
    return _svg(whole, 14, parts, text)


def _shaded(shares: np.ndarray, left: float, y: float, wide: float) -> list[str]:
    """Draw a row of cells; neighbours of one shade are one rectangle."""
    shades = [_shade(share) for share in shares]
    parts, first = [], 0
    for at in range(1, len(shades) + 1):
        if at == len(shades) or shades[at] != shades[first]:
            x = left + first * wide
            parts.append(_rect(x, y, (at - first) * wide, _CELL, shades[first]))
            first = at
    return parts


def _shade(share: float) -> str:
    if not np.isfinite(share):
        return _GREY
    return _STEPS[int(np.ceil(np.sqrt(np.clip(share, 0, 1)) * (len(_STEPS) - 1)))]


def _years(columns: Sequence[str], step: float, y: float, left: float) -> list[str]:
    return [
        _words(left + at * step, y, column.removesuffix("-01"))
        for at, column in enumerate(columns)
        if "-" not in column or column.endswith("-01")
    ]


def _words(x: float, y: float, text: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" stroke="none">{escape(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, colour: str, inside: str = "") -> str:
    shape = f'<rect x="{x:g}" y="{y:.3g}" width="{width:.4g}" height="{height:.3g}"'
    return f'{shape} fill="{colour}"' + (f">{inside}</rect>" if inside else "/>")


def _svg(width: float, height: float, parts: Sequence[str], text: str) -> str:
    return svg_of(parts, width, height, text, look='stroke="#999" stroke-width=".4" font-size="9"')


def svg_of(parts: Sequence[str], width: float, height: float, text: str, *, look: str) -> str:
    """Put shapes together as one picture with a title.

    Parameters
    ----------
    parts : sequence of str
        Elements, their text escaped.
    width, height : float
        In pixels.
    text : str
        What the picture says, for those who do not see it.
    look : str
        Attributes that hold for all parts.

    Returns
    -------
    str
        An ``svg`` element.

    Examples
    --------
    >>> svg_of([], 10, 5, "a < b", look='font-size="9"').split("><")[1]
    'title>a &lt; b</title'
    """
    return (
        f'<svg role="img" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" {look} '
        f'font-family="system-ui, sans-serif"><title>{escape(text)}</title>'
        + "".join(parts)
        + "</svg>"
    )
