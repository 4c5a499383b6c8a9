"""Filling a card from the evaluation report, and from what the attention is worth."""

import math
from collections.abc import Mapping
from typing import Any

from fs_risk.evaluation.certainty_in_words import certainty_in_sentences
from fs_risk.evaluation.groupings import TIMES
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.evaluation.report_parts import AtOneCapacity, Figure, GroupFigure, Retest
from fs_risk.evaluation.value_of_attention import CAVEAT, ValueOfAttention
from fs_risk.model.bands import Band
from fs_risk.model.step_up import StepUpModel
from fs_risk.model.support import FEWEST_SIMILAR
from fs_risk.model_cards.evidence import (
    AbstentionRow,
    Ageing,
    BandRow,
    BinRow,
    CapacityRow,
    Certainty,
    Drifted,
    GroupRow,
    IntervalRow,
    Performance,
    Retested,
    Simpler,
    Value,
    ValueRow,
)
from fs_risk.model_cards.figures import card_figure, plain, settled
from fs_risk.model_cards.parts import CardFigure

_OF_LISTS = (
    "precision",
    "recall",
    "found_per_1000",
    "missed_per_1000",
    "false_per_1000",
    "observed_over_expected",
)


def performance_of(
    model: StepUpModel, report: EvaluationReport, run: str, training_run: str
) -> Performance:
    """Keep every figure of a report, with the run that measured it."""
    return Performance(
        verdict=report.verdict,
        leads_with=report.leads_with,
        n=report.n,
        positives=report.positives,
        households=report.households,
        first_as_of=report.first_as_of,
        last_as_of=report.last_as_of,
        fresh=report.fresh,
        figures=tuple(card_figure(run, each) for each in report.figures),
        capacities=tuple(_capacity(run, each) for each in report.capacities),
        bins=tuple(
            BinRow(
                predicted=settled(each.predicted) or 0.0,
                observed=_observed(run, "observed", (each.observed, each.low, each.high), n=each.n),
            )
            for each in report.bins
        ),
        bands=tuple(_band(training_run, band) for band in model.bands),
        not_listed_of_100=_observed(
            training_run,
            "not_listed_of_100",
            (model.facts.listed.not_listed_of_100, None, None),
            n=model.facts.listed.positives,
        ),
        groups=tuple(_group(run, each) for each in report.groups if each.by not in TIMES),
        simpler=tuple(
            Simpler(
                kind=kind,
                meaning=meaning,
                average_precision=_maybe(run, report, f"average_precision_{kind}"),
                gain=_maybe(run, report, f"gain_average_precision_over_{kind}"),
            )
            for kind, meaning in report.candidates.items()
        ),
        retests=tuple(_retest(run, each) for each in report.retests),
    )


def _maybe(run: str, report: EvaluationReport, metric: str) -> CardFigure | None:
    return card_figure(run, report.figure(metric)) if metric in report else None


def _observed(
    run: str, metric: str, spread: tuple[float | None, float | None, float | None], *, n: int
) -> CardFigure:
    value, low, high = spread
    return card_figure(run, Figure(metric=metric, value=value, low=low, high=high, n=n))


def _capacity(run: str, at: AtOneCapacity) -> CapacityRow:
    return CapacityRow(
        capacity=at.capacity,
        planned=at.planned,
        lists=at.lists,
        listed=settled(at.listed),
        figures=tuple(card_figure(run, getattr(at, name), name) for name in _OF_LISTS),
    )


def _band(run: str, band: Band) -> BandRow:
    spread = (band.observed_rate, band.low, band.high)
    return BandRow(
        name=band.name,
        share=settled(band.share) or 0.0,
        observed=_observed(run, "observed_rate", spread, n=band.n),
    )


def _group(run: str, figure: GroupFigure) -> GroupRow:
    return GroupRow(
        by=figure.by,
        level=figure.level,
        positives=figure.positives,
        figure=card_figure(run, figure),
    )


def _retest(run: str, retest: Retest) -> Retested:
    return Retested(
        name=retest.name,
        kind=retest.kind,
        says=retest.says,
        overlap=card_figure(run, retest.overlap, f"list_overlap_{retest.name}"),
        largest_change=settled(retest.largest_change),
    )


def certainty_of(model: StepUpModel, report: EvaluationReport, run: str) -> Certainty:
    """Say how sure a score is, and when none is given."""
    interval = model.facts.interval
    return Certainty(
        sentences=certainty_in_sentences(report),
        level=None if interval is None else settled(interval.level),
        fewest_similar=None if model.facts.support is None else FEWEST_SIMILAR,
        intervals=tuple(
            IntervalRow(
                attribute=each.attribute,
                group=each.group,
                observed=_observed(
                    run, "observed", (each.observed, each.observed_low, each.observed_high),
                    n=each.n,
                ),
                low=settled(each.low) or 0.0,
                high=settled(each.high) or 0.0,
                holds=each.holds,
            )
            for each in report.interval_checks
        ),
        abstentions=tuple(AbstentionRow(**each.model_dump()) for each in report.abstentions),
    )  # fmt: skip


def value_of(value: ValueOfAttention | None, run: str) -> Value | None:
    """Keep what extra attention is worth, with the assumption it rests on."""
    if value is None:
        return None
    effect, rows = value.stated_effect(), []
    for listed, row in zip(value.listed, value.table.to_dict("records"), strict=True):
        even = float(row["break_even_effect"])
        rows.append(
            ValueRow(
                capacity=listed.capacity,
                precision=_observed(
                    run, "precision", (listed.precision, listed.low, listed.high), n=value.n
                ),
                break_even_effect=settled(even) if math.isfinite(even) else None,
                **{
                    name: settled(row[name]) or 0.0
                    for name in (
                        "listed", "found", "attention_cost", "avoided_cost", "net", "net_low",
                        "net_high",
                    )
                },
            )
        )  # fmt: skip
    return Value(
        sentence=value.sentence(),
        sources=value.sources,
        caveat=CAVEAT,
        rows=tuple(rows),
        costs=plain(value.costs.model_dump(mode="json")),
        effect=plain(effect.model_dump(mode="json")),
        capacities=tuple(listed.capacity for listed in value.listed if listed is not value.own),
    )


def ageing_of(
    model: StepUpModel, report: EvaluationReport, since: Mapping[str, Any] | None
) -> Ageing:
    """Say how old what was learnt is, and what has changed since."""
    training = model.training
    return Ageing(
        learnt_to=training.fit.last_as_of,
        tested_to=report.last_as_of,
        extract_date=training.extract_date,
        changed=tuple(
            Drifted(
                feature=each.feature,
                psi=settled(each.psi) or 0.0,
                missing_before=settled(each.missing_before) or 0.0,
                missing_after=settled(each.missing_after) or 0.0,
            )
            for each in report.changed
            if each.drifted
        ),
        since=None if since is None else plain(dict(since)),
    )
