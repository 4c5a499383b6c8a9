"""What goes into the ledger comes out again, and nothing else does."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
import ledgers
from fs_risk.errors import LedgerError, SettingError
from fs_risk.records.days_in_words import day_words
from fs_risk.triage.ledger_agreement import agreement_table
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.risk_score import RiskScore
from ledgers import AUTHORITY, SAID, WHO, referral


def record(ledger, made, model, **more):
    ledger.record_scores(made, model=model, **more)
    return [one.score for one in made]


class TestScores:
    def test_score_referral_writes_the_score_it_gives(
        self, ledger, made, small_authority, small_model
    ):
        """G2: model, feature row, as-of, score, band, code and reasons, for each call."""
        score = fs.score_referral(
            made[0].basis.referral, records=small_authority, model=small_model, ledger=ledger
        )

        found = ledger.scores()
        assert found["score_id"].to_list() == [score.score_id]
        assert found["model_hash"].to_list() == [small_model.content_hash]
        held = ledger.subject_access(score.child_id).entries[0]["content"]
        assert RiskScore.model_validate(held["score"]) == score
        assert held["basis"]["features"].keys() == set(small_model.feature_names)

    def test_frame_of_scores_says_what_the_scores_say(self, ledger, made, small_model):
        scores = record(ledger, made, small_model)

        frame = ledger.scores()
        expected = pd.Series([score.probability for score in scores], dtype="float64")
        pd.testing.assert_series_equal(frame["probability"], expected, check_names=False)
        assert frame["child_id"].to_list() == [score.child_id for score in scores]
        assert frame["as_of"].dt.strftime("%Y-%m-%d").to_list() == [s.as_of for s in scores]
        assert frame["code"].isna().to_list() == [score.code is None for score in scores]
        assert (frame["context"] == "referral").all()

    def test_list_is_recorded_with_every_place(self, ledger, made, small_authority, small_model):
        referrals = [one.basis.referral for one in made]
        ranked = fs.prioritise(
            referrals, records=small_authority, model=small_model, capacity=5,
            purpose="second_read", ledger=ledger,
        )  # fmt: skip

        frame = ledger.scores().set_index("referral_id").loc[ranked.table["referral_id"]]
        assert len(frame) == len(referrals)
        assert frame["listed"].to_list() == ranked.table["listed"].to_list()
        assert frame["place"].isna().to_list() == ranked.table["place"].isna().to_list()
        assert frame["place"].dropna().to_list() == ranked.table["place"].dropna().to_list()
        assert frame["list_id"].nunique() == 1
        assert ledger.head.number == len(referrals) + 1

    def test_household_scores_are_logged_as_such(self, ledger, made, small_model):
        record(ledger, made[:2], small_model, context="household")

        assert (ledger.scores()["context"] == "household").all()

    def test_score_that_cannot_be_recorded_is_not_given(
        self, ledger, made, small_authority, small_model, tmp_path
    ):
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
            db.execute("UPDATE ledger_head SET number = 7")
            db.commit()

        with pytest.raises(LedgerError, match="the head was changed"):
            fs.score_referral(
                made[0].basis.referral, records=small_authority, model=small_model, ledger=ledger
            )

    def test_study_output_is_not_recorded(self, ledger, small_authority, small_model):
        """Design section 4: a synthetic model on other records leaves no entry."""
        frames = {n: small_authority[n] for n in small_authority if len(small_authority[n])}
        real = fs.Records.from_frames(frames, extract_date=small_authority.extract_date)
        last = small_authority.extract_date
        first = (last - timedelta(days=30)).date()

        with pytest.raises(LedgerError, match="Study output is not recorded"):
            fs.prioritise(
                declared_referrals(real, first, last.date()), records=real, model=small_model,
                capacity=2, purpose="second_read", ledger=ledger,
            )  # fmt: skip
        assert ledger.head.number == 0

    def test_a_list_is_recorded_wholly_or_not_at_all(self, ledger, made, small_model):
        wrong = made[1]._replace(basis=made[0].basis)
        broken = wrong._replace(score=wrong.score.model_copy(update={"log_odds": float("inf")}))

        with pytest.raises(ValueError, match="Out of range float"):
            ledger.record_scores([made[0], broken], model=small_model)
        assert ledger.head.number == 0
        assert ledger.verify() == []

    def test_id_changes_with_the_recorded_history(self, given, small_authority, small_model):
        """Another feature row is another score."""
        one = given[0]
        without = small_authority.replace(
            **{name: small_authority[name].iloc[:0] for name in ("contacts", "assessments")}
        )
        other = fs.score_referral(one.basis.referral, records=without, model=small_model)

        assert other.log_odds != one.score.log_odds
        assert other.score_id != one.score.score_id


class TestDecisions:
    def test_decision_stands_beside_its_score(self, ledger, made, small_model):
        """G9: agreement, override and no score wanted are all first-class."""
        scores = record(ledger, made[:3], small_model)
        for score, agreement in zip(scores, ["agrees", "more_worried", "not_used"], strict=True):
            ledger.record_decision(score, agreement=agreement, team="North", **SAID)
        ledger.record_no_score_wanted(referral(1), **SAID)

        frame = ledger.decisions()
        assert frame["score_id"].to_list()[:3] == [score.score_id for score in scores]
        assert frame["score_id"].isna().to_list() == [False, False, False, True]
        assert frame["override"].to_list() == [False, True, False, pd.NA]
        assert frame["kind"].to_list()[3] == "no_score_wanted"
        assert frame["child_id"].to_list() == [*[s.child_id for s in scores], "child-1"]

    def test_scores_and_decisions_join_to_groups(self, ledger, made, small_model, small_authority):
        """A5: score disparity and decision disparity, from the ledger alone and the groups."""
        scores = record(ledger, made, small_model)
        for place, score in enumerate(scores):
            decision = "assessment" if place % 3 else "no_further_action"
            ledger.record_decision(score, agreement="agrees", **{**SAID, "decision": decision})
        sex = small_authority["children"].set_index("child_id")["sex"]

        by_score = ledger.scores().groupby(ledger.scores()["child_id"].map(sex))["probability"]
        assessed = ledger.decisions()["decision"].eq("assessment")
        by_decision = assessed.groupby(ledger.decisions()["child_id"].map(sex)).mean()

        of = {s: [x for x in scores if sex[x.child_id] == s] for s in sex.unique()}
        for group, mean in by_score.mean().items():
            known = [s.probability for s in of[group] if s.probability is not None]
            assert mean == pytest.approx(np.mean(known))
        places = {s.score_id: place for place, s in enumerate(scores)}
        for group, mean in by_decision.items():
            assert mean == pytest.approx(np.mean([places[s.score_id] % 3 > 0 for s in of[group]]))

    @pytest.mark.parametrize("by", ["", "  ", "model", "System", "automatic"])
    def test_only_a_person_decides(self, ledger, made, small_model, by):
        """G6: a score is never the sole basis of a decision."""
        score = record(ledger, made[:1], small_model)[0]

        with pytest.raises(LedgerError, match=r"cannot be recorded: by \((empty|not a person)\)"):
            ledger.record_decision(score, agreement="agrees", **{**SAID, "by": by})

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"reason": " "}, r"reason \(empty\)"),
            ({"decision": "close the case"}, r"decision \(not one of its values\)"),
            ({"agreement": "obeys"}, r"agreement \(not one of its values\)"),
        ],
    )
    def test_what_is_not_usable_is_named_and_not_repeated(
        self, ledger, made, small_model, change, named
    ):
        score = record(ledger, made[:1], small_model)[0]

        with pytest.raises(LedgerError, match=named) as caught:
            ledger.record_decision(score, **{**SAID, "agreement": "agrees", **change})
        assert "obeys" not in str(caught.value)
        assert "close the case" not in str(caught.value)

    def test_decision_on_a_score_that_is_not_there_is_refused(self, ledger):
        with pytest.raises(LedgerError, match="no score of that id"):
            ledger.record_decision("0" * 16, agreement="agrees", **SAID)

    def test_no_frame_says_who_decided(self, ledger, made, small_model):
        score = record(ledger, made[:1], small_model)[0]
        ledger.record_decision(score, agreement="agrees", **SAID)
        ledger.record_rating("A", family_id="F", on="2026-11-01", rating="high", team="N", **WHO)

        for frame in (ledger.scores(), ledger.decisions(), ledger.ratings(), ledger.agreement()):
            assert not {"by", "role", "worker"} & set(frame.columns)
            assert "W17" not in frame.to_csv()

    def test_empty_ledger_gives_empty_frames_of_the_same_types(self, ledger, made, small_model):
        empty = [frame.dtypes for frame in (ledger.scores(), ledger.decisions(), ledger.ratings())]
        score = record(ledger, made[:1], small_model)[0]
        ledger.record_decision(score, agreement="agrees", **SAID)
        ledger.record_rating("A", family_id="F", on="2026-11-01", rating="high", team="N", **WHO)

        full = [frame.dtypes for frame in (ledger.scores(), ledger.decisions(), ledger.ratings())]
        for before, after in zip(empty, full, strict=True):
            pd.testing.assert_series_equal(before, after)


class TestRatings:
    def rate(self, ledger, children, family, rating, scores=(), on="2026-11-01", team="North"):
        return ledger.record_rating(
            children, family_id=family, on=on, rating=rating, team=team, scores=scores, **WHO
        )

    def test_each_child_of_the_family_has_an_entry(self, ledger):
        numbers = self.rate(ledger, ["A", "B"], "F1", "high")

        frame = ledger.ratings()
        assert numbers == [1, 2]
        assert frame["child_id"].to_list() == ["A", "B"]
        assert frame["rating"].to_list() == ["high", "high"]

    def test_agreement_is_the_share_of_pairs_in_the_same_order(self, ledger, given, small_model):
        scores = record(ledger, given[:16], small_model)
        ratings = ["low", "medium", "high", "very high"] * 4
        for place, (score, rating) in enumerate(zip(scores, ratings, strict=True)):
            self.rate(ledger, score.child_id, f"F{place}", rating, [score])
        order = {"low": 0, "medium": 1, "high": 2, "very high": 3}
        pairs = [
            (a.probability > b.probability) + 0.5 * (a.probability == b.probability)
            for a, first in zip(scores, ratings, strict=True)
            for b, second in zip(scores, ratings, strict=True)
            if order[first] > order[second]
        ]

        table = ledger.agreement()

        assert table["team"].to_list() == ["North", "all teams"]
        np.testing.assert_allclose(table["agreement"], np.mean(pairs))
        assert table["period"].iloc[0] == pd.Timestamp("2026-10-01")

    def test_agreement_of_two_levels_is_the_area_under_the_curve(self):
        from sklearn.metrics import roc_auc_score

        rng = np.random.default_rng(4)
        high, probability = rng.random(50) < 0.4, rng.random(50).round(1)
        frame = pd.DataFrame(
            {
                "team": "N", "family_id": [f"F{i}" for i in range(50)],
                "on": pd.Timestamp("2026-05-05"), "probability": probability,
                "rating": np.where(high, "high", "low"),
            }
        )  # fmt: skip

        found = agreement_table(frame, freq="Y")["agreement"]

        np.testing.assert_allclose(found, roc_auc_score(high, probability))

    def test_small_teams_are_suppressed(self, ledger, given, small_model):
        scores = record(ledger, given[:12], small_model)
        for place, score in enumerate(scores):
            rating = "high" if place % 2 else "low"
            team = "North" if place < 5 else "South"
            self.rate(ledger, score.child_id, f"F{place}", rating, [score], team=team)

        table = ledger.agreement().set_index("team")

        assert table["suppressed"].to_dict() == {
            "North": True, "South": False, "all teams": False
        }  # fmt: skip
        assert np.isnan(table.loc["North", "agreement"])
        assert table["families"].to_list() == ["c", "5", "10"]

    def test_siblings_are_not_compared_with_each_other(self):
        frame = pd.DataFrame(
            {
                "team": "N", "family_id": ["F"] * 8, "on": pd.Timestamp("2026-05-05"),
                "probability": np.linspace(0, 1, 8), "rating": ["low", "high"] * 4,
            }
        )  # fmt: skip

        assert agreement_table(frame, freq="Q")["agreement"].isna().all()

    def test_score_of_another_child_is_refused(self, ledger, made, small_model):
        score = record(ledger, made[:1], small_model)[0]

        with pytest.raises(LedgerError, match="not about"):
            self.rate(ledger, "somebody else", "F", "high", [score])
        assert ledger.head.number == 1

    @pytest.mark.parametrize("children", [[], ["A", "A"], [""], ""])
    def test_children_are_named_once(self, ledger, children):
        with pytest.raises(LedgerError, match="about no child, or about one of them twice"):
            self.rate(ledger, children, "F", "high")


class TestSealed:
    def seal(self, ledger, one, records, model):
        return fs.seal_score(one.basis.referral, records=records, model=model, ledger=ledger)

    def test_opens_only_when_the_own_view_is_recorded(
        self, ledger, given, small_authority, small_model
    ):
        sealed = self.seal(ledger, given[0], small_authority, small_model)

        with pytest.raises(LedgerError, match="sealed: nobody's own view"):
            ledger.opened_score(sealed.score_id)
        assert ledger.scores()[["probability", "log_odds"]].isna().all(axis=None)
        assert sealed.open(**SAID) == given[0].score
        assert ledger.opened_score(sealed.score_id) == given[0].score
        assert ledger.scores()["probability"].to_list() == [given[0].score.probability]
        assert ledger.decisions()["kind"].to_list() == ["own_view"]

    def test_shows_nothing_when_the_view_is_not_usable(
        self, ledger, given, small_authority, small_model
    ):
        sealed = self.seal(ledger, given[0], small_authority, small_model)

        with pytest.raises(LedgerError, match="reason"):
            sealed.open(**{**SAID, "reason": ""})
        assert ledger.head.number == 1

    def test_object_holds_nothing_of_the_score(self, ledger, given, small_authority, small_model):
        sealed = self.seal(ledger, given[0], small_authority, small_model)

        held = repr(vars(sealed)) + repr(sealed)
        assert str(given[0].score.probability) not in held
        assert given[0].score.child_id not in held

    def test_opens_in_another_process_by_its_id(
        self, ledger, given, small_authority, small_model, tmp_path, clock
    ):
        sealed = self.seal(ledger, given[0], small_authority, small_model)
        other = ledgers.reopen(tmp_path, clock=clock)
        other.record_own_view(sealed.score_id, **SAID)

        assert other.opened_score(sealed.score_id) == given[0].score
        other.close()

    def test_agreed_rating_opens_it_too(self, ledger, given, small_authority, small_model):
        sealed = self.seal(ledger, given[0], small_authority, small_model)
        ledger.record_rating(
            given[0].score.child_id, family_id="F", on="2026-11-01", rating="high", team="N",
            scores=[sealed.score_id], **WHO,
        )  # fmt: skip

        assert ledger.opened_score(sealed.score_id) == given[0].score

    def test_sealed_again_it_asks_for_a_view_again(
        self, ledger, given, small_authority, small_model
    ):
        self.seal(ledger, given[0], small_authority, small_model).open(**SAID)
        again = self.seal(ledger, given[0], small_authority, small_model)

        with pytest.raises(LedgerError, match="sealed"):
            ledger.opened_score(again.score_id)


class TestSubjectAccess:
    def test_holds_all_that_was_shown(self, ledger, given, small_model, tmp_path):
        score = record(ledger, given[:3], small_model)[0]
        ledger.record_decision(score, agreement="less_worried", **SAID)

        held = ledger.subject_access(score.child_id)
        page = held.to_html(tmp_path / "held.html").read_text("utf-8")
        written = json.loads(held.to_json(tmp_path / "held.json").read_text("utf-8"))

        assert [entry["kind"] for entry in held.entries] == ["score", "decision"]
        assert score.said in held.entries[0]["shown"]
        assert all(reason.wording in " ".join(held.entries[0]["shown"]) for reason in score.reasons)
        assert score.said in page
        assert "less worried than the score" in page
        assert written["entries"] == list(held.entries)

    def test_holds_nothing_of_other_children(self, ledger, given, small_model):
        scores = record(ledger, given[:6], small_model)

        held = json.dumps(ledger.subject_access(scores[0].child_id).entries)
        assert not any(f'"{score.child_id}"' in held for score in scores[1:])
        assert not any(score.referral_id in held for score in scores[1:])

    def test_is_itself_recorded(self, ledger, given, small_model):
        score = record(ledger, given[:1], small_model)[0]
        ledger.subject_access(score.child_id, by="IG officer", authority="SAR 7")

        second = ledger.subject_access(score.child_id)
        assert [entry["kind"] for entry in second.entries] == ["score", "subject_access"]

    def test_of_a_child_that_is_not_there_is_empty(self, ledger):
        assert ledger.subject_access("nobody").entries == ()
        assert ledger.head.number == 0

    def test_page_of_nothing_says_so(self, ledger, tmp_path):
        page = ledger.subject_access("nobody").to_html(tmp_path / "held.html").read_text("utf-8")
        assert "Nothing that can be read is held." in page
        assert "no longer readable" not in page

    def test_page_says_what_is_gone_and_until_when_the_rest_is_kept(
        self, ledger, given, small_model, tmp_path
    ):
        """A person who asks is told that there was more."""
        score = record(ledger, given[:1], small_model)[0]
        held = replace(ledger.subject_access(score.child_id), withheld=2)
        page = held.to_html(tmp_path / "held.html").read_text("utf-8")

        until = day_words(held.entries[0]["retain_until"])
        assert f"Kept until {until}." in page
        assert "2 entries are no longer readable" in page
        assert "<title>SYNTHETIC: What is held</title>" in page

    def test_place_that_cannot_be_written_is_named_with_its_cure(self, ledger, tmp_path):
        held = ledger.subject_access("nobody")
        for write in (held.to_html, held.to_json):
            with pytest.raises(SettingError, match="cannot be written"):
                write(tmp_path / "no" / "held")

    def test_page_escapes_what_people_wrote(self, ledger, tmp_path):
        said = {**SAID, "reason": "<script>alert(1)</script>"}
        ledger.record_no_score_wanted(referral(1), **said)

        page = ledger.subject_access("child-1").to_html(tmp_path / "h.html").read_text("utf-8")
        assert "<script>" not in page


class TestReplay:
    def test_gives_every_score_again_to_the_last_bit(self, ledger, made, small_model):
        """From the stored facts and the model alone, without the records."""
        scores = record(ledger, made, small_model)

        again = [ledger.replay(score.score_id, model=small_model) for score in scores]

        assert {one.verdict for one in again} == {"SAME"}
        assert [one.score for one in again] == scores
        assert any(reason.evidence for one in again for reason in one.score.reasons)

    def test_with_a_model_loaded_from_disk(self, ledger, made, small_model, tmp_path):
        loaded = fs.load_model(small_model.save(tmp_path / "model"))
        scores = record(ledger, made[:10], small_model)

        verdicts = [ledger.replay(score.score_id, model=loaded).verdict for score in scores]

        assert set(verdicts) == {"SAME"}

    def test_names_the_features_that_the_records_now_give_otherwise(
        self, ledger, given, small_authority, small_model
    ):
        one = next(m for m in given if m.basis.facts and np.nansum(m.basis.values) > 0)
        record(ledger, [one], small_model)
        corrected = small_authority.replace(contacts=small_authority["contacts"].iloc[:0])

        same = ledger.replay(one.score.score_id, model=small_model, records=small_authority)
        other = ledger.replay(one.score.score_id, model=small_model, records=corrected)

        assert same.records_differ == ()
        assert (other.verdict, bool(other.records_differ)) == ("SAME", True)
        assert set(other.records_differ) <= set(small_model.feature_names)

    def test_says_what_differs_when_the_recorded_score_is_another(self, ledger, given, small_model):
        one = given[0]
        told = one.score.model_copy(update={"probability": 0.5, "said": "In about 500"})
        ledger.record_scores([one._replace(score=told)], model=small_model)

        again = ledger.replay(one.score.score_id, model=small_model)

        assert again.verdict == "DIFFERS"
        assert again.differences == ("probability", "said")

    def test_refuses_another_model(self, ledger, given, small_model):
        record(ledger, given[:1], small_model)
        other = small_model.with_gate_results([])

        with pytest.raises(LedgerError, match="another model"):
            ledger.replay(given[0].score.score_id, model=other)

    def test_of_an_unknown_score_is_an_error(self, ledger, small_model):
        with pytest.raises(LedgerError, match="no score of that id"):
            ledger.replay("0" * 16, model=small_model)


def test_authority_is_named_for_whatever_is_taken_away(ledger):
    for wrong in ({"authority": ""}, {"by": "system"}, {"reason": ""}):
        with pytest.raises(LedgerError, match="cannot be recorded"):
            ledger.erase("A", **{**AUTHORITY, **wrong})
