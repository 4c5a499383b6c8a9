import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import SettingError
from fs_risk.triage.referral import declared_referrals


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
    assert [s.log_odds for s, on in zip(made.scores, made.table["listed"], strict=True) if on] == (
        pytest.approx(highest)
    )


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
    assert "not evidence of safety" in made.summary()


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
    assert "3 left out have the same score" in made.summary()


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


def test_displays_escape_what_they_show(small_authority, small_model):
    day = small_authority.extract_date.date()
    referral = {"referral_id": "<script>x</script>", "child_id": "A", "referral_date": day}

    shown = ranked([referral], small_authority, small_model)._repr_html_()

    assert "<script>" not in shown
