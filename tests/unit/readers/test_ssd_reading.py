"""The SSD reader: dialects of the case management systems, windows, wrong input."""

import pandas as pd
import pytest

from fs_risk.errors import ReturnError
from fs_risk.readers.ssd import read_ssd

PERSON = "pers_person_id,pers_sex,pers_ethnicity,pers_dob,pers_expected_dob\n"
PEOPLE = PERSON + "C1,F,WBRI,2012-05-01,\nC2,M,APKN,2024-01-15,\n"
REFERRAL = "cine_referral_id,cine_person_id,cine_referral_date,"
REFERRALS = (
    REFERRAL + "cine_referral_source_code,cine_referral_nfa\n"
    "R1,C1,2024-04-10,6,N\nR2,C2,2024-09-02,2A,Y\n"
)
ASSESSMENTS = (
    "cina_assessment_id,cina_person_id,cina_referral_id,cina_assessment_start_date,"
    "cina_assessment_auth_date\nA1,C1,R1,2024-04-11,2024-05-20\nA2,C2,R2,2024-09-03,2024-10-01\n"
    "A3,C2,R2,2024-11-03,\n"
)


@pytest.fixture
def extract(tmp_path):
    """Write tables as CSV files and give their folder."""

    def write(**tables):
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def rules(records):
    return {found.rule for found in records.findings}


def column(records, table, name):
    return records[table][name].astype("object").where(records[table][name].notna(), None).to_list()


def test_tables_are_known_by_their_columns_not_by_their_file_names(extract):
    records = read_ssd(extract(monday=PEOPLE, tuesday=REFERRALS.upper()))

    assert len(records["children"]) == 2
    assert column(records, "referrals", "no_further_action") == [False, True]
    assert records["referrals"]["source_row"].to_list() == [2, 3]
    assert set(records["referrals"]["source_file"]) == {"tuesday.csv"}


def test_parquet_is_read_like_csv(extract, tmp_path):
    folder = extract(p=PEOPLE, r=REFERRALS)
    as_csv = read_ssd(folder)
    for path in list(folder.glob("*.csv")):
        frame = pd.read_csv(path)
        for name in frame.columns[frame.columns.str.endswith(("_date", "_dob"))]:
            frame[name] = pd.to_datetime(frame[name])
        frame.to_parquet(path.with_suffix(".parquet"))
        path.unlink()

    assert read_ssd(folder).fingerprint == as_csv.fingerprint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_of_spreadsheets_are_read(tmp_path, encoding, delimiter):
    text = REFERRALS.replace("\n", ",note\n", 1).replace("6,N", "6,N,é").replace("2A,Y", "2A,Y,–")
    (tmp_path / "r.csv").write_text(text.replace(",", delimiter), encoding=encoding)

    assert column(read_ssd(tmp_path), "referrals", "source") == ["6", "2A"]


def test_names_addresses_and_workers_are_not_loaded(extract):
    folder = extract(
        p="pers_person_id,pers_forename,pers_surname,pers_upn,pers_upn_unknown,pers_dob\n"
        "C1,Zebedee,Quux,H801200001001,H801200001001,2012-05-01\n",
        r=REFERRAL + "cine_referral_worker_id,cine_referral_team\nR1,C1,2024-04-10,W. Orker,East\n",
        a="addr_person_id,addr_address_postcode\nC1,ZZ1 1ZZ\n",
    )
    records = read_ssd(folder)
    held = " ".join(records[name].to_csv() for name in records)

    for secret in ("Zebedee", "Quux", "H801200001001", "Orker", "ZZ1"):
        assert secret not in held
    assert column(records, "referrals", "team") == ["East"]


