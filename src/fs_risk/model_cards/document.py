"""A card as a document: the questions that everybody asks first, then every part in order."""

from fs_risk.evaluation.measures_in_words import gated_measure
from fs_risk.evaluation.report import THE_MODEL
from fs_risk.model.approval_state import ApprovalState
from fs_risk.model_cards.blocks import (
    Block,
    Bullets,
    Document,
    Facts,
    Paragraph,
    Picture,
    Section,
    ToBeWritten,
)
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.drawings import squares
from fs_risk.model_cards.evidence import AuditRow
from fs_risk.model_cards.sections_evidence import evidence_sections
from fs_risk.model_cards.sections_groups import group_sections
from fs_risk.model_cards.sections_model import model_sections
from fs_risk.model_cards.sections_people import people_sections
from fs_risk.model_cards.words import (
    GROUPS_SENTENCE,
    NOT_FOR,
    capital,
    group_words,
    groups_words,
    of_100,
)

CASES = {
    "referral": "referrals",
    "contact": "contacts",
    "open_case": "open cases",
    "closure": "closed cases",
}
"""What each cohort's cases are called."""

SYNTHETIC = "SYNTHETIC. Fitted and measured on invented records; says nothing about real children."


def card_document(card: ModelCard) -> Document:
    """Lay a card out as a document.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    Document
    """
    who = card.identity
    view = (
        "Publishable view: counts of 1 to 5 are hidden (c), others rounded to the nearest 5."
        if card.view == "publishable"
        else "Internal view: exact counts. Publish the publishable view instead."
    )
    return Document(
        title=f"Model card: {who.outcome_means}",
        stamp=SYNTHETIC if card.synthetic else "",
        under=(
            f"{who.name}, version {who.version}. State: {card.standing().state}. {view}",
            *(() if card.synthetic else (who.mode_means,)),
        ),
        glance=(
            _what_for(card),
            _how_often_wrong(card),
            _for_whom_worse(card),
            _who_said_yes(card),
            _until_when(card),
            _still_open(card),
        ),
        sections=(
            *model_sections(card),
            *evidence_sections(card),
            *group_sections(card),
            *people_sections(card),
        ),
        foot=_foot(card),
    )


def _answer(said: str | None, question: str) -> Block:
    return ToBeWritten(question) if said is None else Paragraph(said)


def _what_for(card: ModelCard) -> Section:
    who, people = card.identity, card.people
    cases = CASES[who.cohort]
    return Section(
        "what-for",
        "What is it for?",
        (
            _answer(people.purpose, "What is the model for?"),
            Paragraph(
                f"A score says how often, among {cases} with similar recorded histories, this "
                f"followed: {who.outcome_means}. Scores order additional attention, up to "
                f"{who.list_in_words}. They decide nothing: a person does."
            ),
            Facts(
                (
                    ("Decision it informs", people.decision_informed),
                    ("Who decides", people.who_decides),
                )
            ),
            Paragraph("It is not for:"),
            Bullets(NOT_FOR),
        ),
    )


def _how_often_wrong(card: ModelCard) -> Section:
    planned = card.performance.planned
    blocks: list[Block] = []
    if planned is None or planned.figure("precision").value is None:
        blocks.append(
            Paragraph(
                "How often lists are wrong cannot be shown: too few cases, or hidden because a "
                "count is 1 to 5.",
                lead=True,
            )
        )
    else:
        precision, recall = planned.figure("precision"), planned.figure("recall")
        right, found = (round(100 * (each.value or 0.0)) for each in (precision, recall))
        blocks += [
            Paragraph(
                f"With {card.identity.list_in_words}: of 100 children listed, the outcome followed "
                f"for {of_100(precision)}, and for {100 - right} it did not. Of 100 children for "
                f"whom it followed, {of_100(recall)} were listed, and {100 - found} were not.",
                lead=True,
            ),
            Picture(
                squares(right, "listed"),
                "Of 100 children listed",
                f"For {right} the outcome followed; for {100 - right} it did not.",
            ),
            Picture(
                squares(found, "found"),
                "Of 100 children for whom the outcome followed",
                f"{found} were listed; {100 - found} were not.",
            ),
            Paragraph(
                f"{_share_listed(card)}In brackets stand 95 % intervals: how far chance alone may "
                "move a figure."
            ),
        ]
    blocks.append(Paragraph(card.performance.verdict[0]))
    blocks.append(Paragraph(_gates_words(card)))
    if card.performance.leads_with != THE_MODEL:
        blocks.append(Paragraph("Where a simpler model is not beaten, use the simpler one."))
    return Section("how-often-wrong", "How often is it wrong?", tuple(blocks))


def _gates_words(card: ModelCard) -> str:
    """Say whether the gates set before fitting are passed, and which are not."""
    failed = [gated_measure(gate.metric) for gate in card.plan.gates if not gate.passed]
    n_gates = len(card.plan.gates)
    if n_gates == 1:
        said = f"not passed: {failed[0]}" if failed else "passed"
        return f"The one gate set before fitting is {said}."
    if not failed:
        return f"All {n_gates} gates set before fitting are passed."
    which = f"{len(failed)} of {n_gates} gates set before fitting"
    return f"{which} {'is' if len(failed) == 1 else 'are'} not passed: {'; '.join(failed)}."


