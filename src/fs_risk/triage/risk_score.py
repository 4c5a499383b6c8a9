"""`RiskScore`: a score with its reasons and its limits, as people and systems receive it."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from fs_risk.triage.chronology import Chronology
from fs_risk.triage.display import score_html, score_text
from fs_risk.triage.household_member import HouseholdMember
from fs_risk.triage.reasons import Reason
from fs_risk.triage.said import BandMeaning as BandMeaning
from fs_risk.triage.said import in_words as in_words
from fs_risk.triage.would_change import WouldChange

CAVEAT = (
    "Made from recorded history only; it has not read today's referral. A score is about a "
    "situation at a date; a person decides."
)
CASE_CAVEAT = CAVEAT.replace("it has not read today's referral", "it has not heard the group")
"""The same of an open case, in group supervision."""


class ModelUsed(BaseModel):
    """Which model made a score, by which signed card, and until when it may be used."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    plan: str
    origin: str
    card: str | None = None
    approved_until: str | None = None


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
    would_change : tuple of WouldChange
        What could be newly learned that would move it to another band; only on request.
    household : tuple of HouseholdMember
        The other children of the household; only on request.
    household_said : str
        Who they are, and what their scores are of; empty where nobody asked.
    household_left_out : dict of str to int
        Members known and not shown, by reason.
    code : str or None
        Why there is no score.
    code_meaning : str
    synthetic : bool
        Whether the model was fitted on invented records.
    model : ModelUsed
    chronology : Chronology or None
        None where it was not asked for, or may not be given.
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
    would_change: tuple[WouldChange, ...] = ()
    household: tuple[HouseholdMember, ...] = ()
    household_said: str = ""
    household_left_out: dict[str, int] = {}
    code: str | None = None
    code_meaning: str = ""
    synthetic: bool
    model: ModelUsed
    chronology: Chronology | None = None
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

    def __repr__(self) -> str:
        stamp = "SYNTHETIC " if self.synthetic else ""
        said = f"no score, {self.code}" if self.code else self.said
        return f"<RiskScore {stamp}{self.score_id}: {said} (print it for its reasons)>"

    def _repr_html_(self) -> str:
        return score_html(self)

    def to_html(self, path: str | Path | None = None, *, with_score: bool = False) -> str:
        """Make a page of the chronology, worries and strengths, for the screen or a printer.

        Parameters
        ----------
        path : str or Path, optional
            Where to write it too.
        with_score : bool, default=False
            Whether the page says the score and its band, and what would change them.

        Returns
        -------
        str
            One HTML page that fetches nothing; everything that comes from data escaped.
        """
        from fs_risk.triage.score_page import score_page

        return score_page(self, path, with_score=with_score)

    def plot_chronology(self, ax: Any = None, *, with_score: bool = False) -> Any:
        """Plot the chronology on one line of time.

        Parameters
        ----------
        ax : matplotlib Axes, optional
        with_score : bool, default=False
            Whether the title says the score.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ReferralError
            If the score has no chronology.
        """
        from fs_risk.triage.chronology_plot import plot_chronology

        return plot_chronology(self, ax, with_score=with_score)

    def to_family_html(
        self,
        path: str | Path | None = None,
        *,
        authority: str = "",
        contact: str = "",
        purpose: str = "",
        complaints: str = "",
        reader: Literal["family", "child"] = "family",
        with_score: bool = False,
    ) -> str:
        """Make a page for the family, in plain words: what was used, and how to challenge it.

        Of records it shows those of the child alone: their kinds and years, and nothing of
        what is recorded of brothers, sisters or adults.

        Parameters
        ----------
        path : str or Path, optional
            Where to write it too.
        authority : str
            Its name. What is left out here is marked on the page as still to be written.
        contact : str
            How to reach it.
        purpose : str
            What the model is used for, as an ending of "Why we use it:".
        complaints : str
            How to complain to it.
        reader : {"family", "child"}
            A parent or carer, or the child.
        with_score : bool, default=False
            Whether the page says the score.

        Returns
        -------
        str
            One HTML page that fetches nothing; everything that comes from data escaped.
        """
        from fs_risk.triage.family_page import family_page

        return family_page(
            self, path, authority=authority, contact=contact, purpose=purpose,
            complaints=complaints, reader=reader, with_score=with_score,
        )  # fmt: skip
