"""The DfE API reader: objects to tables, several days, purges, wrong payloads."""

import json
from contextlib import suppress

import numpy as np
import pytest

from fs_risk.errors import FsRiskError, ReturnError
from fs_risk.readers.dfe_api import read_dfe_api


def child(**changes):
    """A child with one episode that holds one of everything."""
    episode = {
        "social_care_episode_id": "E1",
        "referral_date": "2024-04-10",
        "referral_source": "1a",
        "referral_no_further_action_flag": False,
        "closure_date": "2025-02-28",
        "closure_reason": "RC7",
        "care_worker_details": [{"worker_id": "W1", "start_date": "2024-04-10"}],
        "child_and_family_assessments": [
            {
                "child_and_family_assessment_id": "A1",
                "start_date": "2024-04-11",
                "authorisation_date": "2024-05-20",
                "factors": ["3B", "4b"],
            },
            {"child_and_family_assessment_id": "A2", "start_date": "2024-06-11"},
        ],
        "child_in_need_plans": [
            {"child_in_need_plan_id": "N1", "start_date": "2024-12-13", "end_date": "2025-02-28"}
        ],
        "section_47_assessments": [
            {
                "section_47_assessment_id": "S1",
                "start_date": "2024-05-01",
                "icpc_required_flag": True,
                "icpc_date": "2024-05-23",
                "end_date": "2024-05-20",
            }
        ],
        "child_protection_plans": [
            {"child_protection_plan_id": "P1", "start_date": "2024-05-23", "end_date": "2024-12-13"}
        ],
        "child_looked_after_placements": [
            {
                "child_looked_after_placement_id": "L1",
                "start_date": "2024-07-01",
                "start_reason": "S",
                "placement_type": "U6",
                "postcode": "ZZ1 1ZZ",
                "end_date": "2024-08-01",
                "end_reason": "X1",
            },
            {
                "child_looked_after_placement_id": "L2",
                "start_date": "2024-08-01",
                "start_reason": "P",
                "placement_type": "K2",
                "end_date": "2024-09-01",
                "end_reason": "E4A",
            },
        ],
    }
    whole = {
        "la_child_id": "C1",
        "mis_child_id": "M1",
        "child_details": {
            "unique_pupil_number": "H801200001001",
            "first_name": "Zebedee",
            "surname": "Quux",
            "date_of_birth": "2012-05-01",
            "sex": "F",
            "ethnicity": "WBRI",
            "disabilities": ["MOB"],
            "postcode": "ZZ1 1ZZ",
            "uasc_flag": False,
        },
        "health_and_wellbeing": {"sdq_assessments": [{"date": "2024-05-01", "score": 3}]},
        "social_care_episodes": [episode],
    }
    return {**whole, **changes}


@pytest.fixture
def sent(tmp_path):
    """Write payloads and give their paths."""

    def write(*payloads):
        paths = []
        for number, payload in enumerate(payloads):
            paths.append(tmp_path / f"{number:03}.json")
            paths[-1].write_text(json.dumps(payload), encoding="utf-8")
        return paths

    return write


def column(records, table, name):
    values = records[table][name]
    return values.astype("object").where(values.notna(), None).to_list()


def test_every_object_becomes_a_row(sent):
    records = read_dfe_api(sent([child()]))
    counts = {name: len(records[name]) for name in records if len(records[name])}

    assert counts == {
        "children": 1,
        "disabilities": 1,
        "referrals": 1,
        "assessments": 2,
        "factors": 2,
        "section47": 1,
        "conferences": 1,
        "cin_plans": 1,
        "cp_plans": 1,
        "care_periods": 1,
        "care_episodes": 2,
    }
    assert column(records, "referrals", "source") == ["1A"]
    assert column(records, "referrals", "no_further_action") == [False]
    assert column(records, "assessments", "factors_recorded") == [True, None]
    assert sorted(records["factors"]["code"]) == ["3B", "4B"]
    assert column(records, "conferences", "plan_made") == [True]
    assert column(records, "section47", "conference_needed") == [True]
    assert column(records, "care_periods", "end_reason") == ["E4A"]
    assert column(records, "children", "unaccompanied") == [False]
    assert {found.rule for found in records.findings} == {"R004"}


def test_names_numbers_and_workers_are_not_kept(sent):
    records = read_dfe_api(sent([child()]))
    held = " ".join(records[name].to_csv() for name in records)

    for secret in ("Zebedee", "Quux", "H801200001001", "ZZ1", "W1", "M1"):
        assert secret not in held


def test_what_the_api_cannot_hold_is_not_observed(sent):
    records = read_dfe_api(sent([child()]))

    for name in ("contacts", "early_help", "family_links", "pre_proceedings", "missing_episodes"):
        assert records.coverage[name] is None
    assert records.coverage["care_periods"] is not None


def test_a_later_payload_is_believed_and_what_it_leaves_out_stays(sent):
    later = child()
    episode = later["social_care_episodes"][0]
    episode["closure_date"] = episode["closure_reason"] = None
    episode["referral_source"] = None
    del episode["child_in_need_plans"]
    records = read_dfe_api(sent([child()], [later]))

    assert column(records, "referrals", "close_date") == [None]
    assert column(records, "referrals", "source") == ["1A"]
    assert len(records["cin_plans"]) == 1


