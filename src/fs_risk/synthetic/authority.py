"""`make_authority`: an invented local authority whose truth is known."""

from datetime import date

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.records.assemble import assemble
from fs_risk.records.records import Origin, Records
from fs_risk.records.tables import TABLES
from fs_risk.synthetic.assessments import make_assessments
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.care import make_care
from fs_risk.synthetic.contacts import make_contacts, make_early_help, typed_late
from fs_risk.synthetic.episodes import (
    keep_referrals,
    make_cin_plans,
    make_involvements,
    make_referrals,
)
from fs_risk.synthetic.factors import make_factors
from fs_risk.synthetic.hazards import make_hazards
from fs_risk.synthetic.identities import child_identifiers, make_identities
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.missing import make_missing_episodes
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.people import make_people
from fs_risk.synthetic.protection import (
    make_conferences,
    make_cp_plans,
    make_pre_proceedings,
    make_section47,
)
from fs_risk.synthetic.simulate import simulate
from fs_risk.synthetic.states import STEPS_A_YEAR
from fs_risk.synthetic.timeline import ids, make_timeline
from fs_risk.synthetic.truth import make_truth
from fs_risk.synthetic.uasc import make_unaccompanied

LAST_DAY = date(2025, 3, 31)
"""The extract date of every synthetic authority."""

CHILDHOOD_YEARS = 18
"""Simulated before the observed window, so that every child's history is whole."""

_MOST_YEARS = 16

_NOT_KEPT = ("specialist_work", "programme_modules", "group_supervision")


