"""What makes two histories similar: a few questions that a social worker would ask of both."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict


class Question(BaseModel):
    """One question about a case's history, answered by features.

    Attributes
    ----------
    says : str
        What it asks about, to follow "alike in".
    features : tuple of str
        The largest of them that is known is the answer.
    from_on : tuple of float
        Where each answer after the first begins.
    answers : tuple of str
        In words, from the lowest.
    missing : str
        The answer where none of the features is known.
    first_where : str
        A feature that is 1 where the first answer holds, whatever the others say; empty
        where there is none.

    Examples
    --------
    >>> QUESTIONS[0].answers[0], QUESTIONS[0].missing
    ('unborn or under 1', 'age not known')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str
    features: tuple[str, ...]
    from_on: tuple[float, ...]
    answers: tuple[str, ...]
    missing: str
    first_where: str = ""

    def answered_by(self, feature_names: Sequence[str]) -> "Question":
        """Give the same question, put to those of its features that there are."""
        held = tuple(name for name in self.features if name in feature_names)
        return self.model_copy(update={"features": held})


QUESTIONS: tuple[Question, ...] = (
    Question(
        says="age",
        features=("child_age_years",),
        from_on=(1.0, 5.0, 10.0, 16.0),
        answers=("unborn or under 1", "1 to 4", "5 to 9", "10 to 15", "16 or 17"),
        missing="age not known",
        first_where="child_unborn",
    ),
    Question(
        says="earlier referrals",
        features=("child_referrals_1095d",),
        from_on=(1.0, 2.0),
        answers=("none in three years", "one", "two or more"),
        missing="not observed for three years",
    ),
    Question(
        says="what the last assessment recorded of the trio",
        features=("child_trio_areas_current_365d",),
        from_on=(1.0, 2.0),
        answers=("none of the trio", "one area", "two or three areas"),
        missing="not assessed within a year",
    ),
    Question(
        says="earlier enquiries, plans and care",
        features=(
            "child_section47_1095d",
            "child_cp_plan_starts_1095d",
            "child_care_starts_1095d",
        ),
        from_on=(1.0,),
        answers=("none in three years", "some"),
        missing="not observed for three years",
    ),
)
"""The most telling first: when there are too few past cases, the last is left out first."""

OBSERVED: tuple[str, ...] = (
    "child_contacts_365d",
    "child_contacts_1095d",
    "child_referrals_365d",
    "child_referrals_1095d",
    "child_assessments_365d",
    "child_assessments_1095d",
    "child_section47_365d",
    "child_section47_1095d",
    "child_cp_plan_starts_365d",
    "child_cp_plan_starts_1095d",
    "child_care_starts_1095d",
    "child_missing_365d",
    "child_early_help_starts_365d",
    "child_early_help_starts_1095d",
    "siblings_number",
    "siblings_referrals_365d",
)
"""Counts that are missing only where their window was not wholly observed."""


class Asker:
    """The questions put to cases whose features are in a known order.

    Parameters
    ----------
    feature_names : sequence of str
        Of the columns.
    questions : sequence of Question
    observed : sequence of str
        Features whose being known says which windows were observed.

    Examples
    --------
    >>> names = ("child_age_years", "child_contacts_365d")
    >>> asker = Asker(names, QUESTIONS[:1], ("child_contacts_365d",))
    >>> windows, and_age = asker.codes(np.array([[7.0, 2.0], [8.0, 0.0], [7.0, np.nan]]))
    >>> windows.tolist(), and_age.tolist()
    ([1, 1, 0], [9, 9, 3])
    """

    def __init__(
        self, feature_names: Sequence[str], questions: Sequence[Question], observed: Sequence[str]
    ) -> None:
        place = {name: number for number, name in enumerate(feature_names)}
        self._seen = np.array([place[name] for name in observed], dtype=np.intp)
        self._bits = np.int64(1) << np.arange(len(observed), dtype=np.int64)
        self._asked = [
            (
                np.array([place[name] for name in question.features], dtype=np.intp),
                np.array(question.from_on),
                place.get(question.first_where),
                len(question.answers) + 1,
            )
            for question in questions
        ]

    def codes(self, matrix: np.ndarray) -> list[np.ndarray]:
        """Give each case one number for its answers and for which windows were observed.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)

        Returns
        -------
        list of ndarray of int64, shape (n,)
            For no question, the first one, the first two, and so on: the same number for
            cases that are alike in these, and for no others.
        """
        code = ~np.isnan(matrix[:, self._seen]) @ self._bits
        codes = [code]
        for number in range(len(self._asked)):
            code = code * self._asked[number][-1] + self.answers(matrix, number)
            codes.append(code)
        return codes

    def answers(self, matrix: np.ndarray, question: int) -> np.ndarray:
        """Give the number of each case's answer to one question.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)
        question : int

        Returns
        -------
        ndarray of int64, shape (n,)
            0 where missing, then from 1 on in the order of the question's answers.
        """
        columns, from_on, first, _ = self._asked[question]
        largest = np.fmax.reduce(matrix[:, columns], axis=1)
        place = np.asarray(np.searchsorted(from_on, largest, side="right")) + 1
        place[np.isnan(largest)] = 0
        if first is not None:
            place[matrix[:, first] == 1] = 1
        return place
