"""How often a check of drift cries wolf, and what it catches, in invented authorities.

    python evaluation/drift_validity.py --draws 20 --children 20000

In each draw an authority is invented, a model fitted on its extract of 31 March 2021, and the
later records looked at again and again as an extract of each quarter would hold them. With
nothing planted any signal is a false alarm: codes that the census began in 2022-23 are put
back first, since they are a change. Then one change at a time is planted.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import fs_risk as fs
from fs_risk.model.listing import list_periods
from fs_risk.records.as_known import as_known_before
from fs_risk.records.assemble import assemble
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES
from fs_risk.triage.watch_abstaining import abstention_rows
from fs_risk.triage.watch_cases import Span, Watched, watched_cases
from fs_risk.triage.watch_clocks import lag_rows
from fs_risk.triage.watch_groups import gap_rows, groups_of_cases
from fs_risk.triage.watch_inputs import input_rows, outside_rows, score_rows
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_lists import volume_rows
from fs_risk.triage.watch_outcomes import outcome_rows
from fs_risk.triage.watch_recording import code_rows, missing_rows
from fs_risk.triage.watch_rows import LOOK, STOP
from fs_risk.triage.watch_sequence import rate_evidence

FITTED, CHANGED = "2021-03-31", "2023-04-01"
_BEGUN = {"referrals": {"source": {"5D": "5A"}, "close_reason": {"RC9": "RC8"}},
          "contacts": {"source": {"5D": "5A"}}}  # fmt: skip


def extract_of(records: Records, day: str) -> Records:
    """Give the records as an extract of a day holds them."""
    end = pd.Timestamp(day)
    known = as_known_before(records, end + pd.Timedelta(days=1))
    coverage = {
        name: None if window is None else (window.observed_from, min(window.observed_to, end))
        for name, window in records.coverage.items()
    }
    frames = {name: known[name] for name in TABLES}
    return assemble(frames, extract_date=day, origin=records.origin, coverage=coverage)


def unchanged(children: int, seed: int, years: int = 10) -> Records:
    """Invent an authority in which nothing changes."""
    records = fs.make_authority(children=children, years=years, seed=seed, go_live=None)
    frames = {}
    for name, columns in _BEGUN.items():
        frame = records[name]
        for column, codes in columns.items():
            frame[column] = frame[column].replace(codes)
        frames[name] = frame
    return records.replace(**frames)


def until(watched: Watched, last: pd.Timestamp) -> Watched:
    """Give what an extract of an earlier day would have held of the cases."""
    days = watched.cohort["as_of"]
    known = days + pd.Timedelta(days=watched.model.plan.within_days) <= last
    return replace(
        watched,
        span=Span(watched.span.first, last),
        now=watched.now & (days <= last).to_numpy(),
        label=np.where(known, watched.label, np.nan),
    )


def signals(watched: Watched, limits: DriftLimits) -> set[str]:
    """Name the checks that are signalled."""
    rows = [
        *outcome_rows(watched, watched.log_odds, limits),
        *input_rows(watched, limits),
        *outside_rows(watched, limits),
        *score_rows(watched, limits),
        *gap_rows(watched, groups_of_cases(watched, None), limits),
        *volume_rows(watched, limits),
        *abstention_rows(watched, None, limits),
        *missing_rows(watched, limits),
        *code_rows(watched, limits),
        *lag_rows(watched, limits),
    ]
    return {f"{row.check}: {row.measure}" for row in rows if row.verdict in (LOOK, STOP)}


def looked_at(model: fs.StepUpModel, records: Records, looks: int) -> dict[str, str]:
    """Look at the end of each of the last quarters; give each signal's first look."""
    whole = watched_cases(model, records, pd.Timestamp("2022-04-01").date())
    found: dict[str, str] = {}
    ends = pd.date_range(end=whole.span.last.to_period("M").start_time, periods=looks, freq="3MS")
    for end in [*(day - pd.Timedelta(days=1) for day in ends), whole.span.last]:
        for name in signals(until(whole, end), DriftLimits()):
            found.setdefault(name, str(end.date()))
    return found


def _after(frame: pd.DataFrame, column: str) -> np.ndarray:
    return (frame[column] >= pd.Timestamp(CHANGED)).to_numpy(dtype=bool)


def fewer_plans(records: Records, rng: np.random.Generator) -> Records:
    """Let half of the plans be no longer decided on: another threshold for a plan."""
    plans = records["cp_plans"]
    gone = _after(plans, "start_date") & (rng.random(len(plans)) < 0.5)
    return records.replace(cp_plans=plans[~gone].reset_index(drop=True))


def coarser_codes(records: Records, rng: np.random.Generator) -> Records:
    """Let a new system write coarser sources."""
    from fs_risk.synthetic.defects.migration import COARSER

    frames = {}
    for name, day in (("contacts", "contact_date"), ("referrals", "referral_date")):
        frame = records[name]
        rows = _after(frame, day)
        frame.loc[rows, "source"] = frame.loc[rows, "source"].replace(COARSER)
        frames[name] = frame
    return records.replace(**frames)


