"""A synthetic authority made anew from its settings, with all that its records do not tell."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakValueDictionary

import numpy as np
import pandas as pd

from fs_risk.records.records import Records
from fs_risk.synthetic.authority import Making
from fs_risk.synthetic.births import outside_chain
from fs_risk.synthetic.ceiling_families import Lived
from fs_risk.synthetic.shocks import Shocks


@dataclass(frozen=True, eq=False)
class Remade:
    """A world and its undamaged tables.

    Attributes
    ----------
    lived : Lived
    tables : mapping of str to DataFrame
    referral_ids : Series of str
        Of each referral, kept or not.
    kept : ndarray of bool
        Whether each referral is in the records.
    child_of : Series of int
        Number of each ``child_id``.
    outside : Index of str
        Referrals that the chain does not describe.
    making : Making
        How it was made.
    """

    lived: Lived
    tables: Mapping[str, pd.DataFrame]
    referral_ids: pd.Series
    kept: np.ndarray
    child_of: pd.Series
    outside: pd.Index
    making: Making

    @cached_property
    def _last(self) -> dict[Hashable, np.ndarray]:
        return {}

    def once(self, key: Hashable, work: Callable[[], np.ndarray]) -> np.ndarray:
        """Give what was worked out last under a key, or work it out."""
        if key not in self._last:
            made = work()
            while len(self._last) > 1:
                self._last.pop(next(iter(self._last)))
            self._last[key] = made
        return self._last[key]

    @cached_property
    def phases(self) -> np.ndarray:
        """Phase of each family at each step, shape (steps, n_families): lived through again."""
        return self.making.lives.phases()

    def referrals(self, case_ids: pd.Series) -> np.ndarray:
        """Give the number of each referral, or -1 where the chain does not apply."""
        number = pd.Series(np.flatnonzero(self.kept), index=self.referral_ids[self.kept].array)
        number = number[~number.index.isin(self.outside)]
        found: np.ndarray = number.reindex(case_ids).fillna(-1).to_numpy(dtype=np.int64)
        return found

    def day_of(self, number: np.ndarray) -> np.ndarray:
        """Give the day of the grid of referrals."""
        days: np.ndarray = self.lived.timeline.referrals["day"][number]
        return days

    def days_of(self, cohort: pd.DataFrame) -> np.ndarray:
        """Give each row's day of the grid; the referral's own where none is given."""
        if "as_of" not in cohort:
            return self.day_of(self.referrals(cohort["case_id"]))
        first = self.lived.calendar.dates[0]
        dates = cohort["as_of"].to_numpy().astype("datetime64[D]")
        days: np.ndarray = (dates - first).astype(np.int64)
        return days

    @cached_property
    def _sources(self) -> pd.Series:
        return self.tables["referrals"].set_index("referral_id")["source"]

    def source(self, number: np.ndarray) -> np.ndarray:
        """Give the source of referrals."""
        sources: np.ndarray = self._sources.loc[self.referral_ids.iloc[number]].to_numpy()
        return sources


_REMADE: WeakValueDictionary[str, Remade] = WeakValueDictionary()
"""Those that somebody still holds, by their settings."""


def remake(records: Records) -> Remade:
    """Make a synthetic authority anew: the same settings and seed, the same world.

    One that is still held somewhere is given again: who asks about many outcomes of one
    authority holds on to it meanwhile.

    Parameters
    ----------
    records : Records
        Made by `make_authority`.

    Returns
    -------
    Remade
        Without the defects that were planted.
    """
    truth: Mapping[str, pd.DataFrame] = records.truth or {}
    settings = truth["authority"].iloc[0]
    shocks = Shocks(**truth["shocks"].iloc[0].to_dict())
    children, years, seed = (int(settings[name]) for name in ("children", "years", "seed"))
    effect = float(settings["programme_effect"])
    key = repr((children, years, seed, effect, shocks))
    remade = _REMADE.get(key)
    if remade is None:
        remade = _REMADE[key] = _remade(Making(children, years, seed, effect, shocks))
    return remade


def _remade(made: Making) -> Remade:
    tables = made.tables(None)
    child_of = pd.Series(np.arange(len(made.kept.child)), index=made.kept.child.array)
    renamed = made.new_ids.set_index("child_id")["unborn_id"]
    child_of = pd.concat(
        [child_of, pd.Series(child_of.loc[renamed].array, index=renamed.index.array)]
    )
    contacts = tables["contacts"]
    contacts = contacts[(contacts["outcome"] != "referral").to_numpy()]
    child = child_of.reindex(contacts["child_id"]).to_numpy()
    contacts, child = contacts[~np.isnan(child)], child[~np.isnan(child)].astype(np.int64)
    first = made.calendar.dates[0]

    def days(dates: pd.Series) -> np.ndarray:
        found: np.ndarray = (dates.to_numpy().astype("datetime64[D]") - first).astype(np.int64)
        return found

    known = contacts["known_date"].fillna(contacts["contact_date"])
    lived = Lived(
        made.people,
        made.calendar,
        made.hazards,
        made.parameters,
        made.timeline,
        {"child": child, "day": days(contacts["contact_date"]), "known": days(known)},
        int(made.calendar.step_of[made.observed_from]),
    )
    return Remade(
        lived,
        tables,
        made.kept.identifier,
        made.kept.referral,
        child_of,
        outside_chain(made.timeline, made.kept, made.new_ids),
        made,
    )
