"""What each check asks, what its figures are called, and what to do when it is signalled."""

from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, STOP

HEADLINES = MappingProxyType(
    {
        AS_EXPECTED: "Nothing that is watched is beyond its limit.",
        NOT_ENOUGH: "There is not enough evidence to say that it is as expected.",
        LOOK: "Something is beyond its limit. Look into it before the next list is relied on.",
        STOP: "Score no referral with it for now. Decisions go on as always, without scores.",
    }
)
"""What the verdict on all checks together means."""


@dataclass(frozen=True)
class Words:
    """What is said of a check.

    Attributes
    ----------
    title, asks : str
    to_do : str
        What to do when it is signalled.
    """

    title: str
    asks: str
    to_do: str


CHECKS = MappingProxyType(
    {
        "calibration": Words(
            "What followed, against what the scores said",
            "Do outcomes follow as often as the scores say, now that their time is up?",
            "Ask practice leads first whether decisions have changed: another threshold for a "
            "plan, a new court practice, or help that averted what was expected. Fewer outcomes "
            "than expected is also what good help looks like. If practice is the same, have the "
            "model fitted again.",
        ),
        "inputs": Words(
            "What the model reads",
            "Do referrals look as they did when the model was calibrated and tested?",
            "Look at the features named, then at “what is recorded” and “codes”: most such "
            "changes are of recording. If the families themselves have changed, have the model "
            "evaluated on them before it is relied on.",
        ),
        "scores": Words(
            "The scores",
            "Are scores spread as when the model was tested?",
            "Look at “what the model reads”. A band that holds more children than it was made "
            "for no longer means what its rate says.",
        ),
        "groups": Words(
            "Groups",
            "Has the difference between a group and all others changed since the test?",
            "Tell the owner of the equality impact assessment. Run the full audit "
            "(fs-risk audit) and look at what is recorded of that group.",
        ),
        "volume": Words(
            "How many referrals come",
            "Do as many referrals come as when the model was fitted?",
            "Find out whether the front door has changed what it accepts as a referral. With more "
            "referrals, a list of the same length finds fewer of the children it is for.",
        ),
        "lists": Words(
            "Lists",
            "Are lists made, of the planned length, and are their places used?",
            "Ask the team why. A list of another length needs its own evaluation; a list that "
            "nobody acts on should not be made.",
        ),
        "abstentions": Words(
            "Referrals without a score",
            "Do as many referrals get a code instead of a score as at the test?",
            "See which code. STALE_EXTRACT and NOT_OBSERVED are about the extract; OUT_OF_SCOPE "
            "and PERSON_NOW about who is referred.",
        ),
        "overrides": Words(
            "What people decide",
            "Do people agree and disagree with the scores, as people who think for themselves do?",
            "Talk with the team; never about one worker. Hardly any override can mean that "
            "scores are obeyed, many that they are of no use.",
        ),
        "recording": Words(
            "What is recorded",
            "Are entries left out that used to be made?",
            "Ask the team, or the system's owner, what has changed. Until it is put right, "
            "children whose facts are missing score as if little had been found.",
        ),
        "codes": Words(
            "Codes",
            "Are codes used as before?",
            "Ask the system's owner for the day and the mapping of the change. A model fitted "
            "on the old codes misreads the new ones; map them back, or fit it again.",
        ),
        "clocks": Words(
            "When facts become known",
            "Do facts come into the records as soon as they used to?",
            "Ask what has changed in typing up or in loading. What comes later than the lag that "
            "the model was fitted for is not seen by any score.",
        ),
        "extract": Words(
            "The extract",
            "Is the extract new enough, and does it agree with what was scored?",
            "Load a newer extract, or find out why the nightly load stopped.",
        ),
        "model": Words(
            "The model's age and approval",
            "Is the model approved, and not too old?",
            "Have it reviewed and approved again, or retire it.",
        ),
    }
)
"""The checks, in the order in which they are shown."""

