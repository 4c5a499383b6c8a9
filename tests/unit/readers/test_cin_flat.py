"""The flattened census: the validator's CSV tables read as the XML they were made from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import ReturnError
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.cin_file import read_census_file
from fs_risk.readers.cin_flat import is_flat_census
from fs_risk.records.layouts.cin import BLOCKS
from fs_risk.records.tables import TABLES

FILES = {
    "header": "Header",
    "children": "ChildIdentifiers",
    "disabilities": "Disabilities",
    "episodes": "CINdetails",
    "assessments": "Assessments",
    "cin_plans": "CINplanDates",
    "section47": "Section47",
    "cp_plans": "ChildProtectionPlans",
    "reviews": "Reviews",
    "pre_proceedings": "PreProceedings",
}


def flatten(xml: Path, folder: Path, day="%d/%m/%Y", factors="list") -> Path:
    """Write a census file as the validator's tables: ids restart within each child."""
    folder.mkdir(exist_ok=True)
    blocks = {name: frame.copy() for name, frame in read_census_file(xml).blocks.items()}
    child = blocks["children"]["LAchildID"]
    blocks["children"]["row"] = np.arange(len(child))
    owner = {"children": np.arange(len(child)), "disabilities": blocks["disabilities"]["children"]}
    owner["episodes"] = blocks["episodes"]["children"].to_numpy()
    numbers = {"episodes": pd.Series(owner["episodes"]).groupby(owner["episodes"]).cumcount() + 1}
    for name, block in BLOCKS.items():
        if block.parent in ("episodes", "cp_plans", "assessments"):
            owner[name] = owner[block.parent][blocks[name][block.parent].to_numpy()]
            numbers[name] = pd.Series(owner[name]).groupby(owner[name]).cumcount() + 1
    lists = blocks["factors"].groupby("assessments")["AssessmentFactors"].agg(list)
    for name, stem in FILES.items():
        frame = blocks[name]
        out = {field.element: frame[field.element] for field in BLOCKS[name].fields}
        if name != "header":
            out = {"LAchildID": child.to_numpy()[owner[name]], **out}
        if name == "episodes":
            out["CINdetailsID"] = numbers["episodes"]
        elif BLOCKS[name].parent == "episodes":
            out["CINdetailsID"] = numbers["episodes"].to_numpy()[frame["episodes"]]
        if name == "cp_plans":
            out["CPPID"] = numbers["cp_plans"]
        if name == "reviews":
            plan = frame["cp_plans"].to_numpy()
            episode = blocks["cp_plans"]["episodes"].to_numpy()[plan]
            out["CINdetailsID"] = numbers["episodes"].to_numpy()[episode]
            out["CPPID"] = numbers["cp_plans"].to_numpy()[plan]
        if name == "assessments":
            out["AssessmentID"] = numbers["assessments"]
            if factors == "list":
                out["AssessmentFactors"] = frame.index.map(lists).astype("str")
        if name == "children":
            traits = pd.DataFrame({"LAchildID": child, "Ethnicity": out.pop("Ethnicity")})
            traits.to_csv(folder / "ChildCharacteristics.csv")
        pd.DataFrame(out).to_csv(folder / f"{stem}.csv", date_format=day)
    if factors == "table":
        at = blocks["factors"]["assessments"].to_numpy()
        episode = blocks["assessments"]["episodes"].to_numpy()[at]
        pd.DataFrame(
            {
                "LAchildID": child.to_numpy()[owner["factors"]],
                "CINdetailsID": numbers["episodes"].to_numpy()[episode],
                "AssessmentID": numbers["assessments"].to_numpy()[at],
                "AssessmentFactor": blocks["factors"]["AssessmentFactors"],
            }
        ).to_csv(folder / "AssessmentFactorsList.csv")
    return folder


def rules(records):
    return sorted(found.rule for found in records.findings)


@pytest.mark.parametrize("day", ["%d/%m/%Y", "%Y-%m-%d"])
@pytest.mark.parametrize("factors", ["list", "table"])
def test_tables_give_the_same_records_and_faults_as_the_xml(
    census_file, clean, tmp_path, day, factors
):
    xml = census_file(clean.replace("<CPPendDate>2024-12-13", "<CPPendDate>2024-01-13"))
    flat = flatten(xml, tmp_path / "flat", day, factors)

    by_xml, by_tables = read_cin_census(xml), read_cin_census(flat)

    assert by_tables.fingerprint == by_xml.fingerprint
    assert rules(by_tables) == rules(by_xml)
    assert by_tables.coverage == by_xml.coverage


