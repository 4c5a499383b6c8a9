"""Makes the golden card: small, wholly answered, approved; and its page and Markdown.

Run: python tests/golden/make_card.py [render]; with render only the forms are written anew.
"""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import fs_risk as fs
from fs_risk.model.approval_log import Decision
from fs_risk.model_cards.answers import QUESTIONS, EqualityAnswer
from fs_risk.model_cards.card import ModelCard

HERE = Path(__file__).parent
DATES = {"dpia_date", "eqia_date", "assessments_review", "review_date"}
SAID = {
    "purpose": "To choose which referrals get a second read by a practice lead.",
    "decision_informed": "Whether a referral is read a second time, on top of its decision.",
    "who_decides": "The MASH team manager.",
    "owner": "Head of front door services",
    "senior_responsible_owner": "Director of children's services",
    "contact": "front-door-model@example.org",
    "switch_off": "The MASH team manager, at once, by withdrawing the approval.",
}
ROLES = ("technical reviewer", "practice lead", "data protection officer", "equality lead",
         "senior responsible owner")  # fmt: skip
KEPT = (
    "average_precision", "base_rate", "roc_auc", "gain_average_precision", "calibration_slope",
    "calibration_intercept", "calibration_error", "observed_over_expected",
    "precision_at_capacity", "recall_at_capacity", "lift_at_capacity", "list_overlap",
)  # fmt: skip
GROUPS = ("sex", "ethnicity")


def golden_card() -> ModelCard:
    """Build the card from an invented authority, and leave most rows of its tables out."""
    records = fs.make_authority(children=12_000, years=8, seed=3)
    model = fs.train_step_up(records, fs.Plan(outcome="cp_plan", capacity=3), progress=False)
    report = fs.evaluate_step_up(model, records, resamples=100, progress=False)
    audit = fs.audit_step_up(model, records, resamples=100)
    read = fs.UnitCost(amount=60, unit="second read", year="2024-25", source="own estimate")
    plan = fs.UnitCost(amount=5_000, unit="plan", year="2024-25", source="own estimate")
    value = fs.weigh_value(
        report,
        fs.Costs(
            outcome="cp_plan",
            attention=fs.CostItem(cost=read, basis="one second read"),
            averted=fs.CostItem(cost=plan, basis="one plan"),
        ),
        effect=fs.EffectAssumption(reduction=0.1, low=0.0, high=0.2, basis="assumed"),
    )
    built = fs.build_card(
        model, report, audit, records=records, value=value, people=people(),
        drift={"checked_on": "2025-06-01", "features_drifted": 2, "score_psi": 0.04},
        ledger_figures={
            "first_day": "2025-04-01", "last_day": "2025-06-30", "scores": 120, "decisions": 90,
            "agreed": 70, "more_worried": 12, "less_worried": 3, "not_used": 5,
        },
    )  # fmt: skip
    return approved(answered(trimmed(built)))


def people() -> fs.CardAnswers:
    """Answer every question."""
    said = {
        name: date(2027, 1, 31) if name in DATES else SAID.get(name, "As the authority says.")
        for name in QUESTIONS
    }
    return fs.CardAnswers(**said)


def trimmed(card: ModelCard) -> ModelCard:
    """Leave out most rows, so that the page can be read as a diff."""
    done, fair = card.performance, card.fairness
    heaviest = sorted(card.features, key=lambda each: -each.weight)[:8]
    waived = heaviest[0].model_copy(
        update={"waiver": "Practice board, 2 May 2026", "window_days": 0, "half_life_days": 0}
    )
    prover = {"passed": True, "days": 12, "comparisons": 36_000, "limits": ["Clocks may be wrong."]}
    return card.model_copy(
        update={
            "features": (waived, *heaviest[1:]),
            "data": card.data.model_copy(update={"tables": card.data.tables[:6]}),
            "leakage": card.leakage.model_copy(update={"prover": prover}),
            "performance": done.model_copy(
                update={
                    "figures": tuple(each for each in done.figures if each.metric in KEPT),
                    "groups": done.groups[:24],
                    "retests": done.retests[:3],
                }
            ),
            "certainty": card.certainty.model_copy(
                update={"intervals": card.certainty.intervals[:4],
                        "abstentions": card.certainty.abstentions[:4]}
            ),
            "fairness": fair.model_copy(
                update={"rows": tuple(row for row in fair.rows if row.attribute in GROUPS)}
            ),
            "vignettes": card.vignettes[:4],
        }
    )  # fmt: skip


def answered(card: ModelCard) -> ModelCard:
    """Answer the equality questions."""
    answers = tuple(
        EqualityAnswer(attribute=attribute, group=group, role="Director of children's services",
                       answer="Three years are pooled from 2027; each case is read by hand.",
                       review_date=date(2027, 1, 31))
        for attribute, group in card.fairness.without_evidence
    )  # fmt: skip
    return card.model_copy(update={"people": card.people.model_copy(update={"equality": answers})})


def approved(card: ModelCard) -> ModelCard:
    """Sign for every role, at fixed times."""
    decisions = tuple(
        Decision(
            number=place, at=datetime(2026, 5, place, tzinfo=UTC), decision="approve",
            by=f"Invented Person {place}", role=role, organisation="Example Council",
            conditions=("Second reads only.",) if place == len(ROLES) else (),
            expires=date(2027, 4, 30), subject=card.subject, mode="synthetic", previous="0" * 64,
        )
        for place, role in enumerate(ROLES, start=1)
    )  # fmt: skip
    envelope = card.envelope.model_copy(
        update={
            "content_hash": card.content_hash, "made_at": "2026-05-01T09:00:00+00:00",
            "environment": {}, "decisions": decisions, "on": date(2026, 6, 1),
        }
    )  # fmt: skip
    return card.model_copy(update={"envelope": envelope})


def render(card: ModelCard) -> None:
    """Write the forms that are held against."""
    card.to_html(HERE / "card.html")
    card.publishable().to_markdown(HERE / "card.md")


if __name__ == "__main__":
    if sys.argv[1:] != ["render"]:
        golden_card().to_json(HERE / "card.json")
    render(ModelCard.read(HERE / "card.json"))
