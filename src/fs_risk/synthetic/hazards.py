"""What can happen to a child in one step, and with what probability: the chain, as tables.

Each table has the axes of `SHAPE`, flattened. Both the simulation and the exact
probabilities (`truth`) are made from these tables and from nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fs_risk.synthetic.effects import Effects, Worries, expit, full
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import (
    CLASSES,
    N_STATUSES,
    PHASES,
    PLAN_STEPS,
    REVIEWS,
    SHAPE,
    Kind,
    Status,
    assessing,
    on_plan,
)

N_COVARIATES = int(np.prod(SHAPE))
_STEPS_UP = (Kind.CARE, Kind.PRE_PROCEEDINGS, Kind.PLAN)


@dataclass(frozen=True, eq=False)
class Move:
    """One thing that can happen to a child of one status in a step.

    Attributes
    ----------
    kind : Kind
    target : int
        Status at the start of the next step.
    chance : ndarray, shape (N_COVARIATES,)
        Its probability.
    """

    kind: Kind
    target: int
    chance: np.ndarray


@dataclass(frozen=True)
class Hazards:
    """All probabilities of the chain.

    Attributes
    ----------
    family_referral : ndarray, shape (classes, phases)
        Probability that an event brings the family to notice in an average step.
    joins : ndarray, shape (bands,)
        Probability that such an event makes a referral of a given closed child.
    own_referral : ndarray, shape (classes, phases, bands)
        Probability of a referral of the child alone, in an average step.
    entry : tuple of Move
        What a referral leads to at once; the target of `ASSESSMENT` depends on the
        length of the assessment.
    completion : tuple of Move
        What a finished assessment leads to.
    moves : mapping of int to tuple of Move
        For every open status, mutually exclusive moves that sum to one.
    phase : ndarray, shape (classes, phases, phases)
        Transition matrix of the phase.
    leaving : float
        Probability that a family has moved out of the authority by the start of a step,
        given that it had not by the start of the step before; the same for all.
    """

    family_referral: np.ndarray
    joins: np.ndarray
    own_referral: np.ndarray
    entry: tuple[Move, ...]
    completion: tuple[Move, ...]
    moves: Mapping[int, tuple[Move, ...]]
    phase: np.ndarray
    leaving: float = 0.0

    @cached_property
    def referral(self) -> np.ndarray:
        """Probability that a closed child is referred in an average step, flattened."""
        by_band = self.family_referral[:, :, None] * self.joins + self.own_referral
        return full(by_band[:, :, :, None, None]).ravel()

    @cached_property
    def stationary(self) -> np.ndarray:
        """Long-run share of time in each phase, shape (classes, phases)."""
        shares = np.full(self.phase.shape[:2], 1 / len(PHASES))
        for _ in range(4_000):
            shares = np.einsum("cz,czy->cy", shares, self.phase)
        return shares

    @cached_property
    def widest(self) -> int:
        """The greatest number of moves that any status has."""
        return max(len(moves) for moves in self.moves.values())

    @cached_property
    def cumulative(self) -> np.ndarray:
        """Running sums of the moves' probabilities, shape (statuses, covariates, widest)."""
        table = np.ones((N_STATUSES, N_COVARIATES, self.widest))
        for status, moves in self.moves.items():
            table[status, :, : len(moves)] = np.cumsum([move.chance for move in moves], axis=0).T
            table[status, :, len(moves) - 1 :] = 1.0
        return table

    @cached_property
    def unrest(self) -> np.ndarray:
        """Chance of what matters most in each status, by which like cases are ordered.

        Of a step up before a plan, of any change from a plan on; shape (statuses,
        covariates).
        """
        table = np.zeros((N_STATUSES, N_COVARIATES))
        for status, moves in self.moves.items():
            settled = status >= Status.PLAN_1
            for move in moves:
                if move.kind in _STEPS_UP or (settled and move.kind != Kind.STAYS):
                    table[status] += move.chance
        return table

    @cached_property
    def targets(self) -> np.ndarray:
        """Target of each move, shape (statuses, widest)."""
        return self._laid_out([[move.target for move in m] for m in self._rows])

    @cached_property
    def kinds(self) -> np.ndarray:
        """Kind of each move, shape (statuses, widest)."""
        return self._laid_out([[move.kind for move in m] for m in self._rows])

    @property
    def _rows(self) -> list[tuple[Move, ...]]:
        return [self.moves.get(status, ()) for status in range(N_STATUSES)]

    def _laid_out(self, rows: list[list[int]]) -> np.ndarray:
        table = np.zeros((N_STATUSES, self.widest), dtype=np.int8)
        for status, row in enumerate(rows):
            table[status, : len(row)] = row
        return table


