"""One way of writing content as JSON, so that equal content has equal bytes and hashes."""

import hashlib
import json
from typing import Any


def canonical_json(content: Any) -> str:
    """Write plain data as JSON with sorted keys, no spare spaces and no NaN.

    Parameters
    ----------
    content : dict, list, str, number, bool or None

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": [True, None]})
    '{"a":[true,null],"b":1.0}'
    """
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
    )


def sha256(text: str | bytes) -> str:
    """Give the SHA-256 of text or bytes as 64 hexadecimal digits.

    Examples
    --------
    >>> sha256("")[:12]
    'e3b0c44298fc'
    """
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()
