"""The ceiling of open cases and closures against brute force: every way on, day by day."""

from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest
from test_ceiling_by_enumeration import FAMILIES, FINDINGS, STEPS, Family, lived

from fs_risk.synthetic.ceiling_families import Families
from fs_risk.synthetic.closures import ClosureValues, closures
from fs_risk.synthetic.open_cases import open_cases
from fs_risk.synthetic.open_together import Together
from fs_risk.synthetic.open_values import OpenValues
from fs_risk.synthetic.posterior import NOBODY, Filter, Questions
from fs_risk.synthetic.referring import length_chances
from fs_risk.synthetic.states import (
    CLASSES,
    ENQUIRIES,
    REVIEWS,
    Kind,
    Status,
    assessing,
    band,
    covariates,
    in_care,
    in_proceedings,
    on_plan,
)
from fs_risk.synthetic.timeline import conference_day, conference_lags, enquiry_at_entry
from fs_risk.synthetic.unlabelled import Unlabelled

__all__ = ["lived"]

CLOSING = (Kind.NOT_IN_NEED, Kind.SHORT_NEED, Kind.CLOSES)
HIGHER = (Kind.PLAN, Kind.PRE_PROCEEDINGS, Kind.CARE)
STEPS_DOWN = {2: CLOSING, 3: (Kind.STEPS_DOWN, Kind.CLOSES), 4: (Kind.STEPS_DOWN,),
              5: (Kind.STEPS_DOWN, Kind.CLOSES)}  # fmt: skip
WITHIN = 75


class Question:
    """Which moves are the outcome, which end the question, and which must not come at once."""

    def __init__(self, outcome, tier):
        self.first = outcome == "step_down"
        self.again = outcome in ("re_referral", "sustained_closure")
        self.kinds = {
            "cp_plan": (Kind.PLAN,), "care": (Kind.CARE,), "section47": ENQUIRIES,
            "pre_proceedings": (Kind.PRE_PROCEEDINGS,), "step_up": HIGHER[max(tier - 2, 0):],
            "step_down": STEPS_DOWN[tier],
        }.get(outcome, ())  # fmt: skip
        self.against = HIGHER[tier - 2 :] if self.first else ()
        self.above = {"cp_plan": HIGHER[1:], "pre_proceedings": HIGHER[2:]}.get(outcome, ())


