import numpy as np
import pandas as pd
import pytest

from fs_risk.evaluation.case_ends import case_ends, decided_at_once

CHILD = np.array(["A", "A", "B", "C", "D", "E", "F", "G"])


def labels():
    return pd.DataFrame(
        {
            "label": [1.0, 1.0, 0.0, 0.0, np.nan, np.nan, np.nan, 1.0],
            "reason": ["", "", "", "", "decided at once", "left the area", "same day", ""],
            "competing_end": ["", "", "closed", "", "", "", "", ""],
        }
    )


def test_every_case_of_the_period_is_in_one_line():
    period = np.array([True] * 7 + [False])
    ends = {(end.kind, end.end): end.count for end in case_ends(labels(), CHILD, period)}

    assert ends == {
        ("with the outcome", "the outcome"): 2,
        ("without it", "closed"): 1,
        ("without it", "seen to the last day without it"): 1,
        ("decided at once", "decided at once"): 1,
        ("decided at once", "same day"): 1,
        ("no label", "left the area"): 1,
    }


def test_a_child_asked_about_twice_is_one_child():
    (first, *_) = case_ends(labels(), CHILD, np.array([True] * 7 + [False]))

    assert (first.count, first.children) == (2, 1)


def test_outcomes_decided_at_once_are_reported_apart():
    """T11: two of the five outcomes were the decision on the case itself."""
    figure = decided_at_once(labels(), np.arange(8).astype(str), np.ones(8, bool), 50, 0)

    assert figure.value == pytest.approx(1000 * 2 / 5)
    assert figure.n == 5


def test_none_decided_at_once_is_none():
    """T11, quiet."""
    later = labels().assign(reason="")
    figure = decided_at_once(later, np.arange(8).astype(str), np.ones(8, bool), 50, 0)

    assert figure.value == 0


def test_labels_without_competing_ends_will_do():
    ends = case_ends(labels().drop(columns="competing_end"), CHILD, np.ones(8, bool))

    assert sum(end.count for end in ends) == 8


def test_report_counts_every_case_of_its_period(report, study):
    days = study.cohort["as_of"]
    inside = days.between(pd.Timestamp(report.first_as_of), pd.Timestamp(report.last_as_of))

    assert report.ends_table["count"].sum() == inside.sum()
