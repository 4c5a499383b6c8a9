"""What a history cannot be brought up to date from, each refused with the cure."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
import histories as told
from drawn import authority
from fs_risk.errors import RecordsError
from fs_risk.features.timeline import History

BEFORE = {
    "children": "child_id | birth_date\nA | 2015-01-01\nB | 2017-01-01\nC | 2016-01-01",
    "family_links": "child_id | family_id\nA | F\nB | F",
    "contacts": "contact_id | child_id | contact_date | source\n1 | A | 2023-02-01 | 6\n"
    "2 | B | 2023-03-01 | 6",
    "referrals": "referral_id | child_id | referral_date | close_date\n"
    "R1 | A | 2023-02-03 | -\nR2 | C | 2023-05-01 | -",
}
NIGHT = {
    "children": "child_id | birth_date\nA | 2015-01-01\nD | 2020-01-01",
    "family_links": "child_id | family_id\nA | F\nD | F",
    "contacts": "contact_id | child_id | contact_date | source\n1 | A | 2023-02-01 | 6\n"
    "3 | A | 2024-11-01 | 6",
    "referrals": "referral_id | child_id | referral_date | close_date\n"
    "R1 | A | 2023-02-03 | 2023-08-01\nR3 | D | 2024-11-02 | -",
}


@pytest.fixture(scope="module")
def history():
    return History.from_records(authority(**BEFORE))


def night(**tables):
    return authority(**{**NIGHT, **tables})


def after(records, day, until=None):
    """Give records with another extract date, observed until then."""
    return fs.Records.from_frames(
        {name: records[name] for name in NIGHT},
        extract_date=day,
        coverage=dict.fromkeys(NIGHT, ("2015-01-01", until or day)),
    )


def test_a_night_of_changes_reaches_child_brothers_and_sisters(history):
    """A contact and a closure of A, a sister D; B, who is not named, now has D too."""
    updated = history.updated(night())
    cohort = pd.DataFrame(
        {"case_id": ["a", "b"], "child_id": ["A", "B"], "as_of": pd.to_datetime(["2024-12-01"] * 2)}
    )

    X = fs.build_features(updated, cohort)

    assert X["child_contacts_30d"].tolist() == [1.0, 0.0]
    assert X["siblings_number"].tolist() == [2.0, 2.0]
    assert X["siblings_contacts_365d"].tolist() == [0.0, 1.0]
    assert X["child_episode_open"].tolist() == [0.0, 0.0]


def test_history_itself_is_left_as_it_was(history):
    before = told.said(history)

    history.updated(night())

    assert told.said(history) == before


def test_updating_twice_from_the_same_changes_nothing(history):
    once = history.updated(night())

    assert told.said(once.updated(night())) == told.said(once)


def test_observed_days_run_on_to_the_later_extract():
    early = History.from_records(after(authority(**BEFORE), "2024-06-30"))
    later = after(night(), "2024-12-31")

    updated = early.updated(later)

    assert updated.extract_day == History.from_records(later).extract_day
    assert updated.coverage["contacts"] == History.from_records(later).coverage["contacts"]


def test_observed_days_begin_when_the_history_began(history):
    """An extract of one child may begin with that child's first row."""
    later = authority(coverage={"contacts": ("2023-02-01", "2024-12-31")}, **NIGHT)

    assert history.updated(later).coverage["contacts"] == history.coverage["contacts"]


def test_rows_of_the_night_alone_are_refused(history):
    """They would take the place of all that was held of the child."""
    only_new = night(contacts="contact_id | child_id | contact_date\n3 | A | 2024-11-01")

    with pytest.raises(RecordsError, match=r"(?s)2 facts about 1 child .*every row of each"):
        history.updated(only_new)


def test_family_link_that_is_gone_is_refused(history):
    unlinked = night(family_links="child_id | family_id\nD | F")

    with pytest.raises(RecordsError, match="1 fact about 1 child that the history holds is not"):
        history.updated(unlinked)


def test_corrected_rows_are_taken_when_said_to_be(history):
    corrected = night(
        contacts="contact_id | child_id | contact_date | source\n1 | A | 2023-02-02 | 2A"
    )

    updated = history.updated(corrected, corrected=True)

    child = updated.child_number["A"]
    rows = slice(updated.events.starts[child], updated.events.starts[child + 1])
    of = [updated.streams[kind] for kind in updated.events.kind[rows]]
    assert "contacts_school" in of
    assert "contacts_police" not in of


def test_removed_child_is_gone_with_its_facts_and_links(history):
    updated = history.updated(night(), removed=["B"])

    assert sorted(updated.children) == ["A", "C", "D"]
    assert "'B'" not in str(told.said(updated))


@pytest.mark.parametrize("named", [["nobody"], ["A"]])
def test_child_cannot_be_removed_who_is_not_there_or_is_given(history, named):
    with pytest.raises(RecordsError, match="of 1 child to be removed"):
        history.updated(night(), removed=named)


def test_earlier_extract_is_refused(history):
    with pytest.raises(RecordsError, match="extracted before the history's own"):
        history.updated(after(night(), "2024-11-30"))


def test_shorter_observation_is_refused(history):
    with pytest.raises(RecordsError, match=r"children is observed|contacts is observed by the rec"):
        history.updated(after(night(), "2024-12-31", until="2024-11-30"))


@pytest.mark.parametrize("extra", ["care_periods", None])
def test_other_tables_are_refused(history, extra):
    """An extract that cannot hold plans would forget those of its children."""
    frames = {name: night()[name] for name in NIGHT if extra or name != "contacts"}
    if extra:
        frames[extra] = night()[extra]
    records = fs.Records.from_frames(frames, extract_date="2024-12-31")

    with pytest.raises(RecordsError, match=r"Table (contacts|care_periods) is observed by the"):
        history.updated(records)


def test_records_of_another_kind_are_refused(history, small_authority):
    with pytest.raises(RecordsError, match="not of the authority that the history was made from"):
        history.updated(small_authority)


def test_pseudonyms_of_another_key_are_refused(history):
    with pytest.raises(RecordsError, match="not replaced with one key"):
        history.updated(night().pseudonymised(b"a key of sixteen bytes"))


def test_history_of_pseudonyms_is_updated_with_the_same_key(history):
    key = b"a key of sixteen bytes"
    hidden = History.from_records(authority(**BEFORE).pseudonymised(key))

    updated = hidden.updated(night().pseudonymised(key))

    plain = history.updated(night())
    assert len(updated.children) == len(plain.children)
    assert not set(updated.children) & set(plain.children)
    assert np.array_equal(updated.events.day, plain.events.day)


def test_excluded_children_stay_excluded(history):
    without = History.from_records(authority(**BEFORE).excluding(["C"]))

    with pytest.raises(RecordsError, match="leaves children out"):
        without.updated(night())
    assert sorted(without.updated(night().excluding(["C"])).children) == ["A", "B", "D"]


def test_referral_that_is_now_another_childs_is_refused(history):
    moved = night(
        referrals="referral_id | child_id | referral_date\nR1 | A | 2023-02-03\nR2 | D | 2023-05-01"
    )

    with pytest.raises(RecordsError, match="1 referral of the records"):
        history.updated(moved)
