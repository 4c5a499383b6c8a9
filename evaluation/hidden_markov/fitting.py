"""Fitting a hidden Markov model to households' histories, by expectation-maximisation.

A household's history begins with its first contact or referral. The type is first sought in
what assessments found and who told the service (latent classes), then together with the
phases: forward and backward passes over all households at once, step by step [1]_. What
happens in a step depends on where the household stands, and on type and phase by one factor
each for every kind of event, so that few numbers are fitted. No outcome's label is read;
plans and care that began in the fit period are events like others.

References
----------
.. [1] Zucchini, MacDonald and Langrock, Hidden Markov Models for Time Series (2nd ed., 2016),
   chapter 4.
"""

from dataclasses import dataclass, replace

import numpy as np
from hidden_markov.histories import Histories
from hidden_markov.states import (
    CATEGORIES,
    EVENTS,
    HARMS,
    N_BANDS,
    N_FACTORS,
    NEEDS,
    SITUATIONS,
    SOURCES,
    WIDTH,
    HouseholdStates,
)
from scipy.sparse import csr_matrix

from fs_risk.records.progress import tqdm

N_PHASES = 3
"""Quiet, strained, eventful: as many as could be told apart on invented histories."""

ENOUGH_HOUSEHOLDS = 30_000
"""Evenly drawn from more."""

STARTS, FIRST_ROUNDS, MOST_ROUNDS = 3, 30, 130
"""Random beginnings; rounds after which the likeliest goes on; rounds at most."""

SMALL_GAIN = 1e-6
"""Of the log-likelihood, relative: what ends the rounds."""

_LIKE_OTHERS = 16.0
"""Counts by which a type's rate in a band is drawn towards the band's times the type's."""

_LIKE_ALL = 4.0
"""Expected counts by which a type's rates are drawn towards everybody's."""

_EVENTS_LIKE_ALL = 20.0
"""The same of events in steps."""

_MOVES_LIKE_ALL = 100.0
"""Moves between phases by which a type's are drawn towards everybody's."""

_SIGNIFICANT = 8
"""Digits of a parameter that are kept."""

_N_CODES = 1 << len(EVENTS)
_BITS = (np.arange(_N_CODES)[:, None] >> np.arange(len(EVENTS))) & 1


@dataclass(frozen=True)
class _Sequences:
    """Histories side by side, the longest first.

    Attributes
    ----------
    begins_with : ndarray of int (n,)
        0 for a contact, 1 for a referral.
    cells : list of ndarray of int
        For each step after the first, of the histories that have it: situation and code
        as one number.
    counts : ndarray of float64 (n, N_COUNTS)
    """

    begins_with: np.ndarray
    cells: list[np.ndarray]
    counts: np.ndarray


@dataclass(frozen=True)
class _Parameters:
    """What is fitted: `base` by situation and event, `by_type` and `by_phase` times as many."""

    first: np.ndarray
    moves: np.ndarray
    base: np.ndarray
    by_type: np.ndarray
    by_phase: np.ndarray
    evidence: np.ndarray

    @property
    def chances(self) -> np.ndarray:
        """Chance of an event in a step, shape (situations, events, types, phases)."""
        chance = (
            self.base[:, :, None, None]
            * self.by_type[None, :, :, None]
            * self.by_phase[None, :, None, :]
        )
        return np.clip(chance, 1e-6, 0.95)

    @property
    def table(self) -> np.ndarray:
        """Chance of each code in each situation, shape (situations × codes, types × phases)."""
        chance = self.chances
        found = np.einsum("ce,sekz->sckz", _BITS, np.log(chance))
        found += np.einsum("ce,sekz->sckz", 1 - _BITS, np.log1p(-chance))
        return np.exp(found).reshape(len(SITUATIONS) * _N_CODES, -1)


