"""The public functions that wire packages together, and the only place that does."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fs_risk.errors import PlanError
from fs_risk.evaluation.capacities import capacities_to_show
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_model import audit_model
from fs_risk.evaluation.report import EvaluationReport, judge_gates
from fs_risk.evaluation.step_up import evaluate, needs_records
from fs_risk.evaluation.study_cases import COHORTS, StudyCases, check_kind, study_cases
from fs_risk.evaluation.study_truth import true_probabilities
from fs_risk.features.catalogue import features_for_outcome
from fs_risk.model.plan import Plan
from fs_risk.model.plans_tried import DEFAULT_FILE
from fs_risk.model.step_up import StepUpModel
from fs_risk.model.tuning import Tuning
from fs_risk.model.vignette_cases import vignettes_are_about
from fs_risk.model.vignettes import VignetteBook, read_vignettes
from fs_risk.records.arguments import LEDGER, MODEL, PLAN, RECORDS, takes
from fs_risk.records.records import Records
from fs_risk.training.extras import check_installed
from fs_risk.training.step_up import Engine, fit_step_up

if TYPE_CHECKING:
    from fs_risk.evaluation.disparity_decisions import DecisionAudit
    from fs_risk.triage.ledger import Ledger

__all__ = [
    "COHORTS",
    "StudyCases",
    "audit_decisions",
    "audit_step_up",
    "evaluate_step_up",
    "study_cases",
    "train_step_up",
]


@takes(records=RECORDS, plan=PLAN)
def train_step_up(
    records: Records,
    plan: Plan,
    *,
    tune: Tuning | int | None = None,
    engine: Engine = "local",
    client: Any = None,
    plans_tried: str | Path | None = None,
    vignettes: VignetteBook | str | Path | None = None,
    progress: bool = True,
) -> StepUpModel:
    """Fit a step-up model to a plan, and hold it against the plan's gates.

    Parameters
    ----------
    records : Records
    plan : Plan
        Fixed and hashed before anything is fitted.
    tune : Tuning or int, optional
        Budget for searching the booster's settings, a number being one of trials; put
        into the plan before it is hashed.
    engine : {"local", "dask"}, default="local"
        Whether trees are grown here or by a Dask cluster's workers (``fs-risk[dask]``).
    client : distributed.Client, optional
        Of the cluster; the current one by default.
    plans_tried : str or Path, optional
        List that the plan is noted in before anything is fitted, so that every plan
        tried on a test period is counted. By default ``plans_tried.jsonl`` for real
        records, and none for synthetic ones.
    vignettes : VignetteBook, str or Path, optional
        Your own, or their TOML file, to try the model on in the place of those that ship
        with the library. A gate can be set on ``vignettes_failed``.
    progress : bool, default=True
        Whether to show a progress bar in a terminal or notebook.

    Returns
    -------
    StepUpModel
        With the gates' results; in study mode if one is failed.

    Raises
    ------
    PlanError
        If the records are real and the plan names no purpose, owner, DPIA, lawful
        basis and policy document; or if they span too little time; or if vignettes are
        given that are not understood, or say nothing about such a model.
    SettingError
        If the file of vignettes cannot be read, or the plan or the engine needs what is
        not installed.

    Examples
    --------
    >>> from fs_risk.synthetic.authority import make_authority
    >>> records = make_authority(children=4_000, years=6, seed=0)  # doctest: +SKIP
    >>> plan = Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=9)
    >>> model = train_step_up(records, plan)  # doctest: +SKIP
    """
    plan = plan.tuned(tune)
    plan.check_declared(records.origin.kind)
    check_installed(plan)
    book = _own_vignettes(vignettes, plan)
    if plans_tried is None and records.origin.kind == "real":
        plans_tried = DEFAULT_FILE
    cases = study_cases(records, plan)
    model = fit_step_up(
        cases.features,
        cases.labels,
        cases.cohort,
        cases.households,
        plan,
        features_for_outcome(plan.outcome),
        origin=records.origin,
        fingerprint=records.fingerprint,
        extract_date=records.extract_date,
        engine=engine,
        client=client,
        plans_tried=plans_tried,
        vignettes=book,
        progress=progress,
    )
    report = evaluate(
        model,
        cases.features,
        cases.labels,
        cases.cohort,
        cases.households,
        records=records if needs_records(plan) else None,
        brief=True,
    )
    return model.with_gate_results(judge_gates(plan, report))


def _own_vignettes(given: VignetteBook | str | Path | None, plan: Plan) -> VignetteBook | None:
    """Read the vignettes that were given; refuse those that would be tried on nothing."""
    if given is None:
        return None
    if not vignettes_are_about(plan):
        raise PlanError(
            "Vignettes say nothing about a model of this kind of case and outcome.",
            where=f"Plan, cohort {plan.cohort}, outcome {plan.outcome}",
            fix="Leave out the vignettes.",
        )
    return given if isinstance(given, VignetteBook) else read_vignettes(given)


@takes(model=MODEL, records=RECORDS)
def evaluate_step_up(
    model: StepUpModel,
    records: Records,
    *,
    fresh: bool = False,
    resamples: int = 500,
    capacities: Sequence[float] = (),
    thorough: bool = False,
    progress: bool = True,
) -> EvaluationReport:
    """Say how good a model is, on later time and unseen households.

    Parameters
    ----------
    model : StepUpModel
    records : Records
        Those it was trained on, or a later extract of the same authority.
    fresh : bool, default=False
        Whether `records` are another authority's, which the model has never seen:
        then every mature case counts.
    resamples : int, default=500
        Household resamples for the intervals.
    capacities : sequence of int or float, optional
        Sizes of list to show beside the plan's own.
    thorough : bool, default=False
        Whether to fit again as well: a learning curve, without features of poverty, with
        another seed. Takes several times as long.
    progress : bool, default=True
        Whether to show a progress bar in a terminal or notebook.

    Returns
    -------
    EvaluationReport

    Raises
    ------
    AuditError
        If there are too few cases for an honest figure, or the records are not of
        the kind (real or synthetic) that the model was fitted on.
    SettingError
        If a capacity is none, or an argument is of another kind.

    Examples
    --------
    >>> report = evaluate_step_up(model, records, capacities=[0.1, 20])  # doctest: +SKIP
    >>> report["average_precision"], report["base_rate"]  # doctest: +SKIP
    """
    check_kind(model, records)
    # before minutes are spent on the cases
    capacities_to_show(model.plan.capacity, capacities)
    cases = study_cases(records, model.plan)
    return evaluate(
        model,
        cases.features,
        cases.labels,
        cases.cohort,
        cases.households,
        truth=true_probabilities(model, records, cases, fresh=fresh),
        records=records,
        capacities=capacities,
        thorough=thorough,
        resamples=resamples,
        fresh=fresh,
        progress=progress,
    )


@takes(model=MODEL, records=RECORDS)
def audit_step_up(
    model: StepUpModel,
    records: Records,
    *,
    attributes: Sequence[str] | None = None,
    capacity: float | None = None,
    resamples: int = 1000,
    fresh: bool = False,
    progress: bool = True,
) -> FairnessAudit:
    """Compare how groups fare on a model's lists, on later time and unseen households.

    Parameters
    ----------
    model : StepUpModel
    records : Records
        Those it was trained on, or a later extract of the same authority.
    attributes : sequence of str, optional
        Columns of `fairness_groups`; by default all. Those with many small groups are
        explored only, so that they do not make the others' gaps harder to see.
    capacity : int or float, optional
        By default the plan's own.
    resamples : int, default=1000
        Household resamples for the intervals. More than the 500 of `evaluate_step_up`: limits
        that hold for all groups at once rest on the furthest group of each resample.
    fresh : bool, default=False
        As in `evaluate_step_up`.
    progress : bool, default=True
        Whether to show a progress bar in a terminal or notebook.

    Returns
    -------
    FairnessAudit

    Raises
    ------
    AuditError
        If there are too few cases, an attribute is not known, or the records are not
        of the kind that the model was fitted on.
    SettingError
        If an argument is of another kind.

    Examples
    --------
    >>> audit = audit_step_up(model, records, attributes=["sex"])  # doctest: +SKIP
    >>> audit.to_html("audit.html")  # doctest: +SKIP
    """
    check_kind(model, records)
    cases = study_cases(records, model.plan)
    return audit_model(
        model,
        cases.features,
        cases.labels,
        cases.cohort,
        cases.households,
        records,
        attributes=attributes,
        capacity=capacity,
        resamples=resamples,
        fresh=fresh,
        progress=progress,
    )


@takes(ledger=LEDGER, records=RECORDS)
def audit_decisions(
    ledger: "Ledger",
    records: Records,
    *,
    counts_as: Sequence[str] | None = None,
    attributes: Sequence[str] | None = None,
    outcome: str | None = None,
    within_days: int | None = None,
    resamples: int = 500,
) -> "DecisionAudit":
    """Compare how groups fare by what people decided, and by the scores they saw.

    Parameters
    ----------
    ledger : Ledger
    records : Records
        A later extract of the same authority: outcomes and groups are looked up in it.
    counts_as : sequence of str, optional
        Decisions that count as attention; by default an assessment, a strategy
        discussion, a second read, group supervision, and allocation.
    attributes : sequence of str, optional
        Columns of `fairness_groups`; by default all.
    outcome : str, optional
        By default that of the scores.
    within_days : int, optional
        By default that of the scores.
    resamples : int, default=500
        Household resamples for the intervals.

    Returns
    -------
    DecisionAudit
        Its `over_time` holds the gaps to limits month by month.

    Raises
    ------
    AuditError
        If no referral of a list has a decision, or no outcome is known yet.

    References
    ----------
    .. [1] Requirement A5.

    Examples
    --------
    >>> ledger = fs.Ledger("sqlite:///ledger.db")  # doctest: +SKIP
    >>> audit_decisions(ledger, records, attributes=["sex"]).over_time  # doctest: +SKIP
    """
    from fs_risk.evaluation.disparity_ledger import ATTENTION, audit_ledger

    return audit_ledger(
        ledger.scores(),
        ledger.decisions(),
        records,
        counts_as=ATTENTION if counts_as is None else counts_as,
        attributes=attributes,
        outcome=outcome,
        within_days=within_days,
        resamples=resamples,
    )