class Future:
    """What may follow for one child of one class: a sum over every move of every step."""

    def __init__(self, lived, child, kind, question, day, facts):
        self.lived, self.child, self.kind, self.q = lived, child, kind, question
        self.limit = day + WITHIN
        self.last = int(lived.calendar.step_of[self.limit])
        self.facts = facts  # plan_day, and the days on which an assessment may end
        people, self.known = lived.people, {}
        self.birth, self.exit = people.birth_step[child], people.exit_step[child]
        self.deprived = people.deprived[child]
        self.lone = people.n_children[people.family[child]] == 1
        self.unlabelled = Unlabelled(lived.parameters)

    def age(self, step):
        return int(band(np.array(step - self.birth)))

    def number(self, step, plans, phase):
        return covariates(self.kind, phase, self.age(step), min(plans, 2), self.deprived)

    def days(self, step, shares):
        start = self.lived.calendar.starts[step]
        part = np.diff(shares[step], prepend=0.0)
        return [(start + place, share) for place, share in enumerate(part) if share > 0]

    def in_time(self, step, kind, at_entry, status=0):
        """Share of an outcome in a step that falls on or before the last day."""
        shares = self.facts.setdefault("shares", {})
        key = (step, kind, at_entry, status)
        if key not in shares:
            shares[key] = self.share_in_time(step, kind, at_entry, status)
        return shares[key]

    def share_in_time(self, step, kind, at_entry, status):
        by_conference = kind == Kind.PLAN and Kind.ENQUIRY not in self.q.kinds
        if step < self.last - by_conference:  # a conference may be in the next step
            return 1.0
        calendar, parameters = self.lived.calendar, self.lived.parameters
        shares = calendar.referral_shares if at_entry else calendar.working_shares
        if kind in FINDINGS:
            inside = {d: p for d, p in self.facts["ends"].items() if calendar.step_of[d] == step}
            total = sum(inside.values())
            return sum(p for d, p in inside.items() if d <= self.limit) / total if total else 1.0
        if kind in (Kind.STEPS_DOWN, Kind.CLOSES) and self.q.first:
            return self.end_in_time(step, status)
        total = 0.0
        gaps = enumerate(parameters.array("enquiry.gap_days"))
        gaps = list(gaps) if at_entry and kind in ENQUIRIES else [(0, 1.0)]
        lags = conference_lags(parameters)
        lags = list(enumerate(lags)) if by_conference else [(0, 1.0)]
        for (day, share), (gap, by_gap), (lag, by_lag) in product(
            self.days(step, shares), gaps, lags
        ):
            if not by_lag:
                continue
            if at_entry and kind in ENQUIRIES:
                day = enquiry_at_entry(calendar, np.array([day]), gap)[0]
            if by_conference:
                day = conference_day(calendar, np.array([day]), np.array([step]), lag)[0]
            total += share * by_gap * by_lag * (day <= self.limit)
        return total

    def end_in_time(self, step, status):
        """Share of the ends of a plan, in need or care in the last step that are in time."""
        calendar = self.lived.calendar
        cuts = np.unique([0.0, 1.0, *calendar.working_shares[step], *np.arange(1, 5) / 5])
        return sum(
            (high - low) * (self.end_day(step, status, (low + high) / 2) <= self.limit)
            for low, high in pairwise(cuts)
        )

    def end_day(self, step, status, luck):
        calendar = self.lived.calendar
        day = calendar.day_in_step(calendar.working_shares, np.array([step]), np.array([luck]))[0]
        for review, wait in zip(REVIEWS, (87, 262, 440), strict=True):
            if status == on_plan(review):
                due = self.facts["plan_day"] + wait + int(luck * 5)
                if calendar.starts[step] <= due < calendar.starts[step + 1]:
                    return due
        return day

    def worth(self, step, status, plans, phase):
        """Chances of the outcome in time and of losing the label, from the start of a step."""
        if step > self.last or step >= self.exit:
            return np.zeros(2)
        key = (step, status, min(plans, 2), phase)
        if key not in self.known:
            hazards = self.lived.hazards
            ways = self.closed if status == Status.CLOSED else self.open
            found = (1 - hazards.leaving) * ways(step, status, plans, phase)
            if status != Status.CLOSED:
                seen = self.unlabelled.seen_to_leave(np.array(self.lone))
                found[1] += hazards.leaving * seen * self.in_time(step, Kind.LEAVES, False)
            self.known[key] = found
        return self.known[key]

    def after(self, step, target, plans, phase):
        """Worth of a status at the next step, over what the phase may become."""
        chances = self.lived.hazards.phase[self.kind, phase]
        return sum(
            chance * self.worth(step + 1, target, plans, following)
            for following, chance in enumerate(chances) if chance
        )  # fmt: skip

    def closed(self, step, status, plans, phase):
        hazards, calendar = self.lived.hazards, self.lived.calendar
        age = self.age(step)
        chance = hazards.family_referral[self.kind, phase] * hazards.joins[age]
        chance = (chance + hazards.own_referral[self.kind, phase, age]) * calendar.season[step]
        total = (1 - chance) * self.after(step, Status.CLOSED, plans, phase)
        if self.q.again:
            happened = chance * self.in_time(step, Kind.ASSESSMENT, True)
            return total + np.array([happened, 0.0])
        number, lengths = self.number(step, plans, phase), length_chances(self.lived.parameters)
        ahead = Counter()
        for day, share in self.days(step, calendar.referral_shares):
            ends = calendar.step_of[calendar.add_working_days(day, np.arange(len(lengths)))]
            for end, by_length in zip(ends, lengths, strict=True):
                ahead[int(end) - step] += share * by_length
        for move in hazards.entry:
            part = chance * move.chance[number]
            if move.kind in self.q.kinds:
                total[0] += part * self.in_time(step, move.kind, True)
                continue
            if move.kind != Kind.ASSESSMENT:
                more = plans + (move.kind == Kind.PLAN)
                total = total + part * self.after(step, move.target, more, phase)
                continue
            for steps, share in ahead.items():
                if steps:
                    worth = self.after(step, assessing(steps), plans, phase)
                    total = total + part * share * worth
                    continue
                for found in hazards.completion:
                    worth = self.after(step, found.target, plans, phase)
                    total = total + part * share * found.chance[number] * worth
        return total

    def open(self, step, status, plans, phase):
        total = np.zeros(2)
        for move in self.lived.hazards.moves[status]:
            chance = move.chance[self.number(step, plans, phase)]
            share = self.in_time(step, move.kind, False, status)
            total = total + chance * self.one_move(step, status, plans, phase, move, share)
        return total

    def one_move(self, step, status, plans, phase, move, share):
        """Worth of one move; `share` of it is in time."""
        label = self.without_label(step, status, move.kind)
        if move.kind in self.q.kinds:
            lost = np.array([(1 - label) * share, label * share])
            remand = move.kind == Kind.CARE and not self.q.first
            return lost + (label * self.after(step, move.target, plans, phase) if remand else 0.0)
        if move.kind in self.q.against:
            remand = label * self.in_time(step, Kind.CARE, False)
            return np.array([0.0, remand if move.kind == Kind.CARE else 0.0])
        worth = self.after(step, move.target, plans + (move.kind == Kind.PLAN), phase)
        if move.kind in (Kind.STEPS_DOWN, Kind.CLOSES) and label:
            passed = self.in_time(step, Kind.LEAVES, False)
            worth = worth + np.array([0.0, label * (passed - worth.sum())])
        return worth

    def without_label(self, step, status, kind):
        """Chance that a move takes the label away: a remand, or an adoption."""
        if kind == Kind.CARE and not in_proceedings(np.array(status)):
            return self.unlabelled.remanded[self.age(step)]
        if kind in (Kind.STEPS_DOWN, Kind.CLOSES) and in_care(np.array(status)):
            return self.unlabelled.adopted[kind][self.age(step)]
        return 0.0


