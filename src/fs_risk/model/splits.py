"""Splits that are honest in both ways: test rows are later, and of unseen households."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import PlanError, nearest
from fs_risk.model.folds import household_fold
from fs_risk.records.counts_in_words import out_of
from fs_risk.records.dates import from_days, to_days
from fs_risk.records.notebook import Display, Displayed

DAYS_A_MONTH = 365.25 / 12
GROUP_COLUMNS = ("household", "as_of")


@dataclass(frozen=True, repr=False)
class Slices(Displayed):
    """Which rows are fitted and tested on, for every household fold.

    Attributes
    ----------
    fold : ndarray of int64, shape (n,)
    fitting, testing : ndarray of bool, shape (n,)
        The period in which each row lies; rows of the embargo are in none.
    """

    fold: np.ndarray
    fitting: np.ndarray
    testing: np.ndarray

    def _display(self) -> Display:
        held = {"fit": self.fitting, "test": self.testing}
        counts = [(name, f"{int(rows.sum()):,} rows") for name, rows in held.items()]
        return Display("Slices", [*counts, ("household folds", len(np.unique(self.fold)))])

    def fit_rows(self, fold: int) -> np.ndarray:
        """Positions that the replica of a fold is fitted on: all other households, earliest."""
        return np.flatnonzero(self.fitting & (self.fold != fold))

    def test_rows(self, fold: int) -> np.ndarray:
        """Positions of the fold's own households in the test period."""
        return np.flatnonzero(self.testing & (self.fold == fold))


