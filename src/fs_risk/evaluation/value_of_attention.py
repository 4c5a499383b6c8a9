"""`ValueOfAttention`: what a list costs and might avert, with the assumption it rests on."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.value_costs import Costs, EffectAssumption
from fs_risk.evaluation.value_listed import Listed
from fs_risk.evaluation.value_words import assumption_said, sentence_at

CAVEAT = (
    "The effect is assumed, not measured: nothing in a report on a model shows what extra "
    "attention does. Fewer plans or days in care are not by themselves better for children; "
    "money is one side of the decision. Harm and effort to families listed where nothing "
    "followed are counted as children, not in pounds."
)

EFFECTS_SHOWN = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares averted that stand side by side where no effect is stated: from none to a fifth, so
that nobody takes one of them for a finding. No study is behind the range."""


@dataclass(frozen=True)
class ValueOfAttention:
    """Cost and benefit of extra attention, with the assumption it rests on.

    Where no effect is stated it gives the break-even and the net over `EFFECTS_SHOWN`, and
    no single saving.

    Attributes
    ----------
    report_name, outcome : str
    within_days, n : int
    origin : {"real", "synthetic"}
    costs : Costs
    effect : EffectAssumption or None
    listed : tuple of Listed
        What a list of each capacity holds.
    own : Listed
        The same at the plan's own capacity.
    """

    report_name: str
    outcome: str
    within_days: int
    n: int
    origin: str
    costs: Costs
    effect: EffectAssumption | None
    listed: tuple[Listed, ...] = field(repr=False)
    own: Listed = field(repr=False)

    def net(
        self,
        listed: Listed,
        *,
        precision: float | None = None,
        effect: float | None = None,
        per_listed: float | None = None,
        per_outcome: float | None = None,
    ) -> float:
        """Give the net in pounds per 1,000 cases, with some figures changed.

        Parameters
        ----------
        listed : Listed
        precision, effect, per_listed, per_outcome : float, optional
            In place of the stated ones.

        Raises
        ------
        AuditError
            If no effect is stated, here or in `weigh_value`.
        """
        p = listed.precision if precision is None else precision
        e = self.stated_effect().reduction if effect is None else effect
        a = self.costs.per_listed if per_listed is None else per_listed
        c = self.costs.per_outcome if per_outcome is None else per_outcome
        return listed.per_1000 * (p * e * c - a)

    def stated_effect(self) -> EffectAssumption:
        """Give what was assumed of the attention.

        Raises
        ------
        AuditError
            If nothing was: no single saving is given then.
        """
        if self.effect is None:
            raise AuditError(
                "No effect of the extra attention is stated, and no single saving is given "
                "without one.",
                where="weigh_value(effect=)",
                fix="State what you assume, why, and how far to vary it, as EffectAssumption; or "
                "read over_effects() and the break-even.",
            )
        return self.effect

    @property
    def table(self) -> pd.DataFrame:
        """A row for each capacity, all per 1,000 cases and in pounds of the price year.

        ``capacity``, ``listed``, ``found`` (listed, and the outcome followed),
        ``not_followed``, ``precision`` with ``_low`` and ``_high``, ``attention_cost``,
        ``averted``, ``avoided_cost``, ``net`` with ``_low`` and ``_high``,
        ``break_even_effect`` with ``_low`` and ``_high``, ``assumed_effect``,
        ``assumption``, ``price_year``, ``counted``. Low and high come from the interval
        of the precision, at the assumed effect. Where no effect is stated, what would
        follow from one is missing (NaN); see `over_effects`.
        """
        return pd.DataFrame([self._row(listed) for listed in self.listed])

    def _row(self, listed: Listed) -> dict[str, Any]:
        ends = {"low": listed.low, "high": listed.high}
        found = listed.per_1000 * listed.precision
        effect = self.effect
        reduction = math.nan if effect is None else effect.reduction
        averted = found * reduction
        return {
            "capacity": listed.capacity,
            "listed": listed.per_1000,
            "found": found,
            "not_followed": listed.per_1000 - found,
            "precision": listed.precision,
            **{f"precision_{name}": end for name, end in ends.items()},
            "attention_cost": listed.per_1000 * self.costs.per_listed,
            "averted": averted,
            "avoided_cost": averted * self.costs.per_outcome,
            "net": self.net(listed, effect=reduction),
            **{
                f"net_{name}": self.net(listed, precision=end, effect=reduction)
                for name, end in ends.items()
            },
            "break_even_effect": self.break_even(listed.precision),
            "break_even_effect_low": self.break_even(listed.high),
            "break_even_effect_high": self.break_even(listed.low),
            "assumed_effect": reduction,
            "assumption": "none stated" if effect is None else effect.basis,
            "price_year": self.costs.price_year,
            "counted": listed.counted,
        }

    def break_even(self, precision: float) -> float:
        """Give the effect at which the net is 0; infinite where nothing could pay for it."""
        gain = precision * self.costs.per_outcome
        return self.costs.per_listed / gain if gain > 0 else float("inf")

    def sensitivity(self, *, capacity: float | None = None) -> pd.DataFrame:
        """Vary one figure at a time between its low and high end.

        Parameters
        ----------
        capacity : int or float, optional
            By default the plan's own.

        Returns
        -------
        DataFrame
            ``varied``, ``low``, ``high`` (ends of the figure), ``net_at_low``,
            ``net_at_high``, ``width``; the widest first.

        Raises
        ------
        AuditError
            If that capacity was not weighed, or no effect is stated.
        """
        effect, listed = self.stated_effect(), self._at(capacity)
        attention, outcome = self.costs.ends("attention"), self.costs.ends("averted")
        ends: dict[str, tuple[str, float, float]] = {
            "assumed effect": ("effect", effect.low, effect.high),
            "precision of the list": ("precision", listed.low, listed.high),
            "cost of an outcome": ("per_outcome", *outcome),
            "cost of attention": ("per_listed", *attention),
        }
        rows = [
            (name, low, high, self.net(listed, **{what: low}), self.net(listed, **{what: high}))
            for name, (what, low, high) in ends.items()
        ]
        names = ["varied", "low", "high", "net_at_low", "net_at_high"]
        table = pd.DataFrame(rows, columns=names)
        table["width"] = (table["net_at_high"] - table["net_at_low"]).abs()
        return table.sort_values("width", ascending=False, kind="stable", ignore_index=True)

    def over_effects(self, effects: Sequence[float] | None = None) -> pd.DataFrame:
        """Give the net at each capacity over a range of assumed effects.

        Parameters
        ----------
        effects : sequence of float, optional
            By default eleven steps from the assumption's low to its high end, or
            `EFFECTS_SHOWN` where no effect is stated.

        Returns
        -------
        DataFrame
            ``capacity``, ``effect``, ``net``.
        """
        stated = self.effect
        own = EFFECTS_SHOWN if stated is None else np.linspace(stated.low, stated.high, 11)
        steps = own if effects is None else effects
        rows = [
            (listed.capacity, float(step), self.net(listed, effect=float(step)))
            for listed in self.listed
            for step in steps
        ]
        return pd.DataFrame(rows, columns=["capacity", "effect", "net"])

    def _at(self, capacity: float | None) -> Listed:
        if capacity is None:
            return self.own
        found = [listed for listed in self.listed if listed.capacity == capacity]
        if not found:
            known = ", ".join(f"{listed.capacity:g}" for listed in self.listed)
            raise AuditError(
                f"The capacity {capacity:g} was not weighed.",
                where=f"capacities {known}",
                fix="Ask for one of these, or weigh it with capacities=.",
            )
        return found[0]

    def sentence(self, *, capacity: float | None = None) -> str:
        """Say what follows at one capacity, and from which assumption.

        Parameters
        ----------
        capacity : int or float, optional
            By default the plan's own.

        Returns
        -------
        str
            Begins with the assumption; where none is stated, with that.
        """
        return sentence_at(self, self._at(capacity))

    def text(self) -> str:
        """Give a printable summary: assumption, costs with their sources, a line a capacity.

        Returns
        -------
        str
        """
        lines = [
            *(["SYNTHETIC: invented records; says nothing about real children."]
              if self.origin == "synthetic" else []),
            f"{self.report_name}: {self.outcome} within {self.within_days} days, n {self.n:,}.",
            assumption_said(self),
            *self.sources,
            "",
            *(self.sentence(capacity=listed.capacity) for listed in self.listed),
            "",
            CAVEAT,
        ]  # fmt: skip
        return "\n".join(lines)

    @property
    def sources(self) -> tuple[str, ...]:
        """Each cost with its amount, year, source and quantity, in words."""
        items = {"Attention to a listed child": self.costs.attention,
                 "One outcome": self.costs.averted}  # fmt: skip
        told = [
            f"{name}: {item.quantity:g} × £{item.cost.amount:,.0f} a {item.cost.unit} "
            f"({item.cost.year}; {item.cost.source}; {item.basis})."
            for name, item in items.items()
        ]
        index = self.costs.price_index
        return (*told, *([f"Prices brought to {self.costs.price_year} by {index.source}."]
                         if index else []))  # fmt: skip

    def plot_net(self, ax: Any = None) -> Any:
        """Plot the net over the share listed, one line an effect: low, assumed and high."""
        from fs_risk.evaluation.value_plots import plot_net

        return plot_net(self, ax)

    def plot_tornado(self, *, capacity: float | None = None, ax: Any = None) -> Any:
        """Plot how the net moves as one figure at a time is varied; give the axes."""
        from fs_risk.evaluation.value_plots import plot_tornado

        return plot_tornado(self, capacity, ax)

    def __repr__(self) -> str:
        return self.sentence()

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        told = "".join(f"<li>{html.escape(line)}</li>" for line in self.text().splitlines() if line)
        return f"<ul>{told}</ul>"
