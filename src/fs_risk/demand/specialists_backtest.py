"""How forecasts of specialists' families, of posts and of breaches held on earlier dates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_paths import TierPaths
from fs_risk.demand.caseload_simulate import SamplePaths
from fs_risk.demand.hazards_rows import last_day
from fs_risk.demand.specialists import SPECIALIST_NEEDS, FamilyCounts, family_counts
from fs_risk.demand.staffing import Role, StaffingPlan, staffing_needs, weighted_cases
from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.records import Records

LEVELS = {"lo-95": 0.025, "lo-80": 0.1, "median": 0.5, "hi-80": 0.9, "hi-95": 0.975}

_LIKE = ("wape", "wape_last_value", "cover_80", "cover_95", "origins", "n")


@dataclass(frozen=True)
class Look:
    """A forecast from an earlier day, and what came.

    Attributes
    ----------
    months : ndarray of int64, shape (horizon,)
        Months since January 1970.
    drawn : ndarray of int, shape (n_paths, horizon, 6)
        Children on each tier, on the sample paths.
    families : ndarray of int, shape (n_paths, horizon, 6, n_needs + 1), or None
        As `FamilyNeeds.draw`; None where needs are not known.
    stock : ndarray of float64, shape (horizon + 1, 6)
        Children on each tier as they were, the origin first.
    observed : ndarray of float64, shape (horizon + 1, 6, n_needs + 1), or None
        Families as they were known to be.
    """

    months: np.ndarray
    drawn: np.ndarray
    families: np.ndarray | None
    stock: np.ndarray
    observed: np.ndarray | None


def look_at(
    early: Records, early_paths: TierPaths, drawn: SamplePaths, truth: Records, paths: TierPaths,
    *, seed: int,
) -> Look:  # fmt: skip
    """Set an earlier forecast beside what came.

    Parameters
    ----------
    early : Records
        As they were known at the origin.
    early_paths : TierPaths
        Of these.
    drawn : SamplePaths
    truth : Records
        As they are known now; needs are taken as they were known on each day.
    paths : TierPaths
        Of these.
    seed : int

    Returns
    -------
    Look
    """
    days = last_day(np.r_[drawn.months[0] - 1, drawn.months])
    after = (days + 1).astype("datetime64[D]")
    start, came = family_counts(early, early_paths, after[:1]), family_counts(truth, paths, after)
    stock = np.stack([paths.stock(days, tier) for tier in range(6)], axis=1).astype(np.float64)
    stock[:, 0] = 0.0
    known = _both(start, came)
    return Look(
        months=drawn.months,
        drawn=drawn.stock,
        families=known[0].at(0).draw(drawn.stock, seed) if known else None,
        stock=stock,
        observed=known[1].estimated() if known else None,
    )


def needs_held(looks: Sequence[Look]) -> pd.DataFrame:
    """Lay earlier forecasts of families with each need beside what came.

    Parameters
    ----------
    looks : sequence of Look

    Returns
    -------
    DataFrame
        ``need`` (and ``all``), ``origin``, ``ds``, ``h``, ``observed``, ``mean``, the band,
        ``last_value``.
    """
    parts = [pd.DataFrame(columns=["need", "origin", "ds", "h", "observed", "last_value"])]
    for look in looks:
        if look.families is None or look.observed is None:
            continue
        for place, need in enumerate((*SPECIALIST_NEEDS, "all")):
            paths = look.families[:, :, 2:, place].sum(axis=2)
            came = look.observed[:, 2:, place].sum(axis=1)
            parts.append(_beside(look, came, paths).assign(need=need))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def staffing_held(plan: StaffingPlan, looks: Sequence[Look], *, seed: int = 0) -> pd.DataFrame:
    """Lay earlier forecasts of posts, and of breaches of a plan's standards, beside what came.

    Vacancy and absence are as the plan says, then as now: the middle of a range is taken for
    what came.

    Parameters
    ----------
    plan : StaffingPlan
    looks : sequence of Look
    seed : int, default=0

    Returns
    -------
    DataFrame
        ``role``, ``origin``, ``ds``, ``h``, ``observed`` (full-time equivalents that the cases
        took), the band, ``last_value``, ``chance_of_breach``, and ``breach`` and
        ``breach_at_origin`` (1.0 or 0.0; NaN where posts are not given).
    """
    parts = []
    for look in looks:
        ds = look.months.astype("datetime64[M]").astype(DATE_DTYPE)
        for role in plan.roles:
            if role.counts == "families" and look.families is None:
                continue
            one = StaffingPlan(roles=(role,))
            said = staffing_needs(one, look.drawn, look.families, ds, seed=seed)
            came = _posts(role, look)
            table = pd.DataFrame(
                {
                    "role": role.name,
                    "origin": (look.months[0] - 1).astype("datetime64[M]").astype(DATE_DTYPE),
                    "ds": ds,
                    "h": np.arange(1, len(ds) + 1),
                    "observed": came[1:],
                    "lo-80": said["fte_lo-80"],
                    "median": said["fte_median"],
                    "hi-80": said["fte_hi-80"],
                    "hi-95": said["fte_hi-95"],
                    "last_value": came[0],
                    "chance_of_breach": said["chance_of_breach"],
                }
            )
            over = np.full(len(came), np.nan)
            if role.in_post is not None:
                over = (came > role.in_post) * 1.0
            parts.append(table.assign(breach=over[1:], breach_at_origin=over[0]))
    if not parts:
        return pd.DataFrame(columns=["role", "h", "observed", "chance_of_breach", "breach"])
    return pd.concat(parts, ignore_index=True)


def summed_up(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Sum up `needs_held`: errors, last value's, and shares inside the bands.

    Parameters
    ----------
    table : DataFrame
    by : sequence of str
        Columns such as ``need`` and ``h``.

    Returns
    -------
    DataFrame
        `by`, ``wape``, ``wape_last_value``, ``cover_80``, ``cover_95``, ``origins``, ``n``.
    """
    rows = []
    for key, part in table.groupby(list(by)):
        came, total = part["observed"], max(float(part["observed"].sum()), 1e-9)
        found = (
            (part["median"] - came).abs().sum() / total,
            (part["last_value"] - came).abs().sum() / total,
            came.between(part["lo-80"], part["hi-80"]).mean(),
            came.between(part["lo-95"], part["hi-95"]).mean(),
            part["origin"].nunique(),
            len(part),
        )
        rows.append({**dict(zip(by, key, strict=True)), **dict(zip(_LIKE, found, strict=True))})
    return pd.DataFrame(rows, columns=[*by, *_LIKE])


