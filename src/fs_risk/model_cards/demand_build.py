"""`build_demand_card`: the card of a forecast, from the forecast and its back-test."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

import fs_risk
from fs_risk.demand.backtest import DemandBacktest, backtest_demand
from fs_risk.demand.forecast import DemandForecast, forecast_demand
from fs_risk.demand.verdicts import YEARS_AHEAD, plain_words
from fs_risk.errors import SettingError
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.model_cards.compare import Difference, differences
from fs_risk.model_cards.demand_card import (
    AtHorizon,
    DemandAnswers,
    DemandCard,
    DemandEnvelope,
    DemandFigure,
    DemandHashes,
    DemandIdentity,
    DemandSettings,
    DemandVerdict,
    Rival,
    SeriesShown,
)
from fs_risk.model_cards.figures import settled
from fs_risk.model_cards.publish_rules import is_few
from fs_risk.records.arguments import BACKTEST, FORECAST, ORIGIN, SERIES, takes
from fs_risk.records.records import Origin

_FIGURES = ("mase", "wape", "bias", "coverage_80", "coverage_95", "interval_80", "interval_95")
_COMPLETE = 0.95


@takes(forecast=FORECAST, backtest=BACKTEST, series=SERIES, origin=ORIGIN)
def build_demand_card(
    forecast: DemandForecast,
    backtest: DemandBacktest,
    *,
    series: pd.DataFrame,
    origin: Origin,
    name: str = "Demand",
    people: DemandAnswers | None = None,
    seeds: int = 2,
    random_state: int = 0,
    learnt_from_others: bool = False,
) -> DemandCard:
    """Fill the card of a demand forecast.

    Parameters
    ----------
    forecast : DemandForecast
    backtest : DemandBacktest
        Of the same series and horizon.
    series : DataFrame
        As both were made from.
    origin : Origin
        Of the records that the series were counted from: ``records.origin``.
    name : str, default="Demand"
    people : DemandAnswers, optional
        What only people can write; what is left out is shown as to be written.
    seeds, random_state : int
        As given to `forecast_demand` and `backtest_demand`.
    learnt_from_others : bool, default=False
        Whether a prior was given.

    Returns
    -------
    DemandCard

    Raises
    ------
    SettingError
        If the forecast is of other series than those given, or the back-test of another
        horizon.

    Examples
    --------
    >>> series = fs.demand_series(records)  # doctest: +SKIP
    >>> card = build_demand_card(fs.forecast_demand(series), fs.backtest_demand(series),
    ...     series=series, origin=records.origin)  # doctest: +SKIP
    """
    horizon = int(forecast.table.groupby("unique_id").size().max())
    _check_same(forecast, backtest, series, horizon)
    card = DemandCard(
        identity=DemandIdentity(
            name=name,
            library_version=fs_risk.__version__,
            origin="synthetic" if origin.kind == "synthetic" else "real",
            label=origin.label,
        ),
        settings=DemandSettings(
            horizon=horizon,
            origins=tuple(day.date().isoformat() for day in backtest.by_origin["origin"]),
            seeds=seeds,
            random_state=random_state,
            learnt_from_others=learnt_from_others,
        ),
        series=tuple(_series(each, rows) for each, rows in series.groupby("unique_id")),
        verdict=backtest.verdict,
        verdicts=tuple(_verdict(row) for row in backtest.verdicts.to_dict("records")),
        coverage={str(level): settled(share) for level, share in forecast.coverage.items()},
        figures=tuple(_figure(backtest, metric) for metric in _FIGURES),
        rivals=tuple(
            Rival(name=row["rival"], mase=settled(row["mase"]), skill=settled(row["skill"]))
            for row in backtest.skill.to_dict("records")
        ),
        horizons=tuple(_at(row) for row in backtest.by_horizon.to_dict("records")),
        notes=_notes(forecast, backtest),
        hashes=DemandHashes(
            series=table_hash(series[["unique_id", "ds", "y"]]),
            forecast=table_hash(forecast.table),
            backtest=table_hash(backtest.table),
        ),
        people=people or DemandAnswers(),
    )
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    envelope = DemandEnvelope(content_hash=card.content_hash, made_at=made_at)
    return card.model_copy(update={"envelope": envelope})


def verify_demand_card(
    card: DemandCard,
    series: pd.DataFrame,
    *,
    prior: pd.DataFrame | None = None,
    upstream: Mapping[str, str] | None = None,
) -> tuple[Difference, ...]:
    """Make forecast and back-test again with the settings stated, and compare.

    Parameters
    ----------
    card : DemandCard
    series : DataFrame
    prior, upstream : optional
        As they were given to the forecast.

    Returns
    -------
    tuple of Difference
        Put down to the data where the series are not those of the card.
    """
    used = card.settings
    given: dict[str, Any] = {
        "prior": prior, "upstream": upstream, "seeds": used.seeds,
        "random_state": used.random_state,
    }  # fmt: skip
    again = build_demand_card(
        forecast_demand(series, used.horizon, **given),
        backtest_demand(series, used.horizon, origins=used.origins, **given),
        series=series,
        origin=Origin(card.identity.origin, (), card.identity.label),
        name=card.identity.name,
        people=card.people,
        seeds=used.seeds,
        random_state=used.random_state,
        learnt_from_others=prior is not None,
    )
    same_data = again.hashes.series == card.hashes.series
    found = differences(card.content, again.content, changed="card" if same_data else "data")
    kept = card.envelope.content_hash
    if not found and kept and kept != card.content_hash:
        return differences({"content": kept}, {"content": card.content_hash})
    return found


def table_hash(table: pd.DataFrame) -> str:
    """Hash a table's rows in their order, each number to nine significant digits.

    Examples
    --------
    >>> one = pd.DataFrame({"y": [0.1 + 0.2]})
    >>> table_hash(one) == table_hash(pd.DataFrame({"y": [0.3]}))
    True
    """
    content = {
        str(name): [
            settled(value) if isinstance(value, int | float) else str(value)
            for value in table[name].tolist()
        ]
        for name in table.columns
    }
    return sha256(canonical_json(content))


def _check_same(
    forecast: DemandForecast, backtest: DemandBacktest, series: pd.DataFrame, horizon: int
) -> None:
    columns = ["unique_id", "ds", "y"]
    if table_hash(forecast.history[columns]) != table_hash(series[columns]):
        raise SettingError(
            "The forecast was made from other series than those given.",
            where="series",
            fix="Give the series that forecast_demand and backtest_demand were given.",
        )
    if int(backtest.table["h"].max()) > horizon or not set(backtest.table["unique_id"]) <= set(
        series["unique_id"]
    ):
        raise SettingError(
            "The back-test is of another horizon or of other series than the forecast.",
            where="backtest",
            fix="Look back with the same series and horizon.",
        )


def _notes(forecast: DemandForecast, backtest: DemandBacktest) -> tuple[str, ...]:
    """Join what both say; of which measures a simple rule forecast as well, the back-test's word.

    A forecast looks back with weights that were chosen on the same dates.
    """
    own = set(plain_words(forecast.verdicts))
    said = [note for note in forecast.notes if note not in own and YEARS_AHEAD not in note]
    return tuple(dict.fromkeys((*said, *backtest.notes)))


def _series(name: Any, rows: pd.DataFrame) -> SeriesShown:
    known = rows["y"].dropna()
    late = rows["completeness"].lt(_COMPLETE).sum() if "completeness" in rows else 0
    return SeriesShown(
        name=str(name),
        measure=str(rows["measure"].iloc[0]) if "measure" in rows else "",
        kind=str(rows["kind"].iloc[0]) if "kind" in rows else "",
        first=f"{rows['ds'].min():%Y-%m-%d}",
        last=f"{rows['ds'].max():%Y-%m-%d}",
        periods=len(rows),
        missing=int(rows["y"].isna().sum()),
        late=int(late),
        mean=None if is_few(float(known.sum())) else settled(round(float(known.mean()), 1)),
    )


def _figure(backtest: DemandBacktest, metric: str) -> DemandFigure:
    each = backtest.by_origin[metric]
    return DemandFigure(
        metric=metric,
        value=settled(each.mean()),
        smallest=settled(each.min()),
        largest=settled(each.max()),
        n=int(backtest.table[["y", "median"]].notna().all(axis=1).sum()),
    )


def _verdict(row: Mapping[str, Any]) -> DemandVerdict:
    numbers = {name: settled(row[name]) for name in ("mase", "mase_last_year", "skill")}
    return DemandVerdict(
        measure=str(row["measure"]), series=int(row["series"]), verdict=row["verdict"], **numbers
    )


def _at(row: Mapping[str, Any]) -> AtHorizon:
    numbers = {name: settled(row[name]) for name in ("wape", "coverage_80", "coverage_95")}
    return AtHorizon(ahead=int(row["h"]), **numbers)
