"""The trial of household states (`evaluation/hidden_markov/`) against plain enumeration."""

import sys
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

EVALUATION = Path(__file__).parents[2] / "evaluation"
N_TYPES, N_PHASES = 2, 2


@pytest.fixture(scope="module")
def trial():
    sys.path.insert(0, str(EVALUATION))
    try:
        from hidden_markov import histories, lines, states

        return {"histories": histories, "lines": lines, "states": states}
    finally:
        sys.path.remove(str(EVALUATION))


@pytest.fixture(scope="module")
def parameters(trial):
    rng = np.random.default_rng(7)
    states = trial["states"]
    n_situations, n_events = len(states.SITUATIONS), len(states.EVENTS)
    first = rng.dirichlet(np.ones(2 * N_TYPES * N_PHASES)).reshape(2, N_TYPES, N_PHASES)
    moves = rng.dirichlet(np.ones(N_PHASES), (N_TYPES, N_PHASES))
    chances = rng.uniform(0.05, 0.6, (n_situations, n_events, N_TYPES, N_PHASES))
    evidence = rng.normal(0, 1, (N_TYPES, states.N_COUNTS))
    return states.HouseholdStates(*(as_tuples(part) for part in (first, moves, chances, evidence)))


@pytest.fixture(scope="module")
def found(trial):
    """Four households: of four steps, of two, of one and of none; the latest step first."""
    rng = np.random.default_rng(11)
    states = trial["states"]
    code = np.array([0, 5, 1, 2, 8, 1, 2], dtype=np.uint8)
    situation = np.array([1, 3, 0, 0, 1, 0, 0], dtype=np.uint8)
    return trial["histories"].Histories(
        first_step=np.array([0, 4, 6, 7, 7]),
        code=code,
        situation=situation,
        now=np.array([1, 0, 3, 0], dtype=np.uint8),
        counts=rng.poisson(0.05, (4, states.N_COUNTS)).astype(np.float32),
    )


def as_tuples(values):
    return tuple(as_tuples(part) for part in values) if values.ndim else float(values)


def likely(chances, situation, code, k, z):
    chance = chances[situation, :, k, z]
    happened = (code >> np.arange(len(chance))) & 1
    return np.where(happened, chance, 1 - chance).prod()


def enumerated(found, parameters, i):
    """Give the weight of every path of a household: type, and phase at each step."""
    first, moves, chances, evidence = parameters.arrays()
    begin, end = found.first_step[i], found.first_step[i + 1]
    steps = range(end - 1, begin - 1, -1)
    weights = {}
    for k in range(N_TYPES):
        told = np.exp(found.counts[i] @ evidence[k])
        for path in product(range(N_PHASES), repeat=len(steps)):
            weight = told * first[(found.code[end - 1] >> 1) & 1, k, path[0]]
            for (before, now), step in zip(pairwise(path), steps[1:], strict=True):
                weight *= moves[k, before, now]
                weight *= likely(chances, found.situation[step], found.code[step], k, now)
            weights[k, path] = weight
    return weights


@pytest.mark.parametrize("referred", [True, False])
def test_states_on_the_day_are_those_of_all_paths(trial, found, parameters, referred):
    first, moves, chances, evidence = parameters.arrays()
    share = trial["histories"].shares_of(found, parameters, referred=referred)

    assert np.allclose(share.sum(axis=(1, 2)), 1)
    for i in range(3):
        expected = np.zeros((N_TYPES, N_PHASES))
        for (k, path), weight in enumerated(found, parameters, i).items():
            expected[k] += weight * moves[k, path[-1]]
        if referred:
            expected *= chances[found.now[i], 1]
        assert np.allclose(share[i], expected / expected.sum())
    new = (first[1] if referred else first.sum(axis=0)) * np.exp(evidence @ found.counts[3])[
        :, None
    ]
    assert np.allclose(share[3], new / new.sum())


def test_states_looking_back_are_those_of_all_paths(trial, found, parameters):
    asked = [(1, 3), (0, 100), (0, 30), (0, 1), (2, 10), (3, 5)]
    share = trial["histories"].shares_looking_back(
        found,
        parameters,
        household=np.array([household for household, _ in asked]),
        days_ago=np.array([days for _, days in asked]),
    )

    for (i, days), given in zip(asked[:-1], share, strict=False):
        expected = np.zeros((N_TYPES, N_PHASES))
        for (k, path), weight in enumerated(found, parameters, i).items():
            expected[k, path[len(path) - 1 - (days - 1) // 28]] += weight
        assert np.allclose(given, expected / expected.sum())
    assert not share[-1].any()


def test_the_year_ahead_is_shared_out_among_the_ages(trial):
    features = pd.DataFrame(
        {
            "child_age_years": [np.nan, 0.75, 15.5, 17.5],
            "child_days_to_birth": [73.05, *[np.nan] * 3],
        }
    )

    shared = trial["lines"].year_ahead(features)

    assert np.allclose(
        shared,
        [
            [0.2, 0.8, 0, 0, 0, 0],
            [0, 0.25, 0.75, 0, 0, 0],
            [0, 0, 0, 0, 0.5, 0.5],
            [0, 0, 0, 0, 0, 0.5],
        ],
    )


def test_a_line_learnt_looking_back_comes_by_the_chances(trial):
    """Where the day tells the type badly and the future tells it well, the truth is come by."""
    lines = trial["lines"]
    rng = np.random.default_rng(3)
    n = 4_000
    kind = rng.integers(0, N_TYPES, n)
    label = (rng.random(n) < np.where(kind == 1, 0.3, 0.1)).astype(float)
    seen = np.where(rng.random(n) < 0.7, kind, 1 - kind)
    known = np.where(seen == 1, 0.7, 0.3)
    share = np.stack([1 - known, known], axis=1)[:, :, None].repeat(N_PHASES, axis=2) / N_PHASES
    later = np.eye(N_TYPES)[kind][:, :, None].repeat(N_PHASES, axis=2) / N_PHASES
    features = pd.DataFrame({"child_age_years": np.full(n, 3.0), "child_days_to_birth": np.nan})
    columns = lines.at_referral(share, np.full(n, 5), features)

    score = lines.learn_looking_back(columns, share, later, features, label).of(columns)

    chance = 1 / (1 + np.exp(-score))
    assert abs(chance[seen == 1].mean() - (0.7 * 0.3 + 0.3 * 0.1)) < 0.03
    assert abs(chance[seen == 0].mean() - (0.3 * 0.3 + 0.7 * 0.1)) < 0.03
