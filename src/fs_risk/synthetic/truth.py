"""The exact probability of each outcome, given everything at a referral.

The distribution over the chain's states is moved forward from the referral, with
the outcome taken out as it happens: no sampling, no fitting. Days within steps are
accounted for in full, so the probability is that of an event dated after the
referral and not more than so many days later.
"""

import numpy as np
import pandas as pd

from fs_risk.records.truth import Later, Truth
from fs_risk.synthetic.births import without_chances
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.chain import LOST, Chain
from fs_risk.synthetic.day_tables import share_by_day
from fs_risk.synthetic.episodes import Kept
from fs_risk.synthetic.forward import YOUNG, Adopted, Ahead, Flow
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.referring import averaged_over_steps, steps_chances
from fs_risk.synthetic.situations import Situations
from fs_risk.synthetic.states import (
    CLASSES,
    ENQUIRIES,
    PHASES,
    SHAPE,
    Kind,
    band,
    covariates,
)
from fs_risk.synthetic.timeline import Timeline, enquiry_at_entry
from fs_risk.synthetic.transitions import OUTCOMES, DayKind, Outcome, Transitions, state
from fs_risk.synthetic.unlabelled import Unlabelled

ASKED = (
    ("cp_plan", (365,)),
    ("care", (365, 548)),
    ("section47", (365,)),
    ("pre_proceedings", (365,)),
    ("step_up", (365,)),
    ("re_referral", (365,)),
)
"""Outcomes and horizons, in days, that ``truth["referrals"]`` has."""

_BATCH = 2048


