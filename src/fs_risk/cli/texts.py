"""What the commands print: summaries of records and of a list, as text."""

import json
from collections import Counter
from typing import Any

import pandas as pd

import fs_risk as fs
from fs_risk.model.splits import DAYS_A_MONTH
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.display import observed_text
from fs_risk.records.notebook import STAMP
from fs_risk.records.records import Window

MAIN_MEASURES = (
    "average_precision", "base_rate", "average_precision_previous_referrals",
    "average_precision_rule_set", "average_precision_spline_logistic",
    "ceiling_average_precision", "way_to_ceiling", "roc_auc", "calibration_slope",
    "observed_over_expected",
)  # fmt: skip
"""What is printed; the rest is on the page, and in JSON."""
OF_ALL = ("NOT_APPROVED", "STALE_EXTRACT")
"""Codes that say something of the model or the extract, not of a referral."""


def check_summary(records: fs.Records) -> dict[str, Any]:
    """Give what `check --json` prints."""
    return {
        "extract_date": str(records.extract_date.date()),
        "tables": {name: len(records[name]) for name in records},
        "observed": {
            name: None
            if window is None
            else [str(window.observed_from.date()), str(window.observed_to.date())]
            for name, window in records.coverage.items()
        },
        "set_aside": {name: len(frame) for name, frame in records.set_aside.items()},
        "problems": json.loads(records.problems.to_json(orient="records")),
    }


def check_text(records: fs.Records) -> str:
    """Give what `check` prints: tables, observed windows, findings with their cure."""
    lines = [f"Read to {records.extract_date.date()}.", "", "table, rows, observed:"]
    for name in records:
        window = records.coverage[name]
        if len(records[name]) or window is not None:
            lines.append(f"  {name:<18} {len(records[name]):>9,}  {_span(window)}")
    aside = sum(len(frame) for frame in records.set_aside.values())
    counted = Counter(records.problems["severity"])
    kinds = ", ".join(count_of(counted[kind], kind) for kind in ("error", "warning", "note"))
    found = count_of(len(records.findings), "finding")
    lines += ["", f"{count_of(aside, 'row')} set aside. {found} ({kinds}):"]
    for each in records.problems.itertuples():
        place = _place(each)
        lines.append(f"  {each.severity} {each.rule}{place} {each.message}")
        lines.append(f"      {each.fix}")
    return "\n".join(lines)


def _span(window: Window | None) -> str:
    return "not observed" if window is None else observed_text(window)


def _place(found: Any) -> str:
    """Say where a finding is: file, table, column, lines, and how many."""
    where = " ".join(filter(None, [found.file, found.table, found.column]))
    rows = ", ".join(map(str, found.rows[:8])) + (", ..." if found.count > 8 else "")
    lines = f"lines {rows}" if found.rows else ""
    count = f"{found.count:,}" if found.count > 1 else ""
    said = "; ".join(filter(None, [", ".join(filter(None, [where, lines])), count]))
    return f" ({said})" if said else ""


def slices_text(model: fs.StepUpModel) -> str:
    """Say what a model was fitted and tested on, and how often that was tried."""
    training = model.training
    lines = [f"{'slice':<12} {'months':>6}  {'from':<10}   {'to':<10} {'cases':>9} {'with':>7}"]
    for name in ("fit", "test"):
        part = getattr(training, name)
        months = _months(part.first_as_of, part.last_as_of)
        lines.append(
            f"{name:<12} {months:>6.1f}  {part.first_as_of} to {part.last_as_of} "
            f"{part.n:>9,} {part.positives:>7,}"
        )
    proof = training.proof
    lines += [
        f"{'embargo':<12} {_months(training.fit.last_as_of, training.test.first_as_of):>6.1f}"
        "  between the last case learnt from and the first test case",
        f"Households on both sides: {sum(each.shared_households for each in proof)}. "
        f"Days from the last label learnt from to the first test case: "
        f"{min(each.days_clear for each in proof)}.",
        f"Configurations tried: {training.configurations_tried}. "
        f"Plans tried on these test months: {model.plans_tried or 'not counted'}.",
        "",
    ]
    return "\n".join(lines)


