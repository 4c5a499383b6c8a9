"""What could be done about a gap, in words and tables."""

from typing import TYPE_CHECKING

import pandas as pd

from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.disparity_sections import Section, Table, number, points
from fs_risk.evaluation.fairness_measures import RECALL
from fs_risk.evaluation.fairness_words import NO_GRADE, conflicts

if TYPE_CHECKING:
    from fs_risk.evaluation.disparity_options import FairnessOptions

NOT_CHOSEN = (
    "No option is recommended. A list has so many places: what one group gains others give, and "
    "an option fitted to one gap may open another. Look at every group below."
)
FOUND_HERE = (
    "The group was chosen because its gap stands out most on these very cases. Such a gap is "
    "larger, on average, than the same one elsewhere, and shrinks under any other score, even one "
    "that is just as good. To judge an option, name a group beforehand (the argument “group”)."
)
STUDY_ONLY = (
    "Options marked “by group” ask for a child's group when the list is made, which the Equality "
    "Act 2010 does not allow as a matter of course. They are a study; without a recorded legal "
    "basis nothing here gives them out for use."
)
CHANCE = (
    "95 % intervals, before and after paired on the same children, households whole; one column "
    "of many, so that one in twenty stands out by chance."
)


def options_section(options: "FairnessOptions", *, picture: bool) -> Section:
    """Lay options out as a section.

    Parameters
    ----------
    options : FairnessOptions
    picture : bool
        Whether to draw the frontier.

    Returns
    -------
    Section
    """
    attribute = attribute_words(options.attribute)
    lines = [
        f"About the gap in recall of {attribute}, {options.group}. {NO_GRADE}",
        *[FOUND_HERE] * options.found_here,
        *(f"{option.name}: {option.meaning}." for option in options.options[1:]),
        *(f"{name}: not tried, since {why}." for name, why in options.left_out.items()),
        *_what_was_compared(options),
        NOT_CHOSEN,
        STUDY_ONLY,
        CHANCE,
        *(line for line in conflicts(options.audit()) if line.startswith(f"By {attribute} ")),
    ]
    tables = [_overall(options), _focus(options), *_groups(options)]
    svg = ""
    if picture and not options.suppressed:
        from fs_risk.evaluation.disparity_plots import frontier_svg

        svg = frontier_svg(options)
    return Section("What could be done, before and after", tuple(lines), tuple(tables), svg)


def _marked(options: "FairnessOptions", name: str) -> str:
    by_group = any(option.name == name and option.by_group for option in options.options)
    return f"{name} (by group, study only)" if by_group else name


def _overall(options: "FairnessOptions") -> Table:
    rows = []
    for name, part in options.overall.groupby("option", sort=False):
        cells = [
            f"{100 * row.after:.0f} %, {points(row.change, row.low, row.high)}"
            if row.metric != "average_precision"
            else f"{row.after:.3f}, {number(row.change, row.low, row.high)}"
            for row in part.itertuples()
        ]
        rows.append((_marked(options, str(name)), *cells))
    return Table(
        "Everyone: after, and change",
        ("option", "recall", "precision", "average precision"),
        tuple(rows),
    )


def _focus(options: "FairnessOptions") -> Table:
    table = options.table
    own = table[(table["attribute"] == options.attribute) & (table["group"] == options.group)]
    rows = tuple(
        (
            _marked(options, str(name)),
            *(f"{_gap(row)}" for row in part.sort_values("metric", ascending=False).itertuples()),
        )
        for name, part in own.groupby("option", sort=False)
    )
    return Table(
        f"{attribute_words(options.attribute)}, {options.group}: gap to the rest, and its change",
        ("option", "gap in recall", "gap in precision"),
        rows,
    )


def _gap(row: object) -> str:
    if getattr(row, "suppressed", False):
        return "c"
    before, after, change, low, high = (
        float(getattr(row, name))
        for name in ("gap_before", "gap_after", "gap_change", "gap_low", "gap_high")
    )
    if pd.isna(after):
        return "not enough evidence"
    return f"{points(before)} to {points(after)}: {points(change, low, high)}"


def _what_was_compared(options: "FairnessOptions") -> list[str]:
    """Name the attributes that were compared, and on a line of their own those that were not."""
    left_out = options.not_compared
    compared = [name for name in options.table["attribute"].unique() if str(name) not in left_out]
    reasons: dict[str, list[str]] = {}
    for name, why in left_out.items():
        reasons.setdefault(why, []).append(attribute_words(name))
    said = "; ".join(f"{', '.join(names)}, since {why}" for why, names in reasons.items())
    return [
        *(
            [f"Groups compared below by {', '.join(map(attribute_words, compared))}."]
            if compared
            else []
        ),
        *([f"Not compared: {said}."] if said else []),
    ]


def _groups(options: "FairnessOptions") -> list[Table]:
    """Give the change in recall of each group that can be shown under some option, if any."""
    table = options.table[options.table["metric"] == RECALL]
    names = [option.name for option in options.options[1:]]
    rows, left_out = [], 0
    for (attribute, group), part in table.groupby(["attribute", "group"], sort=False):
        if (part["suppressed"] | part["after"].isna()).all():
            left_out += attribute not in options.not_compared
            continue
        by_name = {str(row.option): row for row in part.itertuples()}
        rows.append(
            (f"{attribute_words(attribute)}: {group}", *(_change(by_name[name]) for name in names))
        )
    if not rows:
        return []
    more = f"; not shown: {left_out} more with hidden figures or too few cases" if left_out else ""
    return [
        Table(
            f"Each group compared: change in recall{more}",
            ("group", *(_marked(options, name) for name in names)),
            tuple(rows),
        )
    ]


def _change(row: object) -> str:
    if getattr(row, "suppressed", False):
        return "c"
    change, low, high = (float(getattr(row, name)) for name in ("change", "low", "high"))
    return "not enough evidence" if pd.isna(change) else points(change, low, high)
