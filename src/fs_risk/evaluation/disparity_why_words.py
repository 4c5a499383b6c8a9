"""Why a gap, in words and tables, for a terminal, a notebook and the audit's page."""

import pandas as pd

from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.disparity_carried import BASE, LEAD, PARTS
from fs_risk.evaluation.disparity_outcomes import OTHER_WAY, SAME_WAY, TOO_FEW
from fs_risk.evaluation.disparity_recording import ByRecorder
from fs_risk.evaluation.disparity_sections import Section, Table, number, points
from fs_risk.evaluation.disparity_why import WhyGap, WhyGaps
from fs_risk.evaluation.fairness_measures import RECALL
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.outcomes.definitions import find_outcome
from fs_risk.records.counts_in_words import count_of

SHOWN_CONCEPTS, SHOWN_FEATURES = 8, 6

NOT_A_CAUSE = (
    "None of this says what caused a gap: it says in which part of the recorded history the "
    "scores part, and where to ask further. Contributions are exact; they describe the model, "
    "not the children."
)

FOUND_HERE = (
    "This gap was chosen because it stands out on these very cases. Such a gap is larger, on "
    "average, than the same one elsewhere, and what parts the scores here may part them less "
    "there. To test a suspicion, name the gap beforehand (the argument “gaps”)."
)

HIDDEN_WORDS = "c: figures hidden, small numbers"


def why_sections(why: WhyGaps, *, picture: bool = False) -> list[Section]:
    """Lay what was found out as sections, one for each gap.

    Parameters
    ----------
    why : WhyGaps
    picture : bool, default=False
        Whether to draw the concepts.

    Returns
    -------
    list of Section
    """
    found = []
    for place, gap in enumerate(why.gaps):
        svg = ""
        if picture and not gap.suppressed:
            from fs_risk.evaluation.disparity_plots import concepts_svg

            svg = concepts_svg(why, place)
        found.append(_section(gap, why, svg))
    return found


def _section(gap: WhyGap, why: WhyGaps, svg: str) -> Section:
    whose = "children with the outcome" if gap.metric == RECALL else "children listed"
    size = HIDDEN_WORDS if gap.suppressed else points(*gap.gap)
    state = "shown by the audit" if gap.shown else "not shown by the audit: all here is a lead"
    lines = [
        f"The gap in {gap.metric}: {size}; {state}.",
        *[FOUND_HERE] * why.found_here,
        _concept_line(gap, whose),
        _proxy_line(gap),
        *_outcome_lines(gap, why.outcome),
        *(_recorder_line(split, gap.suppressed) for split in gap.recorders),
        *_contact_lines(gap),
        NOT_A_CAUSE,
    ]
    tables = [] if gap.suppressed else [_concept_table(gap, whose), _feature_table(gap, whose)]
    if gap.proxies["proxy"].any():
        tables.append(_proxy_table(gap))
    if not gap.outcomes.empty and not gap.suppressed:
        tables.append(_outcome_table(gap, why.outcome))
    if not gap.suppressed:
        tables += [_recorder_table(split) for split in gap.recorders]
    title = f"Why {gap.metric} differs: {attribute_words(gap.attribute)}, {gap.group}"
    return Section(title, tuple(lines), tuple(tables), svg)


def _concept_line(gap: WhyGap, whose: str) -> str:
    parted = gap.concepts[gap.concepts["verdict"] == PARTS]
    if parted.empty:
        return (
            f"Among {whose}, none of {count_of(len(gap.concepts) - 1, 'concept')} is shown to "
            "set the group's scores apart from the rest's."
        )
    if gap.suppressed:
        # which way mean scores part tells which way the hidden gap points
        names = ", ".join(sorted(parted["part"]))
        apart = f"the group's scores are set apart from the rest's by {names}"
        return f"Among {whose}, {apart}; {HIDDEN_WORDS}."
    said = []
    for row in parted.itertuples():
        way = "raises" if row.difference > 0 else "lowers"
        alike = f"with it alike the gap would be {points(row.gap_if_alike)}"
        said.append(f"{row.part} {way} the group's scores ({number(row.difference)}; {alike})")
    return f"Among {whose}, in log-odds, the group's less the rest's: " + ", ".join(said) + "."


def _concept_table(gap: WhyGap, whose: str) -> Table:
    rows = tuple(
        (
            str(row.part),
            number(row.difference, row.low, row.high),
            points(row.gap_if_alike),
            str(row.verdict),
        )
        for row in gap.concepts[gap.concepts["part"] != BASE].head(SHOWN_CONCEPTS).itertuples()
    )
    return Table(
        f"Concepts, among {whose}: what each adds to the group's mean score less the rest's",
        ("concept", "difference in log-odds, 95 % interval", "gap if it were alike", "verdict"),
        rows,
    )


