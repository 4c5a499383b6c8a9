"""Every measure of a report in plain words."""

import re

from fs_risk.evaluation.plots import NAMES
from fs_risk.model.gates import Gate

MEASURES = {
    "average_precision": "average precision: how well the highest scores find the outcome",
    "ceiling_average_precision": "the best that any model of these invented records could reach",
    "everything_average_precision": "the same, knowing also what no record tells",
    "way_to_ceiling": "how far the model has come from the base rate (0) to that best (1)",
    "ceiling_roc_auc": "that best as the chance that a case with the outcome scores higher",
    "base_rate": "share of cases where the outcome followed",
    "average_precision_random": "average precision in any order",
    "gain_average_precision": "gain in average precision over the best simpler model",
    "roc_auc": "chance that a case with the outcome scores above one without it",
    "calibration_slope": "calibration slope: 1 is ideal, below it scores are too extreme",
    "calibration_intercept": "calibration in the large: 0 is ideal, above it scores are too low",
    "calibration_error": "mean gap between predicted and observed, over tenths",
    "calibration_error_by_chance": "the same if every probability were exact: chance alone",
    "observed_over_expected": "number observed over number predicted",
    "observed_over_expected_listed": "the same within the lists",
    "precision_at_capacity": "share of those listed where the outcome followed",
    "recall_at_capacity": "share of those with the outcome who were listed",
    "lift_at_capacity": "the former over the rate among all",
    "true_positives_per_1000": "of 1,000 cases: listed, and the outcome followed",
    "false_positives_per_1000": "of 1,000 cases: listed, and it did not follow",
    "false_negatives_per_1000": "of 1,000 cases: not listed, and the outcome followed",
    "true_negatives_per_1000": "of 1,000 cases: not listed, and it did not follow",
    "net_benefit_at_base_rate_per_1000": "net benefit of 1,000 cases, at the base rate",
    "worst_group_recall": "recall of the group that the lists find least of",
    "list_overlap": "share of a list that stays from one month to the next",
    "list_overlap_edited": "the least share of the list that stays after a trivial edit",
    "list_overlap_refitted": "the least share that stays with a model of other households",
    "vignettes_failed": "orders of the vignettes that the model does not hold",
    "decided_at_once_per_1000": "of 1,000 outcomes: decided at once, and so not in the test",
    "suspicious_features": "features that tell the outcome too well alone",
    "largest_single_feature_auc": "the most that one feature alone tells (0.5: nothing; 1: all)",
    "features_drifted": "features whose values changed beyond chance since training",
    "largest_feature_psi": "the most that a feature's values changed (stability index)",
    "score_psi": "how much the scores changed (stability index)",
    "two_sample_auc": "how well trees tell the tested cases from those learnt from (0.5: not)",
    "average_precision_without_poverty": "the same of a short fit without features of poverty",
    "loss_average_precision_without_poverty": "lost by leaving out features of poverty or services",
}

_OF = {
    "list_overlap": "share of the list that stays",
    "average_precision": "average precision",
    "loss_average_precision": "average precision lost",
    "recall_at_capacity": "share of those with the outcome who were listed",
    "observed_over_expected": "number observed over number predicted",
}
_AFTER = re.compile(
    rf"({'|'.join(sorted(_OF, key=len, reverse=True))})_"
    r"(rows_shuffled|recoded|typed_twice|day_earlier|delayed_\d+d|other_seed)"
)
_PART = re.compile(r"average_precision_of_(\d+)_percent_of_households")


_COUNTS = frozenset({"suspicious_features", "features_drifted", "vignettes_failed"})


def digits_of(metric: str) -> int:
    """Say with how many digits behind the point a measure is written.

    Parameters
    ----------
    metric : str

    Examples
    --------
    >>> digits_of("features_drifted"), digits_of("true_positives_per_1000"), digits_of("roc_auc")
    (0, 1, 3)
    """
    return 0 if metric in _COUNTS else 1 if metric.endswith("_per_1000") else 3


_ENDS = {"value": "", "low": ", low end of its interval", "high": ", high end of its interval"}


def gate_in_words(gate: Gate) -> str:
    """Say a gate of the plan.

    Parameters
    ----------
    gate : Gate

    Examples
    --------
    >>> gate_in_words(Gate(metric="calibration_slope", at_least=0.8, at_most=1.2))
    'calibration slope: at least 0.8, at most 1.2'
    """
    bar = gate.says.partition(") ")[2]
    return f"{gated_measure(gate.metric)}{_ENDS[gate.judged_on]}: {bar}"


def gated_measure(metric: str) -> str:
    """Name what a gate is about, in few words.

    Parameters
    ----------
    metric : str

    Examples
    --------
    >>> gated_measure("gain_average_precision")
    'gain in average precision over the best simpler model'
    """
    named = {"observed_over_expected_listed": "number observed over number predicted, of those "
             "listed"}  # fmt: skip
    return named.get(metric) or measure_in_words(metric).split(":")[0]


def measure_in_words(metric: str) -> str:
    """Say what a measure is.

    Parameters
    ----------
    metric : str

    Examples
    --------
    >>> measure_in_words("list_overlap_day_earlier")
    'share of the list that stays: scored a day earlier'
    >>> measure_in_words("recall_at_capacity_rule_set")
    'recall at capacity of the simpler model: practice rules'
    """
    if metric in MEASURES:
        return MEASURES[metric]
    after, part = _AFTER.fullmatch(metric), _PART.fullmatch(metric)
    if after:
        return f"{_OF[after[1]]}: {retest_words(after[2])}"
    if part:
        return f"average precision of a short fit to {part[1]} % of the households"
    for kind, name in NAMES.items():
        if metric.endswith(kind):
            what = metric[: -len(kind)].rstrip("_").removesuffix("_over")
            joint = "over" if "gain" in metric else "of"
            return f"{what.replace('_', ' ')} {joint} the simpler model: {name}"
    return metric.replace("_", " ")


RETESTS = {
    "rows_shuffled": "rows in another order",
    "recoded": "unread fields moved",
    "typed_twice": "one entry in ten typed twice",
    "day_earlier": "scored a day earlier",
    "month_to_month": "a month's difference",
    "delayed_7d": "rule-dated facts 7 days later",
    "delayed_28d": "rule-dated facts 28 days later",
    "other_seed": "fitted with another seed",
}
"""What each retest changed, in a few words."""


def retest_words(name: str) -> str:
    """Say in a few words what a retest changed.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> retest_words("replica_1")
    'fitted without part 2 of the households'
    """
    if name.startswith("replica_"):
        return f"fitted without part {int(name.removeprefix('replica_')) + 1} of the households"
    return RETESTS.get(name, name.replace("_", " "))
