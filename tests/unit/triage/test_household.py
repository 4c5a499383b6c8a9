"""The other children of a household beside a score, and what the ledger keeps of them."""

import dataclasses
import json
import re
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import SettingError
from fs_risk.triage.household import CASE, NOT_REFERRED, WITHOUT_HOUSEHOLD
from fs_risk.triage.referral import Referral, declared_referrals
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.score import scorer
from ledgers import AUTHORITY, WHO


@pytest.fixture(scope="module")
def history(small_authority):
    return fs.History.from_records(small_authority)


@pytest.fixture(scope="module")
def recent(small_authority):
    last = small_authority.extract_date
    return declared_referrals(small_authority, (last - pd.Timedelta(days=150)).date(), last.date())


@pytest.fixture(scope="module")
def asked(recent, history, small_model):
    """Scores with the household beside them, of referrals of different days and families."""
    return [score(referral, history, small_model) for referral in recent[:80]]


@pytest.fixture(scope="module")
def several(recent, asked):
    """A referral whose household has two other children or more with a score."""
    return next(
        (referral, score)
        for referral, score in zip(recent, asked, strict=False)
        if score.code is None and sum(member.code is None for member in score.household) > 1
    )


def score(referral, records, model, **more):
    return fs.score_referral(referral, records=records, model=model, household=True, **more)


def as_if(referral, child_id):
    return Referral(
        referral_id=NOT_REFERRED, child_id=child_id, referral_date=referral.referral_date,
        source=referral.source,
    )  # fmt: skip


class TestMembers:
    def test_each_has_the_score_of_a_referral_of_their_own(
        self, recent, asked, history, small_model
    ):
        """G1: the case scored is the one that is said, the same day and source."""
        seen = 0
        for referral, given in zip(recent, asked, strict=False):
            for member in given.household:
                alone = fs.score_referral(
                    as_if(referral, member.child_id), records=history, model=small_model
                )
                for name in ("score_id", "probability", "said", "interval", "band", "code",
                             "unknowns", "n_similar", "outside"):  # fmt: skip
                    assert getattr(member, name) == getattr(alone, name), name
                assert {*member.shared, *member.own} == {*alone.reasons}
                seen += 1
        assert seen > 40

    def test_shared_reasons_move_both_scores_the_same_way(self, asked):
        shared = own = 0
        for given in asked:
            moving = {(reason.concept, reason.direction) for reason in given.reasons}
            for member in given.household:
                assert all((r.concept, r.direction) in moving for r in member.shared)
                assert not any((r.concept, r.direction) in moving for r in member.own)
                shared, own = shared + len(member.shared), own + len(member.own)
        assert min(shared, own) > 10

    def test_child_s_own_score_does_not_depend_on_whether_it_was_asked(
        self, recent, asked, history, small_model
    ):
        none = {"household": (), "household_said": "", "household_left_out": {}}
        for referral, given in zip(recent[:20], asked, strict=False):
            alone = fs.score_referral(referral, records=history, model=small_model)
            assert given.model_copy(update=none) == alone

    def test_no_figure_is_of_the_household_as_a_whole(self, asked):
        """F5: no highest and no sum, in any field; order by age, never by score."""
        assert {name for name in RiskScore.model_fields if "household" in name} == {
            "household", "household_said", "household_left_out",
        }  # fmt: skip
        several = [given for given in asked if len(given.household) > 2]
        by_score = [sorted(m.probability or 0 for m in given.household) for given in several]
        shown = [[m.probability or 0 for m in given.household] for given in several]
        assert any(a != b and a[::-1] != b for a, b in zip(by_score, shown, strict=True))
        ages = [[m.age for m in given.household] for given in several]
        assert all(_years(one) == sorted(_years(one), reverse=True) for one in ages)

    def test_it_is_said_what_the_scores_are_of(self, asked):
        """G10; nobody was referred by it."""
        for given in asked:
            assert given.household_said
            assert (CASE in given.household_said) == bool(given.household)
            assert not re.search(r"\bwill\b|predict|\bsafe\b", given.household_said)
        assert "no score of the household" in CASE

    def test_household_survives_json_and_is_shown_in_text(self, several):
        _, given = several

        assert RiskScore.model_validate_json(given.model_dump_json()) == given
        text = str(given)
        assert text.count("In the household: ") == len(given.household)
        assert given.household[0].said in text
        for member in given.household:
            for reason in member.shared:
                said = f"Shared with the child referred, {reason.direction}: {reason.concept}: "
                assert said + reason.wording in text

    def test_child_on_a_plan_is_counted_and_not_scored(self, small_authority, history, small_model):
        """Design section 4: at or above the outcome's tier is outside what it is about."""
        day = small_authority.extract_date
        cut = day - pd.Timedelta(days=small_model.plan.extract_lag_days)
        plans = small_authority["cp_plans"]
        known = plans["end_date"].isna() & (plans["known_date"] < cut)
        on_plan = set(plans.loc[known, "child_id"])
        links = small_authority["family_links"]
        counted = 0
        for family in links.loc[links["child_id"].isin(on_plan), "family_id"].unique()[:30]:
            referral = {
                "referral_id": "new", "child_id": "nobody", "referral_date": day.date(),
                "birth_date": "2019-01-01", "family_id": family,
            }  # fmt: skip
            given = score(referral, history, small_model)
            counted += given.household_left_out.get("outside what the model knows", 0)
            assert not on_plan & {member.child_id for member in given.household}
        assert counted


