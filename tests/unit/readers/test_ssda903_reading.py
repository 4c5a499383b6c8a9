"""The SSDA903 reader: files known by columns, years stacked, XML, rules for gaps and overlaps."""

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import FsRiskError, ReturnError
from fs_risk.readers.ssda903 import read_ssda903
from fs_risk.readers.ssda903_care import join_episodes

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,"
    "REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"
)
UASC = "CHILD,SEX,DOB,DUC\n"
MISSING = "CHILD,DOB,MISSING,MIS_START,MIS_END\n"
PEOPLE = HEADER + "C1,2,01/05/2012,WBRI,H801200001001,,\nC2,1,15/01/2010,APKN,,,\n"


@pytest.fixture
def returned(tmp_path):
    """Write files and give their folder."""

    def write(folder="", **files):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        for name, text in files.items():
            (place / f"{name}.csv").write_text(text, encoding="utf-8")
        return place

    return write


def episode(child, start, rne, end="", rec="", ls="V2", place="U6"):
    return f"{child},{start},{rne},{ls},N1,{place},PR1,{end},{rec},,ZZ1 1ZZ,ZZ2 2ZZ,123\n"


def periods(records):
    frame = records["care_periods"].sort_values(["child_id", "start_date"])
    spans = [
        (str(row.start_date.date()), "" if pd.isna(row.end_date) else str(row.end_date.date()))
        for row in frame.itertuples()
    ]
    return list(zip(spans, frame["end_reason"].fillna("").to_list(), strict=True))


def rules(records):
    return {found.rule: found for found in records.findings}


def test_files_are_known_by_their_columns_not_by_their_names(returned):
    records = read_ssda903(
        returned(a=PEOPLE, b=EPISODES + episode("C1", "2020-05-01", "S", "03/06/2020", "E4A"))
    )

    assert records["children"]["sex"].to_list() == ["F", "M"]
    assert periods(records) == [(("2020-05-01", "2020-06-03"), "E4A")]
    assert records["care_episodes"]["source_row"].to_list() == [2]
    assert str(records.coverage["care_periods"].observed_from.date()) == "2020-04-01"


def test_pupil_numbers_and_postcodes_are_not_loaded(returned):
    records = read_ssda903(returned(h=PEOPLE, e=EPISODES + episode("C1", "01/05/2020", "S")))
    held = " ".join(records[name].to_csv() for name in records)

    for secret in ("H801200001001", "ZZ1", "ZZ2"):
        assert secret not in held


def test_episodes_that_follow_each_other_are_one_period(returned):
    records = read_ssda903(
        returned(
            e=EPISODES
            + episode("C1", "01/05/2020", "S", "01/06/2020", "X1", ls="C1")
            + episode("C1", "01/06/2020", "P", "01/08/2020", "X1", ls="C2")
            + episode("C1", "01/08/2020", "L", "01/11/2020", "E4A", ls="E1")
        )
    )

    assert periods(records) == [(("2020-05-01", "2020-11-01"), "E4A")]
    assert records["care_periods"]["legal_status"].to_list() == ["C1"]
    assert records["care_episodes"]["care_period_id"].nunique() == 1
    assert not {"R045", "R046", "R047", "R048", "R050"} & set(rules(records))


REPAIRS = {
    "no end, another follows": (
        [("01/05/2020", "S", "", ""), ("01/06/2020", "P", "01/08/2020", "E4A")],
        [(("2020-05-01", "2020-08-01"), "E4A")],
        {"R045"},
    ),
    "overlap within a period": (
        [("01/05/2020", "S", "10/06/2020", "X1"), ("01/06/2020", "P", "01/08/2020", "E4A")],
        [(("2020-05-01", "2020-08-01"), "E4A")],
        {"R046"},
    ),
    "an episode inside another": (
        [("01/05/2020", "S", "01/12/2020", "E2"), ("01/06/2020", "P", "01/08/2020", "X1")],
        [(("2020-05-01", "2020-12-01"), "E2")],
        {"R046"},
    ),
    "overlap with a new start": (
        [("01/05/2020", "S", "10/06/2020", "E4A"), ("01/06/2020", "S", "01/08/2020", "E5")],
        [(("2020-05-01", "2020-06-01"), "E4A"), (("2020-06-01", "2020-08-01"), "E5")],
        {"R046", "R048"},
    ),
    "gap though it goes on": (
        [("01/05/2020", "S", "20/05/2020", "X1"), ("01/06/2020", "P", "01/08/2020", "E4A")],
        [(("2020-05-01", "2020-08-01"), "E4A")],
        {"R050"},
    ),
    "gap and a new start": (
        [("01/05/2020", "S", "20/05/2020", "X1"), ("01/06/2020", "S", "01/08/2020", "E4A")],
        [(("2020-05-01", "2020-05-20"), ""), (("2020-06-01", "2020-08-01"), "E4A")],
        {"R048"},
    ),
    "ended, then no start": (
        [("01/05/2020", "S", "20/05/2020", "E8"), ("01/06/2020", "P", "01/08/2020", "E4A")],
        [(("2020-05-01", "2020-05-20"), "E8"), (("2020-06-01", "2020-08-01"), "E4A")],
        {"R047"},
    ),
    "nothing follows X1": (
        [("01/05/2020", "S", "20/05/2020", "X1")],
        [(("2020-05-01", ""), "")],
        {"R051"},
    ),
    "end before start": (
        [("01/05/2020", "S", "20/04/2020", "E4A")],
        [(("2020-05-01", ""), "")],
        {"R043"},
    ),
    "reason without a date": (
        [("01/05/2020", "S", "", "E4A")],
        [(("2020-05-01", ""), "")],
        {"R044"},
    ),
    "began before what is known": (
        [("01/05/2020", "P", "20/05/2020", "E4A")],
        [(("2020-05-01", "2020-05-20"), "E4A")],
        {"R049"},
    ),
}


