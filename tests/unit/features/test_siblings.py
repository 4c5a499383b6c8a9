"""From which day two children count as siblings, checked by searching the links themselves."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fs_risk.features.siblings import sibling_groups
from fs_risk.records.dates import MISSING_DAY, NEVER
from fs_risk.records.households import household_numbers

PEOPLE = [f"P{number}" for number in range(6)]
LINKS = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from("FGHJ"), st.sampled_from([MISSING_DAY, 10, 20, 30, 40])
    ),
    max_size=12,
)


def groups_of(links):
    child = np.array([link[0] for link in links], dtype=np.int32)
    family = pd.Series([link[1] for link in links], dtype="str")
    known = np.array([link[2] for link in links], dtype=np.int32)
    frame = pd.DataFrame({"child_id": [PEOPLE[place] for place in child], "family_id": family})
    household = household_numbers(pd.Index(PEOPLE), frame.astype("str"))
    return sibling_groups(child, family, known, household)


def seen(groups, child, cut):
    """List whom a case of a child sees at a cut, as the compiled passes read the groups."""
    [group] = groups.seen_by(np.array([child], np.int32), np.array([cut], np.int32))
    inside = (groups.member_group == group) & (groups.member_known < cut) & (group >= 0)
    return set(groups.member[inside].tolist()) - {child}


def joined(links, child, cut):
    """Walk from child to family to child over the links known before the cut."""
    known = [(person, family) for person, family, day in links if day < cut]
    found, families = {child}, set()
    for _ in range(len(links) + 1):
        families |= {family for person, family in known if person in found}
        found |= {person for person, family in known if family in families}
    return found - {child}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINKS)
def test_siblings_at_any_cut_are_those_joined_by_links_known_before_it(links):
    """T1, T5, T8: no link made later joins two children sooner, nor parts them."""
    groups = groups_of(links)

    for cut in (5, 11, 21, 31, NEVER):
        for child in range(len(PEOPLE)):
            assert seen(groups, child, cut) == joined(links, child, cut), (child, cut)


def test_child_without_a_link_sees_nobody():
    groups = groups_of([(0, "F", MISSING_DAY), (1, "F", MISSING_DAY)])

    assert seen(groups, 2, NEVER) == set()
    assert seen(groups, 0, 0) == {1}


def test_nobody_of_the_records_reads_no_group():
    groups = groups_of([(0, "F", MISSING_DAY), (1, "F", MISSING_DAY)])

    assert groups.seen_by(np.array([-1], np.int32), np.array([50], np.int32)).tolist() == [-1]


def test_household_larger_than_any_family_joins_nobody():
    """An identifier that stands for "not known" would otherwise join half an authority."""
    n = 150
    links = [(person, "F", MISSING_DAY) for person in range(n)] + [(0, "G", 10)]
    child = np.array([link[0] for link in links], dtype=np.int32)
    family = pd.Series([link[1] for link in links], dtype="str")
    known = np.array([link[2] for link in links], dtype=np.int32)

    groups = sibling_groups(child, family, known, np.zeros(n, dtype=np.int32))

    assert seen(groups, 1, NEVER) == set()


def test_authority_without_children_has_no_groups():
    none = np.empty(0, dtype=np.int32)
    groups = sibling_groups(none, pd.Series([], dtype="str"), none, none)

    assert groups.seen_by(np.array([-1], np.int32), np.array([50], np.int32)).tolist() == [-1]
