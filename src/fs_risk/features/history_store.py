"""A `History` on disk: a folder of arrays that are mapped into memory, and one JSON file.

::

    history.json                what the arrays are, with their checksums
    events_rows-0f3a….npy       an array, its name made of its content

An array's file is never changed once it is written, so whoever has mapped it goes on
with it; ``history.json`` is put in place last, in one step. Nothing in the folder can
run. It holds the ids of children, families and referrals, and dated facts about
children: it is as sensitive as the records.
"""

import hashlib
import io
import os
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fs_risk import __version__
from fs_risk.errors import ArtefactError
from fs_risk.features.history_arrays import Stated, arrays_of, history_of
from fs_risk.features.history_file import (
    SCHEMA_VERSION,
    ArrayFile,
    HistoryFile,
    OtherReleaseError,
    StatedHandling,
    StatedOrigin,
    definitions,
    read_history_file,
)
from fs_risk.features.timeline import Handling, History
from fs_risk.records.records import Origin

HISTORY_FILE = "history.json"
PART = ".part"
"""End of the name of a file that is being written."""

LEFT_BEHIND = 3_600
"""Seconds after which a file that belongs to no history was left by a save that was cut short."""


class _MissingError(Exception):
    """A file that ``history.json`` names is not there."""


def save_history(history: History, folder: str | Path) -> Path:
    """Write a history to a folder, in the place of an earlier one if there is one.

    A save that is cut short leaves the earlier history as it was. One process may save to
    a folder at a time; any number may load from it meanwhile.

    Parameters
    ----------
    history : History
    folder : str or Path

    Returns
    -------
    Path

    Raises
    ------
    ArtefactError
        If the folder holds something else, or cannot be written.
    """
    target = Path(folder)
    if not _may_hold(target):
        raise ArtefactError(
            "The folder holds something else; nothing was written.",
            where=str(target),
            fix="Choose a new folder for the history.",
        )
    try:
        target.mkdir(parents=True, exist_ok=True)
        before = _named(target)
        arrays = {name: _put(target, name, array) for name, array in arrays_of(history).items()}
        text = _stated(history, arrays).text()
        _write(target / HISTORY_FILE, text.encode())
    except OSError as error:
        raise ArtefactError(
            f"The history cannot be written ({error.strerror or 'the system refused'}); "
            "an earlier one there is still whole.",
            where=str(target),
            fix="Check the folder's permissions and free space, and save again.",
        ) from None
    _tidy(target, keep={each.name for each in arrays.values()}, replaced=before)
    return target


def load_history(folder: str | Path) -> History:
    """Map a saved history, after every byte of it was checked.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    History

    Raises
    ------
    ArtefactError
        If the folder holds no history, a file was changed or is missing, or it is of a
        release that indexed other facts.
    """
    source = Path(folder)
    tried: list[str] = []
    # it may be replaced, even twice, between reading its JSON and its arrays
    while len(tried) < _MOST_TRIES and tried.count(text := _text(source)) < _TRIES_OF_ONE:
        tried.append(text)
        try:
            return _mapped(source, text)
        except _MissingError:
            continue
    raise ArtefactError(
        "A file of the history is missing.",
        where=str(source),
        fix=_REMAKE,
    )


_MOST_TRIES, _TRIES_OF_ONE = 10, 2
"""Times that a folder is read while its files go missing; and that one state of it is."""

_REMAKE = "Make it again: History.from_records(records).save(folder)."


def _stated(history: History, arrays: Mapping[str, ArrayFile]) -> HistoryFile:
    origin, handling = history.origin, history.handling
    return HistoryFile(
        schema_version=SCHEMA_VERSION,
        library_version=__version__,
        definitions=definitions(),
        extract_day=history.extract_day,
        coverage=dict(history.coverage),
        origin=StatedOrigin(kind=origin.kind, returns=origin.returns, label=origin.label),
        handling=StatedHandling(
            pseudonym_mark=handling.pseudonym_mark, leaves_out=handling.leaves_out
        ),
        n_groups=history.siblings.n_groups,
        arrays=dict(arrays),
    )


