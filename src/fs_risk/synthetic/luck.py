"""Chance that siblings can share: uniform draws named by who, when and what for.

A draw is a hash of the seed and its name, so two children who look up the same
name have the same luck. Each child's own draws stay uniform and independent from
step to step, so each child's chain is exactly the one its probabilities describe,
however much siblings move together.
"""

import numpy as np

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SCALE = 2.0**-53


def _mixed(word: np.ndarray) -> np.ndarray:
    word = (word ^ (word >> np.uint64(30))) * _MIX_1
    word = (word ^ (word >> np.uint64(27))) * _MIX_2
    mixed: np.ndarray = word ^ (word >> np.uint64(31))
    return mixed


class Luck:
    """Uniform draws by name.

    Parameters
    ----------
    seed : int
        Two authorities of one seed share all their luck.

    References
    ----------
    .. [1] Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
       OOPSLA 2014 (the mixing function).
    """

    def __init__(self, seed: int) -> None:
        words = np.random.SeedSequence(seed).generate_state(1, dtype=np.uint64)
        self._seed = words[0]

    def uniform(self, purpose: int, who: np.ndarray, when: np.ndarray | int) -> np.ndarray:
        """Draw one number in [0, 1) for each name.

        Parameters
        ----------
        purpose : int
            What the draw decides.
        who : ndarray of int
            Family or child.
        when : int or ndarray of int
            Step, day or number of the occasion.

        Returns
        -------
        ndarray of float64
            The same for the same name.

        Examples
        --------
        >>> luck = Luck(7)
        >>> once, again = luck.uniform(1, np.array([5, 5]), 12)
        >>> bool(once == again)
        True
        """
        with np.errstate(over="ignore"):
            word = _mixed(np.asarray([purpose], dtype=np.uint64) * _STEP + self._seed)
            word = _mixed(np.asarray(when).astype(np.uint64) * _STEP + word)
            word = _mixed(np.asarray(who).astype(np.uint64) * _STEP + word)
        return (word >> np.uint64(11)).astype(np.float64) * _SCALE

    def shared(
        self,
        purpose: int,
        family: np.ndarray,
        child: np.ndarray,
        when: np.ndarray | int,
        share: float,
    ) -> np.ndarray:
        """Draw for each child: the family's draw with probability `share`, else the child's own.

        Parameters
        ----------
        purpose : int
        family, child : ndarray of int
        when : int or ndarray of int
        share : float
            In [0, 1].

        Returns
        -------
        ndarray of float64
        """
        own = self.uniform(3 * purpose, child, when)
        ours = self.uniform(3 * purpose + 1, family, when)
        alike = self.uniform(3 * purpose + 2, child, when) < share
        return np.where(alike, ours, own)
