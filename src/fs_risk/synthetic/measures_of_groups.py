"""Measures of a synthetic authority: ethnicity, disability and deprivation, by tier."""

import numpy as np
import pandas as pd

from fs_risk.synthetic.view import View, percent, shares

ETHNIC_GROUPS = ("white", "mixed", "asian", "black", "other")
TIERS = ("need", "plan", "care")
_LETTERS = {"W": "white", "M": "mixed", "A": "asian", "B": "black", "C": "asian", "O": "other"}
_UNKNOWN = ["REFU", "NOBT"]


def tier_stocks(view: View) -> dict[str, pd.Series]:
    """Give the children in need, on plans and in care at the year ends, one entry each time."""
    need = pd.concat(view.in_need)["child_id"]
    stocks = {"need": need}
    for name, table in (("plan", "cp_plans"), ("care", "care_periods")):
        stocks[name] = pd.concat(
            view.open_on(view.table(table), "start_date", "end_date", day) for day in view.year_ends
        )["child_id"]
    return stocks


def ethnicity(view: View) -> dict[str, float]:
    """Ethnic groups of the children of each tier at year ends, per cent of those known."""
    recorded = view.table("children").set_index("child_id")["ethnicity"]
    found: dict[str, float] = {}
    for tier, children in tier_stocks(view).items():
        codes = recorded.reindex(children)
        groups = codes[~codes.isin(_UNKNOWN)].str[0].map(_LETTERS)
        parts = shares(groups, list(ETHNIC_GROUPS))
        for name, share in zip(ETHNIC_GROUPS, parts, strict=True):
            found[f"{tier}_ethnicity_{name}"] = share
    return found


def disability(view: View) -> dict[str, float]:
    """Share of the children in need at year ends with a recorded disability, per cent."""
    recorded = view.table("disabilities")
    disabled = recorded.loc[recorded["code"] != "NONE", "child_id"]
    return {"need_disabled": percent(pd.concat(view.in_need)["child_id"].isin(disabled))}


def deprivation(view: View) -> dict[str, float]:
    """How plans and care change from one decile of neighbourhoods to the next."""
    stocks = tier_stocks(view)
    return {
        f"{tier}_deprivation_slope": slope(decile_rates(view, stocks[tier]))
        for tier in ("plan", "care")
    }


def decile_rates(view: View, children: pd.Series) -> np.ndarray:
    """Children at a year end per 10,000 of each decile, the least deprived first."""
    deciles = view.table("children").set_index("child_id")["deprivation_decile"]
    counts = deciles.reindex(children).value_counts()
    each = np.array([float(counts.get(decile, 0)) for decile in range(10, 0, -1)])
    return 10_000 * each / len(view.year_ends) / (view.children / 10)


def slope(rates: np.ndarray) -> float:
    """Give the rise of the logarithm of a rate from one decile to the next.

    Maximum likelihood of a log-linear rate in equal populations: the slope at which
    the mean decile of those counted is the one found.

    Parameters
    ----------
    rates : ndarray, shape (10,)
        Least deprived first.

    Returns
    -------
    float

    Examples
    --------
    >>> round(slope(np.exp(0.25 * np.arange(10))), 6)
    0.25
    """
    if not rates.sum():
        return float("nan")
    place = np.arange(len(rates))
    mean = float(place @ rates / rates.sum())
    low, high = -5.0, 5.0
    for _ in range(80):
        middle = (low + high) / 2
        weight = np.exp(middle * (place - place[-1]))
        low, high = (middle, high) if place @ weight / weight.sum() < mean else (low, middle)
    return (low + high) / 2
