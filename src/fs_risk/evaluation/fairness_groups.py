"""The groups an audit compares, from the records: those protected by law, and need by place."""

import numpy as np
import pandas as pd

from fs_risk.evaluation.fairness_cells import MISSING
from fs_risk.evaluation.groupings import AGE, NOT_RECORDED, make_groupings
from fs_risk.records.arguments import COHORT, RECORDS, takes
from fs_risk.records.codes import ETHNICITIES
from fs_risk.records.lookup import is_among
from fs_risk.records.other_grounds import unaccompanied_children
from fs_risk.records.records import Records

REFUSED, NOT_OBTAINED = "refused", "not yet obtained"

CENSUS_GROUPS = {
    "Asian": ("AIND", "APKN", "ABAN", "CHNE", "AOTH"),
    "Black": ("BAFR", "BCRB", "BOTH"),
    "Mixed": ("MWBC", "MWBA", "MWAS", "MOTH"),
    "White": ("WBRI", "WIRI", "WIRT", "WROM", "WOTH"),
    "Other": ("OOTH",),
}
"""The five groups of the census of England and Wales, by the CIN census's codes [1]_."""

_SEXES = {"M": "male", "F": "female", "U": "unknown or unborn"}


@takes(records=RECORDS, cohort=COHORT)
def fairness_groups(records: Records, cohort: pd.DataFrame) -> pd.DataFrame:
    """Put each case into the groups that an audit compares.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.

    Returns
    -------
    DataFrame of category
        On the cohort's index: ``sex``, ``ethnicity`` (five census groups),
        ``ethnicity_18`` (the CIN census's codes), ``age_band`` (at `as_of`),
        ``disability``, ``deprivation`` (fifths of neighbourhoods), ``unaccompanied``.
        What is not recorded is ``missing``, a group of its own (requirement A4);
        ``refused`` and ``not yet obtained`` are groups too.

    Notes
    -----
    Sex, ethnicity, disability and deprivation are as recorded at the extract. None of
    them is a feature: they are looked up here, after the scores (requirement F6).

    References
    ----------
    .. [1] Office for National Statistics, Ethnic group classifications: Census 2021;
       Department for Education, Children in need census 2025 to 2026, ethnicity codes.

    Examples
    --------
    >>> groups = fairness_groups(records, cohort)  # doctest: +SKIP
    >>> audit_fairness(labels, scores, groups, capacity=9)  # doctest: +SKIP
    """
    children = records["children"].drop_duplicates("child_id").set_index("child_id")
    of_case = children.reindex(pd.Index(cohort["child_id"].to_numpy()))
    census = {code: name for name, codes in CENSUS_GROUPS.items() for code in codes}
    apart = {"REFU": REFUSED, "NOBT": NOT_OBTAINED}
    eighteen = {**ETHNICITIES, **apart}
    found = {
        "sex": _named(of_case["sex"], _SEXES, list(_SEXES.values())),
        "ethnicity": _named(
            of_case["ethnicity"], {**census, **apart}, [*CENSUS_GROUPS, *apart.values()]
        ),
        "ethnicity_18": _named(of_case["ethnicity"], eighteen, list(eighteen.values())),
        "age_band": _age(records, cohort),
        "disability": _disability(records, cohort),
        "deprivation": _fifth(of_case["deprivation_decile"]),
        "unaccompanied": _unaccompanied(records, cohort, of_case),
    }
    return pd.DataFrame({name: values.array for name, values in found.items()}, index=cohort.index)


def _category(values: np.ndarray, levels: list[str]) -> pd.Series:
    order = [*(level for level in levels if level != MISSING), MISSING]
    return pd.Series(pd.Categorical(values, categories=order))


def _named(codes: pd.Series, words: dict[str, str], levels: list[str]) -> pd.Series:
    named = codes.astype("object").map(words).fillna(MISSING)
    return _category(named.to_numpy(dtype=object), levels)


def _age(records: Records, cohort: pd.DataFrame) -> pd.Series:
    bands = make_groupings(records, cohort)[AGE]
    levels = [str(band) for band in bands.cat.categories if band != NOT_RECORDED]
    named = bands.astype("object").replace(NOT_RECORDED, MISSING)
    return _category(named.to_numpy(dtype=object), levels)


def _disability(records: Records, cohort: pd.DataFrame) -> pd.Series:
    recorded = records["disabilities"]
    none = recorded["code"] == "NONE"
    child = cohort["child_id"]
    disabled = is_among(child, recorded.loc[~none.to_numpy(dtype=bool, na_value=False), "child_id"])
    said_none = is_among(child, recorded.loc[none.to_numpy(dtype=bool, na_value=False), "child_id"])
    named = np.select(
        [disabled.to_numpy(), said_none.to_numpy()],
        ["disability recorded", "none recorded"],
        MISSING,
    )
    return _category(named, ["disability recorded", "none recorded"])


def _fifth(decile: pd.Series) -> pd.Series:
    levels = ["1, most deprived", "2", "3", "4", "5, least deprived"]
    numbers = decile.to_numpy(dtype=np.float64, na_value=np.nan)
    fifth = np.where(np.isnan(numbers), 0, np.ceil(numbers / 2)).astype(np.int64)
    return _category(np.array([MISSING, *levels], dtype=object)[np.clip(fifth, 0, 5)], levels)


def _unaccompanied(records: Records, cohort: pd.DataFrame, of_case: pd.DataFrame) -> pd.Series:
    flagged = is_among(cohort["child_id"], unaccompanied_children(records).to_series())
    unsaid = of_case["unaccompanied"].isna().to_numpy(dtype=bool)
    named = np.select([flagged.to_numpy(), unsaid], ["unaccompanied", MISSING], "not unaccompanied")
    return _category(named, ["unaccompanied", "not unaccompanied"])
