"""From caseload to staff: full-time equivalents by role, and the chance of breaching a standard.

No standard is built in: a single manageable number does not exist [1]_, so each is the
authority's own. In 2025 the caseload of a social worker in England had a median over
authorities of 15.2, from 12.7 to 18.1 at the tenth and ninetieth percentile [2]_.

References
----------
.. [1] Association of Directors of Children's Services, caseload paper.
.. [2] Department for Education, Children's social work workforce 2025.
"""

from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fs_risk.demand.caseload_paths import TIERS
from fs_risk.demand.saved import KeptInAFile
from fs_risk.demand.specialists import SPECIALIST_NEEDS
from fs_risk.errors import SettingError
from fs_risk.records.notebook import ShowsItsFields

QUANTILES = {"lo-80": 0.1, "median": 0.5, "hi-80": 0.9, "hi-95": 0.975}

Share = float | tuple[float, float]


class Role(BaseModel):
    """A kind of worker and what they carry.

    Attributes
    ----------
    name : str
    weights : dict of int to float
        How much a child (or family) on each tier counts; tiers not named do not.
    standard : float
        Cases, so weighted, that one full-time worker at work should hold.
    counts : {"children", "families"}
    need : str or None
        Only families with this need: ``"domestic_abuse"``, ``"substance_misuse"`` or
        ``"mental_health"``.
    in_post : float or None
        Full-time equivalents established; without it no breach can be foretold.
    vacancy, absence : float or (float, float)
        Shares of the establishment not filled, and of those in post not at work; a pair is
        a range, every value of which is as likely.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    weights: dict[int, float]
    standard: float = Field(gt=0)
    counts: Literal["children", "families"] = "children"
    need: str | None = None
    in_post: float | None = Field(default=None, gt=0)
    vacancy: Share = 0.0
    absence: Share = 0.0

    @field_validator("vacancy", "absence")
    @classmethod
    def _is_a_share(cls, share: Share) -> Share:
        low, high = share if isinstance(share, tuple) else (share, share)
        if not 0 <= low <= high < 1:
            raise SettingError(
                "A share of vacancy or absence is not from 0 to below 1, lower end first.",
                where="Role",
                fix="Pass 0.14 for 14 %, or (0.10, 0.20) for a range.",
            )
        return share

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        odd = [tier for tier in self.weights if tier not in TIERS]
        if odd or not self.weights or any(weight < 0 for weight in self.weights.values()):
            raise SettingError(
                "A role's weights name no tier, one that does not exist, or are negative.",
                where=f"Role {self.name!r}, weights",
                fix="Pass {2: 1.0, 3: 1.5}, for example; tiers are 1 to 5.",
            )
        if self.need is not None and self.need not in SPECIALIST_NEEDS:
            raise SettingError(
                f"There is no need {self.need!r}.",
                where=f"Role {self.name!r}, need",
                fix=f"Pass one of {', '.join(SPECIALIST_NEEDS)}.",
            )
        if self.need is not None and self.counts != "families":
            raise SettingError(
                "Specialists work with families.",
                where=f"Role {self.name!r}, counts",
                fix="Pass counts='families' with a need.",
            )
        return self


class StaffingPlan(ShowsItsFields, KeptInAFile):
    """The roles of a service, with their standards.

    Attributes
    ----------
    roles : tuple of Role

    Examples
    --------
    >>> plan = StaffingPlan(roles=[
    ...     {"name": "social worker", "weights": {2: 1, 3: 1.5, 4: 2, 5: 1}, "standard": 15,
    ...      "in_post": 120, "vacancy": (0.10, 0.18), "absence": 0.035},
    ...     {"name": "domestic abuse worker", "need": "domestic_abuse", "counts": "families",
    ...      "weights": {2: 1, 3: 1}, "standard": 20}])
    >>> [role.name for role in plan.roles]
    ['social worker', 'domestic abuse worker']
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    _called: ClassVar[str] = "staffing plan"
    _cure: ClassVar[str] = (
        "Write roles as docs/caseload.md shows, or save one with StaffingPlan.save()."
    )

    roles: tuple[Role, ...]


def staffing_needs(
    plan: StaffingPlan,
    stock: np.ndarray,
    families: np.ndarray | None,
    ds: np.ndarray,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Work out what each role needs in each month.

    Parameters
    ----------
    plan : StaffingPlan
    stock : ndarray of int, shape (n_paths, horizon, 6)
        Children on each tier.
    families : ndarray of int or None, shape (n_paths, horizon, 6, n_needs + 1)
        As `FamilyNeeds.draw` gives it.
    ds : ndarray of datetime64[s], shape (horizon,)
    seed : int, default=0

    Returns
    -------
    DataFrame
        ``role``, ``ds``, ``cases`` (weighted, mean), full-time equivalents to be established
        ``fte_mean``, ``fte_lo-80``, ``fte_median``, ``fte_hi-80``, ``fte_hi-95``, and
        ``chance_of_breach`` of the standard with those in post (NaN where not given).

    Raises
    ------
    SettingError
        If a role counts families and the records hold no assessments with factors.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for role in plan.roles:
        cases = weighted_cases(role, stock, families)
        at_work = (1 - _drawn(role.vacancy, len(stock), rng)) * (
            1 - _drawn(role.absence, len(stock), rng)
        )
        fte = cases / role.standard / at_work[:, None]
        breach = np.full(len(ds), np.nan)
        if role.in_post is not None:
            breach = (fte > role.in_post).mean(axis=0)
        found = np.quantile(fte, list(QUANTILES.values()), axis=0)
        parts.append(
            pd.DataFrame(
                {
                    "role": role.name,
                    "ds": ds,
                    "cases": cases.mean(axis=0),
                    "fte_mean": fte.mean(axis=0),
                    **{f"fte_{name}": row for name, row in zip(QUANTILES, found, strict=True)},
                    "chance_of_breach": breach,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def weighted_cases(role: Role, stock: np.ndarray, families: np.ndarray | None) -> np.ndarray:
    """Count the cases of a role, weighted by tier.

    Parameters
    ----------
    role : Role
    stock : ndarray, shape (n_paths, horizon, 6)
        Children on each tier.
    families : ndarray or None, shape (n_paths, horizon, 6, n_needs + 1)
        As `FamilyNeeds.draw` gives it.

    Returns
    -------
    ndarray of float64, shape (n_paths, horizon)

    Raises
    ------
    SettingError
        If the role counts families and their needs are not known.
    """
    counted = stock
    if role.counts == "families":
        if families is None:
            raise SettingError(
                "Families and their needs are not known: no assessments with factors are held.",
                where=f"Role {role.name!r}",
                fix="Count children, or read a return with assessments and factors.",
            )
        place = -1 if role.need is None else SPECIALIST_NEEDS.index(role.need)
        counted = families[..., place]
    weights = np.zeros(stock.shape[2])
    for tier, weight in role.weights.items():
        weights[tier] = weight
    return np.asarray(counted @ weights)


def _drawn(share: Share, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    low, high = share if isinstance(share, tuple) else (share, share)
    return rng.uniform(low, high, n_paths)
