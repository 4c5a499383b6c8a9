import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

import fs_risk as fs
from fs_risk.cli.texts import list_text
from fs_risk.errors import SettingError
from fs_risk.records.dates import working_calendar
from fs_risk.triage.prioritise_list import PURPOSES
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.risk_score import CAVEAT


@pytest.fixture(scope="module")
def week(small_authority):
    last = small_authority.extract_date
    return declared_referrals(small_authority, (last - pd.Timedelta(days=90)).date(), last.date())


def ranked(week, records, model, **more):
    settings = {"capacity": 9, "purpose": "second_read"} | more
    return fs.prioritise(week, records=records, model=model, **settings)


def test_highest_scores_are_listed_up_to_capacity(week, small_authority, small_model):
    made = ranked(week, small_authority, small_model)
    alone = [fs.score_referral(r, records=small_authority, model=small_model) for r in week]
    highest = sorted((s.log_odds for s in alone if s.log_odds is not None), reverse=True)[:9]

    assert len(made.listed) == 9
    listed = [s.log_odds for s, on in zip(made.scores, made.table["listed"], strict=True) if on]
    assert sorted(listed, reverse=True) == pytest.approx(highest)


def test_children_without_a_score_come_first_and_outside_capacity(
    week, small_authority, small_model
):
    now = [r.model_copy(update={"immediate_concern": "injury"}) for r in week[:2]]
    made = ranked([*week[2:], *now], small_authority, small_model)

    first = made.table.iloc[: len(made.without_score)]
    assert first["code"].notna().all()
    assert (first["code"] == "PERSON_NOW").sum() == 2
    assert first["place"].isna().all()
    assert len(made.listed) == 9


def test_share_of_the_list_is_rounded_up(week, small_authority, small_model):
    made = ranked(week, small_authority, small_model, capacity=0.1)

    assert made.capacity == int(np.ceil(0.1 * len(week)))


def test_summary_counts_families_and_says_what_is_left_out(week, small_authority, small_model):
    made = ranked(week, small_authority, small_model)

    assert f"of {made.listed['household'].nunique()} families" in made.summary()
    missed = small_model.facts.listed.not_listed_of_100
    assert (
        "not evidence of safety: in the model's test, of 100 children where the outcome followed, "
        f"{missed:.0f} were on no list." in made.summary()
    )


def test_summary_of_a_list_with_one_place_speaks_of_one_child(week, small_authority, small_model):
    made = ranked(week, small_authority, small_model, capacity=1)

    assert "1 child of 1 family listed" in made.summary()
    assert made.about()["Capacity"] == "1 child"


def test_summary_counts_a_child_that_is_listed_twice_once(week, small_authority, small_model):
    again = [each.model_copy(update={"referral_id": f"{each.referral_id} again"}) for each in week]
    made = ranked([*week, *again], small_authority, small_model, capacity=2 * len(week))
    listed = made.listed

    n_children = listed["child_id"].nunique()
    assert n_children < len(listed)
    assert f": {len(listed)} referrals of {n_children} child" in made.summary()


def test_ties_at_the_end_of_the_list_are_stated(small_authority, small_model):
    day = small_authority.extract_date.date()
    same = [
        {
            "referral_id": f"R{i}", "child_id": f"new{i}", "referral_date": day, "source": "6",
            "birth_date": "2018-03-01",
        }
        for i in range(5)
    ]  # fmt: skip
    made = ranked(same, small_authority, small_model, capacity=2)

    assert made.tied == 3
    assert made.tied_listed == 2
    assert "3 left out have the same score" in made.summary()
    assert "2 with it are listed" in made.summary()


@pytest.mark.parametrize("purpose", ["closure", "defer", "no_further_action", ""])
def test_list_may_only_add_attention(week, small_authority, small_model, purpose):
    """G6: no other purpose is accepted."""
    with pytest.raises(SettingError, match="may only add attention"):
        ranked(week, small_authority, small_model, purpose=purpose)


@pytest.mark.parametrize("capacity", [0, -1, 1.5, 1.0, 0.0, True])
def test_impossible_capacity_is_refused(week, small_authority, small_model, capacity):
    with pytest.raises(SettingError, match="Capacity is neither"):
        ranked(week, small_authority, small_model, capacity=capacity)


