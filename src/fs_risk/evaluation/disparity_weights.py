"""Ways to make trees learn otherwise about a group: weights, and a constraint while boosting."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit, logit

MOST = 4.0
"""Largest multiplier of a group's rows with the outcome: beyond it trees fit little else."""

PACE = 20.0
"""Multiplier gained over a whole training per unit of recall that a group falls short."""

SLACK = 0.01
"""Shortfall of recall that is let pass."""


def reweighed(label: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Weigh rows so that group and outcome are independent among them.

    Parameters
    ----------
    label : ndarray of float, shape (n,)
        1 or 0.
    group : ndarray of int, shape (n,)
        From 0 on.

    Returns
    -------
    ndarray of float64, shape (n,)
        ``P(group) P(label) / P(group, label)``.

    References
    ----------
    .. [1] F. Kamiran and T. Calders, Data preprocessing techniques for classification
       without discrimination, Knowledge and Information Systems 33 (2012), 1-33.

    Examples
    --------
    >>> label, group = np.array([1.0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 1])
    >>> weight = reweighed(label, group)
    >>> [float(np.average(label[group == one], weights=weight[group == one])) for one in (0, 1)]
    [0.5, 0.5]
    """
    positive = label.astype(np.int64)
    cell = 2 * group + positive
    met = np.bincount(cell, minlength=2 * int(group.max()) + 2).astype(np.float64)
    expected = np.bincount(group)[group] * np.bincount(positive, minlength=2)[positive]
    weight: np.ndarray = expected / len(label) / met[cell]
    return weight


@dataclass
class RecallConstraint:
    """Log loss with a multiplier for each group's rows with the outcome, raised as it falls short.

    A constraint on recall at a share listed has no gradient; as in FairGBM, the trees
    descend a smooth stand-in (the log loss of the group's rows with the outcome) while
    the multipliers ascend by the true shortfall, both after every round. Unlike a
    threshold for each group, the group is not known when a case is scored.

    Attributes
    ----------
    label : ndarray of float, shape (n,)
    group : ndarray of int, shape (n,)
    share : float
        Share of rows listed.
    rounds : int
        Trees to grow.
    multiplier : ndarray of float64, shape (n_groups,)

    References
    ----------
    .. [1] A. F. Cruz, C. Belém, S. Jesus, J. Bravo, P. Saleiro and P. Bizarro, FairGBM:
       Gradient boosting with fairness constraints, ICLR 2023.

    Examples
    --------
    >>> label, group = np.array([1.0, 0, 1, 0]), np.array([0, 0, 1, 1])
    >>> held = RecallConstraint(label, group, share=0.25, rounds=2)
    >>> gradient, _ = held(np.array([2.0, -1.0, -2.0, -1.0]))
    >>> bool(held.multiplier[1] > held.multiplier[0])
    True
    """

    label: np.ndarray
    group: np.ndarray
    share: float
    rounds: int
    multiplier: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.multiplier = np.zeros(int(self.group.max()) + 1)
        self._positives = np.bincount(self.group, weights=self.label)

    @property
    def start(self) -> float:
        """Log-odds of the outcome among all rows."""
        return float(logit(np.clip(self.label.mean(), 1e-6, 1 - 1e-6)))

    def __call__(self, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give gradients and curvatures of each row at these margins."""
        self._ascend(margin)
        chance = expit(margin)
        weight = np.where(self.label == 1, 1 + self.multiplier[self.group], 1.0)
        return weight * (chance - self.label), np.maximum(weight * chance * (1 - chance), 1e-12)

    def _ascend(self, margin: np.ndarray) -> None:
        """Raise the multipliers of groups whose recall falls short, let the others fall."""
        listed = share_above(margin, self.share)
        hits = np.bincount(self.group, weights=self.label * listed)
        with np.errstate(invalid="ignore", divide="ignore"):
            recall = np.where(self._positives > 0, hits / self._positives, np.nan)
        short = hits.sum() / self._positives.sum() - recall - SLACK
        step = PACE / self.rounds * np.nan_to_num(short)
        self.multiplier = np.clip(self.multiplier + step, 0.0, MOST)


def share_above(score: np.ndarray, share: float) -> np.ndarray:
    """Give each row's chance of being among the highest share of scores, ties alike.

    Parameters
    ----------
    score : ndarray of float, shape (n,)
    share : float
        In (0, 1).

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> share_above(np.array([3.0, 1.0, 1.0, 0.0]), 0.5).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    places = share * len(score)
    cut = np.sort(score)[::-1][min(int(np.ceil(places)) - 1, len(score) - 1)]
    above, tied = score > cut, score == cut
    listed: np.ndarray = above + tied * np.clip((places - above.sum()) / tied.sum(), 0.0, 1.0)
    return listed
