"""What each set of features was worth, as a picture."""

from typing import TYPE_CHECKING, Any

from fs_risk.errors import AuditError
from fs_risk.records.axes import COLOURS, new_axes
from fs_risk.records.counts_in_words import count_of

if TYPE_CHECKING:
    from fs_risk.evaluation.ablation import Ablation


def plot_ablation(found: "Ablation", done: str, most: int, ax: Any = None) -> Any:
    """Plot differences to all features; see `Ablation.plot`.

    Parameters
    ----------
    found : Ablation
    done : str
    most : int
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    AuditError
        If nothing of that kind was done.
    """
    rows = found.table[(found.table["done"] == done).to_numpy()]
    if rows.empty:
        raise AuditError(
            f"Nothing was {done} in this ablation.",
            where="done",
            fix=f"Choose one of: {', '.join(dict.fromkeys(found.table['done']))}.",
        )
    gain = rows["average_precision_gain"]
    order = gain.abs().sort_values(ascending=False, kind="stable").index[: max(most, 1)]
    shown = rows.loc[order].sort_values("average_precision_gain", ascending=False)
    ax = new_axes(ax, size=(7.4, 1.8 + 0.3 * len(shown)))
    value = shown["average_precision_gain"]
    ax.errorbar(
        value, range(len(shown)), fmt="o", color=COLOURS[0], capsize=3,
        xerr=[
            (value - shown["average_precision_gain_low"]).clip(lower=0),
            (shown["average_precision_gain_high"] - value).clip(lower=0),
        ],
    )  # fmt: skip
    ax.axvline(0.0, color="0.4", linewidth=0.8)
    ax.set(
        title=f"Features {done}: {len(shown)} of {count_of(len(rows), 'set')}\n"
        f"n {count_of(found.n, 'case')}, {found.positives:,} with the outcome",
        xlabel="average precision, less that of all features; 95 % interval",
        yticks=range(len(shown)),
        yticklabels=list(shown["what"]),
        ylim=(-0.6, len(shown) - 0.4),
    )
    ax.tick_params(axis="y", labelsize="small")
    return ax
