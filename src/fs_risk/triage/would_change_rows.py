"""The rows of features that a child would have, if what is not known were known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from fs_risk.errors import SettingError, nearest
from fs_risk.features.build import FeatureLayout, feature_matrix
from fs_risk.features.cases import Cases
from fs_risk.features.measures import DeclaredSource
from fs_risk.features.newly_learned import (
    Codes,
    days_since_assessed,
    is_current,
    learnt_features,
)
from fs_risk.features.timeline import History
from fs_risk.features.trio import ABUSE, MENTAL_HEALTH, OWN, SUBSTANCES
from fs_risk.records.codes import SOURCE_GROUPS
from fs_risk.records.counts_in_words import count_of
from fs_risk.triage.would_change import ASSESSED, Known, Outlook

OUTSIDE_HOME, SOURCE = "Harm outside the home", "Who made this referral"

TRIO: dict[str, tuple[Codes, ...]] = {
    ABUSE: (("3A",), ("3B",), ("3C",), ("3A", "3B")),
    SUBSTANCES: (("1B",), ("2B",), ("1B", "2B"), ("1C",), ("2C",)),
    MENTAL_HEALTH: (("4B",), ("4C",)),
}
"""What an assessment may record of each area of the trio: whom it is about."""

OTHERS: dict[str, tuple[Codes, ...]] = {
    OWN: (("1A",), ("2A",), ("4A",), ("7A",), ("14A",)),
    OUTSIDE_HOME: (("11A",),),
}
"""What else it may record. Harm found is left out: it and a plan are one judgement."""

NONE_OF_THESE: Codes = ("20",)
"""An assessment that recorded another need: one without any factor is as good as none."""

WHOLE_TRIO: Codes = ("3B", "1B", "2B", "4B")

LEARNABLE = (ASSESSED, *TRIO, *OTHERS, SOURCE)
"""What somebody may come to know."""

_TOGETHER = [
    tuple(code for codes in combined for code in codes)
    for combined in product(*(((), *variants) for variants in TRIO.values()))
    if any(combined)
]
_ALL: tuple[Codes, ...] = tuple(
    dict.fromkeys(
        [
            *_TOGETHER,
            *(codes for variants in OTHERS.values() for codes in variants),
            *((*WHOLE_TRIO, *codes) for variants in OTHERS.values() for codes in variants),
            NONE_OF_THESE,
        ]
    )
)
"""Every assessment that is tried."""

_PLACES: dict[str, tuple[list[int], list[int], list[int]]] = {
    concept: (
        [place for place, codes in enumerate(_ALL) if codes in variants],
        [place for place, codes in enumerate(_ALL) if any(set(v) <= set(codes) for v in variants)],
        [_ALL.index(NONE_OF_THESE)],
    )
    for concept, variants in {**TRIO, **OTHERS}.items()
} | {ASSESSED: ([_ALL.index(NONE_OF_THESE)], [], [])}
"""For each concept: assessments that recorded it alone, with more, and none of these."""


def learnable(concepts: bool | Iterable[str]) -> tuple[str, ...]:
    """Read which things to look at.

    Parameters
    ----------
    concepts : bool or iterable of str

    Returns
    -------
    tuple of str

    Raises
    ------
    SettingError
        If one of them is not to be learned: recorded history happened (requirement E5).
    """
    if isinstance(concepts, bool):
        return LEARNABLE if concepts else ()
    asked = (concepts,) if isinstance(concepts, str) else tuple(concepts)
    refused = [name for name in asked if name not in LEARNABLE]
    if refused:
        raise SettingError(
            f"{len(refused)} of {count_of(len(asked), 'thing')} cannot be newly learned: what "
            "is recorded happened, and is never supposed "
            f"otherwise.{nearest(str(refused[0]), LEARNABLE)}",
            fix=f"Choose among {', '.join(LEARNABLE)}; or True for all.",
        )
    return asked


class OutlooksOf:
    """What a model's scores would be over one history.

    Parameters
    ----------
    history : History
    layout : FeatureLayout
        Of the model's features.
    log_odds_of : callable
        Calibrated log-odds of rows.
    may_score : callable
        Which rows there may be a score for.
    """

    def __init__(
        self,
        history: History,
        layout: FeatureLayout,
        *,
        log_odds_of: Callable[[np.ndarray], np.ndarray],
        may_score: Callable[[np.ndarray], np.ndarray],
    ) -> None:
        self.history, self.layout = history, layout
        self._log_odds_of, self._may_score = log_odds_of, may_score
        self._asks_source = any(isinstance(s.measure, DeclaredSource) for s in layout.specs)

    def of(self, case: Cases, concepts: Sequence[str]) -> tuple[Outlook, ...]:
        """Give the rows for what one case leaves open.

        Parameters
        ----------
        case : Cases
            A single case.
        concepts : sequence of str
            Of `LEARNABLE`.

        Returns
        -------
        tuple of Outlook
        """
        found = self._of_assessment(case, [name for name in concepts if name != SOURCE])
        if SOURCE in concepts and self._asks_source and case.source[0] is None:
            found += self._of_source(case)
        return tuple(found)

    def _of_assessment(self, case: Cases, concepts: Sequence[str]) -> list[Outlook]:
        days = days_since_assessed(self.history, case)
        if not concepts or is_current(days) or self._past_retention(case):
            return []
        rows = learnt_features(self.history, _repeated(case, len(_ALL)), _ALL, self.layout)
        log_odds = np.where(self._may_score(rows), self._log_odds_of(rows), np.nan)
        known: Known = "not assessed" if days is None else "not assessed lately"
        return [
            Outlook(
                concept,
                known,
                *(rows[_lowest_and_highest(log_odds, places)] for places in _PLACES[concept]),
            )
            for concept in concepts
        ]

    def _of_source(self, case: Cases) -> list[Outlook]:
        codes = [group[0] for group in SOURCE_GROUPS.values()]
        cases = replace(_repeated(case, len(codes)), source=np.array(codes, dtype=object))
        rows = feature_matrix(self.history, cases, self.layout)
        log_odds = np.where(self._may_score(rows), self._log_odds_of(rows), np.nan)
        ends = rows[_lowest_and_highest(log_odds, range(len(codes)))]
        return [Outlook(SOURCE, "not declared", ends, rows[:0], rows[:0])]

    def _past_retention(self, case: Cases) -> bool:
        child = int(case.child[0])
        return child >= 0 and bool(self.history.retain[child] < case.day[0])


def _lowest_and_highest(log_odds: np.ndarray, places: Sequence[int]) -> list[int]:
    """Give the places of the lowest and the highest score, of those that there may be."""
    held = [place for place in places if not np.isnan(log_odds[place])]
    if not held:
        return []
    ends = [min(held, key=lambda p: log_odds[p]), max(held, key=lambda p: log_odds[p])]
    return list(dict.fromkeys(ends))


def _repeated(case: Cases, n: int) -> Cases:
    return Cases(
        child=np.repeat(case.child, n),
        day=np.repeat(case.day, n),
        cut=np.repeat(case.cut, n),
        birth=np.repeat(case.birth, n),
        expected=np.repeat(case.expected, n),
        source=np.repeat(case.source, n),
        episode=None if case.episode is None else np.repeat(case.episode, n),
        family=None if case.family is None else np.repeat(case.family, n),
    )
