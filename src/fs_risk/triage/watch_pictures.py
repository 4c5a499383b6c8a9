"""Months of a check as a picture: points with their intervals, and the limits as a band."""

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.records.notebook import stamp_of
from fs_risk.triage.watch_words import MEASURES, figure_words

if TYPE_CHECKING:
    from fs_risk.triage.watch_result import DriftCheck

PICTURED = {
    "calibration": "observed_over_expected",
    "volume": "referrals_against_training",
    "abstentions": "without_score",
    "overrides": "override_rate",
    "recording": "share_missing",
}
"""The checks with a picture, and what it is of."""

OF_WHOLE_MONTHS = {"volume"}
"""Checks of a count for a month: of a part of one, chance alone makes it far from the usual."""

_WIDE, _HIGH, _LEFT, _TOP, _BELOW = 640, 200, 52, 10, 34


def months_of(check: "DriftCheck", name: str) -> pd.DataFrame:
    """Give the months of a check that have a figure to be drawn.

    Parameters
    ----------
    check : DriftCheck
    name : str

    Returns
    -------
    DataFrame
        A check in `OF_WHOLE_MONTHS` has only those that are watched from first to last day.
    """
    months = _single_months(check, name)
    whole = ~months["period"].isin(incomplete_months(check, name))
    return months[whole & months["value"].notna()].reset_index(drop=True)


def _single_months(check: "DriftCheck", name: str) -> pd.DataFrame:
    table = check.table
    mine = (table["check"] == name) & (table["measure"] == PICTURED.get(name, ""))
    return table[mine & (table["verdict"] == "") & (table["period"].str.len() == len("yyyy-mm"))]


def incomplete_months(check: "DriftCheck", name: str) -> list[str]:
    """Give the months left out of a picture, since they are watched in part alone.

    Parameters
    ----------
    check : DriftCheck
    name : str

    Returns
    -------
    list of str
        ``yyyy-mm``: the first, the last, both or none; none of a check of shares, whose
        intervals say how few cases a part of a month holds.
    """
    if name not in OF_WHOLE_MONTHS:
        return []
    since, until = pd.Timestamp(check.since), pd.Timestamp(check.until)
    parts = [
        *([since] if not since.is_month_start else []),
        *([until] if not until.is_month_end else []),
    ]
    held = set(_single_months(check, name)["period"])
    return sorted({f"{day:%Y-%m}" for day in parts} & held)


def left_out_words(check: "DriftCheck", name: str) -> str:
    """Say which months are left out of a picture and why; empty where none is.

    Parameters
    ----------
    check : DriftCheck
    name : str
    """
    months = incomplete_months(check, name)
    return f"{' and '.join(months)} left out: watched in part." if months else ""


def picture_text(check: "DriftCheck", name: str) -> str:
    """Say what a picture shows, for those who do not see it.

    Parameters
    ----------
    check : DriftCheck
    name : str
    """
    months = months_of(check, name)
    measure = PICTURED[name]
    values = [figure_words(measure, value) for value in (months["value"].min(),
              months["value"].max(), months["value"].iloc[-1])]  # fmt: skip
    said = (
        f"{_measured(months, name)}, by month: from {values[0]} to "
        f"{values[1]}; in {months['period'].iloc[-1]} {values[2]}."
    )
    return f"{said} {left_out_words(check, name)}".rstrip()


def _measured(months: pd.DataFrame, name: str) -> str:
    """Say what a picture is of; the column where it is of one."""
    said = MEASURES[PICTURED[name]]
    of = ", ".join(group for group in months["group"].unique() if group)
    return f"{said[:1].upper()}{said[1:]}" + (f" ({of})" if of else "")


def months_svg(check: "DriftCheck", name: str) -> str:
    """Draw the months of a check.

    Parameters
    ----------
    check : DriftCheck
    name : str

    Returns
    -------
    str
        An ``<svg>`` element in the page's own colours; empty with fewer than two months.
    """
    months = months_of(check, name)
    if len(months) < 2:
        return ""
    measure = PICTURED[name]
    tops = months[["value", "high", "limit_high"]].max().replace([np.inf], np.nan)
    top = 1.08 * float(np.nanmax([*tops, 0.05]))
    if measure == "observed_over_expected":
        top = min(top, 1.6 * float(np.nanmax([months["value"].max(), tops["limit_high"]])))
    place = {month: at for at, month in enumerate(_all_months(months))}
    step = (_WIDE - _LEFT - 8) / max(len(place), 1)

    def x(month: str) -> float:
        return _LEFT + (place[month] + 0.5) * step

    def y(value: float) -> float:
        return _TOP + _HIGH * (1 - min(value, top) / top)

    title = escape(picture_text(check, name))
    parts = [
        f"<title>{title}</title>",
        *_limits(months, y),
        *_axes(list(place), x, y, top, measure),
    ]
    for row in months.itertuples():
        if row.low == row.low:
            line = f"M{x(row.period):.1f} {y(row.low):.1f}V{y(row.high):.1f}"
            parts.append(f'<path class="whisker" d="{line}"/>')
        parts.append(_point(row, x(row.period), y(row.value)))
    size = f"0 0 {_WIDE} {_HIGH + _TOP + _BELOW}"
    return f'<svg role="img" viewBox="{size}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'


