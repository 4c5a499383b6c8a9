"""Truths of every feature for any history: nothing from the day on changes a value."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.leakage import prove_no_leakage
from fs_risk.features.measures import Count, Overdue, streams_of
from fs_risk.features.streams import STREAMS
from fs_risk.records.codes import (
    ABUSE_CATEGORIES,
    CLOSURE_REASONS,
    CONTACT_OUTCOMES,
    FACTORS,
    REFERRAL_SOURCES,
)
from fs_risk.records.dates import working_days_between
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES

FIRST = pd.Timestamp("2016-01-01")
LAST = pd.Timestamp("2020-12-31")
CHILDREN = ["A", "B", "C", "D"]
LINKS = (("A", "F"), ("B", "F"), ("C", "G"), ("C", "F"), ("D", "G"))
ON_ANY_MACHINE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


def dates(first=FIRST, last=LAST):
    return st.dates(first.date(), last.date()).map(pd.Timestamp)


@st.composite
def histories(draw):
    """Draw an authority of four children in two families, with every table of a timeline.

    A link is undated, or known from some day; the families may be joined late or not at all.
    """
    frames = {}
    for name, table in TABLES.items():
        if not table.date or "child_id" not in table:
            continue
        n = draw(st.integers(0, 5))
        start = [draw(dates()) for _ in range(n)]
        delay = [pd.Timedelta(days=draw(st.integers(0, 60))) for _ in range(n)]
        length = [pd.Timedelta(days=draw(st.integers(0, 500))) for _ in range(n)]
        frame = pd.DataFrame({table.key[0]: [f"{name}{i}" for i in range(n)]})
        frame["child_id"] = [draw(st.sampled_from(CHILDREN)) for _ in range(n)]
        frame[table.date] = pd.Series(start, dtype="datetime64[s]")
        frame["known_date"] = pd.Series(
            [a + b for a, b in zip(start, delay, strict=True)], dtype="datetime64[s]"
        )
        if table.end:
            ends = [a + b for a, b in zip(start, length, strict=True)]
            frame[table.end] = pd.Series(ends, dtype="datetime64[s]")
            frame["end_known_date"] = pd.Series(
                [a + b for a, b in zip(ends, delay, strict=True)], dtype="datetime64[s]"
            )
        frames[name] = frame
    for name, column, codes in (
        ("referrals", "source", list(REFERRAL_SOURCES)),
        ("referrals", "no_further_action", [True, False]),
        ("referrals", "close_reason", list(CLOSURE_REASONS)),
        ("section47", "conference_needed", [True, False]),
        ("cp_plans", "initial_category", list(ABUSE_CATEGORIES)),
    ):
        chosen = [draw(st.sampled_from(codes)) for _ in range(len(frames[name]))]
        dtype = "boolean" if codes == [True, False] else "str"
        frames[name][column] = pd.Series(chosen, dtype=dtype)
    n = len(frames["contacts"])
    frames["contacts"]["source"] = [draw(st.sampled_from(list(REFERRAL_SOURCES))) for _ in range(n)]
    frames["contacts"]["outcome"] = [
        draw(st.sampled_from(list(CONTACT_OUTCOMES))) for _ in range(n)
    ]
    ids = frames["assessments"]["assessment_id"]
    chosen = draw(st.lists(st.sampled_from(list(FACTORS)), min_size=len(ids), max_size=len(ids)))
    frames["factors"] = pd.DataFrame({"assessment_id": ids, "code": chosen})
    frames["children"] = pd.DataFrame(
        {"child_id": CHILDREN, "birth_date": [draw(dates()) for _ in CHILDREN]}
    )
    links = draw(st.lists(st.sampled_from(LINKS), unique=True, max_size=len(LINKS)))
    frames["family_links"] = pd.DataFrame(
        {
            "child_id": pd.Series([child for child, _ in links], dtype="str"),
            "family_id": pd.Series([family for _, family in links], dtype="str"),
            "known_date": pd.Series(
                [draw(st.one_of(st.none(), dates())) for _ in links], dtype="datetime64[s]"
            ),
        }
    )
    observed = dict.fromkeys(frames, (FIRST, LAST + pd.Timedelta(days=2_000)))
    return Records.from_frames(
        frames, extract_date=LAST + pd.Timedelta(days=2_000), coverage=observed
    )


@st.composite
def cohorts(draw):
    n = draw(st.integers(1, 4))
    return pd.DataFrame(
        {
            "case_id": [f"case{i}" for i in range(n)],
            "child_id": [draw(st.sampled_from(CHILDREN)) for _ in range(n)],
            "as_of": pd.Series([draw(dates()) for _ in range(n)], dtype="datetime64[s]"),
        }
    )


@settings(max_examples=12, **ON_ANY_MACHINE)
@given(histories(), cohorts(), st.integers(0, 30))
def test_nothing_dated_or_known_from_the_day_on_changes_a_feature(records, cohort, lag):
    """T1, T5: facts removed, added, altered on both clocks leave every feature identical."""
    proof = prove_no_leakage(records, cohort, days=3, column_days=0, lag_days=lag)

    assert proof.passed, proof.table.to_string()


@settings(max_examples=3, **ON_ANY_MACHINE)
@given(histories(), cohorts())
def test_no_late_column_alone_changes_a_feature(records, cohort):
    """T1: each end, outcome, decision, closure and factor blanked and rewritten by itself."""
    proof = prove_no_leakage(records, cohort, days=1, column_days=1)

    assert proof.passed, proof.table.to_string()


def rows_of(records, stream):
    """List the rows of a stream by child, day and clock, as its declaration reads."""
    frame = records[stream.table]
    if stream.column:
        frame = frame[frame[stream.column].astype("str").isin(stream.values)]
    if stream.factors:
        having = records["factors"].query("code in @stream.factors")["assessment_id"]
        frame = frame[frame["assessment_id"].isin(having)]
    if stream.late:
        first, last, allowed = stream.late
        frame = frame[working_days_between(frame[first], frame[last]) > allowed]
    rows = pd.DataFrame(
        {
            "child": frame["child_id"],
            "day": frame[stream.date],
            "known": frame[[stream.clock, "known_date"]].max(axis=1, skipna=False),
        }
    ).dropna()
    if not stream.after:
        return rows
    earlier, kept = rows_of(records, STREAMS[stream.after]), []
    for _, row in rows.iterrows():
        soon = earlier[
            (earlier["child"] == row["child"])
            & (earlier["day"] < row["day"])
            & (earlier["day"] >= row["day"] - pd.Timedelta(days=stream.after_days))
        ]
        if len(soon):
            kept.append({**row, "known": max(row["known"], soon["known"].min())})
    return pd.DataFrame(kept, columns=["child", "day", "known"])


def siblings_of(records, child, cut):
    """Walk from child to family to child over the links known before the cut."""
    links = records["family_links"]
    links = links[links["known_date"].isna() | (links["known_date"] < cut)]
    found = {child}
    for _ in LINKS:
        families = set(links.loc[links["child_id"].isin(found), "family_id"])
        found |= set(links.loc[links["family_id"].isin(families), "child_id"])
    return found - {child}


def brute_force(rows, siblings, cohort, measure, lag):
    """Ask the same question in plain Python: days with an event in the window, as known."""
    counts = []
    for place, row in cohort.iterrows():
        child, as_of = row["child_id"], row["as_of"]
        days, cut = set(), as_of - pd.Timedelta(days=lag)
        theirs = siblings[place]
        whose = {"child": {child}, "siblings": theirs, "household": {child} | theirs}
        for other, day, known in rows.itertuples(index=False):
            if other not in whose[measure.whom]:
                continue
            if known >= cut:
                continue
            if as_of - pd.Timedelta(days=measure.window_days) <= day < as_of:
                days.add(day)
        counts.append(len(days))
    return counts


@settings(max_examples=15, **ON_ANY_MACHINE)
@given(histories(), cohorts(), st.integers(0, 30))
def test_every_count_equals_the_same_question_asked_row_by_row(records, cohort, lag):
    built = build_features(records, cohort, lag_days=lag)
    counted = [spec for spec in CATALOGUE if isinstance(spec.measure, Count)]
    # asked once for all features that are about the same rows and the same siblings
    rows = {name: rows_of(records, STREAMS[name]) for name in {s.measure.stream for s in counted}}
    siblings = [
        siblings_of(records, row["child_id"], row["as_of"] - pd.Timedelta(days=lag))
        for _, row in cohort.iterrows()
    ]
    for spec in counted:
        answers = brute_force(rows[spec.measure.stream], siblings, cohort, spec.measure, lag)
        expected = np.array(answers, dtype=float)
        observed = cohort["as_of"] - pd.Timedelta(days=spec.observed_days) >= FIRST
        np.testing.assert_array_equal(
            built[spec.name], np.where(observed, expected, np.nan), err_msg=spec.name
        )


@settings(max_examples=10, **ON_ANY_MACHINE)
@given(histories(), cohorts(), st.integers(-2_000, 2_000))
def test_moving_all_dates_together_changes_nothing(records, cohort, shift):
    """T4: a constant added to every timestamp leaves the features unchanged.

    Except those on statutory working days, which depend on weekends and holidays.
    """
    step = pd.Timedelta(days=shift)
    frames, coverage = {}, {}
    for name in ("children", "family_links", "factors", *[n for n, t in TABLES.items() if t.date]):
        frame = records[name]
        for column in frame.columns[frame.dtypes.astype("str").str.startswith("datetime")]:
            frame[column] = frame[column] + step
        frames[name] = frame
        window = records.coverage[name]
        coverage[name] = (
            None if window is None else (window.observed_from + step, window.observed_to + step)
        )
    for name in ("children", "family_links"):
        coverage[name] = (records.coverage[name].observed_from, records.extract_date + step)
    moved = Records.from_frames(frames, extract_date=records.extract_date + step, coverage=coverage)

    expected = build_features(records, cohort)
    found = build_features(moved, cohort.assign(as_of=cohort["as_of"] + step))

    on_working_days = [
        spec.name
        for spec in CATALOGUE
        if isinstance(spec.measure, Overdue)
        or any(STREAMS[name].late for name in streams_of(spec.measure))
    ]
    pd.testing.assert_frame_equal(
        expected.drop(columns=on_working_days), found.drop(columns=on_working_days)
    )


@settings(max_examples=10, **ON_ANY_MACHINE)
@given(histories(), cohorts(), st.randoms())
def test_order_of_rows_and_strangers_change_nothing(records, cohort, random):
    """T4: a log taken apart and put together again in any order is the same log."""
    frames = {}
    for name in TABLES:
        frame = records[name]
        order = list(range(len(frame)))
        random.shuffle(order)
        frames[name] = frame.iloc[order].reset_index(drop=True)
    stranger = records["contacts"].head(1).assign(contact_id="new", child_id="stranger")
    frames["contacts"] = pd.concat([frames["contacts"], stranger], ignore_index=True)

    pd.testing.assert_frame_equal(
        build_features(records, cohort), build_features(records.replace(**frames), cohort)
    )
