"""The same score again, years later, from what the ledger holds and the model."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fs_risk.errors import LedgerError
from fs_risk.features.evidence import Evidence
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import Display
from fs_risk.records.records import Records
from fs_risk.triage.basis import Basis, Made
from fs_risk.triage.ledger_book import Book
from fs_risk.triage.ledger_entries import Entry
from fs_risk.triage.referral import Referral
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.score import history_of, scorer
from fs_risk.triage.telling import Teller, specs_of


@dataclass(frozen=True)
class Replay:
    """A score made again.

    Attributes
    ----------
    verdict : {"SAME", "DIFFERS", "ERASED", "EXPIRED"}
        Whether every field is the same, to the last bit; or why it cannot be told.
    score : RiskScore or None
        As it is made now.
    shown : RiskScore or None
        As it was recorded.
    differences : tuple of str
        Fields in which the two differ.
    records_differ : tuple of str or None
        Features that the records given now say otherwise of the same day: late facts and
        corrections, not faults. None where no records were given.
    """

    verdict: Literal["SAME", "DIFFERS", "ERASED", "EXPIRED"]
    score: RiskScore | None = None
    shown: RiskScore | None = None
    differences: tuple[str, ...] = ()
    records_differ: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        said = f"<Replay {self.verdict}"
        if self.differences:
            said += f": {', '.join(self.differences)}"
        if self.records_differ:
            differ = count_of(len(self.records_differ), "feature is", "features are")
            said += f"; {differ} otherwise in the records now"
        return f"{said}>"

    def _repr_html_(self) -> str:
        otherwise = None if self.records_differ is None else len(self.records_differ)
        held = [
            ("fields that differ", self.differences),
            ("features otherwise in the records now", otherwise),
        ]
        synthetic = self.score is not None and self.score.synthetic
        return Display(f"Score made again: {self.verdict}", held, synthetic=synthetic).html()


def replay_score(
    book: Book, score_id: str, *, model: StepUpModel, records: Records | History | None
) -> Replay:
    """Make a recorded score again; see `LedgerReading.replay`.

    Raises
    ------
    LedgerError
        If the ledger holds no score of that id, or the model is another.
    """
    found = book.read(kinds=("score",), score_tag=book.score_tag(score_id))
    if not found:
        raise LedgerError(
            "The ledger holds no score of that id.",
            where=book.store.place,
            fix="Give the score_id of a score that was made with ledger=.",
        )
    entry = found[-1]
    if entry.state != "held":
        return Replay("ERASED" if entry.state == "erased" else "EXPIRED")
    _check_model(entry, model)
    shown = RiskScore.model_validate(entry.content["score"])
    basis = Basis.from_content(entry.content["basis"], model.feature_names)
    score = _again(basis, model)
    differences = tuple(
        name for name in RiskScore.model_fields if getattr(score, name) != getattr(shown, name)
    )
    return Replay(
        verdict="DIFFERS" if differences else "SAME",
        score=score,
        shown=shown,
        differences=differences,
        records_differ=None if records is None else _now(basis, records, model),
    )


def _again(basis: Basis, model: StepUpModel) -> RiskScore:
    facts = dict(basis.facts)

    def stored(_: int, spec: FeatureSpec) -> tuple[Evidence, ...]:
        return facts.get(spec.name, ())

    return Teller(model, specs_of(model)).tell([basis], stored)[0]


def _now(basis: Basis, records: Records | History, model: StepUpModel) -> tuple[str, ...]:
    """Name what the records say otherwise now."""
    now = _scored_again(basis.referral, records, model).basis
    if basis.values is None or now.values is None:
        return () if basis.code == now.code else ("code",)
    otherwise = ~((basis.values == now.values) | (np.isnan(basis.values) & np.isnan(now.values)))
    names = np.asarray(model.feature_names, dtype=object)
    return tuple(names[otherwise].tolist())


def _scored_again(referral: Referral, records: Records | History, model: StepUpModel) -> Made:
    if model.plan.cohort == "referral":
        return scorer(records, model).make([referral])[0]
    from fs_risk.triage.supervision_scores import as_case, open_case_scorer

    return open_case_scorer(history_of(records), model).make(as_case(referral))[0]


def _check_model(entry: Entry, model: StepUpModel) -> None:
    used = entry.content["model"]
    if used["content_hash"] != model.content_hash:
        raise LedgerError(
            "The score was made by another model.",
            where=f"entry {entry.number}: model {used['name']} {used['version']}",
            fix="Load that model; keep every model as long as the scores that it made.",
        )
