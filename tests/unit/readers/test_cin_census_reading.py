"""The census reader: tables, years merged, windows, wrong input."""

import re

import pandas as pd
import pytest

from fs_risk.errors import ReturnError
from fs_risk.readers.cin_census import read_cin_census

CLOSED = "<CINclosureDate>2025-02-28</CINclosureDate>\n<ReasonForClosure>RC7</ReasonForClosure>\n"


def rules(records):
    return {found.rule for found in records.findings}


def an_earlier_year(text):
    """The clean file as the year before would have shown an episode that began in it."""
    return (
        text.replace("<ReferenceDate>2025-03-31", "<ReferenceDate>2024-03-31")
        .replace("<CINreferralDate>2024-04-10", "<CINreferralDate>2024-03-10")
        .replace("<CINreferralDate>2024-09-02", "<CINreferralDate>2024-03-02")
        .replace(CLOSED, "")
    )


def test_rows_carry_their_lines_and_file(clean, census_file):
    records = read_cin_census(census_file(clean))
    lines = clean.splitlines()
    for table, element in {
        "children": "<Child>",
        "referrals": "<CINdetails>",
        "assessments": "<Assessments>",
        "section47": "<Section47>",
        "cp_plans": "<ChildProtectionPlans>",
    }.items():
        frame = records[table]

        assert [lines[row - 1] for row in frame["source_row"]] == [element] * len(frame)
        assert set(frame["source_file"]) == {"census.xml"}


def test_every_table_is_filled(clean, census_file):
    records = read_cin_census(census_file(clean))

    assert records["referrals"]["referral_id"].to_list() == ["C1/2024-04-10", "C2/2024-09-02"]
    assert records["referrals"]["no_further_action"].to_list() == [False, True]
    assert records["assessments"]["factors_recorded"].to_list() == [True]
    assert records["factors"]["code"].to_list() == ["3B", "4B"]
    assert records["section47"]["conference_needed"].to_list() == [True]
    assert records["conferences"]["plan_made"].to_list() == [True]
    assert (
        records["cp_plans"]["conference_id"].to_list()
        == records["conferences"]["conference_id"].to_list()
    )
    assert records["pre_proceedings"]["court_date"].to_list() == [pd.Timestamp("2024-11-08")]
    assert records["children"]["sex"].to_list() == ["F", "M"]


def test_reference_date_is_the_extract_date_and_the_year_is_observed(clean, census_file):
    records = read_cin_census(census_file(clean))

    assert records.extract_date == pd.Timestamp("2025-03-31")
    assert records.coverage["referrals"].observed_from == pd.Timestamp("2024-04-01")
    for name in ("contacts", "early_help", "care_periods", "family_links", "missing_episodes"):
        assert records.coverage[name] is None


def test_a_module_that_never_appears_is_not_observed(clean, census_file):
    without = re.sub(r"(?s)<Section47>.*?</Section47>\n", "", clean)

    records = read_cin_census(census_file(without))

    assert records.coverage["section47"] is None
    assert records.coverage["assessments"] is not None


def test_gender_of_old_layouts_is_read_as_sex(clean, census_file):
    old = clean.replace("<Sex>F</Sex>", "<GenderCurrent>2</GenderCurrent>").replace(
        "<Sex>M</Sex>", "<GenderCurrent>9</GenderCurrent>"
    )

    assert read_cin_census(census_file(old))["children"]["sex"].to_list() == ["F", "U"]


def test_order_of_elements_and_a_namespace_do_not_matter(clean, census_file):
    plain = read_cin_census(census_file(clean))
    turned = clean.replace("<ReferralSource>6</ReferralSource>\n", "").replace(
        "<ReferralNFA>0</ReferralNFA>\n",
        "<ReferralNFA>0</ReferralNFA>\n<ReferralSource>6</ReferralSource>\n",
    )
    spaced = re.sub(r"<(/?)(\w+)>", r"<\1c:\2>", turned).replace(
        "<c:Message>", '<c:Message xmlns:c="urn:census">'
    )

    assert read_cin_census(census_file(spaced)).fingerprint == plain.fingerprint


