"""Changes of what a model is: its bytes, plan, data, features, gates, answers."""

from collections.abc import Iterator

from fs_risk.model_cards.answers import QUESTIONS, TO_BE_WRITTEN
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.words import DASH, group_words, number

Told = tuple[str, str, str, str, str]
"""Part, what, before, after, meaning."""

_MOST = 8


def part_changes(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    """Tell the changes of everything but figures.

    Parameters
    ----------
    earlier, later : ModelCard

    Yields
    ------
    tuple of str
        Part, what, before, after, meaning.
    """
    yield from _identity(earlier, later)
    yield from _plan(earlier, later)
    yield from _data(earlier, later)
    yield from _features(earlier, later)
    yield from _gates(earlier, later)
    yield from _vignettes(earlier, later)
    yield from _verdicts(earlier, later)
    yield from _people(earlier, later)


def _identity(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    if earlier.hashes.model != later.hashes.model:
        yield ("The model", "its bytes", earlier.hashes.model[:12], later.hashes.model[:12],
               "It is another model: every signature has to be given anew.")  # fmt: skip
    meaning = {
        "outcome": "It answers another question: figures cannot be compared.",
        "within_days": "It looks another number of days ahead: figures cannot be compared.",
        "cohort": "It is about other cases: figures cannot be compared.",
        "capacity": "Lists are of another size: precision falls and recall rises as they grow.",
        "list_period": "Lists are made at other times.",
        "extract_lag_days": "How old an extract may be has changed.",
        "origin": "It was fitted on records of another kind.",
        "library_version": "It was fitted by another release of the library.",
        "mode": "What it may be used for has changed.",
    }
    for name, means in meaning.items():
        before, after = (getattr(card.identity, name) for card in (earlier, later))
        if before != after:
            yield "The model", name.replace("_", " "), str(before), str(after), means


def _plan(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    before, after = earlier.plan.settings, later.plan.settings
    told = {"outcome", "within_days", "cohort", "capacity", "list_period", "extract_lag_days",
            "gates"}  # fmt: skip
    for name in dict.fromkeys((*before, *after)):
        if name not in told and before.get(name) != after.get(name):
            yield ("The plan", name.replace("_", " "), str(before.get(name)), str(after.get(name)),
                   "The plan is another one, hashed anew before fitting.")  # fmt: skip
    tried = earlier.plan.plans_tried, later.plan.plans_tried
    if tried[0] != tried[1]:
        yield ("The plan", "plans tried on the test period", str(tried[0]), str(tried[1]),
               "The more plans are tried on one test period, the more its best owes to "
               "chance.")  # fmt: skip


def _data(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    if earlier.hashes.records != later.hashes.records:
        yield ("Data", "records learnt from", earlier.hashes.records[:12],
               later.hashes.records[:12], "It learnt from other records.")  # fmt: skip
    if earlier.hashes.measured_on != later.hashes.measured_on:
        yield ("Data", "records measured on", earlier.hashes.measured_on[:12] or DASH,
               later.hashes.measured_on[:12] or DASH,
               "Figures are of other records: a difference may be theirs.")  # fmt: skip
    for before, after in zip(earlier.data.periods, later.data.periods, strict=False):
        if before != after:
            yield ("Data", f"cases to {before.name}",
                   f"{before.first_as_of} to {before.last_as_of}, {before.cases}",
                   f"{after.first_as_of} to {after.last_as_of}, {after.cases}",
                   "Other cases, or another period.")  # fmt: skip
    findings = [len(card.data.findings) for card in (earlier, later)]
    if findings[0] != findings[1]:
        means = "more" if findings[1] > findings[0] else "fewer"
        yield ("Data", "findings on quality", str(findings[0]), str(findings[1]),
               f"There are {means} findings on the quality of the data.")  # fmt: skip


def _features(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    before = {each.name: each for each in earlier.features}
    after = {each.name: each for each in later.features}
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    redefined = [
        name for name in after if name in before and before[name].digest != after[name].digest
    ]
    if gone:
        yield ("Features", "no longer used", _named(gone), DASH, "It no longer sees these.")
    if new:
        yield "Features", "new", DASH, _named(new), "It sees these for the first time."
    if redefined:
        yield ("Features", "defined otherwise", _named(redefined), _named(redefined),
               "The same names measure something else now.")  # fmt: skip
    waived = [sum(bool(each.waiver) for each in card.features) for card in (earlier, later)]
    if waived[0] != waived[1]:
        yield ("Features", "waivers of a limited look-back", str(waived[0]), str(waived[1]),
               "Who allowed them, and why, stands beside each feature.")  # fmt: skip


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST])
    return shown if len(names) <= _MOST else f"{shown} and {len(names) - _MOST} more"


def _gates(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    before = {(each.metric, each.judged_on): each for each in earlier.plan.gates}
    after = {(each.metric, each.judged_on): each for each in later.plan.gates}
    for key, gate in after.items():
        was = before.get(key)
        if was is None:
            yield "Gates", gate.says, DASH, _passed(gate.passed), "A gate that was not there."
        elif (was.passed, was.says) != (gate.passed, gate.says):
            means = (
                "Not passed any more." if was.passed and not gate.passed else "It is passed now."
            )
            if was.passed == gate.passed:
                means = "The bar itself was moved."
            yield ("Gates", gate.says, f"{_passed(was.passed)} ({number(was.figure)})",
                   f"{_passed(gate.passed)} ({number(gate.figure)})", means)  # fmt: skip
    for key, was in before.items():
        if key not in after:
            yield "Gates", was.says, _passed(was.passed), DASH, "The gate was taken away."


def _passed(passed: bool) -> str:
    return "passed" if passed else "failed"


def _vignettes(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    before = {(each.higher, each.lower): each.holds for each in earlier.vignettes}
    after = {(each.higher, each.lower): each.holds for each in later.vignettes}
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) == after.get(key):
            continue
        means = (
            "A practitioner would not agree with this order any longer."
            if before.get(key) and after.get(key) is False
            else "Look at the vignette."
        )
        yield ("Vignettes", f"{key[0]} above {key[1]}", _holds(before.get(key)),
               _holds(after.get(key)), means)  # fmt: skip


def _holds(holds: bool | None) -> str:
    return {True: "holds", False: "does not hold", None: "not tried"}[holds]


def _verdicts(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    before, after = (
        {
            (row.attribute, row.group, row.figure.metric): row.verdict
            for row in card.fairness.primary
        }
        for card in (earlier, later)
    )
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key, DASH), after.get(key, DASH)
        if was.split(" (")[0] == now.split(" (")[0]:
            continue
        means = {
            "gap shown": "A gap is shown that was not: the equality questions are open again.",
            "not enough evidence": "There is no longer evidence enough to say.",
        }.get(now.split(" (")[0], "The verdict changed; see what the audit could have seen.")
        yield "Groups", f"{group_words(*key[:2])}, {key[2]}", was, now, means


def _people(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    for name, (question, _) in QUESTIONS.items():
        was, now = earlier.answers[name], later.answers[name]
        if was != now:
            means = "An answer was taken away." if now is None else (
                "It was answered." if was is None else "It is answered otherwise now."
            )  # fmt: skip
            yield "Answers", question, was or TO_BE_WRITTEN, now or TO_BE_WRITTEN, means
    if earlier.people.equality != later.people.equality:
        yield ("Answers", "on the equality duty", str(len(earlier.people.equality)),
               str(len(later.people.equality)), "Read them again.")  # fmt: skip
    left = [len(card.open_questions) for card in (earlier, later)]
    if left[0] != left[1]:
        yield ("Answers", "open questions", str(left[0]), str(left[1]),
               "Approval waits until none is left.")  # fmt: skip
