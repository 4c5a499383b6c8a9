"""The ICO's six types of explanation, of the model as a whole and where each case's is found.

References
----------
.. [1] Information Commissioner's Office and The Alan Turing Institute, Explaining decisions
   made with AI: rationale, responsibility, data, fairness, safety and performance, impact.
"""

from fs_risk.model_cards.answers import TO_BE_WRITTEN
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.words import counted, groups_words, of_100, spread
from fs_risk.records.counts_in_words import count_of

TYPES = (
    "rationale",
    "responsibility",
    "data",
    "fairness",
    "safety and performance",
    "impact",
)


def six_explanations(card: ModelCard) -> dict[str, tuple[str, ...]]:
    """Give the six types of explanation, in sentences.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    dict of str to tuple of str
        Each type's first sentences say what holds for the model, its last where the
        explanation of a single score is found.
    """
    made = (
        _rationale(card),
        _responsibility(card),
        _data(card),
        _fairness(card),
        _performance(card),
        _impact(card),
    )
    return dict(zip(TYPES, made, strict=True))


def _said(answer: str | None) -> str:
    return TO_BE_WRITTEN if answer is None else answer


def _rationale(card: ModelCard) -> tuple[str, ...]:
    heaviest = ", ".join(each.concept for each in card.explanation.drivers[:3])
    rising = sum(each.monotone > 0 for each in card.features)
    falling = sum(each.monotone < 0 for each in card.features)
    return (
        f"The model is {card.explanation.model_type}. It leans most on: {heaviest}.",
        f"Of {count_of(len(card.features), 'feature')}, {rising} can only raise a score as they "
        f"grow and {falling} can only lower it.",
        "For a single score: its worries and strengths, in words, with the dated facts behind "
        "each; they sum exactly to the score.",
    )


def _responsibility(card: ModelCard) -> tuple[str, ...]:
    people = card.people
    return (
        f"Owner: {_said(people.owner)}. Senior responsible owner: "
        f"{_said(people.senior_responsible_owner)}. Contact: {_said(people.contact)}.",
        f"Each score is reviewed by: {_said(people.human_reviewer)}.",
        f"For a single score: the decision that a person recorded, and how to have it looked at "
        f"again: {_said(people.intervention)}.",
    )


def _data(card: ModelCard) -> tuple[str, ...]:
    data = card.data
    return (
        f"Returns: {', '.join(data.returns) or TO_BE_WRITTEN}; extract of "
        f"{data.extract_date or TO_BE_WRITTEN}; learnt from {counted(data.periods[0].cases)} "
        f"cases, tested on {counted(card.performance.n)}.",
        "Sex, ethnicity, recorded disability, religion and nationality never enter the model.",
        "For a single score: which facts were used, and what was missing or stale.",
    )


def _fairness(card: ModelCard) -> tuple[str, ...]:
    thin = card.fairness.without_evidence
    return (
        *card.fairness.headline[:1],
        card.fairness.conflicts[0],
        "For a single score: nothing about a group enters it. Least is known of: "
        + (groups_words(thin) or "none")
        + ".",
    )


def _performance(card: ModelCard) -> tuple[str, ...]:
    planned = card.performance.planned
    found = (
        "What lists of the plan's capacity hold cannot be shown."
        if planned is None
        else f"Of 100 children listed, the outcome followed for "
        f"{of_100(planned.figure('precision'))}; of 100 with the outcome, "
        f"{of_100(planned.figure('recall'))} were listed."
    )
    slope = card.performance.figure("calibration_slope")
    return (
        found,
        f"Calibration slope (1 is ideal): {'–' if slope is None else spread(slope)}.",
        "For a single score: its interval, how many past cases were similar, and no score where "
        "they were too few.",
    )


def _impact(card: ModelCard) -> tuple[str, ...]:
    return (
        f"It orders additional attention, up to {card.identity.list_in_words}; it cannot close, "
        "defer or refuse.",
        f"Data protection impact assessment: {_said(card.people.dpia)}. Equality impact "
        f"assessment: {_said(card.people.eqia)}.",
        f"For a single score: being listed leads to a second look, and a family can contest the "
        f"decision: {_said(card.people.contest)}.",
    )