def _point(row: Any, x: float, y: float) -> str:
    """Draw a month: a dot, or a diamond where even its interval is beyond the limits."""
    if row.low > row.limit_high or row.high < row.limit_low:
        return f'<path class="beyond" d="M{x - 5:.1f} {y:.1f}l5 -5l5 5l-5 5z"/>'
    return f'<circle class="within" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'


def _limits(months: pd.DataFrame, y: Any) -> list[str]:
    low, high = months["limit_low"].iloc[0], months["limit_high"].iloc[0]
    if high != high:
        return []
    upper, lower = y(high), y(0.0 if low != low else low)
    return [
        f'<rect class="limits" x="{_LEFT}" y="{upper:.1f}" width="{_WIDE - _LEFT - 8}" '
        f'height="{lower - upper:.1f}"/>'
    ]


def _axes(months: list[str], x: Any, y: Any, top: float, measure: str) -> list[str]:
    ticks = [step for step in np.arange(0.0, top, _round_step(top)) if step < 0.97 * top]
    parts = [
        f'<path class="line" d="M{_LEFT} {y(tick):.1f}H{_WIDE - 8}"/>'
        f'<text x="{_LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">'
        f"{figure_words(measure, tick)}</text>"
        for tick in ticks
    ]
    every = max(1, round(len(months) / 8))
    parts += [
        f'<text x="{x(month):.1f}" y="{_HIGH + _TOP + 20}" text-anchor="middle">{month}</text>'
        for at, month in enumerate(months)
        if at % every == 0 and at + every // 2 < len(months)
    ]
    return parts


def _round_step(top: float) -> float:
    """Choose a step of 1, 2 or 5 times a power of ten that gives about five."""
    rough = top / 5
    power = 10.0 ** np.floor(np.log10(rough))
    return float(power * min((1, 2, 5, 10), key=lambda by: abs(by * power - rough)))


def _all_months(months: pd.DataFrame) -> list[str]:
    first, last = months["period"].iloc[0], months["period"].iloc[-1]
    return [str(month) for month in pd.period_range(first, last, freq="M")]


def _of(months: pd.DataFrame, left_out: str) -> str:
    n = months["n"].dropna()
    of = f"n {n.min():,.0f} to {n.max():,.0f} in a month" if len(n) else "n hidden"
    return f"{of}\n{left_out}".rstrip()


def _drawn_instead(check: "DriftCheck") -> str:
    drawn = [name for name in PICTURED if not months_of(check, name).empty]
    return f"Choose one of: {', '.join(drawn)}." if drawn else "Watch more months."


def plot_months(check: "DriftCheck", name: str, ax: Any) -> Any:
    """Plot the months of a check with its limits; see `DriftCheck.plot`.

    Raises
    ------
    SettingError
        If the check has no monthly figures of that name that may be shown.
    """
    from fs_risk.records.axes import COLOURS, new_axes

    if name not in PICTURED or months_of(check, name).empty:
        raise SettingError(
            "The check has no monthly figures that may be shown.",
            where="DriftCheck.plot",
            fix=_drawn_instead(check),
        )
    months, ax = months_of(check, name), new_axes(ax)
    low, high = months["limit_low"].iloc[0], months["limit_high"].iloc[0]
    if pd.notna(high):
        ax.axhspan(0.0 if pd.isna(low) else low, high, color="0.92", label="limits")
    every = _all_months(months)
    at = months["period"].map({month: place for place, month in enumerate(every)})
    ends = [(months["value"] - months["low"]).clip(lower=0), (months["high"] - months["value"])]
    ax.errorbar(at, months["value"], yerr=[ends[0].fillna(0), ends[1].clip(lower=0).fillna(0)],
                fmt="o", color=COLOURS[0], capsize=2)  # fmt: skip
    stamp = stamp_of(check.synthetic)
    ax.set(
        title=f"{stamp}{_measured(months, name)}\n{_of(months, left_out_words(check, name))}",
        xticks=range(len(every)), xticklabels=every, xlabel="month",
        ylabel="95 % interval; band: limits" if months["low"].notna().any() else "band: limits",
        ylim=(0, None),
    )  # fmt: skip
    ax.tick_params(axis="x", rotation=90, labelsize="small")
    return ax
