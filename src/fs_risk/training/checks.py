"""What must hold of cases before a model is fitted on them."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from fs_risk.errors import FeatureError, PlanError, nearest
from fs_risk.model.facts import Spec
from fs_risk.records.counts_in_words import count_of, out_of


def matching_specs(X: pd.DataFrame, specs: Sequence[Spec]) -> list[Spec]:
    """Give the declaration of each column, in the order of the columns.

    Parameters
    ----------
    X : DataFrame
    specs : sequence of FeatureSpec

    Raises
    ------
    FeatureError
        If a column has none.
    """
    by_name = {spec.name: spec for spec in specs}
    undeclared = [str(name) for name in X.columns if name not in by_name]
    if undeclared:
        hints = "".join(nearest(name, by_name) for name in undeclared[:3])
        raise FeatureError(
            f"{out_of(len(undeclared), X.shape[1], 'column', does='has', do='have')} no "
            "declaration."
            f"{hints}",
            where=", ".join(undeclared[:5]),
            fix="Pass the catalogue's specs, and your own for extra features.",
        )
    return [by_name[str(name)] for name in X.columns]


def check_rows(X: pd.DataFrame, labels: pd.DataFrame, cohort: pd.DataFrame) -> None:
    """Refuse features, labels and cohort that are not on one index.

    Parameters
    ----------
    X, labels, cohort : DataFrame

    Raises
    ------
    FeatureError
    """
    if not (X.index.equals(cohort.index) and labels.index.equals(cohort.index)):
        raise FeatureError(
            f"Features ({count_of(len(X), 'row')}), labels ({len(labels)}) and cohort "
            f"({len(cohort)}) do not have the same index.",
            where="X, labels, cohort",
            fix="Build features and labels from this very cohort.",
        )


def check_mature(labels: pd.DataFrame, extract_date: date | str | pd.Timestamp | None) -> None:
    """Refuse labels whose window ends after the extract (requirement T6).

    Parameters
    ----------
    labels : DataFrame
        With ``known_date``.
    extract_date : date, str or None
        None: not known, so not checked.

    Raises
    ------
    PlanError
    """
    if extract_date is None:
        return
    early = int((labels["known_date"] > pd.Timestamp(extract_date)).sum())
    if early:
        raise PlanError(
            f"{out_of(early, len(labels), 'label')} for windows that end after the extract.",
            where="labels, known_date",
            fix="Label the cohort with label_outcome(), which leaves such rows without one.",
        )


def check_proof(proof: pd.DataFrame) -> None:
    """Check again, on the rows themselves, what the split promises (requirements T7, T8).

    Parameters
    ----------
    proof : DataFrame
        As `ForwardHouseholdSplit.proof` gives it.

    Raises
    ------
    PlanError
        If test rows share time or household with training, or a fold has none.
    """
    if proof["shared_households"].any() or (proof["days_clear"] <= 0).any():
        raise PlanError(
            "Test rows share time or household with rows that are learnt from.",
            where="ForwardHouseholdSplit.proof",
            fix="Report this as a fault of the library.",
        )
    empty = int((proof["n_test"] == 0).sum())
    if empty:
        raise PlanError(
            f"{out_of(empty, len(proof), 'household fold', does='has', do='have')} no test rows.",
            where="cohort, as_of",
            fix="Plan a longer test period or fewer folds.",
        )
