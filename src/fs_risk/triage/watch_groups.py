"""Whether groups' gaps have changed since the test: listed, found by lists, without a score."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from fs_risk.evaluation.fairness import audit_fairness
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.evaluation.fairness_table import GAP_SHOWN
from fs_risk.records.many_tests import holm
from fs_risk.triage.watch_cases import Watched
from fs_risk.triage.watch_limits import FEWEST_HOUSEHOLDS, DriftLimits
from fs_risk.triage.watch_outcomes import ripe_cases
from fs_risk.triage.watch_published import Shown, share_of, shown_parts
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, Row
from fs_risk.triage.watch_sequence import LOOKS

DEFAULT_GROUPS = ("sex", "ethnicity", "age_band", "disability")
"""Those protected by law that every record holds, or says that it does not."""

MISSING, TOGETHER = "missing", "small groups together"
SMALL = 50
"""Groups of fewer cases, at the test or in the last year, are put together."""

FEWEST = 20
_RESAMPLES = 200


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of groups.

    Attributes
    ----------
    measure : str
    metric : str
        Of the audit.
    label : ndarray of float64, shape (n,)
    listed : ndarray of float64, shape (n,), or None
        What is audited in the place of the list.
    then, now : ndarray of bool, shape (n,)
    period, says : str
    """

    measure: str
    metric: str
    label: np.ndarray
    listed: np.ndarray | None
    then: np.ndarray
    now: np.ndarray
    period: str
    says: str


def groups_of_cases(watched: Watched, groups: pd.DataFrame | None) -> pd.DataFrame:
    """Put each case into the groups to be compared.

    Parameters
    ----------
    watched : Watched
    groups : DataFrame or None
        Indexed by ``child_id``, a column for each attribute; by default `DEFAULT_GROUPS`.

    Returns
    -------
    DataFrame of str
        On the index of the cases; what is not known is ``missing``, a group of its own;
        groups of fewer than `SMALL` are one.
    """
    if groups is None:
        found = fairness_groups(watched.records, watched.cohort)[list(DEFAULT_GROUPS)]
    else:
        own = groups[~groups.index.duplicated()]
        found = own.reindex(pd.Index(watched.cohort["child_id"].to_numpy()))
        found = found.set_axis(watched.cohort.index)
    text = found.astype("object").astype("str").where(found.notna(), MISSING)
    return text.apply(lambda levels: _put_together(levels, watched))


def _put_together(levels: pd.Series, watched: Watched) -> pd.Series:
    """Put small groups together: each by itself would have others hidden beside it."""
    before = watched.tested & ~watched.now
    sizes = [levels[rows].value_counts() for rows in (before, watched.lately) if rows.any()]
    small = {
        level for level in levels.unique() if any(size.get(level, 0) < SMALL for size in sizes)
    }
    return levels.where(~levels.isin(small), TOGETHER)


def questions_of(watched: Watched) -> list[Question]:
    """List what is asked of groups.

    Parameters
    ----------
    watched : Watched
    """
    none = np.zeros(len(watched.label))
    scored, before = watched.scored, watched.tested & ~watched.now
    without = (~scored).astype(np.float64)
    return [
        Question(
            "share_listed", "selection_rate", none, None, before & scored,
            watched.lately & scored, watched.lately_words,
            "Children on a list of the plan's capacity.",
        ),
        Question(
            "recall", "recall", np.where(ripe_cases(watched) | before, watched.label, np.nan),
            None, before & scored, watched.now & scored, watched.span.words,
            "Of the children for whom the outcome followed, those listed.",
        ),
        Question(
            "without_score", "selection_rate", none, without, before, watched.lately,
            watched.lately_words,
            "Referrals with a code instead of a score.",
        ),
    ]  # fmt: skip


def gap_rows(watched: Watched, groups: pd.DataFrame, limits: DriftLimits) -> list[Row]:
    """Compare each group with all others, now and at the test.

    Parameters
    ----------
    watched : Watched
    groups : DataFrame
        As `groups_of_cases` gives it.
    limits : DriftLimits

    Returns
    -------
    list of Row
        A gap is signalled where it has changed by more than the limit and the change is
        shown, all groups of a question taken together by Holm's procedure (requirement A7).
    """
    if not len(groups.columns):
        return []
    asked = questions_of(watched)
    alpha = limits.alpha("groups", len(asked)) / LOOKS
    return [row for question in asked for row in _rows(question, watched, groups, limits, alpha)]


