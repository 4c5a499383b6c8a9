"""The sections of a card on how groups fare, and what is held on each characteristic."""

from fs_risk.evaluation.fairness_measures import WORDS
from fs_risk.evaluation.fairness_scores import SCORE_WORDS
from fs_risk.model_cards.blocks import Block, Bullets, Paragraph, Picture, Section, Table
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.drawings import dots
from fs_risk.model_cards.evidence import AuditRow, GroupRow
from fs_risk.model_cards.words import (
    DASH,
    capital,
    counted,
    group_words,
    of_100,
    signed,
    spread,
    yes_or_no,
)
from fs_risk.records.counts_in_words import count_of

_PRIMARY = ("recall", "precision")
_NOT_OF_100 = tuple(SCORE_WORDS)
_IN_THE_REPORT = {
    "base_rate": "outcome followed, of 100",
    "share_listed": "listed, of 100",
    "precision_at_capacity": "outcome followed, of 100 listed",
    "recall_at_capacity": "listed, of 100 with the outcome",
    "observed_over_expected": "observed over expected",
}


def group_sections(card: ModelCard) -> tuple[Section, ...]:
    """Lay out how groups fare.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    tuple of Section
    """
    return (_audit(card), _equality(card), _kinds(card), _characteristics(card))


def _audit(card: ModelCard) -> Section:
    fairness = card.fairness
    blocks: list[Block] = [
        Paragraph(fairness.title),
        Bullets(fairness.headline),
        Paragraph(
            "Each group is compared with all other children. “Gap shown”: so large a difference "
            "would come by chance in fewer than 5 of 100 audits like this one. “No gap shown” says "
            "beside it the smallest gap that could have been seen four times out of five. “Not "
            "enough evidence”: too few children to say either. c: hidden, small numbers; z: "
            "nothing to take a share of; “:” not available."
        ),
    ]
    for metric in _PRIMARY:
        rows = [row for row in fairness.primary if row.figure.metric == metric]
        if rows:
            blocks += _measure(metric, rows)
    others = [row for row in fairness.rows if row.family != "primary"]
    blocks.append(
        Table(
            "Other measures of the same groups, for exploring only.",
            ("group", "measure", "value", "difference to the rest", "cases", "verdict"),
            tuple(
                (
                    group_words(row.attribute, row.group),
                    {**WORDS, **SCORE_WORDS}[row.figure.metric],
                    _value(row),
                    _gap(row),
                    counted(row.figure.n),
                    row.verdict or DASH,
                )
                for row in others
            ),
            frozenset({2, 3, 4}),
            folded=f"Other measures: {count_of(len(others), 'row')}",
        )
    )
    blocks.append(Paragraph("What conflicts with what, and what cannot be known:"))
    blocks.append(Bullets(fairness.conflicts))
    return Section("audit", "How groups fare on the list", tuple(blocks))


def _measure(metric: str, rows: list[AuditRow]) -> list[Block]:
    shown = [row for row in rows if row.difference is not None]
    blocks: list[Block] = []
    if shown:
        ends = [
            abs(100 * end)
            for row in shown
            for end in (row.difference, row.difference_low, row.difference_high)
            if end is not None
        ]
        widest = min(max(ends), 100.0)
        gaps = sum(row.verdict == "gap shown" for row in rows)
        blocks.append(
            Picture(
                dots(
                    [(group_words(row.attribute, row.group), *_points(row)) for row in shown],
                    line=0.0,
                    low=-widest,
                    high=widest,
                    unit="points of 100, difference to the rest, 95 % interval",
                ),
                f"{capital(metric)}: each group against the rest",
                f"A gap is shown for {gaps} of {count_of(len(rows), 'group')}. Left of the line "
                "a group fares worse than the rest, right of it better; where a bar crosses the "
                "line, chance "
                "could account for it.",
            )
        )
    blocks.append(
        Table(
            capital(WORDS[metric]) + ".",
            ("group", "of 100, 95 % interval", "difference to the rest, points", "cases",
             "with the outcome", "verdict"),
            tuple(
                (
                    group_words(row.attribute, row.group),
                    _value(row),
                    _gap(row),
                    counted(row.figure.n),
                    counted(row.positives),
                    row.verdict,
                )
                for row in rows
            ),
            frozenset({1, 2, 3, 4}),
        )
    )  # fmt: skip
    return blocks


