"""`Plan`: what is to be predicted, for whom, to what use and bar; fixed before fitting."""

from datetime import date
from typing import Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from fs_risk.errors import PlanError
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.model.gates import DEFAULT_GATES, Gate, Settings, tighten, with_default_gates
from fs_risk.model.tuning import Tuning
from fs_risk.outcomes.definitions import find_outcome
from fs_risk.records.breaks import Break, as_breaks

Cohort = Literal["referral", "contact", "open_case", "closure"]
ListPeriod = Literal["day", "week", "month"]

DECLARATIONS = {
    "purpose": "what the model is for",
    "owner": "who answers for it",
    "dpia": "reference of the data protection impact assessment",
    "lawful_basis": "lawful basis of the processing",
    "policy_document": "the appropriate policy document",
}
"""What a plan on real records must name, and what each is."""


class BoosterSettings(Settings):
    """How the trees are grown.

    Attributes
    ----------
    max_rounds : int
        Trees at most; how many are kept is chosen on households held out.
    patience : int
        Rounds without gain on the households held out after which growing stops.
    learning_rate, num_leaves, max_depth, min_rows_in_leaf, l2, share_of_features
        As in LightGBM. Small trees, many of them: with a thousand positives they rank
        unseen households better than large ones do.
    share_of_rows : float
        Of the rows, drawn anew for each tree; 1 for all.
    """

    max_rounds: int = Field(default=800, ge=1, le=5_000)
    patience: int = Field(default=60, ge=1)
    learning_rate: float = Field(default=0.03, gt=0.0, le=1.0)
    num_leaves: int = Field(default=4, ge=2, le=255)
    max_depth: int = Field(default=2, ge=1, le=12)
    min_rows_in_leaf: int = Field(default=60, ge=1)
    l2: float = Field(default=10.0, ge=0.0)
    share_of_features: float = Field(default=0.3, gt=0.0, le=1.0)
    share_of_rows: float = Field(default=0.6, gt=0.0, le=1.0)


