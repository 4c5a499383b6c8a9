"""From a history to a chronology: the visible facts of one case, a line for each day and kind."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from fs_risk.features.cases import Cases
from fs_risk.features.evidence import rows_of, visible_to
from fs_risk.features.stream_rows import FACTOR_BIT
from fs_risk.features.timeline import Facts, History
from fs_risk.records.codes import FACTORS
from fs_risk.triage.chronology import (
    AREA_OF_FACTOR,
    TRIO,
    Chronology,
    Entry,
    Kind,
    Observed,
)
from fs_risk.triage.chronology_gaps import Span, gaps_between, with_repeats
from fs_risk.triage.chronology_kinds import KINDS, OPEN_WORK, TRIO_CODES

_EPOCH = date(1970, 1, 1)
_NOBODY = -1


class _Spell(NamedTuple):
    day: int
    known: int
    end: int | None


class _Visible:
    """The facts of one case's child that were known on the day.

    Attributes
    ----------
    day, cut : int
    events : dict of str to dict of int to int
        By stream, the days of its events, and when each was first known.
    spells : dict of str to list of _Spell
        By stream; the end is None where it was not known.
    factors : dict of int to int
        Factors of the assessments authorised on each day, one bit each.
    """

    def __init__(self, history: History, case: Cases) -> None:
        self.day, self.cut = int(case.day[0]), int(case.cut[0])
        self.events: dict[str, dict[int, int]] = {}
        self.spells: dict[str, list[_Spell]] = {}
        self.factors: dict[int, int] = {}
        key = int(case.child[0])
        if key < 0:
            return
        for name, day, known, _, _ in _facts(history, history.events, key, case):
            days = self.events.setdefault(name, {})
            days[day] = min(known, days.get(day, known))
        for name, day, known, end_known, end in _facts(history, history.spells, key, case):
            spell = _Spell(day, known, end if end_known < self.cut else None)
            self.spells.setdefault(name, []).append(spell)
        rows = rows_of(history.assessments, key)
        seen = visible_to(history, history.assessments, rows, case, _NOBODY)
        masks = history.assessments.mask[rows][seen].tolist()
        for day, mask in zip(history.assessments.day[rows][seen].tolist(), masks, strict=True):
            self.factors[day] = self.factors.get(day, 0) | int(mask)


def _facts(
    history: History, facts: Facts, key: int, case: Cases
) -> Iterator[tuple[str, int, int, int, int]]:
    """Give each visible fact of a key: stream, day, day known, day its end was known, end."""
    rows = rows_of(facts, key)
    seen = visible_to(history, facts, rows, case, _NOBODY)
    for row in facts.rows[rows][seen].tolist():
        day, known, _, kind, *ends = row
        yield history.streams[kind], day, known, *(ends or (day, day))


def chronology_of(history: History, case: Cases) -> Chronology:
    """Give the chronology of one case.

    Parameters
    ----------
    history : History
    case : Cases
        A single one.

    Returns
    -------
    Chronology
        Of facts that happened before the day and were known before the case's cut.
    """
    found = _Visible(history, case)
    seen, not_held = _observed(history, found.cut)
    factors_held = history.coverage.get("factors") is not None
    entries = sorted(
        _entries(found, factors_held), key=lambda entry: (entry.day, _ORDER[entry.kind])
    )
    spans = [Span(day, day) for days in _of_kinds(found).values() for day in days]
    spans += [
        Span(spell.day, found.day if spell.end is None else spell.end)
        for name in (*OPEN_WORK, "assessment_open")
        for spell in found.spells.get(name, ())
    ]
    return Chronology(
        as_of=_iso(found.day),
        known_before=_iso(found.cut),
        entries=tuple(with_repeats(entries)),
        gaps=tuple(gaps_between(spans, found.day, found.cut, _windows(history))),
        observed=seen,
        not_held=not_held,
    )


_ORDER = {kind: place if kind != "closure" else len(KINDS) for place, kind in enumerate(KINDS)}
"""Order of the entries of one day: a case closes after what it closed on."""


def _of_kinds(found: _Visible) -> dict[Kind, dict[int, int]]:
    return {kind: found.events.get(words.stream, {}) for kind, words in KINDS.items()}


def _entries(found: _Visible, factors_held: bool) -> Iterator[Entry]:
    for kind, days in _of_kinds(found).items():
        words = KINDS[kind]
        for day, known in days.items():
            on_day = {name for name in words.streams if day in found.events.get(name, ())}
            what = words.say(on_day)
            spells = [spell for spell in found.spells.get(words.spell, ()) if spell.day == day]
            if kind == "assessment":
                yield _assessment(found, day, known, what, factors_held)
            else:
                until, ongoing = _lasting(spells)
                yield Entry(
                    kind=kind,
                    day=_iso(day),
                    known=_iso(known),
                    until=until,
                    ongoing=ongoing,
                    what=what + _ended_without(found, kind, spells),
                )
    begun = {spell.day: spell for spell in found.spells.get("assessment_open", ())
             if spell.end is None}  # fmt: skip
    for day, spell in begun.items():
        yield Entry(kind="assessment", day=_iso(day), known=_iso(spell.known), ongoing=True,
                    what="Assessment begun, not authorised yet")  # fmt: skip


def _lasting(spells: Sequence[_Spell]) -> tuple[str | None, bool]:
    """Give its end, and whether it is still on: it is, if the end of any was not known."""
    known = [spell.end for spell in spells if spell.end is not None]
    ongoing = len(known) < len(spells)
    return _iso(max(known)) if known and not ongoing else None, ongoing


def _ended_without(found: _Visible, kind: Kind, spells: Sequence[_Spell]) -> str:
    """Say that an enquiry found no conference necessary; that is dated by its end."""
    without = found.events.get("section47_no_conference", ())
    ended = kind == "section47" and any(spell.end in without for spell in spells)
    return "; no conference found necessary" if ended else ""


def _assessment(found: _Visible, day: int, known: int, what: str, factors_held: bool) -> Entry:
    mask = found.factors.get(day, 0)
    codes = [code for code in TRIO_CODES if mask & int(FACTOR_BIT[code])]
    factors_known = bool(codes) or day in found.events.get("assessments_with_factors", ())
    if not factors_known:
        what += "; factors missing" if factors_held else "; factors not held"
    elif not codes:
        what += "; none of the trio recorded"
    areas = {AREA_OF_FACTOR[code[0]] for code in codes}
    return Entry(
        kind="assessment",
        day=_iso(day),
        known=_iso(known),
        what=what,
        trio=tuple(FACTORS[code] for code in codes),
        areas=tuple(area for area in TRIO if area in areas),
        factors_known=factors_known,
    )


def _windows(history: History) -> dict[Kind, tuple[int, int]]:
    """Give the days that each kind is observed on; a closure is part of its referral."""
    windows = {
        kind: history.coverage.get(words.table)
        for kind, words in KINDS.items()
        if kind != "closure"
    }
    return {kind: window for kind, window in windows.items() if window is not None}


def _observed(history: History, cut: int) -> tuple[tuple[Observed, ...], tuple[Kind, ...]]:
    seen = {
        kind: (first, min(last, cut - 1))
        for kind, (first, last) in _windows(history).items()
        if first < cut
    }
    held = tuple(
        Observed(kind=kind, first=_iso(first), last=_iso(last))
        for kind, (first, last) in seen.items()
    )
    return held, tuple(kind for kind in KINDS if kind not in seen and kind != "closure")


def _iso(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()
