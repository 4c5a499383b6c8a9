"""Neighbourhoods' deciles from postcodes and a lookup: filled where empty, no postcode kept."""

import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fs_risk as fs
from drawn import authority
from fs_risk.errors import RecordsError, ReturnError, SettingError
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.readers.deprivation import add_deprivation
from fs_risk.records.records import Records

EXTRACT = pd.Timestamp("2024-12-31")
DECILES = {"ZZ1 1ZZ": 1, "ZZ2 2ZZ": 5, "ZZ3 3ZZ": 10}


def children(*ids, **columns):
    frame = pd.DataFrame({"child_id": list(ids), **columns})
    return Records.from_frames({"children": frame}, extract_date=EXTRACT)


def homes(*rows):
    return pd.DataFrame(rows, columns=["child_id", "postcode", "start_date", "end_date"])


def deciles_of(records):
    held = records["children"]
    return {
        child: None if pd.isna(decile) else int(decile)
        for child, decile in zip(held["child_id"], held["deprivation_decile"], strict=True)
    }


def dates_of(records):
    held = records["children"]
    return {
        child: None if pd.isna(day) else f"{day:%Y-%m-%d}"
        for child, day in zip(held["child_id"], held["deprivation_date"], strict=True)
    }


def rules(records):
    return {found.rule: found for found in records.findings}


def everything_in(records):
    frames = [*(records[name] for name in records), *records.set_aside.values()]
    cells = [cell for frame in frames for cell in frame.to_numpy(dtype=object).ravel()]
    return " ".join(map(str, [*cells, records.problems.to_csv(), repr(records)])).upper()


# which address


def test_the_home_of_today_gives_the_decile_and_its_day():
    moved = homes(
        ("A", "ZZ1 1ZZ", "2019-05-01", "2023-01-31"),
        ("A", "zz22zz", "2023-02-01", None),
        ("B", " zZ3  3zz", None, None),
    )
    placed = add_deprivation(children("A", "B"), moved, DECILES)

    assert deciles_of(placed) == {"A": 5, "B": 10}
    assert dates_of(placed) == {"A": "2023-02-01", "B": "2024-12-31"}
    assert placed.findings == ()
    assert placed["children"].dtypes.equals(children("A")["children"].dtypes)


@pytest.mark.parametrize(
    ("first", "second", "decile"),
    [
        pytest.param(
            ("2010-01-01", None), ("2015-01-01", "2016-01-01"), 1, id="open before a later one"
        ),
        pytest.param(("2010-01-01", None), ("2015-01-01", None), 5, id="both open: the later"),
        pytest.param(
            ("2010-01-01", "2020-01-01"), ("2011-01-01", "2012-01-01"), 5, id="both ended"
        ),
        pytest.param((None, None), ("2011-01-01", None), 5, id="an unknown beginning is earlier"),
        pytest.param(("2010-01-01", None), ("2025-01-01", None), 1, id="after the extract"),
        pytest.param(
            ("2010-01-01", "2025-06-30"), ("2020-01-01", "2021-01-01"), 1, id="ends afterwards"
        ),
        pytest.param(
            ("2010-01-01", "2024-12-31"), ("2024-12-31", None), 5, id="moved on the extract date"
        ),
        pytest.param(
            ("2010-01-01", "2024-12-31"), ("2020-01-01", "2024-12-30"), 1, id="ends that day"
        ),
        pytest.param(("2010-01-01", None), ("2010-01-01", None), 5, id="a tie, always the same"),
    ],
)
def test_the_latest_address_known_on_the_extract_date_counts(first, second, decile):
    rows = [("A", "ZZ1 1ZZ", *first), ("A", "ZZ2 2ZZ", *second)]

    for table in (homes(*rows), homes(*reversed(rows))):
        assert deciles_of(add_deprivation(children("A"), table, DECILES)) == {"A": decile}


def test_a_move_to_an_unknown_address_leaves_the_decile_unknown():
    moved = homes(("A", "ZZ1 1ZZ", "2019-01-01", "2020-01-01"), ("A", " ", "2020-01-02", None))

    assert "R054" in rules(placed := add_deprivation(children("A"), moved, DECILES))
    assert deciles_of(placed) == {"A": None}


