"""Why a gap: what in the scores carries it, what tells the group, what the label and recording add.

Nothing here says what caused a gap. It says where to look: in which concepts' history the
scores part, which items know the group better than the outcome, whether another outcome
says the same, and whether it goes with who recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.disparity_carried import carried_by
from fs_risk.evaluation.disparity_cases import ListedCases
from fs_risk.evaluation.disparity_gaps import (
    degrees_of_freedom,
    limits,
    parts_of,
    rate_gap,
    standard_error,
)
from fs_risk.evaluation.disparity_outcomes import against_other_outcomes
from fs_risk.evaluation.disparity_proxies import group_against_outcome
from fs_risk.evaluation.disparity_recording import ByRecorder, gap_by_recorder
from fs_risk.evaluation.fairness import audit_fairness
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.evaluation.fairness_measures import PRIMARY
from fs_risk.evaluation.fairness_model import EXPLORED
from fs_risk.evaluation.fairness_table import FEWEST, GAP_SHOWN, NOT_ENOUGH
from fs_risk.evaluation.groupings import AGE, SOURCE, make_groupings
from fs_risk.evaluation.recording import audit_recording
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.arguments import MODEL, RECORDS, takes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.progress import tqdm
from fs_risk.records.records import Records

OTHER_OUTCOMES = ("section47", "care", "re_referral")
"""Second outcomes, decided by others or later than a plan."""

Named = tuple[str, str, str]
"""Attribute, group and metric of a gap."""


@dataclass(frozen=True)
class WhyGap:
    """What was looked at for one gap.

    Attributes
    ----------
    attribute, group, metric : str
    shown : bool
        Whether the audit shows the gap; where it does not, all here are leads at most.
    suppressed : bool
        Whether the audit hides the group's figures as small numbers. Then no display shows
        those of `gap`, `concepts`, `features`, `outcomes` and `recorders`: for the analyst,
        not for publication.
    gap : tuple of float
        Value, low and high (95 %), on the list as it is.
    n : tuple of float
        Cases compared, of the group and of the rest: for recall those with the outcome, for
        precision those listed (expected numbers where ties share the last places).
    concepts, features : DataFrame
        As `carried_by` gives them.
    proxies : DataFrame
        As `group_against_outcome` gives it.
    outcomes : DataFrame
        As `against_other_outcomes` gives it.
    recorders : tuple of ByRecorder
    contacts : Series or None
        The group's row of `audit_recording`: contacts recorded for each child found in
        need. None where contacts are not observed, or families are too few.
    """

    attribute: str
    group: str
    metric: str
    shown: bool
    suppressed: bool
    gap: tuple[float, float, float]
    n: tuple[float, float]
    concepts: pd.DataFrame = field(repr=False)
    features: pd.DataFrame = field(repr=False)
    proxies: pd.DataFrame = field(repr=False)
    outcomes: pd.DataFrame = field(repr=False)
    recorders: tuple[ByRecorder, ...] = field(repr=False)
    contacts: pd.Series | None = field(repr=False)


@dataclass(frozen=True)
class WhyGaps:
    """What was looked at for each gap; shown in a notebook, a terminal and an audit's page.

    Attributes
    ----------
    gaps : tuple of WhyGap
    outcome : str
    origin : {"real", "synthetic"}
    found_here : bool
        Whether the gaps were chosen because they stand out in an audit of these cases,
        rather than named beforehand.
    """

    gaps: tuple[WhyGap, ...]
    outcome: str
    origin: str
    found_here: bool = False

    def text(self) -> str:
        """Say what was found, in sentences."""
        from fs_risk.evaluation.disparity_why_words import why_sections

        stamp = ["SYNTHETIC."] if self.origin == "synthetic" else []
        return "\n\n".join([*stamp, *(section.text() for section in why_sections(self))])

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from fs_risk.evaluation.disparity_sections import sections_html
        from fs_risk.evaluation.disparity_why_words import why_sections

        stamp = "<p>SYNTHETIC.</p>" if self.origin == "synthetic" else ""
        return stamp + sections_html(why_sections(self), level=3)

    def plot_concepts(self, place: int = 0, *, ax: Any = None) -> Any:
        """Plot the concepts that part the group's scores from the rest's, with intervals.

        Of a hidden group their names and verdicts alone.

        Parameters
        ----------
        place : int, default=0
            Which of `gaps`.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.evaluation.disparity_plots import plot_concepts

        return plot_concepts(self, place, ax)


