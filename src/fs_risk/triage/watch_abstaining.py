"""How often a referral gets a code instead of a score, and which."""

from dataclasses import replace

import numpy as np
import pandas as pd

from fs_risk.model.certainty import ABSTAINS
from fs_risk.triage.scope import CODES
from fs_risk.triage.watch_cases import OUT_OF_SCOPE, Watched
from fs_risk.triage.watch_ledger import Recorded
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_rates import Rate, left_after_the_past, limits_from, rate_rows
from fs_risk.triage.watch_rows import NOT_ENOUGH, Row

_HARDLY_EVER = ("STALE_EXTRACT", "NOT_APPROVED")
_HARDLY = 0.02
"""Most referrals with a code that only says that the service's own set-up is not in order."""


def abstention_rows(watched: Watched, recorded: Recorded | None, limits: DriftLimits) -> list[Row]:
    """Watch the share of referrals with each code.

    Parameters
    ----------
    watched : Watched
    recorded : Recorded or None
        Without it codes are made again; those that only the front door declares are then
        not known.
    limits : DriftLimits

    Returns
    -------
    list of Row
    """
    cases = coded_cases(watched, recorded)
    period, months = watched.span.words, [str(month) for month in watched.span.months]
    if cases.empty:
        return [
            Row(check="abstentions", measure="without_score", period=period, verdict=NOT_ENOUGH,
                says="No referral was scored in this time.")
        ]  # fmt: skip
    asked = [code for code in CODES if recorded is not None or code in (OUT_OF_SCOPE, ABSTAINS)]
    alpha = limits.alpha("abstentions", len(asked))
    every = Rate(
        check="abstentions", measure="without_score", hits=cases["code"].notna().to_numpy(float),
        month=cases["month"].to_numpy(),
        household=cases["household"].to_numpy(dtype=object).astype(str),
        low=0.0, high=1.0, alpha=alpha,
    )  # fmt: skip
    rows = [
        replace(row, verdict="", limit_low=None, limit_high=None)
        for row in rate_rows(every, months, period, "Referrals with a code instead of a score.")
    ]
    for code in asked:
        low, high, left = _limits(code, watched, recorded, limits, alpha)
        rate = Rate(
            check="abstentions", measure="code", by="code", group=code,
            hits=(cases["code"] == code).to_numpy(dtype=np.float64), month=every.month,
            household=every.household, low=low, high=high, alpha=left,
        )  # fmt: skip
        rows += rate_rows(rate, months, period, CODES[code], monthly=False)
    return rows


def coded_cases(watched: Watched, recorded: Recorded | None) -> pd.DataFrame:
    """Give the referrals watched with their codes: as recorded where there is a ledger.

    Parameters
    ----------
    watched : Watched
    recorded : Recorded or None

    Returns
    -------
    DataFrame
        ``child_id``, ``as_of``, ``code``, ``month``, ``household``.
    """
    made = watched.cohort.assign(code=watched.code, household=watched.household)
    if recorded is None:
        kept = made[watched.now]
    else:
        ours = recorded.scores
        of_child = made.drop_duplicates("child_id").set_index("child_id")["household"]
        household = ours["child_id"].map(of_child).fillna(ours["child_id"])
        kept = ours.assign(household=household)[watched.span.holds(ours["as_of"])]
    kept = kept[["child_id", "as_of", "code", "household"]].reset_index(drop=True)
    return kept.assign(month=watched.span.number(kept["as_of"]))


def _limits(
    code: str, watched: Watched, recorded: Recorded | None, limits: DriftLimits, alpha: float
) -> tuple[float, float, float]:
    if code in _HARDLY_EVER:
        return 0.0, _HARDLY, alpha
    if code == ABSTAINS or (code == OUT_OF_SCOPE and recorded is None):
        hits = (watched.code == code).astype(np.float64)
        ends = limits_from(
            hits[watched.tested], watched.household[watched.tested], alpha=alpha,
            more=limits.abstention,
        )  # fmt: skip
        if ends is not None:
            return *ends, left_after_the_past(alpha)
    return 0.0, limits.declared, alpha
