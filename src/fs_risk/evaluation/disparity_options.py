"""What could be done about a gap: options fitted and held beside the model as it is.

Each option is scored on later time and unseen households at the same capacity, and shown
for all groups and overall, before and after (requirement A6). None is chosen here: what
helps one group costs places for others, and that is a decision for people to take.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.errors import AuditError, nearest
from fs_risk.evaluation.disparity_cases import ListedCases
from fs_risk.evaluation.disparity_changes import frontier_rows, group_rows, overall_rows
from fs_risk.evaluation.disparity_fits import (
    OTHERS,
    Lessons,
    carrying_concept,
    fit_constrained,
    fit_reduced,
    fit_reweighed,
    fitted_otherwise,
    listed_by_fairlearn,
    telling_features,
    thresholds_by_group,
    without,
)
from fs_risk.evaluation.disparity_gaps import parts_of, rate_gap, standard_error
from fs_risk.evaluation.disparity_legal import GroupThresholds
from fs_risk.evaluation.fairness import audit_fairness
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_measures import PRIMARY, RECALL
from fs_risk.evaluation.fairness_model import EXPLORED
from fs_risk.evaluation.fairness_table import FEWEST
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import MODEL, RECORDS, takes
from fs_risk.records.counts_in_words import out_of
from fs_risk.records.notebook import stamp_of
from fs_risk.records.progress import tqdm
from fs_risk.records.records import Records

AS_IT_IS = "as it is"
TRIED = {
    "without telling items": "fitted without the features that tell the group better than the "
    "outcome",
    "without a concept": "fitted without the concept that parts the group's scores most: {}",
    "reweighed": "fitted with weights that make group and outcome independent (Kamiran and "
    "Calders)",
    "reduction": "fitted under equal recall by fairlearn's ExponentiatedGradient",
    "constrained boosting": "fitted with a multiplier on the outcome of groups whose recall falls "
    "short, raised while boosting (after FairGBM)",
    "fairlearn thresholds": "the model as it is, fairlearn's ThresholdOptimizer choosing a "
    "threshold for each group",
    "equal-recall thresholds": "the model as it is, offsets by group that make recall alike at "
    "the list's size",
}
"""Every option by name, and what is done."""

BY_GROUP = ("fairlearn thresholds", "equal-recall thresholds")
"""Those that ask a child's group when a list is made: study only without a legal basis."""

_ONE_GROUP = "all cases tested are of one group"
_TOO_FEW = "the figures of each group are hidden, small numbers, or rest on too few cases"


@dataclass(frozen=True)
class Option:
    """One way to fit or list, scored on the tested cases.

    Attributes
    ----------
    name, meaning : str
    by_group : bool
        Whether it asks for a child's group when a list is made.
    score : ndarray of float64, shape (n,)
        Log-odds; of fairlearn's thresholds the chance of being listed.
    share : ndarray of float64, shape (n,)
        Chance of being listed.
    audit : FairnessAudit
    """

    name: str
    meaning: str
    by_group: bool
    score: np.ndarray = field(repr=False)
    share: np.ndarray = field(repr=False)
    audit: FairnessAudit = field(repr=False)


