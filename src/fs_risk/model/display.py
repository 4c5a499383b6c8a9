"""How a model shows itself in a notebook."""

import html
from typing import Any

from fs_risk.model.step_up import MODES, StepUpModel
from fs_risk.model.vignettes import vignettes_in_words


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
            (period, f"{part.first_as_of} to {part.last_as_of}: {part.n:,} cases, "
                     f"{part.positives:,} followed by the outcome")
            for period, part in (("fit", model.training.fit),
                                 ("calibrate", model.training.calibrate),
                                 ("test", model.training.test))
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
