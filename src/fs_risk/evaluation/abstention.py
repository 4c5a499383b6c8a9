"""Who gets no score: how often each code stands in the place of one, group by group.

A model that is silent more often about some children than about others treats them
differently, and no figure of the scores that it gave shows it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact, norm

from fs_risk.errors import AuditError
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.evaluation.fairness_power import smallest_gap_seen
from fs_risk.evaluation.fairness_table import verdict_of
from fs_risk.model.bands import design_effect, wilson
from fs_risk.records.arguments import CODES, takes
from fs_risk.records.codes import SOURCE_GROUPS
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.households import household_keys
from fs_risk.records.many_tests import holm
from fs_risk.records.records import Records
from fs_risk.records.suppression import LARGEST_HIDDEN, rounded

ANY = "any"
"""Stands for all codes together."""

FEWEST = 20
"""Fewer cases than this in a group or in the rest are not compared."""

LEVEL = 0.05
COLUMNS = (
    "attribute", "group", "code", "cases", "without_score", "share", "low", "high", "rest",
    "difference", "difference_low", "difference_high", "adjusted_p", "verdict", "suppressed",
)  # fmt: skip
_NUMBERS = COLUMNS[5:13]


@takes(asked=CODES)
def audit_abstentions(
    asked: pd.DataFrame, *, records: Records | None = None, groups: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Say how often each group gets a code in the place of a score, and where that differs.

    Parameters
    ----------
    asked : DataFrame
        What the front door asked: ``code`` (missing where there was a score), and for
        `records` also ``child_id`` and ``as_of``, and ``source`` if it is to be looked at.
        ``ledger.scores()``, ``prioritise(…).table`` and `front_door_codes` are such frames.
    records : Records, optional
        To look up each child's age band, ethnicity and household.
    groups : DataFrame, optional
        On the index of `asked`; each column is an attribute. By default age band,
        ethnicity and source.

    Returns
    -------
    DataFrame
        A row for each attribute, group and code, ``any`` being all codes together:
        ``cases``, ``without_score`` (to the nearest 5; missing for 1 to 5), ``share`` with
        its 95 % interval ``low``, ``high``; ``rest``, the share of all other cases, the
        ``difference`` to it with its interval; ``adjusted_p`` (Holm, among the groups of one
        code), ``verdict``, ``suppressed``. Shares to whole per cent, and missing where they
        would give away a count of 1 to 5, so that it may be published.

    Raises
    ------
    AuditError
        If there is nobody to compare, or `groups` is on another index.

    References
    ----------
    .. [1] Requirements A2 and M3.

    Examples
    --------
    >>> asked = pd.DataFrame({"code": ["NOT_OBSERVED"] * 30 + [None] * 170})
    >>> groups = pd.DataFrame({"area": ["north"] * 100 + ["south"] * 100})
    >>> found = audit_abstentions(asked, groups=groups)
    >>> found.loc[found["code"] == "any", ["group", "share", "verdict"]].to_numpy().tolist()
    [['all', 0.15, ''], ['north', 0.3, 'gap shown'], ['south', 0.0, 'gap shown']]
    """
    _check(asked, records, groups)
    if groups is None:
        assert records is not None
        groups = _usual_groups(asked, records)
    household = _households(asked, records)
    code = asked["code"].astype("object").to_numpy()
    met = {ANY: pd.notna(code), **{name: code == name for name in _met(code)}}
    rows = [row for name, none in met.items() for row in _rows(name, none, groups, household)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return _published(table)


def _check(asked: pd.DataFrame, records: Records | None, groups: pd.DataFrame | None) -> None:
    needed = ["code"] if records is None else ["code", "child_id", "as_of"]
    absent = [name for name in needed if name not in asked]
    if absent or not len(asked) or (records is None and groups is None):
        raise AuditError(
            f"There is nobody to compare: {count_of(len(asked), 'case')}, "
            f"{count_of(len(absent), 'column is', 'columns are')} absent.",
            where=f"asked, columns {', '.join(map(str, asked.columns))}",
            fix="Give a frame with code, and groups=; or with child_id and as_of, and records=.",
        )
    if groups is not None and not groups.index.equals(asked.index):
        raise AuditError(
            f"Cases ({len(asked)}) and groups ({len(groups)}) do not have the same index.",
            where="asked, groups",
            fix="Give the groups of these very cases.",
        )
    if records is not None and asked[["child_id", "as_of"]].isna().any(axis=None):
        raise AuditError(
            "Some cases name no child or no day, as in study output.",
            where="asked, columns child_id and as_of",
            fix="Pass groups= instead of records=.",
        )


def _usual_groups(asked: pd.DataFrame, records: Records) -> pd.DataFrame:
    cohort = pd.DataFrame(
        {
            "case_id": np.arange(len(asked)).astype(str),
            "child_id": asked["child_id"].to_numpy(),
            "as_of": pd.to_datetime(asked["as_of"]).astype("datetime64[s]").to_numpy(),
        },
        index=asked.index,
    )
    groups = fairness_groups(records, cohort)[["age_band", "ethnicity"]].astype("object")
    if "source" in asked:
        words = {
            code: name.replace("_", " ") for name, codes in SOURCE_GROUPS.items() for code in codes
        }
        named = asked["source"].astype("object").map(words)
        groups["source"] = named.where(named.notna(), "not declared")
    return groups


def _households(asked: pd.DataFrame, records: Records | None) -> np.ndarray:
    """Give each case its household: children of one are silent together."""
    if "child_id" not in asked or asked["child_id"].isna().any():
        return np.arange(len(asked))
    own = asked["child_id"].astype("str")
    if records is not None:
        keys = household_keys(records["children"], records["family_links"])
        own = own.map(keys).where(own.isin(keys.index), own)
    numbers: np.ndarray = pd.factorize(own)[0]
    return numbers


def _met(code: np.ndarray) -> list[str]:
    return sorted({str(one) for one in code if pd.notna(one)})


def _rows(
    code: str, none: np.ndarray, groups: pd.DataFrame, household: np.ndarray
) -> Iterator[dict[str, Any]]:
    """Give the rows of one code: everybody, then each group against the rest."""
    everyone = np.ones(len(none), dtype=bool)
    yield {**_about("all", "all", code), **_share(none, everyone, household), "verdict": ""}
    rows = []
    for attribute in groups:
        named = groups[attribute].astype("object").to_numpy()
        named = np.where(pd.isna(named), "missing", named).astype(str)
        for group in sorted(set(named)):
            row = {**_about(str(attribute), group, code), **_share(none, named == group, household)}
            rows.append({**row, **_gap(none, named == group, household)})
    tested = np.array([np.isfinite(row["p"]) for row in rows], dtype=bool)
    adjusted = np.full(len(rows), np.nan)
    adjusted[tested] = holm(np.array([row["p"] for row in rows])[tested])
    for row, p in zip(rows, adjusted.tolist(), strict=True):
        seen = _could_see(row, level=LEVEL / max(int(tested.sum()), 1))
        yield {**row, "adjusted_p": p, "verdict": verdict_of(p, *seen, True, level=LEVEL)}


def _about(attribute: str, group: str, code: str) -> dict[str, Any]:
    return {"attribute": attribute, "group": group, "code": code}


def _share(none: np.ndarray, mine: np.ndarray, household: np.ndarray) -> dict[str, Any]:
    n, hits = int(mine.sum()), int(none[mine].sum())
    effect = design_effect(none[mine].astype(np.float64), household[mine])
    low, high = wilson(hits, n, effect=effect)
    found = {"cases": n, "without_score": hits, "share": hits / n, "low": low, "high": high}
    return {**found, "p": np.nan, "effect": effect}


def _gap(none: np.ndarray, mine: np.ndarray, household: np.ndarray) -> dict[str, Any]:
    """Compare a group with all other cases."""
    if mine.all():
        return {}
    own, rest = _share(none, mine, household), _share(none, ~mine, household)
    gap = own["share"] - rest["share"]
    below = np.hypot(own["share"] - own["low"], rest["high"] - rest["share"])
    above = np.hypot(own["high"] - own["share"], rest["share"] - rest["low"])
    enough = min(own["cases"], rest["cases"]) >= FEWEST
    return {
        "rest": rest["share"],
        "rest_cases": rest["cases"],
        "difference": gap,
        "difference_low": gap - below,
        "difference_high": gap + above,
        "p": _p_value(own, rest, none, household) if enough else np.nan,
    }


def _p_value(
    own: dict[str, Any], rest: dict[str, Any], none: np.ndarray, household: np.ndarray
) -> float:
    """Give the chance of so large a gap: the exact one, or that of households if it is larger."""
    hits = [own["without_score"], rest["without_score"]]
    counts = [own["cases"], rest["cases"]]
    exact = fisher_exact([hits, [n - k for n, k in zip(counts, hits, strict=True)]]).pvalue
    rate = sum(hits) / sum(counts)
    effect = design_effect(none.astype(np.float64), household)
    error = np.sqrt(effect * rate * (1 - rate) * (1 / counts[0] + 1 / counts[1]))
    if not error:
        return 1.0
    return float(max(exact, 2 * norm.sf(abs(own["share"] - rest["share"]) / error)))


def _could_see(row: dict[str, Any], *, level: float) -> tuple[float, float]:
    if not np.isfinite(row["p"]):
        return np.nan, np.nan
    sizes = (row["rest"], row["cases"], row["rest_cases"], row["effect"])
    below, above = smallest_gap_seen(*(np.array([each]) for each in sizes), level=level)
    return float(below[0]), float(above[0])


def _published(table: pd.DataFrame) -> pd.DataFrame:
    """Hide counts of 1 to 5, round the others, and give no more of a share than these would."""
    cases = table["cases"].to_numpy(dtype=np.int64)
    hits = table["without_score"].to_numpy(dtype=np.int64)
    hidden = _is_small(cases) | _is_small(hits) | _is_small(cases - hits)
    table = table.astype(dict.fromkeys(_NUMBERS, "float64"))
    shares = [name for name in _NUMBERS if name != "adjusted_p"]
    table[shares] = table[shares].round(2)
    table.loc[hidden, list(_NUMBERS)] = np.nan
    for name, counts in (("cases", cases), ("without_score", hits)):
        shown = pd.Series(rounded(counts), index=table.index, dtype="Int64")
        table[name] = shown.mask(_is_small(counts))
    table["suppressed"] = hidden
    return table


def _is_small(counts: np.ndarray) -> np.ndarray:
    small: np.ndarray = (counts > 0) & (counts <= LARGEST_HIDDEN)
    return small