MEASURES = MappingProxyType(
    {
        "observed_over_expected": "outcomes observed for each one expected",
        "slope": "slope of calibration",
        "recall_at_capacity": "listed, of children with the outcome",
        "stability_index": "stability index",
        "two_sample_area": "how well now can be told from then",
        "share_unlike_training": "cases unlike those of training",
        "chance_now_is_higher": "chance that a score of now is higher",
        "share_in_band": "share in the band",
        "share_listed": "listed",
        "recall": "listed, of children with the outcome",
        "without_score": "without a score",
        "code": "with the code",
        "referrals_against_training": "referrals for each one when the model was fitted",
        "periods_with_a_list": "periods with a list",
        "other_capacity": "lists of another length",
        "children_on_a_list": "children on a list",
        "places_used": "listed children with a decision",
        "override_rate": "overrides",
        "more_worried": "more worried than the score",
        "less_worried": "less worried than the score",
        "not_used": "score had no part",
        "no_score_wanted": "no score wanted",
        "share_missing": "without an entry",
        "share_late": "known late",
        "clock_reset": "known at once on one day",
        "days_old": "days old",
        "scored_but_not_in_records": "scored, not in the records",
        "scores_that_differ": "scores that differ when made again",
        "days_since_test": "days since the test",
        "days_approved": "days of approval left",
    }
)
"""What figures are called."""

_PER_CENT = frozenset(
    {
        "recall_at_capacity", "share_unlike_training", "share_in_band", "share_listed", "recall",
        "without_score", "code", "periods_with_a_list", "other_capacity", "places_used",
        "override_rate", "more_worried", "less_worried", "not_used", "no_score_wanted",
        "share_missing", "share_late", "clock_reset", "scored_but_not_in_records",
        "scores_that_differ",
    }
)  # fmt: skip
_WHOLE = frozenset({"days_old", "days_since_test", "days_approved", "children_on_a_list"})


def figure_words(measure: str, value: float) -> str:
    """Write a figure as it is said.

    Examples
    --------
    >>> [figure_words(name, 0.123) for name in ("override_rate", "slope")]
    ['12 %', '0.12']
    >>> figure_words("slope", float("nan"))
    '–'
    """
    if value != value:
        return "–"
    if measure in _PER_CENT:
        return f"{100 * value:.0f} %"
    return f"{value:,.0f}" if measure in _WHOLE else f"{value:.2f}"


def limit_words(measure: str, low: float, high: float) -> str:
    """Write limits as they are said.

    Examples
    --------
    >>> limit_words("slope", 0.7, 1.5), limit_words("stability_index", float("nan"), 0.1)
    ('0.70 to 1.50', 'at most 0.10')
    """
    if low != low and high != high:
        return ""
    if low != low or low == 0:
        return f"at most {figure_words(measure, high)}" if high == high else "at least 0"
    if high != high or (high == 1 and measure in _PER_CENT):
        return f"at least {figure_words(measure, low)}"
    return f"{figure_words(measure, low)} to {figure_words(measure, high)}"


def who_words(row: pd.Series) -> str:
    """Name the group of a row, or everybody."""
    if not row["by"]:
        return "all"
    return (
        str(row["group"])
        if row["by"] in ("feature", "column", "band", "code", "table")
        else (f"{row['by'].replace('_', ' ')}: {row['group']}")
    )


def signal_words(row: pd.Series) -> str:
    """Say one row that is signalled, in a sentence with its figure and limit."""
    figure = (
        "hidden, small numbers" if row["suppressed"] else figure_words(row["measure"], row["value"])
    )
    limit = limit_words(row["measure"], row["limit_low"], row["limit_high"])
    who = "" if who_words(row) == "all" else f" ({who_words(row)})"
    within = f"; limit {limit}" if limit else ""
    return f"{MEASURES[row['measure']]}{who}: {figure}{within}. {row['says']}"
