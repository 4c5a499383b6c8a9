"""What a new user gets wrong in the first hour, and what is said of it: what, where, the cure.

Each message names no child and no value; each line of the command line's has its exit code.
"""

import re
import shutil
import zipfile

import pandas as pd
import pytest
from typer.testing import CliRunner

import fs_risk as fs
from fs_risk.cli import app
from fs_risk.errors import (
    ArtefactError,
    FeatureError,
    PlanError,
    ReferralError,
    ReturnError,
    SettingError,
)
from fs_risk.readers.recognise import read_return

EPISODES = "ssd_cin_episodes.csv"
CHILD = "C0000001"
REFERRAL = {"referral_id": "R-1", "child_id": CHILD, "referral_date": "2025-03-31", "source": "6"}


@pytest.fixture(scope="module")
def written(tmp_path_factory, small_authority):
    """An extract of two tables, as an analyst would have it."""
    place = tmp_path_factory.mktemp("extract")
    whole = place / "whole"
    small_authority.to_ssd(whole)
    kept = place / "ssd"
    kept.mkdir()
    for name in (EPISODES, "ssd_person.csv", "ssd_cp_plans.csv"):
        shutil.copy(whole / name, kept / name)
    return kept


@pytest.fixture
def extract(written, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(written, tmp_path / "extract")


def respell(extract, change):
    """Write the table of episodes anew, changed."""
    path = extract / EPISODES
    frame = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
    change(frame).to_csv(path, index=False)
    return extract


def found(source, rule, **settings):
    """Give the findings of one code."""
    records = fs.read_ssd(source, **settings)
    assert CHILD not in "".join(each.message + each.fix for each in records.findings)
    return [each for each in records.findings if each.rule == rule]


def told(*arguments):
    """Run the command line; give its exit code and all that it says."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    return result.exit_code, result.output


# paths


def test_an_archive_is_to_be_unpacked(tmp_path):
    path = tmp_path / "extract.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(EPISODES, "cine_referral_id\n")

    for given in (path, tmp_path):
        with pytest.raises(ReturnError, match=r"compressed archive") as raised:
            read_return(given)
        assert "Unpack it" in raised.value.fix


def test_an_empty_folder_is_called_empty(tmp_path):
    with pytest.raises(ReturnError, match="The folder is empty"):
        read_return(tmp_path)


@pytest.mark.parametrize("given", [5, None, {"ssd_person": "x"}, [1], pd.DataFrame({"a": [1]})])
def test_what_is_no_path_is_refused_by_its_type(given):
    for read in (fs.read_ssd, read_return):
        with pytest.raises(ReturnError, match="A path is wanted"):
            read(given)


def test_tables_of_the_dataset_in_workbooks_are_to_be_saved_as_csv(tmp_path):
    for name in ("ssd_person", "ssd_cin_episodes"):
        (tmp_path / f"{name}.xlsx").write_bytes(b"PK\x03\x04")

    with pytest.raises(ReturnError) as raised:
        read_return(tmp_path)
    assert "as CSV UTF-8" in raised.value.fix


def test_a_workbook_beside_the_tables_is_named_as_not_read(extract):
    (extract / "ssd_cp_plans.xlsx").write_bytes(b"PK\x03\x04")

    assert [each.file for each in found(extract, "R021")] == ["ssd_cp_plans.xlsx"]


def test_a_workbook_beside_another_return_is_named_as_not_read(tmp_path):
    (tmp_path / "episodes.csv").write_text(
        "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,"
        "PL_POST,URN\nC1,01/05/2020,S,V2,N1,U6,PR1,03/06/2020,E4A,,,,\n",
        encoding="utf-8",
    )
    (tmp_path / "Annex A.xlsx").write_bytes(b"PK\x03\x04")
    files = [each.file for each in read_return(tmp_path).findings if each.rule == "R021"]
    hidden = read_return(tmp_path, pseudonymise="a key of sixteen letters")

    assert files == ["Annex A.xlsx"]
    assert [each.file for each in hidden.findings if each.rule == "R021"] == [""]


# tables and columns


@pytest.mark.parametrize("text", ["", "\n\n", "Run on 1 April\n\ncine_referral_id\n"])
def test_a_file_named_as_a_table_that_cannot_be_one_is_an_error(extract, text):
    (extract / EPISODES).write_text(text, encoding="utf-8")

    (finding,) = found(extract, "R021")
    assert finding.severity == "error"
    assert "named as ssd_cin_episodes" in finding.message
    assert "cine_referral_id" in finding.fix


def test_a_misspelt_column_that_is_not_needed_is_a_warning(extract):
    respell(extract, lambda rows: rows.rename(
        columns={"cine_cin_primary_need_code": "cine_cin_primary_ned_code"}))  # fmt: skip

    (finding,) = found(extract, "R001")
    assert (finding.severity, finding.column) == ("warning", "cine_cin_primary_need_code")
    assert "cine_cin_primary_ned_code is not a column" in finding.message


def test_an_authoritys_own_column_is_no_finding(extract):
    respell(extract, lambda rows: rows.assign(cine_our_own_team_colour="blue"))

    assert found(extract, "R001") == []


def test_dates_with_the_month_first_are_named_as_such(extract):
    dates = pd.Series(["01/31/2024", "02/03/2024"])
    respell(extract, lambda rows: rows.assign(
        cine_referral_date=[dates[place % 2] for place in range(len(rows))]))  # fmt: skip

    (finding,) = found(extract, "R010")
    assert f"{finding.count:,} cells would be dates, month first" in finding.message
    assert "yyyy-mm-dd" in finding.fix


def test_an_identifier_that_a_spreadsheet_spoilt_has_its_own_cure(extract):
    respell(extract, lambda rows: rows.assign(cine_person_id="1.23E+09"))
    (spoilt,) = (each for each in found(extract, "R018") if each.column == "child_id")

    assert "export the identifier as text" in spoilt.fix


# the day of the extract


@pytest.mark.parametrize("day", ["soon", "01/02/2025", 45_000, "2025-02-31"])
def test_an_extract_date_that_is_no_day_is_refused(written, day):
    with pytest.raises(SettingError, match="extract_date is not a day"):
        fs.read_ssd(written, extract_date=day)


def test_an_extract_date_long_after_the_last_event_is_a_warning(written):
    (finding,) = found(written, "R035", extract_date="2099-01-01")
    assert finding.severity == "warning"
    assert found(written, "R035", extract_date="2025-04-30") == []


# arguments that changed places


def test_arguments_of_another_kind_are_named(small_authority, small_model):
    plan = small_model.plan
    for call, said in (
        (lambda: fs.train_step_up(plan, small_authority), "records is of type Plan"),
        (lambda: fs.train_step_up(small_authority, {"outcome": "cp_plan"}), "plan is of type dict"),
        (lambda: fs.evaluate_step_up(small_authority, small_model), "model is of type Records"),
        (lambda: fs.score_referral(REFERRAL, records=small_model, model=small_authority),
         "records is of type StepUpModel"),
        (lambda: fs.score_referral(REFERRAL, records=small_authority, model="model/"),
         "model is of type str"),
    ):  # fmt: skip
        with pytest.raises(SettingError, match=said):
            call()


def test_a_name_that_is_not_public_brings_the_nearest():
    with pytest.raises(AttributeError, match=r"Did you mean 'read_ssd'"):
        fs.readssd  # noqa: B018 - reading the name is the test


# plans


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "outcome is not given"),
        ({"outcome": "cp_plan", "whitin_days": 365}, "whitin_days is not a setting. Did you mean"),
        ({"outcome": "cp_plan", "within_days": "a year"}, "within_days should be a whole number"),
        ({"outcome": "cp_plan", "within_days": 3650}, "within_days should be less than"),
    ],
)
def test_a_plans_mistake_is_told_in_plain_words(settings, said):
    with pytest.raises(PlanError, match=re.escape(said)) as raised:
        fs.Plan(**settings)
    assert len(raised.value.where) < 40


def test_records_without_a_case_say_how_many_months_are_needed(small_authority):
    none = small_authority.replace(referrals=small_authority["referrals"].iloc[:0])

    with pytest.raises(PlanError, match=r"no case with a known outcome; months of them: \d"):
        fs.train_step_up(none, fs.Plan(outcome="cp_plan"), progress=False)


def test_one_class_says_how_many_cases_have_the_outcome(small_authority):
    plans = small_authority["cp_plans"].iloc[:0]
    one_class = small_authority.replace(cp_plans=plans)

    with pytest.raises(PlanError, match="Too few cases have the outcome") as raised:
        fs.train_step_up(one_class, fs.Plan(outcome="cp_plan"), progress=False)
    assert "cases, 0 of them with the outcome" in raised.value.where
    assert "fs-risk check" in raised.value.fix


# models and referrals


def test_a_folder_that_holds_the_models_folder_points_into_it(tmp_path, small_model):
    small_model.save(tmp_path / "out" / "model")

    with pytest.raises(ArtefactError) as raised:
        fs.load_model(tmp_path / "out")
    assert raised.value.fix == "Give the folder model inside it."
    with pytest.raises(ArtefactError) as raised:
        fs.load_model(tmp_path / "nowhere")
    assert "no such folder" in raised.value.fix


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        ({"referral_date": "31/03/2025"}, "Write dates as yyyy-mm-dd."),
        ({"source": 6}, "in quotation marks"),
        ({"source": "police"}, "6 for Police"),
    ],
)
def test_a_referrals_fault_has_its_own_cure(small_authority, small_model, change, cure):
    with pytest.raises(ReferralError, match="Referral 1 cannot be read") as raised:
        fs.score_referral({**REFERRAL, **change}, records=small_authority, model=small_model)
    assert cure in raised.value.fix
    assert CHILD not in str(raised.value)


def test_capacities_that_are_text_are_refused(small_authority, small_model):
    with pytest.raises(SettingError, match="1 of 1 capacity is neither"):
        fs.evaluate_step_up(small_model, small_authority, capacities=("9",))


def test_all_features_may_be_given_and_columns_of_ones_own_are_to_be_left_out(
    small_authority, small_model
):
    cases = fs.referral_cohort(small_authority).tail(5)
    features = fs.build_features(small_authority, cases)
    taken = features[list(small_model.feature_names)]

    assert (small_model.predict_proba(features) == small_model.predict_proba(taken)).all()
    with pytest.raises(FeatureError) as raised:
        small_model.predict_proba(features.assign(my_own=1.0))
    assert "X[list(model.feature_names)]" in raised.value.fix


# the command line


def test_check_says_where_without_empty_brackets(written):
    code, output = told("check", written)

    assert code == 0
    assert "note R004 The extract date was not given" in output
    assert re.search(r"children +[\d,]+  as known on 2025-03-31", output)
    assert re.search(r"\d+ findings \(0 errors, \d+ warnings, \d+ notes\)", output)


def test_a_list_of_days_that_nothing_observes_is_refused(written, small_model, tmp_path):
    model = small_model.save(tmp_path / "model")
    code, output = told("prioritise", written, "--model", model, "--last-day", "2031-03-31")

    assert code == 18
    assert "observes no referrals from 2031-03-25 to 2031-03-31" in output