@pytest.fixture(scope="module")
def years(small_authority, tmp_path_factory):
    """The files of a whole authority, a year each."""
    return small_authority.to_cin_census(tmp_path_factory.mktemp("years") / "xml")


@pytest.fixture(scope="module")
def last_year(years):
    return read_cin_census(years[-1])


def test_a_whole_authority_survives_the_flattening(years, last_year, tmp_path):
    flat = flatten(years[-1], tmp_path / "flat")

    assert read_cin_census(flat).fingerprint == last_year.fingerprint


def test_years_of_both_kinds_are_merged(years, tmp_path):
    first, second = years[-2:]
    flat = flatten(first, tmp_path / "flat")

    assert (
        read_cin_census([flat, second]).fingerprint == read_cin_census([first, second]).fingerprint
    )


def test_findings_and_rows_name_their_own_file(census_file, clean, tmp_path):
    flat = flatten(census_file(clean), tmp_path / "flat")
    path = flat / "CINdetails.csv"
    path.write_text(path.read_text("utf-8").replace("10/04/2024", "99/99/2024"), "utf-8")

    records = read_cin_census(flat)

    found = next(found for found in records.findings if found.rule == "R010")
    assert (found.file, found.rows) == ("CINdetails.csv", (2,))
    assert set(records["cp_plans"]["source_file"]) == {"ChildProtectionPlans.csv"}


def test_children_and_episodes_that_only_other_tables_name_are_kept(census_file, clean, tmp_path):
    flat = flatten(census_file(clean), tmp_path / "flat")
    (flat / "ChildIdentifiers.csv").unlink()
    (flat / "CINdetails.csv").write_text(
        ",LAchildID,CINdetailsID,CINreferralDate\n0,C2,1,02/09/2024\n", encoding="utf-8"
    )

    records = read_cin_census(flat)

    assert sorted(records["children"]["child_id"]) == ["C1", "C2"]
    assert records["assessments"]["child_id"].to_list() == ["C1"]
    assert "R037" in rules(records)


def test_rows_that_belong_to_nothing_are_reported(census_file, clean, tmp_path):
    flat = flatten(census_file(clean), tmp_path / "flat")
    with (flat / "Reviews.csv").open("a", encoding="utf-8") as file:
        file.write("9,C1,01/01/2025,1,77\n9,,01/01/2025,1,1\n")

    lost = next(found for found in read_cin_census(flat).findings if found.rule == "R038")

    assert (lost.file, lost.rows) == ("Reviews.csv", (3, 4))


def test_factors_stay_with_their_assessment_when_others_are_lost(census_file, clean, tmp_path):
    flat = flatten(census_file(clean), tmp_path / "flat")
    (flat / "Assessments.csv").write_text(
        "LAchildID,CINdetailsID,AssessmentActualStartDate,AssessmentFactors\n"
        ",1,11/04/2024,['21']\nC1,1,12/04/2024,['2B']\n",
        encoding="utf-8",
    )
    records = read_cin_census(flat)

    assert records["factors"]["code"].to_list() == ["2B"]
    assert records["assessments"]["child_id"].to_list() == ["C1"]


def test_excluded_children_are_in_no_table(census_file, clean, tmp_path):
    flat = flatten(census_file(clean), tmp_path / "flat")
    records = read_cin_census(flat, exclude=["C1"])

    assert not any("C1" in set(records[n]["child_id"]) for n in TABLES if "child_id" in TABLES[n])
    assert len(records["referrals"]) == 1


def test_other_folders_are_not_taken_for_a_census(tmp_path, census_file, clean):
    (tmp_path / "other.csv").write_text("LAchildID,Date,Type,Ethnicity\n", encoding="utf-8")
    assert not is_flat_census(tmp_path)
    with pytest.raises(ReturnError, match=r"holds no \.xml file"):
        read_cin_census(tmp_path)
    (tmp_path / "Header.csv").write_text("Collection,Year,ReferenceDate\nCIN,2025,", "utf-8")
    assert is_flat_census(tmp_path)
    with pytest.raises(ReturnError, match="names a child"):
        read_cin_census(tmp_path)
    census_file(clean)
    assert not is_flat_census(tmp_path)


EVENT_TYPES = {
    "episodes": ("CINreferralDate", "CINclosureDate"),
    "assessments": ("AssessmentActualStartDate", "AssessmentAuthorisationDate"),
    "cin_plans": ("CINPlanStartDate", "CINPlanEndDate"),
    "section47": ("S47ActualStartDate",),
    "cp_plans": ("CPPstartDate", "CPPendDate"),
    "reviews": ("CPPreviewDate",),
}