class Oracle:
    """Answers how probable an outcome is.

    Parameters
    ----------
    hazards : Hazards
    calendar : Calendar
    parameters : Parameters
    """

    def __init__(self, hazards: Hazards, calendar: Calendar, parameters: Parameters) -> None:
        self._calendar, self._parameters = calendar, parameters
        self._hazards, self._transitions = hazards, Transitions(hazards)
        days = np.arange(len(calendar.step_of))
        self._by_day = steps_chances(calendar, parameters, days)
        self._lengths = averaged_over_steps(calendar, self._by_day)
        self._late = self._late_enquiries(days)
        self._shares = share_by_day(calendar, parameters)
        self._unlabelled = Unlabelled(parameters)

    def probabilities(
        self, situations: Situations, outcome: str, horizons: tuple[int, ...]
    ) -> np.ndarray:
        """Give the probability of an outcome within each horizon of each referral.

        Parameters
        ----------
        situations : Situations
        outcome : str
            A name of `chain.OUTCOMES`.
        horizons : tuple of int
            Whole days, at least 60, ascending.

        Returns
        -------
        ndarray, shape (n_situations, n_horizons)
            Given that the case has a label: the outcome was not decided at once, and
            the child was not seen to leave, or adopted, without it.
        """
        happened, labelled = self.parts(situations, outcome, horizons)
        chance: np.ndarray = happened / labelled
        return chance

    def parts(
        self, situations: Situations, outcome: str, horizons: tuple[int, ...]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the two parts of which `probabilities` is the quotient.

        Parameters
        ----------
        situations : Situations
        outcome : str
        horizons : tuple of int

        Returns
        -------
        happened : ndarray, shape (n_situations, n_horizons)
            Probability that the outcome falls within the horizon and is not decided at once.
        labelled : ndarray, shape (n_situations, n_horizons)
            Probability that the case has a label.
        """
        asked = OUTCOMES[outcome]
        happened = np.empty((len(situations.step), len(horizons)))
        labelled = np.empty_like(happened)
        young = band(situations.step - situations.birth_step) <= YOUNG
        for previous in np.unique(situations.previous):
            chain = Chain(self._transitions, asked, int(previous), self._unlabelled)
            for part in (young, ~young):
                rows = np.flatnonzero((situations.previous == previous) & part)
                given = situations.take(rows)
                age = given.birth_step - given.step
                order = np.lexsort((age, given.deprived, given.family_class))
                for first in range(0, len(order), _BATCH):
                    batch = order[first : first + _BATCH]
                    found = self._forward(given.take(batch), asked, chain, horizons)
                    happened[rows[batch]], labelled[rows[batch]] = found
        return happened, labelled

    def _forward(
        self, given: Situations, asked: Outcome, chain: Chain, horizons: tuple[int, ...]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Move one batch forward, adding up what falls within each horizon."""
        flow = Flow(chain, len(given.step))
        happened, at_once = self._at_entry(given, asked, chain, flow.states)
        answers = np.repeat(happened[:, None], len(horizons), axis=1)
        labelled = np.repeat(1.0 - at_once[:, None], len(horizons), axis=1)
        limits = given.day[:, None] + np.asarray(horizons)
        last = self._calendar.step_of[limits]
        to_go = last - given.step[:, None]
        leaving = self._hazards.leaving
        seen = leaving * self._unlabelled.seen_to_leave(given.lone)
        adopted = Adopted(chain, given)
        for number in range(1, int(to_go.max()) + 1):
            step = np.minimum(given.step + number, len(self._lengths) - 1)
            season, lengths = self._calendar.season[step], self._lengths[step]
            ahead = Ahead(given, step, season, lengths, leaving)
            left = seen * ahead.here * (flow.open_share() - adopted.open_share())
            again = adopted.advance(flow, ahead)
            out = flow.advance(ahead)
            lost = out[LOST] - again[LOST] + left
            for column in range(len(horizons)):
                if number + 1 < to_go[:, column].min():  # all that happens now falls in time
                    answers[:, column] += out[:LOST].sum(axis=0)
                    labelled[:, column] += again[:LOST].sum(axis=0) - lost
                    continue
                shares = self._shares(step, limits[:, column]) * (step <= last[:, column])
                answers[:, column] += (out[:LOST] * shares).sum(axis=0)
                labelled[:, column] += (again[:LOST] * shares).sum(axis=0)
                labelled[:, column] -= lost * shares[DayKind.WORKING]
        return answers, labelled

    def _at_entry(
        self, given: Situations, asked: Outcome, chain: Chain, states: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fill `states` as the referral's step leaves them; give outcomes, and those at once."""
        n_rows = len(given.step)
        happened, at_once = np.zeros(n_rows), np.zeros(n_rows)
        lengths = self._by_day[given.day].T
        age = band(given.step - given.birth_step)
        number = covariates(given.family_class, given.phase, age, given.previous, given.deprived)
        goes: dict[tuple[int, bool], np.ndarray] = {}
        for length, moves in zip(lengths, self._transitions.entry_moves, strict=True):
            for move, target in moves:
                chance = length * move.chance[number]
                if move.kind in asked.kinds:
                    late = self._late_share(move.kind, asked, given.day)
                    happened += chance * late
                    at_once += chance * (1.0 - late)
                elif move.kind in asked.above:
                    at_once += chance
                else:
                    key = (target, move.kind == Kind.PLAN)
                    goes[key] = goes[key] + chance if key in goes else chance
        columns = np.arange(n_rows)
        changes = self._hazards.phase[given.family_class, given.phase].T
        for (target, planned), chance in goes.items():
            plans = np.minimum(given.previous + planned, SHAPE[3] - 1)
            for phase, change in enumerate(changes):
                row = chain.place[state(phase, 0, target) + plans * _A_PLAN]
                states[row, columns] += chance * change
        return happened, at_once

    def _late_share(self, kind: Kind, asked: Outcome, day: np.ndarray) -> np.ndarray:
        """Share of an entry move's outcomes that fall after the next working day."""
        if kind not in ENQUIRIES:
            return np.zeros(len(day))
        if Kind.ENQUIRY not in asked.kinds:
            return np.ones(len(day))
        late: np.ndarray = self._late[day]
        return late

    def _late_enquiries(self, days: np.ndarray) -> np.ndarray:
        """Share of enquiries on a referral of each day that begin after the next working day."""
        soon = self._calendar.add_working_days(days, 1)
        late = np.zeros(len(days))
        for gap, share in enumerate(self._parameters.array("enquiry.gap_days")):
            late += share * (enquiry_at_entry(self._calendar, days, gap) > soon)
        return late


_A_PLAN = state(0, 1, 0) - state(0, 0, 0)


def make_truth(
    timeline: Timeline,
    kept: Kept,
    hazards: Hazards,
    parameters: Parameters,
    *,
    apart: pd.Series,
    outside: pd.Index,
    added: pd.Series,
    settings: dict[str, int],
    observed_from: int,
    family_ids: pd.DataFrame,
) -> Truth:
    """Lay out the truth of an authority.

    Half the work of an authority goes into the probabilities and many never read them, so
    they are worked out when the table of referrals is first read.

    Parameters
    ----------
    timeline : Timeline
    kept : Kept
    hazards : Hazards
    parameters : Parameters
    apart : Series of str
        ``referral_id`` of referrals of children outside the chain.
    outside : Index of str
        ``referral_id`` of the other referrals whose probabilities are missing.
    added : Series of str
        ``referral_id`` of referrals that a defect added.
    settings : dict of str to int
    observed_from : int
        First observed day.
    family_ids : DataFrame
        ``child_id`` and ``family_id``.

    Returns
    -------
    Truth
        ``referrals``, ``families`` and ``authority``.
    """
    here = np.flatnonzero(kept.referral)
    referrals, people = timeline.referrals, timeline.people
    child = referrals["child"][here]
    given = Situations(
        people.child_class[child],
        referrals["phase"][here],
        referrals["previous"][here],
        people.deprived[child],
        referrals["step"][here],
        referrals["day"][here],
        people.birth_step[child],
        people.exit_step[child],
        people.n_children[people.family[child]] == 1,
    )
    hidden = pd.DataFrame(
        {
            "referral_id": kept.identifier[here].array,
            "family_class": np.asarray(CLASSES)[given.family_class],
            "phase": np.asarray(PHASES)[given.phase],
        }
    )
    calendar = timeline.calendar  # not the timeline, which would be kept until the truth is read

    def of_referrals() -> pd.DataFrame:
        table = _with_chances(hidden, given, Oracle(hazards, calendar, parameters))
        known = without_chances(_with_others(table, apart), outside)
        return _with_others(known, added) if len(added) else known

    classes = pd.Series(
        np.asarray(CLASSES)[people.child_class], index=kept.child.array, name="family_class"
    )
    families = family_ids.drop_duplicates("family_id", ignore_index=True)
    families = families.assign(family_class=classes.loc[families["child_id"]].to_numpy())
    return Truth(
        {
            "referrals": Later(of_referrals),
            "families": families[["family_id", "family_class"]],
            "authority": pd.DataFrame([{**settings, **_lifetimes(timeline, observed_from)}]),
        }
    )


def _with_chances(hidden: pd.DataFrame, given: Situations, oracle: Oracle) -> pd.DataFrame:
    """Put the probability of each outcome beside the hidden states."""
    table = hidden.copy()
    for outcome, horizons in ASKED:
        chances = oracle.probabilities(given, outcome, horizons)
        for column, horizon in enumerate(horizons):
            table[f"prob_{outcome}_{horizon}"] = chances[:, column]
    return table


def _with_others(table: pd.DataFrame, referral_ids: pd.Series) -> pd.DataFrame:
    """Give other referrals a row of truth, all missing."""
    others = pd.DataFrame({"referral_id": referral_ids.array})
    return pd.concat([table, others], ignore_index=True)


def _lifetimes(timeline: Timeline, observed_from: int) -> dict[str, float]:
    """Share of the children who came of age in the observed window that were ever ..., per cent."""
    people, events = timeline.people, timeline.events
    adult = people.adult_day
    cohort = (adult >= observed_from) & (adult < timeline.calendar.end) & people.always_here
    kind = events["kind"]
    reached = {
        "referred": timeline.referrals["child"],
        "assessed": timeline.referrals["child"][
            timeline.referrals["kind"] != Kind.NO_FURTHER_ACTION
        ],
        "in_need": events["child"][
            np.isin(kind, (Kind.IN_NEED, Kind.SHORT_NEED, *ENQUIRIES, Kind.CARE))
        ],
        "on_plan": events["child"][kind == Kind.PLAN],
    }
    total = max(int(cohort.sum()), 1)
    return {
        f"lifetime_{name}": 100 * int(cohort[np.unique(children)].sum()) / total
        for name, children in reached.items()
    }
