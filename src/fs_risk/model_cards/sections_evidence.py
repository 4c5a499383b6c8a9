"""The sections of a card on how well the model does, what that is worth and how it ages."""

from fs_risk.evaluation.measures_in_words import measure_in_words
from fs_risk.evaluation.plots import NAMES
from fs_risk.model_cards.blocks import Block, Bullets, Paragraph, Picture, Section, Table
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.drawings import calibration
from fs_risk.model_cards.evidence import CapacityRow
from fs_risk.model_cards.sections_use import use_sections
from fs_risk.model_cards.words import DASH, counted, number, of_100, spread
from fs_risk.records.counts_in_words import count_of


def evidence_sections(card: ModelCard) -> tuple[Section, ...]:
    """Lay out how well the model does.

    Parameters
    ----------
    card : ModelCard

    Returns
    -------
    tuple of Section
    """
    return (
        _verdict(card),
        _lists(card),
        _probabilities(card),
        _ranking(card),
        _certainty(card),
        *use_sections(card),
        _figures(card),
    )


def _verdict(card: ModelCard) -> Section:
    done = card.performance
    where = (
        "of another authority"
        if done.fresh
        else "later than everything learnt from, and of households never seen"
    )
    return Section(
        "evidence",
        "What the evidence comes to",
        (
            Paragraph(
                f"Measured on {counted(done.n)} cases of {counted(done.households)} households, "
                f"{done.first_as_of} to {done.last_as_of}, {where}. The outcome followed in "
                f"{counted(done.positives)}."
            ),
            Bullets(done.verdict),
        ),
    )


def _capacity_words(row: CapacityRow, period: str) -> str:
    size = (
        f"{100 * row.capacity:g} % of each {period}'s cases"
        if row.capacity < 1
        else f"{row.capacity:g} each {period}"
    )
    return f"{size} (the plan's)" if row.planned else size


def _lists(card: ModelCard) -> Section:
    period = card.identity.list_period
    rows = tuple(
        (
            _capacity_words(row, period),
            of_100(row.figure("precision")),
            of_100(row.figure("recall")),
            number(row.figure("found_per_1000").value, 0),
            number(row.figure("false_per_1000").value, 0),
            number(row.figure("missed_per_1000").value, 0),
            spread(row.figure("observed_over_expected")),
        )
        for row in card.performance.capacities
    )
    bands = tuple(
        (
            row.name,
            number(None if row.observed.value is None else 1000 * row.observed.value, 0),
            _per_1000(row.observed.low, row.observed.high),
            counted(row.observed.n),
        )
        for row in card.performance.bands
    )
    unlisted = card.performance.not_listed_of_100
    return Section(
        "lists",
        "What followed, by size of list",
        (
            Table(
                "How many of 100 children listed the outcome followed for, how many of 100 with "
                "the outcome were listed, and how many of 1,000 cases were either or both.",
                ("on each list", "outcome followed, of 100 listed",
                 "listed, of 100 with the outcome", "of 1,000: listed, it followed",
                 "listed, it did not", "not listed, it followed",
                 "observed over expected, of those listed"),
                rows,
                frozenset(range(1, 7)),
            ),
            Table(
                "Bands: what followed on the test cases. There is no band for the rest.",
                ("band", "in 1,000", "95 % interval", "cases"),
                bands,
                frozenset({1, 2, 3}),
            ),
            Paragraph(
                "Not being listed is not evidence of safety: of 100 children for whom the outcome "
                f"followed, {number(unlisted.value, 0) if unlisted.value is not None else 'c'} "
                "were on no list."
            ),
        ),
    )  # fmt: skip


