"""Item 11: children on the exclusion list are in no table, no family and no finding."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn import authority
from fs_risk.errors import RecordsError, ReturnError, SettingError
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.combine import combine
from fs_risk.readers.ssd import read_ssd
from fs_risk.records.admission import Admission
from fs_risk.records.exclusions import excluded_ids, listed
from fs_risk.records.households import household_keys
from fs_risk.records.records import Records


def family():
    """A and B are siblings; M is the mother of A and of C, and a child of the authority."""
    return authority(
        children="child_id\nA\nB\nC\nM",
        family_links="child_id | family_id\nA | F1\nB | F1\nA | mother:M\nC | mother:M",
        referrals="referral_id | child_id | referral_date\nR1 | A | 2024-01-01\n"
        "R2 | B | 2024-02-01",
        assessments="assessment_id | child_id | referral_id | start_date | authorised_date\n"
        "S1 | A | R1 | 2024-01-02 | 2024-02-01\nS2 | B | R2 | 2024-02-02 | 2024-03-01",
        factors="assessment_id | code\nS1 | 3B\nS2 | 4B",
    )


def test_an_excluded_child_leaves_every_table_and_its_factors():
    records = family().excluding(["A"])

    for name in records:
        if "child_id" in records[name]:
            assert "A" not in set(records[name]["child_id"])
    assert records["factors"]["assessment_id"].to_list() == ["S2"]
    assert records.coverage == family().coverage


def test_an_excluded_child_joins_nobody_into_a_household():
    before, after = family(), family().excluding(["A"])

    joined = household_keys(before["children"], before["family_links"])
    parted = household_keys(after["children"], after["family_links"])

    assert joined["B"] == joined["C"]
    assert parted["B"] != parted["C"]


def test_an_excluded_mother_links_nobody():
    """A mother may herself be an adopted child of the authority."""
    records = family().excluding(["M"])

    assert set(records["family_links"]["family_id"]) == {"F1"}
    assert "M" not in set(records["children"]["child_id"])


def test_rows_set_aside_are_excluded_too():
    referrals = pd.DataFrame(
        {"referral_id": ["R1", "R2"], "child_id": ["A", "B"], "referral_date": [None, None]}
    )
    records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")

    assert records.excluding(["a"]).set_aside["referrals"]["child_id"].to_list() == ["B"]


def test_a_note_says_only_how_many_rows_went():
    note = family().excluding(["A"]).findings[-1]

    assert (note.rule, note.severity, note.rows) == ("R026", "note", ())
    assert note.count == 6


def test_records_without_listed_children_are_unchanged():
    records = family().excluding(["nobody"])

    assert records.fingerprint == family().fingerprint
    assert not records.findings


@pytest.mark.parametrize("written", ["0a7 ", " 0A7", "A7", "a7.0", "'0A7"])
def test_case_space_and_lost_zeros_do_not_hide_a_child(written):
    assert listed(pd.Series(["0A7", "A70", None]), excluded_ids([written])).to_list() == [
        True,
        False,
        False,
    ]


@given(st.lists(st.text("abAB01 ", min_size=1, max_size=4)), st.text("abAB01", min_size=1))
def test_who_is_listed_as_written_is_always_found(others, child):
    assert listed(pd.Series([child]), excluded_ids([*others, child])).all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_may_be_any_text_file_with_ids_first(tmp_path, encoding):
    path = tmp_path / "list.csv"
    path.write_text("child_id;reason\n007;adopted\n\nC2;réfuge\n", encoding=encoding)

    assert {"007", "C2"} <= excluded_ids(path)
    assert excluded_ids(str(path)) == excluded_ids(path)


def test_a_list_that_cannot_be_applied_stops_the_reading(tmp_path):
    path = tmp_path / "list.csv"
    with pytest.raises(ReturnError, match="cannot be opened"):
        excluded_ids(path)
    path.write_text("\n\n", encoding="utf-8")
    with pytest.raises(ReturnError, match="holds no id"):
        excluded_ids(path)
    path.write_text("1.23457E+11\n", encoding="utf-8")
    with pytest.raises(ReturnError, match="rounded by a spreadsheet"):
        excluded_ids(path)
    path.write_bytes(b"PK\x03\x04...")
    with pytest.raises(ReturnError, match="Excel workbook"):
        excluded_ids(path)
    path.write_bytes(b"\x81\x8d\x8f")
    with pytest.raises(ReturnError, match="not text"):
        excluded_ids(path)
    with pytest.raises(SettingError, match="no text"):
        excluded_ids([7])  # type: ignore[list-item]


def test_the_dataset_is_read_without_excluded_children(tmp_path):
    family().to_ssd(tmp_path)
    (tmp_path / "exclude.txt").write_text("a\n", encoding="utf-8")

    records = read_ssd(tmp_path, extract_date="2024-12-31", exclude=tmp_path / "exclude.txt")
    plain = read_ssd(tmp_path, extract_date="2024-12-31")

    assert records.fingerprint == plain.excluding(["A"]).fingerprint
    assert sorted(records["children"]["child_id"]) == ["B", "C", "M"]


def test_a_census_is_not_checked_with_excluded_children(clean_census, tmp_path):
    """Two identities with one pupil number would be joined by the check of numbers."""
    twins = clean_census.replace("<UPNunknown>UN7</UPNunknown>", "<UPN>H801200001001</UPN>")
    path = tmp_path / "census.xml"
    path.write_text(twins, encoding="utf-8")

    both, one = read_cin_census(path), read_cin_census(path, exclude=["c1"])

    assert one["children"]["child_id"].to_list() == ["C2"]
    assert one["referrals"]["source_row"].to_list() == both["referrals"]["source_row"][1:].to_list()
    lines = range(1, twins[: twins.index("<LAchildID>C2")].count("\n") - 1)
    assert not [f for f in one.findings for row in f.rows if row in lines and row > 8]
    assert one["factors"].empty


def test_a_census_gives_the_same_records_as_one_without_the_child(clean_census, tmp_path):
    start, end = clean_census.index("<Child>"), clean_census.index("</Child>") + len("</Child>\n")
    (tmp_path / "with.xml").write_text(clean_census, encoding="utf-8")
    (tmp_path / "without.xml").write_text(clean_census[:start] + clean_census[end:], "utf-8")

    excluded = read_cin_census(tmp_path / "with.xml", exclude=["C1"])
    never = read_cin_census(tmp_path / "without.xml")

    assert excluded.fingerprint == never.fingerprint
    rules = {found.rule for found in excluded.findings} - {"R026"}
    assert rules == {found.rule for found in never.findings}


def test_combining_does_not_bring_an_excluded_child_back():
    care = authority(
        children="child_id\na\nB",
        care_periods="care_period_id | child_id | start_date\nP1 | a | 2024-05-01\n"
        "P2 | B | 2024-06-01",
    )

    for combined in (
        combine(family().excluding(["A"]), care),
        combine(care, family().excluding(["A"])),
    ):
        assert combined["care_periods"]["child_id"].to_list() == ["B"]
        assert "A" not in set(combined["children"]["child_id"].str.upper())
        assert combined.excluded == {"A"}


def test_a_list_after_pseudonyms_is_refused():
    hidden = family().pseudonymised("k" * 32)
    with pytest.raises(RecordsError, match="finds nobody"):
        hidden.excluding(["A"])


def test_any_reader_can_end_with_an_admission():
    admission = Admission.of(["A"], "k" * 32)
    records = admission.finished(family())

    assert records.fingerprint == family().excluding(["A"]).pseudonymised("k" * 32).fingerprint
    assert "k" * 32 not in repr(admission)
    assert Admission.of().finished(family()).fingerprint == family().fingerprint
