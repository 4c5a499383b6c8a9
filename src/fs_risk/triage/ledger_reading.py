"""Reading the ledger: frames for audits, replays, and what is held of one child."""

import pandas as pd

from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.records import Records
from fs_risk.triage.ledger_access import SubjectAccess, subject_access
from fs_risk.triage.ledger_agreement import agreement_table
from fs_risk.triage.ledger_book import Book
from fs_risk.triage.ledger_frames import (
    count_unreadable,
    decisions_frame,
    people_by_team,
    ratings_frame,
    scores_frame,
)
from fs_risk.triage.ledger_replay import Replay, replay_score


class LedgerReading:
    """The ledger's reading part."""

    _book: Book

    def scores(self) -> pd.DataFrame:
        """Give every score that may still be read, for audits of score disparity (A5).

        Returns
        -------
        DataFrame
            A row per score recorded: ``entry``, ``at`` (UTC), ``context``, ``score_id``,
            ``referral_id``, ``child_id``, ``as_of``, ``source``, ``outcome``,
            ``within_days``, ``probability``, ``log_odds``, ``band``, ``code``, ``unknowns``
            (how many), ``sealed``, ``opened``, ``list_id``, ``purpose``, ``capacity``,
            ``place``, ``listed``, ``chance`` (of being listed), ``synthetic``, ``model``,
            ``model_hash``, ``note``. A sealed score shows no figure until it is opened.

        Raises
        ------
        LedgerError
            If an entry is not as it was written.
        """
        return scores_frame(self._book)

    def decisions(self) -> pd.DataFrame:
        """Give every decision as it stands, for audits of decision disparity (A5).

        Returns
        -------
        DataFrame
            A row per decision: ``entry``, ``at`` (UTC), ``kind`` (``decision``, ``own_view``
            before a sealed score was opened, ``no_score_wanted``), ``score_id``,
            ``referral_id``, ``child_id``, ``as_of``, ``decision``, ``agreement``,
            ``override``, ``reason``, ``team``, ``rectified``. Never who decided.

        Raises
        ------
        LedgerError
            If an entry is not as it was written.
        """
        return decisions_frame(self._book)

    def ratings(self) -> pd.DataFrame:
        """Give every agreed rating as it stands.

        Returns
        -------
        DataFrame
            A row per child: ``entry``, ``at`` (UTC), ``child_id``, ``family_id``, ``on``,
            ``rating``, ``team``, ``next_step``, ``reason``, ``score_id`` and ``probability``
            (of the score recorded with it, where there was one), ``rectified``.

        Raises
        ------
        LedgerError
            If an entry is not as it was written.
        """
        return ratings_frame(self._book)

    def people_by_team(self) -> dict[str, int]:
        """Say how many persons decided in each team, so that few can be hidden; never who.

        Returns
        -------
        dict of str to int

        Raises
        ------
        LedgerError
            If an entry is not as it was written.
        """
        return people_by_team(self._book)

    def count_unreadable(self) -> int:
        """Count the scores and decisions that are erased or past their date.

        Returns
        -------
        int

        Raises
        ------
        LedgerError
            If an entry is not as it was written.
        """
        return count_unreadable(self._book)

    def agreement(self, *, freq: str = "Q") -> pd.DataFrame:
        """Say how far agreed ratings and scores put families in the same order, by team.

        Of two children of different families whose ratings differ, the share where the
        one rated higher has the higher score; 0.5 is chance. Never by worker.

        Parameters
        ----------
        freq : str, default="Q"
            Period, as pandas names it.

        Returns
        -------
        DataFrame
            ``team``, ``period`` (first day), ``families``, ``pairs``, ``agreement``,
            ``suppressed``; with the row ``all teams``. Figures of five families or fewer
            are missing, counts are rounded.
        """
        return agreement_table(self.ratings(), freq=freq)

    def replay(
        self,
        score_id: str,
        *,
        model: StepUpModel,
        records: Records | History | None = None,
    ) -> Replay:
        """Make a recorded score again, from the stored facts and the model.

        Parameters
        ----------
        score_id : str
        model : StepUpModel
            The one that made it.
        records : Records or History, optional
            To name the features that they now give otherwise. The replay itself never
            reads them.

        Returns
        -------
        Replay
            Its `verdict` is ``SAME``, ``DIFFERS``, ``ERASED`` or ``EXPIRED``.

        Raises
        ------
        LedgerError
            If there is no such score, or another model made it.
        ArtefactError
            If the model's features are no longer defined as when it was fitted.
        """
        return replay_score(self._book, score_id, model=model, records=records)

    def subject_access(self, child_id: str, *, by: str = "", authority: str = "") -> SubjectAccess:
        """Give all that is held of a child, and note in the ledger that it was exported.

        Parameters
        ----------
        child_id : str
        by, authority : str, optional
            Who exported it and on what request.

        Returns
        -------
        SubjectAccess
            Without entries for a child that the ledger does not hold.
        """
        return subject_access(self._book, child_id, by=by, authority=authority)
