"""The exact probabilities, against the same situations lived through many times."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import fs_risk as fs
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.care import make_care
from fs_risk.synthetic.ceiling_families import Families, Lived
from fs_risk.synthetic.chain import LOST, Chain
from fs_risk.synthetic.episodes import keep_referrals, make_referrals
from fs_risk.synthetic.hazards import make_hazards
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.open_cases import open_cases, under_assessment
from fs_risk.synthetic.open_together import Together
from fs_risk.synthetic.open_values import OPEN_CASE_OUTCOMES, OpenValues
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.posterior import Filter
from fs_risk.synthetic.protection import (
    make_conferences,
    make_cp_plans,
    make_pre_proceedings,
    make_section47,
)
from fs_risk.synthetic.simulate import World
from fs_risk.synthetic.situations import Situations
from fs_risk.synthetic.states import BANDS, CLASSES, PHASES, SHAPE
from fs_risk.synthetic.timeline import ids, make_timeline
from fs_risk.synthetic.transitions import OUTCOMES, Transitions
from fs_risk.synthetic.truth import Oracle
from fs_risk.synthetic.unlabelled import Unlabelled

LIVES = 12_000
OPEN_LIVES = 1_500
STEP = 15
SITUATIONS = {
    # class, phase, plans before, deprived, steps of age, where in the step, only child
    "infant in crisis": ("multi_problem", 2, 1, 1, 4, 0.2, True),
    "unborn": ("parental_substance_misuse", 1, 0, 0, -3, 0.6, False),
    "turning one": ("domestic_abuse", 2, 0, 1, 9, 0.95, False),
    "nearly an adult": ("adolescent_risk", 2, 2, 0, 220, 0.5, True),
    "little the matter": ("low", 2, 0, 0, 100, 0.01, False),
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


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world_parts():
    parameters = load_parameters()
    return parameters, Calendar(2015, 4, parameters), make_hazards(parameters)


def alike(situation, calendar, count, leaving):
    """Families in the same situation, which leave so many steps on.

    In each one child is in view; an only child, or one whose sibling has grown up.
    """
    name, _, _, deprived, age, _, lone = situation
    birth_step = STEP - age
    adult_step = birth_step + 18 * 13
    ones = np.ones(count, dtype=np.int64)
    siblings = 1 if lone else 2
    first = siblings * np.arange(count)
    in_view = np.arange(siblings * count) % siblings == 0
    return People(
        family_class=ones * CLASSES.index(name),
        family_decile=ones * (1 if deprived else 8),
        first_child=first,
        n_children=ones * siblings,
        family=np.repeat(np.arange(count), siblings),
        birth_day=np.where(in_view, calendar.starts[max(birth_step, 0)] + 9, 0),
        adult_day=np.full(
            len(in_view), int(calendar.starts[min(adult_step, len(calendar.starts) - 1)] + 9)
        ),
        birth_step=np.where(in_view, birth_step, -300),
        exit_step=np.where(in_view, adult_step, 0),
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
    world.admit(STEP, people.first_child, np.full(LIVES, situation[5]))
    world.change_phases()
    phases = {}
    for step in range(STEP + 1, STEP + 23):
        phases[step] = world.phase.copy()
        world.advance(step, observed=False)
    return make_timeline(world.history(), people, calendar, parameters, luck), phases


def records_of(timeline, parameters):
    """Write the lives down, as far as labels need it."""
    rng = np.random.default_rng(9)
    child = ids("C", np.arange(len(timeline.people.family)))
    kept = keep_referrals(timeline, 0, child)
    frames = {
        "children": pd.DataFrame({"child_id": child}),
        "referrals": make_referrals(timeline, kept, parameters, rng),
        "section47": make_section47(timeline, kept, parameters, rng),
        "conferences": make_conferences(timeline, kept),
        "cp_plans": make_cp_plans(timeline, kept, parameters, rng),
        "pre_proceedings": make_pre_proceedings(timeline, kept, parameters, rng),
        "care_periods": make_care(timeline, kept, parameters, rng).periods,
    }
    first, last = (pd.Timestamp(timeline.calendar.dates[day]) for day in (0, -1))
    return fs.Records.from_frames(
        frames, extract_date=last, coverage=dict.fromkeys(frames, (first, last))
    )


def observed(records, outcome, within):
    """How many first referrals have a label, and how many of those the outcome."""
    cohort = fs.referral_cohort(records).sort_values("case_id").head(LIVES)
    label = fs.label_outcome(records, cohort, outcome=outcome, within_days=within)["label"]
    return int(label.notna().sum()), int(label.sum())


def given(situation, timeline):
    name, phase, previous, deprived, _, _, lone = situation
    one = [[CLASSES.index(name)], [phase], [previous], [deprived], [STEP]]
    day = timeline.referrals["day"][:1]
    people = timeline.people
    return Situations(
        *(np.array(values) for values in one), day,
        people.birth_step[:1], people.exit_step[:1], np.array([lone]),
    )  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_probability_is_the_share_of_lives_in_which_it_happens(name, world_parts):
    parameters, calendar, hazards = world_parts
    situation = SITUATIONS[name]
    timeline, _ = lived(situation, world_parts, seed=list(SITUATIONS).index(name))
    records = records_of(timeline, parameters)
    oracle = Oracle(hazards, calendar, parameters)
    for outcome, within in ASKED:
        happened, labelled = oracle.parts(given(situation, timeline), outcome, (within,))
        chance, share = float(happened[0, 0] / labelled[0, 0]), float(labelled[0, 0])
        count, had = observed(records, outcome, within)
        p_value = stats.binomtest(had, count, min(max(chance, 0.0), 1.0)).pvalue
        assert p_value > 1e-4, (outcome, within, chance, had / count)
        p_value = stats.binomtest(count, LIVES, min(max(share, 0.0), 1.0)).pvalue
        assert p_value > 1e-4, (outcome, within, share, count / LIVES)


def away(label, chance, rows):
    """Observed less expected, in standard errors."""
    spread = np.sqrt((chance[rows] * (1 - chance[rows])).sum())
    return (label[rows] - chance[rows]).sum() / max(spread, 1.0)


@pytest.mark.parametrize("known_length", [True, False])
@pytest.mark.parametrize(
    ("name", "steps", "days"),
    [
        ("infant in crisis", 1, 12),
        ("turning one", 0, 27),
        pytest.param("turning one", 2, 0, marks=pytest.mark.nightly),
        pytest.param("unborn", 4, 24, marks=pytest.mark.nightly),
    ],
)
def test_open_cases_have_an_outcome_as_often_as_is_said(
    name, steps, days, known_length, world_parts
):
    parameters, calendar, hazards = world_parts
    timeline, phases = lived(SITUATIONS[name], world_parts, seed=40 + steps)
    day = calendar.starts[STEP + steps] + days
    records = records_of(timeline, parameters)
    cohort = fs.open_case_cohort(records, on=pd.Timestamp(calendar.dates[day]))[:OPEN_LIVES]
    number = cohort["case_id"].str.slice(1).astype(int).to_numpy() - 1
    none = dict.fromkeys(("child", "day", "known"), np.zeros(0, dtype=np.int64))
    world = Lived(timeline.people, calendar, hazards, parameters, timeline, none, 0)
    families = Families(world, np.arange(LIVES))
    cases = open_cases(families, number, np.full(len(number), day))
    earlier = SITUATIONS[name][2]  # plans that the world was told of, and not its history
    cases = replace(cases, previous=np.minimum(cases.previous + earlier, SHAPE[3] - 1))
    phase = phases.get(STEP + steps, np.full(LIVES, SITUATIONS[name][1]))[cases.row]
    true = CLASSES.index(SITUATIONS[name][0]) * len(PHASES) + phase
    oracle = OpenValues(hazards, calendar, parameters)
    first = np.full(LIVES, SITUATIONS[name][1])
    together = Together(Filter(families), cases, phases.get(STEP + steps - 1, first)[cases.row])
    pending = cases.enquired >= 0
    groups = (pending, under_assessment(cases), ~pending & ~under_assessment(cases))
    for outcome in OPEN_CASE_OUTCOMES:
        found = fs.label_outcome(records, cohort, outcome=outcome, within_days=365)["label"]
        happened, labelled = oracle.chances(
            families, cases, outcome, 365, known_length=known_length, together=together
        )
        chance = (happened / labelled)[np.arange(len(true)), true]
        told = found.notna().to_numpy() & ~np.isnan(chance)
        for group in groups:
            off = away(found.to_numpy(), chance, told & group)
            assert abs(off) < 4, (outcome, off, told.sum())


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
    unlabelled = Unlabelled(world_parts[0])
    chain = Chain(Transitions(hazards), OUTCOMES[outcome], previous, unlabelled)
    for family_class in range(len(CLASSES)):
        for age_band in range(len(BANDS)):
            matrix = chain.step(family_class, age_band, SHAPE[4] - 1)
            rows = matrix[np.arange(chain.n_states + LOST)]
            leaving = np.asarray(rows.sum(axis=0)).ravel()
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
        people.birth_step, at + 1, np.array([True]),
    )  # fmt: skip
    oracle = Oracle(hazards, calendar, parameters)

    assert oracle.probabilities(person, "care", (365,))[0, 0] == pytest.approx(0.0)
