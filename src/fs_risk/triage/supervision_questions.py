"""Questions worth asking of a family, in the words of motivational practice.

Before a rating they come from what is not known, out of date, agreed last time and recorded,
which no model has touched; with the opened scores also from the themes of their reasons.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

from fs_risk.features.trio import ABUSE as DOMESTIC_ABUSE
from fs_risk.features.trio import AREAS, MENTAL_HEALTH, SUBSTANCES, TOGETHER
from fs_risk.records.days_in_words import day_words
from fs_risk.triage.reasons import Reason
from fs_risk.triage.supervision_state import Agreed, Progress

Kind = Literal["last time", "out of date", "not known", "offered", "worry", "strength"]

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "last time": "From last time",
        "out of date": "Out of date",
        "not known": "Not known",
        "offered": "Offered",
        "worry": "Worry",
        "strength": "Strength",
    }
)
"""Kinds of question, in the order in which they are asked."""

MOST_UNKNOWN, MOST_THEMES = 3, 3


class _Ask(NamedTuple):
    worry: str
    strength: str


ASKED: Mapping[str, _Ask] = MappingProxyType(
    {
        DOMESTIC_ABUSE: _Ask(
            "What does a day without fear look like in this home now, and how often are there "
            "such days? What do the person subjected to abuse, and each child, say is different?",
            "What has the person subjected to abuse already done for their own and the "
            "children's safety, and how can we build on it?",
        ),
        SUBSTANCES: _Ask(
            "On a scale of 0 to 10, how ready does the parent say they are to change their use, "
            "and what makes it not lower? What are mornings and bedtimes like for the children?",
            "When were there days without use, and what made them possible?",
        ),
        MENTAL_HEALTH: _Ask(
            "What does the parent say helps on hard days, and who notices first? What do the "
            "children do on those days?",
            "What keeps the parent well at present, and who else knows what to do?",
        ),
        TOGETHER: _Ask(
            "How do these difficulties feed each other in this family, and which would the "
            "parents choose to work on first? Do the specialists share one plan?",
            "Where has a change in one of them already made another easier?",
        ),
        "Neglect and abuse assessed in this episode": _Ask(
            "What has to be different for the child day by day, who has seen it, and what does "
            "the child say?",
            "What do the parents already do that keeps the child well cared for, and when?",
        ),
        "Neglect and abuse assessed before": _Ask(
            "What was the worry then, what would each person say has changed since, and what "
            "would the child say?",
            "What did the family do then that worked, and is it still there?",
        ),
        "The child's own difficulties": _Ask(
            "What is the child telling us by what they do, and whom do they trust?",
            "What is the child good at and proud of, and who helps them with it?",
        ),
        "Harm outside the home": _Ask(
            "Where and with whom does the child feel safe outside the home, and what do the "
            "parents know of it?",
            "What do the parents do that brings the child home?",
        ),
        "Missing episodes": _Ask(
            "What was the child going to, or getting away from, each time? Who asked them when "
            "they were back?",
            "What is different in the times when the child stays?",
        ),
        "Child protection plans": _Ask(
            "Which part of the plan made a difference for the children, and what would each "
            "parent say about it? What would still be missing if it ended?",
            "What holds without a plan, and how would we notice if it stopped?",
        ),
        "Care and pre-proceedings": _Ask(
            "What has changed since that step, who in the wider family has been asked, and what "
            "do the parents understand of it?",
            "What has made it possible for the children to be at home, and who carries it?",
        ),
        "Assessments and enquiries": _Ask(
            "What did the last assessment or enquiry leave open, and what do the children say "
            "about it now?",
            "What did it find that works, and is it still so?",
        ),
        "How far earlier work went": _Ask(
            "What helped and what got in the way when we worked together before? What would the "
            "family ask us to do differently?",
            "What made less enough, the last time?",
        ),
        "Earlier referrals": _Ask(
            "What was different between the times when the family managed without us and the "
            "times when they came back?",
            "What carries the family through the times without a referral?",
        ),
        "Contacts with the front door": _Ask(
            "What were the latest contacts about, and what does the family say was going on?",
            "What goes well in the time between contacts, and who is near the family then?",
        ),
        "Who made this referral": _Ask(
            "What did whoever referred hope would change, and have they been told what did?",
            "Who around the family speaks up for them, and how do we keep them with us?",
        ),
        "Who has told the service of the household": _Ask(
            "Who sees this family, what have they seen lately, and who has not been asked?",
            "Who around the family speaks up for them, and how do we keep them with us?",
        ),
        "Brothers and sisters": _Ask(
            "What is a day like for each brother and sister, and who among them has not been "
            "asked?",
            "How do the brothers and sisters look after each other, without it being a burden?",
        ),
        "The household as a whole": _Ask(
            "Who lives here now, who comes and goes, and what does each of them want to be "
            "different?",
            "Who outside the home helps, and would they do more if they were asked?",
        ),
        "Early help": _Ask(
            "What did early help reach, and what was left when it ended?",
            "What did the family take from early help that they still use?",
        ),
        "What has gone well": _Ask(
            "What went well before, and what has made it harder since?",
            "What went well before, who made it happen, and how can there be more of it?",
        ),
        "The child's age": _Ask(
            "What does a child of this age need each day that they cannot ask for, and who sees "
            "that they get it?",
            "What can the child at this age tell us themselves, and who has asked?",
        ),
    }
)
"""What is asked about each of the catalogue's concepts, as a worry and as a strength."""

_SPECIALISTS = MappingProxyType(
    {
        "domestic_abuse": (("victim support", "perpetrator or probation"), "domestic abuse"),
        "substances": (("recovery",), "alcohol and drug recovery"),
        "mental_health": (("mental health", "psychologist"), "adult mental health"),
    }
)
"""The adult specialists for each area of the trio, and what they work on."""


