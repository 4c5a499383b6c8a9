"""What may enter: exclusions before linking, pseudonyms at the end; one place for all readers."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.records.exclusions import ExclusionList, excluded_ids, excluding_note, without
from fs_risk.records.findings import Finding
from fs_risk.records.pseudonyms import (
    hidden_account,
    hidden_file,
    hidden_findings,
    hidden_frame,
    hidden_ids,
    key_bytes,
    key_mark,
    person_ids,
    pseudonyms,
)
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES


@dataclass(frozen=True)
class Admission:
    """Who is left out and whether identifiers are replaced.

    A reader makes one before it opens anything, so that a list or key that cannot be
    used stops it; calls `without` before it links or checks anything; and ends with
    `finished`.

    Attributes
    ----------
    excluded : frozenset of str
        Ids in capitals.
    key : bytes or None
        None leaves identifiers as they are.
    """

    excluded: frozenset[str] = frozenset()
    key: bytes | None = None

    def __repr__(self) -> str:
        return "<Admission>"

    @classmethod
    def of(
        cls, exclude: ExclusionList | None = None, pseudonymise: str | bytes | None = None
    ) -> "Admission":
        """Check what a reader was given.

        Parameters
        ----------
        exclude : str, Path, iterable of str, or None
            See `exclusions.excluded_ids`.
        pseudonymise : str, bytes or None
            A secret key of at least 16 bytes.

        Raises
        ------
        ReturnError
            If the exclusion list cannot be used.
        SettingError
            If the key is too short.
        """
        key = None if pseudonymise is None else key_bytes(pseudonymise)
        return cls(excluded_ids(exclude), key)

    def without(
        self, frames: Mapping[str, pd.DataFrame]
    ) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
        """Take the listed children out of canonical tables; see `exclusions.without`."""
        return without(frames, self.excluded)

    def finished(self, records: Records) -> Records:
        """Take out whoever is still there, and replace the identifiers."""
        records = excluding(records, self.excluded)
        return records if self.key is None else pseudonymised(records, self.key)


def excluding(records: Records, excluded: frozenset[str]) -> Records:
    """Give records without the listed children; they are never added again by `combine`.

    Parameters
    ----------
    records : Records
    excluded : frozenset of str
        In capitals.

    Returns
    -------
    Records

    Raises
    ------
    RecordsError
        If identifiers are already replaced: then the list would find nobody.
    """
    if excluded and records.pseudonym_mark:
        raise RecordsError(
            "The identifiers are already replaced, so an exclusion list finds nobody.",
            fix="Give the list to the reader, with exclude=.",
        )
    return _taken_out(records, excluded)


def _taken_out(records: Records, excluded: frozenset[str]) -> Records:
    if not excluded:
        return records
    frames = {name: records[name] for name in TABLES}
    kept, _ = without(frames, excluded)
    aside, _ = without({**kept, **records.set_aside}, excluded)
    n_gone = sum(len(frames[name]) - len(kept[name]) for name in frames)
    n_gone += sum(len(frame) - len(aside[name]) for name, frame in records.set_aside.items())
    return remade(
        records,
        frames=kept,
        set_aside={name: aside[name] for name in records.set_aside},
        findings=(*records.findings, *excluding_note(n_gone)),
        excluded=records.excluded | excluded,
    )


def excluding_same(records: Records, other: Records) -> Records:
    """Give records without the children that another return of the authority excludes.

    Both have the same kind of identifiers: as they are, or replaced with one key.
    """
    return _taken_out(records, other.excluded)


def remembering(records: Records, other: Records) -> Records:
    """Give records that know of exclusions and of the key as another's do."""
    return remade(records, excluded=other.excluded, pseudonym_mark=other.pseudonym_mark)


def pseudonymised(records: Records, key: bytes) -> Records:
    """Give records with every identifier replaced: tables, rows set aside, file names.

    Ids of children that differ only in capitals become the same; of rows whose key then
    repeats, the first is used and the others are set aside. Columns set aside that
    belong to no table are dropped, since nothing is known of what they hold.

    Parameters
    ----------
    records : Records
    key : bytes

    Returns
    -------
    Records

    Raises
    ------
    RecordsError
        If they are replaced already.
    """
    if records.pseudonym_mark:
        raise RecordsError(
            "The identifiers are already replaced.",
            fix="Give pseudonymise= once, to the reader.",
        )
    frames = {name: records[name] for name in TABLES}
    persons = person_ids({**frames, **{f"{name}?": f for name, f in records.set_aside.items()}})
    hidden: dict[str, pd.DataFrame] = {}
    aside = {name: [_hidden(frame, persons, key)] for name, frame in records.set_aside.items()}
    for name, frame in frames.items():
        whole = _hidden(frame, persons, key)
        again = whole.duplicated(list(TABLES[name].key))
        hidden[name] = whole[~again].reset_index(drop=True)
        if again.any():
            aside.setdefault(name, []).append(whole[again])
    truth = records.truth
    return remade(
        records,
        frames=hidden,
        set_aside={name: pd.concat(parts, ignore_index=True) for name, parts in aside.items()},
        findings=hidden_findings(records.findings, persons, key),
        excluded=frozenset(
            pseudonyms(pd.Series(sorted(records.excluded), dtype="str"), key, "child_id")
        ),
        truth=None if truth is None else {name: _hidden_truth(name, truth, key) for name in truth},
        pseudonym_mark=key_mark(key),
    )


def _hidden_truth(name: str, truth: Mapping[str, pd.DataFrame], key: bytes) -> pd.DataFrame:
    hide = hidden_account if name == "defect_rows" else hidden_ids
    return hide(truth[name], key)


def _hidden(frame: pd.DataFrame, persons: frozenset[str], key: bytes) -> pd.DataFrame:
    frame = hidden_frame(frame, key)
    if "source_file" not in frame:
        return frame
    numbers, names = pd.factorize(frame["source_file"])
    files = pd.Series([*(hidden_file(str(name), persons, key) for name in names), None])
    return frame.assign(source_file=files.astype("str").take(numbers).set_axis(frame.index))


def remade(records: Records, **changes: object) -> Records:
    """Make records again with some of what `Records` is made of changed."""
    held: dict[str, object] = {
        "frames": {name: records[name] for name in TABLES},
        "extract_date": records.extract_date,
        "coverage": records.coverage,
        "origin": records.origin,
        "findings": records.findings,
        "set_aside": records.set_aside,
        "truth": records.truth,
        "excluded": records.excluded,
        "pseudonym_mark": records.pseudonym_mark,
    }
    return Records(**{**held, **changes})  # type: ignore[arg-type]
