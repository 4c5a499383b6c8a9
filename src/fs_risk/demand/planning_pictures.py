"""Charts of the planning page as SVG: a fan of months, a waterfall of flows."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_waterfall import bars
from fs_risk.demand.planning_words import change, count
from fs_risk.records.days_in_words import month_words

WIDTH, HEIGHT = 660, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 34

DASHES = ("7 3", "2 3", "9 3 2 3", "4 2", "1 2")
"""One for each scenario: lines are told apart without colour."""


def fan_svg(
    past: pd.DataFrame,
    table: pd.DataFrame,
    text: str,
    *,
    others: Mapping[str, np.ndarray] | None = None,
) -> str:
    """Draw what was observed, the median with its two bands, and medians of scenarios.

    Parameters
    ----------
    past : DataFrame
        ``ds`` and ``y``, by period; NaN leaves a gap.
    table : DataFrame
        ``ds``, ``median``, ``lo-80``, ``hi-80``, ``lo-95``, ``hi-95``.
    text : str
        What the picture shows, for those who do not see it.
    others : mapping of str to ndarray of float64, shape (horizon,), optional
        Medians of scenarios by name.

    Returns
    -------
    str
        An ``svg`` element whose colours are the page's.
    """
    lines = dict(others or {})
    days = [*past["ds"], *table["ds"]]
    values = [past["y"], table["hi-95"], *lines.values()]
    peak = max(float(np.nanmax(each)) for each in values if np.isfinite(each).any())
    step, top = _scale(peak)
    across = _across(len(days))
    ahead = across[len(past) :]
    parts = _grid(step, top)
    for level in ("95", "80"):
        ends = [_points(ahead, table[f"{end}-{level}"], top) for end in ("lo", "hi")]
        parts.append(f'<polygon class="band{level}" points="{ends[0]} {_backwards(ends[1])}"/>')
    parts += _observed(across[: len(past)], past["y"].to_numpy(dtype=np.float64), top)
    parts.append(_line("median", ahead, table["median"], top))
    for dash, line in zip(DASHES, lines.values(), strict=False):
        parts.append(_line("scenario", ahead, line, top, dash))
    return _svg(parts + _years(days, across), text)


def waterfall_svg(table: pd.DataFrame, text: str) -> str:
    """Draw a waterfall, what goes hatched.

    Parameters
    ----------
    table : DataFrame
        As `fs_risk.demand.caseload_waterfall.waterfall` gives it.
    text : str
        What the picture shows, for those who do not see it.

    Returns
    -------
    str
    """
    begin, end = bars(table)
    step, top = _scale(float(max(begin.max(), end.max())))
    wide = (WIDTH - LEFT - RIGHT) / len(table)
    parts = _grid(step, top)
    for place, row in enumerate(table.to_dict("records")):
        high, low = (_up(edge(begin[place], end[place]), top) for edge in (max, min))
        x = LEFT + place * wide + 0.14 * wide
        parts.append(f'<rect class="{row["kind"]}" x="{x:.1f}" y="{high:.1f}" '
                     f'width="{0.72 * wide:.1f}" height="{max(low - high, 1):.1f}"/>')  # fmt: skip
        middle = LEFT + (place + 0.5) * wide
        flow = row["kind"] in ("in", "out")
        said = change(row["mean"]) if flow else count(row["mean"])
        parts.append(_words(said, middle, high - 4, "middle"))
        parts += [_words(words, middle, HEIGHT - BOTTOM + 13 * line, "middle", "below")
                  for line, words in enumerate(_in_lines(row["step"]), 1)]  # fmt: skip
    return _svg(parts, text, deeper=30)


def _svg(parts: Sequence[str], text: str, deeper: int = 0) -> str:
    box = f"0 0 {WIDTH} {HEIGHT + deeper}"
    hatch = ('<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
             'patternTransform="rotate(45)"><rect class="hatched" width="6" height="6"/>'
             '<line class="hatching" y2="6"/></pattern></defs>')  # fmt: skip
    pattern = hatch if deeper else ""
    return (f'<svg role="img" aria-label="{escape(text)}" viewBox="{box}">{pattern}'
            f"{''.join(parts)}</svg>")  # fmt: skip


def _scale(peak: float) -> tuple[float, float]:
    """Give a round step between lines and the top of the scale, for four or five lines."""
    peak = max(peak * 1.06, 4.0)
    power = 10 ** np.floor(np.log10(peak / 4))
    sizes = (1, 2, 5, 10) if power < 10 else (1, 2, 2.5, 5, 10)
    step = max(float(next(power * size for size in sizes if power * size * 5 >= peak)), 1.0)
    return step, step * float(np.ceil(peak / step))


def _grid(step: float, top: float) -> list[str]:
    parts = []
    for value in np.arange(0, top + step / 2, step):
        y = _up(value, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" '
                     f'y2="{y:.1f}"/>')  # fmt: skip
        parts.append(_words(f"{value:,.0f}", LEFT - 6, y + 4, "end"))
    return parts


def _across(n: int) -> np.ndarray:
    return LEFT + (WIDTH - LEFT - RIGHT) * (np.arange(n) + 0.5) / n


def _up(value: float, top: float) -> float:
    return float(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top)


def _points(across: np.ndarray, values: pd.Series | np.ndarray, top: float) -> str:
    pairs = zip(across, np.asarray(values, dtype=np.float64), strict=True)
    return " ".join(f"{x:.1f},{_up(y, top):.1f}" for x, y in pairs)


def _backwards(points: str) -> str:
    return " ".join(points.split(" ")[::-1])


def _line(
    name: str, across: np.ndarray, values: pd.Series | np.ndarray, top: float, dash: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline class="{name}"{dashed} points="{_points(across, values, top)}"/>'


def _observed(across: np.ndarray, values: np.ndarray, top: float) -> list[str]:
    """Draw the stretches that were observed; a gap stays a gap."""
    known = np.isfinite(values)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
    return [_line("observed", across[first:last], values[first:last], top)
            for first, last in edges.reshape(-1, 2)]  # fmt: skip


def _years(days: Sequence[pd.Timestamp], across: np.ndarray) -> list[str]:
    """Mark the first period of each calendar year, of each quarter where there are few years."""
    quarters = days[0].year + 2 > days[-1].year
    parts_of = [_part(day, quarters) for day in days]
    starts = [place for place, own in enumerate(parts_of)
              if place == 0 or own != parts_of[place - 1]]  # fmt: skip
    every = 1 + len(starts) // 12
    parts = []
    for place in starts[1 if len(starts) > 1 and starts[1] < 6 else 0 :: every]:
        x = across[place]
        parts.append(f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{HEIGHT - BOTTOM}" '
                     f'y2="{HEIGHT - BOTTOM + 5}"/>')  # fmt: skip
        said = month_words(days[place], short=True)
        parts.append(_words(said, x, HEIGHT - BOTTOM + 18, "middle"))
    return parts


def _part(day: pd.Timestamp, quarters: bool) -> tuple[int, int]:
    return day.year, day.quarter if quarters else 1


def _words(words: str, x: float, y: float, anchor: str, name: str = "") -> str:
    at = min(max(x, 4.0), WIDTH - 30.0) if anchor == "middle" else x
    kind = f' class="{name}"' if name else ""
    return f'<text{kind} x="{at:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _in_lines(words: str) -> list[str]:
    """Break words into short lines, to stand below a bar."""
    lines = [""]
    for word in words.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) > 8:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
