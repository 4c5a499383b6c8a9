"""`seal_score`: a score that opens only when a person's own view is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fs_risk.errors import LedgerError
from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import LEDGER, MODEL, RECORDS_OR_HISTORY, REFERRAL, takes
from fs_risk.records.notebook import Display
from fs_risk.records.records import Records
from fs_risk.triage.ledger_frames import OPENING_KINDS
from fs_risk.triage.ledger_saying import LedgerSaying
from fs_risk.triage.referral import Referral, as_referral
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.score import scorer

if TYPE_CHECKING:
    from fs_risk.triage.ledger import Ledger


@dataclass(frozen=True)
class SealedScore:
    """A score that lies in the ledger and nowhere else until it is opened.

    Attributes
    ----------
    score_id : str
    """

    score_id: str
    _ledger: "Ledger"

    def open(self, *, decision: str, reason: str, by: str, role: str, team: str = "") -> RiskScore:
        """Record one's own view, then show the score.

        Parameters
        ----------
        decision, reason, by, role, team
            As for `Ledger.record_decision`, before the score is seen.

        Returns
        -------
        RiskScore

        Raises
        ------
        LedgerError
            If what was said is not usable: then nothing is shown.
        """
        self._ledger.record_own_view(
            self.score_id, decision=decision, reason=reason, by=by, role=role, team=team
        )
        return self._ledger.opened_score(self.score_id)

    def __repr__(self) -> str:
        return f"<SealedScore {self.score_id}>"

    def _repr_html_(self) -> str:
        note = "It is shown once a view of one's own is recorded: open(decision=, reason=, …)."
        return Display("Sealed score", [("score", self.score_id)], notes=[note]).html()


class LedgerSeal(LedgerSaying):
    """The ledger's part in sealed scores."""

    def opened_score(self, score_id: str) -> RiskScore:
        """Show a recorded score, a sealed one only after a view or a rating was recorded.

        Parameters
        ----------
        score_id : str

        Returns
        -------
        RiskScore

        Raises
        ------
        LedgerError
            If it is sealed, or not there.
        """
        with self._book.store.reading() as rows:
            entry = self._score_entry(rows, score_id)
            tag = self._book.score_tag(score_id)
            views = self._book.read_in(rows, kinds=OPENING_KINDS, score_tag=tag)
        if entry.content["sealed"] and not any(view.number > entry.number for view in views):
            raise LedgerError(
                "The score is sealed: nobody's own view is recorded yet.",
                where=f"entry {entry.number}",
                fix="Record it with record_own_view() or record_rating().",
            )
        return RiskScore.model_validate(entry.content["score"])


@takes(referral=REFERRAL, records=RECORDS_OR_HISTORY, model=MODEL, ledger=LEDGER)
def seal_score(
    referral: Referral | Mapping[str, Any],
    *,
    records: Records | History,
    model: StepUpModel,
    ledger: "Ledger",
) -> SealedScore:
    """Score a referral without showing it: the score opens once a person's view is recorded.

    Parameters
    ----------
    referral : Referral or mapping
    records : Records or History
    model : StepUpModel
    ledger : Ledger
        Where the score lies, encrypted, until it is opened, perhaps by another process.

    Returns
    -------
    SealedScore
        Holds the score's id alone.

    Raises
    ------
    ReferralError
        If the referral cannot be read.
    LedgerError
        If the ledger cannot be written to.

    Examples
    --------
    >>> sealed = seal_score(  # doctest: +SKIP
    ...     referral, records=records, model=model, ledger=ledger
    ... )
    """
    made = scorer(records, model).make([as_referral(referral)])
    ledger.record_scores(made, model=model, sealed=True)
    return SealedScore(made[0].score.score_id, ledger)
