"""The columns that tables share: identifiers, dates, codes, clocks."""

from collections.abc import Mapping

from fs_risk.records.schema import Column, Kind, Known


def identifier(name: str, meaning: str) -> Column:
    """Declare an identifier."""
    return Column(name, Kind.ID, meaning, Known.IDENTITY)


def child() -> Column:
    """Declare the child a row is about."""
    return identifier("child_id", "the child, as the authority numbers them")


def day(name: str, meaning: str, known: Known = Known.OPENING) -> Column:
    """Declare a date."""
    return Column(name, Kind.DATE, meaning, known)


def coded(
    name: str,
    meaning: str,
    values: Mapping[str, str],
    known: Known = Known.OPENING,
    sensitivity: str = "",
) -> Column:
    """Declare a coded column."""
    return Column(name, Kind.CODE, meaning, known, values, sensitivity)


def flag(name: str, meaning: str, known: Known = Known.OPENING) -> Column:
    """Declare a yes or no."""
    return Column(name, Kind.FLAG, meaning, known)


def _known() -> Column:
    return Column(
        "known_date", Kind.DATE, "day on which the service knew the opening facts", Known.CLOCK
    )


def _end_known() -> Column:
    return Column(
        "end_known_date", Kind.DATE, "day on which the end and its reason were known", Known.CLOCK
    )


def _decision_known() -> Column:
    return Column(
        "decision_known_date", Kind.DATE, "day on which the decision was known", Known.CLOCK
    )


def _by_rule() -> Column:
    return Column(
        "known_by_rule",
        Kind.FLAG,
        "whether the row's clocks were set by rule, not recorded",
        Known.CLOCK,
    )


def clocks(*, end: bool = False, decision: bool = False) -> tuple[Column, ...]:
    """Declare the clocks of a row: when its opening, decision and end became known."""
    middle = [_decision_known()] if decision else []
    last = [_end_known()] if end else []
    return (_known(), *middle, *last, _by_rule())
