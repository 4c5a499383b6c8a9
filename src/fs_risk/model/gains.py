"""How much the trees lean on each feature, read from their text."""

from collections.abc import Sequence

import numpy as np


def gain_by_feature(text: str, feature_names: Sequence[str]) -> np.ndarray:
    r"""Sum what the splits on each feature gained, over all trees.

    Parameters
    ----------
    text : str
        LightGBM's text form.
    feature_names : sequence of str
        In the order of the booster's columns.

    Returns
    -------
    ndarray of float64, shape (n_features,)
        All zeros for trees without a split.

    Examples
    --------
    >>> text = "split_feature=1 0\nsplit_gain=30 10\nsplit_feature=1\nsplit_gain=2.5\n"
    >>> gain_by_feature(text, ("age", "referrals")).tolist()
    [10.0, 32.5]
    """
    total = np.zeros(len(feature_names))
    lines = [line.partition("=") for line in text.splitlines()]
    split = [value for key, _, value in lines if key == "split_feature"]
    gain = [value for key, _, value in lines if key == "split_gain"]
    for features, gains in zip(split, gain, strict=True):
        numbers = np.array(features.split(), dtype=np.int64)
        np.add.at(total, numbers, np.array(gains.split(), dtype=np.float64))
    return total
