"""The catalogue as pages for the analysts' desk: Markdown to read, CSV to filter."""

from pathlib import Path
from typing import Any

import pandas as pd

from fs_risk.features.catalogue import feature_catalogue

HEADER = ["| feature | meaning | kind | sensitivity | tables |", "| --- | --- | --- | --- | --- |"]


def catalogue_pages() -> dict[str, str]:
    """Give the text of each page by its file name.

    Returns
    -------
    dict of str to str
        ``catalogue.md`` and ``catalogue.csv``.
    """
    catalogue = feature_catalogue()
    lines = [
        "# Feature catalogue",
        "",
        f"{len(catalogue)} features. Written by `fs-risk features --out features/`. How each is "
        "said when present, absent and not recorded, its window and direction are in "
        "`catalogue.csv`.",
        "",
        "Sensitivity: `protected` characteristic, `special`-category data, `criminal`-offence data "
        "(what the police bring, allegations included); `service use` marks what reflects poverty "
        "or the use of services rather than need, so that results are shown without it.",
    ]
    for concept, rows in catalogue.groupby("concept", sort=False):
        lines += ["", f"## {concept}", "", *_necessity(rows), *HEADER]
        lines += [
            f"| `{row.name}` | {row.meaning} | {row.kind} | {_sensitivity(row)} | "
            f"{row.sources or 'the referral itself'} |"
            for row in rows.itertuples(index=False)
        ]
    return {
        "catalogue.md": "\n".join(lines) + "\n",
        "catalogue.csv": catalogue.to_csv(index=False, lineterminator="\n"),
    }


def _sensitivity(row: Any) -> str:
    marks = [row.sensitivity, "service use" if row.poverty_or_service_use else ""]
    return ", ".join(filter(None, marks)) or "-"


def _necessity(rows: pd.DataFrame) -> list[str]:
    """Say once for each concept why its sensitive features are needed."""
    why = [text for text in rows["necessity"].unique() if text]
    return [f"Needed: {' '.join(why)}", ""] if why else []


def write_catalogue(folder: Path) -> list[Path]:
    """Write the pages.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in catalogue_pages().items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written
