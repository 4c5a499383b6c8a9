"""The cases of an audit with all that is needed to ask why groups differ on their lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError, nearest
from fs_risk.evaluation.cases import rows_to_test, scorer
from fs_risk.evaluation.fairness_cells import MISSING
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.evaluation.study_cases import StudyCases, check_kind, study_cases
from fs_risk.model.folds import split_groups
from fs_risk.model.listing import list_periods, share_listed
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.records import Records


@dataclass(frozen=True)
class ListedCases:
    """Tested cases, their scores and lists, and the groups that they are of.

    Attributes
    ----------
    study : StudyCases
        All cases of the plan, those learnt from too.
    rows : ndarray of bool, shape (n_study,)
        Which of them are tested; everything below is of these alone.
    cohort, X : DataFrame
    label : ndarray of float64, shape (n,)
    log_odds : ndarray of float64, shape (n,)
        By replicas that have never seen the household.
    share : ndarray of float64, shape (n,)
        Chance of being on the list.
    household : ndarray of int64, shape (n,)
    fold, period : ndarray of int64, shape (n,)
    groups : DataFrame of category
    capacity : int or float
    """

    model: StepUpModel = field(repr=False)
    records: Records = field(repr=False)
    study: StudyCases = field(repr=False)
    rows: np.ndarray = field(repr=False)
    cohort: pd.DataFrame = field(repr=False)
    X: pd.DataFrame = field(repr=False)
    label: np.ndarray = field(repr=False)
    log_odds: np.ndarray = field(repr=False)
    share: np.ndarray = field(repr=False)
    household: np.ndarray = field(repr=False)
    fold: np.ndarray = field(repr=False)
    period: np.ndarray = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    capacity: float
    fresh: bool = False

    @classmethod
    def of(
        cls,
        model: StepUpModel,
        records: Records,
        *,
        capacity: float | None = None,
        fresh: bool = False,
    ) -> "ListedCases":
        """Score a model's test period and make its lists, as the audit does.

        Parameters
        ----------
        model : StepUpModel
        records : Records
        capacity : int or float, optional
            By default the plan's own.
        fresh : bool, default=False
        """
        check_kind(model, records)
        study = study_cases(records, model.plan)
        rows = rows_to_test(model, study.features, study.labels, study.cohort, fresh=fresh)
        cohort, X = study.cohort[rows], study.features[rows]
        household = split_groups(cohort, study.households)["household"]
        log_odds = scorer(model, cohort, study.households, fresh=fresh)(X)
        period = list_periods(cohort["as_of"], model.plan.list_period)
        size = model.plan.capacity if capacity is None else capacity
        return cls(
            model=model,
            records=records,
            study=study,
            rows=rows,
            cohort=cohort,
            X=X,
            label=study.labels.loc[rows, "label"].to_numpy(dtype=np.float64),
            log_odds=log_odds,
            share=share_listed(log_odds, period, size),
            household=pd.factorize(household)[0].astype(np.int64),
            fold=model.folds(household),
            period=period,
            groups=fairness_groups(records, cohort),
            capacity=size,
            fresh=fresh,
        )

    def inside(self, attribute: str, group: str) -> np.ndarray:
        """Say which cases are of a group.

        Parameters
        ----------
        attribute, group : str

        Returns
        -------
        ndarray of bool, shape (n,)

        Raises
        ------
        AuditError
            If there is no such attribute, or nobody of the group.
        """
        known = [str(name) for name in self.groups]
        _check_among(attribute, known, "attribute")
        level = self.groups[attribute].astype("object").fillna(MISSING).astype(str)
        _check_among(group, sorted(set(level)), "group")
        found: np.ndarray = (level == group).to_numpy()
        return found

    def contributions(self) -> np.ndarray:
        """Give each feature's exact contribution to the score in log-odds, base last.

        Returns
        -------
        ndarray of float64, shape (n, n_features + 1)
            Rows sum to `log_odds`: by the replica that has never seen the household.
        """
        if self.fresh:
            whole: np.ndarray = self.model.contributions(self.X).to_numpy()
            return whole
        matrix = self.model.matrix(self.X)
        found = np.zeros((len(matrix), matrix.shape[1] + 1))
        for number, replica in enumerate(self.model.replicas):
            mine = self.fold == number
            line = self.model.facts.replica_calibrators[number]
            found[mine] = line.contributions(replica.contributions(matrix[mine]))
        return found

    def relisted(self, log_odds: np.ndarray) -> np.ndarray:
        """Make the lists anew of other scores, at the same capacity.

        Parameters
        ----------
        log_odds : ndarray of float, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return share_listed(log_odds, self.period, self.capacity)


def _check_among(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        raise AuditError(
            f"That {what} is not among those audited." + nearest(name, known),
            where=what,
            fix=f"Choose among {', '.join(known)}.",
        )
