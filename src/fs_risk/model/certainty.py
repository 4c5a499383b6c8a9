"""How sure a model is of each case: its interval, its similar past cases, and why not to score."""

from typing import Protocol

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.errors import ArtefactError, FeatureError
from fs_risk.model.booster import Booster
from fs_risk.model.calibration import LogOddsCalibrator
from fs_risk.model.facts import Facts
from fs_risk.model.intervals import ScoreInterval
from fs_risk.model.support import Support
from fs_risk.records.arguments import FEATURES, MODEL, takes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.suppression import LARGEST_HIDDEN, shown_count, shown_share

ABSTAINS = "NOT_OBSERVED"
"""The code of a case that gets no score for want of history or of past cases."""

AGES = {"under 1": 0.0, "1 to 4": 1.0, "5 to 9": 5.0, "10 to 15": 10.0, "16 or 17": 16.0}
"""Age groups, and the age in years from which each begins."""

_SOURCE = "referral_source_"


class Scores(Protocol):
    """What is needed of a model to say how sure it is."""

    @property
    def name(self) -> str:
        """Outcome, horizon and cohort."""

    @property
    def facts(self) -> Facts:
        """All that is stated about it."""

    @property
    def booster(self) -> Booster:
        """Its trees."""

    @property
    def calibrator(self) -> LogOddsCalibrator:
        """The line from margins to calibrated log-odds."""

    def matrix(self, X: pd.DataFrame) -> np.ndarray:
        """Lay a frame's columns out by name."""


class SaysHowSure:
    """The part of a model that says how sure it is of each case."""

    def predict_interval(
        self: Scores, X: pd.DataFrame, *, level: float | None = None
    ) -> pd.DataFrame:
        """Give the range that a case's probability, given its recorded facts, is likely in.

        For about nine cases in ten, better knowledge of the same recorded facts would put
        the probability in this range. What the records do not hold can move it further.
        ``docs/how_sure_is_a_score.md`` says what this rests on.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)
        level : float, optional
            Share of cases to hold; by default the model's, 0.9.

        Returns
        -------
        DataFrame of float64
            ``low`` and ``high``, on the index of `X`, around `predict_proba`.

        Raises
        ------
        SettingError
            If the level is not between 0 and 1.
        ArtefactError
            If the model was fitted before models had intervals.

        Examples
        --------
        >>> import fs_risk as fs
        >>> from fs_risk.api import study_cases
        >>> records = fs.make_authority(children=6_000, years=6, seed=0)
        >>> plan = fs.Plan(outcome="cp_plan", capacity=9)
        >>> model = fs.train_step_up(records, plan, progress=False)
        >>> X = study_cases(records, plan).features.tail(3)
        >>> sure = model.predict_interval(X)
        >>> scores = model.predict_proba(X)[:, 1]
        >>> bool(((sure["low"] <= scores) & (scores <= sure["high"])).all())
        True
        >>> model.n_similar(X).columns.tolist(), model.abstain(X).columns.tolist()
        (['n_similar', 'alike_in'], ['code', 'why'])
        """
        sure, support = _needed(self)
        matrix = self.matrix(X)
        probability = expit(self.calibrator.log_odds(self.booster.margin(matrix)))
        ends = sure.bounds(probability, unlike=support.unlike(matrix), level=level)
        return pd.DataFrame(ends, index=X.index, columns=["low", "high"])

    def n_similar(self: Scores, X: pd.DataFrame) -> pd.DataFrame:
        """Count the past cases with a similar history, that each score rests on.

        Similar is: the same age group, earlier referrals, trio at the last assessment, and
        earlier enquiries, plans or care; and records that reach as far back. Where fewer
        than twenty are, they are alike in fewer of these.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)

        Returns
        -------
        DataFrame
            ``n_similar`` (Int64, to the nearest 5; missing for fewer than six) and
            ``alike_in`` (in words), on the index of `X`.

        Raises
        ------
        ArtefactError
            If the model was fitted before models kept counts.
        """
        _, support = _needed(self)
        found, questions = support.similar(self.matrix(X))
        counts = pd.array(found, dtype="Int64")
        counts[found == 0] = pd.NA
        words = {int(each): support.alike_in_words(int(each)) for each in np.unique(questions)}
        return pd.DataFrame(
            {"n_similar": counts, "alike_in": [words[int(each)] for each in questions]},
            index=X.index,
        )

    def abstain(self: Scores, X: pd.DataFrame) -> pd.DataFrame:
        """Say which cases should get no score, because too little is known (requirement M3).

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)

        Returns
        -------
        DataFrame
            ``code`` (``NOT_OBSERVED``, or missing where there may be a score) and ``why``
            (a sentence, or empty), on the index of `X`.

        Raises
        ------
        ArtefactError
            If the model was fitted before models kept counts.
        """
        return _abstained(self, X)


