"""What the transparency record says of a model: 37 fields, from its card and our own text."""

from fs_risk.model_cards.answers import TO_BE_WRITTEN
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.words import (
    LIMITS,
    NOT_FOR,
    counted,
    group_words,
    groups_words,
    number,
    of_100,
    spread,
)
from fs_risk.records.counts_in_words import count_of

_PHASES = {"live": "Production", "suspended": "Production (suspended)", "retired": "Retired"}


def atrs_texts(card: ModelCard) -> dict[str, str]:
    """Write the fields that the library fills or drafts.

    Parameters
    ----------
    card : ModelCard
        The publishable view.

    Returns
    -------
    dict of str to str
        By field number; none of the authority's own fields is among them.
    """
    made = {**_summary(card), **_use(card), **_system(card), **_model(card), **_data(card)}
    stamp = "SYNTHETIC: invented records. " if card.synthetic else ""
    return {field: f"{stamp}{text}" for field, text in made.items()}


def _said(answer: str | None) -> str:
    return TO_BE_WRITTEN if answer is None else answer


def _summary(card: ModelCard) -> dict[str, str]:
    who = card.identity
    state = card.standing().state
    return {
        "0.1": f"Children's services: ordering additional attention to referrals ({who.name})",
        "0.3": f"{_PHASES.get(state, 'Development')} (state of the model card: {state})",
        "0.5": "A statistical model that orders which referrals to children's services get a "
        "second look, besides the decision that every referral gets.",
        "1.1": f"Step-up model, {who.name}",
        "1.2": f"The tool reads what the service had recorded before a referral, and says how "
        f"often, among referrals with similar histories, this followed: {who.outcome_means}. "
        "Teams use it to choose which referrals get a second read, group supervision or "
        "allocation to a Family Safeguarding team. A social worker decides every referral, "
        "with or without it.",
    }


def _use(card: ModelCard) -> dict[str, str]:
    who, people = card.identity, card.people
    failed = [gate.says for gate in card.plan.gates if not gate.passed]
    alternatives = "; ".join(
        f"{each.meaning}: average precision "
        f"{'–' if each.average_precision is None else spread(each.average_precision)}"
        for each in card.performance.simpler
    )
    own = card.performance.figure("average_precision")
    return {
        "2.2.1": f"{card.explanation.model_type.capitalize()}, fitted on the service's own "
        f"records. It answers for {who.cohort.replace('_', ' ')}s, and looks {who.within_days} "
        f"days ahead. Lists hold {who.list_in_words}. Limits: {' '.join(LIMITS)} It is not for: "
        f"{' '.join(NOT_FOR)}",
        "2.2.2": "Meant to bring additional attention, earlier, to more of the families for "
        "whom the outcome would follow; whether attention helps is not shown by a model. "
        f"Purpose: {_said(people.purpose)}. Value: "
        + ("not weighed." if card.value is None else card.value.sentence),
        "2.2.4": f"Simpler models fitted beside it: {alternatives or 'none'}; this model: "
        f"{'–' if own is None else spread(own)}. {card.performance.verdict[0]} Alternatives "
        "without an algorithm: the authority states them.",
        "2.3.1": "A list of referrals for additional attention, with worries and strengths in "
        "words, goes to the team that takes the decision. It adds to their work and takes "
        f"nothing from it. Decision informed: {_said(people.decision_informed)}. Decided by: "
        f"{_said(people.who_decides)}. Degree of automation: decision support; no function "
        "closes, defers or escalates a referral.",
        "2.3.2": f"Reviewed by: {_said(people.human_reviewer)}. They see besides the score: "
        f"{_said(people.seen_besides)}. Who disagrees may: {_said(people.authority_to_disagree)}. "
        f"Time allowed: {_said(people.time_allowed)}. {_overridden(card)}",
        "2.3.3": _usage(card),
        "2.3.4": f"{_said(people.training)}. At least: what a score is and is not, how often it "
        "is wrong, for whom, and that disagreeing with it is expected.",
        "2.3.5": f"Families are told: {_said(people.informed)}. They can say what they think: "
        f"{_said(people.representations)}; have a person look again: "
        f"{_said(people.intervention)}; contest the decision: {_said(people.contest)}.",
        "2.5.2": _risks(card, failed),
    }


