"""The sentences of cost and benefit: each with the assumption it rests on, or with none stated."""

from typing import TYPE_CHECKING

from fs_risk.records.notebook import stamp_of

if TYPE_CHECKING:
    from fs_risk.evaluation.value_costs import EffectAssumption
    from fs_risk.evaluation.value_listed import Listed
    from fs_risk.evaluation.value_of_attention import ValueOfAttention


def sentence_at(value: "ValueOfAttention", listed: "Listed") -> str:
    """Say what follows at one capacity, beginning with what is assumed.

    Parameters
    ----------
    value : ValueOfAttention
    listed : Listed

    Returns
    -------
    str
    """
    stamp = stamp_of(value.origin == "synthetic")
    said = _over_a_range(value, listed) if value.effect is None else _at_one(value, listed)
    return f"{stamp}{said} {_break_even(value.break_even(listed.precision))}"


def assumption_said(value: "ValueOfAttention") -> str:
    """Say what is assumed of the attention.

    Parameters
    ----------
    value : ValueOfAttention

    Returns
    -------
    str
    """
    effect = value.effect
    if effect is None:
        return (
            "No effect is stated: the net stands for each of several shares of outcomes averted "
            "among listed children, none of them a finding, and no single saving is given."
        )
    return (
        f"Assumed effect: {per_cent(effect.reduction)} of outcomes averted among listed "
        f"children, varied from {per_cent(effect.low)} to {per_cent(effect.high)} "
        f"({effect.basis})."
    )


def _at_one(value: "ValueOfAttention", listed: "Listed") -> str:
    effect: EffectAssumption = value.stated_effect()
    low, high = (value.net(listed, precision=end) for end in (listed.low, listed.high))
    avoided = value.net(listed, per_listed=0.0)
    return (
        f"If extra attention averted {per_cent(effect.reduction)} of the outcomes among "
        f"listed children ({effect.basis}; varied from {per_cent(effect.low)} to "
        f"{per_cent(effect.high)}), listing {listed.per_1000:.0f} of 1,000 cases, in "
        f"{listed.per_1000 * listed.precision:.0f} of which the outcome followed, would "
        f"cost £{listed.per_1000 * value.costs.per_listed:,.0f} in attention, avoid "
        f"£{avoided:,.0f} and net {_pounds(value.net(listed))} ({_pounds(low)} to "
        f"{_pounds(high)} over the interval of the precision), in {value.costs.price_year} "
        "prices."
    )


def _over_a_range(value: "ValueOfAttention", listed: "Listed") -> str:
    effects = value.over_effects()["effect"].unique()
    told = ", ".join(f"{_pounds(value.net(listed, effect=e))} at {per_cent(e)}" for e in effects)
    return (
        f"No effect is stated. Listing {listed.per_1000:.0f} of 1,000 cases, in "
        f"{listed.per_1000 * listed.precision:.0f} of which the outcome followed, would "
        f"cost £{listed.per_1000 * value.costs.per_listed:,.0f} in attention, in "
        f"{value.costs.price_year} prices. By the share of these outcomes that it averted, the "
        f"net would be {told}."
    )


def _break_even(even: float) -> str:
    if even > 1:
        return "No effect, however large, would cover the cost of the attention."
    return f"It breaks even at an effect of {100 * even:.1f} %."


def per_cent(share: float) -> str:
    """Write a share as whole per cent.

    Examples
    --------
    >>> per_cent(0.1)
    '10 %'
    """
    return f"{100 * share:.0f} %"


def _pounds(amount: float) -> str:
    return f"{'-' if amount < 0 else ''}£{abs(amount):,.0f}"