def test_comments_in_outcomes_are_not_kept(extract):
    outcome = '"{""NFA_FLAG"":""Y"",""COMMENTS"":""Mrs Quux said """"no"""" a\nb"}"'
    records = read_ssd(
        extract(r=REFERRAL + f"cine_referral_outcome_json\nR1,C1,2024-04-10,{outcome}\n")
    )

    assert column(records, "referrals", "no_further_action") == [True]
    assert not any("Quux" in records[name].to_csv() for name in records)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("F", "F"),
        ("female", "F"),
        ("Male", "M"),
        ("I", "U"),
        ("unknown", "U"),
        ("02", "F"),
        ("1", "M"),
        ("", None),
    ],
)
def test_sex_is_read_in_every_dialect(extract, written, code):
    records = read_ssd(extract(p=PERSON + f"C1,{written},WBRI,2012-05-01,\n", r=REFERRALS))

    assert column(records, "children", "sex") == [code]


def test_gender_fills_a_missing_sex(extract):
    folder = extract(p="pers_person_id,pers_sex,pers_gender\nC1,,01\nC2,F,01\n", r=REFERRALS)

    assert column(read_ssd(folder), "children", "sex") == ["M", "F"]


@pytest.mark.parametrize(
    ("written", "code"),
    [("MWBa", "MWBA"), ("CNHE", "CHNE"), ("ORAB", "OOTH"), ("??", None), ("White British", "WBRI")],
)
def test_ethnicity_is_read_in_every_dialect(extract, written, code):
    records = read_ssd(extract(p=PERSON + f"C1,F,{written},2012-05-01,\n", r=REFERRALS))

    assert column(records, "children", "ethnicity") == [code]


def test_an_unborn_childs_due_date_in_both_columns_is_only_expected(extract):
    """Eclipse writes the due date as the date of birth too."""
    records = read_ssd(extract(p=PERSON + "C1,U,NOBT,2025-06-01,2025-06-01\n", r=REFERRALS))

    assert column(records, "children", "birth_date") == [None]
    assert records["children"]["expected_birth_date"].notna().all()
    assert records.extract_date == pd.Timestamp("2024-09-02")


SOURCES = {
    "4.0": "4",
    "10.0": "10",
    "3e": "3E",
    "HSERVHVSTR": "3B",
    "POLICE": "6",
    "LASERVEXT": "5C",
}


@pytest.mark.parametrize("written", SOURCES)
def test_source_codes_are_read_in_every_dialect(extract, written):
    records = read_ssd(
        extract(r=REFERRAL + f"cine_referral_source_code\nR1,C1,2024-04-10,{written}\n")
    )

    assert column(records, "referrals", "source") == [SOURCES[written]]


def test_a_systems_own_source_numbers_give_way_to_its_words(extract):
    """SystemC: lookup numbers, some of which look like codes."""
    rows = [
        ("41234", "Police", "6"),
        ("6", "Schools", "2A"),
        ("41236", "Health services - GP", "3A"),
        ("41237", "Individual - family member/relative/carer", "1A"),
        ("41238", "LA services - early help", "5D"),
        ("41239", "LA services - social care", "5A"),
        ("41240", "Housing (LA housing or housing association)", "4"),
        ("41241", "Anonymous", "9"),
    ]
    text = REFERRAL + "cine_referral_source_code,cine_referral_source_desc\n"
    text += "".join(
        f"R{n},C1,2024-04-1{n},{code},{words}\n" for n, (code, words, _) in enumerate(rows)
    )

    assert column(read_ssd(extract(r=text)), "referrals", "source") == [code for *_, code in rows]


def test_aliases_of_one_mosaic_variant_are_read(extract):
    records = read_ssd(
        extract(
            r=REFERRAL + "cine_referral_source,cin_referral_nfa\nR1,C1,2024-04-10,6,Y\n",
            p="cin_plan_id,cinp_referral_id,cinp_person_id,cinp_cin_plan_start_date\n"
            "P1,R1,C1,2024-05-01\n",
        )
    )

    assert column(records, "referrals", "no_further_action") == [True]
    assert column(records, "cin_plans", "cin_plan_id") == ["P1"]


