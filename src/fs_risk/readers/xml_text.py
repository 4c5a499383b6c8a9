"""Texts and line numbers of elements, taken from a piece of XML all at once."""

import html
import re

import numpy as np
import pandas as pd
import pyarrow as pa

from fs_risk.errors import ReturnError
from fs_risk.readers.xml_source import Piece
from fs_risk.readers.xml_tokens import Elements

_REFERENCE = re.compile(r"&(amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});")
_NEWLINE = ord("\n")


class Lines:
    """Line numbers of positions in a piece."""

    def __init__(self, piece: Piece) -> None:
        self._breaks = np.flatnonzero(np.frombuffer(piece.data, dtype=np.uint8) == _NEWLINE)
        self._first = piece.line

    def at(self, offsets: np.ndarray) -> np.ndarray:
        """Give the line of each position."""
        lines: np.ndarray = np.searchsorted(self._breaks, offsets) + self._first
        return lines


def texts(piece: Piece, elements: Elements, at: np.ndarray) -> pa.Array:
    """Give the text of elements as it is written.

    Parameters
    ----------
    piece : Piece
    elements : Elements
        Of this piece.
    at : ndarray of int64
        Which elements; -1 gives a missing text.

    Returns
    -------
    pyarrow.Array of large_string
        Missing where an element is empty or holds other elements.
    """
    begins = np.where(at >= 0, elements.text_from[at], -1)
    lengths = np.where(begins >= 0, elements.text_to[at] - begins, 0)
    bounds = np.zeros(len(at) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    index = np.repeat(begins - bounds[:-1], lengths) + np.arange(bounds[-1])
    characters = np.frombuffer(piece.data, dtype=np.uint8)[index]
    filled = np.packbits(lengths > 0, bitorder="little")
    buffers = [pa.py_buffer(part) for part in (filled, bounds, characters)]
    return pa.Array.from_buffers(pa.large_string(), len(at), buffers)


def joined(parts: list[pa.Array]) -> pd.Series:
    """Join the texts of all pieces."""
    if not parts:
        return pd.Series(dtype="str")
    return pd.Series(pa.chunked_array(parts).to_pandas(), dtype="str")


def unescaped(text: pd.Series, file: str) -> pd.Series:
    """Replace the five entities and the numbered characters of XML.

    Raises
    ------
    ReturnError
        If any other entity is used.
    """
    marked = text.str.contains("&", regex=False).fillna(False).astype(bool)
    if not marked.any():
        return text
    if any("&" in _REFERENCE.sub("", value) for value in text[marked]):
        raise ReturnError(
            "The file uses an entity that XML itself does not define.",
            where=file,
            fix="Export the file without a DOCTYPE and entities of its own.",
        )
    text = text.copy()
    text[marked] = [html.unescape(value) for value in text[marked]]
    return text
