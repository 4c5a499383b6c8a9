"""Referrals from files: what they name twice is refused, since only one child can be meant."""

import io
from pathlib import Path

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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_is_read_in_every_encoding_that_a_windows_shell_writes(tmp_path, encoding):
    path = tmp_path / "asked.json"
    path.write_text('{"family_id": "Łódź"}', encoding=encoding)

    assert read_referrals(path) == [{"family_id": "Łódź"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_is_read_in_every_encoding_that_excel_saves(tmp_path, encoding):
    path = tmp_path / "asked.csv"
    path.write_text("child_id,family_id\nC1,Zoë–1\nC2,\n", encoding=encoding)

    assert read_referrals(path) == [{"child_id": "C1", "family_id": "Zoë–1"}, {"child_id": "C2"}]


def test_json_from_another_program_is_utf8_whatever_the_console_is_set_to(monkeypatch):
    console = io.TextIOWrapper(io.BytesIO('{"family_id": "Zoë"}'.encode()), encoding="cp1252")
    monkeypatch.setattr("sys.stdin", console)

    assert read_referrals(Path("-")) == [{"family_id": "Zoë"}]


def test_what_is_no_text_at_all_is_refused(tmp_path):
    for name in ("asked.json", "asked.csv"):
        (tmp_path / name).write_bytes(b"\x81\x8d\x00")
        with pytest.raises(ReferralError, match="neither JSON nor CSV"):
            read_referrals(tmp_path / name)
