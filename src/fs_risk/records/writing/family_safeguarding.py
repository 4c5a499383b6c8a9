"""The templates of Family Safeguarding's own records, for a service to fill in."""

import csv
from pathlib import Path

from fs_risk.errors import RecordsError
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.layouts.family_safeguarding import GUIDE, TEMPLATES


def write_family_safeguarding_templates(folder: str | Path) -> list[Path]:
    """Write the templates: an empty CSV file for each table, and a guide to the columns.

    Parameters
    ----------
    folder : str or Path
        Made if it does not exist. A file that is there already is never replaced: it
        may be filled in.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    RecordsError
        If a file of one of the names is there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_family_safeguarding_templates(folder)][:2]
    ['families.csv', 'adults.csv']
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    names = [*(template.file for template in TEMPLATES), GUIDE]
    there = [name for name in names if (target / name).exists()]
    if there:
        raise RecordsError(
            f"{count_of(len(there), 'of the templates is', 'of the templates are')} there already: "
            f"{', '.join(there)}.",
            where=target.name,
            fix="Give another folder; filled-in templates are not replaced.",
        )
    for template in TEMPLATES:
        _write(target / template.file, [[column.name for column in template.columns]])
    guide = [["file", "column", "meaning", "needed", "words"]]
    guide += [
        [
            template.file,
            column.name,
            column.meaning,
            "yes" if column.needed else "no",
            "; ".join(f"{word}: {says}" for word, says in (column.words or {}).items()),
        ]
        for template in TEMPLATES
        for column in template.columns
    ]
    _write(target / GUIDE, guide)
    return [target / name for name in names]


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
