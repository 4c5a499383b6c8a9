"""Who else is in a household, as known before a day."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from drawn import authority
from fs_risk.triage.cases import cases_of
from fs_risk.triage.household_known import MOST_SHOWN, age_in_words, others_of
from fs_risk.triage.referral import Referral, declared_referrals

CHILDREN = """
    child_id | birth_date | expected_birth_date | death_date | retain_until
    A        | 2015-01-01 | -                   | -          | -
    B        | 2019-06-01 | -                   | -          | -
    C        | 2010-02-01 | -                   | -          | -
    grown    | 2004-03-01 | -                   | -          | -
    dead     | 2018-03-01 | -                   | 2022-02-02 | -
    past     | 2018-03-01 | -                   | -          | 2023-12-31
    unborn   | -          | 2024-05-01          | -          | -
    undated  | -          | -                   | -          | -
    later    | 2024-03-20 | -                   | -          | -
    D        | 2016-01-01 | -                   | -          | -
    E        | 2017-01-01 | -                   | -          | -
"""
LINKS = """
    child_id | family_id | known_date
    A        | F         | 2016-01-01
    B        | F         | 2020-01-01
    C        | F         | 2024-03-04
    grown    | F         | 2016-01-01
    dead     | F         | 2020-01-01
    past     | F         | 2020-01-01
    unborn   | F         | 2024-01-01
    undated  | F         | 2024-01-01
    later    | F         | 2024-01-01
    D        | G         | 2020-01-01
    E        | G         | 2024-03-05
"""
REFERRALS = """
    referral_id | child_id | referral_date
    1           | unborn   | 2024-01-01
    2           | later    | 2024-01-05
"""


@pytest.fixture(scope="module")
def history():
    records = authority(children=CHILDREN, family_links=LINKS, referrals=REFERRALS)
    return fs.History.from_records(records)


def found(history, child, day="2024-03-05", lag=0, **declared):
    referral = Referral(referral_id="R", child_id=child, referral_date=day, **declared)
    case = cases_of(history, [referral], lag_days=lag)
    return others_of(history, case, family_id=referral.family_id)


def names(history, others):
    return [str(history.children[child]) for child in others.children]


def test_others_are_listed_by_age_the_eldest_first(history):
    others = found(history, "A")

    assert names(history, others) == ["C", "B", "unborn", "undated"]


def test_grown_and_dead_are_counted_and_not_shown(history):
    assert found(history, "A").left_out == {"aged 18 or over": 1, "died": 1}


def test_child_past_retention_is_neither_shown_nor_counted(history):
    """G7: from the day after, nothing says that there ever was one."""
    before = names(history, found(history, "A", "2023-12-31"))
    after = found(history, "A", "2024-01-01")

    assert "past" in before
    assert "past" not in names(history, after)
    assert after.left_out == {"aged 18 or over": 1, "died": 1}


def test_death_counts_from_the_day_after(history):
    assert "dead" in names(history, found(history, "A", "2022-02-02"))
    assert "dead" not in names(history, found(history, "A", "2022-02-03"))


def test_link_learned_on_the_day_is_not_known_before_it(history):
    """T5; the live lag hides what became known within it."""
    assert "C" not in names(history, found(history, "A", "2024-03-04"))
    assert "C" not in names(history, found(history, "A", "2024-03-05", lag=7))
    assert "C" in names(history, found(history, "A", "2024-03-12", lag=7))


def test_child_whose_own_link_is_not_known_has_nobody_yet(history):
    assert names(history, found(history, "C", "2024-03-04")) == []
    assert "A" in names(history, found(history, "C", "2024-03-05"))


def test_birth_after_the_day_is_not_known(history):
    """The child had no expected date: on the day nobody knew of one."""
    assert "later" not in names(history, found(history, "A", "2024-03-10"))
    assert "later" in names(history, found(history, "A", "2024-03-21"))


def test_household_of_one_is_empty(history):
    assert names(history, found(history, "E")) == []
    assert names(history, found(history, "nobody")) == []


class TestDeclaredFamily:
    def test_unknown_child_is_found_a_family(self, history):
        others = found(history, "nobody", family_id="F")

        assert names(history, others) == ["C", "A", "B", "unborn", "undated"]
        assert others.family_known

    def test_links_of_the_family_have_their_clock(self, history):
        assert names(history, found(history, "nobody", family_id="G")) == ["D"]
        assert names(history, found(history, "nobody", "2024-03-06", family_id="G")) == ["D", "E"]

    def test_declared_family_comes_beside_the_recorded_one(self, history):
        others = found(history, "A", family_id="G")

        assert names(history, others) == ["C", "D", "B", "unborn", "undated"]

    def test_family_that_nobody_knows_finds_nobody(self, history):
        others = found(history, "nobody", family_id="H")

        assert names(history, others) == []
        assert not others.family_known


def test_number_that_no_family_shares_shows_nobody():
    """A place-holder typed as the family's number joins strangers: none of them is shown."""
    many = range(MOST_SHOWN + 2)
    children = "child_id | birth_date\n" + "\n".join(f"c{n} | 2015-01-01" for n in many)
    links = "child_id | family_id | known_date\n" + "\n".join(
        f"c{n} | 0 | 2016-01-01" for n in many
    )
    history = fs.History.from_records(authority(children=children, family_links=links))
    fewer = "\n".join(links.splitlines()[:-1])
    held = fs.History.from_records(authority(children=children, family_links=fewer))

    others = found(history, "c0")
    assert others.children.size == 0
    assert others.left_out == {"too many to be one household": MOST_SHOWN + 1}
    assert found(held, "c0").children.size == MOST_SHOWN


def test_ages_are_said_as_people_say_them(history):
    day = int((pd.Timestamp("2024-03-05") - pd.Timestamp("1970-01-01")).days)
    number = history.child_number
    said = {name: age_in_words(history, number[name], day) for name in ("A", "unborn", "undated")}

    assert said == {"A": "9 years old", "unborn": "not yet born", "undated": "age not known"}
    assert age_in_words(history, number["B"], day - 365 * 4) == "under 1 year old"
    assert age_in_words(history, number["B"], day - 365 * 3) == "1 year old"


def test_as_many_as_the_features_count(small_authority):
    """The same rule of who is a sibling: on records without deaths or undated children."""
    records = small_authority.replace(
        children=small_authority["children"].assign(death_date=np.datetime64("NaT", "s"))
    )
    history = fs.History.from_records(records)
    last = records.extract_date
    recent = declared_referrals(records, (last - pd.Timedelta(days=200)).date(), last.date())
    cases = cases_of(history, recent, lag_days=7)
    cohort = pd.DataFrame(
        {"case_id": "case", "source": None, "child_id": [referral.child_id for referral in recent],
         "as_of": pd.to_datetime([referral.referral_date for referral in recent])}
    )  # fmt: skip
    X = fs.build_features(history, cohort, lag_days=7)

    undated = (history.birth == history.birth.min()) & (
        history.expected_birth == history.birth.min()
    )
    counted = X["siblings_number"] + X["siblings_unborn"]
    assert counted.sum() > 50
    for place in range(len(recent)):
        others = others_of(history, cases.part(place, place + 1), family_id=None)
        assert (~undated[others.children]).sum() == counted[place]
