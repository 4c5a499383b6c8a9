"""The parts of a card that say how well a model does, for whom, and what that is worth."""

from datetime import date
from typing import Any

from pydantic import Field

from fs_risk.model_cards.parts import CardFigure, Part


class CapacityRow(Part):
    """Lists of one capacity.

    Attributes
    ----------
    capacity : int or float
    planned : bool
    lists : int
    listed : float or None
    figures : tuple of CardFigure
        ``precision``, ``recall``, ``found_per_1000``, ``missed_per_1000``,
        ``false_per_1000``, ``observed_over_expected``.
    """

    capacity: int | float
    planned: bool
    lists: int
    listed: float | None
    figures: tuple[CardFigure, ...]

    def figure(self, metric: str) -> CardFigure:
        """Find one of its figures."""
        return next(each for each in self.figures if each.metric == metric)


class BinRow(Part):
    """Cases of about the same score: what was predicted, and what was observed."""

    predicted: float
    observed: CardFigure


class BandRow(Part):
    """A band of scores, and how often the outcome followed in it."""

    name: str
    share: float
    observed: CardFigure


class GroupRow(Part):
    """One figure of one group of the evaluation report."""

    by: str
    level: str
    positives: int | None
    figure: CardFigure


class Simpler(Part):
    """A simpler model that was fitted beside, with its average precision and the gain over it."""

    kind: str
    meaning: str
    average_precision: CardFigure | None
    gain: CardFigure | None


class Retested(Part):
    """The same cases scored again after a change that is stated."""

    name: str
    kind: str
    says: str
    overlap: CardFigure
    largest_change: float | None


class Performance(Part):
    """How well the model does on cases that it had not seen.

    Attributes
    ----------
    verdict : tuple of str
        In plain sentences, the most important first.
    leads_with : str
        The model, or the simplest that it is not shown to beat.
    n, positives, households : int or None
    first_as_of, last_as_of : str
    fresh : bool
        Whether measured on another authority's cases.
    figures : tuple of CardFigure
        Every measure of the report.
    capacities : tuple of CapacityRow
    bins : tuple of BinRow
    bands : tuple of BandRow
    not_listed_of_100 : CardFigure
        Of 100 children where the outcome followed, how many were on no list.
    groups : tuple of GroupRow
    simpler : tuple of Simpler
    retests : tuple of Retested
    """

    verdict: tuple[str, ...]
    leads_with: str
    n: int | None
    positives: int | None
    households: int | None
    first_as_of: str
    last_as_of: str
    fresh: bool
    figures: tuple[CardFigure, ...]
    capacities: tuple[CapacityRow, ...]
    bins: tuple[BinRow, ...]
    bands: tuple[BandRow, ...]
    not_listed_of_100: CardFigure
    groups: tuple[GroupRow, ...]
    simpler: tuple[Simpler, ...]
    retests: tuple[Retested, ...]

    def figure(self, metric: str) -> CardFigure | None:
        """Find a figure; None where it was not measured."""
        return next((each for each in self.figures if each.metric == metric), None)

    @property
    def planned(self) -> CapacityRow | None:
        """The lists of the plan's own capacity."""
        return next((row for row in self.capacities if row.planned), None)


class IntervalRow(Part):
    """Whether the intervals of one group hold what followed."""

    attribute: str
    group: str
    observed: CardFigure
    low: float
    high: float
    holds: bool


class AbstentionRow(Part):
    """How often the cases of a group get no score, as it may be published."""

    attribute: str
    group: str
    cases: str
    without_score: str
    share: str


class Certainty(Part):
    """How sure a score is, and when none is given.

    Attributes
    ----------
    sentences : tuple of str
    level : float or None
        Share of cases whose interval is meant to hold; None where the model does not say.
    fewest_similar : int or None
        Past cases with a similar history below which no score is given.
    intervals : tuple of IntervalRow
    abstentions : tuple of AbstentionRow
    """

    sentences: tuple[str, ...]
    level: float | None
    fewest_similar: int | None
    intervals: tuple[IntervalRow, ...]
    abstentions: tuple[AbstentionRow, ...]


