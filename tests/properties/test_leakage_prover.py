"""The prover passes an honest catalogue, and names what leaks and through which column."""

import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import FeatureError
from fs_risk.features import spec, stream_rows, streams
from fs_risk.features.measures import Count, DaysOpen
from fs_risk.features.spec import FeatureSpec
from fs_risk.records.as_known import late_columns, without_late_column


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
    from drawn import authority as drawn_authority
    from drawn import case

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