class Ways(Family):
    """One family; in some step, the chances of all that is known by each way of one child.

    A way is what befell that child in the step, as far as it is not known, and whether it
    falls by the end of the next working day.
    """

    def __init__(self, lived, number, today, child, *, closes=False):
        referrals = lived.timeline.referrals
        of_child = (referrals["child"] == child) & (referrals["day"] == today)
        super().__init__(lived, number, today, child if of_child.any() else None)
        self.own, self.closes = child, closes
        calendar = lived.calendar
        self.last = int(calendar.step_of[today])
        self.next_day = calendar.add_working_days(np.array([today]), 1)[0]
        self.in_step = self.last
        self.ends = {}

    def until(self, child):
        """The first day on which what befalls a child is not known."""
        return self.today + (self.closes and child == self.own)

    def is_known(self, child, day):
        return day < self.until(child)

    def shown_of(self, child, kind, day, resolved):
        if kind == Kind.STAYS or not self.is_known(child, day):
            return None
        if kind in ENQUIRIES:
            return ("enquiry", int(day), int(kind) if resolved < self.today else None)
        return (int(kind), int(day))

    def way(self, child, step, kind, day, shown):
        """Name the way, for the child and step that matter; else nothing."""
        if child != self.own or step != self.in_step:
            return None
        if shown is not None and (shown[0] != "enquiry" or shown[2] is not None):
            return None
        return int(kind), bool(kind != Kind.STAYS and day > self.next_day)

    def step_ways(self, kind, phase, step):
        rest = self.referral_chance(kind, phase, step) * self.contact_chance(kind, phase, step)
        total = Counter()
        for (one, first), (other, second) in product(
            self.entry_ways(kind, phase, step).items(), self.move_ways(kind, phase, step).items()
        ):
            total[one or other] += rest * first * second
        return total

    def entry_ways(self, kind, phase, step):
        groups = {}
        for each in self.referrals:
            if each["step"] == step and self.is_known(each["child"], each["day"]):
                groups.setdefault(each["day"], []).append(each)
        total = Counter({None: 1.0})
        for day, group in groups.items():
            ways = self.one_entry_ways(kind, phase, step, day, group)
            merged = Counter()
            for (one, first), (other, second) in product(total.items(), ways.items()):
                merged[one or other] += first * second
            total = merged
        return total

    def one_entry_ways(self, kind, phase, step, day, group):
        hazards, calendar = self.lived.hazards, self.lived.calendar
        chances = [self.chances(hazards.entry, kind, phase, each["child"], step) for each in group]
        found = [
            self.chances(hazards.completion, kind, phase, each["child"], step) for each in group
        ]
        mine = [[e for e in self.events if (e["child"], e["step"]) == (r["child"], step)
                 and e["origin"] == Status.CLOSED] for r in group]  # fmt: skip
        truly = [events[0] for events in mine]
        results = [next((e for e in events if e["kind"] in FINDINGS), None) for events in mine]

        def looks(what, enquiry, resolved, done):
            if what in (Kind.CARE, Kind.NO_FURTHER_ACTION):
                return (int(what),)
            if what in ENQUIRIES and enquiry < self.today:
                return ("enquiry", int(enquiry), int(what) if resolved < self.today else None)
            return ("done" if what == Kind.ASSESSMENT and done else "nothing yet",)

        def done(each):
            in_step = calendar.step_of[each["authorised"]] == step
            return in_step and self.is_known(each["child"], each["authorised"])

        seen = [
            looks(e["kind"], e["day"], e["resolved"], done(r))
            for e, r in zip(truly, group, strict=True)
        ]
        resolved = max(e["resolved"] for e in truly)
        kinds = [move.kind for move in hazards.entry]
        total = Counter()
        for gap, weight in enumerate(self.lived.parameters.array("enquiry.gap_days")):
            enquiry = enquiry_at_entry(calendar, np.array([day]), gap)[0]
            for chosen in product(range(len(kinds)), repeat=len(group)):
                views = [
                    looks(kinds[move], enquiry, resolved, done(r))
                    for move, r in zip(chosen, group, strict=True)
                ]
                if views != seen:
                    continue
                way = None
                for move, each, view in zip(chosen, group, views, strict=True):
                    if view[0] not in ("done",):
                        unsure = None if view == ("nothing yet",) else view
                        when = enquiry if kinds[move] in ENQUIRIES else day
                        if len(view) > 1 or view == ("nothing yet",):
                            way = way or self.way(each["child"], step, kinds[move], when, unsure)
                total[way] += weight * self.together(chances, chosen)
        known = [
            place for place, (r, e) in enumerate(zip(group, results, strict=True))
            if e is not None and self.is_known(r["child"], r["authorised"])
        ]  # fmt: skip
        names = [move.kind for move in hazards.completion]
        chosen = [names.index(results[place]["kind"]) for place in known]
        factor = self.together([found[place] for place in known], chosen)
        return Counter({way: chance * factor for way, chance in total.items()})

    def standings(self, child, step):
        """Statuses that a child may have, as far as is known, and days of a finding."""
        status = self.status[child, step]
        running = Status.ASSESSED_1 <= status <= Status.ASSESSED_4
        if child != self.own or step != self.last or not running or not self.ends:
            return {status: 1.0}
        calendar, found = self.lived.calendar, Counter()
        for day, chance in self.ends.items():
            found[assessing(int(calendar.step_of[day]) - step + 1)] += chance
        return found

    def move_ways(self, kind, phase, step):
        opened = [
            child for child in self.children
            if self.status[child, step] and not in_care(np.array(self.status[child, step]))
        ]  # fmt: skip
        if not opened:
            return Counter({None: 1.0})
        total = Counter()
        for statuses in product(*(self.standings(child, step).items() for child in opened)):
            weight = np.prod([chance for _, chance in statuses])
            at = [status for status, _ in statuses]
            for way, chance in self.ways_from(kind, phase, step, opened, at).items():
                ahead = at[opened.index(self.own)] if self.own in opened and way else None
                total[(*way, ahead) if way else None] += weight * chance
        return total

    def ways_from(self, kind, phase, step, opened, statuses):
        hazards, calendar = self.lived.hazards, self.lived.calendar
        lists = [hazards.moves[status] for status in statuses]
        chances = [
            self.chances(moves, kind, phase, child, step)
            for moves, child in zip(lists, opened, strict=True)
        ]
        came = [
            next((e for e in self.events if (e["child"], e["step"]) == (child, step)
                  and e["origin"] != Status.CLOSED and e["kind"] < Kind.COMES_OF_AGE), None)
            for child in opened
        ]  # fmt: skip
        seen = [
            self.shown_of(child, e["kind"], e["day"], e["resolved"]) if e else None
            for child, e in zip(opened, came, strict=True)
        ]
        resolved = max([e["resolved"] for e in came if e] + [-1])
        cuts = np.unique([0.0, 1.0, *calendar.working_shares[step], *np.arange(1, 5) / 5])
        merged = Counter()
        for low, high in pairwise(cuts):
            luck = (low + high) / 2
            views = []
            for child, moves, status in zip(opened, lists, statuses, strict=True):
                days = [self.day_from(move.kind, child, step, luck, status) for move in moves]
                shown = [
                    self.shown_of(child, move.kind, day, resolved)
                    for move, day in zip(moves, days, strict=True)
                ]
                views.append(tuple(
                    (view, self.way(child, step, move.kind, day, view))
                    for view, move, day in zip(shown, moves, days, strict=True)
                ))  # fmt: skip
            merged[tuple(views)] += high - low
        total = Counter()
        for views, weight in merged.items():
            for chosen in product(*(range(len(moves)) for moves in lists)):
                picked = [view[move] for view, move in zip(views, chosen, strict=True)]
                if [shown for shown, _ in picked] != seen:
                    continue
                way = next((way for _, way in picked if way), None)
                total[way] += weight * self.together(chances, chosen)
        return total

    def day_from(self, kind, child, step, luck, status):
        if kind in FINDINGS and (child, step) == (self.own, self.last) and self.ends:
            return self.today  # not known yet; its day is summed over with the length
        kept, self.status[child, step] = self.status[child, step], status
        day = self.day_of(kind, child, step, luck)
        self.status[child, step] = kept
        return day

    def weights(self, kind):
        """Weight of each way and phase at the start of the last step, for one class."""
        hazards, chance = self.lived.hazards, self.lived.parameters.array("people.arrives_on_plan")
        fresh = hazards.stationary[kind]
        parts = {None: fresh.copy()}
        for step in range(self.last + 1):
            told = [self.step_ways(kind, phase, step) for phase in range(3)]
            moved = {}
            for way, weight in parts.items():
                for phase in range(3):
                    for following, value in told[phase].items():
                        name = way or following
                        moved.setdefault(name, np.zeros(3))[phase] += weight[phase] * value
            parts = moved
            if step == self.last:
                return parts
            arrives = step < self.first_known()
            for way, weight in parts.items():
                weight = weight @ hazards.phase[kind]
                if arrives and way is None:
                    weight = weight + hazards.leaving * (1 - chance[kind]) * fresh
                parts[way] = weight * (1 - hazards.leaving)
        return parts


