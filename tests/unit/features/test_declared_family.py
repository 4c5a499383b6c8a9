"""The family that a referral names: whose records are seen before the child's own link is."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import FeatureError
from fs_risk.features.cases import as_cases
from fs_risk.features.declared_families import families_of
from fs_risk.outcomes.cohorts import named_families

DAY = pd.Timestamp("2024-06-03")
SEEN = "siblings_number", "household_referrals_365d", "siblings_referrals_365d"
TABLES = ("children", "family_links", "contacts", "referrals", "assessments", "factors")


def authority(links, referrals):
    """Records of named children, each referred on some days."""
    children = sorted({child for child, _, _ in links} | {child for child, _ in referrals})
    return fs.Records.from_frames(
        {
            "children": pd.DataFrame({"child_id": children, "birth_date": "2018-01-01"}),
            "family_links": pd.DataFrame(links, columns=["child_id", "family_id", "known_date"]),
            "referrals": pd.DataFrame(
                [(f"R{n}", *row, "6") for n, row in enumerate(referrals)],
                columns=["referral_id", "child_id", "referral_date", "source"],
            ),
        },
        extract_date="2024-12-31",
        coverage=dict.fromkeys(TABLES, ("2018-01-01", "2024-12-31")),
    )


@pytest.fixture
def family():
    """An elder child known for a year, and a younger one first met on the day."""
    return authority(
        [("elder", "F", "2023-09-01"), ("younger", "F", "2024-06-03")],
        [("elder", "2023-09-01"), ("younger", "2024-06-03")],
    )


def asked(child="younger", family_id=None, *, day=DAY):
    case = {"case_id": ["R9"], "child_id": [child], "as_of": [day]}
    if family_id is not None:
        case["family_id"] = [family_id]
    return pd.DataFrame(case)


def seen(records, cohort, **settings):
    return fs.build_features(records, cohort, **settings)[list(SEEN)].iloc[0].tolist()


def test_child_first_met_today_has_no_siblings_unless_the_family_is_named(family):
    assert seen(family, asked()) == [0, 0, 0]
    assert seen(family, asked(family_id="F")) == [1, 1, 1]


def test_child_nobody_knows_sees_the_only_child_of_the_family_named():
    """The front door's extract ends before the day: the new child is in no table of it."""
    known = authority([("elder", "F", "2023-09-01")], [("elder", "2023-09-01")])
    assert seen(known, asked("new", "F")) == [1, 1, 1]
    assert seen(known, asked("new")) == [0, 0, 0]


def test_case_in_training_and_at_the_door_see_the_same(family):
    """G1: whether the extract holds the child and its link already makes no difference."""
    at_the_door = authority([("elder", "F", "2023-09-01")], [("elder", "2023-09-01")])
    day_by_day = asked(family_id="F").assign(birth_date=pd.Timestamp("2018-01-01"))
    pd.testing.assert_frame_equal(
        fs.build_features(family, day_by_day, lag_days=7),
        fs.build_features(at_the_door, day_by_day, lag_days=7),
    )


def test_facts_of_the_others_keep_their_clock(family):
    late = authority(
        [("elder", "F", "2024-06-01"), ("younger", "F", "2024-06-03")],
        [("elder", "2024-06-01"), ("younger", "2024-06-03")],
    )
    assert seen(late, asked(family_id="F"))[1:] == [1, 1]
    assert seen(late, asked(family_id="F"), lag_days=7) == [0, 0, 0]
    assert seen(family, asked(family_id="F"), lag_days=7) == [1, 1, 1]


def test_own_link_goes_before_the_family_named(family):
    known = authority(
        [("elder", "F", "2023-09-01"), ("child", "G", "2023-01-01"), ("other", "G", "2023-01-01")],
        [("elder", "2023-09-01"), ("child", "2023-01-01"), ("other", "2024-01-01")],
    )
    assert seen(known, asked("child", "F")) == seen(known, asked("child", "G"))
    assert seen(known, asked("child", "F")) == seen(known, asked("child"))


@pytest.mark.parametrize("named", ["nobody", "", None, np.nan])
def test_family_that_the_records_do_not_know_adds_nothing(family, named):
    cohort = asked().assign(family_id=pd.Series([named], dtype=object))
    assert seen(family, cohort) == [0, 0, 0]