def one_team_stops(records: Records, rng: np.random.Generator) -> Records:
    """Let one team record no more factors."""
    assessments, referrals = records["assessments"], records["referrals"]
    team = assessments["referral_id"].map(referrals.set_index("referral_id")["team"])
    lost = _after(assessments, "authorised_date") & (team == team.mode()[0]).to_numpy(dtype=bool)
    assessments.loc[lost, "factors_recorded"] = False
    gone = records["factors"]["assessment_id"].isin(assessments.loc[lost, "assessment_id"])
    return records.replace(
        assessments=assessments, factors=records["factors"][~gone].reset_index(drop=True)
    )


def fewer_referrals(records: Records, rng: np.random.Generator) -> Records:
    """Let the front door accept half as many referrals."""
    referrals = records["referrals"]
    gone = _after(referrals, "referral_date") & (rng.random(len(referrals)) < 0.5)
    return records.replace(referrals=referrals[~gone].reset_index(drop=True))


def typed_up_late(records: Records, rng: np.random.Generator) -> Records:
    """Let a third of the contacts whose clock is recorded be typed up a month later."""
    contacts = records["contacts"]
    late = _after(contacts, "contact_date") & (rng.random(len(contacts)) < 0.33)
    late &= ~contacts["known_by_rule"].fillna(True).to_numpy(dtype=bool)
    contacts.loc[late, "known_date"] += pd.Timedelta(days=30)
    contacts["known_date"] = contacts["known_date"].clip(upper=records.extract_date)
    return records.replace(contacts=contacts)


def younger_children(records: Records, rng: np.random.Generator) -> Records:
    """Let four in five of the referrals of children of ten and more go elsewhere."""
    referrals = records["referrals"]
    born = records["children"].set_index("child_id")["birth_date"]
    age = (referrals["referral_date"] - referrals["child_id"].map(born)).dt.days / 365.25
    gone = _after(referrals, "referral_date") & (age >= 10).to_numpy(dtype=bool)
    gone &= rng.random(len(referrals)) < 0.8
    return records.replace(referrals=referrals[~gone].reset_index(drop=True))


CHANGES: dict[str, tuple[Callable[[Records, np.random.Generator], Records], tuple[str, ...]]] = {
    "half of the plans": (fewer_plans, ("calibration: observed_over_expected",)),
    "coarser codes": (coarser_codes, ("codes: stability_index",)),
    "one team records no factors": (one_team_stops, ("recording: share_missing",)),
    "half of the referrals": (fewer_referrals, ("volume: referrals_against_training",)),
    "typed up a month late": (typed_up_late, ("clocks: share_late",)),
    "few older children": (
        younger_children,
        ("inputs: stability_index", "volume: referrals_against_training"),
    ),
}
"""Changes from `CHANGED` on, and the checks of which one should see it."""