@pytest.mark.parametrize("name", REPAIRS)
def test_contradictions_are_repaired_by_rule_and_reported(returned, name):
    rows, expected, reported = REPAIRS[name]
    text = EPISODES + "".join(episode("C1", start, rne, end, rec) for start, rne, end, rec in rows)
    records = read_ssda903(returned(h=PEOPLE, e=text), extract_date="2021-03-31")

    assert periods(records) == expected
    assert set(rules(records)) == reported
    assert all(rules(records)[rule].rows for rule in reported)


def test_the_latest_year_is_believed(returned):
    returned(
        "2019",
        header=PEOPLE,
        episodes=EPISODES
        + episode("C1", "01/05/2019", "S")
        + episode("C2", "01/02/2018", "S", "01/06/2019", "E5"),
    )
    folder = returned(
        "2020",
        header=PEOPLE.replace("WBRI", "WIRI"),
        episodes=EPISODES + episode("c1", "01/05/2019", "S", "07/09/2020", "E4B"),
    )
    # given in the wrong order: the dates inside tell the years
    records = read_ssda903([folder, folder.parent / "2019"])

    assert sorted(periods(records)) == [
        (("2018-02-01", "2019-06-01"), "E5"),
        (("2019-05-01", "2020-09-07"), "E4B"),
    ]
    assert sorted(records["children"]["ethnicity"]) == ["APKN", "WIRI"]
    assert str(records.coverage["care_periods"].observed_from.date()) == "2019-04-01"
    counts = {found.table: found.count for found in records.findings if found.rule == "R014"}
    assert counts == {"children": 2, "care_episodes": 1}


def test_care_that_vanishes_between_years_is_reported(returned):
    returned("a", e=EPISODES + episode("C1", "01/05/2018", "S") + episode("C2", "01/05/2018", "S"))
    (returned("a") / "m.csv").write_text(
        MISSING + "C1,01/05/2012,M,02/05/2018,03/05/2018\n", encoding="utf-8"
    )
    folder = returned("b", e=EPISODES + episode("C2", "01/05/2018", "S", "07/09/2019", "E4B"))
    records = read_ssda903([folder, folder.parent / "a"])

    assert rules(records)["R052"].rows == (2,)
    assert str(records.coverage["missing_episodes"].observed_from.date()) == "2018-04-01"


def test_years_with_a_gap_between_them_count_from_the_last_run(returned):
    returned("a", e=EPISODES + episode("C1", "01/05/2016", "S", "01/06/2016", "E4A"))
    folder = returned("b", e=EPISODES + episode("C1", "01/05/2018", "S", "07/09/2019", "E4B"))
    records = read_ssda903([folder, folder.parent / "a"])

    assert rules(records)["R017"].count == 1
    assert str(records.coverage["care_periods"].observed_from.date()) == "2019-04-01"


def test_unaccompanied_children_are_marked_and_missing_episodes_read(returned):
    records = read_ssda903(
        returned(
            h=PEOPLE,
            e=EPISODES + episode("C1", "01/05/2020", "S"),
            u=UASC + "C2,1,15/01/2010,15/01/2028\nC3,M,01/01/2009,01/01/2027\n",
            m=MISSING + "C1,01/05/2012,M,02/06/2020,03/06/2020\nC1,01/05/2012,A,02/07/2020,\n",
        )
    )
    children = records["children"].set_index("child_id")["unaccompanied"]

    assert children.to_dict() == {"C1": False, "C2": True, "C3": True}
    assert records["missing_episodes"]["end_date"].notna().to_list() == [True, False]


