"""The figures of the scoring benchmark, put into the form that all benchmarks share."""

from collections.abc import Iterable
from typing import Any

import measured


def rows_of(found: dict[str, Any]) -> Iterable[measured.Row]:
    """Put the figures into the form that all benchmarks share."""
    by = found["reference"]
    peer = f"LightGBM's explanation of one row, {by['trees']} trees × {by['leaves']} leaves, "
    peer += f"{by['features']} features"
    for name in ("sized", "shipped"):
        one = found[f"{name} model"]
        yield measured.row(
            f"a warm score, {name} model: {one['trees']} trees of {one['leaves']:g} leaves, "
            f"{one['features']} features",
            "ms, median",
            one["score"]["median ms"],
            peer=peer,
            theirs=one["LightGBM"]["median ms"],
            ratio=one["times LightGBM"],
            slower=True,
            at_most=1.0 if name == "sized" else None,
            repeats=one["n"],
            note=f"99 of 100 within {one['score']['p99 ms']} ms",
        )
    one = found["whole score"]
    yield measured.row(
        "a whole score: interval, unknowns, two others of the household, ledger on disk",
        "ms, 99th per cent",
        one["p99 ms"],
        at_most=100.0,
        repeats=one["n"],
        note=f"median {one['median ms']} ms",
    )
    one = found["new process"]
    for work, key, bar in (
        (
            "a saved history loaded, with what the first score needs, in a new process",
            "load s",
            1.0,
        ),
        (
            "the first score of a new process, import and loading included",
            "first score s, import and load included",
            3.0,
        ),
    ):
        yield measured.row(work, "s, median", one[key], at_most=bar, repeats=one["n"])
    yield batch_row(found["batch"])


def batch_row(one: dict[str, Any]) -> measured.Row:
    """Put the reasons of many rows into the form."""
    if "missing" in one:
        work = "reasons of many rows"
        return measured.row(
            work, "s of processor", peer="shap", at_least=5.0, missing=one["missing"]
        )
    return measured.row(
        f"reasons of {one['rows']:,} rows, by concept, on one thread",
        "s of processor",
        one["s"],
        peer="shap.TreeExplainer",
        theirs=one["shap s, in proportion"],
        ratio=one["times shap"],
        at_least=5.0,
        note=f"shap explained {one['shap rows']:,} of the rows: in proportion",
    )