def _mapped(source: Path, text: str) -> History:
    try:
        stated = read_history_file(text)
    except OtherReleaseError as error:
        raise ArtefactError(
            "The history was indexed by a release that read or stored facts in another way.",
            where=str(source / HISTORY_FILE),
            fix=f"{_REMAKE[:-1]}, or use release {error} of fs_risk.",
        ) from None
    except ValueError:
        raise _damaged(source / HISTORY_FILE) from None
    arrays = {name: _get(source, file) for name, file in stated.arrays.items()}
    origin, handling = stated.origin, stated.handling
    try:
        return history_of(
            arrays,
            Stated(
                stated.n_groups,
                stated.coverage,
                stated.extract_day,
                Origin(origin.kind, origin.returns, origin.label),
                Handling(handling.pseudonym_mark, handling.leaves_out),
            ),
        )
    except (KeyError, ValueError):
        raise _damaged(source / HISTORY_FILE) from None


def _text(source: Path) -> str:
    try:
        return (source / HISTORY_FILE).read_bytes().decode()
    except OSError:
        raise ArtefactError(
            f"There is no {HISTORY_FILE}, or it cannot be read.",
            where=str(source),
            fix="Give the folder that History.save() wrote.",
        ) from None
    except UnicodeDecodeError:
        raise _damaged(source / HISTORY_FILE) from None


def _damaged(path: Path) -> ArtefactError:
    return ArtefactError(f"{path.name} is not as it was written.", where=str(path), fix=_REMAKE)


def _put(target: Path, name: str, array: np.ndarray) -> ArrayFile:
    """Write one array, unless it is there already."""
    held = io.BytesIO()
    np.save(held, array, allow_pickle=False)
    content = held.getbuffer()
    digest = hashlib.sha256(content).hexdigest()
    file = ArrayFile(name=f"{name}-{digest[:16]}.npy", sha256=digest)
    path = target / file.name
    if not path.exists() or _digest(path) != digest:
        _write(path, content)
    return file


def _write(path: Path, content: bytes | memoryview) -> None:
    """Write a file beside its place, and put it there once the disk has it."""
    part = path.with_name(path.name + PART)
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _get(source: Path, file: ArrayFile) -> np.ndarray:
    """Map one array after its checksum."""
    path = source / file.name
    try:
        if _digest(path) != file.sha256:
            raise _damaged(path)
        # writes, of which there are none, would stay in this process: to the compiled passes
        # it is the same kind of array as one in memory, and one that is read-only is not
        mapped = np.load(path, mmap_mode="c", allow_pickle=False)
    except FileNotFoundError:
        raise _MissingError from None
    except (OSError, ValueError):
        raise _damaged(path) from None
    return np.asarray(mapped)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _named(target: Path) -> set[str]:
    """List the array files of the history that stands in a folder."""
    try:
        stated = read_history_file((target / HISTORY_FILE).read_bytes().decode())
    except (OSError, ValueError):
        return set()
    return {file.name for file in stated.arrays.values()}


def _may_hold(target: Path) -> bool:
    """Tell whether a history may be saved here: nothing else is, but what cut-short saves left."""
    if not target.exists():
        return True
    return target.is_dir() and all(map(_is_ours, target.iterdir()))


def _is_ours(path: Path) -> bool:
    return path.name == HISTORY_FILE or path.suffix in (".npy", PART)


def _tidy(target: Path, *, keep: set[str], replaced: set[str]) -> None:
    """Remove the arrays of the history that was replaced, and what cut-short saves left."""
    for path in target.iterdir():
        if path.name in keep or path.name == HISTORY_FILE:
            continue
        try:
            if path.name in replaced or time.time() - path.stat().st_mtime > LEFT_BEHIND:
                path.unlink()
        except OSError:  # Windows keeps a file that is mapped; it goes at the next save
            continue
