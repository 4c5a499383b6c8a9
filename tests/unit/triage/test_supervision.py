"""Group supervision: families without a score, until the group's own rating is recorded."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

import fs_risk as fs
import ledgers
from drawn import authority
from fs_risk.errors import LedgerError, OutcomeError, RecordsError, ReferralError, SettingError
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.triage.score import history_of
from fs_risk.triage.supervision_questions import ASKED, KINDS
from fs_risk.triage.supervision_scores import OpenCaseScorer

ON = "2025-04-04"
RATED = {"rating": "high", "by": "W17", "role": "practice lead"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("supervision")


@pytest.fixture(scope="module")
def kept(folder):
    begun = ledgers.begin(folder)
    yield begun
    begun.close()


@pytest.fixture(scope="module")
def month(small_authority, open_model, kept):
    """The families of a day four days after the extract, with a ledger."""
    return fs.supervision_list(small_authority, model=open_model, on=ON, ledger=kept)


@pytest.fixture(scope="module")
def blind(small_authority, open_model):
    """The same without a ledger."""
    return fs.supervision_list(small_authority, model=open_model, on=ON)


def moved_item(month):
    """A family with two scores and more, whose cases were open at the last supervision."""
    return next(
        item
        for item in month
        if item.agreed
        and len(item.sealed) > 1
        and all(child.opened < item.agreed.on for child in item.children)
    )


def cases_of(*items):
    """The open cases of some families, as a cohort."""
    rows = [(c.case_id, c.child_id, pd.Timestamp(ON)) for item in items for c in item.children]
    return pd.DataFrame(rows, columns=["case_id", "child_id", "as_of"])


def test_score_of_an_open_case_is_that_of_training(small_authority, open_model):
    """G1: the same features and the same score as the model on build_features."""
    cohort = fs.open_case_cohort(small_authority, on="2025-03-01")
    made = OpenCaseScorer(history_of(small_authority), open_model).make(cohort)
    lag = open_model.plan.extract_lag_days
    X = build_features(small_authority, cohort, lag_days=lag)[list(open_model.feature_names)]
    expected = open_model.predict_proba(X)[:, 1]
    given = np.array([one.score.code is None for one in made])

    assert given.sum() > 100
    np.testing.assert_allclose(
        [one.score.probability for one in made if one.score.code is None],
        expected[given],
        rtol=0,
        atol=1e-12,
    )


def test_case_that_is_looked_after_gets_no_score_but_one_on_a_plan_does(
    small_authority, open_model
):
    on_day = fs.open_case_cohort(small_authority, on="2025-03-01")
    made = OpenCaseScorer(history_of(small_authority), open_model).make(on_day)
    tables = {name: small_authority[name] for name in ("cp_plans", "care_periods")}
    running = {
        name: set(t.loc[(t["start_date"] < "2025-03-01") & ~(t["end_date"] < "2025-03-01"),
                        "child_id"])
        for name, t in tables.items()
    }  # fmt: skip
    codes = dict(zip(on_day["child_id"], [one.score.code for one in made], strict=True))

    cared_for = [code for child, code in codes.items() if child in running["care_periods"]]
    planned = running["cp_plans"] - running["care_periods"]
    assert cared_for
    assert set(cared_for) == {"OUT_OF_SCOPE"}
    assert any(codes.get(child, "") is None for child in planned)


def test_every_family_is_there_once_and_every_open_case_in_one(month, blind):
    children = [child.child_id for item in month for child in item.children]

    assert len(children) == len(set(children)) == month.table["children"].sum()
    assert month.table["family_id"].is_unique
    assert month.table["number"].to_list() == list(range(1, len(month) + 1))
    pd.testing.assert_frame_equal(
        month.table.drop(columns="scores_sealed"), blind.table.drop(columns="scores_sealed")
    )


def test_order_is_by_team_and_time_since_the_last_supervision(month):
    rows = month.table[["team", "last_supervision"]]
    rows = rows.fillna({"last_supervision": pd.Timestamp("1900-01-01")})

    assert rows.equals(rows.sort_values(["team", "last_supervision"], kind="stable"))


def shown(found, path):
    """Everything that a list shows of itself before a rating."""
    texts = [str(found), repr(found), found._repr_html_(), found.table.to_csv()]
    texts += [found.to_html(path / "l.html").read_text("utf-8")]
    texts += [found.to_csv(path / "l.csv").read_text("utf-8")]
    sheets = load_workbook(found.to_excel(path / "l.xlsx")).worksheets
    cells = [str(c.value) for sheet in sheets for row in sheet.iter_rows() for c in row]
    for sheet in sheets:
        assert "a person decides" in " ".join(sheet.oddHeader.center.text.split())
        assert len(str(sheet.oddHeader)) < 255
    return "\n".join([*texts, *cells, *(repr(item) for item in found)])


def test_no_score_is_shown_anywhere_before_a_rating(
    small_authority, open_model, month, blind, tmp_path
):
    by = OpenCaseScorer(history_of(small_authority), open_model)
    scores = [made.score for made in by.make(cases_of(*month)) if made.score.code is None]
    for found in (month, blind):
        text = shown(found, tmp_path)
        for score in scores:
            assert f"{score.probability:.4f}" not in text
            assert score.said not in text
        assert "in 1,000" not in text
        assert "contribution" not in text


def test_sealed_scores_of_the_ledger_show_no_figure(month, kept):
    frame = kept.scores().query("context == 'supervision' and not opened and code.isna()")

    assert len(frame) > 0
    assert frame["sealed"].all()
    assert frame["probability"].isna().all()


def test_rating_opens_the_scores_and_why_they_moved(small_authority, open_model, month, kept):
    """G9: the group's own rating comes first, and stands whatever the score says."""
    item = moved_item(month)
    with pytest.raises(LedgerError, match="sealed"):
        kept.opened_score(item.sealed[0])
    opened = item.open(**RATED, next_step="change plan")

    assert [child.score.score_id for child in opened.children] == list(item.sealed)
    by = OpenCaseScorer(history_of(small_authority), open_model)
    for child in opened.children:
        then, now = (
            by.make(
                pd.DataFrame(
                    {"case_id": [child.score.referral_id], "child_id": [child.score.child_id],
                     "as_of": pd.to_datetime([day])}
                )
            )[0].score
            for day in (item.agreed.on, ON)
        )  # fmt: skip
        moved = child.movement
        assert now.log_odds == child.score.log_odds
        assert moved.log_odds_before == pytest.approx(then.log_odds, abs=1e-9)
        assert moved.change == pytest.approx(now.log_odds - then.log_odds, abs=1e-9)
        # E1: by theme, the changes sum exactly
        assert sum(part.change for part in moved.parts) == pytest.approx(moved.change, abs=1e-9)
        assert {part.concept for part in moved.parts} == {s.concept for s in by.specs}
    assert f"Child {opened.children[0].score.child_id}" in str(opened)
    assert "similar open cases" in str(opened)
    assert "it has not heard the group" in str(opened)
    assert "Agreed: high" in opened._repr_html_()