@pytest.fixture(scope="module")
def past():
    """What may have been, by case: the same whatever is asked about what comes of it."""
    return {}


def of_open_case(lived, case, child):
    """The ways of an open case, and their weights for each class."""
    today = int(case.day[0])
    ways = Ways(lived, int(lived.people.family[child]), today, child)
    if case.in_step[0] >= 0:
        ways.in_step = int(case.in_step[0])
    ends, calendar = Counter(), lived.calendar
    for length, chance in enumerate(length_chances(lived.parameters)):
        day = int(calendar.add_working_days(case.referral_day, length)[0])
        if day >= today and case.authorised[0] >= today:
            ends[day] += chance
    ways.ends = {day: chance / sum(ends.values()) for day, chance in ends.items()}
    return ways, [ways.weights(kind) for kind in range(len(CLASSES))]


def by_enumeration(lived, case, child, outcome, past):
    """The ceiling of one open case, by sums over all that may have been and may be."""
    ways, weights = past
    today, question = ways.today, Question(outcome, int(case.tier[0]))
    facts = {"plan_day": int(case.plan_day[0]), "ends": ways.ends}
    happened = labelled = 0.0
    for kind in range(len(CLASSES)):
        future = Future(lived, child, kind, question, today, facts)
        for way, weight in weights[kind].items():
            for phase in range(3):
                if weight[phase]:
                    total, had, lost = going_on(future, ways, case, way, phase)
                    happened += weight[phase] * had / total
                    labelled += weight[phase] * (1.0 - lost / total)
    return happened / labelled if labelled else np.nan


