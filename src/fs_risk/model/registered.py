"""Which version of a registered model was fetched, and where decisions are mirrored for it."""

from dataclasses import dataclass

MIRROR = "decisions"
"""Folder among the run's artefacts that mirrors what lies beside the model."""

LAST_DECISION = "last_decision"
"""Tag of a version with the hash of the last decision: lines that were cut off are seen."""


@dataclass(frozen=True)
class Registered:
    """A version of a registered model.

    Attributes
    ----------
    name : str
    version : str
    tracking_uri : str
    """

    name: str
    version: str
    tracking_uri: str
