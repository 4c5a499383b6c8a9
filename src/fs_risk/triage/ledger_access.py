"""All that the ledger holds of a child, for the child or whoever may ask in their name."""

import html
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import Display
from fs_risk.triage.display import SYNTHETIC, score_lines
from fs_risk.triage.ledger_book import Book
from fs_risk.triage.ledger_entries import Draft, Entry
from fs_risk.triage.ledger_words import AGREEMENTS, DECISIONS
from fs_risk.triage.risk_score import RiskScore

_NOTE = (
    "Before this is handed out: a person reads it. Facts marked as siblings', and a family's "
    "rating, are about others too, and some may not be disclosed."
)
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;color:#1a1a1a;max-width:50em;margin:0 auto;"
    "padding:1rem;overflow-wrap:anywhere}h1{font-size:1.5em}h2{font-size:1.15em;"
    "margin:1.4em 0 .3em;border-bottom:1px solid #b9c0c5;break-after:avoid}"
    "ul{padding-left:1.25em}.stamp{border:3px solid #8a1c00;color:#8a1c00;"
    "padding:.25rem .75rem;font-weight:bold}"
)
_STAMP = f'<p class="stamp">{SYNTHETIC}</p>'
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
        """
        target = Path(path)
        content = {"note": self.note, "withheld": self.withheld, "entries": list(self.entries)}
        text = json.dumps(content, indent=1, ensure_ascii=False)
        target.write_text(text + "\n", encoding="utf-8", newline="\n")
        return target

    def to_html(self, path: str | Path) -> Path:
        """Write what was shown as a page to read; everything escaped.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path
        """
        parts = [
            f"<h2>{html.escape(_SAYS.get(one['kind'], one['kind']))}, "
            f"{html.escape(one['at'][:10])}</h2><ul>"
            + "".join(f"<li>{html.escape(line)}</li>" for line in one["shown"])
            + "</ul>"
            for one in self.entries
        ]
        target = Path(path)
        page = (
            "<!doctype html><html lang='en-GB'><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width, initial-scale=1'>"
            f"<title>What is held</title><style>{_STYLE}</style><body>"
            f"{_STAMP * self._synthetic}<h1>What is held</h1>"
            f"<p>{html.escape(self.note)}</p>{''.join(parts)}</body></html>\n"
        )
        target.write_text(page, encoding="utf-8", newline="\n")
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
        f"Fact: {fact.what}, {fact.day}" + ", a sibling's" * (fact.whom == "siblings")
        for reason in score.reasons
        for fact in reason.evidence
    ]
