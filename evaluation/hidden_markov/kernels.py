"""Compiled passes over households' histories: steps and counts of each case, and its state."""

import numpy as np
from hidden_markov.states import ASSESSED, CONTACTED, FOUND, PLANNED, REFERRED

from fs_risk.features.compiled import compiled

_CONTACT, _REFERRAL = 0, 1
_NEVER = np.int32(2147483647)
_MISSING = np.int32(-2147483648)


@compiled
def _visible(
    starts: np.ndarray,
    rows: np.ndarray,
    key: int,
    skip: int,
    t: int,
    cut: int,
    retain: np.ndarray,
    own: bool,
    kept: np.ndarray,
    n: int,
) -> int:
    """Append the places of the facts that a case may see; those of siblings as below zero."""
    if key < 0 or (own and retain[key] < t):
        return n
    for e in range(starts[key], starts[key + 1]):
        if rows[e, 0] >= t or rows[e, 1] >= cut:
            continue
        if not own and (rows[e, 2] == skip or retain[rows[e, 2]] < t):
            continue
        kept[n] = e if own else -e - 1
        n += 1
    return n


@compiled
def _band(birth: int, expected: int, day: int, ages: np.ndarray) -> int:
    """Give the band of a child's age on a day; before birth the first."""
    born = birth if birth != _MISSING else expected
    band = 0
    if born != _MISSING:
        for at in range(ages.size):
            if day - born >= ages[at]:
                band = at + 1
    return band


@compiled
def history_lengths(
    own_starts: np.ndarray,
    own_rows: np.ndarray,
    sibling_starts: np.ndarray,
    sibling_rows: np.ndarray,
    child: np.ndarray,
    group: np.ndarray,
    day: np.ndarray,
    cut: np.ndarray,
    retain: np.ndarray,
    event: np.ndarray,
    step_days: int,
    n_steps: np.ndarray,
) -> None:
    """Count the steps from the first contact or referral that each case may see, 0 for none.

    Parameters
    ----------
    own_starts, own_rows, sibling_starts, sibling_rows
        As in `timeline.Facts`.
    child, group, day, cut : int32 (n_cases,)
        Keys of the child's own facts and of its siblings', `as_of`, and the day before
        which a fact must be known.
    retain : int32 (n_children,)
    event : int8 (n_streams,)
        As `states.roles` gives it.
    step_days : int
    n_steps : int64 (n_cases,)
        Filled here.
    """
    kept = np.empty(1, np.int64)
    for i in range(child.size):
        room = 0
        if child[i] >= 0:
            room += own_starts[child[i] + 1] - own_starts[child[i]]
        if group[i] >= 0:
            room += sibling_starts[group[i] + 1] - sibling_starts[group[i]]
        if room > kept.size:
            kept = np.empty(2 * room, np.int64)
        n = _visible(own_starts, own_rows, child[i], -1, day[i], cut[i], retain, True, kept, 0)
        n = _visible(
            sibling_starts, sibling_rows, group[i], child[i], day[i], cut[i], retain, False, kept, n
        )
        first = _NEVER
        for k in range(n):
            e = kept[k]
            row = own_rows[e] if e >= 0 else sibling_rows[-e - 1]
            if _CONTACT <= event[row[3]] <= _REFERRAL:
                first = min(first, row[0])
        n_steps[i] = 0 if first == _NEVER else (day[i] - 1 - first) // step_days + 1