def _years(ages):
    return [int(age.split()[0]) if age[0].isdigit() else 0 for age in ages]


class TestDeclaredFamily:
    def test_it_finds_the_others_and_leaves_the_child_s_score_as_it_is(
        self, small_authority, history, small_model
    ):
        """In training nothing was known of a family that was first named by the referral."""
        links = small_authority["family_links"]
        family = links["family_id"].value_counts().index[0]
        new = {
            "referral_id": "new", "child_id": "nobody", "birth_date": "2020-01-01", "source": "6",
            "referral_date": small_authority.extract_date.date(),
        }  # fmt: skip
        without = score(new, history, small_model)
        given = score({**new, "family_id": family}, history, small_model)

        assert without.household == ()
        mine = set(links.loc[links["family_id"] == family, "child_id"])
        assert given.household
        assert {member.child_id for member in given.household} <= mine
        for name in ("score_id", "probability", "reasons", "unknowns", "interval"):
            assert getattr(given, name) == getattr(without, name)

    def test_family_nobody_knows_is_said(self, small_authority, history, small_model):
        given = score(
            {
                "referral_id": "new", "child_id": "nobody", "birth_date": "2020-01-01",
                "referral_date": small_authority.extract_date.date(), "family_id": "?",
            },
            history, small_model,
        )  # fmt: skip

        assert given.code is None
        assert "The family declared is not in the records." in given.household_said


class TestNothingShown:
    @pytest.mark.parametrize(
        ("fields", "code"),
        [({"immediate_concern": "injury"}, "PERSON_NOW"), ({"restricted": True}, "RESTRICTED")],
    )
    def test_of_a_child_who_needs_a_person_now_or_is_restricted(
        self, several, history, small_model, fields, code
    ):
        given = score(several[0].model_copy(update=fields), history, small_model)

        assert given.code == code
        assert given.household == ()
        assert given.household_said == WITHOUT_HOUSEHOLD[code]

    def test_of_a_referral_about_another_matter(self, several, history, small_model):
        given = score(several[0].model_copy(update={"kind": "custody"}), history, small_model)

        assert given.household == ()
        assert "another matter" in given.household_said

    def test_of_an_extract_that_is_too_old(self, several, history, small_authority, small_model):
        day = small_authority.extract_date + pd.Timedelta(days=60)
        late = several[0].model_copy(update={"referral_date": day.date()})

        assert score(late, history, small_model).household == ()


def test_nobody_of_a_real_household_is_shown_unless_it_is_recorded(
    small_authority, small_model, several, ledger
):
    """Design section 4: on request, and logged."""
    real = fs.Records.from_frames(
        {name: small_authority[name] for name in ("referrals", "children", "family_links")},
        extract_date=small_authority.extract_date,
    )
    training = small_model.training.model_copy(update={"origin": "real"})
    facts = small_model.facts.model_copy(update={"training": training})
    model = dataclasses.replace(small_model, facts=facts)

    with pytest.raises(SettingError, match="only where that is recorded"):
        score(several[0], real, model)
    assert score(several[0], real, model, ledger=ledger).household == ()


def test_saved_history_gives_the_same_household(several, history, small_model, tmp_path):
    """G1: links, deaths and first facts are kept."""
    loaded = fs.History.load(history.save(tmp_path / "history"))

    asked = several[0].model_copy(update={"family_id": "?"})
    assert score(asked, loaded, small_model) == score(asked, history, small_model)
    assert score(several[0], loaded, small_model, would_change=True).household == (
        several[1].household
    )


def test_study_output_has_no_ids(small_authority, small_model, several):
    """Design section 4: a synthetic model on other records is used on nobody."""
    frames = {name: small_authority[name] for name in ("referrals", "children", "family_links")}
    real = fs.Records.from_frames(frames, extract_date=small_authority.extract_date)

    given = score(several[0], real, small_model)

    assert given.household
    ids = set(small_authority["children"]["child_id"])
    assert all(member.child_id is None for member in given.household)
    assert not ids & set(re.findall(r"[\w-]+", given.model_dump_json()))
    assert not any(r.evidence for member in given.household for r in (*member.shared, *member.own))


