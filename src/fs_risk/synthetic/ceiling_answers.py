"""Both probabilities of referrals, open cases and closures: given all, and what was recorded."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.class_evidence import (
    FACTS,
    all_source_shares,
    class_prior,
    recorded_evidence,
)
from fs_risk.synthetic.closures import CLOSURE_OUTCOMES, ClosureValues, closures
from fs_risk.synthetic.every_state import EveryState
from fs_risk.synthetic.open_cases import open_cases
from fs_risk.synthetic.open_together import Together
from fs_risk.synthetic.open_values import OPEN_CASE_OUTCOMES, OpenValues
from fs_risk.synthetic.posterior import NOBODY, Filter, Questions
from fs_risk.synthetic.remade import Remade
from fs_risk.synthetic.situations import Situations
from fs_risk.synthetic.sources import group_of_code
from fs_risk.synthetic.states import PHASES
from fs_risk.synthetic.transitions import OUTCOMES

DECILE = "decile"
COUNTED = (*FACTS, DECILE)
"""Kinds of facts that can be left out of what counts as recorded."""


@dataclass(frozen=True)
class Recorded:
    """What counts as recorded.

    Attributes
    ----------
    without : frozenset of str
        Names of `COUNTED` to sum over instead.
    from_window : bool
        Whether to begin at the first observed day (`posterior.Filter`).
    """

    without: frozenset[str] = frozenset()
    from_window: bool = False

    def views(self, made: Remade, child: np.ndarray) -> list[Families]:
        """Give the families of children; twice, deprived or not, if that is not counted."""
        numbers = np.unique(made.lived.people.family[child])
        if DECILE in self.without:
            return [Families(made.lived, numbers, deprived) for deprived in (0, 1)]
        return [Families(made.lived, numbers)]


@dataclass(frozen=True)
class Asked:
    """What is asked about some cases.

    Attributes
    ----------
    number, day : ndarray of int, shape (n,)
        Numbers of the referrals, and days of the grid.
    outcome : str
    within_days : int
    recorded : Recorded
    """

    number: np.ndarray
    day: np.ndarray
    outcome: str
    within_days: int
    recorded: Recorded


Parts = tuple[np.ndarray, np.ndarray]


def of_referrals(made: Remade, asked: Asked) -> np.ndarray:
    """Give both probabilities of referrals, shape (n, 2)."""
    number, referrals = asked.number, made.lived.timeline.referrals
    child, people = referrals["child"][number], made.lived.people
    true = people.child_class[child] * len(PHASES) + referrals["phase"][number]
    everything = None
    parts = []
    for families in asked.recorded.views(made, child):
        logs = _logs(made, families, asked, "referral")
        deprived = families.deprived[families.of_children(child)]
        happened, labelled = outcome_chances(made, asked, deprived)
        parts.append((logs, happened, labelled))
        own = _quotient(_at(happened, true), _at(labelled, true))
        real = deprived == people.deprived[child]
        everything = own if everything is None else np.where(real, own, everything)
    return np.stack([np.asarray(everything), _averaged(parts)], axis=1)


def of_open_cases(made: Remade, asked: Asked) -> np.ndarray:
    """Give both probabilities of open cases, shape (n, 2)."""
    lived, number = made.lived, asked.number
    child = lived.timeline.referrals["child"][number]
    oracle = OpenValues(lived.hazards, lived.calendar, lived.parameters)

    def chances(families: Families, phase_before: np.ndarray | None = None) -> Parts:
        cases = open_cases(families, number, asked.day)
        return oracle.chances(
            families,
            cases,
            asked.outcome,
            asked.within_days,
            known_length=phase_before is not None,
            together=Together(Filter(families), cases, phase_before),
        )

    parts = []
    for families in asked.recorded.views(made, child):
        logs = _logs(made, families, asked, "open_case")
        parts.append((logs, *chances(families)))
    families = Families(lived, np.unique(lived.people.family[child]))
    step = np.maximum(lived.calendar.step_of[asked.day] - 1, 0)
    known = chances(families, made.phases[step, lived.people.family[child]])
    return _both(made, asked, known, parts)


def of_closures(made: Remade, asked: Asked) -> np.ndarray:
    """Give both probabilities of closures, shape (n, 2)."""
    lived, number = made.lived, asked.number
    child = lived.timeline.referrals["child"][number]
    oracle = ClosureValues(lived.hazards, lived.calendar, lived.parameters)

    def chances(families: Families) -> Parts:
        return oracle.chances(
            families, closures(families, number), asked.outcome, asked.within_days
        )

    parts = []
    for families in asked.recorded.views(made, child):
        logs = _logs(made, families, asked, "closure")
        parts.append((logs, *chances(families)))
    families = Families(lived, np.unique(lived.people.family[child]))
    return _both(made, asked, chances(families), parts)


ANSWERS: dict[str, tuple[tuple[str, ...], Callable[[Remade, Asked], np.ndarray]]] = {
    "referral": (tuple(OUTCOMES), of_referrals),
    "open_case": (OPEN_CASE_OUTCOMES, of_open_cases),
    "closure": (CLOSURE_OUTCOMES, of_closures),
}
"""By cohort: the outcomes that have a ceiling, and what gives it."""


def _both(
    made: Remade, asked: Asked, known: Parts, parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Put the probability given everything beside the average over hidden states."""
    lived = made.lived
    child = lived.timeline.referrals["child"][asked.number]
    phase = made.phases[lived.calendar.step_of[asked.day], lived.people.family[child]]
    true = lived.people.child_class[child] * len(PHASES) + phase
    everything = _quotient(_at(known[0], true), _at(known[1], true))
    return np.stack([everything, _averaged(parts)], axis=1)


