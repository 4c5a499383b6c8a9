"""Figures as a card keeps them: nine significant digits, and the run that measured them."""

from typing import Any

from fs_risk.evaluation.report_parts import Figure
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.model_cards.parts import CardFigure

DIGITS = 9
"""Significant digits kept: more would differ from one processor to another."""


def settled(value: Any) -> float | None:
    """Give a number to nine significant digits; None where it is missing or not finite.

    Parameters
    ----------
    value : float or None

    Returns
    -------
    float or None

    Examples
    --------
    >>> settled(0.1 + 0.2), settled(float("nan")), settled(None)
    (0.3, None, None)
    """
    if value is None:
        return None
    number = float(value)
    # + 0.0: a rounding error below zero is written as zero, not as minus zero
    return float(f"{number:.{DIGITS}g}") + 0.0 if number - number == 0.0 else None


def count(value: Any) -> int | None:
    """Give a count as it rounds; None where it is missing."""
    number = settled(value)
    return None if number is None else round(number)


def plain(content: Any) -> Any:
    """Give nested content with every number settled, ready for canonical JSON.

    Parameters
    ----------
    content : dict, list, tuple, str, number, bool or None

    Examples
    --------
    >>> plain({"a": (0.30000000000000004, True, None)})
    {'a': [0.3, True, None]}
    """
    if isinstance(content, dict):
        return {str(key): plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain(value) for value in content]
    if isinstance(content, float):
        return settled(content)
    return content


def settled_hash(content: Any) -> str:
    """Give the SHA-256 of content whose numbers are settled first."""
    return sha256(canonical_json(plain(content)))


def run_key(kind: str, *made_from: Any) -> str:
    """Name a run by what it was made from, so that making it again gives the same name.

    Parameters
    ----------
    kind : str
        ``training``, ``evaluation`` or ``audit``.
    *made_from
        Hashes and settings.

    Examples
    --------
    >>> run_key("audit", "abc", {"resamples": 200}) == run_key("audit", "abc", {"resamples": 200})
    True
    """
    return f"{kind}-{settled_hash(list(made_from))[:12]}"


def card_figure(run: str, figure: Figure, metric: str = "") -> CardFigure:
    """Keep a figure of a report.

    Parameters
    ----------
    run : str
    figure : Figure
    metric : str, optional
        By default the figure's own.
    """
    value = settled(figure.value)
    return CardFigure(
        run=run,
        metric=metric or figure.metric,
        value=value,
        low=settled(figure.low),
        high=settled(figure.high),
        n=figure.n,
        symbol=":" if value is None else "",
    )
