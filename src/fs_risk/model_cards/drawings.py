"""Drawings as SVG, in the page's own colours, so that they read in light, dark and print."""

import html
from collections.abc import Sequence

_SIDE, _GAP, _ACROSS = 12, 4, 20
_WIDTH, _LABEL, _ROW = 680, 300, 26
_PLOT = 300


def squares(filled: int, what: str) -> str:
    """Draw a hundred squares, some of them filled.

    Parameters
    ----------
    filled : int
        From 0 to 100.
    what : str
        Letters, for the drawing's own names.

    Returns
    -------
    str
        An ``<svg>`` element without a name of its own: the figure around it has one.

    Examples
    --------
    >>> squares(3, "listed").count('class="on"')
    3
    """
    step = _SIDE + _GAP
    cells = "".join(
        f'<rect class="{"on" if place < filled else "off"}" '
        f'x="{place % _ACROSS * step + 1}" y="{place // _ACROSS * step + 1}" '
        f'width="{_SIDE}" height="{_SIDE}" rx="2"/>'
        for place in range(100)
    )
    return _svg(_ACROSS * step, 100 // _ACROSS * step, cells, f"squares {what}")


def bars(rows: Sequence[tuple[str, float, str]]) -> str:
    """Draw a bar for each row.

    Parameters
    ----------
    rows : sequence of (name, share, text)
        Shares of the longest possible bar, 0 to 1; the text stands at its end.

    Returns
    -------
    str
    """
    room = _WIDTH - _LABEL - 100
    longest = max((share for _, share, _ in rows), default=0.0) or 1.0
    drawn = "".join(
        f'<text class="end" x="{_LABEL - 8}" y="{place * _ROW + 17}">{_clip(name)}</text>'
        f'<rect class="on" x="{_LABEL}" y="{place * _ROW + 5}" '
        f'width="{room * max(share, 0.0) / longest:.1f}" height="{_ROW - 10}"/>'
        f'<text x="{_LABEL + room * max(share, 0.0) / longest + 6:.1f}" '
        f'y="{place * _ROW + 17}">{html.escape(text)}</text>'
        for place, (name, share, text) in enumerate(rows)
    )
    return _svg(_WIDTH, len(rows) * _ROW + 4, drawn, "bars")


def dots(
    rows: Sequence[tuple[str, float | None, float | None, float | None]],
    *,
    line: float | None,
    low: float,
    high: float,
    unit: str,
) -> str:
    """Draw a dot with its interval for each row, on one scale.

    Parameters
    ----------
    rows : sequence of (name, value, low, high)
        Rows without a value are named, and have no dot.
    line : float or None
        Where a line is drawn for comparison.
    low, high : float
        Ends of the scale.
    unit : str
        Said under the scale.

    Returns
    -------
    str
    """
    left, right = _LABEL, _WIDTH - 20
    height = len(rows) * _ROW

    def across(value: float) -> float:
        share = (value - low) / ((high - low) or 1.0)
        return left + (right - left) * min(max(share, 0.0), 1.0)

    parts = [f'<path class="axis" d="M{left} {height}H{right}"/>']
    for tick in _ticks(low, high):
        parts.append(
            f'<path class="axis" d="M{across(tick):.1f} {height}v5"/><text class="mid" '
            f'x="{across(tick):.1f}" y="{height + 20}">{tick:g}</text>'
        )
    if line is not None:
        parts.append(f'<path class="rule" d="M{across(line):.1f} 0V{height}"/>')
    for place, (name, value, start, end) in enumerate(rows):
        middle = place * _ROW + _ROW / 2
        text = f'<text class="end" x="{left - 8}" y="{middle + 4}">{_clip(name)}</text>'
        parts.append(text)
        if value is None:
            continue
        if start is not None and end is not None:
            parts.append(f'<path class="bar" d="M{across(start):.1f} {middle}H{across(end):.1f}"/>')
        parts.append(f'<circle class="on" cx="{across(value):.1f}" cy="{middle}" r="5"/>')
    label = f'<text class="mid" x="{(left + right) / 2}" y="{height + 40}">'
    parts.append(f"{label}{html.escape(unit)}</text>")
    return _svg(_WIDTH, height + 48, "".join(parts), "dots")


def calibration(points: Sequence[tuple[float, float, float | None, float | None]]) -> str:
    """Draw observed against predicted, both in 1,000, beside the line where they are equal.

    Parameters
    ----------
    points : sequence of (predicted, observed, low, high)
        In 1,000.

    Returns
    -------
    str
    """
    ends = [each for point in points for each in point if each is not None]
    top = max([*ends, 1.0]) * 1.05
    left, bottom = 70, _PLOT + 10

    def at(value: float) -> float:
        return _PLOT * min(value, top) / top

    parts = [
        f'<path class="axis" d="M{left} 10V{bottom}H{left + _PLOT}"/>',
        f'<path class="rule" d="M{left} {bottom}L{left + _PLOT} {bottom - _PLOT}"/>',
    ]
    for tick in _ticks(0.0, top):
        parts.append(
            f'<text class="mid" x="{left + at(tick):.1f}" y="{bottom + 18}">{tick:g}</text>'
            f'<text class="end" x="{left - 8}" y="{bottom - at(tick) + 4:.1f}">{tick:g}</text>'
        )
    for predicted, observed, low, high in points:
        x = left + at(predicted)
        if low is not None and high is not None:
            parts.append(
                f'<path class="bar" d="M{x:.1f} {bottom - at(low):.1f}V{bottom - at(high):.1f}"/>'
            )
        parts.append(f'<circle class="on" cx="{x:.1f}" cy="{bottom - at(observed):.1f}" r="5"/>')
    middle = left + _PLOT / 2
    parts.append(
        f'<text class="mid" x="{middle}" y="{bottom + 40}">predicted, in 1,000</text>'
        f'<text class="mid" transform="translate(16 {bottom - _PLOT / 2}) rotate(-90)">'
        "observed, in 1,000</text>"
    )
    return _svg(left + _PLOT + 20, bottom + 48, "".join(parts), "calibration")


def _ticks(low: float, high: float) -> list[float]:
    """Choose about five round places on a scale."""
    span = high - low
    if span <= 0:
        return [low]
    step = next(
        size
        for power in range(-6, 12)
        for size in (1.0 * 10**power, 2.0 * 10**power, 5.0 * 10**power)
        if span / size <= 6
    )
    first = int(-(-low // step))
    return [round(place * step, 9) for place in range(first, int(high // step) + 1)]


def _clip(name: str, most: int = 43) -> str:
    return html.escape(name if len(name) <= most else name[: most - 1] + "…")


def _svg(width: float, height: float, inside: str, name: str) -> str:
    return (
        f'<svg class="{html.escape(name)}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" aria-hidden="true" focusable="false" '
        f'xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    )
