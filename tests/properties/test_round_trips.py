"""Records written as a return and read back are the same, as far as the return can hold them."""

import csv
import shutil
import tempfile
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import RecordsError
from fs_risk.readers.annex_a import read_annex_a
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.ssd import read_ssd
from fs_risk.readers.ssda903 import read_ssda903
from fs_risk.records import codes
from fs_risk.records.assemble import assemble
from fs_risk.records.layouts.cin import BLOCKS
from fs_risk.records.layouts.ssd import SSD_TABLES
from fs_risk.records.records import Origin, Records
from fs_risk.records.tables import TABLES

END = date(2025, 3, 31)
FIRST = date(2022, 4, 1)
LOST_BY_SSD = {
    "children": {"deprivation_decile", "deprivation_date", "retain_until"},
    "contacts": {"reason"},
    "referrals": {"decision_date"},
    "cp_plans": {"previous_plans"},
    "pre_proceedings": {"referral_id", "court_date"},
}
LOST_BY_CIN = {
    "referrals": {"team"},
    "section47": {"end_date", "end_known_date"},
    "conferences": {"transfer_in"},
    "cp_plans": {"other_authority"},
}
"""Columns that the return has no place for."""


def frame(columns, *rows):
    made = pd.DataFrame(list(rows), columns=columns.split())
    for name in made.columns[made.columns.str.endswith("_date")]:
        made[name] = pd.to_datetime(made[name])
    return made


def by_hand():
    """One of everything that the dataset can hold."""
    tables = {
        "children": frame(
            "child_id birth_date expected_birth_date sex ethnicity unaccompanied death_date",
            ["C1", "2012-05-01", None, "F", "WBRI", False, None],
            ["=C2", "2024-01-15", "2024-01-20", "M", "APKN", True, "2025-01-02"],
            ["007", None, "2025-06-01", "U", "NOBT", False, None],
        ),
        "disabilities": frame("child_id code", ["C1", "LD"], ["C1", "AUT"], ["=C2", "NONE"]),
        "family_links": frame(
            "child_id family_id", ["C1", "F1"], ["=C2", "F1"], ["007", "mother:M1"]
        ),
        "contacts": frame(
            "contact_id child_id contact_date source outcome",
            *[
                [f"K{n}", "C1", f"2024-01-{10 + n}", source, outcome]
                for n, (source, outcome) in enumerate(
                    zip(["6", "4", "10", "3E", "5D", None], codes.CONTACT_OUTCOMES, strict=True)
                )
            ],
        ),
        "early_help": frame(
            "early_help_id child_id start_date end_date", ["H1", "C1", "2023-01-10", "2023-04-01"]
        ),
        "referrals": frame(
            "referral_id child_id referral_date source primary_need no_further_action close_date "
            "close_reason team",
            ["R1", "C1", "2024-04-10", "6", "N1", False, "2025-02-28", "RC7", "East, 2"],
            ["'R2", "=C2", "2024-09-02", "2A", None, True, None, None, None],
            ["R3", "007", "2025-03-01", "5D", "N4", False, None, None, "@West"],
        ),
        "assessments": frame(
            "assessment_id child_id referral_id start_date authorised_date",
            ["A1", "C1", "R1", "2024-04-11", "2024-05-20"],
            ["A2", "007", "R3", "2025-03-03", None],
        ),
        "factors": frame("assessment_id code", ["A1", "3B"], ["A1", "4B"], ["A1", "18B"]),
        "section47": frame(
            "section47_id child_id referral_id start_date end_date conference_needed",
            ["S1", "C1", "R1", "2024-05-01", "2024-05-20", True],
        ),
        "conferences": frame(
            "conference_id child_id referral_id section47_id conference_date target_date "
            "transfer_in plan_made",
            ["I1", "C1", "R1", "S1", "2024-05-23", "2024-05-22", False, True],
        ),
        "cin_plans": frame(
            "cin_plan_id child_id referral_id start_date end_date",
            ["P1", "C1", "R1", "2024-12-13", "2025-02-28"],
        ),
        "cp_plans": frame(
            "cp_plan_id child_id referral_id conference_id start_date end_date initial_category "
            "latest_category other_authority",
            ["Q1", "C1", "R1", "I1", "2024-05-23", "2024-12-13", "NEG", "EMO", False],
        ),
        "pre_proceedings": frame(
            "pre_proceedings_id child_id start_date meeting_date end_date outcome",
            ["L1", "C1", "2024-06-03", "2024-06-20", "2024-11-01", "A"],
        ),
        "care_periods": frame(
            "care_period_id child_id referral_id start_date end_date end_reason legal_status",
            ["K1", "C1", "R1", "2024-06-10", "2024-07-10", "E4A", "V2"],
        ),
        "care_episodes": frame(
            "care_episode_id care_period_id child_id start_date end_date start_reason end_reason "
            "legal_status placement_type",
            ["E1", "K1", "C1", "2024-06-10", "2024-06-20", "S", "X1", "V2", "U6"],
            ["E2", "K1", "C1", "2024-06-20", "2024-07-10", "B", "E4A", "C1", "K2"],
        ),
        "missing_episodes": frame(
            "missing_id child_id start_date end_date", ["M1", "C1", "2024-06-15", "2024-06-16"]
        ),
        "involvements": frame(
            "involvement_id child_id referral_id start_date end_date team",
            ["V1", "C1", "R1", "2024-04-10", "2025-02-28", "+East"],
        ),
    }
    tables["assessments"]["factors_recorded"] = pd.array([True, pd.NA], dtype="boolean")
    return Records.from_frames(tables, extract_date=END, coverage=observed(tables))


