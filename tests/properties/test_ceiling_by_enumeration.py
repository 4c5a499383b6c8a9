"""The filter against brute force: every hidden path, every way that a step could have gone."""

from itertools import pairwise, product

import numpy as np
import pytest

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.ceiling_families import Families, Lived
from fs_risk.synthetic.hazards import make_hazards
from fs_risk.synthetic.joint import joint_chance
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.posterior import NOBODY, Filter, Questions
from fs_risk.synthetic.simulate import World
from fs_risk.synthetic.states import (
    CLASSES,
    ENQUIRIES,
    PHASES,
    REVIEWS,
    Kind,
    Status,
    band,
    covariates,
    in_care,
    on_plan,
)
from fs_risk.synthetic.timeline import enquiry_at_entry, make_timeline

FAMILIES, STEPS, HELD_STEPS = 260, 7, 13
ASKED = 14
FINDINGS = (Kind.IN_NEED, Kind.SHORT_NEED, Kind.NOT_IN_NEED)


@pytest.fixture(scope="module")
def lived():
    """Families of two or three children, all in crisis at first, through some steps."""
    parameters = load_parameters()
    calendar, hazards = Calendar(2015, 2, parameters), make_hazards(parameters)
    rng = np.random.default_rng(8)
    count = 2 + (np.arange(FAMILIES) % 4 == 0)
    family = np.repeat(np.arange(FAMILIES), count)
    age = rng.integers(1, 215, len(family))
    age[rng.random(len(age)) < 0.2] = -4
    people = People(
        family_class=rng.integers(1, len(CLASSES), FAMILIES),
        family_decile=rng.integers(1, 11, FAMILIES),
        first_child=np.cumsum(count) - count,
        n_children=count,
        family=family,
        birth_day=np.zeros(len(family), dtype=np.int64),
        adult_day=np.full(len(family), 10_000),
        birth_step=-age,
        exit_step=234 - age,
    )
    luck = Luck(5)
    world = World(people, calendar, hazards, parameters, luck, rng)
    world.phase[:] = 2
    for step in range(HELD_STEPS):
        world.advance(step, observed=True)
    history = world.history()
    timeline = make_timeline(history, people, calendar, parameters, luck)
    contacts = history.contacts
    day = calendar.day_in_step(calendar.referral_shares, contacts["step"], contacts["luck"])
    late = np.where(rng.random(len(day)) < 0.25, rng.integers(0, 6, len(day)), 0)
    return Lived(
        people, calendar, hazards, parameters, timeline,
        {"child": contacts["child"], "day": day, "known": day + late}, 0,
    )  # fmt: skip


