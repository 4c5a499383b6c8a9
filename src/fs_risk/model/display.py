"""How a model shows itself in a notebook, and its bands as a picture."""

import html
from typing import Any

from fs_risk.model.step_up import MODES, StepUpModel
from fs_risk.model.vignettes import vignettes_in_words
from fs_risk.outcomes.definitions import find_outcome
from fs_risk.records.axes import COLOURS, new_axes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import stamp_of


def model_html(model: StepUpModel) -> str:
    """Lay a model's main facts out as an HTML table.

    Parameters
    ----------
    model : StepUpModel

    Returns
    -------
    str
        Escaped HTML.
    """
    rows: list[tuple[str, Any]] = [
        ("outcome", f"{model.plan.outcome} within {model.plan.within_days} days"),
        ("cohort", model.plan.cohort),
        ("features", len(model.feature_names)),
        ("trees", model.training.rounds),
        *(
            (period, f"{part.first_as_of} to {part.last_as_of}: {count_of(part.n, 'case')}, "
                     f"{part.positives:,} followed by the outcome")
            for period, part in (("fit", model.training.fit), ("test", model.training.test))
        ),
        *(
            (band.name, f"{1000 * band.observed_rate:.0f} in 1,000 observed "
                        f"({1000 * band.low:.0f} to {1000 * band.high:.0f}; n {band.n:,})")
            for band in model.bands
        ),
        ("not listed", f"of 100 children where the outcome followed, "
                       f"{model.facts.listed.not_listed_of_100:.0f} were on no list"),
        *_certainty(model),
    ]  # fmt: skip
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(key)}</th>"
        f"<td>{html.escape(str(value))}</td></tr>"
        for key, value in rows
    )
    title = html.escape(f"{model.name} {model.version}")
    return f"<p><b>{title}</b><br>{html.escape(MODES[model.mode])}</p><table>{cells}</table>"


def _certainty(model: StepUpModel) -> list[tuple[str, Any]]:
    facts, rows = model.facts, []
    if facts.interval is not None:
        worth = facts.interval.cases_worth
        rows.append(("how sure", f"a score is as uncertain as a share of {worth:.0f} cases"))
    if facts.support is not None:
        least = facts.support.fewest_similar
        rows.append(("no score", f"with fewer than {least} past cases like it"))
    if facts.vignettes:
        rows.append(("vignettes", vignettes_in_words(facts.vignettes)))
    return rows


def plot_bands(model: StepUpModel, ax: Any = None) -> Any:
    """Plot the observed rate of each band; see `StepUpModel.plot_bands`.

    Parameters
    ----------
    model : StepUpModel
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax, bands, listed = new_axes(ax, size=(7.4, 3.2)), model.bands[::-1], model.facts.listed
    for place, band in enumerate(bands):
        rate, low, high = (1000 * each for each in (band.observed_rate, band.low, band.high))
        ax.errorbar(
            rate, place, xerr=[[max(rate - low, 0)], [max(high - rate, 0)]], fmt="o",
            color=COLOURS[0], capsize=3,
        )  # fmt: skip
    ax.axvline(1000 * listed.positives / max(listed.n, 1), color="0.4", linewidth=0.8,
               linestyle="--", label=f"all tested cases, n {listed.n:,}")  # fmt: skip
    stamp = stamp_of(model.mode == "synthetic")
    meaning = find_outcome(model.plan.outcome).meaning.split(" (")[0]
    outside = f"{listed.outside_bands_of_100:.0f} of 100 for whom it did were in no band"
    ax.set(
        title=f"{stamp}How often {meaning} within {model.plan.within_days} days\n{outside}",
        xlabel="observed, in 1,000 cases; 95 % interval, households whole",
        xlim=(0, None),
        yticks=range(len(bands)),
        yticklabels=[f"{band.name}\nn {band.n:,}" for band in bands],
        ylim=(-0.6, len(bands) - 0.2),
    )
    ax.title.set_fontsize("medium")
    ax.legend(frameon=False, fontsize="small", loc="upper left")
    return ax