class ForwardHouseholdSplit:
    """Split cases forward in time and by household, with a gap as long as the outcome.

    ``fit | embargo | test`` on `as_of`, crossed with household folds: the
    replica of a fold learns from the other folds' earlier rows and is tested on the
    fold's later ones. So every test row is later than any training label and of a
    household never seen, and every household is used.

    Parameters
    ----------
    horizon_days : int, default=365
        Days after `as_of` in which the outcome counts.
    n_folds : int, default=3
    test_days : int, default=365
    extract_lag_days : int, default=0
        Lengthens the embargo: labels, too, are known that much later in use.
    min_fit_days : int, default=639
        21 months: with two years, an outcome of 18 months would not fit a six-year extract.
    seed : int, default=0
        Of the hash that puts households into folds.

    Notes
    -----
    As a scikit-learn splitter it takes ``groups``, a frame with ``household`` and
    ``as_of`` (see `split_groups`).

    Examples
    --------
    >>> days = pd.date_range("2018-01-01", "2023-12-31", freq="D")
    >>> groups = pd.DataFrame({"household": [f"H{n % 500}" for n in range(len(days))],
    ...     "as_of": days})
    >>> splitter = ForwardHouseholdSplit(horizon_days=365)
    >>> proof = splitter.proof(groups)
    >>> proof["shared_households"].sum(), (proof["days_clear"] > 0).all()
    (np.int64(0), np.True_)
    """

    def __init__(
        self,
        *,
        horizon_days: int = 365,
        n_folds: int = 3,
        test_days: int = 365,
        extract_lag_days: int = 0,
        min_fit_days: int = 639,
        seed: int = 0,
    ) -> None:
        self.horizon_days = horizon_days
        self.n_folds = n_folds
        self.test_days = test_days
        self.extract_lag_days = extract_lag_days
        self.min_fit_days = min_fit_days
        self.seed = seed

    def __repr__(self) -> str:
        return f"ForwardHouseholdSplit({', '.join(f'{k}={v}' for k, v in vars(self).items())})"

    def _repr_html_(self) -> str:
        held = [(name.replace("_", " "), value) for name, value in vars(self).items()]
        note = "Test rows are later than any training label, and of households never seen."
        return Display("ForwardHouseholdSplit", held, notes=[note]).html()

    def get_metadata_routing(self) -> Any:
        """Ask scikit-learn, where metadata are routed, for ``groups``.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRequest
        """
        # scikit-learn asks, so it is loaded already
        from sklearn.utils.metadata_routing import MetadataRequest

        request = MetadataRequest(owner=self)
        request.split.add_request(param="groups", alias=True)
        return request

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Give the number of household folds."""
        return self.n_folds

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give training and test positions for each fold.

        Parameters
        ----------
        X : array-like of length n
        y : array-like of float, shape (n,), optional
            Labels; a missing one is refused.
        groups : DataFrame
            With ``household`` and ``as_of``.

        Yields
        ------
        train, test : ndarray of int64

        Raises
        ------
        PlanError
            If labels are missing, `groups` lacks a column, or time is too short.
        """
        _refuse_unlabelled(y)
        slices = self.slices(groups)
        for fold in range(self.n_folds):
            yield slices.fit_rows(fold), slices.test_rows(fold)

    def slices(self, groups: Any) -> Slices:
        """Say which rows are fitted and tested on.

        Parameters
        ----------
        groups : DataFrame
            With ``household`` and ``as_of``.

        Raises
        ------
        PlanError
            If `groups` lacks a column, or the rows span too little time.
        """
        _check_groups(groups)
        days = to_days(groups["as_of"]).astype(np.int64)
        embargo_from, test_from = self._starts(days)
        return Slices(
            fold=household_fold(groups["household"], n_folds=self.n_folds, seed=self.seed),
            fitting=days < embargo_from,
            testing=days >= test_from,
        )

    def proof(self, groups: Any) -> pd.DataFrame:
        """Show for each fold that no test row shares time or household with training.

        Parameters
        ----------
        groups : DataFrame
            With ``household`` and ``as_of``.

        Returns
        -------
        DataFrame
            One row per fold: ``fold``, ``n_fit``, ``n_test``, ``shared_households`` (of test
            rows with any row that was learnt from), ``last_training_as_of``,
            ``last_training_label`` (when the last label learnt from was known),
            ``first_test_as_of``, ``days_clear`` (between the two).
        """
        slices = self.slices(groups)
        days = to_days(groups["as_of"]).astype(np.int64)
        households = pd.factorize(groups["household"])[0]
        frame = pd.DataFrame(
            [self._proof_of(fold, slices, households, days) for fold in range(self.n_folds)]
        )
        for name in ("last_training_as_of", "last_training_label", "first_test_as_of"):
            frame[name] = from_days(frame[name].to_numpy())
        return frame

    def _proof_of(
        self, fold: int, slices: Slices, households: np.ndarray, days: np.ndarray
    ) -> dict[str, int]:
        learnt = slices.fit_rows(fold)
        tested = slices.test_rows(fold)
        last = int(days[learnt].max(initial=-1))
        first = int(days[tested].min(initial=np.iinfo(np.int32).max))
        label = last + self.horizon_days + self.extract_lag_days
        shared = np.intersect1d(households[learnt], households[tested])
        return {
            "fold": fold,
            "n_fit": len(learnt),
            "n_test": len(tested),
            "shared_households": int((shared >= 0).sum()),
            "last_training_as_of": last,
            "last_training_label": label,
            "first_test_as_of": first,
            "days_clear": first - label,
        }

    def _starts(self, days: np.ndarray) -> tuple[int, int]:
        """Give the first days of embargo and test, working back from the last."""
        embargo_days = self.horizon_days + self.extract_lag_days
        test_from = int(days.max(initial=0)) - self.test_days + 1
        embargo_from = test_from - embargo_days
        if not days.size or embargo_from - int(days.min()) < self.min_fit_days:
            raise self._too_short(days)
        return embargo_from, test_from

    def _too_short(self, days: np.ndarray) -> PlanError:
        parts = {
            "fit": self.min_fit_days,
            "embargo": self.horizon_days + self.extract_lag_days,
            "test": self.test_days,
        }
        slices = ", ".join(f"{name} {_months(length)}" for name, length in parts.items())
        needed = (
            f"{_months(sum(parts.values()))} are needed ({slices}), and after the last case "
            f"{_months(self.horizon_days)} more for its outcome to be known."
        )
        if not days.size:
            return PlanError(
                f"There is no case with a known outcome; months of them: {needed}",
                where="cohort, as_of",
                fix="Check that the table of its cases was read (fs-risk check), or read more "
                "years.",
            )
        span = int(days.max() - days.min() + 1)
        return PlanError(
            f"The {days.size} cases with a known outcome span {_months(span)} months; {needed}",
            where="cohort, as_of",
            fix="Read more years, or plan a shorter outcome or test period.",
        )


def _months(days: int) -> str:
    return f"{np.round(days / DAYS_A_MONTH, 1):g}"


def _refuse_unlabelled(y: Any) -> None:
    if y is None:
        return
    missing = int(pd.isna(np.asarray(y)).sum())
    if missing:
        raise PlanError(
            f"{out_of(missing, len(y), 'row', does='has', do='have')} no label: their outcome "
            "is not known yet, or not observed.",
            where="y",
            fix="Keep the rows whose label is 0 or 1.",
        )


def _check_groups(groups: Any) -> None:
    columns = list(getattr(groups, "columns", ()))
    absent = [name for name in GROUP_COLUMNS if name not in columns]
    if absent:
        hints = "".join(nearest(name, map(str, columns)) for name in absent)
        raise PlanError(
            f"Cases cannot be split without their {' and '.join(absent)}.{hints}",
            where="groups",
            fix="Pass groups=split_groups(cohort, households).",
        )
    undated = int(groups["as_of"].isna().sum())
    if undated:
        raise PlanError(
            f"{out_of(undated, len(groups), 'case', does='has', do='have')} no as_of.",
            where="groups, as_of",
            fix="Leave out cases without a date.",
        )