class Family:
    """One family, and slow sums over all that could have befallen it."""

    def __init__(self, lived, number, today, referred):
        self.lived, self.today, self.referred = lived, today, referred
        people = lived.people
        first = people.first_child[number]
        self.children = list(range(first, first + people.n_children[number]))
        self.deprived = people.deprived[first]
        self.share = lived.parameters.number("siblings.share")
        events, referrals = lived.timeline.events, lived.timeline.referrals
        self.events = [
            {**{name: events[name][row] for name in events},
             "day": lived.timeline.day[row], "resolved": lived.timeline.resolved[row]}
            for row in np.flatnonzero(np.isin(events["child"], self.children))
        ]  # fmt: skip
        self.referrals = [
            {name: referrals[name][row] for name in referrals}
            for row in np.flatnonzero(np.isin(referrals["child"], self.children))
        ]
        self.lay_out()

    def lay_out(self):
        """Status and plans of each child at the start of each step."""
        self.status, self.plans, self.plan_day, self.authorised = {}, {}, {}, {}
        for child in self.children:
            status, plans, plan_day, authorised = 0, 0, None, None
            for step in range(HELD_STEPS):
                mine = [
                    each for each in self.events if (each["child"], each["step"]) == (child, step)
                ]
                if any(each["kind"] == Kind.COMES_OF_AGE for each in mine):
                    status, mine = 0, []
                self.status[child, step], self.plans[child, step] = status, min(plans, 2)
                self.plan_day[child, step], self.authorised[child, step] = plan_day, authorised
                following = [
                    m.target for m in self.lived.hazards.moves.get(status, ()) if m.kind == 0
                ]
                status = following[0] if following else status
                for each in mine:
                    status = each["target"]
                    if each["kind"] == Kind.PLAN:
                        plans, plan_day = plans + 1, each["resolved"]
                for each in self.referrals:
                    if (each["child"], each["step"]) == (child, step):
                        authorised = each["authorised"]

    def first_known(self):
        """The first step in which something known today befell the family."""
        contacts, step_of = self.lived.contacts, self.lived.calendar.step_of
        mine = np.isin(contacts["child"], self.children) & (contacts["known"] < self.today)
        steps = [int(step_of[day]) for day in contacts["day"][mine]]
        steps += [int(each["step"]) for each in self.referrals if each["day"] < self.today]
        return min(steps, default=HELD_STEPS)

    def chances(self, moves, kind, phase, child, step):
        age = band(np.array(step - self.lived.people.birth_step[child]))
        number = covariates(kind, phase, age, self.plans[child, step], self.deprived)
        return np.array([move.chance[number] for move in moves])

    def together(self, chances, chosen):
        """Chance that siblings make the chosen moves, by who goes with the family's number."""
        total = 0.0
        for alike in product([True, False], repeat=len(chosen)):
            weight, low, high = 1.0, 0.0, 1.0
            for same, chance, move in zip(alike, chances, chosen, strict=True):
                if same:
                    low, high = max(low, chance[:move].sum()), min(high, chance[: move + 1].sum())
                    weight *= self.share
                else:
                    weight *= (1 - self.share) * chance[move]
            total += weight * max(high - low, 0.0)
        return total

    def step_chance(self, kind, phase, step):
        """Chance of what is known before today of one step."""
        return (
            self.referral_chance(kind, phase, step)
            * self.contact_chance(kind, phase, step)
            * self.entry_chance(kind, phase, step)
            * self.move_chance(kind, phase, step)
        )

    def days_of(self, step, shares):
        calendar = self.lived.calendar
        start, end = calendar.starts[step], calendar.starts[step + 1]
        part = np.diff(shares[step], prepend=0.0)
        return [(int(day), part[day - start]) for day in range(start, end)]

    def in_view(self, step):
        people = self.lived.people
        return [
            child for child in self.children
            if people.enter_step[child] <= step < people.exit_step[child]
        ]  # fmt: skip

    def referral_chance(self, kind, phase, step):
        hazards, calendar = self.lived.hazards, self.lived.calendar
        able = [child for child in self.in_view(step) if self.status[child, step] == 0]
        days = self.days_of(step, calendar.referral_shares)
        seen = {
            each["child"]: each["day"] for each in self.referrals
            if each["step"] == step and each["day"] < self.today
        }  # fmt: skip
        here = calendar.starts[step] <= self.today < calendar.starts[step + 1]
        own = self.referred if here else None
        event = hazards.family_referral[kind, phase] * calendar.season[step]
        ages = [int(band(np.array(step - self.lived.people.birth_step[c]))) for c in able]
        joins = [hazards.joins[age] for age in ages]
        alone = [
            hazards.own_referral[kind, phase, age] * calendar.season[step] / (1 - event * join)
            for age, join in zip(ages, joins, strict=True)
        ]

        def agrees(child, day):
            """Whether a referral on a day (None: no referral) looks as it did."""
            if child == own:
                return day == self.today
            shown = day if day is not None and day < self.today else None
            return shown == seen.get(child)

        total = 0.0
        for when, weight in [(None, 1 - event), *((day, event * part) for day, part in days)]:
            for joined in product([True, False] if when is not None else [False], repeat=len(able)):
                chance = weight
                for place, child in enumerate(able):
                    if when is not None:
                        chance *= joins[place] if joined[place] else 1 - joins[place]
                    if joined[place]:
                        chance *= agrees(child, when)
                        continue
                    ways = (1 - alone[place]) * agrees(child, None)
                    ways += sum(alone[place] * part * agrees(child, day) for day, part in days)
                    chance *= ways
                total += chance
        return total

    def contact_chance(self, kind, phase, step):
        """Up to what does not depend on class and phase, once a contact is seen."""
        calendar, parameters = self.lived.calendar, self.lived.parameters
        contacts = self.lived.contacts
        mine = np.isin(contacts["child"], self.children) & (
            calendar.step_of[contacts["day"]] == step
        )
        by_class, by_phase = (parameters.array(f"contacts.by_{x}") for x in ("class", "phase"))
        event = by_class[kind] * by_phase[phase] * calendar.season[step]
        if (contacts["known"][mine] < self.today).any():
            return event
        children = self.in_view(step)
        unseen = 0.0
        for day, part in self.days_of(step, calendar.referral_shares):
            shown = 0.75 * (day < self.today)
            shown += sum(0.25 / 6 * (day + late < self.today) for late in range(6))
            unseen += part * (1 - parameters.number("contacts.joins") * shown) ** len(children)
        return 1 - event + event * unseen

    def entry_chance(self, kind, phase, step):
        groups = {}
        for each in self.referrals:
            if each["step"] == step and each["day"] < self.today:
                groups.setdefault(each["day"], []).append(each)
        total = 1.0
        for day, group in groups.items():
            total *= self.one_entry_chance(kind, phase, step, day, group)
        return total

    def one_entry_chance(self, kind, phase, step, day, group):
        hazards, calendar = self.lived.hazards, self.lived.calendar
        gaps = self.lived.parameters.array("enquiry.gap_days")
        chances = [self.chances(hazards.entry, kind, phase, each["child"], step) for each in group]
        found = [
            self.chances(hazards.completion, kind, phase, each["child"], step) for each in group
        ]
        truly = [
            next(e for e in self.events if (e["child"], e["step"]) == (each["child"], step)
                 and e["origin"] == Status.CLOSED)
            for each in group
        ]  # fmt: skip
        results = [
            next((e for e in self.events if (e["child"], e["step"]) == (each["child"], step)
                  and e["kind"] in FINDINGS and e["origin"] == Status.CLOSED), None)
            for each in group
        ]  # fmt: skip

        def looks(what, enquiry, resolved, done):
            if what in (Kind.CARE, Kind.NO_FURTHER_ACTION):
                return int(what)
            if what in ENQUIRIES and enquiry < self.today:
                return ("enquiry", int(enquiry), int(what) if resolved < self.today else None)
            return ("done" if what == Kind.ASSESSMENT and done else "nothing yet",)

        def done(each):
            in_step = calendar.step_of[each["authorised"]] == step
            return in_step and each["authorised"] < self.today

        seen = [
            looks(e["kind"], e["day"], e["resolved"], done(r))
            for e, r in zip(truly, group, strict=True)
        ]
        resolved = max(e["resolved"] for e in truly)
        total = 0.0
        kinds = [move.kind for move in hazards.entry]
        for gap, weight in enumerate(gaps):
            enquiry = enquiry_at_entry(calendar, np.array([day]), gap)[0]
            for chosen in product(range(len(kinds)), repeat=len(group)):
                views = [
                    looks(kinds[move], enquiry, resolved, done(r))
                    for move, r in zip(chosen, group, strict=True)
                ]
                if views == seen:
                    total += weight * self.together(chances, chosen)
        known = [
            place for place, (r, e) in enumerate(zip(group, results, strict=True))
            if e is not None and r["authorised"] < self.today
        ]  # fmt: skip
        names = [move.kind for move in hazards.completion]
        chosen = [names.index(results[place]["kind"]) for place in known]
        return total * self.together([found[place] for place in known], chosen)

    def move_chance(self, kind, phase, step):
        hazards, calendar = self.lived.hazards, self.lived.calendar
        opened = [
            child for child in self.children
            if self.status[child, step] and not in_care(np.array(self.status[child, step]))
        ]  # fmt: skip
        if not opened:
            return 1.0
        lists = [hazards.moves[self.status[child, step]] for child in opened]
        chances = [
            self.chances(moves, kind, phase, child, step)
            for moves, child in zip(lists, opened, strict=True)
        ]
        came = [
            next((e for e in self.events if (e["child"], e["step"]) == (child, step)
                  and e["origin"] != Status.CLOSED), None)
            for child in opened
        ]  # fmt: skip
        seen = [self.shown(e["kind"], e["day"], e["resolved"]) if e else None for e in came]
        resolved = max([e["resolved"] for e in came if e] + [-1])
        shares = calendar.working_shares[step]
        cuts = np.unique(np.concatenate([[0.0, 1.0], shares, np.arange(1, 5) / 5]))
        total = 0.0
        merged = {}
        for low, high in pairwise(cuts):
            luck = (low + high) / 2
            views = tuple(
                tuple(
                    self.shown(move.kind, self.day_of(move.kind, child, step, luck), resolved)
                    for move in moves
                )
                for moves, child in zip(lists, opened, strict=True)
            )  # fmt: skip
            merged[views] = merged.get(views, 0.0) + high - low
        for views, weight in merged.items():
            for chosen in product(*(range(len(moves)) for moves in lists)):
                if [view[move] for view, move in zip(views, chosen, strict=True)] == seen:
                    total += weight * self.together(chances, chosen)
        return total

    def shown(self, kind, day, resolved):
        if kind == Kind.STAYS or day >= self.today:
            return None
        if kind in ENQUIRIES:
            return ("enquiry", int(day), int(kind) if resolved < self.today else None)
        return (int(kind), int(day))

    def day_of(self, kind, child, step, luck):
        calendar = self.lived.calendar
        if kind in FINDINGS:
            return self.authorised[child, step]
        day = calendar.day_in_step(calendar.working_shares, np.array([step]), np.array([luck]))[0]
        status = self.status[child, step]
        for review, wait in zip(REVIEWS, (87, 262, 440), strict=True):
            if status == on_plan(review) and kind in (Kind.STEPS_DOWN, Kind.CLOSES):
                due = self.plan_day[child, step] + wait + int(luck * 5)
                if calendar.starts[step] <= due < calendar.starts[step + 1]:
                    return due
        return day


