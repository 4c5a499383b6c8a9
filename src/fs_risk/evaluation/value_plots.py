"""Plots of cost and benefit; each states the assumption it rests on."""

from textwrap import fill
from typing import TYPE_CHECKING, Any

from fs_risk.evaluation.value_words import per_cent
from fs_risk.records.axes import COLOURS, STYLES, new_axes
from fs_risk.records.notebook import stamp_of

if TYPE_CHECKING:
    from fs_risk.evaluation.value_of_attention import ValueOfAttention


def plot_net(value: "ValueOfAttention", ax: Any = None) -> Any:
    """Plot the net over the share listed, one line an effect: low, assumed and high.

    Where no effect is stated there is a line for each that is shown.

    Parameters
    ----------
    value : ValueOfAttention
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax)
    shares = [100 * listed.share for listed in value.listed]
    for place, (label, effect) in enumerate(_effects(value).items()):
        nets = [value.net(listed, effect=effect) / 1000 for listed in value.listed]
        ax.plot(shares, nets, marker="o", markersize=3, color=COLOURS[place],
                linestyle=STYLES[place], label=label)  # fmt: skip
    ax.axhline(0.0, color="0.4", linewidth=0.8)
    ax.set(xlabel="cases listed, per cent", ylabel=_unit(value))
    ax.set_title(_title(value, "Net of extra attention"), fontsize="medium")
    ax.legend(frameon=False, fontsize="small")
    return ax


def plot_tornado(value: "ValueOfAttention", capacity: float | None = None, ax: Any = None) -> Any:
    """Plot how the net moves as one figure at a time goes from its low to its high end.

    Parameters
    ----------
    value : ValueOfAttention
    capacity : int or float, optional
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax)
    table = value.sensitivity(capacity=capacity).iloc[::-1].reset_index(drop=True)
    for place, row in table.iterrows():
        ends = sorted((row["net_at_low"] / 1000, row["net_at_high"] / 1000))
        ax.barh(place, ends[1] - ends[0], left=ends[0], color=COLOURS[0])
    ax.axvline(0.0, color="0.4", linewidth=0.8)
    ax.use_sticky_edges = False
    ax.autoscale_view()
    ax.set(yticks=range(len(table)), yticklabels=table["varied"], xlabel=_unit(value))
    ax.set_title(_title(value, "Net as each figure is varied alone"), fontsize="medium")
    return ax


def _effects(value: "ValueOfAttention") -> dict[str, float]:
    stated = value.effect
    if stated is None:
        return {
            f"effect {per_cent(each)}": each for each in value.over_effects()["effect"].unique()
        }
    named = {"low": stated.low, "assumed": stated.reduction, "high": stated.high}
    return {f"effect {per_cent(effect)} ({name})": effect for name, effect in named.items()}


def _unit(value: "ValueOfAttention") -> str:
    return f"net, £1,000 per 1,000 cases ({value.costs.price_year} prices)"


def _title(value: "ValueOfAttention", what: str) -> str:
    stamp = stamp_of(value.origin == "synthetic")
    effect = value.effect
    assumed = "no effect stated"
    if effect is not None:
        assumed = f"assumed: {per_cent(effect.reduction)} of outcomes averted ({effect.basis})"
    return fill(f"{stamp}{what}; {assumed}; n {value.n:,}", 60)
