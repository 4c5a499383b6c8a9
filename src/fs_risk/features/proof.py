"""What the prover found, for people and for the card."""

import html
from dataclasses import dataclass, field, replace

import pandas as pd

from fs_risk.records.counts_in_words import count_of, out_of

LIMITS = (
    "The proof is that the code obeys the clocks of the records, not that the clocks are true.",
    "Where the numbers of two children were merged before the extract and nothing says when, the "
    "rows moved look as if they had always been the survivor's: a reader that knows the day of a "
    "merge must record the moved rows as known from then.",
)
"""What no change of the records can show."""


@dataclass(frozen=True)
class LeakageProof:
    """What the prover found.

    Attributes
    ----------
    table : DataFrame
        One row per day and change: ``day``, ``change`` (removed, replaced, merged,
        blanked, rewritten), ``column`` (``table.column``; empty where all were
        changed), ``rows`` of the records taken away or put in, or of the column
        altered, ``cases`` compared (none where a column had no such row),
        ``different`` cases, ``features`` that differed.
    delays : DataFrame
        For information: ``delay_days`` of the facts dated by rule, ``cases``,
        ``different`` cases and the ``features`` that changed.
    lag_days : int
    single : DataFrame
        How well each feature alone tells an outcome, as `audit_single_features` adds
        it: ``feature``, ``roc_auc``, ``roc_auc_missing``, ``suspicious``, and for the
        suspicious ones the same area when only older facts are used. Empty before.
    """

    table: pd.DataFrame
    delays: pd.DataFrame
    lag_days: int
    single: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def passed(self) -> bool:
        """Whether no feature of any case changed."""
        return bool((self.table["different"] == 0).all())

    @property
    def leaking(self) -> tuple[str, ...]:
        """The features that changed, in alphabetical order."""
        named = self.table["features"].str.split(", ").explode()
        return tuple(sorted(set(named) - {""}))

    @property
    def through(self) -> tuple[str, ...]:
        """The late columns through which they leak, as ``table.column``."""
        leaked = self.table[(self.table["different"] > 0) & (self.table["column"] != "")]
        return tuple(sorted(set(leaked["column"])))

    @property
    def untried(self) -> tuple[str, ...]:
        """The late columns of which no trial changed a row, so that nothing is proved of them."""
        rows = self.table[self.table["column"] != ""].groupby("column")["rows"].sum()
        return tuple(sorted(rows.index[rows == 0]))

    @property
    def suspicious(self) -> tuple[str, ...]:
        """The features that alone tell the outcome too well; empty before they are audited."""
        if self.single.empty:
            return ()
        return tuple(self.single.loc[self.single["suspicious"], "feature"])

    def with_single_features(self, single: pd.DataFrame) -> "LeakageProof":
        """Give the same proof with the audit of single features beside it.

        Parameters
        ----------
        single : DataFrame

        Returns
        -------
        LeakageProof
        """
        return replace(self, single=single)

    def to_frame(self) -> pd.DataFrame:
        """Sum up by change and column: on how many days, rows changed, cases compared.

        Returns
        -------
        DataFrame
            ``change``, ``column``, ``days``, ``rows``, ``cases``, ``different``.
        """
        by = self.table.groupby(["change", "column"], sort=False)
        return by.agg(
            days=("day", "nunique"),
            rows=("rows", "sum"),
            cases=("cases", "sum"),
            different=("different", "sum"),
        ).reset_index()

    def to_dict(self) -> dict[str, object]:
        """Give the result as plain data, for the card.

        Returns
        -------
        dict
            ``passed``, ``lag_days``, ``days``, ``comparisons`` (cases times changes),
            ``rows_changed``, ``late_columns`` tried alone, those ``untried`` because
            nothing in them was late, ``leaking`` features, ``through`` which columns,
            ``delays``: for each delay of facts dated by rule, how many
            cases and features change; ``single_features`` audited and those of them
            that are ``suspicious``; ``limits`` of the proof.
        """
        return {
            "passed": self.passed,
            "lag_days": self.lag_days,
            "days": int(self.table["day"].nunique()),
            "comparisons": int(self.table["cases"].sum()),
            "rows_changed": int(self.table["rows"].sum()),
            "changes": sorted(set(self.table["change"])),
            "late_columns": sorted(set(self.table["column"]) - {""}),
            "untried": list(self.untried),
            "leaking": list(self.leaking),
            "through": list(self.through),
            "delays": [
                {
                    "delay_days": int(row.delay_days),
                    "cases": int(row.cases),
                    "different": int(row.different),
                    "features": len([name for name in row.features.split(", ") if name]),
                }
                for row in self.delays.itertuples()
            ],
            "single_features": len(self.single),
            "suspicious": list(self.suspicious),
            "limits": list(LIMITS),
        }

    def text(self) -> str:
        """Say the result in sentences.

        Returns
        -------
        str
        """
        alone = len(set(self.table["column"]) - {""})
        lines = [
            repr(self)[1:-1] + ".",
            f"Everything dated or known on or after a day was {', '.join(_changes(self.table))}; "
            f"{count_of(alone, 'late column was', 'late columns were each')} changed alone; "
            f"{count_of(int(self.table['rows'].sum()), 'row')} in all.",
        ]
        if self.untried:
            lines.append(f"Nothing was late, so nothing is proved, in: {', '.join(self.untried)}.")
        if self.leaking:
            lines.append(f"Changed: {', '.join(self.leaking)}. Through: {self._through_text}.")
        for row in self.delays.itertuples():
            lines.append(
                f"With facts dated by rule known {count_of(row.delay_days, 'day')} later, some "
                f"feature changes for {row.different:,} of {row.cases:,} cases (for information)."
            )
        lines.append(self._single_text)
        return "\n".join([*lines, *LIMITS])

    @property
    def _through_text(self) -> str:
        return ", ".join(self.through) or "no late column tried alone"

    @property
    def _single_text(self) -> str:
        if self.single.empty:
            return "Single features were not held against an outcome: audit_single_features does."
        if not self.suspicious:
            return (
                f"None of {count_of(len(self.single), 'feature')} alone tells the outcome too well."
            )
        named = ", ".join(self.suspicious)
        looks = out_of(len(self.suspicious), len(self.single), "feature", does="looks", do="look")
        return f"{looks} too good: {named}."

    def __repr__(self) -> str:
        verdict = "no feature changed" if self.passed else f"LEAKAGE: {', '.join(self.leaking[:5])}"
        single = count_of(
            len(self.suspicious), "single feature looks too good", "single features look too good"
        )
        looks = f", {single}" if self.suspicious else ""
        return (
            f"<LeakageProof {verdict}{looks}: {count_of(self.table['day'].nunique(), 'day')}, "
            f"{count_of(int(self.table['cases'].sum()), 'comparison')}>"
        )

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{html.escape(line)}</p>" for line in self.text().splitlines())
        tables = [self.to_frame()]
        if self.suspicious:
            tables.append(self.single[self.single["suspicious"]])
        shown = "".join(str(table.to_html(index=False)) for table in tables)
        return f"{said}<details><summary>What was changed</summary>{shown}</details>"


def _changes(table: pd.DataFrame) -> list[str]:
    whole = table.loc[table["column"] == "", "change"]
    return list(dict.fromkeys(whole))
