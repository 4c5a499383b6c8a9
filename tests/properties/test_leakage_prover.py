"""The prover passes an honest catalogue, and names what leaks and through which column."""

import pandas as pd
import pytest

import fs_risk as fs
from drawn import authority as drawn_authority
from drawn import case
from fs_risk.errors import FeatureError
from fs_risk.evaluation.leakage import audit_single_features
from fs_risk.features import spec, stream_rows, streams
from fs_risk.features.measures import Count, DaysOpen
from fs_risk.features.spec import FeatureSpec
from fs_risk.records.as_known import late_columns, with_merged_children, without_late_column
from fs_risk.records.tables import TABLES, Known


@pytest.fixture(scope="module")
def authority():
    return fs.make_authority(children=2_000, years=7, seed=5)


@pytest.fixture(scope="module")
def cohort(authority):
    return fs.referral_cohort(authority).sample(300, random_state=0).reset_index(drop=True)


@pytest.fixture(scope="module")
def undecided(authority):
    """The day after contacts and referrals that were not decided by then, and open cases."""
    parts = []
    for name, date in (("contacts", "contact_date"), ("referrals", "referral_date")):
        frame = authority[name].assign(as_of=lambda f, date=date: f[date] + pd.Timedelta(days=1))
        waiting = (frame["decision_known_date"] >= frame["as_of"]) & (
            frame["known_date"] < frame["as_of"]
        )
        parts.append(frame.loc[waiting & (frame["as_of"] > "2020-06-01"), ["child_id", "as_of"]])
    cases = pd.concat(parts, ignore_index=True)
    busiest = cases["as_of"].value_counts().index[:2]
    cases = cases[cases["as_of"].isin(busiest)].assign(case_id="undecided")
    open_cases = fs.open_case_cohort(authority, on=list(busiest))
    return pd.concat([cases, open_cases], ignore_index=True)


def planted(measure):
    return FeatureSpec(
        name="child_planted", concept="Planted", meaning="Planted to be caught.", unit="",
        kind="neutral", measure=measure, present="{n}", absent="none", missing="not known",
    )  # fmt: skip


def test_catalogue_does_not_leak_and_the_proof_is_plain_data(authority, cohort):
    """T1: on whole rows, and on each late column alone."""
    proof = fs.prove_no_leakage(authority, cohort, days=2, column_days=1, lag_days=7)

    found = proof.to_dict()
    assert proof.passed, proof.table.to_string()
    assert found["leaking"] == []
    assert "referrals.close_date" in found["late_columns"]
    assert "children.birth_date" in found["late_columns"]
    assert "no feature changed" in repr(proof)
    assert found["changes"] == ["blanked", "merged", "removed", "replaced", "rewritten"]
    # by construction: every column that is known later than its row was tried, alone, both ways
    held = {f"{table}.{column}" for table, column in late_columns() if len(authority[table])}
    alone = proof.table[proof.table["column"] != ""]
    assert set(found["late_columns"]) == held
    assert (alone.groupby("column")["change"].agg(set) == {"blanked", "rewritten"}).all()
    summed = proof.to_frame()
    assert summed["cases"].sum() == proof.table["cases"].sum()
    assert not summed["different"].any()
    assert "Single features were not held against an outcome" in proof.text()
    assert proof.to_frame().to_html(index=False) in proof._repr_html_()


def test_every_late_column_of_every_table_is_among_those_changed_alone():
    """T1: none is left out of the proof, and none that is known at once is in it.

    What is overwritten at the extract is blanked in every trial, and refused to streams.
    """
    declared = {
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if column.known in (Known.DECISION, Known.END)
    }
    assert set(late_columns()) == declared | {("children", "birth_date")}
    assert {
        ("referrals", "close_date"), ("referrals", "close_reason"),
        ("referrals", "no_further_action"), ("contacts", "outcome"), ("factors", "code"),
        ("cp_plans", "end_date"), ("care_periods", "end_reason"),
    } <= declared  # fmt: skip


def test_facts_dated_by_rule_are_delayed_for_information(authority, cohort):
    proof = fs.prove_no_leakage(authority, cohort, days=1, column_days=0)

    delays = proof.to_dict()["delays"]
    assert [row["delay_days"] for row in delays] == [7, 28]
    assert 0 < delays[0]["different"] <= delays[1]["different"] <= len(cohort)
    assert proof.passed