def _months(first: str, last: str) -> float:
    return float((pd.Timestamp(last) - pd.Timestamp(first)).days / DAYS_A_MONTH)


def calibration_text(table: pd.DataFrame) -> str:
    """Give the table of calibration as text: target, tolerance, got, verdict."""
    verdicts = table["verdict"].value_counts()
    judged = int(verdicts.get("pass", 0)) + int(verdicts.get("miss", 0))
    lines = [
        f"{'row':<4} {'measure':<44} {'kind':<4} {'target':>9} {'tolerance':>9} {'got':>9}"
        "  verdict",
        *(
            f"{row.row:<4} {row.name_:<44} {row.kind:<4} {_figure(row.target):>9} "
            f"{_figure(row.tolerance):>9} {_figure(row.got):>9}  {row.verdict}"
            for row in table.rename(columns={"measure": "name_"}).itertuples()
        ),
        "",
        f"{int(verdicts.get('pass', 0))} of {judged} published or derived figures are within "
        "their tolerance. Kinds: V verified, D derived, A assumed (shown, never counted).",
    ]
    return "\n".join(lines)


def _figure(value: float) -> str:
    return "–" if value != value else f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.2f}"


def children_text(records: fs.Records) -> str:
    """Say in a line what an invented authority holds."""
    return (
        f"SYNTHETIC, to {records.extract_date.date()}: of these, "
        f"{count_of(len(records['children']), 'child', 'children')} known to the service, "
        f"{count_of(len(records['contacts']), 'contact')}, "
        f"{count_of(len(records['referrals']), 'referral')}, "
        f"{count_of(len(records['cp_plans']), 'child protection plan')} and "
        f"{count_of(len(records['care_periods']), 'period of care', 'periods of care')}."
    )


def in_short(report: Any) -> str:
    """Give a report's text with its main measures only; the page has all."""
    others = {figure.metric for figure in report.figures}.difference(MAIN_MEASURES)
    lines = [line for line in report.text().splitlines() if line.split(" ", 1)[0] not in others]
    more = count_of(len(others), "further measure is", "further measures are")
    return "\n".join([*lines, f"{more} on the page."])


def list_text(ranked: Any) -> str:
    """Give a list as text: those due a decision, those without a score, the listed with reasons."""
    lines = [ranked.summary()]
    codes = Counter(made.code for made in ranked.scores if made.code is not None)
    many = set(codes).intersection(OF_ALL)
    meanings = {made.code: made.code_meaning for made in ranked.scores}
    lines += [
        f"  first   {count_of(codes[code], 'referral')}: {code}. {meanings[code]}"
        for code in sorted(many)
    ]
    for row, made in zip(ranked.table.itertuples(), ranked.scores, strict=True):
        if row.block == "decision due":
            lines.append(f"  decide  {made.referral_id or 'no id'}: undecided since {made.as_of}.")
        elif made.code in many:
            continue
        elif made.code is not None:
            lines.append(
                f"  first   {made.referral_id or 'no id'}: {made.code}. {made.code_meaning}"
            )
        elif row.listed:
            lines += _listed_lines(row, made)
        elif row.block == "beside a listed child":
            beside = "of the same household, no place of its own"
            lines.append(f"     ..   {_referral(made)}: {beside}")
    if ranked.synthetic:
        lines.insert(0, STAMP)
    return "\n".join(lines)


def _referral(made: Any) -> str:
    """Name a referral; study output has no ids."""
    return f"referral {made.referral_id}" if made.referral_id else "a referral, no id"


def _listed_lines(row: Any, made: Any) -> list[str]:
    drawn = f" (at random, chance {row.chance:.3g})" if row.chance < 1 else ""
    return [
        f"  {row.place:>5}   {_referral(made)}: {made.said}{drawn}",
        *(f"          worry: {r.concept}: {r.wording}" for r in made.worries[:3]),
        *(f"          strength: {r.concept}: {r.wording}" for r in made.strengths[:2]),
    ]


def indented(text: str) -> str:
    """Set every line in, under the step it belongs to."""
    return "\n".join(f"        {line}" for line in text.splitlines())