@compiled
def read_histories(
    own_starts: np.ndarray,
    own_rows: np.ndarray,
    sibling_starts: np.ndarray,
    sibling_rows: np.ndarray,
    own_spell_starts: np.ndarray,
    own_spells: np.ndarray,
    sibling_spell_starts: np.ndarray,
    sibling_spells: np.ndarray,
    child: np.ndarray,
    group: np.ndarray,
    day: np.ndarray,
    cut: np.ndarray,
    episode: np.ndarray,
    referred: bool,
    retain: np.ndarray,
    birth: np.ndarray,
    expected: np.ndarray,
    event: np.ndarray,
    role: np.ndarray,
    place: np.ndarray,
    spell: np.ndarray,
    ages: np.ndarray,
    width: int,
    n_sources: int,
    step_days: int,
    open_steps: int,
    together_days: int,
    first_step: np.ndarray,
    code: np.ndarray,
    situation: np.ndarray,
    now: np.ndarray,
    counts: np.ndarray,
) -> None:
    """Write what happened in each step of each case, the latest step first, and the counts.

    Parameters
    ----------
    own_starts … event
        As in `history_lengths`; spells likewise.
    episode : int32 (n_cases,)
        Harm assessed on this day or later is not read.
    referred : bool
        Whether each case is a referral of its day.
    birth, expected : int32 (n_children,)
    role, place : int8 (n_streams,)
        As `states.roles` gives them.
    spell : int8 (n_streams,)
        Situation that a spell of each stream is; 0 for none.
    ages : int32 (n_bands - 1,)
        Days of age at which bands begin.
    width, n_sources : int
        Counts of one band, and sources among them.
    step_days, open_steps : int
    together_days : int
        Children of a household assessed within so many days were assessed together.
    first_step : int64 (n_cases + 1,)
        The steps of case ``i`` are ``first_step[i]:first_step[i + 1]``.
    code, situation : uint8 (n_steps,)
        A bit for each kind of event; and the situation at the step's start. Zeros;
        filled here.
    now : uint8 (n_cases,)
        Situation on the day. Zeros; filled here.
    counts : float32 (n_cases, n_counts)
        Zeros; filled here.
    """
    kept = np.empty(1, np.int64)
    days = np.empty(1, np.int32)
    owners = np.empty(1, np.int32)
    n_bands = ages.size + 1
    n_factors = width - 2 - 2 * n_sources
    for i in range(child.size):
        t, base = day[i], first_step[i]
        n_steps = first_step[i + 1] - base
        room = 0
        if child[i] >= 0:
            room += own_starts[child[i] + 1] - own_starts[child[i]]
        if group[i] >= 0:
            room += sibling_starts[group[i] + 1] - sibling_starts[group[i]]
        if room > kept.size:
            kept = np.empty(2 * room, np.int64)
            days = np.empty(2 * room, np.int32)
            owners = np.empty(2 * room, np.int32)
        n = _visible(own_starts, own_rows, child[i], -1, t, cut[i], retain, True, kept, 0)
        n = _visible(
            sibling_starts, sibling_rows, group[i], child[i], t, cut[i], retain, False, kept, n
        )
        # the days of referrals and of assessments, which others are held against
        n_assessed = 0
        n_referred = 0
        for k in range(n):
            e = kept[k]
            row = own_rows[e] if e >= 0 else sibling_rows[-e - 1]
            if role[row[3]] == ASSESSED:
                days[n_assessed] = row[0]
                owners[n_assessed] = row[2]
                n_assessed += 1
            elif event[row[3]] == _REFERRAL:
                n_referred += 1
                days[days.size - n_referred] = row[0]
        for k in range(n):
            e = kept[k]
            row = own_rows[e] if e >= 0 else sibling_rows[-e - 1]
            at, kind = row[0], row[3]
            became = False
            if event[kind] == _CONTACT or role[kind] == CONTACTED:
                became = referred and at == t - 1
                for r in range(n_referred):
                    later = days[days.size - 1 - r] - at
                    became = became or (0 <= later <= 1)
            if event[kind] >= 0 and not (event[kind] == _CONTACT and became):
                step = (t - 1 - at) // step_days
                if step < n_steps:
                    code[base + step] |= 1 << event[kind]
            if role[kind] == 0 or became:
                continue
            band = _band(birth[row[2]], expected[row[2]], at, ages) * width
            if role[kind] < CONTACTED:
                others = 0
                for a in range(n_assessed):
                    if owners[a] != row[2] and abs(days[a] - at) <= together_days:
                        others += 1
                weight = (1.0 + 0.1 * others) / (1.0 + others)
                if role[kind] == ASSESSED:
                    counts[i, band] += weight
                    if at < episode[i]:
                        counts[i, band + 1] += weight
                elif role[kind] == FOUND or at < episode[i]:
                    counts[i, band + 2 + place[kind]] += weight
                continue
            same = 0
            for s in range(n):
                f = kept[s]
                other = own_rows[f] if f >= 0 else sibling_rows[-f - 1]
                if other[3] == kind and other[0] == at:
                    same += 1
            weight = (1.0 + 0.1 * (same - 1)) / same
            if role[kind] == PLANNED:
                counts[i, n_bands * width + place[kind]] += weight
            else:
                far = 2 + n_factors + (n_sources if role[kind] == REFERRED else 0)
                counts[i, band + far + place[kind]] += weight
        # where the household stands at the start of each step
        for whose in range(2):
            key = child[i] if whose == 0 else group[i]
            begins = own_spell_starts if whose == 0 else sibling_spell_starts
            facts = own_spells if whose == 0 else sibling_spells
            if key < 0 or (whose == 0 and retain[key] < t):
                continue
            for e in range(begins[key], begins[key + 1]):
                level = spell[facts[e, 3]]
                if level == 0 or facts[e, 0] >= t or facts[e, 1] >= cut[i]:
                    continue
                if whose == 1 and (facts[e, 2] == child[i] or retain[facts[e, 2]] < t):
                    continue
                end = facts[e, 5] if facts[e, 4] < cut[i] else _NEVER
                if end >= t:
                    now[i] = max(now[i], level)
                for step in range(n_steps):
                    start = t - step_days * (step + 1)
                    if facts[e, 0] < start and end >= start:
                        situation[base + step] = max(situation[base + step], level)
        run = 0
        for step in range(n_steps - 1, -1, -1):
            run = run + 1 if situation[base + step] >= 1 else 0
            if situation[base + step] == 1 and run > open_steps:
                situation[base + step] = 2
        if now[i] == 1 and run >= open_steps:
            now[i] = 2


