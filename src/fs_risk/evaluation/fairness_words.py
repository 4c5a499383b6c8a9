"""An audit in words, for a terminal, a notebook and its page."""

import html
from typing import TYPE_CHECKING

import pandas as pd

from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.disparity_sections import points
from fs_risk.evaluation.fairness_measures import PRECISION, RECALL
from fs_risk.evaluation.fairness_scores import SCORE_MEASURES
from fs_risk.evaluation.fairness_table import GAP_SHOWN, NOT_ENOUGH
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import stamp_of

if TYPE_CHECKING:
    from fs_risk.evaluation.fairness_audit import FairnessAudit

NO_GRADE = (
    "No single figure grades a model. Where groups differ in how often the outcome follows, "
    "equal recall, equal precision and calibrated scores cannot all hold at once."
)

UNKNOWN = (
    "Outcomes are decisions that a service took, so a group watched more closely has more of "
    "them for the same need; nothing in the records tells the two apart. Children who were "
    "never referred are not here."
)


def audit_text(audit: "FairnessAudit") -> str:
    """Say what an audit found.

    Parameters
    ----------
    audit : FairnessAudit

    Returns
    -------
    str
    """
    lines = [title_of_audit(audit), *headline(audit)]
    for row in audit.primary.itertuples():
        lines.append(
            f"  {attribute_words(row.attribute)}, {row.group}: {row.metric} {figure_text(row)}; "
            f"{row.verdict}"
        )
    lines += ["", *conflicts(audit), UNKNOWN]
    return "\n".join(lines)


def headline(audit: "FairnessAudit") -> list[str]:
    """Count the verdicts of the declared family, and name the gaps shown.

    Parameters
    ----------
    audit : FairnessAudit

    Returns
    -------
    list of str
    """
    verdicts = audit.primary["verdict"]
    shown, little = (verdicts == GAP_SHOWN).sum(), (verdicts == NOT_ENOUGH).sum()
    lines = [
        f"Of {count_of(len(verdicts), 'comparison')} of recall and precision with the rest: "
        f"{count_of(int(shown), 'gap')} shown, {len(verdicts) - shown - little} not shown, "
        f"{little} without enough evidence."
    ]
    for row in audit.gaps.itertuples():
        lines.append(f"Gap shown: {sentence(row)}")
    return lines


def sentence(row: object) -> str:
    """Put a row of recall or precision in words.

    Parameters
    ----------
    row : named tuple
        Of `FairnessAudit.table`.
    """
    group = f"{attribute_words(getattr(row, 'attribute', ''))} {getattr(row, 'group', '')}"
    if getattr(row, "suppressed", False):
        return f"{group}, {getattr(row, 'metric', '')}; figures hidden, small numbers."
    mine, rest = (100 * float(getattr(row, name)) for name in ("value", "rest"))
    low, high = (100 * float(getattr(row, name)) for name in ("difference_low", "difference_high"))
    of = {
        RECALL: "children with the outcome, {} were listed",
        PRECISION: "children listed, the outcome followed for {}",
    }.get(str(getattr(row, "metric", "")), "rows, {}")
    return (
        f"{group}: of 100 {of.format(f'{mine:.0f}')}; of 100 others, {rest:.0f} "
        f"(difference {mine - rest:+z.0f} points, 95 % interval {low:+z.0f} to {high:+z.0f})."
    )


def conflicts(audit: "FairnessAudit") -> list[str]:
    """Say which criteria cannot hold together on these cases (requirement A3).

    Parameters
    ----------
    audit : FairnessAudit

    Returns
    -------
    list of str

    References
    ----------
    .. [1] J. Kleinberg, S. Mullainathan and M. Raghavan, Inherent trade-offs in the fair
       determination of risk scores, ITCS 2017.
    .. [2] A. Chouldechova, Fair prediction with disparate impact, Big Data 5 (2017),
       153-163.
    """
    table = audit.table
    rows = table[(table["metric"] == RECALL) & ~table["attribute"].str.contains(" & ", regex=False)]
    said = [NO_GRADE]
    for attribute, part in rows.groupby("attribute", sort=False):
        known = part.dropna(subset=["n", "positives"])
        known = known[known["n"] >= audit.settings.fewest]
        share = (known["positives"] / known["n"]).astype(float)
        if len(share) < 2 or share.max() - share.min() < 0.01:
            continue
        most, least = known.loc[share.idxmax()], known.loc[share.idxmin()]
        said.append(
            f"By {attribute_words(attribute)} the outcome followed for "
            f"{100 * share.max():.0f} in 100 ({most['group']}) down to "
            f"{100 * share.min():.0f} in 100 ({least['group']}): here a list with "
            "equal recall has unequal precision, and the other way round."
            + _would_need(audit, float(share.max()), float(share.min()), most, least)
        )
    return said


