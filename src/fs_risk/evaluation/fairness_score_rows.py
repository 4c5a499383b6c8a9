"""Rows of an audit's table that are about scores over all thresholds."""

from typing import Any

import numpy as np
import pandas as pd

from fs_risk.evaluation.fairness_cells import Audited
from fs_risk.evaluation.fairness_scores import (
    EXPOSURE,
    MEAN_GAP,
    ScoreFigure,
    measures_of,
    place_on_list,
    score_figure,
    two_sided,
)
from fs_risk.evaluation.fairness_table import (
    EXPLORED,
    NO_GAP,
    NOT_ENOUGH,
    WORTH_A_LOOK,
    Settings,
)
from fs_risk.records.many_tests import benjamini_hochberg

_WHOLE = (MEAN_GAP, EXPOSURE)
"""Measures of all rows; the others need rows with and without the outcome."""


_COLUMNS = [
    *("attribute", "group", "metric", "value", "low", "high", "of", "n", "positives", "rest"),
    *("difference", "difference_low", "difference_high", "ratio", "p"),
]


def score_rows(audited: Audited, settings: Settings) -> pd.DataFrame:
    """Give the rows of measures of the scores, for the groups of each attribute.

    Parameters
    ----------
    audited : Audited
    settings : Settings

    Returns
    -------
    DataFrame
        With the columns of `list_rows` that apply.
    """
    groups, everyone = audited.counts
    rest = groups.rest(everyone)
    exposure = place_on_list(audited.score, audited.period)
    rows: list[dict[str, Any]] = []
    slots = audited.groups.group_of
    for group in np.flatnonzero(audited.groups.main):
        inside = slots[:, audited.groups.slot[group]][audited.groups.cell] == group
        n = float((groups.tp + groups.fp + groups.fn + groups.tn)[group])
        positives = float((groups.tp + groups.fn)[group])
        both = min(positives, n - positives, *_sides(rest, int(group))) >= settings.fewest
        for measure in measures_of(audited.score):
            enough = both or (measure in _WHOLE and n >= settings.fewest)
            row = _row(audited, settings, inside, measure, exposure) if enough else {}
            rows.append(
                {
                    "attribute": audited.groups.slots[audited.groups.slot[group]],
                    "group": audited.groups.level[group],
                    "metric": measure,
                    "of": n,
                    "n": n,
                    "positives": positives,
                    **row,
                }
            )
    return _judged(pd.DataFrame(rows, columns=_COLUMNS), settings)


def _sides(rest: Any, group: int) -> tuple[float, float]:
    return float((rest.tp + rest.fn)[group]), float((rest.fp + rest.tn)[group])


def _row(
    audited: Audited, settings: Settings, inside: np.ndarray, measure: str, exposure: np.ndarray
) -> dict[str, float]:
    found: ScoreFigure = score_figure(audited, inside, measure, settings.z, exposure)
    ratio = found.value / found.rest if measure == EXPOSURE and found.rest else np.nan
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "rest": found.rest,
        "difference": found.gap,
        "difference_low": found.gap - settings.z * found.gap_error,
        "difference_high": found.gap + settings.z * found.gap_error,
        "ratio": ratio,
        "p": two_sided(found),
    }


def _judged(frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Adjust p-values and put verdicts in words; two groups that make up all are asked once."""
    sizes = frame.groupby(["attribute", "metric"])["group"].transform("size")
    again = (sizes == 2) & frame.duplicated(["attribute", "metric"])
    asked = frame["p"].notna() & ~again
    adjusted = pd.Series(np.nan, index=frame.index)
    if asked.any():
        adjusted[asked] = benjamini_hochberg(frame.loc[asked, "p"].to_numpy())
    first = adjusted.groupby([frame["attribute"], frame["metric"]]).transform("first")
    adjusted = adjusted.mask(again & frame["p"].notna(), first)
    verdict = np.where(
        adjusted.isna(), NOT_ENOUGH, np.where(adjusted <= 1 - settings.level, WORTH_A_LOOK, NO_GAP)
    )
    return frame.assign(adjusted_p=adjusted, family=EXPLORED, verdict=verdict)