class TestLedger:
    @pytest.fixture
    def recorded(self, ledger, several, history, small_model):
        return score(several[0], history, small_model, ledger=ledger)

    def test_each_score_lies_under_its_own_child(self, ledger, recorded, several):
        """G2: the child's first, the others' marked as what they are."""
        frame = ledger.scores()

        assert frame["child_id"].to_list() == [
            recorded.child_id, *(member.child_id for member in recorded.household)
        ]  # fmt: skip
        others = len(recorded.household)
        assert frame["context"].to_list() == ["referral"] + ["household"] * others
        assert frame["score_id"].to_list()[1:] == [m.score_id for m in recorded.household]
        assert (frame["referral_id"][1:] == NOT_REFERRED).all()
        assert ledger.verify() == []

    def test_nobody_is_asked_for_and_one_entry_is_written(
        self, ledger, several, history, small_model
    ):
        fs.score_referral(several[0], records=history, model=small_model, ledger=ledger)

        assert len(ledger.scores()) == 1

    def test_child_s_entry_holds_no_other_child(self, ledger, recorded):
        held = ledger.subject_access(recorded.child_id)

        text = json.dumps([one["content"] for one in held.entries])
        for member in recorded.household:
            assert member.child_id not in text
            assert member.score_id not in text
        assert held.entries[0]["content"]["household"]["shown"] == len(recorded.household)

    def test_what_was_shown_of_another_child_is_in_that_child_s_access(self, ledger, recorded):
        """And names nobody else: neither the child referred nor the referral."""
        for member in recorded.household:
            held = ledger.subject_access(member.child_id)
            [entry] = held.entries
            shown = RiskScore.model_validate(entry["content"]["score"])
            assert shown.probability == member.probability
            assert {*shown.reasons} == {*member.shared, *member.own}
            assert "Made because another child of the household was referred." in entry["shown"]
            text = json.dumps(entry["content"])
            assert recorded.child_id not in text
            assert recorded.referral_id not in text

    def test_replay_makes_every_score_again(self, ledger, recorded, small_model):
        for score_id in (recorded.score_id, *(m.score_id for m in recorded.household)):
            again = ledger.replay(score_id, model=small_model)
            assert again.verdict == "SAME", again.differences

    def test_erasing_one_child_leaves_the_others(self, ledger, recorded, small_model):
        first, *rest = recorded.household
        ledger.erase(first.child_id, **AUTHORITY)

        assert ledger.replay(first.score_id, model=small_model).verdict == "ERASED"
        assert all(ledger.replay(m.score_id, model=small_model).verdict == "SAME" for m in rest)
        assert ledger.replay(recorded.score_id, model=small_model).verdict == "SAME"
        assert ledger.subject_access(first.child_id).entries == ()
        assert ledger.verify() == []

    def test_all_are_recorded_or_none(self, ledger, several, history, small_model, tmp_path):
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
            db.execute("UPDATE ledger_head SET number = 7")
            db.commit()
        with pytest.raises(fs.FsRiskError, match="not as it was written"):
            score(several[0], history, small_model, ledger=ledger)

        with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
            assert db.execute("SELECT COUNT(*) FROM ledger_entries").fetchone() == (0,)

    def test_what_would_change_it_is_recorded_and_replayed(
        self, ledger, several, history, small_model, recent
    ):
        """E5, G2: from the rows that were tried, without the records."""
        by = scorer(history, small_model)
        bands = tuple(
            band.model_copy(update={"threshold": by.score([several[0]])[0].log_odds + shift})
            for band, shift in zip(small_model.bands, (0.004, -0.004), strict=False)
        )
        model = dataclasses.replace(
            small_model, facts=small_model.facts.model_copy(update={"bands": bands})
        )
        given = [
            fs.score_referral(r, records=history, model=model, ledger=ledger, would_change=True)
            for r in recent[:25]
        ]
        moved = [one for one in given if one.would_change]
        assert moved
        for one in moved:
            again = ledger.replay(one.score_id, model=model)
            assert again.verdict == "SAME", again.differences
            assert again.score.would_change == one.would_change

    def test_decision_can_be_recorded_of_a_score_with_a_household(self, ledger, recorded):
        ledger.record_decision(
            recorded, decision="assessment", agreement="agrees", reason="Together.", **WHO
        )

        assert ledger.decisions()["referral_id"].to_list() == [recorded.referral_id]
