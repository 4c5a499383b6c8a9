"""Whatever stands where another thing is wanted, the error is ours and names the argument.

Each public function is asked with one of its arguments replaced by nothing, a word, a number, a
frame, a plan, records or a model, whichever its signature does not name; all others are of the
right kind. Where only the kind matters an object without content stands for the real one: nothing
is computed.
"""

import inspect
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.demand.backtest import DemandBacktest
from fs_risk.demand.forecast import DemandForecast
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.features.proof import LeakageProof

FUNCTIONS = {name: each for name in fs.__all__ if inspect.isfunction(each := getattr(fs, name))}
FRAME = pd.DataFrame({"another": [1.0, 2.0]})
WRONG = {
    "nothing": None,
    "a word": "no such thing",
    "a frame": FRAME,
    "a plan": fs.Plan(outcome="cp_plan"),
    "a number": 7,
    "records": None,
    "a model": None,
}


def empty(kind):
    return object.__new__(kind)


@pytest.fixture(scope="module")
def right(small_authority, small_model, tmp_path_factory):
    """One thing of the right kind for each argument, by its name."""
    cohort = fs.referral_cohort(small_authority).tail(20).reset_index(drop=True)
    label = pd.Series(np.arange(20) % 2, dtype="float64")
    return {
        "records": small_authority, "first": small_authority, "second": small_authority,
        "model": small_model, "plan": fs.Plan(outcome="cp_plan"), "cohort": cohort,
        "case": cohort.head(1), "feature": "child_age_years", "outcome": "cp_plan",
        "X": pd.DataFrame(0.0, index=range(20), columns=list(small_model.feature_names)),
        "label": label, "labels": label, "scores": label, "listed": label,
        "as_of": cohort["as_of"], "households": pd.Series([str(n) for n in range(20)]),
        "groups": pd.Series(["a", "b"] * 10), "asked": pd.DataFrame({"code": ["PERSON_NOW"]}),
        "proof": empty(LeakageProof), "report": empty(EvaluationReport),
        "audit": empty(fs.FairnessAudit), "costs": empty(fs.Costs), "card": empty(fs.ModelCard),
        "forecast": empty(DemandForecast), "backtest": empty(DemandBacktest),
        "ledger": empty(fs.Ledger), "series": FRAME, "origin": small_authority.origin,
        "model_folder": tmp_path_factory.mktemp("model"), "by": "A. Owner", "role": "practice lead",
        "reason": "doubt", "capacity": 9, "purpose": "second_read", "on": date(2025, 3, 3),
        "since": date(2025, 1, 1), "referrals": [], "referral": {}, "n_parts": 2, "parts": [],
        "addresses": FRAME, "deciles": {"AB1 2CD": 3}, "name": "looked_after_week",
        "path": "none", "paths": "none", "folder": "none", "source": "none", "out": "none",
    }  # fmt: skip


def fits(parameter, value):
    """Say whether the signature names the kind of a value."""
    said = str(parameter.annotation)
    if value is None:
        return "None" in said or said.endswith("Any")
    if isinstance(value, str):
        return bool(re.search(r"\bstr\b|Literal", said))
    if isinstance(value, int):
        return bool(re.search(r"\b(int|float|Any)\b", said))
    if isinstance(value, fs.StepUpModel) and re.search(r"Scores|Any", said):
        return True
    return type(value).__name__ in said or (isinstance(value, pd.DataFrame) and "Iterable" in said)


CASES = [
    (name, each, wrong)
    for name, function in FUNCTIONS.items()
    for each, parameter in inspect.signature(function).parameters.items()
    if parameter.default is parameter.empty
    for wrong in WRONG
]


@pytest.mark.parametrize(("name", "argument", "wrong"), CASES)
def test_error_names_the_argument_and_what_to_give(
    name, argument, wrong, right, small_authority, small_model, tmp_path, monkeypatch
):
    function = FUNCTIONS[name]
    needed = inspect.signature(function).parameters
    value = {"records": small_authority, "a model": small_model}.get(wrong, WRONG[wrong])
    if fits(needed[argument], value):
        return
    monkeypatch.chdir(tmp_path)
    given = {each: right[each] for each, one in needed.items() if one.default is one.empty} | {
        argument: value
    }

    with pytest.raises(fs.FsRiskError) as raised:
        function(**given)

    said = str(raised.value)
    assert argument in said or said.startswith("A path is wanted")
    assert raised.value.fix
    assert not list(Path(tmp_path).iterdir())
