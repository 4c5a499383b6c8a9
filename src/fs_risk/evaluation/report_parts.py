"""What an evaluation report is made of: plain, frozen data, one class for each kind of finding."""

from pydantic import BaseModel, ConfigDict

from fs_risk.records.notebook import ShowsItsFields


class Frozen(ShowsItsFields, BaseModel):
    """A record that cannot be changed and holds nothing undeclared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(Frozen):
    """One measure with its 95 % interval; None where it could not be had.

    Attributes
    ----------
    metric : str
    value, low, high : float or None
    n : int
        Cases behind it.
    """

    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int


class GroupFigure(Figure):
    """The same for one level of a grouping.

    Attributes
    ----------
    by, level : str
        For example ``"age band"`` and ``"under 1"``.
    positives : int
    """

    by: str
    level: str
    positives: int


class Curve(Frozen):
    """Recall and precision of one score at each threshold."""

    recall: tuple[float, ...]
    precision: tuple[float, ...]


class AtOneCapacity(Frozen):
    """What the lists of one capacity held, of the tested cases.

    Attributes
    ----------
    capacity : int or float
        Children on each list, or the share of the period's cases.
    planned : bool
        Whether it is the plan's own.
    n, lists : int
        Tested cases, and lists made.
    listed : float
        Cases on a list.
    precision, recall : Figure
        Expected values, cases tied at the last places sharing them.
    precision_worst, precision_best, recall_worst, recall_best : float or None
        Had every such tie fallen badly, or well.
    found_per_1000, missed_per_1000, false_per_1000 : Figure
        Of 1,000 cases: listed and the outcome followed; not listed and it followed;
        listed and it did not follow.
    observed_over_expected : Figure
        Within the list.
    """

    capacity: int | float
    planned: bool
    n: int
    lists: int
    listed: float
    precision: Figure
    recall: Figure
    precision_worst: float | None
    precision_best: float | None
    recall_worst: float | None
    recall_best: float | None
    found_per_1000: Figure
    missed_per_1000: Figure
    false_per_1000: Figure
    observed_over_expected: Figure


class NetBenefit(Frozen):
    """Net benefit of one way of choosing whom to attend to, over thresholds.

    Attributes
    ----------
    choice : str
        A score's name, or ``"everyone"``.
    threshold : tuple of float
        Probability at and above which attention is given.
    per_1000, low, high : tuple of float
        True positives less false ones weighted by the threshold's odds, of 1,000 cases,
        with the 95 % interval.
    """

    choice: str
    threshold: tuple[float, ...]
    per_1000: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Retest(Frozen):
    """The same cases scored again after a change that is stated.

    Attributes
    ----------
    name : str
        For example ``"delayed_28d"``; figures in the report's table end with it.
    kind : {"edit", "month", "delay", "refit"}
        A trivial edit, which should change nothing; a month's new facts; facts dated by
        rule known later; another fit of the same plan.
    says : str
        What was changed, in a sentence.
    overlap : Figure
        Of the children listed before, the share listed still.
    mean_change, largest_change : float or None
        Of the probability, in size.
    average_precision, loss, recall, observed_over_expected : Figure or None
        After the change; `loss` is average precision before less after, of the same
        resamples. None where there is no outcome to hold them against.
    """

    name: str
    kind: str
    says: str
    overlap: Figure
    mean_change: float | None
    largest_change: float | None
    average_precision: Figure | None = None
    loss: Figure | None = None
    recall: Figure | None = None
    observed_over_expected: Figure | None = None


class ChangedFeature(Frozen):
    """How the values of one feature in the test period differ from those learnt from.

    Attributes
    ----------
    feature : str
    psi : float
        Population stability index of its known values.
    missing_before, missing_after : float
        Share of cases where it is missing, learnt from and tested.
    drifted : bool
        Beyond doubt more than moderately different.
    """

    feature: str
    psi: float
    missing_before: float
    missing_after: float
    drifted: bool


class TellingFeature(Frozen):
    """How well one feature alone tells the outcome.

    Attributes
    ----------
    feature : str
    roc_auc, roc_auc_missing : float
        Of its value, and of its being missing, in the better direction.
    suspicious : bool
        Too good to have been known beforehand.
    """

    feature: str
    roc_auc: float
    roc_auc_missing: float
    suspicious: bool


class CaseEnd(Frozen):
    """How many cases of the tested period ended in one way.

    Attributes
    ----------
    kind : {"with the outcome", "without it", "no label", "decided at once"}
    end : str
        What came first, or why there is no label.
    count : int
        Cases.
    children : int
        Of whom they are; a child whose case is asked about each month is many cases.
    """

    kind: str
    end: str
    count: int
    children: int


class AbstentionRate(Frozen):
    """How often the cases of a group get no score, as it may be published.

    Attributes
    ----------
    attribute, group : str
    cases, without_score, share : str
        Counts of 1 to 5 as ``c``, the others to the nearest 5.
    """

    attribute: str
    group: str
    cases: str
    without_score: str
    share: str


class IntervalCheck(Frozen):
    """Whether the intervals of a group hold what followed.

    Attributes
    ----------
    attribute, group : str
    n : int
    observed, observed_low, observed_high : float
        Share where the outcome followed, with its 95 % interval.
    low, high : float
        Mean interval of the group's scores.
    holds : bool
        Whether the two overlap.
    others_inside : float
        Share of the scores by models of other families that lie inside.
    """

    attribute: str
    group: str
    n: int
    observed: float
    observed_low: float
    observed_high: float
    low: float
    high: float
    holds: bool
    others_inside: float


class LearningPoint(Frozen):
    """What a model learnt from a part of the households.

    Attributes
    ----------
    share : float
        Of the households of the fit period.
    n_learnt, positives_learnt : float
        Cases and outcomes learnt from, a mean over the household folds.
    average_precision : Figure
        On the tested cases.
    """

    share: float
    n_learnt: float
    positives_learnt: float
    average_precision: Figure


class WithoutFeatures(Frozen):
    """A model fitted again with and without some features.

    Attributes
    ----------
    what : str
        The features left out.
    n_left_out : int
    with_all, without, loss : Figure
        Average precision of short fits, alike but for the features; `loss` is the
        difference, of the same resamples.
    """

    what: str
    n_left_out: int
    with_all: Figure
    without: Figure
    loss: Figure


def make_figure(
    metric: str, value: float | None, low: float | None, high: float | None, n: float
) -> Figure:
    """Make a figure, leaving out what is not a finite number.

    Parameters
    ----------
    metric : str
    value, low, high : float or None
    n : float
        Rounded.
    """
    return Figure(metric=metric, value=known(value), low=known(low), high=known(high), n=round(n))


def known(value: float | None) -> float | None:
    """Give a number as it is, None where it is not finite.

    Parameters
    ----------
    value : float or None

    Examples
    --------
    >>> known(0.5), known(float("nan"))
    (0.5, None)
    """
    if value is None:
        return None
    plain = float(value)
    return plain if plain - plain == 0.0 else None
