"""The waterfall of a tier: stock at the start, what comes and goes by kind, stock at the end."""

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_simulate import SamplePaths

STEPS = (
    ("stock at the start", "stock"),
    ("came from outside", "in"),
    ("up from a lower tier", "in"),
    ("down from a higher tier", "in"),
    ("left altogether", "out"),
    ("up to a higher tier", "out"),
    ("down to a lower tier", "out"),
    ("unreconciled", "unreconciled"),
    ("stock at the end", "stock"),
)
"""Steps of the waterfall in order, and the kind of each."""

COLUMNS = ("tier", "step", "kind", "mean", "lo-80", "hi-80")


def waterfall(drawn: SamplePaths, tier: int, months: int) -> pd.DataFrame:
    """Add the moves of a tier up over months, on every path.

    Parameters
    ----------
    drawn : SamplePaths
    tier : int
    months : int
        From the first month forecast on.

    Returns
    -------
    DataFrame
        ``tier``, ``step`` and ``kind`` (see `STEPS`), ``mean``, ``lo-80``, ``hi-80`` over the
        paths. What goes is negative, so that the means add up to the stock at the end;
        ``unreconciled`` is what they would leave, which is 0 on every path.
    """
    moves = drawn.moves[:, :months].sum(axis=1, dtype=np.int64)
    came, went = moves[:, :, tier], moves[:, tier]
    opening = np.full(len(moves), drawn.opening[tier], dtype=np.int64)
    closing = drawn.stock[:, months - 1, tier].astype(np.int64)
    ins = [came[:, 0], came[:, 1:tier].sum(axis=1), came[:, tier + 1 :].sum(axis=1)]
    outs = [went[:, 0], went[:, tier + 1 :].sum(axis=1), went[:, 1:tier].sum(axis=1)]
    rest = closing - opening - sum(ins) + sum(outs)
    each = np.stack([opening, *ins, *(-out for out in outs), rest, closing])
    low, high = np.quantile(each, (0.1, 0.9), axis=1)
    return pd.DataFrame(
        {
            "tier": tier,
            "step": pd.Series([step for step, _ in STEPS], dtype="str"),
            "kind": pd.Series([kind for _, kind in STEPS], dtype="str"),
            "mean": each.mean(axis=1),
            "lo-80": low,
            "hi-80": high,
        }
    )[list(COLUMNS)]


def bars(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give where each bar of a waterfall begins and ends: a stock from 0, a flow where it meets.

    Parameters
    ----------
    table : DataFrame
        As `waterfall` gives it.

    Returns
    -------
    begin, end : ndarray of float64, shape (9,)
    """
    value = table["mean"].to_numpy(dtype=np.float64)
    level = np.cumsum(np.append(value[:-1], 0.0))
    end = np.append(level[:-1], value[-1])
    begin = np.append(np.append(0.0, level[:-2]), 0.0)
    return begin, end