def breach_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Sum up `staffing_held` by role: the chances that were given, and the breaches that came.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    DataFrame
        ``role``, ``cover_80`` (share of the posts taken inside the 80 % band), ``expected``
        and ``came`` (months in breach: by the chances, and as it was), ``brier`` (mean squared
        difference), ``brier_no_change`` (of saying that the origin's state goes on),
        ``origins``, ``n``.
    """
    rows = []
    for role, part in table.groupby("role"):
        inside = part["observed"].between(part["lo-80"], part["hi-80"]).mean()
        asked = part.dropna(subset=["breach"])
        missed = (asked["chance_of_breach"] - asked["breach"]) ** 2
        stays = (asked["breach_at_origin"] - asked["breach"]) ** 2
        rows.append(
            {
                "role": role,
                "cover_80": inside,
                "expected": asked["chance_of_breach"].sum() if len(asked) else np.nan,
                "came": asked["breach"].sum() if len(asked) else np.nan,
                "brier": missed.mean(),
                "brier_no_change": stays.mean(),
                "origins": part["origin"].nunique(),
                "n": len(part),
            }
        )
    return pd.DataFrame(rows)


def _both(
    start: FamilyCounts | None, came: FamilyCounts | None
) -> tuple[FamilyCounts, FamilyCounts] | None:
    return None if start is None or came is None else (start, came)


def _beside(look: Look, came: np.ndarray, paths: np.ndarray) -> pd.DataFrame:
    found = np.quantile(paths, list(LEVELS.values()), axis=0)
    return pd.DataFrame(
        {
            "origin": (look.months[0] - 1).astype("datetime64[M]").astype(DATE_DTYPE),
            "ds": look.months.astype("datetime64[M]").astype(DATE_DTYPE),
            "h": np.arange(1, len(look.months) + 1),
            "observed": came[1:],
            "mean": paths.mean(axis=0),
            **dict(zip(LEVELS, found, strict=True)),
            "last_value": came[0],
        }
    )


def _posts(role: Role, look: Look) -> np.ndarray:
    """Work out the posts that the cases took, the origin first, shape (horizon + 1,)."""
    observed = None if look.observed is None else look.observed[None]
    cases = weighted_cases(role, look.stock[None], observed)[0]
    at_work = (1 - np.mean(role.vacancy)) * (1 - np.mean(role.absence))
    posts: np.ndarray = cases / role.standard / at_work
    return posts