def test_outcomes_that_are_words_tell_of_no_further_action(extract):
    text = REFERRAL + "cine_referral_outcome_json\n"
    text += 'R1,C1,2024-04-10,"Single Assessment, Strategy"\nR2,C1,2024-05-10,No Further Action\n'

    assert column(read_ssd(extract(r=text)), "referrals", "no_further_action") == [False, True]


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        ('"{""NEW_REFERRAL_FLAG"":""Y"",""NFA_FLAG"":""N""}"', "referral"),
        ('"{""NEW_REFERRAL_FLAG"":""N"",""EXISTING_REFERRAL_FLAG"":""Y""}"', "existing"),
        ('"{""ADVICE_FLAG"": ""Y""}"', "information"),
        ('"{""NFA_FLAG"":""Y"",""COMMENTS"":""cut off at', "no_further_action"),
        ('"{""MISSING_FLAG"":""Y""}"', "other"),
        ('"{""NFA_FLAG"":""""}"', None),
        ("EH Referral", "early_help"),
        ("CIN Referral", "referral"),
        ("Information and Advice", "information"),
        ("No Further Action", "no_further_action"),
    ],
)
def test_contact_outcomes_are_read_from_flags_and_words(extract, written, outcome):
    if written.endswith("cut off at"):
        written += '"'
    records = read_ssd(
        extract(
            c="cont_contact_id,cont_person_id,cont_contact_date,cont_contact_outcome_json\n"
            f"K1,C1,2024-04-09,{written}\n"
        )
    )

    assert column(records, "contacts", "outcome") == [outcome]


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ('"[""1B"",""3B""]"', ["1B", "3B"]),
        ('"[""1B"", null, ""03A"", null]"', ["1B", "3A"]),
        ('"{""1B"":""Yes"",""2B"":""No"",""4B"":""Yes""}"', ["1B", "4B"]),
        ("\"['4B', '16A']\"", ["4B", "16A"]),
        ('"4b, 16a"', ["4B", "16A"]),
        ('"[""18A""]"', ["18A"]),
        ('"[]"', []),
    ],
)
def test_factors_are_read_in_every_form(extract, written, codes):
    text = f"cinf_table_id,cinf_assessment_id,cinf_assessment_factors_json\n,A1,{written}\n"
    records = read_ssd(extract(a=ASSESSMENTS, f=text))

    assert sorted(records["factors"]["code"]) == sorted(codes)


def test_a_lone_21_of_eclipse_is_missing(extract):
    """F1: missing is not the same as none found."""
    header = "cinf_table_id,cinf_assessment_id,cinf_assessment_factors_json\n"
    lone = ',A1,"[null, ""21"", null]"\n'
    records = read_ssd(extract(a=ASSESSMENTS, f=header + lone + ',A2,"[""4B"", null]"\n'))

    assert column(records, "factors", "code") == ["4B"]
    assert column(records, "assessments", "factors_recorded") == [False, True, None]
    assert "R024" in rules(records)


def test_a_lone_21_of_another_system_was_found(extract):
    header = "cinf_table_id,cinf_assessment_id,cinf_assessment_factors_json\n"
    records = read_ssd(extract(a=ASSESSMENTS, f=header + ',A1,"[""21""]"\n'))

    assert column(records, "factors", "code") == ["21"]
    assert column(records, "assessments", "factors_recorded") == [True, False, None]


def test_unknown_factors_are_findings(extract):
    header = "cinf_table_id,cinf_assessment_id,cinf_assessment_factors_json\n"
    records = read_ssd(extract(a=ASSESSMENTS, f=header + ',A1,"[""RB"",""4B""]"\n'))

    assert column(records, "factors", "code") == ["4B"]
    assert len(records.set_aside["factors"]) == 1
    assert "R003" in rules(records)


PLAN = "cppl_cp_plan_id,cppl_person_id,cppl_cp_plan_start_date,cppl_cp_plan_initial_category\n"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Neglect", "NEG"),
        ("PHYSICAL ABUSE", "PHY"),
        ("Sexual Abuse", "SAB"),
        ("emotional", "EMO"),
        ("neg", "NEG"),
        ("Multiple", "MUL"),
        ('"Neglect, Emotional Abuse"', "MUL"),
    ],
)
def test_categories_are_read_from_words(extract, written, code):
    records = read_ssd(extract(p=PLAN + f"P1,C1,2024-04-10,{written}\n"))

    assert column(records, "cp_plans", "initial_category") == [code]


