"""Which signatures a model needs before it is used, and whose."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fs_risk.records.notebook import ShowsItsFields

State = Literal[
    "draft",
    "technical review",
    "practice review",
    "information governance",
    "equality",
    "approved",
    "live",
    "suspended",
    "retired",
]
"""Where a model stands. A review's name means that the review has signed."""


class Step(ShowsItsFields, BaseModel):
    """One signature that is needed.

    Attributes
    ----------
    state : str
        Where the model stands once it is signed.
    roles : tuple of str
        Who may sign it, in the authority's own words.
    asks : str
        What the signature answers for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: State
    roles: tuple[str, ...] = Field(min_length=1)
    asks: str


STEPS = (
    Step(
        state="technical review",
        roles=("technical reviewer",),
        asks="The figures are right: the leakage proof, the gates, the calibration, the tests.",
    ),
    Step(
        state="practice review",
        roles=("practice lead", "principal social worker"),
        asks="The reasons, the words and the use make sense to those who decide.",
    ),
    Step(
        state="information governance",
        roles=("data protection officer", "information governance lead"),
        asks="The lawful basis, the impact assessment and the retention are in order.",
    ),
    Step(
        state="equality",
        roles=("equality lead",),
        asks="The audit was read, with what it could not have seen.",
    ),
    Step(
        state="approved",
        roles=("senior responsible owner",),
        asks="The whole of it, and every equality question that evidence cannot answer yet.",
    ),
)
"""The signatures needed unless an authority writes its own."""


class ApprovalPolicy(ShowsItsFields, BaseModel):
    """The signatures that a model needs, in order.

    Attributes
    ----------
    steps : tuple of Step
        The last is the approval itself, by whoever is answerable.
    distinct_people : bool, default=True
        Whether one person may sign one step only.
    longest_days : int, default=366
        An approval may not be given for longer.

    Raises
    ------
    ValueError
        If a step is there twice, or the last is not the approval.

    Examples
    --------
    >>> ApprovalPolicy().steps[0].roles
    ('technical reviewer',)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: tuple[Step, ...] = STEPS
    distinct_people: bool = True
    longest_days: int = Field(default=366, ge=1, le=1_096)

    @model_validator(mode="after")
    def _ends_with_the_approval(self) -> "ApprovalPolicy":
        states = [step.state for step in self.steps]
        if not states or states[-1] != "approved" or len(set(states)) < len(states):
            raise ValueError("the steps must each be there once and end with the approval")
        if {"draft", "live", "suspended", "retired"} & set(states):
            raise ValueError("draft, live, suspended and retired need no signature of a step")
        return self

    @property
    def owner(self) -> Step:
        """The step of whoever is answerable: who moves a model to live and retires it."""
        return self.steps[-1]

    @property
    def roles(self) -> tuple[str, ...]:
        """All roles that may decide something."""
        return tuple(role for step in self.steps for role in step.roles)

    def place(self, role: str) -> int | None:
        """Give the place of the step that a role signs, None for a role without one."""
        places = [place for place, step in enumerate(self.steps) if role in step.roles]
        return places[0] if places else None
