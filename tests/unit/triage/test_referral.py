import pandas as pd
import pytest
from pydantic import ValidationError

from fs_risk.errors import ReferralError
from fs_risk.triage.referral import Referral, as_referral, declared_referrals

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
