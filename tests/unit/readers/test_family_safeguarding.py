"""Item 9: a service's own records, from the published templates."""

import csv

import pandas as pd
import pytest

from fs_risk.errors import RecordsError, ReturnError
from fs_risk.readers.combine import combine
from fs_risk.readers.family_safeguarding import read_family_safeguarding
from fs_risk.records.layouts.family_safeguarding import TEMPLATES
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES
from fs_risk.records.writing.family_safeguarding import write_family_safeguarding_templates

ROWS = {
    "families.csv": "family_id,child_id\nF1,C1\nF1,C2\nF2,C3\n",
    "adults.csv": "adult_id,family_id\nP1,F1\nP2,F2\n",
    "specialist_work.csv": (
        "specialist_work_id,family_id,adult_id,role,start_date,end_date,outcome,known_date\n"
        "W1,F1,P1,Recovery,01/02/2024,01/06/2024,completed,08/02/2024\n"
        "W2,F2,P2,IDVA,2024-03-01,,,\n"
    ),
    "programme_modules.csv": (
        "module_id,family_id,module,start_date,end_date\nM1,F1,Module 3,2024-02-10,2024-02-24\n"
    ),
    "group_supervision.csv": (
        "supervision_id,family_id,supervision_date,agreed_rating,next_step\n"
        "G1,F1,2024-05-01,High,step-up\nG2,F2,2024-05-01,amber,continue\n"
    ),
}


@pytest.fixture
def filled(tmp_path):
    """Write filled-in templates and give their folder."""

    def write(**changes):
        for name, text in {**ROWS, **{f"{k}.csv": v for k, v in changes.items()}}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def found(records, rule):
    return [one for one in records.findings if one.rule == rule]


def test_templates_name_canonical_columns_and_are_never_replaced(tmp_path):
    paths = write_family_safeguarding_templates(tmp_path)

    for template in TEMPLATES:
        with (tmp_path / template.file).open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file)) == [[column.name for column in template.columns]]
        if template.table:
            table = TABLES[template.table]
            assert {column.name for column in template.columns} <= set(table.names)
            needed = {column.name for column in template.columns if column.needed}
            assert needed >= set(table.required)
    assert paths[-1].name == "columns.csv"
    with pytest.raises(RecordsError, match="there already"):
        write_family_safeguarding_templates(tmp_path)


def test_filled_in_templates_are_read(filled):
    records = read_family_safeguarding(filled(), extract_date="2024-12-31")

    work = records["specialist_work"].set_index("specialist_work_id")
    assert work["role"].to_dict() == {"W1": "recovery", "W2": "victim support"}
    assert work.loc["W1", "known_date"] == pd.Timestamp("2024-02-08")
    assert work["known_by_rule"].to_dict() == {"W1": False, "W2": True}
    assert records["programme_modules"]["module"].to_list() == ["3"]
    supervision = records["group_supervision"]
    assert supervision["agreed_rating"].to_list() == ["high", "medium"]
    assert supervision["next_step"].to_list() == ["step up", "continue"]
    assert len(records["family_links"]) == 3
    assert records.coverage["specialist_work"].observed_from == pd.Timestamp("2024-02-01")
    assert records.coverage["referrals"] is None


def test_the_empty_templates_and_their_guide_are_told_apart_from_records(tmp_path, filled):
    write_family_safeguarding_templates(tmp_path)
    with pytest.raises(ReturnError, match="is filled in"):
        read_family_safeguarding(tmp_path)
    folder = filled(programme_modules="module_id,family_id,start_date\n")

    records = read_family_safeguarding(folder)

    assert records.coverage["programme_modules"] is None
    assert not found(records, "R021")


def test_free_text_is_not_taken_in(filled):
    """Section 8: names and free text never reach a table."""
    text = ROWS["group_supervision.csv"].replace("step-up", "ask Ann Smith to visit")
    records = read_family_safeguarding(filled(group_supervision=text))

    assert records["group_supervision"]["next_step"].isna().to_list() == [True, False]
    (one,) = found(records, "R039")
    assert (one.file, one.rows) == ("group_supervision.csv", (2,))
    assert "Ann" not in str(records.findings)


def test_families_and_adults_of_no_list_are_reported(filled):
    work = ROWS["specialist_work.csv"].replace("W2,F2,P2", "W2,F9,P9")
    records = read_family_safeguarding(filled(specialist_work=work))

    assert [one.column for one in found(records, "R018")] == ["family_id", "adult_id"]
    assert len(records["specialist_work"]) == 2


@pytest.mark.parametrize("families", ["family_id,child_id\n", "family_id,child_id\n,C1\n", None])
def test_without_families_those_who_name_one_are_reported_once_with_the_cure(filled, families):
    folder = filled() if families is None else filled(families=families)
    if families is None:
        (folder / "families.csv").unlink()
    records = read_family_safeguarding(folder)
    (one,) = found(records, "R018")

    assert (one.table, one.column, one.count) == ("family_links", "family_id", 5)
    assert one.message == (
        "families.csv names no family, and rows of group_supervision.csv, "
        "programme_modules.csv, specialist_work.csv name a family_id."
    )
    assert "Fill in families.csv" in one.fix
    assert len(records["specialist_work"]) == 2


def test_bad_dates_and_other_files_are_reported(filled, tmp_path):
    (tmp_path / "notes.csv").write_text("a\n1\n", encoding="utf-8")
    modules = ROWS["programme_modules.csv"].replace("2024-02-10", "soon")
    records = read_family_safeguarding(filled(programme_modules=modules))

    assert found(records, "R010")[0].rows == (2,)
    assert found(records, "R021")[0].file == "notes.csv"
    assert len(records.set_aside["programme_modules"]) == 1


def test_a_lacking_column_is_named(filled):
    with pytest.raises(ReturnError, match=r"families\.csv lacks child_id"):
        read_family_safeguarding(filled(families="family_id,kid\nF1,C1\n"))


def test_an_excluded_only_child_takes_the_family_along(filled):
    records = read_family_safeguarding(filled(), exclude=["c3"])

    for name in ("family_links", "specialist_work", "group_supervision"):
        assert set(records[name]["family_id"]) == {"F1"}
    assert len(read_family_safeguarding(filled(), exclude=["C1"])["specialist_work"]) == 2


def test_with_one_key_it_combines_with_a_return(filled):
    key = "a secret of the authority's own"
    referrals = pd.DataFrame({"referral_id": ["R1"], "child_id": ["C1"]})
    referrals["referral_date"] = pd.to_datetime(["2024-01-15"])
    other = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")

    both = combine(
        other.pseudonymised(key),
        read_family_safeguarding(filled(), extract_date="2024-12-31", pseudonymise=key),
    )

    assert set(both["referrals"]["child_id"]) <= set(both["family_links"]["child_id"])
    assert set(both["specialist_work"]["family_id"]) <= set(both["family_links"]["family_id"])
