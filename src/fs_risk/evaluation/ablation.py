"""What each concept of the catalogue is worth: features left out, used alone, or added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.intervals import HouseholdBootstrap, Statistic, interval, value_of
from fs_risk.evaluation.ranking import Ranking
from fs_risk.model.booster import Recipe, grow_with_held_out
from fs_risk.model.folds import split_groups
from fs_risk.model.plan import BoosterSettings
from fs_risk.model.splits import ForwardHouseholdSplit, Slices
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import Display
from fs_risk.records.progress import tqdm

ALL = "all features"
"""The set that every other one is compared with."""

SETTINGS = BoosterSettings(max_rounds=150, patience=20, learning_rate=0.1)
"""A shorter training than a model's own, the same for every set."""

Done = Literal["all", "left out", "alone", "added"]

_MEASURES = ("average_precision", "roc_auc")


@dataclass(frozen=True)
class FeatureSet:
    """Features that are tried together.

    Attributes
    ----------
    what : str
        For example a concept of the catalogue.
    done : {"all", "left out", "alone", "added"}
        What is done with it.
    features : tuple of str
        The columns that the model is given.
    """

    what: str
    done: Done
    features: tuple[str, ...]


@dataclass(frozen=True)
class Ablation:
    """What each set of features was worth.

    Attributes
    ----------
    table : DataFrame
        One row per set: ``what``, ``done``, ``n_features``; for ``average_precision``
        and ``roc_auc`` the value, ``_low`` and ``_high``, and for the difference to all
        features ``_gain``, ``_gain_low`` and ``_gain_high``, of the same resamples of
        households (95 %).
    n_learnt, n, positives, households : int
        Cases learnt from; cases tested on, of how many households.
    resamples, seed : int
    """

    table: pd.DataFrame
    n_learnt: int
    n: int
    positives: int
    households: int
    resamples: int
    seed: int

    def row(self, what: str, done: Done) -> pd.Series:
        """Find one row.

        Parameters
        ----------
        what : str
        done : {"all", "left out", "alone", "added"}

        Raises
        ------
        AuditError
            If that was not tried.
        """
        found = self.table[(self.table["what"] == what) & (self.table["done"] == done)]
        if found.empty:
            raise AuditError(
                f"The ablation has no row for {what!r} {done}.",
                where="table, what and done",
                fix=f"Ask for one of: {', '.join(dict.fromkeys(self.table['what']))}.",
            )
        return found.iloc[0]

    @property
    def ties(self) -> list[str]:
        """Name the sets, used alone, that all features are not shown to beat."""
        alone = self.table[self.table["done"] == "alone"]
        tied = ~(alone["average_precision_gain_high"] < 0)
        return [str(what) for what in alone.loc[tied, "what"]]

    def plot(self, done: Done = "left out", *, most: int = 12, ax: Any = None) -> Any:
        """Plot what each set of features was worth beside all of them.

        Parameters
        ----------
        done : {"all", "left out", "alone", "added"}
        most : int, default=12
            Sets shown, the largest differences first.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
            Differences in average precision with 95 % intervals.

        Raises
        ------
        AuditError
            If nothing of that kind was tried.
        """
        from fs_risk.evaluation.ablation_plot import plot_ablation

        return plot_ablation(self, done, most, ax)

    def __repr__(self) -> str:
        every = self.table.iloc[0]
        return (
            f"<Ablation of {count_of(int(every['n_features']), 'feature')}: "
            f"{count_of(len(self.table), 'set')}, {count_of(self.n, 'case')}, "
            f"average precision {every['average_precision']:.3f}>"
        )

    def _repr_html_(self) -> str:
        table, ends = self.table, ("average_precision_gain_low", "average_precision_gain_high")
        shown = pd.DataFrame(
            {
                "features": table["what"],
                "done": table["done"],
                "n features": table["n_features"],
                "average precision": table["average_precision"].map("{:.3f}".format),
                "less that of all": table["average_precision_gain"].map("{:+z.3f}".format),
                "95 % interval": [
                    "" if low != low else f"{low:+z.3f} to {high:+z.3f}"
                    for low, high in zip(*(table[end] for end in ends), strict=True)
                ],
            }
        )
        names = ("n", "positives", "households", "n_learnt")
        held = [(name.replace("_", " "), f"{getattr(self, name):,}") for name in names]
        return Display("Ablation", held, table=shown, notes=["All of it: table."]).html()


