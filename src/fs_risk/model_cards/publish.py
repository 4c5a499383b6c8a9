"""The publishable view of a card: no count of 1 to 5, nothing exact to subtract from."""

from collections.abc import Mapping
from typing import Any

from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.envelope import WITHHELD
from fs_risk.model_cards.evidence import AuditRow, LedgerFigures, Performance, Value
from fs_risk.model_cards.parts import CardFigure, Data, PlanShown
from fs_risk.model_cards.publish_lists import (
    of_lists,
    published_capacities,
    published_groups,
    some_list_is_small,
)
from fs_risk.model_cards.publish_rules import hidden, is_few, shown, shown_share
from fs_risk.model_cards.words import GROUPS_SENTENCE

_OF_ITS_N = ("observed", "observed_rate", "base_rate")
"""Figures that are a share of their own n."""

_PER_1000 = ("listed", "found", "attention_cost", "avoided_cost", "net", "net_low", "net_high")

LISTS_HIDDEN = "What the lists held is hidden: a count in it is 1 to 5."


def publishable(card: ModelCard) -> ModelCard:
    """Give the view of a card that may be published (requirement A2).

    Counts of 1 to 5 are hidden, the others rounded to the nearest 5; shares are in whole
    per cent, and hidden where a count of 1 to 5 would follow from them. What the audit
    suppresses is hidden, with what would give it away. Names of people leave the envelope.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    ModelCard
        Itself, where it is publishable already.
    """
    if card.view == "publishable":
        return card
    rounded = ModelCard.model_validate(
        {**_rounded(card.model_dump(mode="python", exclude={"envelope"})),
         "envelope": card.envelope}
    )  # fmt: skip
    made = rounded.model_copy(
        update={
            "view": "publishable",
            "made_from": card.content_hash,
            "data": _data(card.data),
            "fairness": rounded.fairness.model_copy(
                update={"rows": tuple(_audit_row(row) for row in rounded.fairness.rows)}
            ),
            "performance": _performance(card.performance, rounded.performance),
            "plan": _plan(card),
            "value": _value(card, rounded.value),
            "ledger": None if card.ledger is None else _ledger(card.ledger),
        }
    )
    nameless = tuple(each.model_copy(update={"by": WITHHELD}) for each in card.envelope.decisions)
    envelope = card.envelope.model_copy(
        update={"content_hash": made.content_hash, "decisions": nameless}
    )
    return made.model_copy(update={"envelope": envelope})


def _rounded(content: Any) -> Any:
    """Round every figure, wherever it stands."""
    if isinstance(content, Mapping):
        if set(content) == set(CardFigure.model_fields):
            return _figure(CardFigure(**content)).model_dump(mode="python")
        return {name: _rounded(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return type(content)(_rounded(value) for value in content)
    return content


def _figure(figure: CardFigure) -> CardFigure:
    n, value = figure.n, figure.value
    if n is not None and shown(n) is None:
        return hidden(figure)
    shares = figure.metric in _OF_ITS_N or figure.metric.startswith("recorded_")
    if shares and n and value is not None and (is_few(value * n) or is_few(n - value * n)):
        return hidden(figure)
    ends = {name: shown_share(getattr(figure, name)) for name in ("value", "low", "high")}
    return figure.model_copy(update={**ends, "n": shown(n)})


def _performance(exact: Performance, rounded: Performance) -> Performance:
    small = some_list_is_small(exact)
    return rounded.model_copy(
        update={
            "n": shown(exact.n),
            "positives": shown(exact.positives),
            "households": shown(exact.households),
            "capacities": published_capacities(exact, rounded),
            "groups": published_groups(exact, rounded),
            "figures": tuple(
                hidden(each) if small and of_lists(each.metric) else each
                for each in rounded.figures
            ),
            "not_listed_of_100": hidden(rounded.not_listed_of_100)
            if small
            else rounded.not_listed_of_100,
            "verdict": tuple(_said(exact, small=small)),
        }
    )


def _plan(card: ModelCard) -> PlanShown:
    small = some_list_is_small(card.performance)
    gates = tuple(
        gate.model_copy(
            update={"figure": None if small and of_lists(gate.metric) else shown_share(gate.figure)}
        )
        for gate in card.plan.gates
    )
    return card.plan.model_copy(update={"gates": gates})


def _said(exact: Performance, *, small: bool) -> list[str]:
    """Leave out of the verdict what names figures that are hidden."""
    without_groups = [said for said in exact.verdict if not said.startswith(GROUPS_SENTENCE)]
    return [LISTS_HIDDEN if small and said.startswith("With ") else said for said in without_groups]


def _value(card: ModelCard, rounded: Value | None) -> Value | None:
    if rounded is None or card.value is None:
        return rounded
    if some_list_is_small(card.performance):
        return rounded.model_copy(update={"rows": (), "sentence": LISTS_HIDDEN})
    n = card.performance.n or 0
    rows = tuple(
        published.model_copy(
            update={name: float(round(getattr(exact, name))) for name in _PER_1000}
            | {"break_even_effect": shown_share(exact.break_even_effect)}
        )
        for exact, published in zip(card.value.rows, rounded.rows, strict=True)
        if not any(is_few(part * n / 1000) for part in (exact.found, exact.listed - exact.found))
    )
    return rounded.model_copy(update={"rows": rows})


def _data(data: Data) -> Data:
    return data.model_copy(
        update={
            "periods": tuple(
                each.model_copy(
                    update={
                        name: shown(getattr(each, name))
                        for name in ("cases", "with_outcome", "households")
                    }
                )
                for each in data.periods
            ),
            "left_out": {why: shown(count) for why, count in data.left_out.items()},
            "tables": tuple(
                each.model_copy(
                    update={
                        "recorded_clocks": shown_share(each.recorded_clocks),
                        **{
                            name: shown(getattr(each, name))
                            for name in ("rows", "children", "set_aside")
                        },
                    }
                )
                for each in data.tables
            ),
            # messages may hold exact counts
            "findings": tuple(
                each.model_copy(update={"count": shown(each.count), "message": ""})
                for each in data.findings
            ),
            "share_by_rule": shown_share(data.share_by_rule),
        }
    )


def _audit_row(row: AuditRow) -> AuditRow:
    figure = row.figure
    numbers: dict[str, Any] = {
        name: shown_share(getattr(row, name))
        for name in (
            "rest", "difference", "difference_low", "difference_high", "could_see",
            "could_see_above",
        )
    }  # fmt: skip
    if row.hidden:
        numbers, figure = dict.fromkeys(numbers), hidden(figure, n=figure.n)
    if row.n_hidden:
        figure = figure.model_copy(update={"n": None})
    positives = None if row.positives_hidden else shown(row.positives)
    return row.model_copy(update={**numbers, "figure": figure, "positives": positives})


def _ledger(ledger: LedgerFigures) -> LedgerFigures:
    counts = ("scores", "decisions", "agreed", "more_worried", "less_worried", "not_used",
              "no_score_wanted")  # fmt: skip
    return ledger.model_copy(update={name: shown(getattr(ledger, name)) for name in counts})
