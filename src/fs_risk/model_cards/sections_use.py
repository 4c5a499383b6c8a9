"""The sections of a card on its order of cases, what attention is worth, and how it ages."""

from fs_risk.model.marked_breaks import sides_tested
from fs_risk.model_cards.blocks import Block, Bullets, Paragraph, Section, Table
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.words import DASH, number
from fs_risk.records.breaks import Break
from fs_risk.records.counts_in_words import count_of


def use_sections(card: ModelCard) -> tuple[Section, ...]:
    """Lay out what matters when a model is used.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    tuple of Section
    """
    return (_vignettes(card), _value(card), _ageing(card))


def _vignettes(card: ModelCard) -> Section:
    tried = card.vignettes
    if not tried:
        text = "It was tried on no vignettes: none are about its kind of case."
        return Section(
            "vignettes", "Would a practitioner agree with its order?", (Paragraph(text),)
        )
    held = sum(each.holds for each in tried)
    return Section(
        "vignettes",
        "Would a practitioner agree with its order?",
        (
            Paragraph(
                f"Of {count_of(len(tried), 'order')} that practitioners expect of invented cases, "
                f"{count_of(held, 'holds', 'hold')}. "
                "A vignette is no child and no evidence."
            ),
            Table(
                "Each order.",
                ("should come higher", "than", "because", "gap in log-odds", "holds"),
                tuple(
                    (each.higher, each.lower, each.why, f"{each.gap:+z.2f}",
                     "yes" if each.holds else "no")
                    for each in tried
                ),
                frozenset({3}),
            ),
        ),
    )  # fmt: skip


def _value(card: ModelCard) -> Section:
    value = card.value
    if value is None:
        text = "Not weighed. No benefit is stated without its assumption."
        return Section("value", "What is the attention worth?", (Paragraph(text),))
    return Section(
        "value",
        "What is the attention worth?",
        (
            Paragraph(value.sentence),
            Bullets(value.sources),
            Table(
                "At each capacity, per 1,000 cases, in pounds.",
                ("on each list", "listed", "found", "cost of attention", "avoided", "net",
                 "net, range", "breaks even at an effect of"),
                tuple(
                    (
                        f"{row.capacity:g}",
                        f"{row.listed:.0f}",
                        f"{row.found:.0f}",
                        f"{row.attention_cost:,.0f}",
                        f"{row.avoided_cost:,.0f}",
                        f"{row.net:,.0f}",
                        f"{row.net_low:,.0f} to {row.net_high:,.0f}",
                        DASH
                        if row.break_even_effect is None
                        else f"{100 * row.break_even_effect:.1f} %",
                    )
                    for row in value.rows
                ),
                frozenset(range(1, 8)),
            ),
            Paragraph(value.caveat),
        ),
    )  # fmt: skip


def _ageing(card: ModelCard) -> Section:
    ageing = card.ageing
    changed = [
        f"{each.feature}: stability index {each.psi:.2f}; missing in "
        f"{100 * each.missing_before:.0f} of 100 before, {100 * each.missing_after:.0f} after"
        for each in ageing.changed
    ]
    blocks: list[Block] = [
        Paragraph(
            f"Learnt from cases up to {ageing.learnt_to}; tested to {ageing.tested_to}; extract of "
            f"{ageing.extract_date or DASH}. It may be used on an extract of at most "
            f"{card.identity.extract_lag_days} days' age.{_family(card)}"
        ),
        *(Paragraph(said) for said in _breaks(card)),
        Bullets(tuple(changed))
        if changed
        else Paragraph("No feature changed beyond chance from training to test."),
    ]
    if ageing.since is None:
        blocks.append(Paragraph("Drift since then: not checked for this card."))
    else:
        rows = tuple((str(name), _plain(value)) for name, value in ageing.since.items())
        blocks.append(Table("A later check of drift.", ("what", "found"), rows))
    return Section("ageing", "How does it age?", tuple(blocks))


def _family(card: ModelCard) -> str:
    """Say that referrals have to name the family, where the plan says so."""
    if not card.plan.settings.get("family_declared"):
        return ""
    return (
        " Each referral has to name the child's family: what is recorded of its other children "
        "is read by that name until the records link the child."
    )


def _breaks(card: ModelCard) -> tuple[str, ...]:
    """Say on which side of each marked break it was tested."""
    stated = card.plan.settings.get("breaks")
    if not stated:
        return ()
    marked = [Break.model_validate(each) for each in stated]
    within, done = int(card.plan.settings["within_days"]), card.performance
    return sides_tested(marked, done.first_as_of, done.last_as_of, within)


def _plain(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value) or DASH
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(each)}" for name, each in value.items()) or DASH
    return DASH if value is None else str(value)
