"""The words of the page for families and of the one for children: short and plain.

Nothing in them is about anybody but the child: what is recorded of brothers, sisters or
adults is theirs to ask for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fs_risk.triage.chronology import Kind

KIND_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        "contact": "Times when someone got in touch with us about {whom}",
        "early_help": "Early help",
        "referral": "Referrals before this one",
        "assessment": "Assessments, when a social worker found out what {whom} needed",
        "section47": "Checks on possible harm to {whom} (called section 47 enquiries)",
        "conference": "Meetings about how to protect {whom} (child protection conferences)",
        "cin_plan": "Child in need plans",
        "cp_plan": "Child protection plans",
        "pre_proceedings": "Legal meetings that come before going to court",
        "care": "Times in care",
        "missing": "Times of being missing",
    }
)
"""Each kind of record, of a child who is called ``whom``; a closure is part of its referral."""

CONCEPT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "Contacts with the front door": "how often people got in touch with us",
        "Earlier referrals": "the earlier referrals",
        "How far earlier work went": "how far our earlier work went",
        "Assessments and enquiries": "the assessments and checks",
        "Child protection plans": "the child protection plans",
        "Care and pre-proceedings": "times in care, or legal meetings",
        "Missing episodes": "times of being missing",
        "Early help": "early help",
        "What has gone well": "what has gone well",
        "The child's age": "age on the day of this referral",
        "Who made this referral": "what kind of person or service made this referral",
    }
)
"""Concepts that are the child's own, in plain words. All others may be about someone else."""

ALWAYS_THE_CHILDS = frozenset({"The child's age", "Who made this referral"})
"""Concepts that rest on no dated fact, of the child or of anybody."""

LOOKED_FOR = (
    "What was recorded before: people getting in touch, referrals, early help, assessments, plans, "
    "times in care and times of being missing.",
    "What assessments wrote down: abuse in the home, drink, drugs, mental health, and harm to a "
    "child.",
    "How old the child was, and what kind of person or service made the referral.",
    "The same kinds of records about brothers and sisters.",
)
"""What is looked for in every child's record: the same list on every page."""

NEVER_READ = (
    "What was said in this referral.",
    "Names, addresses, letters, emails, or anything on the internet.",
    "Whether someone is a girl or a boy, a man or a woman.",
    "Skin colour, ethnic group, religion, or the country someone is from.",
    "Any record of a disability.",
    "Money or benefits.",
)

NOT_USED_FOR = (
    "It cannot close a case.",
    "It cannot say no to help.",
    "It cannot make a plan, or take a child into care.",
    "It is not used on families that nobody has referred.",
)


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    title : str
    lines : tuple of str
    items : tuple of str
        A list below the lines.
    after : tuple of str
        Lines below the list.
    """

    title: str
    lines: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What the words are about.

    Attributes
    ----------
    whom : str
        "your child", or "you".
    authority, contact, purpose, complaints : str
        As given, or a placeholder that says what is still to be written.
    model, day : str
    outcome : str
        What was counted, in plain words.
    records : tuple of str
        Kinds of records of the child, with their years.
    not_held : tuple of str
    counted : tuple of str
        Which of the child's own concepts counted most.
    result : str
        The score in words; empty where it is left out.
    has_score : bool
    """

    whom: str
    authority: str
    contact: str
    purpose: str
    complaints: str
    model: str
    day: str
    outcome: str
    records: tuple[str, ...]
    not_held: tuple[str, ...]
    counted: tuple[str, ...]
    result: str
    has_score: bool


def family_sections(facts: Facts) -> tuple[Section, ...]:
    """Write the page for a parent or carer.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    tuple of Section
    """
    return (
        Section(
            "What happened",
            (
                f"On {facts.day} someone made a referral about your child. That means that they "
                f"told {facts.authority} that a child may need help.",
                f"We then used a computer tool. Its name is {facts.model}. It looked at our past "
                "records. It counted how often a referral like this one was followed by "
                f"{facts.outcome}.",
                f"Why we use it: {facts.purpose}.",
            ),
        ),
        Section(
            "A person decides",
            (
                "The tool did not decide anything. A trained person read the referral and decided "
                "what to do. They can disagree with the tool, and they often know things that it "
                "does not.",
                *_came_out(facts),
            ),
        ),
        Section(
            "What it looked at",
            ("These are our records about your child, and the years they are from:",),
            facts.records or ("We had no records about your child from before.",),
            (*_not_held(facts), *_counted(facts), _OTHERS),
        ),
        Section(
            "What it looks for",
            ("The list is the same for every child. That something is on it does not mean that "
             "it is in your child's records.",),
            LOOKED_FOR,
        ),
        Section("What it did not look at", (), NEVER_READ),
        Section("What it is not used for", (), NOT_USED_FOR),
        _familys_rights(facts),
        Section("The law", _LAW),
    )  # fmt: skip