def _quotient(happened: np.ndarray, labelled: np.ndarray) -> np.ndarray:
    """Divide; missing where no label is possible."""
    possible = labelled > 0
    return np.where(possible, happened / np.where(possible, labelled, 1.0), np.nan)


def _logs(made: Remade, families: Families, asked: Asked, kind: str) -> np.ndarray:
    """Give `log_weights`, once for outcomes asked of the same cases in turn."""
    key = (asked.number.tobytes(), asked.day.tobytes(), asked.recorded, kind)
    return made.once(
        (*key, families.only_deprived),
        lambda: log_weights(
            made,
            families,
            asked.number,
            asked.day,
            asked.recorded,
            referred=kind == "referral",
            closed=kind == "closure",
        ),
    )


def _at(table: np.ndarray, column: np.ndarray) -> np.ndarray:
    found: np.ndarray = table[np.arange(len(column)), column]
    return found


def _averaged(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> np.ndarray:
    """Average over hidden states: chances of the outcome over chances of a label."""
    top = np.max([logs.max(axis=1) for logs, _, _ in parts], axis=0)[:, None]
    happened = np.sum([(np.exp(logs - top) * had).sum(axis=1) for logs, had, _ in parts], axis=0)
    labelled = np.sum([(np.exp(logs - top) * has).sum(axis=1) for logs, _, has in parts], axis=0)
    return _quotient(happened, labelled)


def log_weights(
    made: Remade,
    families: Families,
    number: np.ndarray,
    day: np.ndarray,
    recorded: Recorded,
    *,
    referred: bool = False,
    closed: bool = False,
) -> np.ndarray:
    """Give the logarithm of the weight of each class and phase of children's families.

    Parameters
    ----------
    made : Remade
    families : Families
    number, day : ndarray of int, shape (n,)
        Numbers of the cases' referrals, and days of the grid.
    recorded : Recorded
    referred, closed : bool, default=False
        Whether the day is that of the referral itself, or of the case's closure, which
        then counts too.

    Returns
    -------
    ndarray, shape (n, N_HIDDEN)
        Of the phase at the start of the day's step; up to a constant for each row.
    """
    lived, rows = made.lived, np.arange(len(number))
    referrals = lived.timeline.referrals
    child = referrals["child"][number]
    row, place = families.of_children(child), families.place(child)
    that_day = (referrals["day"][number] == day) & (referred | closed)
    questions = Questions(
        row, day, np.where(that_day, place, NOBODY), np.where(closed, place, NOBODY)
    )
    weight, scale = Filter(families, from_window=recorded.from_window).scaled(questions)
    logs = class_prior(families, row, lived.calendar.step_of[day]) + scale[:, None]
    evidence = recorded_evidence(families, made.tables, made.child_of, without=recorded.without)
    logs += evidence.before(row, day)
    if that_day.any() and "sources" not in recorded.without:
        source = group_of_code(lived.parameters).loc[made.source(number)].to_numpy()
        shares = all_source_shares(families, child, day)[rows, :, source]
        logs[that_day] += np.log(np.maximum(shares[that_day], 1e-300))
    with np.errstate(divide="ignore"):
        weights: np.ndarray = np.log(weight) + np.repeat(logs, len(PHASES), axis=1)
    return weights


def hidden_states(
    made: Remade,
    number: np.ndarray,
    *,
    day: np.ndarray | None = None,
    recorded: Recorded | None = None,
) -> np.ndarray:
    """Give the posterior of class and phase at referrals, or on later days of their cases.

    Parameters
    ----------
    made : Remade
    number : ndarray of int, shape (n,)
        Numbers of the referrals.
    day : ndarray of int, shape (n,), optional
        Days of the grid after the referrals, while their cases are open.
    recorded : Recorded, optional

    Returns
    -------
    ndarray, shape (n, N_HIDDEN)
        Rows sum to one.
    """
    recorded = Recorded() if recorded is None else recorded
    referrals = made.lived.timeline.referrals
    child, referred = referrals["child"][number], day is None
    day = referrals["day"][number] if day is None else day
    logs = [
        log_weights(made, families, number, day, recorded, referred=referred)
        for families in recorded.views(made, child)
    ]
    top = np.max([each.max(axis=1) for each in logs], axis=0)[:, None]
    weight = np.sum([np.exp(each - top) for each in logs], axis=0).reshape(-1, N_HIDDEN)
    posterior: np.ndarray = weight / weight.sum(axis=1, keepdims=True)
    return posterior


def outcome_chances(made: Remade, asked: Asked, deprived: np.ndarray) -> Parts:
    """Give the parts of an outcome's probability of referrals, from every hidden state.

    Parameters
    ----------
    made : Remade
    asked : Asked
    deprived : ndarray of int, shape (n,)

    Returns
    -------
    happened, labelled : ndarray, shape (n, N_HIDDEN)
        As `truth.Oracle.parts` gives them.
    """
    lived, number = made.lived, asked.number
    referrals, people = lived.timeline.referrals, lived.people
    child = referrals["child"][number]
    situations = Situations(
        people.child_class[child],
        referrals["phase"][number],
        referrals["previous"][number],
        deprived,
        referrals["step"][number],
        referrals["day"][number],
        people.birth_step[child],
        people.exit_step[child],
        people.n_children[people.family[child]] == 1,
    )
    oracle = EveryState(lived.hazards, lived.calendar, lived.parameters)
    return oracle.of_each(situations, asked.outcome, asked.within_days)
