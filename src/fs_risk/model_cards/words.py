"""How a card writes its numbers, and the standing texts that every card holds."""

from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.model_cards.parts import CardFigure

DASH = "–"

GROUPS_SENTENCE = "Of the groups that are large enough"
"""Begins the verdict's sentence on the groups that it finds least and most of."""

NOT_FOR = (
    "Closing, deferring or refusing a referral. Every referral still gets its qualified decision "
    "within one working day, and every section 47 threshold decision at once.",
    "Deciding anything without a person.",
    "Reassurance: a child who is not listed is not shown to be well. There is no low band.",
    "Children or families who have not been referred; no population is screened.",
    "Harm outside the home alone, unaccompanied children, remand, short breaks, plans brought "
    "from another authority, and children already at or above the outcome's tier.",
    "Judging a parent, a worker or a team; nobody is ranked by name but the cases.",
    "Another authority, another outcome, or an older extract than it was trained for.",
)
"""What no model of this library is for."""

LIMITS = (
    "It knows only what was recorded. It has not read today's referral.",
    "The outcome is a decision that a service took, not harm itself: where one group was watched "
    "more closely, it has more of them for the same need.",
    "A score is about a situation at a date, and says how often something followed in the past. "
    "It gives no cause.",
    "What nobody recorded may still be there: “not recorded” never means “no”.",
)
"""What every reader should know before a figure."""

EVIDENCE = (
    "What Works for Children's Social Care, technical report, September 2020: models in four "
    "authorities, eight outcomes. The Association of Directors of Children's Services summed it "
    "up: it “did not find evidence that the machine learning models tested … worked well”, "
    "without showing that none could.",
    "Leicestershire early help study, Journal of Computational Social Science, 2023: 14,360 "
    "records; bias mitigation tried; many false positives.",
)
"""Published evidence that any use has to be held against."""

LAWS = (
    "UK GDPR articles 22A to 22D, as put in by section 80 of the Data (Use and Access) Act 2025 "
    "in the place of article 22, which the transparency standard's v4.0 guidance still quotes: a "
    "significant decision may not rest on automated processing alone without safeguards, and "
    "“alone” means without meaningful human involvement.",
    "Equality Act 2010, section 149: due regard to eliminating discrimination, advancing equality "
    "of opportunity and fostering good relations; a duty that goes on, and does not wait for "
    "evidence of bias.",
)
"""The law that the card's questions come from."""


def number(value: float | None, digits: int = 3) -> str:
    """Write a number; a dash where it is missing.

    Examples
    --------
    >>> number(0.1234), number(1234.5), number(None)
    ('0.123', '1,234', '–')
    """
    if value is None:
        return DASH
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}f}"


def counted(value: int | None) -> str:
    """Write a count; ``c`` where it is hidden.

    Examples
    --------
    >>> counted(1240), counted(None)
    ('1,240', 'c')
    """
    return "c" if value is None else f"{value:,}"


def of_100(figure: CardFigure) -> str:
    """Write a share as so many of 100, with its interval, or the symbol in its place.

    Examples
    --------
    >>> of_100(CardFigure(run="r", metric="m", value=0.44, low=0.4, high=0.48, n=9))
    '44 (40 to 48)'
    """
    if figure.value is None:
        return figure.symbol or DASH
    value = f"{100 * figure.value:.0f}"
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({100 * figure.low:.0f} to {100 * figure.high:.0f})"


def spread(figure: CardFigure, digits: int = 2) -> str:
    """Write a figure with its interval, or the symbol in its place."""
    if figure.value is None:
        return figure.symbol or DASH
    value = number(figure.value, digits)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({number(figure.low, digits)} to {number(figure.high, digits)})"


def yes_or_no(value: bool) -> str:
    """Write yes or no."""
    return "yes" if value else "no"


def capital(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def group_words(attribute: str, group: str) -> str:
    """Name a group of an attribute.

    Examples
    --------
    >>> group_words("age_band", "under 1")
    'age: under 1'
    """
    return f"{attribute_words(attribute)}: {group}"


def groups_words(groups: tuple[tuple[str, str], ...]) -> str:
    """Name several groups, attribute by attribute.

    Examples
    --------
    >>> groups_words((("sex", "female"), ("age_band", "under 1"), ("age_band", "1 to 4")))
    'sex (female); age (under 1, 1 to 4)'
    """
    by: dict[str, list[str]] = {}
    for attribute, group in groups:
        by.setdefault(attribute, []).append(group)
    return "; ".join(
        f"{attribute_words(attribute)} ({', '.join(named)})" for attribute, named in by.items()
    )


def signed(value: float, digits: int = 0) -> str:
    """Write a number with its sign; zero has none.

    Examples
    --------
    >>> signed(-0.2), signed(3.4), signed(-12.0)
    ('0', '+3', '-12')
    """
    rounded = round(value, digits) + 0.0
    return f"{rounded:+.{digits}f}" if rounded else f"{0.0:.{digits}f}"
