"""What of lists may be published: nothing from which four counts, one of them small, follow."""

from itertools import groupby

from fs_risk.model_cards.evidence import CapacityRow, GroupRow, Performance
from fs_risk.model_cards.publish_rules import hidden, is_few, shown
from fs_risk.records.suppression import LARGEST_HIDDEN

_OF_LISTS = ("at_capacity", "_positives_per_1000", "_negatives_per_1000", "expected_listed")
_KEPT = ("base_rate", "observed_over_expected")


def of_lists(metric: str) -> bool:
    """Say whether a measure is one of what the lists of the plan's capacity held."""
    return any(part in metric for part in _OF_LISTS)


def some_list_is_small(performance: Performance) -> bool:
    """Say whether lists of the plan's capacity hold, or leave, 1 to 5 of some kind."""
    planned = performance.planned
    return planned is not None and _is_small(planned, performance)


def published_capacities(exact: Performance, rounded: Performance) -> tuple[CapacityRow, ...]:
    """Hide the lists where a count is small.

    Parameters
    ----------
    exact, rounded : Performance

    Returns
    -------
    tuple of CapacityRow
    """
    rows = []
    for own, row in zip(exact.capacities, rounded.capacities, strict=True):
        small = _is_small(own, exact)
        listed = None if own.listed is None or small else shown(round(own.listed))
        figures = tuple(hidden(each) if small else each for each in row.figures)
        rows.append(row.model_copy(update={"listed": listed, "figures": figures}))
    return tuple(rows)


def _is_small(row: CapacityRow, performance: Performance) -> bool:
    n, positives = performance.n, performance.positives
    precision = row.figure("precision").value
    if n is None or positives is None or row.listed is None or precision is None:
        return False
    return _some_few(n, positives, row.listed, row.listed * precision)


def _some_few(n: float, positives: float, listed: float, found: float) -> bool:
    cells = (found, listed - found, positives - found, n - positives - (listed - found))
    return any(is_few(cell) for cell in cells)


def published_groups(exact: Performance, rounded: Performance) -> tuple[GroupRow, ...]:
    """Hide a group's figures of lists where a count is small, and how few have the outcome.

    Parameters
    ----------
    exact, rounded : Performance

    Returns
    -------
    tuple of GroupRow
    """
    pairs = list(zip(exact.groups, rounded.groups, strict=True))
    found: list[GroupRow] = []
    for _, members in groupby(pairs, key=lambda pair: (pair[0].by, pair[0].level)):
        own = list(members)
        small = _group_is_small([row for row, _ in own])
        found += [_group_row(row, published, small=small) for row, published in own]
    return tuple(found)


def _group_is_small(rows: list[GroupRow]) -> bool:
    values = {row.figure.metric: row.figure.value for row in rows}
    n, positives = rows[0].figure.n, rows[0].positives
    share, recall = values.get("share_listed"), values.get("recall_at_capacity")
    if n is None or positives is None or share is None or recall is None:
        return False
    return _some_few(n, positives, share * n, recall * positives)


def _group_row(exact: GroupRow, rounded: GroupRow, *, small: bool) -> GroupRow:
    positives, n = exact.positives, exact.figure.n
    rest = None if positives is None or n is None else n - positives
    few = exact.figure.value is None or (rest is not None and rest <= LARGEST_HIDDEN)
    figure = rounded.figure
    if small and figure.metric not in _KEPT and figure.value is not None:
        figure = hidden(figure, n=figure.n)
    return rounded.model_copy(
        update={"figure": figure, "positives": None if few and positives else shown(positives)}
    )
