"""What is done to the tables of an authority, and the account kept of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fs_risk.records.tables import TABLES
from fs_risk.synthetic.timeline import ids


@dataclass
class Damage:
    """The tables while defects are planted.

    Attributes
    ----------
    tables : dict of str to DataFrame
        Canonical tables as the generator lays them out; changed in place.
    first, last : Timestamp
        First and last day observed.
    seed : int
        Of the authority; each defect draws from a stream of its own, so that planting
        one changes nothing about another.
    account, rows : list
        What was done, and to which rows.
    """

    tables: dict[str, pd.DataFrame]
    first: pd.Timestamp
    last: pd.Timestamp
    seed: int
    account: list[dict[str, object]] = field(default_factory=list)
    rows: list[pd.DataFrame] = field(default_factory=list)

    def stream(self, place: int) -> np.random.Generator:
        """Give the random numbers of one defect."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(7_919, place)))

    def overwrite(
        self, defect: str, size: float, table: str, column: str, rows: np.ndarray, values: object
    ) -> None:
        """Change some cells of a column and note what they were.

        Parameters
        ----------
        defect : str
        size : float
        table, column : str
        rows : ndarray of bool
        values : scalar or array
            One for each row that is changed. Rows that hold a scalar already are not
            counted as changed.
        """
        frame = self.tables[table].copy()
        if isinstance(values, str | bool):
            rows = rows & (frame[column] != values).fillna(True).to_numpy(dtype=bool)
        was = frame.loc[rows, column]
        self._note(defect, size, table, column, "overwritten", frame.loc[rows], was)
        frame.loc[rows, column] = values
        self.tables[table] = frame

    def note(
        self, defect: str, size: float, table: str, what: str, frame: pd.DataFrame, column: str = ""
    ) -> None:
        """Note rows that were added or removed."""
        self._note(defect, size, table, column, what, frame, None)

    def _note(
        self,
        defect: str,
        size: float,
        table: str,
        column: str,
        what: str,
        frame: pd.DataFrame,
        was: pd.Series | None,
    ) -> None:
        self.account.append(
            {
                "defect": defect,
                "size": float(size),
                "table": table,
                "column": column,
                "what": what,
                "rows": len(frame),
            }
        )
        before = pd.Series(None, index=frame.index, dtype="str") if was is None else _text(was)
        self.rows.append(
            pd.DataFrame(
                {
                    "defect": defect,
                    "table": table,
                    "row_id": frame[TABLES[table].key[0]].astype("str").array,
                    "column": column,
                    "was": before.array,
                }
            )
        )

    def truth(self) -> dict[str, pd.DataFrame]:
        """Lay out the account: ``defects`` and ``defect_rows``."""
        columns = ["defect", "size", "table", "column", "what", "rows"]
        empty = pd.DataFrame(
            {name: pd.Series(dtype="str") for name in _ROW_COLUMNS}, columns=_ROW_COLUMNS
        )
        return {
            "defects": pd.DataFrame(self.account, columns=columns),
            "defect_rows": pd.concat([empty, *self.rows], ignore_index=True),
        }


_ROW_COLUMNS = ["defect", "table", "row_id", "column", "was"]

Planter = Callable[[Damage, float], None]


def _text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.dt.strftime("%Y-%m-%d").astype("str")
    return values.astype("str").where(values.notna())


def further_ids(letter: str, used: pd.Series, count: int) -> pd.Series:
    """Write identifiers with higher numbers than any that is in use."""
    numbers = used.str.extract(r"(\d+)$", expand=False).dropna().astype("int64")
    last = int(numbers.max()) if len(numbers) else 0
    return ids(letter, last + np.arange(1, count + 1))


def picked(count: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Pick about a share of things, each by itself.

    Returns
    -------
    ndarray of bool, shape (count,)
    """
    chosen: np.ndarray = rng.random(count) < share
    return chosen


def days_later(dates: pd.Series, days: np.ndarray) -> pd.Series:
    """Move dates by whole days, each by its own number."""
    moved: pd.Series = dates + days * np.timedelta64(86_400, "s")
    return moved
