"""Needs that specialists answer: domestic abuse, substance misuse, mental ill-health.

A case may have several needs at once, so they are counted one by one and never as shares of
a whole. A need is current when the latest assessment within 365 days recorded it; without
such an assessment it is not known, which is not the same as no need.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_paths import TierPaths, tier_paths
from fs_risk.features.build import FeatureLayout, feature_matrix, lay_out
from fs_risk.features.cases import as_cases
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.timeline import History
from fs_risk.records.dates import DATE_DTYPE, from_days
from fs_risk.records.households import household_numbers
from fs_risk.records.records import Records

_FEATURE_OF_NEED = {
    "domestic_abuse": "child_domestic_abuse_household_current_365d",
    "substance_misuse": "child_substances_household_current_365d",
    "mental_health": "child_mental_health_parent_current_365d",
}

NOT_KNOWN = "not_known"

NEEDS: Mapping[str, str] = MappingProxyType(
    {
        "domestic_abuse": "somebody in the household was subjected to domestic abuse",
        "substance_misuse": "alcohol or drug misuse by an adult of the household",
        "mental_health": "a parent's mental ill-health",
        NOT_KNOWN: "no assessment with factors in the last 365 days",
    }
)
"""The needs and what each is; the last says for how many nothing is known."""

SPECIALIST_NEEDS = tuple(_FEATURE_OF_NEED)

YEARLY_SD = 0.18
"""Standard deviation of the yearly change of a need's log-odds. Robust standard deviations of
the yearly change in published factors by authority are 0.17 to 0.19 (Department for
Education, 2018 to 2025)."""

PRIOR_FAMILIES = 20.0
"""Families of all tiers together that a tier's own share is drawn towards."""

_OPEN = (2, 3, 4, 5)


def needs_on(records: Records, days: np.ndarray) -> pd.DataFrame:
    """Tell the needs of each open case at the end of the day before each day.

    Parameters
    ----------
    records : Records
    days : ndarray of datetime64[D]
        What was known before each.

    Returns
    -------
    DataFrame
        ``place`` (position in `days`), ``child_id``, ``tier`` (2 to 5), and a column of bool
        for each of `NEEDS`.
    """
    return _needs(records, tier_paths(records), days)


def _needs(records: Records, paths: TierPaths, days: np.ndarray) -> pd.DataFrame:
    day = days.astype("datetime64[D]").astype(np.int64)
    spell, place = _open_on(paths, day - 1)
    cohort = pd.DataFrame(
        {
            "case_id": np.full(len(spell), "", dtype=object),
            "child_id": paths.children[paths.child[spell]],
            "as_of": from_days(day[place]),
        }
    ).astype({"case_id": "str", "child_id": "str", "as_of": DATE_DTYPE})
    found = cohort[["child_id"]].assign(place=place, tier=paths.tier[spell])
    if not len(cohort):
        return found.assign(**{need: np.zeros(0, dtype=bool) for need in NEEDS})
    history = History.from_records(records)
    values = feature_matrix(history, as_cases(history, cohort, lag_days=0), _layout())
    for column, need in enumerate(SPECIALIST_NEEDS):
        found[need] = values[:, column] > 0
    found[NOT_KNOWN] = np.isnan(values).any(axis=1)
    return found


