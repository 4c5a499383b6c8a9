"""Errors from earlier origins beside each simple rule's, and what those rules say now."""

import numpy as np
import pandas as pd

from fs_risk.demand.origin_forecast import OriginForecast
from fs_risk.demand.panel import Panel
from fs_risk.demand.rows import last_seen
from fs_risk.demand.verdicts import LAST_YEAR, RULES, PairedErrors, plain_years
from fs_risk.records.counts_in_words import count_of

_LAST_VALUE = "last_value"


def looked_back(origin: OriginForecast, panel: Panel) -> PairedErrors:
    """Set errors from earlier origins beside those of each simple rule, on the same answers.

    The weights of the forecast were chosen on these same origins: a back-test, which chooses
    them anew at each, is the stricter judge.

    Parameters
    ----------
    origin : OriginForecast
    panel : Panel
        Of the same series.

    Returns
    -------
    PairedErrors
    """
    past, n = origin.past, len(origin.scale)
    horizon = origin.naive.shape[1]
    if past is None:
        nothing = {rule: np.full((1, n), np.nan) for rule in RULES}
        return PairedErrors(nothing, nothing, np.zeros(1, dtype=np.int64), horizon)
    said = origin.from_earlier_origins()
    models = list(origin.each)
    ours, theirs = {}, {}
    for rule in RULES:
        if rule == _LAST_VALUE:
            seen = np.stack([last_seen(panel.known(int(place))) for place in past.origins])
            simple = np.broadcast_to(seen[:, :, None], said.shape)
        else:
            simple = past.forecasts[models.index(rule)]
        answers = np.where(np.isfinite(said) & np.isfinite(simple), past.answers, np.nan)
        ours[rule], theirs[rule] = (
            _mean(np.abs(answers - each)) / origin.scale for each in (said, simple)
        )
    return PairedErrors(ours, theirs, past.origins, horizon)


def years_ahead(origin: OriginForecast, panel: Panel, own: np.ndarray) -> list[str]:
    """Say at how many years ahead last year's number was as good; nothing of months and weeks.

    Parameters
    ----------
    origin : OriginForecast
    panel : Panel
    own : ndarray of bool, shape (n,)
        Which series are asked about.

    Returns
    -------
    list of str
    """
    past = origin.past
    if panel.season != 1 or past is None:
        return []
    ours = origin.from_earlier_origins()
    naive = past.forecasts[list(origin.each).index(LAST_YEAR)]
    return plain_years(panel.measures[own], past.answers[:, own], ours[:, own], naive[:, own])


def beyond_what_was_measured(origin: OriginForecast, own: np.ndarray) -> list[str]:
    """Say how far ahead earlier forecasts could be held against what came; nothing if far enough.

    Parameters
    ----------
    origin : OriginForecast
    own : ndarray of bool, shape (n,)
        Which series are asked about.

    Returns
    -------
    list of str
    """
    past, horizon = origin.past, origin.naive.shape[1]
    if past is None or not own.any():
        return []
    known = np.isfinite(past.answers[:, own]).any(axis=(0, 1))
    reached = int(np.flatnonzero(known).max(initial=-1)) + 1
    if reached >= horizon:
        return []
    return [
        f"Earlier forecasts could be held against what came up to {count_of(reached, 'period')} "
        f"ahead, of the {horizon} that are forecast: verdict and coverage are of those. Nothing "
        "was measured of what lies beyond."
    ]


def simple_rules(origin: OriginForecast, panel: Panel, own: np.ndarray) -> pd.DataFrame:
    """Give what each simple rule says of the periods ahead.

    Parameters
    ----------
    origin : OriginForecast
    panel : Panel
    own : ndarray of bool, shape (n,)
        Which series are wanted.

    Returns
    -------
    DataFrame
        ``unique_id``, ``ds``, and a column for each of `RULES`, as it is called.
    """
    n, horizon = int(own.sum()), origin.naive.shape[1]
    last = np.broadcast_to(
        last_seen(panel.known(panel.n_periods - 1))[:, None], (len(own), horizon)
    )
    said = {**origin.each, _LAST_VALUE: last}
    periods = panel.periods(horizon)[-horizon:].to_numpy().astype("datetime64[s]")
    about = {
        "unique_id": pd.Series(np.repeat(panel.ids[own], horizon), dtype="str"),
        "ds": np.tile(periods, n),
    }
    return pd.DataFrame(
        {**about, **{called: said[rule][own].ravel() for rule, called in RULES.items()}}
    )


def _mean(values: np.ndarray) -> np.ndarray:
    """Average what is known over the last axis."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(known.any(axis=-1), total / np.maximum(known.sum(axis=-1), 1), np.nan)