@pytest.mark.parametrize(
    ("leak", "measure", "column"),
    [
        (
            # an end used from the day the row was opened
            streams.Stream("referrals", "close_date", "known_date"),
            Count("planted", 1_095),
            "referrals.close_date",
        ),
        (
            # a decision used before it was made
            streams.Stream(
                "referrals", "referral_date", column="no_further_action", values=("True",)
            ),
            Count("planted", 1_095),
            "referrals.no_further_action",
        ),
        (
            # a category of outcome used before it was reached
            streams.Stream("contacts", "contact_date", column="outcome", values=("referral",)),
            Count("planted", 365),
            "contacts.outcome",
        ),
    ],
)
def test_planted_leak_is_caught_and_its_column_named(
    leak, measure, column, authority, undecided, monkeypatch
):
    """T10: a stream that reads a column before it is known, past the catalogue's own check."""
    with pytest.raises(FeatureError, match="before it is known"):
        leak.check("planted")
    known = {**streams.STREAMS, "planted": leak}
    for module in (streams, spec, stream_rows, fs_modules("build"), fs_modules("windows"),
                   fs_modules("rhythms"), fs_modules("timeline")):  # fmt: skip
        if hasattr(module, "STREAMS"):
            monkeypatch.setattr(module, "STREAMS", known)
    monkeypatch.setattr(fs_modules("timeline").History, "streams", tuple(known))

    proof = fs.prove_no_leakage(
        authority, undecided, days=2, column_days=2, extra=[planted(measure)]
    )

    assert not proof.passed
    assert proof.leaking == ("child_planted",)
    assert column in proof.through
    assert "LEAKAGE: child_planted" in repr(proof)


def fs_modules(name):
    import importlib

    return importlib.import_module(f"fs_risk.features.{name}")


def test_a_late_column_is_changed_only_where_it_was_not_known(authority):
    day = pd.Timestamp("2022-01-01")
    for table, column in late_columns():
        for how in ("blanked", "rewritten"):
            changed = without_late_column(authority, day, table=table, column=column, how=how)
            if table in ("children", "factors"):
                continue
            own = fs.Records.__getitem__(authority, table)
            clock = "end_known_date" if column not in (
                "no_further_action", "decision_date", "outcome"
            ) or table not in ("referrals", "contacts") else "decision_known_date"  # fmt: skip
            known = own[clock] < day
            pd.testing.assert_series_equal(
                own.loc[known, column], changed[table].loc[known, column]
            )


def test_a_spell_reads_its_end_only_once_it_is_known():
    """A plan that ended before the day, its end keyed after it, still counts as open."""
    records = drawn_authority(
        cp_plans="""
        cp_plan_id | child_id | start_date | end_date   | end_known_date
        1          | A        | 2024-01-01 | 2024-02-01 | 2024-03-10
        """
    )
    measured = planted(DaysOpen("cp_plan", 365))

    on = {
        day: fs.build_features(records, case("A", day), extra=[measured])["child_planted"].item()
        for day in ("2024-03-10", "2024-03-11")
    }
    assert on == {"2024-03-10": 69, "2024-03-11": 31}


LINKS = """
    child_id | family_id | known_date
    A        | F         | 2015-01-01
    C        | F         | 2015-01-01
    B        | G         | 2015-01-01
"""
CONTACTS = """
    contact_id | child_id | contact_date
    1          | A        | 2021-03-01
    2          | B        | 2021-03-02
"""


@pytest.mark.parametrize(
    ("later", "what"),
    [
        ("    C        | G         | 2021-06-01", "two families joined by a child of both"),
        ("    B        | F         | 2021-06-01", "a child who moved to the family"),
        ("    D        | G         | 2021-06-01\n    D | F | 2021-06-01", "joined by a newborn"),
    ],
)
def test_family_link_made_after_the_day_joins_nobody_before_it(later, what):
    """T1, T5: whose brother or sister a child is counts from the day it was known."""
    before = drawn_authority(family_links=LINKS, contacts=CONTACTS)
    after = drawn_authority(family_links=LINKS.rstrip() + "\n" + later, contacts=CONTACTS)

    for child in "ABC":
        on = case(child, "2021-05-01")
        pd.testing.assert_frame_equal(
            fs.build_features(before, on), fs.build_features(after, on), obj=what
        )
    later_on = fs.build_features(after, case("C", "2021-06-02"))
    assert later_on["siblings_contacts_365d"].item() == 2