@dataclass(frozen=True)
class FairnessOptions:
    """Options before and after, for all groups and overall; shown, never ranked.

    Attributes
    ----------
    attribute, group : str
        The group whose gap the options are about.
    options : tuple of Option
        The first is the model as it is.
    table : DataFrame
        For each option, attribute, group and rate (recall, precision): ``before`` and
        ``after``, ``change`` with ``low``, ``high`` (95 %, households whole, paired),
        ``gap_before``, ``gap_after``, ``gap_change`` with ``gap_low``, ``gap_high``;
        ``suppressed``. `not_compared` says of which attributes it holds nothing to read.
    overall : DataFrame
        For each option recall, precision and average precision, before, after, change.
    frontier : DataFrame
        For each option the group's gap in recall and everyone's recall, with intervals.
    left_out : dict of str to str
        Options that could not be tried, and why.
    thresholds : GroupThresholds or None
        Offsets by group, study only.
    found_here : bool
        Whether the group was chosen for its gap on these very cases.

    Examples
    --------
    `compare_options` makes one; here by hand, of the model as it is and nothing tried.

    >>> label, sex = np.tile([1.0, 0.0], 100), pd.Series(np.repeat(["F", "M"], 100), name="sex")
    >>> score = label + 0.5 * (sex == "F").to_numpy()
    >>> audit = audit_fairness(label, score, sex, capacity=0.25, resamples=50)
    >>> kept = Option(AS_IT_IS, "no change", False, score, audit.audited.share, audit)
    >>> none = pd.DataFrame()
    >>> options = FairnessOptions("sex", "M", "synthetic", (kept,), none, none, none)
    >>> options.audit().overall["recall"].item(), options.suppressed
    (0.5, False)
    """

    attribute: str
    group: str
    origin: str
    options: tuple[Option, ...] = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    overall: pd.DataFrame = field(repr=False)
    frontier: pd.DataFrame = field(repr=False)
    left_out: dict[str, str] = field(default_factory=dict)
    thresholds: GroupThresholds | None = field(default=None, repr=False)
    found_here: bool = False

    def audit(self, name: str = AS_IT_IS) -> FairnessAudit:
        """Give the whole audit of one option's lists.

        Parameters
        ----------
        name : str

        Raises
        ------
        AuditError
            If it was not tried.
        """
        for option in self.options:
            if option.name == name:
                return option.audit
        names = [option.name for option in self.options]
        raise AuditError(
            "That option was not tried." + nearest(name, names),
            where="options",
            fix=f"Choose among {', '.join(names)}.",
        )

    @property
    def suppressed(self) -> bool:
        """Whether the audit of any option hides the group as small numbers."""
        return any(self._hides(option.audit.full_table) for option in self.options)

    def _hides(self, audited: pd.DataFrame) -> bool:
        own = (audited["attribute"] == self.attribute) & (audited["group"] == self.group)
        return bool(audited.loc[own & audited["metric"].isin(PRIMARY), "suppressed"].any())

    @property
    def not_compared(self) -> dict[str, str]:
        """Attributes of the audit without a group whose recall can be compared, and why.

        None where every option was left out: `left_out` says why.
        """
        if self.table.empty:
            return {}
        recall = self.table[self.table["metric"] == RECALL]
        shown = recall[~recall["suppressed"] & recall["after"].notna()]
        held, compared = set(recall["attribute"]), set(shown["attribute"])
        return {
            attribute: _TOO_FEW if attribute in held else _ONE_GROUP
            for attribute in self.audit().full_table["attribute"].unique()
            if attribute not in compared
        }

    def text(self) -> str:
        """Say what each option would change, and what conflicts with what."""
        from fs_risk.evaluation.disparity_options_words import options_section

        stamp = stamp_of(self.origin == "synthetic")
        return stamp + options_section(self, picture=False).text()

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from fs_risk.evaluation.disparity_options_words import options_section

        stamp = "<p>SYNTHETIC.</p>" if self.origin == "synthetic" else ""
        return stamp + options_section(self, picture=True).html(level=3)

    def plot_frontier(self, *, ax: Any = None) -> Any:
        """Plot everyone's recall against the group's gap, one point for each option.

        Parameters
        ----------
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.evaluation.disparity_plots import plot_frontier

        return plot_frontier(self, ax)


@takes(model=MODEL, records=RECORDS)
def compare_options(
    model: StepUpModel,
    records: Records,
    *,
    attribute: str = "ethnicity",
    group: str | None = None,
    tried: Sequence[str] = tuple(TRIED),
    capacity: float | None = None,
    resamples: int = 200,
    progress: bool = True,
) -> FairnessOptions:
    """Fit and list otherwise, and show for all groups and overall what would change.

    Parameters
    ----------
    model : StepUpModel
    records : Records
        Those it was trained on.
    attribute : str, default="ethnicity"
        A column of `fairness_groups`, known while learning; when a list is made only to
        the two options that say so.
    group : str, optional
        Whose gap in recall is to change; by default the group whose gap is clearest, which
        then seems larger than it is (`FairnessOptions.found_here`).
    tried : sequence of str, optional
        Among `TRIED`.
    capacity : int or float, optional
        By default the plan's own.
    resamples : int, default=200
        For the intervals of each option's audit.
    progress : bool, default=True

    Returns
    -------
    FairnessOptions

    Raises
    ------
    AuditError
        If the attribute, group or option is not known, no option is named, or the group is
        too small to learn otherwise about.

    Examples
    --------
    >>> options = compare_options(model, records, attribute="ethnicity")  # doctest: +SKIP
    >>> options.plot_frontier()  # doctest: +SKIP
    """
    if not tried:
        raise AuditError(
            "No option was named, so there is nothing to hold beside the model as it is.",
            where="tried",
            fix=f"Leave tried out to try all, or choose among {', '.join(TRIED)}.",
        )
    unknown = [name for name in tried if name not in TRIED]
    if unknown:
        raise AuditError(
            f"{out_of(len(unknown), len(tried), 'option')} not known." + nearest(unknown[0], TRIED),
            where="tried", fix=f"Choose among {', '.join(TRIED)}.",
        )  # fmt: skip
    cases = ListedCases.of(model, records, capacity=capacity)
    chosen = _clearest(cases, attribute) if group is None else group
    cases.inside(attribute, chosen)
    lessons = Lessons.of(cases, attribute)
    if chosen not in set(lessons.group[lessons.fitting]):
        raise AuditError(
            "The group has too few children with the outcome to learn otherwise about.",
            where=f"{attribute}, the fit period", fix="Choose a larger group, or read more years.",
        )  # fmt: skip
    scored, left_out, thresholds = _scored(lessons, attribute, chosen, tried, progress)
    options = tuple(
        _option(cases, name, meaning, score, resamples) for name, meaning, score in scored
    )
    shares = {option.name: option.share for option in options}
    scores = {option.name: option.score for option in options}
    return FairnessOptions(
        attribute=attribute,
        group=chosen,
        origin=records.origin.kind,
        options=options,
        table=group_rows(cases, {each.name: each.audit for each in options}, shares),
        overall=overall_rows(cases, shares, scores, resamples),
        frontier=frontier_rows(cases, cases.inside(attribute, chosen), shares),
        left_out=left_out,
        thresholds=thresholds,
        found_here=group is None,
    )


def _clearest(cases: ListedCases, attribute: str) -> str:
    """Choose the group whose gap in recall stands out most from chance."""
    _, weights = parts_of(RECALL, cases.label, cases.share)
    found = {}
    levels = cases.groups.get(attribute, ())
    for level in dict.fromkeys(str(each) for each in levels):
        inside = cases.inside(attribute, level)
        if min(weights[inside].sum(), weights[~inside].sum()) < FEWEST:
            continue
        gap = rate_gap(RECALL, cases.label, cases.share, inside)
        error = float(standard_error(gap.pull, cases.household)[0])
        found[level] = abs(float(gap.value[0])) / error if error > 0 else 0.0
    if not found:
        raise AuditError(
            f"No group has {FEWEST} children with the outcome, or the attribute is not audited.",
            where="attribute",
            fix=f"Choose among {', '.join(map(str, cases.groups))}, or a longer period.",
        )
    return max(found, key=lambda level: found[level])


def _scored(
    lessons: Lessons, attribute: str, group: str, tried: Sequence[str], progress: bool
) -> tuple[list[tuple[str, str, np.ndarray]], dict[str, str], GroupThresholds | None]:
    """Score the tested cases by each option; say which could not be tried."""
    scored = [(AS_IT_IS, "the model as it is", lessons.cases.log_odds)]
    left_out: dict[str, str] = {}
    thresholds: GroupThresholds | None = None
    fits: dict[str, Callable[[], np.ndarray]] = {
        "reweighed": lambda: fitted_otherwise(lessons, fit_reweighed),
        "reduction": lambda: fitted_otherwise(lessons, fit_reduced),
        "constrained boosting": lambda: fitted_otherwise(lessons, fit_constrained),
        "fairlearn thresholds": lambda: listed_by_fairlearn(lessons),
    }
    for name in tqdm(tried, desc="options", disable=None if progress else True):
        meaning = TRIED[name]
        if name == "without telling items":
            columns = telling_features(lessons, group)
            if not columns.any() or columns.all():
                left_out[name] = "no feature tells the group better than the outcome"
                continue
            meaning += f" ({int(columns.sum())} of {len(columns)})"
            score = fitted_otherwise(lessons, without(columns))
        elif name == "without a concept":
            concept = carrying_concept(lessons, group)
            meaning = meaning.format(concept)
            features = lessons.cases.model.facts.features
            columns = np.array([each.concept == concept for each in features])
            score = fitted_otherwise(lessons, without(columns))
        elif name == "equal-recall thresholds":
            score, thresholds = thresholds_by_group(lessons, attribute)
        else:
            score = fits[name]()
        scored.append((name, meaning, score))
    return scored, left_out, thresholds


def _option(
    cases: ListedCases, name: str, meaning: str, score: np.ndarray, resamples: int
) -> Option:
    calibrated = name not in BY_GROUP
    audit = audit_fairness(
        cases.label,
        expit(score) if calibrated else score,
        cases.groups,
        capacity=cases.capacity,
        households=cases.household,
        as_of=cases.cohort["as_of"],
        list_period=cases.model.plan.list_period,
        pairs=False,
        explored=EXPLORED,
        score_measures=calibrated,
        resamples=resamples,
        origin=cases.records.origin.kind,
    )
    return Option(
        name=name,
        meaning=meaning,
        by_group=name in BY_GROUP,
        score=score,
        share=cases.relisted(score),
        audit=audit,
    )


__all__ = ["AS_IT_IS", "BY_GROUP", "OTHERS", "TRIED", "FairnessOptions", "Option",
           "compare_options"]  # fmt: skip
