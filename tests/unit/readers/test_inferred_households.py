"""Item 6: households inferred only when asked for, by a stated rule, flagged on every row."""

import sqlite3
from contextlib import closing
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn import authority
from fs_risk.errors import RecordsError, ReturnError
from fs_risk.readers.inferred_households import MOST_CHILDREN, infer_households
from fs_risk.records.codes import SOURCE_GROUPS
from fs_risk.records.households import household_keys
from fs_risk.records.records import Records

GROUP_OF = {code: group for group, codes in SOURCE_GROUPS.items() for code in codes}


def referred(*rows):
    frame = pd.DataFrame(rows, columns=["child_id", "referral_date", "source"])
    frame["referral_date"] = pd.to_datetime(frame["referral_date"])
    frame["referral_id"] = [f"R{at}" for at in range(len(frame))]
    return Records.from_frames({"referrals": frame}, extract_date="2024-12-31")


def homes(**addresses):
    return pd.DataFrame({"child_id": addresses.keys(), "address": addresses.values()})


def linked(records):
    links = records["family_links"]
    groups = links.groupby("family_id")["child_id"].agg(set)
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def test_nothing_is_inferred_unless_asked_for():
    assert referred(("A", "2024-03-01", "6"), ("B", "2024-03-01", "6"))["family_links"].empty


def test_same_day_source_group_and_address_link_and_each_row_says_so():
    records = referred(("A", "2024-03-01", "3A"), ("B", "2024-03-01", "3E"))
    inferred = infer_households(records, homes(A="1, High St", B="1 high st "))

    assert linked(inferred) == {("A", "B")}
    links = inferred["family_links"]
    assert links["family_id"].str.startswith("inferred:").all()
    assert links["known_by_rule"].all()
    assert (links["known_date"] == pd.Timestamp("2024-03-01")).all()
    assert inferred.findings[-1].rule == "R028"
    assert "high" not in str(links.to_dict()).lower()


@pytest.mark.parametrize(
    ("second", "address"),
    [
        (("B", "2024-03-02", "6"), "1 High St"),
        (("B", "2024-03-01", "2A"), "1 High St"),
        (("B", "2024-03-01", None), "1 High St"),
        (("B", "2024-03-01", "6"), "2 High St"),
        (("B", "2024-03-01", "6"), " . "),
    ],
)
def test_another_day_source_or_address_does_not_link(second, address):
    records = referred(("A", "2024-03-01", "6"), second)

    assert not linked(infer_households(records, homes(A="1 High St", B=address)))


def test_an_address_counts_only_while_it_holds():
    records = referred(("A", "2024-03-01", "6"), ("B", "2024-03-01", "6"))
    moved = homes(A="1 High St", B="1 High St").assign(
        start_date=["2020-01-01", "2024-03-02"], end_date=[None, None]
    )

    assert not linked(infer_households(records, moved))
    assert linked(infer_households(records, moved.assign(start_date="2024-03-01")))


def test_a_refuge_or_home_is_no_household():
    children = [f"C{at}" for at in range(MOST_CHILDREN + 1)]
    records = referred(*[(child, "2024-03-01", "6") for child in children])
    inferred = infer_households(records, homes(**dict.fromkeys(children, "the home")))

    assert not linked(inferred)
    assert inferred.findings[-1].rule == "R027"


def test_an_excluded_child_is_never_linked():
    records = referred(("A", "2024-03-01", "6"), ("B", "2024-03-01", "6")).excluding(["A"])

    assert not linked(infer_households(records, homes(A="1 High St", B="1 High St")))


def test_links_stay_flagged_behind_pseudonyms_and_join_households():
    records = infer_households(
        referred(("A", "2024-03-01", "6"), ("B", "2024-03-01", "6")),
        homes(A="1 High St", B="1 High St"),
    )
    hidden = records.pseudonymised("k" * 32)

    assert hidden["family_links"]["family_id"].str.startswith("inferred:").all()
    assert not hidden["family_links"]["family_id"].str.contains("A/").any()
    keys = household_keys(hidden["referrals"][["child_id"]], hidden["family_links"])
    assert keys.nunique() == 1
    with pytest.raises(RecordsError, match="already replaced"):
        infer_households(hidden, homes(A="1 High St"))