def test_themes_that_moved_a_score_are_said_with_what_was_recorded_then(
    small_authority, open_model
):
    by = OpenCaseScorer(history_of(small_authority), open_model)
    cohort = fs.open_case_cohort(small_authority, on="2025-03-01")
    opened = small_authority["referrals"].set_index("referral_id")["referral_date"]
    cohort = cohort.assign(opened=opened.reindex(cohort["case_id"]).to_numpy())
    since = pd.Timestamp("2024-12-01").date()
    moved = by.moved(cohort, [since] * len(cohort))
    known = [one for one in moved if one is not None]

    late = (cohort["opened"] >= pd.Timestamp(since)).to_numpy()
    assert all(one is None for one, new in zip(moved, late, strict=True) if new)
    assert max(abs(one.change) for one in known) > 0.03
    largest = max(known, key=lambda one: abs(one.change))
    assert largest.lines()[0].startswith("On 1 December 2024 it was about ")
    said = [line for line in largest.lines()[1:] if "(then: " in line]
    assert said
    for one in known:
        assert [abs(p.change) for p in one.parts] == sorted(
            (abs(p.change) for p in one.parts), reverse=True
        )


def test_agreed_rating_is_kept_for_each_child_and_stands_in_the_next_list(
    small_authority, open_model, month, kept
):
    item = moved_item(month)
    item.open(**RATED | {"rating": "very high"}, next_step="change plan")
    ratings = kept.ratings()
    later = fs.supervision_list(small_authority, model=open_model, on="2025-04-07", ledger=kept)
    again = next(one for one in later if one.family_id == item.family_id)

    latest = ratings.drop_duplicates("child_id", keep="last").set_index("child_id")
    mine = latest.loc[[child.child_id for child in item.children]]
    assert (mine["rating"] == "very high").all()
    assert mine["score_id"].notna().sum() == len(item.sealed)
    assert (again.agreed.rating, again.agreed.on.isoformat()) == ("very high", ON)
    assert any("change the plan" in q.ask for q in again.questions if q.kind == "last time")