def _points(row: AuditRow) -> tuple[float | None, float | None, float | None]:
    value, low, high = (
        None if each is None else 100 * each
        for each in (row.difference, row.difference_low, row.difference_high)
    )
    return value, low, high


def _value(row: AuditRow) -> str:
    return spread(row.figure) if row.figure.metric in _NOT_OF_100 else of_100(row.figure)


def _gap(row: AuditRow) -> str:
    if row.difference is None:
        return row.figure.symbol or DASH
    scale, digits = (1, 2) if row.figure.metric in _NOT_OF_100 else (100, 0)
    value = signed(scale * row.difference, digits)
    if row.difference_low is None or row.difference_high is None:
        return value
    low, high = scale * row.difference_low, scale * row.difference_high
    return f"{value} ({signed(low, digits)} to {signed(high, digits)})"


def _equality(card: ModelCard) -> Section:
    answers = card.people.equality
    blocks: list[Block] = [
        Paragraph(
            "Section 149 of the Equality Act 2010 asks a public body to have due regard to three "
            "aims. Each verdict “not enough evidence” is an open question that the senior "
            "responsible owner answers in writing, with a date for looking again; it never counts "
            "as a gate passed."
        )
    ]
    if answers:
        blocks.append(
            Table(
                "Answered.",
                ("group", "answer", "by", "looked at again"),
                tuple(
                    (group_words(each.attribute, each.group), each.answer, each.role,
                     str(each.review_date))
                    for each in answers
                ),
            )
        )  # fmt: skip
    left = len([each for each in card.open_questions if each.heading == "equality"])
    blocks.append(
        Paragraph(f"{left} still open; they are listed at the end." if left else "None is open.")
    )
    return Section("equality", "Questions of the equality duty", tuple(blocks))


def _kinds(card: ModelCard) -> Section:
    rows = card.performance.groups
    keys = list(dict.fromkeys((row.by, row.level) for row in rows))
    by_key: dict[tuple[str, str], dict[str, GroupRow]] = {key: {} for key in keys}
    for row in rows:
        by_key[(row.by, row.level)][row.figure.metric] = row
    return Section(
        "kinds",
        "How it does for kinds of case",
        (
            Paragraph(
                "At the plan's capacity. A dash or “:” stands where fewer than ten households "
                "have, or have not, a case with the outcome."
            ),
            Table(
                "By age, source, need and history.",
                ("group", "cases", "with the outcome", *_IN_THE_REPORT.values()),
                tuple(_kind(key, found) for key, found in by_key.items()),
                frozenset(range(1, 8)),
            ),
        ),
    )


def _kind(key: tuple[str, str], found: dict[str, GroupRow]) -> tuple[str, ...]:
    first = next(iter(found.values()))
    cells = []
    for metric in _IN_THE_REPORT:
        row = found.get(metric)
        if row is None:
            cells.append(DASH)
        else:
            write = spread if metric == "observed_over_expected" else of_100
            cells.append(write(row.figure))
    return (f"{key[0]}: {key[1]}", counted(first.figure.n), counted(first.positives), *cells)


def _characteristics(card: ModelCard) -> Section:
    named = card.law.characteristics
    return Section(
        "characteristics",
        "Protected characteristics",
        (
            Table(
                "The nine characteristics of the Equality Act 2010, and two beside them.",
                ("characteristic", "held", "used in the model", "audited", "recorded, of 100",
                 "how it is coded", "why"),
                tuple(
                    (
                        each.name if each.protected else f"{each.name} (not in the Act)",
                        yes_or_no(each.held),
                        yes_or_no(each.used_in_model),
                        yes_or_no(each.used_in_audit),
                        DASH if each.complete is None else of_100(each.complete),
                        each.codes or DASH,
                        each.reason,
                    )
                    for each in named
                ),
                frozenset({4}),
            ),
            Table(
                "Features that rest on data the law protects more.",
                ("kind", "features", "weight, %", "why they are needed"),
                tuple(
                    (
                        each.kind,
                        str(each.features),
                        f"{100 * each.weight:.1f}",
                        " ".join(each.necessity) or "not stated",
                    )
                    for each in card.law.sensitive
                ),
                frozenset({1, 2}),
            ),
        ),
    )  # fmt: skip
