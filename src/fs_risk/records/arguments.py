"""What public functions ask for again and again, each with how to come by it.

A class that is only named here need not be loaded to be told from others.
"""

from collections.abc import Callable, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from datetime import date
from functools import wraps
from inspect import signature
from numbers import Integral, Real
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
import pandas as pd

from fs_risk.errors import wanted

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True)
class Asked:
    """What a public function asks of one of its arguments.

    Attributes
    ----------
    kinds : tuple of type or str
        As in `wanted`.
    fix : str
        How to come by the right thing.
    """

    kinds: tuple[type | str, ...]
    fix: str

    def or_none(self) -> "Asked":
        """Ask for the same, or nothing."""
        return Asked((*self.kinds, type(None)), self.fix)


def takes(**arguments: Asked) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Let a public function refuse, before it does anything, what is of another kind.

    Parameters
    ----------
    **arguments : Asked
        By the argument's name.

    Returns
    -------
    callable
        Decorates the function.

    Examples
    --------
    >>> @takes(name=Asked((str,), "Give a name."))
    ... def greet(name):
    ...     return f"Hello {name}"
    >>> greet("you")
    'Hello you'
    >>> greet(name=None)
    Traceback (most recent call last):
    fs_risk.errors.SettingError: name is None; str is wanted.
      Where: name=
      Fix:   Give a name.
    """

    def guard(function: Callable[_P, _R]) -> Callable[_P, _R]:
        names = tuple(signature(function).parameters)

        @wraps(function)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            given = dict(zip(names, args, strict=False)) | kwargs
            for name, asked in arguments.items():
                if name in given:
                    wanted(given[name], *asked.kinds, argument=name, fix=asked.fix)
            return function(*args, **kwargs)

        return guarded

    return guard


WORD = Asked((str,), "Give one word, as text.")
WHOLE = Asked((Integral,), "Give a whole number.")
NUMBER = Asked((Real,), "Give a number.")
PATH = Asked((str, Path), "Give the path, as text.")
DAY = Asked((date, str, np.datetime64), "Give a date, or text year first as in 2025-03-31.")
RECORDS = Asked(("Records",), 'Give what a reader returned, as fs.read_ssd("extract/") does.')
RECORDS_OR_HISTORY = Asked(("Records", "History"), RECORDS.fix)
MODEL = Asked(("StepUpModel",), 'Give what train_step_up() returned, or fs.load_model("model/").')
COHORT = Asked((pd.DataFrame,), "Give a cohort, as fs.referral_cohort(records) makes one.")
FEATURES = Asked((pd.DataFrame,), "Give what fs.build_features(records, cohort) returns.")
SERIES = Asked((pd.DataFrame,), "Give what fs.demand_series(records) returns.")
COLUMN = Asked(
    (pd.Series, np.ndarray, list, tuple), "Give a value for each case, as a column or an array."
)
GROUPS = Asked(
    (pd.DataFrame, pd.Series, Mapping),
    "Give what fs.fairness_groups(records, cohort) returns, or a column for each attribute.",
)
LEDGER = Asked(
    ("Ledger",), 'Give fs.Ledger("sqlite:///ledger.db", key_file="ledger.key"), as you keep it.'
)
REFERRAL = Asked(("Referral", Mapping), "Give fs.Referral(…), or a mapping of its fields.")
REFERRALS = Asked(
    (list, tuple, Iterator, ValuesView, pd.DataFrame, np.ndarray),
    "Give a list of referrals, or a DataFrame with one a row.",
)
REPORT = Asked(("EvaluationReport",), "Give what fs.evaluate_step_up(model, records) returns.")
AUDIT = Asked(("FairnessAudit",), "Give what fs.audit_step_up(model, records) returns.")
PLAN = Asked(("Plan",), 'Give fs.Plan(outcome="cp_plan"), say.')
CARD = Asked(("ModelCard",), "Give what fs.build_card(model, report, audit) returns.")
COSTS = Asked(("Costs",), "Give fs.Costs(outcome=…, attention=…, averted=…).")
EFFECT = Asked(("EffectAssumption",), "Give fs.EffectAssumption(reduction=…, low=…, high=…).")
PROOF = Asked(("LeakageProof",), "Give what fs.prove_no_leakage(records, cohort) returns.")
FORECAST = Asked(("DemandForecast",), "Give what fs.forecast_demand(series) returns.")
BACKTEST = Asked(("DemandBacktest",), "Give what fs.backtest_demand(series) returns.")
ORIGIN = Asked(("Origin",), "Give records.origin of the records that the series was counted in.")
PARTS = Asked((list, tuple), "Give what fs.split_by_household(records, cohort) returns.")
FEATURE = Asked((str, "FeatureSpec"), "Give a feature's name, or a FeatureSpec of your own.")
FEATURES_OR_ARRAY = Asked((*FEATURES.kinds, np.ndarray), FEATURES.fix)
ADDRESSES = Asked((pd.DataFrame, str, Path), "Give the path of a file of addresses, or its table.")
CODES = Asked((pd.DataFrame,), "Give what fs.front_door_codes(records, model=model) returns.")
