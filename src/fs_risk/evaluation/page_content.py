"""What the page of results shows, in its order."""

from collections.abc import Iterable
from typing import Any

from fs_risk.evaluation.certainty_in_words import (
    certainty_in_sentences,
    tried_in_words,
    vignettes_in_sentences,
)
from fs_risk.evaluation.groupings import TIMES
from fs_risk.evaluation.measures_in_words import (
    digits_of,
    gate_in_words,
    measure_in_words,
    retest_words,
)
from fs_risk.evaluation.page_pictures import of_100, picture_of
from fs_risk.evaluation.plots import NAMES
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.evaluation.report_parts import AbstentionRate
from fs_risk.evaluation.report_tables import NO_FIGURE
from fs_risk.evaluation.verdict import capacity_words, number, planned
from fs_risk.model.certainty import AGES
from fs_risk.model.marked_breaks import breaks_listed
from fs_risk.model.step_up import MODES, StepUpModel
from fs_risk.outcomes.definitions import find_outcome
from fs_risk.records.suppression import HIDDEN, LARGEST_HIDDEN, shown_count, shown_share

GROUP_TITLES = {
    "base_rate": "outcome followed",
    "share_listed": "listed",
    "precision_at_capacity": "outcome followed, of those listed",
    "recall_at_capacity": "listed, of those with the outcome",
    "observed_over_expected": "observed over expected",
}
"""Columns of the table of groups, in order, after the group and its size."""

SHOWN_PICTURES = (
    "plot_capacity",
    "plot_groups",
    "plot_calibration",
    "plot_months",
    "plot_net_benefit",
    "plot_precision_recall",
    "plot_gain",
    "plot_stability",
    "plot_learning",
)
"""Those of a report that its page shows, where there is enough to draw."""


def page_content(report: EvaluationReport, model: StepUpModel) -> dict[str, Any]:
    """Gather what the template shows.

    Parameters
    ----------
    report : EvaluationReport
    model : StepUpModel

    Returns
    -------
    dict of str to Any
    """
    outcome = find_outcome(report.plan.outcome)
    first, *others = report.verdict
    return {
        "report": report,
        "model": model,
        "mode": MODES[model.mode],
        "outcome": f"{outcome.meaning} within {report.plan.within_days} days",
        "lead": first,
        "verdict": others,
        "measures": [
            (measure_in_words(figure.metric), figure, digits_of(figure.metric))
            for figure in report.figures
            if figure.metric != "decided_at_once_per_1000"
        ],
        "gate_words": gate_in_words,
        "at_once": _at_once(report),
        "of_100": _of_100(report),
        "lists": _lists(report),
        "ties_matter": _ties_matter(report),
        "groups": _groups(report, times=False),
        "times": _groups(report, times=True),
        "group_titles": GROUP_TITLES,
        "retests": _retests(report),
        "ends": [
            (
                end.kind,
                end.end,
                HIDDEN if end.children <= LARGEST_HIDDEN else shown_count(end.count),
            )
            for end in report.ends
        ],
        "tried": tried_in_words(report),
        "vignettes": vignettes_in_sentences(report),
        "certainty": certainty_in_sentences(report),
        "abstentions": _by_age(each for each in report.abstentions if each.attribute != "all"),
        "drifted": [each for each in report.changed if each.drifted],
        "suspicious": [each for each in report.telling if each.suspicious],
        "pictures": {
            name: picture
            for name in SHOWN_PICTURES
            if (picture := picture_of(name, report)) is not None
        },
        "names": NAMES,
        "plan": [
            (name, breaks_listed(value) if name == "breaks" else value)
            for name, value in report.plan.model_dump(mode="json").items()
            if name not in ("gates", "booster")
        ],
    }


def _by_age(rates: Iterable[AbstentionRate]) -> list[AbstentionRate]:
    """Order the groups of age from the youngest on; leave the others as they stand."""
    places = {name: place for place, name in enumerate(("unborn", *AGES))}
    rates = list(rates)
    of_age = [each for each in rates if each.attribute == "age"]
    others = [each for each in rates if each.attribute != "age"]
    return sorted(of_age, key=lambda each: places.get(each.group, len(places))) + others


