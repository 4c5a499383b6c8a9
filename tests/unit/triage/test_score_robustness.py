"""Scores and reasons under changes that should change nothing, and what a score may not see."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import ReferralError
from fs_risk.evaluation.edits import recoded, shuffled, typed_twice
from fs_risk.evaluation.reason_stability import reason_stability, strongest
from fs_risk.model.explanation import by_concept
from fs_risk.triage.reasons import concept_totals
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer


@pytest.fixture(scope="module")
def recent(small_authority):
    last = small_authority.extract_date
    return declared_referrals(small_authority, (last - pd.Timedelta(days=120)).date(), last.date())


@pytest.fixture(scope="module")
def scores(recent, small_authority, small_model):
    return scorer(small_authority, small_model).score(recent)


@pytest.fixture(scope="module")
def cohort(small_authority):
    return fs.referral_cohort(small_authority).tail(300)


class TestTrivialEdits:
    @pytest.mark.parametrize("edit", [shuffled, recoded])
    def test_order_of_rows_and_what_no_feature_reads_change_no_bit(
        self, edit, recent, scores, small_authority, small_model
    ):
        """M8, F6: score, interval, reasons, codes and id."""
        assert scorer(edit(small_authority), small_model).score(recent) == scores

    def test_what_is_typed_twice_changes_no_score(
        self, recent, scores, small_authority, small_model
    ):
        """M8, F4."""
        again = scorer(typed_twice(small_authority), small_model).score(recent)

        assert [one.log_odds for one in again] == [one.log_odds for one in scores]
        assert [one.code for one in again] == [one.code for one in scores]

    def test_log_split_and_merged_again_is_the_same(
        self, recent, scores, small_authority, small_model
    ):
        """T4, M8."""
        contacts = small_authority["contacts"]
        half = len(contacts) // 2
        merged = pd.concat([contacts.iloc[half:], contacts.iloc[:half]], ignore_index=True)

        assert scorer(small_authority.replace(contacts=merged), small_model).score(recent) == scores

    def test_a_day_moves_scores_little(self, recent, scores, small_authority, small_model):
        """M8: the same children the day before; what changes is counted, not wished away."""
        before = [r.model_copy(update={"referral_date": r.referral_date - pd.Timedelta(days=1)})
                  for r in recent]  # fmt: skip
        moved = scorer(small_authority, small_model).score(before)
        both = [(a, b) for a, b in zip(scores, moved, strict=True) if a.code is b.code is None]
        change = np.array([abs(a.probability - b.probability) for a, b in both])

        assert len(both) > 100
        assert np.quantile(change, 0.95) < 0.01
        assert np.mean([a.band == b.band for a, b in both]) > 0.9


class TestReasons:
    @pytest.fixture(scope="class")
    @classmethod
    def found(cls, small_model, small_authority, cohort):
        return reason_stability(small_model, small_authority, cohort).set_index("edit")

    def test_near_identical_cases_share_their_strongest_reasons(self, found):
        """E6: at a rate that is reported, with its interval."""
        assert found.loc["rows_shuffled", "same"] == 1
        assert found.loc["recoded", "same"] == 1
        assert found.loc["typed_twice", "same"] == 1
        assert found.loc["day_earlier", "same"] > 0.8
        assert (found["low"] <= found["same"] + 1e-12).all()
        assert (found["same"] <= found["high"] + 1e-12).all()
        assert found["shared"].between(0, 3).all()
        assert (found["n"] == 300).all()

    def test_strongest_are_those_of_the_sums_by_concept(self, small_model, small_authority, cohort):
        X = fs.build_features(
            small_authority, cohort.head(20), lag_days=small_model.plan.extract_lag_days
        )[list(small_model.feature_names)]
        parts = small_model.contributions(X)
        specs = scorer(small_authority, small_model).layout.specs
        marked = strongest(small_model, X)
        totals = by_concept(parts, [spec.concept for spec in specs])
        for place in range(20):
            one = concept_totals(specs, parts.iloc[place, :-1].to_numpy())
            np.testing.assert_allclose(totals[place], list(one.values()), atol=1e-12)
            most = sorted(one, key=lambda concept: -abs(one[concept]))[:3]
            assert {name for name, top in zip(one, marked[place], strict=True) if top} == set(most)

    def test_no_cases_are_refused(self, small_model, small_authority, cohort):
        with pytest.raises(fs.FsRiskError, match="no cases to explain"):
            reason_stability(small_model, small_authority, cohort.head(0))


class TestUnknownChild:
    def asked(self, records, model, **fields):
        referral = {
            "referral_id": "new", "child_id": "nobody", "birth_date": "2019-05-05", "source": "6",
            "referral_date": records.extract_date.date(), **fields,
        }  # fmt: skip
        return fs.score_referral(referral, records=records, model=model)

    def test_empty_history_in_observed_windows_is_a_fact(self, small_authority, small_model):
        """Design section 4: not an abstention, and said in words."""
        made = self.asked(small_authority, small_model)

        assert made.code is None
        assert made.interval[0] < made.probability < made.interval[1]
        assert not any(reason.evidence for reason in made.reasons)
        assert not any("not known for the whole of that time" in said for said in made.unknowns)

    def test_all_unknown_children_alike_in_what_they_declare_score_alike(
        self, small_authority, small_model
    ):
        one = self.asked(small_authority, small_model)
        other = self.asked(small_authority, small_model, child_id="neither", referral_id="n2")

        assert one.log_odds == other.log_odds
        assert one.reasons == other.reasons

    def test_child_known_by_name_alone_scores_as_one_unknown(self, small_authority, small_model):
        """A row in the children table is no history."""
        children = small_authority["children"]
        new = children.tail(1).assign(
            child_id="named", birth_date=pd.Timestamp("2019-05-05"),
            expected_birth_date=pd.NaT, unaccompanied=False, retain_until=pd.NaT,
        )  # fmt: skip
        new = new.astype(children.dtypes)
        with_name = small_authority.replace(children=pd.concat([children, new], ignore_index=True))
        named = self.asked(with_name, small_model, child_id="named")

        assert named.log_odds == self.asked(small_authority, small_model).log_odds

    def test_referral_of_the_day_is_no_part_of_the_history(self, small_authority, small_model):
        """T2: it contributes what it declares, and only that."""
        day = small_authority.extract_date
        referrals = small_authority["referrals"]
        own = referrals.tail(1).assign(referral_id="new", child_id="nobody", referral_date=day)
        for name in referrals.columns:
            if name.endswith("known_date"):
                own[name] = day
        held = small_authority.replace(
            referrals=pd.concat([referrals, own.astype(referrals.dtypes)], ignore_index=True)
        )

        assert self.asked(held, small_model) == self.asked(small_authority, small_model)


@pytest.mark.parametrize("referral_id", [None, "", "   "])
def test_score_without_a_referral_is_refused(referral_id, small_authority, small_model):
    """G6: nobody is scored but for a referral."""
    asked = {"referral_id": referral_id, "child_id": "A",
             "referral_date": small_authority.extract_date.date()}  # fmt: skip
    with pytest.raises(ReferralError, match="cannot be read"):
        fs.score_referral(asked, records=small_authority, model=small_model)


def test_facts_past_their_retention_leave_no_trace_in_a_score(recent, small_authority, small_model):
    """G7: as if the child had never been known; the day declared is all that counts."""
    referral = next(r for r in recent if r.birth_date is not None)
    children = small_authority["children"]
    mine = (children["child_id"] == referral.child_id).to_numpy()
    past = pd.Timestamp(referral.referral_date) - pd.Timedelta(days=1)
    forgotten = small_authority.replace(
        children=children.assign(retain_until=children["retain_until"].mask(mine, past))
    )
    links = small_authority["family_links"]
    alone = forgotten.replace(family_links=links[links["child_id"] != referral.child_id])
    made = fs.score_referral(referral, records=alone, model=small_model)
    unknown = fs.score_referral(
        referral.model_copy(update={"child_id": "nobody"}), records=alone, model=small_model
    )

    assert made.code is None
    assert made.log_odds == unknown.log_odds
    assert not any(reason.evidence for reason in made.reasons)


def test_every_code_of_the_design_is_reached(small_authority, small_model):
    """Design section 4: each code, by one referral of its own."""
    import dataclasses

    from fs_risk.triage.scope import CODES

    day = small_authority.extract_date
    base = {
        "referral_id": "new", "child_id": "nobody", "birth_date": "2019-05-05", "source": "6",
        "referral_date": day.date(),
    }  # fmt: skip
    facts = small_model.facts
    real = dataclasses.replace(
        small_model,
        facts=facts.model_copy(
            update={"training": facts.training.model_copy(update={"origin": "real"})}
        ),
    )
    cases = {
        "PERSON_NOW": ({"immediate_concern": "disclosure"}, small_model),
        "RESTRICTED": ({"restricted": True}, small_model),
        "NOT_APPROVED": ({}, real),
        "OUT_OF_SCOPE": ({"kind": "unaccompanied"}, small_model),
        "STALE_EXTRACT": ({"referral_date": (day + pd.Timedelta(days=90)).date()}, small_model),
        "NOT_OBSERVED": ({"birth_date": None}, small_model),
    }
    assert set(cases) == set(CODES)
    for code, (fields, model) in cases.items():
        made = fs.score_referral({**base, **fields}, records=small_authority, model=model)
        assert made.code == code
        assert made.code_meaning
        assert made.probability is None
        assert (made.reasons, made.band, made.interval) == ((), None, None)
