"""All that the ledger holds of a child, for the child or whoever may ask in their name."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.days_in_words import day_words
from fs_risk.records.notebook import Display
from fs_risk.triage.display import SYNTHETIC, score_lines
from fs_risk.triage.ledger_book import Book
from fs_risk.triage.ledger_entries import Draft, Entry
from fs_risk.triage.ledger_words import AGREEMENTS, DECISIONS
from fs_risk.triage.page_templates import filled, kept
from fs_risk.triage.risk_score import RiskScore

_NOTE = (
    "Before this is handed out: a person reads it. Facts marked as siblings', and a family's "
    "rating, are about others too, and some may not be disclosed."
)
_SAYS = {
    "score": "A score was made",
    "decision": "A person decided",
    "own_view": "A person said their own view before seeing the score",
    "no_score_wanted": "A person decided without a score",
    "rating": "Group supervision agreed a rating",
    "rectification": "An entry was rectified",
    "subject_access": "What is held was exported",
}


@dataclass(frozen=True)
class SubjectAccess:
    """What the ledger holds of one child.

    Attributes
    ----------
    entries : tuple of dict
        In order, as plain data: ``entry``, ``at``, ``kind``, ``retain_until``, ``content``
        and ``shown`` (the lines that a person could read).
    withheld : int
        Entries past their retention date, or erased one by one: no longer readable.
    note : str
        What to mind before it is handed out.
    """

    entries: tuple[dict[str, Any], ...]
    withheld: int
    note: str = _NOTE

    def to_json(self, path: str | Path) -> Path:
        """Write all of it as JSON.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path

        Raises
        ------
        SettingError
            If it cannot be written there.
        """
        target = Path(path)
        content = {"note": self.note, "withheld": self.withheld, "entries": list(self.entries)}
        text = json.dumps(content, indent=1, ensure_ascii=False)
        kept(text + "\n", target)
        return target

    def to_html(self, path: str | Path) -> Path:
        """Write what was shown as a page to read; everything escaped.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path

        Raises
        ------
        SettingError
            If it cannot be written there.
        """
        target = Path(path)
        entries = [
            {
                "what": _SAYS.get(one["kind"], one["kind"]),
                "day": day_words(one["at"][:10]),
                "until": day_words(one["retain_until"][:10]),
                "lines": one["shown"],
            }
            for one in self.entries
        ]
        about = {
            "synthetic": self._synthetic,
            "stamp": SYNTHETIC,
            "note": self.note,
            "withheld": self.withheld,
        }
        kept(filled("held.html.j2", {**about, "entries": entries}), target)
        return target

    @property
    def _synthetic(self) -> bool:
        scores = (one["content"].get("score") or {} for one in self.entries)
        return any(score.get("synthetic") for score in scores)

    def __repr__(self) -> str:
        held = count_of(len(self.entries), "entry", "entries")
        return f"<SubjectAccess {held}, {self.withheld} no longer readable>"

    def _repr_html_(self) -> str:
        held = [("entries", len(self.entries)), ("no longer readable", self.withheld)]
        return Display("What is held of a person", held, notes=["to_html() writes it out."]).html()


def subject_access(book: Book, child_id: str, *, by: str, authority: str) -> SubjectAccess:
    """Read all that is held of a child, and note that it was; see `LedgerReading`."""
    with book.writing() as rows:
        found = book.about_child(rows, child_id)
        if found:
            content = {"by": by, "authority": authority}
            book.append_in(rows, [Draft("subject_access", content, child_id)])
    held = [entry for entry in found if entry.state == "held"]
    return SubjectAccess(
        entries=tuple(_exported(entry) for entry in held), withheld=len(found) - len(held)
    )


def _exported(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.number,
        "at": entry.at,
        "kind": entry.kind,
        "retain_until": entry.retain_until,
        "shown": shown_lines(entry.kind, entry.content),
        "content": entry.content,
    }


def shown_lines(kind: str, content: dict[str, Any]) -> list[str]:
    """Say an entry line by line.

    Parameters
    ----------
    kind : str
    content : dict

    Returns
    -------
    list of str
    """
    if kind == "score":
        return _of_score(content)
    lines = []
    if "decision" in content:
        lines += [f"Decision: {DECISIONS[content['decision']]}"]
    if content.get("agreement"):
        lines += [f"Beside the score: {AGREEMENTS[content['agreement']]}"]
    if "rating" in content:
        lines += [f"Rating: {content['rating']}", f"Next step: {content['next_step'] or 'none'}"]
    if "authority" in content:
        lines += [f"Authority: {content['authority']}"]
    said = [("Reason", content.get("reason")), ("By", content.get("role"))]
    return lines + [f"{name}: {words}" for name, words in said if words]


def _of_score(content: dict[str, Any]) -> list[str]:
    score = RiskScore.model_validate(content["score"])
    lines = [f"Model: {content['model']['name']} {content['model']['version']}"]
    if content["sealed"]:
        lines += ["Sealed: shown only once a person's own view was recorded."]
    if content["context"] == "household":
        lines += ["Made because another child of the household was referred."]
    if "list" in content:
        placed = content["list"]
        on = "on the list" if placed["listed"] else "not on the list"
        lines += [f"For a list ({placed['purpose'].replace('_', ' ')}): {on}."]
    if content.get("note"):
        lines += [f"Note: {content['note']}"]
    lines += score_lines(score)
    return lines + [
        f"Fact: {fact.what}, {day_words(fact.day)}" + ", a sibling's" * (fact.whom == "siblings")
        for reason in score.reasons
        for fact in reason.evidence
    ]