def observed(tables):
    return {name: (FIRST, END) if name in tables else None for name in TABLES}


def assert_same(written, read, lost):
    for name, table in TABLES.items():
        kept = [column for column in table.names if column not in lost.get(name, ())]
        order = [column for column in (*table.key, table.date) if column]
        before, after = (
            records[name][kept].sort_values(order).reset_index(drop=True)
            for records in (written, read)
        )

        pd.testing.assert_frame_equal(before, after, obj=name)


def test_one_of_everything_survives_the_dataset(tmp_path):
    written = by_hand()
    read = read_ssd(written.to_ssd(tmp_path / "ssd"), extract_date=END)

    assert_same(written, read, LOST_BY_SSD)
    assert not read.set_aside


def test_the_datasets_files_have_its_columns_in_order(tmp_path):
    by_hand().to_ssd(tmp_path)
    for table in SSD_TABLES.values():
        with (tmp_path / f"{table.name}.csv").open(encoding="utf-8") as file:
            header = next(csv.reader(file))

        assert tuple(header) == table.columns


def test_no_cell_of_the_dataset_begins_a_formula(tmp_path):
    by_hand().to_ssd(tmp_path)
    for path in tmp_path.glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            assert not [
                cell for row in csv.reader(file) for cell in row if cell[:1] in "=+-@" and cell
            ]


