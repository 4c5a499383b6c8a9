"""`FairnessAudit`: what an audit found, as it may be published, and all of it for the analyst."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fs_risk.evaluation.fairness_cells import Audited
from fs_risk.evaluation.fairness_measures import BASES, COMPLEMENTS, SELECTION
from fs_risk.evaluation.fairness_score_rows import score_rows
from fs_risk.evaluation.fairness_scores import EXPOSURE
from fs_risk.evaluation.fairness_suppression import Hidden, hidden_groups
from fs_risk.evaluation.fairness_table import PRIMARY_FAMILY, Settings, list_rows
from fs_risk.records.disclosure import NOT_APPLICABLE, NOT_AVAILABLE
from fs_risk.records.suppression import HIDDEN

if TYPE_CHECKING:
    from fairlearn.metrics import MetricFrame

    from fs_risk.evaluation.disparity_decisions import DecisionAudit
    from fs_risk.evaluation.disparity_options import FairnessOptions
    from fs_risk.evaluation.disparity_over_time import GapsOverTime
    from fs_risk.evaluation.disparity_why import WhyGaps

KEYS = ("attribute", "group", "metric")
_KEPT = (*KEYS, "n", "positives", "family", "verdict", "suppressed", "symbol")
_LINES = 14
"""As many of its own lines as an audit shows in a terminal."""

_ORDER = (
    *("metric", "attribute", "group", "value", "low", "high"),
    *("low_simultaneous", "high_simultaneous", "n", "positives", "of", "rest"),
    *("difference", "difference_low", "difference_high", "ratio", "ratio_low", "ratio_high"),
    *("p", "adjusted_p", "family", "verdict", "could_see", "could_see_above"),
    *("shrunk", "shrunk_low", "shrunk_high", "suppressed", "symbol"),
)


@dataclass(frozen=True)
class FairnessAudit:
    """What an audit found.

    It gives no grade: for each group it says whether a gap is shown, is not shown (and
    how large one it could have seen), or that the evidence is not enough.

    Attributes
    ----------
    audited : Audited
        The rows.
    settings : Settings
    made : str
        How lists were made: "day", "week", "month", "one list" or "as decided".
    origin : {"real", "synthetic"}
    full_table : DataFrame
        `table` with nothing hidden: for the analyst, not for publication.

    Examples
    --------
    >>> import fs_risk as fs
    >>> label, sex = np.tile([1.0, 0.0], 100), pd.Series(np.repeat(["F", "M"], 100), name="sex")
    >>> score = label + 0.5 * (sex == "F")  # of the children with the outcome, girls come first
    >>> audit = fs.audit_fairness(label, score, sex, capacity=0.25, resamples=50)
    >>> audit.gaps[["metric", "group", "value", "rest"]].to_numpy().tolist()
    [['recall', 'F', 1.0, 0.0], ['recall', 'M', 0.0, 1.0]]
    """

    audited: Audited = field(repr=False)
    settings: Settings = field(repr=False)
    made: str
    origin: str
    full_table: pd.DataFrame = field(repr=False)

    @classmethod
    def of(
        cls,
        audited: Audited,
        settings: Settings,
        *,
        score_measures: bool,
        made: str,
        origin: str,
        progress: bool = False,
    ) -> "FairnessAudit":
        """Work an audit out.

        Parameters
        ----------
        audited : Audited
        settings : Settings
        score_measures : bool
        made, origin : str
        progress : bool, default=False
        """
        frames = [list_rows(audited, settings, progress=progress)]
        if score_measures:
            frames.append(score_rows(audited, settings))
        table = pd.concat(frames, ignore_index=True)
        table = table.assign(**_marks(audited, table))[list(_ORDER)]
        return cls(audited=audited, settings=settings, made=made, origin=origin, full_table=table)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each measure of each group, as it may be published.

        ``metric``, ``attribute``, ``group``; ``value`` with its 95 % interval ``low``,
        ``high`` and the interval that holds all of its family at once
        (``low_simultaneous``, ``high_simultaneous``); ``n`` labelled rows of the group,
        ``positives`` among them, ``of`` the rows that the rate is of; ``rest``, the value
        of all other rows, ``difference`` and ``ratio`` to it with intervals; ``p``,
        ``adjusted_p``, ``family`` (primary, explored, stated), ``verdict``; ``could_see``
        and ``could_see_above``, the smallest gap down and up that this audit could have
        seen at 80 % power; for groups of two attributes ``shrunk``, drawn towards the
        others'; ``suppressed`` and ``symbol``: ``c`` where small numbers are hidden, with
        what would give them away, ``z`` where there is nothing to take a share of, ``:``
        where it could not be worked out.
        """
        table = self.full_table.copy()
        numbers = [name for name in table if name not in _KEPT]
        table.loc[table["suppressed"], numbers] = np.nan
        shown = self._shown
        for name, hidden in (("n", shown.n), ("positives", shown.positives)):
            rows = hidden[self._group_of_rows]
            table[name] = table[name].round().astype("Int64").mask(rows)
        return table

    @cached_property
    def _shown(self) -> Hidden:
        return hidden_groups(self.audited.groups, self.audited.counts[0])

    @property
    def _group_of_rows(self) -> np.ndarray:
        return _group_numbers(self.audited, self.full_table)

    @property
    def primary(self) -> pd.DataFrame:
        """The rows of the declared family: recall and precision of each attribute's groups."""
        return self.table[self.table["family"] == PRIMARY_FAMILY].reset_index(drop=True)

    @property
    def gaps(self) -> pd.DataFrame:
        """The rows of the declared family where a gap is shown."""
        shown = self.primary["verdict"] == "gap shown"
        return self.primary[shown].reset_index(drop=True)

    @cached_property
    def overall(self) -> pd.Series:
        """The seven rates of all rows."""
        everyone = self.audited.counts[1]
        names = [*BASES, *COMPLEMENTS]
        return pd.Series({name: float(everyone.rate(name)[0]) for name in names})

    def text(self) -> str:
        """Say what was found, in sentences."""
        from fs_risk.evaluation.fairness_words import audit_text

        return audit_text(self)

    def __repr__(self) -> str:
        lines = self.text().splitlines()
        rest = [f"… and {len(lines) - _LINES} more lines: print(audit.text())."]
        return "\n".join([*lines[:_LINES], *rest]) if len(lines) > _LINES + 1 else self.text()

    def _repr_html_(self) -> str:
        from fs_risk.evaluation.fairness_words import audit_html

        return audit_html(self)

    def bounds(
        self, unseen: pd.Series | np.ndarray, *, odds: tuple[float, ...] = (1.0, 1.5, 2.0, 3.0)
    ) -> pd.DataFrame:
        """Bound the gaps had outcomes that past decisions kept from sight been otherwise.

        Parameters
        ----------
        unseen : Series or ndarray of bool, shape (n,)
            Rows where a past decision (such as closing at once) may have kept the
            outcome from being seen or recorded; unlabelled rows always count as such.
        odds : tuple of float
            How many times the odds of the outcome among unseen rows may differ from
            those among seen rows of the same group and list, either way.

        Returns
        -------
        DataFrame
            As `selective_bounds` gives it.
        """
        from fs_risk.evaluation.fairness_bounds import selective_bounds

        return selective_bounds(self.audited, np.asarray(unseen, dtype=bool), odds)

    def metric_frame(
        self, metrics: Any = None, *, attributes: list[str] | None = None
    ) -> "MetricFrame":
        """Give the audit's list as a fairlearn `MetricFrame`, for any metric of its kind.

        Parameters
        ----------
        metrics : mapping of str to callable, optional
            Called as fairlearn calls them, ``(y_true, y_pred, sample_weight=…)``; by
            default the rates that fairlearn has.
        attributes : list of str, optional
            Sensitive features, crossed; by default the first attribute.

        Returns
        -------
        fairlearn.metrics.MetricFrame
            Rows tied at the last places stand twice, weighted by their chance of being
            listed and not.
        """
        from fs_risk.evaluation.fairness_frame import make_metric_frame

        return make_metric_frame(self.audited, metrics, attributes)

    def plot_metric(self, metric: str = "recall", *, ax: Any = None) -> Any:
        """Plot one measure of each group with its interval, beside everyone's.

        Parameters
        ----------
        metric : str, default="recall"
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.evaluation.fairness_plots import plot_metric

        return plot_metric(self, metric, ax)

    def plot_gaps(self, metric: str = "recall", *, ax: Any = None) -> Any:
        """Plot each group's difference to the rest, beside the gap it could have seen.

        Parameters
        ----------
        metric : str, default="recall"
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.evaluation.fairness_plots import plot_gaps

        return plot_gaps(self, metric, ax)

    def plot_calibration(self, attribute: str, *, ax: Any = None) -> Any:
        """Plot observed against predicted shares for the groups of an attribute.

        Parameters
        ----------
        attribute : str
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.evaluation.fairness_plots import plot_calibration

        return plot_calibration(self, attribute, ax)

    def to_html(
        self,
        path: str | Path,
        *,
        why: "WhyGaps | None" = None,
        options: "FairnessOptions | None" = None,
        decisions: "DecisionAudit | None" = None,
        over_time: "GapsOverTime | None" = None,
    ) -> Path:
        """Write the audit as one page that opens in any browser, small numbers hidden.

        Parameters
        ----------
        path : str or Path
        why : WhyGaps, optional
            As `explain_gaps` gives it; each of these becomes a section of the page.
        options : FairnessOptions, optional
            As `compare_options` gives it.
        decisions : DecisionAudit, optional
            As `audit_decisions` gives it.
        over_time : GapsOverTime, optional
            As `audit_over_time` gives it.

        Returns
        -------
        Path
        """
        from fs_risk.evaluation.fairness_page import write_audit_page

        return write_audit_page(
            self, path, why=why, options=options, decisions=decisions, over_time=over_time
        )


def _group_numbers(audited: Audited, table: pd.DataFrame) -> np.ndarray:
    """Give the number of each row's group."""
    groups = audited.groups
    names = pd.MultiIndex.from_arrays(
        [np.array(groups.slots, dtype=object)[groups.slot], groups.level]
    )
    return np.asarray(names.get_indexer(pd.MultiIndex.from_frame(table[["attribute", "group"]])))


def _marks(audited: Audited, table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Say which rows are hidden, and the symbol of each row without a value."""
    hidden = hidden_groups(audited.groups, audited.counts[0])
    group = _group_numbers(audited, table)
    metric = table["metric"].to_numpy()
    by_list = hidden.listed[group]
    by_all = hidden.n[group] | hidden.positives[group]
    suppressed = np.select(
        [metric == SELECTION, np.isin(metric, (*BASES, *COMPLEMENTS)), metric == EXPOSURE],
        [by_list, hidden.inside[group], hidden.n[group]],
        default=by_all,
    ).astype(bool)
    nothing = (table["of"] <= 0).to_numpy()
    unknown = table["value"].isna().to_numpy()
    symbol = np.select(
        [suppressed, nothing & unknown, unknown], [HIDDEN, NOT_APPLICABLE, NOT_AVAILABLE], ""
    )
    return {"suppressed": suppressed, "symbol": symbol}
