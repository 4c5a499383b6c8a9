"""What things cost, each with its unit, price year and source; and what is assumed to work.

References
----------
.. [1] Department for Education, Local Authority Interactive Tool (section 251 outturn,
   2024-25), England and the 10th and 90th percentile of authorities.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fs_risk.errors import AuditError
from fs_risk.outcomes.definitions import find_outcome
from fs_risk.records.arguments import WORD, takes
from fs_risk.records.notebook import ShowsItsFields

_SECTION_251 = "DfE Local Authority Interactive Tool, section 251 outturn"


class _Stated(ShowsItsFields, BaseModel):
    """Frozen figures whose mistakes are told as an `AuditError`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, **stated: Any) -> None:
        try:
            super().__init__(**stated)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc'])) or type(self).__name__}: {fault['msg']}"
                for fault in error.errors()
            )
            raise AuditError(
                f"A stated figure cannot be used: {faults}.",
                where=f"{type(self).__name__}, fields {', '.join(type(self).model_fields)}",
                fix="Correct the fields named above.",
            ) from None


class UnitCost(_Stated):
    """What one unit of something costs.

    Attributes
    ----------
    amount : float
        Pounds.
    unit : str
        What it is paid for, such as ``"week looked after"``.
    year : str
        Price year, such as ``"2024-25"``.
    source : str
        Where the amount comes from; for your own, who worked it out.
    low, high : float or None
        The range it is varied in; by default the amount itself.

    Examples
    --------
    >>> UnitCost(amount=45, unit="second read", year="2024-25", source="own, finance 2025").amount
    45.0
    """

    amount: float = Field(ge=0)
    unit: str = Field(min_length=1)
    year: str = Field(pattern=r"^\d{4}-\d{2}$")
    source: str = Field(min_length=1)
    low: float | None = Field(default=None, ge=0)
    high: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_a_range(self) -> "UnitCost":
        if (self.low or 0.0) > self.amount or (self.high is not None and self.high < self.amount):
            raise ValueError("the amount is not between low and high")
        return self


PUBLISHED_COSTS: Mapping[str, UnitCost] = MappingProxyType(
    {
        "looked_after_week": UnitCost(amount=2_100, unit="week looked after", year="2024-25",
                                      source=_SECTION_251, low=1_624, high=2_832),
        "foster_week": UnitCost(amount=765, unit="week in a foster placement", year="2024-25",
                                source=_SECTION_251, low=575, high=1_035),
        "residential_week": UnitCost(amount=7_385, unit="week in residential care",
                                     year="2024-25", source=_SECTION_251, low=6_019, high=9_616),
        "social_work_week": UnitCost(amount=170, unit="week of social work with a child in need",
                                     year="2024-25", source=_SECTION_251, low=120, high=245),
    }
)  # fmt: skip
"""Published unit costs. None is known here for a child protection plan or a section 47
enquiry: the process costs of PSSRU could not be retrieved, so give your own."""


@takes(name=WORD)
def published_cost(name: str) -> UnitCost:
    """Find a published unit cost.

    Parameters
    ----------
    name : {"looked_after_week", "foster_week", "residential_week", "social_work_week"}

    Returns
    -------
    UnitCost

    Raises
    ------
    AuditError
        If there is none of that name.

    Examples
    --------
    >>> published_cost("looked_after_week").amount
    2100.0
    """
    if name not in PUBLISHED_COSTS:
        raise AuditError(
            f"There is no published cost {name!r}.",
            where=", ".join(PUBLISHED_COSTS),
            fix="Choose one of them, or state your own as UnitCost.",
        )
    return PUBLISHED_COSTS[name]


class CostItem(_Stated):
    """So many units of a cost, and why so many.

    Attributes
    ----------
    cost : UnitCost
    quantity : float
        Units.
    basis : str
        Why so many; it is printed beside every result.

    Examples
    --------
    >>> read = UnitCost(amount=45, unit="second read", year="2024-25", source="own, finance 2025")
    >>> CostItem(cost=read, quantity=2, basis="read twice, by two people").quantity
    2.0
    """

    cost: UnitCost
    quantity: float = Field(default=1.0, gt=0)
    basis: str = Field(min_length=1)


