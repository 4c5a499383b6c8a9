"""How groups fare at the capacity that a team has, and what cannot be known."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError, SettingError, nearest
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_cells import Audited, make_groups, ranked_rows
from fs_risk.evaluation.fairness_table import FEWEST, Settings
from fs_risk.model.listing import list_periods, share_listed
from fs_risk.records.arguments import COLUMN, GROUPS, NUMBER, takes
from fs_risk.records.counts_in_words import count_of, out_of

_HOW = "Pass arrays or Series of one length, one row for each case, in the same order."


@takes(labels=COLUMN, scores=COLUMN, groups=GROUPS, capacity=NUMBER)
def audit_fairness(
    labels: pd.Series | np.ndarray,
    scores: pd.Series | np.ndarray,
    groups: pd.DataFrame | pd.Series | Mapping[str, pd.Series],
    *,
    capacity: float,
    households: pd.Series | np.ndarray | None = None,
    as_of: pd.Series | None = None,
    list_period: str = "week",
    listed: pd.Series | np.ndarray | None = None,
    redraw: bool = True,
    pairs: bool | Sequence[tuple[str, str]] = True,
    explored: Sequence[str] = (),
    score_measures: bool = True,
    resamples: int = 1000,
    fewest: int = FEWEST,
    level: float = 0.95,
    seed: int = 0,
    origin: str = "real",
    progress: bool = False,
) -> FairnessAudit:
    """Compare how groups, and pairs of them, fare on the list that a team would act on.

    Each group is compared with all other rows. Recall and precision at capacity of the
    groups of each attribute are the declared family of tests, under Holm's procedure;
    all else is explored, under Benjamini and Hochberg's, or only stated.

    Parameters
    ----------
    labels : Series or ndarray of float, shape (n,)
        1, 0, or missing where the outcome is not known: such rows take places on lists
        and count in no figure.
    scores : Series or ndarray of float, shape (n,)
        Higher comes first. Measures of calibration need probabilities.
    groups : DataFrame, Series or mapping of str to Series
        An attribute in each column, such as `fairness_groups` gives. Missing values
        are a group of their own.
    capacity : int or float
        Children on each list; or, in (0, 1), the share of the period's cases. Tied
        children share the last places: all figures are expected values over the ties.
    households : Series or ndarray, shape (n,), optional
        Household of each row; by default each is one of its own.
    as_of : Series of datetime64, optional
        Then each period has a list of its own; by default there is one list.
    list_period : {"day", "week", "month"}, default="week"
    listed : Series or ndarray, shape (n,), optional
        A list as it was made, or decisions as they were taken (1 or 0): then it is
        audited as it is, and `capacity` is only stated.
    redraw : bool, default=True
        Whether each resample makes its lists anew, as they would be made of other
        referrals; otherwise the list is taken as fixed.
    pairs : bool or sequence of pairs of str, default=True
        Which attributes to cross; by default all, but for two codings of one.
    explored : sequence of str, optional
        Attributes whose groups are explored only: each attribute in the primary family
        makes every other's gaps harder to see.
    score_measures : bool, default=True
        Whether to measure the scores too: calibration, AUC within and across groups,
        exposure.
    resamples : int, default=1000
    fewest : int, default=10
        Positives (recall) or listed (precision) below which nothing is said of a gap.
    level : float, default=0.95
        Of intervals; 1 less it is the chance of any false alarm in the primary family.
    seed : int, default=0
    origin : {"real", "synthetic"}, default="real"
        What to stamp on every display.
    progress : bool, default=False
        Whether to show a progress bar of the resamples in a terminal or notebook.

    Returns
    -------
    FairnessAudit

    Raises
    ------
    AuditError
        If lengths differ, no row has a label, or a score is missing.
    SettingError
        If the capacity is neither a whole number of children nor a share.

    References
    ----------
    .. [1] S. Barocas, M. Hardt and A. Narayanan, Fairness and Machine Learning, MIT
       Press 2023, chapter 3.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> label = (rng.random(400) < 0.2).astype(float)
    >>> score = label + rng.normal(size=400)
    >>> sex = pd.Series(rng.choice(["F", "M"], 400))
    >>> audit = audit_fairness(label, score, {"sex": sex}, capacity=0.25, resamples=200)
    >>> audit.primary[["metric", "group", "verdict"]].iloc[0].to_list()
    ['recall', 'F', 'no gap shown (could have seen 32 points)']
    """
    _check_settings(capacity, level, resamples)
    label, score = _numbers(labels, "labels"), _numbers(scores, "scores")
    attributes = _attributes(groups)
    _check_names(explored, attributes)
    if not isinstance(pairs, bool):
        _check_names([name for pair in pairs for name in pair], attributes)
    beside = {"households": households, "as_of": as_of, "listed": listed}
    _check_rows(label, score, _lengths(score, attributes, beside))
    household = _households(households, len(label))
    period = _periods(as_of, list_period, len(label))
    ranked = ranked_rows(score, period)
    share = _at_capacity(score, period, ranked, capacity) if listed is None else _decided(listed)
    audited = Audited(
        label=label,
        score=score,
        share=share,
        household=household.astype(np.int32),
        period=period,
        ranked=ranked,
        capacity=float(capacity),
        redraw=redraw and listed is None,
        clustered=int(household.max()) + 1 < len(label),
        groups=make_groups(attributes, pairs=pairs),
    )
    made = list_period if as_of is not None else "one list"
    made = made if listed is None else "as decided"
    settings = Settings(
        level=level, fewest=fewest, resamples=resamples, seed=seed, explored=tuple(explored)
    )
    return FairnessAudit.of(
        audited, settings, score_measures=score_measures, origin=origin,
        made=made, progress=progress,
    )  # fmt: skip


def _lengths(
    score: np.ndarray,
    attributes: Mapping[str, pd.Series],
    beside: Mapping[str, pd.Series | np.ndarray | None],
) -> dict[str, int]:
    """Count the rows of all that stands beside the labels, by what it is called."""
    return {
        "scores": len(score),
        **{f"groups, {name}": len(values) for name, values in attributes.items()},
        **{name: len(values) for name, values in beside.items() if values is not None},
    }


def _households(households: pd.Series | np.ndarray | None, n: int) -> np.ndarray:
    """Give each row its household's number; by default each row is one of its own."""
    household = np.arange(n) if households is None else _numbered(households)
    if int(household.max()) < 1:
        raise AuditError(
            "All rows are of one household; nothing can be said of chance.",
            where="households",
            fix="Audit cases of two or more households.",
        )
    return household


