"""The card of a forecast as a document: what it is for, whether to use it, how it held."""

from datetime import date

from fs_risk.demand.series_names import in_words
from fs_risk.demand.verdicts import LEAST_SKILL, USE_IT
from fs_risk.model_cards.blocks import Bullets, Document, Facts, Paragraph, Section, Table
from fs_risk.model_cards.demand_card import DemandAnswers, DemandCard
from fs_risk.model_cards.words import DASH, number
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.days_in_words import day_words, month_words

SYNTHETIC = "SYNTHETIC. Counted from invented records; says nothing about any real authority."

_MEANS = {
    "mase": "error, in units of the usual change from a year before",
    "wape": "error, as a share of what came",
    "bias": "forecast too high (+) or too low (−), as a share of what came",
    "coverage_80": "share of what came inside the 80 % band",
    "coverage_95": "share of what came inside the 95 % band",
    "interval_80": "width and misses of the 80 % band together (interval score; smaller is better)",
    "interval_95": "width and misses of the 95 % band together",
}

_SHARES = frozenset({"wape", "bias", "coverage_80", "coverage_95"})
_KINDS = {"flow": "over the period", "stock": "at its end"}


def demand_document(card: DemandCard) -> Document:
    """Lay the card of a forecast out as a document.

    Parameters
    ----------
    card : DemandCard

    Returns
    -------
    Document
    """
    who, used = card.identity, card.settings
    return Document(
        title=f"Card of a demand forecast: {who.name}",
        stamp=SYNTHETIC if card.synthetic else "",
        under=(
            f"{len(card.series)} series, {count_of(used.horizon, 'period')} ahead; release "
            f"{who.library_version}. It counts totals and names nobody.",
        ),
        glance=(_what_for(card), _use_it(card), _limits(card), _open(card)),
        sections=(_verdicts(card), _how_it_held(card), _ahead(card), _data(card)),
        foot=(
            f"Card {card.content_hash}",
            f"Series {card.hashes.series}, forecast {card.hashes.forecast}, "
            f"back-test {card.hashes.backtest}.",
            "Checked by counting, forecasting and looking back again: card.verify(series).",
        ),
    )


def _what_for(card: DemandCard) -> Section:
    said = card.people
    again = None if said.review_date is None else day_words(said.review_date)
    return Section(
        "what-for",
        "What is it for?",
        (
            Facts(
                (
                    ("What is planned with it", said.purpose),
                    ("Who decides", said.decides),
                    ("Owner", said.owner),
                    ("Contact", said.contact),
                    ("Looked at again", again),
                )
            ),
        ),
    )


def _use_it(card: DemandCard) -> Section:
    plain = [f"{in_words(each.measure)} ({each.verdict})" for each in card.verdicts
             if each.verdict != USE_IT and each.measure]  # fmt: skip
    blocks = [
        Paragraph(f"Verdict: {card.verdict}.", lead=True),
        Paragraph(
            f"It is used where its errors on {len(card.settings.origins)} earlier dates were at "
            f"least {100 * LEAST_SKILL:.0f} % smaller than those of last year's number, and those "
            "of no simple rule were smaller by more than chance."
        ),
        Paragraph(_bands_held(card)),
    ]
    if plain and card.verdict == USE_IT:
        blocks.append(Paragraph(f"Not for every measure: {'; '.join(plain)}."))
    simpler = [each.name for each in card.rivals if each.skill is not None and each.skill < 0]
    if simpler:
        beyond = " by no more than chance" if card.verdict == USE_IT else ""
        names = ", ".join(simpler)
        blocks.append(Paragraph(f"Simpler forecasts with smaller errors{beyond}: {names}."))
    return Section("use-it", "Should it be used?", tuple(blocks))


def _bands_held(card: DemandCard) -> str:
    """Say what the bands held of what came: as looked back at, not as they were fitted."""
    held = {each.metric: each.value for each in card.figures}
    narrow, wide = held.get("coverage_80"), held.get("coverage_95")
    if narrow is None or wide is None:
        return "Coverage of the bands could not be measured."
    return (
        f"Of what came after those dates, {_share(narrow)} lay inside the 80 % band and "
        f"{_share(wide)} inside the 95 % band."
    )


def _limits(card: DemandCard) -> Section:
    return Section("limits", "What it cannot do", (Bullets(card.limits),))