class _Moves:
    """Moves of one status, the gravest first; each takes its share of what is left."""

    def __init__(self) -> None:
        self._moves: list[Move] = []
        self._left = np.ones(SHAPE)

    def add(self, kind: Kind, target: int, chance: np.ndarray | float) -> "_Moves":
        """Add a move with a probability, bounded by what is left."""
        share = np.minimum(full(np.asarray(chance)), self._left)
        self._left = self._left - share
        self._moves.append(Move(kind, target, share.ravel()))
        return self

    def of_rest(self, kind: Kind, target: int, share: np.ndarray | float) -> "_Moves":
        """Add a move that takes a share of what is left."""
        return self.add(kind, target, self._left * share)

    def rest(self, kind: Kind, target: int) -> tuple[Move, ...]:
        """Close the list with a move that takes all that is left."""
        self.add(kind, target, self._left)
        return tuple(self._moves)


def make_hazards(parameters: Parameters) -> Hazards:
    """Work out every probability of the chain from the parameters."""
    effects = Effects(parameters)
    worries = Worries(effects)
    moves: dict[int, tuple[Move, ...]] = {}
    completion = _completion(effects)
    for steps in range(1, 5):
        moves[assessing(steps)] = _assessment_moves(steps, worries, completion)
    moves[Status.HELD] = _Moves().rest(Kind.STAYS, Status.NEED)
    moves[Status.NEW_NEED] = _need_moves("need", "new", worries, effects)
    moves[Status.NEED] = _need_moves("need", "settled", worries, effects)
    for steps in range(1, PLAN_STEPS + 1):
        moves[on_plan(steps)] = _plan_moves(steps, worries, effects)
    moves[Status.PROCEEDINGS_ON_PLAN] = _proceedings_moves(on_plan(REVIEWS[1] + 1), effects)
    moves[Status.PROCEEDINGS] = _proceedings_moves(Status.NEED, effects)
    moves[Status.NEW_CARE] = _care_moves("new", effects)
    moves[Status.CARE] = _care_moves("settled", effects)
    level = parameters.array("referral.by_class")[:, None]
    family = level * parameters.array("referral.by_phase")
    own = parameters.array("referral.own")[:, None, :]
    own = own * parameters.array("referral.own_by_phase")[:, None]
    return Hazards(
        family_referral=family,
        joins=parameters.array("referral.joins"),
        own_referral=own,
        entry=_entry(worries, effects),
        completion=completion,
        moves=moves,
        phase=_phase_matrix(parameters),
        leaving=parameters.number("people.leaving"),
    )


def _phase_matrix(parameters: Parameters) -> np.ndarray:
    strain, crisis, easing, calming = (
        parameters.array(f"phases.{name}")
        for name in ("strain", "crisis", "crisis_eases", "strain_eases")
    )
    matrix = np.zeros((len(CLASSES), 3, 3))
    matrix[:, 0, 1], matrix[:, 1, 2] = strain, crisis
    matrix[:, 2, 1], matrix[:, 1, 0] = easing, calming
    for phase in range(3):
        matrix[:, phase, phase] = 1.0 - matrix[:, phase].sum(axis=1)
    return matrix


def _entry(worries: Worries, effects: Effects) -> tuple[Move, ...]:
    moves = _Moves().add(Kind.CARE, Status.NEW_CARE, worries.care("entry"))
    targets = (on_plan(1), Status.HELD, Status.HELD)
    for (kind, chance), target in zip(worries.enquiries("entry"), targets, strict=True):
        moves.add(kind, target, chance)
    dropped = expit(effects.number("no_further_action.level") + effects("no_further_action"))
    moves.of_rest(Kind.NO_FURTHER_ACTION, Status.CLOSED, dropped)
    return moves.rest(Kind.ASSESSMENT, Status.CLOSED)


def _completion(effects: Effects) -> tuple[Move, ...]:
    """List what a finished assessment finds."""
    moves = _Moves()
    in_need = expit(effects.number("in_need.level") + effects("in_need"))
    moves.add(Kind.IN_NEED, Status.NEW_NEED, in_need)
    moves.of_rest(Kind.SHORT_NEED, Status.CLOSED, effects.number("in_need.short_share"))
    return moves.rest(Kind.NOT_IN_NEED, Status.CLOSED)


