"""How a result shows itself: a few lines in a terminal, a small table in a notebook."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from fs_risk.records.counts_in_words import count_of

STAMP = "SYNTHETIC"
MOST_ROWS = 12
_LEFT = "text-align:left;vertical-align:top;padding:0 1em 0 0"
_WORDS = 110


def stamp_of(synthetic: bool) -> str:
    """Give the word that comes before anything that rests on invented records.

    Parameters
    ----------
    synthetic : bool

    Returns
    -------
    str
        Empty where the records are real.

    Examples
    --------
    >>> stamp_of(True), stamp_of(False)
    ('SYNTHETIC. ', '')
    """
    return f"{STAMP}. " if synthetic else ""


def title_stamp(synthetic: bool) -> str:
    """Give the word that a page's title begins with where it rests on invented records.

    Parameters
    ----------
    synthetic : bool

    Returns
    -------
    str
        Empty where the records are real.

    Examples
    --------
    >>> title_stamp(True), title_stamp(False)
    ('SYNTHETIC: ', '')
    """
    return f"{STAMP}: " if synthetic else ""


@dataclass(frozen=True)
class Display:
    """What a result says of itself, as plain data: `text` and `html` say the same.

    No colours are set, so that it reads on light and on dark pages.

    Attributes
    ----------
    title : str
        What it is.
    facts : sequence of (str, object)
        Its key figures, with what they are of; none that is None or empty is shown.
    synthetic : bool
        Whether it rests on invented records: it then says so first.
    table : DataFrame or None
        Its first `MOST_ROWS` rows are shown.
    notes : sequence of str
        What to know before reading on.

    Examples
    --------
    >>> print(Display("Forecast", [("months", 12)], synthetic=True, notes=["See table."]).text())
    SYNTHETIC. Forecast
      months: 12
    See table.
    """

    title: str
    facts: Sequence[tuple[str, Any]] = ()
    synthetic: bool = False
    table: pd.DataFrame | None = None
    notes: Sequence[str] = ()

    def text(self) -> str:
        """Say it in lines."""
        lines = [f"{self._stamp}{self.title}"]
        lines += [f"  {name}: {_short(value)}" for name, value in self._held]
        if self.table is not None and len(self.table):
            shown = self.table.head(MOST_ROWS).to_string(index=False, max_colwidth=60)
            lines += [f"  {line}" for line in shown.splitlines()]
            lines += self._rest
        return "\n".join([*lines, *self.notes])

    def html(self) -> str:
        """Lay it out as HTML; everything is escaped, and nothing is fetched or run."""
        rows = "".join(
            f'<tr><th scope="row" style="{_LEFT}">{escape(name)}</th>'
            f'<td style="{_LEFT}">{escape(_short(value))}</td></tr>'
            for name, value in self._held
        )
        parts = [f"<p><b>{escape(self._stamp + self.title)}</b></p>"]
        parts += [f"<table>{rows}</table>"] if rows else []
        if self.table is not None and len(self.table):
            parts.append(table_html(self.table.head(MOST_ROWS)))
            parts += [f"<p>{escape(line)}</p>" for line in self._rest]
        parts += [f"<p>{escape(note)}</p>" for note in self.notes]
        return f'<div style="max-width:60em">{"".join(parts)}</div>'

    @property
    def _stamp(self) -> str:
        return stamp_of(self.synthetic)

    @property
    def _held(self) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in self.facts if not _nothing(value)]

    @property
    def _rest(self) -> list[str]:
        more = 0 if self.table is None else len(self.table) - MOST_ROWS
        return [f"{count_of(more, 'more row')}."] if more > 0 else []


class Displayed:
    """A result that shows itself as its `_display` says, in a terminal and in a notebook."""

    def _display(self) -> Display:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self._display().text()

    def __str__(self) -> str:
        return self._display().text()

    def _repr_html_(self) -> str:
        return self._display().html()


class ShowsItsFields:
    """A record of settings or of figures that shows its fields in a notebook, name by name."""

    def _repr_html_(self) -> str:
        fields = getattr(type(self), "model_fields", None) or type(self).__dataclass_fields__  # type: ignore[attr-defined]
        facts = [(str(name).replace("_", " "), getattr(self, name)) for name in fields]
        return Display(type(self).__name__, facts).html()


def table_html(table: pd.DataFrame) -> str:
    """Lay a frame out as HTML without its index, escaped, in the page's own colours.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    str
    """
    return str(table.to_html(index=False, border=0, na_rep="", float_format="{:,.3g}".format))


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str | tuple | list | Mapping) and not len(value))


def _short(value: Any) -> str:
    """Say a value in a line: a long list by its first entries and its length."""
    if hasattr(value, "model_dump"):
        held = {name: getattr(value, name) for name in type(value).model_fields}
        return _clipped(", ".join(f"{k} {_short(v)}" for k, v in held.items() if not _nothing(v)))
    if isinstance(value, Mapping):
        return _joined(f"{key} {_short(each)}" for key, each in value.items())
    if isinstance(value, tuple | list | frozenset | set):
        return _joined(_short(each) for each in value)
    if isinstance(value, float):
        return f"{value:,.4g}"
    return _clipped(str(value))


def _joined(parts: Iterable[str]) -> str:
    shown, every = "", list(parts)
    for place, part in enumerate(every):
        longer = f"{shown}; {part}" if shown else part
        if len(longer) > 2 * _WORDS and place:
            return f"{shown} … ({len(every)} in all)"
        shown = longer
    return shown


def _clipped(text: str) -> str:
    return text if len(text) <= 3 * _WORDS else f"{text[: 3 * _WORDS]} …"
