"""What an audit measures on a list: seven rates, each of one kind of row among another."""

from dataclasses import dataclass

import numpy as np

SELECTION, RECALL, PRECISION = "selection_rate", "recall", "precision"
FALSE_POSITIVE, FALSE_NEGATIVE = "false_positive_rate", "false_negative_rate"
FALSE_DISCOVERY, FALSE_OMISSION = "false_discovery_rate", "false_omission_rate"

BASES = (SELECTION, RECALL, PRECISION, FALSE_POSITIVE, FALSE_OMISSION)
"""The rates from which the others follow; the compiled passes number them so."""

PRIMARY = (RECALL, PRECISION)
"""The declared family: one is how many are missed, the other whom a list burdens."""

COMPLEMENTS = {FALSE_NEGATIVE: RECALL, FALSE_DISCOVERY: PRECISION}
"""1 less another rate: the same question, so never tested again."""

MEASURES = (*BASES, *COMPLEMENTS)

WORDS = {
    SELECTION: "share listed",
    RECALL: "recall: share listed of those where the outcome followed",
    PRECISION: "precision: share of those listed where the outcome followed",
    FALSE_POSITIVE: "share listed of those where it did not follow",
    FALSE_NEGATIVE: "share not listed of those where it followed",
    FALSE_DISCOVERY: "share of those listed where it did not follow",
    FALSE_OMISSION: "share of those not listed where it followed",
}


@dataclass(frozen=True)
class Counts:
    """Rows of each group by outcome and list; expected counts where ties share places.

    Attributes
    ----------
    tp, fp, fn, tn : ndarray of float64, shape (..., n_groups)
        Listed with and without the outcome; not listed with and without it.
    """

    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray
    tn: np.ndarray

    def parts(self, base: str) -> tuple[np.ndarray, np.ndarray]:
        """Give a base rate's numerator and denominator.

        Parameters
        ----------
        base : str
            One of `BASES`.
        """
        tp, fp, fn, tn = self.tp, self.fp, self.fn, self.tn
        return {
            SELECTION: (tp + fp, tp + fp + fn + tn),
            RECALL: (tp, tp + fn),
            PRECISION: (tp, tp + fp),
            FALSE_POSITIVE: (fp, fp + tn),
            FALSE_OMISSION: (fn, fn + tn),
        }[base]

    def rate(self, measure: str) -> np.ndarray:
        """Give a measure of each group; NaN where there is nothing to take the share of.

        Parameters
        ----------
        measure : str
            One of `MEASURES`.

        Examples
        --------
        >>> one = Counts(*(np.array([float(n)]) for n in (4, 6, 1, 9)))
        >>> one.rate("recall").tolist(), one.rate("false_negative_rate").tolist()
        ([0.8], [0.2])
        """
        if measure == FALSE_NEGATIVE:
            part, whole = self.fn, self.tp + self.fn
        elif measure == FALSE_DISCOVERY:
            part, whole = self.fp, self.tp + self.fp
        else:
            part, whole = self.parts(measure)
        found: np.ndarray = np.divide(
            part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0
        )
        return found

    def rest(self, everyone: "Counts") -> "Counts":
        """Give the counts of all rows outside each group.

        Parameters
        ----------
        everyone : Counts
            Of shape (..., 1).
        """
        return Counts(
            everyone.tp - self.tp,
            everyone.fp - self.fp,
            everyone.fn - self.fn,
            everyone.tn - self.tn,
        )
