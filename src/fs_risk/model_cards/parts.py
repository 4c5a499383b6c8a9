"""The parts of a card that say what a model is: its data, features, plan and explanation."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fs_risk.records.notebook import ShowsItsFields

Origin = Literal["real", "synthetic"]

HASH, HASH_OR_NONE = r"^[0-9a-f]{64}$", r"^([0-9a-f]{64})?$"
"""What a SHA-256 looks like."""


class Part(ShowsItsFields, BaseModel):
    """A frozen part of a card; nothing unknown may stand in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CardFigure(Part):
    """A figure with all that is needed to find it again (requirement G3).

    Attributes
    ----------
    run : str
        What measured it: a key of the envelope's `runs`.
    metric : str
    value, low, high : float or None
        With its 95 % interval; None where it could not be had, or is hidden.
    n : int or None
        Cases behind it; None where hidden.
    symbol : str
        ``c`` hidden (small numbers), ``z`` nothing to take a share of, ``:`` not
        available; empty where there is a value.
    """

    run: str
    metric: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None
    symbol: Literal["", "c", "z", ":"] = ""


class Identity(Part):
    """Which model the card is about.

    Attributes
    ----------
    kind : {"step_up"}
    name, version, library_version : str
    origin : {"real", "synthetic"}
        Of the records it was fitted on.
    label : str
        Which authority, for synthetic records.
    mode, mode_means : str
        What it may be used for before approvals are looked at, and in words.
    outcome, outcome_means : str
    within_days : int
    cohort : str
    capacity : int or float
    list_period : str
    extract_lag_days : int
    """

    kind: Literal["step_up"] = "step_up"
    name: str
    version: str
    library_version: str
    origin: Origin
    label: str
    mode: str
    mode_means: str
    outcome: str
    outcome_means: str
    within_days: int
    cohort: str
    capacity: int | float
    list_period: str
    extract_lag_days: int

    @property
    def list_in_words(self) -> str:
        """How large the lists are, and how often they are made."""
        if self.capacity < 1:
            return f"{100 * self.capacity:g} % of each {self.list_period}'s cases"
        children = "child" if self.capacity == 1 else "children"
        return f"{self.capacity:g} {children} each {self.list_period}"


class Hashes(Part):
    """What ties the card to bytes.

    Attributes
    ----------
    model : str
        Content hash of the artefact.
    plan : str
    records : str
        Fingerprint of the records it was fitted on.
    measured_on : str
        Fingerprint of the records it was measured on; empty where they were not given.
    report, audit : str
        SHA-256 of the evaluation report and of the audit, to nine significant digits.
    """

    model: str = Field(pattern=HASH)
    plan: str = Field(pattern=HASH)
    records: str = Field(pattern=HASH)
    measured_on: str = Field(pattern=HASH_OR_NONE)
    report: str = Field(pattern=HASH)
    audit: str = Field(pattern=HASH)


class Settings(Part):
    """With what the report and the audit were made, so that they can be made again.

    Attributes
    ----------
    fresh, thorough : bool
    resamples : int
    capacities : tuple of float
        Of the lists shown.
    audit_attributes : tuple of str
    audit_capacity : float
    audit_resamples : int
    """

    fresh: bool
    thorough: bool
    resamples: int = Field(ge=2, le=20_000)
    capacities: tuple[int | float, ...]
    audit_attributes: tuple[str, ...]
    audit_capacity: float
    audit_resamples: int = Field(ge=2, le=20_000)


class Period(Part):
    """The cases of one period: ``fit`` or ``test``."""

    name: str
    first_as_of: str
    last_as_of: str
    cases: int | None
    with_outcome: int | None
    households: int | None


class TableRead(Part):
    """What was read into one canonical table."""

    table: str
    rows: int | None
    children: int | None
    observed_from: str
    observed_to: str
    recorded_clocks: float | None
    set_aside: int | None


class QualityFinding(Part):
    """One finding on the quality of the data; never a row or a value of it."""

    rule: str
    severity: str
    table: str
    column: str
    count: int | None
    message: str


