"""What the programme would change if it worked: fewer step-ups of open cases. Illustrative."""

from dataclasses import replace

import numpy as np

from fs_risk.synthetic.hazards import Hazards, Move
from fs_risk.synthetic.settings import check_size
from fs_risk.synthetic.states import CLASSES, ENQUIRIES, SHAPE, Kind, Status

TRIO_CLASSES = (
    "domestic_abuse",
    "parental_mental_health",
    "parental_substance_misuse",
    "multi_problem",
)
"""Classes of family that the programme is for."""

STEP_UPS = frozenset({Kind.CARE, Kind.PRE_PROCEEDINGS, *ENQUIRIES})
_LEAST, _MOST = 0.2, 2.0


def check_effect(effect: float) -> None:
    """Refuse an effect that is not a plausible hazard ratio.

    Raises
    ------
    SettingError
    """
    check_size("programme_effect", effect, _LEAST, _MOST, "make_authority(programme_effect=)")


def with_programme(hazards: Hazards, effect: float) -> Hazards:
    """Give the chain in which open cases of eligible families step up less, or more.

    In every step, of a family of `TRIO_CLASSES` whose case is held open, in need, on a
    plan or in pre-proceedings, the chance P of any enquiry, pre-proceedings or care
    becomes 1 - (1 - P)^effect; each keeps its share of it, and what does not step up
    keeps its shares of the rest. The effect holds at all times, not from the go-live
    on: only so does the truth remain exact.

    Parameters
    ----------
    hazards : Hazards
    effect : float
        Hazard ratio on step-up; 1 changes nothing.

    Returns
    -------
    Hazards

    Raises
    ------
    SettingError
        If `effect` is not between 0.2 and 2.
    """
    check_effect(effect)
    if effect == 1.0:
        return hazards
    reached = {
        status: _scaled(moves, effect)
        if status >= Status.HELD and status < Status.NEW_CARE
        else moves
        for status, moves in hazards.moves.items()
    }
    return replace(hazards, moves=reached)


def _eligible() -> np.ndarray:
    """Mark the covariates of eligible families."""
    eligible = np.zeros(SHAPE, dtype=bool)
    eligible[np.isin(CLASSES, TRIO_CLASSES)] = True
    return eligible.ravel()


def _scaled(moves: tuple[Move, ...], effect: float) -> tuple[Move, ...]:
    worries = [move.chance for move in moves if move.kind in STEP_UPS]
    if not worries:
        return moves
    before = np.sum(worries, axis=0)
    after = np.where(_eligible(), 1.0 - (1.0 - before) ** effect, before)
    up = np.divide(after, before, out=np.ones_like(before), where=before > 0)
    left = np.divide(1.0 - after, 1.0 - before, out=np.ones_like(before), where=before < 1)
    return tuple(
        replace(move, chance=move.chance * (up if move.kind in STEP_UPS else left))
        for move in moves
    )
