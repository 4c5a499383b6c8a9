"""Families that live on in copies of which one is taken: chances stay, totals come out even."""

import numpy as np
import pytest

from fs_risk.synthetic.assessments import make_assessments
from fs_risk.synthetic.authority import Making
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.evening import copies_of, halves, taken_copies
from fs_risk.synthetic.factors import factor_chances, make_factors
from fs_risk.synthetic.hazards import make_hazards
from fs_risk.synthetic.history import History
from fs_risk.synthetic.lives import Lives
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.people import make_people
from fs_risk.synthetic.shocks import Shocks
from fs_risk.synthetic.simulate import World
from fs_risk.synthetic.states import STEPS_A_YEAR, Kind, band
from fs_risk.synthetic.tallies import befell

YEARS, COPIES = 7, 4
FIRST = 2 * STEPS_A_YEAR


@pytest.fixture(scope="module")
def parts():
    parameters = load_parameters()
    calendar = Calendar(2015, YEARS, parameters)
    people = make_people(6_000, calendar, parameters, np.random.default_rng(1))
    return people, calendar, make_hazards(parameters), parameters


def lived(parts, seed):
    """A world in four copies of each family from the third year on, and what befell them."""
    people, calendar, hazards, parameters = parts
    world = World(people, calendar, hazards, parameters, Luck(seed), np.random.default_rng(seed))
    world.phase[:] = 1
    for step in range(FIRST):
        world.advance(step, observed=False)
    many = world.multiplied(np.full(len(people.family_class), COPIES))
    for step in range(FIRST, calendar.steps):
        many.advance(step, observed=True)
    return world, many, many.history()


@pytest.fixture(scope="module")
def pool(parts):
    return lived(parts, 3)