def test_without_a_file_nothing_is_known_of_what_it_would_hold(returned):
    records = read_ssda903(returned(h=PEOPLE, e=EPISODES + episode("C1", "01/05/2020", "S")))

    assert records["children"]["unaccompanied"].isna().all()
    assert records.coverage["missing_episodes"] is None
    assert records.coverage["referrals"] is None


def test_faulty_cells_are_reported_by_row_and_unknown_columns_named(returned):
    text = (
        EPISODES + episode("C1", "31/02/2020", "S") + episode("C2", "01/05/2020", "S", place="Q9")
    )
    text = text.replace("URN", "URN,SPARE").replace("123", "123,x")
    records = read_ssda903(returned(e=text, h=PEOPLE, other="a,b\n1,2\n"))
    found = rules(records)

    assert found["R010"].rows == (2,)
    assert found["R042"].rows == (3,)
    assert (found["R041"].count, found["R040"].count) == (1, 0)
    assert len(records.set_aside["care_episodes"]) == 1


def test_rows_of_one_day_are_numbered_and_exact_repeats_set_aside(returned):
    row = episode("C1", "01/05/2020", "S", "01/05/2020", "X1")
    text = EPISODES + row + row + episode("C1", "01/05/2020", "P", "01/06/2020", "E4A")
    records = read_ssda903(returned(e=text, h=PEOPLE))

    assert len(records["care_episodes"]) == 2
    assert len(records.set_aside["care_episodes"]) == 1
    assert periods(records) == [(("2020-05-01", "2020-06-01"), "E4A")]


def test_children_without_a_header_are_reported(returned):
    records = read_ssda903(returned(e=EPISODES + episode("C9", "01/05/2020", "S"), h=PEOPLE))

    assert rules(records)["R018"].count == 1


XML = """<?xml version="1.0" encoding="UTF-8"?>
<EXPSSDA903>
<CHILD>
<HEADER>
<CHILDID>C1</CHILDID><SEX>F</SEX><DOB>2012-05-01</DOB><ETHNIC>WBRI</ETHNIC><UPN>X&amp;</UPN>
<UASC>0</UASC>
<AMISSING><MISSING>M</MISSING><MIS_START>2020-05-07</MIS_START><MIS_END>2020-05-08</MIS_END></AMISSING>
</HEADER>
<EPISODE><DECOM>2020-05-01</DECOM><RNE>S</RNE><LS>C2</LS><PL>U6</PL><DEC>2020-06-01</DEC><REC>X1</REC></EPISODE>
<EPISODE><DECOM>2020-06-01</DECOM><RNE>P</RNE><LS>C2</LS><PL>K2</PL><DEC>2020-07-01</DEC><REC>E4A</REC></EPISODE>
</CHILD>
<CHILD>
<HEADER><CHILDID>C2</CHILDID><SEX>1</SEX><DOB>15/01/2010</DOB><UASC>1</UASC><ODD>1</ODD></HEADER>
<EPISODE><DECOM>2020-05-03</DECOM><RNE>S</RNE><LS>V2</LS><PL>U6</PL></EPISODE>
</CHILD>
</EXPSSDA903>
"""


def test_the_xml_form_reads_like_the_csv_form(returned, tmp_path):
    path = tmp_path / "return.xml"
    path.write_text(XML, encoding="utf-8")
    folder = returned(
        "csv",
        h=HEADER + "C1,F,01/05/2012,WBRI,X,,\nC2,M,15/01/2010,,,,\n",
        u=UASC + "C2,M,15/01/2010,\n",
        m=MISSING + "C1,01/05/2012,M,07/05/2020,08/05/2020\n",
        e=EPISODES
        + episode("C1", "01/05/2020", "S", "01/06/2020", "X1", "C2")
        + episode("C1", "01/06/2020", "P", "01/07/2020", "E4A", "C2", "K2")
        + episode("C2", "03/05/2020", "S"),
    )
    records = read_ssda903(path)

    assert records.fingerprint == read_ssda903(folder).fingerprint
    assert records["care_episodes"]["source_row"].to_list() == [9, 10, 14]
    assert rules(records)["R041"].rows == (13,)


def test_no_spoilt_xml_raises_anything_but_our_errors(tmp_path):
    luck = np.random.default_rng(0)
    path = tmp_path / "r.xml"
    n_read = 0
    for _ in range(15):
        at, length = int(luck.integers(len(XML))), int(luck.integers(1, 9))
        insert = ["", "<EPISODE>", "</CHILD>", "2099", "\0", "&x;"][int(luck.integers(6))]
        path.write_text(XML[:at] + insert + XML[at + length * (not insert) :], encoding="utf-8")
        with suppress(FsRiskError):
            read_ssda903(path)
            n_read += 1

    assert 0 < n_read < 15