def test_dates_may_be_days_or_text_and_columns_may_be_absent():
    typed = homes(("A", "ZZ1 1ZZ", "2020-05-04", None), ("A", "ZZ2 2ZZ", "2021-05-04", None))
    text = typed.assign(start_date=["04/05/2020", "04/05/2021 09:30"])
    typed["start_date"] = pd.to_datetime(typed["start_date"])
    typed["end_date"] = pd.to_datetime(typed["end_date"])

    for table in (typed, text):
        assert dates_of(add_deprivation(children("A"), table, DECILES)) == {"A": "2021-05-04"}
    undated = add_deprivation(children("A"), typed[["child_id", "postcode"]].head(1), DECILES)
    assert (deciles_of(undated), dates_of(undated)) == ({"A": 1}, {"A": "2024-12-31"})


def test_a_date_that_cannot_be_read_counts_as_missing_and_is_reported_by_row():
    faulty = homes(
        ("A", "ZZ1 1ZZ", "2020-01-01", None),
        ("A", "ZZ2 2ZZ", "ZZ9 9ZZ", None),
        ("A", "ZZ3 3ZZ", "1753-01-01", "2020-01-01"),
    )
    placed = add_deprivation(children("A"), faulty, DECILES)

    assert deciles_of(placed) == {"A": 1}
    assert rules(placed)["R002"].rows == (2, 3)


# which child


def test_ids_are_compared_without_case_and_space_and_a_child_listed_twice_is_one():
    records = children("Ab1", "77")
    twice = homes((" aB1 ", "ZZ1 1ZZ", None, None), ("AB1", "zz11zz", None, None))
    number = pd.DataFrame({"child_id": [77.0], "postcode": ["ZZ2 2ZZ"]})

    placed = add_deprivation(add_deprivation(records, twice, DECILES), number, DECILES)

    assert deciles_of(placed) == {"Ab1": 1, "77": 5}
    assert len(placed["children"]) == 2


def test_what_a_return_said_itself_stays():
    records = children(
        "A", "B", "C",
        deprivation_decile=[9, 9, None],
        deprivation_date=pd.to_datetime(["2020-02-02", None, "2020-02-02"]),
    )  # fmt: skip
    all_in_one = homes(*((child, "ZZ1 1ZZ", "2021-01-01", None) for child in "ABC"))
    placed = add_deprivation(records, all_in_one, DECILES)

    assert deciles_of(placed) == {"A": 9, "B": 9, "C": 1}
    assert dates_of(placed) == {"A": "2020-02-02", "B": None, "C": "2021-01-01"}
    assert add_deprivation(records, homes(), DECILES).findings[-1].count == 1


def test_records_that_went_in_are_not_changed_and_nothing_else_is():
    records = fs.make_authority(children=300, years=3, seed=1)
    emptied = records.replace(
        children=records["children"].assign(
            deprivation_decile=pd.Series(pd.NA, records["children"].index, dtype="Int64")
        )
    )
    before = emptied.fingerprint
    everybody = emptied["children"]["child_id"]
    placed = add_deprivation(
        emptied, pd.DataFrame({"child_id": everybody, "postcode": "ZZ1 1ZZ"}), DECILES
    )

    assert emptied.fingerprint == before
    assert placed["children"]["deprivation_decile"].eq(1).all()
    for name in set(placed) - {"children"}:
        pd.testing.assert_frame_equal(placed[name], emptied[name])
    changed = ["deprivation_decile", "deprivation_date"]
    pd.testing.assert_frame_equal(
        placed["children"].drop(columns=changed), emptied["children"].drop(columns=changed)
    )
    assert (placed.coverage, placed.origin) == (emptied.coverage, emptied.origin)
    assert placed.truth is not None


def test_an_excluded_child_never_enters():
    records = children("A", "0077").excluding(["77"])
    listed = homes(("77", "ZZ1 1ZZ", "soon", None), ("A", "ZZ2 2ZZ", None, None))
    placed = add_deprivation(records, listed, DECILES)

    assert deciles_of(placed) == {"A": 5}
    assert placed.excluded == records.excluded
    # nor does a fault of their row
    assert "R002" not in rules(placed)


def test_children_of_the_addresses_alone_are_not_added():
    placed = add_deprivation(children("A"), homes(("B", "ZZ1 1ZZ", None, None)), DECILES)

    assert deciles_of(placed) == {"A": None}


def test_pseudonymised_records_are_refused():
    hidden = children("A").pseudonymised("k" * 32)

    with pytest.raises(RecordsError, match="already replaced") as raised:
        add_deprivation(hidden, homes(("A", "ZZ1 1ZZ", None, None)), DECILES)
    assert "Add deprivation first" in raised.value.fix


# who stays without