def _periods(as_of: pd.Series | None, list_period: str, n: int) -> np.ndarray:
    """Give each row its list's number; without dates there is one list."""
    if as_of is None:
        return np.zeros(n, dtype=np.int64)
    _check_dates(pd.Series(as_of))
    return list_periods(pd.Series(as_of).reset_index(drop=True), list_period)


def _at_capacity(
    score: np.ndarray, period: np.ndarray, ranked: np.ndarray, capacity: float
) -> np.ndarray:
    """Give each row's chance of being on its list."""
    share = np.empty(len(score))
    # in order already: sorting again what is sorted takes little
    share[ranked] = share_listed(score[ranked], period[ranked], capacity)
    return share


def _check_dates(as_of: pd.Series) -> None:
    dated = pd.api.types.is_datetime64_any_dtype(as_of.dtype)
    if not dated or as_of.isna().any():
        raise AuditError(
            f"{out_of(int(as_of.isna().sum()), len(as_of), 'date')} missing."
            if dated
            else "The column is not of dates.",
            where="as_of",
            fix="Pass the cohort's as_of, which every case has.",
        )


def _numbers(values: pd.Series | np.ndarray, name: str) -> np.ndarray:
    try:
        found: np.ndarray = pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise AuditError(
            f"The {name} are not numbers.", where=name, fix=f"Pass {name} as numbers."
        ) from None
    return found


def _attributes(groups: pd.DataFrame | pd.Series | Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    if isinstance(groups, pd.Series):
        groups = {str(groups.name or "group"): groups}
    found = {str(name): pd.Series(groups[name]).reset_index(drop=True) for name in groups}
    if not found:
        raise AuditError(
            "There are no groups to compare.",
            where="groups",
            fix="Pass at least one attribute, such as a column of fairness_groups.",
        )
    return found


def _numbered(households: pd.Series | np.ndarray) -> np.ndarray:
    """Give each row its household's number; a missing household is one of its own."""
    codes, names = pd.factorize(households)
    alone = codes < 0
    if alone.any():
        codes = codes.copy()
        codes[alone] = len(names) + np.arange(int(alone.sum()))
    return np.asarray(codes, dtype=np.int64)


def _decided(listed: pd.Series | np.ndarray) -> np.ndarray:
    share = _numbers(listed, "listed")
    odd = int((~((share >= 0) & (share <= 1))).sum())
    if odd:
        raise AuditError(
            f"{out_of(odd, len(share), 'entry', 'entries', does='says', do='say')} neither listed "
            "nor not.",
            where="listed",
            fix="Pass 1 for those listed and 0 for all others.",
        )
    return share


def _check_names(explored: Sequence[str], attributes: Mapping[str, pd.Series]) -> None:
    unknown = [name for name in explored if name not in attributes]
    if unknown:
        raise SettingError(
            f"{out_of(len(unknown), len(explored), 'attribute')} not among the groups."
            + nearest(unknown[0], attributes),
            where="explored, pairs",
            fix=f"Choose among {', '.join(attributes)}.",
        )


def _check_settings(capacity: float, level: float, resamples: int) -> None:
    whole = not isinstance(capacity, bool) and capacity >= 1 and float(capacity).is_integer()
    if not whole and not 0 < capacity < 1:
        raise SettingError(
            "The capacity is neither a whole number of children nor a share between 0 and 1.",
            where="capacity",
            fix="Pass 9 for nine children on each list, or 0.15 for 15 in 100.",
        )
    if not 0 < level < 1 or resamples < 2:
        raise SettingError(
            "The level is not between 0 and 1, or there are fewer than 2 resamples.",
            where="level, resamples",
            fix="Pass level=0.95 and resamples=1000.",
        )


def _check_rows(label: np.ndarray, score: np.ndarray, lengths: dict[str, int]) -> None:
    others = {name: count for name, count in lengths.items() if count != len(label)}
    if others:
        raise AuditError(
            f"labels have {count_of(len(label), 'row')}, "
            + ", ".join(f"{name} {count}" for name, count in others.items())
            + ".",
            where=", ".join(others),
            fix=_HOW,
        )
    unknown = int((~np.isin(label[~np.isnan(label)], (0.0, 1.0))).sum())
    if unknown or np.isnan(label).all():
        raise AuditError(
            f"{out_of(unknown, len(label), 'label')} neither 0 nor 1."
            if unknown
            else f"None of {count_of(len(label), 'row')} has a label.",
            where="labels",
            fix="Pass the column label of label_outcome, for cases whose outcome is known.",
        )
    missing = int((~np.isfinite(score)).sum())
    if missing:
        raise AuditError(
            f"{out_of(missing, len(score), 'score')} missing or not finite.",
            where="scores",
            fix="Leave out cases without a score, and say how many they were by group.",
        )
