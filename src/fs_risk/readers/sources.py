"""Which files a path means, and how faults in several of them are told at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.records.records import Records

Read = TypeVar("Read")


def is_address(source: object) -> bool:
    """Say whether a source is a database's address, not a path."""
    return isinstance(source, str) and "://" in source


def files_in(paths: str | Path | Iterable[str | Path], endings: Sequence[str]) -> list[Path]:
    """List the files that paths name, and those that named folders hold.

    Parameters
    ----------
    paths : str, Path, or iterable of these
        Files are taken whatever their ending; in folders (not in folders within
        them) those with one of `endings`.
    endings : sequence of str
        Lower case, with the dot.

    Returns
    -------
    list of Path
        As given; files of a folder by name.

    Raises
    ------
    ReturnError
        If a path does not exist, or a folder holds no such file.
    """
    given = paths_in(paths)
    found: list[Path] = []
    for path in given:
        found += _files_of(path, endings)
    return found


def paths_in(paths: object) -> list[Path]:
    """List what was given as paths.

    Parameters
    ----------
    paths : str, Path, or iterable of these

    Returns
    -------
    list of Path

    Raises
    ------
    ReturnError
        If nothing was given, or something that is no path.
    """
    several = not isinstance(paths, str | Path | Mapping | pd.DataFrame | Records)
    given = list(paths) if several and isinstance(paths, Iterable) else [paths]
    named = [Path(path) for path in given if isinstance(path, str | Path)]
    if len(named) < len(given):
        raise ReturnError(
            f"A path is wanted, not a value of type {type(paths).__name__}.",
            fix="Give the path of the files or of their folder, as text. Tables that you hold "
            "already go to Records.from_frames.",
        )
    if not named:
        raise ReturnError("No path was given.", fix="Name the files or their folder.")
    return named


def _files_of(path: Path, endings: Sequence[str]) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ReturnError(
            "There is no such file or folder.", where=str(path), fix="Check the path."
        )
    inside = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in endings)
    inside = [entry for entry in inside if entry.is_file()]
    if not inside:
        raise ReturnError(
            f"The folder holds no {' or '.join(endings)} file.",
            where=str(path),
            fix="Give the folder that the files were exported to.",
        )
    return inside


def read_all(paths: Sequence[Path], read: Callable[[Path], Read]) -> list[Read]:
    """Read each file; if any fails, raise one error that names all faults.

    Parameters
    ----------
    paths : sequence of Path
    read : callable
        Takes a path; raises `ReturnError` for a faulty file.

    Returns
    -------
    list

    Raises
    ------
    ReturnError
        With every file's fault.
    """
    done: list[Read] = []
    faults: list[ReturnError] = []
    for path in paths:
        try:
            done.append(read(path))
        except OSError as error:
            faults.append(_unopened(path, error))
        except ReturnError as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ReturnError(
            f"{len(faults)} of {len(paths)} files cannot be read: "
            + " ".join(f"({number}) {fault.what}" for number, fault in enumerate(faults, 1)),
            where="; ".join(fault.where for fault in faults),
            fix=" ".join(dict.fromkeys(fault.fix for fault in faults)),
        )
    return done


def _unopened(path: Path, error: OSError) -> ReturnError:
    return ReturnError(
        f"The file cannot be opened: {error.strerror}.",
        where=path.name,
        fix="Check that the file may be read.",
    )