def test_reviews_may_stand_in_blocks_of_their_own(clean, census_file):
    twice = clean.replace(
        "</Reviews>", "</Reviews>\n<Reviews>\n<CPPreviewDate>2024-11-20</CPPreviewDate>\n</Reviews>"
    )

    assert rules(read_cin_census(census_file(twice))) == rules(read_cin_census(census_file(clean)))


def test_two_referrals_of_a_day_are_both_kept(clean, census_file):
    again = clean.replace(
        "</CINdetails>\n</Child>\n</Children>",
        "</CINdetails>\n<CINdetails>\n<CINreferralDate>2024-09-02</CINreferralDate>\n"
        "<ReferralSource>6</ReferralSource>\n<ReferralNFA>1</ReferralNFA>\n</CINdetails>\n"
        "</Child>\n</Children>",
    )

    ids = read_cin_census(census_file(again))["referrals"]["referral_id"].to_list()

    assert ids == ["C1/2024-04-10", "C2/2024-09-02", "C2/2024-09-02#2"]


def test_years_are_merged_and_the_latest_is_believed(clean, census_file):
    later = clean.replace("<CINreferralDate>2024-04-10", "<CINreferralDate>2024-03-10")
    first = census_file(an_earlier_year(clean), "a.xml")
    second = census_file(later, "b.xml")

    for order in ([first, second], [second, first]):
        records = read_cin_census(order)
        referrals = records["referrals"].set_index("referral_id")

        assert len(records["children"]) == 2
        assert len(referrals) == 3
        assert referrals.loc["C1/2024-03-10", "close_date"] == pd.Timestamp("2025-02-28")
        assert referrals.loc["C1/2024-03-10", "source_file"] == "b.xml"
        assert records.coverage["referrals"].observed_from == pd.Timestamp("2023-04-01")
        assert "R014" in rules(records)


def test_a_closure_that_the_latest_file_has_not_is_undone_and_reported(clean, census_file):
    earlier = an_earlier_year(clean).replace(
        "<PrimaryNeedCode>N1</PrimaryNeedCode>\n",
        "<PrimaryNeedCode>N1</PrimaryNeedCode>\n<CINclosureDate>2024-03-20</CINclosureDate>\n"
        "<ReasonForClosure>RC7</ReasonForClosure>\n",
        1,
    )
    later = clean.replace("<CINreferralDate>2024-04-10", "<CINreferralDate>2024-03-10").replace(
        CLOSED, ""
    )
    records = read_cin_census([census_file(earlier, "a.xml"), census_file(later, "b.xml")])
    found = records["referrals"].set_index("referral_id")

    assert pd.isna(found.loc["C1/2024-03-10", "close_date"])
    assert "R015" in rules(records)


def test_child_ids_join_years_whatever_their_case(clean, census_file):
    later = clean.replace("<LAchildID>C1<", "<LAchildID> c1 <")
    records = read_cin_census(
        [census_file(an_earlier_year(clean), "a.xml"), census_file(later, "b.xml")]
    )

    assert sorted(records["children"]["child_id"]) == ["C1", "C2"]


def test_only_the_last_unbroken_run_of_years_is_observed(clean, census_file):
    old = an_earlier_year(clean).replace("2024-03-31", "2022-03-31")
    records = read_cin_census([census_file(old, "a.xml"), census_file(clean, "b.xml")])

    assert records.coverage["referrals"].observed_from == pd.Timestamp("2024-04-01")
    assert "R017" in rules(records)


def test_a_date_in_2099_is_a_finding_and_its_row_is_kept_aside(clean, census_file):
    records = read_cin_census(census_file(clean.replace("2024-09-02", "2099-09-02")))

    assert len(records["referrals"]) == 1
    assert len(records.set_aside["referrals"]) == 1
    assert {"CIN 8600", "R005"} <= rules(records)


def test_a_reference_date_in_2099_is_not_believed(clean, census_file):
    records = read_cin_census(census_file(clean.replace("2025-03-31", "2099-03-31")))

    assert records.extract_date == pd.Timestamp("2025-02-28")
    assert records.coverage["referrals"] is None
    assert "R016" in rules(records)