_ALWAYS = (
    "What goes well",
    "What goes well in this family, who of them would say so, and how can there be more of it?",
)


@dataclass(frozen=True)
class Question:
    """A question worth asking.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    theme : str
    ask : str
    because : str
        What it rests on; empty for themes, whose facts the group brings itself.
    """

    kind: Kind
    theme: str
    ask: str
    because: str = ""

    @property
    def line(self) -> str:
        """The question in a line."""
        because = f" [{self.because}]" if self.because else ""
        return f"{KINDS[self.kind]}: {self.theme}: {self.ask}{because}"


def questions_about(
    *,
    day: date,
    stale_after_days: int,
    assessed: date | None,
    agreed: Agreed | None,
    areas: Sequence[str],
    progress: Progress,
    unknown: Mapping[str, str],
    recorded: Collection[str],
    reasons: Iterable[Reason] = (),
) -> tuple[Question, ...]:
    """Gather the questions worth asking of a family.

    Parameters
    ----------
    day : date
    stale_after_days : int
    assessed : date or None
        Day of the latest authorised assessment.
    agreed : Agreed or None
        What was agreed last time.
    areas : sequence of str
        Areas of the trio that were found.
    progress : Progress
    unknown : mapping of str to str
        What is not known, by concept.
    recorded : collection of str
        Concepts of which anything is recorded: a question never supposes what nobody has.
    reasons : iterable of Reason
        Of all the family's scores; empty where they are not to be asked about.

    Returns
    -------
    tuple of Question
        In the order of `KINDS`, themes in a fixed order.
    """
    supposed = {TOGETHER} if len(areas) < 2 else set()
    themes = set(recorded) - supposed
    return (
        *_last_time(agreed),
        *_out_of_date(day, stale_after_days, assessed),
        *_not_known(unknown),
        *_offered(areas, progress),
        *(questions_of_reasons(held, themes) if (held := list(reasons)) else _of(themes)),
    )


def _last_time(agreed: Agreed | None) -> list[Question]:
    if agreed is None:
        return []
    step = f"The next step agreed was to {_STEPS.get(agreed.next_step, agreed.next_step)}"
    ask = "what was done, and what did the family make of it?"
    said = f"{step}: {ask}" if agreed.next_step else f"Since then, {ask}"
    return [Question("last time", "What was agreed", said, day_words(agreed.on))]


_STEPS = {"continue": "go on as planned", "change plan": "change the plan"}


def _out_of_date(day: date, stale: int, assessed: date | None) -> list[Question]:
    if assessed is not None and assessed >= day - timedelta(days=stale):
        return []
    because = (
        "no authorised assessment is known"
        if assessed is None
        else f"latest authorised assessment: {day_words(assessed)}"
    )
    ask = "What has changed for the family that is not written in an assessment yet?"
    return [Question("out of date", "Assessment", ask, because)]


def _not_known(unknown: Mapping[str, str]) -> list[Question]:
    ask = "What do we know of this today, from whom, and who could be asked?"
    held = [concept for concept in ASKED if concept in unknown][:MOST_UNKNOWN]
    if not held:
        return []
    because = "for one child or more: " + _together([unknown[concept] for concept in held])
    return [Question("not known", ", ".join(held), ask, because)]


def _together(said: Sequence[str]) -> str:
    """Say what is missing for the same reason once: "what: why"."""
    by_reason: dict[str, list[str]] = {}
    for one in said:
        what, _, why = one.partition(": ")
        by_reason.setdefault(why, []).append(what)
    return "; ".join(f"{', '.join(what)}: {why}" for why, what in by_reason.items())


def _offered(areas: Sequence[str], progress: Progress) -> list[Question]:
    if not progress.work_held:
        return []
    return [
        Question(
            "offered",
            AREAS[area][1].capitalize(),
            "Was it offered, when, and what did the adult say would make it worth their while?",
            f"no {words} specialist's work is recorded",
        )
        for area, (roles, words) in _SPECIALISTS.items()
        if area in areas and not progress.roles.intersection(roles)
    ]


def _of(recorded: Collection[str]) -> list[Question]:
    """Ask about what is recorded: of each theme the worry and the strength."""
    themes = [theme for theme in ASKED if theme in recorded][:MOST_THEMES]
    return _asked(themes, themes)


def questions_of_reasons(reasons: Iterable[Reason], recorded: Collection[str]) -> list[Question]:
    """Ask about the themes of scores' reasons, of those of which anything is recorded.

    Parameters
    ----------
    reasons : iterable of Reason
    recorded : collection of str

    Returns
    -------
    list of Question
        The strongest, in a fixed order.
    """
    held = [reason for reason in reasons if reason.concept in recorded]
    strongest = sorted(held, key=lambda reason: -abs(reason.contribution))
    worries = _first_few(strongest, "worry", without=())
    return _asked(worries, _first_few(strongest, "strength", without=worries))


def _asked(worries: Sequence[str], strengths: Sequence[str]) -> list[Question]:
    return [
        *(Question("worry", theme, ask.worry) for theme, ask in ASKED.items() if theme in worries),
        Question("strength", *_ALWAYS),
        *(
            Question("strength", theme, ask.strength)
            for theme, ask in ASKED.items()
            if theme in strengths
        ),
    ]


def _first_few(strongest: Sequence[Reason], direction: str, *, without: Sequence[str]) -> list[str]:
    themes = [reason.concept for reason in strongest if reason.direction == direction]
    return [theme for theme in dict.fromkeys(themes) if theme not in without][:MOST_THEMES]
