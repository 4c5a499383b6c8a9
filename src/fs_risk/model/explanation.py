"""`Explanation`: why scores are what they are, by feature and by concept, summing exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.errors import SettingError, nearest
from fs_risk.model.explanation_words import Said, explanation_html, explanation_text
from fs_risk.model.means import mean_of_rows
from fs_risk.records.counts_in_words import count_of

if TYPE_CHECKING:
    import shap

By = Literal["concept", "feature"]
START = "where every score starts"
"""The part of a score that no feature moves: the trees' mean over the cases they learnt from."""


@dataclass(frozen=True, repr=False, eq=False)
class Explanation:
    """What each feature adds to each score, in calibrated, unclipped log-odds.

    Made by `explain`. Each row of `values` and the base value sum to the row's score: no
    share is left over and none is clipped.

    Attributes
    ----------
    values : DataFrame of float64, shape (n, n_features)
        Exact Shapley contributions in log-odds, on the index of the cases.
    base_value : float
        Log-odds before any feature is looked at.
    data : DataFrame of float, shape (n, n_features)
        The features' own values; NaN where not known.
    said : Said
        The features' concepts and words.
    model : str
        Name and version of what gave the scores.
    outcome : str
        What the scores are of, in words.
    synthetic : bool
        Whether the model was fitted on invented records.
    households : ndarray or None
        Household of each case, for intervals over whole households.

    Examples
    --------
    >>> explanation = fs.explain(model, X)  # doctest: +SKIP
    >>> explanation.by_concept.iloc[0].nlargest(3)  # doctest: +SKIP
    """

    values: pd.DataFrame
    base_value: float
    data: pd.DataFrame
    said: Said
    model: str
    outcome: str
    synthetic: bool
    households: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def by_concept(self) -> pd.DataFrame:
        """Contributions summed by practice concept, float64, shape (n, n_concepts)."""
        summed = by_concept(self.values, self.said.concept)
        names = list(dict.fromkeys(self.said.concept))
        return pd.DataFrame(summed, index=self.values.index, columns=names)

    @property
    def total(self) -> pd.Series:
        """The score of each case in calibrated, unclipped log-odds."""
        return (self.values.sum(axis=1) + self.base_value).rename("log_odds")

    @property
    def probability(self) -> pd.Series:
        """The calibrated, unclipped probability of each case."""
        return pd.Series(expit(self.total), index=self.values.index, name="probability")

    def parts(self, by: By = "concept") -> pd.DataFrame:
        """Give contributions by concept, or by feature.

        Parameters
        ----------
        by : {"concept", "feature"}

        Returns
        -------
        DataFrame of float64
        """
        if by not in ("concept", "feature"):
            raise SettingError(
                "Contributions are by concept or by feature." + nearest(by, ["concept", "feature"]),
                where="by",
                fix='Pass by="concept" or by="feature".',
            )
        return self.by_concept if by == "concept" else self.values

    def table(self, row: int, by: By = "feature") -> pd.DataFrame:
        """Lay one case's score out, part by part.

        Parameters
        ----------
        row : int
            Position of the case: 0 is the first.
        by : {"feature", "concept"}

        Returns
        -------
        DataFrame
            ``concept``, (of features) ``feature`` and ``value``, ``said`` (in
            practitioners' words) and ``contribution`` in log-odds. First the start, then
            the largest, either way; ``contribution`` sums to the case's `total`.

        Raises
        ------
        SettingError
            If there is no such row.
        """
        place = self.place(row)
        frame = self.said.told(self.values.iloc[place], self.data.iloc[place])
        if by == "concept":
            frame = self._told_by_concept(place, frame)
        elif by != "feature":
            self.parts(by)
        size = frame["contribution"].abs().sort_values(ascending=False, kind="stable")
        start = {"concept": START, "said": self.start_said, "contribution": self.base_value}
        kept = frame.loc[size.index]
        return pd.concat([pd.DataFrame([start]), kept], ignore_index=True)[list(frame.columns)]

    def _told_by_concept(self, place: int, frame: pd.DataFrame) -> pd.DataFrame:
        """Add features up by concept, said by the one that pulls hardest its way."""
        totals = self.by_concept.iloc[place]
        way = np.sign(totals.reindex(frame["concept"]).to_numpy())
        strength = pd.Series(frame["contribution"].to_numpy() * way)
        first = strength.groupby(frame["concept"], sort=False).idxmax()
        said = frame["said"].reindex(first.reindex(totals.index)).to_numpy()
        contribution = totals.to_numpy()
        return pd.DataFrame({"concept": totals.index, "said": said, "contribution": contribution})

    @property
    def start_said(self) -> str:
        """The start in words."""
        return "mean of the trees over the cases they learnt from"

    def place(self, row: int) -> int:
        """Check the position of a case.

        Parameters
        ----------
        row : int

        Returns
        -------
        int
            From 0 on.

        Raises
        ------
        SettingError
            If there is no such row.
        """
        if not isinstance(row, int | np.integer) or not -len(self) <= row < len(self):
            raise SettingError(
                f"There is no such row: {count_of(len(self), 'case is', 'cases are')} explained.",
                where="row",
                fix=f"Give a position from 0 to {max(len(self) - 1, 0)}, not a label of the index.",
            )
        return int(row) % len(self)

    def importance(self, by: By = "concept") -> pd.DataFrame:
        """Say how far each part moves scores, on average.

        Parameters
        ----------
        by : {"concept", "feature"}

        Returns
        -------
        DataFrame
            The largest first: ``part``, ``mean`` (of the size of its contribution, either
            way, in log-odds), its 95 % interval ``low``, ``high`` over these cases
            (households whole where they were given; missing with fewer than two), ``n``.
        """
        parts = self.parts(by)
        found = mean_of_rows(np.abs(parts.to_numpy()), self.households)
        frame = pd.DataFrame({"part": list(parts.columns), **found._asdict(), "n": len(parts)})
        return frame.sort_values("mean", ascending=False, kind="stable", ignore_index=True)

    def plot_row(self, row: int, *, most: int = 8, ax: Any = None) -> Any:
        """Plot how one score comes about: concept by concept, in practitioners' words.

        Parameters
        ----------
        row : int
            Position of the case.
        most : int, default=8
            Concepts shown apart; the rest are added up.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.model.explanation_plots import plot_row

        return plot_row(self, row, most, ax)

    def plot_importance(self, by: By = "concept", *, most: int = 12, ax: Any = None) -> Any:
        """Plot how far each concept, or feature, moves scores on average.

        Parameters
        ----------
        by : {"concept", "feature"}
        most : int, default=12
            Shown, the largest first.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
            Means of sizes, with 95 % intervals.
        """
        from fs_risk.model.explanation_plots import plot_importance

        return plot_importance(self, by, most, ax)

    def plot_dependence(self, feature: str, *, ax: Any = None) -> Any:
        """Plot what a feature adds to scores at each of its values.

        Parameters
        ----------
        feature : str
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
            For each value, or tenth of the cases, the mean contribution and where nine
            cases in ten lie: a feature adds more or less as others are with it. Values of
            fewer than six cases are not drawn.

        Raises
        ------
        SettingError
            If there is no such feature.
        """
        from fs_risk.model.explanation_plots import plot_dependence

        return plot_dependence(self, feature, ax)

    def to_shap(self, by: By = "feature") -> "shap.Explanation":
        """Give the same as a `shap.Explanation`, for all of shap's plots.

        Parameters
        ----------
        by : {"feature", "concept"}
            Concepts have no values of their own to colour by.

        Returns
        -------
        shap.Explanation

        Raises
        ------
        SettingError
            If shap is not installed (``fs-risk[shap]``).
        """
        from fs_risk.model.explanation_shap import as_shap

        return as_shap(self, by)

    def text(self) -> str:
        """Say what was explained and what moves scores most, in a few lines."""
        return explanation_text(self)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return explanation_html(self)


def by_concept(values: pd.DataFrame, concepts: Sequence[str]) -> np.ndarray:
    """Sum contributions by concept.

    Parameters
    ----------
    values : DataFrame of shape (n, n_features or more)
        A column for each feature first, as `StepUpModel.contributions` gives them.
    concepts : sequence of str
        Of each feature.

    Returns
    -------
    ndarray of float64, shape (n, n_concepts)
        In the order in which the features name them first.
    """
    number, names = pd.factorize(np.asarray(concepts, dtype=object))
    belongs = np.zeros((len(number), len(names)))
    belongs[np.arange(len(number)), number] = 1.0
    summed: np.ndarray = values.to_numpy()[:, : len(number)] @ belongs
    return summed
