"""`StepUpModel`: a fitted step-up model, frozen, with all that it was fitted from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.errors import ArtefactError
from fs_risk.model.as_estimator import ActsAsEstimator
from fs_risk.model.bands import Band, find_band
from fs_risk.model.booster import Booster
from fs_risk.model.calibration import LogOddsCalibrator
from fs_risk.model.candidates import CandidateSet
from fs_risk.model.certainty import SaysHowSure
from fs_risk.model.columns import laid_out
from fs_risk.model.facts import Facts, Spec, Training
from fs_risk.model.folds import household_fold
from fs_risk.model.gates import GateResult
from fs_risk.model.plan import Plan
from fs_risk.model.registered import Registered
from fs_risk.model.vignettes import VignetteResult
from fs_risk.records.counts_in_words import out_of

Mode = Literal["synthetic", "study", "approval needed"]

MODES: dict[Mode, str] = {
    "synthetic": "SYNTHETIC: fitted on invented records; says nothing about real children.",
    "study": "Study only: its gates are not all passed, so it may not be used on referrals.",
    "approval needed": "Its gates are passed; it may be used once, and while, it is approved.",
}
"""What a model may be used for, before approvals are looked at."""


@dataclass(frozen=True, repr=False)
class StepUpModel(SaysHowSure, ActsAsEstimator):
    """A fitted model: trees, calibrator, bands and what they were fitted from.

    Made by `fit_step_up` or `load_model`. scikit-learn's tools take it as a fitted
    classifier; see `ActsAsEstimator`.

    Attributes
    ----------
    facts : Facts
        All that is stated about it; `plan`, `bands`, `training`… are short cuts.
    booster : Booster
        Fitted on every household of the fit period.
    replicas : tuple of Booster
        For each household fold, fitted on the other folds; they give the evidence.
    candidates : CandidateSet
        The simple models to be beaten.
    plans_tried : int or None
        Different plans tried on its test period when it was fitted, its own among them;
        None where no list was kept. No part of its content hash.
    home : Path or None
        The folder that it was read from, beside which decisions about it are kept; None
        for a model just fitted, or fetched from a registry. No part of its content hash.
    registered : Registered or None
        The version that it was fetched as, where decisions about it are mirrored. No part
        of its content hash.

    Examples
    --------
    >>> model = fs.train_step_up(records, plan)  # doctest: +SKIP
    >>> model.name, model.mode  # doctest: +SKIP
    ('cp_plan-365d-referral', 'synthetic')
    """

    facts: Facts
    booster: Booster
    replicas: tuple[Booster, ...]
    candidates: CandidateSet
    plans_tried: int | None = None
    home: Path | None = None
    registered: Registered | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the booster's columns."""
        return tuple(feature.name for feature in self.facts.features)

    @property
    def plan(self) -> Plan:
        """The plan that it was fitted to."""
        return self.facts.plan

    @property
    def calibrator(self) -> LogOddsCalibrator:
        """The line from margins to calibrated log-odds."""
        return self.facts.calibrator

    @property
    def bands(self) -> tuple[Band, ...]:
        """The bands, from the top down."""
        return self.facts.bands

    @property
    def training(self) -> Training:
        """What it was fitted on."""
        return self.facts.training

    @property
    def gate_results(self) -> tuple[GateResult, ...] | None:
        """How it stood against the plan's gates; None before it was evaluated."""
        return self.facts.gate_results

    @property
    def name(self) -> str:
        """Outcome, horizon and cohort."""
        return self.facts.name

    @property
    def version(self) -> str:
        """Release of the library that fitted it, and the start of its content hash."""
        return f"{self.facts.library_version}+{self.content_hash[:12]}"

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of its canonical content; the same data, seed and release give the same."""
        from fs_risk.model.artefact import content_hash

        return content_hash(self)

    @property
    def mode(self) -> Mode:
        """What it may be used for, before approvals are looked at; see `MODES`."""
        if self.training.origin == "synthetic":
            return "synthetic"
        results = self.gate_results
        passed = results is not None and all(result.passed for result in results)
        return "approval needed" if passed and results else "study"

    def matrix(self, X: pd.DataFrame) -> np.ndarray:
        """Lay a frame's columns out by name in the booster's order.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)
            As `build_features` gives it, in any order of columns.

        Returns
        -------
        ndarray of float, shape (n, n_features)

        Raises
        ------
        FeatureError
            If a column is missing or unknown, twice there, not named at all, or holds
            anything but numbers.
        """
        return laid_out(X, self.feature_names)

    def predict_margin(self, X: pd.DataFrame) -> np.ndarray:
        """Give the booster's raw scores in log-odds, before calibration.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return self.booster.margin(self.matrix(X))

    def log_odds(self, X: pd.DataFrame) -> np.ndarray:
        """Give calibrated, unclipped log-odds.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return self.calibrator.log_odds(self.predict_margin(X))

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Give calibrated probabilities that the outcome does not, and does, follow.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n, 2)
            Unclipped.
        """
        follows = expit(self.log_odds(X))
        return np.column_stack([1 - follows, follows])

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """Give each feature's exact contribution to the calibrated log-odds.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)

        Returns
        -------
        DataFrame of float64, shape (n, n_features + 1)
            On the index of `X`; a column for each feature and, last, ``base``.
            Each row sums to `log_odds` within 1e-6 (requirement E1).
        """
        parts = self.calibrator.contributions(self.booster.contributions(self.matrix(X)))
        return pd.DataFrame(parts, index=X.index, columns=[*self.feature_names, "base"])

    def replica_log_odds(self, X: pd.DataFrame, fold: np.ndarray) -> np.ndarray:
        """Score each row with the replica that has never seen its household.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)
        fold : ndarray of int, shape (n,)
            As `folds` gives it.

        Returns
        -------
        ndarray of float64, shape (n,)
            Log-odds, calibrated on rows of the other folds.
        """
        matrix = self.matrix(X)
        scores = np.full(len(matrix), np.nan)
        for number, booster in enumerate(self.replicas):
            mine = fold == number
            line = self.facts.replica_calibrators[number]
            scores[mine] = line.log_odds(booster.margin(matrix[mine]))
        return scores

    def folds(self, households: pd.Series) -> np.ndarray:
        """Give the fold of each row's household.

        Parameters
        ----------
        households : Series of str, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        return household_fold(households, n_folds=len(self.replicas), seed=self.plan.seed)

    def band_of(self, log_odds: float) -> Band | None:
        """Find the band of a calibrated score; None outside, which is no evidence of safety."""
        return find_band(self.bands, log_odds)

    def check_definitions(self, specs: Iterable[Spec]) -> None:
        """Refuse features that are no longer defined as when the model was fitted.

        Parameters
        ----------
        specs : iterable of FeatureSpec

        Raises
        ------
        ArtefactError
            If one is gone or changed.
        """
        now = {spec.name: spec.digest for spec in specs}
        changed = [used.name for used in self.facts.features if now.get(used.name) != used.digest]
        if changed:
            raise ArtefactError(
                f"{out_of(len(changed), len(self.facts.features), 'feature')} no longer defined "
                "as when the model was fitted.",
                where=", ".join(changed[:5]),
                fix=f"Fit the model again, or use release {self.facts.library_version}.",
            )

    def with_gate_results(self, results: Iterable[GateResult]) -> "StepUpModel":
        """Give the same model with how it stood against the plan's gates."""
        facts = self.facts.model_copy(update={"gate_results": tuple(results)})
        return replace(self, facts=facts)

    def with_vignettes(self, results: Iterable[VignetteResult]) -> "StepUpModel":
        """Give the same model with how it ordered the vignettes."""
        facts = self.facts.model_copy(update={"vignettes": tuple(results)})
        return replace(self, facts=facts)

    def save(self, folder: str | Path) -> Path:
        """Write the model as a folder of data; see `fs_risk.model.artefact.save`."""
        from fs_risk.model.artefact import save

        return save(self, folder)

    def plot_bands(self, *, ax: Any = None) -> Any:
        """Plot how often the outcome followed in each band, and among all tested cases.

        Parameters
        ----------
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
            Rates on later time and unseen households, with 95 % intervals.
        """
        from fs_risk.model.display import plot_bands

        return plot_bands(self, ax)

    def __repr__(self) -> str:
        return f"<StepUpModel {self.name} {self.version}, {self.mode}>"

    def _repr_html_(self) -> str:
        from fs_risk.model.display import model_html

        return model_html(self)