@pytest.mark.parametrize("wrong", [{"rating": "green"}, {"by": "model"}, {"by": "bot"}])
def test_rating_that_cannot_be_recorded_opens_nothing(month, kept, wrong):
    """G6: a person's own, in the group's own words."""
    item = month[-1]
    with pytest.raises(LedgerError, match="cannot be recorded"):
        item.open(**RATED | wrong)
    for score_id in item.sealed:
        with pytest.raises(LedgerError, match="sealed"):
            kept.opened_score(score_id)


def test_without_a_ledger_no_score_is_shown_at_all(blind):
    with pytest.raises(LedgerError, match="no ledger to record"):
        blind[0].open(**RATED)
    with pytest.raises(LedgerError, match="no ledger that holds ratings"):
        blind.agreement()
    assert blind.table["scores_sealed"].sum() == 0


def test_agreement_is_reported_by_team_and_hidden_when_small(month, kept):
    sealed = [item for item in month if item.team and item.sealed][:14]
    for place, item in enumerate(sealed):
        item.open(**RATED | {"rating": ("low", "high")[place % 2]})
    table = month.agreement(freq="Q")

    assert set(table["team"]) <= {*month.table["team"], "all teams"}
    everybody = table.set_index("team").loc["all teams"]
    assert 0 <= everybody["agreement"] <= 1
    assert table.loc[table["suppressed"], "agreement"].isna().all()
    assert not {"by", "role", "worker"} & set(table.columns)


def test_score_of_an_open_case_is_made_again_from_the_ledger(
    small_authority, open_model, month, kept
):
    item = moved_item(month)
    again = kept.replay(item.sealed[0], model=open_model, records=small_authority)

    assert again.verdict == "SAME"
    assert again.records_differ == ()
    assert kept.verify() == []


def test_each_theme_of_the_catalogue_has_its_questions():
    """E3: worries and strengths for every concept that a reason may name."""
    assert set(ASKED) == {spec.concept for spec in CATALOGUE}
    for ask in ASKED.values():
        assert ask.worry.endswith("?")
        assert ask.strength.endswith("?")


def test_questions_have_strengths_beside_worries_and_say_nothing_of_weight(month):
    """E4."""
    order = {name: place for place, name in enumerate(KINDS)}
    themes = {concept: place for place, concept in enumerate(ASKED)}
    for item in month:
        kinds = [question.kind for question in item.questions]
        assert kinds.count("strength") >= 1
        assert [order[kind] for kind in kinds] == sorted(order[kind] for kind in kinds)
        for kind in ("worry", "strength"):
            asked = [
                themes[q.theme] for q in item.questions if q.kind == kind and q.theme in themes
            ]
            assert asked == sorted(asked)


def test_theme_of_which_nothing_is_recorded_is_not_asked_about(small_authority, open_model, month):
    by = OpenCaseScorer(history_of(small_authority), open_model)
    for item in month:
        asked = {q.theme for q in item.questions if q.kind in ("worry", "strength")}
        cohort = cases_of(item)
        rows = [one.basis.values for one in by.make(cohort) if one.basis.values is not None]
        recorded = {
            spec.concept for row in rows for spec, value in zip(by.specs, row, strict=True)
            if value > 0
        }  # fmt: skip
        assert asked - {"What goes well"} <= recorded
        assert "The trio together" not in asked or len(item.trio) > 1


def test_nothing_shown_before_a_rating_depends_on_what_the_model_thinks(
    small_authority, open_model, blind
):
    """Its replica scores the same families otherwise."""
    other = replace(open_model, booster=open_model.replicas[0])
    again = fs.supervision_list(small_authority, model=other, on=ON)

    pd.testing.assert_frame_equal(again.table, blind.table)
    assert [str(item) for item in again] == [str(item) for item in blind]


def test_opened_scores_bring_the_questions_of_their_reasons(month):
    opened = next(
        found for found in (item.open(**RATED) for item in month if item.sealed)
        if any(child.score.reasons for child in found.children)
    )  # fmt: skip
    themes = {reason.concept for child in opened.children for reason in child.score.reasons}

    assert {question.theme for question in opened.questions} <= themes | {"What goes well"}
    assert len(opened.questions) > 1
    assert opened.questions[0].line in str(opened)


