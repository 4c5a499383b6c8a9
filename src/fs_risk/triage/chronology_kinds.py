"""The kinds of entries of a chronology: which streams they are of, and how they are said."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType

from fs_risk.features.streams import STREAMS
from fs_risk.records.codes import FACTORS
from fs_risk.triage.chronology import Kind

Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KindWords:
    """One kind of entry.

    Attributes
    ----------
    lane : str
        Name of the kind in the plural, for a line of a picture.
    says : str
        What an entry says.
    stream : str
        The stream of events whose days have an entry.
    spell : str
        The stream of spells that says how long it lasted; empty for what happens on a day.
    more : tuple of (str, tuple of (str, str))
        What else is said where the stream of that name has an event on the day, after
        the words before it.
    """

    lane: str
    says: str
    stream: str
    spell: str = ""
    more: tuple[tuple[str, Words], ...] = ()

    @property
    def table(self) -> str:
        """The canonical table that must be observed."""
        return STREAMS[self.stream].table

    @property
    def streams(self) -> tuple[str, ...]:
        """Every stream of events that is read."""
        return (self.stream, *(name for _, words in self.more for name, _ in words))

    def say(self, found: Set[str]) -> str:
        """Say an entry.

        Parameters
        ----------
        found : set of str
            Streams that have an event on the day.

        Examples
        --------
        >>> KINDS["referral"].say({"referrals", "referrals_police", "referrals_nfa"})
        'Referral from police; no further action'
        """
        said = self.says
        for before, words in self.more:
            held = [word for name, word in words if name in found]
            said += before + " and ".join(held) if held else ""
        return said


def _sources(stream: str) -> tuple[str, Words]:
    names = {
        "police": "police",
        "school": "school",
        "health": "health services",
        "local_authority": "the local authority",
        "individual": "family or another person",
        "other": "another source",
    }
    return " from ", tuple((f"{stream}_{source}", word) for source, word in names.items())


_CONTACT_OUTCOMES = (
    ("contacts_referred", "became a referral"),
    ("contacts_to_early_help", "passed to early help"),
    ("contacts_not_referred", "not referred on"),
)
_DECISIONS = (
    ("referrals_nfa", "no further action"),
    ("referrals_accepted", "further action decided"),
)
_HARMS = (
    ("neglect", "neglect"),
    ("emotional_abuse", "emotional abuse"),
    ("physical_abuse", "physical abuse"),
    ("sexual_abuse", "sexual abuse"),
)
_CATEGORIES = (
    ("cp_plan_starts_neglect", "neglect"),
    ("cp_plan_starts_emotional", "emotional abuse"),
    ("cp_plan_starts_physical", "physical abuse"),
    ("cp_plan_starts_sexual", "sexual abuse"),
    ("cp_plan_starts_multiple", "several categories"),
)

KINDS: Mapping[Kind, KindWords] = MappingProxyType(
    {
        "contact": KindWords(
            "Contacts", "Contact", "contacts",
            more=(_sources("contacts"), ("; ", _CONTACT_OUTCOMES)),
        ),
        "early_help": KindWords("Early help", "Early help", "early_help_starts", "early_help"),
        "referral": KindWords(
            "Referrals", "Referral", "referrals",
            more=(_sources("referrals"), ("; ", _DECISIONS)),
        ),
        "closure": KindWords(
            "Closures", "Case closed", "referral_closures",
            more=((" ", (("closures_after_assessment", "after assessment"),)),),
        ),
        "assessment": KindWords(
            "Assessments", "Assessment authorised", "assessments",
            more=(("; found: ", _HARMS),),
        ),
        "section47": KindWords(
            "Section 47 enquiries", "Section 47 enquiry", "section47", "section47_open"
        ),
        "conference": KindWords(
            "Initial conferences", "Initial child protection conference", "conferences"
        ),
        "cin_plan": KindWords("Child in need plans", "Child in need plan", "cin_plans", "cin_plan"),
        "cp_plan": KindWords(
            "Child protection plans", "Child protection plan", "cp_plan_starts", "cp_plan",
            more=((": ", _CATEGORIES),
                  ("; ", (("cp_plan_starts_after_earlier", "not the first plan"),))),
        ),
        "pre_proceedings": KindWords(
            "Pre-proceedings", "Pre-proceedings", "pre_proceedings", "pre_proceedings_open"
        ),
        "care": KindWords("Care", "Looked after", "care_starts", "care"),
        "missing": KindWords(
            "Missing episodes", "Missing from home or care", "missing", "missing_open"
        ),
    }
)  # fmt: skip
"""Every kind, in the order in which a picture draws them, from the top."""

TRIO_CODES = tuple(code for code in FACTORS if re.fullmatch("[1-4][ABC]", code))
"""Factors of the trio."""

OPEN_WORK = ("episode", *(words.spell for words in KINDS.values() if words.spell))
"""Spells during which a case was open: no time within them is a gap."""