def fit_household_states(
    found: Histories, *, n_types: int, seed: int, progress: bool = True
) -> HouseholdStates:
    """Fit a model of households' histories.

    Parameters
    ----------
    found : Histories
        One for each household of the fit period, as known at its end.
    n_types : int
    seed : int
    progress : bool, default=True

    Returns
    -------
    HouseholdStates
        Types by descending share; phases by ascending rate of contacts.
    """
    sequences = _side_by_side(found)
    rng = np.random.default_rng(seed)
    with tqdm(
        total=STARTS * FIRST_ROUNDS + MOST_ROUNDS - FIRST_ROUNDS,
        desc="household states",
        disable=None if progress else True,
    ) as bar:
        tried = []
        for _ in range(STARTS):
            start = _beginning(sequences, n_types, rng)
            tried.append(_rounds(sequences, start, FIRST_ROUNDS, bar))
        best = max(tried, key=lambda pair: pair[1])[0]
        fitted, _ = _rounds(sequences, best, MOST_ROUNDS - FIRST_ROUNDS, bar)
    return _stated(fitted)


def _side_by_side(found: Histories) -> _Sequences:
    """Lay histories out by step, from each one's first on; a sample where there are many."""
    length = np.diff(found.first_step)
    rows = np.flatnonzero(length)
    rows = rows[:: 1 + len(rows) // ENOUGH_HOUSEHOLDS]
    rows = rows[np.argsort(-length[rows], kind="stable")]
    oldest, n_steps = found.first_step[rows + 1] - 1, length[rows]
    cells = []
    for step in range(1, int(n_steps.max(initial=0))):
        at = oldest[: np.searchsorted(-n_steps, -step, side="left")] - step
        cells.append(found.situation[at].astype(np.int64) * _N_CODES + found.code[at])
    return _Sequences(
        begins_with=(found.code[oldest] >> EVENTS.index("referrals")) & 1,
        cells=cells,
        counts=found.counts[rows].astype(np.float64),
    )


def _beginning(sequences: _Sequences, n_types: int, rng: np.random.Generator) -> _Parameters:
    """Find latent classes in the counts, and begin with phases that differ threefold."""
    evidence = _latent_classes(sequences.counts, n_types, rng)
    shape = (len(SITUATIONS), len(EVENTS))
    happened, steps = np.zeros(shape), np.zeros(len(SITUATIONS))
    for cells in sequences.cells:
        number = np.bincount(cells, minlength=len(SITUATIONS) * _N_CODES).reshape(-1, _N_CODES)
        happened += number @ _BITS
        steps += number.sum(axis=1)
    times = np.geomspace(1 / 3, 3, N_PHASES)
    jitter = np.exp(rng.normal(0, 0.1, (len(EVENTS), n_types)))
    return _Parameters(
        first=np.full((2, n_types, N_PHASES), 0.5 / (n_types * N_PHASES)),
        moves=np.tile(np.eye(N_PHASES) * 0.9 + 0.1 / N_PHASES, (n_types, 1, 1)),
        base=(happened + 0.5) / (steps[:, None] + 1),
        by_type=jitter,
        by_phase=np.tile(times, (len(EVENTS), 1)),
        evidence=evidence,
    )


def _latent_classes(
    counts: np.ndarray, n_types: int, rng: np.random.Generator, rounds: int = 40
) -> np.ndarray:
    """Find classes in the counts alone; give the evidence that each count is of them."""
    share = rng.dirichlet(np.full(n_types, 0.3), len(counts))
    evidence = np.zeros((n_types, counts.shape[1]))
    for _ in range(rounds):
        evidence = _evidence(counts, share)
        logs = counts @ evidence.T + np.log((share.sum(axis=0) + 1) / (len(share) + n_types))
        share = np.exp(logs - logs.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
    return evidence


def _evidence(counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Give the log-likelihood of each type for one of each count, from the types' shares."""
    total = share.T @ counts
    n_types = len(total)
    bands = total[:, : N_BANDS * WIDTH].reshape(n_types, N_BANDS, WIDTH)
    found, told = bands[:, :, 2 : 2 + N_FACTORS], bands[:, :, 2 + N_FACTORS :]
    asked = np.repeat(bands[:, :, :2], (len(NEEDS), len(HARMS)), axis=2)
    chance = np.clip(_drawn(found, asked), 1e-5, 1 - 1e-4)
    out = np.zeros_like(bands)
    not_found = np.log1p(-chance)
    out[:, :, 0] = not_found[:, :, : len(NEEDS)].sum(axis=2)
    out[:, :, 1] = not_found[:, :, len(NEEDS) :].sum(axis=2)
    out[:, :, 2 : 2 + N_FACTORS] = np.log(chance) - not_found
    for at in (0, len(SOURCES)):
        part = told[:, :, at : at + len(SOURCES)]
        likely = _drawn(part, np.broadcast_to(part.sum(axis=2, keepdims=True), part.shape))
        likely /= likely.sum(axis=2, keepdims=True)
        out[:, :, 2 + N_FACTORS + at : 2 + N_FACTORS + at + len(SOURCES)] = np.log(likely)
    plans = total[:, N_BANDS * WIDTH :]
    usual = (plans.sum(axis=0) + 0.5) / (plans.sum() + 0.5 * len(CATEGORIES))
    likely = (plans + _LIKE_OTHERS * usual) / (plans.sum(axis=1, keepdims=True) + _LIKE_OTHERS)
    return np.concatenate([out.reshape(n_types, -1), np.log(likely)], axis=1)


def _drawn(found: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Give rates by type and band, drawn towards the band's rate times the type's own.

    Parameters
    ----------
    found, asked : ndarray, shape (types, bands, kinds)
    """
    usual = (found.sum(axis=(0, 1)) + 0.5) / (asked.sum(axis=(0, 1)) + 1)
    of_band = (found.sum(axis=0) + 2 * usual) / (asked.sum(axis=0) + 2)
    expected = (asked * of_band).sum(axis=1)
    times = (found.sum(axis=1) + _LIKE_ALL * usual) / (expected + _LIKE_ALL * usual)
    prior = np.clip(of_band * times[:, None, :], 1e-5, 0.95)
    rate: np.ndarray = (found + _LIKE_OTHERS * prior) / (asked + _LIKE_OTHERS)
    return rate


def _rounds(
    sequences: _Sequences, start: _Parameters, rounds: int, bar: tqdm
) -> tuple[_Parameters, float]:
    """Go on for some rounds, or until nothing is gained; give the last log-likelihood too."""
    at, before = start, -np.inf
    for number in range(rounds):
        tally = _expected(sequences, at)
        at = _likeliest(sequences, tally, at)
        bar.update()
        if tally.log_likelihood - before < SMALL_GAIN * abs(before):
            bar.update(rounds - number - 1)
            break
        before = tally.log_likelihood
    return at, tally.log_likelihood


@dataclass(frozen=True)
class _Tally:
    """Expected numbers, given what was recorded: of first states, moves, steps by cell, types."""

    first: np.ndarray
    moves: np.ndarray
    cells: np.ndarray
    types: np.ndarray
    log_likelihood: float


def _expected(sequences: _Sequences, at: _Parameters) -> _Tally:
    """Pass forward and backward over all histories at once."""
    n, (_, n_types, n_phases) = len(sequences.counts), at.first.shape
    size = n_types * n_phases
    table, matrix = at.table, _joint_moves(at.moves)
    logs = sequences.counts @ at.evidence.T
    top = logs.max(axis=1, keepdims=True)
    weight = at.first.reshape(2, size)[sequences.begins_with]
    weight = weight * np.repeat(np.exp(logs - top), n_phases, axis=1)
    scale = weight.sum(axis=1, keepdims=True)
    log_likelihood = float((np.log(scale) + top).sum())
    forward = [weight / scale]
    for cells in sequences.cells:
        weight = (forward[-1][: len(cells)] @ matrix) * table[cells]
        scale = weight.sum(axis=1, keepdims=True)
        log_likelihood += float(np.log(scale).sum())
        forward.append(weight / scale)
    backward = np.ones((n, size))
    cell_tally, move_tally = np.zeros_like(table), np.zeros((size, size))
    for step in range(len(sequences.cells), 0, -1):
        cells, before = sequences.cells[step - 1], forward[step - 1]
        m = len(cells)
        state = _normalised(forward[step] * backward[:m])
        ones = csr_matrix((np.ones(m), (cells, np.arange(m))), shape=(len(table), m))
        cell_tally += ones @ state
        ahead = table[cells] * backward[:m]
        likely = ((before[:m] @ matrix) * ahead).sum(axis=1, keepdims=True)
        move_tally += ((before[:m] / likely).T @ ahead) * matrix
        backward[:m] = ahead @ matrix.T
        backward[:m] /= backward[:m].max(axis=1, keepdims=True)
    state = _normalised(forward[0] * backward)
    first = np.stack([state[sequences.begins_with == kind].sum(axis=0) for kind in (0, 1)])
    return _Tally(
        first=first.reshape(at.first.shape),
        moves=np.stack(
            [
                move_tally.reshape(n_types, n_phases, n_types, n_phases)[k, :, k]
                for k in range(n_types)
            ]
        ),
        cells=cell_tally.reshape(len(SITUATIONS), _N_CODES, n_types, n_phases),
        types=state.reshape(n, n_types, n_phases).sum(axis=2),
        log_likelihood=log_likelihood,
    )


def _normalised(weight: np.ndarray) -> np.ndarray:
    share: np.ndarray = weight / weight.sum(axis=1, keepdims=True)
    return share


def _joint_moves(moves: np.ndarray) -> np.ndarray:
    """Write the moves of all types as one matrix: no household changes its type."""
    n_types, n_phases, _ = moves.shape
    matrix = np.zeros((n_types, n_phases, n_types, n_phases))
    matrix[np.arange(n_types), :, np.arange(n_types)] = moves
    return matrix.reshape(n_types * n_phases, -1)


def _likeliest(sequences: _Sequences, tally: _Tally, at: _Parameters) -> _Parameters:
    """Give the parameters that make the expected numbers likeliest, drawn together a little."""
    usual = tally.moves.sum(axis=0) + 0.1
    usual /= usual.sum(axis=1, keepdims=True)
    moves = tally.moves + _MOVES_LIKE_ALL * usual
    steps = tally.cells.sum(axis=1)
    happened = np.einsum("sckz,ce->sekz", tally.cells, _BITS)
    base, by_type, by_phase = at.base, at.by_type, at.by_phase
    for _ in range(4):
        # each in turn, given the others: proportional fitting
        expected = np.einsum("skz,se,ek->ez", steps, base, by_type)
        by_phase = (happened.sum(axis=(0, 2)) + 1) / (expected + 1)
        expected = np.einsum("skz,se,ez->ek", steps, base, by_phase)
        by_type = (happened.sum(axis=(0, 3)) + _EVENTS_LIKE_ALL) / (expected + _EVENTS_LIKE_ALL)
        expected = np.einsum("skz,ek,ez->se", steps, by_type, by_phase)
        base = (happened.sum(axis=(2, 3)) + 0.5) / (expected + 1)
    return replace(
        at,
        first=(tally.first + 0.5) / (tally.first + 0.5).sum(),
        moves=moves / moves.sum(axis=2, keepdims=True),
        base=base,
        by_type=by_type,
        by_phase=by_phase,
        evidence=_evidence(sequences.counts, tally.types),
    )


def _stated(fitted: _Parameters) -> HouseholdStates:
    """State the parameters, types by share and phases by rate of contacts."""
    types = np.argsort(-fitted.first.sum(axis=(0, 2)), kind="stable")
    phases = np.argsort(fitted.by_phase[EVENTS.index("contacts")], kind="stable")
    return HouseholdStates(
        first=_nested(fitted.first[:, types][:, :, phases]),
        moves=_nested(fitted.moves[types][:, phases][:, :, phases]),
        chances=_nested(fitted.chances[:, :, types][..., phases]),
        evidence=_nested(fitted.evidence[types]),
    )


def _nested(values: np.ndarray) -> tuple:  # type: ignore[type-arg]
    """Give an array as tuples of numbers with a few significant digits."""
    if values.ndim == 1:
        return tuple(float(f"{value:.{_SIGNIFICANT}g}") for value in values)
    return tuple(_nested(part) for part in values)
