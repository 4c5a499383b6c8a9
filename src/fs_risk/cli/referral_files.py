"""Referrals from a file or from options, for the commands that score them."""

import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fs_risk.errors import ReferralError
from fs_risk.records.decoded_text import decoded_text

_FIX = (
    "Give a JSON file with one referral or a list of them, or a CSV file with a header: "
    "referral_id, child_id, referral_date, source …"
)


def one_referral(path: Path | None, fields: Mapping[str, str]) -> Mapping[str, Any]:
    """Give the referral of a file, else of the options.

    Parameters
    ----------
    path : Path or None
        ``-`` for JSON from standard input.
    fields : mapping of str to str
        What the options say.

    Returns
    -------
    mapping

    Raises
    ------
    ReferralError
        If both or neither are given, or the file does not hold one referral.
    """
    if (path is None) != bool(fields):
        raise ReferralError(
            "No referral is given." if path is None else "A file and options are both given.",
            where="--referral",
            fix="Give --referral with a file; or --referral-id, --child-id and --referral-date.",
        )
    if path is None:
        return fields
    rows = read_referrals(path)
    if len(rows) != 1:
        raise ReferralError(
            f"The file holds {len(rows)} referrals; one is scored at a time.",
            where=path.name,
            fix="Give one, or list them with fs-risk prioritise.",
        )
    return rows[0]


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a field that stands twice, of which JSON would keep the last in silence."""
    from fs_risk.triage.referral import Referral

    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            # the name of a field that is none may be anything, a child's name too
            raise KeyError(key if key in Referral.model_fields else "one that is not known")
        made[key] = value
    return made


def read_referrals(path: Path) -> list[Mapping[str, Any]]:
    """Read referrals from a JSON or CSV file.

    Parameters
    ----------
    path : Path
        ``-`` for JSON from standard input.

    Returns
    -------
    list of mapping
        Empty cells are left out.

    Raises
    ------
    ReferralError
        If the file cannot be read, is neither, or names a field twice.
    """
    try:
        if path.suffix.lower() == ".csv":
            return _from_csv(path)
        # as bytes: json tells UTF-8 from the UTF-16 of older PowerShells, whatever the console's
        # own character set
        given = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        held = json.loads(given, object_pairs_hook=_no_key_twice)
    except OSError as error:
        raise ReferralError(
            f"The referrals cannot be read: {error.strerror}.", where=path.name, fix=_FIX
        ) from None
    except KeyError as twice:
        raise ReferralError(
            f"A field is there twice: {twice.args[0]}.",
            where=path.name,
            fix="Keep the one that is right: of two children only one can be meant.",
        ) from None
    except ValueError:
        raise ReferralError(
            "The file is neither JSON nor CSV.", where=path.name, fix=_FIX
        ) from None
    rows = held if isinstance(held, list) else [held]
    if not all(isinstance(row, dict) for row in rows):
        raise ReferralError("The file holds no referrals.", where=path.name, fix=_FIX)
    return rows


def _from_csv(path: Path) -> list[Mapping[str, Any]]:
    import pandas as pd

    written = io.StringIO(decoded_text(path.read_bytes(), spreadsheet=True))
    try:
        frame = pd.read_csv(written, dtype=str, keep_default_na=False)
    except pd.errors.EmptyDataError:
        return []
    rows = frame.to_dict("records")
    return [{str(name): text for name, text in row.items() if text != ""} for row in rows]