def _open_on(paths: TierPaths, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """List the spells on tiers 2 to 5 at the end of each day, with the day's position."""
    order = np.argsort(days, kind="stable")
    ordered = days[order]
    first = np.searchsorted(ordered, paths.start, side="left")
    after = np.searchsorted(ordered, paths.end, side="left")
    length = np.where(np.isin(paths.tier, _OPEN), np.maximum(after - first, 0), 0)
    spell = np.repeat(np.arange(len(length)), length)
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return spell, order[first[spell] + within]


@lru_cache(maxsize=1)
def _layout() -> FeatureLayout:
    specs = {spec.name: spec for spec in CATALOGUE}
    return lay_out([specs[name] for name in _FEATURE_OF_NEED.values()])


@dataclass(frozen=True)
class FamilyNeeds:
    """Families at the origin by tier, and how many have each need.

    Attributes
    ----------
    per_child : ndarray of float64, shape (6,)
        Families a child on each tier stands for; a family is on its highest child's tier.
    known : ndarray of float64, shape (6,)
        Families with an assessment within 365 days.
    having : ndarray of float64, shape (6, n_needs)
        Of these, those with each of `SPECIALIST_NEEDS` in any child.
    """

    per_child: np.ndarray
    known: np.ndarray
    having: np.ndarray

    def draw(self, stock: np.ndarray, seed: int) -> np.ndarray:
        """Draw how many families have each need.

        Parameters
        ----------
        stock : ndarray of int, shape (n_paths, horizon, 6)
            Children on each tier.
        seed : int

        Returns
        -------
        ndarray of int64, shape (n_paths, horizon, 6, n_needs + 1)
            By tier; last all families, with or without a need.

        Notes
        -----
        A tier's share is drawn from its beta posterior, drawn towards the share of all
        tiers, and its log-odds then walk at random. Families not assessed are taken to be
        like the others of their tier.
        """
        rng = np.random.default_rng(seed)
        n_paths, horizon, n_states = stock.shape
        families = np.rint(stock * self.per_child).astype(np.int64)
        drawn = np.zeros((n_paths, horizon, n_states, len(SPECIALIST_NEEDS) + 1), dtype=np.int64)
        drawn[..., -1] = families
        steps = np.cumsum(rng.standard_normal((n_paths, horizon, len(SPECIALIST_NEEDS))), axis=1)
        steps *= YEARLY_SD / np.sqrt(12.0)
        for need in range(len(SPECIALIST_NEEDS)):
            share = self._shares(need, n_paths, rng)
            log_odds = np.log(share / (1 - share))[:, None, :] + steps[:, :, need, None]
            drawn[..., need] = rng.binomial(families, 1 / (1 + np.exp(-log_odds)))
        return drawn

    def _shares(self, need: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        overall = (self.having[:, need].sum() + 0.5) / (self.known.sum() + 1.0)
        yes = self.having[:, need] + PRIOR_FAMILIES * overall
        no = self.known - self.having[:, need] + PRIOR_FAMILIES * (1 - overall)
        share = rng.beta(yes, no, (n_paths, len(yes)))
        return np.asarray(np.clip(share, 1e-6, 1 - 1e-6))


@dataclass(frozen=True)
class FamilyCounts:
    """Children and families on each tier at the end of the day before each of some days.

    Attributes
    ----------
    children, families, known : ndarray of float64, shape (n_days, 6)
        A family is on its highest child's tier; `known` are those with an assessment within
        365 days.
    having : ndarray of float64, shape (n_days, 6, n_needs)
        Of these, those with each of `SPECIALIST_NEEDS` in any child.
    """

    children: np.ndarray
    families: np.ndarray
    known: np.ndarray
    having: np.ndarray

    def at(self, place: int) -> FamilyNeeds:
        """Give what a forecast from one of the days starts with."""
        children, families = self.children[place], self.families[place]
        usual = families.sum() / max(children.sum(), 1.0)
        per_child = np.where(children > 0, families / np.maximum(children, 1.0), usual)
        return FamilyNeeds(per_child, self.known[place], self.having[place])

    def estimated(self) -> np.ndarray:
        """Count families with each need, those not assessed being like the others of their tier.

        Returns
        -------
        ndarray of float64, shape (n_days, 6, n_needs + 1)
            As `FamilyNeeds.draw`: last all families.
        """
        having, known = self.having.sum(axis=1), self.known.sum(axis=1)[:, None]
        overall = ((having + 0.5) / (known + 1.0))[:, None]
        share = (self.having + PRIOR_FAMILIES * overall) / (self.known[..., None] + PRIOR_FAMILIES)
        rest = (self.families - self.known)[..., None] * share
        return np.concatenate([self.having + rest, self.families[..., None]], axis=2)


def family_counts(records: Records, paths: TierPaths, days: np.ndarray) -> FamilyCounts | None:
    """Count families with each need at the end of the day before each day.

    Parameters
    ----------
    records : Records
    paths : TierPaths
    days : ndarray of datetime64[D], shape (n_days,)

    Returns
    -------
    FamilyCounts or None
        None where the records hold no assessments or no factors.
    """
    if any(records.coverage.get(name) is None for name in ("assessments", "factors")):
        return None
    found = _needs(records, paths, days)
    number = household_numbers(paths.children, records["family_links"])
    found["family"] = number[paths.children.get_indexer(found["child_id"])]
    found["known"] = ~found[NOT_KNOWN]
    own = found.groupby(["place", "family"]).agg(
        {"tier": "max", "known": "max", **dict.fromkeys(SPECIALIST_NEEDS, "max")}
    )
    place = own.index.get_level_values("place").to_numpy()
    cell = place * 6 + own["tier"].to_numpy(dtype=np.int64)
    assessed = own["known"].to_numpy(dtype=bool)

    def counted(cells: np.ndarray) -> np.ndarray:
        counts = np.bincount(cells, minlength=6 * len(days)).reshape(len(days), 6)
        return np.asarray(counts, dtype=np.float64)

    needs = [own[need].to_numpy(dtype=bool) for need in SPECIALIST_NEEDS]
    child = found["place"].to_numpy(dtype=np.int64) * 6 + found["tier"].to_numpy(dtype=np.int64)
    return FamilyCounts(
        children=counted(child),
        families=counted(cell),
        known=counted(cell[assessed]),
        having=np.stack([counted(cell[assessed & need]) for need in needs], axis=2),
    )


def family_needs(records: Records, paths: TierPaths, day: np.ndarray) -> FamilyNeeds | None:
    """Count families with each need at the end of the day before a day.

    Parameters
    ----------
    records : Records
    paths : TierPaths
    day : ndarray of datetime64[D], shape (1,)

    Returns
    -------
    FamilyNeeds or None
        None where the records hold no assessments or no factors.
    """
    counts = family_counts(records, paths, day)
    return None if counts is None else counts.at(0)
