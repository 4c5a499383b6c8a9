"""Other tests of a group against the rest, for comparison on the same draws."""

import numpy as np
from audit_worlds import GAP_GROUP
from scipy.special import gammaln
from scipy.stats import norm

from fs_risk.evaluation.fairness import audit_fairness
from fs_risk.records.many_tests import holm

CAPACITY = 0.15
OURS = "this audit"


def candidates(label, listed, household, inside):
    """Give each test's p-values for recall and precision of one group, by the test's name.

    NaN where fewer than ten rows of the group, or of the rest, count.
    """
    found = {}
    for metric, rows, value in (
        ("recall", label == 1, listed),
        ("precision", listed > 0, label),
    ):
        own = inside[rows]
        if min(own.sum(), (~own).sum()) < 10:
            found[metric] = dict.fromkeys(NAMES, np.nan)
            continue
        found[metric] = _all(value[rows], own, household[rows])
    return found


NAMES = (
    "Fisher",
    "Fisher, mid-p",
    "Fisher, divided by the design effect",
    "families permuted, normal",
    "score, by household, normal",
    "Wald, by household, normal",
)


def judge(world, seed):
    """Say which tests alarm on a draw, and which catch the planted gap."""
    audit = audit_fairness(
        world.label, world.score, world.groups, capacity=CAPACITY, households=world.household,
        pairs=False, score_measures=False, resamples=2, seed=seed,
    )  # fmt: skip
    rows = audit.full_table[audit.full_table["family"] == "primary"]
    ours = rows.set_index(["attribute", "group", "metric"])["adjusted_p"]
    family = {OURS: ours.to_dict()}
    listed = np.round(audit.audited.share)
    for name in NAMES:
        family[name] = {}
    for attribute in world.groups:
        levels = sorted(world.groups[attribute].unique())
        for level in levels[:1] if len(levels) == 2 else levels:
            inside = (world.groups[attribute] == level).to_numpy()
            for metric, found in candidates(world.label, listed, world.household, inside).items():
                for name, p in found.items():
                    if np.isfinite(p):
                        family[name][attribute, level, metric] = p
    for name in NAMES:
        keys = list(family[name])
        adjusted = holm(np.array([family[name][key] for key in keys])) if keys else []
        family[name] = dict(zip(keys, adjusted, strict=True))
    planted = ("ethnicity", GAP_GROUP, "recall")
    return {
        name: (
            any(p <= 0.05 for p in adjusted.values()),
            adjusted.get(planted, np.nan) <= 0.05,
        )
        for name, adjusted in family.items()
    }


def _all(value, own, household):
    _, family = np.unique(household, return_inverse=True)
    n, n_own, hits, own_hits = len(value), int(own.sum()), int(value.sum()), int(value[own].sum())
    rate, part = hits / n, n_own / n
    miss = value - rate
    mine = np.bincount(family, weights=miss * own)
    score = mine - part * np.bincount(family, weights=miss)
    gap = own_hits - n_own * rate
    alone = n * rate * (1 - rate) * part * (1 - part)
    sums = np.bincount(family, weights=miss)
    members = np.bincount(family, weights=own) / np.bincount(family)
    permuted = members.var() * sums.var() * len(sums) ** 2 / max(len(sums) - 1, 1)
    effect = max(1.0, permuted / alone) if alone > 0 else 1.0
    rest_rate = (hits - own_hits) / (n - n_own)
    wald = np.bincount(family, weights=(value - own_hits / n_own) * own) / n_own - np.bincount(
        family, weights=(value - rest_rate) * ~own
    ) / (n - n_own)
    return dict(
        zip(
            NAMES,
            (
                _fisher(own_hits, n_own, hits, n),
                _fisher(own_hits, n_own, hits, n, half=True),
                _scaled(own_hits, n_own, hits, n, effect),
                _normal(gap, permuted),
                _normal(gap, (score**2).sum()),
                _normal(own_hits / n_own - rest_rate, (wald**2).sum()),
            ),
            strict=True,
        )
    )


def _normal(gap, variance):
    return float(2 * norm.sf(abs(gap) / np.sqrt(variance))) if variance > 1e-12 else 1.0


def _fisher(own_hits, n_own, hits, n, *, half=False):
    x = np.arange(max(0, hits + n_own - n), min(hits, n_own) + 1)
    others = (x, hits - x, n_own - x, n - hits - n_own + x)
    log = -sum(gammaln(each + 1) for each in others)
    chance = np.exp(log - log.max())
    chance /= chance.sum()
    seen = chance[own_hits - x[0]]
    p = chance[chance <= seen * (1 + 1e-7)].sum()
    if half:
        p -= 0.5 * chance[np.abs(chance - seen) <= seen * 1e-7].sum()
    return float(min(1.0, p))


def _scaled(own_hits, n_own, hits, n, effect):
    own_hits, n_own, rest_hits, rest = (
        round(each / effect) for each in (own_hits, n_own, hits - own_hits, n - n_own)
    )
    return _fisher(own_hits, n_own, own_hits + rest_hits, n_own + rest)
