"""A card as a CycloneDX 1.7 bill of materials of machine learning, for those who keep inventories.

References
----------
.. [1] CycloneDX 1.7 (ECMA-424), ``modelCard``.
"""

from typing import Any
from uuid import UUID

from fs_risk.evaluation.measures_in_words import measure_in_words
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.evidence import AuditRow
from fs_risk.model_cards.parts import CardFigure
from fs_risk.model_cards.words import LIMITS, NOT_FOR, group_words

SPECIFICATION = "1.7"


def cyclonedx_bom(card: ModelCard) -> dict[str, Any]:
    """Give the bill of materials of a card's publishable view.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    dict
        Valid by the official schema of CycloneDX 1.7.
    """
    published = card.publishable()
    who = published.identity
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{UUID(published.content_hash[:32], version=5)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "machine-learning-model",
                "bom-ref": f"model-{published.hashes.model[:12]}",
                "name": who.name,
                "version": who.version,
                "description": _stamped(published, f"Says how often this followed: "
                                        f"{who.outcome_means}."),
                "hashes": [{"alg": "SHA-256", "content": published.hashes.model}],
                "modelCard": _model_card(published),
                "properties": _properties(published),
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": "library-fs-risk",
                "name": "fs-risk",
                "version": who.library_version,
            }
        ],
        "dependencies": [
            {"ref": f"model-{published.hashes.model[:12]}", "dependsOn": ["library-fs-risk"]}
        ],
    }  # fmt: skip


def _stamped(card: ModelCard, text: str) -> str:
    return f"SYNTHETIC, invented records. {text}" if card.synthetic else text


def _model_card(card: ModelCard) -> dict[str, Any]:
    return {
        "bom-ref": f"card-{card.content_hash[:12]}",
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": f"probability that {card.identity.outcome_means}",
            "architectureFamily": "gradient-boosted decision trees",
            "modelArchitecture": card.explanation.model_type,
            "datasets": [
                {
                    "type": "dataset",
                    "name": f"{each.name}: {each.first_as_of} to {each.last_as_of}",
                    "classification": "personal data, sensitive",
                    "description": f"{_text(each.cases)} cases, {_text(each.with_outcome)} with "
                    f"the outcome, {_text(each.households)} households",
                }
                for each in card.data.periods
            ],
            "inputs": [{"format": f"{each.name}: {each.unit}"} for each in card.features],
            "outputs": [{"format": "calibrated probability, with an interval and reasons"}],
        },
        "quantitativeAnalysis": {
            "performanceMetrics": [
                *(_metric(each) for each in card.performance.figures if each.value is not None),
                *(
                    _metric(row.figure, group_words(row.attribute, row.group))
                    for row in card.fairness.primary
                    if row.figure.value is not None
                ),
            ]
        },
        "considerations": {
            "users": [card.people.human_reviewer or "to be written"],
            "useCases": [
                card.people.purpose or "to be written",
                f"ordering additional attention, up to {card.identity.list_in_words}",
            ],
            "technicalLimitations": [*LIMITS, *(f"Not for: {each}" for each in NOT_FOR)],
            "performanceTradeoffs": list(card.fairness.conflicts),
            "ethicalConsiderations": [
                {
                    "name": f"Open question: {each.question}",
                    "mitigationStrategy": "Approval waits for the answer.",
                }
                for each in card.open_questions
            ],
            "fairnessAssessments": [_assessment(row) for row in card.fairness.primary],
        },
    }


def _metric(figure: CardFigure, group: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": f"{figure.metric}: {measure_in_words(figure.metric)}",
        "value": repr(figure.value),
    }
    if group:
        made["slice"] = group
    if figure.low is not None and figure.high is not None:
        ends = {"lowerBound": repr(figure.low), "upperBound": repr(figure.high)}
        made["confidenceInterval"] = ends
    return made


def _assessment(row: AuditRow) -> dict[str, str]:
    return {
        "groupAtRisk": group_words(row.attribute, row.group),
        "harms": f"{row.figure.metric}: {row.verdict}",
        "mitigationStrategy": "Looked at by people; no threshold differs by group.",
    }


def _properties(card: ModelCard) -> list[dict[str, str]]:
    stated = {
        "fs-risk:card": card.content_hash,
        "fs-risk:card-internal": card.made_from,
        "fs-risk:plan": card.hashes.plan,
        "fs-risk:records": card.hashes.records,
        "fs-risk:report": card.hashes.report,
        "fs-risk:audit": card.hashes.audit,
        "fs-risk:state": card.standing().state,
        "fs-risk:origin": card.identity.origin,
    }
    return [{"name": name, "value": value} for name, value in stated.items()]


def _text(count: int | None) -> str:
    return "c" if count is None else f"{count:,}"
