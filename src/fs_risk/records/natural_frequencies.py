"""Probabilities as natural frequencies: "about 85 in 1,000", and never as certainty."""


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