def going_on(future, ways, case, way, phase):
    """Chance of a way on (of what is not known), and of the outcome and no label with it."""
    step, status, plans = ways.last, int(case.status[0]), int(case.previous[0])
    soon = sum(chance for day, chance in ways.ends.items() if day <= ways.next_day)
    parts = []
    if way is None and case.kind[0] >= 0:
        target, kind = int(case.target[0]), int(case.kind[0])
        if kind == Kind.NO_FURTHER_ACTION and future.q.first:
            return 1.0, 0.0, 1.0
        worth = future.after(step, target, plans + (kind == Kind.PLAN), phase)
        return 1.0, worth[0], worth[1]
    if way is None:  # nothing that depends on siblings
        for move in future.lived.hazards.moves[status]:
            chance = move.chance[future.number(step, plans, phase)]
            for late, share in ends_alone(future, ways, step, status, move.kind).items():
                parts.append((chance * share, move.kind, move.target, late))
    elif case.enquired[0] >= 0:
        target = on_plan(1) if way[0] == Kind.PLAN else Status.HELD
        if case.in_step[0] < step:
            target = on_plan(2) if way[0] == Kind.PLAN else Status.NEED
        for late, share in conferences(future, ways, case).items():
            parts.append((share, way[0], target, late))
    elif len(way) == 2:  # referred in this very step
        if way[0] == Kind.ASSESSMENT:
            parts = assessments(future, ways, step, plans, phase)
        else:
            target = on_plan(1) if way[0] == Kind.PLAN else Status.HELD
            parts = [(1.0, way[0], target, way[1])]
    else:
        target = next(
            move.target for move in future.lived.hazards.moves[way[2]] if move.kind == way[0]
        )
        parts = [(1.0, way[0], target, way[1])]
        if way[0] in FINDINGS:
            inside = [day for day in ways.ends if future.lived.calendar.step_of[day] == step]
            soon = soon / sum(ways.ends[day] for day in inside)
            parts = [(soon, way[0], target, False), (1 - soon, way[0], target, True)]
        status = way[2]
    total = had = lost = 0.0
    for chance, kind, target, late in parts:
        if kind == Kind.PLAN and case.enquired[0] < 0 and Kind.ENQUIRY not in future.q.kinds:
            late = True  # its conference is days away
        one, none = one_way(future, step, status, plans, phase, kind, target, late)
        total, had, lost = total + chance, had + chance * one, lost + chance * none
    return total, had, lost


