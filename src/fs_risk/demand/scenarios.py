"""What if: change a rate, an entry flow, a policy from a day, or let a shock pass.

A scenario is a few lines of JSON, so that a planning meeting can keep it and run it again. It
says what is assumed, never what is known: no effect of any policy is built in.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fs_risk.demand.saved import KeptInAFile
from fs_risk.demand.scenarios_factors import Factors, no_factors
from fs_risk.errors import SettingError
from fs_risk.records.notebook import ShowsItsFields

_Z95 = 1.96


class _Change(BaseModel):
    """What all changes have: the days from and to which they hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: date
    end: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise SettingError(
                "A change ends before it starts.", where="Scenario", fix="Put end after start."
            )
        return self

    def months(self, months: np.ndarray) -> np.ndarray:
        """Say in which months it holds, shape (horizon,); those that it begins in count."""
        held = months >= _month(self.start)
        return held if self.end is None else held & (months <= _month(self.end))


class EntryChange(_Change):
    """More or fewer children who come to a tier from outside.

    Attributes
    ----------
    tier : int
    multiply : float
        Factor on their number.
    add : float
        Children a month besides; negative for fewer.
    """

    kind: Literal["entry"] = "entry"
    tier: int = Field(ge=1, le=5)
    multiply: float = Field(default=1.0, ge=0.0, le=20.0)
    add: float = 0.0


class RateChange(_Change):
    """A higher or lower chance of moving from one tier to another, or to none.

    Attributes
    ----------
    tier, to : int
        `to` is 0 for leaving.
    multiply : float
        Factor on the chance of each month.
    """

    kind: Literal["rate"] = "rate"
    tier: int = Field(ge=1, le=5)
    to: int = Field(ge=0, le=5)
    multiply: float = Field(ge=0.0, le=20.0)

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Self:
        if self.tier == self.to:
            raise SettingError(
                "A rate leads from a tier to the same tier.",
                where="RateChange",
                fix="Name another tier, or 0 for leaving.",
            )
        return self


class Policy(_Change):
    """A way of working adopted on a day, whose effects grow in and are not known exactly.

    Attributes
    ----------
    what : str
        For example "Family Safeguarding".
    rates : tuple of (int, int, float, float)
        Tier, tier moved to, and the 95 % interval of the factor on that chance.
    entries : tuple of (int, float, float)
        Tier, and the 95 % interval of the factor on the number who come.
    months_to_full : int
        Months over which the effect grows in evenly.
    """

    kind: Literal["policy"] = "policy"
    what: str = ""
    rates: tuple[tuple[int, int, float, float], ...] = ()
    entries: tuple[tuple[int, float, float], ...] = ()
    months_to_full: int = Field(default=1, ge=1)

    @field_validator("rates", "entries")
    @classmethod
    def _intervals(cls, given: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
        for each in given:
            *tiers, low, high = each
            wrong = not 0 < low <= high or not 1 <= tiers[0] <= 5 or not 0 <= tiers[-1] <= 5
            if wrong or (len(tiers) == 2 and tiers[0] == tiers[1]):
                raise SettingError(
                    "An effect of a policy names no possible tiers or no interval above 0.",
                    where="Policy",
                    fix="Pass rates=[(2, 3, 0.7, 0.95)]: tier, tier moved to, lower, upper end.",
                )
        return given


class Shock(_Change):
    """A time in which fewer children come, some of whom come later.

    Attributes
    ----------
    tier : int
    kept_away : float
        Share of those who would have come who do not, from `start` to `end`.
    rebound : float
        Share of these who come in the months after.
    rebound_months : int
    """

    kind: Literal["shock"] = "shock"
    tier: int = Field(ge=1, le=5)
    kept_away: float = Field(ge=0.0, le=1.0)
    rebound: float = Field(default=0.0, ge=0.0, le=2.0)
    rebound_months: int = Field(default=6, ge=1)

    @model_validator(mode="after")
    def _passes(self) -> Self:
        if self.end is None:
            raise SettingError(
                "A shock has no end.", where="Shock, end", fix="Pass its last day as end=."
            )
        return self


Change = Annotated[EntryChange | RateChange | Policy | Shock, Field(discriminator="kind")]


class Scenario(ShowsItsFields, KeptInAFile):
    """Assumptions that a forecast is made under.

    Attributes
    ----------
    name : str
    changes : tuple of EntryChange, RateChange, Policy or Shock
        Or mappings with ``kind`` "entry", "rate", "policy" or "shock". Factors on the same
        flow multiply.
    note : str
        Where the assumptions come from; kept with them.

    Examples
    --------
    >>> scenario = Scenario(name="adopt Family Safeguarding", changes=[
    ...     {"kind": "policy", "what": "Family Safeguarding", "start": "2025-10-01",
    ...      "rates": [(2, 3, 0.7, 1.0)], "months_to_full": 12}])
    >>> scenario == Scenario.model_validate_json(scenario.model_dump_json())
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    _called: ClassVar[str] = "scenario"
    _cure: ClassVar[str] = "Save it again with Scenario.save()."

    name: str
    changes: tuple[Change, ...] = ()
    note: str = ""

    def factors(self, months: np.ndarray, n_paths: int, seed: int) -> Factors:
        """Turn the changes into factors on flows.

        Parameters
        ----------
        months : ndarray of int64, shape (horizon,)
            Months since January 1970.
        n_paths : int
        seed : int
            Draws the effects of policies, one for each path.

        Returns
        -------
        Factors
        """
        rng = np.random.default_rng([seed, 1])
        factors = no_factors(n_paths, len(months))
        for change in self.changes:
            held = change.months(months)
            match change:
                case EntryChange():
                    factors.entry[:, held, change.tier] *= change.multiply
                    factors.more[held, change.tier] += change.add
                case RateChange():
                    factors.move[:, held, change.tier, change.to] *= change.multiply
                case Policy():
                    _adopt(factors, change, months, held, rng)
                case Shock():
                    factors.entry[:, held, change.tier] *= 1.0 - change.kept_away
                    _rebound(factors, change, months, held)
        return factors


def _adopt(
    factors: Factors,
    policy: Policy,
    months: np.ndarray,
    held: np.ndarray,
    rng: np.random.Generator,
) -> None:
    grown = np.clip((months - _month(policy.start) + 1) / policy.months_to_full, 0.0, 1.0) * held
    n_paths = len(factors.entry)
    for tier, to, low, high in policy.rates:
        factors.move[:, :, tier, to] *= _effects(low, high, n_paths, grown, rng)
    for tier, low, high in policy.entries:
        factors.entry[:, :, tier] *= _effects(low, high, n_paths, grown, rng)


def _effects(
    low: float, high: float, n_paths: int, grown: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw one effect for each path, from a lognormal with that 95 % interval."""
    middle, spread = np.log(low * high) / 2, np.log(high / low) / (2 * _Z95)
    drawn = middle + spread * rng.standard_normal(n_paths)
    return np.asarray(np.exp(drawn[:, None] * grown))


def _rebound(factors: Factors, shock: Shock, months: np.ndarray, held: np.ndarray) -> None:
    """Spread those kept away evenly over the months after the shock."""
    if shock.end is None:
        return
    last = _month(shock.end)
    back = (months > last) & (months <= last + shock.rebound_months)
    share = shock.rebound / shock.rebound_months
    factors.returning[:, :, shock.tier] += share * np.outer(held, back)


def _month(day: date) -> int:
    return (day.year - 1970) * 12 + day.month - 1
