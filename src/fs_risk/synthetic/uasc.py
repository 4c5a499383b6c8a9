"""Unaccompanied children seeking asylum: a stream of their own, straight into care."""

import numpy as np
import pandas as pd

from fs_risk.records.dates import DATE_DTYPE
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.drawing import drawn_codes, even_draws
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.timeline import NO_CODE, ids

_YEAR = 365.25


def make_unaccompanied(
    children: int,
    calendar: Calendar,
    observed_from: int,
    parameters: Parameters,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    """Lay out the records of unaccompanied children looked after in the observed window.

    They are referred and accommodated on one day, assessed with factor 9A, and stay
    until they come of age. They have no family here.

    Parameters
    ----------
    children : int
        Size of the authority.
    calendar : Calendar
    observed_from : int
        First observed day.
    parameters : Parameters
    rng : Generator

    Returns
    -------
    dict of str to DataFrame
        Canonical tables, identifiers with letters of their own.
    """
    low, high = parameters.array("unaccompanied.age_years")
    first = observed_from - int((18 - low) * _YEAR)
    years = (calendar.end - first) / _YEAR
    rate = parameters.number("unaccompanied.arrivals") * children / 10_000
    count = int(rate * years + rng.random())
    spread = (np.arange(count) + rng.random(count)) / max(count, 1)
    arrival = first + (spread * (calendar.end - first)).astype(np.int64)
    age = low + (high - low) * even_draws(np.arange(count), rng)
    adult = arrival + ((18 - age) * _YEAR).astype(np.int64)
    seen = adult >= observed_from
    arrival, adult = arrival[seen], adult[seen]
    count = len(arrival)
    number = np.arange(1, count + 1)

    def dates(days: np.ndarray) -> np.ndarray:
        found = calendar.dates[0] + days
        table: np.ndarray = found.astype(DATE_DTYPE)
        table[days >= calendar.end] = np.datetime64("NaT")
        return table

    def drawn(name: str) -> np.ndarray:
        shares = np.tile(parameters.table(f"unaccompanied.{name}"), (count, 1))
        return drawn_codes(shares, parameters.names(f"unaccompanied.{name}"), rng)

    child, referral = ids("CU", number), ids("RU", number)
    period, assessment = ids("YU", number), ids("AU", number)
    birthday = _birthdays(calendar, adult)
    least, most = parameters.array("unaccompanied.assessment_days").astype(np.int64)
    authorised = calendar.add_working_days(arrival, rng.integers(least, most + 1, count))
    authorised = np.minimum(authorised, adult)
    over = adult < calendar.end
    shared = {"child_id": child.array, "referral_id": referral.array}
    start, end = dates(arrival), dates(adult)
    reason = np.where(over, "E17", NO_CODE)
    return {
        "children": pd.DataFrame(
            {
                "child_id": child.array,
                "birth_date": birthday,
                "sex": np.where(
                    rng.random(count) < parameters.number("unaccompanied.male"), "M", "F"
                ),
                "ethnicity": drawn("ethnicity"),
                "unaccompanied": np.ones(count, dtype=bool),
            }
        ),
        "referrals": pd.DataFrame(
            {
                **shared,
                "referral_date": start,
                "source": drawn("source"),
                "primary_need": "N8",
                "decision_date": start,
                "no_further_action": pd.array(np.zeros(count, dtype=bool), dtype="boolean"),
                "close_date": end,
                "close_reason": np.where(over, "RC7", NO_CODE),
                "team": "Children in Care",
            }
        ),
        "assessments": pd.DataFrame(
            {
                "assessment_id": assessment.array,
                **shared,
                "start_date": start,
                "authorised_date": dates(authorised),
                "factors_recorded": pd.array(
                    np.where(authorised < calendar.end, True, NO_CODE), dtype="boolean"
                ),
            }
        ),
        "factors": pd.DataFrame(
            {
                "assessment_id": assessment.array[authorised < calendar.end],
                "code": "9A",
            }
        ),
        "care_periods": pd.DataFrame(
            {
                "care_period_id": period.array,
                **shared,
                "start_date": start,
                "end_date": end,
                "end_reason": reason,
                "legal_status": "V2",
            }
        ),
        "care_episodes": pd.DataFrame(
            {
                "care_period_id": period.array,
                "child_id": child.array,
                "start_date": start,
                "end_date": end,
                "start_reason": "S",
                "end_reason": reason,
                "legal_status": "V2",
                "placement_type": drawn("placement"),
            }
        ),
    }


def _birthdays(calendar: Calendar, adult: np.ndarray) -> np.ndarray:
    """Give the dates of birth of those who come of age on given days."""
    days = calendar.dates[0] + adult
    months = days.astype("datetime64[M]")
    birth: np.ndarray = (months - 216).astype("datetime64[D]") + (days - months)
    return birth.astype(DATE_DTYPE)
