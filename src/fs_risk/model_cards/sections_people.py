"""The sections of a card on people: who reviews, the law, decisions taken, what is open."""

from fs_risk.model_cards.blocks import Block, Bullets, Facts, Paragraph, Section, Table
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.explanations import six_explanations
from fs_risk.model_cards.words import DASH, EVIDENCE, LAWS, capital, counted

_LABELS = {
    "human_reviewer": "Who reviews",
    "seen_besides": "Seen besides the score",
    "authority_to_disagree": "Who disagrees may",
    "time_allowed": "Time allowed",
    "training": "Training",
    "informed": "How families are told",
    "representations": "How a family says what it thinks",
    "intervention": "How a person looks again",
    "contest": "How a decision is contested",
    "lawful_basis": "Lawful basis",
    "policy_document": "Appropriate policy document",
    "dpia": "Data protection impact assessment",
    "dpia_date": "Agreed",
    "eqia": "Equality impact assessment",
    "eqia_date": "Agreed",
    "eqia_reviewer": "Reviewed by",
    "psed": "Due regard to the equality duty",
    "psed_monitoring": "Kept under review",
    "assessments_review": "Both reviewed next",
}
_PEOPLE = tuple(_LABELS)[:9]
_LAW = tuple(_LABELS)[9:]


def people_sections(card: ModelCard) -> tuple[Section, ...]:
    """Lay out what people do, decided and still have to say.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    tuple of Section
    """
    return (
        _review(card),
        _law(card),
        _explanations(card),
        _decisions(card),
        Section("published-evidence", "What others have found", (Bullets(EVIDENCE),)),
        _open(card),
    )


def _facts(card: ModelCard, names: tuple[str, ...]) -> Facts:
    return Facts(tuple((_LABELS[name], card.answers[name]) for name in names))


def _review(card: ModelCard) -> Section:
    blocks: list[Block] = [
        Paragraph(
            "Its role in decisions is support. No function of the library closes, defers or "
            "escalates a referral."
        ),
        _facts(card, _PEOPLE),
    ]
    used = card.ledger
    if used is None:
        blocks.append(Paragraph("How often people disagreed with a score: no use to count yet."))
    else:
        blocks.append(
            Table(
                f"How people used the scores, {used.first_day} to {used.last_day}.",
                ("what", "count"),
                tuple(
                    (words, counted(getattr(used, name)))
                    for name, words in (
                        ("scores", "scores given"),
                        ("decisions", "decisions recorded on them"),
                        ("agreed", "the person agreed"),
                        ("more_worried", "the person was more worried"),
                        ("less_worried", "the person was less worried"),
                        ("not_used", "the score was not used"),
                        ("no_score_wanted", "decided without asking for a score"),
                    )
                ),
                frozenset({1}),
            )
        )
        blocks.append(Paragraph(_overrides(card)))
    return Section("human-review", "Who reviews, and can families question it?", tuple(blocks))


def _overrides(card: ModelCard) -> str:
    used = card.ledger
    if used is None or not used.decisions or used.overridden is None:
        return "The share overridden cannot be shown."
    return (
        f"Of 100 decisions, {100 * used.overridden / used.decisions:.0f} went another way than the "
        "score. Few overrides are no proof that the score is right: people may lean on it."
    )


def _law(card: ModelCard) -> Section:
    return Section("law", "Law and assessments", (_facts(card, _LAW), Bullets(LAWS)))


def _explanations(card: ModelCard) -> Section:
    blocks: list[Block] = []
    for kind, sentences in six_explanations(card).items():
        blocks.append(Paragraph(f"{capital(kind)}:"))
        blocks.append(Bullets(sentences))
    return Section("explanations", "The ICO's six explanations", tuple(blocks))


def _decisions(card: ModelCard) -> Section:
    taken = card.envelope.decisions
    if not taken:
        return Section("decisions", "Decisions", (Paragraph("None has been taken."),))
    return Section(
        "decisions",
        "Decisions",
        (
            Table(
                "Every decision on this model, the oldest first. One on another card, model or "
                "audit does not count for this one.",
                ("on", "decision", "by", "until", "why, and conditions", "of card"),
                tuple(
                    (
                        str(each.at.date()),
                        each.decision,
                        ", ".join((each.by, each.role, each.organisation)),
                        DASH if each.expires is None else str(each.expires),
                        " ".join(filter(None, (each.reason, *each.conditions))) or DASH,
                        each.subject.card[:12],
                    )
                    for each in taken
                ),
            ),
            *_signed_answers(card),
        ),
    )


def _signed_answers(card: ModelCard) -> tuple[Block, ...]:
    answers = card.standing().answers
    if not answers:
        return ()
    return (
        Table(
            "What the owner answered where the evidence was not enough.",
            ("question", "answer", "looked at again"),
            tuple((each.question, each.answer, str(each.review_by)) for each in answers),
        ),
    )


def _open(card: ModelCard) -> Section:
    questions = card.open_questions
    if not questions:
        return Section("open", "Still to be written", (Paragraph("Nothing."),))
    return Section(
        "open",
        "Still to be written",
        (
            Paragraph("Approval waits for every one of these. The library never answers them."),
            Table(
                "Open questions.",
                ("number", "heading", "question"),
                tuple(
                    (str(place), each.heading, each.question)
                    for place, each in enumerate(questions, start=1)
                ),
            ),
        ),
    )