def _rows(
    question: Question, watched: Watched, groups: pd.DataFrame, limits: DriftLimits, alpha: float
) -> list[Row]:
    now = _audit(question, question.now, watched, groups)
    if now is None:
        return [Row(check="groups", measure=question.measure, period=question.period,
                    verdict=NOT_ENOUGH, limit_high=limits.gap, says=question.says)]  # fmt: skip
    then = _audit(question, question.then, watched, groups)
    changes = _changes(now, then, question.metric, alpha)
    rows = []
    for attribute, mine in changes.groupby(level=0, sort=False):
        shown = shown_parts((mine["value"].fillna(0) * mine["of"]).round(), mine["of"].round())
        rows += [
            _row(question, (str(attribute), str(group)), change, shown, k, limits)
            for k, ((_, group), change) in enumerate(mine.iterrows())
        ]
    return rows


def _audit(
    question: Question, rows: np.ndarray, watched: Watched, groups: pd.DataFrame
) -> FairnessAudit | None:
    label = question.label[rows]
    known = ~np.isnan(label)
    households = len(np.unique(watched.household[rows][known])) if known.any() else 0
    if households < FEWEST_HOUSEHOLDS:
        return None
    return audit_fairness(
        label,
        watched.log_odds[rows],
        groups[rows],
        capacity=watched.model.plan.capacity,
        households=watched.household[rows],
        as_of=watched.cohort["as_of"][rows],
        list_period=watched.model.plan.list_period,
        listed=None if question.listed is None else question.listed[rows],
        pairs=False,
        redraw=False,
        score_measures=False,
        resamples=_RESAMPLES,
        seed=watched.model.plan.seed,
        origin=watched.records.origin.kind,
    )


def _changes(
    now: FairnessAudit, then: FairnessAudit | None, metric: str, alpha: float
) -> pd.DataFrame:
    """Give each group's change of gap, and whether it is shown at Holm's level."""
    after = _gaps(now, metric)
    before = _gaps(then, metric) if then is not None else after.assign(gap=np.nan)
    both = after.join(before.add_suffix("_before"))
    both["known_before"] = both["gap_before"].notna()
    both.loc[~both["known_before"], "error_before"] = 0.0
    change = both["gap"] - both["gap_before"].fillna(0.0)
    error = np.hypot(both["error"], both["error_before"])
    enough = (both["of"] >= FEWEST) & (both["of_rest"] >= FEWEST)
    enough &= (both["of_before"] >= FEWEST) | ~both["known_before"]
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(enough & (error > 0), 2 * norm.sf(np.abs(change) / error), np.nan)
    return both.assign(change=change, shown=holm(p) <= alpha, enough=enough & (error > 0))


def _gaps(audit: FairnessAudit, metric: str) -> pd.DataFrame:
    table = audit.full_table[audit.full_table["metric"] == metric]
    rows = table.set_index(["attribute", "group"])
    reach = rows["difference_high"] - rows["difference_low"]
    everyone = rows["of"].groupby(level=0).transform("sum")
    return pd.DataFrame(
        {
            "value": rows["value"],
            "gap": rows["difference"],
            "error": reach / (2 * audit.settings.z),
            "of": rows["of"],
            "of_rest": everyone - rows["of"],
            "hidden": rows["suppressed"],
            "audited": rows["verdict"],
            "effect": _effect(rows, reach / (2 * audit.settings.z), everyone),
        }
    )


def _effect(rows: pd.DataFrame, error: pd.Series, everyone: pd.Series) -> float:
    """Give the design effect that the audit's errors imply, of the middle group."""
    rate, n, rest = rows["rest"], rows["of"], everyone - rows["of"]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = error**2 / (rate * (1 - rate) * (1 / n + 1 / rest))
    found = found[np.isfinite(found)]
    return max(1.0, float(found.median())) if len(found) else 1.0


def _row(
    question: Question, key: tuple[str, str], change: pd.Series, shown: Shown, k: int,
    limits: DriftLimits,
) -> Row:  # fmt: skip
    beyond = bool(change["shown"]) and abs(change["change"]) > limits.gap
    verdict = LOOK if beyond else AS_EXPECTED if change["enough"] else NOT_ENOUGH
    hidden = bool(shown.hidden[k]) or shown.all_hidden
    hits, n = int(shown.hits[k]), int(shown.n[k])
    value, low, high = (None, None, None)
    says = question.says
    if not hidden and n:
        value, low, high = share_of(hits, n, effect=change["effect"])
    if not hidden and pd.notna(change["gap"]):
        says += f" {_points(change['gap'])} the others now"
        if change["known_before"] and not change["hidden_before"]:
            says += f", {_points(change['gap_before']).lower()} then"
        says += "."
    if change["audited"] == GAP_SHOWN:
        says += " An audit of these cases alone shows the gap."
    return Row(
        check="groups", measure=question.measure, period=question.period, by=key[0], group=key[1],
        value=value, low=low, high=high, limit_high=limits.gap, n=None if hidden else n,
        verdict=verdict, suppressed=hidden, says=says,
    )  # fmt: skip


def _points(gap: float) -> str:
    points = round(100 * abs(float(gap)))
    side = "above" if gap > 0 else "below"
    return "Level with" if not points else f"{points} point{'s' * (points != 1)} {side}"
