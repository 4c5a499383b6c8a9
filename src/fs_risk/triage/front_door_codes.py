"""`front_door_codes`: which referrals of past days would have had no score, and why."""

from datetime import date

import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import MODEL, RECORDS, takes
from fs_risk.records.dates import day_given
from fs_risk.records.records import Records
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer

AT_ONCE = 2_000
"""Referrals scored together."""


@takes(records=RECORDS, model=MODEL)
def front_door_codes(
    records: Records,
    *,
    model: StepUpModel,
    since: date | str,
    until: date | str | None = None,
    history: History | None = None,
) -> pd.DataFrame:
    """Ask a model about the referrals of past days, as they were declared.

    Parameters
    ----------
    records : Records
    model : StepUpModel
    since, until : date or str
        First and last day; by default up to the extract.
    history : History, optional
        Of the same records, where it is at hand.

    Returns
    -------
    DataFrame
        A row per referral: ``case_id``, ``child_id``, ``as_of``, ``source``, ``code``
        (missing where there was a score). ``PERSON_NOW``, ``RESTRICTED`` and what a
        referral was about are declared at the front door and not recorded: only a ledger
        holds those.

    Raises
    ------
    SettingError
        If there is no referral in that time.

    Examples
    --------
    >>> asked = front_door_codes(records, model=model, since="2024-06-01")  # doctest: +SKIP
    >>> found = fs.audit_abstentions(asked, records=records)  # doctest: +SKIP
    """
    first = day_given(since, argument="since").date()
    last = records.extract_date if until is None else day_given(until, argument="until")
    referrals = declared_referrals(
        records, first, last.date(), family_declared=model.plan.family_declared
    )
    if not referrals:
        raise SettingError(
            "There is no referral in that time.",
            fix="Give since= and until= within the days that the records observe.",
        )
    by = scorer(records if history is None else history, model)
    codes: list[str | None] = []
    for place in range(0, len(referrals), AT_ONCE):
        codes += [score.code for score in by.score(referrals[place : place + AT_ONCE])]
    return pd.DataFrame(
        {
            "case_id": pd.Series([each.referral_id for each in referrals], dtype="str"),
            "child_id": pd.Series([each.child_id for each in referrals], dtype="str"),
            "as_of": pd.to_datetime([each.referral_date for each in referrals]).astype(
                "datetime64[s]"
            ),
            "source": pd.Series([each.source for each in referrals], dtype="str"),
            "code": pd.Series(codes, dtype="str"),
        }
    )