def test_those_who_stay_without_are_counted_once_with_their_lines():
    records = authority(children="child_id\nA\nB\nC\nD")
    frame = records["children"].assign(source_file="people.csv", source_row=[2, 3, 4, 5])
    known = homes(("A", "ZZ1 1ZZ", None, None), ("B", "ZZ9 9ZZ", None, None))
    found = rules(add_deprivation(records.replace(children=frame), known, DECILES))

    assert set(found) == {"R054", "R055"}
    assert (found["R054"].file, found["R054"].rows, found["R054"].count) == (
        "people.csv",
        (4, 5),
        2,
    )
    assert (found["R055"].file, found["R055"].rows, found["R055"].count) == ("people.csv", (3,), 1)
    assert {one.column for one in found.values()} == {"deprivation_decile"}


def test_an_empty_lookup_and_empty_addresses_leave_all_missing():
    records = children("A", "B")
    both = homes(*((child, "ZZ1 1ZZ", None, None) for child in "AB"))
    empty_tables = [{}, pd.Series(dtype="Int64"), pd.DataFrame(columns=["postcode", "decile"])]

    for lookup in empty_tables:
        placed = add_deprivation(records, both, lookup)
        assert deciles_of(placed) == {"A": None, "B": None}
        assert (list(rules(placed)), placed.findings[0].count) == (["R055"], 2)
    nowhere = add_deprivation(records, homes(), DECILES)
    assert (list(rules(nowhere)), nowhere.findings[0].count) == (["R054"], 2)
    nobody = Records.from_frames({}, extract_date=EXTRACT)
    assert add_deprivation(nobody, both, DECILES)["children"].empty


# the lookup


def test_a_lookup_may_be_held_in_any_way(tmp_path):
    as_frame = pd.DataFrame({"Postcode": DECILES.keys(), "other": 0, "DECILE ": DECILES.values()})
    path = tmp_path / "deciles.csv"
    as_frame.to_csv(path, index=False)
    known = homes(("A", "ZZ3 3ZZ", None, None))
    ways = [
        DECILES,
        pd.Series(DECILES),
        pd.Series(DECILES, dtype="float"),
        as_frame,
        path,
        str(path),
    ]

    for way in ways:
        assert deciles_of(add_deprivation(children("A"), known, way)) == {"A": 10}


def test_a_csv_of_windows_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "deciles.csv"
    path.write_bytes('\ufeffpostcode;decile\r\n"ZZ1 1ZZ";3.0\r\nzz11zz;3\r\nZZ4 4ZZ;\r\n'.encode())
    known = homes(("A", "ZZ1\u00a01ZZ", None, None), ("B", "ZZ4 4ZZ", None, None))
    placed = add_deprivation(children("A", "B"), known, path)

    assert deciles_of(placed) == {"A": 3, "B": None}
    assert list(rules(placed)) == ["R055"]


def test_lines_of_a_lookup_that_do_not_fit_are_reported(tmp_path):
    path = tmp_path / "deciles.csv"
    path.write_text("postcode,decile\nZZ1 1ZZ,3\nZZ2 2ZZ,4,5\n", encoding="utf-8")
    placed = add_deprivation(children("A"), homes(("A", "ZZ1 1ZZ", None, None)), path)

    assert deciles_of(placed) == {"A": 3}
    assert (rules(placed)["R020"].file, rules(placed)["R020"].rows) == ("deciles.csv", (3,))


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("postcode,decile\nZZ1 1ZZ,0\nZZ2 2ZZ,4\nZZ3 3ZZ,11\n", "2 deciles are no", "lines 2, 4"),
        ("postcode,decile\nZZ1 1ZZ,2.5\n", "1 decile is no whole number", "line 2"),
        ("postcode,decile\nZZ1 1ZZ,ZZ3 3ZZ\n", "1 decile is no whole number", "line 2"),
        ("postcode,decile\nZZ1 1ZZ,-1\n", "1 decile is no whole number", "line 2"),
        ("postcode,decile\nZZ1 1ZZ,1\nZZ2 2ZZ,2\nzz11zz,3\n", "1 postcode has more", "lines 2, 4"),
        ("ZZ1 1ZZ,1\nZZ2 2ZZ,2\n", "lacks postcode and decile", "deciles.csv"),
        ("postcode,rank\nZZ1 1ZZ,1\n", "lacks decile", "deciles.csv"),
        ("", "lacks postcode and decile", "deciles.csv"),
        (
            "postcode,decile\n" + "".join(f"ZZ1 {at}ZZ,99\n" for at in range(12)),
            "12 deciles are no",
            "lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more",
        ),
    ],
)
def test_a_lookup_at_fault_is_refused_by_line(tmp_path, text, what, where):
    path = tmp_path / "deciles.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingError, match=what) as raised:
        add_deprivation(children("A"), homes(("A", "ZZ1 1ZZ", None, None)), path)
    assert raised.value.where.startswith("deciles.csv")
    assert raised.value.where.endswith(where)
    assert "ZZ" not in str(raised.value).upper()