class PriceIndex(_Stated):
    """An index that brings amounts of different price years to one.

    Attributes
    ----------
    levels : dict of str to float
        By price year.
    source : str
        Such as HM Treasury's GDP deflators with the date of the release.

    Examples
    --------
    >>> index = PriceIndex(levels={"2023-24": 96.2, "2024-25": 100.0}, source="invented")
    >>> index.levels["2023-24"]
    96.2
    """

    levels: dict[str, float]
    source: str = Field(min_length=1)


class EffectAssumption(_Stated):
    """What is assumed of the extra attention; nothing in a report can show it.

    Attributes
    ----------
    reduction : float
        Share of the outcomes averted among the children listed in whom it would
        otherwise follow.
    low, high : float
        The range it is varied in.
    basis : str
        Where the assumption comes from: a trial, a guess; it is printed beside every
        result.

    Examples
    --------
    >>> EffectAssumption(reduction=0.1, low=0.0, high=0.2, basis="assumed, for illustration").high
    0.2
    """

    reduction: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    basis: str = Field(min_length=1)

    @model_validator(mode="after")
    def _is_varied(self) -> "EffectAssumption":
        if not self.low <= self.reduction <= self.high or self.low == self.high:
            raise ValueError("low, reduction and high are not in order, or nothing is varied")
        return self


class Costs(_Stated):
    """What extra attention to one listed child costs, and what one outcome costs.

    Attributes
    ----------
    outcome : str
        The outcome that is priced; a report on another is refused.
    attention : CostItem
        For each listed child.
    averted : CostItem
        For each outcome that does not happen.
    price_year : str or None
        Year of all results. May be left out when both amounts are of one year.
    price_index : PriceIndex or None
        Needed when they are not.

    Examples
    --------
    >>> read = UnitCost(amount=60, unit="second read", year="2024-25", source="own estimate")
    >>> costs = Costs(outcome="care",
    ...     attention=CostItem(cost=read, basis="one second read by a practice lead"),
    ...     averted=CostItem(cost=published_cost("looked_after_week"), quantity=52,
    ...         basis="assumed: a year in care"))
    >>> costs.per_outcome, costs.price_year
    (109200.0, '2024-25')
    """

    outcome: str
    attention: CostItem
    averted: CostItem
    price_year: str | None = None
    price_index: PriceIndex | None = None

    def __init__(self, **stated: Any) -> None:
        super().__init__(**stated)
        find_outcome(self.outcome)
        years = {self.attention.cost.year, self.averted.cost.year}
        year = self.price_year or (years.pop() if len(years) == 1 else None)
        levels = self.price_index.levels if self.price_index else {}
        wanted = {self.attention.cost.year, self.averted.cost.year, year}
        if len(wanted) > 1 and not wanted <= set(levels):
            raise AuditError(
                f"Amounts of {len(wanted - {None})} price years cannot be added up as they are.",
                where=f"Costs, years {', '.join(sorted(str(each) for each in wanted))}",
                fix="State price_year, and a price_index with a level for each of these years.",
            )
        object.__setattr__(self, "price_year", year)

    def _in_year(self, item: CostItem, amount: float) -> float:
        levels = self.price_index.levels if self.price_index else {}
        year, own = str(self.price_year), item.cost.year
        ratio = 1.0 if year == own else levels[year] / levels[own]
        return amount * item.quantity * ratio

    @property
    def per_listed(self) -> float:
        """Pounds of `price_year` for each listed child."""
        return self._in_year(self.attention, self.attention.cost.amount)

    @property
    def per_outcome(self) -> float:
        """Pounds of `price_year` for each outcome."""
        return self._in_year(self.averted, self.averted.cost.amount)

    def ends(self, name: str) -> tuple[float, float]:
        """Give the low and high end of one of the two, in pounds of `price_year`.

        Parameters
        ----------
        name : {"attention", "averted"}

        Returns
        -------
        low, high : float
        """
        item: CostItem = getattr(self, name)
        low = item.cost.amount if item.cost.low is None else item.cost.low
        high = item.cost.amount if item.cost.high is None else item.cost.high
        return self._in_year(item, low), self._in_year(item, high)
