"""Features in parts, for an authority or a region that outgrows one machine.

Features of a child depend on no child outside the household, so records split by
household give the very same values part by part. Dask does the scheduling; there
is no cluster code here.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from fs_risk.errors import FeatureError
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.lookup import places_of
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.stream_rows import number_rows
from fs_risk.features.timeline import History
from fs_risk.records.arguments import COHORT, PARTS, RECORDS, WHOLE, takes
from fs_risk.records.counts_in_words import count_of, out_of
from fs_risk.records.households import household_numbers
from fs_risk.records.notebook import Display
from fs_risk.records.records import Records

if TYPE_CHECKING:
    from dask.dataframe import DataFrame as DaskFrame


class Part(NamedTuple):
    """Whole households, and their cases.

    Attributes
    ----------
    records : Records or History
    cohort : DataFrame
        As for `build_features`; its index numbers the cases over all parts.
    """

    records: Records | History
    cohort: pd.DataFrame

    def __repr__(self) -> str:
        return self._display().text()

    def _repr_html_(self) -> str:
        return self._display().html()

    def _display(self) -> Display:
        held = [("records", repr(self.records)), ("cases", f"{len(self.cohort):,}")]
        synthetic = self.records.origin.kind == "synthetic"
        return Display("Part: whole households", held, synthetic=synthetic)


@takes(records=RECORDS, cohort=COHORT, n_parts=WHOLE)
def split_by_household(records: Records, cohort: pd.DataFrame, *, n_parts: int) -> list[Part]:
    """Split records and cases into parts that hold whole households.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        As for `build_features`.
    n_parts : int
        At least 1. A part may be empty.

    Returns
    -------
    list of Part
        Each row of each table is in exactly one part, in its old order; each has the
        coverage and extract date of all.

    Raises
    ------
    FeatureError
        If `n_parts` is below 1, or a case is named for the referral of a child of
        another part, or declares a family of one.

    Examples
    --------
    >>> contacts = pd.DataFrame({"contact_id": ["1", "2", "3"], "child_id": ["A", "B", "C"],
    ...     "contact_date": pd.to_datetime(["2024-03-01"] * 3)})
    >>> links = pd.DataFrame({"child_id": ["A", "C"], "family_id": ["F", "F"]})
    >>> records = Records.from_frames({"contacts": contacts, "family_links": links},
    ...     extract_date="2024-12-31")
    >>> cohort = pd.DataFrame({"case_id": ["1"], "child_id": ["C"],
    ...     "as_of": pd.to_datetime(["2024-06-01"])})
    >>> parts = split_by_household(records, cohort, n_parts=2)
    >>> [part.records["contacts"]["child_id"].tolist() for part in parts]
    [['A', 'C'], ['B']]
    """
    if n_parts < 1:
        raise FeatureError(
            "Records cannot be split into no parts.", fix="Give n_parts of 1 or more."
        )
    frames = {name: records[name] for name in records}
    children, tables = number_rows(frames)
    part_of_child = household_numbers(children, frames["family_links"]) % n_parts
    part_of = {name: part_of_child[rows.owner] for name, rows in tables.items()}
    for name, frame in frames.items():
        if name not in part_of:
            other, key = _parent(frame)
            part_of[name] = _as_parent(frame[key], frames[other][key], part_of[other])
    place = places_of(cohort["child_id"], children)
    part_of_case = np.where(place >= 0, part_of_child[place], 0) if len(children) else place * 0
    if "family_id" in cohort:
        part_of_family = _part_of_family(cohort["family_id"], frames["family_links"], part_of)
        part_of_case = np.where((place < 0) & (part_of_family >= 0), part_of_family, part_of_case)
        _check_families(part_of_case, part_of_family)
    _check_referrals(cohort, part_of_case, frames["referrals"], part_of["referrals"])
    return [
        Part(
            records.replace(
                **{
                    name: frame[part_of[name] == part].reset_index(drop=True)
                    for name, frame in frames.items()
                }
            ),
            cohort[part_of_case == part],
        )
        for part in range(n_parts)
    ]


@takes(parts=PARTS)
def build_features_in_parts(
    parts: Sequence[Any], *, extra: Sequence[FeatureSpec] = (), lag_days: int = 0
) -> "DaskFrame":
    """Build the catalogue's features of each part as a partition of a Dask dataframe.

    Parameters
    ----------
    parts : sequence of Part, or of Delayed that gives one
        From `split_by_household`; or, where the whole does not fit in memory, one
        ``dask.delayed`` for each part, which reads its own households from disk.
    extra, lag_days
        As for `build_features`.

    Returns
    -------
    dask.dataframe.DataFrame of float32
        One partition for each part. Each row is bit for bit the row that
        `build_features` gives for the whole; ``.compute().loc[cohort.index]`` puts
        them into the cohort's order.

    Raises
    ------
    FeatureError
        If Dask is not installed.

    Notes
    -----
    Threads share memory and are Dask's default. For processes or a cluster give
    parts that hold a `History`, or Delayed ones. Records partitioned from end to end:
    split once, store each part, and read it where it is used, as in the example; no
    process then holds more than its own households.

    Examples
    --------
    >>> import pickle, tempfile
    >>> from pathlib import Path
    >>> from dask.delayed import delayed
    >>> import fs_risk as fs
    >>> records = fs.make_authority(children=300, years=2, seed=1)
    >>> cohort = fs.referral_cohort(records)
    >>> folder = tempfile.TemporaryDirectory()
    >>> stored = []
    >>> for number, part in enumerate(split_by_household(records, cohort, n_parts=3)):
    ...     stored.append(Path(folder.name, f"part{number}"))
    ...     history = fs.History.from_records(part.records)
    ...     written = stored[-1].write_bytes(pickle.dumps(Part(history, part.cohort)))
    >>> def read(path):
    ...     return pickle.loads(path.read_bytes())  # files of your own making only
    >>> built = build_features_in_parts([delayed(read)(path) for path in stored])
    >>> X = built.compute(scheduler="threads").loc[cohort.index]
    >>> X.equals(fs.build_features(records, cohort)), built.npartitions
    (True, 3)
    >>> folder.cleanup()
    """
    try:
        import dask.dataframe as dd
        from dask.delayed import delayed
    except ImportError as error:
        raise FeatureError(
            "Dask is not installed.", fix="Install fs-risk[dask], or use build_features."
        ) from error
    names = [spec.name for spec in (*CATALOGUE, *extra)]
    build = delayed(_build, pure=False)
    meta = pd.DataFrame({name: pd.Series(dtype="float32") for name in names})
    built: DaskFrame = dd.from_delayed(
        [build(part, tuple(extra), lag_days) for part in parts], meta=meta, verify_meta=False
    )
    return built


def _build(part: Part, extra: tuple[FeatureSpec, ...], lag_days: int) -> pd.DataFrame:
    return build_features(part.records, part.cohort, extra=extra, lag_days=lag_days)


def _parent(frame: pd.DataFrame) -> tuple[str, str]:
    """Name the table that says which child a row without one belongs to, and the key."""
    if "assessment_id" in frame:
        return "assessments", "assessment_id"
    return "family_links", "family_id"


def _as_parent(ids: pd.Series, parents: pd.Series, part_of_parent: np.ndarray) -> np.ndarray:
    """Give each row its parent's part; a row without one, which no child has, the first."""
    first = ~parents.duplicated().to_numpy() & parents.notna().to_numpy()
    place = places_of(ids, pd.Index(parents[first]))
    found: np.ndarray = np.append(part_of_parent[first], 0)[place]
    return found