def by_enumeration(lived, number, today, referred):
    """Posterior over class and phase: a sum over all times of arrival and paths of the phase."""
    family = Family(lived, number, today, referred)
    last = int(lived.calendar.step_of[today])
    hazards, answer = lived.hazards, np.zeros((len(CLASSES), len(PHASES)))
    on_plan_then = lived.parameters.array("people.arrives_on_plan")
    for kind in range(len(CLASSES)):
        chance = [[family.step_chance(kind, z, step) for z in range(3)] for step in range(last + 1)]
        for arrived in [-1, *range(min(family.first_known(), last))]:
            prior = 1.0 if arrived < 0 else hazards.leaving * (1 - on_plan_then[kind])
            steps = range(arrived + 1, last + 1)
            stayed = (1 - hazards.leaving) ** (last - max(arrived, 0))
            for path in product(range(3), repeat=len(steps)):
                weight = prior * stayed * hazards.stationary[kind, path[0]]
                for step, phase in zip(steps, path, strict=True):
                    weight *= chance[step][phase]
                for phase, following in pairwise(path):
                    weight *= hazards.phase[kind, phase, following]
                answer[kind, path[-1]] += weight
    return (answer / answer.sum()).ravel()


def questions(lived, most):
    """Referrals, and days in mid-step on which much is going on, one for each family."""
    rng = np.random.default_rng(1)
    referrals, people = lived.timeline.referrals, lived.people
    found = []
    for number in rng.permutation(FAMILIES):
        mine = np.flatnonzero(people.family[referrals["child"]] == number)
        late = mine[(referrals["step"][mine] >= 2) & (referrals["step"][mine] < STEPS)]
        if len(late):
            pick = late[-1]
            found.append((number, int(referrals["day"][pick]), int(referrals["child"][pick])))
        elif len(mine):
            first = int(lived.calendar.starts[rng.integers(1, STEPS - 1)])
            found.append((number, first + int(rng.integers(0, 28)), None))
    return found[:most]