def _feature_table(gap: WhyGap, whose: str) -> Table:
    meaning = _meanings()
    first = gap.features[gap.features["part"] != BASE].head(SHOWN_FEATURES)
    rows = tuple(
        (
            meaning.get(str(row.part), str(row.part)),
            str(row.concept),
            number(row.difference, row.low, row.high),
            LEAD if row.verdict == LEAD else str(row.verdict),
        )
        for row in first.itertuples()
    )
    return Table(
        f"Features, among {whose}: the largest differences",
        ("feature", "concept", "difference in log-odds, 95 % interval", "verdict"),
        rows,
    )


def _meanings() -> dict[str, str]:
    return {spec.name: spec.meaning.removesuffix(".") for spec in CATALOGUE}


def _proxy_line(gap: WhyGap) -> str:
    if gap.proxies.empty:
        return "Whether an item tells the group better than the outcome: not enough families."
    proxies = int(gap.proxies["proxy"].sum())
    what = (
        f"Of {count_of(len(gap.proxies), 'feature')}, {count_of(proxies, 'tells', 'tell')} "
        "the group better than the outcome"
    )
    if not proxies:
        return what + "."
    return what + ": the model can know the group by them without being told it."


def _proxy_table(gap: WhyGap) -> Table:
    meaning = _meanings()
    rows = tuple(
        (
            meaning.get(str(row.feature), str(row.feature)),
            f"{row.auc_group:.2f}",
            f"{row.auc_outcome:.2f}",
            number(row.difference, row.low, row.high),
        )
        for row in gap.proxies[gap.proxies["proxy"]].head(SHOWN_FEATURES).itertuples()
    )
    return Table(
        "Items that tell the group better than the outcome (area under the ROC curve, 0.5 is none)",
        ("feature", "tells the group", "tells the outcome", "difference, 95 % interval"),
        rows,
    )


def _outcome_lines(gap: WhyGap, outcome: str) -> list[str]:
    rows = gap.outcomes[gap.outcomes["measure"] == gap.metric]
    said = []
    for row in rows.itertuples():
        other = find_outcome(str(row.outcome)).meaning
        if gap.suppressed:
            # whether it points the same way would tell the sign of a hidden figure
            said.append(f"Held against “{other}”: {HIDDEN_WORDS}.")
            continue
        if row.says == TOO_FEW:
            said.append(f"Held against “{other}”: too few cases to say.")
            continue
        size = points(row.other_gap, row.other_low, row.other_high)
        line = f"Held against “{other}”, the gap {row.says}: {size}."
        if row.differs:
            line += " The two outcomes disagree by more than chance: one of them, or both, bring"
            line += " something of their own to the gap."
        elif row.says in (SAME_WAY, OTHER_WAY):
            line += " The two are not shown to disagree."
        said.append(line)
    return said


def _outcome_table(gap: WhyGap, outcome: str) -> Table:
    rows = tuple(
        (
            find_outcome(str(row.outcome)).meaning,
            str(row.measure),
            points(row.gap),
            points(row.other_gap, row.other_low, row.other_high),
            points(row.change, row.low, row.high),
            f"{row.says}; differs" if row.differs else str(row.says),
        )
        for row in gap.outcomes.itertuples()
    )
    return Table(
        f"The same list held against other outcomes than “{find_outcome(outcome).meaning}”",
        ("outcome", "measure", "gap by the model's", "gap by this one, 95 % interval", "change",
         "the gap"),
        rows,
    )  # fmt: skip


_BY = {"referred by": "who referred"}


def _recorder_line(split: ByRecorder, suppressed: bool) -> str:
    by = _BY.get(split.by, split.by)
    if suppressed:
        return f"By {by}: {HIDDEN_WORDS}."
    return (
        f"By {by}: {points(*split.who_records)} of it go with who recorded, "
        f"{points(*split.within)} stand with the same recorder."
    )


def _recorder_table(split: ByRecorder) -> Table:
    rows = tuple(_recorder_row(row) for row in split.strata.itertuples())
    by = _BY.get(split.by, split.by)
    return Table(
        f"The gap by {by}",
        (by, "difference, 95 % interval"),
        rows,
    )


def _recorder_row(row: object) -> tuple[str, ...]:
    name = str(getattr(row, "recorder", ""))
    if getattr(row, "suppressed", False):
        return name, "c"
    ends = (float(getattr(row, part)) for part in ("difference", "low", "high"))
    return name, points(*ends)


def _contact_lines(gap: WhyGap) -> list[str]:
    found = gap.contacts
    if found is None:
        return []
    more = "recorded more than is borne out" if bool(found["recorded_more"]) else "not shown"
    return [
        f"Contacts recorded for each child found in need: {float(found['ratio']):.2f} times the "
        f"rest's ({float(found['low']):.2f} to {float(found['high']):.2f}, 99 %): {more}."
    ]


def features_of(proxies: pd.DataFrame) -> list[str]:
    """Name the features that tell a group better than the outcome.

    Parameters
    ----------
    proxies : DataFrame
        As `group_against_outcome` gives it.
    """
    return [str(name) for name in proxies.loc[proxies["proxy"], "feature"]] if len(proxies) else []
