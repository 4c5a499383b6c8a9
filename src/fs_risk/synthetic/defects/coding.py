"""Defects of codes: a month in which all are one, and a column that knows what came later."""

import numpy as np
import pandas as pd

from fs_risk.synthetic.defects.damage import Damage, picked

UNKNOWN_SOURCE, OVERWRITTEN_SOURCE = "10", "5A"
_YEAR = pd.Timedelta(days=365)
_MONTHS_BEFORE = 12


def miscode_a_month(damage: Damage, size: float) -> None:
    """Record the source of a share of one month's contacts and referrals as unknown."""
    rng = damage.stream(2)
    months = pd.period_range(damage.first, damage.last, freq="M")
    first = min(_MONTHS_BEFORE, len(months) - 1)
    month = months[int(rng.integers(first, len(months)))]
    for table, event in (("contacts", "contact_date"), ("referrals", "referral_date")):
        frame = damage.tables[table]
        here = (frame[event].dt.to_period("M") == month).to_numpy(dtype=bool)
        wrong = here & picked(len(frame), size, rng)
        damage.overwrite("miscoded_month", size, table, "source", wrong, UNKNOWN_SOURCE)


def overwrite_with_the_outcome(damage: Damage, size: float) -> None:
    """Overwrite the source of referrals that a plan followed, as if it had been so before."""
    rng = damage.stream(3)
    referrals = damage.tables["referrals"]
    plans = damage.tables["cp_plans"][["child_id", "start_date"]]
    pairs = referrals[["child_id", "referral_date"]].reset_index(names="row").merge(plans)
    after = pairs["start_date"] - pairs["referral_date"]
    followed = np.zeros(len(referrals), dtype=bool)
    followed[pairs.loc[(after > pd.Timedelta(0)) & (after <= _YEAR), "row"]] = True
    wrong = followed & picked(len(referrals), size, rng)
    damage.overwrite("leaking_column", size, "referrals", "source", wrong, OVERWRITTEN_SOURCE)