@compiled
def _move(weight: np.ndarray, moves: np.ndarray, moved: np.ndarray) -> None:
    """Carry the weight of each type and phase into the next step."""
    n_types, n_phases = weight.shape
    for k in range(n_types):
        for z in range(n_phases):
            value = 0.0
            for y in range(n_phases):
                value += weight[k, y] * moves[k, y, z]
            moved[k, z] = value


@compiled
def _see(weight: np.ndarray, chances: np.ndarray, code: int) -> None:
    """Multiply each weight by how likely the step's events are; as shares of their sum."""
    n_events, n_types, n_phases = chances.shape
    total = 0.0
    for k in range(n_types):
        for z in range(n_phases):
            for e in range(n_events):
                chance = chances[e, k, z]
                weight[k, z] *= chance if (code >> e) & 1 else 1.0 - chance
            total += weight[k, z]
    weight /= total


@compiled
def _weigh(weight: np.ndarray, log_evidence: np.ndarray) -> None:
    """Multiply the weights of each type by its evidence; as shares of their sum."""
    top = log_evidence.max()
    for k in range(weight.shape[0]):
        weight[k] *= np.exp(log_evidence[k] - top)
    weight /= weight.sum()


@compiled
def states_on_the_day(
    first_step: np.ndarray,
    code: np.ndarray,
    situation: np.ndarray,
    log_evidence: np.ndarray,
    now: np.ndarray,
    referred: bool,
    first: np.ndarray,
    moves: np.ndarray,
    chances: np.ndarray,
    share: np.ndarray,
) -> None:
    """Filter each history: the chance of each type and phase on the day.

    Parameters
    ----------
    first_step, code, situation
        As `read_histories` fills them.
    log_evidence : float64 (n_cases, n_types)
        Of the type, from the counts.
    now : uint8 (n_cases,)
        Situation on the day.
    referred : bool
        Whether a referral of the day is known too.
    first, moves, chances : float64
        As in `states.HouseholdStates`.
    share : float64 (n_cases, n_types, n_phases)
        Filled here.
    """
    moved = np.empty(share.shape[1:])
    for i in range(now.size):
        last, begin = first_step[i], first_step[i + 1] - 1
        weight = share[i]
        if begin < last:
            weight[:] = first[1] if referred else first[0] + first[1]
        else:
            weight[:] = first[(code[begin] >> _REFERRAL) & 1]
            for step in range(begin - 1, last - 1, -1):
                _move(weight, moves, moved)
                _see(moved, chances[situation[step]], code[step])
                weight[:] = moved
            _move(weight, moves, moved)
            weight[:] = moved
            if referred:
                weight *= chances[now[i], _REFERRAL]
        _weigh(weight, log_evidence[i])


@compiled
def states_looking_back(
    first_step: np.ndarray,
    code: np.ndarray,
    situation: np.ndarray,
    log_evidence: np.ndarray,
    first: np.ndarray,
    moves: np.ndarray,
    chances: np.ndarray,
    household: np.ndarray,
    steps_ago: np.ndarray,
    share: np.ndarray,
) -> None:
    """Smooth histories: the chance of each state at earlier steps, given all that came after.

    Parameters
    ----------
    first_step, code, situation, log_evidence, first, moves, chances
        As in `states_on_the_day`.
    household : int64 (n_asked,)
        Whose history each asks of, ascending.
    steps_ago : int64 (n_asked,)
        At which of its steps, 0 for the latest; beyond the first the first is meant.
    share : float64 (n_asked, n_types, n_phases)
        Filled here; zeros stay where a household has no history.
    """
    n_types, n_phases = share.shape[1:]
    asked = 0
    while asked < household.size:
        h = household[asked]
        last, n_steps = first_step[h], first_step[h + 1] - first_step[h]
        ahead = np.ones((n_steps, n_types, n_phases))
        behind = np.empty((n_steps, n_types, n_phases))
        likely = np.empty((n_types, n_phases))
        if n_steps:
            behind[n_steps - 1] = first[(code[last + n_steps - 1] >> _REFERRAL) & 1]
            _weigh(behind[n_steps - 1], log_evidence[h])
        for step in range(n_steps - 2, -1, -1):
            _move(behind[step + 1], moves, behind[step])
            _see(behind[step], chances[situation[last + step]], code[last + step])
        for step in range(1, n_steps):
            likely[:] = ahead[step - 1]
            _see(likely, chances[situation[last + step - 1]], code[last + step - 1])
            for k in range(n_types):
                for y in range(n_phases):
                    ahead[step, k, y] = (moves[k, y] * likely[k]).sum()
        while asked < household.size and household[asked] == h:
            if n_steps:
                step = min(max(steps_ago[asked], 0), n_steps - 1)
                share[asked] = behind[step] * ahead[step]
                share[asked] /= share[asked].sum()
            asked += 1
