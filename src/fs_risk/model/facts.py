"""What a step-up model states about itself: the content of ``model.json``."""

from collections.abc import Iterable
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from fs_risk.model.bands import Band, Listed
from fs_risk.model.calibration import LogOddsCalibrator
from fs_risk.model.gates import GateResult
from fs_risk.model.intervals import ScoreInterval
from fs_risk.model.plan import BoosterSettings, Plan
from fs_risk.model.support import Support
from fs_risk.model.vignettes import VignetteResult
from fs_risk.records.notebook import ShowsItsFields

SCHEMA_VERSION = 2
"""Raised when the shape of ``model.json`` changes."""


class Spec(Protocol):
    """What the model keeps of a feature's declaration; `FeatureSpec` has it."""

    @property
    def name(self) -> str:
        """Name of the column."""

    @property
    def meaning(self) -> str:
        """One sentence."""

    @property
    def concept(self) -> str:
        """Practice concept that its reasons are grouped under."""

    @property
    def kind(self) -> str:
        """``worry``, ``strength`` or ``neutral``."""

    @property
    def unit(self) -> str:
        """Unit of the value."""

    @property
    def monotone(self) -> int:
        """-1, 0 or 1."""

    @property
    def digest(self) -> str:
        """SHA-256 of the definition."""


class _Frozen(ShowsItsFields, BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UsedFeature(_Frozen):
    """A feature as it was defined when the model was fitted.

    Attributes
    ----------
    name, meaning, concept, kind, unit : str
    monotone : {-1, 0, 1}
    digest : str
        SHA-256 of its definition.
    """

    name: str
    meaning: str
    concept: str
    kind: str
    unit: str
    monotone: Literal[-1, 0, 1]
    digest: str


class SliceSummary(_Frozen):
    """The rows of one period.

    Attributes
    ----------
    first_as_of, last_as_of : str
        ISO dates.
    n, positives, households : int
    """

    first_as_of: str
    last_as_of: str
    n: int
    positives: int
    households: int


class FoldProof(_Frozen):
    """That the test rows of a fold share neither time nor household with its training."""

    fold: int
    n_fit: int
    n_test: int
    shared_households: int
    last_training_as_of: str
    last_training_label: str
    first_test_as_of: str
    days_clear: int


class Trial(_Frozen):
    """One configuration of the booster that was tried.

    Attributes
    ----------
    settings : BoosterSettings
    loss : float or None
        Mean log loss on households held out within the fit period; None where it was
        given up, being worse than most at an early fold.
    rounds : int or None
        Trees with the least loss.
    """

    settings: BoosterSettings
    loss: float | None
    rounds: int | None


class Training(_Frozen):
    """What a model was fitted on.

    Attributes
    ----------
    origin : {"real", "synthetic"}
    label : str
        Which authority, for synthetic records.
    returns : tuple of str
    fingerprint : str
        SHA-256 of the records.
    extract_date : str or None
        ISO date.
    fit, test : SliceSummary
    not_labelled : dict of str to int
        Rows left out, by reason.
    rounds : int
        Trees kept.
    settings : BoosterSettings
        With which they were grown: the plan's, or those that tuning chose.
    trials : tuple of Trial
        Every configuration tried, in order; the plan's own is the first.
    engine : {"local", "dask"}
        What grew the trees.
    proof : tuple of FoldProof
    """

    origin: Literal["real", "synthetic"]
    label: str = ""
    returns: tuple[str, ...] = ()
    fingerprint: str
    extract_date: str | None
    fit: SliceSummary
    test: SliceSummary
    not_labelled: dict[str, int]
    rounds: int
    settings: BoosterSettings
    trials: tuple[Trial, ...] = ()
    engine: Literal["local", "dask"] = "local"
    proof: tuple[FoldProof, ...]

    @property
    def configurations_tried(self) -> int:
        """How many configurations of the booster were tried."""
        return max(len(self.trials), 1)


class Facts(_Frozen):
    """Everything about a model that is not a tree.

    Attributes
    ----------
    schema_version : int
    name : str
    library_version : str
        Of the release that fitted it.
    plan : Plan
    plan_hash : str
    features : tuple of UsedFeature
        In the order of the booster's columns.
    calibrator : LogOddsCalibrator
    replica_calibrators : tuple of LogOddsCalibrator
    bands : tuple of Band
    listed : Listed
    training : Training
    gate_results : tuple of GateResult or None
        None before the model was evaluated.
    interval : ScoreInterval or None
        How far a case's probability may lie from its score.
    support : Support or None
        The past cases that scores rest on, as counts.
    vignettes : tuple of VignetteResult
        How the model ordered the fixed cases; empty where none are for its kind of case.
    """

    schema_version: int = SCHEMA_VERSION
    name: str
    library_version: str
    plan: Plan
    plan_hash: str
    features: tuple[UsedFeature, ...] = Field(min_length=1)
    calibrator: LogOddsCalibrator
    replica_calibrators: tuple[LogOddsCalibrator, ...]
    bands: tuple[Band, ...]
    listed: Listed
    training: Training
    gate_results: tuple[GateResult, ...] | None = None
    interval: ScoreInterval | None = None
    support: Support | None = None
    vignettes: tuple[VignetteResult, ...] = ()


def used_features(specs: Iterable[Spec]) -> tuple[UsedFeature, ...]:
    """Keep of each declaration what a model states about it.

    Parameters
    ----------
    specs : iterable of FeatureSpec

    Returns
    -------
    tuple of UsedFeature
    """
    return tuple(
        UsedFeature.model_validate({name: getattr(spec, name) for name in UsedFeature.model_fields})
        for spec in specs
    )
