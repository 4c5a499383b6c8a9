"""Totals and their parts: forecasts of teams or sources that add up to that of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.records.counts_in_words import count_of

SPLITS = ("team", "source")
"""Columns of a series that say which part of a total it is; empty for the total itself."""

SAME = ("measure", "kind", "tier", "to_tier", "need")
"""Columns in which a total and its parts agree."""

_NEAR = 1e-6


@dataclass(frozen=True)
class Total:
    """A series that is the sum of others, once for each way in which it was split.

    Attributes
    ----------
    whole : str
        Its ``unique_id``.
    parts : tuple of tuple of str
        The ``unique_id`` of each part, one tuple for each split.
    """

    whole: str
    parts: tuple[tuple[str, ...], ...]


def named_totals(series: pd.DataFrame) -> tuple[Total, ...]:
    """Find totals and their parts by the columns that name them; `adding_up` checks them.

    Parameters
    ----------
    series : DataFrame
        As `fs_risk.demand.series.demand_series` gives it; without `SPLITS` there are none.

    Returns
    -------
    tuple of Total

    Examples
    --------
    >>> frame = pd.DataFrame({"unique_id": ["all", "a", "b"], "team": ["", "A", "B"]})
    >>> named_totals(frame)
    (Total(whole='all', parts=(('a', 'b'),)),)
    """
    splits = [column for column in SPLITS if column in series]
    if not splits:
        return ()
    same = [column for column in SAME if column in series]
    about = series.drop_duplicates("unique_id")[["unique_id", *same, *splits]]
    about = about.fillna("").astype("str").sort_values("unique_id", ignore_index=True)
    of = about.groupby(same).ngroup() if same else pd.Series(0, index=about.index)
    split = about[splits].ne("")
    wholes = about[~split.any(axis=1)].assign(of=of)
    found = []
    for code, whole in wholes.drop_duplicates("of", keep=False)[["of", "unique_id"]].to_numpy():
        parts = (
            about.loc[(of == code) & split[column] & (split.sum(axis=1) == 1), "unique_id"]
            for column in splits
        )
        held = tuple(tuple(names) for names in parts if len(names))
        if held:
            found.append(Total(str(whole), held))
    return tuple(found)


def adding_up(
    totals: Sequence[Total], ids: np.ndarray, values: np.ndarray
) -> tuple[tuple[Total, ...], tuple[str, ...]]:
    """Keep the totals whose parts were observed to add up to them, and say which do not.

    Parameters
    ----------
    totals : sequence of Total
    ids : ndarray of str, shape (n,)
    values : ndarray of float64, shape (n, n_periods)
        NaN where not observed.

    Returns
    -------
    kept : tuple of Total
    notes : tuple of str
    """
    place = {name: number for number, name in enumerate(ids)}
    kept, lost = [], 0
    for total in totals:
        parts = [tuple(name for name in each if name in place) for each in total.parts]
        parts = [each for each in parts if each]
        if total.whole not in place or not parts:
            continue
        whole = values[place[total.whole]]
        sums = [values[[place[name] for name in each]].sum(axis=0) for each in parts]
        gaps = np.abs(np.array(sums) - whole)
        near = np.nan_to_num(gaps) <= _NEAR * np.maximum(np.nan_to_num(whole), 1.0)
        if near.all() and np.isfinite(gaps).any(axis=1).all():
            kept.append(Total(total.whole, tuple(parts)))
        else:
            lost += 1
    if not lost:
        return tuple(kept), ()
    one = "total was not observed to be the sum of its parts: it and they are forecast apart."
    many = "totals were not observed to be the sums of their parts: they are forecast apart."
    return tuple(kept), (count_of(lost, one, many),)


@dataclass(frozen=True, eq=False)
class Sum:
    """A total by the places of its series.

    Attributes
    ----------
    whole : int
    parts : tuple of ndarray of int64
        One for each split.
    """

    whole: int
    parts: tuple[np.ndarray, ...]


def sums_of(totals: Sequence[Total], ids: np.ndarray) -> tuple[Sum, ...]:
    """Find the places of totals and their parts.

    Parameters
    ----------
    totals : sequence of Total
    ids : ndarray of str, shape (n,)

    Returns
    -------
    tuple of Sum
    """
    place = {name: number for number, name in enumerate(ids)}
    return tuple(
        Sum(place[total.whole], tuple(np.array([place[name] for name in each], dtype=np.int64)
                                      for each in total.parts))
        for total in totals
    )  # fmt: skip


def added_up(said: np.ndarray, sums: Sequence[Sum]) -> np.ndarray:
    """Change forecasts as little as makes parts add up to their totals [1]_.

    Each series may err by a variance in proportion to its own forecast. What is then closest
    to all of them by weighted least squares has a closed form: the total is the harmonic mean
    of its own forecast and the sum over each split, and every part is moved in proportion. So
    nothing falls below 0.

    Parameters
    ----------
    said : ndarray of float64, shape (..., n, horizon)
        Not below 0; NaN where a series never held anything.
    sums : sequence of Sum

    Returns
    -------
    ndarray of float64, shape (..., n, horizon)
        Series of no total are as they were.

    References
    ----------
    .. [1] Wickramasuriya, Athanasopoulos and Hyndman (2019), Optimal forecast reconciliation
       for hierarchical and grouped time series through trace minimization; weights by
       variance, which of counts goes with the level.

    Examples
    --------
    >>> said = np.array([[12.0], [2.0], [4.0]])
    >>> sums = (Sum(0, (np.array([1, 2]),)),)
    >>> added_up(said, sums).ravel().round(2).tolist()
    [8.0, 2.67, 5.33]
    """
    if not sums:
        return said
    joined = said.copy()
    for total in sums:
        held = [np.nansum(said[..., each, :], axis=-2) for each in total.parts]
        agreed = _harmonic_mean([said[..., total.whole, :], *held])
        joined[..., total.whole, :] = agreed
        for each, before in zip(total.parts, held, strict=True):
            joined[..., each, :] = said[..., each, :] * _ratio(agreed, before)[..., None, :]
    return joined


def follow_totals(
    said: np.ndarray, now: np.ndarray, before: np.ndarray, sums: Sequence[Sum]
) -> np.ndarray:
    """Move parts as their totals were moved, where those were forecast in another way.

    Parameters
    ----------
    said : ndarray of float64, shape (..., n, horizon)
    now, before : ndarray of float64, shape (n, horizon)
        What is expected with the totals as they are, and when the parts added up to them.
    sums : sequence of Sum

    Returns
    -------
    ndarray of float64, shape (..., n, horizon)
        Series of no total are as they were.
    """
    moved = said.copy()
    for total in sums:
        ratio = _ratio(now[total.whole], before[total.whole])
        for each in total.parts:
            moved[..., each, :] = said[..., each, :] * ratio
    return moved


def _ratio(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: np.ndarray = np.where(before > 0, now / before, 0.0)
    return ratio


def _harmonic_mean(estimates: list[np.ndarray]) -> np.ndarray:
    """Average estimates whose variance is in proportion to them; 0 where one is 0."""
    each = np.stack(estimates)
    least = each.min(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: np.ndarray = len(each) / (1.0 / each).sum(axis=0)
    return np.where(least > 0, mean, np.where(np.isnan(least), np.nan, 0.0))
