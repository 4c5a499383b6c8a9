"""Probabilities in words, and what a band means: used by scores and by what stands beside them."""

from pydantic import BaseModel, ConfigDict


class BandMeaning(BaseModel):
    """A band and how often the outcome followed in it, on later time and unseen households."""

    model_config = ConfigDict(frozen=True)

    name: str
    meaning: str
    n: int


def in_words(probability: float) -> str:
    """Say a probability as a natural frequency, never as certainty.

    Parameters
    ----------
    probability : float

    Returns
    -------
    str

    References
    ----------
    .. [1] Requirement M1.

    Examples
    --------
    >>> in_words(0.0851), in_words(0.001), in_words(0.9999)
    ('about 85 in 1,000', 'fewer than 10 in 1,000', 'more than 990 in 1,000')
    """
    if probability < 0.01:
        return "fewer than 10 in 1,000"
    if probability > 0.99:
        return "more than 990 in 1,000"
    return f"about {1000 * probability:.0f} in 1,000"
