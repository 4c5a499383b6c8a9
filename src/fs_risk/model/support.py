"""How many past cases a score rests on, and when there are too few to give one.

All is counts: no child's row or value is kept. Counts of 1 to 5 are left out, the others
rounded to the nearest 5, and the ends of a feature's range are those that at least six cases
reach.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict

from fs_risk.model.similarity import OBSERVED, QUESTIONS, Asker, Question
from fs_risk.records.suppression import LARGEST_HIDDEN, rounded

FEWEST_SIMILAR = 20
"""Fewer past cases with a similar history than this, and no score is given."""

MOST_UNLIKE = 0.25
"""A larger share of the model's weight on features unlike training, and no score is given."""

BEYOND = 0.1
"""A value is out of range when it is further beyond than this share of the range."""

_NO_CODE = np.zeros(0, dtype=np.int64)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Alike(_Frozen):
    """Past cases by their answers to some questions, and by which windows were observed.

    Attributes
    ----------
    questions : int
        How many of the questions, from the first on, count here.
    codes, counts : tuple of int
        Each combination of answers met in training, and how many cases gave it: rounded
        to the nearest 5, and none of fewer than six.
    """

    questions: int
    codes: tuple[int, ...]
    counts: tuple[int, ...]

    def count(self, code: np.ndarray) -> np.ndarray:
        """Give the number of past cases with each code, 0 where fewer than six."""
        codes, counts = self._arrays
        if not codes.size:
            return np.zeros(len(code), dtype=np.int64)
        place = np.minimum(np.searchsorted(codes, code), codes.size - 1)
        return np.where(codes[place] == code, counts[place], 0)

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray]:
        return np.array(self.codes, dtype=np.int64), np.array(self.counts, dtype=np.int64)


class Reach(_Frozen):
    """What training saw of one feature.

    Attributes
    ----------
    low, high : float or None
        Range that all but five cases at each end are within; None where known in fewer
        than twelve.
    known : bool
        Whether it was known in all cases, or all but five.
    weight : float
        Its share of what the trees gained.
    """

    low: float | None
    high: float | None
    known: bool
    weight: float

    @property
    def limits(self) -> tuple[float, float]:
        """The values beyond which a case is unlike training; infinite where hardly known."""
        if self.low is None or self.high is None:
            return -np.inf, np.inf
        room = BEYOND * (self.high - self.low)
        return self.low - room, self.high + room


