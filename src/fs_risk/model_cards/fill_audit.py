"""Filling a card from the fairness audit: how groups fare, and what is held on each."""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_cells import MISSING
from fs_risk.evaluation.fairness_groups import NOT_OBTAINED
from fs_risk.evaluation.fairness_measures import FALSE_POSITIVE, PRECISION, RECALL, SELECTION
from fs_risk.evaluation.fairness_scores import SLOPE
from fs_risk.evaluation.fairness_words import UNKNOWN, conflicts, headline, title_of_audit
from fs_risk.model_cards.evidence import AuditRow, Fairness
from fs_risk.model_cards.figures import count, settled
from fs_risk.model_cards.parts import CardFigure, Characteristic, Feature

MEASURES = (RECALL, PRECISION, SELECTION, FALSE_POSITIVE, SLOPE)
"""Kept of each attribute's groups; the audit's page has the others, and pairs of groups."""

_NUMBERS = (
    "rest",
    "difference",
    "difference_low",
    "difference_high",
    "could_see",
    "could_see_above",
)
_NOT_RECORDED = (MISSING, NOT_OBTAINED, "unknown or unborn")
"""Groups of cases where a characteristic is not recorded; refusing to say is an answer."""

_NOT_IN_MODEL = "Never enters the model; looked up after the scores, to audit them."


@dataclass(frozen=True)
class _Held:
    """What a children's service's records hold of a characteristic."""

    name: str
    protected: bool
    attribute: str
    codes: str
    reason: str


CHARACTERISTICS = (
    _Held(
        "age", True, "age_band", "date of birth; before birth the expected date",
        "Risk of harm differs by age, most of all for infants and the unborn. Part 3 of the Act "
        "does not protect under-18s on age; figures by age band are reported all the same.",
    ),
    _Held("disability", True, "disability", "CIN census disability codes; NONE: none recorded",
          _NOT_IN_MODEL),
    _Held("gender reassignment", True, "", "",
          "Not held reliably, so neither used nor audited; no proxy is used."),
    _Held("marriage and civil partnership", True, "", "", "Does not arise for children."),
    _Held("pregnancy and maternity", True, "", "",
          "Unborn children are scored, by their expected date; nothing is held or used of the "
          "mother. Too few for figures of their own."),
    _Held("race", True, "ethnicity",
          "DfE ethnicity codes in the census's five groups; refused and not yet obtained apart",
          _NOT_IN_MODEL + " Not recorded is a group of its own."),
    _Held("religion or belief", True, "", "",
          "Sometimes in free text, which is never read."),
    _Held("sex", True, "sex", "F, M, U (CIN census; replaced gender in 2024-25)", _NOT_IN_MODEL),
    _Held("sexual orientation", True, "", "",
          "Not held reliably, so neither used nor audited; no proxy is used."),
    _Held("deprivation of the neighbourhood", False, "deprivation",
          "fifths of neighbourhoods, from the home's decile", _NOT_IN_MODEL),
    _Held("unaccompanied asylum seeker", False, "unaccompanied",
          "the child's own flag, or factor 9A of an assessment",
          "Out of scope: never scored. Audited to see that none is."),
)  # fmt: skip
"""The nine characteristics of section 4 of the Equality Act 2010, and two beside them."""


def fairness_of(audit: FairnessAudit, run: str) -> Fairness:
    """Keep what an audit found of each attribute's groups."""
    return Fairness(
        title=title_of_audit(audit),
        headline=tuple(headline(audit)),
        rows=tuple(_row(row, run) for row in _kept(audit).to_dict("records")),
        conflicts=(*conflicts(audit), UNKNOWN),
        fewest=audit.settings.fewest,
    )


def _kept(audit: FairnessAudit) -> pd.DataFrame:
    """Choose rows, exact, with what a publishable card leaves out beside them."""
    exact, shown = audit.full_table, audit.table
    table = exact.assign(n_hidden=shown["n"].isna(), positives_hidden=shown["positives"].isna())
    attributes = audit.audited.groups.slots[: audit.audited.groups.n_attributes]
    kept = table[table["metric"].isin(MEASURES) & table["attribute"].isin(attributes)]
    order = kept["metric"].map({name: place for place, name in enumerate(MEASURES)})
    return kept.assign(order=order).sort_values("order", kind="stable")


def _row(row: dict[str, Any], run: str) -> AuditRow:
    value = settled(row["value"])
    symbol: Literal["", "z", ":"] = ""
    if value is None:
        symbol = "z" if row["symbol"] == "z" else ":"
    return AuditRow(
        attribute=str(row["attribute"]),
        group=str(row["group"]),
        figure=CardFigure(
            run=run,
            metric=str(row["metric"]),
            value=value,
            low=settled(row["low"]),
            high=settled(row["high"]),
            n=count(row["n"]),
            symbol=symbol,
        ),
        positives=count(row["positives"]),
        family="" if pd.isna(row["family"]) else str(row["family"]),
        verdict="" if pd.isna(row["verdict"]) else str(row["verdict"]),
        hidden=bool(row["suppressed"]),
        n_hidden=bool(row["n_hidden"]),
        positives_hidden=bool(row["positives_hidden"]),
        **{name: settled(row[name]) for name in _NUMBERS},
    )


def characteristics_of(
    audit: FairnessAudit, features: tuple[Feature, ...], run: str
) -> tuple[Characteristic, ...]:
    """Say of each characteristic whether it is held, used and audited, and how completely."""
    slots = audit.audited.groups.slots[: audit.audited.groups.n_attributes]
    by_age = any(each.sensitivity == "protected" for each in features)
    return tuple(
        Characteristic(
            name=held.name,
            protected=held.protected,
            held=bool(held.attribute),
            used_in_model=held.name == "age" and by_age,
            used_in_audit=held.attribute in slots,
            codes=held.codes,
            complete=_complete(audit, held.attribute, run) if held.attribute in slots else None,
            reason=held.reason,
        )
        for held in CHARACTERISTICS
    )


def _complete(audit: FairnessAudit, attribute: str, run: str) -> CardFigure:
    table = audit.full_table
    rows = table[(table["attribute"] == attribute) & (table["metric"] == RECALL)]
    every = float(rows["n"].sum())
    without = float(rows.loc[rows["group"].isin(_NOT_RECORDED), "n"].sum())
    return CardFigure(
        run=run,
        metric=f"recorded_{attribute}",
        value=settled(1 - without / every) if every else None,
        n=count(every),
        symbol="" if every else "z",
    )
