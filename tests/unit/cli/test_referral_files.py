"""Referrals from files: what they name twice is refused, since only one child can be meant."""

import pytest

from fs_risk.cli.referral_files import read_referrals
from fs_risk.errors import ReferralError


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"child_id": "C1", "referral_id": "R1", "child_id": "C2"}', "child_id"),
        ('[{"referral_id": "R1"}, {"referral_id": "R2", "referral_id": "R3"}]', "referral_id"),
        ('{"Jo Bloggs": 1, "Jo Bloggs": 2}', "one that is not known"),
    ],
)
def test_field_that_stands_twice_is_refused(tmp_path, text, named):
    path = tmp_path / "asked.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ReferralError, match=f"there twice: {named}") as raised:
        read_referrals(path)
    assert not {"C1", "C2", "R3", "Jo"} & set(str(raised.value).replace(".", " ").split())


def test_same_field_of_several_referrals_is_no_repetition(tmp_path):
    path = tmp_path / "asked.json"
    path.write_text('[{"child_id": "C1"}, {"child_id": "C1"}]', encoding="utf-8")

    assert len(read_referrals(path)) == 2