def _abstained(model: Scores, X: pd.DataFrame) -> pd.DataFrame:
    _, support = _needed(model)
    why = pd.Series(support.why_not(model.matrix(X)), index=X.index, dtype="str")
    code = pd.Series(ABSTAINS, index=X.index, dtype="str").where(why != "")
    return pd.DataFrame({"code": code, "why": why})


@takes(model=MODEL, X=FEATURES)
def abstention_rates(
    model: Scores, X: pd.DataFrame, *, by: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Say how often cases of each group get no score, so that it can be audited.

    Parameters
    ----------
    model : StepUpModel
    X : DataFrame of shape (n, n_features)
    by : DataFrame, optional
        On the index of `X`; each column is an attribute, its values are the groups. By
        default age and the source of the referral, as far as the features say them.

    Returns
    -------
    DataFrame
        A row for each attribute and group: ``attribute``, ``group``, ``cases``,
        ``without_score``, ``share``; as text, with counts of 1 to 5 as ``c`` and the
        others to the nearest 5, as they may be published.

    Raises
    ------
    FeatureError
        If `by` is not on the index of `X`.

    Examples
    --------
    >>> X = fs.build_features(records, cohort)  # doctest: +SKIP
    >>> fs.abstention_rates(model, X)  # doctest: +SKIP
    """
    groups = groups_of(X) if by is None else by
    if not groups.index.equals(X.index):
        raise FeatureError(
            f"Features ({count_of(len(X), 'row')}) and groups ({len(groups)}) do not have the "
            "same index.",
            where="X, by",
            fix="Give the groups of these very cases.",
        )
    none = _abstained(model, X)["code"].notna().to_numpy()
    rows = [("all", "all", np.ones(len(X), dtype=bool))]
    for attribute in groups:
        named = groups[attribute].astype("str").fillna("not known").to_numpy(dtype=object)
        rows += [(str(attribute), str(each), named == each) for each in pd.unique(named)]
    return pd.DataFrame(
        [
            {
                "attribute": attribute,
                "group": group,
                "cases": shown_count(int(mine.sum())),
                "without_score": shown_count(int(none[mine].sum())),
                "share": shown_share(int(none[mine].sum()), int(mine.sum())),
            }
            for attribute, group, mine in rows
        ]
    )


def groups_of(X: pd.DataFrame) -> pd.DataFrame:
    """Give each case's age group and source, as far as the features say them.

    Parameters
    ----------
    X : DataFrame

    Returns
    -------
    DataFrame
        ``age`` and ``source``, on the index of `X`; without those it cannot say.
    """
    groups = pd.DataFrame(index=X.index)
    if "child_age_years" in X:
        groups["age"] = _ages(X)
    sources = [str(name) for name in X.columns if str(name).startswith(_SOURCE)]
    if sources:
        said = X[sources].to_numpy()
        named = np.array([name.removeprefix(_SOURCE).replace("_", " ") for name in sources])
        declared = ~np.isnan(said).all(axis=1)
        first = named[np.nan_to_num(said).argmax(axis=1)]
        other = np.where(declared, "other", "not declared")
        groups["source"] = np.where(np.nansum(said, axis=1) > 0, first, other)
    return groups


def _ages(X: pd.DataFrame) -> np.ndarray:
    years = X["child_age_years"].to_numpy(dtype=np.float64)
    place = np.searchsorted(list(AGES.values()), years, side="right") - 1
    named = np.array(list(AGES))[np.clip(place, 0, len(AGES) - 1)]
    ages: np.ndarray = np.where(np.isnan(years), "not known", named)
    unborn = X.get("child_unborn", pd.Series(0.0, index=X.index)).to_numpy() == 1
    ages[unborn] = "unborn"
    return ages


def _needed(model: Scores) -> tuple[ScoreInterval, Support]:
    interval, support = model.facts.interval, model.facts.support
    if interval is None or support is None:
        raise ArtefactError(
            "The model does not say how sure it is: it was fitted before models did.",
            where=f"model {model.name}",
            fix="Fit the model again.",
        )
    return interval, support


def similar_in_words(n: int, alike_in: str) -> str:
    """Say what a score rests on.

    Parameters
    ----------
    n : int
        0 for fewer than six.
    alike_in : str

    Returns
    -------
    str

    Examples
    --------
    >>> similar_in_words(140, "age and how far back the records reach")
    'Based on about 140 past cases with a similar history: alike in age and how far back the \
records reach.'
    >>> similar_in_words(0, "")
    'Fewer than six past cases had a similar history.'
    """
    if n <= LARGEST_HIDDEN:
        return "Fewer than six past cases had a similar history."
    return f"Based on about {n:,} past cases with a similar history: alike in {alike_in}."