def _would_need(
    audit: "FairnessAudit", high: float, low: float, most: pd.Series, least: pd.Series
) -> str:
    """Work out what everyone's recall and precision, in both groups, would ask of the rest."""
    recall, precision = (float(audit.overall[name]) for name in (RECALL, PRECISION))
    if not (0 < precision < 1 and recall > 0 and low > 0 and high < 1):
        return ""
    wrongly = [
        100 * base / (1 - base) * (1 - precision) / precision * recall for base in (high, low)
    ]
    if max(wrongly) > 100:
        return ""
    return (
        f" Were recall ({100 * recall:.0f} in 100) and precision ({100 * precision:.0f} in 100) "
        f"everyone's in both, then of 100 children without the outcome {wrongly[0]:.0f} would be "
        f"listed ({most['group']}) and {wrongly[1]:.0f} ({least['group']}); and scores calibrated "
        "in both cannot give both the same error rates."
    )


def audit_html(audit: "FairnessAudit") -> str:
    """Lay an audit out for a notebook, small numbers hidden.

    Parameters
    ----------
    audit : FairnessAudit

    Returns
    -------
    str
        Everything that comes from data is escaped.
    """
    head = "".join(
        f"<p>{html.escape(line)}</p>" for line in (title_of_audit(audit), *headline(audit))
    )
    foot = "".join(f"<p>{html.escape(line)}</p>" for line in (*conflicts(audit), UNKNOWN))
    return head + table_html(audit.primary) + foot


def table_html(rows: pd.DataFrame) -> str:
    """Lay rows of an audit's table out as HTML.

    Parameters
    ----------
    rows : DataFrame

    Returns
    -------
    str
    """
    cells = "".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(str(text))}</td>"
            for text in (
                attribute_words(row.attribute),
                row.group,
                row.metric,
                figure_text(row),
                gap_text(row),
                count_text(row.n),
                count_text(row.positives),
                row.verdict,
            )
        )
        + "</tr>"
        for row in rows.itertuples()
    )
    names = ("attribute", "group", "measure", "value, 95 % interval", "difference to the rest",
             "n", "with the outcome", "verdict")  # fmt: skip
    header = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><thead><tr>{header}</tr></thead><tbody>{cells}</tbody></table>"


def figure_text(row: object) -> str:
    """Write a value with its interval, or the symbol that stands for it.

    Parameters
    ----------
    row : named tuple
        Of `FairnessAudit.table`.
    """
    if getattr(row, "symbol", ""):
        return str(getattr(row, "symbol", ""))
    value, low, high = (float(getattr(row, name)) for name in ("value", "low", "high"))
    if getattr(row, "metric", "") in SCORE_MEASURES:
        return f"{value:.2f} ({low:.2f} to {high:.2f})"
    return f"{100 * value:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def gap_text(row: object) -> str:
    """Write a difference to the rest with its interval, or the symbol that stands for it.

    Parameters
    ----------
    row : named tuple
        Of `FairnessAudit.table`.
    """
    if getattr(row, "symbol", ""):
        return str(getattr(row, "symbol", ""))
    names = ("difference", "difference_low", "difference_high")
    gap, low, high = (float(getattr(row, name)) for name in names)
    if getattr(row, "metric", "") in SCORE_MEASURES:
        return "" if pd.isna(gap) else f"{gap:+z.2f} ({low:+z.2f} to {high:+z.2f})"
    return "" if pd.isna(gap) else points(gap, low, high)


def count_text(count: object) -> str:
    """Write a count, ``c`` where it is hidden.

    Parameters
    ----------
    count : int or missing
    """
    return "c" if pd.isna(count) else f"{int(count):,}"  # type: ignore[call-overload]


def title_of_audit(audit: "FairnessAudit") -> str:
    """Say what was audited: which lists, of how many cases.

    Parameters
    ----------
    audit : FairnessAudit
    """
    stamp = stamp_of(audit.origin == "synthetic")
    capacity = audit.audited.capacity
    places = (
        f"{100 * capacity:.0f} % of cases" if capacity < 1 else count_of(round(capacity), "place")
    )
    lists = {"as decided": "decisions as they were taken", "one list": f"one list of {places}"}
    made = lists.get(audit.made, f"a list of {places} each {audit.made}")
    labelled = int(audit.audited.labelled.sum())
    without = len(audit.audited.label) - labelled
    unknown = f", {without:,} more without a known outcome" if without else ""
    return f"{stamp}Audit of {made}: {count_of(labelled, 'case')}{unknown}."
