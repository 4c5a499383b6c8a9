"""Referrals as cases: integers, with what each referral declares of itself."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from fs_risk.features.cases import Cases, declared_families
from fs_risk.features.timeline import History
from fs_risk.records.dates import MISSING_DAY
from fs_risk.triage.referral import Referral

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def cases_of(
    history: History,
    referrals: Sequence[Referral],
    *,
    lag_days: int,
    family_declared: bool = False,
) -> Cases:
    """Turn referrals into cases as `as_cases` does a cohort, without a frame between.

    Parameters
    ----------
    history : History
    referrals : sequence of Referral
    lag_days : int
        Facts known within this many days before the referral are not used.
    family_declared : bool, default=False
        Whether the family that a referral names is read, as the model's plan says.

    Returns
    -------
    Cases
    """
    number = history.child_number
    child = np.array([number.get(referral.child_id, -1) for referral in referrals], dtype=np.int32)
    day = np.array([_day(referral.referral_date) for referral in referrals], dtype=np.int32)
    known = child >= 0
    dates = {
        "birth_date": history.birth,
        "expected_birth_date": history.expected_birth,
    }
    declared = {}
    for field, recorded in dates.items():
        days = np.array([_day(getattr(referral, field)) for referral in referrals], dtype=np.int32)
        use_record = known & (days == MISSING_DAY)
        days[use_record] = recorded[child[use_record]]
        declared[field] = days
    return Cases(
        child=child,
        day=day,
        cut=day - np.int32(lag_days),
        birth=declared["birth_date"],
        expected=declared["expected_birth_date"],
        source=np.array([referral.source for referral in referrals], dtype=object),
        family=declared_families(history, [referral.family_id for referral in referrals])
        if family_declared
        else None,
    )


def _day(day: date | None) -> int:
    return int(MISSING_DAY) if day is None else day.toordinal() - _EPOCH_ORDINAL