def test_referral_given_twice_is_refused(week, small_authority, small_model):
    with pytest.raises(SettingError, match="more than once"):
        ranked([*week, week[0]], small_authority, small_model)


def test_empty_list_is_a_list(small_authority, small_model):
    made = ranked([], small_authority, small_model)

    assert made.table.empty
    assert made.summary().startswith("For a second read")
    assert "SYNTHETIC" in repr(made)
    assert made.about()["Stamp"].startswith("SYNTHETIC")


def test_empty_list_says_that_it_is_synthetic_and_by_which_model(
    week, small_authority, small_model, tmp_path
):
    empty, whole = (ranked(each, small_authority, small_model) for each in ([], week))

    assert repr(empty).startswith("<RankedList SYNTHETIC. ")
    assert empty._repr_html_().startswith("<p>SYNTHETIC. ")
    assert list_text(empty).startswith("SYNTHETIC\n")
    for said in ("Stamp", "Model"):
        assert empty.about()[said] == whole.about()[said] != ""
    url = f"sqlite:///{(tmp_path / 'lists.db').as_posix()}"
    empty.to_sql(url)
    with closing(sqlite3.connect(tmp_path / "lists.db")) as base:
        (model,) = base.execute("select model from fs_risk_lists").fetchone()
    assert model == f"{small_model.name} {small_model.version}"


def test_no_cell_of_the_csv_can_start_a_formula(small_authority, small_model, tmp_path):
    day = small_authority.extract_date.date()
    hostile = [
        {"referral_id": "=HYPERLINK(1)", "child_id": "+1", "referral_date": day},
        {"referral_id": "@SUM(1)", "child_id": "-1", "referral_date": day},
    ]
    path = ranked(hostile, small_authority, small_model).to_csv(tmp_path / "list.csv")

    cells = pd.read_csv(path, dtype=str).stack()
    assert not cells.str.match(r"[=+\-@\t\r]").any()


def test_frame_of_referrals_is_read_like_a_list(week, small_authority, small_model):
    frame = pd.DataFrame([r.model_dump() for r in week])

    a = ranked(frame, small_authority, small_model)
    b = ranked(week, small_authority, small_model)

    pd.testing.assert_frame_equal(a.table, b.table)


def test_referrals_undecided_after_one_working_day_stand_above_the_list(
    week, small_authority, small_model
):
    on = week[-1].referral_date
    said = [r.model_copy(update={"decided": place % 2 == 0}) for place, r in enumerate(week)]
    made = ranked(said, small_authority, small_model, on=on)
    calendar = working_calendar()
    late = {
        r.referral_id
        for r in said
        if not r.decided
        and np.busday_offset(r.referral_date, 1, roll="backward", busdaycal=calendar)
        < np.datetime64(on)
    }

    above = made.table.iloc[: len(late)]
    assert late
    assert set(above["referral_id"]) == late
    assert (above["block"] == "decision due").all()
    assert above["place"].isna().all()
    assert above["as_of"].is_monotonic_increasing
    assert made.summary().startswith(f"{len(late)} undecided for more than one working day")
    assert sorted(made.table["referral_id"]) == sorted(r.referral_id for r in said)


def test_referrals_that_do_not_say_whether_they_are_decided_are_counted(
    week, small_authority, small_model
):
    said = [week[0].model_copy(update={"decided": True}), *week[1:]]
    made = ranked(said, small_authority, small_model)

    assert made.due.empty
    assert f"{len(week) - 1} referrals do not say whether they are decided" in made.summary()


def test_list_of_an_earlier_day_than_its_referrals_is_refused(week, small_authority, small_model):
    with pytest.raises(SettingError, match="of a day after the list's"):
        ranked(week, small_authority, small_model, on=week[0].referral_date)


def test_day_that_is_none_is_refused(week, small_authority, small_model):
    with pytest.raises(SettingError, match="on is not a day"):
        ranked(week, small_authority, small_model, on="31/03/2025")


