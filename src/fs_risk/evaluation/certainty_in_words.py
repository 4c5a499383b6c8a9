"""What was tried before, how the vignettes came out and how sure the scores are, in words."""

from fs_risk.evaluation.report import EvaluationReport
from fs_risk.records.counts_in_words import count_of

ATTRIBUTES = {
    "all": "all cases",
    "tenth of the score": "tenths of the score",
    "age": "age",
    "source": "source",
}
"""What intervals are checked by, as it is said."""


def tried_in_words(report: EvaluationReport) -> str:
    """Say how many plans and configurations were tried before this result.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    str
    """
    plans = "not counted" if report.plans_tried is None else str(report.plans_tried)
    return (
        f"Plans tried on these test months: {plans}. "
        f"Configurations tried: {report.configurations_tried}."
    )


def vignettes_in_sentences(report: EvaluationReport) -> tuple[str, ...]:
    """Say how many orders of the vignettes hold, and which do not.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    tuple of str
        The count, then a sentence for each order that does not hold.
    """
    results = report.vignettes
    if not results:
        return ("The model was tried on no vignettes: none are about its kind of case.",)
    failed = [result for result in results if not result.holds]
    return (
        f"Of {len(results)} {'order' if len(results) == 1 else 'orders'} that practitioners "
        f"expect of invented cases, {len(results) - len(failed)} "
        f"{'holds' if len(results) - len(failed) == 1 else 'hold'} and {len(failed)} "
        f"{'does' if len(failed) == 1 else 'do'} not.",
        *(
            f"“{result.higher}” does not come above “{result.lower}” "
            f"({result.gap:+z.2f} in log-odds). Expected because: {result.why}"
            for result in failed
        ),
    )


def certainty_in_sentences(report: EvaluationReport) -> tuple[str, ...]:
    """Say how often there is no score, and whether the intervals hold.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    tuple of str
        Empty for a model that does not say how sure it is.
    """
    said = [
        f"Without a score for want of history or of past cases: {_whole(rate.without_score)} of "
        f"{rate.cases} cases."
        for rate in report.abstentions
        if rate.attribute == "all"
    ]
    return (*said, *_intervals(report))


def _whole(count: str) -> str:
    return "1 to 5" if count == "c" else "none" if count == "0" else count


def _intervals(report: EvaluationReport) -> list[str]:
    checks = report.interval_checks
    if not checks:
        return []
    by = [ATTRIBUTES.get(name, name) for name in dict.fromkeys(each.attribute for each in checks)]
    failed = [f"{each.attribute}, {each.group}" for each in checks if not each.holds]
    said = [
        f"Intervals were checked in {count_of(len(checks), 'group')} ({', '.join(by)}): in "
        f"{len(checks) - len(failed)} the share where the outcome followed lies within the mean "
        "interval, but for chance; about one group in twenty may miss it by chance alone."
    ]
    if failed:
        said.append(f"It does not in: {'; '.join(failed)}.")
    said.append(
        f"Of 100 scores by models of other families, {100 * checks[0].others_inside:.0f} lie "
        "inside the interval; at least 90 should."
    )
    return said
