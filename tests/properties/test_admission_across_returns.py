"""Items 11 and 12 over all returns: the excluded are nowhere, pseudonyms the same everywhere."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import ReturnError, SettingError
from fs_risk.readers.annex_a import read_annex_a
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.combine import combine
from fs_risk.readers.dfe_api import read_dfe_api
from fs_risk.readers.family_safeguarding import read_family_safeguarding
from fs_risk.readers.ssd import read_ssd
from fs_risk.readers.ssda903 import read_ssda903
from fs_risk.records.records import Records

KEY = "a secret of the authority's own"
END = "2025-03-31"
READERS = {
    "ssd": read_ssd,
    "cin": read_cin_census,
    "ssda903": read_ssda903,
    "annex_a": lambda folder, **given: read_annex_a(folder / "annex.xlsx", **given),
    "api": read_dfe_api,
    "staging": read_dfe_api,
    "templates": read_family_safeguarding,
}


def write_returns(place, ids):
    """Write the same children as every return, each in its own spelling."""
    frames = {
        "children": pd.DataFrame({"child_id": ids, "birth_date": pd.Timestamp("2015-05-05")}),
        "referrals": pd.DataFrame(
            {
                "referral_id": [f"R{at}" for at in range(len(ids))],
                "child_id": ids,
                "referral_date": pd.Timestamp("2025-01-10"),
                "source": "6",
            }
        ),
        "family_links": pd.DataFrame({"child_id": ids, "family_id": "F1"}),
        "contacts": pd.DataFrame(
            {
                "contact_id": [f"K{at}" for at in range(len(ids))],
                "child_id": ids,
                "contact_date": pd.Timestamp("2025-01-09"),
                "source": "6",
            }
        ),
    }
    year = ("2024-04-01", END)
    coverage = dict.fromkeys(("referrals", "contacts"), year)
    records = Records.from_frames(frames, extract_date=END, coverage=coverage)
    folders = {name: place / name for name in READERS}
    for folder in folders.values():
        folder.mkdir()
    records.to_ssd(folders["ssd"])
    records.to_cin_census(folders["cin"])
    records.to_annex_a(folders["annex_a"] / "annex.xlsx")
    low = [one.lower() for one in ids]
    header = "".join(f" {one},1,05/05/2015,WBRI,,,\n" for one in low)
    episodes = "".join(f"{one},01/02/2025,S,V2,N1,U6,PR1,,,,,,\n" for one in low)
    files = {
        "header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n" + header,
        "episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,"
        "HOME_POST,PL_POST,URN\n" + episodes,
    }
    for name, text in files.items():
        (folders["ssda903"] / f"{name}.csv").write_text(text, encoding="utf-8")
    sent = [
        {
            "la_child_id": one,
            "social_care_episodes": [
                {"social_care_episode_id": f"E{at}", "referral_date": "2025-01-10"}
            ],
        }
        for at, one in enumerate(low)
    ]
    (folders["api"] / "0.json").write_text(json.dumps(sent), encoding="utf-8")
    staged = [{"json_payload": each, "submission_timestamp": "2025-01-11"} for each in sent]
    (folders["staging"] / "0.json").write_text(json.dumps(staged), encoding="utf-8")
    families = "child_id,family_id\n" + "".join(f"{one},F1\n" for one in low)
    (folders["templates"] / "families.csv").write_text(families, encoding="utf-8")
    supervision = "supervision_id,family_id,supervision_date\nV1,F1,2025-02-01\n"
    (folders["templates"] / "group_supervision.csv").write_text(supervision, encoding="utf-8")
    return folders


def children_in(records):
    """The ids of all children that any table, kept or set aside, names."""
    frames = [records[name] for name in records] + list(records.set_aside.values())
    named = [frame["child_id"].dropna() for frame in frames if "child_id" in frame]
    return set(pd.concat(named).str.upper())


def every_text(records):
    frames = [records[name] for name in records] + list(records.set_aside.values())
    return " ".join(frame.to_csv() for frame in frames).upper() + str(records.findings).upper()


IDS = st.lists(
    st.from_regex(r"[A-Z]{3}[1-9][0-9]{3,5}", fullmatch=True), min_size=2, max_size=3, unique=True
)


@settings(max_examples=2, deadline=None)
@given(IDS, st.data())
def test_an_excluded_child_is_in_no_table_of_any_return(tmp_path_factory, ids, data):
    folders = write_returns(tmp_path_factory.mktemp("returns"), ids)
    gone = data.draw(st.sampled_from(ids))
    spelling = data.draw(st.sampled_from([gone.lower(), f" {gone} ", gone]))

    kept = {
        name: read(folders[name], extract_date=END, exclude=[spelling])
        for name, read in READERS.items()
    }
    for name, records in kept.items():
        assert children_in(records) == set(ids) - {gone}, name
        assert gone not in every_text(records), name
    # and no other return brings the child back
    whole = READERS["api"](folders["api"], extract_date=END)
    assert gone in children_in(whole)
    for first, second in ((kept["ssda903"], whole), (whole, kept["annex_a"])):
        assert children_in(combine(first, second)) == set(ids) - {gone}


@settings(max_examples=2, deadline=None)
@given(IDS)
def test_a_child_has_one_pseudonym_in_all_returns(tmp_path_factory, ids):
    folders = write_returns(tmp_path_factory.mktemp("returns"), ids)

    hidden = {
        name: read(folders[name], extract_date=END, pseudonymise=KEY)
        for name, read in READERS.items()
    }
    first = children_in(hidden["ssd"])
    assert len(first) == len(ids)
    for name, records in hidden.items():
        assert children_in(records) == first, name
        assert not any(one in every_text(records) for one in ids), name
    joined = combine(combine(hidden["cin"], hidden["ssda903"]), hidden["api"])
    assert set(joined["children"]["child_id"]) == first


@pytest.mark.parametrize("name", READERS)
def test_a_list_or_key_that_cannot_be_used_stops_the_reader(tmp_path, name):
    folders = write_returns(tmp_path, ["ABC1000", "ABC1001"])

    with pytest.raises(ReturnError, match="exclusion list cannot be opened"):
        READERS[name](folders[name], exclude=tmp_path / "absent.csv")
    with pytest.raises(SettingError, match="shorter than 16 bytes"):
        READERS[name](folders[name], pseudonymise="short")
