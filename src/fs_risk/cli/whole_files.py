"""Files and folders that are written whole, or not at all."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fs_risk.errors import FsRiskError, SettingError

_DATA = frozenset({".csv", ".json", ".xml", ".xlsx", ".xls", ".parquet", ".db", ".sqlite"})
"""Endings of files that a folder of data may hold."""

_TABLES = _DATA - {".db", ".sqlite"}
"""Endings of files that may be a return; a database beside them is never written over."""


def write_whole(path: Path, write: Callable[[Path], Any]) -> Path:
    """Let a writer write a file beside its place, and put it there once it is whole.

    Parameters
    ----------
    path : Path
        Replaced if it exists; as it was if anything goes wrong, or Ctrl-C is pressed. What is
        no plain file, such as a link, a pipe or a device, is written to and stays what it is.
    write : callable
        Writes to the path that it is given.

    Returns
    -------
    Path

    Raises
    ------
    SettingError
        If the file cannot be written.
    """
    with _beside(path) as part:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            write(path)
            return path
        try:
            write(part)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    return path


def write_whole_folder(folder: Path, write: Callable[[Path], Any]) -> Path:
    """Let a writer fill a new folder, and put it in its place once it is whole.

    Parameters
    ----------
    folder : Path
        One that holds something is given to the writer as it is, which refuses or adds to it.
    write : callable
        Fills the folder that it is given.

    Returns
    -------
    Path

    Raises
    ------
    SettingError
        If the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        write(folder)
        return folder
    with _beside(folder) as part:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            write(part)
            if folder.exists():
                folder.rmdir()
            os.replace(part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return folder


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a name beside a path; errors name the path itself."""
    part = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")

    def renamed(text: str) -> str:
        return text.replace(str(part), str(path)).replace(part.name, path.name)

    try:
        yield part
    except FsRiskError as error:
        raise type(error)(error.what, where=renamed(error.where), fix=renamed(error.fix)) from None
    except OSError as error:
        raise SettingError(
            f"It cannot be written: {error.strerror or type(error).__name__}.",
            where=str(path),
            fix="Give a path in a folder that may be written, and close the file elsewhere.",
        ) from None


def can_be_written(path: Path | None) -> Path | None:
    """Refuse, before anything is computed, a file that could not be written at the end.

    Parameters
    ----------
    path : Path or None
        What an option gave.

    Returns
    -------
    Path or None
        The same.

    Raises
    ------
    SettingError
        If its folder does not exist, or it is a folder itself.
    """
    if path is None:
        return None
    if path.is_dir():
        raise SettingError(
            "A file is to be written where a folder is.",
            where=str(path),
            fix="Give the name of a file in it.",
        )
    if not path.parent.is_dir():
        raise SettingError(
            "The folder of a file that is to be written does not exist.",
            where=str(path),
            fix="Make the folder, or give another.",
        )
    return path


def can_be_a_workbook(path: Path | None) -> Path | None:
    """Refuse, before anything is computed, what `can_be_written` does, and another ending.

    Parameters
    ----------
    path : Path or None

    Returns
    -------
    Path or None
        The same.

    Raises
    ------
    SettingError
    """
    if path is not None and path.suffix.lower() != ".xlsx":
        raise SettingError(
            "A workbook is written as .xlsx.",
            where=str(path),
            fix="Give a path that ends in .xlsx.",
        )
    return can_be_written(path)


def keep_what_is_read(written: Iterable[Path], read: Iterable[str | Path]) -> None:
    """Refuse, before anything is computed, to replace a file that is read.

    Parameters
    ----------
    written : iterable of Path
        Files, there or not.
    read : iterable of str or Path
        Files and folders; of a folder all that could be data, a page that stands there may
        be written anew. What is no path is passed over.

    Raises
    ------
    SettingError
        If one of the files is among them.
    """
    held = [Path(each).resolve() for each in read]
    for path in written:
        place = path.resolve()
        inside = path.suffix.lower() in _DATA and any(each in place.parents for each in held)
        if path.is_file() and (place in held or inside):
            raise SettingError(
                "What is to be written would replace a file that is read.",
                where=str(path),
                fix="Give another path; nothing was written.",
            )


def only_invented(folder: Path, places: Iterable[str]) -> None:
    """Refuse, before anything is invented, a folder that holds other data than was invented.

    Parameters
    ----------
    folder : Path
        There or not.
    places : iterable of str
        The files and folders in it that may be written anew, where the note stands that
        what they hold is invented.

    Raises
    ------
    SettingError
        If it holds data, and no note; or data elsewhere than in these places.
    """
    from fs_risk.records.said_invented import SYNTHETIC_NOTE

    noted, own = (folder / SYNTHETIC_NOTE).is_file(), set(places)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        is_data = path.suffix.lower() in _TABLES if path.is_file() else path.name in own
        if is_data and not (noted and path.name in own):
            raise SettingError(
                "The folder holds data that an earlier `fs-risk authority` did not write.",
                where=str(path),
                fix="Give a new or an empty folder; nothing was written.",
            )
