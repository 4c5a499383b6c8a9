"""Gaps over time in words: what is beyond its limit, what is watched, what the last month says."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.disparity_sections import Section, Table, points
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.disclosure import hidden_in_line, is_small
from fs_risk.records.notebook import stamp_of

if TYPE_CHECKING:
    from fs_risk.evaluation.disparity_over_time import GapsOverTime

_SHOWN = 12


def over_time_section(watched: "GapsOverTime", *, picture: bool) -> Section:
    """Lay gaps over time out as a section.

    Parameters
    ----------
    watched : GapsOverTime
    picture : bool
        Whether to draw the gap that comes nearest its limit.

    Returns
    -------
    Section
    """
    last = _latest(watched)
    stamp = stamp_of(watched.origin == "synthetic")
    chance = round(100 * (1 - watched.level))
    lines = [
        f"{stamp}{count_of(len(last), 'gap')} watched month by month, "
        f"{count_of(len(watched.alerts), 'alert')}. The "
        f"chance of any false alert, however long it is watched, is kept to {chance} in 100 over "
        "all of them; a gap within its limit raises none.",
        *(alert.sentence() for alert in watched.alerts),
        "No alert does not say that there is no gap: one of its limit's size may take years of "
        "one authority's cases to show.",
    ]
    shown = last[~last["suppressed"] & last["gap"].notna()]
    shown = shown.sort_values("strongest", ascending=False, kind="stable").head(_SHOWN)
    rows = tuple(
        (
            f"{attribute_words(row.attribute)}: {row.group}",
            str(row.metric).replace("_", " "),
            points(row.gap, row.low, row.high),
            points(row.limit).lstrip("+"),
            str(row.alert) or "none",
        )
        for row in shown.itertuples()
    )
    table = Table(
        "Gaps since the beginning, the nearest to their limits first",
        ("group", "rate", "gap, interval that holds at every look", "limit", "alert"),
        rows,
    )
    svg = ""
    if picture and len(shown):
        from fs_risk.evaluation.disparity_plots import over_time_svg

        first = shown.iloc[0]
        svg = over_time_svg(watched, (first["attribute"], first["group"], first["metric"]))
    return Section("Gaps over time", tuple(lines), (table,) if rows else (), svg)


def _latest(watched: "GapsOverTime") -> pd.DataFrame:
    """Give the last month of each gap; an alert, once raised, stands."""
    keys = ["attribute", "group", "metric"]
    table = watched.table
    last = table.groupby(keys, sort=False).tail(1).set_index(keys)
    raised = {(each.attribute, each.group, each.metric): each.way for each in watched.alerts}
    last["alert"] = [raised.get(key, "") for key in last.index]
    last["strongest"] = last[["evidence_below", "evidence_above"]].max(axis=1)
    last = last.reset_index()
    last["suppressed"] = False
    for _, part in last.groupby(["attribute", "metric"], sort=False):
        last.loc[part.index, "suppressed"] = _hidden(part)
    return last


def _hidden(part: pd.DataFrame) -> np.ndarray:
    """Say which groups of an attribute to hide: small counts, and what would give one away."""
    own = np.stack([part["hits"], part["rows"] - part["hits"]])
    rest = np.stack([part["rest_hits"], part["rest_rows"] - part["rest_hits"]])
    small = np.asarray((is_small(own) | is_small(rest)).any(axis=0))
    return hidden_in_line(part["hits"].to_numpy(dtype=np.float64), small)
