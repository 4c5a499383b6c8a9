"""Which return a path holds: told by the kind of file, then by the reader from its content."""

from collections.abc import Sequence
from pathlib import Path

from fs_risk.errors import ReturnError
from fs_risk.readers.annex_a import read_annex_a
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.cin_flat import is_flat_census
from fs_risk.readers.dfe_api import read_dfe_api
from fs_risk.readers.sources import is_address
from fs_risk.readers.ssd import read_ssd
from fs_risk.records.records import Records

WORKBOOKS = (".xlsx", ".xlsm", ".xls")


def read_return(source: str | Path | Sequence[str | Path]) -> Records:
    """Read a return by what it is: CIN census, SSD folder, Annex A workbook or API payloads.

    Parameters
    ----------
    source : str, Path or sequence of these
        A folder, files, or the address of a database that holds the SSD.

    Returns
    -------
    Records

    Raises
    ------
    ReturnError
        If nothing is there, or it is neither.
    """
    given = [source] if isinstance(source, str | Path) else list(source)
    if len(given) == 1 and is_address(given[0]):
        return read_ssd(str(given[0]))
    paths = [Path(path) for path in given]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        raise ReturnError(
            f"{len(missing)} of {len(paths)} paths do not exist.",
            where=", ".join(missing),
            fix="Check the path; give a folder of SSD tables, or CIN census XML files.",
        )
    if all(_is_census(path) for path in paths):
        return read_cin_census(paths)
    if len(paths) == 1 and paths[0].suffix.lower() in WORKBOOKS:
        return read_annex_a(paths[0])
    if all(path.suffix.lower() == ".json" for path in paths):
        return read_dfe_api(paths)
    if len(paths) == 1 and paths[0].is_dir():
        return read_ssd(paths[0])
    raise ReturnError(
        "This is neither a CIN census (XML), an Annex A workbook, payloads of the DfE's API (JSON) "
        "nor a folder of Standard Safeguarding Dataset tables.",
        where=", ".join(path.name for path in paths),
        fix="Give the folder that holds the SSD's CSV or Parquet files, or the census XML files.",
    )


def _is_census(path: Path) -> bool:
    if path.is_dir():
        tables = any(file.suffix.lower() in (".csv", ".parquet") for file in path.iterdir())
        return is_flat_census(path) if tables else any(path.glob("*.xml"))
    return path.suffix.lower() == ".xml"
