"""Which group each case is put in, from the records."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.evaluation.fairness_cells import make_groups
from fs_risk.evaluation.fairness_groups import CENSUS_GROUPS
from fs_risk.records.codes import ETHNICITIES


@pytest.fixture(scope="module")
def records():
    children = pd.DataFrame(
        {
            "child_id": ["C1", "C2", "C3", "C4"],
            "birth_date": pd.to_datetime(["2020-01-01", "2009-05-05", None, "2023-12-30"]),
            "sex": ["F", "M", None, "U"],
            "ethnicity": ["CHNE", "REFU", None, "WIRT"],
            "deprivation_decile": pd.array([1, 10, None, 4], dtype="Int64"),
            "unaccompanied": pd.array([False, True, None, False], dtype="boolean"),
        }
    )
    disabilities = pd.DataFrame({"child_id": ["C1", "C2", "C2"], "code": ["NONE", "AUT", "LD"]})
    referrals = pd.DataFrame(
        {
            "referral_id": ["R1", "R2", "R3", "R4", "R5"],
            "child_id": ["C1", "C2", "C3", "C4", "C9"],
            "referral_date": pd.to_datetime(["2024-03-01"] * 5),
        }
    )
    return fs.Records.from_frames(
        {"children": children, "disabilities": disabilities, "referrals": referrals},
        extract_date="2024-06-30",
    )


@pytest.fixture(scope="module")
def groups(records):
    cohort = pd.DataFrame(
        {
            "case_id": ["R1", "R2", "R3", "R4", "R5"],
            "child_id": ["C1", "C2", "C3", "C4", "C9"],
            "as_of": pd.to_datetime(["2024-03-01"] * 5).astype("datetime64[s]"),
        },
        index=[4, 3, 2, 1, 0],
    )
    return fs.fairness_groups(records, cohort)


def test_what_is_not_recorded_is_a_group_of_its_own(groups):
    """A4: missing is reported; refused is not the same."""
    assert groups.loc[[2, 0]].eq("missing").all(axis=None)
    assert groups.loc[3, "ethnicity"] == "refused"
    assert groups.loc[3, "ethnicity_18"] == "refused"


def test_attributes_are_as_recorded(groups):
    assert groups.loc[4].astype(str).to_dict() == {
        "sex": "female",
        "ethnicity": "Asian",
        "ethnicity_18": "Chinese",
        "age_band": "1 to 4",
        "disability": "none recorded",
        "deprivation": "1, most deprived",
        "unaccompanied": "not unaccompanied",
    }
    assert groups.loc[3, "disability"] == "disability recorded"
    assert groups.loc[3, "unaccompanied"] == "unaccompanied"
    assert groups.loc[3, "deprivation"] == "5, least deprived"
    assert groups.loc[1, "sex"] == "unknown or unborn"
    assert groups.loc[1, "deprivation"] == "2"


def test_index_is_the_cohorts(groups):
    assert groups.index.tolist() == [4, 3, 2, 1, 0]


def test_every_code_of_the_census_has_its_group():
    known = {code for codes in CENSUS_GROUPS.values() for code in codes}
    assert known == set(ETHNICITIES) - {"REFU", "NOBT"}
    assert len(known) == 18


def test_attributes_of_an_audit_are_never_features():
    """F6: they live in a frame of their own and cannot enter X."""
    names = fs.feature_catalogue()["name"]
    assert not names.str.contains("sex_|gender|ethnic|disab|depriv|unaccomp").any()


def test_a_finer_coding_is_not_crossed_with_its_coarser():
    fine = pd.Series(["a1", "a2", "b1", "b2"] * 3)
    made = make_groups({"coarse": fine.str[0], "fine": fine, "sex": pd.Series(["F", "M", "M"] * 4)})

    assert made.slots == ("coarse", "fine", "sex", "coarse & sex", "fine & sex")


def test_pairs_can_be_chosen_or_left_out():
    frame = {name: pd.Series(["a", "b", "c", "a"]) for name in ("one", "two")}
    frame["three"] = pd.Series(["x", "x", "y", "y"])

    assert make_groups(frame, pairs=False).slots == ("one", "two", "three")
    assert make_groups(frame, pairs=[("one", "three")]).slots[3:] == ("one & three",)


def test_every_row_is_in_one_group_of_each_attribute_and_pair():
    rng = np.random.default_rng(0)
    frame = {name: pd.Series(rng.choice(list("abc"), 200)) for name in ("one", "two", "three")}
    made = make_groups(frame)
    sizes = np.bincount(made.cell) @ made.member

    for slot in range(len(made.slots)):
        assert sizes[made.slot == slot].sum() == 200
    pair = made.parts[~made.main]
    assert (sizes[~made.main] <= sizes[pair[:, 0]]).all()
