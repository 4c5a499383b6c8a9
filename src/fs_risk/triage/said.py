"""Probabilities in words, and what a band means: used by scores and by what stands beside them."""

from pydantic import BaseModel, ConfigDict

from fs_risk.records.natural_frequencies import in_words as in_words


class BandMeaning(BaseModel):
    """A band and how often the outcome followed in it, on later time and unseen households."""

    model_config = ConfigDict(frozen=True)

    name: str
    meaning: str
    n: int