@takes(model=MODEL, records=RECORDS)
def explain_gaps(
    model: StepUpModel,
    records: Records,
    *,
    audit: FairnessAudit | None = None,
    gaps: Sequence[Named] | None = None,
    other_outcomes: Sequence[str] | None = None,
    capacity: float | None = None,
    fresh: bool = False,
    progress: bool = True,
) -> WhyGaps:
    """Look into gaps of a model's lists, on later time and unseen households.

    Parameters
    ----------
    model : StepUpModel
    records : Records
        Those that the audit was of.
    audit : FairnessAudit, optional
        As `audit_step_up` gives it; by default a brief one is made.
    gaps : sequence of (attribute, group, metric), optional
        By default the gaps that the audit shows or, where it shows none, the one that
        comes closest. Gaps so chosen seem larger than they are (`WhyGaps.found_here`).
    other_outcomes : sequence of str, optional
        By default those of section 47 enquiries, care and re-referral that are not the
        model's own.
    capacity : int or float, optional
        By default the audit's, or the plan's.
    fresh : bool, default=False
        As in `evaluate_step_up`.
    progress : bool, default=True

    Returns
    -------
    WhyGaps

    Raises
    ------
    AuditError
        If an attribute, group or metric is not among those audited, or a group has too
        few cases to say anything of.

    References
    ----------
    .. [1] Requirement F6.

    Examples
    --------
    >>> why = explain_gaps(model, records, audit=audit)  # doctest: +SKIP
    >>> why.gaps[0].concepts  # doctest: +SKIP
    """
    if capacity is None and audit is not None:
        capacity = audit.audited.capacity
        capacity = int(capacity) if capacity >= 1 else capacity
    cases = ListedCases.of(model, records, capacity=capacity, fresh=fresh)
    audit = _brief_audit(cases) if audit is None else audit
    chosen = _choose(audit) if gaps is None else list(gaps)
    names = OTHER_OUTCOMES if other_outcomes is None else tuple(other_outcomes)
    others = _other_labels(cases, [name for name in names if name != model.plan.outcome])
    found = [
        _why(cases, audit, others, named)
        for named in tqdm(chosen, desc="gaps", disable=None if progress else True)
    ]
    return WhyGaps(
        gaps=tuple(found),
        outcome=model.plan.outcome,
        origin=records.origin.kind,
        found_here=gaps is None,
    )


def _brief_audit(cases: ListedCases) -> FairnessAudit:
    """Audit the lists without intervals of pairs and scores: enough to choose gaps by."""
    return audit_fairness(
        cases.label,
        cases.log_odds,
        cases.groups,
        capacity=cases.capacity,
        households=cases.household,
        as_of=cases.cohort["as_of"],
        list_period=cases.model.plan.list_period,
        pairs=False,
        explored=EXPLORED,
        score_measures=False,
        resamples=50,
        origin=cases.records.origin.kind,
    )


def _choose(audit: FairnessAudit) -> list[Named]:
    """Choose the gaps shown; where none is, the one that comes closest to being shown."""
    rows = audit.primary
    shown = rows[rows["verdict"] == GAP_SHOWN]
    if shown.empty:
        judged = rows[rows["verdict"] != NOT_ENOUGH].index
        p = audit.full_table.query("family == 'primary'").reset_index(drop=True)["p"]
        shown = rows.loc[p.loc[judged].sort_values(kind="stable").index[:1]]
    if shown.empty:
        raise AuditError(
            f"In none of {count_of(len(rows), 'comparison')} is there enough evidence to look "
            "into.",
            where="audit, primary",
            fix="Audit a longer period or a commoner outcome, or name gaps= yourself.",
        )
    return [(str(row.attribute), str(row.group), str(row.metric)) for row in shown.itertuples()]