def ablation(
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    households: pd.Series,
    *,
    sets: Sequence[FeatureSet],
    splitter: ForwardHouseholdSplit | None = None,
    settings: BoosterSettings = SETTINGS,
    monotone: Mapping[str, int] | None = None,
    resamples: int = 500,
    seed: int = 0,
    threads: int | None = None,
    progress: bool = True,
) -> Ablation:
    """Fit the same model to several sets of features and compare each with all of them.

    Each set is learnt from earlier cases and tested on later ones of households not
    learnt from (`ForwardHouseholdSplit`). Differences are paired: both models rank the
    same resample of households, so that what makes a sample easy or hard cancels.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
    labels : DataFrame
        As `label_outcome` gives it; rows without a label are left out.
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.
    households : Series of str
        Household of each child, indexed by ``child_id``.
    sets : sequence of FeatureSet
        As `feature_sets` makes them; the first is all features.
    splitter : ForwardHouseholdSplit, optional
    settings : BoosterSettings
        How trees are grown; how many is chosen on households held out.
    monotone : mapping of str to {-1, 0, 1}, optional
        Direction in which a named feature may move the score.
    resamples : int, default=500
        Of whole households.
    seed : int, default=0
    threads : int, optional
    progress : bool, default=True

    Returns
    -------
    Ablation

    Raises
    ------
    AuditError
        If the first set is not all features, a set asks for a column that is not
        there, or too few cases have the outcome.

    References
    ----------
    .. [1] Requirement F7.
    """
    _check(X, sets)
    known = labels["label"].notna().to_numpy()
    X, cohort = X[known], cohort[known]
    y = labels.loc[known, "label"].to_numpy(dtype=np.float64)
    groups = split_groups(cohort, households)
    slices = (splitter or ForwardHouseholdSplit()).slices(groups)
    tested = slices.testing
    _check_positives(y, slices)
    scores = {}
    for number, tried in enumerate(
        tqdm(sets, desc="feature sets", disable=None if progress else True)
    ):
        columns = list(tried.features)
        recipe = Recipe(
            feature_names=columns,
            monotone=[(monotone or {}).get(name, 0) for name in columns],
            settings=settings,
            seed=seed,
            threads=threads,
        )
        scores[number] = _test_scores(X[columns].to_numpy(), y, slices, recipe)[tested]
    household = groups["household"].to_numpy(dtype=object)[tested].astype(str)
    figures = _figures(y[tested], scores, household, resamples, seed)
    rows = [
        {"what": tried.what, "done": tried.done, "n_features": len(tried.features), **figure}
        for tried, figure in zip(sets, figures, strict=True)
    ]
    return Ablation(
        table=pd.DataFrame(rows),
        n_learnt=int(slices.fitting.sum()),
        n=int(tested.sum()),
        positives=int(y[tested].sum()),
        households=len(np.unique(household)),
        resamples=resamples,
        seed=seed,
    )


def _test_scores(matrix: np.ndarray, y: np.ndarray, slices: Slices, recipe: Recipe) -> np.ndarray:
    """Score each test row by trees that have seen neither its time nor its household."""
    learnt = slices.fitting
    scores = np.full(len(matrix), np.nan)
    for fold in range(int(slices.fold.max()) + 1):
        learn, hold = learnt & (slices.fold != fold), learnt & (slices.fold == fold)
        growth, loss = grow_with_held_out(matrix[learn], y[learn], matrix[hold], y[hold], recipe)
        rows = slices.test_rows(fold)
        trees = growth.first(int(loss.argmin()) + 1)
        scores[rows] = trees.margin(matrix[rows], threads=recipe.threads)
    return scores


def _figures(
    label: np.ndarray,
    scores: Mapping[int, np.ndarray],
    household: np.ndarray,
    resamples: int,
    seed: int,
) -> list[dict[str, float]]:
    """Give every set's measures, and their differences to the first, with intervals."""
    statistics: dict[str, Statistic] = {}
    for number, score in scores.items():
        ranking = Ranking(label, score)
        statistics[f"average_precision {number}"] = ranking.average_precision
        statistics[f"roc_auc {number}"] = ranking.roc_auc
    bootstrap = HouseholdBootstrap(household, resamples=resamples, seed=seed)
    spread = bootstrap.replicates(statistics)
    point = {name: value_of(each, len(label)) for name, each in statistics.items()}
    figures = []
    for number in scores:
        figure: dict[str, float] = {}
        for measure in _MEASURES:
            own, every = f"{measure} {number}", f"{measure} 0"
            low, high = interval(spread[own])
            below, above = interval(spread[own] - spread[every])
            figure |= {
                measure: point[own],
                f"{measure}_low": low,
                f"{measure}_high": high,
                f"{measure}_gain": point[own] - point[every],
                f"{measure}_gain_low": below,
                f"{measure}_gain_high": above,
            }
        figures.append(figure)
    return figures


def _check(X: pd.DataFrame, sets: Sequence[FeatureSet]) -> None:
    if not sets or sets[0].done != "all":
        raise AuditError(
            "There is nothing to compare the sets with: the first is not all features.",
            where="sets",
            fix="Make the sets with feature_sets().",
        )
    absent = {name for tried in sets for name in tried.features} - set(X.columns)
    empty = sum(not tried.features for tried in sets)
    if absent or empty:
        raise AuditError(
            f"{count_of(len(absent), 'feature of the sets is', 'features of the sets are')} not "
            f"in X, and {count_of(empty, 'set is', 'sets are')} empty.",
            where=", ".join(sorted(absent)[:5]) or "sets",
            fix="Build X with build_features(), with the same extra features.",
        )


def _check_positives(y: np.ndarray, slices: Slices) -> None:
    found = {"learnt from": int(y[slices.fitting].sum()), "tested on": int(y[slices.testing].sum())}
    if min(found.values()) < 10:
        raise AuditError(
            f"The outcome followed in {found['learnt from']} cases learnt from and "
            f"{found['tested on']} tested on; at least 10 of each are needed.",
            where="labels",
            fix="Use a longer period or a commoner outcome.",
        )