def test_future_changes_no_feature_of_a_case_whose_family_is_named(authority):
    """T1: what was linked later is not read by the family's name either."""
    cohort = fs.referral_cohort(authority, family_declared=True).sample(150, random_state=0)

    proof = fs.prove_no_leakage(authority, cohort, lag_days=7)

    assert proof.passed, proof.leaking


def test_survivor_of_a_merge_inherits_nothing_before_it():
    """T1: rows moved to the survivor's number count from the day of the merge."""
    records = drawn_authority(family_links=LINKS, contacts=CONTACTS)
    merged = with_merged_children(records, pd.Timestamp("2023-06-01"))

    for child in "ABC":
        on = case(child, "2023-06-01")
        pd.testing.assert_frame_equal(fs.build_features(records, on), fs.build_features(merged, on))
    after = fs.build_features(merged, case("C", "2023-06-02"))
    assert after["child_contacts_1095d"].item() == 1


def test_undated_merge_is_named_as_a_limit_of_the_proof():
    """Rows that were moved without a date look as if they had always been the survivor's."""
    moved = drawn_authority(contacts=CONTACTS.replace("| B ", "| A "))
    on = case("A", "2021-05-01")

    proof = fs.prove_no_leakage(moved, on, days=1, column_days=0)

    assert fs.build_features(moved, on)["child_contacts_365d"].item() == 2
    assert proof.passed
    assert "merged before the extract" in " ".join(proof.to_dict()["limits"])


def test_single_feature_that_looks_too_good_is_timed(authority):
    """T10: an answer written down days before the day is caught, and shown to be recent."""
    cohort = fs.referral_cohort(authority)
    label = fs.label_outcome(authority, cohort, outcome="cp_plan")["label"]
    told = cohort[label == 1]
    days = pd.DataFrame(
        {
            "missing_id": "leak" + told.index.astype(str),
            "child_id": told["child_id"],
            "start_date": told["as_of"] - pd.Timedelta(days=10),
        }
    )
    coverage = {
        name: window and (window.observed_from, window.observed_to)
        for name, window in authority.coverage.items()
    }
    frames = {name: authority[name] for name in authority} | {"missing_episodes": days}
    leaking = fs.Records.from_frames(frames, extract_date=authority.extract_date, coverage=coverage)
    proof = fs.prove_no_leakage(leaking, cohort, days=1, column_days=0)

    found = audit_single_features(proof, leaking, cohort, label)

    assert proof.passed
    assert "child_missing_90d" in found.suspicious
    timed = found.single.set_index("feature").loc["child_missing_90d"]
    assert timed["roc_auc"] > 0.8
    assert timed["roc_auc_28d_older"] < 0.6
    assert "look too good" in repr(found)
    assert "child_missing_90d" in found._repr_html_()
    assert found.to_dict()["suspicious"] == list(found.suspicious)


def test_honest_features_are_not_suspicious(authority):
    """T10."""
    cohort = fs.referral_cohort(authority)
    label = fs.label_outcome(authority, cohort, outcome="cp_plan")["label"]
    proof = fs.prove_no_leakage(authority, cohort, days=1, column_days=0)

    found = audit_single_features(proof, authority, cohort, label)

    assert found.suspicious == ()
    assert "alone tells the outcome too well" in found.text()


def test_column_in_which_nothing_was_late_is_named_and_not_counted_as_proved():
    """T1: what was tried is told, and of a column that no trial changed nothing is claimed."""
    moved = drawn_authority(contacts=CONTACTS)
    cohort = pd.concat([case("A", "2021-03-01"), case("A", "2021-05-01")], ignore_index=True)

    proof = fs.prove_no_leakage(moved, cohort, days=2, column_days=1)

    unchanged = proof.table[(proof.table["column"] != "") & (proof.table["rows"] == 0)]
    assert "contacts.outcome" in proof.untried
    assert set(proof.untried) == set(unchanged["column"])
    assert (unchanged["cases"] == 0).all()
    assert (proof.table.loc[proof.table["column"] == "", "cases"] > 0).all()
    assert proof.to_dict()["rows_changed"] == proof.table["rows"].sum()
