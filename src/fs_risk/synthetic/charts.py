"""Drawings of an authority beside the published figures, as SVG text made of numbers."""

from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from fs_risk.records.pictures import svg_of

GOT, TARGET, BAND, INK = "#2f6690", "#b3400a", "#dfe8ef", "#333333"
_ROW, _LABEL, _WIDE = 20, 250, 300
_COLUMN, _TALL = 46, 150


def scaled_rows(names: Sequence[str], places: np.ndarray, notes: Sequence[str], text: str) -> str:
    """Draw measures below each other on the scale of their tolerance.

    Parameters
    ----------
    names : sequence of str
    places : ndarray
        Distance of each from its target, in tolerances; beyond two, an arrow.
    notes : sequence of str
        Written behind each.
    text : str
        What the drawing says, for those who do not see it.

    Returns
    -------
    str
        An ``svg`` element.
    """
    tall = _ROW * len(names) + 24
    middle, unit = _LABEL + _WIDE / 2, _WIDE / 4
    parts = [
        f'<rect x="{middle - unit:g}" y="0" width="{2 * unit:g}" height="{tall - 24}" '
        f'fill="{BAND}"/>',
        _line(middle, 0, middle, tall - 24, TARGET, dash="4 3"),
    ]
    for at, (name, place, note) in enumerate(zip(names, places, notes, strict=True)):
        y = at * _ROW + _ROW / 2
        inside = float(np.clip(place, -2, 2)) if np.isfinite(place) else 0.0
        x = middle + unit * inside
        parts.append(_words(0, y + 4, name))
        if np.isfinite(place):
            parts.append(_dot(x, y) if abs(place) <= 1 else _diamond(x, y))
        parts.append(_words(_LABEL + _WIDE + 10, y + 4, note))
    below = tall - 8
    for place_, word in ((-1, "−1"), (0, "target"), (1, "+1 tolerance")):
        parts.append(_words(middle + unit * place_, below, word, anchor="middle"))
    return _svg(_LABEL + _WIDE + 230, tall, parts, text)


def beside(
    labels: Sequence[str],
    got: np.ndarray,
    target: np.ndarray,
    tolerance: np.ndarray,
    text: str,
    *,
    digits: int = 0,
) -> str:
    """Draw a bar for what was got in each category, and a mark for its target.

    Parameters
    ----------
    labels : sequence of str
    got, target, tolerance : ndarray
        A target's tolerance is drawn as a whisker; NaN draws none.
    text : str
        What the drawing says, for those who do not see it.
    digits : int, default=0
        Decimals of the numbers over the bars.

    Returns
    -------
    str
        An ``svg`` element.
    """
    reach = np.nan_to_num(target + np.nan_to_num(tolerance))
    top = max(float(np.nanmax(np.append(got, reach))), 1e-9)
    parts = []
    base = _TALL + 16

    def height(value: float) -> float:
        return base - _TALL * value / top

    for at, label in enumerate(labels):
        x = at * _COLUMN + 8
        parts.append(
            f'<rect x="{x}" y="{height(got[at]):.1f}" width="22" '
            f'height="{base - height(got[at]):.1f}" fill="{GOT}"/>'
        )
        parts.append(_words(x + 11, height(got[at]) - 3, f"{got[at]:.{digits}f}", anchor="middle"))
        if np.isfinite(target[at]):
            parts += _whisker(x + 31, height, float(target[at]), float(tolerance[at]))
        parts += _label(x + 16, base + 13, label)
    parts.append(_line(0, base, len(labels) * _COLUMN + 8, base, INK))
    return _svg(len(labels) * _COLUMN + 12, base + 34, parts, text)


def _whisker(
    x: float, height: Callable[[float], float], target: float, tolerance: float
) -> list[str]:
    parts = []
    if np.isfinite(tolerance):
        high, low = height(target + tolerance), height(max(target - tolerance, 0.0))
        parts += [
            _line(x, high, x, low, TARGET),
            _line(x - 3, high, x + 3, high, TARGET),
            _line(x - 3, low, x + 3, low, TARGET),
        ]
    y = height(target)
    parts.append(_line(x - 6, y, x + 6, y, TARGET, width=3))
    return parts


def overlap(
    parts_of: Sequence[str], shares: Sequence[tuple[tuple[bool, ...], float]], text: str
) -> str:
    """Draw how often parts occur alone and together: a bar and dots for each combination.

    Parameters
    ----------
    parts_of : sequence of str
        The parts' names.
    shares : sequence of (tuple of bool, float)
        Which parts a combination has, and its share, per cent.
    text : str
        What the drawing says, for those who do not see it.

    Returns
    -------
    str
        An ``svg`` element.
    """
    top = max([share for _, share in shares] + [1e-9])
    left, base, drawn = 170, 116, []
    for row, name in enumerate(parts_of):
        drawn.append(_words(0, base + 26 + row * 20, name))
    for at, (has, share) in enumerate(shares):
        x, tall = left + at * 44, 90 * share / top
        drawn.append(
            f'<rect x="{x}" y="{base - tall:.1f}" width="24" height="{tall:.1f}" fill="{GOT}"/>'
        )
        drawn.append(_words(x + 12, base - tall - 4, f"{share:.1f}", anchor="middle"))
        for row, part in enumerate(has):
            y = base + 22 + row * 20
            fill = GOT if part else "#ffffff"
            drawn.append(f'<circle cx="{x + 12}" cy="{y}" r="5" fill="{fill}" stroke="#777777"/>')
    drawn.append(_line(left - 6, base, left + len(shares) * 44, base, INK))
    return _svg(left + len(shares) * 44 + 10, base + 80, drawn, text)


def _label(x: float, y: float, label: str) -> list[str]:
    """Write a label below a bar, in two lines if it has two words."""
    words = label.split(" ", 1)
    return [_words(x, y + 11 * at, word, anchor="middle") for at, word in enumerate(words)]


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:g}" r="4.5" fill="{GOT}"/>'


def _diamond(x: float, y: float) -> str:
    return f'<path d="M{x:.1f} {y - 7:g}l7 7l-7 7l-7-7z" fill="{TARGET}"/>'


def _line(
    x: float, y: float, x2: float, y2: float, colour: str, *, dash: str = "", width: float = 1
) -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}"{dashes}/>'
    )


def _words(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}"{place}>{escape(text)}</text>'


def _svg(width: float, height: float, parts: Sequence[str], text: str) -> str:
    return svg_of(parts, width, height, text, look='font-size="11"')
