"""Item 12: identifiers become keyed hashes, the same across returns; none remains anywhere."""

import base64
import hashlib
import hmac

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import RecordsError, SettingError
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.combine import combine
from fs_risk.readers.ssd import read_ssd
from fs_risk.records.households import household_keys
from fs_risk.records.pseudonyms import pseudonyms
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES, Kind
from fs_risk.synthetic.authority import make_authority

KEY = "a secret of the authority's own"
IDS = {name: [c.name for c in table.columns if c.kind is Kind.ID] for name, table in TABLES.items()}


def original_ids(records):
    tables = [records[name][column] for name, columns in IDS.items() for column in columns]
    aside = [
        frame[column]
        for name, frame in records.set_aside.items()
        for column in IDS[name]
        if column in frame
    ]
    return {one for ids in [*tables, *aside] for one in ids.dropna()}


def every_text(records):
    """All that records hold, as text."""
    frames = [records[name] for name in records]
    frames += [*records.set_aside.values(), *(records.truth or {}).values(), records.problems]
    cells = {str(cell) for frame in frames for name in frame for cell in frame[name].unique()}
    return cells | {str(records.findings), *records.excluded}


def test_no_original_id_remains_anywhere(small_authority, tmp_path):
    folder = small_authority.to_ssd(tmp_path)
    people = folder / "ssd_person.csv"
    people.rename(folder / "person_of_C7.csv")
    extra = "cine_referral_id,cine_person_id,cine_referral_date\nREF-LOST,LOST-CHILD,\n"
    (folder / "extra.csv").write_text(extra, encoding="utf-8")
    end = small_authority.extract_date.date()
    plain = read_ssd(folder, extract_date=end)
    hidden = read_ssd(folder, extract_date=end, pseudonymise=KEY, exclude=["LOST-CHILD2"])

    originals = original_ids(plain) | {"LOST-CHILD2"}
    assert {"REF-LOST", "LOST-CHILD"} <= originals
    assert not originals & every_text(hidden)
    assert not original_ids(plain) & original_ids(hidden)


def test_synthetic_truth_is_hidden_too(small_authority):
    hidden = small_authority.pseudonymised(KEY)

    assert not original_ids(small_authority) & every_text(hidden)
    truth = hidden.truth["referrals"]
    assert set(truth["referral_id"]) >= set(hidden["referrals"]["referral_id"])


def test_ids_of_damaged_rows_are_hidden_and_still_name_them():
    """Ids stand in columns that are named otherwise: of the row, and of the cell as it was."""
    defects = {"duplicate_children": 0.5, "over_reporting": 0.5, "missing_factors": 0.5}
    plain = make_authority(1_500, 2, 1, defects=defects, shocks={"migration": "2024-06-01"})
    hidden = plain.pseudonymised(KEY)
    before, after = (each.truth["defect_rows"] for each in (plain, hidden))
    was_id = before["column"].isin(["child_id", ""]) & before["was"].notna()

    assert was_id.any()
    assert not original_ids(plain) & every_text(hidden)
    assert set(before.loc[was_id, "was"]) <= original_ids(plain)
    for table, rows in after.groupby("table"):
        key = TABLES[table].key[0]
        known = pseudonyms(plain[table][key], KEY.encode(), key)
        assert set(rows["row_id"]) & set(known), table
    assert after.loc[~was_id, "was"].equals(before.loc[~was_id, "was"])


def test_tables_keep_their_shape_links_and_households(small_authority):
    hidden = small_authority.pseudonymised(KEY)

    for name, table in TABLES.items():
        others = [column for column in table.names if column not in IDS[name]]
        pd.testing.assert_frame_equal(hidden[name][others], small_authority[name][others])
    before = household_keys(small_authority["children"], small_authority["family_links"])
    after = household_keys(hidden["children"], hidden["family_links"])
    pairs = set(zip(before.to_numpy(), after.to_numpy(), strict=True))
    assert len(pairs) == before.nunique() == after.nunique()
    linked = hidden["factors"]["assessment_id"].isin(hidden["assessments"]["assessment_id"])
    assert linked.all()


