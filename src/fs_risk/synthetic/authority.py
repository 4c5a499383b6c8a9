"""`make_authority`: an invented local authority whose truth is known."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.records.assemble import assemble
from fs_risk.records.lookup import is_among
from fs_risk.records.progress import tqdm
from fs_risk.records.records import Origin, Records
from fs_risk.records.tables import TABLES
from fs_risk.records.truth import Truth
from fs_risk.synthetic.assessments import make_assessments
from fs_risk.synthetic.births import give_new_ids, outside_chain
from fs_risk.synthetic.care import make_care
from fs_risk.synthetic.contacts import make_contacts, make_early_help, typed_late
from fs_risk.synthetic.defects.planted import Defects
from fs_risk.synthetic.defects.planting import plant
from fs_risk.synthetic.episodes import (
    keep_referrals,
    make_cin_plans,
    make_involvements,
    make_referrals,
)
from fs_risk.synthetic.factors import make_factors
from fs_risk.synthetic.hazards import make_hazards
from fs_risk.synthetic.identities import child_identifiers, make_identities
from fs_risk.synthetic.lives import Lives
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.missing import make_missing_episodes
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.people import make_people
from fs_risk.synthetic.profiles import profile_named
from fs_risk.synthetic.programme import check_effect, with_programme
from fs_risk.synthetic.protection import (
    make_conferences,
    make_cp_plans,
    make_pre_proceedings,
    make_section47,
)
from fs_risk.synthetic.service import GO_LIVE, SERVICE_TABLES, make_service
from fs_risk.synthetic.settings import settings_of
from fs_risk.synthetic.shocks import ShockedCalendar, Shocks, day_of
from fs_risk.synthetic.states import STEPS_A_YEAR
from fs_risk.synthetic.timeline import ids, make_timeline
from fs_risk.synthetic.truth import make_truth
from fs_risk.synthetic.uasc import make_unaccompanied

LAST_DAY = date(2025, 3, 31)
"""The extract date of every synthetic authority."""

CHILDHOOD_YEARS = 18
"""Simulated before the observed window, so that every child's history is whole."""

_MOST_YEARS = 16


