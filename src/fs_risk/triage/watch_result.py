"""`DriftCheck`: what a check of drift found, as it may be published."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from fs_risk.records.counts_in_words import out_of
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, STOP, VERDICTS, worst
from fs_risk.triage.watch_words import CHECKS, HEADLINES, signal_words

EXIT_CODES = {AS_EXPECTED: 0, NOT_ENOUGH: 0, LOOK: 3, STOP: 4}
"""What `fs-risk drift` exits with."""

_TITLES = {LOOK: "Look into", STOP: "Stop for"}


@dataclass(frozen=True)
class DriftCheck:
    """What a check of drift found.

    It holds no child and no worker: only figures as they may be published.

    Attributes
    ----------
    table : DataFrame
        Long: ``check``, ``measure``, ``period`` (``yyyy-mm`` for a single month), ``by`` and
        ``group`` (attribute or ``team``, and its value), ``value``, ``low``, ``high`` (95 %),
        ``limit_low``, ``limit_high``, ``n`` (rounded to 5), ``verdict`` (empty for a single
        month), ``suppressed``, ``says``.
    model, model_hash : str
    synthetic : bool
    on, since, until : str
        ISO dates: today, and the first and last day watched.
    false_alarm : float
        Chance of any signal in 36 monthly checks while nothing is beyond its limit.
    notes : tuple of str
        What the check rests on.

    Examples
    --------
    `check_drift` makes one; here by hand, of one figure.

    >>> from fs_risk.triage.watch_rows import Row, table_of
    >>> figure = Row("inputs", "stability_index", "2025-01-01 to 2025-03-31", value=0.3,
    ...              limit_high=0.1, verdict=LOOK)
    >>> check = DriftCheck(
    ...     table_of([figure]), model="cp_plan-365d 1.0", model_hash="5d41", synthetic=True,
    ...     on="2025-04-01", since="2025-01-01", until="2025-03-31", false_alarm=0.05, notes=(),
    ... )
    >>> check.verdicts, check.exit_code
    ({'inputs': 'look into it'}, 3)
    """

    table: pd.DataFrame = field(repr=False)
    model: str
    model_hash: str
    synthetic: bool
    on: str
    since: str
    until: str
    false_alarm: float
    notes: tuple[str, ...]

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each check, the most pressing of its figures."""
        asked = self.table[self.table["verdict"] != ""]
        return {
            name: _of_check(name, asked[asked["check"] == name])
            for name in CHECKS
            if (asked["check"] == name).any()
        }

    @property
    def verdict(self) -> str:
        """The verdict on all together: as expected if most checks are, and none is signalled."""
        found = list(self.verdicts.values())
        signalled = [each for each in found if each in (LOOK, STOP)]
        if signalled:
            return worst(signalled)
        judged = found.count(AS_EXPECTED)
        return AS_EXPECTED if judged >= _MOST * len(found) and judged else NOT_ENOUGH

    @property
    def exit_code(self) -> int:
        """For a scheduler: 0, 3 to look into something, 4 to stop."""
        return EXIT_CODES[self.verdict]

    @property
    def signals(self) -> pd.DataFrame:
        """The rows that are signalled, the most pressing first."""
        found = self.table[self.table["verdict"].isin([LOOK, STOP])]
        order = found["verdict"].map(VERDICTS.index)
        return found.loc[order.sort_values(ascending=False, kind="stable").index]

    def text(self) -> str:
        """Say what was found, in sentences."""
        lines = ["SYNTHETIC: an invented authority."] if self.synthetic else []
        lines += [
            f"{self.model}, watched from {self.since} to {self.until}; checked on {self.on}.",
            f"{self.verdict[:1].upper()}{self.verdict[1:]}. {HEADLINES[self.verdict]}",
            *self.unjudged(),
        ]
        for name, verdict in self.verdicts.items():
            lines.append(f"  {CHECKS[name].title}: {verdict}")
            if verdict in _TITLES:
                mine = self.signals[self.signals["check"] == name]
                lines += [f"    {signal_words(row)}" for _, row in mine.iterrows()]
                lines.append(f"    What to do: {CHECKS[name].to_do}")
        return "\n".join([*lines, *self.notes, self.promise])

    @property
    def promise(self) -> str:
        """How often a check of a model that is as it was would signal anything, in a sentence."""
        return (
            f"While nothing is beyond its limit, the chance that any of 36 monthly checks signals "
            f"anything is at most {100 * self.false_alarm:.0f} %."
        )

    def content(self) -> dict[str, Any]:
        """Give everything as plain data, for a card or another system."""
        cells = self.table.astype(object).where(self.table.notna(), None)
        return {
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "model": self.model,
            "model_hash": self.model_hash,
            "synthetic": self.synthetic,
            "on": self.on,
            "since": self.since,
            "until": self.until,
            "false_alarm": self.false_alarm,
            "verdicts": self.verdicts,
            "notes": list(self.notes),
            "table": cells.to_dict("records"),
        }

    def to_json(self, path: str | Path) -> Path:
        """Write everything as JSON.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path
        """
        target = Path(path)
        target.write_bytes(json.dumps(self.content(), indent=1, allow_nan=False).encode())
        return target

    def to_html(self, path: str | Path) -> Path:
        """Write the check as one self-contained page, for any browser and for print.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path
        """
        from fs_risk.triage.watch_page import drift_page

        target = Path(path)
        target.write_bytes(drift_page(self).encode())
        return target

    def plot(self, check: str = "calibration", *, ax: Any = None) -> Any:
        """Plot the months of a check with its limits.

        Parameters
        ----------
        check : str, default="calibration"
            A check with monthly figures.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SettingError
            If the check has no monthly figures.
        """
        from fs_risk.triage.watch_pictures import plot_months

        return plot_months(self, check, ax)

    def __repr__(self) -> str:
        return self.text()

    def unjudged(self) -> list[str]:
        """Say how many checks could not be judged, in a sentence if there is one."""
        verdicts = list(self.verdicts.values())
        little = verdicts.count(NOT_ENOUGH)
        said = out_of(little, len(verdicts), "check", does="rests", do="rest")
        return [f"{said} on too little to judge."] * bool(little)

    def _repr_html_(self) -> str:
        from fs_risk.triage.watch_page import notebook_html

        return notebook_html(self)


def _of_check(name: str, rows: pd.DataFrame) -> str:
    """Give a check's verdict: a signal, else as expected where its figures can say so.

    Where a check has a leading figure that one decides, else most of them do.
    """
    found = rows["verdict"]
    for verdict in (STOP, LOOK):
        if (found == verdict).any():
            return verdict
    if name in _LEADING:
        found = found[(rows["measure"] == _LEADING[name]) & (rows["by"] == "")]
    return AS_EXPECTED if (found == AS_EXPECTED).mean() >= _MOST else NOT_ENOUGH


_LEADING = {"calibration": "observed_over_expected", "overrides": "override_rate"}
_MOST = 0.5
