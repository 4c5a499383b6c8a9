"""The figures of the demand benchmark, put into the form that all benchmarks share."""

from collections.abc import Iterable
from typing import Any

import measured

SCORES = {
    "mase": "mean absolute scaled error (MASE)",
    "interval_80": "score of the 80 % band, scaled",
    "interval_95": "score of the 95 % band, scaled",
    "coverage_80": "share that the 80 % band holds",
    "coverage_95": "share that the 95 % band holds",
}


def rows_of(found: dict[str, Any]) -> Iterable[measured.Row]:
    """Put the figures into the form that all benchmarks share."""
    if one := found.get("monthly referrals"):
        yield from months(one)
    if one := found.get("annual panel"):
        yield from years(one)
    for one in found.get("12 months of history", ()):
        yield measured.row(
            f"monthly referrals, 12 months known, others' series beside, from {one['origin'][:7]}",
            "MASE",
            one["with the others"],
            peer="last year",
            theirs=one["last year"],
            slower=True,
            note=f"alone {one['alone']}",
        )


def months(one: dict[str, Any]) -> Iterable[measured.Row]:
    """Put monthly referrals into rows, beside the peers that were there."""
    ours, bars = one["rows"]["fs_risk"], one["bars"]
    peers = {name: said for name, said in one["rows"].items() if name != "fs_risk"}
    by_origin = {name: [each[name] for each in one["by_origin"]] for name in SCORES}
    for name, what in SCORES.items():
        beside = ", ".join(f"{peer} {said[name]:.3g}" for peer, said in peers.items())
        yield measured.row(
            f"monthly referrals: {what}",
            "",
            ours[name],
            **within(bars[name]),
            repeats=len(one["by_origin"]),
            spread=measured.spread(by_origin[name]),
            note=beside or None,
        )
    bar = bars["times AutoETS"]
    work = "monthly referrals: all forecasts, bands included"
    if "AutoETS" not in peers:
        missing = "name a Python that has statsforecast, mlforecast and lightgbm with --peers"
        yield measured.row(work, "s of processor", peer="AutoETS", at_most=bar, missing=missing)
        return
    for peer, said in peers.items():
        yield measured.row(
            work,
            "s of processor",
            ours["processor seconds"],
            peer=peer,
            theirs=said["processor seconds"],
            slower=True,
            at_most=bar if peer == "AutoETS" else None,
        )


def years(one: dict[str, Any]) -> Iterable[measured.Row]:
    """Put the annual panel into rows, beside last year's number."""
    bars = one["bars"]
    for each, bar in zip(one["wape"], bars["wape, 1 to 3 years"], strict=True):
        yield measured.row(
            f"annual panel, {ahead(each['h'])}: error as a share (WAPE)",
            "",
            each["ours"],
            peer="last value",
            theirs=each["last value"],
            slower=True,
            at_most=bar,
            judged="ours",
        )
    for each in one["wape, all cells"]:
        yield measured.row(
            f"the same, all cells with four years before, {ahead(each['h'])}",
            "",
            each["ours"],
            peer="last value",
            theirs=each["last value"],
            slower=True,
            judged="ours",
        )
    yield measured.row(
        "annual panel: what the worst target loses against last value",
        "WAPE",
        one["worst target against last value"],
        at_most=bars["worse than last value by"],
    )
    yield measured.row(
        f"annual panel: {SCORES['coverage_80']}", "", one["coverage_80"],
        **within(bars["coverage_80"]),
    )  # fmt: skip


def ahead(years: int) -> str:
    """Say how many years ahead."""
    return f"{years} year{'s' if years > 1 else ''} ahead"


def within(bar: float | list[float]) -> dict[str, float]:
    """Give a bar, or the two ends that a figure must lie between."""
    if isinstance(bar, list):
        return {"at_least": bar[0], "at_most": bar[1]}
    return {"at_most": bar}