def test_setting_can_ask_about_reasons_before_a_rating_and_says_so(small_authority, open_model):
    setting = fs.SupervisionSetting(ask_about_reasons=True)
    found = fs.supervision_list(small_authority, model=open_model, on=ON, setting=setting)

    assert "themes of the score's reasons" in " ".join(found.setting.lines())
    kinds = [q.kind for item in found for q in item.questions]
    assert {"worry", "strength"} <= set(kinds)


def test_page_prints_one_family_a_block_with_the_setting(month, tmp_path):
    page = month.to_html(tmp_path / "page.html").read_text(encoding="utf-8")

    assert page.count('class="family"') == len(month)
    assert "break-inside: avoid" in page
    assert "SYNTHETIC" in page
    for line in month.setting.lines():
        assert line.replace("'", "&#39;") in page


def test_model_of_referrals_is_refused_with_the_cure(small_authority, small_model):
    with pytest.raises(ReferralError, match=r"(?s)not on open cases.*cohort='open_case'"):
        fs.supervision_list(small_authority, model=small_model, on=ON)


def test_history_is_refused_with_the_cure(small_authority, open_model):
    with pytest.raises(RecordsError, match="a history does not hold"):
        fs.supervision_list(history_of(small_authority), model=open_model, on=ON)


@pytest.mark.parametrize("on", ["31/13/2025", "04/03/2024", 20240304, "soon", None])
def test_day_that_is_none_is_refused(small_authority, open_model, on):
    with pytest.raises(SettingError, match="on is not a day"):
        fs.supervision_list(small_authority, model=open_model, on=on)


def test_day_too_long_after_the_extract_gives_families_but_no_score(small_authority, open_model):
    found = fs.supervision_list(small_authority, model=open_model, on="2025-06-01")

    assert len(found)
    assert found.table["without_score"].str.contains("The extract is older").all()


def test_authority_with_nothing_but_a_census_gets_an_honest_list(open_model):
    """On other records than it was fitted on, a synthetic model gives study output: no ids."""
    window = ("2015-01-01", "2024-12-31")
    records = authority(
        {"programme_modules": None, "specialist_work": None, "group_supervision": None},
        children="child_id | birth_date\n<b>A</b> | 2016-01-01",
        referrals="referral_id | child_id | referral_date\nR1 | <b>A</b> | 2024-01-10",
        assessments="""
            assessment_id | child_id   | start_date | authorised_date
            A1            | <b>A</b>   | 2024-01-12 | 2024-02-20""",
        factors="assessment_id | code\nA1 | 3B",
    )
    assert records.coverage["referrals"].observed_to == pd.Timestamp(window[1])
    found = fs.supervision_list(records, model=open_model, on="2024-06-10")

    assert found.study
    assert found.table["child_ids"].isna().all()
    assert found.table["modules_completed"].isna().all()
    assert found.table["last_rating"].isna().all()
    assert "modules: not held by these records" in str(found)
    assert "<b>" not in found._repr_html_()


def test_day_without_families_is_an_empty_list(open_model, tmp_path):
    records = authority(referrals="referral_id | child_id | referral_date\nR1 | A | 2024-01-10")
    found = fs.supervision_list(records, model=open_model, on="2024-06-10")

    assert len(found) == 0
    assert found.table.empty
    assert "0 families" in found.summary()
    assert "No family is in this setting" in found.to_html(tmp_path / "p.html").read_text("utf-8")
    assert load_workbook(found.to_excel(tmp_path / "p.xlsx"))["Families"].max_row == 1


def test_day_before_anything_is_observed_is_refused_and_not_called_empty(open_model):
    records = authority(referrals="referral_id | child_id | referral_date\nR1 | A | 2024-01-10")
    begins = records.coverage["referrals"].observed_from
    before = (begins - pd.Timedelta(days=1)).date()

    with pytest.raises(OutcomeError, match="not yet observed") as raised:
        fs.supervision_list(records, model=open_model, on=before)
    assert str(begins.date()) in str(raised.value)
    assert len(fs.supervision_list(records, model=open_model, on=begins.date())) == 0


def test_records_without_referrals_are_refused(open_model):
    records = authority(contacts="contact_id | child_id | contact_date\n1 | A | 2024-01-10")
    with pytest.raises(OutcomeError, match="hold no referrals"):
        fs.supervision_list(records, model=open_model, on="2024-06-10")
