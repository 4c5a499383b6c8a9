"""Invented audits whose truth is known: families, groups, outcomes, scores, a planted gap."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

ETHNICITY = ("A", "B", "M", "O", "W", "X")
SHARES = (0.09, 0.09, 0.10, 0.04, 0.62, 0.06)
GAP_GROUP = "B"
"""The group of 9 % whose recall a planted gap lowers."""


@dataclass(frozen=True)
class World:
    label: np.ndarray
    score: np.ndarray
    household: np.ndarray
    groups: pd.DataFrame


def draw_world(
    rng: np.random.Generator,
    n: int,
    base_rate: float,
    *,
    gap: float = 0.0,
    alike: float = 0.4,
    signal: float = 1.1,
) -> World:
    """Draw referrals of families; siblings are alike in outcome, score and ethnicity.

    `gap` is taken from the score of children of `GAP_GROUP` with the outcome.
    """
    size = rng.choice([1, 2, 3, 4], p=[0.62, 0.24, 0.10, 0.04], size=n)
    household = np.repeat(np.arange(n), size)[:n]
    families = household[-1] + 1

    def latent():
        shared = rng.standard_normal(families)[household]
        return np.sqrt(alike) * shared + np.sqrt(1 - alike) * rng.standard_normal(n)

    ethnicity = np.array(ETHNICITY, dtype=object)[
        rng.choice(len(ETHNICITY), p=SHARES, size=families)[household]
    ]
    label = (latent() > norm.ppf(1 - base_rate)).astype(float)
    score = latent() + signal * label - gap * ((ethnicity == GAP_GROUP) & (label == 1))
    groups = pd.DataFrame(
        {
            "ethnicity": ethnicity,
            "sex": rng.choice(["F", "M"], size=n),
            "age_band": rng.choice(
                ["0", "1", "5", "10", "16"], p=[0.1, 0.2, 0.3, 0.3, 0.1], size=n
            ),
            "disability": rng.choice(["none", "recorded"], p=[0.9, 0.1], size=n),
        }
    )
    return World(label, score, household, groups)


def halving_gap(base_rate: float, *, share: float = 0.15, signal: float = 1.1) -> float:
    """Find the gap in score that halves recall, in a large world."""
    recall = true_rates(base_rate, share, signal=signal)["recall"]
    return lowering_gap(base_rate, recall / 2, share=share, signal=signal)


def lowering_gap(
    base_rate: float, points: float, *, share: float = 0.15, signal: float = 1.1
) -> float:
    """Find the gap in score that lowers recall by so much, in a large world."""
    recall = true_rates(base_rate, share, signal=signal)["recall"]
    return float(norm.isf(recall - points) - norm.isf(recall))


def true_rates(base_rate: float, share: float, *, signal: float = 1.1) -> dict[str, float]:
    """Give the rates of every group where there is no gap, on a list of a share of all."""
    line = np.linspace(-3, 5, 400_001)
    listed = base_rate * norm.sf(line - signal) + (1 - base_rate) * norm.sf(line)
    cut = line[np.argmin(np.abs(listed - share))]
    recall, false = float(norm.sf(cut - signal)), float(norm.sf(cut))
    return {
        "selection_rate": share,
        "recall": recall,
        "precision": base_rate * recall / share,
        "false_positive_rate": false,
        "false_omission_rate": base_rate * (1 - recall) / (1 - share),
    }


def watched_years(rng, a_year, base_rate, *, years=5, gap=False, begins=0.0):
    """Draw years of referrals with their dates and lists of 15 %.

    A gap that halves the recall of `GAP_GROUP` begins after a share of the time.
    """
    n = a_year * years
    world = draw_world(rng, n, base_rate)
    day = np.sort(rng.integers(0, 365 * years, n))
    score = world.score
    if gap:
        hit = (world.groups["ethnicity"] == GAP_GROUP).to_numpy() & (world.label == 1)
        score = score - halving_gap(base_rate) * (hit & (day >= begins * 365 * years))
    as_of = pd.Series(pd.Timestamp("2018-01-01") + pd.to_timedelta(day, "D"))
    return world, as_of, (score >= np.quantile(score, 0.85)).astype(float)