def test_returns_with_one_key_combine_as_they_do_without():
    def made(child, **more):
        frame = pd.DataFrame({"referral_id": ["R1"], "child_id": [child], **more})
        frame["referral_date"] = pd.to_datetime(["2024-01-01"])
        return Records.from_frames({"referrals": frame}, extract_date="2024-12-31")

    first, second = made("c1 "), made("C1", source=["6"])

    combined = combine(first.pseudonymised(KEY), second.pseudonymised(KEY))

    assert len(combined["referrals"]) == len(combine(first, second)["referrals"]) == 1
    assert combined["referrals"]["source"].to_list() == ["6"]
    assert combined.pseudonym_mark == first.pseudonymised(KEY).pseudonym_mark
    with pytest.raises(RecordsError, match="different keys"):
        combine(first.pseudonymised(KEY), second.pseudonymised(KEY + "!"))
    with pytest.raises(RecordsError, match="one of the two only"):
        combine(first.pseudonymised(KEY), second)


def test_an_excluded_child_stays_out_when_pseudonymised_returns_are_combined():
    def made(*children):
        frame = pd.DataFrame({"referral_id": [f"R{c}" for c in children], "child_id": children})
        frame["referral_date"] = pd.to_datetime("2024-01-01")
        return Records.from_frames({"referrals": frame}, extract_date="2024-12-31")

    first = made("A", "B").excluding(["A"]).pseudonymised(KEY)
    combined = combine(first, made("a", "B").pseudonymised(KEY))

    assert len(combined["referrals"]) == 1


@pytest.mark.parametrize("column", ["child_id", "referral_id"])
def test_a_pseudonym_is_the_hmac_of_kind_and_id(column):
    kind = {"child_id": "person"}.get(column, column)
    digest = hmac.new(KEY.encode(), f"{kind}\x1fA1".encode(), hashlib.sha256).digest()

    assert pseudonyms(pd.Series(["A1"]), KEY.encode(), column).to_list() == [
        base64.b32encode(digest).decode()[:20]
    ]


@given(st.lists(st.text("abAB01#/", min_size=1, max_size=4) | st.none()), st.binary(min_size=16))
@settings(max_examples=50)
def test_same_ids_get_same_pseudonyms_and_others_get_others(ids, key):
    hidden = pseudonyms(pd.Series(ids, dtype="str"), key, "referral_id")

    assert hidden.isna().to_list() == [one is None for one in ids]
    pairs = {(a, b) for a, b in zip(ids, hidden, strict=True) if a is not None}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_children_who_differ_in_capitals_only_are_one_and_the_other_row_is_kept_aside():
    children = pd.DataFrame({"child_id": ["c1", "C1"]})
    records = Records.from_frames({"children": children}, extract_date="2024-12-31")

    hidden = records.pseudonymised(KEY)

    assert len(hidden["children"]) == len(hidden.set_aside["children"]) == 1


def test_a_mother_stays_a_mother():
    hidden = pseudonyms(pd.Series(["mother:7", "7"]), KEY.encode(), "family_id")
    adult = pseudonyms(pd.Series(["7"]), KEY.encode(), "child_id")

    assert hidden[0] == "mother:" + adult[0]
    assert hidden[1] != adult[0]


def test_a_census_written_with_pseudonyms_keeps_the_rules_of_ids(clean_census, tmp_path):
    """Census rules 1570 and 1580: at most 20 letters and digits."""
    (tmp_path / "census.xml").write_text(clean_census, encoding="utf-8")
    hidden = read_cin_census(tmp_path / "census.xml", pseudonymise=KEY)

    assert hidden["children"]["child_id"].str.fullmatch(r"[A-Z2-7]{20}").all()


def test_keys_that_could_be_guessed_and_second_times_are_refused():
    records = Records.from_frames(
        {"children": pd.DataFrame({"child_id": ["A"]})}, extract_date="2024-12-31"
    )
    with pytest.raises(SettingError, match="shorter than 16 bytes") as caught:
        records.pseudonymised("guess me")
    assert "guess me" not in str(caught.value)
    with pytest.raises(RecordsError, match="already replaced"):
        records.pseudonymised(KEY).pseudonymised(KEY)
