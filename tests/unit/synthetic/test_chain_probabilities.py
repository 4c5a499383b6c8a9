"""The exact probabilities, against the same situations lived through many times."""

import numpy as np
import pytest
from scipy import stats

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.chain import Chain
from fs_risk.synthetic.hazards import make_hazards
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.simulate import World
from fs_risk.synthetic.states import BANDS, CLASSES, ENQUIRIES, SHAPE, Kind
from fs_risk.synthetic.timeline import make_timeline
from fs_risk.synthetic.transitions import OUTCOMES, Transitions
from fs_risk.synthetic.truth import Oracle, Situations

LIVES = 12_000
STEP = 15
SITUATIONS = {
    # class, phase, plans before, deprived, steps of age, where in the step
    "infant in crisis": ("multi_problem", 2, 1, 1, 4, 0.2),
    "unborn": ("parental_substance_misuse", 1, 0, 0, -3, 0.6),
    "turning one": ("domestic_abuse", 2, 0, 1, 9, 0.95),
    "nearly an adult": ("adolescent_risk", 2, 2, 0, 228, 0.5),
    "little the matter": ("low", 2, 0, 0, 100, 0.01),
}
ASKED = [
    ("cp_plan", 365),
    ("cp_plan", 90),
    ("care", 365),
    ("care", 548),
    ("section47", 183),
    ("pre_proceedings", 365),
    ("step_up", 365),
    ("re_referral", 365),
]


@pytest.fixture(scope="module")
def world_parts():
    parameters = load_parameters()
    return parameters, Calendar(2015, 4, parameters), make_hazards(parameters)


def alike(situation, calendar, count, leaving):
    """Families of one child each, all in the same situation; they leave so many steps on."""
    name, _, _, deprived, age, _ = situation
    birth_step = STEP - age
    birth = calendar.starts[max(birth_step, 0)] + 9 if birth_step >= 0 else 0
    adult_step = birth_step + 18 * 13
    ones = np.ones(count, dtype=np.int64)
    return People(
        family_class=ones * CLASSES.index(name),
        family_decile=ones * (1 if deprived else 8),
        first_child=np.arange(count),
        n_children=ones,
        family=np.arange(count),
        birth_day=ones * birth,
        adult_day=ones * int(calendar.starts[min(adult_step, len(calendar.starts) - 1)] + 9),
        birth_step=ones * birth_step,
        exit_step=ones * adult_step,
        leave_step=STEP + leaving,
    )


def lived(situation, parts, seed):
    """Live through a situation many times, from the referral on."""
    parameters, calendar, hazards = parts
    leaving = np.random.default_rng([seed, 1]).geometric(hazards.leaving, LIVES)
    people = alike(situation, calendar, LIVES, leaving)
    luck = Luck(seed)
    world = World(people, calendar, hazards, parameters, luck, np.random.default_rng(seed))
    world.phase[:] = situation[1]
    world.previous[:] = situation[2]
    everyone = np.arange(LIVES)
    world.admit(STEP, everyone, np.full(LIVES, situation[5]))
    world.change_phases()
    for step in range(STEP + 1, STEP + 23):
        world.advance(step, observed=False)
    return make_timeline(world.history(), people, calendar, parameters, luck)


def days_of(timeline, outcome):
    """Child and day of everything that counts as an outcome."""
    if outcome == "re_referral":
        return timeline.referrals["child"], timeline.referrals["day"]
    kinds = {
        "cp_plan": (Kind.PLAN,),
        "care": (Kind.CARE,),
        "section47": ENQUIRIES,
        "pre_proceedings": (Kind.PRE_PROCEEDINGS,),
        "step_up": (Kind.PLAN, Kind.CARE, Kind.PRE_PROCEEDINGS),
    }[outcome]
    chosen = np.isin(timeline.events["kind"], kinds)
    planned = (timeline.events["kind"] == Kind.PLAN) & (outcome != "section47")
    day = np.where(planned, timeline.conference, timeline.day)
    return timeline.events["child"][chosen], day[chosen]


def observed(timeline, outcome, within):
    """How many were not decided at once, and how many of those had the outcome."""
    as_of = timeline.referrals["day"][:LIVES]
    child, day = days_of(timeline, outcome)
    gap = day - as_of[child]
    next_day = timeline.calendar.add_working_days(as_of, 1)
    at_once = np.zeros(LIVES, dtype=bool)
    if outcome != "re_referral":
        at_once[child[(gap >= 0) & (day <= next_day[child])]] = True
    had = np.zeros(LIVES, dtype=bool)
    had[child[(gap > 0) & (gap <= within)]] = True
    return int((~at_once).sum()), int((had & ~at_once).sum())


def given(situation, timeline):
    name, phase, previous, deprived, _, _ = situation
    one = [[CLASSES.index(name)], [phase], [previous], [deprived], [STEP]]
    day = timeline.referrals["day"][:1]
    people = timeline.people
    return Situations(
        *(np.array(values) for values in one), day, people.birth_step[:1], people.exit_step[:1]
    )


@pytest.mark.parametrize("name", SITUATIONS)
def test_probability_is_the_share_of_lives_in_which_it_happens(name, world_parts):
    parameters, calendar, hazards = world_parts
    situation = SITUATIONS[name]
    timeline = lived(situation, world_parts, seed=list(SITUATIONS).index(name))
    oracle = Oracle(hazards, calendar, parameters)
    for outcome, within in ASKED:
        chance = oracle.probabilities(given(situation, timeline), outcome, (within,))[0, 0]
        count, had = observed(timeline, outcome, within)
        p_value = stats.binomtest(had, count, min(max(chance, 0.0), 1.0)).pvalue
        assert p_value > 1e-4, (outcome, within, chance, had / count)


def test_moves_of_every_status_exhaust_what_can_happen(world_parts):
    _, _, hazards = world_parts
    for moves in [*hazards.moves.values(), hazards.entry, hazards.completion]:
        chances = np.array([move.chance for move in moves])
        assert (chances >= 0).all()
        np.testing.assert_allclose(chances.sum(axis=0), 1.0, atol=1e-12)
    np.testing.assert_allclose(hazards.phase.sum(axis=2), 1.0, atol=1e-12)


def test_seasonal_referral_chances_stay_probabilities(world_parts):
    _, calendar, hazards = world_parts

    assert hazards.referral.max() * calendar.season.max() < 0.5


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("previous", [0, 1, 2])
def test_no_probability_is_lost_from_one_step_to_the_next(outcome, previous, world_parts):
    _, _, hazards = world_parts
    chain = Chain(Transitions(hazards), OUTCOMES[outcome], previous)
    for family_class in range(len(CLASSES)):
        for age_band in range(len(BANDS)):
            matrix = chain.step(family_class, age_band, SHAPE[4] - 1)
            leaving = np.asarray(matrix.sum(axis=0)).ravel()
            np.testing.assert_allclose(leaving[: chain.n_states], 1.0, atol=1e-12)
            np.testing.assert_allclose(leaving[chain.n_states :], 0.0, atol=1e-12)


def test_nothing_happens_to_the_grown_up(world_parts):
    parameters, calendar, hazards = world_parts
    situation = SITUATIONS["nearly an adult"]
    people = alike(situation, calendar, 1, np.array([1_000]))
    at = np.array([STEP])
    day = calendar.starts[at] + 3
    person = Situations(
        people.family_class, np.array([2]), np.array([0]), np.array([0]), at, day,
        people.birth_step, at + 1,
    )  # fmt: skip
    oracle = Oracle(hazards, calendar, parameters)

    assert oracle.probabilities(person, "care", (365,))[0, 0] == pytest.approx(0.0)
