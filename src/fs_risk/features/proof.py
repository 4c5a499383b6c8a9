"""What the prover found, for people and for the card."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class LeakageProof:
    """What the prover found.

    Attributes
    ----------
    table : DataFrame
        One row per day and change: ``day``, ``change`` (removed, replaced, blanked,
        rewritten), ``column`` (``table.column``; empty where all were changed),
        ``cases`` compared, ``different`` cases, ``features`` that differed.
    delays : DataFrame
        For information: ``delay_days`` of the facts dated by rule, ``cases``,
        ``different`` cases and the ``features`` that changed.
    lag_days : int
    """

    table: pd.DataFrame
    delays: pd.DataFrame
    lag_days: int

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

    def to_dict(self) -> dict[str, object]:
        """Give the result as plain data, for the card.

        Returns
        -------
        dict
            ``passed``, ``lag_days``, ``days``, ``comparisons`` (cases times changes),
            ``late_columns`` tried alone, ``leaking`` features, ``through`` which
            columns, and ``delays``: for each delay of facts dated by rule, how many
            cases and features change.
        """
        return {
            "passed": self.passed,
            "lag_days": self.lag_days,
            "days": int(self.table["day"].nunique()),
            "comparisons": int(self.table["cases"].sum()),
            "late_columns": sorted(set(self.table["column"]) - {""}),
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
        }

    def __repr__(self) -> str:
        verdict = "no feature changed" if self.passed else f"LEAKAGE: {', '.join(self.leaking[:5])}"
        return (
            f"<LeakageProof {verdict}: {self.table['day'].nunique()} days, "
            f"{int(self.table['cases'].sum()):,} comparisons>"
        )

    def _repr_html_(self) -> str:
        return (
            f"<p>{repr(self)[1:-1]}</p>{self.table.to_html(index=False)}"
            f"<p>Facts dated by rule, delayed:</p>{self.delays.to_html(index=False)}"
        )
