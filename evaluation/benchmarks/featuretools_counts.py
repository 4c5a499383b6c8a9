"""Windowed counts by featuretools, run by its own interpreter: it needs an older pandas.

Run by ``features.py --featuretools PYTHON``; reads and writes NumPy archives.
"""

import json
import sys
import time

import featuretools as ft
import numpy as np
import pandas as pd


def main(given: str, made: str) -> None:
    """Count for the cases given, time the calculation, and save both."""
    data = np.load(given)
    n_kinds, windows = int(data["n_kinds"]), data["windows"].tolist()
    kinds = [str(kind) for kind in range(n_kinds)]
    events = pd.DataFrame({"child": data["child"], "day": data["day"], "kind": data["kind"]})
    events = events.drop_duplicates(ignore_index=True)
    events["day"] = pd.to_datetime(events["day"], unit="D")
    events["kind"] = events["kind"].astype(str)
    events["event"] = range(len(events))
    children = pd.DataFrame({"child": np.union1d(data["child"], data["case_child"])})
    entities = ft.EntitySet("cases")
    entities.add_dataframe(
        dataframe_name="events",
        dataframe=events,
        index="event",
        time_index="day",
        logical_types={"kind": "Categorical"},
    )
    entities.add_dataframe(dataframe_name="children", dataframe=children, index="child")
    entities.add_relationship("children", "child", "events", "child")
    entities.add_interesting_values(dataframe_name="events", values={"kind": kinds})
    # a window ends with its cut-off time: the day before the case's
    cutoffs = pd.DataFrame(
        {
            "child": data["case_child"],
            "time": pd.to_datetime(data["as_of"] - 1, unit="D"),
            "case": range(len(data["as_of"])),
        }
    )
    counts = np.zeros((len(cutoffs), n_kinds * len(windows)), dtype=np.float32)
    start = time.perf_counter()
    for place, window in enumerate(windows):
        found, _ = ft.dfs(
            entityset=entities,
            target_dataframe_name="children",
            cutoff_time=cutoffs,
            training_window=ft.Timedelta(window, "d"),
            agg_primitives=["count"],
            where_primitives=["count"],
            trans_primitives=[],
            max_depth=1,
            n_jobs=1,
        )
        found = found.set_index("case").sort_index()
        for kind in range(n_kinds):
            column = found[f"COUNT(events WHERE kind = {kind})"]
            counts[:, kind * len(windows) + place] = column.fillna(0)
    seconds = time.perf_counter() - start
    versions = {"featuretools": ft.__version__, "pandas": pd.__version__}
    np.savez(made, counts=counts, seconds=seconds, versions=json.dumps(versions))


if __name__ == "__main__":
    main(*sys.argv[1:])
