"""One card, made once, for all tests of cards."""

import pytest

import fs_risk as fs

RESAMPLES = 100


@pytest.fixture(scope="session")
def card_study(small_authority, small_model):
    """The report and the audit that the card is built from."""
    report = fs.evaluate_step_up(small_model, small_authority, resamples=RESAMPLES, progress=False)
    audit = fs.audit_step_up(small_model, small_authority, resamples=RESAMPLES)
    return report, audit


@pytest.fixture(scope="session")
def weighed(card_study):
    """What extra attention is worth, under an assumption."""
    read = fs.UnitCost(amount=60, unit="second read", year="2024-25", source="own estimate")
    plan = fs.UnitCost(amount=5_000, unit="plan", year="2024-25", source="own estimate")
    costs = fs.Costs(
        outcome="cp_plan",
        attention=fs.CostItem(cost=read, basis="one second read"),
        averted=fs.CostItem(cost=plan, basis="one plan"),
    )
    effect = fs.EffectAssumption(reduction=0.1, low=0.0, high=0.2, basis="assumed")
    return fs.weigh_value(card_study[0], costs, effect=effect)


@pytest.fixture(scope="session")
def card(small_authority, small_model, card_study, weighed):
    """A card with everything that can be filled, but the leakage prover's result."""
    return fs.build_card(
        small_model,
        *card_study,
        records=small_authority,
        value=weighed,
        drift={"checked_on": "2025-06-01", "features_drifted": 2, "score_psi": 0.04},
        ledger_figures={
            "first_day": "2025-04-01", "last_day": "2025-06-30", "scores": 120, "decisions": 90,
            "agreed": 70, "more_worried": 12, "less_worried": 3, "not_used": 5,
        },
        people=fs.CardAnswers(owner="Head of front door services"),
        runs={"evaluation": "0123456789abcdef"},
    )  # fmt: skip


@pytest.fixture(scope="session")
def measured_again(card, small_authority, small_model):
    """The same card's content, measured anew as `verify` does."""
    from fs_risk.model_cards.verify import measure_again

    return measure_again(card, small_authority, model=small_model)