def as_events(xml: Path, folder: Path) -> Path:
    """Write a census file as dated events: each repeats its child's, episode's, own elements."""
    folder.mkdir(exist_ok=True)
    blocks = read_census_file(xml).blocks
    listed = blocks["factors"].groupby("assessments")["AssessmentFactors"].agg(",".join)
    lists = blocks["disabilities"].groupby("children")["Disability"].agg(",".join)

    def cells(name, at):
        row = blocks[name].loc[at]
        return {own.element: row[own.element] for own in BLOCKS[name].fields}

    rows = []
    for name, types in EVENT_TYPES.items():
        for at in range(len(blocks[name])):
            own = cells(name, at)
            up, owner = name, at
            while BLOCKS[up].parent:
                up, owner = BLOCKS[up].parent, int(blocks[up].loc[owner, BLOCKS[up].parent])
                own = {**cells(up, owner), **own}
            own["Disabilities"] = lists.get(owner)
            own["Factors"] = listed.get(at) if name == "assessments" else None
            rows += [
                {**own, "Date": own[each], "Type": each} for each in types if pd.notna(own[each])
            ]
    events = pd.DataFrame(rows).assign(YEAR="2025", LA="201")
    events.to_csv(folder / "cin.csv", index=False, date_format="%Y-%m-%d")
    return folder


def test_dated_events_give_the_same_records_as_the_xml(census_file, clean, tmp_path):
    xml = census_file(clean)
    records, whole = read_cin_census(as_events(xml, tmp_path / "flat")), read_cin_census(xml)

    for name in TABLES:
        ours, theirs = records[name], whole[name]
        # module 5 has no event, and a child without one is in no row
        if name in ("pre_proceedings", "children", "disabilities"):
            continue
        columns = [c for c in TABLES[name].names if c not in ("referral_id", "section47_id")]
        pd.testing.assert_frame_equal(
            ours[columns].sort_values(columns[0], ignore_index=True),
            theirs[columns].sort_values(columns[0], ignore_index=True),
        )
    assert records.coverage["referrals"] == whole.coverage["referrals"]
    assert set(records["disabilities"]["code"]) == set(whole["disabilities"]["code"])


def test_events_of_a_whole_authority_hold_the_same_episodes(years, last_year, tmp_path):
    records = read_cin_census(as_events(years[-1], tmp_path / "flat"))

    for name in ("referrals", "assessments", "factors", "cp_plans", "section47", "cin_plans"):
        assert len(records[name]) == len(last_year[name]), name


def test_events_of_several_authorities_or_of_no_known_type_are_told(census_file, clean, tmp_path):
    folder = as_events(census_file(clean), tmp_path / "flat")
    events = pd.read_csv(folder / "cin.csv", dtype="str")
    events.loc[0, "Type"] = "Elsewhere"
    events.to_csv(folder / "cin.csv", index=False)
    found = [each for each in read_cin_census(folder).findings if each.rule == "R038"]
    assert [each.rows for each in found] == [(2,)]

    events.loc[0, "LA"] = "202"
    events.to_csv(folder / "cin.csv", index=False)
    with pytest.raises(ReturnError, match="2 authorities"):
        read_cin_census(folder)


def test_blades_of_the_submission_system_are_refused(tmp_path):
    (tmp_path / "Header.csv").write_text("Collection,Year,ReferenceDate\nCIN,2025,", "utf-8")
    (tmp_path / "CINdetails.csv").write_text("CINdetails_ID,Child_ID,ReferralNFA\n", "utf-8")

    with pytest.raises(ReturnError, match="blades"):
        read_cin_census(tmp_path)


@pytest.mark.samples
def test_the_validators_own_sample_reads(samples):
    """Its dates are blank, so the episodes are set aside, none is lost."""
    folder = samples / "samples/data-to-insight+csc-validator-be-cin/output_csvs"
    records = read_cin_census(folder, extract_date="2022-03-31")

    assert len(records["children"]) == 332
    assert len(records["referrals"]) + len(records.set_aside["referrals"]) == 402


@pytest.mark.samples
def test_the_notebooks_sample_reads(samples):
    records = read_cin_census(samples / "samples/data-to-insight+D2I-Jupyter-Notebook-Tools")

    assert len(records["children"]) == 332
    assert len(records["referrals"]) == 101
    assert "R016" in rules(records)
