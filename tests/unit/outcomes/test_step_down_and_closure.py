"""Step-down and sustained closure, against plain loops over days and over invented cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.outcomes.cohorts import closure_cohort, open_case_cohort, referral_cohort
from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.records import Records

START = np.datetime64("2020-01-01", "D")
LAST_DAY = 90
TABLES = ("referrals", "cp_plans", "pre_proceedings", "care_periods", "section47")
TIERS = {3: "cp_plans", 4: "pre_proceedings", 5: "care_periods"}
KEYS = {"cp_plans": "cp_plan_id", "pre_proceedings": "pre_proceedings_id",
        "care_periods": "care_period_id"}  # fmt: skip


def dated(days):
    stamps = [np.datetime64("NaT") if day is None else START + day for day in days]
    return pd.Series(np.array(stamps, dtype="datetime64[s]"))


def random_world(rng, n_children=25):
    """Cases, periods on tiers and ends of 25 children over 91 days, as plain tuples."""
    world = {"referrals": [], "tiers": {tier: [] for tier in TIERS}, "children": {}}
    for child in (f"C{number}" for number in range(n_children)):
        eighteen = int(rng.integers(-5, 110)) if rng.random() < 0.2 else None
        death = int(rng.integers(0, 90)) if rng.random() < 0.1 else None
        world["children"][child] = (eighteen, death)
        day = int(rng.integers(0, 30))
        while day < LAST_DAY:
            closed = day + int(rng.integers(0, 40))
            reason = rng.choice(["RC7", "RC7", "RC7", "RC5", "RC1", "RC2"])
            dropped = rng.random() < 0.1
            world["referrals"].append((child, day, closed, str(reason), bool(dropped)))
            day = closed + int(rng.integers(0, 25))
        for tier in TIERS:
            for _ in range(int(rng.integers(0, 3))):
                begun = int(rng.integers(0, 80))
                ended = begun + int(rng.integers(0, 30)) if rng.random() < 0.8 else None
                court = tier == 4 and ended is not None and rng.random() < 0.5
                world["tiers"][tier].append((child, begun, ended, bool(court)))
    return world


def as_records(world):
    referrals = world["referrals"]
    seen = [closed <= LAST_DAY for _, _, closed, _, _ in referrals]
    frames = {
        "referrals": pd.DataFrame(
            {
                "referral_id": [f"R{number}" for number in range(len(referrals))],
                "child_id": [row[0] for row in referrals],
                "referral_date": dated([row[1] for row in referrals]),
                "close_date": dated(
                    [row[2] if ok else None for row, ok in zip(referrals, seen, strict=True)]
                ),
                "close_reason": [
                    row[3] if ok else None for row, ok in zip(referrals, seen, strict=True)
                ],
                "no_further_action": [row[4] for row in referrals],
            }
        ),
        "children": pd.DataFrame(
            {
                "child_id": list(world["children"]),
                "birth_date": [
                    pd.NaT if day is None else pd.Timestamp(START + day) - pd.DateOffset(years=18)
                    for day, _ in world["children"].values()
                ],
                "death_date": dated([day for _, day in world["children"].values()]),
            }
        ),
    }
    for tier, table in TIERS.items():
        rows = world["tiers"][tier]
        frames[table] = pd.DataFrame(
            {
                KEYS[table]: [f"{tier}-{number}" for number in range(len(rows))],
                "child_id": pd.Series([row[0] for row in rows], dtype="str"),
                "start_date": dated([row[1] for row in rows]),
                "end_date": dated(
                    [row[2] if row[2] is not None and row[2] <= LAST_DAY else None for row in rows]
                ),
            }
        )
        if tier == 4:
            frames[table]["court_date"] = dated(
                [row[2] if row[3] and row[2] <= LAST_DAY else None for row in rows]
            )
    window = (str(START), str(START + LAST_DAY))
    return Records.from_frames(
        frames,
        extract_date=str(START + LAST_DAY),
        coverage=dict.fromkeys(TABLES, window),
    )


def known(end):
    return end is not None and end <= LAST_DAY


def first_day(days):
    return min(days, default=10**6)


def ends_of(world, child, as_of):
    """The first day out of sight, and the day of death or the 18th birthday."""
    eighteen, death = world["children"][child]
    closures = [(closed, why) for who, _, closed, why, _ in world["referrals"]
                if who == child and known(closed)]  # fmt: skip
    unseen = first_day(d for d, why in closures if why in ("RC5", "RC1") and d >= as_of)
    final = first_day(
        [d for d in (eighteen, death) if d is not None] + [d for d, why in closures if why == "RC2"]
    )
    return unseen, final


def in_force(periods, day):
    return any(begun < day and (not known(end) or end >= day) for begun, end in periods)


def stays(periods, day):
    """Whether it lasts through a day: in force, or the next begins the day after it ended."""
    handed_over = any(
        known(end) and end + 1 == day and any(begun == day for begun, _ in periods)
        for _, end in periods
    )
    return in_force(periods, day) or handed_over


def next_working_day(day):
    """The next Monday to Friday; the days asked about are clear of New Year and Easter."""
    following = day + 1
    while (START + following).astype(object).weekday() > 4:
        following += 1
    return following


def step_down_by_hand(world, child, as_of, within):
    """Walk day by day; 1, 0 or a reason."""
    own = {tier: [(b, e) for who, b, e, _ in world["tiers"][tier] if who == child]
           for tier in TIERS}  # fmt: skip
    need = [(d, c) for who, d, c, _, dropped in world["referrals"]
            if who == child and not dropped]  # fmt: skip
    unseen, final = ends_of(world, child, as_of)
    if final <= as_of:
        return "over"
    tier = max([t for t in TIERS if in_force(own[t], as_of)], default=2)
    mine = need if tier == 2 else own[tier]
    if not in_force(mine, as_of):
        return "not open"
    down = as_of
    while stays(mine, down + 1) and down <= LAST_DAY + 1:
        down += 1
    if down > LAST_DAY:
        down = 10**6
    up = first_day(b for t in TIERS if t > tier for b, _ in own[t] if b >= as_of)
    court = first_day(
        end for who, _, end, court in world["tiers"][4]
        if who == child and court and known(end) and end >= as_of and tier == 4
    )  # fmt: skip
    at_once = next_working_day(as_of)
    if min(down, up, court) <= at_once:
        return "decided at once"
    last = as_of + within
    if last > LAST_DAY:
        return "immature"
    for day in range(as_of, last + 1):
        if up == day or court == day:
            return 0
        if final == day:
            return 0
        if unseen == day:
            return "gone"
        if down == day:
            return 1
    return 0


def sustained_by_hand(world, child, case, as_of, within):
    unseen, final = ends_of(world, child, as_of)
    if final <= as_of:
        return "over"
    own = {t: [(b, e) for who, b, e, _ in world["tiers"][t] if who == child] for t in TIERS}
    mine = [(d, c, dropped) for who, d, c, _, dropped in world["referrals"] if who == child]
    if any(d == as_of for n, (who, d, *_) in enumerate(world["referrals"])
           if who == child and n != case):  # fmt: skip
        return "same day"
    if any(b == as_of for t in TIERS for b, _ in own[t]):
        return "same day"
    if any(in_force([(d, c)], as_of + 1) for d, c, dropped in mine if not dropped):
        return "not closed"
    if any(in_force(own[t], as_of + 1) for t in TIERS):
        return "not closed"
    last = as_of + within
    if last > LAST_DAY:
        return "immature"
    for day in range(as_of + 1, last + 1):
        if any(d == day for d, _, _ in mine) or any(b == day for t in TIERS for b, _ in own[t]):
            return 0
    if unseen <= last and unseen < final:
        return "gone"
    return "over" if final <= last else 1


NAMES = {
    "died": "over",
    "turned 18": "over",
    "left the area": "gone",
    "adopted": "gone",
}


def said(row):
    return NAMES.get(row.reason, row.reason) if row.reason else int(row.label)


@pytest.fixture(scope="module")
def worlds():
    rng = np.random.default_rng(5)
    return [(world, as_records(world)) for world in (random_world(rng) for _ in range(8))]


class TestAgainstLoops:
    def test_step_down_of_open_cases(self, worlds):
        answers = set()
        for world, records in worlds:
            days = pd.to_datetime([str(START + day) for day in (6, 14, 29, 45, 70)])
            cohort = open_case_cohort(records, on=days)
            labels = label_outcome(records, cohort, outcome="step_down", within_days=25)
            for case, row in zip(cohort.itertuples(), labels.itertuples(), strict=True):
                as_of = int((np.datetime64(case.as_of, "D") - START).astype(int))
                expected = step_down_by_hand(world, case.child_id, as_of, 25)
                answers.add(expected)
                assert said(row) == expected, (case, row)
        assert {0, 1, "gone", "over", "decided at once", "immature"} <= answers

    def test_sustained_closure_of_closures(self, worlds):
        answers = set()
        for world, records in worlds:
            cohort = closure_cohort(records)
            labels = label_outcome(records, cohort, outcome="sustained_closure", within_days=20)
            for case, row in zip(cohort.itertuples(), labels.itertuples(), strict=True):
                as_of = int((np.datetime64(case.as_of, "D") - START).astype(int))
                expected = sustained_by_hand(world, case.child_id, int(case.case_id[1:]), as_of, 20)
                answers.add(expected)
                assert said(row) == expected, (case, row)
        assert {0, 1, "gone", "over", "same day", "not closed", "immature"} <= answers


@pytest.fixture(scope="module")
def many(worlds):
    return [records for _, records in worlds[:1]]


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("make", [referral_cohort, closure_cohort, "open"])
def test_every_outcome_answers_for_every_cohort(many, outcome, make):
    """T6: a label or a reason, never both, never neither; a 0 may name what ended it."""
    for records in many:
        day = str(START + 40)
        cohort = open_case_cohort(records, on=day) if make == "open" else make(records)
        labels = label_outcome(records, cohort, outcome=outcome, within_days=30)

        assert labels["label"].isna().eq(labels["reason"] != "").all()
        assert labels["label"].dropna().isin([0.0, 1.0]).all()
        assert labels.loc[labels["label"] != 0, "competing_end"].eq("").all()
        assert labels.index.equals(cohort.index)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(0, 30))
def test_more_days_only_ever_add(seed, shorter, more):
    """What happened within fewer days happened within more; a closure stays so less often."""
    records = as_records(random_world(np.random.default_rng(seed), n_children=5))
    closures, cases = closure_cohort(records), open_case_cohort(records, on=str(START + 30))
    for cohort, outcome, sign in (
        (cases, "step_down", 1),
        (closures, "re_referral", 1),
        (closures, "sustained_closure", -1),
    ):
        few, many = (
            label_outcome(records, cohort, outcome=outcome, within_days=days)["label"]
            for days in (shorter, shorter + more)
        )
        both = few.notna() & many.notna()
        assert (sign * (many[both] - few[both]) >= 0).all()


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_sustained_closure_is_never_a_re_referral(seed):
    records = as_records(random_world(np.random.default_rng(seed), n_children=5))
    cohort = closure_cohort(records)
    sustained, again = (
        label_outcome(records, cohort, outcome=outcome, within_days=20)["label"]
        for outcome in ("sustained_closure", "re_referral")
    )

    assert not ((sustained == 1) & (again == 1)).any()
    assert not ((sustained == 1) & again.isna()).any()
