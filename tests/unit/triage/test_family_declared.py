"""A model whose plan says that referrals name the family: at the door as in training."""

from dataclasses import replace

import numpy as np
import pytest

import fs_risk as fs
from fs_risk.api import audit_model, evaluate, study_cases
from fs_risk.errors import AuditError
from fs_risk.evaluation.reason_stability import reason_stability
from fs_risk.triage.household import FAMILY_NOT_READ, FAMILY_READ
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.telling import NO_FAMILY


@pytest.fixture(scope="module")
def model(small_model):
    """The small model as if its plan had families declared."""
    plan = fs.Plan(
        **{name: getattr(small_model.plan, name) for name in ("outcome", "seed", "capacity")},
        family_declared=True,
    )
    return replace(small_model, facts=small_model.facts.model_copy(update={"plan": plan}))


@pytest.fixture(scope="module")
def history(small_authority):
    return fs.History.from_records(small_authority)


@pytest.fixture(scope="module")
def study(small_authority, model):
    return study_cases(small_authority, model.plan)


@pytest.fixture(scope="module")
def first_met(study, history):
    """Cases whose features the name of the family changes."""
    alone = fs.build_features(history, study.cohort.drop(columns="family_id"), lag_days=7)
    alone = alone[list(study.features)]
    changed = (study.features != alone) & ~(study.features.isna() & alone.isna())
    return study.cohort[changed.any(axis=1)].reset_index(drop=True)


def referral_of(case, **other):
    given = {
        "referral_id": case.case_id,
        "child_id": case.child_id,
        "referral_date": case.as_of.date(),
        "family_id": case.family_id if isinstance(case.family_id, str) else None,
    }
    return fs.Referral(**(given | other))


def test_score_at_the_door_is_that_of_the_study(study, first_met, small_authority, history, model):
    """G1: the same features, to the bit, for children first met on the day."""
    sources = small_authority["referrals"].set_index("referral_id")["source"]
    proba = model.predict_proba(study.features)[:, 1]
    by_case = dict(zip(study.cohort["case_id"], proba, strict=True))
    compared = 0
    for case in first_met.head(60).itertuples():
        score = fs.score_referral(
            referral_of(case, source=sources[case.case_id]), records=history, model=model
        )
        if score.probability is not None:
            assert score.probability == pytest.approx(by_case[case.case_id], abs=1e-12)
            compared += 1
    assert compared > 20


def test_model_without_the_plan_scores_as_if_no_family_was_named(first_met, history, small_model):
    case = next(first_met.itertuples())
    named, not_named = (
        fs.score_referral(referral_of(case, family_id=family), records=history, model=small_model)
        for family in (case.family_id, None)
    )
    assert (named.probability, named.score_id) == (not_named.probability, not_named.score_id)
    assert NO_FAMILY not in not_named.unknowns


def test_score_follows_from_the_family_named(first_met, history, model):
    """Another name is another score, of another id."""
    pairs = [
        [
            fs.score_referral(referral_of(case, family_id=family), records=history, model=model)
            for family in (case.family_id, None)
        ]
        for case in first_met.head(40).itertuples()
    ]
    assert all(named.score_id != alone.score_id for named, alone in pairs)
    assert any(named.probability != alone.probability for named, alone in pairs)


def test_family_that_is_not_named_is_an_unknown(first_met, history, model):
    case = next(first_met.itertuples())
    named, alone = (
        fs.score_referral(referral_of(case, family_id=family), records=history, model=model)
        for family in (case.family_id, None)
    )
    assert NO_FAMILY in (*alone.unknowns, alone.code_meaning)
    assert NO_FAMILY not in named.unknowns


def test_household_says_whether_the_score_reads_the_family(first_met, history, model, small_model):
    case = next(first_met.itertuples())
    for each, said in ((model, FAMILY_READ), (small_model, FAMILY_NOT_READ)):
        score = fs.score_referral(referral_of(case), records=history, model=each, household=True)
        assert said in score.household_said


def test_referrals_of_the_records_name_their_families(small_authority, study):
    cohort = study.cohort.set_index("case_id")["family_id"]
    window = small_authority.coverage["referrals"]
    given = declared_referrals(
        small_authority,
        window.observed_from.date(),
        window.observed_to.date(),
        family_declared=True,
    )
    named = [referral.family_id for referral in given]
    expected = cohort.reindex([referral.referral_id for referral in given])
    assert named == expected.astype(object).where(expected.notna(), None).tolist()
    plain = declared_referrals(
        small_authority, window.observed_to.date(), window.observed_to.date()
    )
    assert all(referral.family_id is None for referral in plain)


def test_list_of_the_week_is_scored_alike(small_authority, study, history, model):
    last = study.cohort["as_of"].max().date()
    given = declared_referrals(small_authority, last, last, family_declared=True)
    ranked = fs.prioritise(
        given, records=history, model=model, capacity=9, purpose="second_read", on=last
    )
    ids = [referral.referral_id for referral in given]
    rows = study.cohort["case_id"].isin(ids).to_numpy()
    proba = dict(
        zip(study.cohort["case_id"][rows], model.predict_proba(study.features[rows])[:, 1],
            strict=True)
    )  # fmt: skip
    table = ranked.table.dropna(subset=["probability"])
    assert len(table)
    for row in table.itertuples():
        assert np.isclose(row.probability, proba[row.referral_id], atol=1e-12)


def test_score_that_reads_the_family_is_made_again_from_the_ledger(
    first_met, history, model, ledger
):
    """M6: to the bit, without the records; and from the records the same features."""
    scores = [
        fs.score_referral(referral_of(case), records=history, model=model, ledger=ledger)
        for case in first_met.head(5).itertuples()
    ]
    for score in scores:
        again = ledger.replay(score.score_id, model=model, records=history)
        assert (again.verdict, again.records_differ) == ("SAME", ())


@pytest.mark.parametrize("asked", ["evaluate", "audit_model", "reason_stability"])
def test_cohort_that_names_no_family_is_refused(asked, study, small_authority, model):
    """Its features would lack the brothers and sisters that the model learnt from."""
    unnamed = study.cohort.drop(columns="family_id")
    given = (model, study.features, study.labels, unnamed, study.households)
    calls = {
        "evaluate": lambda: evaluate(*given),
        "audit_model": lambda: audit_model(*given, records=small_authority),
        "reason_stability": lambda: reason_stability(model, small_authority, unnamed),
    }
    with pytest.raises(AuditError, match=r"(?s)the cohort names none.*family_declared=True"):
        calls[asked]()
