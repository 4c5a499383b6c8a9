"""An audit's list as a fairlearn MetricFrame; the door to fairlearn, loaded when asked for."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError, nearest
from fs_risk.evaluation.fairness_cells import Audited
from fs_risk.records.counts_in_words import out_of

if TYPE_CHECKING:
    from fairlearn.metrics import MetricFrame


def make_metric_frame(
    audited: Audited,
    metrics: Mapping[str, Callable[..., Any]] | None,
    attributes: list[str] | None,
) -> "MetricFrame":
    """Lay the labelled rows and the list out as fairlearn takes them.

    Parameters
    ----------
    audited : Audited
    metrics : mapping of str to callable, optional
    attributes : list of str, optional

    Returns
    -------
    fairlearn.metrics.MetricFrame

    Raises
    ------
    AuditError
        If an attribute was not audited.
    """
    from fairlearn.metrics import MetricFrame

    slots = audited.groups.slots[: audited.groups.n_attributes]
    chosen = list(attributes or slots[:1])
    unknown = [name for name in chosen if name not in slots]
    if unknown:
        raise AuditError(
            f"{out_of(len(unknown), len(chosen), 'attribute', does='was', do='were')} not audited."
            + nearest(unknown[0], slots),
            where="attributes",
            fix=f"Choose among {', '.join(slots)}.",
        )
    metrics = dict(metrics or _rates())
    rows, listed, weight = _rows(audited)
    return MetricFrame(
        metrics=metrics,
        y_true=audited.label[rows].astype(np.int64),
        y_pred=listed.astype(np.int64),
        sensitive_features=pd.DataFrame(
            {name: _levels(audited, slots.index(name))[rows] for name in chosen}
        ),
        sample_params={name: {"sample_weight": weight} for name in metrics},
    )


def _rates() -> dict[str, Callable[..., Any]]:
    from fairlearn.metrics import (
        false_negative_rate,
        false_positive_rate,
        selection_rate,
        true_positive_rate,
    )
    from sklearn.metrics import precision_score

    def precision(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Give precision; NaN where nobody is listed."""
        return precision_score(y_true, y_pred, sample_weight=sample_weight, zero_division=np.nan)

    return {
        "selection_rate": selection_rate,
        "recall": true_positive_rate,
        "precision": precision,
        "false_positive_rate": false_positive_rate,
        "false_negative_rate": false_negative_rate,
    }


def _levels(audited: Audited, slot: int) -> np.ndarray:
    levels: np.ndarray = audited.groups.level[audited.groups.group_of[audited.groups.cell, slot]]
    return levels


def _rows(audited: Audited) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give labelled rows, whether each stands for being listed, and with what weight."""
    rows = np.flatnonzero(audited.labelled)
    share = audited.share[rows]
    tied = (share > 0) & (share < 1)
    twice = np.r_[rows, rows[tied]]
    listed = np.r_[share > 0, np.zeros(int(tied.sum()), dtype=bool)]
    weight = np.r_[np.where(tied, share, 1.0), 1 - share[tied]]
    return twice, listed, weight