def one_way(future, step, status, plans, phase, kind, target, late):
    question = future.q
    label = future.without_label(step, status, kind)
    if kind in question.kinds:
        return (1 - label, label) if late else (0.0, 1.0)
    if kind in question.against:
        return (0.0, label if kind == Kind.CARE else 0.0) if late else (0.0, 1.0)
    if kind in question.above and not late:
        return 0.0, 1.0
    worth = future.after(step, target, plans + (kind == Kind.PLAN), phase)
    lost = worth[1]
    if kind in (Kind.STEPS_DOWN, Kind.CLOSES):
        lost += label * (1 - worth.sum())
    return worth[0], lost


def ends_alone(future, ways, step, status, kind):
    """Shares of a move of a child alone that are still to come: soon, and later."""
    if kind == Kind.STAYS:
        return {False: 1.0}
    calendar = future.lived.calendar
    shares = Counter()
    for day, share in future.days(step, calendar.working_shares):
        if day >= ways.today:
            shares[bool(day > ways.next_day)] += share
    return shares


def conferences(future, ways, case):
    shares, calendar = Counter(), future.lived.calendar
    for lag, chance in enumerate(conference_lags(future.lived.parameters)):
        day = int(conference_day(calendar, case.enquired, case.in_step, lag)[0])
        if day >= ways.today:
            shares[bool(day > ways.next_day)] += chance
    total = sum(shares.values())
    return {late: share / total for late, share in shares.items()} if total else {True: 1.0}


