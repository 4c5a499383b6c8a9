"""`read_return`: each return told by content, anything else refused with what was looked for."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from drawn import authority
from fs_risk.errors import ReturnError
from fs_risk.readers.recognise import LOOKED_FOR, read_return

GOLDEN = Path(__file__).parents[2] / "golden"
EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,"
    "REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"
    "C1,01/05/2020,S,V2,N1,U6,PR1,03/06/2020,E4A,,,,\n"
)
CARE_XML = (
    "<EXPSSDA903><CHILD><CHILDID>C1</CHILDID><EPISODE><DECOM>01/05/2020</DECOM><RNE>S</RNE>"
    "<LS>V2</LS><PL>U6</PL><DEC>03/06/2020</DEC><REC>E4A</REC></EPISODE></CHILD></EXPSSDA903>"
)
CENSUS = (
    "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2025</Year>"
    "<ReferenceDate>2025-03-31</ReferenceDate></CollectionDetails></Header><Children><Child>"
    "<ChildIdentifiers><LAchildID>C1</LAchildID></ChildIdentifiers><CINdetails>"
    "<CINreferralDate>2024-05-01</CINreferralDate></CINdetails></Child></Children></Message>"
)
FLAT = "LAchildID,CINdetailsID,CINreferralDate\nC1,1,2024-05-01\n"
PAYLOAD = {
    "la_child_id": "C1",
    "social_care_episodes": [{"social_care_episode_id": "E", "referral_date": "2025-01-01"}],
}


def drawn():
    return authority(
        children="child_id\nA",
        referrals="referral_id | child_id | referral_date\nR1 | A | 2024-01-10",
    )


def as_ssd(place):
    drawn().to_ssd(place)
    # what lies beside the tables decides nothing
    (place / "notes.txt").write_text("notes", encoding="utf-8")
    shutil.copy(GOLDEN / "annex_a_old.xls", place / "notes.xls")
    staging = "id,json_payload,submission_timestamp\n1,{},2025-01-01\n"
    (place / "ssd_api_data_staging.csv").write_text(staging, encoding="utf-8")
    return place


def as_census(place):
    (place / "census.xml").write_text(CENSUS, encoding="utf-8")
    return place


def as_flat_census(place):
    (place / "CINdetails.csv").write_text(FLAT, encoding="utf-8")
    return place


def as_care_folder(place):
    (place / "any name.csv").write_text(EPISODES, encoding="utf-8")
    return place


def as_care_years(place):
    for year in ("2020", "2021"):
        (place / year).mkdir()
        (place / year / "e.csv").write_text(EPISODES, encoding="utf-8")
    return place


def as_care_xml(place):
    (place / "903.xml").write_text(CARE_XML, encoding="utf-8")
    return place / "903.xml"


def as_annex_a(place):
    return drawn().to_annex_a(place / "annex.xlsx")


def as_old_annex_a(place):
    shutil.copy(GOLDEN / "annex_a_old.xls", place)
    return place


def as_payloads(place):
    (place / "0.json").write_text(json.dumps([PAYLOAD]), encoding="utf-8")
    return place


def as_staging(place):
    row = {"json_payload": json.dumps(PAYLOAD), "submission_timestamp": "2025-01-02"}
    pd.DataFrame([row]).to_csv(place / "staging.csv", index=False)
    return place / "staging.csv"


def as_staging_database(place):
    row = {"json_payload": json.dumps(PAYLOAD), "submission_timestamp": "2025-01-02"}
    with closing(sqlite3.connect(place / "s.db")) as connection:
        pd.DataFrame([row]).to_sql("ssd_api_data_staging", connection, index=False)
    return f"sqlite:///{place / 's.db'}"


def as_ssd_database(place):
    folder = drawn().to_ssd(place / "tables")
    with closing(sqlite3.connect(place / "ssd.db")) as connection:
        for file in folder.glob("*.csv"):
            pd.read_csv(file, dtype="str").to_sql(file.stem, connection, index=False)
    return f"sqlite:///{place / 'ssd.db'}"


def as_templates(place):
    (place / "families.csv").write_text("family_id,child_id\nF,C1\n", encoding="utf-8")
    (place / "group_supervision.csv").write_text(
        "supervision_id,family_id,supervision_date\nV,F,2025-01-01\n", encoding="utf-8"
    )
    return place


@pytest.mark.parametrize(
    ("write", "returns"),
    [
        (as_ssd, "SSD"),
        (as_ssd_database, "SSD"),
        (as_census, "CIN census"),
        (as_flat_census, "CIN census"),
        (as_care_folder, "SSDA903"),
        (as_care_years, "SSDA903"),
        (as_care_xml, "SSDA903"),
        (as_annex_a, "Annex A"),
        (as_old_annex_a, "Annex A"),
        (as_payloads, "DfE API"),
        (as_staging, "DfE API"),
        (as_staging_database, "DfE API"),
        (as_templates, "Family Safeguarding"),
    ],
)
def test_a_return_is_told_by_its_content(tmp_path, write, returns):
    assert read_return(write(tmp_path)).origin.returns == (returns,)


def test_files_of_one_return_are_read_together(tmp_path):
    files = list(as_templates(tmp_path).iterdir())

    assert len(read_return(files)["group_supervision"]) == 1


def test_exclusions_and_pseudonyms_are_handed_on(tmp_path):
    other = json.dumps([{**PAYLOAD, "la_child_id": "C2"}])
    (as_payloads(tmp_path) / "1.json").write_text(other, encoding="utf-8")
    records = read_return(tmp_path, exclude=["c1"], pseudonymise="k" * 16)

    assert len(records["children"]) == 1
    assert records.pseudonym_mark


def test_what_is_no_return_is_refused_with_all_that_was_looked_for(tmp_path):
    (tmp_path / "sales.csv").write_text("item,price\na,1\n", encoding="utf-8")

    with pytest.raises(ReturnError, match="none of the returns") as raised:
        read_return(tmp_path)
    for looked_for in LOOKED_FOR.values():
        assert looked_for in raised.value.what


def test_several_returns_in_one_folder_are_refused_by_name(tmp_path):
    as_care_folder(tmp_path)
    as_payloads(tmp_path)

    with pytest.raises(ReturnError, match=r"several returns: .*SSDA903 \(1 file\)"):
        read_return(tmp_path)


def test_two_workbooks_are_refused(tmp_path):
    as_old_annex_a(tmp_path)
    drawn().to_annex_a(tmp_path / "other.xlsx")

    with pytest.raises(ReturnError, match="2 sources of Annex A"):
        read_return(tmp_path)


def test_a_path_that_is_absent_is_named(tmp_path):
    with pytest.raises(ReturnError, match="1 of 1 path does not exist"):
        read_return(tmp_path / "absent")