class Making:
    """One authority in the making: the world, then its tables, then its truth."""

    def __init__(self, children: int, years: int, seed: int, effect: float, shocks: Shocks) -> None:
        self.settings = {"children": children, "years": years, "seed": seed}
        self.parameters = load_parameters()
        first_year = LAST_DAY.year - years - CHILDHOOD_YEARS
        self.calendar = ShockedCalendar(
            first_year, years + CHILDHOOD_YEARS, self.parameters, shocks
        )
        step = CHILDHOOD_YEARS * STEPS_A_YEAR
        self.observed_from = int(self.calendar.starts[step])
        self.hazards = with_programme(make_hazards(self.parameters), effect)
        born, moved, chance, outside, taking = np.random.SeedSequence(seed).spawn(5)
        self.chance, apart = np.random.default_rng(chance), np.random.default_rng(outside)
        self.luck = Luck(seed)
        self.people = make_people(
            children,
            self.calendar,
            self.parameters,
            np.random.default_rng(born),
            needed_from=step,
        )
        self.lives = Lives(
            self.people,
            self.calendar,
            self.hazards,
            self.parameters,
            self.luck,
            (moved, taking),
            children=children,
            observed_from=step,
        )
        self.history = self.lives.history()
        self.timeline = make_timeline(
            self.history, self.people, self.calendar, self.parameters, self.luck
        )
        child_ids = child_identifiers(len(self.people.family), self.chance)
        self.kept = keep_referrals(self.timeline, self.observed_from, child_ids)
        self.apart = make_unaccompanied(
            children, self.calendar, self.observed_from, self.parameters, apart
        )

    @property
    def observed(self) -> tuple[date, date]:
        """The first and last day observed."""
        first: date = self.calendar.dates[self.observed_from].astype(date)
        return first, LAST_DAY

    def tables(self, go_live: date | None) -> dict[str, pd.DataFrame]:
        """Lay out all canonical tables; the service's own from its go-live."""
        timeline, kept, parameters, rng = self.timeline, self.kept, self.parameters, self.chance
        referrals = make_referrals(timeline, kept, parameters, rng)
        assessments, factors = make_factors(
            timeline, make_assessments(timeline, kept, parameters, rng), parameters, self.luck, rng
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
        self.links = tables["family_links"].drop_duplicates("child_id", ignore_index=True)
        service = self.service({**tables, "family_links": self.links}, go_live)
        tables, self.new_ids = give_new_ids(tables, parameters, rng)
        for name, frame in self.apart.items():
            tables[name] = pd.concat([tables[name], frame], ignore_index=True)
        episodes = tables["care_episodes"]
        episodes.insert(0, "care_episode_id", ids("Z", np.arange(1, len(episodes) + 1)))
        end = np.datetime64(LAST_DAY, "s")
        for name, date_column in (("contacts", "contact_date"), ("referrals", "referral_date")):
            tables[name] = typed_late(tables[name], date_column, parameters, rng, end)
        return tables | service

    def service(
        self, tables: dict[str, pd.DataFrame], go_live: date | None
    ) -> dict[str, pd.DataFrame]:
        """Lay out the Family Safeguarding service's own tables, if it keeps any."""
        if go_live is None:
            return {}
        return make_service(
            tables,
            self.timeline,
            self.kept,
            self.hazards,
            self.parameters,
            go_live=max(go_live, self.observed[0]),
            last=LAST_DAY,
            seed=self.settings["seed"],
        )

    def coverage(self, go_live: date | None) -> dict[str, tuple[date, date] | None]:
        """Say which days the records observe: the same for all tables but the service's own."""
        windows: dict[str, tuple[date, date] | None] = dict.fromkeys(TABLES, self.observed)
        kept = None if go_live is None else (max(go_live, self.observed[0]), LAST_DAY)
        return windows | dict.fromkeys(SERVICE_TABLES, kept)

    def truth(self, recorded: pd.Series) -> Truth:
        """Lay out what no real authority has; `recorded`: the ids of all referrals it records."""
        apart = self.apart["referrals"]["referral_id"]
        known = pd.concat([self.kept.identifier[self.kept.referral], apart])
        truth = make_truth(
            self.timeline,
            self.kept,
            self.hazards,
            self.parameters,
            apart=apart,
            outside=outside_chain(self.timeline, self.kept, self.new_ids),
            added=recorded[~is_among(recorded, known)],
            settings=self.settings,
            observed_from=self.observed_from,
            family_ids=self.links,
        )
        return truth | Truth({"new_ids": self.new_ids})


def make_authority(
    children: int | None = None,
    years: int | None = None,
    seed: int = 0,
    *,
    profile: str = "england",
    defects: Defects | Mapping[str, float] | None = None,
    shocks: Shocks | Mapping[str, object] | None = None,
    go_live: date | str | None = GO_LIVE,
    programme_effect: float = 1.0,
    progress: bool = True,
) -> Records:
    """Make the records of an invented local authority, whose truth is known.

    The authority is the average of England: its rates meet the published ones
    (see `calibration.authority_rates`). The families are invented; nothing in it
    says how well a model does in a real authority.

    Parameters
    ----------
    children : int, optional
        Children aged 0 to 17 at any time; by default the profile's, 62,700 for the
        median authority.
    years : int, optional
        Reporting years observed, up to 31 March 2025; by default the profile's, 8.
    seed : int, default=0
        The same seed and settings make the same records, byte for byte.
    profile : {"england", "small"}, default="england"
        What `children` and `years` are unless given; ``small`` is 1,000 and 4, for
        tests. The rates are the same.
    defects : mapping of str to float, optional
        Defects of recording to plant, each with its size; the world behind the records
        stays as it is without them. By name: ``late_recording``, ``missing_factors``,
        ``ethnicity_proxy``, ``leaking_column``, ``miscoded_month`` and
        ``duplicate_children``, shares from 0 to 1, and ``over_reporting``, from 0 to 3.
        `synthetic.defects.planted.Defects`, which may be passed too, says what each does.
    shocks : mapping of str to object, optional
        Changes over the years, by name: ``covid``, a multiple of the published dip;
        ``threshold``, referrals relative to before, and ``threshold_date``;
        ``migration``, the day of a new case management system.
        `synthetic.shocks.Shocks`, which may be passed too, says what each does.
    go_live : date, str or None, default 1 April 2021
        From when the Family Safeguarding service keeps records of its own; None: it
        keeps none. It changes no other table.
    programme_effect : float, default=1.0
        Hazard ratio of the programme on step-up of open cases in eligible families.
        Illustrative only: no published effect is behind it. It holds at all times.
    progress : bool, default=True
        Whether to show a progress bar in a terminal or notebook.

    Returns
    -------
    Records
        Of kind "synthetic". ``truth["referrals"]`` has, for each ``referral_id``, the
        hidden state at the referral and the probability of each outcome that the
        simulation used, ``prob_<outcome>_<within_days>``; ``truth["families"]`` the
        class of each family; ``truth["authority"]`` the settings; ``truth["defects"]``
        and ``truth["defect_rows"]`` what was damaged.

    Raises
    ------
    SettingError
        If an argument is not possible; the message names it.

    Notes
    -----
    A referral's probabilities are those of its label: conditional on the outcome not
    having been decided by the end of the next working day, and on the child not having
    been seen to leave, or adopted, without it. They are missing where the chain does
    not apply (unaccompanied children, transfers in of children on a plan, unborn
    children who got a new id, referrals that a defect added). ``truth["new_ids"]`` has
    the last.

    Examples
    --------
    >>> records = make_authority(children=300, years=2, seed=1)
    >>> records.origin.kind, str(records.extract_date.date())
    ('synthetic', '2025-03-31')
    >>> records.fingerprint == make_authority(children=300, years=2, seed=1).fingerprint
    True
    >>> damaged = make_authority(profile="small", defects={"late_recording": 0.3})
    >>> damaged.truth["defects"]["table"].unique().tolist()
    ['contacts', 'referrals', 'assessments']
    >>> shocked = make_authority(
    ...     profile="small", shocks={"threshold": 0.7, "threshold_date": "2023-01-02"}
    ... )
    >>> shocked.truth["shocks"]["threshold"].item()
    0.7
    """
    size = profile_named(profile)
    children = size.children if children is None else children
    years = size.years if years is None else years
    _check(children, years, seed)
    planted = settings_of(Defects, defects, "defects")
    changes = settings_of(Shocks, shocks, "shocks")
    check_effect(programme_effect)
    begun = None if go_live is None else day_of(go_live, "go_live", "make_authority(go_live=)")
    if begun is not None and begun > LAST_DAY:
        raise SettingError(
            "go_live is after the extract.",
            where="make_authority(go_live=)",
            fix=f"Pass a day up to {LAST_DAY}, or None.",
        )
    with tqdm(total=3, desc="authority", disable=None if progress else True) as bar:
        made = Making(children, years, seed, programme_effect, changes)
        first, last = (pd.Timestamp(day) for day in made.observed)
        bar.update()
        tables, account = plant(
            made.tables(begun), planted, changes, seed=seed, observed=(first, last)
        )
        bar.update()
        truth = made.truth(tables["referrals"]["referral_id"])
        settings = truth["authority"].assign(
            profile=profile,
            defects=repr(planted),
            shocks=repr(changes),
            go_live=pd.NaT if begun is None else pd.Timestamp(begun),
            programme_effect=float(programme_effect),
        )
        shocked = pd.DataFrame([vars(changes)], dtype=object)
        records = assemble(
            tables,
            extract_date=LAST_DAY,
            origin=Origin(
                "synthetic",
                ("synthetic authority",),
                _label(children, years, seed, planted, changes, programme_effect),
            ),
            coverage=made.coverage(begun),
            truth=truth | Truth({"authority": settings, "shocks": shocked, **account}),
        )
        bar.update()
    return records


def _label(
    children: int, years: int, seed: int, defects: Defects, shocks: Shocks, effect: float
) -> str:
    """Name the settings that differ from one authority to another."""
    parts = [f"children={children} years={years} seed={seed}"]
    parts += [repr(defects)] if defects.sizes else []
    parts += [repr(shocks)] if shocks != Shocks() else []
    parts += [f"programme_effect={effect:g}"] if effect != 1.0 else []
    return " ".join(parts)


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
