"""What is still to be written or shown before a card can be put forward for approval."""

from collections.abc import Iterator

from fs_risk.model_cards.answers import QUESTIONS
from fs_risk.model_cards.card import EQUALITY, ModelCard
from fs_risk.model_cards.envelope import OpenQuestion
from fs_risk.model_cards.words import group_words


def open_questions(card: ModelCard) -> tuple[OpenQuestion, ...]:
    """List what stops a card's approval.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    tuple of OpenQuestion
        Questions without an answer; groups on which the evidence was not enough, each an
        open question of the equality duty; and parts that were not given.
    """
    return (*_unwritten(card), *_equality(card), *_not_given(card))


def _unwritten(card: ModelCard) -> Iterator[OpenQuestion]:
    for name, said in card.answers.items():
        if said is None:
            question, heading = QUESTIONS[name]
            yield OpenQuestion(field=name, heading=heading, question=question)


def _equality(card: ModelCard) -> Iterator[OpenQuestion]:
    written = {(each.attribute, each.group) for each in card.people.equality}
    answered = [decision for decision in card.envelope.decisions if decision.answers]
    signed = {
        answer.question
        for decision in answered
        if decision.subject == card.subject
        for answer in decision.answers
    }
    for attribute, group in card.fairness.without_evidence:
        question = (
            f"There is not enough evidence to say how “{group_words(attribute, group)}” fares. Why "
            "is it right to go on, what is done about it, and when is it looked at again? (the "
            "senior responsible owner)"
        )
        if (attribute, group) not in written and question not in signed:
            yield OpenQuestion(
                field=f"equality: {attribute}, {group}", heading=EQUALITY, question=question
            )


def _not_given(card: ModelCard) -> Iterator[OpenQuestion]:
    if not card.data.tables:
        yield OpenQuestion(
            field="data.tables",
            heading="data",
            question="What is the quality of the data? Build the card with records=.",
        )
    if card.leakage.prover is None:
        yield OpenQuestion(
            field="leakage.prover",
            heading="data",
            question="Does a feature see the future? Build the card with "
            "leakage=prove_no_leakage(records, cohort).",
        )
    if card.value is None:
        yield OpenQuestion(
            field="value",
            heading="value",
            question="What is the attention worth, under which assumption? Build the card with "
            "value=weigh_value(report, costs, effect=effect).",
        )
    if card.identity.origin == "real" and card.ledger is None:
        yield OpenQuestion(
            field="ledger",
            heading="people",
            question="How often do people disagree with the score? Build the card with "
            "ledger_figures=, or say in the review that it has not been used yet.",
        )