def test_addresses_without_their_columns_are_refused():
    with pytest.raises(RecordsError, match="lack address"):
        infer_households(referred(("A", "2024-03-01", "6")), pd.DataFrame({"child_id": ["A"]}))


def test_recorded_families_stay():
    records = authority(
        children="child_id\nA\nB",
        family_links="child_id | family_id\nA | F1",
        contacts="contact_id | child_id | contact_date | source\n"
        "K1 | A | 2024-01-01 | 6\nK2 | B | 2024-01-01 | 6",
    )
    inferred = infer_households(records, homes(A="1", B="1"))

    assert sorted(inferred["family_links"]["family_id"])[0] == "F1"
    assert len(inferred["family_links"]) == 3


children = st.sampled_from("ABCDE")
days = st.sampled_from(["2024-03-01", "2024-03-02"])
sources = st.sampled_from(["6", "2A", "2B", "3A"])


@given(
    st.lists(st.tuples(children, days, sources), min_size=1, max_size=8),
    st.dictionaries(children, st.sampled_from(["x", "y"])),
)
@settings(max_examples=25, deadline=None)
def test_links_are_those_of_every_pair_looked_at_by_itself(rows, where):
    expected = {
        tuple(sorted((one[0], other[0])))
        for one, other in combinations(rows, 2)
        if one[0] != other[0]
        and one[1] == other[1]
        and GROUP_OF[one[2]] == GROUP_OF[other[2]]
        and where.get(one[0], 1) == where.get(other[0], 2)
    }

    assert linked(infer_households(referred(*rows), homes(**where))) == expected


ADDRESSES = (
    "addr_table_id,addr_person_id,addr_address_type,addr_address_start_date,"
    "addr_address_end_date,addr_address_postcode,addr_address_json\n"
)


def address_row(person, json, postcode="ZZ1 1ZZ", kind="Primary Address", start="2020-01-01"):
    doubled = json.replace('"', '""')
    return f'T,{person},{kind},{start},,{postcode},"{doubled}"\n'


def test_addresses_of_the_dataset_link_by_uprn_or_by_dwelling_and_postcode(tmp_path):
    (tmp_path / "somewhere.csv").write_text(
        ADDRESSES
        + address_row("a", '{"HOUSE": "1", "STREET": "High St", "UPRN": "0100"}')
        + address_row("B", '{"HOUSE": "One", "STREET": "High Street", "UPRN": "100"}')
        + address_row("C", '{"FLAT": "2", "STREET": "High St", "UPRN": ""}', "ZZ11ZZ")
        + address_row("D", '{"STREET": "HIGH ST", "FLAT": "2"}')
        + address_row("E", '{"STREET": "High St"}')
        + address_row("F", '{"STREET": "High St"}')
        + address_row("G", '{"UPRN": "100"}', kind="Placement")
        + address_row("H", '{"UPRN": "100'),
        encoding="utf-8",
    )
    records = referred(*((one, "2024-03-01", "6") for one in "ABCDEFGH"))

    assert linked(infer_households(records, tmp_path)) == {("A", "B"), ("C", "D")}


def test_addresses_of_a_database_are_read_alike(tmp_path):
    frame = pd.DataFrame(
        {
            "addr_person_id": ["A", "B"],
            "addr_address_json": ['{"UPRN": "7"}'] * 2,
            "addr_address_start_date": ["2020-01-01"] * 2,
        }
    )
    with closing(sqlite3.connect(tmp_path / "ssd.db")) as connection:
        frame.to_sql("ssd_address", connection, index=False)
    records = referred(("A", "2024-03-01", "6"), ("B", "2024-03-01", "6"))

    assert linked(infer_households(records, f"sqlite:///{tmp_path / 'ssd.db'}")) == {("A", "B")}


def test_an_extract_without_addresses_is_refused(tmp_path):
    (tmp_path / "ssd_person.csv").write_text("pers_person_id\nA\n", encoding="utf-8")

    with pytest.raises(ReturnError, match="no table of addresses"):
        infer_households(referred(("A", "2024-03-01", "6")), tmp_path)


def test_a_flat_in_a_house_is_not_another_house():
    records = referred(("A", "2024-03-01", "6"), ("B", "2024-03-01", "6"))

    assert linked(infer_households(records, homes(A="1/1 High St", B="11 High St"))) == set()
