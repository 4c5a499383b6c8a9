"""What a model must show before it may be put forward, set down before it is fitted."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from fs_risk.errors import PlanError, nearest
from fs_risk.records.notebook import ShowsItsFields

GATE_METRICS = (
    "average_precision",
    "gain_average_precision",
    "roc_auc",
    "precision_at_capacity",
    "recall_at_capacity",
    "lift_at_capacity",
    "calibration_slope",
    "calibration_intercept",
    "calibration_error",
    "observed_over_expected",
    "observed_over_expected_listed",
    "list_overlap",
    "worst_group_recall",
    "vignettes_failed",
)
"""The measures of an evaluation report that a gate can be set on.

``observed_over_expected_listed`` is that of the listed cases; ``list_overlap`` the share of
the list that stays from one month to the next;
``worst_group_recall`` the smallest recall at capacity of any group that is large enough;
``vignettes_failed`` how many orders of the vignettes the model does not hold.
"""


class Settings(ShowsItsFields, BaseModel):
    """A frozen record of settings whose mistakes are told as a `PlanError`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, **settings: Any) -> None:
        try:
            super().__init__(**settings)
        except ValidationError as error:
            raise _as_plan_error(type(self), error) from None


def _as_plan_error(kind: type[BaseModel], error: ValidationError) -> PlanError:
    fields = ["".join(str(part) for part in fault["loc"][:1]) for fault in error.errors()]
    unknown = [name for name in fields if name and name not in kind.model_fields]
    hints = "".join(nearest(name, kind.model_fields) for name in unknown)
    faults = "; ".join(
        f"{field or kind.__name__} {_in_words(fault['type'], fault['msg'])}"
        for field, fault in zip(fields, error.errors(), strict=True)
    )
    known = ", ".join(kind.model_fields)
    return PlanError(
        f"{len(fields)} setting{'s' * (len(fields) > 1)} cannot be used: {faults}.{hints}",
        where=f"{kind.__name__}, {', '.join(dict.fromkeys(filter(None, fields)))}".rstrip(", "),
        fix=f"Choose among the settings {known}." if unknown else "Correct what is named above.",
    )


def _in_words(fault: str, message: str) -> str:
    """Say what is wrong with a setting, as the end of a sentence."""
    known = {
        "extra_forbidden": "is not a setting",
        "missing": "is not given",
        "int_parsing": "should be a whole number",
        "int_type": "should be a whole number",
        "int_from_float": "should be a whole number",
        "float_parsing": "should be a number",
        "string_type": "should be text",
        "bool_parsing": "should be true or false",
    }
    return known.get(fault) or message.replace("Input should", "should", 1)


class Gate(Settings):
    """A bar on one measure of the evaluation report.

    Attributes
    ----------
    metric : str
        One of `GATE_METRICS`.
    at_least, at_most, more_than : float or None
        The bar; at least one of them.
    judged_on : {"value", "low", "high"}
        Whether the figure itself must clear the bar, or an end of its interval.

    Examples
    --------
    >>> gate = Gate(metric="calibration_slope", at_least=0.8, at_most=1.2)
    >>> gate.passes(1.05), gate.passes(1.3), gate.says
    (True, False, 'calibration_slope (value) at least 0.8, at most 1.2')
    """

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    more_than: float | None = None
    judged_on: Literal["value", "low", "high"] = "value"

    @model_validator(mode="after")
    def _is_a_bar(self) -> "Gate":
        if self.metric not in GATE_METRICS:
            raise PlanError(
                f"There is no measure {self.metric!r} to set a gate on."
                f"{nearest(self.metric, GATE_METRICS)}",
                fix=f"Choose one of: {', '.join(GATE_METRICS)}.",
            )
        if self.at_least is None and self.at_most is None and self.more_than is None:
            raise PlanError(
                f"The gate on {self.metric} sets no bar.",
                fix="Give it at_least=, at_most= or more_than=.",
            )
        return self

    @property
    def key(self) -> tuple[str, str]:
        """The measure and the figure of it that is judged: one gate can stand on each."""
        return self.metric, self.judged_on

    def passes(self, figure: float | None) -> bool:
        """Say whether a figure clears the bar; a figure that could not be had does not."""
        if figure is None or figure != figure:
            return False
        return (
            (self.at_least is None or figure >= self.at_least)
            and (self.at_most is None or figure <= self.at_most)
            and (self.more_than is None or figure > self.more_than)
        )

    @property
    def says(self) -> str:
        """The gate in words."""
        bars = [
            f"{words} {bar:g}"
            for words, bar in (
                ("more than", self.more_than),
                ("at least", self.at_least),
                ("at most", self.at_most),
            )
            if bar is not None
        ]
        return f"{self.metric} ({self.judged_on}) {', '.join(bars)}"

    def no_looser_than(self, earlier: "Gate") -> bool:
        """Say whether this gate asks at least as much as an earlier one of the same measure."""
        if (self.metric, self.judged_on) != (earlier.metric, earlier.judged_on):
            return False
        floor = _largest(self.at_least, self.more_than)
        ceiling = self.at_most
        return (
            (earlier.at_least is None or (floor is not None and floor >= earlier.at_least))
            and (
                earlier.more_than is None
                or (self.more_than is not None and self.more_than >= earlier.more_than)
                or (self.at_least is not None and self.at_least > earlier.more_than)
            )
            and (earlier.at_most is None or (ceiling is not None and ceiling <= earlier.at_most))
        )