def _familys_rights(facts: Facts) -> Section:
    return Section(
        "If you think something is wrong",
        ("You can do any of these. It costs nothing to ask.",),
        (
            "Ask to see what we hold about you and your child.",
            "Tell us that a record is wrong, or that something is missing. Ask us to put it right.",
            "Tell us what you think about what we decided.",
            "Ask for a person to look at it all again.",
            "Ask us not to use the tool for your child. We must think about it, and tell you our "
            "answer.",
        ),
        (
            f"How to reach us: {facts.contact}.",
            f"How to complain to us: {facts.complaints}.",
            "You can also complain to the Information Commissioner, who checks how records are "
            f"used. {ICO}",
        ),
    )


def child_sections(facts: Facts) -> tuple[Section, ...]:
    """Write the page for a child to read, best with someone they trust.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    tuple of Section
    """
    return (
        Section(
            "What happened",
            (
                f"On {facts.day} someone told us that you may need some help. We are "
                f"{facts.authority}.",
                "We used a computer to look at what we wrote down about you before. It counted "
                "what happened for other children.",
            ),
        ),
        Section(
            "A person decides, not the computer",
            (
                "The computer does not know you. It cannot decide things about you. A person "
                "does that.",
                *_came_out(facts),
            ),
        ),
        Section(
            "What the computer looked at",
            (),
            facts.records or ("We had nothing written down about you from before.",),
            ("It may have looked at notes about other people in your home too. Those are "
             "private to them.",),
        ),
        Section("What it did not look at", (), _NEVER_READ_FOR_CHILDREN),
        _childs_rights(facts),
    )  # fmt: skip


def _childs_rights(facts: Facts) -> Section:
    return Section(
        "What you can do",
        ("It is your right to ask. You can do it with someone you trust.",),
        (
            "Ask us what we wrote down about you.",
            "Tell us if it is wrong.",
            "Tell us what you think.",
            "Ask for a person to look again.",
            "Ask for someone to help you speak up. That person is called an advocate.",
        ),
        (
            f"How to reach us: {facts.contact}.",
            f"If you are not happy with us: {facts.complaints}.",
            f"Someone outside can look at it too: the Information Commissioner. {ICO}",
        ),
    )


ICO = "Their website is ico.org.uk and their phone number is 0303 123 1113."

_NEVER_READ_FOR_CHILDREN = (
    "What was said about you this time.",
    "Your name, your phone, or anything online.",
    "If you are a girl or a boy.",
    "The colour of your skin, what you believe, or where you are from.",
)
_OTHERS = (
    "It may have looked at records about other people in your home as well. We do not show them "
    "here, because they are private to those people. They can ask us for their own."
)
_LAW = (
    "The law has rules for when a computer decides something big about a person by itself. They "
    "are in Articles 22A to 22D of the UK GDPR, from the Data (Use and Access) Act 2025.",
    "Here a person decides, and not the tool. You can still ask us how it was used, tell us what "
    "you think, ask for a person to look, and challenge what was decided.",
)


def _came_out(facts: Facts) -> tuple[str, ...]:
    if not facts.has_score:
        return ("This time the tool gave no result.",)
    if facts.result:
        return (facts.result, "This is a count of what happened to other children. It does not "
                "say what happens in your family.")  # fmt: skip
    return ("We have left the tool's result off this page. You can ask us for it.",)


def _not_held(facts: Facts) -> tuple[str, ...]:
    if not facts.not_held:
        return ()
    return (f"The tool could not see these, so it does not know: {'; '.join(facts.not_held)}.",)


def _counted(facts: Facts) -> tuple[str, ...]:
    if not facts.counted or not facts.has_score:
        return ()
    return (f"Of these, what counted most was: {', '.join(facts.counted)}.",)