def test_tables_that_were_not_observed_get_no_file(tmp_path):
    records = Records.from_frames({"children": frame("child_id", ["C1"])}, extract_date=END)
    records.to_ssd(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["ssd_person.csv"]


def test_a_period_of_care_without_episodes_gets_one(tmp_path):
    periods = frame(
        "care_period_id child_id start_date end_date end_reason legal_status",
        ["K1", "C1", "2024-06-10", "2024-07-10", "E4A", "C2"],
    )
    records = Records.from_frames({"care_periods": periods}, extract_date=END)
    read = read_ssd(records.to_ssd(tmp_path), extract_date=END)

    assert_frames(records["care_periods"], read["care_periods"])
    assert len(read["care_episodes"]) == 1


def assert_frames(before, after):
    kept = [column for column in before.columns if not column.startswith("source_")]
    pd.testing.assert_frame_equal(before[kept], after[kept])


def synthetic():
    records = by_hand()
    return assemble(
        {name: records[name] for name in records if len(records[name])},
        extract_date=END,
        origin=Origin("synthetic", ("test",), "1"),
        coverage=observed(dict.fromkeys(name for name in records if len(records[name]))),
    )


def test_synthetic_records_say_so_on_paper(tmp_path):
    records = synthetic()
    records.to_ssd(tmp_path / "ssd")
    path = records.to_cin_census(tmp_path / "cin")[-1]

    assert "SYNTHETIC" in (tmp_path / "ssd" / "SYNTHETIC.txt").read_text()
    assert "SYNTHETIC" in path.read_text()


def in_a_database(records, place):
    address = f"sqlite:///{place / 'extract.db'}"
    records.to_ssd(address)
    return read_ssd(address)


def in_returns_of_care(records, place):
    records.to_ssda903(place)
    return read_ssda903(place)


WRITTEN = {
    "SSD": lambda records, place: read_ssd(records.to_ssd(place)),
    "SSD in a database": in_a_database,
    "SSDA903": in_returns_of_care,
    "CIN census": lambda records, place: read_cin_census(records.to_cin_census(place)[-1]),
    "Annex A": lambda records, place: read_annex_a(records.to_annex_a(place / "annex_a.xlsx")),
}


@pytest.mark.parametrize("which", WRITTEN)
def test_an_invented_return_says_so_when_read_and_counts_as_real(which, tmp_path):
    read = WRITTEN[which](synthetic(), tmp_path)

    told = [found for found in read.findings if found.rule == "R053"]
    assert len(told) == 1
    assert told[0].severity == "warning"
    assert told[0].file
    assert read.origin.kind == "real"


def test_one_file_of_an_invented_return_says_so_too(tmp_path):
    synthetic().to_ssd(tmp_path)

    read = read_ssd(tmp_path / "ssd_cin_episodes.csv", extract_date=END)

    assert "R053" in {found.rule for found in read.findings}


@pytest.mark.parametrize("which", WRITTEN)
def test_no_other_return_is_taken_for_an_invented_one(which, tmp_path):
    read = WRITTEN[which](by_hand(), tmp_path)

    assert "R053" not in {found.rule for found in read.findings}


def test_each_reporting_year_observed_has_its_file(tmp_path):
    paths = by_hand().to_cin_census(tmp_path)

    assert [path.name for path in paths] == [
        f"cin_census_{year}.xml" for year in (2023, 2024, 2025)
    ]


def test_records_without_referrals_make_no_census(tmp_path):
    records = Records.from_frames({"children": frame("child_id", ["C1"])}, extract_date=END)
    with pytest.raises(RecordsError, match="Referrals were not observed"):
        records.to_cin_census(tmp_path)


def test_rows_of_no_episode_are_counted_in_a_warning(tmp_path):
    records = Records.from_frames(
        {
            "referrals": frame("referral_id child_id referral_date", ["R1", "C1", "2024-05-01"]),
            "cin_plans": frame("cin_plan_id child_id start_date", ["P1", "C9", "2024-05-01"]),
        },
        extract_date=END,
    )
    with pytest.warns(UserWarning, match="1 row of assessments, enquiries"):
        records.to_cin_census(tmp_path)


def test_a_row_without_a_referral_goes_to_the_episode_that_was_open(tmp_path):
    records = Records.from_frames(
        {
            "referrals": frame(
                "referral_id child_id referral_date close_date",
                ["R1", "C1", "2024-05-01", "2024-06-01"],
                ["R2", "C1", "2024-07-01", None],
            ),
            "cin_plans": frame("cin_plan_id child_id start_date", ["P1", "C1", "2024-08-01"]),
        },
        extract_date=END,
    )
    read = read_cin_census(records.to_cin_census(tmp_path))

    assert read["cin_plans"]["referral_id"].to_list() == ["C1/2024-07-01"]


def elements(path, name):
    return [found.text for found in ET.parse(path).iter(name)]


def layouts():
    """A referral from early help in each year from 2016-17, with all that came late."""
    rows, assessed, factors, plans, proceedings = [], [], [], [], []
    for year in range(2016, 2025):
        day = f"{year}-06-01"
        rows.append([f"R{year}", f"C{year}", day, "5D", f"{year}-09-01", "RC9"])
        assessed.append([f"A{year}", f"C{year}", f"R{year}", day, f"{year}-07-01"])
        factors += [[f"A{year}", code] for code in ("18B", "19C", "24A")]
        plans.append([f"P{year}", f"C{year}", f"R{year}", day, f"{year}-08-01"])
        proceedings.append([f"L{year}", f"C{year}", f"R{year}", day, f"{year}-08-01"])
    return Records.from_frames(
        {
            "children": frame(
                "child_id birth_date sex",
                *[[f"C{y}", "2012-05-01", "F"] for y in range(2016, 2025)],
            ),
            "referrals": frame(
                "referral_id child_id referral_date source close_date close_reason", *rows
            ),
            "assessments": frame(
                "assessment_id child_id referral_id start_date authorised_date", *assessed
            ),
            "factors": frame("assessment_id code", *factors),
            "cin_plans": frame("cin_plan_id child_id referral_id start_date end_date", *plans),
            "pre_proceedings": frame(
                "pre_proceedings_id child_id referral_id start_date end_date", *proceedings
            ),
        },
        extract_date=END,
        coverage={"referrals": ("2016-04-01", END)},
    )


def test_each_years_layout_is_its_own(tmp_path):
    for path in layouts().to_cin_census(tmp_path):
        year = int(path.stem[-4:])

        assert bool(elements(path, "Sex")) == (year >= 2025)
        assert bool(elements(path, "GenderCurrent")) == (year < 2025)
        assert bool(elements(path, "CINPlanDates")) == (year >= 2022)
        assert elements(path, "ReferralSource") == ["5D" if year >= 2023 else "5B"]
        assert elements(path, "ReasonForClosure") == ["RC9" if year >= 2023 else "RC8"]
        assert ("18B" in elements(path, "AssessmentFactors")) == (year >= 2021)
        assert ("24A" in elements(path, "AssessmentFactors")) == (year >= 2022)
        assert not elements(path, "PreProceedingsandFGDM")


def allowed_parents():
    """The parents that the element tree gives each element."""
    parents = {"Children": {"Message"}, "Header": {"Message"}}
    for block in BLOCKS.values():
        outer = BLOCKS[block.parent].element if block.parent else "Message"
        chain = [outer, *block.within, block.element]
        for parent, inner in pairwise(chain):
            parents.setdefault(inner, set()).add(parent)
        for field in block.fields:
            if block.is_value:
                continue
            holder = field.holder or block.element
            parents.setdefault(field.element, set()).add(holder)
            if field.holder:
                parents.setdefault(field.holder, set()).add(block.element)
    return parents


NEEDED = {
    "Child": {"ChildIdentifiers", "ChildCharacteristics", "CINdetails"},
    "ChildIdentifiers": {"LAchildID"},
    "ChildCharacteristics": {"Ethnicity"},
    "CINdetails": {"CINreferralDate", "ReferralSource", "ReferralNFA"},
    "Assessments": {"AssessmentActualStartDate"},
    "CINPlanDates": {"CINPlanStartDate"},
    "Section47": {"S47ActualStartDate", "ICPCnotRequired"},
    "ChildProtectionPlans": {
        "CPPstartDate",
        "InitialCategoryOfAbuse",
        "LatestCategoryOfAbuse",
        "NumberOfPreviousCPP",
    },
}


def assert_fits_the_tree(path):
    parents = allowed_parents()
    for parent in ET.parse(path).iter():
        inside = {each.tag for each in parent}
        assert NEEDED.get(parent.tag, set()) <= inside, parent.tag
        for each in parent:
            assert parent.tag in parents[each.tag], each.tag


DAYS = st.integers(0, (END - FIRST).days).map(lambda n: FIRST + timedelta(n))


@st.composite
def authorities(draw):
    """A few children with episodes as a census names them, everything in its place."""
    rows = {
        name: []
        for name in (
            "children",
            "referrals",
            "assessments",
            "factors",
            "section47",
            "conferences",
            "cin_plans",
            "cp_plans",
        )
    }
    for child in draw(
        st.lists(st.sampled_from(["C1", "0042", "Xé9", "A&B"]), unique=True, min_size=1)
    ):
        sex = draw(st.sampled_from(["M", "F", "U"]))
        rows["children"].append(
            [child, date(2012, 5, 1), sex, draw(st.sampled_from(["WBRI", "NOBT"]))]
        )
        for start in draw(st.lists(DAYS, unique=True, max_size=3)):
            episode(draw, rows, child, start)
    return rows


def later(draw, start, most=400):
    """A day on or after another, within the records; or none yet."""
    found = start + timedelta(draw(st.integers(0, most)))
    return found if found <= END else None


def episode(draw, rows, child, start):
    name = f"{child}/{start}"
    closed = later(draw, start) if draw(st.booleans()) else None
    source = draw(st.sampled_from(["6", "10", "1A"]))
    need = draw(st.sampled_from(["N1", "N4"]))
    rows["referrals"].append(
        [name, child, start, source, need, False, closed, "RC7" if closed else None]
    )
    if (day := later(draw, start, 60)) and draw(st.booleans()):
        done = later(draw, day, 60)
        key = f"{name}/A/{day}"
        found = draw(st.lists(st.sampled_from(["3B", "4B", "21"]), unique=True)) if done else []
        rows["assessments"].append([key, child, name, day, done, bool(found) if done else None])
        rows["factors"] += [[key, code] for code in found]
    if (day := later(draw, start, 60)) and draw(st.booleans()):
        protection(draw, rows, child, name, day)
    if (day := later(draw, start, 60)) and draw(st.booleans()):
        rows["cin_plans"].append([f"{name}/CIN/{day}", child, name, day, later(draw, day)])


def protection(draw, rows, child, name, day):
    held = later(draw, day, 30) if draw(st.booleans()) else None
    enquiry, conference = f"{name}/S47/{day}", f"{name}/ICPC/{held}"
    rows["section47"].append([enquiry, child, name, day, True if held else draw(st.booleans())])
    if not held:
        return
    plan = draw(st.booleans())
    rows["conferences"].append([conference, child, name, enquiry, held, held, plan])
    if plan:
        ended = later(draw, held)
        earlier = draw(st.integers(0, 3))
        rows["cp_plans"].append(
            [f"{name}/CP/{held}", child, name, conference, held, ended, "NEG", "EMO", earlier]
        )


COLUMNS = {
    "children": "child_id birth_date sex ethnicity",
    "referrals": "referral_id child_id referral_date source primary_need no_further_action "
    "close_date close_reason",
    "assessments": "assessment_id child_id referral_id start_date authorised_date factors_recorded",
    "factors": "assessment_id code",
    "section47": "section47_id child_id referral_id start_date conference_needed",
    "conferences": "conference_id child_id referral_id section47_id conference_date target_date "
    "plan_made",
    "cin_plans": "cin_plan_id child_id referral_id start_date end_date",
    "cp_plans": "cp_plan_id child_id referral_id conference_id start_date end_date "
    "initial_category latest_category previous_plans",
}


def as_records(rows):
    tables = {name: frame(COLUMNS[name], *made) for name, made in rows.items()}
    for name, column in (
        ("assessments", "factors_recorded"),
        ("section47", "conference_needed"),
        ("conferences", "plan_made"),
        ("referrals", "no_further_action"),
    ):
        tables[name][column] = tables[name][column].astype("boolean")
    return Records.from_frames(tables, extract_date=END, coverage=observed(tables))


def in_a_folder(act):
    folder = Path(tempfile.mkdtemp())
    try:
        return act(folder)
    finally:
        shutil.rmtree(folder)


@settings(max_examples=10, deadline=None)
@given(authorities())
def test_any_authority_survives_the_dataset(rows):
    written = as_records(rows)
    lost = {**LOST_BY_SSD, "assessments": {"factors_recorded"}, "children": {"unaccompanied"}}
    read = in_a_folder(lambda folder: read_ssd(written.to_ssd(folder), extract_date=END))

    assert_same(written, read, lost)


@settings(max_examples=10, deadline=None)
@given(authorities().filter(lambda rows: rows["referrals"]))
def test_any_authority_survives_the_census(rows):
    referred = {row[1] for row in rows["referrals"]}
    rows["children"] = [row for row in rows["children"] if row[0] in referred]
    written = as_records(rows)

    def there_and_back(folder):
        paths = written.to_cin_census(folder)
        for path in paths:
            assert_fits_the_tree(path)
        return read_cin_census(
            [path for path in paths if "<CINdetails>" in path.read_text()], extract_date=END
        )

    read = in_a_folder(there_and_back)

    assert_same(written, read, LOST_BY_CIN)
    assert not [each for each in read.findings if each.severity == "error" and each.rule[0] == "R"]
