"""What a fitted model states of itself: on whom it was fitted, its bands and its certainty."""

from datetime import date

import numpy as np
import pandas as pd

import fs_risk
from fs_risk.model.bands import make_bands, observe_listing
from fs_risk.model.facts import Facts, FoldProof, SliceSummary, Training, used_features
from fs_risk.model.fitting import FittedTrees
from fs_risk.model.listing import list_periods, share_listed
from fs_risk.model.plan import Plan
from fs_risk.records.records import Origin
from fs_risk.training.certainty import past_cases, score_interval
from fs_risk.training.labelled_cases import LabelledCases


def describe_cases(
    cases: LabelledCases,
    origin: Origin,
    fingerprint: str,
    extract_date: date | str | pd.Timestamp | None,
) -> dict[str, object]:
    """State the records and cases of a model: the fields of `Training` known before fitting.

    Parameters
    ----------
    cases : LabelledCases
    origin, fingerprint, extract_date
        As in `fit_step_up`.

    Returns
    -------
    dict of str to object
    """
    slices = cases.slices
    return {
        "origin": origin.kind,
        "label": origin.label,
        "returns": origin.returns,
        "fingerprint": fingerprint,
        "extract_date": None if extract_date is None else str(pd.Timestamp(extract_date).date()),
        "fit": _summary(slices.fitting, cases),
        "test": _summary(slices.testing, cases),
        "not_labelled": cases.not_labelled,
        "proof": tuple(_proof(row) for row in cases.proof.to_dict("records")),
    }


def state_facts(cases: LabelledCases, plan: Plan, trees: FittedTrees, training: Training) -> Facts:
    """State all that is known of a model, with bands observed on the test rows.

    Parameters
    ----------
    cases : LabelledCases
    plan : Plan
    trees : FittedTrees
    training : Training

    Returns
    -------
    Facts
    """
    tested = cases.slices.testing
    scores = _test_scores(cases, trees)[tested]
    label = cases.y[tested]
    household = cases.groups["household"].to_numpy(dtype=object).astype(str)
    bands = make_bands(scores, label, household[tested])
    periods = list_periods(cases.groups["as_of"][tested], plan.list_period)
    listed = share_listed(scores, periods, plan.capacity)
    return Facts(
        name=f"{plan.outcome}-{plan.within_days}d-{plan.cohort}",
        library_version=fs_risk.__version__,
        plan=plan,
        plan_hash=plan.hash,
        features=used_features(cases.specs),
        calibrator=trees.calibrator,
        replica_calibrators=trees.replica_calibrators,
        bands=bands,
        listed=observe_listing(scores, label, listed, bands),
        training=training,
        interval=score_interval(cases.y, household, cases.slices, trees, plan),
        support=past_cases(cases.X, cases.slices, trees),
    )


def _test_scores(cases: LabelledCases, trees: FittedTrees) -> np.ndarray:
    """Score test rows, each by the replica that has never seen its household."""
    scores = np.full(len(cases.matrix), np.nan)
    for fold, (replica, line) in enumerate(
        zip(trees.replicas, trees.replica_calibrators, strict=True)
    ):
        rows = cases.slices.test_rows(fold)
        scores[rows] = line.log_odds(replica.margin(cases.matrix[rows]))
    return scores


def _summary(rows: np.ndarray, cases: LabelledCases) -> SliceSummary:
    days = cases.groups["as_of"][rows]
    return SliceSummary(
        first_as_of=str(days.min().date()),
        last_as_of=str(days.max().date()),
        n=int(rows.sum()),
        positives=int(cases.y[rows].sum()),
        households=int(cases.groups["household"][rows].nunique()),
    )


def _proof(row: dict[str, object]) -> FoldProof:
    plain = {
        name: str(value.date()) if isinstance(value, pd.Timestamp) else int(str(value))
        for name, value in row.items()
    }
    return FoldProof.model_validate(plain)
