"""Is the synthetic authority like an average English one? Its rates beside the published ones."""

from collections.abc import Callable, Mapping

import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.records.records import Records
from fs_risk.synthetic import measures, measures_of_groups, measures_of_time
from fs_risk.synthetic.parameters import Parameter, Parameters, load_parameters
from fs_risk.synthetic.view import View

COLUMNS = ("row", "measure", "target", "tolerance", "got", "within", "kind", "source")
"""The columns of the table of rates."""

TABLE_COLUMNS = ("row", "measure", "kind", "target", "tolerance", "got", "verdict", "source")
"""The columns of the table of all rows with verdicts."""

_MEASURES: tuple[Callable[[View], Mapping[str, float]], ...] = (
    measures.volumes,
    measures.referral_outcomes,
    measures.sources,
    measures.months,
    measures.needs,
    measures.factors,
    measures.categories,
    measures.ages,
    measures_of_groups.ethnicity,
    measures_of_groups.disability,
    measures_of_groups.deprivation,
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
    got = measured(records, years)
    entries = load_parameters()
    rows = []
    for name in _section(entries, "target"):
        target, value = entries[f"target.{name}"], got[name]
        near = abs(value - target.value) <= target.tolerance
        rows.append(
            (
                target.row,
                name,
                float(target.value),
                float(target.tolerance),
                value,
                near,
                target.kind,
                target.source,
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def calibration_table(records: Records, *, years: int = 5) -> pd.DataFrame:
    """Give every row of the table of targets, with the verdict on each.

    Parameters
    ----------
    records : Records
        Made by `make_authority`.
    years : int, default=5
        As in `authority_rates`.

    Returns
    -------
    DataFrame
        Columns `TABLE_COLUMNS`, by row of the table. ``verdict`` is "pass" or "miss"
        for a verified or derived target with a tolerance; "shown" for an assumed one,
        which is never counted as a pass; "input" for what is put in or is not
        simulated at all; "reported" for a published figure without a tolerance.

    Raises
    ------
    RecordsError
        If the records are not of a synthetic authority.

    Examples
    --------
    >>> from fs_risk.synthetic.authority import make_authority
    >>> table = calibration_table(make_authority(children=2_000, years=2, seed=0))
    >>> sorted(set(table["verdict"]) - {"miss"})
    ['input', 'pass', 'reported', 'shown']
    """
    got = measured(records, years)
    entries = load_parameters()
    settings = truth_of(records)["authority"].iloc[0]
    rows = []
    for section in ("input", "target", "beside"):
        for name in _section(entries, section):
            entry = entries[f"{section}.{name}"]
            tolerance = entry.tolerance or float("nan")
            if section == "input":
                value = float(settings["children"]) if name == "children" else float("nan")
            else:
                value = got[name]
            verdict = _verdict(section, entry, value)
            target = float(entry.value)
            rows.append(
                (entry.row, name, entry.kind, target, tolerance, value, verdict, entry.source)
            )
    table = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    return table.sort_values("row", kind="stable", ignore_index=True)


def _verdict(section: str, entry: Parameter, value: float) -> str:
    if section == "input":
        return "input"
    if section == "beside":
        return "reported"
    if entry.kind == "A":
        return "shown"
    return "pass" if abs(value - entry.value) <= entry.tolerance else "miss"


def _section(entries: Parameters, section: str) -> list[str]:
    prefix = f"{section}."
    return [name.removeprefix(prefix) for name in entries if name.startswith(prefix)]


def truth_of(records: Records) -> Mapping[str, pd.DataFrame]:
    """Give the truth of a synthetic authority.

    Raises
    ------
    RecordsError
        If the records are of no such authority.
    """
    if records.truth is None or "authority" not in records.truth:
        raise RecordsError(
            "These records are not of a synthetic authority.",
            where="authority_rates(records)",
            fix="Pass records made by make_authority.",
        )
    return records.truth


def measured(records: Records, years: int) -> dict[str, float]:
    """Give every measure of an authority by its name."""
    truth = truth_of(records)
    view = View(records, years)
    got: dict[str, float] = {}
    for measure in _MEASURES:
        got.update(measure(view))
    lifetime = truth["authority"].filter(like="lifetime_").iloc[0]
    got.update({str(name): float(value) for name, value in lifetime.items()})
    return got
