"""What could be newly learned that would move a score to another band (requirement E5)."""

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import SettingError
from fs_risk.model.bands import Band
from fs_risk.model.canonical import canonical_json
from fs_risk.triage.basis import Basis
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer
from fs_risk.triage.would_change import ASSESSED, OUTSIDE, Outlook, would_change
from fs_risk.triage.would_change_rows import LEARNABLE, NONE_OF_THESE, OTHERS, TRIO


@pytest.fixture(scope="module")
def history(small_authority):
    return fs.History.from_records(small_authority)


@pytest.fixture(scope="module")
def recent(small_authority):
    last = small_authority.extract_date
    return declared_referrals(small_authority, (last - pd.Timedelta(days=120)).date(), last.date())


@pytest.fixture(scope="module")
def banded(small_model):
    """The model with bands so narrow that a little moves a score from one to another."""
    ends = np.quantile(small_model_scores(small_model), np.linspace(0.999, 0.0, 200))
    bands = tuple(
        Band(name=f"{n}", share=0.005, threshold=float(end), n=100, positives=9,
             observed_rate=0.09, low=0.05, high=0.13)
        for n, end in enumerate(ends)
    )  # fmt: skip
    facts = small_model.facts.model_copy(update={"bands": bands})
    return dataclasses.replace(small_model, facts=facts)


def small_model_scores(model):
    """Log-odds over the range that the model's scores have."""
    low, high = min(b.threshold for b in model.bands), max(b.threshold for b in model.bands)
    return np.linspace(low - 2.5 * (high - low), high + (high - low), 2_000)


@pytest.fixture(scope="module")
def asked(history, recent, banded):
    """Scores whose assessment is missing or old, and what was made of them."""
    made = scorer(history, banded).make(recent, would_change=LEARNABLE)
    return [one for one in made if one.basis.outlooks][:25]


def with_assessment(records, referral, codes, lag):
    """Give records that hold one assessment more, authorised on the last day that is seen."""
    day = pd.Timestamp(referral.referral_date) - pd.Timedelta(days=lag + 1)
    assessments, factors = records["assessments"], records["factors"]
    row = pd.DataFrame(index=[0], columns=assessments.columns)
    row["assessment_id"], row["child_id"] = "new", referral.child_id
    for name in ("start_date", "authorised_date", "known_date", "end_known_date"):
        row[name] = day
    found = pd.DataFrame({"assessment_id": "new", "code": list(codes)}, columns=factors.columns)
    return records.replace(
        assessments=pd.concat([assessments, row.astype(assessments.dtypes)], ignore_index=True),
        factors=pd.concat([factors, found.astype(factors.dtypes)], ignore_index=True),
    )


@pytest.fixture(scope="module")
def few(few_records, asked):
    kept = set(few_records["children"]["child_id"])
    return [one for one in asked if one.basis.referral.child_id in kept][:2]


@pytest.fixture(scope="module")
def few_records(small_authority, asked):
    """The records of a few households alone, so that they can be indexed many times."""
    children = {one.basis.referral.child_id for one in asked[:3]}
    links = small_authority["family_links"]
    families = links.loc[links["child_id"].isin(children), "family_id"]
    kin = set(links.loc[links["family_id"].isin(families), "child_id"]) | children
    frames = {
        name: frame[frame["child_id"].isin(kin)].reset_index(drop=True)
        for name in small_authority
        if "child_id" in (frame := small_authority[name])
    }
    factors = small_authority["factors"]
    held = factors["assessment_id"].isin(frames["assessments"]["assessment_id"])
    return small_authority.replace(**frames, factors=factors[held].reset_index(drop=True))


class TestOracle:
    def rescored(self, records, one, model, codes):
        lag = model.plan.extract_lag_days
        other = with_assessment(records, one.basis.referral, codes, lag)
        return fs.score_referral(one.basis.referral, records=other, model=model).probability

    def test_probabilities_are_those_of_records_that_hold_the_assessment(
        self, few_records, few, banded
    ):
        """E5: every case tried, scored the ordinary way, has the ends that are stated."""
        for one in few:
            for change in one.score.would_change:
                if change.concept == ASSESSED:
                    tried = [NONE_OF_THESE]
                else:
                    tried = {**TRIO, **OTHERS}[change.concept]
                found = [self.rescored(few_records, one, banded, codes) for codes in tried]
                assert change.recorded.low == pytest.approx(min(found), abs=1e-12)
                assert change.recorded.high == pytest.approx(max(found), abs=1e-12)
        assert sum(len(one.score.would_change) for one in few) > 3

    def test_what_else_is_recorded_widens_the_range(self, few_records, few, banded):
        for one in few:
            for change in one.score.would_change:
                if change.with_more is None:
                    continue
                assert change.with_more.low <= change.recorded.low
                assert change.recorded.high <= change.with_more.high
                more = self.rescored(few_records, one, banded, ("3B", "1B", "2B", "4B"))
                if change.concept in TRIO:
                    assert change.with_more.low - 1e-12 <= more <= change.with_more.high + 1e-12

    def test_bands_are_those_of_the_scores(self, asked, banded):
        for one in asked:
            for change in one.score.would_change:
                for prospect in (change.recorded, change.with_more, change.not_recorded):
                    if prospect is None:
                        continue
                    for end, name in zip(
                        (prospect.low, prospect.high), prospect.bands, strict=True
                    ):
                        band = banded.band_of(np.log(end / (1 - end)))
                        thresholds = np.array([b.threshold for b in banded.bands])
                        if np.abs(thresholds - np.log(end / (1 - end))).min() > 1e-9:
                            assert name == (f"the band {band.name}" if band else OUTSIDE)