@pytest.mark.parametrize(
    ("lookup", "where"),
    [
        ({"ZZ1 1ZZ": 1, "zz11zz": 2}, "deciles=, rows 1, 2"),
        (pd.Series({"ZZ1 1ZZ": 1, "ZZ2 2ZZ": 20}), "deciles=, row 2"),
        (pd.DataFrame({"postcode": ["ZZ1 1ZZ"], "decile": [True]}), "deciles=, row 1"),
        (pd.DataFrame({"ZZ1 1ZZ": [1]}), "deciles="),
        (["ZZ1 1ZZ"], "deciles="),
    ],
)
def test_a_lookup_at_fault_that_is_held_is_refused_by_row(lookup, where):
    with pytest.raises(SettingError) as raised:
        add_deprivation(children("A"), homes(("A", "ZZ1 1ZZ", None, None)), lookup)
    assert raised.value.where == where
    assert "ZZ" not in str(raised.value).upper()


def test_a_lookup_that_is_not_there_or_no_text_is_told(tmp_path):
    (tmp_path / "deciles.xlsx").write_bytes(b"PK\x03\x04")

    for name, what in (("absent.csv", "cannot be opened"), ("deciles.xlsx", "Excel workbook")):
        with pytest.raises(ReturnError, match=what):
            add_deprivation(children("A"), homes(), tmp_path / name)


def test_addresses_without_their_columns_are_refused():
    with pytest.raises(RecordsError, match="lack child_id and postcode"):
        add_deprivation(children("A"), pd.DataFrame({"id": ["A"]}), DECILES)


def test_columns_of_one_name_do_no_harm():
    again = pd.DataFrame([["A", "ZZ1 1ZZ", "", ""]], columns=["child_id", "postcode", "x", "x"])
    lookup = pd.DataFrame([["ZZ1 1ZZ", 4, 5]], columns=["postcode", "decile", "decile"])

    assert deciles_of(add_deprivation(children("A"), again, lookup)) == {"A": 4}


# extracts


def write_addresses(place, rows):
    names = ["person_id", "address_type", "address_postcode", "address_start_date"]
    frame = pd.DataFrame(rows, columns=[f"addr_{name}" for name in names])
    frame["addr_address_end_date"] = None
    frame["addr_address_json"] = "{}"
    if place.suffix == ".db":
        with closing(sqlite3.connect(place)) as connection:
            frame.to_sql("ssd_address", connection, index=False)
    else:
        frame.to_csv(place, index=False)


ROWS = [
    ("a", "Primary Address", "ZZ1 1ZZ", "2020-01-01"),
    ("A", "Placement", "ZZ2 2ZZ", "2022-01-01"),
    ("B", "Primary Address", "ZZ33ZZ", "2021-01-01"),
    ("C", "Primary Address", None, "2021-01-01"),
    ("D", "Primary Address", "ZZ9 9ZZ", "nopostcode"),
]


@pytest.mark.parametrize("name", ["somewhere.csv", "ssd.db"])
def test_addresses_of_an_extract_are_read(tmp_path, name):
    write_addresses(tmp_path / name, ROWS)
    source = f"sqlite:///{tmp_path / name}" if name.endswith(".db") else tmp_path
    placed = add_deprivation(children("A", "B", "C", "D"), source, DECILES)

    assert deciles_of(placed) == {"A": 1, "B": 10, "C": None, "D": None}
    assert dates_of(placed) == {"A": "2020-01-01", "B": "2021-01-01", "C": None, "D": None}
    assert set(rules(placed)) == {"R002", "R054", "R055"}
    assert rules(placed)["R002"].file == ("ssd_address" if name == "ssd.db" else name)
    assert "ZZ" not in everything_in(placed)


def test_an_extract_without_postcodes_is_refused(tmp_path):
    text = "addr_person_id,addr_address_json\nA,{}\n"
    (tmp_path / "ssd_address.csv").write_text(text, encoding="utf-8")

    with pytest.raises(ReturnError, match="addr_address_postcode") as raised:
        add_deprivation(children("A"), tmp_path, DECILES)
    assert "child_id, postcode" in raised.value.fix


