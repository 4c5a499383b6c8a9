"""What the figures mean for a planner: use the forecast, or a simple rule's number."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.demand.chance import paired_interval
from fs_risk.demand.series_names import in_words

USE_IT = "use it"
USE_LAST_YEAR = "no better than last year: use that"
USE_IT_THERE = "use it: it beat last year's number on authorities held out, not measured here"
NOT_MEASURED = "not measured: too short to look back"

LAST_YEAR = "seasonal naive"
RULES: Mapping[str, str] = {
    LAST_YEAR: "last year",
    "last_value": "last value",
    "level": "level by season",
    "smoothing": "smoothing",
    "damped trend": "damped trend",
    "theta": "Theta",
}
"""The simple rules a forecast is judged against, and what each is called."""

YEARS_AHEAD = "ahead no better than last year, use that"
"""What `plain_years` says, after how many years."""

LEAST_SKILL = 0.02
"""A forecast is worth its trouble where errors are smaller than last year's by this share."""


@dataclass(frozen=True)
class PairedErrors:
    """Mean scaled errors of the forecast and of each rule, on the same answers.

    Attributes
    ----------
    ours, theirs : mapping of str to ndarray of float64, shape (n_origins, n)
        By rule, NaN where nothing was measured.
    places : ndarray of int64, shape (n_origins,)
        Periods of the origins.
    horizon : int
    """

    ours: Mapping[str, np.ndarray]
    theirs: Mapping[str, np.ndarray]
    places: np.ndarray
    horizon: int

    def of(self, chosen: np.ndarray) -> "PairedErrors":
        """Keep some of the series.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n,), or of int
        """
        ours, theirs = (
            {rule: error[:, chosen] for rule, error in each.items()}
            for each in (self.ours, self.theirs)
        )
        return PairedErrors(ours, theirs, self.places, self.horizon)

    def unmeasured(self) -> "PairedErrors":
        """Give the same with nothing measured, for which no verdict is possible."""
        ours, theirs = (
            {rule: np.full_like(error, np.nan) for rule, error in each.items()}
            for each in (self.ours, self.theirs)
        )
        return PairedErrors(ours, theirs, self.places, self.horizon)

    def judged(self) -> dict[str, object]:
        """Judge the forecast of all series together.

        Returns
        -------
        dict of str to object
            ``mase``, ``mase_last_year``, ``skill``; ``best_rule``, the simple rule with the
            smallest error, ``mase_best_rule``, and ``low`` and ``high``, the 95 % interval of
            the share by which our error is smaller than that rule's (as wide as a pick among
            so many rules asks); ``verdict``.
        """
        mine, year = _over_series(self.ours[LAST_YEAR]), _over_series(self.theirs[LAST_YEAR])
        skill = 1 - mine / max(year, 1e-12) if np.isfinite(mine) else float("nan")
        error = {rule: _over_series(self.theirs[rule]) for rule in RULES}
        known = {rule: each for rule, each in error.items() if np.isfinite(each)}
        best = min(known, key=lambda rule: known[rule]) if known else LAST_YEAR
        low, high = self._smaller_by(best)
        return {
            "mase": mine,
            "mase_last_year": year,
            "skill": skill,
            "best_rule": RULES[best],
            "mase_best_rule": error[best],
            "low": low,
            "high": high,
            "verdict": verdict_of(skill, RULES[best], 1 - mine / max(error[best], 1e-12), high),
        }

    def _smaller_by(self, rule: str) -> tuple[float, float]:
        """Give the interval of the share by which our error is smaller than a rule's."""
        ours, theirs = self.ours[rule], self.theirs[rule]
        apart = np.array([_over_series(a - b) for a, b in zip(theirs, ours, strict=True)])
        _, low, high = paired_interval(apart, self.places, self.horizon, of=len(RULES))
        usual = max(_over_series(theirs), 1e-12) if np.isfinite(theirs).any() else 1.0
        return low / usual, high / usual