def test_brothers_and_sisters_stand_side_by_side_and_take_no_place_by_it(
    week, small_authority, small_model
):
    links = small_authority["family_links"]
    family = links["family_id"].value_counts().index[0]
    children = links.loc[links["family_id"] == family, "child_id"]
    theirs = [
        week[-1].model_copy(update={"referral_id": f"S{place}", "child_id": child})
        for place, child in enumerate(children)
    ]
    made = ranked([*week, *theirs], small_authority, small_model, capacity=30)
    scored = made.table[made.table["place"].notna()]

    for _, rows in scored.groupby("household"):
        assert rows.index[-1] - rows.index[0] == len(rows) - 1
    by_score = scored.sort_values("place")["block"].eq("listed")
    assert by_score.to_list() == [place < 30 for place in range(len(scored))]
    beside = scored["block"] == "beside a listed child"
    homes = scored.loc[scored["listed"], "household"]
    assert beside.equals(scored["household"].isin(homes) & ~scored["listed"])


def test_order_in_which_referrals_are_given_changes_nothing(week, small_authority, small_model):
    """M8."""
    a = ranked(week, small_authority, small_model, random_share=0.3)
    b = ranked(week[::-1], small_authority, small_model, random_share=0.3)

    same = [name for name in a.table if name != "household"]
    pd.testing.assert_frame_equal(a.table[same], b.table[same])


def test_share_at_random_is_marked_with_its_chance(week, small_authority, small_model):
    made = ranked(week, small_authority, small_model, capacity=10, random_share=0.2, seed=5)
    n_ranked = int(made.table["place"].notna().sum())

    assert len(made.listed) == 10
    assert len(made.drawn) == 2
    assert (made.drawn["chance"] == 2 / (n_ranked - 8)).all()
    assert "2 of those listed were drawn" in made.summary()
    assert "seed 5" in made.summary()


@pytest.mark.parametrize("share", [-0.1, 1.0, True, "much"])
def test_impossible_share_is_refused(week, small_authority, small_model, share):
    with pytest.raises(SettingError, match="filled at random"):
        ranked(week, small_authority, small_model, random_share=share)


def test_days_of_a_source_say_what_was_decided_by_then(small_authority):
    last = small_authority.extract_date
    first = (last - pd.Timedelta(days=30)).date()
    said = declared_referrals(small_authority, first, last.date(), on=last.date())
    frame = small_authority["referrals"].set_index("referral_id")

    for referral in said:
        row = frame.loc[referral.referral_id]
        assert referral.decided == bool(
            pd.notna(row["decision_date"]) and row["decision_known_date"] <= last
        )


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_printed_page_says_what_it_is_of(
    purpose, week, small_authority, small_model, tmp_path
):
    """Excel refuses a head of more than 255 characters; a lone page must not pass for a finding."""
    made = ranked(week, small_authority, small_model, purpose=purpose)
    for sheet in load_workbook(made.to_excel(tmp_path / "list.xlsx")):
        head = " ".join(sheet.oddHeader.center.text.split())
        assert head == f"SYNTHETIC. For {PURPOSES[purpose]}. {CAVEAT}"
        assert len(str(sheet.oddHeader)) < 255


def test_workbook_and_database_hold_what_the_list_holds(
    week, small_authority, small_model, tmp_path
):
    made = ranked(week, small_authority, small_model, random_share=0.2)
    book = load_workbook(made.to_excel(tmp_path / "list.xlsx"))
    url = f"sqlite:///{(tmp_path / 'lists.db').as_posix()}"
    made.to_sql(url, "week")

    head, *rows = book["List"].iter_rows(values_only=True)
    assert list(head) == list(made.table.columns)
    assert [row[head.index("referral_id")] for row in rows] == made.table["referral_id"].to_list()
    about = {row[0]: row[1] for row in book["About this list"].iter_rows(values_only=True)}
    assert about["Summary"] == made.summary()
    assert about["List"] == made.list_id
    with closing(sqlite3.connect(tmp_path / "lists.db")) as base:
        stored = pd.read_sql("select * from week order by position", base)
        register = pd.read_sql("select * from fs_risk_lists", base)
    assert stored["referral_id"].to_list() == made.table["referral_id"].to_list()
    assert stored["as_of"].to_list() == made.table["as_of"].to_list()
    assert stored["listed"].astype(bool).to_list() == made.table["listed"].to_list()
    assert register["summary"].to_list() == [made.summary()]


def test_displays_escape_what_they_show(small_authority, small_model):
    day = small_authority.extract_date.date()
    referral = {"referral_id": "<script>x</script>", "child_id": "A", "referral_date": day}

    shown = ranked([referral], small_authority, small_model)._repr_html_()

    assert "<script>" not in shown