def _overridden(card: ModelCard) -> str:
    used = card.ledger
    if used is None or not used.decisions or used.overridden is None:
        return "Share of decisions that went another way than the score: not known yet."
    share = 100 * used.overridden / used.decisions
    return (
        f"From {used.first_day} to {used.last_day}, {share:.0f} of 100 decisions went another way "
        "than the score."
    )


def _usage(card: ModelCard) -> str:
    used = card.ledger
    lists = f"A list of {card.identity.list_in_words} is made each {card.identity.list_period}."
    if used is None:
        return f"{lists} It has not been used yet, or no use was counted for this record."
    return (
        f"{lists} From {used.first_day} to {used.last_day}: {counted(used.scores)} scores, "
        f"{counted(used.decisions)} decisions recorded on them, {counted(used.no_score_wanted)} "
        "decisions taken without asking for one."
    )


def _risks(card: ModelCard, failed: list[str]) -> str:
    thin = card.fairness.without_evidence
    return " ".join(
        (
            "Data: what was not recorded is unknown to it; unobserved windows are missing, never "
            "nothing.",
            "Application and use: a list could be read as reassurance about the others; there is "
            "no low band, and every list says how many children were on none.",
            f"Model efficacy: {len(failed)} of {len(card.plan.gates)} gates are not passed"
            + (f" ({'; '.join(failed)})." if failed else "."),
            f"Outputs and decisions: {' '.join(card.fairness.headline[:1])} Not enough evidence "
            f"on: {groups_words(thin) or 'none'}.",
            f"Organisational: who can switch it off: {_said(card.people.switch_off)}.",
            f"Public engagement: {_said(card.people.psed)}.",
        )
    )


def _system(card: ModelCard) -> dict[str, str]:
    who = card.identity
    review = card.people.review_date
    return {
        "2.4.1.1": "An extract of the case management system is read on the authority's own "
        "machines; features are counted from facts known before the day; the model scores; a "
        "list is written. Nothing leaves the authority. The library is open source.",
        "2.4.1.2": f"Tabular extracts: {', '.join(card.data.returns) or 'returns'}; and for each "
        "referral its source, its date and the child's date of birth.",
        "2.4.1.3": "For each referral a probability with its interval, a band where it is high, "
        "worries and strengths in words with the dated facts behind them, what is not known, or "
        "a code that says why there is no score. For each period a list.",
        "2.4.1.4": f"Learnt from cases up to {card.ageing.learnt_to}. An extract may be at most "
        f"{who.extract_lag_days} days old. Drift is checked by the library; approval has an end, "
        "after which no score is given. Looked at again: "
        f"{TO_BE_WRITTEN if review is None else review}.",
        "2.4.1.5": f"{who.name} {who.version}; rules for no score (immediate concern, out of "
        "scope, restricted, stale extract, too little history).",
    }


def _model(card: ModelCard) -> dict[str, str]:
    who = card.identity
    heaviest = ", ".join(
        f"{each.concept} ({100 * each.weight:.0f} %)" for each in card.explanation.drivers[:6]
    )
    periods = "; ".join(
        f"{each.name}: {each.first_as_of} to {each.last_as_of}, {counted(each.cases)} cases"
        for each in card.data.periods
    )
    return {
        "2.4.2.1": who.name,
        "2.4.2.2": who.version,
        "2.4.2.3": f"The probability that this follows: {who.outcome_means}.",
        "2.4.2.4": f"{len(card.features)} numeric features, each a count, age, state or share "
        "from records known before the day; a missing value means not known or not observed.",
        "2.4.2.5": "A calibrated probability with an interval, and each feature's exact "
        "contribution to it in log-odds.",
        "2.4.2.6": f"{card.explanation.model_type.capitalize()}. Most weight lies on: {heaviest}.",
        "2.4.2.7": _performance(card),
        "2.4.2.8": f"One dataset, divided in time and by household. {periods}.",
    }