def _retests(report: EvaluationReport) -> list[dict[str, Any]]:
    return [
        {
            "words": retest_words(each.name),
            "says": each.says,
            "overlap": each.overlap,
            "largest": each.largest_change,
            "average_precision": each.average_precision,
        }
        for each in report.retests
    ]


def _at_once(report: EvaluationReport) -> str:
    """Say how many outcomes were decided at once, as it may be published."""
    count = sum(end.children for end in report.ends if end.kind == "decided at once")
    every = count + sum(end.children for end in report.ends if end.kind == "with the outcome")
    return f"{shown_share(count, every)} of the children with the outcome"


def _of_100(report: EvaluationReport) -> list[dict[str, Any]]:
    """Give the two drawings of a hundred children: those listed, and those with the outcome."""
    at = planned(report)
    if at is None or at.precision.value is None or at.recall.value is None:
        return []
    right, found = round(100 * at.precision.value), round(100 * at.recall.value)
    return [
        {
            "title": "Of 100 children listed",
            "text": f"for {right} the outcome followed; for {100 - right} it did not",
            "svg": of_100(right, "listed"),
        },
        {
            "title": "Of 100 children for whom the outcome followed",
            "text": f"{found} were listed; {100 - found} were not",
            "svg": of_100(found, "found"),
        },
    ]


def _lists(report: EvaluationReport) -> list[dict[str, Any]]:
    return [
        {
            "words": capacity_words(report, at.capacity),
            "planned": at.planned,
            "right": _per_cent(at.precision),
            "found": _per_cent(at.recall),
            "right_ties": _range(at.precision_worst, at.precision_best),
            "found_ties": _range(at.recall_worst, at.recall_best),
            "found_per_1000": number(at.found_per_1000.value, 0),
            "false_per_1000": number(at.false_per_1000.value, 0),
            "missed_per_1000": number(at.missed_per_1000.value, 0),
            "ratio": _spread(at.observed_over_expected),
            "listed": f"{at.listed:,.0f}",
        }
        for at in report.capacities
    ]


def _ties_matter(report: EvaluationReport) -> bool:
    return any(
        _range(at.precision_worst, at.precision_best) or _range(at.recall_worst, at.recall_best)
        for at in report.capacities
    )


def _groups(report: EvaluationReport, *, times: bool) -> list[dict[str, Any]]:
    """Give each grouping: its levels that are large enough, and the names of the others."""
    table = report.published_groups
    kept = table[table["by"].isin(TIMES) == times]
    parts = []
    for by, rows in kept.groupby("by", sort=False):
        small = rows["recall_at_capacity"] == NO_FIGURE
        parts.append(
            {
                "by": by,
                "rows": [_two_lines(row) for row in rows[~small].to_dict("records")],
                "small": ", ".join(rows.loc[small, "level"]),
            }
        )
    return parts


def _two_lines(row: dict[str, str]) -> dict[str, Any]:
    """Set each measure's value apart from its interval."""
    split = {name: row[name].partition(" (") for name in GROUP_TITLES}
    cells = {
        name: (value, f"({interval}" if interval else "")
        for name, (value, _, interval) in split.items()
    }
    return {**row, "cells": cells}


def _per_cent(figure: Any) -> str:
    if figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{100 * figure.value:.0f}"
    return f"{100 * figure.value:.0f} ({100 * figure.low:.0f} to {100 * figure.high:.0f})"


def _spread(figure: Any) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return number(figure.value, 2)
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def _range(worst: float | None, best: float | None) -> str:
    """Write a range of shares in per cent; empty where both round to the same."""
    if worst is None or best is None or f"{100 * worst:.0f}" == f"{100 * best:.0f}":
        return ""
    return f"{100 * worst:.0f} to {100 * best:.0f}"
