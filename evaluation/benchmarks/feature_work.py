"""The work that the feature benchmark times: 12 kinds × 6 windows, two clocks, drawn data."""

import numpy as np
import pandas as pd

from fs_risk.features.build import build_features, feature_matrix, lay_out
from fs_risk.features.cases import as_cases
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.kernels import count_windows
from fs_risk.features.measures import Count
from fs_risk.features.ordering import order_events
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.threads import in_pieces
from fs_risk.features.timeline import History
from fs_risk.records.codes import SOURCE_GROUPS
from fs_risk.records.dates import NEVER, from_days
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES

WINDOWS = (30, 90, 180, 365, 730, 1_095)

KINDS = {
    "contacts_police": "contacts",
    "contacts_school": "contacts",
    "contacts_health": "contacts",
    "contacts_individual": "contacts",
    "early_help_starts": "early_help",
    "section47": "section47",
    "conferences": "conferences",
    "cin_plans": "cin_plans",
    "cp_plan_starts": "cp_plans",
    "pre_proceedings": "pre_proceedings",
    "care_starts": "care_periods",
    "missing": "missing_episodes",
}
"""Stream and canonical table of each kind of event."""

CONTACT_SOURCES = {
    name: SOURCE_GROUPS[name.removeprefix("contacts_")]
    for name in KINDS
    if name.startswith("contacts_")
}
"""The sources of contact of each kind."""

COLUMNS = len(KINDS) * len(WINDOWS)
Arrays = dict[str, np.ndarray]


def draw(n_cases: int, n_events: int) -> tuple[Arrays, Arrays]:
    """Draw events and cases over eight years, two cases to a child on average.

    Returns
    -------
    events : dict of ndarray
        ``child``, ``day``, ``known``, ``kind``, in no order.
    cases : dict of ndarray
        ``child``, ``as_of``, in no order.
    """
    rng = np.random.default_rng(0)
    n_children = n_cases // 2
    day = rng.integers(15_000, 18_000, n_events, dtype=np.int32)
    events = {
        "child": rng.integers(0, n_children, n_events, dtype=np.int32),
        "day": day,
        "known": (day + rng.geometric(0.3, n_events) - 1).astype(np.int32),
        "kind": rng.integers(0, len(KINDS), n_events).astype(np.int16),
    }
    cases = {
        "child": rng.integers(0, n_children, n_cases, dtype=np.int32),
        "as_of": rng.integers(16_000, 18_000, n_cases, dtype=np.int32),
    }
    return events, cases


def count_keys(events: Arrays, cases: Arrays) -> np.ndarray:
    """Count from unsorted integer keys to one matrix of float32, a column for each count."""
    n_children = int(max(events["child"].max(), cases["child"].max())) + 1
    starts, day, known, kind = order_events(
        events["child"], events["day"], events["known"], events["kind"], n_children
    )
    n_cases, size = cases["child"].size, len(WINDOWS)
    values = np.empty((n_cases, COLUMNS), dtype=np.float32, order="F")
    first_column = np.arange(0, COLUMNS + 1, size, dtype=np.int32)
    column_of = first_column[:-1, None] + np.arange(size, dtype=np.int32)
    nobody = np.full(n_cases, -1, dtype=np.int32)

    def count(from_case: int, to_case: int) -> None:
        count_windows(
            starts,
            day,
            known,
            kind,
            np.empty(0, dtype=np.int32),
            np.full(n_children, NEVER, dtype=np.int32),
            cases["child"],
            cases["as_of"],
            cases["as_of"],
            nobody,
            True,
            first_column,
            np.arange(COLUMNS, dtype=np.int32),
            np.searchsorted(WINDOWS, np.arange(WINDOWS[-1] + 1)).astype(np.int16),
            column_of,
            np.empty((0, 3), dtype=np.int32),
            from_case,
            to_case,
            values.T,
        )

    in_pieces(count, n_cases, rows=n_cases)
    return values


def as_records(events: Arrays, cases: Arrays) -> tuple[Records, pd.DataFrame]:
    """Put the same events into canonical tables with text ids, and the cases into a cohort."""
    names = np.array([f"C{number:07d}" for number in range(int(cases["child"].max()) + 1)])
    child = pd.array(names, dtype="str")
    rng = np.random.default_rng(1)
    frames = {"children": pd.DataFrame({"child_id": child})}
    for table in dict.fromkeys(KINDS.values()):
        kinds = [place for place, name in enumerate(KINDS) if KINDS[name] == table]
        rows = np.flatnonzero(np.isin(events["kind"], kinds))
        frames[table] = pd.DataFrame(
            {
                TABLES[table].key[0]: pd.Series(np.arange(rows.size)).astype("str"),
                "child_id": child.take(events["child"][rows]),
                TABLES[table].date: from_days(events["day"][rows]),
                "known_date": from_days(events["known"][rows]),
            }
        )
        if table == "contacts":
            source = np.empty(rows.size, dtype=object)
            for kind, codes in zip(kinds, CONTACT_SOURCES.values(), strict=True):
                own = events["kind"][rows] == kind
                source[own] = rng.choice(codes, own.sum())
            frames[table]["source"] = pd.array(source, dtype="str")
    last = "2022-12-31"
    records = Records.from_frames(
        frames, extract_date=last, coverage=dict.fromkeys(frames, ("1990-01-01", last))
    )
    cohort = pd.DataFrame(
        {
            "case_id": pd.Series(np.arange(cases["child"].size)).astype("str"),
            "child_id": child.take(cases["child"]),
            "as_of": from_days(cases["as_of"]),
        }
    )
    return records, cohort


def count_frames(records: Records, cohort: pd.DataFrame) -> pd.DataFrame:
    """Count from canonical tables with text ids to a frame, indexing the whole history."""
    history = History.from_records(records)
    layout = lay_out([_spec(stream, window) for stream in KINDS for window in WINDOWS])
    values = feature_matrix(history, as_cases(history, cohort, lag_days=0), layout)
    return pd.DataFrame(values, index=cohort.index, columns=layout.names, copy=False)


def all_features(records: Records, cohort: pd.DataFrame) -> pd.DataFrame:
    """Build every feature of the catalogue, as a user does."""
    return build_features(records, cohort)


def memory_for(n_cases: int) -> np.ndarray:
    """Give memory for all features, touched already."""
    return np.full((n_cases, len(CATALOGUE)), 0, dtype=np.float32, order="F")


def features_into(records: Records, cohort: pd.DataFrame, memory: np.ndarray) -> np.ndarray:
    """Build all features of the catalogue into memory at hand."""
    history = History.from_records(records)
    return feature_matrix(
        history, as_cases(history, cohort, lag_days=0), lay_out(CATALOGUE), out=memory
    )


def touch(n_cases: int, n_events: int) -> np.ndarray:
    """Touch the memory that all features take, and do nothing else."""
    memory = np.empty((n_cases, len(CATALOGUE)), dtype=np.float32, order="F")
    memory.fill(0)
    return memory


def _spec(stream: str, window: int) -> FeatureSpec:
    return FeatureSpec(
        name=f"{stream}_{window}",
        concept="",
        meaning="",
        unit="days",
        kind="neutral",
        measure=Count(stream, window),
        present="",
        absent="",
        missing="",
    )
