"""A row points to the file and row that it was read from, whatever table it lands in."""

from fs_risk.readers.cin_census import read_cin_census

FILES = {
    "ChildIdentifiers": "LAchildID,PersonBirthDate,GenderCurrent\nC1,01/05/2012,2\n",
    "CINdetails": "LAchildID,CINdetailsID,CINreferralDate,ReferralNFA\nC1,1,10/04/2024,false\n",
    "Section47": ("LAchildID,CINdetailsID,S47ActualStartDate\nC1,1,01/05/2024\nC2,1,02/05/2024\n"),
}


def test_a_child_named_only_by_another_table_points_to_that_table(tmp_path):
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    children = read_cin_census(tmp_path, extract_date="2025-03-31")["children"]

    places = children.set_index("child_id")[["source_file", "source_row"]]
    assert tuple(places.loc["C1"]) == ("ChildIdentifiers.csv", 2)
    assert tuple(places.loc["C2"]) == ("Section47.csv", 3)


def test_characteristics_of_no_child_are_reported(tmp_path):
    traits = "LAchildID,Ethnicity\nC1,WBRI\n,APKN\n"
    for name, text in {**FILES, "ChildCharacteristics": traits}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    records = read_cin_census(tmp_path, extract_date="2025-03-31")

    (found,) = [each for each in records.findings if each.rule == "R038"]
    assert (found.file, found.rows) == ("ChildCharacteristics.csv", (3,))
