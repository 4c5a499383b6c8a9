"""The one long table of an audit: a row for each measure of each group."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from fs_risk.evaluation.fairness_cells import Audited, Groups
from fs_risk.evaluation.fairness_intervals import (
    LEVEL,
    Spread,
    gap_ends,
    ratio_ends,
    simultaneous,
    spreads,
    wilson_ends,
)
from fs_risk.evaluation.fairness_measures import (
    BASES,
    COMPLEMENTS,
    MEASURES,
    PRIMARY,
    Counts,
)
from fs_risk.evaluation.fairness_pooling import pooled_rates
from fs_risk.evaluation.fairness_power import smallest_gap_seen
from fs_risk.evaluation.fairness_tests import Comparisons, group_against_rest
from fs_risk.records.many_tests import benjamini_hochberg, holm

FEWEST = 10
"""Rows that a rate must be of, in the group and in the rest, to say anything of a gap."""

PRIMARY_FAMILY, EXPLORED, STATED = "primary", "explored", "stated"
"""Tested with Holm; explored with Benjamini and Hochberg; only stated."""

GAP_SHOWN, NO_GAP, NOT_ENOUGH = "gap shown", "no gap shown", "not enough evidence"
WORTH_A_LOOK = "worth a look"
"""Of an explored gap: a lead to follow, not a finding."""

EVERYONE = "everyone"


@dataclass(frozen=True)
class Settings:
    """How an audit is worked out.

    Attributes
    ----------
    level : float
        Of intervals; 1 less it is the chance of a false alarm that tests keep.
    fewest, resamples, seed : int
    explored : tuple of str
        Attributes whose groups are explored only, not of the primary family.
    """

    level: float = LEVEL
    fewest: int = FEWEST
    resamples: int = 1000
    seed: int = 0
    explored: tuple[str, ...] = ()

    def declared(self, groups: Groups) -> np.ndarray:
        """Say which groups are of the primary family.

        Parameters
        ----------
        groups : Groups
        """
        names = np.array(groups.slots, dtype=object)[groups.slot]
        chosen: np.ndarray = groups.main & ~np.isin(names, self.explored)
        return chosen

    @property
    def z(self) -> float:
        """Standard errors to either side of a single figure."""
        return float(norm.ppf(0.5 + self.level / 2))


def list_rows(audited: Audited, settings: Settings, *, progress: bool = False) -> pd.DataFrame:
    """Give the rows of the seven rates at capacity, nothing hidden yet.

    Parameters
    ----------
    audited : Audited
    settings : Settings
    progress : bool, default=False

    Returns
    -------
    DataFrame
    """
    tests = group_against_rest(audited)
    spread = spreads(audited, resamples=settings.resamples, seed=settings.seed, progress=progress)
    most = _most(audited, spread, settings)
    tested = _tested(audited, tests, settings)
    frames = []
    for measure in MEASURES:
        base = COMPLEMENTS.get(measure, measure)
        frame = _values(audited, base, spread[base], most[base], settings)
        frame = frame.assign(**tested[base])
        if measure in COMPLEMENTS:
            exact = [each.rate(measure) for each in _own_and_rest(audited)]
            frame = _turned(frame, *exact)
        frames.append(frame.assign(metric=measure))
    return pd.concat(frames, ignore_index=True)


def _most(audited: Audited, spread: dict[str, Spread], settings: Settings) -> dict[str, float]:
    """Give the standard errors that hold all figures of each family at once."""
    main = settings.declared(audited.groups)
    enough = {base: _enough(audited, base, settings.fewest) for base in BASES}
    first = simultaneous(
        [spread[base].apart[:, main & enough[base]] for base in PRIMARY], settings.level
    )
    others = simultaneous([spread[base].apart[:, enough[base]] for base in BASES], settings.level)
    return {base: first if base in PRIMARY else others for base in BASES}


def _enough(audited: Audited, base: str, fewest: int) -> np.ndarray:
    groups, everyone = audited.counts
    size = groups.parts(base)[1]
    return np.asarray(np.minimum(size, everyone.parts(base)[1] - size) >= fewest)


def _values(
    audited: Audited, base: str, spread: Spread, most: float, settings: Settings
) -> pd.DataFrame:
    """Give values, intervals, and differences and ratios to the rest."""
    groups, everyone = audited.counts
    rest = groups.rest(everyone)
    value, other = groups.rate(base), rest.rate(base)
    low, high = wilson_ends(value, spread.size, settings.z)
    low_all, high_all = wilson_ends(value, spread.size, most)
    gap_low, gap_high = gap_ends(value, other, spread, settings.z)
    ratio_low, ratio_high = ratio_ends(value, other, spread, settings.z)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(other > 0, value / other, np.nan)
    numbers = audited.groups
    shrunk = _shrunk(audited, value, spread, settings.level)
    return pd.DataFrame(
        {
            "attribute": np.array(numbers.slots, dtype=object)[numbers.slot],
            "group": numbers.level,
            "value": value,
            "low": low,
            "high": high,
            "low_simultaneous": low_all,
            "high_simultaneous": high_all,
            "of": groups.parts(base)[1],
            "n": np.round(groups.tp + groups.fp + groups.fn + groups.tn),
            "positives": np.round(groups.tp + groups.fn),
            "rest": other,
            "difference": value - other,
            "difference_low": gap_low,
            "difference_high": gap_high,
            "ratio": ratio,
            "ratio_low": ratio_low,
            "ratio_high": ratio_high,
            **dict(zip(("shrunk", "shrunk_low", "shrunk_high"), shrunk, strict=True)),
        }
    )


def _shrunk(
    audited: Audited, value: np.ndarray, spread: Spread, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the rates of pairs' groups towards each other; others stand as they are."""
    numbers = audited.groups
    found = np.full((3, len(value)), np.nan)
    for place in range(numbers.n_attributes, len(numbers.slots)):
        own = numbers.slot == place
        found[:, own] = pooled_rates(value[own], spread.size[own], level=level)
    return found[0], found[1], found[2]