class _Making:
    """One authority in the making: the world, then its tables, then its truth."""

    def __init__(self, children: int, years: int, seed: int) -> None:
        self.settings = {"children": children, "years": years, "seed": seed}
        self.parameters = load_parameters()
        first_year = LAST_DAY.year - years - CHILDHOOD_YEARS
        self.calendar = Calendar(first_year, years + CHILDHOOD_YEARS, self.parameters)
        step = CHILDHOOD_YEARS * STEPS_A_YEAR
        self.observed_from = int(self.calendar.starts[step])
        self.hazards = make_hazards(self.parameters)
        born, moved, self.chance, apart = (
            np.random.default_rng(stream) for stream in np.random.SeedSequence(seed).spawn(4)
        )
        self.luck = Luck(seed)
        self.people = make_people(children, self.calendar, self.parameters, born)
        self.history = simulate(
            self.people,
            self.calendar,
            self.hazards,
            self.parameters,
            self.luck,
            moved,
            observed_from=step,
        )
        self.timeline = make_timeline(
            self.history, self.people, self.calendar, self.parameters, self.luck
        )
        child_ids = child_identifiers(len(self.people.family), self.chance)
        self.kept = keep_referrals(self.timeline, self.observed_from, child_ids)
        self.apart = make_unaccompanied(
            children, self.calendar, self.observed_from, self.parameters, apart
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """Lay out all canonical tables."""
        timeline, kept, parameters, rng = self.timeline, self.kept, self.parameters, self.chance
        referrals = make_referrals(timeline, kept, parameters, rng)
        assessments, factors = make_factors(
            timeline, make_assessments(timeline, kept, parameters, rng), parameters, self.luck
        )
        care = make_care(timeline, kept, parameters, rng)
        contacts, helped = make_contacts(
            timeline, self.history.contacts, referrals, kept, self.observed_from, parameters, rng
        )
        early_help = make_early_help(
            timeline, helped, referrals, kept, self.observed_from, parameters, rng
        )
        named = {"referrals": referrals, "contacts": contacts, "early_help": early_help}
        tables = {
            **named,
            **make_identities(timeline, kept.child, named, parameters, rng),
            "assessments": assessments,
            "factors": factors,
            "section47": make_section47(timeline, kept, parameters, rng),
            "conferences": make_conferences(timeline, kept),
            "cin_plans": make_cin_plans(timeline, kept),
            "cp_plans": make_cp_plans(timeline, kept, parameters, rng),
            "pre_proceedings": make_pre_proceedings(timeline, kept, parameters, rng),
            "care_periods": care.periods,
            "care_episodes": care.episodes,
            "missing_episodes": make_missing_episodes(timeline, care, parameters, rng),
            "involvements": make_involvements(timeline, kept),
        }
        self.links = tables["family_links"]
        for name, frame in self.apart.items():
            tables[name] = pd.concat([tables[name], frame], ignore_index=True)
        episodes = tables["care_episodes"]
        episodes.insert(0, "care_episode_id", ids("Z", np.arange(1, len(episodes) + 1)))
        end = np.datetime64(LAST_DAY, "s")
        for name, date_column in (("contacts", "contact_date"), ("referrals", "referral_date")):
            tables[name] = typed_late(tables[name], date_column, parameters, rng, end)
        return tables

    def coverage(self) -> dict[str, tuple[date, date] | None]:
        """Say which days the records observe: the same for every table."""
        first = self.calendar.dates[self.observed_from].astype(date)
        return {name: None if name in _NOT_KEPT else (first, LAST_DAY) for name in TABLES}

    def truth(self) -> dict[str, pd.DataFrame]:
        """Lay out what no real authority has."""
        return make_truth(
            self.timeline,
            self.kept,
            self.hazards,
            self.parameters,
            apart=self.apart["referrals"]["referral_id"],
            settings=self.settings,
            observed_from=self.observed_from,
            family_ids=self.links,
        )


def make_authority(children: int = 62_700, years: int = 8, seed: int = 0) -> Records:
    """Make the records of an invented local authority, whose truth is known.

    The authority is the average of England: its rates meet the published ones
    (see `calibration.authority_rates`). The families are invented; nothing in it
    says how well a model does in a real authority.

    Parameters
    ----------
    children : int, default=62_700
        Children aged 0 to 17 at any time; the default is the median authority's.
    years : int, default=8
        Reporting years observed, up to 31 March 2025.
    seed : int, default=0
        The same seed makes the same records.

    Returns
    -------
    Records
        Of kind "synthetic". ``truth["referrals"]`` has, for each ``referral_id``, the
        hidden state at the referral and the probability of each outcome that the
        simulation used, ``prob_<outcome>_<within_days>``; ``truth["families"]`` the
        class of each family; ``truth["authority"]`` the settings.

    Raises
    ------
    SettingError
        If `children` or `years` is less than 1, or `seed` is negative.

    Notes
    -----
    A referral's probabilities are conditional on the outcome not having been decided
    by the end of the next working day, as the labels are; they are missing where the
    chain does not apply (unaccompanied children).

    Examples
    --------
    >>> records = make_authority(children=300, years=2, seed=1)
    >>> records.origin.kind, str(records.extract_date.date())
    ('synthetic', '2025-03-31')
    >>> records.fingerprint == make_authority(children=300, years=2, seed=1).fingerprint
    True
    """
    _check(children, years, seed)
    made = _Making(children, years, seed)
    return assemble(
        made.tables(),
        extract_date=LAST_DAY,
        origin=Origin(
            "synthetic",
            ("synthetic authority",),
            f"children={children} years={years} seed={seed}",
        ),
        coverage=made.coverage(),
        truth=made.truth(),
    )


def _check(children: int, years: int, seed: int) -> None:
    for name, value, least in (("children", children, 1), ("years", years, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise SettingError(
                f"{name} must be a whole number of at least {least}.",
                where=f"make_authority({name}=)",
                fix=f"Pass {name}={least} or more.",
            )
    if years > _MOST_YEARS:
        raise SettingError(
            f"years must be at most {_MOST_YEARS}: the calendar of bank holidays begins in 1990.",
            where="make_authority(years=)",
            fix=f"Pass years={_MOST_YEARS} or fewer.",
        )