def test_child_does_not_see_itself_as_a_sibling(family):
    alone = authority([("younger", "F", "2024-06-03")], [("younger", "2024-01-03")])
    assert seen(alone, asked(family_id="F")) == [0, 1, 0]


def test_families_joined_later_change_nothing_that_was_seen_before(family):
    """T1: a link that joins two families next year is not read today."""
    links = [("elder", "F", "2023-09-01"), ("younger", "F", "2024-06-03")]
    referrals = [("elder", "2023-09-01"), ("younger", "2024-06-03"), ("far", "2023-01-01")]
    joined = authority(
        [*links, ("far", "G", "2023-01-01"), ("elder", "G", "2024-09-01")], referrals
    )
    assert seen(joined, asked(family_id="F")) == seen(family, asked(family_id="F"))
    assert seen(joined, asked(family_id="G")) == [1, 0, 0]


def test_undeclared_cases_are_as_if_nobody_declared(small_authority):
    """A column without a name in it changes no feature of any case."""
    cohort = fs.referral_cohort(small_authority)
    empty = cohort.assign(family_id=pd.Series(None, index=cohort.index, dtype=object))
    pd.testing.assert_frame_equal(
        fs.build_features(small_authority, cohort), fs.build_features(small_authority, empty)
    )


def test_named_families_are_those_linked_by_the_end_of_the_day(small_authority):
    cohort = fs.referral_cohort(small_authority, family_declared=True)
    links = small_authority["family_links"].sort_values(["known_date", "family_id"])
    first = links.drop_duplicates("child_id").set_index("child_id")
    by_hand = [
        first["family_id"].get(child)
        if child in first.index and not first["known_date"][child] > day
        else None
        for child, day in zip(cohort["child_id"], cohort["as_of"], strict=True)
    ]
    assert cohort["family_id"].isna().tolist() == [name is None for name in by_hand]
    assert cohort["family_id"].dropna().tolist() == [name for name in by_hand if name]
    assert named_families(small_authority, cohort["child_id"][:0], cohort["as_of"][:0]).empty


def test_order_of_links_makes_no_difference(small_authority):
    links = small_authority["family_links"].iloc[::-1].reset_index(drop=True)
    other = small_authority.replace(family_links=links)
    pd.testing.assert_frame_equal(
        fs.referral_cohort(small_authority, family_declared=True),
        fs.referral_cohort(other, family_declared=True),
    )


def test_undated_link_goes_before_a_dated_one():
    """It was always there; one that is known later says nothing of the day."""
    records = authority([("child", "G", "2024-09-01"), ("child", "F", None)], [])
    assert named_families(records, pd.Series(["child"]), pd.Series([DAY])).tolist() == ["F"]


def test_only_cases_whose_own_link_is_new_change(small_authority):
    cohort = fs.referral_cohort(small_authority, family_declared=True)
    history = fs.History.from_records(small_authority)
    cases = as_cases(history, cohort, lag_days=0)
    new = families_of(history).first_link[cases.child] >= cases.cut
    before = fs.build_features(history, cohort.drop(columns="family_id"))
    after = fs.build_features(history, cohort)
    changed = ((before != after) & ~(before.isna() & after.isna())).any(axis=1).to_numpy()
    assert changed.any()
    assert not (changed & ~new).any()


def test_parts_see_the_families_that_the_whole_sees(small_authority):
    cohort = fs.referral_cohort(small_authority, family_declared=True)
    new = cohort.head(3).assign(case_id=["N1", "N2", "N3"], child_id=["new1", "new2", "new3"])
    cohort = pd.concat([cohort, new.assign(family_id=[*cohort["family_id"].dropna()[:2], None])])
    cohort = cohort.reset_index(drop=True)
    parts = fs.split_by_household(small_authority, cohort, n_parts=3)
    built = pd.concat([fs.build_features(part.records, part.cohort) for part in parts])
    pd.testing.assert_frame_equal(
        built.loc[cohort.index], fs.build_features(small_authority, cohort)
    )


def test_family_of_another_household_is_not_left_out_in_silence(small_authority):
    cohort = fs.referral_cohort(small_authority, family_declared=True)
    others = cohort.assign(family_id=cohort["family_id"].to_numpy()[::-1])
    with pytest.raises(FeatureError, match="records would be in another part") as raised:
        fs.split_by_household(small_authority, others, n_parts=3)
    assert not any(name in str(raised.value) for name in cohort["family_id"].dropna().head(50))
