"""How far agreed ratings and the model's scores put families in the same order, by team.

References
----------
.. [1] Somers, R. H. (1962). A new asymmetric measure of association for ordinal
   variables. American Sociological Review 27(6), 799-811. The share given here is
   (1 + d) / 2 with the score as the dependent variable.
"""

import numpy as np
import pandas as pd

from fs_risk.records.suppression import HIDDEN, LARGEST_HIDDEN, shown_count
from fs_risk.triage.ledger_words import RATING_ORDER

ALL_TEAMS = "all teams"
_COLUMNS = ["team", "period", "families", "pairs", "agreement", "suppressed"]


def agreement_table(ratings: pd.DataFrame, *, freq: str) -> pd.DataFrame:
    """Hold ratings against the scores that they were recorded with.

    Of two children of different families whose ratings differ, model and group agree if
    the one rated higher has the higher score; equal scores count half.

    Parameters
    ----------
    ratings : DataFrame
        ``team``, ``family_id``, ``on``, ``rating``, ``probability``.
    freq : str
        Period, as pandas names it: ``"Q"``, ``"M"``, ``"Y"``.

    Returns
    -------
    DataFrame
        ``team``, ``period`` (first day), ``families`` (as it may be published), ``pairs``,
        ``agreement`` (0.5 is chance), ``suppressed``. Figures of five families or fewer, or
        of no pair, are missing.
    """
    known = ratings[ratings["probability"].notna()]
    if known.empty:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    period = known["on"].dt.to_period(freq).dt.start_time.astype("datetime64[s]")
    known = known.assign(period=period)
    both = pd.concat([known, known.assign(team=ALL_TEAMS)])
    rows = [
        {"team": team, "period": first, **_of_group(group)}
        for (team, first), group in both.groupby(["team", "period"], sort=True)
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _of_group(group: pd.DataFrame) -> dict[str, object]:
    families = int(group["family_id"].nunique())
    level = pd.Categorical(group["rating"], categories=list(RATING_ORDER)).codes
    pairs, agreed = _pairs(
        np.asarray(level),
        group["probability"].to_numpy(dtype=float),
        pd.factorize(group["family_id"])[0],
    )
    few = families <= LARGEST_HIDDEN
    given = pairs > 0 and not few
    return {
        "families": shown_count(families),
        "pairs": HIDDEN if few else shown_count(pairs),
        "agreement": agreed / pairs if given else np.nan,
        "suppressed": few,
    }


def _pairs(level: np.ndarray, score: np.ndarray, family: np.ndarray) -> tuple[int, float]:
    """Count pairs with different ratings, and those that the scores order alike."""
    higher = (level[:, None] > level[None, :]) & (family[:, None] != family[None, :])
    above = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    return int(higher.sum()), float(above[higher].sum())