class AuditRow(Part):
    """One measure of one group, beside all others.

    Attributes
    ----------
    attribute, group : str
    figure : CardFigure
    positives : int or None
    rest : float or None
    difference, difference_low, difference_high : float or None
        To the rest, with its 95 % interval.
    could_see, could_see_above : float or None
        The smallest gap down, and up, that the audit could have seen at 80 % power.
    family, verdict : str
    hidden, n_hidden, positives_hidden : bool
        What a publishable card leaves out: figures, cases, cases with the outcome.
    """

    attribute: str
    group: str
    figure: CardFigure
    positives: int | None
    rest: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    could_see: float | None
    could_see_above: float | None
    family: str
    verdict: str
    hidden: bool
    n_hidden: bool
    positives_hidden: bool


class Fairness(Part):
    """How groups fare on the lists.

    It gives no grade (requirement A3).

    Attributes
    ----------
    title : str
        Which lists, of how many cases.
    headline : tuple of str
    rows : tuple of AuditRow
        Of the declared family first, then other measures of the same groups.
    conflicts : tuple of str
        Which criteria cannot hold together on these cases.
    fewest : int
        Cases below which nothing is said of a gap.
    """

    title: str
    headline: tuple[str, ...]
    rows: tuple[AuditRow, ...]
    conflicts: tuple[str, ...]
    fewest: int

    @property
    def primary(self) -> tuple[AuditRow, ...]:
        """The rows of the declared family."""
        return tuple(row for row in self.rows if row.family == "primary")

    @property
    def gaps(self) -> tuple[AuditRow, ...]:
        """The rows of the declared family where a gap is shown."""
        return tuple(row for row in self.primary if row.verdict == "gap shown")

    @property
    def without_evidence(self) -> tuple[tuple[str, str], ...]:
        """Attribute and group wherever the declared family says: not enough evidence."""
        found = [
            (row.attribute, row.group)
            for row in self.primary
            if row.verdict == "not enough evidence"
        ]
        return tuple(dict.fromkeys(found))


class ValueRow(Part):
    """What lists of one capacity cost, and might avert under the assumption; per 1,000 cases."""

    capacity: int | float
    listed: float
    found: float
    precision: CardFigure
    attention_cost: float
    avoided_cost: float
    net: float
    net_low: float
    net_high: float
    break_even_effect: float | None


class Value(Part):
    """What extra attention costs and might avert, under a stated assumption.

    Attributes
    ----------
    sentence : str
        Always begins with the assumption.
    sources : tuple of str
        Of each cost.
    caveat : str
    rows : tuple of ValueRow
    costs, effect : dict
        As they were stated, so that the value can be weighed again.
    capacities : tuple of float
    """

    sentence: str
    sources: tuple[str, ...]
    caveat: str
    rows: tuple[ValueRow, ...]
    costs: dict[str, Any]
    effect: dict[str, Any]
    capacities: tuple[int | float, ...]


class Drifted(Part):
    """A feature whose values changed since training."""

    feature: str
    psi: float
    missing_before: float
    missing_after: float


class Ageing(Part):
    """How old what it learnt is, and what has changed since.

    Attributes
    ----------
    learnt_to : str
        Last day of the cases learnt from.
    tested_to : str
    extract_date : str or None
    changed : tuple of Drifted
        Features beyond doubt more than moderately different in the test period.
    since : dict or None
        What a later check of drift found, as plain data; None where none was given.
    """

    learnt_to: str
    tested_to: str
    extract_date: str | None
    changed: tuple[Drifted, ...]
    since: dict[str, Any] | None = None


class LedgerFigures(Part):
    """How people used the scores, as counts from the ledger.

    Attributes
    ----------
    first_day, last_day : date
        Of the period.
    scores, decisions : int or None
        Scores given; decisions that people recorded on them.
    agreed, more_worried, less_worried, not_used : int or None
        What people said of the score; the middle two are overrides (requirement G9).
    no_score_wanted : int or None
        Decisions taken without asking for a score.
    """

    first_day: date
    last_day: date
    scores: int | None = Field(ge=0)
    decisions: int | None = Field(ge=0)
    agreed: int | None = Field(ge=0)
    more_worried: int | None = Field(ge=0)
    less_worried: int | None = Field(ge=0)
    not_used: int | None = Field(ge=0)
    no_score_wanted: int | None = Field(default=0, ge=0)

    @property
    def overridden(self) -> int | None:
        """Decisions that went another way than the score; None where hidden."""
        if self.more_worried is None or self.less_worried is None:
            return None
        return self.more_worried + self.less_worried
