"""Gaps over time, each against the limit set for it, with an alert record when one is passed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from fs_risk.errors import AuditError, SettingError
from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.disparity_evidence import (
    MonthlySums,
    log_evidence,
    monthly_sums,
    opened_in,
    sequence,
)
from fs_risk.evaluation.disparity_gaps import RATES, parts_of
from fs_risk.evaluation.fairness_cells import MISSING
from fs_risk.evaluation.fairness_measures import SELECTION
from fs_risk.records.arguments import COLUMN, GROUPS, takes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.days_in_words import month_words
from fs_risk.records.notebook import stamp_of

LIMIT = 0.10
"""Gap to the rest, either way, that is let be where no other limit is set."""

FEWEST = 10
"""Rows that a rate must be of, in the group and in the rest, before anything is said."""

BELOW, ABOVE = "below the rest", "above the rest"


class GapAlert(BaseModel):
    """A record that a gap is beyond the limit set for it (requirement A7).

    Attributes
    ----------
    month : date
        First day of the month in which the evidence sufficed.
    since : date
        Month from which on it is strongest.
    attribute, group, metric : str
    way : {"below the rest", "above the rest"}
    limit : float
        Difference of shares.
    evidence, needed : float
        Growth of the bet against "within its limit", and the growth asked for.
    synthetic : bool
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    month: date
    since: date
    attribute: str
    group: str
    metric: str
    way: str
    limit: float
    evidence: float
    needed: float
    synthetic: bool

    def sentence(self) -> str:
        """Say it in one sentence."""
        stamp = stamp_of(self.synthetic)
        return (
            f"{stamp}{month_words(self.month)}: {self.metric.replace('_', ' ')} of "
            f"{attribute_words(self.attribute)}, {self.group}, is {self.way} by more than "
            f"the {100 * self.limit:.0f} points set as its limit, most clearly "
            f"since {month_words(self.since)}. Look into it, and record what was found and decided."
        )


