"""Switches of defects, shocks and sizes: refused when impossible, recorded when used."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import SettingError
from fs_risk.records.tables import TABLES
from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.defects.migration import COARSER
from fs_risk.synthetic.defects.planted import Defects
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.shocks import ShockedCalendar, Shocks

ALL = {
    "late_recording": 0.3,
    "missing_factors": 0.6,
    "over_reporting": 1.0,
    "ethnicity_proxy": 0.6,
    "leaking_column": 0.8,
    "miscoded_month": 0.9,
    "duplicate_children": 0.4,
}
SIZE = {"children": 800, "years": 3, "seed": 1}


@pytest.fixture(scope="module")
def sound():
    return make_authority(**SIZE)


@cache
def with_defect(name):
    """The same authority with one defect."""
    return make_authority(**SIZE, defects={name: ALL[name]})


@pytest.fixture(params=list(ALL))
def damaged(request):
    """The name of a defect, and the records with it alone."""
    return request.param, with_defect(request.param)


@pytest.fixture(scope="module")
def shocked():
    """The same authority with a threshold that rises before the last three years."""
    return make_authority(**SIZE, shocks={"threshold": 0.3, "threshold_date": "2022-04-01"})


def test_a_small_authority_is_small_and_says_so():
    small = make_authority(profile="small")
    settings = small.truth["authority"].iloc[0]

    assert (settings["children"], settings["years"], settings["profile"]) == (1_000, 4, "small")
    assert len(small["referrals"]) < 1_000


def test_a_profile_gives_way_to_what_is_said():
    settings = make_authority(200, profile="small").truth["authority"].iloc[0]

    assert (settings["children"], settings["years"]) == (200, 4)


def test_an_unknown_profile_is_refused():
    with pytest.raises(SettingError, match=r"no profile 'smal'\. Did you mean 'small'"):
        make_authority(profile="smal")


def test_each_defect_is_recorded_row_by_row(damaged, sound):
    name, records = damaged
    account, rows = records.truth["defects"], records.truth["defect_rows"]

    assert set(account["defect"]) == {name}
    assert set(account["size"]) == {ALL[name]}
    assert account["rows"].sum() == len(rows) > 0
    assert records.fingerprint != sound.fingerprint
    assert not [found for found in records.findings if found.severity == "error"]
    for (table, column), changed in rows.groupby(["table", "column"]):
        key = TABLES[table].key[0]
        held = records[table].set_index(key)
        if column and table != "factors":
            same = held.loc[changed["row_id"], column].astype("str").array == changed["was"].array
            assert not same.any(), (table, column)
        elif not column:
            assert changed["row_id"].isin(held.index).all()


def test_a_defect_leaves_the_truth_and_all_other_cells_alone(damaged, sound):
    _, records = damaged
    touched = records.truth["defect_rows"]
    for table in TABLES:
        if table in ("disabilities", "family_links", "factors"):
            continue
        key = TABLES[table].key[0]
        mine = touched[touched["table"] == table]["row_id"]
        before = sound[table].set_index(key).drop(columns=["source_row"])
        after = records[table].set_index(key).drop(columns=["source_row"])
        before = before[~before.index.isin(mine)]
        pd.testing.assert_frame_equal(
            before.sort_index(), after[~after.index.isin(mine)].sort_index(), obj=table
        )
    known = sound.truth["referrals"]
    assert records.truth["referrals"].iloc[: len(known)].equals(known)


def test_one_defect_does_not_move_another():
    alone = with_defect("missing_factors")
    both = {"missing_factors": ALL["missing_factors"], "late_recording": 0.2}

    assert alone["factors"].equals(make_authority(**SIZE, defects=both)["factors"])


def test_the_same_defects_give_the_same_bytes():
    made = [make_authority(**SIZE, defects=ALL) for _ in range(2)]

    assert made[0].fingerprint == made[1].fingerprint
    assert made[0].truth["defect_rows"].equals(made[1].truth["defect_rows"])
    assert "late_recording=0.3" in made[0].origin.label


def test_no_defect_no_account(sound):
    assert sound.truth["defects"].empty
    assert sound.truth["defect_rows"].empty


@pytest.mark.parametrize(("children", "years"), [(1, 1), (40, 2)])
def test_tiny_authorities_can_be_damaged(children, years):
    records = make_authority(children, years, defects=ALL, shocks={"migration": "2024-06-01"})

    assert not [found for found in records.findings if found.severity == "error"]


@pytest.mark.parametrize(
    ("defects", "says"),
    [
        ({"late_recordings": 0.1}, "Did you mean 'late_recording'"),
        ({"late_recording": 1.5}, "late_recording must be a number from 0 to 1"),
        ({"over_reporting": -1}, "over_reporting must be a number from 0 to 3"),
        ({"late_recording": True}, "late_recording must be a number"),
        (0.3, "a mapping of names to sizes"),
    ],
)
def test_impossible_defects_are_refused(defects, says):
    with pytest.raises(SettingError, match=says):
        make_authority(100, 1, defects=defects)


@pytest.mark.parametrize(
    ("shocks", "says"),
    [
        ({"covid": 9}, "covid must be a number from 0 to 5"),
        ({"threshold": 0}, "threshold must be a number from 0.2 to 2"),
        ({"migration": "June"}, "migration is not a day"),
        ({"reform": 1}, "no 'reform' among shocks"),
    ],
)
def test_impossible_shocks_are_refused(shocks, says):
    with pytest.raises(SettingError, match=says):
        make_authority(100, 1, shocks=shocks)


def test_settings_can_be_given_as_objects():
    records = make_authority(
        100, 1, defects=Defects(late_recording=0.2), shocks=Shocks(migration="2024-06-01")
    )

    assert set(records.truth["defects"]["defect"]) == {"late_recording", "migration"}


def test_after_a_migration_no_finer_source_is_recorded():
    day = pd.Timestamp("2023-01-01")
    records = make_authority(**SIZE, shocks={"migration": day.date()})
    referrals = records["referrals"]
    after = referrals["referral_date"] >= day
    clocks = referrals.loc[~after & ~referrals["known_by_rule"].astype(bool), "known_date"]
    none = records["assessments"]["authorised_date"] >= day

    assert not referrals.loc[after, "source"].isin(list(COARSER)).any()
    assert referrals.loc[~after, "source"].isin(list(COARSER)).any()
    assert (clocks == day).all()
    assert records["assessments"].loc[none, "factors_recorded"].all()


def test_fewer_are_referred_after_a_threshold_rises(sound, shocked):
    after = [
        (each["referrals"]["referral_date"] >= "2022-04-01").sum() for each in (sound, shocked)
    ]

    assert after[1] < 0.6 * after[0]


def conversion(records):
    """Share of the contacts of the last three years that became referrals."""
    contacts = records["contacts"]
    since = contacts.loc[contacts["contact_date"] >= "2022-04-01", "outcome"]
    return (since == "referral").mean(), (since != "referral").sum()


def test_a_threshold_lowers_the_share_of_contacts_that_become_referrals(sound, shocked):
    (usual, others), (rare, as_many) = (conversion(each) for each in (sound, shocked))

    assert rare < 0.6 * usual
    assert as_many == pytest.approx(others, rel=0.15)


def test_the_pandemic_lowers_contacts_and_a_threshold_does_not():
    parameters, shocks = load_parameters(), Shocks(covid=2, threshold=0.5)
    usual = Calendar(2018, 7, parameters)
    changed = ShockedCalendar(2018, 7, parameters, shocks)
    ratio = changed.contact_season / usual.contact_season
    both = changed.season / usual.season
    first = usual.starts[:-1]
    pandemic = (usual.dates[first] >= np.datetime64("2020-07-01")) & (
        usual.dates[first] < np.datetime64("2022-07-01")
    )
    after = usual.dates[first] >= np.datetime64("2022-11-01")

    np.testing.assert_allclose(ratio[pandemic], 1 - 2 * 0.09)
    np.testing.assert_allclose(both[pandemic], ratio[pandemic])
    np.testing.assert_allclose(ratio[after], 1.0)
    np.testing.assert_allclose(both[after], 0.5)