def _per_1000(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return DASH
    return f"{1000 * low:.0f} to {1000 * high:.0f}"


def _probabilities(card: ModelCard) -> Section:
    bins = card.performance.bins
    points = [
        (
            1000 * row.predicted,
            1000 * row.observed.value,
            None if row.observed.low is None else 1000 * row.observed.low,
            None if row.observed.high is None else 1000 * row.observed.high,
        )
        for row in bins
        if row.observed.value is not None
    ]
    blocks: list[Block] = [
        Paragraph(
            "Of cases given a probability of 1 in 10, the outcome should follow in 1 of 10. "
            f"Observed over expected: {_figure(card, 'observed_over_expected')}; calibration "
            f"slope: {_figure(card, 'calibration_slope')}. For both 1 is ideal."
        ),
    ]
    if points:
        first, last = points[0], points[-1]
        blocks.append(
            Picture(
                calibration(points),
                "Observed against predicted",
                f"At the low end {first[0]:.0f} in 1,000 were predicted and {first[1]:.0f} "
                f"observed; at the high end {last[0]:.0f} and {last[1]:.0f}. The line is where "
                "they are equal.",
            )
        )
    blocks.append(
        Table(
            "Tenths of the cases by score, in 1,000.",
            ("tenth", "predicted", "observed", "95 % interval", "cases"),
            tuple(
                (
                    str(place),
                    f"{1000 * row.predicted:.0f}",
                    row.observed.symbol
                    if row.observed.value is None
                    else f"{1000 * row.observed.value:.0f}",
                    _per_1000(row.observed.low, row.observed.high),
                    counted(row.observed.n),
                )
                for place, row in enumerate(bins, start=1)
            ),
            frozenset({1, 2, 3, 4}),
        )
    )
    return Section("probabilities", "Do the probabilities hold?", tuple(blocks))


def _figure(card: ModelCard, metric: str) -> str:
    found = card.performance.figure(metric)
    return DASH if found is None else spread(found)


def _ranking(card: ModelCard) -> Section:
    return Section(
        "simpler",
        "Is it better than something simpler?",
        (
            Table(
                "Average precision says how well the highest scores find the outcome.",
                ("model", "what it is", "average precision", "the model's gain over it"),
                (
                    (
                        NAMES["step_up_model"],
                        "this model",
                        _figure(card, "average_precision"),
                        DASH,
                    ),
                    *(
                        (
                            NAMES.get(each.kind, each.kind),
                            each.meaning,
                            DASH
                            if each.average_precision is None
                            else spread(each.average_precision),
                            DASH if each.gain is None else spread(each.gain, 3),
                        )
                        for each in card.performance.simpler
                    ),
                ),
                frozenset({2, 3}),
            ),
            Table(
                "Is the list steady? Of 100 children listed, how many still are after each change.",
                ("change", "what was done", "still listed"),
                tuple(
                    (each.name.replace("_", " "), each.says, of_100(each.overlap))
                    for each in card.performance.retests
                ),
                frozenset({2}),
            ),
        ),
    )


def _certainty(card: ModelCard) -> Section:
    sure = card.certainty
    said = list(sure.sentences) or ["The model does not say how sure it is."]
    if sure.level is not None:
        said.insert(0, "Each score carries an interval: for about "
                    f"{100 * sure.level:.0f} of 100 cases, better knowledge of the same recorded "
                    "facts would put the probability inside it.")  # fmt: skip
    if sure.fewest_similar is not None:
        said.append(
            f"No score is given where fewer than {sure.fewest_similar} past cases had a similar "
            "history, or where too much of what the model leans on was never seen in training."
        )
    return Section(
        "certainty",
        "How sure is a score, and when is none given?",
        (
            Bullets(tuple(said)),
            Table(
                "Whether the intervals hold what followed, in 1,000.",
                ("by", "group", "observed", "mean interval", "cases", "holds"),
                tuple(
                    (
                        each.attribute,
                        each.group,
                        each.observed.symbol
                        if each.observed.value is None
                        else f"{1000 * each.observed.value:.0f}",
                        f"{1000 * each.low:.0f} to {1000 * each.high:.0f}",
                        counted(each.observed.n),
                        "yes" if each.holds else "no",
                    )
                    for each in sure.intervals
                ),
                frozenset({2, 3, 4}),
                folded=f"Intervals in {count_of(len(sure.intervals), 'group')}",
            ),
            Table(
                "Cases without a score, by group.",
                ("by", "group", "cases", "without a score", "share"),
                tuple(
                    (each.attribute, each.group, each.cases, each.without_score, each.share)
                    for each in sure.abstentions
                ),
                frozenset({2, 3, 4}),
                folded=f"Cases without a score in {count_of(len(sure.abstentions), 'group')}",
            ),
        ),
    )


def _figures(card: ModelCard) -> Section:
    return Section(
        "figures",
        "All figures",
        (
            Paragraph(
                "Each figure names the run that measured it; making the run again gives the same."
            ),
            Table(
                "Every measure of the evaluation.",
                ("measure", "name", "value", "95 % interval", "n", "run"),
                tuple(
                    (
                        measure_in_words(each.metric),
                        each.metric,
                        each.symbol or number(each.value),
                        DASH
                        if each.low is None or each.high is None
                        else f"{number(each.low)} to {number(each.high)}",
                        counted(each.n),
                        each.run,
                    )
                    for each in card.performance.figures
                ),
                frozenset({2, 3, 4}),
                folded=f"All {count_of(len(card.performance.figures), 'figure')}",
            ),
        ),
    )
