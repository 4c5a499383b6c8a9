"""What could be newly learned that would move a score to another band (requirement E5).

Only what nobody has assessed, or not lately, and what the referral leaves open. What is
recorded happened: it is never supposed otherwise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.special import expit

from fs_risk.model.bands import Band
from fs_risk.triage.said import in_words

OUTSIDE = "outside the bands"
ASSESSED = "A recent assessment"
"""That the child was assessed lately at all, whatever was found."""

SAME = 1e-9
"""Log-odds nearer to one another than this are the same."""

CAUTION = "What is not recorded may be there all the same."

Known = Literal["not assessed", "not assessed lately", "not declared"]

_KNOWN = {
    "not assessed": "not assessed, as far as is known",
    "not assessed lately": "last assessed more than a year before",
    "not declared": "not declared",
}


class Prospect(BaseModel):
    """Where a score would be.

    Attributes
    ----------
    low, high : float
        Lowest and highest probability among the cases tried.
    bands : tuple of str
        The bands of these two, or ``outside the bands``.
    said : str
    """

    model_config = ConfigDict(frozen=True)

    low: float
    high: float
    bands: tuple[str, str]
    said: str


class WouldChange(BaseModel):
    """One thing that is not known, and where the score would be if it were.

    Attributes
    ----------
    concept : str
        In the catalogue's words.
    known : str
        What is known of it now.
    recorded : Prospect
        Had the latest assessment recorded it and nothing else of these, over all whom it
        may be about. Of `ASSESSED`: had it recorded none of these. Of what a referral leaves
        open: over all that it may say.
    with_more : Prospect or None
        Had it recorded it, whatever else of these it recorded.
    not_recorded : Prospect or None
        Had it recorded another need, and none of these.
    wording : str
        All of it in words.
    """

    model_config = ConfigDict(frozen=True)

    concept: str
    known: str
    recorded: Prospect
    with_more: Prospect | None = None
    not_recorded: Prospect | None = None
    wording: str


@dataclass(frozen=True, eq=False)
class Outlook:
    """Rows of features as they would be if one thing were known.

    Attributes
    ----------
    concept : str
    known : {"not assessed", "not assessed lately", "not declared"}
    recorded, with_more, not_recorded : ndarray of float32, shape (n, n_features)
        As in `WouldChange`; of those tried, the rows with the lowest and the highest
        score are enough, and all that the ledger keeps.
    """

    concept: str
    known: Known
    recorded: np.ndarray
    with_more: np.ndarray
    not_recorded: np.ndarray

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The rows, in the order of their names."""
        return self.recorded, self.with_more, self.not_recorded

    def content(self, values: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
        """Write it as plain data: of each row, what differs from the child's own.

        Parameters
        ----------
        values : ndarray of float32, shape (n_features,)
            The child's own row.
        names : sequence of str
            Of the features.

        Returns
        -------
        dict
        """
        return {
            "concept": self.concept,
            "known": self.known,
            "rows": [[_difference(row, values, names) for row in part] for part in self.parts],
        }

    @classmethod
    def from_content(
        cls, content: dict[str, Any], values: np.ndarray, names: Sequence[str]
    ) -> "Outlook":
        """Read what `content` wrote."""
        place = {name: number for number, name in enumerate(names)}
        parts = [
            np.array([_row(one, values, place) for one in part], dtype=np.float32)
            .reshape(-1, values.size)
            for part in content["rows"]
        ]  # fmt: skip
        return cls(content["concept"], content["known"], *parts)


def would_change(
    outlooks: Sequence[Outlook],
    now: float,
    *,
    log_odds_of: Callable[[np.ndarray], np.ndarray],
    band_of: Callable[[float], Band | None],
) -> tuple[WouldChange, ...]:
    """Say what would move a score to another band.

    Parameters
    ----------
    outlooks : sequence of Outlook
    now : float
        The score as it is, in calibrated log-odds.
    log_odds_of, band_of : callable
        Of the model.

    Returns
    -------
    tuple of WouldChange
        Of those that move it by themselves, the one that moves it highest first. What any
        new assessment would do is said once, and not of each thing that it may record.
    """
    parts = [part for outlook in outlooks for part in outlook.parts]
    if not any(len(part) for part in parts):
        return ()
    log_odds = log_odds_of(np.concatenate(parts))
    # the same score, added up in another order, is not a change
    log_odds[np.abs(log_odds - now) < SAME] = now
    ends = np.cumsum([len(part) for part in parts])[:-1]
    prospects = iter([_prospect(each, band_of) for each in np.split(log_odds, ends)])
    here = _name(band_of(now))
    found: list[tuple[float, WouldChange]] = []
    for outlook, (recorded, with_more, not_recorded) in zip(
        outlooks, zip(prospects, prospects, prospects, strict=True), strict=True
    ):
        if recorded is None:
            continue
        anyway = set(not_recorded.bands) if not_recorded else {here}
        if set(recorded.bands) not in ({here}, anyway):
            change = WouldChange(
                concept=outlook.concept,
                known=_KNOWN[outlook.known],
                recorded=recorded,
                with_more=with_more,
                not_recorded=not_recorded,
                wording=_wording(outlook, recorded, with_more, not_recorded),
            )
            found.append((-recorded.high, change))
    return tuple(change for _, change in sorted(found, key=lambda each: each[0]))


def _prospect(log_odds: np.ndarray, band_of: Callable[[float], Band | None]) -> Prospect | None:
    if not log_odds.size:
        return None
    ends = float(log_odds.min()), float(log_odds.max())
    low, high = (float(expit(end)) for end in ends)
    bands = _name(band_of(ends[0])), _name(band_of(ends[1]))
    return Prospect(low=low, high=high, bands=bands, said=_range(low, high, bands))


def _range(low: float, high: float, bands: tuple[str, str]) -> str:
    least, most = in_words(low), in_words(high)
    where = bands[0] if bands[0] == bands[1] else f"from {bands[0]} to {bands[1]}"
    if least == most:
        return f"{most} ({where})"
    return f"from {least.removesuffix(' in 1,000')} to {most} ({where})"


def _name(band: Band | None) -> str:
    return OUTSIDE if band is None else f"the band {band.name}"


def _wording(
    outlook: Outlook, recorded: Prospect, with_more: Prospect | None, none: Prospect | None
) -> str:
    known = f"{outlook.concept}: {_KNOWN[outlook.known]}."
    if outlook.known == "not declared":
        return f"{known} If it were, the score would be {recorded.said}, by what it says."
    if outlook.concept == ASSESSED:
        return (
            f"{known} Had an assessment of the last 365 days recorded another need and none of "
            f"these, the score would be {recorded.said}. {CAUTION}"
        )
    said = [known, f"Had the latest assessment recorded it, the score would be {recorded.said}"]
    said[-1] += "." if recorded.low == recorded.high else ", by whom or what it is about."
    if with_more is not None and with_more.said != recorded.said:
        said.append(f"With what else it may have recorded: {with_more.said}.")
    if none is not None:
        said.append(f"Had it recorded another need and none of these: {none.said}. {CAUTION}")
    return " ".join(said)


def _difference(
    row: np.ndarray, values: np.ndarray, names: Sequence[str]
) -> dict[str, float | None]:
    differs = ~((row == values) | (np.isnan(row) & np.isnan(values)))
    return {
        names[place]: None if np.isnan(row[place]) else float(row[place])
        for place in np.flatnonzero(differs).tolist()
    }


def _row(said: dict[str, float | None], values: np.ndarray, place: dict[str, int]) -> np.ndarray:
    row = values.copy()
    for name, value in said.items():
        row[place[name]] = np.nan if value is None else value
    return row
