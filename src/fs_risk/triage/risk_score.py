"""`RiskScore`: a score with its reasons and its limits, as people and systems receive it."""

from pydantic import BaseModel, ConfigDict

from fs_risk.triage.display import score_html, score_text
from fs_risk.triage.reasons import Reason

CAVEAT = (
    "Made from recorded history only; it has not read today's referral. A score is about a "
    "situation at a date; a person decides."
)


class BandMeaning(BaseModel):
    """A band and how often the outcome followed in it, on later time and unseen households."""

    model_config = ConfigDict(frozen=True)

    name: str
    meaning: str
    n: int


class ModelUsed(BaseModel):
    """Which model made a score."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    plan: str
    origin: str


class RiskScore(BaseModel):
    """A score, its reasons and its limits; or a code that says why there is none.

    Attributes
    ----------
    score_id : str
        The same referral, recorded history and model give the same id.
    referral_id, child_id : str or None
        None in study output.
    as_of : str
        ISO date.
    outcome : str
    within_days : int
    probability : float or None
        Calibrated, unclipped; for display use `said`.
    log_odds : float or None
    said : str
        "about N in 1,000 similar referrals", never beyond fewer than 10 or more than 990.
    interval : tuple of float or None
        Range for the probability, given what is recorded, in about nine cases of ten.
    interval_said : str
    n_similar : int or None
        Past cases with a similar history, to the nearest 5; None for fewer than six.
    similar_said : str
    band : BandMeaning or None
        None outside the bands, and in study output.
    outside : str
        What being outside the bands does not mean.
    reasons : tuple of Reason
    base : float or None
        With all concepts' contributions it sums to `log_odds`.
    unknowns : tuple of str
        What is missing or not observed.
    code : str or None
        Why there is no score.
    code_meaning : str
    synthetic : bool
        Whether the model was fitted on invented records.
    model : ModelUsed
    caveat : str

    Examples
    --------
    See `score_referral`.
    """

    model_config = ConfigDict(frozen=True)

    score_id: str
    referral_id: str | None
    child_id: str | None
    as_of: str
    outcome: str
    within_days: int
    probability: float | None = None
    log_odds: float | None = None
    said: str = ""
    interval: tuple[float, float] | None = None
    interval_said: str = ""
    n_similar: int | None = None
    similar_said: str = ""
    band: BandMeaning | None = None
    outside: str = ""
    reasons: tuple[Reason, ...] = ()
    base: float | None = None
    unknowns: tuple[str, ...] = ()
    code: str | None = None
    code_meaning: str = ""
    synthetic: bool
    model: ModelUsed
    caveat: str = CAVEAT

    @property
    def worries(self) -> tuple[Reason, ...]:
        """The reasons that raise the score."""
        return tuple(reason for reason in self.reasons if reason.direction == "worry")

    @property
    def strengths(self) -> tuple[Reason, ...]:
        """The reasons that lower the score."""
        return tuple(reason for reason in self.reasons if reason.direction == "strength")

    def __str__(self) -> str:
        return score_text(self)

    def _repr_html_(self) -> str:
        return score_html(self)


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
