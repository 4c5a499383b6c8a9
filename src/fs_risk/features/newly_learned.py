"""Features as they would be had the child's latest assessment recorded certain factors.

The facts are put among those that a case sees, before any feature is computed: every
feature that reads assessments then agrees with every other, as in records that hold them.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np

from fs_risk.features.build import FeatureLayout, features_in_sight
from fs_risk.features.cases import Cases
from fs_risk.features.measures import CURRENT_DAYS
from fs_risk.features.sight import Sight, What
from fs_risk.features.stream_rows import factor_mask
from fs_risk.features.streams import STREAMS
from fs_risk.features.timeline import Facts, History

Codes = tuple[str, ...]
"""Factor codes recorded on one assessment."""


class LearntSight(Sight):
    """What each case sees, and one assessment more, begun and authorised on the last day seen.

    Parameters
    ----------
    history : History
    cases : Cases
    found : sequence of tuple of str
        The factors that it recorded, for each case.
    """

    def __init__(self, history: History, cases: Cases, found: Sequence[Codes]) -> None:
        super().__init__(history, cases)
        self._found_there = tuple(found)

    def _gathered(self, what: What, whom: str) -> Facts:
        facts = super()._gathered(what, whom)
        if whom != "child":
            return facts
        if what == "assessments":
            masks = np.array([factor_mask(codes) for codes in self._found_there], dtype=np.uint64)
            return _with(facts, self._rows(self.key, np.zeros_like(self.key), 4), masks)
        kinds = [_kinds(codes, what == "spells") for codes in self._found_there]
        case = np.repeat(self.key, [len(each) for each in kinds])
        kind = np.array([number for each in kinds for number in each], dtype=np.int32)
        return _with(facts, self._rows(case, kind, len(facts.rows.T)), facts.mask)

    def _rows(self, case: np.ndarray, kind: np.ndarray, n_columns: int) -> np.ndarray:
        """Lay the facts out as `Facts.rows`; one with an end ended on the day it began."""
        rows = np.empty((n_columns, case.size), dtype=np.int32)
        rows[:] = self.cases.cut[case] - 1
        rows[2], rows[3] = case, kind
        return rows


def learnt_features(
    history: History, cases: Cases, found: Sequence[Codes], layout: FeatureLayout
) -> np.ndarray:
    """Compute features as if the latest assessment of each case had recorded factors.

    Parameters
    ----------
    history : History
    cases : Cases
    found : sequence of tuple of str
        Factor codes, for each case; at least one of a case.
    layout : FeatureLayout

    Returns
    -------
    ndarray of float32, shape (n_cases, n_features)
    """
    return features_in_sight(LearntSight(history, cases, found), layout)


def days_since_assessed(history: History, case: Cases) -> int | None:
    """Give the days since the latest assessment with factors that one case sees.

    Parameters
    ----------
    history : History
    case : Cases
        A single case.

    Returns
    -------
    int or None
        None where it sees none.
    """
    days = Sight(history, case).facts("assessments", "child").day
    return int(case.day[0] - days.max()) if days.size else None


def is_current(days: int | None) -> bool:
    """Tell whether an assessment so many days before is still current."""
    return days is not None and days <= CURRENT_DAYS


@cache
def _kinds(codes: Codes, spells: bool) -> tuple[int, ...]:
    """Give the numbers of the streams that an assessment with these factors belongs to."""
    return tuple(
        number
        for number, stream in enumerate(STREAMS.values())
        if stream.table == "assessments"
        and stream.whose_end == spells
        # begun and authorised on one day, it is not late
        and not stream.late
        and (not stream.factors or set(stream.factors) & set(codes))
    )


def _with(facts: Facts, added: np.ndarray, masks: np.ndarray) -> Facts:
    """Put facts among those of each case, in the order of days."""
    rows = np.concatenate([facts.rows.T, added], axis=1)
    order = np.lexsort((rows[0], rows[2]))
    held = np.bincount(rows[2], minlength=facts.starts.size - 1)
    starts = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    mask = np.concatenate([facts.mask, masks])[order] if masks.size else masks
    return Facts(starts, np.ascontiguousarray(rows[:, order]).T, mask)
