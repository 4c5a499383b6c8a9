"""Recording what people say: their decisions, their view before a score, agreed ratings."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from fs_risk.errors import LedgerError
from fs_risk.triage.ledger_entries import Draft, earliest
from fs_risk.triage.ledger_words import AgreedRating, OwnDecision, said
from fs_risk.triage.ledger_writing import LedgerWriting
from fs_risk.triage.referral import Referral, as_referral
from fs_risk.triage.risk_score import RiskScore


class LedgerSaying(LedgerWriting):
    """The ledger's part in what people say."""

    def record_decision(
        self,
        score: RiskScore | str,
        *,
        decision: str,
        reason: str,
        agreement: str,
        by: str,
        role: str,
        team: str = "",
    ) -> int:
        """Record what a person decided of a referral whose score they saw.

        Parameters
        ----------
        score : RiskScore or str
            Or its `score_id`.
        decision : str
            ``no_further_action``, ``advice``, ``early_help``, ``assessment``,
            ``strategy_discussion``, ``second_read``, ``group_supervision``, ``allocation``
            or ``other``. A person's own: none follows from a score (requirement G6).
        reason : str
        agreement : {"agrees", "more_worried", "less_worried", "not_used"}
            The middle two are overrides (requirement G9).
        by, role : str
            The person. Kept for the record; nothing is ever counted by it.
        team : str, optional

        Returns
        -------
        int
            Number of the entry.

        Raises
        ------
        LedgerError
            If there is no such score, or what was said is not usable.
        """
        own = said(
            OwnDecision,
            {"decision": decision, "reason": reason, "agreement": agreement, "by": by,
             "role": role, "team": team},
        )  # fmt: skip
        return self._about_score("decision", score, own.model_dump(mode="json"))

    def record_no_score_wanted(
        self,
        referral: Referral | Mapping[str, Any],
        *,
        decision: str,
        reason: str,
        by: str,
        role: str,
        team: str = "",
    ) -> int:
        """Record that a person decided without a score, which is as good a way (G9).

        Parameters
        ----------
        referral : Referral or mapping
        decision, reason, by, role, team
            As for `record_decision`.

        Returns
        -------
        int
            Number of the entry.
        """
        own = said(
            OwnDecision,
            {"decision": decision, "reason": reason, "by": by, "role": role, "team": team},
        )
        declared = as_referral(referral)
        content = {**own.model_dump(mode="json"), "referral": declared.model_dump(mode="json")}
        return self._book.append([Draft("no_score_wanted", content, declared.child_id)])[0]

    def record_own_view(
        self,
        score: RiskScore | str,
        *,
        decision: str,
        reason: str,
        by: str,
        role: str,
        team: str = "",
    ) -> int:
        """Record a person's own view before they see a score; it opens a sealed one.

        Parameters
        ----------
        score : RiskScore or str
            Or its `score_id`.
        decision, reason, by, role, team
            As for `record_decision`.

        Returns
        -------
        int
            Number of the entry.
        """
        own = said(
            OwnDecision,
            {"decision": decision, "reason": reason, "by": by, "role": role, "team": team},
        )
        return self._about_score("own_view", score, own.model_dump(mode="json"))

    def record_rating(
        self,
        children: str | Iterable[str],
        *,
        family_id: str,
        on: date | str,
        rating: str,
        team: str,
        by: str,
        role: str,
        next_step: str = "",
        reason: str = "",
        scores: Iterable[RiskScore | str] = (),
    ) -> list[int]:
        """Record the rating that group supervision agreed of a family.

        Parameters
        ----------
        children : str or iterable of str
            Ids of the family's children; each gets an entry of their own, so that one can
            be erased without the others.
        family_id : str
        on : date
        rating : {"low", "medium", "high", "very high"}
            The group's own words; no score has such a band.
        team : str
        by, role : str
            Who recorded it.
        next_step, reason : str, optional
        scores : iterable of RiskScore or str, optional
            Scores of these children that the rating is later held against.

        Returns
        -------
        list of int
            Numbers of the entries, in the order of `children`.

        Raises
        ------
        LedgerError
            If what is said cannot be used, no child is named or one twice, or a score is of
            another child.
        """
        own = said(
            AgreedRating,
            {"family_id": family_id, "rating": rating, "on": on, "team": team, "by": by,
             "role": role, "next_step": next_step, "reason": reason},
        )  # fmt: skip
        given = [children] if isinstance(children, str) else list(children)
        named = [child.strip() for child in given]
        if not named or len(set(named)) < len(named) or not all(named):
            raise LedgerError(
                "A rating is about no child, or about one of them twice.",
                fix="Give each child's id once.",
            )
        content = own.model_dump(mode="json")
        with self._book.writing() as rows:
            found = {}
            for score in scores:
                entry = self._score_entry(rows, score)
                found[entry.content["child_id"]] = entry.content["score_id"]
            if not found.keys() <= set(named):
                raise LedgerError(
                    "A score is of a child that the rating is not about.",
                    fix="Give the scores of the children that are named.",
                )
            drafts = [Draft("rating", content, child, found.get(child)) for child in named]
            return self._book.append_in(rows, drafts)

    def _about_score(self, kind: str, score: RiskScore | str, content: dict[str, Any]) -> int:
        """Add an entry about a score, kept no longer than the score itself."""
        with self._book.writing() as rows:
            entry = self._score_entry(rows, score)
            draft = Draft(
                kind,
                content,
                child_id=entry.content["child_id"],
                score_id=entry.content["score_id"],
                retain_until=earliest(entry.retain_until, self._until()),
            )
            return self._book.append_in(rows, [draft])[0]
