"""Combining returns: the stated order holds for any data, and nothing is added twice."""

import json

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.readers.combine import combine
from fs_risk.readers.dfe_api import read_dfe_api
from fs_risk.readers.family_safeguarding import read_family_safeguarding
from fs_risk.readers.ssd import read_ssd
from fs_risk.records.records import Records

END = "2024-12-31"
CHILDREN, DAYS = ("A1", "B2"), ("2024-01-10", "2024-02-10", "2024-03-10")
REFERRALS = st.dictionaries(
    st.tuples(st.sampled_from(CHILDREN), st.sampled_from(DAYS)),
    st.sampled_from(["6", "2A", "1A", None]),
    min_size=1,
)


def a_return(name, held):
    """One return's referrals, named in its own way, ids in its own spelling."""
    spell = str.lower if name == "second" else str
    rows = [
        {
            "referral_id": f"{name}{at}",
            "child_id": spell(child),
            "referral_date": day,
            "source": code,
        }
        for at, ((child, day), code) in enumerate(sorted(held.items()))
    ]
    frame = pd.DataFrame(rows)
    children = pd.DataFrame({"child_id": [spell(child) for child in CHILDREN]})
    return Records.from_frames(
        {"children": children, "referrals": frame}, extract_date=END, coverage={}
    )


@settings(max_examples=3, deadline=None)
@given(REFERRALS, REFERRALS, REFERRALS)
def test_of_three_returns_the_first_that_says_something_is_believed(first, second, third):
    parts = [
        a_return(name, held)
        for name, held in zip(("first", "second", "third"), (first, second, third), strict=True)
    ]
    joined = combine(combine(parts[0], parts[1]), parts[2])

    expected: dict[tuple[str, str], str | None] = {}
    for held in (first, second, third):
        for key, code in held.items():
            expected[key] = expected.get(key) or code
    found = joined["referrals"]
    days = found["referral_date"].dt.strftime("%Y-%m-%d")
    codes = found["source"].astype("object").where(found["source"].notna(), None)
    assert dict(zip(zip(found["child_id"], days, strict=True), codes, strict=True)) == expected
    assert len(found) == len(expected)
    assert sorted(joined["children"]["child_id"]) == sorted(CHILDREN)


@settings(max_examples=3, deadline=None)
@given(REFERRALS, REFERRALS)
def test_combining_again_adds_nothing(first, second):
    one, two = a_return("first", first), a_return("second", second)
    both = combine(one, two)

    assert combine(both, two).fingerprint == both.fingerprint
    assert combine(one, both).fingerprint == both.fingerprint
    assert combine(both, both).fingerprint == both.fingerprint


@settings(max_examples=3, deadline=None)
@given(REFERRALS, REFERRALS, REFERRALS)
def test_the_order_of_joining_does_not_matter_where_the_order_of_belief_stays(a, b, c):
    one, two, three = a_return("first", a), a_return("second", b), a_return("third", c)
    left = combine(combine(one, two), three)
    right = combine(one, combine(two, three))
    columns = ["child_id", "referral_date", "source"]

    tables = [
        joined["referrals"][columns].sort_values(columns[:2], ignore_index=True)
        for joined in (left, right)
    ]
    pd.testing.assert_frame_equal(*tables)


def test_the_dataset_the_api_and_the_templates_join_to_one_authority(small_authority, tmp_path):
    end = small_authority.extract_date.date()
    dataset = read_ssd(small_authority.to_ssd(tmp_path / "ssd"), extract_date=end)
    referrals = dataset["referrals"].head(40)
    sent = [
        {
            "la_child_id": row.child_id.lower(),
            "social_care_episodes": [
                {
                    "social_care_episode_id": f"api-{row.referral_id}",
                    "referral_date": f"{row.referral_date:%Y-%m-%d}",
                }
            ],
        }
        for row in referrals.itertuples()
    ]
    later = pd.Timestamp(end) - pd.Timedelta(days=1)
    staged = [
        {"json_payload": each, "submission_timestamp": f"{day:%Y-%m-%d} 02:00"}
        for each, day in zip(sent, referrals["referral_date"] + pd.Timedelta(days=3), strict=True)
        if day <= later
    ]
    (tmp_path / "rows.json").write_text(json.dumps(staged), encoding="utf-8")
    place = tmp_path / "templates"
    place.mkdir()
    child = dataset["children"]["child_id"].iloc[0]
    (place / "families.csv").write_text(f"family_id,child_id\nFS1,{child}\n", encoding="utf-8")
    (place / "group_supervision.csv").write_text(
        f"supervision_id,family_id,supervision_date\nV,FS1,{later:%Y-%m-%d}\n", encoding="utf-8"
    )
    api = read_dfe_api(tmp_path / "rows.json", extract_date=end)
    own = read_family_safeguarding(place, extract_date=end)

    joined = combine(combine(dataset, api), own)

    assert len(joined["referrals"]) == len(dataset["referrals"])
    assert set(joined["referrals"]["referral_id"]) == set(dataset["referrals"]["referral_id"])
    assert len(joined["children"]) == len(dataset["children"])
    assert len(joined["group_supervision"]) == 1
    assert "FS1" in set(joined["family_links"]["family_id"])
    assert joined.origin.returns == ("SSD", "DfE API", "Family Safeguarding")
    # what the API recorded takes the place of the rule, and nothing else of the first is changed
    recorded = api["referrals"].loc[~api["referrals"]["known_by_rule"]]
    clocks = joined["referrals"].set_index(["child_id", "referral_date"])
    for row in recorded.drop_duplicates(["child_id", "referral_date"]).itertuples():
        spelt = next(one for one in dataset["children"]["child_id"] if one.lower() == row.child_id)
        mine = clocks.loc[[(spelt, row.referral_date)]].iloc[0]
        assert mine["known_date"] == row.known_date
        assert not mine["known_by_rule"]
    pd.testing.assert_series_equal(joined["referrals"]["source"], dataset["referrals"]["source"])