def _other_labels(cases: ListedCases, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Label the tested cases by other outcomes, where those are observed at all."""
    found = {}
    for name in names:
        labels = label_outcome(
            cases.records, cases.cohort, outcome=name, within_days=cases.model.plan.within_days
        )
        if labels["label"].notna().any():
            found[name] = labels["label"].to_numpy(dtype=np.float64)
    return found


def _why(
    cases: ListedCases, audit: FairnessAudit, others: Mapping[str, np.ndarray], named: Named
) -> WhyGap:
    attribute, group, metric = named
    inside = cases.inside(attribute, group)
    _check(cases, inside, metric)
    gap = rate_gap(metric, cases.label, cases.share, inside)
    _, weights = parts_of(metric, cases.label, cases.share)
    freedom = degrees_of_freedom(cases.household, inside, weights)
    low, high, _ = limits(gap.value, standard_error(gap.pull, cases.household), freedom)
    concepts, features = carried_by(cases, inside, metric)
    row = audit.full_table.query(
        "attribute == @attribute and group == @group and metric == @metric"
    )
    return WhyGap(
        attribute=attribute,
        group=group,
        metric=metric,
        shown=bool((row["verdict"] == GAP_SHOWN).any()),
        suppressed=bool(row["suppressed"].any()),
        gap=(float(gap.value[0]), float(low[0]), float(high[0])),
        n=(float(weights[inside].sum()), float(weights[~inside].sum())),
        concepts=concepts,
        features=features,
        proxies=group_against_outcome(cases.X, inside, cases.label, cases.household),
        outcomes=against_other_outcomes(cases.label, others, cases.share, inside, cases.household),
        recorders=_recorders(cases, inside, metric),
        contacts=_contacts(cases, attribute, group),
    )


def _check(cases: ListedCases, inside: np.ndarray, metric: str) -> None:
    if metric not in PRIMARY:
        raise AuditError(
            "Only gaps in recall and in precision are looked into.",
            where="gaps",
            fix="Choose among recall, precision.",
        )
    _, weights = parts_of(metric, cases.label, cases.share)
    if min(weights[inside].sum(), weights[~inside].sum()) < FEWEST:
        raise AuditError(
            f"The group, or the rest, has fewer than {FEWEST} cases that {metric} is of.",
            where="gaps",
            fix="Choose a larger group, or a longer period.",
        )


def _recorders(cases: ListedCases, inside: np.ndarray, metric: str) -> tuple[ByRecorder, ...]:
    """Split the gap by team and by who referred, where these are recorded."""
    referrals = cases.records["referrals"].drop_duplicates("referral_id").set_index("referral_id")
    found = {}
    if cases.cohort["case_id"].isin(referrals.index).all():
        found["team"] = cases.cohort["case_id"].map(referrals["team"])
    groupings = make_groupings(cases.records, cases.cohort)
    if SOURCE in groupings:
        found[SOURCE] = groupings[SOURCE]
    split = [
        gap_by_recorder(
            metric, cases.label, cases.share, inside, recorder.reset_index(drop=True),
            cases.household, by=by,
        )
        for by, recorder in found.items()
    ]  # fmt: skip
    return tuple(each for each in split if each is not None)


def _contacts(cases: ListedCases, attribute: str, group: str) -> pd.Series | None:
    """Give how many contacts it takes until a child of the group is found in need."""
    if attribute == AGE.replace(" ", "_"):
        return None
    ids = cases.records["children"]["child_id"].drop_duplicates()
    everyone = pd.DataFrame(
        {"case_id": ids, "child_id": ids, "as_of": cases.records.extract_date}
    ).reset_index(drop=True)
    groups = fairness_groups(cases.records, everyone)[attribute].astype("object").astype("str")
    groups.index = pd.Index(everyone["child_id"])
    try:
        table = audit_recording(cases.records, groups)
    except AuditError:
        return None
    row = table[table["group"] == group]
    return None if row.empty else row.iloc[0]