def assessments(future, ways, step, plans, phase):
    """An assessment begun in this step: every day on which it may end, and what it may find."""
    parts, calendar = [], future.lived.calendar
    for day, chance in ways.ends.items():
        ahead = int(calendar.step_of[day]) - step
        if ahead:
            parts.append((chance, Kind.ASSESSMENT, assessing(ahead), True))
            continue
        for found in future.lived.hazards.completion:
            share = found.chance[future.number(step, plans, phase)]
            parts.append((chance * share, found.kind, found.target, day > ways.next_day))
    return parts


def of_closure(lived, case, child):
    """The ways of a closure, and their weights for each class."""
    ways = Ways(lived, int(lived.people.family[child]), int(case.day[0]), child, closes=True)
    return ways, [ways.weights(kind) for kind in range(len(CLASSES))]


def closure_by_enumeration(lived, case, child, kind_of_closure, outcome, past):
    """The ceiling of one closure: its own day counts, and how it came about."""
    today, plans = int(case.day[0]), int(case.previous[0])
    ways, weights = past
    question, facts = Question(outcome, int(case.tier[0])), {"plan_day": -1, "ends": {}}
    happened = labelled = 0.0
    for kind in range(len(CLASSES)):
        future = Future(lived, child, kind, question, today, facts)
        label = future.without_label(ways.last, int(case.status[0]), kind_of_closure)
        for weight in weights[kind].values():
            for phase in range(3):
                had, lost = future.after(ways.last, Status.CLOSED, plans, phase)
                with_label = had + (1 - label) * (1 - lost - had)
                if outcome == "sustained_closure":
                    of_age = lived.people.adult_day[child] <= today + WITHIN
                    with_label = had if of_age else with_label
                    had = with_label - had
                happened += weight[phase] * had
                labelled += weight[phase] * with_label
    return happened / labelled


OPEN = {
    "in need": lambda cases: np.isin(cases.status, (Status.NEW_NEED, Status.NEED)),
    "on a plan": lambda cases: (cases.tier == 3) & (cases.kind < 0) & (cases.status > on_plan(1)),
    "assessed": lambda cases: (cases.status >= 1) & (cases.status <= 4) & (cases.kind < 0),
    "just referred": lambda cases: cases.referred & (cases.kind < 0) & (cases.enquired < 0),
    "result to come": lambda cases: (cases.enquired >= 0) & (cases.in_step == cases.step),
    "result to come from the step before": lambda cases: (
        (cases.enquired >= 0) & (cases.in_step < cases.step)
    ),
    "something told": lambda cases: (cases.kind >= 0) & (cases.enquired < 0),
    "in care": lambda cases: (cases.tier == 5) & (cases.kind < 0),
}


@pytest.fixture(scope="module")
def opened(lived):
    """Open cases of families of two, each on some day of the first steps."""
    rng = np.random.default_rng(3)
    referrals, people, calendar = lived.timeline.referrals, lived.people, lived.calendar
    number = np.flatnonzero(people.n_children[people.family[referrals["child"]]] == 2)
    number = number[referrals["step"][number] < STEPS]
    closed = lived.timeline.closed[number]
    end = np.minimum(np.where(closed < 0, 10_000, closed), calendar.starts[STEPS + 1] - 1)
    first = referrals["day"][number] + 1
    number, first, end = (each[end >= first] for each in (number, first, end))
    number, first, end = (np.repeat(each, 4) for each in (number, first, end))
    day = rng.integers(first, end + 1)
    families = Families(lived, np.arange(FAMILIES))
    return families, number, open_cases(families, number, day)