class Plan(Settings):
    """A study's plan: fixed and hashed before fitting.

    Attributes
    ----------
    outcome : str
        A name in `fs_risk.outcomes.definitions.OUTCOMES`.
    within_days : int
        Days after `as_of` in which the outcome counts.
    cohort : {"referral", "contact", "open_case", "closure"}
        Who is scored; a model refuses a cohort that it was not trained on.
    capacity : int or float
        How many children a list holds in each period: a number, or a share in (0, 1).
    list_period : {"day", "week", "month"}
        How often a list is made.
    extract_lag_days : int
        How old the extract may be in use; what became known within that many days
        before `as_of` is hidden from training.
    gates : tuple of Gate
        The default gates are always among them; they can be tightened, never eased.
    seed : int
    n_folds : int
        Household folds.
    test_days : int
        Length of the test period.
    booster : BoosterSettings
    tuning : Tuning or None
        How the booster's settings are searched for; None: they are used as they are.
    family_declared : bool
        Whether a referral names the child's family, as the front door knows it: what was
        recorded of its other children is then seen from the child's first referral on,
        and not only once the records link the child. For referrals.
    breaks : tuple of Break
        Go-lives, changed tier rules (Family Help merges early help and child in need) and
        shocks, as `demand_series` takes them; a plain day is a go-live. Figures are shown on
        each side of them, and a score whose history or days ahead cross one says so.
    further_candidates : tuple of str
        ``"explainable_boosting"``: fitted beside the simple models that every run has
        (needs ``fs-risk[ebm]``; slow).
    purpose, owner, dpia, lawful_basis, policy_document : str or None
        Needed before a model is fitted on real records.

    Examples
    --------
    >>> plan = Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=9)
    >>> plan.hash == Plan(outcome="cp_plan", capacity=9).hash
    True
    >>> plan.missing_declarations
    ('purpose', 'owner', 'dpia', 'lawful_basis', 'policy_document')
    """

    outcome: str
    within_days: int = Field(default=365, ge=1, le=1_830)
    cohort: Cohort = "referral"
    capacity: int | float = Field(default=9, gt=0)
    list_period: ListPeriod = "week"
    extract_lag_days: int = Field(default=7, ge=0, le=365)
    gates: tuple[Gate, ...] = DEFAULT_GATES
    seed: int = Field(default=0, ge=0, lt=10**9)
    n_folds: int = Field(default=3, ge=2, le=20)
    test_days: int = Field(default=365, ge=28)
    booster: BoosterSettings = BoosterSettings()
    tuning: Tuning | None = None
    family_declared: bool = False
    breaks: tuple[Break, ...] = ()
    further_candidates: tuple[Literal["explainable_boosting"], ...] = ()
    purpose: str | None = None
    owner: str | None = None
    dpia: str | None = None
    lawful_basis: str | None = None
    policy_document: str | None = None

    @field_validator("outcome")
    @classmethod
    def _is_an_outcome(cls, outcome: str) -> str:
        return find_outcome(outcome).name

    @field_validator("gates")
    @classmethod
    def _keeps_the_default_gates(cls, gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
        return with_default_gates(gates)

    @field_validator("breaks", mode="before")
    @classmethod
    def _are_breaks(cls, breaks: Any) -> Any:
        each = [breaks] if isinstance(breaks, Break | date | str) else breaks
        return as_breaks([Break.model_validate(one) if isinstance(one, dict) else one
                          for one in each])  # fmt: skip

    @field_validator("tuning", mode="before")
    @classmethod
    def _trials_alone_will_do(cls, tuning: Any) -> Any:
        whole = isinstance(tuning, int) and not isinstance(tuning, bool)
        return Tuning(trials=tuning) if whole else tuning

    @field_validator("capacity", mode="before")
    @classmethod
    def _is_a_number_or_share(cls, capacity: Any) -> Any:
        whole = isinstance(capacity, int) and not isinstance(capacity, bool)
        if whole or (isinstance(capacity, float) and 0 < capacity < 1):
            return capacity
        raise PlanError(
            "Capacity is neither a whole number of children nor a share between 0 and 1.",
            where="Plan, capacity",
            fix="Pass capacity=9 for nine children in each list, or capacity=0.15.",
        )

    @model_validator(mode="after")
    def _names_families_of_referrals(self) -> "Plan":
        if self.family_declared and self.cohort != "referral":
            raise PlanError(
                f"A family is declared with a referral, not with a case of {self.cohort}.",
                where="Plan, family_declared",
                fix='Leave it out, or plan for cohort="referral".',
            )
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is not asked for: a plan without it has the hash that it always had."""
        content: dict[str, Any] = write(self)
        for name in ("family_declared", "breaks"):
            if not getattr(self, name):
                content.pop(name, None)
        return content

    @property
    def hash(self) -> str:
        """SHA-256 of the plan's content: 64 hexadecimal digits."""
        return sha256(canonical_json(self.model_dump(mode="json")))

    @property
    def missing_declarations(self) -> tuple[str, ...]:
        """What the plan must still name before a model is fitted on real records."""
        return tuple(name for name in DECLARATIONS if not (getattr(self, name) or "").strip())

    def check_declared(self, origin: Literal["real", "synthetic"]) -> None:
        """Refuse to fit on real records before the plan names who answers for what.

        Parameters
        ----------
        origin : {"real", "synthetic"}

        Raises
        ------
        PlanError
            On real records, if a declaration is missing.
        """
        missing = self.missing_declarations
        if origin == "real" and missing:
            raise PlanError(
                f"{len(missing)} of {len(DECLARATIONS)} declarations are missing, so on real "
                "records only data checks may be run.",
                where=f"Plan, {', '.join(missing)}",
                fix="Name "
                + "; ".join(f"{name} ({DECLARATIONS[name]})" for name in missing)
                + " in the plan.",
            )

    def tightened(self, *gates: Gate) -> "Plan":
        """Give the same plan with harder gates; a gate cannot be made easier.

        Parameters
        ----------
        *gates : Gate
            Each takes the place of the gate on the same measure and figure, or is added.

        Raises
        ------
        PlanError
            If one asks less than the gate in its place.
        """
        return self._changed(gates=tighten(self.gates, gates))

    def tuned(self, budget: "Tuning | int | None") -> "Plan":
        """Give the same plan with a budget for tuning, which is part of what is hashed.

        Parameters
        ----------
        budget : Tuning, int or None
            A number is one of trials. None leaves the plan as it is.

        Raises
        ------
        PlanError
            If the plan already states another budget.
        """
        if budget is None:
            return self
        wanted = Tuning(trials=budget) if isinstance(budget, int) else budget
        if self.tuning not in (None, wanted):
            raise PlanError(
                "The plan already says otherwise how its model is tuned.",
                where="Plan, tuning",
                fix="Leave out tune=, or write a plan with this budget.",
            )
        return self._changed(tuning=wanted)

    def _changed(self, **settings: Any) -> "Plan":
        """Copy with other settings, checked as if they had been given."""
        return Plan(**{**{name: getattr(self, name) for name in Plan.model_fields}, **settings})
