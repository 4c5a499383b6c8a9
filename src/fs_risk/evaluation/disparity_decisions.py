"""Decisions as well as scores: what people did with a list, group by group (requirement A5).

A score can part groups that its readers do not, or the other way round. Both are audited
on the same referrals, and the difference between the two with what they have in common.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.disparity_gaps import (
    RATES,
    degrees_of_freedom,
    limits,
    parts_of,
    rate_gap,
    standard_error,
)
from fs_risk.evaluation.disparity_over_time import LIMIT, GapsOverTime, audit_over_time
from fs_risk.evaluation.fairness import audit_fairness
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_measures import SELECTION
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.many_tests import benjamini_hochberg

LEVEL = 0.05

LEAST_SHARE = 1e-9
"""A list of nobody, or but for so much of everybody, as the share that an audit can be told."""


@dataclass(frozen=True)
class DecisionAudit:
    """Scores, decisions and overrides by group, on the same referrals.

    Attributes
    ----------
    scores, decisions : FairnessAudit
        Of those listed, and of those given attention.
    overrides : dict of str to FairnessAudit
        By direction, of referrals whose decision says how the person's view stood to the
        score: only the share is a finding there.
    between : DataFrame
        For each group and rate: ``scores_gap``, ``decisions_gap``, ``change`` (decisions
        less scores) with ``low``, ``high`` (95 %, households whole, paired), ``p``,
        ``adjusted_p`` (Benjamini and Hochberg), ``moved``, ``suppressed``.
    cases : DataFrame
        The referrals: ``label``, ``listed``, ``decided``, ``household``, and where given
        ``as_of`` and ``known``. For the analyst.
    groups : DataFrame
    undecided : int
        Scored referrals without a decision, left out.
    counts_as : tuple of str
        Decisions that count as attention.
    origin : {"real", "synthetic"}
    """

    scores: FairnessAudit = field(repr=False)
    decisions: FairnessAudit = field(repr=False)
    overrides: dict[str, FairnessAudit] = field(repr=False)
    between: pd.DataFrame = field(repr=False)
    cases: pd.DataFrame = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    undecided: int = 0
    counts_as: tuple[str, ...] = ()
    origin: str = "real"

    def over_time(
        self,
        of: str = "decisions",
        *,
        limit: float | Mapping[str, float] = LIMIT,
        attributes: Sequence[str] | None = None,
    ) -> GapsOverTime:
        """Hold the gaps to their limits month by month (requirement A7).

        Parameters
        ----------
        of : {"decisions", "scores"}, default="decisions"
        limit : float or mapping of str to float, default=0.1
            As in `audit_over_time`.
        attributes : sequence of str, optional
            By default those of the declared family.

        Returns
        -------
        GapsOverTime

        Raises
        ------
        AuditError
            If the referrals have no dates.
        """
        if "as_of" not in self.cases:
            raise AuditError(
                f"{count_of(len(self.cases), 'referral has no date', 'referrals have no dates')}.",
                where="cases",
                fix="Pass as_of= when you audit decisions.",
            )
        explored = self.scores.settings.explored
        chosen = [name for name in self.groups if name not in explored]
        return audit_over_time(
            self.cases["label"],
            self.cases["listed" if of == "scores" else "decided"],
            self.groups[chosen if attributes is None else list(attributes)],
            self.cases["as_of"],
            known=self.cases.get("known"),
            households=self.cases["household"],
            limit=limit,
            origin=self.origin,
        )

    def text(self) -> str:
        """Say how gaps by score and by decision compare."""
        from fs_risk.evaluation.disparity_decision_words import decision_sections

        return "\n\n".join(section.text() for section in decision_sections(self))

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from fs_risk.evaluation.disparity_decision_words import decision_sections
        from fs_risk.evaluation.disparity_sections import sections_html

        return sections_html(decision_sections(self), level=3)


def audit_decided(
    labels: pd.Series | np.ndarray,
    listed: pd.Series | np.ndarray,
    decided: pd.Series | np.ndarray,
    groups: pd.DataFrame,
    *,
    overrides: Mapping[str, np.ndarray] | None = None,
    households: pd.Series | np.ndarray | None = None,
    as_of: pd.Series | None = None,
    known: pd.Series | None = None,
    undecided: int = 0,
    counts_as: tuple[str, ...] = (),
    explored: tuple[str, ...] = (),
    resamples: int = 500,
    origin: str = "real",
) -> DecisionAudit:
    """Audit lists and decisions on the same referrals.

    Both are audited as they were made: there is no capacity to choose, and no list is made
    anew. A score may have listed nobody or everybody, and so may people have decided.

    Parameters
    ----------
    labels : Series or ndarray of float, shape (n,)
        1, 0, or missing where the outcome is not known yet.
    listed, decided : Series or ndarray of float, shape (n,)
        1 where the score listed the referral; 1 where a person gave it attention.
    groups : DataFrame
        As `fairness_groups` gives it.
    overrides : mapping of str to ndarray of float, shape (n,), optional
        By direction: 1, 0, or missing where no score was seen.
    households : Series or ndarray, shape (n,), optional
    as_of, known : Series of datetime64, shape (n,), optional
        Days of the referrals, and on which their outcomes are known, to watch over time.
    undecided : int
        How many were left out for want of a decision.
    counts_as : tuple of str
        What `decided` means.
    explored : tuple of str
        Attributes outside the declared family.
    resamples : int, default=500
    origin : {"real", "synthetic"}

    Returns
    -------
    DecisionAudit

    Raises
    ------
    AuditError
        If no outcome is known yet, or lengths differ.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> groups = pd.DataFrame({"sex": rng.choice(["F", "M"], 500)})
    >>> label = (rng.random(500) < 0.2).astype(float)
    >>> listed = (rng.random(500) < np.where(groups["sex"] == "F", 0.1, 0.5)).astype(float)
    >>> found = audit_decided(label, listed, np.ones(500), groups, resamples=50)
    >>> found.between.query("metric == 'selection_rate'")["decisions_gap"].tolist()
    [0.0, 0.0]
    """
    label, by_score, by_person = (_numbers(each) for each in (labels, listed, decided))
    if np.isnan(label).all():
        raise AuditError(
            f"The outcome of none of {count_of(len(label), 'referral')} is known yet.",
            where="labels",
            fix="Audit decisions of referrals whose window has passed, or an earlier outcome.",
        )
    settings: dict[str, Any] = {
        "capacity": _share_listed(by_score),
        "explored": explored,
        "pairs": False,
        "score_measures": False,
        "resamples": resamples,
        "origin": origin,
    }
    scores = audit_fairness(
        label, by_score, groups, listed=by_score, households=households, **settings
    )
    decisions = audit_fairness(
        label, by_person, groups, listed=by_person, households=households, **settings
    )
    return DecisionAudit(
        scores=scores,
        decisions=decisions,
        overrides=_overrides(label, overrides or {}, groups, households, settings),
        between=_between(scores, decisions),
        cases=_cases(label, by_score, by_person, households, as_of, known),
        groups=groups.reset_index(drop=True),
        undecided=undecided,
        counts_as=counts_as,
        origin=origin,
    )


def _share_listed(listed: np.ndarray) -> float:
    """Give the share listed; of none or all the nearest that may be asked for as a capacity.

    It is a fact and no choice, so none or all are no fault; and where lists are given, no
    figure rests on the capacity and no text names it.
    """
    return float(np.clip(np.nan_to_num(listed).mean(), LEAST_SHARE, 1 - LEAST_SHARE))


def _numbers(values: pd.Series | np.ndarray) -> np.ndarray:
    found: np.ndarray = pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan)
    return found


def _cases(
    label: np.ndarray,
    listed: np.ndarray,
    decided: np.ndarray,
    households: pd.Series | np.ndarray | None,
    as_of: pd.Series | None,
    known: pd.Series | None,
) -> pd.DataFrame:
    family = np.arange(len(label)) if households is None else np.asarray(households)
    cases = pd.DataFrame(
        {"label": label, "listed": listed, "decided": decided, "household": family}
    )
    dates = {"as_of": as_of, "known": known}
    return cases.assign(
        **{name: pd.Series(days).array for name, days in dates.items() if days is not None}
    )


def _overrides(
    label: np.ndarray,
    overrides: Mapping[str, np.ndarray],
    groups: pd.DataFrame,
    households: pd.Series | np.ndarray | None,
    settings: Mapping[str, Any],
) -> dict[str, FairnessAudit]:
    """Audit the share overridden each way, of those where a score was seen."""
    found = {}
    for way, said in overrides.items():
        seen = ~np.isnan(said)
        if np.isnan(label[seen]).all() or seen.sum() < 2:
            continue
        family = None if households is None else np.asarray(households)[seen]
        if family is not None and len(set(family)) < 2:
            continue
        found[way] = audit_fairness(
            label[seen],
            said[seen],
            groups[seen],
            listed=said[seen],
            households=family,
            **settings,
        )
    return found


def _between(scores: FairnessAudit, decisions: FairnessAudit) -> pd.DataFrame:
    """Compare the gaps of both, pairing what they have in common."""
    groups = scores.audited.groups
    hidden = {
        (row.attribute, row.group, row.metric): bool(row.suppressed)
        for audit in (scores, decisions)
        for row in audit.full_table.itertuples()
        if row.suppressed
    }
    rows = []
    for number in np.flatnonzero(groups.main):
        slot = int(groups.slot[number])
        inside = groups.group_of[groups.cell, slot] == number
        for metric in RATES:
            named = (groups.slots[slot], str(groups.level[number]), metric)
            figures = _figures(scores, decisions, inside, metric)
            rows.append((*named, *figures, hidden.get(named, False)))
    columns = ["attribute", "group", "metric", "scores_gap", "decisions_gap", "change", "low",
               "high", "p", "suppressed"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    p = frame["p"].to_numpy(dtype=np.float64)
    adjusted, asked = np.full(len(p), np.nan), np.isfinite(p)
    adjusted[asked] = benjamini_hochberg(p[asked])
    return frame.assign(adjusted_p=adjusted, moved=adjusted <= LEVEL)


def _figures(
    scores: FairnessAudit, decisions: FairnessAudit, inside: np.ndarray, metric: str
) -> tuple[float, ...]:
    label, household = scores.audited.label, scores.audited.household.astype(np.int64)
    shares = (scores.audited.share, decisions.audited.share)
    weights = [parts_of(metric, label, share)[1] for share in shares]
    least = min(min(weight[inside].sum(), weight[~inside].sum()) for weight in weights)
    by_score, by_person = (rate_gap(metric, label, share, inside) for share in shares)
    change = by_person.value - by_score.value
    ends = (float("nan"),) * 3
    if least >= (1 if metric == SELECTION else scores.settings.fewest):
        error = standard_error(by_person.pull - by_score.pull, household)
        freedom = degrees_of_freedom(household, inside, weights[1])
        low, high, p = limits(change, np.nan_to_num(error), freedom)
        ends = (float(low[0]), float(high[0]), float(p[0]))
    return (float(by_score.value[0]), float(by_person.value[0]), float(change[0]), *ends)
