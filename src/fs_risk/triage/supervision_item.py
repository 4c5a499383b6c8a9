"""One family as group supervision meets it, and what its rating opens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from fs_risk.errors import LedgerError
from fs_risk.features.trio import AREAS
from fs_risk.records.days_in_words import day_words
from fs_risk.records.tables import TIERS
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.supervision_questions import Question
from fs_risk.triage.supervision_scores import Movement
from fs_risk.triage.supervision_state import Agreed, Progress

SEALED = "sealed until a rating is recorded"


@dataclass(frozen=True)
class FamilyChild:
    """A child of the family whose case is open.

    Attributes
    ----------
    child_id, case_id : str or None
        None in study output.
    age : str
        In words.
    tier : int
    opened : date
    left_out : str
        Why the child gets no score in this setting; empty otherwise.
    no_score : str
        Why there is none although the child is in the setting; empty where one is sealed.
    """

    child_id: str | None
    case_id: str | None
    age: str
    tier: int
    opened: date
    left_out: str = ""
    no_score: str = ""

    @property
    def said(self) -> str:
        """The child in a line, without an id."""
        score = self.left_out or self.no_score
        return (
            f"{self.age}; {TIERS[self.tier]}; open since {day_words(self.opened, short=True)}"
            + (f"; no score: {score}" if score else "")
        )


@dataclass(frozen=True)
class OpenedChild:
    """A child's score once the family's rating is recorded.

    Attributes
    ----------
    score : RiskScore
    movement : Movement or None
        Why it moved since the last supervision; None where it was not open or had none.
    """

    score: RiskScore
    movement: Movement | None

    def lines(self) -> tuple[str, ...]:
        """Say it line by line.

        Returns
        -------
        tuple of str
        """
        moved = self.movement.lines() if self.movement else ("No earlier score to compare with.",)
        return (*str(self.score).split("\n"), *moved)


@dataclass(frozen=True)
class OpenedFamily:
    """What a recorded rating opens.

    Attributes
    ----------
    rating : str
        As the group agreed it, before it saw a score.
    children : tuple of OpenedChild
        Each with its own score: a family has none.
    questions : tuple of Question
        Of the themes of the scores' reasons.
    entries : tuple of int
        Of the rating, in the ledger.
    """

    rating: str
    children: tuple[OpenedChild, ...]
    questions: tuple[Question, ...]
    entries: tuple[int, ...]

    def __str__(self) -> str:
        parts = [
            "\n".join((f"Child {child.score.child_id}", *(f"  {x}" for x in child.lines())))
            for child in self.children
        ]
        asked = [question.line for question in self.questions]
        return "\n".join((f"Agreed: {self.rating}.", *parts, *asked))

    def _repr_html_(self) -> str:
        from fs_risk.triage.supervision_page import opened_html

        return opened_html(self)


Record = Callable[..., list[int]]
Opened = tuple[tuple[OpenedChild, ...], tuple[Question, ...]]
OpenScores = Callable[["SupervisionItem"], Opened]


@dataclass(frozen=True)
class SupervisionItem:
    """One family: what is recorded, what was agreed, what is worth asking. No score.

    Attributes
    ----------
    number : int
        On this list, in no order of worry.
    family_id : str or None
        As the authority numbers it; None in study output.
    team : str
        Of the children in the setting; empty where not recorded.
    on : date
    children : tuple of FamilyChild
        Open cases.
    others : int
        Children of the family without an open case.
    trio : dict of str to date
        Areas found, with the day of the latest assessment that did.
    assessed : date or None
        Day of the latest authorised assessment.
    agreed : Agreed or None
        The latest meeting before this one.
    progress : Progress
    questions : tuple of Question
    sealed : tuple of str
        Ids of the scores that lie sealed in the ledger.

    Examples
    --------
    `supervision_list` makes them; here one by hand, without a ledger.

    >>> child = FamilyChild("A", "C1", "4 years old", tier=2, opened=date(2025, 1, 6))
    >>> item = SupervisionItem(
    ...     number=1, family_id="F1", team="North", on=date(2025, 3, 3), children=(child,),
    ...     others=0, trio={}, assessed=None, agreed=Agreed(date(2025, 2, 3), "medium", ""),
    ...     progress=Progress(modules_held=True, work_held=False, modules_done=3), questions=(),
    ... )
    >>> item.agreed_said, item.scores_said
    ('medium (3 Feb 2025)', 'none shown: the list has no ledger')
    """

    number: int
    family_id: str | None
    team: str
    on: date
    children: tuple[FamilyChild, ...]
    others: int
    trio: dict[str, date]
    assessed: date | None
    agreed: Agreed | None
    progress: Progress
    questions: tuple[Question, ...]
    sealed: tuple[str, ...] = ()
    _record: Record | None = field(default=None, repr=False)
    _opened: OpenScores | None = field(default=None, repr=False)

    @property
    def tier(self) -> int:
        """The highest tier of its children."""
        return max(child.tier for child in self.children)

    def open(
        self,
        *,
        rating: str,
        by: str,
        role: str,
        team: str | None = None,
        next_step: str = "",
        reason: str = "",
    ) -> OpenedFamily:
        """Record the rating that the group agreed, then show the scores.

        Parameters
        ----------
        rating : {"low", "medium", "high", "very high"}
            The group's own words.
        by, role : str
            Who records it. Nothing is ever counted by it.
        team : str, optional
            By default the family's.
        next_step, reason : str, optional

        Returns
        -------
        OpenedFamily

        Raises
        ------
        LedgerError
            If there is no ledger, or what was said is not usable: then nothing is shown.
        """
        if self._record is None or self._opened is None:
            raise LedgerError(
                "There is no ledger to record the rating in, so no score is shown.",
                where=f"family {self.number} of the list",
                fix="Make the list with ledger=.",
            )
        named = [str(child.child_id) for child in self.children]
        entries = self._record(
            named,
            family_id=str(self.family_id),
            on=self.on,
            rating=rating,
            team=self.team if team is None else team,
            by=by,
            role=role,
            next_step=next_step,
            reason=reason,
            scores=self.sealed,
        )
        return OpenedFamily(rating, *self._opened(self), tuple(entries))

    def lines(self) -> tuple[str, ...]:
        """Say the family line by line, without an id and without a score.

        Returns
        -------
        tuple of str
        """
        others = f"{self.others} more in the family, no open case" if self.others else ""
        trio = [
            f"{AREAS[area][1]} (assessed {day_words(day, short=True)})"
            for area, day in self.trio.items()
        ]
        return (
            *(f"Child: {child.said}" for child in self.children),
            *((f"Children: {others}",) * bool(others)),
            f"Trio: {', '.join(trio)}",
            f"Last time: {self.agreed_said}",
            *(f"Work: {line}" for line in self.progress.lines()),
            *(question.line for question in self.questions),
            f"Scores: {self.scores_said}",
        )  # fmt: skip

    @property
    def agreed_said(self) -> str:
        """What was agreed last time, in a line."""
        if self.agreed is None:
            return "no earlier supervision is recorded"
        rating = self.agreed.rating or "no rating"
        step = f"; next step: {self.agreed.next_step}" if self.agreed.next_step else ""
        return f"{rating} ({day_words(self.agreed.on, short=True)}){step}"

    @property
    def scores_said(self) -> str:
        """Whether there are scores, never what they are."""
        if self.sealed:
            return f"{len(self.sealed)} {SEALED}"
        return "none" if self._record is not None else "none shown: the list has no ledger"

    def __str__(self) -> str:
        head = f"{self.number}. Family {self.family_id or '-'}" + f", {self.team}" * bool(self.team)
        return "\n".join((head, *(f"   {line}" for line in self.lines())))

    def _repr_html_(self) -> str:
        from fs_risk.triage.supervision_page import item_html

        return item_html(self)
