"""What the site's own pages say: where a model stands, who decided, its audit, its drift."""

from collections.abc import Mapping, Sequence
from typing import Any

from fs_risk.model.approval_log import Decision
from fs_risk.model_cards.blocks import Document, Facts, Paragraph, Section, Table
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.document import SYNTHETIC
from fs_risk.model_cards.register import RegisterEntry
from fs_risk.model_cards.sections_groups import group_sections
from fs_risk.model_cards.words import DASH, number

_HIDDEN = "c"


def standing_section(entry: RegisterEntry) -> Section:
    """Say where a model stands.

    Parameters
    ----------
    entry : RegisterEntry

    Returns
    -------
    Section
    """
    until = DASH if entry.approved_until is None else entry.approved_until.isoformat()
    facts = Facts(
        (
            ("State", entry.state),
            ("Why", entry.why),
            ("Approved until", until),
            ("Owner", entry.owner or None),
            *((("Does not agree", entry.fault),) if entry.fault else ()),
        )
    )
    return Section("standing", "Where it stands", (facts,))


def decisions_section(decisions: Sequence[Decision], *, internal: bool) -> Section:
    """List who decided what.

    Parameters
    ----------
    decisions : sequence of Decision
    internal : bool
        Whether names and reasons are shown; else roles and organisations only.

    Returns
    -------
    Section
    """
    if not decisions:
        nobody = Paragraph("Nobody has decided anything about this model.")
        return Section("decisions", "Who decided what", (nobody,))
    head = ["no.", "on (UTC)", "decision", "role", "organisation", "until", "conditions", "card"]
    if internal:
        head += ["by", "reason"]
    rows = tuple(_decision_row(one, internal=internal) for one in decisions)
    table = Table("Every decision, in order.", tuple(head), rows, frozenset({0}))
    return Section("decisions", "Who decided what", (table,))


def _decision_row(one: Decision, *, internal: bool) -> tuple[str, ...]:
    told = (
        str(one.number),
        one.at.date().isoformat(),
        one.decision,
        one.role,
        one.organisation,
        DASH if one.expires is None else one.expires.isoformat(),
        "; ".join(one.conditions) or DASH,
        one.subject.card[:12],
    )
    return (*told, one.by, one.reason or DASH) if internal else told


def audit_document(card: ModelCard) -> Document:
    """Lay out how groups fare, as a page of its own.

    Parameters
    ----------
    card : ModelCard
        As it may be shown.

    Returns
    -------
    Document
    """
    who = card.identity
    return Document(
        title=f"Audit: {who.outcome_means}",
        stamp=SYNTHETIC if card.synthetic else "",
        under=(f"{who.name}, version {who.version}.",),
        glance=(),
        sections=group_sections(card),
        foot=(f"Audit {card.hashes.audit}",),
    )


def drift_document(check: Mapping[str, Any]) -> Document:
    """Lay out a check of drift.

    Parameters
    ----------
    check : mapping
        As `DriftCheck.content` gives it: figures as they may be published.

    Returns
    -------
    Document
    """
    verdicts = tuple((str(name), str(said)) for name, said in check["verdicts"].items())
    asked = [row for row in check["table"] if row.get("verdict")]
    return Document(
        title=f"Drift, checked on {check['on']}",
        stamp=SYNTHETIC if check["synthetic"] else "",
        under=(
            f"{check['model']}, watched from {check['since']} to {check['until']}. "
            f"Verdict: {check['verdict']}.",
        ),
        glance=(),
        sections=(
            Section(
                "verdicts",
                "What was checked",
                (Table("The verdict of each check.", ("check", "verdict"), verdicts),),
            ),
            Section("figures", "The figures", (_drift_table(asked),)),
        ),
        foot=(f"Model {check['model_hash']}", *(str(note) for note in check["notes"])),
    )


def _drift_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    head = ("check", "what", "group", "value", "95 % interval", "limits", "n", "verdict")
    cells = tuple(
        (
            str(row["check"]),
            str(row.get("says") or row["measure"]),
            f"{row['by']}: {row['group']}" if row.get("group") else DASH,
            _HIDDEN if row.get("suppressed") else _number(row["value"]),
            DASH if row.get("suppressed") else _between(row["low"], row["high"]),
            _between(row["limit_low"], row["limit_high"]),
            _HIDDEN if row["n"] is None else f"{row['n']:,.0f}",
            str(row["verdict"]),
        )
        for row in rows
    )
    return Table("Each figure that has a limit.", head, cells, frozenset({3, 6}))


def _number(value: Any) -> str:
    return number(value) if isinstance(value, int | float) else DASH


def _between(low: Any, high: Any) -> str:
    return DASH if low is None and high is None else f"{_number(low)} to {_number(high)}"