def _share_listed(card: ModelCard) -> str:
    """Say what a list drawn by lot would find: as many of 100 as it holds."""
    planned, n = card.performance.planned, card.performance.n
    if planned is None or planned.listed is None or not n:
        return ""
    share = 100 * planned.listed / n
    return (
        f"Lists of that size held {share:.0f} of 100 cases, so drawn by lot they would have found "
        f"about {share:.0f} of 100. "
    )


def _for_whom_worse(card: ModelCard) -> Section:
    fairness = card.fairness
    gaps = fairness.gaps
    blocks: list[Block] = []
    if gaps:
        blocks.append(Paragraph(f"A gap is shown for {_n(len(gaps), 'group')}.", lead=True))
        blocks.append(Bullets(tuple(_gap(row) for row in gaps)))
    else:
        blocks.append(
            Paragraph(
                "No gap between groups is shown. That does not mean there is none: the table "
                "says how small a gap this audit could have seen.",
                lead=True,
            )
        )
    thin = fairness.without_evidence
    if thin:
        blocks.append(
            Paragraph(
                f"Not enough evidence on {_n(len(thin), 'group')} to say: {groups_words(thin)}."
            )
        )
    blocks += [
        Paragraph(said) for said in card.performance.verdict if said.startswith(GROUPS_SENTENCE)
    ]
    blocks.append(Paragraph(fairness.conflicts[0]))
    return Section("for-whom-worse", "For whom is it worse?", tuple(blocks))


def _gap(row: AuditRow) -> str:
    of = {
        "recall": "of 100 children for whom the outcome followed, {} were listed",
        "precision": "of 100 children listed, the outcome followed for {}",
    }.get(row.figure.metric, "{} of 100")
    named = capital(group_words(row.attribute, row.group))
    if row.figure.value is None or row.rest is None:
        return f"{named} ({row.figure.metric}): figures hidden, small numbers."
    way = "worse" if row.figure.value < row.rest else "better"
    return (
        f"{named}: {of.format(of_100(row.figure))}; of others "
        f"{100 * row.rest:.0f}. {capital(way)} for this group."
    )


def _n(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _stands(now: ApprovalState) -> bool:
    """Say whether an approval stands on the day: given, and not ended."""
    ended = now.expires is not None and now.expires < now.on
    return now.state in ("approved", "live") and not ended


def _who_said_yes(card: ModelCard) -> Section:
    now = card.standing()
    blocks: list[Block] = []
    if _stands(now):
        said = now.signed[-1]
        blocks.append(
            Paragraph(
                f"{capital(said.by)}, {said.role}, {said.organisation}, on {said.at.date()}. "
                f"State: {now.state}.",
                lead=True,
            )
        )
        others = [f"{each.role} ({each.at.date()})" for each in now.signed[:-1]]
        if others:
            blocks.append(Paragraph(f"Signed before by: {', '.join(others)}."))
    else:
        blocks.append(Paragraph(f"Nobody, as it stands. State: {now.state}.", lead=True))
        ended = now.expires is not None and now.expires < now.on
        blocks.append(Paragraph(f"The approval ended on {now.expires}." if ended else now.why))
        if now.waits_for:
            blocks.append(Paragraph(f"It waits for: {' or '.join(now.waits_for)}."))
    if now.conditions:
        blocks += [Paragraph("On these conditions:"), Bullets(now.conditions)]
    blocks.append(
        Facts(
            (
                ("Owner", card.people.owner),
                ("Senior responsible owner", card.people.senior_responsible_owner),
                ("Contact", card.people.contact),
            )
        )
    )
    return Section("who-said-yes", "Who said yes?", tuple(blocks))


def _until_when(card: ModelCard) -> Section:
    now, blocks = card.standing(), list[Block]()
    if not _stands(now):
        blocks.append(Paragraph("There is no approval, so it may not be used.", lead=True))
    else:
        until = "no day that is stated" if now.expires is None else str(now.expires)
        blocks.append(
            Paragraph(
                f"Until {until}. From the day after, no referral gets a score from it.", lead=True
            )
        )
    blocks.append(
        Facts(
            (
                ("Looked at again", card.answers["review_date"]),
                ("Who can switch it off", card.people.switch_off),
                ("Learnt from cases up to", card.ageing.learnt_to),
            )
        )
    )
    return Section("until-when", "Until when?", tuple(blocks))


def _still_open(card: ModelCard) -> Section:
    questions = card.open_questions
    if not questions:
        text = "Nothing: every question is answered."
        return Section("still-open", "What is still open?", (Paragraph(text),))
    return Section(
        "still-open",
        "What is still open?",
        (
            Paragraph(
                f"{_n(len(questions), 'question')} to be answered before anybody can approve. They "
                "are listed at the end.",
                lead=True,
            ),
        ),
    )


def _foot(card: ModelCard) -> tuple[str, ...]:
    made = f", made {card.envelope.made_at}" if card.envelope.made_at else ""
    of = f" of card {card.made_from}" if card.made_from else ""
    return (
        f"Card {card.content_hash}{of}{made}.",
        f"Model {card.hashes.model}. Plan {card.hashes.plan}. Records {card.hashes.records}.",
    )
