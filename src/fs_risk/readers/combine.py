"""Two returns of one authority as one set of records."""

from collections.abc import Mapping

import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.readers.combine_match import Matched, match_tables
from fs_risk.readers.combine_window import cut_after, joint_windows
from fs_risk.records.admission import excluding_same, remembering
from fs_risk.records.arguments import RECORDS, takes
from fs_risk.records.assemble import assemble
from fs_risk.records.findings import Finding, finding
from fs_risk.records.records import Origin, Records
from fs_risk.records.truth import Truth

_FEWEST_SHARED = 0.05


@takes(first=RECORDS, second=RECORDS)
def combine(first: Records, second: Records) -> Records:
    """Put two returns of the same authority together (a CIN census and SSDA903, say).

    Identifiers are compared without white space and in capitals; the first return's
    spelling is kept. A record of the second is one of the first's if it is of the same
    child and day (the n-th of that day), or if child and identifier are the same. Of a
    record in both, the first return's cells are kept and the second's fill those that
    are missing; cells that differ are reported. A recorded clock takes the place of one
    that a rule set. Lists that belong to one owner (the factors of an assessment, the
    disabilities of a child) are taken whole from the first return that has any.

    Children whom either return excludes are in neither. Records then know nothing after
    the earlier of the two extract dates: later rows are set aside and later ends are
    missing, not absent.

    Parameters
    ----------
    first, second : Records
        Both real or both synthetic. Where they differ, `first` is believed.

    Returns
    -------
    Records
        A table that one return holds has that return's window; one that both hold has
        the union of the two if they overlap or touch, else the later of the two.

    Raises
    ------
    RecordsError
        If one is real and the other synthetic, or both are synthetic and of different
        authorities; or if identifiers were not replaced with the same key in both.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["R1"], "child_id": ["A"],
    ...     "referral_date": ["2024-03-01"]})
    >>> periods = pd.DataFrame({"care_period_id": ["P1"], "child_id": ["A"],
    ...     "start_date": ["2024-05-01"]})
    >>> census = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")
    >>> care = Records.from_frames({"care_periods": periods}, extract_date="2025-03-31")
    >>> both = combine(census, care)
    >>> len(both["referrals"]), len(both["care_periods"]), both.extract_date.year
    (1, 1, 2024)
    """
    _check_origins(first.origin, second.origin)
    _check_identifiers(first, second)
    first, second = excluding_same(first, second), excluding_same(second, first)
    end = min(first.extract_date, second.extract_date)
    matched = match_tables(first, second)
    tables, late, cut = cut_after(matched.tables, end)
    coverage, gaps = joint_windows(first.coverage, second.coverage, end)
    findings = [*first.findings, *second.findings, *_strangers(matched), *matched.findings]
    combined = assemble(
        {name: frame for name, frame in tables.items() if coverage[name] or len(frame)},
        extract_date=end.date(),
        coverage=coverage,
        origin=_origin(first.origin, second.origin),
        findings=[*findings, *cut, *gaps],
        set_aside=_stacked(first.set_aside, second.set_aside, matched.set_aside, late),
        truth=_truth(first, second),
    )
    return remembering(combined, first)


def _check_identifiers(first: Records, second: Records) -> None:
    if first.pseudonym_mark != second.pseudonym_mark:
        raise RecordsError(
            "Identifiers were replaced in one of the two only, or with different keys.",
            fix="Read both with the same pseudonymise=, or both without.",
        )


def _check_origins(first: Origin, second: Origin) -> None:
    if first.kind != second.kind:
        raise RecordsError(
            "Real and synthetic records cannot be combined: no figure could be read from them.",
            fix="Combine returns of one authority.",
        )
    if first.kind == "synthetic" and first.label != second.label:
        raise RecordsError(
            "The two are of different synthetic authorities.",
            fix="Combine returns of one authority.",
        )


def _origin(first: Origin, second: Origin) -> Origin:
    returns = tuple(dict.fromkeys([*first.returns, *second.returns]))
    return Origin(first.kind, returns, first.label or second.label)


def _truth(first: Records, second: Records) -> Truth | None:
    if first.truth is None or second.truth is None:
        return second.truth if first.truth is None else first.truth
    return second.truth | first.truth


def _stacked(*parts: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True)
        for name in names
    }


def _strangers(matched: Matched) -> list[Finding]:
    """Warn if the two returns hardly share a child: their ids may mean different things."""
    fewer = min(matched.n_children)
    if not fewer or matched.n_shared >= _FEWEST_SHARED * fewer:
        return []
    return [
        finding(
            "R030",
            "warning",
            "The two returns share fewer than one in twenty of their children.",
            table="children",
            column="child_id",
            count=matched.n_shared,
            fix="Check that both are of one authority and number children in the same way.",
        )
    ]