def _largest(*bars: float | None) -> float | None:
    given = [bar for bar in bars if bar is not None]
    return max(given) if given else None


DEFAULT_GATES: tuple[Gate, ...] = (
    Gate(metric="gain_average_precision", more_than=0.0, judged_on="low"),
    Gate(metric="calibration_slope", at_least=0.8, at_most=1.2),
    Gate(metric="observed_over_expected", at_least=0.9, at_most=1.1),
    Gate(metric="observed_over_expected_listed", at_least=0.9, at_most=1.1),
)
"""Better than the best simple candidate beyond doubt, and calibrated on later time, on the
whole and within the list. A plan can add to these gates and tighten them, never ease them."""


def with_default_gates(gates: Sequence[Gate]) -> tuple[Gate, ...]:
    """Add the default gates that a plan does not name, and refuse any that it eases.

    Parameters
    ----------
    gates : sequence of Gate

    Returns
    -------
    tuple of Gate
        The default gates, or harder ones in their place, and then all others.

    Raises
    ------
    PlanError
        If one asks less than the default gate on the same measure and figure, or two
        gates are set on one.

    Examples
    --------
    >>> harder = Gate(metric="calibration_slope", at_least=0.9, at_most=1.1)
    >>> [gate.says for gate in with_default_gates([harder])][1]
    'calibration_slope (value) at least 0.9, at most 1.1'
    >>> len(with_default_gates([])) == len(DEFAULT_GATES)
    True
    """
    kept = {gate.key: gate for gate in DEFAULT_GATES}
    if len({gate.key for gate in gates}) < len(gates):
        raise PlanError(
            "Two gates are set on one measure and figure.",
            where="Plan, gates",
            fix="Join them: at_least= and at_most= go together.",
        )
    for gate in gates:
        kept[gate.key] = _in_place_of(kept.get(gate.key), gate)
    return tuple(kept.values())


def tighten(gates: Sequence[Gate], harder: Sequence[Gate]) -> tuple[Gate, ...]:
    """Put harder gates in the place of others, or add them.

    Parameters
    ----------
    gates, harder : sequence of Gate

    Raises
    ------
    PlanError
        If one asks less than the gate in its place.
    """
    kept = {gate.key: gate for gate in gates}
    for gate in harder:
        kept[gate.key] = _in_place_of(kept.get(gate.key), gate)
    return tuple(kept.values())


def _in_place_of(earlier: Gate | None, gate: Gate) -> Gate:
    if earlier is not None and not gate.no_looser_than(earlier):
        raise PlanError(
            f"The gate '{gate.says}' asks less than '{earlier.says}'.",
            where="Plan, gates",
            fix="Keep the earlier gate, or set a harder one.",
        )
    return gate


class GateResult(Settings):
    """How a model stood against one gate.

    Attributes
    ----------
    gate : Gate
    figure : float or None
        What was judged; None where it could not be had.
    passed : bool
    """

    gate: Gate
    figure: float | None
    passed: bool


def judge(
    gates: Sequence[Gate], figures: Mapping[tuple[str, str], float]
) -> tuple[GateResult, ...]:
    """Hold figures against gates.

    Parameters
    ----------
    gates : sequence of Gate
    figures : mapping of (metric, "value" | "low" | "high") to float
        A figure that is absent or NaN fails its gate.

    Returns
    -------
    tuple of GateResult
        In the order of `gates`.

    Examples
    --------
    >>> results = judge(DEFAULT_GATES, {("calibration_slope", "value"): 1.0})
    >>> [result.passed for result in results]
    [False, True, False, False]
    """
    results = []
    for gate in gates:
        figure = figures.get((gate.metric, gate.judged_on))
        known = None if figure is None or figure != figure else float(figure)
        results.append(GateResult(gate=gate, figure=known, passed=gate.passes(known)))
    return tuple(results)
