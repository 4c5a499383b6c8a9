"""The ledger's scores and decisions, as plain frames, made into an audit of decisions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.disparity_decisions import DecisionAudit, audit_decided
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.evaluation.fairness_model import EXPLORED
from fs_risk.model.folds import split_groups
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.households import household_keys
from fs_risk.records.records import Records

ATTENTION = ("assessment", "strategy_discussion", "second_read", "group_supervision", "allocation")
"""Decisions that give a referral attention, where none other are named."""

OVERRIDES = ("more_worried", "less_worried")
_DECIDED = ("decision", "own_view")


def audit_ledger(
    scores: pd.DataFrame,
    decisions: pd.DataFrame,
    records: Records,
    *,
    counts_as: Sequence[str] = ATTENTION,
    attributes: Sequence[str] | None = None,
    outcome: str | None = None,
    within_days: int | None = None,
    resamples: int = 500,
) -> DecisionAudit:
    """Audit decisions beside scores, on referrals that a list was made of (requirement A5).

    Parameters
    ----------
    scores, decisions : DataFrame
        As `Ledger.scores` and `Ledger.decisions` give them.
    records : Records
        A later extract, from which outcomes and groups are looked up.
    counts_as : sequence of str, optional
        Decisions that count as attention.
    attributes : sequence of str, optional
        Columns of `fairness_groups`; by default all.
    outcome : str, optional
        By default the scores' own.
    within_days : int, optional
    resamples : int, default=500

    Returns
    -------
    DecisionAudit

    Raises
    ------
    AuditError
        If no listed referral has a decision, the scores are of several outcomes, or no
        outcome is known yet.
    """
    paired, undecided = paired_referrals(scores, decisions)
    cohort = pd.DataFrame(
        {
            "case_id": paired["referral_id"].astype("str"),
            "child_id": paired["child_id"].astype("str"),
            "as_of": paired["as_of"],
        }
    ).reset_index(drop=True)
    labels = label_outcome(
        records,
        cohort,
        outcome=_only(paired["outcome"], "outcome") if outcome is None else outcome,
        within_days=int(_only(paired["within_days"], "within_days"))
        if within_days is None
        else within_days,
    )
    households = household_keys(records["children"], records["family_links"])
    groups = fairness_groups(records, cohort)
    chosen = list(groups) if attributes is None else list(attributes)
    agreement = paired["agreement"]
    return audit_decided(
        labels["label"],
        paired["listed"].astype(np.float64),
        paired["decision"].isin(list(counts_as)).astype(np.float64),
        groups[chosen],
        overrides={way: np.where(agreement.isna(), np.nan, agreement == way) for way in OVERRIDES},
        households=split_groups(cohort, households)["household"].to_numpy(dtype=object),
        as_of=cohort["as_of"],
        known=labels["known_date"],
        undecided=undecided,
        counts_as=tuple(counts_as),
        explored=tuple(name for name in EXPLORED if name in chosen),
        resamples=resamples,
        origin="synthetic" if paired["synthetic"].any() else "real",
    )


def paired_referrals(scores: pd.DataFrame, decisions: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Put each listed or passed-over referral's last score beside its last decision.

    Parameters
    ----------
    scores, decisions : DataFrame

    Returns
    -------
    paired : DataFrame
        One row per referral with both.
    undecided : int
        Referrals of a list without a decision.

    Raises
    ------
    AuditError
        If there is none with both.
    """
    ranked = scores[scores["listed"].notna()].sort_values("entry", kind="stable")
    last = ranked.drop_duplicates("referral_id", keep="last")
    taken = decisions[decisions["kind"].isin(_DECIDED)].sort_values("entry", kind="stable")
    taken = taken.drop_duplicates("referral_id", keep="last")
    columns = ["referral_id", "decision", "agreement"]
    paired = last.merge(taken[columns], on="referral_id", how="inner")
    if paired.empty:
        raise AuditError(
            f"None of {count_of(len(last), 'referral')} of a list has a decision in the ledger.",
            where="ledger, scores and decisions",
            fix="Make lists with prioritise(ledger=…), and record decisions.",
        )
    return paired.reset_index(drop=True), len(last) - len(paired)


def _only(values: pd.Series, what: str) -> str:
    found = values.dropna().unique()
    if len(found) != 1:
        raise AuditError(
            f"The scores are of {len(found)} different values of {what}.",
            where=f"ledger, {what}",
            fix=f"Pass {what}= to say which outcome to audit against.",
        )
    return str(found[0])