def _open(card: DemandCard) -> Section:
    asked = card.open_questions
    block = Bullets(asked) if asked else Paragraph("Nothing is open.")
    total = len(DemandAnswers.model_fields)
    return Section(
        "open",
        "What is still open?",
        (
            Paragraph(
                f"{total - len(asked)} of {count_of(total, 'question')} "
                f"{'is' if total - len(asked) == 1 else 'are'} answered."
            ),
            block,
        ),
    )


def _verdicts(card: DemandCard) -> Section:
    rows = tuple(
        (
            in_words(each.measure) or DASH,
            str(each.series),
            number(each.mase),
            number(each.mase_last_year),
            _share(each.skill),
            each.verdict,
        )
        for each in card.verdicts
    )
    head = ("measure", "series", "its error", "last year's number", "smaller by", "verdict")
    table = Table(
        "Errors by measure, in units of each series' usual change from a year before.",
        head,
        rows,
        frozenset({1, 2, 3, 4}),
    )
    rivals = Table(
        "Simpler forecasts on the same dates.",
        ("forecast", "its error", "ours is smaller by"),
        tuple((each.name, number(each.mase), _share(each.skill)) for each in card.rivals),
        frozenset({1, 2}),
    )
    return Section("verdicts", "Measure by measure", (table, rivals))


def _how_it_held(card: DemandCard) -> Section:
    rows = tuple(
        (
            _MEANS[each.metric],
            _figure(each.metric, each.value),
            f"{_figure(each.metric, each.smallest)} to {_figure(each.metric, each.largest)}",
            f"{each.n:,}",
        )
        for each in card.figures
    )
    head = ("figure", "mean", "from date to date", "forecasts compared")
    of = "" if _monthly(card) else "the periods that began on "
    days = of + ", ".join(_period(card, day) for day in card.settings.origins)
    return Section(
        "held",
        "How earlier forecasts held",
        (
            Paragraph(f"Everything was made again from what was known at the end of {days}."),
            Table("The back-test.", head, rows, frozenset({1, 3})),
        ),
    )


def _ahead(card: DemandCard) -> Section:
    rows = tuple(
        (str(each.ahead), _share(each.wape), _share(each.coverage_80), _share(each.coverage_95))
        for each in card.horizons
    )
    head = ("periods ahead", "error", "inside 80 %", "inside 95 %")
    table = Table("By how far ahead.", head, rows, frozenset({0, 1, 2, 3}))
    return Section("ahead", "How far ahead", (table,))


def _data(card: DemandCard) -> Section:
    rows = tuple(
        (
            in_words(each.name),
            _KINDS.get(each.kind, each.kind) or DASH,
            f"{_period(card, each.first)} to {_period(card, each.last)}",
            str(each.periods),
            str(each.missing),
            str(each.late),
            "c" if each.mean is None else f"{each.mean:,.1f}",
        )
        for each in card.series
    )
    head = ("series", "counted", "periods from, to", "periods", "missing", "late", "mean")
    table = Table(
        "What was counted. Missing is never read as 0; late periods are left out; c: hidden.",
        head,
        rows,
        frozenset({3, 4, 5, 6}),
    )
    notes = (Bullets(card.notes),) if card.notes else ()
    return Section("data", "What it rests on", (table, *notes))


def _period(card: DemandCard, first: str) -> str:
    """Name a period: a month by itself, any other by its first day."""
    return month_words(date.fromisoformat(first)) if _monthly(card) else day_words(first)


def _monthly(card: DemandCard) -> bool:
    return all(
        12 * (last.year - first.year) + last.month - first.month == each.periods - 1
        for each in card.series
        for first, last in [(date.fromisoformat(each.first), date.fromisoformat(each.last))]
    )


def _share(value: float | None) -> str:
    """Write a share; what rounds to nothing has no sign.

    Examples
    --------
    >>> _share(-0.004), _share(-0.02), _share(0.24)
    ('0 %', '\u22122 %', '24 %')
    """
    return DASH if value is None else f"{round(100 * value):d} %".replace("-", "\u2212")


def _figure(metric: str, value: float | None) -> str:
    """Write a figure of the back-test; what is a share as one, and too high with its sign."""
    if metric not in _SHARES:
        return number(value)
    sign = "+" if metric == "bias" and value is not None and round(100 * value) > 0 else ""
    return sign + _share(value)