def test_a_whole_extract_gets_the_deciles_that_it_cannot_hold_itself(tmp_path):
    """An invented authority written as a return and read again: its audit has fifths again."""
    invented = fs.make_authority(children=600, years=4, seed=2)
    extract = invented.to_ssd(tmp_path / "extract")
    held = invented["children"].dropna(subset=["deprivation_decile"])
    decile = held["deprivation_decile"]
    write_addresses(
        extract / "ssd_address.csv",
        list(
            zip(
                held["child_id"],
                ["Primary Address"] * len(held),
                "ZZ" + decile.astype("str") + " 1ZZ",
                held["deprivation_date"].dt.strftime("%d/%m/%Y"),
                strict=True,
            )
        ),
    )
    lookup = tmp_path / "deciles.csv"
    lines = "".join(f"zz{decile}1zz,{decile}\n" for decile in range(1, 11))
    lookup.write_text(f"postcode,decile\n{lines}", encoding="utf-8")
    read = fs.read_ssd(extract, extract_date=invented.extract_date)
    placed = fs.add_deprivation(read, extract, lookup)

    assert read["children"]["deprivation_decile"].isna().all()
    assert deciles_of(placed) == deciles_of(invented)
    told = set(held["child_id"])
    first, second = dates_of(placed), dates_of(invented)
    assert {child: first[child] for child in told} == {child: second[child] for child in told}
    assert rules(placed)["R054"].count == len(invented["children"]) - len(held)
    assert "R055" not in rules(placed)
    groups = fairness_groups(placed, fs.referral_cohort(placed))
    assert groups["deprivation"].nunique() >= 5


# against plain Python, and that nothing of a postcode stays

ids = st.sampled_from(["A", "b", "C", "D"])
postcodes = st.sampled_from([*DECILES, "zz11zz", "ZZ9 9ZZ", " ", None])
days = st.sampled_from(["2019-01-01", "2020-06-30", "2024-12-31", "2025-01-01", None])
drawn_homes = st.lists(st.tuples(ids, postcodes, days, days), max_size=12)
PLAIN = {"ZZ11ZZ": 1, "ZZ22ZZ": 5, "ZZ33ZZ": 10}


def as_told(child, rows):
    """Say by hand what becomes of a child: a decile with its day, or the rule that counts it."""
    theirs = [
        (end is None or end >= "2024-12-31", start or "", (code or "").replace(" ", "").upper())
        for one, code, start, end in rows
        if one.upper() == child.upper() and (start or "") <= "2024-12-31"
    ]
    if not theirs or not max(theirs)[2]:
        return "R054"
    _, start, postcode = max(theirs)
    return (PLAIN[postcode], start or "2024-12-31") if postcode in PLAIN else "R055"


@given(drawn_homes)
@settings(max_examples=100, deadline=None)
def test_children_are_placed_as_by_hand(rows):
    placed = add_deprivation(children("a", "B", "c"), homes(*rows), DECILES)
    told = {child: as_told(child, rows) for child in ("a", "B", "c")}

    where = {child: one for child, one in told.items() if not isinstance(one, str)}
    found, dates = deciles_of(placed), dates_of(placed)
    assert {child: (found[child], dates[child]) for child in found if found[child]} == where
    for rule in ("R054", "R055"):
        count = sum(one == rule for one in told.values())
        assert (rules(placed)[rule].count if rule in rules(placed) else 0) == count
    assert "ZZ" not in everything_in(placed)


@given(st.lists(st.tuples(postcodes, st.integers(-1, 12)), max_size=5))
@settings(max_examples=50, deadline=None)
def test_no_refusal_of_a_lookup_shows_a_postcode(rows):
    lookup = pd.DataFrame(rows, columns=["postcode", "decile"])
    known = [((code or "").replace(" ", "").upper(), decile) for code, decile in rows]
    known = {(code, decile) for code, decile in known if code}
    sound = all(1 <= decile <= 10 for _, decile in rows)
    sound = sound and len({code for code, _ in known}) == len(known)

    if sound:
        add_deprivation(children("A"), homes(), lookup)
        return
    with pytest.raises(SettingError) as raised:
        add_deprivation(children("A"), homes(), lookup)
    assert "ZZ" not in str(raised.value).upper()


def test_nothing_is_logged(caplog, capsys):
    with caplog.at_level(0):
        add_deprivation(children("A"), homes(("A", "ZZ1 1ZZ", "?", None)), DECILES)

    assert (caplog.text, capsys.readouterr()) == ("", ("", ""))