def take(pool, calendar, seed):
    _, many, history = pool
    copies = np.full(len(many.phase) // COPIES, COPIES)
    return taken_copies(many.people, history, copies, calendar, np.random.default_rng(seed))


def test_halves_part_neighbours_and_leave_nothing_out():
    weights = np.random.default_rng(1).normal(size=(1_001, 3))
    first, second = halves(weights, np.arange(len(weights)))

    assert np.array_equal(np.sort(np.append(first, second)), np.arange(1_001))
    assert np.array_equal(first[:500] // 2, np.arange(500))
    assert np.array_equal(second[:500] // 2, np.arange(500))


def test_halves_are_far_more_alike_than_by_chance():
    weights = np.random.default_rng(2).poisson(0.3, size=(4_000, 20)).astype(float)
    first, second = halves(weights, np.arange(len(weights)))
    apart = np.abs(weights[first].sum(axis=0) - weights[second].sum(axis=0))

    assert apart.max() < 0.2 * np.sqrt(weights.sum(axis=0)).min()


def test_what_is_taken_is_one_copy_of_each_family_and_each_copy_as_likely(pool, parts):
    """The coins can come out in four ways; together these take every copy exactly once."""
    ways = {tuple(take(pool, parts[1], seed)) for seed in range(30)}

    assert len(ways) == COPIES
    taken = np.array(sorted(ways))
    assert (taken // COPIES == np.arange(taken.shape[1])).all()
    assert np.array_equal(np.sort(taken.ravel()), np.arange(taken.size))


def test_which_copies_are_taken_depends_on_no_order_of_halves(pool, parts):
    """Each way is as likely as the others."""
    ways = [tuple(take(pool, parts[1], seed)) for seed in range(120)]
    counts = sorted(ways.count(way) for way in set(ways))

    assert counts[0] >= 15
    assert counts[-1] <= 48


def test_totals_of_those_taken_are_near_the_average_of_all_copies(pool, parts):
    _, many, history = pool
    every = befell(many.people, history, parts[1], np.arange(len(many.phase)))
    taken = every[take(pool, parts[1], 5)].sum(axis=0)
    expected = every.sum(axis=0) / COPIES
    many_cases = expected > 30

    assert many_cases.sum() > 20
    strays = np.abs(taken - expected)[many_cases] / np.sqrt(expected[many_cases])
    assert np.sqrt((strays**2).mean()) < 0.35


def test_siblings_move_together_as_often_among_those_taken(parts):
    """As many families have two children or more found in need as all copies lead to expect."""
    both_taken, both_due, spread = 0.0, 0.0, 0.0
    for seed in range(4):
        pool = lived(parts, seed)
        _, many, history = pool
        events = history.events
        found = events["child"][events["kind"] == Kind.IN_NEED]
        children = np.bincount(many.people.family[np.unique(found)], minlength=len(many.phase))
        both = children >= 2
        taken = take(pool, parts[1], seed)
        both_taken += both[taken].sum()
        both_due += both.sum() / COPIES
        spread += both.sum() / COPIES

    assert both_due > 50
    assert abs(both_taken - both_due) < 3 * np.sqrt(spread)


def test_what_befell_keeps_its_referral_and_child_when_numbered_anew(pool, parts):
    world, many, history = pool
    chosen = np.zeros(len(many.phase), dtype=bool)
    chosen[take(pool, parts[1], 1)] = True
    whole = world.history().then(history.part(chosen[many.people.family], world.n_referrals))
    events, referrals = whole.events, whole.referrals

    assert np.array_equal(referrals["child"][events["referral"]], events["child"])
    assert (referrals["step"][events["referral"]] <= events["step"]).all()
    assert events["referral"].max() == len(referrals["child"]) - 1
    assert (np.diff(referrals["step"]) >= 0).all()


def test_copies_begin_where_their_family_was(pool):
    world, many, _ = pool
    again = world.multiplied(np.full(len(world.phase), 2))

    assert np.array_equal(again.phase, np.repeat(world.phase, 2))
    assert again.status.sum() == 2 * world.status.sum()
    assert np.array_equal(again.people.family_class, np.repeat(world.people.family_class, 2))
    assert len(many.phase) == COPIES * len(world.phase)


def test_small_authorities_have_no_copies_and_large_ones_as_many_as_time_allows():
    assert copies_of(49_999).max() == 1
    assert copies_of(62_700).max() == 8
    assert copies_of(125_400).max() == 4
    assert copies_of(1_200_000).max() == 1


def test_a_world_is_lived_through_the_same_each_time(parts):
    people, calendar, hazards, parameters = parts
    streams = tuple(np.random.SeedSequence(4).spawn(2))
    lives = Lives(
        people, calendar, hazards, parameters, Luck(4), streams,
        children=62_700, observed_from=FIRST,
    )  # fmt: skip
    once, again, phases = lives.history(), lives.history(), lives.phases()

    assert isinstance(once, History)
    assert np.array_equal(once.events["child"], again.events["child"])
    referrals = once.referrals
    family = people.family[referrals["child"]]
    before = referrals["step"] < calendar.steps
    assert np.array_equal(phases[referrals["step"], family][before], referrals["phase"][before])


def test_factors_are_independent_of_each_other_given_class_and_age():
    """Draws spread evenly for each factor must not let one factor tell another."""
    made = Making(12_000, 6, 2, 1.0, Shocks())
    rng = np.random.default_rng(3)
    assessments = make_assessments(made.timeline, made.kept, made.parameters, rng)
    table, factors = make_factors(made.timeline, assessments, made.parameters, made.luck, rng)
    child, start = assessments.child, assessments.start
    age = band(made.calendar.step_of[start] - made.people.birth_step[child])
    codes, chances = factor_chances(made.parameters)
    chance = chances[made.people.child_class[child], age]
    found = np.zeros(chance.shape)
    row = table.reset_index().set_index("assessment_id")["index"].reindex(factors["assessment_id"])
    known = factors["code"].isin(codes).to_numpy()
    column = {code: number for number, code in enumerate(codes)}
    found[row.to_numpy()[known], factors["code"][known].map(column)] = 1.0
    recorded = np.flatnonzero(table["factors_recorded"].fillna(False))
    _, first = np.unique(made.people.family[child[recorded]], return_index=True)
    rows = recorded[first]
    frequent = chance[rows].mean(axis=0) > 0.02
    surprise = (found - chance)[rows][:, frequent] / np.sqrt(chance * (1 - chance) + 1e-9)[rows][
        :, frequent
    ]
    related = np.corrcoef(surprise.T)[np.triu_indices(frequent.sum(), 1)]

    assert len(rows) > 1_000
    assert len(related) > 200
    assert np.sqrt((related**2).mean()) < 1.25 / np.sqrt(len(rows))
