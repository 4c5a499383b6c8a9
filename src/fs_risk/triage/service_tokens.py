"""Bearer tokens: who may ask the service; kept as digests, compared in constant time."""

import hashlib
import hmac
import os
import re
import threading
import time
from pathlib import Path

from fs_risk.errors import SettingError
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.decoded_text import decoded_text

TOKEN_VARIABLE = "FS_RISK_SERVICE_TOKENS"
"""The environment variable that holds the tokens, unless a file does."""

SHORTEST = 32
"""Characters of the shortest token that is accepted."""

EVERY_SECONDS = 1.0
"""How often the file of tokens is looked at."""

MAKE_ONE = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'

_TOKEN = re.compile(rf"(?:([A-Za-z0-9_-]{{1,40}}):)?([A-Za-z0-9._~+/-]{{{SHORTEST},200}}=*)")
_BEARER = re.compile(rb"[Bb]earer +([A-Za-z0-9._~+/=-]{1,300}) *")


class Tokens:
    """The tokens in use; a file of them is read again when it changes.

    Each is 32 characters or more, one a line (or with a comma between), after a label and a
    colon if wanted; ``#`` begins a remark. Several are valid at once, so that one can be
    replaced by another without a pause.

    Parameters
    ----------
    file : Path, optional
        By default the environment variable ``FS_RISK_SERVICE_TOKENS`` holds them.

    Raises
    ------
    SettingError
        If one of them is too short or no token at all, or the file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "tokens.txt")
    ...     _ = file.write_text("case-system:" + "a" * 32, encoding="utf-8")
    ...     tokens = Tokens(file)
    ...     tokens.label_of(b"Bearer " + b"a" * 32), tokens.label_of(b"Bearer " + b"b" * 32)
    ('case-system', None)
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file, self._lock = file, threading.Lock()
        self._looked, self._stamp = time.monotonic(), _stamp(file)
        self._labels = read_tokens(file)

    def __bool__(self) -> bool:
        return bool(self._labels) or self._file is not None

    @property
    def usable(self) -> bool:
        """Whether anybody can be let in; a file that was spoilt since lets nobody in."""
        self._look()
        return bool(self._labels)

    def label_of(self, header: bytes | None) -> str | None:
        """Find whose token an ``Authorization`` header holds.

        Parameters
        ----------
        header : bytes or None

        Returns
        -------
        str or None
            Its label, or its place (``token 1``); None if it is not one of them.
        """
        self._look()
        found = _BEARER.fullmatch(header or b"")
        digest = hashlib.sha256(found[1] if found else b"").digest()
        label = None
        # every one is compared, so that the time taken says nothing
        for known, name in self._labels:
            if hmac.compare_digest(known, digest):
                label = name
        return label

    def _look(self) -> None:
        """Read the file again if it has changed; if it cannot be, nobody is let in."""
        if self._file is None or time.monotonic() - self._looked < EVERY_SECONDS:
            return
        with self._lock:
            self._looked, stamp = time.monotonic(), _stamp(self._file)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            try:
                self._labels = read_tokens(self._file)
            except SettingError:
                self._labels = []

    def __repr__(self) -> str:
        return f"<Tokens {len(self._labels)}>"


def read_tokens(file: Path | None) -> list[tuple[bytes, str]]:
    """Read tokens as digests with their labels.

    Parameters
    ----------
    file : Path or None
        None for those of the environment.

    Returns
    -------
    list of (bytes, str)
        Empty only where the environment holds none and no file is named.

    Raises
    ------
    SettingError
    """
    where = TOKEN_VARIABLE if file is None else file.name
    lines = _text(file, where).splitlines()
    words = [word for line in lines for word in re.split(r"[\s,]+", line.split("#")[0]) if word]
    if file is not None and not words:
        raise SettingError(
            "The file holds no token.", where=where, fix=f"Make one with {MAKE_ONE}."
        )
    matches = [_TOKEN.fullmatch(word) for word in words]
    unusable = sum(match is None for match in matches)
    if unusable:
        raise SettingError(
            f"{unusable} of {count_of(len(words), 'token')} cannot be used.",
            where=where,
            fix=f"Give {SHORTEST} characters or more, letters, digits and ._~+/-, for example "
            f"from {MAKE_ONE}; a label may stand before a colon.",
        )
    return [
        (hashlib.sha256(match[2].encode()).digest(), match[1] or f"token {place}")
        for place, match in enumerate(matches, 1)
        if match
    ]


def _text(file: Path | None, where: str) -> str:
    if file is None:
        return os.environ.get(TOKEN_VARIABLE, "")
    try:
        return decoded_text(file.read_bytes())
    except (OSError, UnicodeDecodeError):
        raise SettingError(
            "The file of tokens cannot be read.",
            where=where,
            fix="Name a UTF-8 text file that this user may read.",
        ) from None


def _stamp(file: Path | None) -> tuple[int, int, int] | None:
    """Tell one state of the file from another."""
    try:
        said = os.stat(file) if file else None
    except OSError:
        return None
    return (said.st_mtime_ns, said.st_size, said.st_ino) if said else None
