"""Which return a path holds: told by what is there, not by what it is called."""

from collections.abc import Sequence
from pathlib import Path

from fs_risk.errors import ReturnError
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.ssd import read_ssd
from fs_risk.records.records import Records


def read_return(source: str | Path | Sequence[str | Path]) -> Records:
    """Read a return by what it is: a CIN census (XML) or a folder of SSD tables.

    Parameters
    ----------
    source : str, Path or sequence of these
        A folder, or files.

    Returns
    -------
    Records

    Raises
    ------
    ReturnError
        If nothing is there, or it is neither.
    """
    paths = [Path(source)] if isinstance(source, str | Path) else [Path(path) for path in source]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        raise ReturnError(
            f"{len(missing)} of {len(paths)} paths do not exist.",
            where=", ".join(missing),
            fix="Check the path; give a folder of SSD tables, or CIN census XML files.",
        )
    if all(_is_xml(path) for path in paths):
        return read_cin_census(paths)
    if len(paths) == 1 and paths[0].is_dir():
        return read_ssd(paths[0])
    raise ReturnError(
        "This is neither a CIN census (XML) nor a folder of Standard Safeguarding Dataset tables.",
        where=", ".join(path.name for path in paths),
        fix="Give the folder that holds the SSD's CSV or Parquet files, or the census XML files.",
    )


def _is_xml(path: Path) -> bool:
    if path.is_dir():
        return any(path.glob("*.xml")) and not any(
            file.suffix.lower() in (".csv", ".parquet") for file in path.iterdir()
        )
    return path.suffix.lower() == ".xml"
