"""The ledger's keys: one master key outside the database, one key for each child inside it.

The master key only ever wraps other keys. Destroying a child's key makes all that was
sealed under it unreadable, whoever holds the master key.

References
----------
.. [1] NIST SP 800-38D: AES-GCM.
.. [2] RFC 2104, HMAC: keyed-hashing for message authentication.
"""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fs_risk.errors import LedgerError
from fs_risk.records.arguments import PATH, takes
from fs_risk.records.decoded_text import decoded_text

KEY_VARIABLE = "FS_RISK_LEDGER_KEY"
"""The environment variable that holds the master key, unless a file does."""

_KEY_BYTES, _NONCE_BYTES = 32, 12
_AS_WRITTEN = re.compile(r"[0-9a-fA-F]{64}")
_MAKE_ONE = (
    'Make one with python -c "import secrets; print(secrets.token_hex(32))", keep a second copy '
    "apart from the database, and give it as"
)


@takes(path=PATH)
def new_ledger_key(path: str | Path) -> Path:
    """Make a master key and write it to a new file, which only its owner may read.

    Parameters
    ----------
    path : str or Path
        Never in the folder that is backed up together with the database.

    Returns
    -------
    Path

    Raises
    ------
    LedgerError
        If the file exists: another key in its place would lock its ledger for ever.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     key = new_ledger_key(f"{folder}/ledger.key")
    ...     len(key.read_text().strip())
    64
    """
    target = Path(path)
    try:
        made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        raise LedgerError(
            "The file for the key exists, or cannot be written.",
            where=target.name,
            fix="Name a new file, in a folder that exists.",
        ) from None
    with os.fdopen(made, "w", encoding="ascii", newline="\n") as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")
    return target


def read_master(key_file: str | Path | None = None) -> bytes:
    """Read the master key, from a file or else from the environment.

    Parameters
    ----------
    key_file : str or Path, optional
        A file that holds 64 hexadecimal digits; by default `KEY_VARIABLE` holds them.

    Returns
    -------
    bytes
        32 of them.

    Raises
    ------
    LedgerError
        If there is no key, or it is not one.
    """
    if key_file is None:
        written, where = os.environ.get(KEY_VARIABLE, ""), f"environment, {KEY_VARIABLE}"
    else:
        where = Path(key_file).name
        try:
            written = decoded_text(Path(key_file).read_bytes())
        except (OSError, UnicodeDecodeError):
            written = ""
    if not _AS_WRITTEN.fullmatch(written.strip()):
        raise LedgerError(
            "There is no master key: 64 hexadecimal digits are needed."
            if not written.strip()
            else "The master key is not 64 hexadecimal digits.",
            where=where,
            fix=f"{_MAKE_ONE} {KEY_VARIABLE} or key_file=.",
        )
    return bytes.fromhex(written.strip())


def new_key() -> bytes:
    """Give a new random key."""
    return secrets.token_bytes(_KEY_BYTES)


def keyed_hash(key: bytes, text: str) -> str:
    """Give the HMAC-SHA-256 of text as 64 hexadecimal digits."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def sealed(key: bytes, plain: bytes, about: str) -> bytes:
    """Encrypt bytes (AES-256-GCM) so that they open only as what they are about.

    Parameters
    ----------
    key : bytes
    plain : bytes
    about : str
        Where the result belongs; authenticated, not kept.

    Returns
    -------
    bytes
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def opened(key: bytes, cipher: object, about: str) -> bytes | None:
    """Decrypt what `sealed` gave; None where a byte of it, its key or its place is another.

    Parameters
    ----------
    key : bytes
    cipher : object
        As a database gives it: of any type, if someone changed it.
    about : str

    Returns
    -------
    bytes or None
    """
    if not isinstance(cipher, bytes | memoryview) or len(cipher) <= _NONCE_BYTES:
        return None
    raw = bytes(cipher)
    try:
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        return None


class Master:
    """The master key, turned into one key for each of its three uses.

    Parameters
    ----------
    key : bytes
    """

    def __init__(self, key: bytes) -> None:
        self._wrap = bytes.fromhex(keyed_hash(key, "fs_risk ledger: wrap"))
        self._head = bytes.fromhex(keyed_hash(key, "fs_risk ledger: head"))
        self.mark = keyed_hash(key, "fs_risk ledger: mark")[:16]
        """Tells one master key from another, and nothing else of it."""

    def wrap(self, key: bytes, about: str) -> bytes:
        """Encrypt a key."""
        return sealed(self._wrap, key, about)

    def unwrap(self, cipher: object, about: str) -> bytes | None:
        """Decrypt a key; None where it is not one that this master key wrapped."""
        return opened(self._wrap, cipher, about)

    def sign(self, text: str) -> str:
        """Sign the state of the ledger."""
        return keyed_hash(self._head, text)

    def __repr__(self) -> str:
        return "<Master key>"