def _assessment_moves(
    steps: int, worries: Worries, completion: tuple[Move, ...]
) -> tuple[Move, ...]:
    waiting = assessing(steps - 1) if steps > 1 else Status.HELD
    moves = _Moves().add(Kind.CARE, Status.NEW_CARE, worries.care("assessment"))
    moves.add(Kind.PRE_PROCEEDINGS, Status.PROCEEDINGS, worries.proceedings("assessment"))
    targets = (on_plan(1), Status.HELD, Status.HELD)
    for (kind, chance), target in zip(worries.enquiries("assessment"), targets, strict=True):
        moves.add(kind, target, chance)
    if steps > 1:
        return moves.rest(Kind.STAYS, waiting)
    for done in completion[:-1]:
        moves.of_rest(done.kind, done.target, _share_of_rest(done, completion))
    return moves.rest(completion[-1].kind, completion[-1].target)


def _share_of_rest(move: Move, moves: tuple[Move, ...]) -> np.ndarray:
    """Give a move's probability among itself and those after it."""
    later = moves[moves.index(move) :]
    share: np.ndarray = move.chance / np.sum([other.chance for other in later], axis=0)
    return share.reshape(SHAPE)


def _need_moves(stage: str, age: str, worries: Worries, effects: Effects) -> tuple[Move, ...]:
    moves = _Moves().add(Kind.CARE, Status.NEW_CARE, worries.care(stage))
    moves.add(Kind.PRE_PROCEEDINGS, Status.PROCEEDINGS, worries.proceedings(stage))
    targets = (on_plan(1), Status.HELD, Status.HELD)
    for (kind, chance), target in zip(worries.enquiries(stage), targets, strict=True):
        moves.add(kind, target, chance)
    closing = expit(effects.number(f"closing.{age}") + effects("closing"))
    moves.of_rest(Kind.CLOSES, Status.CLOSED, closing)
    return moves.rest(Kind.STAYS, Status.NEED)


def _plan_moves(steps: int, worries: Worries, effects: Effects) -> tuple[Move, ...]:
    following = on_plan(steps + 1 if steps < PLAN_STEPS else REVIEWS[1] + 1)
    moves = _Moves()
    if steps == 1:  # the conference itself may fall in this step, so nothing else may
        return moves.rest(Kind.STAYS, following)
    moves.add(Kind.CARE, Status.NEW_CARE, worries.care("plan"))
    moves.add(Kind.PRE_PROCEEDINGS, Status.PROCEEDINGS_ON_PLAN, worries.proceedings("plan"))
    level = effects.number("plan_end.between")
    if steps in REVIEWS:
        level = effects.array("plan_end.review")[REVIEWS.index(steps)]
    ends = expit(level + effects("plan_end"))
    closes = effects.number("plan_end.closes")
    moves.of_rest(Kind.STEPS_DOWN, Status.NEED, ends * (1 - closes))
    moves.of_rest(Kind.CLOSES, Status.CLOSED, ends * closes / (1 - ends * (1 - closes)))
    return moves.rest(Kind.STAYS, following)


def _proceedings_moves(after: int, effects: Effects) -> tuple[Move, ...]:
    issued = effects.number("proceedings.issued")
    ended = effects.number("proceedings.stepped_down")
    born = np.ones(SHAPE)
    born[:, :, 0] = 0.0
    own = effects.number("proceedings.own_follow_on")
    moves = _Moves().add(
        Kind.CARE,
        Status.NEW_CARE,
        np.minimum(issued * np.exp(own * effects("care")), 0.6) * born,
    )
    moves.of_rest(Kind.STEPS_DOWN, after, ended)
    stays = Status.PROCEEDINGS if after == Status.NEED else Status.PROCEEDINGS_ON_PLAN
    return moves.rest(Kind.STAYS, stays)


def _care_moves(stage: str, effects: Effects) -> tuple[Move, ...]:
    leaving = effects.array(f"leaving_care.{stage}")[None, None, :, None, None]
    staying_open = effects.number("leaving_care.stays_open")
    settles = 1.0 if stage == "settled" else effects.number("leaving_care.settles")
    moves = _Moves().of_rest(Kind.STEPS_DOWN, Status.NEED, leaving * staying_open)
    closes = leaving * (1 - staying_open)
    moves.add(Kind.CLOSES, Status.CLOSED, closes)
    moves.of_rest(Kind.STAYS, Status.CARE, settles)
    return moves.rest(Kind.STAYS, Status.NEW_CARE)