def test_placeholders_are_nothing(extract):
    text = (
        "s47e_s47_enquiry_id,s47e_referral_id,s47e_person_id,s47e_s47_start_date,s47e_s47_end_date\n"
        "S1,-1,C1,2024-05-01 00:00:00.000,1900-01-01\nS2,NULL,C2,01/06/2024 00:00,SSD_PH\n"
    )
    records = read_ssd(extract(s=text))

    assert column(records, "section47", "referral_id") == [None, None]
    assert column(records, "section47", "end_date") == [None, None]
    assert "R010" not in rules(records)


def test_a_conference_is_needed_by_flag_by_nfa_or_by_the_conference_itself(extract):
    enquiries = (
        "s47e_s47_enquiry_id,s47e_person_id,s47e_s47_start_date,s47e_s47_nfa,s47e_s47_outcome_json\n"
        'S1,C1,2024-05-01,,"{""CP_CONFERENCE_FLAG"":""Y""}"\n'
        'S2,C1,2024-06-01,,"{""CP_CONFERENCE_FLAG"":""N""}"\n'
        "S3,C1,2024-07-01,Y,\nS4,C1,2024-08-01,N,\nS5,C1,2024-09-01,,Initial CP Conference\n"
        "S6,C1,2024-10-01,,\n"
    )
    conferences = (
        "icpc_icpc_id,icpc_s47_enquiry_id,icpc_person_id,icpc_icpc_date,icpc_icpc_outcome_cp_flag,"
        "icpc_cp_plan_id\nI1,S4,C1,2024-08-20,,P9\nI2,S1,C1,2024-05-20,N,\n"
    )
    records = read_ssd(extract(s=enquiries, i=conferences))

    assert column(records, "section47", "conference_needed") == [
        True,
        False,
        False,
        True,
        True,
        None,
    ]
    assert column(records, "conferences", "plan_made") == [True, False]


CARE = (
    "clae_cla_episode_id,clae_person_id,clae_cla_placement_id,clae_cla_episode_start_date,"
    "clae_cla_episode_start_reason,clae_cla_episode_ceased_date,clae_cla_episode_ceased_reason,"
    "clae_cla_id,clae_referral_id,clae_entered_care_date\n"
    "E1,C1,L1,2024-06-01,S,2024-08-01,X1,K1,R1,2024-06-01\n"
    "E2,C1,L2,2024-08-01,P,2024-11-01,E4A Returned home,K1,R1,2024-06-01\n"
    "E3,C2,,2024-09-10,Started to be looked after,,,K2,,2024-09-09\n"
)
STATUS = (
    "lega_legal_status_id,lega_person_id,lega_legal_status,lega_legal_status_start_date,"
    "lega_legal_status_end_date\n"
    "1,C1,Single period of accommodation under section 20,2024-06-01,2024-08-01\n"
    "2,C1,Interim Care Order,2024-08-01,\n3,C2,Special guardianship order,2024-01-01,\n"
)


def test_care_episodes_of_one_id_are_one_period(extract):
    places = "clap_cla_placement_id,clap_cla_placement_type\nL1,U6\nL2,K2 - children's home\n"
    records = read_ssd(extract(c=CARE, s=STATUS, p=places))
    periods = records["care_periods"].set_index("care_period_id")

    assert periods.loc["K1", "start_date"] == pd.Timestamp("2024-06-01")
    assert periods.loc["K1", "end_date"] == pd.Timestamp("2024-11-01")
    assert periods.loc["K1", "end_reason"] == "E4A"
    assert periods.loc["K1", "legal_status"] == "V2"
    assert periods.loc["K2", "start_date"] == pd.Timestamp("2024-09-09")
    assert pd.isna(periods.loc["K2", "end_date"])
    assert pd.isna(periods.loc["K2", "legal_status"])
    assert column(records, "care_episodes", "legal_status") == ["V2", "C1", None]
    assert column(records, "care_episodes", "placement_type") == ["U6", "K2", None]
    assert column(records, "care_episodes", "start_reason") == ["S", "P", "S"]


