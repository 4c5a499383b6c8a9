"""What the calibration page draws: which measures, with their units and numbers of cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from fs_risk.synthetic import charts
from fs_risk.synthetic.measures import AGES, MONTHS, TRIO, recorded_factors, trio_parts
from fs_risk.synthetic.measures_of_groups import ETHNIC_GROUPS, decile_rates, tier_stocks
from fs_risk.synthetic.measures_of_time import BANDS
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.view import View

_RATES = (
    "contacts",
    "early_help",
    "referrals",
    "assessments",
    "section47",
    "conferences",
    "cp_plan_starts",
    "cp_plans_at_year_end",
    "need_starts",
    "need_at_year_end",
    "care_starts",
    "care_at_year_end",
    "court_applications_children",
)
_TIERS = {"need": "children in need", "plan": "children on plans", "care": "children in care"}


@dataclass(frozen=True)
class Drawing:
    """A drawing with its words.

    Attributes
    ----------
    title, note : str
        The note says units and how many cases it rests on.
    svg : str
    """

    title: str
    note: str
    svg: str

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.svg.split('width="', 1)[1].split('"', 1)[0])


class _Rows:
    """The table of targets by measure."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table.set_index("measure")

    def __getitem__(self, names: Sequence[str]) -> pd.DataFrame:
        return self._table.reindex(list(names))

    def beside(self, names: Sequence[str], labels: Sequence[str], text: str, digits: int) -> str:
        rows = self[names]
        got, target, tolerance = (
            rows[name].to_numpy(dtype=float) for name in ("got", "target", "tolerance")
        )
        return charts.beside(labels, got, target, tolerance, text, digits=digits)


def drawings(view: View, table: pd.DataFrame) -> list[Drawing]:
    """Make all drawings of the page.

    Parameters
    ----------
    view : View
    table : DataFrame
        As `calibration.calibration_table` gives it.

    Returns
    -------
    list of Drawing
    """
    rows = _Rows(table)
    return [
        _rates(rows),
        _months(view, rows),
        *_durations(view, rows),
        *_ages(view, rows),
        *_ethnicity(view, rows),
        *_deprivation(view),
        _trio(view),
    ]


def _rates(rows: _Rows) -> Drawing:
    found = rows[_RATES]
    places = (found["got"] - found["target"]) / found["tolerance"]
    notes = [
        f"{got:,.1f} against {target:,.1f} ± {tolerance:,.1f} ({kind})"
        for got, target, tolerance, kind in zip(
            found["got"], found["target"], found["tolerance"], found["kind"], strict=True
        )
    ]
    title = "Rates against their targets"
    names = [name.replace("_", " ") for name in _RATES]
    return Drawing(
        title,
        "Per 10,000 children a year, or at year ends. The shaded band is the tolerance; "
        "a diamond lies outside it.",
        charts.scaled_rows(names, places.to_numpy(dtype=float), notes, title),
    )


def _months(view: View, rows: _Rows) -> Drawing:
    order = [*MONTHS[3:], *MONTHS[:3]]
    count = len(view.within("referrals", "referral_date"))
    title = "Referrals by month"
    names = [f"month_{name}" for name in order]
    return Drawing(
        title,
        f"Referrals per working day relative to the year; n = {count:,} referrals. "
        "The orange mark is the published index with its tolerance.",
        rows.beside(names, [name[:3].capitalize() for name in order], title, 2),
    )


def _durations(view: View, rows: _Rows) -> list[Drawing]:
    ended = view.within("cp_plans", "end_date")
    closed = view.need["close_date"].between(view.first, view.last).sum()
    cases = (
        ("cp_plans_ended", "Length of child protection plans that ended", len(ended)),
        ("need_ended", "Length of episodes of need that ended", int(closed)),
        ("need_open", "Time open of children in need at year ends", sum(map(len, view.in_need))),
    )
    labels = ["up to 3", "3–6", "6–12", "12–24", "over 24"]
    return [
        Drawing(
            title,
            f"Per cent by months; n = {count:,}.",
            rows.beside([f"{name}_{band}_months" for band in BANDS], labels, title, 1),
        )
        for name, title, count in cases
    ]


def _ages(view: View, rows: _Rows) -> list[Drawing]:
    plans = view.table("cp_plans")
    on_plan = sum(len(view.open_on(plans, "start_date", "end_date", day)) for day in view.year_ends)
    labels = ["unborn", "under 1", "1–4", "5–9", "10–15", "16 and over"]
    cases = (
        ("need", "Ages of children in need at year ends", sum(map(len, view.in_need)), 0),
        ("plan", "Ages of children on plans at year ends", on_plan, 0),
        (
            "care_start",
            "Ages of children who came into care",
            len(view.within("care_periods", "start_date")),
            1,
        ),
    )
    return [
        Drawing(
            title,
            f"Per cent; n = {count:,}.",
            rows.beside([f"{name}_age_{age}" for age in AGES[first:]], labels[first:], title, 1),
        )
        for name, title, count, first in cases
    ]


def _ethnicity(view: View, rows: _Rows) -> list[Drawing]:
    stocks = tier_stocks(view)
    labels = [name.capitalize() for name in ETHNIC_GROUPS]
    return [
        Drawing(
            f"Ethnic group of {words} at year ends",
            f"Per cent of those known; n = {len(stocks[tier]):,}. No group has an effect of "
            "its own on what is decided.",
            rows.beside(
                [f"{tier}_ethnicity_{name}" for name in ETHNIC_GROUPS],
                labels,
                f"Ethnic group of {words}",
                1,
            ),
        )
        for tier, words in _TIERS.items()
    ]


def _deprivation(view: View) -> list[Drawing]:
    stocks, parameters = tier_stocks(view), load_parameters()
    labels = ["least deprived", *map(str, range(2, 10)), "most deprived"]
    made = []
    for tier in ("plan", "care"):
        got = decile_rates(view, stocks[tier])
        published = parameters.array(f"published.{tier}_by_decile")
        target = published * got.sum() / published.sum()
        words = _TIERS[tier].capitalize()
        svg = charts.beside(labels, got, target, np.full(10, np.nan), f"{words} by decile")
        note = (
            f"Per 10,000 children of each tenth of neighbourhoods; n = {len(stocks[tier]):,} at "
            "year ends. Published rates (S18) rescaled to the same total."
        )
        made.append(Drawing(f"{words} by deprivation", note, svg))
    return made


def _trio(view: View) -> Drawing:
    codes = recorded_factors(view)
    having = trio_parts(codes)
    held = codes["assessment_id"].nunique()
    combinations = [has for has in product((True, False), repeat=len(TRIO)) if any(has)]
    shares = []
    for has in combinations:
        inside = [part for part, wanted in zip(having.values(), has, strict=True) if wanted]
        outside = [part for part, wanted in zip(having.values(), has, strict=True) if not wanted]
        count = len(set.intersection(*inside).difference(*outside))
        shares.append((has, 100 * count / max(held, 1)))
    shares.sort(key=lambda each: (sum(each[0]), [not part for part in each[0]]))
    title = "The trio of vulnerabilities: alone and together"
    return Drawing(
        title,
        f"Per cent of assessments with a factor recorded; n = {held:,}. No published figure "
        "exists; any of the three in 62 to 68 and all three in 4 to 8 were assumed.",
        charts.overlap(list(TRIO), shares, title),
    )
