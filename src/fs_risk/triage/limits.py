"""The limits of a score: its interval, the past cases it rests on, and why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import expit

from fs_risk.model.certainty import similar_in_words
from fs_risk.model.step_up import StepUpModel

CASES: Mapping[str, str] = MappingProxyType(
    {
        "referral": "referrals",
        "contact": "contacts",
        "open_case": "open cases",
        "closure": "closures",
    }
)
"""What a model's cases are called, by the cohort of its plan."""

_NO_LIMITS: dict[str, Any] = {}


@dataclass(frozen=True)
class Limits:
    """What is to be said of one score besides the score.

    Attributes
    ----------
    why_not : str
        Why there should be no score; empty where there may be one.
    fields : dict
        Of `RiskScore`: ``interval``, ``n_similar`` and how they are said.
    """

    why_not: str
    fields: dict[str, Any]


def limits_of(model: StepUpModel, values: np.ndarray, log_odds: np.ndarray) -> list[Limits]:
    """Give the limits of each case's score.

    Parameters
    ----------
    model : StepUpModel
    values : ndarray of float, shape (n, n_features)
        In the order of the model's features.
    log_odds : ndarray of float, shape (n,)
        Calibrated.

    Returns
    -------
    list of Limits
        Without any, for a model fitted before models had them.
    """
    interval, support = model.facts.interval, model.facts.support
    if interval is None or support is None:
        return [Limits("", _NO_LIMITS)] * len(values)
    found, questions = support.similar(values)
    unlike = support.unlike(values)
    why = support.why_not_given(values, found, unlike)
    ends = interval.bounds(expit(log_odds), unlike=unlike).tolist()
    share, cases = f"{10 * interval.level:g} of 10", CASES[model.plan.cohort]
    words = {number: support.alike_in_words(number) for number in set(questions.tolist())}
    return [
        Limits(
            why[place],
            {
                "interval": (low, high),
                "interval_said": _range_in_words(low, high, f"{share} such {cases}"),
                "n_similar": int(found[place]) or None,
                "similar_said": similar_in_words(int(found[place]), words[int(questions[place])]),
            },
        )
        for place, (low, high) in enumerate(ends)
    ]


def _range_in_words(low: float, high: float, share: str) -> str:
    return (
        "What is recorded, better understood, would put it between "
        f"{_end(low)} and {_end(high)} in 1,000 for {share}."
    )


def _end(probability: float) -> str:
    """Say one end as a count of 1,000, never as certainty (requirement M1)."""
    if probability < 0.01:
        return "fewer than 10"
    if probability > 0.99:
        return "more than 990"
    return f"{1000 * probability:.0f}"
