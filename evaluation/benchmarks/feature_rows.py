"""The figures of the feature benchmark, put into the form that all benchmarks share."""

from collections.abc import Iterable
from typing import Any

import measured

NAMES = {"polars": "Polars", "duckdb": "DuckDB"}


def rows_of(found: list[dict[str, Any]]) -> Iterable[measured.Row]:
    """Put the figures into the form that all benchmarks share."""
    for one in found:
        if "skipped" in one:
            peer, bar = one.get("peer"), one.get("bar")
            yield measured.row(one["what"], "s", peer=peer, at_least=bar, missing=one["skipped"])
        elif "bars" in one:
            yield from beside_peers(one)
        elif "output MB" in one:
            size = one["output MB"]
            yield measured.row(
                one["what"],
                "MB",
                size * one["times"],
                peer="the output",
                theirs=size,
                slower=True,
                at_most=one["bar"],
            )
        elif "features" in one:
            each = [run * 1_000 / one["features"] for run in one["seconds"]]
            yield measured.row(
                one["what"],
                "ms a feature",
                min(each),
                peer="row (b), a count",
                theirs=min(each) / one["times"],
                ratio=one["times"],
                slower=True,
                at_most=one["bar"],
                repeats=len(each),
            )
        else:
            whole, tenth = one["seconds"]["whole"], one["seconds"]["tenth"]
            yield measured.row(
                one["what"],
                "s",
                min(whole),
                peer="a tenth of the work",
                theirs=min(tenth),
                slower=True,
                at_most=one.get("bar"),
                repeats=len(whole),
                spread=measured.spread(one["times"]["each round"]),
            )


def beside_peers(one: dict[str, Any]) -> Iterable[measured.Row]:
    """Give a row for each peer of a piece of work."""
    ours = one["seconds"]["fs_risk"]
    for peer, bar in one["bars"].items():
        if peer not in one["seconds"]:
            missing = "Polars and DuckDB come with fs-risk[bench]"
            name = NAMES.get(peer, peer)
            yield measured.row(
                one["what"], "s", min(ours), peer=name, at_least=bar, judged="ratio",
                missing=missing, repeats=len(ours),
            )  # fmt: skip
            continue
        yield measured.row(
            one["what"],
            "s",
            min(ours),
            peer=NAMES.get(peer, peer),
            theirs=min(one["seconds"][peer]),
            at_least=bar,
            repeats=len(one["seconds"][peer]),
            spread=measured.spread(one["times fs_risk"][peer]["each round"]),
        )
