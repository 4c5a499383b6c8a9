"""A ranked list as a notebook shows it."""

import pandas as pd

from fs_risk.triage.prioritise_places import NOT_LISTED

SHOWN = 20
"""Rows that a notebook shows: those without a score, then those listed; none of the others."""

_FIRST = 2
"""Worries, and strengths, that a notebook shows of each."""

_REASONS = ("worries", "strengths")
_ABOUT = ("block", "place", "referral_id", "child_id", "household", "as_of", "code", "said", "band",
          "stamp")  # fmt: skip


def shown_in_notebook(table: pd.DataFrame) -> str:
    """Lay the top of a list out as HTML: who is on it, and the first reasons.

    Parameters
    ----------
    table : DataFrame
        As `RankedList.table`.

    Returns
    -------
    str
        Escaped.
    """
    on_it = table[(table["block"] != NOT_LISTED).to_numpy()]
    top = on_it.head(SHOWN)
    held = top[[name for name in _ABOUT if top[name].notna().any()]]
    reasons = {name: top[name].map(_first_of, na_action="ignore") for name in _REASONS}
    shown = held.assign(**reasons).to_html(index=False, border=0, na_rep="")
    left = len(on_it) - len(top)
    more = f"<p>{left:,} more on the list: see table.</p>" if left else ""
    return str(shown) + more


def _first_of(said: object) -> str:
    parts = str(said).split(" | ")
    return "; ".join(parts[:_FIRST]) + (" …" if len(parts) > _FIRST else "")
