import pandas as pd
import pytest
from pydantic import ValidationError

from fs_risk.errors import ReferralError
from fs_risk.triage.referral import AS_RECORDED, Referral, as_referral, declared_referrals

GOOD = {"referral_id": "R1", "child_id": "A", "referral_date": "2024-03-05"}


def test_mapping_and_referral_are_read_alike():
    assert as_referral(GOOD) == as_referral(Referral(**GOOD))


def test_missing_values_of_a_table_row_are_left_out():
    row = {**GOOD, "source": float("nan"), "birth_date": pd.NaT}

    assert as_referral(row).source is None


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"referral_date": "yesterday"}, r"referral_date \(not a date\)"),
        ({"referral_date": None}, r"referral_date \(not a date\)"),
        ({"child_id": ""}, r"child_id \(empty\)"),
        ({"source": "the police"}, r"source \(not a census code\)"),
        ({"immediate_concern": "perhaps"}, r"immediate_concern \(not one of its values\)"),
        ({"referal_source": "6"}, "1 unknown"),
    ],
)
def test_unreadable_referral_is_refused_without_showing_the_child(fault, message):
    with pytest.raises(ReferralError, match=message) as raised:
        as_referral({**GOOD, **fault}, number=3)

    assert "Referral 3" in str(raised.value)
    assert not any(secret in str(raised.value) for secret in ("yesterday", "the police", "R1"))


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ({"expected_birth_date": "2029-08-01"}, r"expected_birth_date \(more than 30 days before"),
        ({"expected_birth_date": "2019-08-01"}, r"or more than 42 weeks after it\)"),
        ({"expected_birth_date": "2024-02-03"}, "give birth_date alone"),
        ({"expected_birth_date": "2024-12-25"}, "42 weeks"),
        ({"birth_date": "2029-08-01"}, r"birth_date \(more than 42 weeks after referral_date\)"),
        (
            {"birth_date": "2022-08-01", "expected_birth_date": "2024-06-01"},
            r"expected_birth_date \(does not go with birth_date\)",
        ),
        ({"birth_date": "2023-08-01", "expected_birth_date": "2023-05-01"}, "does not go with"),
    ],
)
def test_birth_that_cannot_be_is_refused_without_showing_it(dates, message):
    with pytest.raises(ReferralError, match=message) as raised:
        as_referral({**GOOD, **dates})

    assert not any(day in str(raised.value) for day in dates.values())
    with pytest.raises(ValidationError) as by_hand:
        Referral(**GOOD, **dates)
    assert not any(day in str(by_hand.value) for day in dates.values())


@pytest.mark.parametrize(
    "dates",
    [
        {"expected_birth_date": "2024-02-04"},  # 30 days overdue
        {"expected_birth_date": "2024-12-24"},  # 294 days to come
        {"birth_date": "2023-08-01", "expected_birth_date": "2023-12-19"},  # 20 weeks early
        {"birth_date": "2019-08-01", "expected_birth_date": "2019-07-20"},
        {"birth_date": "2024-06-01"},  # asked again after the birth
    ],
)
def test_birth_that_can_be_is_read(dates):
    assert as_referral({**GOOD, **dates}).referral_date == Referral(**GOOD).referral_date


def test_what_was_once_recorded_is_read_as_it_is():
    old = {**GOOD, "expected_birth_date": "2029-08-01"}

    assert Referral.model_validate(old, context=AS_RECORDED).expected_birth_date.year == 2029


def test_expected_births_in_records_that_cannot_be_are_not_declared(small_authority):
    last = small_authority.extract_date
    children = small_authority["children"]
    odd = small_authority.replace(
        children=children.assign(birth_date=pd.NaT, expected_birth_date=pd.Timestamp("2031-01-01"))
    )
    declared = declared_referrals(odd, (last - pd.Timedelta(days=27)).date(), last.date())

    assert declared
    assert {each.expected_birth_date for each in declared} == {None}


def test_misspelt_field_names_the_nearest():
    with pytest.raises(ReferralError, match="Did you mean 'source'"):
        as_referral({**GOOD, "sourc": "6"})


def test_referral_made_by_hand_shows_nothing_of_the_child_either():
    with pytest.raises(ValidationError) as raised:
        Referral(referral_id="R1", child_id="C1", referral_date="2024-03-05", birth_date="12/5/19")

    assert "birth_date" in str(raised.value)
    assert "12/5/19" not in str(raised.value)


def test_something_else_is_refused():
    with pytest.raises(ReferralError, match="neither a Referral nor a mapping"):
        as_referral("R1")


def test_declared_referrals_hold_nothing_from_after_their_day(small_authority):
    last = small_authority.extract_date.date()
    declared = declared_referrals(small_authority, last - pd.Timedelta(days=27), last)

    assert declared
    assert all(r.birth_date is None or r.birth_date <= r.referral_date for r in declared)
    assert [r.referral_date for r in declared] == sorted(r.referral_date for r in declared)
