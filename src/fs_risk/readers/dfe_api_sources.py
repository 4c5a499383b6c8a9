"""Where payloads come from: JSON files, or the table that they are sent from."""

from collections.abc import Iterable
from pathlib import Path

from fs_risk.errors import ReturnError
from fs_risk.readers import dfe_api_staging as staging
from fs_risk.readers.dfe_api_payloads import Payload, read_documents, read_payload
from fs_risk.readers.dfe_api_staging import StagedRows
from fs_risk.readers.sources import files_in, is_address, paths_in, read_all
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.findings import Finding

ENDINGS = (".json", ".jsonl")


def load_payloads(
    paths: str | Path | Iterable[str | Path], schema: str | None
) -> tuple[list[Payload], list[Finding]]:
    """Load payloads, of files in the order given, or of the staging table in that of time.

    Parameters
    ----------
    paths : str, Path, or iterable of these
        Files and folders, or the address of a database.
    schema : str or None
        Of the database.

    Returns
    -------
    payloads : list of Payload
        All of the staging table (with ``submissions``), or none.
    findings : list of Finding

    Raises
    ------
    ReturnError
        If anything cannot be read, or payloads and copies of the table are mixed.
    """
    if is_address(paths):
        return staging.staged_payloads([staging.read_staging_database(str(paths), schema)]), []
    loaded = read_all(_files(paths), _load)
    staged = [each for each in loaded if isinstance(each, StagedRows)]
    payloads = [each for each in loaded if isinstance(each, Payload)]
    if staged and payloads:
        raise ReturnError(
            f"{count_of(len(staged), 'file is a copy', 'files are copies')} of the staging "
            "table; the others are payloads without a time.",
            where=", ".join(each.file for each in payloads[:10]),
            fix="Read them apart, and combine the records.",
        )
    if staged:
        return staging.staged_payloads(staged), [more for each in staged for more in each.findings]
    return payloads, []


def _files(paths: str | Path | Iterable[str | Path]) -> list[Path]:
    """List JSON files; of a folder that has none, its tables."""
    found: list[Path] = []
    for path in paths_in(paths):
        is_table = path.is_dir() and not any(
            entry.suffix.lower() in ENDINGS for entry in path.iterdir()
        )
        found += files_in(path, (*ENDINGS, *staging.ENDINGS) if is_table else ENDINGS)
    return found


def _load(path: Path) -> Payload | StagedRows:
    if path.suffix.lower() in staging.ENDINGS:
        return staging.read_staging_file(path)
    documents = read_documents(path)
    rows = [each for each in documents if isinstance(each, dict) and staging.is_staging(each)]
    return staging.staged_objects(path.name, rows) if rows else read_payload(path, documents)
