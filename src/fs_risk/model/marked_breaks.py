"""What a model knows of the two sides of a go-live, a changed tier rule or a shock, in words."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from fs_risk.features.spec import FeatureSpec
from fs_risk.records.breaks import Break


def breaks_listed(stated: Iterable[Any]) -> str:
    """Name breaks as a plan states them in JSON, in words.

    Examples
    --------
    >>> breaks_listed([{"kind": "tier rule", "start": "2026-04-01", "what": "Family Help"}])
    'tier rule of 1 April 2026 (Family Help)'
    """
    return "; ".join(Break.model_validate(each).dated for each in stated)


def sides_tested(
    breaks: Sequence[Break], tested_from: date | str, tested_to: date | str, within_days: int
) -> tuple[str, ...]:
    """Say of each break on which side of it a model was tested.

    Parameters
    ----------
    breaks : sequence of Break
        Those that its plan marks.
    tested_from, tested_to : date or str
        First and last `as_of` of the tested cases.
    within_days : int
        Days after `as_of` in which the outcome counts.

    Returns
    -------
    tuple of str
        A sentence for each.

    Examples
    --------
    >>> rule = Break(kind="tier rule", start="2026-04-01", what="Family Help")
    >>> sides_tested([rule], "2024-04-01", "2025-03-31", 365)[0]
    'No tested case is from after the tier rule of 1 April 2026 (Family Help): how well the model \
does since is not known.'
    """
    first, last = np.datetime64(tested_from, "D"), np.datetime64(tested_to, "D")
    return tuple(_tested(each, first, last, within_days) for each in breaks)


def _tested(each: Break, first: np.datetime64, last: np.datetime64, within_days: int) -> str:
    start, end = np.datetime64(each.start, "D"), np.datetime64(each.end or each.start, "D")
    if each.end is not None:
        touched = start <= last + np.timedelta64(within_days, "D") and end >= first
        where = "lies within" if touched else "lies outside"
        return f"The {each.dated} {where} the tested cases and the days after them."
    if start > last + np.timedelta64(within_days, "D"):
        return (
            f"No tested case is from after the {each.dated}: how well the model does since is not "
            "known."
        )
    if start > last:
        return (
            f"No tested case is from after the {each.dated}, which falls into the days in which "
            "their outcomes were counted: how well the model does since is not known."
        )
    if start <= first:
        return f"All tested cases are from after the {each.dated}; histories reach back before it."
    return (
        f"The tested cases are from both sides of the {each.dated}: see the figures by marked "
        "break."
    )


def history_days(specs: Iterable[FeatureSpec]) -> int:
    """Say how many days features look back at most; a state on the day looks back none."""
    return max((spec.window_days for spec in specs), default=0)


def crossed_by_case(
    breaks: Sequence[Break],
    as_of: date,
    *,
    history_days: int,
    within_days: int,
    tested_to: date | str,
) -> tuple[str, ...]:
    """Say which breaks lie within what a case is scored on, and what the score is about.

    Parameters
    ----------
    breaks : sequence of Break
    as_of : date
    history_days : int
        How far back the model's features look.
    within_days : int
    tested_to : date or str
        Last `as_of` of the cases that the model was tested on.

    Returns
    -------
    tuple of str
        One entry for each break that is crossed, as it stands among what is not known.
    """
    if not breaks:
        return ()
    day = np.array([as_of], dtype="datetime64[D]")
    said = []
    for each in breaks:
        untested = each.end is None and np.datetime64(each.start) > np.datetime64(tested_to, "D")
        then = "; the model was tested on cases from before it alone" if untested else ""
        if each.touches(day - np.timedelta64(history_days, "D"), day)[0]:
            within = "within" if each.end is not None else "before"
            said.append(f"the {each.dated}: part of the history read is from {within} it{then}")
        elif each.touches(day, day + np.timedelta64(within_days, "D"))[0]:
            said.append(f"the {each.dated} falls into the days that the score is about{then}")
    return tuple(said)