def _tested(audited: Audited, tests: Comparisons, settings: Settings) -> dict[str, dict[str, Any]]:
    """Adjust p-values family by family and put each row's verdict in words."""
    groups, everyone = audited.counts
    rest, main = groups.rest(everyone), settings.declared(audited.groups)
    enough = np.stack([_enough(audited, base, settings.fewest) for base in BASES])
    enough &= np.isfinite(tests.p)
    primary = np.array([base in PRIMARY for base in BASES])[:, None] & main[None, :]
    once = _asked_once(audited)[None, :]
    adjusted = np.full(tests.p.shape, np.nan)
    asked = {}
    for family, adjust in ((primary, holm), (~primary, benjamini_hochberg)):
        counted = family & enough & once
        adjusted[counted] = adjust(tests.p[counted])
        asked[family is primary] = int(counted.sum())
    adjusted = _as_the_other(audited, np.where(enough, adjusted, np.nan), enough)
    found = {}
    for place, base in enumerate(BASES):
        below, above = smallest_gap_seen(
            rest.rate(base),
            groups.parts(base)[1],
            rest.parts(base)[1],
            tests.effect[place],
            level=(1 - settings.level) / max(asked[True], 1),
        )
        below, above = (np.where(enough[place], each, np.nan) for each in (below, above))
        found[base] = {
            "p": np.where(enough[place], tests.p[place], np.nan),
            "adjusted_p": adjusted[place],
            "family": np.where(primary[place], PRIMARY_FAMILY, EXPLORED),
            "could_see": below,
            "could_see_above": above,
            "verdict": [
                verdict_of(*row, level=1 - settings.level)
                for row in zip(adjusted[place], below, above, primary[place], strict=True)
            ],
        }
    return found


def _asked_once(audited: Audited) -> np.ndarray:
    """Say which groups are a question of their own: of two that make up all, only the first."""
    numbers = audited.groups
    once = np.ones(len(numbers.slot), dtype=bool)
    for place in range(len(numbers.slots)):
        own = np.flatnonzero(numbers.slot == place)
        if len(own) == 2:
            once[own[1]] = False
    return once


def _as_the_other(audited: Audited, adjusted: np.ndarray, enough: np.ndarray) -> np.ndarray:
    """Give the second of two groups that make up all what its first was given."""
    numbers = audited.groups
    for place in range(len(numbers.slots)):
        own = np.flatnonzero(numbers.slot == place)
        if len(own) == 2:
            adjusted[:, own[1]] = np.where(enough[:, own[1]], adjusted[:, own[0]], np.nan)
    return adjusted


def verdict_of(adjusted: float, below: float, above: float, primary: bool, *, level: float) -> str:
    """Put what the evidence shows of a gap in words.

    Parameters
    ----------
    adjusted : float
        p-value, adjusted; NaN where there is too little to test.
    below, above : float
        Smallest gap that could have been seen, either way; NaN for none.
    primary : bool
        Whether it is of the declared family.
    level : float
        Chance of a false alarm that is kept.

    Examples
    --------
    >>> verdict_of(0.3, 0.081, 0.1, True, level=0.05)
    'no gap shown (could have seen 8 points)'
    """
    if np.isnan(adjusted):
        return NOT_ENOUGH
    if adjusted <= level:
        return GAP_SHOWN if primary else WORTH_A_LOOK
    if np.isfinite(below):
        return f"{NO_GAP} (could have seen {_points(below)})"
    if np.isfinite(above):
        return f"{NO_GAP} (could have seen {_points(above)} above, none below)"
    return NOT_ENOUGH


def _points(gap: float) -> str:
    points = max(1, round(100 * gap))
    return f"{points} point" + ("" if points == 1 else "s")


def _own_and_rest(audited: Audited) -> tuple[Counts, Counts]:
    groups, everyone = audited.counts
    return groups, groups.rest(everyone)


def _turned(frame: pd.DataFrame, value: np.ndarray, rest: np.ndarray) -> pd.DataFrame:
    """Give the rows of a rate's complement: the same question, so not tested again."""
    other_way = {"low": "high", "high": "low", "low_simultaneous": "high_simultaneous",
            "high_simultaneous": "low_simultaneous", "difference_low": "difference_high",
            "difference_high": "difference_low", "shrunk_low": "shrunk_high",
            "shrunk_high": "shrunk_low", "could_see": "could_see_above",
            "could_see_above": "could_see"}  # fmt: skip
    turned = frame.rename(columns=other_way)[frame.columns]
    turned["value"], turned["rest"] = value, rest
    ends = ("low", "high", "low_simultaneous", "high_simultaneous")
    for name in (*ends, "shrunk", "shrunk_low", "shrunk_high"):
        turned[name] = 1 - turned[name]
    for name in ("difference", "difference_low", "difference_high"):
        turned[name] = -turned[name]
    turned["ratio"] = (turned["value"] / turned["rest"]).where(turned["rest"] > 0)
    turned[["ratio_low", "ratio_high", "p", "adjusted_p"]] = np.nan
    turned["family"], turned["verdict"] = STATED, ""
    return turned
