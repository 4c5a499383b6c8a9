"""`HouseholdMember`: another child of the household, with a score and reasons of their own."""

from pydantic import BaseModel, ConfigDict

from fs_risk.triage.reasons import Reason
from fs_risk.triage.said import BandMeaning


class HouseholdMember(BaseModel):
    """Another child of the household, scored as if referred on the same day.

    The child was not referred by this. Nothing is summed over a household, and nobody in it
    is put before another.

    Attributes
    ----------
    child_id : str or None
        None in study output.
    age : str
        On the day, in words.
    score_id : str
    probability : float or None
        As in `RiskScore`, and so are the fields that follow.
    said : str
    interval : tuple of float or None
    interval_said : str
    n_similar : int or None
    similar_said : str
    band : BandMeaning or None
    outside : str
    shared : tuple of Reason
        This child's own reasons whose concept moves the referred child's score the same
        way. Shared is the concept; the facts are what is recorded of this child.
    own : tuple of Reason
        The other reasons of this child.
    unknowns : tuple of str
    code : str or None
        Why there is no score.
    code_meaning : str
    """

    model_config = ConfigDict(frozen=True)

    child_id: str | None
    age: str
    score_id: str
    probability: float | None = None
    said: str = ""
    interval: tuple[float, float] | None = None
    interval_said: str = ""
    n_similar: int | None = None
    similar_said: str = ""
    band: BandMeaning | None = None
    outside: str = ""
    shared: tuple[Reason, ...] = ()
    own: tuple[Reason, ...] = ()
    unknowns: tuple[str, ...] = ()
    code: str | None = None
    code_meaning: str = ""