def invented_outcomes(
    rng: np.random.Generator, monthly: int, factor: float, first: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Draw outcomes of 36 months in families of two, alike in chance and often in luck."""
    families = 18 * monthly
    month = np.repeat(rng.integers(0, 36, families), 2)
    chance = np.repeat(np.clip(rng.beta(1.2, 10.8, families), 0.005, 0.6), 2)
    shared = np.repeat(rng.random(families), 2)
    luck = np.where(np.repeat(rng.random(families) < 0.5, 2), shared, rng.random(len(shared)))
    hits = (luck < chance * np.where(month >= first, factor, 1.0)).astype(float)
    residual = (hits - chance).reshape(-1, 2).sum(axis=1)
    effect = max(1.0, float((residual**2).sum() / (chance * (1 - chance)).sum()))
    return hits, month, chance, effect


def ratio_table(draws: int) -> list[dict[str, float]]:
    """Say how often, and after how many months, a ratio of outcomes is signalled."""
    limits, found = DriftLimits(), []
    alpha = limits.alpha("calibration")
    for monthly in (90, 270, 540):
        for factor, first in ((1.0, 0), (0.8, 0), (1.25, 0), (0.5, 0), (0.5, 18), (0.6, 0),
                              (1.5, 0), (1.67, 0), (1.67, 18), (2.0, 18)):  # fmt: skip
            rng, when = np.random.default_rng(monthly), []
            for _ in range(draws):
                hits, month, chance, effect = invented_outcomes(rng, monthly, factor, first)
                low, high = (np.minimum(chance * end, 0.95) for end in limits.ratio)
                seen = rate_evidence(hits, month, 36, low=low, high=high, effect=effect)
                when.append(seen.signalled(alpha))
            after = [at - first + 1 for at in when if at is not None and at >= first]
            found.append(
                {"monthly": monthly, "factor": factor, "from_month": first,
                 "signalled": len(after) / draws,
                 "median_months": float(np.median(after)) if after else float("nan")}
            )  # fmt: skip
            print(found[-1], flush=True)
    return found


def shuffled_in_time(watched: Watched, rng: np.random.Generator) -> Watched:
    """Move each household's referrals in time as on a circle, so that nothing changes by design.

    Outcomes are drawn from the scores.
    """
    first, last = watched.cohort["as_of"].min(), watched.span.last
    span = (last - first).days + 1
    _, number = np.unique(watched.household, return_inverse=True)
    moved = rng.integers(0, span, number.max() + 1)[number]
    days = ((watched.cohort["as_of"] - first).dt.days.to_numpy() + moved) % span
    as_of = (first + pd.to_timedelta(days, unit="D")).astype("datetime64[s]")
    training = watched.model.training

    def within(start: str, end: str) -> np.ndarray:
        return np.asarray((as_of >= pd.Timestamp(start)) & (as_of <= pd.Timestamp(end)))

    day = pd.Series(as_of)
    known = as_of + pd.Timedelta(days=watched.model.plan.within_days) <= last
    drawn = (rng.random(len(days)) < watched.probability).astype(float)
    return replace(
        watched,
        cohort=watched.cohort.assign(as_of=as_of),
        label=np.where(known, drawn, np.nan),
        period=list_periods(day, watched.model.plan.list_period),
        month=watched.span.number(day),
        learnt=within(training.fit.first_as_of, training.test.last_as_of),
        judged=within(training.fit.last_as_of, training.test.last_as_of),
        tested=within(training.test.first_as_of, training.test.last_as_of),
        now=watched.span.holds(day),
    )


def shuffled_signals(model: fs.StepUpModel, records: Records, draws: int) -> dict[str, int]:
    """Count signals in authorities shuffled in time, each looked at after 18 and 36 months."""
    whole = watched_cases(model, records, pd.Timestamp("2022-04-01").date())
    groups = groups_of_cases(whole, None)
    counts = {"draws": 0, "with a signal": 0}
    for seed in range(draws):
        moved = shuffled_in_time(whole, np.random.default_rng(seed))
        found: set[str] = set()
        for end in (pd.Timestamp("2023-09-30"), whole.span.last):
            part, limits = until(moved, end), DriftLimits()
            rows = [
                *outcome_rows(part, part.log_odds, limits), *input_rows(part, limits),
                *outside_rows(part, limits), *score_rows(part, limits),
                *gap_rows(part, groups, limits), *volume_rows(part, limits),
                *abstention_rows(part, None, limits),
            ]  # fmt: skip
            found |= {f"{row.check}: {row.measure}" for row in rows if row.verdict in (LOOK, STOP)}
        counts["draws"] += 1
        counts["with a signal"] += bool(found)
        for name in found:
            counts[name] = counts.get(name, 0) + 1
        print(counts, flush=True)
    return counts


def one_draw(children: int, seed: int, looks: int, *, planted: bool) -> dict[str, dict[str, str]]:
    """Invent, fit and look; with nothing planted, and with each change."""
    records = unchanged(children, seed)
    plan = fs.Plan(outcome="cp_plan", capacity=max(2, round(9 * children / 62_700)))
    model = fs.train_step_up(extract_of(records, FITTED), plan, progress=False)
    found = {"nothing": looked_at(model, records, looks)}
    if planted:
        for name, (change, _) in CHANGES.items():
            changed = change(records, np.random.default_rng(seed))
            found[name] = looked_at(model, changed, 3)
    return found


def main() -> None:
    """Run the draws and write what was found."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draws", type=int, default=20)
    asked.add_argument("--first", type=int, default=100)
    asked.add_argument("--children", type=int, default=20_000)
    asked.add_argument("--looks", type=int, default=11)
    asked.add_argument("--planted", type=int, default=5, help="draws with changes planted too")
    asked.add_argument("--ratios", type=int, default=0, help="draws of the table of ratios alone")
    asked.add_argument("--shuffled", type=int, default=0, help="draws shuffled in time alone")
    asked.add_argument("--out", type=Path, help="write what was found here as well")
    given = asked.parse_args()
    if given.ratios:
        ratio_table(given.ratios)
        return
    if given.shuffled:
        records = unchanged(given.children, given.first)
        plan = fs.Plan(outcome="cp_plan", capacity=max(2, round(9 * given.children / 62_700)))
        model = fs.train_step_up(extract_of(records, FITTED), plan, progress=False)
        shuffled_signals(model, records, given.shuffled)
        return
    draws = []
    for place in range(given.draws):
        planted = place < given.planted
        draws.append(one_draw(given.children, given.first + place, given.looks, planted=planted))
        print(given.first + place, json.dumps(draws[-1]), flush=True)
        content = {"children": given.children, "looks": given.looks + 1, "draws": draws}
        if given.out is not None:
            given.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