def test_unknown_codes_and_unreadable_dates_are_findings(clean, census_file):
    spoilt = clean.replace("<AssessmentFactors>3B<", "<AssessmentFactors>RB<").replace(
        "<CPPendDate>2024-12-13<", "<CPPendDate>soon<"
    )
    records = read_cin_census(census_file(spoilt))

    assert {"R003", "R010"} <= rules(records)
    assert records["factors"]["code"].to_list() == ["4B"]
    assert len(records.set_aside["factors"]) == 1
    assert records["cp_plans"]["end_date"].isna().all()


def test_elements_out_of_place_are_reported_with_a_hint(clean, census_file):
    spoilt = clean.replace("CINclosureDate", "CINClosureDate")
    records = read_cin_census(census_file(spoilt))
    found = [each for each in records.findings if each.rule == "R012"]

    assert found[0].count == 1
    assert "Did you mean 'CINclosureDate'" in found[0].message


def test_repeated_elements_are_reported_and_the_first_is_used(clean, census_file):
    spoilt = clean.replace(
        "<ReferralSource>6<", "<ReferralSource>6</ReferralSource><ReferralSource>9<"
    )
    records = read_cin_census(census_file(spoilt))

    assert "R011" in rules(records)
    assert records["referrals"]["source"].to_list()[0] == "6"


def test_escaped_text_is_read_as_it_was_meant(clean, census_file):
    records = read_cin_census(census_file(clean.replace(">C1<", ">C&amp;&#49;<")))

    assert "C&1" in records["children"]["child_id"].to_list()


BOMB = (
    '<!DOCTYPE Message [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda text: text[: len(text) // 2], "cut off|before its last element"),
        (lambda text: text.replace("</Child>", "", 1), "does not match|cut off"),
        (lambda text: BOMB + text.replace(">C1<", ">&c;<"), "declares a document type"),
        (lambda text: text.replace(">C1<", ">&c;<"), "entity that XML itself does not define"),
        (lambda text: text.replace("Message", "CINdetailsCollection"), "outermost element is not"),
        (lambda text: "<Message><Children></Children></Message>", "holds no Child"),
        (lambda text: text + text, "more than one outermost element"),
        (lambda text: "id,date\n1,2024-01-01\n", "not XML text"),
        (lambda text: "PK\x03\x04\x14\x00", "not XML text"),
        (lambda text: "", "before its first element"),
    ],
)
def test_wrong_input_is_one_clear_error_with_its_cure(spoil, fault, clean, census_file):
    with pytest.raises(ReturnError, match=fault) as caught:
        read_cin_census(census_file(spoil(clean)))

    assert caught.value.fix
    assert "census.xml" in caught.value.where
    assert "C1" not in str(caught.value)


def test_several_faulty_files_are_named_at_once(clean, census_file):
    paths = [
        census_file(clean[:500], "a.xml"),
        census_file(clean, "b.xml"),
        census_file("no", "c.xml"),
    ]
    with pytest.raises(ReturnError, match="2 of 3 files") as caught:
        read_cin_census(paths)

    assert "a.xml" in caught.value.where
    assert "c.xml" in caught.value.where


def test_files_of_two_authorities_are_refused(clean, census_file):
    other = clean.replace("<LEA>201<", "<LEA>202<")
    with pytest.raises(ReturnError, match="2 authorities"):
        read_cin_census([census_file(clean, "a.xml"), census_file(other, "b.xml")])


def test_missing_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(ReturnError, match="no such file or folder"):
        read_cin_census(tmp_path / "nowhere")
    with pytest.raises(ReturnError, match=r"holds no \.xml file"):
        read_cin_census(tmp_path)
    with pytest.raises(ReturnError, match="No path was given"):
        read_cin_census([])


def test_a_folder_is_read_whole(clean, census_file, tmp_path):
    census_file(an_earlier_year(clean), "a.XML")
    census_file(clean, "b.xml")

    assert len(read_cin_census(tmp_path)["referrals"]) == 4


def test_no_finding_holds_an_identifier_or_a_date_of_birth(clean, census_file):
    records = read_cin_census(census_file(clean.replace("2012-05-01", "2032-05-01")))
    told = " ".join(f"{each.message} {each.fix}" for each in records.findings)

    assert "C1" not in told
    assert "2032" not in told