ASKED = [
    ("in need", "step_down"),
    ("on a plan", "step_down"),
    ("on a plan", "step_up"),
    ("just referred", "section47"),
    ("just referred", "step_down"),
    ("result to come", "step_up"),
    ("result to come from the step before", "cp_plan"),
    ("result to come from the step before", "re_referral"),
    ("something told", "pre_proceedings"),
    ("in care", "step_down"),
    ("in care", "section47"),
    pytest.param("in need", "cp_plan", marks=pytest.mark.slow),
    pytest.param("assessed", "step_down", marks=pytest.mark.slow),
    pytest.param("assessed", "care", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("which", "outcome"), ASKED)
def test_ceiling_of_an_open_case_is_the_sum_over_every_way_on(which, outcome, lived, opened, past):
    """Exactly, whatever its siblings did in the same step."""
    families, number, cases = opened
    oracle = OpenValues(lived.hazards, lived.calendar, lived.parameters)
    some = np.flatnonzero(OPEN[which](cases) & ~cases.gone)
    # one whose siblings' cases were open too, early in the world, tells most for least work
    alone = (families.status[cases.step, cases.row] > 0).sum(axis=1) < 2
    some = some[np.lexsort((cases.step[some], alone[some]))][:1]
    cases = cases.take(some)
    weight = Filter(families).posterior(Questions(cases.row, cases.day, np.full(len(some), NOBODY)))
    happened, labelled = oracle.chances(
        families, cases, outcome, WITHIN, known_length=False,
        together=Together(Filter(families), cases),
    )  # fmt: skip
    child = int(lived.timeline.referrals["child"][number[some[0]]])
    if which not in past:
        past[which] = of_open_case(lived, cases, child)
    slow = by_enumeration(lived, cases, child, outcome, past[which])

    assert (weight * happened).sum() / (weight * labelled).sum() == pytest.approx(slow, abs=1e-9)


@pytest.mark.parametrize(
    "outcome",
    [
        "sustained_closure",
        "re_referral",
        "section47",
        "cp_plan",
        "pre_proceedings",
        "care",
        pytest.param("step_up", marks=pytest.mark.slow),
    ],
)
def test_ceiling_of_a_closure_is_the_sum_over_every_way_on(outcome, lived, past):
    referrals, people = lived.timeline.referrals, lived.people
    families = Families(lived, np.arange(FAMILIES))
    closed = lived.timeline.closed
    number = np.flatnonzero((closed >= 0) & (closed < lived.calendar.starts[STEPS]))
    number = number[people.n_children[people.family[referrals["child"][number]]] == 2]
    found = closures(families, number)
    same_day = closed[number] == referrals["day"][number]
    kind = lived.timeline.events["kind"][lived.timeline.closing[number]]
    adult = people.adult_day[referrals["child"][number]] <= closed[number] + WITHIN
    oracle = ClosureValues(lived.hazards, lived.calendar, lived.parameters)
    happened, labelled = oracle.chances(families, found, outcome, WITHIN)
    place = families.place(referrals["child"][number])
    nobody = np.full(len(number), NOBODY)
    questions = Questions(found.cases.row, closed[number], np.where(same_day, place, nobody), place)
    weight = Filter(families).posterior(questions)
    top, below = (weight * happened).sum(axis=1), (weight * labelled).sum(axis=1)
    usable = below > 0
    picked = [
        np.flatnonzero(usable & which)[:1]
        for which in (same_day, kind == Kind.NOT_IN_NEED, kind == Kind.CLOSES, adult,
                      found.cases.tier == 3, found.cases.tier == 5)
    ]  # fmt: skip
    for row in np.unique(np.concatenate(picked)):
        case = found.cases.take(np.array([row]))
        child = int(referrals["child"][number[row]])
        if int(number[row]) not in past:
            past[int(number[row])] = of_closure(lived, case, child)
        before = past[int(number[row])]
        slow = closure_by_enumeration(lived, case, child, int(kind[row]), outcome, before)
        assert top[row] / below[row] == pytest.approx(slow, abs=1e-9), kind[row]
