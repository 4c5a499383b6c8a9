"""A chronology in words: its entries and gaps, what the records hold, and a summary of it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from fs_risk.records.days_in_words import day_words
from fs_risk.triage.chronology import TRIO, Chronology, Entry, Gap, Kind
from fs_risk.triage.chronology_kinds import KINDS


def entry_words(entry: Entry) -> str:
    """Say an entry without its day.

    Parameters
    ----------
    entry : Entry
    """
    said = entry.what + spell_words(entry)
    if entry.trio:
        said += f". Trio: {'; '.join(entry.trio)}"
    if entry.repeat_of is not None:
        said += f". {repeat_words(entry)}"
    return said


def spell_words(entry: Entry) -> str:
    """Say how long an entry lasted; empty for what happens on a day.

    Parameters
    ----------
    entry : Entry
    """
    if entry.until is not None:
        return f", to {day_words(entry.until, short=True)}"
    # an assessment that was only begun says so itself
    return ", not known to have ended" * (entry.ongoing and entry.kind != "assessment")


def repeat_words(entry: Entry) -> str:
    """Say which entry an entry repeats; empty for one that repeats none.

    Parameters
    ----------
    entry : Entry
    """
    if entry.repeat_of is None:
        return ""
    after = f"the one of {day_words(entry.repeat_of, short=True)}"
    within = "" if entry.kind == "cp_plan" else "within 12 months "
    return f"Repeat: {within}after {after}"


def late_words(entry: Entry) -> str:
    """Say when an entry was known, where that was on a later day.

    Parameters
    ----------
    entry : Entry
    """
    if entry.known == entry.day:
        return ""
    return f"known on {day_words(entry.known, short=True)}"


def gap_words(gap: Gap) -> str:
    """Say a gap.

    Parameters
    ----------
    gap : Gap
    """
    said = (
        f"Nothing recorded and no case open for {gap.months} months, "
        f"{day_words(gap.first, short=True)} to {day_words(gap.last, short=True)}"
    )
    if gap.not_observed:
        said += f"; not observed for all of it: {lanes_of(gap.not_observed)}"
    return f"{said}."


def lanes_of(kinds: Iterable[Kind]) -> str:
    """Name kinds in a row.

    Parameters
    ----------
    kinds : iterable of Kind

    Examples
    --------
    >>> lanes_of(["contact", "section47"])
    'contacts, section 47 enquiries'
    """
    return ", ".join(_lower(KINDS[kind].lane) for kind in kinds)


def held_lines(chronology: Chronology) -> list[str]:
    """Say what the records hold, from when, and what is not in them.

    Parameters
    ----------
    chronology : Chronology

    Returns
    -------
    list of str
    """
    spans: dict[tuple[str, str], list[Kind]] = {}
    for seen in chronology.observed:
        spans.setdefault((seen.first, seen.last), []).append(seen.kind)
    lines = [
        f"{_upper(named)}: observed from {day_words(first)} to {day_words(last)}."
        for (first, last), named in _largest_last(spans)
    ]
    if chronology.not_held:
        lines.append(
            f"Not in these records, so never here: {lanes_of(chronology.not_held)}. That there "
            "are none is not known."
        )
    before = day_words(chronology.known_before)
    if chronology.known_before != chronology.as_of:
        lines.append(f"What became known on or after {before} is not here.")
    return lines


def _largest_last(spans: dict[tuple[str, str], list[Kind]]) -> list[tuple[tuple[str, str], str]]:
    """Name the kinds that share a window; of the window that most share, as all others."""
    ordered = sorted(spans.items(), key=lambda item: len(item[1]))
    named = [(span, lanes_of(kinds)) for span, kinds in ordered]
    if ordered and len(ordered[-1][1]) > 2:
        named[-1] = named[-1][0], "all other kinds" if len(ordered) > 1 else "all kinds"
    return named


def nothing_words(chronology: Chronology) -> str:
    """Say of a chronology without entries what that means.

    Parameters
    ----------
    chronology : Chronology
    """
    return f"Nothing is recorded of this child before {day_words(chronology.as_of)}."


def chronology_lines(chronology: Chronology | None) -> list[str]:
    """Say a chronology line by line; nothing where there is none.

    Parameters
    ----------
    chronology : Chronology or None

    Returns
    -------
    list of str
    """
    if chronology is None:
        return []
    lines = [f"{entry.day}: {entry_words(entry)}" for entry in chronology.entries]
    lines = lines or [nothing_words(chronology)]
    lines += [gap_words(gap) for gap in chronology.gaps]
    return lines + held_lines(chronology)


def summary_words(chronology: Chronology) -> str:
    """Say a chronology in a few sentences, for those who do not see its picture.

    Parameters
    ----------
    chronology : Chronology
    """
    if not chronology.entries:
        return nothing_words(chronology)
    counts = Counter(entry.kind for entry in chronology.entries)
    named = ", ".join(
        f"{_lower(KINDS[kind].lane)} {counts[kind]}" for kind in KINDS if counts[kind]
    )
    first, last = chronology.entries[0].day, chronology.entries[-1].day
    said = [f"Entries from {day_words(first)} to {day_words(last)}: {named}."]
    said += _trio_words(chronology.entries)
    repeats = sum(entry.repeat_of is not None for entry in chronology.entries)
    said += [f"Repeats: {repeats}."] * bool(repeats)
    return " ".join([*said, *(gap_words(gap) for gap in chronology.gaps)])


def _trio_words(entries: Sequence[Entry]) -> list[str]:
    areas = Counter(area for entry in entries for area in entry.areas)
    if not areas:
        return []
    named = ", ".join(f"{area} {areas[area]}" for area in TRIO if areas[area])
    return [f"Assessments that recorded the trio: {named}."]


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]
