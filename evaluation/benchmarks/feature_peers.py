"""The same counts asked of Polars and DuckDB."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from feature_work import CONTACT_SOURCES, KINDS, WINDOWS, Arrays

from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES


def polars_keys(events: Arrays, cases: Arrays) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give Polars the integer arrays as frames."""
    case = np.arange(cases["child"].size, dtype=np.int32)
    return pl.DataFrame(events), pl.DataFrame({"case": case, **cases})


def by_polars(events: pl.LazyFrame, cases: pl.LazyFrame) -> pl.DataFrame:
    """Join lazily, keep what was known, count distinct days by kind and window."""
    age = pl.col("as_of") - pl.col("day")
    per_day = (
        cases.join(events, on="child")
        .filter((pl.col("known") < pl.col("as_of")) & (age > 0) & (age <= WINDOWS[-1]))
        .unique(["case", "kind", "day"])
    )
    counts = per_day.group_by("case").agg(
        [
            ((pl.col("kind") == kind) & (age <= window))
            .sum()
            .cast(pl.Float32)
            .alias(f"{kind}_{window}")
            for kind in range(len(KINDS))
            for window in WINDOWS
        ]
    )
    joined = cases.select("case").join(counts, on="case", how="left").fill_null(0)
    return joined.sort("case").collect()


def polars_tables(records: Records, cohort: pd.DataFrame) -> dict[str, pl.DataFrame]:
    """Give Polars the canonical tables and the cohort, dates as its own dates."""
    frames = {table: records[table] for table in dict.fromkeys(KINDS.values())}
    made = {}
    for name, frame in {**frames, "cohort": cohort}.items():
        named = ("child_id", "source", "as_of", "known_date", TABLES[name].date if name in TABLES
                 else "")  # fmt: skip
        kept = frame[[column for column in frame if column in named]]
        dates = kept.select_dtypes("datetime").columns
        made[name] = pl.from_pandas(kept).with_columns(pl.col(list(dates)).cast(pl.Date))
    return made


def by_polars_from_tables(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Put the streams of all tables behind one another, then as `by_polars`, on text ids."""
    parts = []
    for kind, (stream, table) in enumerate(KINDS.items()):
        frame = tables[table].lazy()
        if stream in CONTACT_SOURCES:
            frame = frame.filter(pl.col("source").is_in(CONTACT_SOURCES[stream]))
        parts.append(
            frame.select(
                pl.col("child_id").alias("child"),
                pl.col(TABLES[table].date).cast(pl.Int32).alias("day"),
                pl.col("known_date").cast(pl.Int32).alias("known"),
                pl.lit(kind, dtype=pl.Int16).alias("kind"),
            )
        )
    cases = (
        tables["cohort"]
        .lazy()
        .select(pl.col("child_id").alias("child"), pl.col("as_of").cast(pl.Int32))
        .with_row_index("case")
    )
    return by_polars(pl.concat(parts), cases)


def duckdb_keys(events: Arrays, cases: Arrays) -> duckdb.DuckDBPyConnection:
    """Give DuckDB the integer arrays as frames."""
    connection = duckdb.connect()
    connection.register("events", pd.DataFrame(events))
    connection.register("cases", pd.DataFrame({"case": np.arange(cases["child"].size), **cases}))
    return connection


def duckdb_threads() -> int:
    """Say how many threads DuckDB uses."""
    found = duckdb.connect().execute("SELECT current_setting('threads')").fetchone()
    return int(found[0]) if found else 0


def by_duckdb(connection: duckdb.DuckDBPyConnection) -> np.ndarray:
    """Ask the same in SQL, into one matrix.

    Each day is made distinct first: ``count(DISTINCT day) FILTER`` for each column
    takes DuckDB eight times as long.
    """
    asked = [(kind, window) for kind in range(len(KINDS)) for window in WINDOWS]
    sums = ", ".join(
        f"count(*) FILTER (kind = {kind} AND age <= {window}) AS k{kind}_{window}"
        for kind, window in asked
    )
    floats = ", ".join(
        f"coalesce(k{kind}_{window}, 0)::FLOAT AS k{kind}_{window}" for kind, window in asked
    )
    found = connection.execute(f"""
        WITH per_day AS (
          SELECT DISTINCT "case", kind, as_of - day AS age
          FROM cases JOIN events ON cases.child = events.child
            AND known < as_of AND day < as_of AND as_of - day <= {WINDOWS[-1]}
        ), counts AS (SELECT "case", {sums} FROM per_day GROUP BY "case")
        SELECT cases."case", {floats}
        FROM cases LEFT JOIN counts USING ("case") ORDER BY cases."case"
    """).fetchnumpy()
    return np.column_stack([found[f"k{kind}_{window}"] for kind, window in asked])


def polars_threads() -> int:
    """Say how many threads Polars uses."""
    return pl.thread_pool_size()
