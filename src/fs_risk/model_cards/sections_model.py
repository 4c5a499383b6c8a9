"""The sections of a card on the model itself: limits, data, features, proof, plan."""

from fs_risk.model.marked_breaks import breaks_listed
from fs_risk.model_cards.blocks import Block, Bullets, Facts, Paragraph, Picture, Section, Table
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.drawings import bars
from fs_risk.model_cards.parts import Leakage
from fs_risk.model_cards.words import DASH, LIMITS, counted, number
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.observed_windows import EARLIEST

MOST_DRIVERS = 12


def model_sections(card: ModelCard) -> tuple[Section, ...]:
    """Lay out what the model is.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    tuple of Section
    """
    return (
        Section("limits", "What every reader should know", (Bullets(LIMITS),)),
        _data(card),
        _drivers(card),
        _features(card),
        _leakage(card.leakage),
        _plan(card),
    )


def _data(card: ModelCard) -> Section:
    data = card.data
    blocks: list[Block] = [
        Facts(
            (
                ("Returns read", ", ".join(data.returns) or DASH),
                ("Which authority", card.identity.label or "as the owner says"),
                ("Extract of", data.extract_date or DASH),
                ("Known gaps", card.people.known_gaps),
                (
                    "Dates set by rule, not recorded",
                    DASH
                    if data.share_by_rule is None
                    else f"{100 * data.share_by_rule:.0f} of 100 dated rows",
                ),
            )
        ),
        Table(
            "The cases: learnt from (fit), tested on (test). Scores were made into probabilities "
            "on households held out of the fit. "
            "Tested cases were scored by trees that had never seen their household.",
            ("period", "from", "to", "cases", "with the outcome", "households"),
            tuple(
                (
                    each.name,
                    each.first_as_of,
                    each.last_as_of,
                    counted(each.cases),
                    counted(each.with_outcome),
                    counted(each.households),
                )
                for each in data.periods
            ),
            frozenset({3, 4, 5}),
        ),
    ]
    if data.left_out:
        left = "; ".join(f"{why}: {counted(count)}" for why, count in data.left_out.items())
        blocks.append(Paragraph(f"Cases left out because they have no label: {left}."))
    if data.tables:
        blocks += _quality(card)
    return Section("data", "What it saw", tuple(blocks))


def _quality(card: ModelCard) -> list[Block]:
    data = card.data
    unseen = [each.table for each in data.tables if not each.observed_from]
    return [
        Table(
            "What was read. A table without days was not in the returns: what it would hold is "
            "unknown to the model, never taken as nothing.",
            ("table", "rows", "children", "observed from", "to", "dates recorded, of 100",
             "set aside"),
            tuple(
                (
                    each.table,
                    counted(each.rows),
                    counted(each.children) if each.children is not None else DASH,
                    _from_when(each.observed_from),
                    each.observed_to or DASH,
                    DASH
                    if each.recorded_clocks is None
                    else f"{100 * each.recorded_clocks:.0f}",
                    counted(each.set_aside),
                )
                for each in data.tables
            ),
            frozenset({1, 2, 5, 6}),
        ),
        Paragraph(
            f"Not observed at all: {', '.join(unseen)}." if unseen else "Every table is observed."
        ),
        Table(
            f"Findings on the quality of the data: {len(data.findings)}.",
            ("rule", "severity", "table", "column", "rows", "what"),
            tuple(
                (each.rule, each.severity, each.table or DASH, each.column or DASH,
                 counted(each.count), each.message or "see the quality report")
                for each in data.findings
            ),
            frozenset({4}),
            folded=f"All {len(data.findings)} findings" if len(data.findings) > 10 else "",
        ),
    ]  # fmt: skip


def _from_when(day: str) -> str:
    """Say from when a table is observed; one of persons holds them as known at the end.

    Examples
    --------
    >>> _from_when("1900-01-02"), _from_when("2017-04-01"), _from_when("")
    ('as known', '2017-04-01', '–')
    """
    return "as known" if day == f"{EARLIEST:%Y-%m-%d}" else day or DASH


