"""Referrals still undecided after one working day: they are due a decision, not a list."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.records.counts_in_words import out_of
from fs_risk.records.dates import add_working_days
from fs_risk.triage.referral import Referral

WORKING_DAYS = 1
"""Within which a referral is decided [1]_.

References
----------
.. [1] HM Government (2023). Working Together to Safeguard Children, chapter 3.
"""


def list_day(referrals: Sequence[Referral], on: date | None) -> date | None:
    """Give the day of a list: as stated, else that of the latest referral.

    Parameters
    ----------
    referrals : sequence of Referral
    on : date, optional

    Returns
    -------
    date or None
        None for no referrals and no stated day.

    Raises
    ------
    SettingError
        If a referral is of a later day.
    """
    latest = max((referral.referral_date for referral in referrals), default=on)
    if on is None or latest is None or latest <= on:
        return on or latest
    later = sum(referral.referral_date > on for referral in referrals)
    raise SettingError(
        f"{out_of(later, len(referrals), 'referral')} of a day after the list's.",
        where="on",
        fix="Give the day on which the list is made.",
    )


def overdue(referrals: Sequence[Referral], on: date | None) -> np.ndarray:
    """Mark the referrals declared undecided whose decision was due before a day.

    A referral of a weekend or bank holiday is taken as made on the working day before,
    so that its decision is due at the end of the next one.

    Parameters
    ----------
    referrals : sequence of Referral
        Those that do not declare whether they are decided are not marked.
    on : date or None

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> thursday = Referral(referral_id="R1", child_id="A", referral_date="2024-03-28",
    ...                     decided=False)
    >>> [overdue([thursday], date(2024, 4, day)).item() for day in (2, 3)]  # after Easter
    [False, True]
    """
    undecided = np.array([referral.decided is False for referral in referrals], dtype=bool)
    if on is None or not undecided.any():
        return undecided & False
    made = pd.Series([pd.Timestamp(referral.referral_date) for referral in referrals])
    due = add_working_days(made, WORKING_DAYS)
    late: np.ndarray = undecided & (due < pd.Timestamp(on)).to_numpy()
    return late
