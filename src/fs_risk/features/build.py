"""`build_features`: the catalogue's features for cases, as known on each case's day."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import FeatureError
from fs_risk.features.cases import Cases, as_cases, warn_of_unknown_cases
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.factor_history import (
    FactorHistory,
    FactorHistoryPlan,
    fill_factor_history,
    plan_factor_history,
)
from fs_risk.features.factor_states import FactorPlan, fill_factors, plan_factors
from fs_risk.features.identity import fill_ages, fill_siblings, fill_sources
from fs_risk.features.measures import (
    Age,
    Count,
    DaysSince,
    DeclaredSource,
    FactorGroupsCurrent,
    FactorState,
    OnlySiblings,
    Rhythm,
    Share,
    Siblings,
    Spell,
    streams_of,
)
from fs_risk.features.observed import Observed
from fs_risk.features.rhythms import (
    OnlySiblingsPlan,
    RhythmPlan,
    fill_only_siblings,
    fill_rhythms,
    plan_only_siblings,
    plan_rhythms,
)
from fs_risk.features.sight import POINTS_OF_VIEW, Sight
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.spells import SpellPlan, fill_spells, plan_spells
from fs_risk.features.streams import STREAMS
from fs_risk.features.threads import in_blocks
from fs_risk.features.timeline import History
from fs_risk.features.windows import (
    SharePlan,
    WindowPlan,
    fill_shares,
    fill_windows,
    plan_shares,
    plan_windows,
)
from fs_risk.records.arguments import COHORT, RECORDS_OR_HISTORY, takes
from fs_risk.records.records import Records

BLOCK = 8_192
"""Cases whose features are filled together: all passes find their facts in the cache."""

PAGE = 1_024
"""Values on the smallest page of memory."""


@dataclass(frozen=True)
class FeatureLayout:
    """Which column each feature fills, grouped so that each pass runs once.

    Made once for a set of features by `lay_out` and used for any number of cases.
    """

    specs: tuple[FeatureSpec, ...]
    windows: tuple[WindowPlan, ...]
    shares: tuple[SharePlan, ...]
    rhythms: tuple[RhythmPlan, ...]
    only_siblings: OnlySiblingsPlan | None
    spells: tuple[SpellPlan, ...]
    factors: tuple[FactorPlan, ...]
    factor_history: tuple[FactorHistoryPlan, ...]
    ages: list[tuple[int, Any]]
    sources: list[tuple[int, Any]]
    siblings: list[tuple[int, Any]]
    observed: Observed

    @property
    def names(self) -> list[str]:
        """The feature names, in the order of the columns."""
        return [spec.name for spec in self.specs]


@takes(records=RECORDS_OR_HISTORY, cohort=COHORT)
def build_features(
    records: Records | History,
    cohort: pd.DataFrame,
    *,
    extra: Sequence[FeatureSpec] = (),
    lag_days: int = 0,
) -> pd.DataFrame:
    """Build the catalogue's features for each case, as known before its day.

    Parameters
    ----------
    records : Records or History
        A `History` saves indexing the same records again.
    cohort : DataFrame
        With ``case_id``, ``child_id`` and ``as_of``. Where it has ``source``,
        ``birth_date`` or ``family_id``, these are taken as declared with the case;
        otherwise the source is that of the referral whose id is the case's. For a model
        whose plan has `Plan.family_declared`, give it ``family_id``
        (`referral_cohort(..., family_declared=True)`).
    extra : sequence of FeatureSpec
        Features of your own, over the streams of the catalogue.
    lag_days : int, default=0
        Facts known within this many days before `as_of` are not used, as in live
        use when the extract is that old.

    Returns
    -------
    DataFrame of float32, shape (n_cases, n_features)
        The cohort's index and order. NaN: not known, or a window not wholly
        observed; never a stand-in for 0.

    Raises
    ------
    FeatureError
        If the cohort lacks a column, a case has no child or no date, or two
        features have one name.

    Warns
    -----
    UnknownCasesWarning
        If of 20 cases or more none is named for a referral of the records, as where ids
        are of another system, and no source is declared.

    Examples
    --------
    >>> from fs_risk.records.records import Records
    >>> contacts = pd.DataFrame({"contact_id": ["1", "2"], "child_id": ["A", "A"],
    ...     "contact_date": pd.to_datetime(["2024-03-01", "2024-03-08"])})
    >>> records = Records.from_frames({"contacts": contacts}, extract_date="2024-12-31",
    ...     coverage={"contacts": ("2020-01-01", "2024-12-31")})
    >>> cohort = pd.DataFrame({"case_id": ["R1"], "child_id": ["A"],
    ...     "as_of": pd.to_datetime(["2024-03-08"])})
    >>> float(build_features(records, cohort)["child_contacts_30d"].item())
    1.0
    """
    if lag_days < 0:
        raise FeatureError("A lag cannot be negative.", fix="Give lag_days as 0 or more.")
    history = records if isinstance(records, History) else History.from_records(records)
    layout = lay_out((*CATALOGUE, *extra))
    cases = as_cases(history, cohort, lag_days=lag_days)
    warn_of_unknown_cases(history, cohort)
    values = feature_matrix(history, cases, layout)
    # pandas would copy the whole matrix
    return pd.DataFrame(values, index=cohort.index, columns=layout.names, copy=False)


def lay_out(specs: Sequence[FeatureSpec]) -> FeatureLayout:
    """Group features by the pass that computes them.

    Parameters
    ----------
    specs : sequence of FeatureSpec
        In the order wanted for the columns.

    Returns
    -------
    FeatureLayout

    Raises
    ------
    FeatureError
        If two features have one name, or one reads a stream that does not exist.
    """
    _check(specs)
    windows, shares, rhythms = [], [], []
    spells: list[SpellPlan] = []
    for whom in POINTS_OF_VIEW:
        placed = _placed(specs, Count, DaysSince, whom=whom)
        if placed:
            windows.append(plan_windows(placed, whom))
        parts = _placed(specs, Share, whom=whom)
        if parts:
            shares.append(plan_shares(parts, whom))
        ordered = _placed(specs, Rhythm, whom=whom)
        if ordered:
            rhythms.append(plan_rhythms(ordered, whom))
        open_on_the_day = _placed(specs, Spell, whom=whom)
        if open_on_the_day:
            spells.append(plan_spells(open_on_the_day, whom))
    of_siblings_only = _placed(specs, OnlySiblings)
    return FeatureLayout(
        specs=tuple(specs),
        windows=tuple(windows),
        shares=tuple(shares),
        rhythms=tuple(rhythms),
        only_siblings=plan_only_siblings(of_siblings_only) if of_siblings_only else None,
        spells=tuple(spells),
        factors=plan_factors(_placed(specs, FactorState, FactorGroupsCurrent)),
        factor_history=plan_factor_history(_placed(specs, FactorHistory)),
        ages=_placed(specs, Age),
        sources=_placed(specs, DeclaredSource),
        siblings=_placed(specs, Siblings),
        observed=Observed(specs),
    )


def feature_matrix(
    history: History, cases: Cases, layout: FeatureLayout, *, out: np.ndarray | None = None
) -> np.ndarray:
    """Compute features as a matrix, one column for each feature of the layout.

    The same code serves a whole history and one referral at the front door.

    Parameters
    ----------
    history : History
    cases : Cases
    layout : FeatureLayout
    out : ndarray of float32, shape (n_cases, n_features), optional
        In column-major order, to be filled: memory at hand, or a `numpy.memmap`.

    Returns
    -------
    ndarray of float32, shape (n_cases, n_features)
        In column-major order; `out`, where it is given.
    """
    n = cases.day.size
    values = out
    if values is None:
        values = _fresh(n, len(layout.specs))
    if n <= BLOCK:
        _fill(Sight(history, cases), layout, values)
        return values

    own = threading.local()

    def fill(first: int, last: int) -> None:
        # one block for each thread: fresh memory for every block would cost more than the work
        if not hasattr(own, "memory"):
            own.memory = np.empty(BLOCK * len(layout.specs), dtype=np.float32)
        size = (last - first) * len(layout.specs)
        block = own.memory[:size].reshape((last - first, len(layout.specs)), order="F")
        _fill(Sight(history, cases.part(first, last)), layout, block)
        values[first:last] = block

    layout.observed.limits(history)  # once, not by each thread
    in_blocks(fill, n, size=BLOCK)
    return values


def _fresh(n_rows: int, n_columns: int) -> np.ndarray:
    """Take memory for a matrix, page after page.

    Blocks write to every column in turn; pages first touched in that order cost the
    system several times as much as in the order in which they lie. One value a page
    is touched, since writing all of them would be a second pass over the result.
    """
    values = np.empty((n_rows, n_columns), dtype=np.float32, order="F")
    if n_rows > BLOCK:
        flat = values.T.reshape(-1)
        in_blocks(lambda first, last: flat[first:last:PAGE].fill(0), flat.size, size=1 << 22)
    return values


def features_in_sight(sight: Sight, layout: FeatureLayout) -> np.ndarray:
    """Compute features of a few cases from what they see.

    Parameters
    ----------
    sight : Sight
    layout : FeatureLayout

    Returns
    -------
    ndarray of float32, shape (n_cases, n_features)
        In column-major order.
    """
    values = _fresh(sight.key.size, len(layout.specs))
    _fill(sight, layout, values)
    return values


def _fill(sight: Sight, layout: FeatureLayout, values: np.ndarray) -> None:
    """Fill the features of some cases, each kind of measure by its own pass."""
    history, cases = sight.history, sight.cases
    for plan in layout.windows:
        fill_windows(sight, plan, values)
    for share in layout.shares:
        fill_shares(sight, share, values)
    for rhythm in layout.rhythms:
        fill_rhythms(sight, rhythm, values)
    if layout.only_siblings is not None:
        fill_only_siblings(sight, layout.only_siblings, values)
    for spells in layout.spells:
        fill_spells(sight, spells, values)
    fill_factors(sight, layout.factors, values)
    fill_factor_history(sight, layout.factor_history, values)
    fill_ages(cases, layout.ages, values)
    if layout.sources:
        fill_sources(cases, layout.sources, values)
    if layout.siblings:
        fill_siblings(sight, layout.siblings, values)
    layout.observed.blank(history, cases, values)


def _check(specs: Sequence[FeatureSpec]) -> None:
    many = Counter(spec.name for spec in specs)
    twice = sorted(name for name, times in many.items() if times > 1)
    if twice:
        raise FeatureError(
            f"Features have the same name: {', '.join(twice)}.", fix="Rename one of each pair."
        )
    for spec in specs:
        absent = [name for name in streams_of(spec.measure) if name not in STREAMS]
        if absent:
            raise FeatureError(
                f"Feature {spec.name!r} reads a stream that does not exist: {absent[0]!r}.",
                fix=f"Use one of: {', '.join(STREAMS)}.",
            )


def _placed(
    specs: Sequence[FeatureSpec], *kinds: type | UnionType, whom: str | None = None
) -> list[tuple[int, Any]]:
    """List the feature columns of some kinds of measure, of one point of view."""
    return [
        (column, spec.measure)
        for column, spec in enumerate(specs)
        if isinstance(spec.measure, kinds) and whom in (None, spec.point_of_view)
    ]
