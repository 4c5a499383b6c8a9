"""The service's desk: one model, the newest records, the ledger; scores and lists from them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

import fs_risk
from fs_risk.errors import FsRiskError, LedgerError, SettingError
from fs_risk.features.timeline import History
from fs_risk.model.step_up import MODES, StepUpModel
from fs_risk.triage.ledger import Ledger
from fs_risk.triage.prioritise import RankedList, prioritise
from fs_risk.triage.prioritise_places import BLOCKS
from fs_risk.triage.referral import Referral
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.score import score_referral, scorer
from fs_risk.triage.service_answers import ListAnswer, ListItem, ModelAnswer
from fs_risk.triage.service_asked import ListRequest, ScoreRequest
from fs_risk.triage.service_log import note

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()
_NOBODY = Referral(
    referral_id="warm-up", child_id="nobody: the service warms up", referral_date=_EPOCH
)


Given = TypeVar("Given")


def _unchanged() -> object:
    return None


@dataclass
class Holding:
    """The history in use, and how a newer one is found.

    Attributes
    ----------
    read : callable
        Reads the history.
    stamp : callable
        Gives something that differs once a newer one was saved.
    """

    read: Callable[[], History]
    stamp: Callable[[], object] = _unchanged
    kept: bool = field(default=False, init=False)
    """Whether a newer one was saved and could not be read."""

    def __post_init__(self) -> None:
        """Read it for the first time."""
        self._seen = self.stamp()
        self.history = self.read()

    def renew(self, use: Callable[[History], None]) -> bool:
        """Read it again if it has changed, and take it into use; keep the old one otherwise.

        Parameters
        ----------
        use : callable
            Tries the new one before it is used.

        Returns
        -------
        bool
            Whether another one is in use now.
        """
        try:
            found = self.stamp()
            if found == self._seen:
                return False
            history = self.read()
            use(history)
        except (FsRiskError, OSError) as error:
            # a folder that is just being written is tried again
            if not self.kept:
                note("history kept", level=logging.ERROR, error=type(error).__name__)
            self.kept = True
            return False
        self.history, self._seen, self.kept = history, found, False
        return True


class Desk:
    """Gives scores and lists as `score_referral` and `prioritise` do.

    Parameters
    ----------
    holding : Holding
    model : StepUpModel
    ledger : Ledger, optional

    Raises
    ------
    SettingError
        If scores would be study output and a ledger is given, which takes none.
    ReferralError, ArtefactError
        If the model cannot score referrals, or its features are defined otherwise now.
    """

    def __init__(self, holding: Holding, model: StepUpModel, ledger: Ledger | None = None) -> None:
        self.holding, self.model, self.ledger = holding, model, ledger
        self.ledger_fails = False
        self._try(holding.history)

    def _try(self, history: History) -> None:
        """Score nobody, so that the first referral does not wait for what is made once."""
        by = scorer(history, self.model)
        if by.study and self.ledger is not None:
            raise SettingError(
                "The model was fitted on invented records and the records are real: its scores "
                "are study output, which no ledger takes.",
                where=f"model {self.model.name}",
                fix="Serve a model fitted on real records, or leave the ledger out.",
            )
        day = _EPOCH + timedelta(days=int(history.extract_day))
        by.make([_NOBODY.model_copy(update={"referral_date": day})])

    def renew(self) -> None:
        """Take a newer history into use, and look whether the ledger can be read."""
        if self.holding.renew(self._try):
            note("history renewed", records_to=self._records_to())
        if self.ledger is not None:
            try:
                _ = self.ledger.head
            except LedgerError:
                self._ledger_failed()
            else:
                self.ledger_fails = False

    def score(self, asked: ScoreRequest) -> RiskScore:
        """Score one referral.

        Parameters
        ----------
        asked : ScoreRequest

        Returns
        -------
        RiskScore
        """
        return self._recorded(
            lambda: score_referral(
                asked.referral,
                records=self.holding.history,
                model=self.model,
                ledger=self.ledger,
                chronology=asked.chronology,
                household=asked.household,
                would_change=asked.would_change,
            )
        )

    def rank(self, asked: ListRequest) -> RankedList:
        """Order referrals for additional attention.

        Parameters
        ----------
        asked : ListRequest

        Returns
        -------
        RankedList
        """
        return self._recorded(
            lambda: prioritise(
                asked.referrals,
                records=self.holding.history,
                model=self.model,
                capacity=asked.capacity,
                purpose=asked.purpose,
                on=asked.on,
                random_share=asked.random_share,
                seed=asked.seed,
                ledger=self.ledger,
            )
        )

    def _recorded(self, make: Callable[[], Given]) -> Given:
        try:
            made = make()
        except LedgerError:
            self._ledger_failed()
            raise
        self.ledger_fails = False
        return made

    def _ledger_failed(self) -> None:
        if not self.ledger_fails:
            note("ledger failing", level=logging.ERROR)
        self.ledger_fails = True

    def unknown(self, referrals: list[Referral]) -> int:
        """Count the children of whom the records hold nothing.

        Parameters
        ----------
        referrals : list of Referral

        Returns
        -------
        int
        """
        known = self.holding.history.child_number
        return sum(referral.child_id not in known for referral in referrals)

    @property
    def ledger_state(self) -> Literal["ok", "absent", "failing"]:
        """How the ledger was when it was last used or looked at."""
        if self.ledger is None:
            return "absent"
        return "failing" if self.ledger_fails else "ok"

    @property
    def history_state(self) -> Literal["ok", "stale", "kept"]:
        """Whether the records are recent enough for a referral of today."""
        if self.holding.kept:
            return "kept"
        today = (datetime.now(UTC).date() - _EPOCH).days
        stale = today - self.model.plan.extract_lag_days - 1 > self.holding.history.extract_day
        return "stale" if stale else "ok"

    def about_model(self) -> ModelAnswer:
        """Say which model answers.

        Returns
        -------
        ModelAnswer
        """
        model, training = self.model, self.model.training
        standing = scorer(self.holding.history, model).reach.standing
        return ModelAnswer(
            name=model.name,
            version=model.version,
            plan=model.facts.plan_hash,
            outcome=model.plan.outcome,
            within_days=model.plan.within_days,
            origin="SYNTHETIC" if training.origin == "synthetic" else "real",
            usable=standing.usable,
            card=standing.card,
            approved_until=standing.until,
            mode=model.mode,
            mode_meaning=MODES[model.mode],
            fitted_to=training.extract_date,
            records_to=self._records_to(),
            lag_days=model.plan.extract_lag_days,
            ledger="absent" if self.ledger is None else "kept",
            library=fs_risk.__version__,
        )

    def _records_to(self) -> str:
        return (_EPOCH + timedelta(days=int(self.holding.history.extract_day))).isoformat()

    def close(self) -> None:
        """Let go of the ledger."""
        if self.ledger is not None:
            self.ledger.close()


def list_answer(ranked: RankedList) -> ListAnswer:
    """Lay a list out as an answer.

    Parameters
    ----------
    ranked : RankedList

    Returns
    -------
    ListAnswer
    """
    rows = ranked.table[["block", "place", "listed", "chance", "household"]].astype(object)
    rows = rows.where(rows.notna(), None)
    return ListAnswer(
        list_id=ranked.list_id,
        purpose=ranked.purpose,
        on=None if ranked.on is None else ranked.on.isoformat(),
        capacity=ranked.capacity,
        tied=ranked.tied,
        tied_listed=ranked.tied_listed,
        random_share=ranked.random_share,
        seed=ranked.seed,
        undeclared=ranked.undeclared,
        summary=ranked.summary(),
        blocks=dict(BLOCKS),
        items=tuple(
            ListItem(**row, score=score)
            for row, score in zip(rows.to_dict("records"), ranked.scores, strict=True)
        ),
    )
