"""The ledger as frames: scores, decisions and ratings as they stand, rectified where they were.

No frame says who decided: nothing is counted by worker.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from fs_risk.triage.ledger_book import Book
from fs_risk.triage.ledger_entries import Entry
from fs_risk.triage.ledger_store import Rows
from fs_risk.triage.ledger_words import OVERRIDES

DECISION_KINDS = ("decision", "own_view", "no_score_wanted")
OPENING_KINDS = ("own_view", "rating")
"""What opens a sealed score."""

SCORE_COLUMNS = {
    "entry": "int64", "at": "datetime64[us, UTC]", "context": "str", "score_id": "str",
    "referral_id": "str", "child_id": "str", "as_of": "datetime64[s]", "source": "str",
    "outcome": "str",
    "within_days": "int64", "probability": "float64", "log_odds": "float64", "band": "str",
    "code": "str", "unknowns": "Int64", "sealed": "bool", "opened": "bool",
    "list_id": "str", "purpose": "str", "capacity": "Int64", "place": "Int64",
    "listed": "boolean", "chance": "float64", "synthetic": "bool",
    "model": "str", "model_hash": "str", "note": "str",
}  # fmt: skip
DECISION_COLUMNS = {
    "entry": "int64", "at": "datetime64[us, UTC]", "kind": "str", "score_id": "str",
    "referral_id": "str", "child_id": "str", "as_of": "datetime64[s]", "decision": "str",
    "agreement": "str", "override": "boolean", "reason": "str", "team": "str",
    "rectified": "bool",
}  # fmt: skip
RATING_COLUMNS = {
    "entry": "int64", "at": "datetime64[us, UTC]", "child_id": "str", "family_id": "str",
    "on": "datetime64[s]", "rating": "str", "team": "str", "next_step": "str", "reason": "str",
    "score_id": "str", "probability": "float64", "rectified": "bool",
}  # fmt: skip


class Standing(NamedTuple):
    """An entry's content as it stands now."""

    entry: Entry
    content: dict[str, Any]
    rectified: bool


def standing(book: Book, rows: Rows, kinds: Sequence[str]) -> Iterator[Standing]:
    """Give entries as they stand, without those erased or expired.

    Parameters
    ----------
    book : Book
    rows : Rows
    kinds : sequence of str

    Yields
    ------
    Standing
        In order of the entries, each with its last rectification.
    """
    corrected = {
        entry.content["corrects"]: entry.content["content"]
        for entry in book.each_in(rows, kinds=("rectification",))
        if entry.state == "held"
    }
    for entry in book.each_in(rows, kinds=kinds):
        content = corrected.get(entry.number, entry.content)
        if content:
            yield Standing(entry, content, entry.number in corrected)


def scores_frame(book: Book) -> pd.DataFrame:
    """Give one row for each score; see `LedgerReading.scores`."""
    with book.store.reading() as rows:
        opened = {
            entry.content["score_id"]: entry.number
            for entry in book.each_in(rows, kinds=OPENING_KINDS)
            if entry.state == "held"
        }
        made = [_score_row(one, opened) for one in standing(book, rows, ("score",))]
    return _frame(made, SCORE_COLUMNS)


def decisions_frame(book: Book) -> pd.DataFrame:
    """Give one row for each decision; see `LedgerReading.decisions`."""
    with book.store.reading() as rows:
        referrals = {
            one.content["score_id"]: one.content["basis"]["referral"]
            for one in standing(book, rows, ("score",))
        }
        made = [_decision_row(one, referrals) for one in standing(book, rows, DECISION_KINDS)]
    return _frame(made, DECISION_COLUMNS)


def people_by_team(book: Book) -> dict[str, int]:
    """Count the persons who decided in each team; nothing else of them leaves the book."""
    with book.store.reading() as rows:
        seen = {
            (one.content["team"], one.content["by"].casefold())
            for one in standing(book, rows, DECISION_KINDS)
        }
    return dict(Counter(team for team, _ in seen))


def count_unreadable(book: Book) -> int:
    """Count the scores and decisions that are erased or past their date."""
    with book.store.reading() as rows:
        kinds = ("score", *DECISION_KINDS)
        return sum(entry.state != "held" for entry in book.each_in(rows, kinds=kinds))


def ratings_frame(book: Book) -> pd.DataFrame:
    """Give one row for each child's rating; see `LedgerReading.ratings`."""
    with book.store.reading() as rows:
        scores = {
            one.content["score_id"]: one.content["score"]["probability"]
            for one in standing(book, rows, ("score",))
        }
        found = list(standing(book, rows, ("rating",)))
    wanted = ("child_id", "family_id", "on", "rating", "team", "next_step", "reason", "score_id")
    made = [
        {
            "entry": one.entry.number,
            "at": one.entry.at,
            **{name: one.content[name] for name in wanted},
            "probability": scores.get(one.content["score_id"]),
            "rectified": one.rectified,
        }
        for one in found
    ]
    return _frame(made, RATING_COLUMNS)


def _score_row(one: Standing, opened: dict[str, int]) -> dict[str, Any]:
    content, score = one.content, one.content["score"]
    placed = content.get("list", {})
    # a view said before the score was sealed opens nothing
    is_open = opened.get(score["score_id"], 0) > one.entry.number
    hidden = content["sealed"] and not is_open
    return {
        "entry": one.entry.number,
        "at": one.entry.at,
        "context": content["context"],
        **{name: score[name] for name in ("score_id", "referral_id", "child_id", "as_of")},
        "source": content["basis"]["referral"]["source"],
        "outcome": score["outcome"],
        "within_days": score["within_days"],
        "probability": None if hidden else score["probability"],
        "log_odds": None if hidden else score["log_odds"],
        "band": None if hidden or score["band"] is None else score["band"]["name"],
        "code": score["code"],
        "unknowns": len(score["unknowns"]),
        "sealed": content["sealed"],
        "opened": is_open,
        **{name: placed.get(name) for name in ("list_id", "purpose", "capacity", "place")},
        "listed": placed.get("listed"),
        "chance": placed.get("chance"),
        "synthetic": score["synthetic"],
        "model": content["model"]["version"],
        "model_hash": content["model"]["content_hash"],
        "note": content.get("note"),
    }


def _decision_row(one: Standing, referrals: dict[str, Any]) -> dict[str, Any]:
    content = one.content
    declared = content.get("referral") or referrals.get(content["score_id"], {})
    agreement = content["agreement"]
    return {
        "entry": one.entry.number,
        "at": one.entry.at,
        "kind": one.entry.kind,
        "score_id": content["score_id"],
        "referral_id": declared.get("referral_id"),
        "child_id": content["child_id"],
        "as_of": declared.get("referral_date"),
        "decision": content["decision"],
        "agreement": agreement,
        "override": None if agreement is None else agreement in OVERRIDES,
        "reason": content["reason"],
        "team": content["team"],
        "rectified": one.rectified,
    }


def _frame(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    """Make a frame whose columns have the same types whatever it holds."""
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    for name, dtype in columns.items():
        if dtype.endswith("UTC]"):
            frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601").astype(dtype)
        elif dtype.startswith("datetime"):
            frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d").astype(dtype)
        else:
            frame[name] = frame[name].astype(dtype)
    return frame
