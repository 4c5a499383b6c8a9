"""The page of an ablation, for the analysts' desk."""

from collections.abc import Mapping

import pandas as pd

from fs_risk.evaluation.ablation import Ablation

HEADER = (
    "| features | n features | average precision | difference to all | AUC | difference to all |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
)

_TITLES = {
    "all": "All",
    "alone": "One concept alone",
    "left out": "Left out",
    "added": "Added, for study only: none of these is among all features",
}


def ablation_page(found: Mapping[str, Ablation], *, settings: str) -> str:
    """Write the page.

    Parameters
    ----------
    found : mapping of str to Ablation
        By the cases that they are about, in words.
    settings : str
        The records, the split and the trees, in sentences.

    Returns
    -------
    str
        Markdown.
    """
    lines = [
        "# What each concept is worth",
        "",
        "The same model fitted to several sets of features, on an invented authority: all of the "
        "catalogue, each concept alone, each concept left out. Values and differences have 95 % "
        "intervals over resampled households; a difference is paired, both models ranking the "
        "same resample. SYNTHETIC: the sizes say how the invented authority was made, not what "
        "holds in a real one.",
        "",
        settings,
    ]
    for cases, result in found.items():
        lines += ["", f"## {cases}", "", _in_words(result)]
        for done in dict.fromkeys(result.table["done"]):
            part = result.table[result.table["done"] == done]
            if done == "alone":
                part = part.sort_values("average_precision", ascending=False)
            elif done == "left out":
                part = part.sort_values("average_precision_gain")
            lines += ["", f"**{_TITLES[done]}**", "", *HEADER, *map(_row, part.itertuples())]
    return "\n".join(lines) + "\n"


def ablation_frame(found: Mapping[str, Ablation]) -> pd.DataFrame:
    """Put the tables under one another.

    Parameters
    ----------
    found : mapping of str to Ablation

    Returns
    -------
    DataFrame
        As ``Ablation.table``, with ``cases`` first.
    """
    parts = [result.table.assign(cases=cases) for cases, result in found.items()]
    frame = pd.concat(parts, ignore_index=True).round(5)
    return frame[["cases", *frame.columns.drop("cases")]]


def _in_words(result: Ablation) -> str:
    ties = result.ties
    verdict = (
        "All features together rank better than any one concept alone: the whole interval of "
        "every difference is below zero."
        if not ties
        else f"All features together are not shown to rank better than {', '.join(ties)} alone."
    )
    return (
        f"{result.n_learnt:,} cases learnt from; tested on {result.n:,} later cases of "
        f"{result.households:,} households not learnt from, {result.positives:,} of them with the "
        f"outcome. {result.resamples} resamples, seed {result.seed}. {verdict}"
    )


def _row(row: object) -> str:
    cells = [str(getattr(row, "what")), f"{getattr(row, 'n_features')}"]  # noqa: B009
    for measure in ("average_precision", "roc_auc"):
        value, low, high = (getattr(row, f"{measure}{end}") for end in ("", "_low", "_high"))
        cells.append(f"{value:.3f} ({low:.3f} to {high:.3f})")
        ends = ("_gain", "_gain_low", "_gain_high")
        gain, below, above = (getattr(row, f"{measure}{end}") for end in ends)
        is_all = getattr(row, "done") == "all"  # noqa: B009
        cells.append("" if is_all else f"{gain:+z.3f} ({below:+z.3f} to {above:+z.3f})")
    return f"| {' | '.join(cells)} |"