def _part_of_family(
    family: pd.Series, links: pd.DataFrame, part_of: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Give the part that holds the family which each case declares; -1 for none."""
    first = pd.Series(part_of["family_links"], index=links["family_id"].to_numpy(dtype=object))
    first = first[first.index.notna() & ~first.index.duplicated()]
    found: np.ndarray = first.reindex(family.to_numpy(dtype=object)).fillna(-1).to_numpy(np.int64)
    return found


def _check_families(part_of_case: np.ndarray, part_of_family: np.ndarray) -> None:
    apart = (part_of_family >= 0) & (part_of_family != part_of_case)
    if apart.any():
        raise FeatureError(
            f"{out_of(int(apart.sum()), len(apart), 'case', does='declares', do='declare')} a "
            "family in whose household the records do not hold the child: its records would be in "
            "another part.",
            where=f"cohort, column family_id, rows "
            f"{', '.join(map(str, np.flatnonzero(apart)[:10] + 1))}",
            fix="Build these cases' features from the whole records, or leave their family out.",
        )


def _check_referrals(
    cohort: pd.DataFrame,
    part_of_case: np.ndarray,
    referrals: Mapping[str, pd.Series],
    part_of_referral: np.ndarray,
) -> None:
    place = places_of(cohort["case_id"], pd.Index(referrals["referral_id"]))
    named = place >= 0
    apart = int((part_of_referral[place[named]] != part_of_case[named]).sum())
    if apart:
        raise FeatureError(
            f"{count_of(apart, 'case is', 'cases are')} named for a referral of a child in "
            "another household.",
            where="cohort, columns case_id and child_id",
            fix="Give each case the id of its own child's referral, or an id of its own.",
        )