@dataclass(frozen=True)
class GapsOverTime:
    """Gaps month by month, and the alerts that they raised.

    Attributes
    ----------
    table : DataFrame
        For each month, attribute, group and metric: ``gap`` since the beginning, within
        months; ``low``, ``high``, which hold for all months and gaps at once; ``rows``,
        ``rest_rows``, ``hits`` and ``rest_hits`` so far; ``limit``; ``evidence_below``
        and ``evidence_above``;
        ``alert``, empty or the way. For the analyst: small numbers are not hidden.
    alerts : tuple of GapAlert
        The first of each gap and way.
    needed : float
        Evidence at which an alert is raised.
    level : float
        Chance of any false alert, ever, is at most 1 less this.
    origin : {"real", "synthetic"}
    """

    table: pd.DataFrame = field(repr=False)
    alerts: tuple[GapAlert, ...]
    needed: float
    level: float
    origin: str

    def text(self) -> str:
        """Say which gaps are beyond their limits, and how many were watched."""
        from fs_risk.evaluation.disparity_time_words import over_time_section

        return over_time_section(self, picture=False).text()

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from fs_risk.evaluation.disparity_time_words import over_time_section

        return over_time_section(self, picture=False).html(level=3)

    def plot(self, attribute: str, group: str, metric: str, *, ax: Any = None) -> Any:
        """Plot one gap over time with its interval and limits.

        Parameters
        ----------
        attribute, group, metric : str
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.evaluation.disparity_plots import plot_over_time

        return plot_over_time(self, attribute, group, metric, ax)


@takes(labels=COLUMN, listed=COLUMN, groups=GROUPS, as_of=COLUMN)
def audit_over_time(
    labels: pd.Series | np.ndarray,
    listed: pd.Series | np.ndarray,
    groups: pd.DataFrame | pd.Series | Mapping[str, pd.Series],
    as_of: pd.Series,
    *,
    known: pd.Series | None = None,
    households: pd.Series | np.ndarray | None = None,
    limit: float | Mapping[str, float] = LIMIT,
    level: float = 0.95,
    fewest: int = FEWEST,
    origin: str = "real",
) -> GapsOverTime:
    """Hold each group's gaps to the limits set for them, month by month.

    May be called every month on all data so far: the chance of any false alert, ever
    and over all gaps, stays at most 5 %.

    Parameters
    ----------
    labels : Series or ndarray of float, shape (n,)
        1, 0, or missing where the outcome is not known: such rows count in the share
        listed alone.
    listed : Series or ndarray of float, shape (n,)
        1 or 0, or the chance of being listed: a list as it was made, or what was decided.
    groups : DataFrame, Series or mapping of str to Series
        As in `audit_fairness`.
    as_of : Series of datetime64, shape (n,)
    known : Series of datetime64, shape (n,), optional
        When each outcome was known, such as `label_outcome` gives it; by default `as_of`.
        Recall and precision are watched by these months, the share listed by `as_of`.
    households : Series or ndarray, shape (n,), optional
    limit : float or mapping of str to float, default=0.1
        Difference to the rest, either way, that is let be; by metric if a mapping.
    level : float, default=0.95
    fewest : int, default=10
    origin : {"real", "synthetic"}, default="real"

    Returns
    -------
    GapsOverTime

    Raises
    ------
    AuditError
        If lengths differ or there are no rows.
    SettingError
        If a limit is not between 0 and 1.

    References
    ----------
    .. [1] Requirement A7.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> as_of = pd.Series(pd.date_range("2022-01-01", periods=1000, freq="D"))
    >>> sex = pd.Series(rng.choice(["F", "M"], 1000), name="sex")
    >>> listed = (rng.random(1000) < np.where(sex == "F", 0.2, 0.6)).astype(float)
    >>> watched = audit_over_time(np.full(1000, np.nan), listed, sex, as_of)
    >>> watched.alerts[0].metric, watched.alerts[0].way
    ('selection_rate', 'below the rest')
    """
    rows = _Rows(labels, listed, groups, as_of, known, households)
    limits, watched = _limits(limit), rows.groups()
    asked = [
        (metric, attribute, group, inside)
        for metric in RATES
        if metric == SELECTION or not np.isnan(rows.label).all()
        for attribute, group, inside in watched
    ]
    # both ways count; of two groups that make up all, only the first is asked
    needed = 2 * max(len(asked), 1) / (1 - level)
    frames, alerts = [], []
    for metric, attribute, group, inside in asked:
        sums, months = rows.sums(metric, inside)
        frame = _watched(sums, limits[metric], needed, fewest)
        named = {"month": months, "attribute": attribute, "group": group, "metric": metric}
        frames.append(frame.assign(**named))
        alerts += _alerts(frame, sums, months, named, limits[metric], needed, origin)
    table = pd.concat(frames, ignore_index=True)
    first = ["month", "attribute", "group", "metric"]
    return GapsOverTime(
        table=table[[*first, *(name for name in table if name not in first)]],
        alerts=tuple(sorted(alerts, key=lambda alert: (alert.month, alert.metric))),
        needed=needed,
        level=level,
        origin=origin,
    )


class _Rows:
    """The rows that are watched, in months."""

    def __init__(
        self, labels: Any, listed: Any, groups: Any, as_of: Any, known: Any, households: Any
    ) -> None:
        self.label = pd.Series(labels).to_numpy(dtype=np.float64, na_value=np.nan)
        self.listed = pd.Series(listed).to_numpy(dtype=np.float64, na_value=np.nan)
        if isinstance(groups, pd.Series):
            groups = {str(groups.name or "group"): groups}
        self.attributes = {
            str(name): pd.Series(groups[name]).reset_index(drop=True) for name in groups
        }
        self.by_day = pd.Series(as_of).reset_index(drop=True)
        self.by_known = self.by_day if known is None else pd.Series(known).reset_index(drop=True)
        n = len(self.label)
        family = np.arange(n) if households is None else pd.factorize(households)[0]
        self.household = np.where(family < 0, len(family) + np.arange(len(family)), family)
        lengths = {len(self.listed), len(self.by_day), len(self.by_known), len(self.household)}
        lengths |= {len(values) for values in self.attributes.values()}
        if lengths != {n} or not n:
            raise AuditError(
                f"{count_of(n, 'label')}, and columns of {sorted(lengths)} rows.",
                where="labels, listed, groups, as_of",
                fix="Pass one row for each case, in the same order, and at least one.",
            )

    def groups(self) -> list[tuple[str, str, np.ndarray]]:
        """List the groups to watch.

        Raises
        ------
        AuditError
            If no attribute has two groups to compare.
        """
        found = []
        for name, values in self.attributes.items():
            codes, levels = pd.factorize(values.astype("object"), use_na_sentinel=False)
            named = [MISSING if pd.isna(each) else str(each) for each in levels]
            order = sorted(range(len(named)), key=lambda place: named[place])
            for place in order[:1] if len(order) == 2 else order:
                if len(order) > 1:
                    found.append((name, named[place], codes == place))
        if not found:
            raise AuditError(
                "No attribute has two groups to compare.",
                where="groups",
                fix="Pass an attribute whose groups differ.",
            )
        return found

    def sums(self, metric: str, inside: np.ndarray) -> tuple[MonthlySums, pd.DatetimeIndex]:
        """Add a metric up by month."""
        days = self.by_day if metric == SELECTION else self.by_known
        values, weights = parts_of(metric, self.label, np.nan_to_num(self.listed))
        weights = np.where(np.isnan(self.listed) | days.isna().to_numpy(), 0.0, weights)
        month = days.to_numpy().astype("datetime64[M]").astype(np.int64)
        usable = weights > 0
        first, last = (
            (int(month[usable].min()), int(month[usable].max())) if usable.any() else (0, 0)
        )
        place = np.clip(month - first, 0, last - first)
        sums = monthly_sums(values, weights, inside, place, self.household, last - first + 1)
        months = pd.DatetimeIndex((first + np.arange(last - first + 1)).astype("datetime64[M]"))
        return sums, months


def _limits(limit: float | Mapping[str, float]) -> dict[str, float]:
    stated = dict.fromkeys(RATES, float(limit)) if isinstance(limit, int | float) else dict(limit)
    unknown = [name for name in stated if name not in RATES]
    if unknown or not all(0 <= size < 1 for size in stated.values()):
        raise SettingError(
            "A limit is not between 0 and 1, or not of a rate that is watched.",
            where="limit",
            fix=f"Pass 0.1 for ten points, or a mapping by {', '.join(RATES)}.",
        )
    return {**dict.fromkeys(RATES, LIMIT), **stated}


def _watched(sums: MonthlySums, limit: float, needed: float, fewest: int) -> pd.DataFrame:
    gap, low, high = sequence(sums, 2 / needed)
    rows, rest = np.cumsum(sums.rows), np.cumsum(sums.rest_rows)
    enough = np.minimum(rows, rest) >= fewest
    evidence = {
        way: np.where(
            enough, np.exp(np.minimum(log_evidence(sums, limit, below=below), 500.0)), 1.0
        )
        for way, below in ((BELOW, True), (ABOVE, False))
    }
    alert = np.select([each >= needed for each in evidence.values()], list(evidence), "")
    return pd.DataFrame(
        {
            "gap": np.where(enough, gap, np.nan),
            "low": np.where(enough, np.maximum(low, -1.0), np.nan),
            "high": np.where(enough, np.minimum(high, 1.0), np.nan),
            "rows": rows,
            "rest_rows": rest,
            "hits": np.cumsum(sums.hits),
            "rest_hits": np.cumsum(sums.rest_hits),
            "limit": limit,
            "evidence_below": evidence[BELOW],
            "evidence_above": evidence[ABOVE],
            "alert": alert,
        }
    )


def _alerts(
    frame: pd.DataFrame,
    sums: MonthlySums,
    months: pd.DatetimeIndex,
    named: Mapping[str, Any],
    limit: float,
    needed: float,
    origin: str,
) -> list[GapAlert]:
    """Make the record of the first month, each way, in which the evidence sufficed."""
    found = []
    for way, column in ((BELOW, "evidence_below"), (ABOVE, "evidence_above")):
        over = np.flatnonzero(frame[column] >= needed)
        if not len(over):
            continue
        at = int(over[0])
        since = opened_in(sums, limit, below=way == BELOW, at=at)
        found.append(
            GapAlert(
                month=months[at].date(),
                since=months[since].date(),
                attribute=named["attribute"],
                group=named["group"],
                metric=named["metric"],
                way=way,
                limit=limit,
                evidence=float(frame[column].iloc[at]),
                needed=needed,
                synthetic=origin == "synthetic",
            )
        )
    return found
