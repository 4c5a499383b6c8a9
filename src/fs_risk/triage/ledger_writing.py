"""Recording scores: what was shown, and all that is needed to make the same score again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

import pandas as pd

from fs_risk.errors import LedgerError
from fs_risk.model.step_up import StepUpModel
from fs_risk.triage.basis import Made
from fs_risk.triage.ledger_book import Book
from fs_risk.triage.ledger_entries import Draft, Entry, earliest
from fs_risk.triage.ledger_store import Rows
from fs_risk.triage.risk_score import RiskScore

if TYPE_CHECKING:
    from fs_risk.triage.prioritise_list import RankedList

Context = Literal["referral", "list", "household", "supervision"]
"""Why a score was made: for the child referred, for a list, or for others of the household."""

SCORE_KINDS = ("score",)


class LedgerWriting:
    """The ledger's recording part."""

    _book: Book

    def record_scores(
        self,
        made: Sequence[Made],
        *,
        model: StepUpModel,
        context: Context = "referral",
        sealed: bool = False,
        retain_until: date | None = None,
    ) -> list[int]:
        """Record scores, all or none; `score_referral` and `prioritise` call this.

        Parameters
        ----------
        made : sequence of Made
            Scores and what they were made from, as `Scorer.make` gives them.
        model : StepUpModel
            That made them.
        context : {"referral", "list", "household", "supervision"}
        sealed : bool, default=False
            Whether they are to be shown only once a person's own view is recorded.
        retain_until : date, optional
            The last day on which they may be read; never later than the records say.

        Returns
        -------
        list of int
            Numbers of the entries.

        Raises
        ------
        LedgerError
            If they are study output, or the ledger cannot be written to.
        """
        drafts = self._scores(made, model, context=context, sealed=sealed, until=retain_until)
        return self._book.append(drafts) if drafts else []

    def record_household(
        self, made: Made, others: Sequence[Made], *, model: StepUpModel, asked: RiskScore
    ) -> list[int]:
        """Record a score and those of the other children of the household, all or none.

        Each lies under its own child's key; the referred child's entry says how many others
        were shown, and not who. Nobody's entry holds what is another's.

        Parameters
        ----------
        made : Made
            Of the referred child.
        others : sequence of Made
            Those that are shown beside it.
        model : StepUpModel
        asked : RiskScore
            The referred child's score as it is given, the household beside it.

        Returns
        -------
        list of int
            Numbers of the entries, the referred child's first.
        """
        counts = {"shown": len(others), "left_out": asked.household_left_out}
        child = [
            replace(draft, content={**draft.content, "household": counts})
            for draft in self._scores([made], model, context="referral")
        ]
        return self._book.append([*child, *self._scores(others, model, context="household")])

    def record_list(
        self, made: Sequence[Made], ranked: "RankedList", *, model: StepUpModel
    ) -> list[int]:
        """Record a list: each score with its place, and the list itself without a name.

        Parameters
        ----------
        made : sequence of Made
        ranked : RankedList
            Of the same scores.
        model : StepUpModel

        Returns
        -------
        list of int
            Numbers of the entries, the list's own last.
        """
        about = {"list_id": ranked.list_id, "purpose": ranked.purpose, "capacity": ranked.capacity}
        places = ranked.table[["place", "listed", "chance"]].astype(object)
        placed = {
            score.score_id: {
                **about,
                "place": None if pd.isna(place) else int(place),
                "listed": bool(listed),
                "chance": None if pd.isna(chance) else float(chance),
            }
            for score, (place, listed, chance) in zip(
                ranked.scores, places.itertuples(index=False, name=None), strict=True
            )
        }
        drafts = [
            replace(draft, content={**draft.content, "list": placed[str(draft.score_id)]})
            for draft in self._scores(made, model, context="list")
        ]
        counts = {
            **about,
            "referrals": len(made),
            "listed": len(ranked.listed),
            "without_score": len(ranked.without_score),
            "decision_due": len(ranked.due),
            "tied": ranked.tied,
            "random_share": ranked.random_share,
            "seed": ranked.seed,
        }
        return self._book.append([*drafts, Draft("list", counts)])

    def _scores(
        self,
        made: Sequence[Made],
        model: StepUpModel,
        *,
        context: Context,
        sealed: bool = False,
        until: date | None = None,
    ) -> list[Draft]:
        if any(basis.study for _, basis in made):
            raise LedgerError(
                "Study output is not recorded: it is about no child and no decision.",
                where=f"model {model.name}, fitted on invented records",
                fix="Leave out ledger=.",
            )
        used = {"name": model.name, "version": model.version, "content_hash": model.content_hash}
        return [
            Draft(
                kind="score",
                content={
                    "context": context,
                    "sealed": sealed,
                    "score": score.model_dump(mode="json"),
                    "basis": basis.content(model.feature_names),
                    "model": used,
                },
                child_id=basis.referral.child_id,
                score_id=score.score_id,
                retain_until=self._until(basis.retain_until, until),
            )
            for score, basis in made
        ]

    def _until(self, *stated: date | None) -> str | None:
        """Give the earliest stated day to come, if it is before the one the ledger itself sets.

        A day that has passed was about facts of an earlier time, which no score reads; a
        new referral is kept by the ledger's own rule.
        """
        own = self._book.retained(Draft("score", {}, child_id=""))
        to_come = [day for day in stated if day and day.isoformat() >= self._book.today]
        return earliest(own, *to_come)

    def _score_entry(self, rows: Rows, score: RiskScore | str) -> Entry:
        """Find the latest entry of a score."""
        score_id = score if isinstance(score, str) else score.score_id
        tag = self._book.score_tag(score_id)
        found = self._book.read_in(rows, kinds=SCORE_KINDS, score_tag=tag)
        if not found:
            raise LedgerError(
                "The ledger holds no score of that id.",
                where=self._book.store.place,
                fix="Give the score_id of a score that was made with ledger=.",
            )
        if found[-1].state != "held":
            raise LedgerError(
                f"The score is {found[-1].state}.",
                where=f"entry {found[-1].number}",
                fix="Nothing more can be recorded about it.",
            )
        return found[-1]
