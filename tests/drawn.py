"""Draws a small authority from text, so that a test shows the history it is about."""

import pandas as pd

from fs_risk.records.records import Records

OBSERVED = ("2015-01-01", "2024-12-31")


def table(text: str) -> pd.DataFrame:
    """Read a drawn table: a header line, then a line a row; ``-`` is missing."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    frame = pd.DataFrame(lines[1:], columns=lines[0]).astype("str")
    frame = frame.where(frame != "-")
    for name in frame:
        if name.endswith("_date") or name == "retain_until":
            frame[name] = pd.to_datetime(frame[name])
        if name in ("no_further_action", "known_by_rule", "conference_needed", "factors_recorded"):
            frame[name] = frame[name].map({"yes": True, "no": False}).astype("boolean")
    return frame


def authority(coverage: dict[str, tuple[str, str] | None] | None = None, **tables: str) -> Records:
    """Make records of drawn tables, all observed from 2015 to the end of 2024."""
    frames = {name: table(text) for name, text in tables.items()}
    observed = dict.fromkeys(frames, OBSERVED) | (coverage or {})
    return Records.from_frames(frames, extract_date="2024-12-31", coverage=observed)


def case(child: str, as_of: str, case_id: str = "case") -> pd.DataFrame:
    """Make a cohort of one case."""
    return pd.DataFrame(
        {"case_id": [case_id], "child_id": [child], "as_of": pd.to_datetime([as_of])}
    )