def verdict_of(
    skill: float,
    best_rule: str = "last year",
    over_best: float = 0.0,
    high: float = float("inf"),
) -> str:
    """Put a comparison into words.

    Parameters
    ----------
    skill : float
        Share by which errors are smaller than those of last year's number.
    best_rule : str, default "last year"
        The simple rule with the smallest error.
    over_best : float, default 0
        Share by which errors are smaller than that rule's.
    high : float, default infinite
        Upper end of its interval. The rule is preferred where its errors are smaller by the
        share that a forecast must gain, and by more than chance.

    Examples
    --------
    >>> verdict_of(0.2), verdict_of(-0.1)
    ('use it', 'no better than last year: use that')
    >>> verdict_of(0.2, "Theta", -0.1, -0.01), verdict_of(0.2, "Theta", -0.1, 0.01)
    ('no better than Theta: use that', 'use it')
    """
    if not np.isfinite(skill):
        return NOT_MEASURED
    if high < 0 and over_best <= -LEAST_SKILL:
        return f"no better than {best_rule}: use that"
    return USE_IT if skill >= LEAST_SKILL else USE_LAST_YEAR


def verdict_table(names: np.ndarray, errors: PairedErrors, *, called: str) -> pd.DataFrame:
    """Judge the forecast by measure, or by series.

    Parameters
    ----------
    names : ndarray of str, shape (n,)
        The measure, or the id, of each series.
    errors : PairedErrors
    called : str
        Name of the first column.

    Returns
    -------
    DataFrame
        `called` (empty where not said), ``series``, and as `PairedErrors.judged`.
    """
    rows = []
    each, place = np.unique(names.astype(str), return_inverse=True)
    order = np.argsort(place, kind="stable")
    for name, chosen in zip(each, np.split(order, np.cumsum(np.bincount(place))[:-1]), strict=True):
        rows.append({called: name, "series": len(chosen), **errors.of(chosen).judged()})
    table = pd.DataFrame(rows)
    return table.astype({called: "str", "best_rule": "str", "verdict": "str"})


def plain_words(verdicts: pd.DataFrame) -> list[str]:
    """Say which measures a simple rule forecast better, and which as well.

    Parameters
    ----------
    verdicts : DataFrame
        As `verdict_table` gives it, by measure.

    Returns
    -------
    list of str
    """
    named = verdicts[verdicts["measure"] != ""]
    if len(verdicts) < 2:
        return []
    said = []
    for words, part in named[named["verdict"].str.endswith("use that")].groupby("verdict"):
        plain = str(words).replace(": use", ", use")
        said.append(f"{plain[0].upper()}{plain[1:]}: {_listed(part)}.")
    ties = named[(named["verdict"] == USE_IT) & (named["mase_best_rule"] < named["mase"])]
    for rule, part in ties.groupby("best_rule"):
        said.append(f"No worse than the forecast, within chance, is {rule}: {_listed(part)}.")
    return said


def plain_years(
    measures: np.ndarray, answers: np.ndarray, ours: np.ndarray, last_year: np.ndarray
) -> list[str]:
    """Say of which measures, how many years ahead, last year's number is as good.

    Parameters
    ----------
    measures : ndarray of str, shape (n,)
    answers, ours, last_year : ndarray of float64, shape (n_origins, n, horizon)
        NaN where nothing was observed.

    Returns
    -------
    list of str
        A sentence for each number of years at which it is so for some measure.
    """
    both = np.isfinite(answers) & np.isfinite(ours) & np.isfinite(last_year)
    missed, simple = (np.where(both, np.abs(answers - each), 0.0) for each in (ours, last_year))
    said = []
    for ahead in range(answers.shape[2]):
        plain = []
        for name in np.unique(measures.astype(str)):
            here = measures.astype(str) == name
            error, theirs = (each[:, here, ahead].sum() for each in (missed, simple))
            if both[:, here, ahead].any() and error > (1 - LEAST_SKILL) * theirs:
                plain.append(in_words(name) or "all series")
        if plain:
            years = "1 year" if ahead == 0 else f"{ahead + 1} years"
            said.append(f"{years} {YEARS_AHEAD}: {', '.join(plain)}.")
    return said


def _listed(verdicts: pd.DataFrame) -> str:
    return ", ".join(in_words(each) for each in verdicts["measure"])


def _over_series(error: np.ndarray) -> float:
    """Average over series and origins what was measured; NaN where nothing was."""
    known = error[np.isfinite(error)]
    return float(known.mean()) if len(known) else float("nan")
