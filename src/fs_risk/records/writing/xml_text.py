"""Elements of XML written for a whole column at once."""

from itertools import pairwise

import numpy as np
import pandas as pd

_NOT_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"


def escaped(text: pd.Series) -> pd.Series:
    """Write text so that it stays text: markup escaped, what XML cannot hold left out."""
    text = text.str.replace(_NOT_XML, "", regex=True)
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.str.replace(sign, entity, regex=False)
    return text


def element(name: str, values: pd.Series, depth: int) -> pd.Series:
    """Write one element for each value, on a line of its own; nothing for a missing one."""
    indent = "  " * depth
    lines = indent + f"<{name}>" + values.astype("str") + f"</{name}>\n"
    return lines.fillna("")


def wrapped(name: str, inner: pd.Series, depth: int, *, keep_empty: bool = True) -> pd.Series:
    """Write one element around each text of elements."""
    indent = "  " * depth
    whole = f"{indent}<{name}>\n" + inner + f"{indent}</{name}>\n"
    return whole if keep_empty else whole.where(inner != "", "")


def gathered(texts: pd.Series, owners: pd.Series, index: pd.Index) -> pd.Series:
    """Join the texts of each owner, in order, for the owners in an index."""
    number = index.get_indexer(pd.Index(owners))
    order = np.argsort(number, kind="stable")
    order = order[number[order] >= 0]
    ordered = texts.iloc[order]
    whole = "".join(ordered)
    ends = np.append(0, np.cumsum(ordered.str.len().to_numpy(dtype=np.int64)))
    first = ends[np.searchsorted(number[order], np.arange(len(index) + 1))]
    parts = [whole[begin:end] for begin, end in pairwise(first.tolist())]
    return pd.Series(parts, index=index, dtype="str")