class Support(_Frozen):
    """Past cases that a model's scores rest on, as counts.

    Attributes
    ----------
    feature_names : tuple of str
        In the order of the booster's columns.
    questions : tuple of Question
        What makes histories similar, the most telling first.
    observed : tuple of str
        Features whose being known says which windows were observed.
    alike : tuple of Alike
        With all questions first, then without the last one, and so on.
    reaches : tuple of Reach
        Of each feature.
    fewest_similar : int
    most_unlike : float
        The two levels of the rule for giving no score; see `Support.why_not`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> age, earlier = rng.uniform(0, 18, 400), rng.integers(0, 3, 400)
    >>> names = ("child_age_years", "child_referrals_1095d")
    >>> support = Support.fit(np.column_stack([age, earlier]), names, weights=np.ones(2))
    >>> n, alike = support.similar(np.array([[4.0, 1.0], [4.0, 9.0], [np.nan, 1.0]]))
    >>> n.tolist(), alike.tolist()
    ([25, 25, 0], [2, 2, 0])
    >>> support.alike_in_words(2)
    'age, earlier referrals and how far back the records reach'
    >>> support.why_not(np.array([[4.0, 1.0], [99.0, 1.0]]))[1]
    'Half of what the model leans on is missing here, or outside the range that it was fitted on.'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature_names: tuple[str, ...]
    questions: tuple[Question, ...]
    observed: tuple[str, ...]
    alike: tuple[Alike, ...]
    reaches: tuple[Reach, ...]
    fewest_similar: int = FEWEST_SIMILAR
    most_unlike: float = MOST_UNLIKE

    @classmethod
    def fit(
        cls,
        matrix: np.ndarray,
        feature_names: Sequence[str],
        *,
        weights: np.ndarray,
        questions: Sequence[Question] = QUESTIONS,
        observed: Sequence[str] = OBSERVED,
    ) -> Self:
        """Count the cases that a model was fitted on.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)
        feature_names : sequence of str
        weights : ndarray of float, shape (n_features,)
            What the trees gained by each feature, in any unit.
        questions : sequence of Question
            Those that no feature can answer are left out.
        observed : sequence of str
            Those that are no feature, or that training never observed, are left out.

        Returns
        -------
        Support
        """
        names = tuple(feature_names)
        asked = tuple(each for q in questions if (each := q.answered_by(names)).features)
        held = {name for name, column in zip(names, matrix.T, strict=True) if _held(column)}
        seen = tuple(name for name in observed if name in held)
        total = float(np.sum(weights)) or 1.0
        shares = np.asarray(weights, dtype=np.float64) / total
        codes = Asker(names, asked, seen).codes(matrix)
        return cls(
            feature_names=names,
            questions=asked,
            observed=seen,
            alike=tuple(_counted(codes[n], n) for n in range(len(asked), -1, -1)),
            reaches=tuple(
                _reach(column, float(share)) for column, share in zip(matrix.T, shares, strict=True)
            ),
        )

    def similar(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Count past cases with a similar history.

        Alike in every question where at least `fewest_similar` past cases were; otherwise
        in fewer of them, the last left out first. Age and which windows were observed are
        never left out.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)

        Returns
        -------
        n_similar : ndarray of int64, shape (n,)
            To the nearest 5; 0 for fewer than six.
        questions : ndarray of int64, shape (n,)
            How many questions they are alike in.
        """
        found = np.zeros(len(matrix), dtype=np.int64)
        asked = np.zeros(len(matrix), dtype=np.int64)
        few = np.ones(len(matrix), dtype=bool)
        codes = self._asker.codes(matrix)
        for alike in self.alike:
            if alike.questions < min(1, len(self.questions)) or not few.any():
                break
            counts = alike.count(codes[alike.questions])
            found[few], asked[few] = counts[few], alike.questions
            few = found < self.fewest_similar
        asked[found == 0] = 0
        return found, asked

    def unlike(self, matrix: np.ndarray) -> np.ndarray:
        """Give the share of the model's weight on features unlike training.

        A feature is unlike training where it is missing though known there in all cases or
        all but five, or beyond the range that all but five cases were within, by more than
        a tenth of that range.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        low, high, known, weight = self._limits
        beyond = (matrix < low) | (matrix > high) | (np.isnan(matrix) & known)
        share: np.ndarray = beyond @ weight
        return share

    @cached_property
    def _asker(self) -> Asker:
        return Asker(self.feature_names, self.questions, self.observed)

    @cached_property
    def _limits(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        ends = [reach.limits for reach in self.reaches]
        return (
            np.array([low for low, _ in ends]),
            np.array([high for _, high in ends]),
            np.array([reach.known for reach in self.reaches], dtype=bool),
            np.array([reach.weight for reach in self.reaches]),
        )

    def why_not(self, matrix: np.ndarray) -> list[str]:
        """Say for each case why it should get no score, empty where it may (requirement M3).

        An empty history in windows that were observed is a fact, and many past cases share
        it: it gets a score.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)

        Returns
        -------
        list of str
        """
        found, _ = self.similar(matrix)
        return self.why_not_given(matrix, found, self.unlike(matrix))

    def why_not_given(
        self, matrix: np.ndarray, n_similar: np.ndarray, unlike: np.ndarray
    ) -> list[str]:
        """Do the same as `why_not`, from counts and shares at hand.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)
        n_similar, unlike : ndarray, shape (n,)
            As `similar` and `unlike` give them.

        Returns
        -------
        list of str
        """
        none = (n_similar < self.fewest_similar) | (unlike > self.most_unlike)
        why = [""] * len(matrix)
        for place in np.flatnonzero(none):
            why[place] = self._reason(matrix[place : place + 1], float(unlike[place]))
        return why

    def _reason(self, case: np.ndarray, unlike: float) -> str:
        """Say why one case gets no score; what could be put right comes first."""
        if not self._windows_met(case):
            return (
                "The records observe other tables, or other lengths of time, than for the "
                "cases that the model was fitted on."
            )
        if self.questions and self._asker.answers(case, 0)[0] == 0:
            return (
                f"The records and the referral leave one thing open: {self.questions[0].missing}."
            )
        if unlike > self.most_unlike:
            return (
                f"{_portion(unlike)} of what the model leans on is missing here, or outside the "
                "range that it was fitted on."
            )
        return (
            f"It was fitted on fewer than {self.fewest_similar} cases of the same "
            f"{self.questions[0].says} with records that reach as far back."
        )

    def _windows_met(self, matrix: np.ndarray) -> bool:
        code = self._asker.codes(matrix)[0]
        return bool(self.alike[-1].count(code)[0] >= self.fewest_similar)

    def alike_in_words(self, questions: int) -> str:
        """Say what similar cases are alike in.

        Parameters
        ----------
        questions : int

        Returns
        -------
        str
        """
        said = [question.says for question in self.questions[:questions]]
        return " and ".join([", ".join(said), "how far back the records reach"] if said else [""])


def _held(column: np.ndarray) -> bool:
    return bool(np.count_nonzero(~np.isnan(column)) > LARGEST_HIDDEN)


def _counted(code: np.ndarray, questions: int) -> Alike:
    codes, counts = np.unique(code, return_counts=True) if len(code) else (_NO_CODE, _NO_CODE)
    kept = counts > LARGEST_HIDDEN
    return Alike(
        questions=questions,
        codes=tuple(int(each) for each in codes[kept]),
        counts=tuple(int(each) for each in rounded(counts[kept])),
    )


def _reach(column: np.ndarray, weight: float) -> Reach:
    values = column[~np.isnan(column)]
    low = high = None
    if values.size > 2 * LARGEST_HIDDEN + 1:
        ends = [LARGEST_HIDDEN, values.size - 1 - LARGEST_HIDDEN]
        low, high = (float(end) for end in np.partition(values, ends)[ends])
    return Reach(
        low=low,
        high=high,
        known=column.size - values.size <= LARGEST_HIDDEN < values.size,
        weight=weight,
    )


def _portion(share: float) -> str:
    """Say a share of more than a quarter in words."""
    for least, words in ((0.9, "Nearly all"), (0.6, "Most"), (0.4, "Half"), (0.3, "A third")):
        if share >= least:
            return words
    return "More than a quarter"
