import numpy as np
import pandas as pd
import pytest

from drawn import authority, case
from fs_risk.errors import FeatureError
from fs_risk.features.build import build_features
from fs_risk.features.measures import Count
from fs_risk.features.spec import FeatureSpec

CONTACTS = """
    contact_id | child_id | contact_date | known_date | source
    1          | A        | 2023-03-01   | 2023-03-01 | 6
    2          | A        | 2024-02-20   | 2024-02-20 | 2A
    3          | A        | 2024-02-28   | 2024-03-06 | 6
    4          | A        | 2024-03-05   | 2024-03-05 | 6
"""


def value(records, cohort, name, **more):
    return build_features(records, cohort, **more)[name].item()


def test_event_on_the_day_itself_is_not_counted():
    """T2: events dated as_of are out; the day before is in."""
    records = authority(contacts=CONTACTS)

    assert value(records, case("A", "2024-03-05"), "child_contacts_30d") == 1
    assert value(records, case("A", "2024-03-06"), "child_contacts_30d") == 2


def test_event_recorded_late_is_invisible_until_it_is_recorded():
    """T5: contact 3 happened on 28 February and was keyed on 6 March."""
    records = authority(contacts=CONTACTS)

    assert value(records, case("A", "2024-03-06"), "child_contacts_30d") == 2
    assert value(records, case("A", "2024-03-07"), "child_contacts_30d") == 3


def test_windows_count_back_from_as_of_not_from_the_last_event():
    """T3: four years after the last event every short window is empty."""
    records = authority(contacts="contact_id | child_id | contact_date\n 1 | A | 2020-01-01")

    row = build_features(records, case("A", "2024-01-01"))

    assert (
        row[["child_contacts_30d", "child_contacts_365d", "child_contacts_1095d"]]
        .eq(0)
        .all(axis=None)
    )


def test_window_includes_its_first_day():
    records = authority(contacts="contact_id | child_id | contact_date\n 1 | A | 2024-01-01")

    assert value(records, case("A", "2024-01-31"), "child_contacts_30d") == 1
    assert value(records, case("A", "2024-02-01"), "child_contacts_30d") == 0


def test_same_event_keyed_twice_counts_once():
    """F4: duplicates do not inflate counts."""
    records = authority(
        referrals="""
        referral_id | child_id | referral_date
        1           | A        | 2024-01-05
        2           | A        | 2024-01-05
        """
    )

    assert value(records, case("A", "2024-02-01"), "child_referrals_90d") == 1


def test_decision_is_not_used_before_it_was_made():
    records = authority(
        contacts="""
        contact_id | child_id | contact_date | outcome           | decision_known_date
        1          | A        | 2024-01-05   | no_further_action | 2024-01-20
        """
    )

    name = "child_contacts_not_referred_365d"
    assert value(records, case("A", "2024-01-20"), name) == 0
    assert value(records, case("A", "2024-01-21"), name) == 1


def test_window_that_was_not_wholly_observed_is_missing():
    records = authority(coverage={"contacts": ("2024-01-01", "2024-12-31")}, contacts=CONTACTS)

    row = build_features(records, case("A", "2024-04-15"))

    assert row["child_contacts_90d"].item() == 3
    assert np.isnan(row["child_contacts_180d"].item())


def test_return_that_cannot_hold_a_table_gives_missing_not_zero():
    records = authority(referrals="referral_id | child_id | referral_date\n 1 | A | 2024-01-05")

    row = build_features(records, case("A", "2024-02-01"))

    assert np.isnan(row["child_contacts_365d"].item())
    assert row["child_referrals_365d"].item() == 1


def test_unknown_child_in_an_observed_window_has_an_empty_history():
    records = authority(contacts=CONTACTS)

    assert value(records, case("Z", "2024-03-05"), "child_contacts_365d") == 0


def test_lag_hides_what_became_known_within_it():
    records = authority(contacts=CONTACTS)

    assert value(records, case("A", "2024-03-07"), "child_contacts_30d", lag_days=2) == 1


def test_facts_past_their_retention_are_invisible():
    """G7: retention is honoured from the day after."""
    records = authority(contacts=CONTACTS, children="child_id | retain_until\n A | 2024-03-10")

    assert value(records, case("A", "2024-03-10"), "child_contacts_365d") == 3
    assert value(records, case("A", "2024-03-11"), "child_contacts_365d") == 0


def test_days_since_is_missing_when_nothing_lies_in_the_window():
    records = authority(contacts=CONTACTS)

    assert value(records, case("A", "2024-03-10"), "child_days_since_contacts_1095d") == 5
    assert np.isnan(value(records, case("B", "2024-03-10"), "child_days_since_contacts_1095d"))


def test_sibling_events_are_a_sum_over_the_others_and_never_the_childs_own():
    """F5: an explicit sum."""
    records = authority(
        family_links="child_id | family_id\n A | F\n B | F\n C | F",
        referrals="""
        referral_id | child_id | referral_date
        1           | A        | 2024-01-05
        2           | B        | 2024-01-05
        3           | C        | 2024-01-05
        4           | C        | 2024-01-25
        """,
    )

    row = build_features(records, case("A", "2024-02-01"))

    # one referral keyed for two siblings is one day with a referral (F4)
    assert row["siblings_referrals_365d"].item() == 2
    assert row["child_referrals_365d"].item() == 1


def test_sibling_is_invisible_until_the_link_is_known():
    records = authority(
        family_links="child_id | family_id | known_date\n A | F | -\n B | F | 2024-03-01",
        children="child_id | birth_date\n A | 2015-01-01\n B | 2020-01-01",
        referrals="referral_id | child_id | referral_date\n 1 | B | 2024-01-05",
    )

    before = build_features(records, case("A", "2024-03-01"))
    after = build_features(records, case("A", "2024-03-02"))

    assert before[["siblings_referrals_365d", "siblings_number"]].eq(0).all(axis=None)
    assert after[["siblings_referrals_365d", "siblings_number"]].eq(1).all(axis=None)


def test_extra_feature_is_built_beside_the_catalogue():
    spec = FeatureSpec(
        name="child_contacts_7d", concept="Contacts", meaning="Contacts in a week.",
        unit="days", kind="worry", measure=Count("contacts", 7), present="{n} contacts",
        absent="no contact", missing="not known",
    )  # fmt: skip
    records = authority(contacts=CONTACTS)

    assert value(records, case("A", "2024-02-25"), "child_contacts_7d", extra=[spec]) == 1


@pytest.mark.parametrize(
    ("cohort", "message"),
    [
        (case("A", "2024-01-01").drop(columns="as_of"), "lacks as_of"),
        (case("A", "2024-01-01").assign(child_id=None), "1 of 1 case has no child"),
    ],
)
def test_unusable_cohort_is_refused(cohort, message):
    with pytest.raises(FeatureError, match=message):
        build_features(authority(contacts=CONTACTS), cohort)


def test_cohort_without_rows_gives_no_rows():
    empty = case("A", "2024-01-01").iloc[:0]

    built = build_features(authority(contacts=CONTACTS), empty)

    assert built.shape[0] == 0
    assert (built.dtypes == np.float32).all()


def test_index_and_order_of_the_cohort_are_kept():
    cohort = pd.concat([case("A", "2024-03-06"), case("B", "2024-03-06")])
    cohort.index = pd.Index([7, 3])

    built = build_features(authority(contacts=CONTACTS), cohort)

    assert built.index.tolist() == [7, 3]
    assert built["child_contacts_30d"].tolist() == [2, 0]
