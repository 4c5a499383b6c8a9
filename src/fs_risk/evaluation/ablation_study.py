"""The ablation of the whole catalogue on records: cases in, table out."""

import pandas as pd

from fs_risk.evaluation.ablation import SETTINGS, Ablation, ablation
from fs_risk.evaluation.ablation_sets import feature_sets
from fs_risk.evaluation.service_responses import service_responses
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.model.plan import BoosterSettings
from fs_risk.model.splits import ForwardHouseholdSplit
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.arguments import COHORT, RECORDS, takes
from fs_risk.records.households import household_keys
from fs_risk.records.records import Records

SERVICE = "service responses: "
"""Begins the name of a set with study-only columns."""


@takes(records=RECORDS, cohort=COHORT)
def ablate_catalogue(
    records: Records,
    cohort: pd.DataFrame,
    *,
    outcome: str = "cp_plan",
    within_days: int = 365,
    lag_days: int = 7,
    headline: bool = False,
    settings: BoosterSettings = SETTINGS,
    resamples: int = 500,
    seed: int = 0,
    threads: int | None = None,
    progress: bool = True,
) -> Ablation:
    """Say what each concept of the catalogue, and what is kept out of it, is worth.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.
    outcome : str, default="cp_plan"
    within_days : int, default=365
    lag_days : int, default=7
        As for `build_features`; lengthens the embargo too.
    headline : bool, default=False
        Without a set for each concept left out.
    settings, resamples, seed, threads, progress
        As for `ablation`.

    Returns
    -------
    Ablation
        With each concept alone and left out, what reflects poverty or service use left
        out, what is the outcome's own decision added, and service responses added: the
        last two are never among all features.

    Examples
    --------
    >>> import fs_risk as fs
    >>> records = fs.make_authority(children=250_000, years=8, seed=0)  # doctest: +SKIP
    >>> found = ablate_catalogue(records, fs.referral_cohort(records))  # doctest: +SKIP
    >>> found.ties  # doctest: +SKIP
    []
    """
    X = build_features(records, cohort, lag_days=lag_days)
    responses = service_responses(records, cohort, lag_days=lag_days)
    added = {SERVICE + name.replace("_", " "): list(part) for name, part in responses.items()}
    if len(responses) > 1:
        added[SERVICE + "all"] = [name for part in responses.values() for name in part]
    ids = pd.concat([records["children"]["child_id"], cohort["child_id"]]).unique()
    return ablation(
        pd.concat([X, *responses.values()], axis=1),
        label_outcome(records, cohort, outcome=outcome, within_days=within_days),
        cohort,
        household_keys(pd.DataFrame({"child_id": ids}), records["family_links"]),
        sets=feature_sets(CATALOGUE, outcome=outcome, added=added, headline=headline),
        splitter=ForwardHouseholdSplit(
            horizon_days=within_days, extract_lag_days=lag_days, seed=seed
        ),
        settings=settings,
        monotone={spec.name: spec.monotone for spec in CATALOGUE},
        resamples=resamples,
        seed=seed,
        threads=threads,
        progress=progress,
    )
