"""The list of every plan ever tried on a test period: written before fitting, only added to.

A test period answers honestly once. Whoever tries ten plans on it and shows the best
has chosen by chance as well, so each plan is noted before its model is fitted, and the
number of them stands on the model's card.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from fs_risk.errors import ArtefactError
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.model.plan import Plan

DEFAULT_FILE = "plans_tried.jsonl"
"""Where plans on real records are noted unless another place is named."""


class PlanTried(BaseModel):
    """One line of the list.

    Attributes
    ----------
    plan_hash : str
    plan : dict
        Its content.
    origin : {"real", "synthetic"}
    label : str
        Which authority, for synthetic records.
    first_as_of, last_as_of : str
        ISO dates of the test period.
    n : int
        Cases in it.
    fingerprint : str
        SHA-256 of its cases and dates.
    noted_at : str
        ISO time, UTC.
    previous : str
        SHA-256 of the line before; empty on the first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_hash: str
    plan: dict[str, Any]
    origin: Literal["real", "synthetic"]
    label: str
    first_as_of: str
    last_as_of: str
    n: int
    fingerprint: str
    noted_at: str
    previous: str

    def shares_a_test_with(self, other: "PlanTried") -> bool:
        """Say whether two plans were tried on the same authority's same cases, or some of them.

        By dates, not by fingerprint: the next extract of the same year differs in a few
        late rows, and would otherwise count as untouched.
        """
        return (
            (self.origin, self.label) == (other.origin, other.label)
            and self.plan["cohort"] == other.plan["cohort"]
            and self.first_as_of <= other.last_as_of
            and other.first_as_of <= self.last_as_of
        )


def note_plan(
    path: str | Path,
    plan: Plan,
    tested: pd.DataFrame,
    *,
    origin: Literal["real", "synthetic"],
    label: str = "",
) -> int:
    """Note a plan before its model is fitted, and count those tried on its test period.

    Parameters
    ----------
    path : str or Path
        The list; made where it does not exist.
    plan : Plan
    tested : DataFrame
        ``case_id`` and ``as_of`` of the test period's cases; only a hash is kept.
    origin : {"real", "synthetic"}
    label : str, optional

    Returns
    -------
    int
        Different plans tried on these cases or some of them, this one among them.

    Raises
    ------
    ArtefactError
        If the list is not as it was written.
    """
    earlier = read_plans(path)
    entry = PlanTried(
        plan_hash=plan.hash,
        plan=plan.model_dump(mode="json"),
        origin=origin,
        label=label,
        first_as_of=str(tested["as_of"].min().date()),
        last_as_of=str(tested["as_of"].max().date()),
        n=len(tested),
        fingerprint=_fingerprint(tested),
        noted_at=datetime.now(UTC).isoformat(timespec="seconds"),
        previous=sha256(_line(earlier[-1])) if earlier else "",
    )
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("a", encoding="utf-8", newline="\n") as file:
        file.write(_line(entry) + "\n")
    return count_plans([*earlier, entry], entry)


def count_plans(entries: list[PlanTried], entry: PlanTried) -> int:
    """Count the different plans that share a test with an entry, its own among them.

    Parameters
    ----------
    entries : list of PlanTried
    entry : PlanTried
    """
    return len({other.plan_hash for other in entries if other.shares_a_test_with(entry)})


def read_plans(path: str | Path) -> list[PlanTried]:
    """Read the list, checking that no line was changed, left out or put in.

    Lines cut from the end leave no trace in the file itself; each saved model keeps the
    number that it was given.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    list of PlanTried
        Empty where there is no list yet.

    Raises
    ------
    ArtefactError
        If it is not as it was written.
    """
    source = Path(path)
    if not source.exists():
        return []
    entries: list[PlanTried] = []
    previous = ""
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        entry = _read_line(line, source, number)
        if entry.previous != previous:
            raise _changed(source, number)
        entries.append(entry)
        previous = sha256(line)
    return entries


def _read_line(line: str, source: Path, number: int) -> PlanTried:
    try:
        entry = PlanTried.model_validate(json.loads(line))
    except (ValueError, ValidationError):
        raise _changed(source, number) from None
    if _line(entry) != line or sha256(canonical_json(entry.plan)) != entry.plan_hash:
        raise _changed(source, number)
    return entry


def _changed(source: Path, number: int) -> ArtefactError:
    return ArtefactError(
        "The list of plans tried is not as it was written.",
        where=f"{source.name}, line {number}",
        fix="Restore it from a copy; a new list would hide what was tried.",
    )


def _line(entry: PlanTried) -> str:
    return canonical_json(entry.model_dump(mode="json"))


def _fingerprint(tested: pd.DataFrame) -> str:
    hashes = pd.util.hash_pandas_object(tested[["case_id", "as_of"]], index=False)
    return sha256(hashes.sort_values().to_numpy().tobytes())