def test_families_and_mothers_link_children(extract):
    """T8: a missing family joins nobody."""
    records = read_ssd(
        extract(
            p=PEOPLE,
            r=REFERRALS,
            f="fami_table_id,fami_family_id,fami_person_id\n1,F1,C1\n2,F1,C1\n3,-1,C2\n4,,C1\n",
            m="moth_table_id,moth_person_id,moth_childs_person_id,moth_childs_dob\n1,M7,C1,\n2,M7,C2,\n",
        )
    )
    links = records["family_links"]

    assert set(zip(links["child_id"], links["family_id"], strict=True)) == {
        ("C1", "F1"),
        ("C1", "mother:M7"),
        ("C2", "mother:M7"),
    }
    assert len(records.set_aside["family_links"]) == 3


def test_a_family_of_dozens_is_reported(extract):
    rows = "".join(f"{n},F0,C{n}\n" for n in range(40))
    records = read_ssd(
        extract(r=REFERRALS, f="fami_table_id,fami_family_id,fami_person_id\n" + rows)
    )

    assert "R023" in rules(records)


def test_immigration_status_tells_of_unaccompanied_children(extract):
    records = read_ssd(
        extract(
            p=PEOPLE,
            r=REFERRALS,
            i="immi_person_id,immi_immigration_status\nC2,Unaccompanied Asylum Seeking Child\n",
        )
    )

    assert column(records, "children", "unaccompanied") == [False, True]


def test_involvements_keep_the_team_and_find_the_child_by_referral(extract):
    records = read_ssd(
        extract(
            r=REFERRALS,
            i="invo_involvements_id,invo_professional_id,invo_professional_team,"
            "invo_involvement_start_date,invo_referral_id\nV1,W1,East,2024-04-11,R1\n",
        )
    )

    assert column(records, "involvements", "child_id") == ["C1"]
    assert column(records, "involvements", "team") == ["East"]


def test_events_of_strangers_are_kept_and_reported(extract):
    records = read_ssd(extract(p=PEOPLE, r=REFERRALS.replace("C2", "C9"), a=ASSESSMENTS))

    assert len(records["referrals"]) == 2
    assert "R018" in rules(records)


def test_without_any_referral_those_who_name_one_are_reported_once_with_the_cure(extract):
    header = REFERRALS.splitlines(keepends=True)[0]
    plans = (
        "cinp_cin_plan_id,cinp_person_id,cinp_referral_id,cinp_cin_plan_start_date\n"
        "P1,C1,R1,2024-05-21\n"
    )
    records = read_ssd(extract(p=PEOPLE, r=header, a=ASSESSMENTS, c=plans))
    (found,) = (each for each in records.findings if each.rule == "R018")

    assert (found.table, found.column, found.count) == ("referrals", "referral_id", 4)
    assert found.message == (
        "referrals holds no row, and rows of assessments, cin_plans name a referral_id."
    )
    assert "Extract ssd_cin_episodes again" in found.fix
    assert len(records["assessments"]) == 3


def test_absent_and_empty_tables_are_not_observed(extract):
    records = read_ssd(
        extract(
            p=PEOPLE,
            r=REFERRALS,
            m="miss_table_id,miss_person_id,miss_missing_episode_start_date\n",
        )
    )

    assert records.coverage["contacts"] is None
    assert records.coverage["missing_episodes"] is None
    assert {each.table for each in records.findings if each.rule == "R022"} >= {
        "ssd_contacts",
        "ssd_missing",
    }


def yearly(first, last, each):
    """Referrals spread over years, `each` a year."""
    rows, number = "", 0
    for year in range(first, last + 1):
        for n in range(each(year) if callable(each) else each):
            number += 1
            rows += f"R{number},C{number},{year}-{1 + n % 12:02d}-{1 + n % 28:02d}\n"
    return REFERRAL.rstrip(",") + "\n" + rows


def test_old_cases_that_reach_into_the_timeframe_do_not_stretch_the_window(extract):
    few = yearly(2010, 2024, lambda year: 60 if year >= 2019 else 6)
    records = read_ssd(extract(r=few), extract_date="2024-12-31")

    assert records.coverage["referrals"].observed_from == pd.Timestamp("2019-01-01")


