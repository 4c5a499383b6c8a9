"""Where each family stands: the rating agreed last time, modules, specialists' work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from fs_risk.records.layouts.family_safeguarding import MODULES
from fs_risk.records.records import Records
from fs_risk.triage.supervision_families import Families

RECENT_DAYS = 365
"""Specialists' work that ended longer ago than this is not shown."""

NOT_HELD = "not held by these records"


@dataclass(frozen=True)
class Agreed:
    """What group supervision agreed of a family at one meeting.

    Attributes
    ----------
    on : date
    rating : str
        Empty where none was recorded.
    next_step : str
    """

    on: date
    rating: str
    next_step: str


@dataclass(frozen=True)
class Progress:
    """How far the work with a family has come.

    Attributes
    ----------
    modules_held, work_held : bool
        Whether the records hold such work at all.
    modules_done : int
        Of the programme's eight.
    modules_open : tuple of str
        Those begun and not completed.
    work : tuple of str
        Specialists' work, latest first: role, when, how it ended. Never who.
    roles : frozenset of str
        Every role that has worked with the family.
    """

    modules_held: bool
    work_held: bool
    modules_done: int = 0
    modules_open: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()

    def lines(self) -> tuple[str, ...]:
        """Say it line by line.

        Returns
        -------
        tuple of str
        """
        open_now = f"; begun: {', '.join(self.modules_open)}" if self.modules_open else ""
        modules = f"{self.modules_done} of {len(MODULES)} modules completed{open_now}"
        none = "no specialist's work recorded" if self.work_held else f"specialists: {NOT_HELD}"
        return (
            modules if self.modules_held else f"modules: {NOT_HELD}",
            *(self.work or (none,)),
        )


def last_agreed(
    known: Records, families: Families, day: pd.Timestamp, ratings: pd.DataFrame | None
) -> dict[int, Agreed]:
    """Give the latest meeting of each family before a day.

    Parameters
    ----------
    known : Records
        As known before the day.
    families : Families
    day : Timestamp
    ratings : DataFrame or None
        As `Ledger.ratings`; of one day they hold over the table.

    Returns
    -------
    dict of int to Agreed
    """
    table = known["group_supervision"]
    held = pd.DataFrame(
        {
            "family": families.families.reindex(table["family_id"]).to_numpy(),
            "on": table["supervision_date"].to_numpy(),
            "rating": table["agreed_rating"].to_numpy(dtype=object),
            "next_step": table["next_step"].to_numpy(dtype=object),
            "order": 0,
        }
    )
    frames = [held]
    if ratings is not None and len(ratings):
        own = families.members.reindex(ratings["child_id"]).to_numpy()
        by_family = families.families.reindex(ratings["family_id"]).to_numpy()
        frames.append(
            pd.DataFrame(
                {
                    "family": pd.Series(own).fillna(pd.Series(by_family)),
                    "on": ratings["on"].to_numpy(),
                    "rating": ratings["rating"].to_numpy(dtype=object),
                    "next_step": ratings["next_step"].to_numpy(dtype=object),
                    "order": ratings["entry"].to_numpy(),
                }
            )
        )
    rows = pd.concat(frames, ignore_index=True).dropna(subset=["family", "on"])
    rows = rows[(rows["on"] < day).to_numpy()].sort_values(["on", "order"])
    latest = rows.drop_duplicates("family", keep="last")
    return {
        int(row.family): Agreed(row.on.date(), _text(row.rating), _text(row.next_step))
        for row in latest.itertuples()
    }


def progress(known: Records, families: Families, day: pd.Timestamp) -> dict[int, Progress]:
    """Say how far the work with each family has come.

    Parameters
    ----------
    known : Records
        As known before the day.
    families : Families
    day : Timestamp

    Returns
    -------
    dict of int to Progress
    """
    modules = _of_families(known["programme_modules"], families)
    work = _of_families(known["specialist_work"], families)
    done = modules[modules["end_date"].notna().to_numpy()].groupby("family")["module"].nunique()
    going = modules[modules["end_date"].isna().to_numpy()]
    begun = _gathered(going.assign(said=_module_words(going)))
    recent = work["end_date"].isna() | (work["end_date"] >= day - pd.Timedelta(days=RECENT_DAYS))
    shown = work[recent.to_numpy()].sort_values("start_date", ascending=False, kind="stable")
    said = _gathered(shown.assign(said=_work_words(shown)))
    roles = _gathered(work.assign(said=work["role"].fillna("")))
    held = {name: known.coverage[name] is not None for name in _TABLES}
    return {
        number: Progress(
            modules_held=held["programme_modules"],
            work_held=held["specialist_work"],
            modules_done=int(done.get(number, 0)),
            modules_open=begun.get(number, ()),
            work=said.get(number, ()),
            roles=frozenset(roles.get(number, ())) - {""},
        )
        for number in families.children["family"].unique().tolist()
    }


_TABLES = ("programme_modules", "specialist_work")


def _of_families(frame: pd.DataFrame, families: Families) -> pd.DataFrame:
    number = families.families.reindex(frame["family_id"]).to_numpy()
    return frame.assign(family=number).dropna(subset="family").astype({"family": "int64"})


def _gathered(frame: pd.DataFrame) -> Mapping[int, tuple[str, ...]]:
    """Gather what is said of each family."""
    return {int(n): tuple(part["said"]) for n, part in frame.groupby("family", sort=False)}


def _module_words(frame: pd.DataFrame) -> pd.Series:
    return "module " + frame["module"].fillna("(not named)").astype(str)


def _work_words(frame: pd.DataFrame) -> pd.Series:
    role = frame["role"].fillna("specialist (role not recorded)").astype(str)
    begun = _days(frame["start_date"]).fillna("a day not recorded")
    ended = _days(frame["end_date"]).fillna("")
    how = frame["outcome"].fillna("outcome not recorded").astype(str)
    going = ended == ""
    return role + " since " + begun + (", ended " + ended + ": " + how).where(~going, "")


def _days(days: pd.Series) -> pd.Series:
    day, year = (part.astype("Int64").astype("string") for part in (days.dt.day, days.dt.year))
    return day + " " + days.dt.month_name().str[:3] + " " + year


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