def test_a_purged_record_goes_with_all_in_it(sent):
    nested = child()
    nested["social_care_episodes"][0] = {"social_care_episode_id": "E1", "purge": True}
    records = read_dfe_api(sent([child()], [nested]), extract_date="2025-03-01")

    assert [len(records[name]) for name in ("children", "referrals", "factors")] == [1, 0, 0]
    assert records.set_aside == {}


def test_a_purged_child_is_forgotten_unless_sent_again(sent):
    other = child(la_child_id="C2", social_care_episodes=[])
    gone = {"la_child_id": "c1", "purge": True}
    records = read_dfe_api(sent([child(), other], [gone]), extract_date="2025-03-01")
    again = read_dfe_api(
        sent([child()], [gone], [child(social_care_episodes=[])]), extract_date="2025-03-01"
    )

    assert column(records, "children", "child_id") == ["C2"]
    assert not any(
        len(records[name]) for name in records if name not in ("children", "disabilities")
    )
    assert [len(again[name]) for name in ("children", "referrals")] == [1, 0]
    assert {"R083"} <= {found.rule for found in records.findings}


def test_one_purged_part_goes_alone(sent):
    nested = child()
    nested["social_care_episodes"][0]["child_and_family_assessments"] = [
        {"child_and_family_assessment_id": "A1", "purge": True}
    ]
    records = read_dfe_api(sent([child()], [nested]))

    assert column(records, "assessments", "assessment_id") == ["A2"]
    assert len(records["factors"]) == 0
    assert len(records["referrals"]) == 1


def test_payloads_on_lines_and_single_children_are_read(tmp_path):
    path = tmp_path / "export.jsonl"
    lines = [json.dumps(child()), json.dumps([child(la_child_id="C2", social_care_episodes=[])])]
    path.write_text("\n".join(lines), encoding="utf-8-sig")

    assert column(read_dfe_api(path), "children", "child_id") == ["C1", "C2"]
    assert column(read_dfe_api(path), "children", "source_row") == [1, 2]


def test_faulty_values_are_reported_by_the_childs_place(sent):
    faulty = child(la_child_id="C2", spare=1)
    faulty["child_details"]["date_of_birth"] = "2012-02-31"
    faulty["child_details"]["disabilities"] = "MOB"
    episode = faulty["social_care_episodes"][0]
    episode["social_care_episode_id"] = "E2"
    episode["referral_no_further_action_flag"] = "perhaps"
    episode["section_47_assessments"] = {"start_date": "2024-05-01"}
    episode["child_protection_plans"] = [[]]
    for part, name in (
        ("child_and_family_assessments", "child_and_family_assessment_id"),
        ("child_in_need_plans", "child_in_need_plan_id"),
        ("child_looked_after_placements", "child_looked_after_placement_id"),
    ):
        for number, each in enumerate(episode[part]):
            each[name] = f"X{number}"
    episode["child_looked_after_placements"][0]["placement_type"] = "Q9"
    records = read_dfe_api(sent([child(), faulty, {"child_details": {}}, "text"]))
    found = {(each.rule, each.column): each.rows for each in records.findings}

    assert found[("R082", "birth_date")] == (2,)
    assert found[("R082", "no_further_action")] == (2,)
    assert found[("R082", "placement_type")] == (2,)
    assert found[("R080", "disabilities")] == (2,)
    assert found[("R080", "section_47_assessments")] == (2,)
    assert found[("R080", "child_protection_plans")] == (2,)
    assert found[("R080", "child")] == (4,)
    assert found[("R081", "")] == (2,)
    assert len(records.set_aside["children"]) == 1


WRONG = {
    "empty": b"",
    "text": b"la_child_id",
    "cut off": json.dumps([child()]).encode()[:-30],
    "no child": b'{"a": 1}',
    "a number": b"1",
    "an empty array": b"[]",
    "not utf-8": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_payload_is_refused_with_a_cure(tmp_path, name):
    (tmp_path / "p.json").write_bytes(WRONG[name])

    with pytest.raises(ReturnError, match=r"JSON") as raised:
        read_dfe_api(tmp_path)
    assert raised.value.fix


def test_a_folder_without_payloads_is_named(tmp_path):
    with pytest.raises(ReturnError, match=r"no \.json"):
        read_dfe_api(tmp_path)


def spoilt(value, luck):
    """Give the payload with one value somewhere in it replaced."""
    if isinstance(value, dict) and value and luck.random() < 0.9:
        name = list(value)[int(luck.integers(len(value)))]
        return {**value, name: spoilt(value[name], luck)}
    if isinstance(value, list) and value and luck.random() < 0.9:
        at = int(luck.integers(len(value)))
        return [*value[:at], spoilt(value[at], luck), *value[at + 1 :]]
    others = [
        None,
        True,
        -1,
        1e400,
        "",
        "2099-12-31",
        "31/12/2023",
        [],
        {},
        [1],
        {"a": 1},
        "x" * 99,
    ]
    return others[int(luck.integers(len(others)))]


def test_no_spoilt_payload_raises_anything_but_our_errors(sent):
    luck = np.random.default_rng(0)
    n_read = 0
    for _ in range(10):
        first = [child(), child(la_child_id="C2")]
        for _ in range(4):
            first = spoilt(first, luck)
        with suppress(FsRiskError):
            read_dfe_api(sent(first))
            n_read += 1

    assert n_read > 2
