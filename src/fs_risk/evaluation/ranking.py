"""How well scores rank cases: over all thresholds, and at the capacity of each list."""

import numpy as np


class Ranking:
    """Ranking measures of one score, for many weightings of the rows at once.

    Parameters
    ----------
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    score : ndarray of float, shape (n,)
        Higher comes first; ties are treated as ties.

    Examples
    --------
    >>> ranking = Ranking(np.array([1.0, 0.0, 1.0]), np.array([3.0, 2.0, 1.0]))
    >>> ranking.average_precision(np.ones((1, 3))).round(3).tolist()
    [0.833]
    """

    def __init__(self, label: np.ndarray, score: np.ndarray) -> None:
        self._order = np.argsort(-score, kind="stable")
        ordered = score[self._order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self._label = label[self._order]

    def _tied(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the weight, and that of positives, of each group of tied rows."""
        ordered = weight[:, self._order]
        total = np.add.reduceat(ordered, self._starts, axis=1)
        positive = np.add.reduceat(ordered * self._label, self._starts, axis=1)
        return total, positive

    def average_precision(self, weight: np.ndarray) -> np.ndarray:
        """Give the average precision.

        Parameters
        ----------
        weight : ndarray of float, shape (b, n)

        Returns
        -------
        ndarray of float64, shape (b,)
            NaN without positives.

        References
        ----------
        .. [1] Precision at each threshold, weighted by the gain in recall, as in
           `sklearn.metrics.average_precision_score`.
        """
        total, positive = self._tied(weight)
        found, listed = positive.cumsum(axis=1), total.cumsum(axis=1)
        precision = np.divide(found, listed, out=np.zeros_like(found), where=listed > 0)
        return ratio((precision * positive).sum(axis=1), found[:, -1])

    def roc_auc(self, weight: np.ndarray) -> np.ndarray:
        """Give the chance that a positive scores above a negative, ties counting half.

        Parameters
        ----------
        weight : ndarray of float, shape (b, n)

        Returns
        -------
        ndarray of float64, shape (b,)
            NaN without positives or negatives.
        """
        total, positive = self._tied(weight)
        negative = total - positive
        above = positive.cumsum(axis=1) - positive / 2
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return ratio((above * negative).sum(axis=1), pairs)

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Give recall and precision at each threshold, from the highest score down.

        Returns
        -------
        recall, precision : ndarray of float64, shape (n_thresholds,)
        """
        total, positive = self._tied(np.ones((1, len(self._order))))
        found, listed = positive[0].cumsum(), total[0].cumsum()
        return found / max(found[-1], 1.0), found / listed


class AtCapacity:
    """What each period's list holds, for many weightings of the rows at once.

    Parameters
    ----------
    label, score : ndarray of float, shape (n,)
    period : ndarray of int, shape (n,)
        The list that each row falls into, as `list_periods` gives it.
    capacity : int or float
        Children on each list; or, in (0, 1), the share of the period's cases.

    Notes
    -----
    Rows tied at the last places of a list share them: counts are expected counts.
    """

    def __init__(
        self, label: np.ndarray, score: np.ndarray, period: np.ndarray, capacity: float
    ) -> None:
        self._capacity = float(capacity)
        self._order = np.lexsort([-score, period])
        s, p = score[self._order], period[self._order]
        new_period = np.r_[True, p[1:] != p[:-1]]
        new_tie = new_period | np.r_[True, s[1:] != s[:-1]]
        self._ties = np.flatnonzero(new_tie)
        self._tie_of = np.cumsum(new_tie) - 1
        self._periods = np.flatnonzero(new_period[self._ties])
        self._period_of = np.cumsum(new_period[self._ties]) - 1
        self._label = label[self._order]

    def counts(self, weight: np.ndarray) -> dict[str, np.ndarray]:
        """Count rows listed and not, with and without the outcome.

        Parameters
        ----------
        weight : ndarray of float, shape (b, n)

        Returns
        -------
        dict of str to ndarray of float64, shape (b,)
            ``true_positives``, ``false_positives``, ``false_negatives``,
            ``true_negatives``.
        """
        total, positive, taken = self._taken(weight)
        share = np.divide(taken, total, out=np.zeros_like(taken), where=total > 0)
        return _counts((share * positive).sum(axis=1), total, positive, taken)

    def extremes(self, weight: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Count as `counts` does, had every tie at the last places fallen badly, or well.

        Parameters
        ----------
        weight : ndarray of float, shape (b, n)

        Returns
        -------
        worst, best : dict of str to ndarray of float64, shape (b,)
        """
        total, positive, taken = self._taken(weight)
        fewest = np.maximum(taken - (total - positive), 0.0).sum(axis=1)
        most = np.minimum(taken, positive).sum(axis=1)
        return (
            _counts(fewest, total, positive, taken),
            _counts(most, total, positive, taken),
        )

    def listed(self, weight: np.ndarray) -> np.ndarray:
        """Give each row's chance of being on its list, in the rows' own order.

        Parameters
        ----------
        weight : ndarray of float, shape (b, n)

        Returns
        -------
        ndarray of float64, shape (b, n)
            0 for rows of no weight.
        """
        total, _, taken = self._taken(weight)
        share = np.divide(taken, total, out=np.zeros_like(taken), where=total > 0)
        found = np.empty(weight.shape)
        found[:, self._order] = share[:, self._tie_of]
        return found

    def _taken(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the weight of each group of tied rows, of its positives, and what is listed."""
        ordered = weight[:, self._order]
        total = np.add.reduceat(ordered, self._ties, axis=1)
        positive = np.add.reduceat(ordered * self._label, self._ties, axis=1)
        before = total.cumsum(axis=1) - total
        before -= before[:, self._periods][:, self._period_of]
        return total, positive, np.clip(self._places(total) - before, 0.0, total)

    def _places(self, total: np.ndarray) -> np.ndarray | float:
        if self._capacity >= 1:
            return self._capacity
        sizes = np.add.reduceat(total, self._periods, axis=1)
        places: np.ndarray = self._capacity * sizes[:, self._period_of]
        return places

    def precision(self, weight: np.ndarray) -> np.ndarray:
        """Give the share of listed rows where the outcome followed, shape (b,)."""
        counts = self.counts(weight)
        found = counts["true_positives"]
        return ratio(found, found + counts["false_positives"])

    def recall(self, weight: np.ndarray) -> np.ndarray:
        """Give the share of rows where the outcome followed that were listed, shape (b,)."""
        counts = self.counts(weight)
        found = counts["true_positives"]
        return ratio(found, found + counts["false_negatives"])

    def lift(self, weight: np.ndarray) -> np.ndarray:
        """Give precision over the rate among all rows, shape (b,)."""
        counts = self.counts(weight)
        positives = counts["true_positives"] + counts["false_negatives"]
        rate = ratio(positives, weight.sum(axis=1))
        return ratio(self.precision(weight), rate)


def _counts(
    found: np.ndarray, total: np.ndarray, positive: np.ndarray, taken: np.ndarray
) -> dict[str, np.ndarray]:
    listed, positives, everyone = taken.sum(axis=1), positive.sum(axis=1), total.sum(axis=1)
    return {
        "true_positives": found,
        "false_positives": listed - found,
        "false_negatives": positives - found,
        "true_negatives": everyone - listed - positives + found,
    }


def ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Divide, giving NaN where there is nothing to divide by.

    Parameters
    ----------
    over, under : ndarray of float
        Of one shape.

    Returns
    -------
    ndarray of float64
    """
    parts = np.full(over.shape, np.nan)
    np.divide(over, under, out=parts, where=under > 0)
    return parts