def _weight_words(share: float) -> str:
    """Write a share of the weight.

    Examples
    --------
    >>> _weight_words(0.344), _weight_words(0.004)
    ('34 %', 'less than 1 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.01 else "less than 1 %"


def _drivers(card: ModelCard) -> Section:
    drivers = [each for each in card.explanation.drivers if each.weight > 0]
    shown = drivers[:MOST_DRIVERS]
    rows = [(each.concept, each.weight, _weight_words(each.weight)) for each in shown]
    first = ", ".join(each.concept for each in shown[:3]) or "nothing"
    return Section(
        "drivers",
        "What drives the scores",
        (
            Paragraph(
                f"The model is {card.explanation.model_type}. How much it leans on a concept is "
                "the share that splits on it gained while the trees were grown. It is no cause."
            ),
            Picture(
                bars(rows),
                "How much the trees lean on each concept",
                f"The most weight lies on: {first}.",
            ),
            Table(
                "How many features of each concept are worries, strengths, or neither; the "
                "reasons of a single score show both worries and strengths.",
                ("concept", "weight, %", "worries", "strengths", "neither"),
                tuple(
                    (
                        each.concept,
                        f"{100 * each.weight:.1f}",
                        str(each.worries),
                        str(each.strengths),
                        str(each.neutral),
                    )
                    for each in card.explanation.drivers
                ),
                frozenset({1, 2, 3, 4}),
            ),
        ),
    )


def _features(card: ModelCard) -> Section:
    waived = [each for each in card.features if each.waiver]
    blocks: list[Block] = [
        Paragraph(
            f"{count_of(len(card.features), 'feature')}. Each has a meaning, a limited "
            "look-back and a hash of its definition; without this list a card is not valid."
        ),
        Paragraph(
            "None looks back without limit."
            if not waived
            else "Look back without limit, each with a waiver: "
            + "; ".join(f"{each.name} ({each.waiver})" for each in waived)
            + "."
        ),
        Table(
            "Every feature.",
            ("feature", "meaning", "concept", "kind", "looks back", "sensitive", "weight, %"),
            tuple(
                (
                    each.name,
                    each.meaning,
                    each.concept,
                    each.kind,
                    _looks_back(each.window_days, each.half_life_days, each.waiver),
                    each.sensitivity or "no",
                    f"{100 * each.weight:.1f}",
                )
                for each in sorted(card.features, key=lambda each: (-each.weight, each.name))
            ),
            frozenset({6}),
            folded=f"All {count_of(len(card.features), 'feature')}",
        ),
    ]
    return Section("features", "What it uses", tuple(blocks))


def _looks_back(window: int | None, half_life: int | None, waiver: str) -> str:
    if window:
        return f"{window:,} days"
    if half_life:
        return f"halves in {half_life:,} days"
    if window is None:
        return "not known"
    return "without limit" if waiver else "state on the day"


def _leakage(leakage: Leakage) -> Section:
    found = leakage.prover
    blocks: list[Block] = [
        Paragraph(
            f"In {leakage.folds} folds, {leakage.shared_households} households stand on both "
            f"sides; the last label learnt from was known {count_of(leakage.days_clear, 'day')} "
            "before the first test case."
        ),
        Paragraph(
            "No feature alone tells the outcome too well to have been known before it."
            if not leakage.suspicious
            else f"Too telling to have been known before: {', '.join(leakage.suspicious)}."
        ),
    ]
    if found is None:
        blocks.append(Paragraph("The prover, which changes the future and demands the same "
                                "features, was not run for this card."))  # fmt: skip
    else:
        verdict = "no feature changed" if found.get("passed") else "FEATURES CHANGED"
        blocks.append(
            Paragraph(
                f"The future was changed on {found.get('days', DASH)} days, in "
                f"{found.get('comparisons', DASH)} comparisons: {verdict}."
            )
        )
        blocks.append(Bullets(tuple(str(each) for each in found.get("limits", ()))))
    return Section("leakage", "Did it see the future?", tuple(blocks))


def _plan(card: ModelCard) -> Section:
    plan = card.plan
    tried = "not counted" if plan.plans_tried is None else str(plan.plans_tried)
    kept = {
        name: value for name, value in plan.settings.items() if name not in ("gates", "booster")
    }
    return Section(
        "plan",
        "The plan and its gates",
        (
            Paragraph(
                f"Set down and hashed before anything was fitted. Plans tried on these test "
                f"months: {tried}. Configurations tried: {plan.configurations_tried}."
            ),
            Table(
                "Gates: what the model had to show.",
                ("gate", "found", "result"),
                tuple(
                    (each.says, number(each.figure), "passed" if each.passed else "failed")
                    for each in plan.gates
                ),
                frozenset({1}),
            ),
            Table(
                "The plan.",
                ("setting", "value"),
                tuple(
                    (name.replace("_", " "), _stated(name, value)) for name, value in kept.items()
                ),
                folded="The whole plan",
            ),
        ),
    )


def _stated(name: str, value: object) -> str:
    if name == "breaks" and isinstance(value, list):
        return breaks_listed(value)
    return "not given" if value in (None, []) else str(value)
