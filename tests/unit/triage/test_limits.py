"""What a score says of its own limits, and when there is none for want of records."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer


@pytest.fixture(scope="module")
def recent(small_authority):
    last = small_authority.extract_date
    return declared_referrals(small_authority, (last - pd.Timedelta(days=180)).date(), last.date())


@pytest.fixture(scope="module")
def scored(recent, small_authority, small_model):
    made = scorer(small_authority, small_model).score(recent)
    return [score for score in made if score.code is None]


def observed_as(records, **windows):
    """Give the same records, still synthetic, with other tables or days observed."""
    coverage = dict(records.coverage) | windows
    frames = {
        name: records[name].iloc[:0] if coverage[name] is None else records[name]
        for name in records
    }
    return fs.Records(
        frames, extract_date=records.extract_date, coverage=coverage, origin=records.origin
    )


def test_every_score_has_an_interval_around_it_and_its_past_cases(scored):
    """M3."""
    for score in scored:
        low, high = score.interval
        assert 0 <= low <= score.probability <= high <= 1
        assert score.n_similar >= 20
        assert f"about {score.n_similar:,} past cases" in score.similar_said


def test_limits_are_those_of_the_model_on_the_same_features(
    recent, scored, small_authority, small_model
):
    """G1: batch and single, model and front door agree."""
    cohort = fs.referral_cohort(small_authority).set_index("case_id", drop=False)
    cohort = cohort.loc[[score.referral_id for score in scored]].reset_index(drop=True)
    X = fs.build_features(small_authority, cohort, lag_days=small_model.plan.extract_lag_days)
    X = X[list(small_model.feature_names)]

    ends = np.array([score.interval for score in scored])
    np.testing.assert_allclose(ends, small_model.predict_interval(X), rtol=1e-9)
    assert [score.n_similar for score in scored] == small_model.n_similar(X)["n_similar"].tolist()
    assert (small_model.abstain(X)["why"] == "").all()


def test_interval_is_never_shown_as_certainty(scored):
    """M1: no end is shown beyond fewer than 10 or more than 990."""
    for score in scored:
        ends = re.search(r"between (.*) and (\S+) in 1,000 for 9 of 10", score.interval_said)
        low, high = score.interval
        assert ends[1] == ("fewer than 10" if low < 0.01 else f"{1000 * low:.0f}")
        assert ends[2] == ("more than 990" if high > 0.99 else f"{1000 * high:.0f}")


def test_limits_are_shown_under_the_score(scored):
    lines = str(scored[0]).splitlines()

    assert lines[2:4] == [scored[0].interval_said, scored[0].similar_said]
    assert scored[0].similar_said in scored[0]._repr_html_()


def test_unknown_child_whose_window_was_observed_gets_a_score(small_authority, small_model):
    """Design section 4: an empty history is a fact, and many past cases share it."""
    referral = {
        "referral_id": "new", "child_id": "nobody", "birth_date": "2018-03-01",
        "referral_date": small_authority.extract_date.date(), "source": "2A",
    }  # fmt: skip
    made = fs.score_referral(referral, records=small_authority, model=small_model)

    assert made.code is None
    assert made.n_similar >= 20


def test_child_whose_age_nobody_knows_gets_no_score_and_is_told_why(small_authority, small_model):
    """M3: a reason code, with what to find out."""
    referral = {
        "referral_id": "new", "child_id": "nobody",
        "referral_date": small_authority.extract_date.date(),
    }  # fmt: skip
    made = fs.score_referral(referral, records=small_authority, model=small_model)

    assert made.code == "NOT_OBSERVED"
    assert made.probability is None
    assert made.interval is None
    assert made.code_meaning


def test_unborn_child_with_an_expected_date_gets_a_score(small_authority, small_model):
    day = small_authority.extract_date
    referral = {
        "referral_id": "new", "child_id": "nobody", "referral_date": day.date(),
        "expected_birth_date": (day + pd.Timedelta(days=60)).date(), "source": "3A",
    }  # fmt: skip
    made = fs.score_referral(referral, records=small_authority, model=small_model)

    assert made.code is None


@pytest.mark.parametrize("table", ["contacts", "assessments", "cp_plans", "early_help"])
def test_authority_without_a_table_that_training_had_gets_no_scores(
    table, recent, small_authority, small_model
):
    """M3: what the model leans on is not observed."""
    without = observed_as(small_authority, **{table: None})
    made = scorer(without, small_model).score(recent[:40])

    assert {score.code for score in made} <= {"NOT_OBSERVED", "OUT_OF_SCOPE"}
    said = {score.code_meaning for score in made if score.code == "NOT_OBSERVED"}
    assert said
    assert all("observe other tables" in each or "leans on" in each for each in said)


def test_authority_with_a_short_window_says_that_it_knows_less(
    recent, small_authority, small_model
):
    """M3: records that reach back two years were met in training's first years, so that a score
    is made; but the past cases that count are those whose records reached no further."""
    last = small_authority.extract_date
    window = dataclasses.replace(
        small_authority.coverage["referrals"], observed_from=last - pd.Timedelta(days=700)
    )
    held = {name: window for name, span in small_authority.coverage.items() if span is not None}
    full = scorer(small_authority, small_model).score(recent)
    made = scorer(observed_as(small_authority, **held), small_model).score(recent)

    both = [(a, b) for a, b in zip(full, made, strict=True) if a.code is None and b.code is None]
    assert len(both) > len(recent) / 2
    assert sum(b.similar_said != a.similar_said for a, b in both) > len(both) / 2
    assert all(len(b.unknowns) >= len(a.unknowns) for a, b in both)


def test_authority_whose_window_began_last_month_gets_no_scores(
    recent, small_authority, small_model
):
    last = small_authority.extract_date
    window = dataclasses.replace(
        small_authority.coverage["referrals"], observed_from=last - pd.Timedelta(days=30)
    )
    held = {
        name: window
        for name, span in small_authority.coverage.items()
        if span is not None and name != "referrals"
    }
    made = scorer(observed_as(small_authority, **held), small_model).score(recent)

    assert all(score.code is not None for score in made)


def test_study_output_says_why_there_would_be_no_score_beside_it(
    recent, small_authority, small_model
):
    """Design section 4: a synthetic model on other records is used on nobody."""
    frames = {name: small_authority[name] for name in ("referrals", "children")}
    real = fs.Records.from_frames(frames, extract_date=small_authority.extract_date)
    made = [score for score in scorer(real, small_model).score(recent[:20]) if score.code is None]

    assert made
    assert all(
        any("observe other tables" in said or "leans on" in said for said in score.unknowns)
        for score in made
    )


def test_children_without_a_score_come_first_in_a_list(recent, small_authority, small_model):
    referrals = [
        *recent[:20],
        {
            "referral_id": "new", "child_id": "nobody",
            "referral_date": small_authority.extract_date.date(),
        },
    ]  # fmt: skip
    listed = fs.prioritise(
        referrals, records=small_authority, model=small_model, capacity=3, purpose="second_read"
    )

    assert "NOT_OBSERVED" in set(listed.without_score["code"])
    assert len(listed.listed) == 3


def test_model_without_limits_scores_as_before(recent, small_authority, small_model):
    facts = small_model.facts.model_copy(update={"interval": None, "support": None})
    earlier = dataclasses.replace(small_model, facts=facts)
    made = scorer(small_authority, earlier).score(recent[:5])

    assert all(score.interval is None and score.n_similar is None for score in made)
    assert any(score.probability is not None for score in made)
