"""What a check of drift may spend of the chance of a false alarm, worked by hand (A7, M3).

Quantiles are those of Python's own normal distribution, or closed forms.
"""

from math import exp, sqrt
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fs_risk.evaluation.drift import changed_features
from fs_risk.triage.watch_groups import _changes
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_outcomes import _finding_rows, _recall, _slope_row, slope_and_error
from fs_risk.triage.watch_published import shown_parts
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK
from fs_risk.triage.watch_sequence import Evidence, mark

SPAN = SimpleNamespace(words="2024-01-01 to 2024-12-31")


def errors_at(upper_tail):
    """How many standard errors a normal figure exceeds with that chance."""
    return NormalDist().inv_cdf(1 - upper_tail)


SLOPE_AT_A_LOOK = errors_at(0.05 * 0.04 / 36 / 2)
"""4 % of the 5 %, over 36 monthly looks, on two sides."""


@pytest.mark.parametrize("stretch", [0.5, 2.0])
def test_slope_is_signalled_beyond_what_one_of_36_looks_may_spend(stretch):
    """M3. Too steep or too flat by 3.2 errors would be shown, were it looked at but once."""
    rng = np.random.default_rng(0)
    log_odds, household = rng.normal(-1.0, 1.0, 4_000), np.arange(4_000)
    label = (rng.random(4_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    slope, error = slope_and_error(label, log_odds * stretch, household)
    verdicts = {}
    for errors in (3.2, SLOPE_AT_A_LOOK - 0.01, SLOPE_AT_A_LOOK + 0.01):
        # about 2 or a half, so many errors beyond the nearer limit
        ends = (0.1, slope - errors * error) if slope > 1 else (slope + errors * error, 3.0)
        verdicts[errors] = _slope_row(
            SimpleNamespace(span=SPAN), label, log_odds * stretch, household,
            DriftLimits(slope=ends),
        ).verdict  # fmt: skip

    assert errors_at(0.05 * 0.04 / 2) < 3.2 < SLOPE_AT_A_LOOK
    assert list(verdicts.values()) == [AS_EXPECTED, AS_EXPECTED, LOOK]


def recall_error(listed, household):
    shown = shown_parts(np.array([listed.sum()]), np.array([len(listed)]))
    return _recall(listed, household, shown)[3]


def test_error_of_recall_of_twins_is_that_of_as_many_children_as_households():
    """M3. A household counted twice says no more than once: the design effect is 2."""
    listed = np.repeat([1.0, 0.0], [60, 140])
    alone = recall_error(listed, np.arange(200))
    twins = recall_error(np.repeat(listed, 2), np.repeat(np.arange(200), 2))
    strangers = recall_error(np.repeat(listed, 2), np.arange(400))

    assert alone == pytest.approx(sqrt(0.3 * 0.7 / 200))
    assert twins == pytest.approx(alone)
    assert strangers == pytest.approx(alone / sqrt(2))


def found(before, after, *, size):
    """Judge recall: so many of 200 children listed at the test and now, in homes of `size`."""
    listed = np.concatenate([np.arange(200) < before, np.arange(200) < after])
    now = np.arange(400) >= 200
    # a list of one place for each child with the outcome, and one child without who may take it
    watched = SimpleNamespace(
        span=SPAN,
        model=SimpleNamespace(plan=SimpleNamespace(capacity=1)),
        label=np.repeat([1.0, 0.0], 400),
        log_odds=np.concatenate([np.where(listed, 1.0, -1.0), np.zeros(400)]),
        period=np.tile(np.arange(400), 2),
        household=np.concatenate([np.arange(400) // size, np.arange(1_000, 1_400)]),
        scored=np.ones(800, dtype=bool),
        tested=np.tile(~now, 2),
        now=np.tile(now, 2),
    )
    (row,) = _finding_rows(watched, watched.now, DriftLimits(finding=0.1))
    assert (row.value, row.limit_low) == pytest.approx((after / 200, before / 200 - 0.1))
    return row.verdict


@pytest.mark.parametrize(("size", "verdict"), [(1, LOOK), (2, AS_EXPECTED)])
def test_fall_of_recall_is_signalled_by_households_and_by_one_of_36_looks(size, verdict):
    """M3. From 80 to 50 %, 20 points beyond the limit: shown of 200 children each a household,
    not of 100 pairs of twins, though of these, too, had there been but one look."""
    error = sqrt(size * (0.8 * 0.2 + 0.5 * 0.5) / 200)

    assert errors_at(0.05 * 0.06) * error < 0.2
    assert (errors_at(0.05 * 0.06 / 36) * error < 0.2) == (verdict == LOOK)
    assert found(160, 100, size=size) == verdict


def audit_with(p_values, *, of=200, z=1.96):
    """An audit whose groups' gaps have just these p-values, against a gap of nought."""
    gaps = np.full(len(p_values), 0.1)
    error = np.array([0.1 / errors_at(p / 2) for p in p_values])
    table = pd.DataFrame(
        {
            "attribute": "ethnicity", "group": [f"group {k}" for k in range(len(p_values))],
            "metric": "recall", "value": 0.4, "rest": 0.3, "of": of, "difference": gaps,
            "difference_low": gaps - z * error, "difference_high": gaps + z * error,
            "suppressed": False, "verdict": "",
        }
    )  # fmt: skip
    return SimpleNamespace(full_table=table, settings=SimpleNamespace(z=z))


@pytest.mark.parametrize(
    ("p_values", "shown"),
    [
        # times 4, 3, 2, 1 from the least on, none less than the one before it
        ((0.012, 0.016, 0.024, 0.04), (True, True, True, True)),
        ((0.012, 0.018, 0.024, 0.04), (True, False, False, False)),
        ((0.04, 0.024, 0.016, 0.012), (True, True, True, True)),
        ((0.013, 0.014, 0.02, 0.03), (False, False, False, False)),
        ((0.04, 0.001, 0.04, 0.04), (False, True, False, False)),
        ((0.04, 0.03), (False, False)),
        ((0.04, 0.024), (True, True)),
    ],
)
def test_changes_of_gaps_are_shown_by_holm_over_all_groups_of_a_question(p_values, shown):
    """A7. At 5 % in all: what one group alone would show, four together may not."""
    made = _changes(audit_with(p_values), None, "recall", 0.05)

    assert tuple(made["shown"]) == shown
    assert made["enough"].all()


def test_group_of_which_too_few_are_known_counts_as_no_test():
    """A7. Three of four groups are tested: the least p-value is taken three times, not four."""
    p_values = (0.016, 0.3, 0.4, 0.0001)
    made = _changes(audit_with(p_values, of=[200, 200, 200, 19]), None, "recall", 0.05)
    without = _changes(audit_with(p_values), None, "recall", 0.05)

    assert made["shown"].to_list() == [True, False, False, False]
    assert made["enough"].to_list() == [True, True, True, False]
    assert without["shown"].to_list() == [True, False, False, True]


@pytest.mark.parametrize("alpha", [0.0005, 0.008, 0.05, 0.5])
def test_two_sides_together_cross_the_mark_with_no_more_than_the_chance_stated(alpha):
    """A7, M3. Ville: evidence of mean 1 exceeds M with a chance of 1 / M; there are two sides."""
    assert 2 * exp(-mark(alpha)) == pytest.approx(alpha)


def test_either_side_signals_from_the_mark_on_and_not_before():
    """M3. At 5 % evidence of 40 to 1, not of 20 to 1."""
    odds = np.log([10.0, 21.0, 39.9, 40.1, 60.0])
    quiet = np.zeros(5)

    assert Evidence(odds, quiet, True).signalled(0.05) == 3
    assert Evidence(quiet, odds, True).signalled(0.05) == 3
    assert Evidence(odds[:3], odds[:3], True).signalled(0.05) is None


BEFORE = (22, 20, 20, 20, 18)
HOMES = 100


def spread(counts):
    return np.repeat(np.arange(5.0), counts)


def index_of(counts):
    """The stability index over five bins, half a case added to each."""
    was, now = ((np.array(count) + 0.5) / (HOMES + 2.5) for count in (BEFORE, counts))
    return np.sum((now - was) * np.log(now / was))


def chance_of(index):
    """Chi-squared of four degrees of freedom has a closed form; 1/n + 1/m is the noise."""
    half = index / (2 / HOMES) / 2
    return exp(-half) * (1 + half)


@pytest.mark.parametrize("features", [1, 5, 50])
def test_features_share_the_doubt_of_calling_one_drifted(features):
    """M3. 5 % over all features: a shift that one alone shows is no news among fifty."""
    counts = {"little": (28, 21, 17, 17, 17), "some": (38, 27, 15, 11, 9),
              "more": (42, 26, 15, 11, 6), "much": (48, 24, 14, 9, 5)}  # fmt: skip
    homes = np.arange(HOMES)
    drifted, expected = {}, {}
    for name, count in counts.items():
        others = {f"same {k}": spread(BEFORE) for k in range(features - 1)}
        before = pd.DataFrame({name: spread(BEFORE), **others})
        after = before.assign(**{name: spread(count)})
        made = {each.feature: each for each in changed_features(
            before, after, household_before=homes, household_after=homes)}  # fmt: skip
        assert made[name].psi == pytest.approx(index_of(count))
        drifted[name] = made.pop(name).drifted
        expected[name] = chance_of(index_of(count)) * features < 0.05
        assert not any(each.drifted for each in made.values())

    assert drifted == expected
    assert sum(expected.values()) == {1: 3, 5: 2, 50: 1}[features]