def _performance(card: ModelCard) -> str:
    planned = card.performance.planned
    lists = (
        "What lists hold cannot be shown."
        if planned is None
        else f"With {card.identity.list_in_words}: of 100 children listed, the outcome followed "
        f"for {of_100(planned.figure('precision'))}; of 100 for whom it followed, "
        f"{of_100(planned.figure('recall'))} were listed."
    )
    gates = "; ".join(
        f"{gate.says}: found {number(gate.figure)}, {'passed' if gate.passed else 'failed'}"
        for gate in card.plan.gates
    )
    gaps = "; ".join(
        f"{group_words(row.attribute, row.group)}, {row.figure.metric}: {of_100(row.figure)}"
        for row in card.fairness.gaps
    )
    return (
        f"{lists} Thresholds set before fitting: {gates}. By subgroup: "
        f"{' '.join(card.fairness.headline[:1])} Gaps shown: {gaps or 'none'}. In brackets stand "
        "95 % intervals."
    )


def _data(card: ModelCard) -> dict[str, str]:
    data = card.data
    unseen = [each.table for each in data.tables if not each.observed_from]
    sensitive = "; ".join(
        f"{each.kind}: {each.features} features, {100 * each.weight:.0f} % of the weight"
        for each in card.law.sensitive
    )
    complete = "; ".join(
        f"{each.name}: {of_100(each.complete)} of 100"
        for each in card.law.characteristics
        if each.complete is not None
    )
    audited = ", ".join(each.name for each in card.law.characteristics if each.used_in_audit)
    total = [each.cases for each in data.periods]
    quantity = counted(None if None in total else sum(each or 0 for each in total))
    left = "; ".join(f"{why}: {counted(count)}" for why, count in data.left_out.items())
    attributes = (
        f"Personal data of children and families. {sensitive or 'No sensitive feature'}. Sex, "
        "ethnicity, recorded disability, religion and nationality never enter the model; "
        f"audited beside it: {audited}."
    )
    return {
        "2.4.3.1": f"The authority's records of children's social care "
        f"({', '.join(data.returns)}), extract of {data.extract_date or 'a date not stated'}: "
        "contacts, referrals, assessments and their factors, plans, care.",
        "2.4.3.2": "Tabular; dates, codes and counts. No free text, names or addresses are read.",
        "2.4.3.3": f"{quantity} cases with {len(card.features)} features; tested on "
        f"{counted(card.performance.n)} cases of {counted(card.performance.households)} "
        f"households, {counted(card.performance.positives)} with the outcome.",
        "2.4.3.4": attributes,
        "2.4.3.5": f"Recorded among the cases tested: {complete or 'not stated'}. Not observed: "
        f"{', '.join(unseen) or 'see the model card'}. The cases are all referrals of the period "
        f"with a label; left out: {left or 'none'}.",
        "2.4.3.6": "Codes and dates are checked; rows without a usable child or date are set "
        f"aside and counted; nothing is dropped in silence. "
        f"The model card lists {count_of(len(data.findings), 'finding')} on the quality of the "
        "data.",
        "2.4.3.7": "Recorded by the service in the course of its work with children and "
        "families, and for statutory returns to the Department for Education. Lawful basis of "
        f"this use: {_said(card.people.lawful_basis)}.",
        "2.4.4.1": "The same records, newer; the referral's own source, date and the child's "
        "date of birth. Produced: scores, lists, and a ledger of scores and decisions whose "
        "entries are chained, so that a change shows.",
        "2.4.4.2": attributes,
        "2.4.4.3": "Before the model: only facts known before the day are used, and what would "
        "not be known in use is hidden. After it: calibration, intervals, reasons in words, "
        "codes where no score is given.",
    }