WRONG = {
    "nothing.csv": (b"", "No file is part of the SSDA903 return"),
    "other.csv": (b"a,b\n1,2\n", "No file is part of the SSDA903 return"),
    "short.csv": (b"CHILD,DECOM,RNE,LS,CIN,PLACE,DEC\n", "episodes file lacks REC"),
    "book.csv": (b"PK\x03\x04\x00\x00", "Excel workbook"),
    "cut.xml": (XML.encode()[:400], "not well-formed"),
    "other.xml": (b"<Message></Message>", "outermost element is not EXPSSDA903"),
    "childless.xml": (b"<EXPSSDA903></EXPSSDA903>", "no CHILD element"),
    "bomb.xml": (b'<!DOCTYPE x [<!ENTITY a "b">]><EXPSSDA903/>', "document type"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_the_return_is_refused_with_a_cure(tmp_path, name):
    content, message = WRONG[name]
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ReturnError, match=message) as raised:
        read_ssda903(tmp_path)
    assert raised.value.fix


def test_a_return_without_dates_asks_for_the_extract_date(returned):
    with pytest.raises(ReturnError, match="No table holds a date"):
        read_ssda903(returned(h=PEOPLE))


def drawn_episodes(draws):
    day = pd.Timestamp(2020, 1, 1)
    return pd.DataFrame(
        {
            "child_id": pd.Series([child for child, *_ in draws], dtype="str"),
            "start_date": pd.Series(
                [day + pd.Timedelta(days=start) for _, start, *_ in draws], dtype="datetime64[s]"
            ),
            "end_date": pd.Series(
                [
                    pd.NaT if length is None else day + pd.Timedelta(days=start + length)
                    for _, start, length, *_ in draws
                ],
                dtype="datetime64[s]",
            ),
            "start_reason": pd.Series([rne for *_, rne, _ in draws], dtype="str"),
            "end_reason": pd.Series([rec for *_, rec in draws], dtype="str"),
            "legal_status": pd.Series(["V2"] * len(draws), dtype="str"),
            "care_episode_id": pd.Series(np.arange(len(draws)).astype(str), dtype="str"),
            "source_file": pd.Series(["e.csv"] * len(draws), dtype="str"),
            "source_row": np.arange(2, len(draws) + 2),
        }
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"),
            st.integers(0, 30),
            st.none() | st.integers(-3, 12),
            st.sampled_from(["S", "P", None]),
            st.sampled_from(["X1", "E4A", None]),
        ),
        max_size=8,
    )
)
def test_periods_of_any_episodes_are_apart_and_hold_every_episode(draws):
    episodes = drawn_episodes(draws)
    care = join_episodes(episodes)

    assert len(care.episodes) == len(episodes)
    assert care.episodes["care_period_id"].notna().all()
    assert set(care.episodes["care_period_id"]) == set(care.periods["care_period_id"])
    assert care.periods["care_period_id"].is_unique
    far = pd.Timestamp(2030, 1, 1)
    for _, frame in care.periods.sort_values("start_date", kind="stable").groupby("child_id"):
        ends = frame["end_date"].fillna(far)
        assert (ends >= frame["start_date"]).all()
        assert (ends.to_numpy()[:-1] <= frame["start_date"].to_numpy()[1:]).all()
    for _, frame in care.episodes.groupby("child_id"):
        ordered = frame.sort_values(["start_date", "end_date"], kind="stable")
        ends = ordered["end_date"].fillna(far).to_numpy()
        assert (ends[:-1] <= ordered["start_date"].to_numpy()[1:]).all()


def test_without_any_header_the_children_are_reported_once_with_the_cure(returned):
    gone = "CHILD,DOB,MISSING,MIS_START,MIS_END\nC1,01/05/2012,M,02/05/2020,03/05/2020\n"
    first = returned(e=EPISODES + episode("C1", "01/05/2020", "S"), m=gone)
    (first / "again.csv").write_text(EPISODES + episode("C2", "01/06/2020", "S"), encoding="utf-8")
    records = read_ssda903(first)
    (one,) = (each for each in records.findings if each.rule == "R018")

    assert (one.table, one.column, one.count) == ("children", "child_id", 3)
    assert one.message == (
        "children holds no row, and rows of care_episodes, missing_episodes name a child_id."
    )
    assert "Add the header files" in one.fix
    assert len(records["care_episodes"]) == 2