class Data(Part):
    """What the model saw.

    Attributes
    ----------
    returns : tuple of str
    extract_date : str or None
    periods : tuple of Period
    left_out : dict of str to int or None
        Cases without a label, by reason; None where hidden.
    tables : tuple of TableRead
        Empty where the card was built without the records; so for `findings`.
    findings : tuple of QualityFinding
    share_by_rule : float or None
        Of dated rows, those whose recording date is set by rule.
    """

    returns: tuple[str, ...]
    extract_date: str | None
    periods: tuple[Period, ...]
    left_out: dict[str, int | None]
    tables: tuple[TableRead, ...] = ()
    findings: tuple[QualityFinding, ...] = ()
    share_by_rule: float | None = None


class Feature(Part):
    """A feature of the model, as it was declared.

    Attributes
    ----------
    weight : float
        Its share of what the trees gained.
    waiver : str
        Who allowed an unlimited look-back, and why (requirement F2).
    """

    name: str
    meaning: str
    concept: str
    kind: str
    unit: str
    monotone: Literal[-1, 0, 1]
    digest: str
    weight: float
    window_days: int | None = None
    half_life_days: int | None = None
    sensitivity: str = ""
    necessity: str = ""
    poverty_or_service_use: bool = False
    waiver: str = ""
    sources: tuple[str, ...] = ()


class Leakage(Part):
    """That nothing learnt from was known only later.

    Attributes
    ----------
    folds, shared_households, days_clear : int
        Folds of the test; households on both sides of any; fewest days from the last
        label learnt from to the first test case.
    suspicious : tuple of str
        Features that alone tell the outcome too well.
    prover : dict or None
        What `prove_no_leakage` found; None where it was not given.
    """

    folds: int
    shared_households: int
    days_clear: int
    suspicious: tuple[str, ...]
    prover: dict[str, Any] | None = None


class GateShown(Part):
    """A gate of the plan, and how the model stood against it."""

    says: str
    metric: str
    judged_on: str
    figure: float | None
    passed: bool


class PlanShown(Part):
    """The plan, fixed before fitting.

    Attributes
    ----------
    settings : dict
        Its whole content.
    gates : tuple of GateShown
    plans_tried : int or None
        Different plans tried on the test period; None where no list was kept.
    configurations_tried : int
    """

    settings: dict[str, Any]
    gates: tuple[GateShown, ...]
    plans_tried: int | None
    configurations_tried: int


class Driver(Part):
    """A practice concept, and how much the trees lean on its features.

    Attributes
    ----------
    weight : float
        Its features' share of what the trees gained.
    worries, strengths, neutral : int
        Features of each kind.
    """

    concept: str
    weight: float
    worries: int
    strengths: int
    neutral: int


class Explanation(Part):
    """What drives the scores.

    Attributes
    ----------
    drivers : tuple of Driver
        The heaviest first.
    trees : int
    model_type : str
    """

    drivers: tuple[Driver, ...]
    trees: int
    model_type: str


class VignetteShown(Part):
    """How the model ordered two invented cases."""

    higher: str
    lower: str
    why: str
    gap: float
    holds: bool


class Characteristic(Part):
    """A characteristic of the Equality Act 2010, or one beside them, and what is done with it.

    Attributes
    ----------
    name : str
    protected : bool
        Whether the Act names it.
    held, used_in_model, used_in_audit : bool
    codes : str
        How the returns record it.
    complete : CardFigure or None
        Share of the audited cases where it is recorded.
    reason : str
    """

    name: str
    protected: bool
    held: bool
    used_in_model: bool
    used_in_audit: bool
    codes: str
    complete: CardFigure | None
    reason: str


class SensitiveData(Part):
    """Features that rest on data the law protects more, by kind, and why they are needed."""

    kind: str
    features: int
    weight: float
    necessity: tuple[str, ...]


class Law(Part):
    """What the law asks to be told.

    Attributes
    ----------
    role : str
        Of the model in decisions; always decision support.
    sensitive : tuple of SensitiveData
    characteristics : tuple of Characteristic
    """

    role: Literal["decision support"] = "decision support"
    sensitive: tuple[SensitiveData, ...]
    characteristics: tuple[Characteristic, ...] = Field(min_length=1)