def test_posterior_is_the_sum_over_all_hidden_paths(lived):
    asked = questions(lived, ASKED)
    families = Families(lived, np.arange(FAMILIES))
    numbers = np.array([number for number, _, _ in asked])
    days = np.array([day for _, day, _ in asked])
    first = lived.people.first_child[numbers]
    places = np.array(
        [NOBODY if child is None else child - start
         for (_, _, child), start in zip(asked, first, strict=True)]
    )  # fmt: skip
    weight = Filter(families).posterior(Questions(numbers, days, places))
    posterior = weight / weight.sum(axis=1, keepdims=True)
    for row, (number, today, child) in enumerate(asked):
        slow = by_enumeration(lived, number, today, child)
        np.testing.assert_allclose(posterior[row], slow, atol=1e-9)


@pytest.mark.parametrize("siblings", [1, 2, 3])
def test_joint_chance_is_the_sum_over_who_goes_with_the_family(siblings):
    rng = np.random.default_rng(siblings)
    chances = rng.dirichlet(np.ones(4), (6, siblings, 3))
    allowed = rng.random((6, siblings, 4, 2)) < 0.6
    fast = joint_chance(np.cumsum(chances, axis=3), allowed, 0.9)
    for row, state, case in product(range(6), range(3), range(2)):
        slow = 0.0
        for moves in product(range(4), repeat=siblings):
            if not all(allowed[row, s, m, case] for s, m in enumerate(moves)):
                continue
            for alike in product([True, False], repeat=siblings):
                low, high, weight = 0.0, 1.0, 1.0
                for s, (m, same) in enumerate(zip(moves, alike, strict=True)):
                    chance = chances[row, s, state]
                    weight *= 0.9 if same else 0.1 * chance[m]
                    if same:
                        low, high = max(low, chance[:m].sum()), min(high, chance[: m + 1].sum())
                slow += weight * max(high - low, 0.0)
        assert fast[row, state, case] == pytest.approx(slow, abs=1e-12)