def test_only_what_moves_the_band_is_said(asked):
    for one in asked:
        here = f"the band {one.score.band.name}" if one.score.band else OUTSIDE
        for change in one.score.would_change:
            assert set(change.recorded.bands) != {here}
            if change.not_recorded is not None:
                assert set(change.recorded.bands) != set(change.not_recorded.bands)


def test_what_is_assessed_is_not_supposed_otherwise(history, recent, banded, small_authority):
    """E5: the last assessment is recent, so that there is nothing to learn of the trio."""
    made = scorer(history, banded).make(recent, would_change=LEARNABLE)
    recorded = small_authority["assessments"].merge(small_authority["factors"], on="assessment_id")
    lag = pd.Timedelta(days=banded.plan.extract_lag_days)
    seen = 0
    for one in made:
        day = pd.Timestamp(one.basis.referral.referral_date)
        own = recorded[recorded["child_id"] == one.basis.referral.child_id]
        own = own[(own["end_known_date"] < day - lag) & (own["authorised_date"] < day)]
        if (own["authorised_date"] >= day - pd.Timedelta(days=365)).any():
            assert one.basis.outlooks == ()
            seen += 1
        elif one.score.code is None:
            expected = "not assessed lately" if len(own) else "not assessed"
            assert {outlook.known for outlook in one.basis.outlooks} == {expected}
    assert seen


def test_source_that_is_not_declared_could_be(history, recent, banded, small_authority):
    """E5: against the same referral, declared from each."""
    open_ = [referral.model_copy(update={"source": None}) for referral in recent[:40]]
    by = scorer(history, banded)
    found = [
        (one, change)
        for one in by.make(open_, would_change=["Who made this referral"])
        for change in one.score.would_change
    ]
    for one, change in found[:5]:
        codes = ("6", "2A", "3A", "5A", "1A", "4")
        scores = by.score([one.basis.referral.model_copy(update={"source": c}) for c in codes])
        odds = [score.probability for score in scores]
        assert change.recorded.low == pytest.approx(min(odds))
        assert change.recorded.high == pytest.approx(max(odds))
    assert found
    assert not by.make(recent[:20], would_change=["Who made this referral"])[0].basis.outlooks


@pytest.mark.parametrize("asked_for", [["Earlier referrals"], "The child's age", ["Domestic abus"]])
def test_recorded_history_is_never_supposed_otherwise(recent, history, small_model, asked_for):
    """E5: refused, with what can be asked."""
    with pytest.raises(SettingError, match="what is recorded happened"):
        fs.score_referral(recent[0], records=history, model=small_model, would_change=asked_for)


def test_nobody_asked_and_nothing_is_worked_out(recent, history, small_model):
    made = scorer(history, small_model).make(recent[:5])

    assert all(one.basis.outlooks == () and one.score.would_change == () for one in made)


def test_score_and_its_id_are_the_same_whether_asked_or_not(recent, history, banded):
    by = scorer(history, banded)
    for asked, alone in zip(by.make(recent, would_change=LEARNABLE), by.make(recent), strict=True):
        assert asked.score.model_copy(update={"would_change": ()}) == alone.score


def test_words_say_what_raises_and_what_lowers_and_promise_nothing(asked):
    """G10; E5: what is not recorded is never evidence of safety."""
    said = [change for one in asked for change in one.score.would_change]

    assert said
    for change in said:
        assert not re.search(r"\bwill\b|predict|\bsafe\b|low risk", change.wording, re.I)
        assert change.recorded.said in change.wording
        if change.not_recorded is not None or change.concept == ASSESSED:
            assert "What is not recorded may be there all the same." in change.wording
    text = str(next(one.score for one in asked if one.score.would_change))
    assert "To find out: " in text


def test_outlooks_survive_what_the_ledger_writes(asked, banded):
    """G2: to the last bit."""
    names = banded.feature_names
    for one in asked[:5]:
        again = Basis.from_content(json.loads(canonical_json(one.basis.content(names))), names)
        for outlook, read in zip(one.basis.outlooks, again.outlooks, strict=True):
            assert (read.concept, read.known) == (outlook.concept, outlook.known)
            for part, same in zip(outlook.parts, read.parts, strict=True):
                np.testing.assert_array_equal(same, part)
                assert same.dtype == np.float32


def test_score_added_up_in_another_order_is_no_change():
    """A score at the very edge of a band stays where it is."""
    row = np.zeros((1, 2), dtype=np.float32)
    outlook = Outlook(ASSESSED, "not assessed", row, row[:0], row[:0])
    edge = Band(name="top", share=0.05, threshold=-2.0, n=100, positives=9, observed_rate=0.09,
                low=0.05, high=0.13)  # fmt: skip

    found = would_change(
        [outlook],
        -2.0 - 1e-15,
        log_odds_of=lambda rows: np.full(len(rows), -2.0),
        band_of=lambda log_odds: edge if log_odds >= -2.0 else None,
    )

    assert found == ()


def test_study_output_has_no_bands_and_nothing_to_move(small_authority, small_model, recent):
    """Design section 4."""
    real = fs.Records.from_frames(
        {name: small_authority[name] for name in ("referrals", "children")},
        extract_date=small_authority.extract_date,
    )
    made = fs.score_referral(recent[0], records=real, model=small_model, would_change=True)

    assert made.would_change == ()