def test_an_extract_that_goes_back_further_is_believed(extract):
    full = yearly(2014, 2024, 60)
    records = read_ssd(extract(r=full), extract_date="2024-12-31")

    assert records.coverage["referrals"].observed_from == pd.Timestamp("2014-01-01")


def test_a_table_that_began_later_is_observed_from_its_first_event(extract):
    late = yearly(2022, 2024, 60)
    records = read_ssd(extract(r=late), extract_date="2024-12-31")

    assert records.coverage["referrals"].observed_from == pd.Timestamp("2022-01-01")


def test_the_extract_date_is_the_latest_event_with_a_finding(extract):
    records = read_ssd(extract(p=PEOPLE, r=REFERRALS))

    assert records.extract_date == pd.Timestamp("2024-09-02")
    assert "R004" in rules(records)


def test_a_date_in_2099_is_a_finding(extract):
    records = read_ssd(extract(r=REFERRALS.replace("2024-09-02", "2099-09-02")))

    assert len(records["referrals"]) == 1
    assert len(records.set_aside["referrals"]) == 1
    assert "R005" in rules(records)


def test_rows_with_too_many_cells_are_reported_by_number(extract):
    records = read_ssd(
        extract(r=REFERRALS + "R3,C1,2024-09-03,6,N,extra,cells\nR4,C1,2024-09-04,6,N\n")
    )
    found = [each for each in records.findings if each.rule == "R020"]

    assert found[0].rows == (4,)
    assert records["referrals"]["source_row"].to_list() == [2, 3, 5]


def test_unreadable_cells_are_findings_by_row(extract):
    records = read_ssd(extract(r=REFERRALS.replace("2024-04-10", "soon").replace(",Y", ",perhaps")))
    found = {(each.column, each.rows) for each in records.findings if each.rule == "R010"}

    assert found == {("cine_referral_date", (2,)), ("cine_referral_nfa", (3,))}


def test_a_missing_column_is_named_with_what_it_may_be(extract):
    spoilt = REFERRALS.replace("cine_referral_date", "cine_referal_date")
    with pytest.raises(ReturnError, match="lacks cine_referral_date") as caught:
        read_ssd(extract(p=PEOPLE, r=spoilt))

    assert "cine_referal_date" in str(caught.value)
    assert caught.value.where == "r.csv"


def test_all_faulty_tables_are_named_at_once(extract):
    with pytest.raises(ReturnError, match="2 of 2 files") as caught:
        read_ssd(extract(p="pers_sex,pers_dob\n", r="cine_referral_id,cine_person_id\n"))

    assert "p.csv; r.csv" in caught.value.where


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "is an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an Excel workbook"),
        (b"PAR1\x00\x00", "not the CSV or Parquet table"),
        (b"cine_referral_id\x00\x01", "not the CSV or Parquet table"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, content, fault):
    (tmp_path / "ssd_cin_episodes.csv").write_bytes(content)
    with pytest.raises(ReturnError, match=fault) as caught:
        read_ssd(tmp_path)

    assert caught.value.fix


def test_wrong_folders_are_refused(tmp_path, extract):
    with pytest.raises(ReturnError, match="no such file or folder"):
        read_ssd(tmp_path / "nowhere")
    with pytest.raises(ReturnError, match="holds no"):
        read_ssd(tmp_path)
    with pytest.raises(ReturnError, match="No file is a table of the Standard"):
        read_ssd(extract(notes="a,b\n1,2\n"))


def test_tables_without_any_date_need_an_extract_date(extract):
    with pytest.raises(ReturnError, match="day of the extract is unknown"):
        read_ssd(extract(p=PEOPLE))


def test_no_error_or_finding_holds_an_identifier(extract):
    records = read_ssd(extract(p=PEOPLE, r=REFERRALS.replace("R2,C2", "R1,QQ77")))
    told = " ".join(f"{each.message} {each.fix} {each.file}" for each in records.findings)

    assert "QQ77" not in told
