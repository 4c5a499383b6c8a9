"""Is the synthetic authority like an average English one? Its rates beside the published ones."""

from collections.abc import Callable, Mapping

import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.records.records import Records
from fs_risk.synthetic import measures, measures_of_time
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.view import View

COLUMNS = ("row", "measure", "target", "tolerance", "got", "within", "kind", "source")
"""The columns of the table of rates."""

_MEASURES: tuple[Callable[[View], Mapping[str, float]], ...] = (
    measures.volumes,
    measures.referral_outcomes,
    measures.sources,
    measures.months,
    measures.needs,
    measures.factors,
    measures.categories,
    measures.ages,
    measures.groups,
    measures.families,
    measures_of_time.assessments,
    measures_of_time.plans,
    measures_of_time.need,
    measures_of_time.re_referrals,
    measures_of_time.outcomes,
)


def authority_rates(records: Records, *, years: int = 5) -> pd.DataFrame:
    """Lay the rates of a synthetic authority beside the published ones.

    Parameters
    ----------
    records : Records
        Made by `make_authority`.
    years : int, default=5
        Measured over so many of the last reporting years, or all if there are fewer.

    Returns
    -------
    DataFrame
        ``row`` (of the table in ``docs/synthetic_authority.md``), ``measure``,
        ``target``, ``tolerance``, ``got``, ``within`` (whether `got` is within
        `tolerance` of the target), ``kind`` (V verified, D derived, A assumed) and
        ``source`` of the target. Rates are per 10,000 children a year, shares per
        cent. The tolerances are those for five years of a 62,700-child authority:
        a smaller one strays further by chance alone.

    Raises
    ------
    RecordsError
        If the records are not of a synthetic authority.

    Examples
    --------
    >>> from fs_risk.synthetic.authority import make_authority
    >>> rates = authority_rates(make_authority(children=2_000, years=2, seed=0))
    >>> rates.loc[rates["measure"] == "referrals", ["target", "tolerance"]].to_numpy().tolist()
    [[519.4, 15.6]]
    """
    if records.truth is None or "authority" not in records.truth:
        raise RecordsError(
            "These records are not of a synthetic authority.",
            where="authority_rates(records)",
            fix="Pass records made by make_authority.",
        )
    view = View(records, years)
    got: dict[str, float] = {}
    for measure in _MEASURES:
        got.update(measure(view))
    lifetime = records.truth["authority"].filter(like="lifetime_").iloc[0]
    got.update({str(name): float(value) for name, value in lifetime.items()})
    parameters = load_parameters()
    rows = []
    for name in parameters:
        if not name.startswith("target."):
            continue
        target = parameters[name]
        value = got[name.removeprefix("target.")]
        near = abs(value - target.value) <= target.tolerance
        rows.append(
            (
                target.row,
                name.removeprefix("target."),
                float(target.value),
                float(target.tolerance),
                value,
                near,
                target.kind,
                target.source,
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
