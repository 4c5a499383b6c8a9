"""The catalogue as pages for the analysts' desk: Markdown to read, CSV to filter."""

from pathlib import Path

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
        f"{len(catalogue)} features. Written by `fs-risk features --write features/`.",
    ]
    for concept, rows in catalogue.groupby("concept", sort=False):
        lines += ["", f"## {concept}", "", *HEADER]
        lines += [
            f"| `{name}` | {meaning} | {kind} | {sensitivity or '-'} | "
            f"{sources or 'the referral itself'} |"
            for name, meaning, kind, sensitivity, sources in zip(
                *(rows[c] for c in ("name", "meaning", "kind", "sensitivity", "sources")),
                strict=True,
            )
        ]
    return {
        "catalogue.md": "\n".join(lines) + "\n",
        "catalogue.csv": catalogue.to_csv(index=False, lineterminator="\n"),
    }


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
