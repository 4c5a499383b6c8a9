"""Ways to put an interval on a score, compared on invented authorities.

    python tests/validity/interval_choices.py --children 25000 --authorities 4

prints the table of `docs/decisions/0014-beta-interval-from-held-out-brier.md`. The truth is the
ceiling: the probability given what was recorded. Each model is tried on all the other
authorities, whose families it has never seen.
"""

import argparse
import timeit
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

import fs_risk as fs
from fs_risk.api import StudyCases, study_cases
from fs_risk.model.booster import Booster, Recipe, grow
from fs_risk.model.folds import household_fold, split_groups
from fs_risk.model.splits import ForwardHouseholdSplit
from fs_risk.synthetic.ceiling import ceiling_probabilities

Z = 1.6448536269514722
BAGS = 8
LEVELS = (("lower half", 0.0, 0.5), ("next 35 %", 0.5, 0.85), ("highest 15 %", 0.85, 1.0))


@dataclass
class Authority:
    """An invented authority: cases, the truth of each, and a model fitted on them."""

    cases: StudyCases
    truth: np.ndarray
    model: fs.StepUpModel

    @property
    def tested(self) -> np.ndarray:
        """Rows with a label and a known truth."""
        return self.cases.labels["label"].notna().to_numpy() & ~np.isnan(self.truth)


def make(children: int, years: int, seed: int, plan: fs.Plan) -> Authority:
    """Make an authority, its truth and its model."""
    records = fs.make_authority(children, years, seed=seed)
    cases = study_cases(records, plan)
    known = ceiling_probabilities(
        records, cases.cohort, outcome=plan.outcome, within_days=plan.within_days
    )
    truth = known["given_recorded"].to_numpy()
    return Authority(cases, truth, fs.train_step_up(records, plan, progress=False))


def held_out(made: Authority) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give score, label and position of training rows, each by a replica that never saw it."""
    model, cases = made.model, made.cases
    known = cases.labels["label"].notna().to_numpy()
    days = cases.cohort["as_of"]
    last = pd.Timestamp(model.training.fit.last_as_of)
    rows = np.flatnonzero(known & (days <= last).to_numpy())
    X = cases.features.iloc[rows][list(model.feature_names)]
    groups = split_groups(cases.cohort.iloc[rows], cases.households)
    scores = model.replica_log_odds(X, model.folds(groups["household"]))
    return scores, cases.labels["label"].to_numpy()[rows], rows


def bags_of(made: Authority) -> list[Booster]:
    """Grow trees on random halves of the households, in pairs of disjoint halves."""
    model, cases = made.model, made.cases
    known = cases.labels["label"].notna().to_numpy()
    groups = split_groups(cases.cohort[known], cases.households)
    plan = model.plan
    slices = ForwardHouseholdSplit(
        horizon_days=plan.within_days,
        test_days=plan.test_days,
        extract_lag_days=plan.extract_lag_days,
    ).slices(groups)
    matrix = cases.features[known].to_numpy()
    label = cases.labels.loc[known, "label"].to_numpy()
    recipe = Recipe(
        model.feature_names, [f.monotone for f in model.facts.features], plan.booster, plan.seed
    )
    grown = []
    for number in range(BAGS):
        half = household_fold(groups["household"], n_folds=2, seed=100 + number // 2) == number % 2
        rows = slices.fitting & half
        grown.append(grow(matrix[rows], label[rows], recipe, rounds=model.training.rounds))
    return grown


def replica_spread(model: fs.StepUpModel, matrix: np.ndarray) -> np.ndarray:
    """Give the delete-a-fold jackknife's standard error of the log-odds."""
    lines = zip(model.replicas, model.facts.replica_calibrators, strict=True)
    scores = np.stack([line.log_odds(replica.margin(matrix)) for replica, line in lines])
    n = len(scores)
    return np.sqrt((n - 1) / n * ((scores - scores.mean(axis=0)) ** 2).sum(axis=0))


def bag_spread(model: fs.StepUpModel, bags: list[Booster], matrix: np.ndarray) -> np.ndarray:
    """Give the standard error of the log-odds from pairs of disjoint halves."""
    scores = np.stack([model.calibrator.log_odds(bag.margin(matrix)) for bag in bags])
    return np.sqrt(((scores[0::2] - scores[1::2]) ** 2).mean(axis=0) / 4)


def venn_abers(
    scores: np.ndarray, labels: np.ndarray, tested: np.ndarray, points: int = 60
) -> np.ndarray:
    """Give Venn-Abers' two probabilities, on a grid of scores with steps between.

    Vovk and Petej, Venn-Abers predictors, UAI 2014.
    """
    from sklearn.isotonic import IsotonicRegression

    grid = np.quantile(tested, np.linspace(0, 1, points))
    ends = np.empty((points, 2))
    for row, at in enumerate(grid):
        for column, label in enumerate((0.0, 1.0)):
            fit = IsotonicRegression().fit(np.r_[scores, at], np.r_[labels, label])
            ends[row, column] = fit.predict([at])[0]
    return np.stack([np.interp(tested, grid, ends[:, column]) for column in (0, 1)], axis=1)


def around(log_odds: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Give the normal 90 % interval on the log-odds, as probabilities."""
    return expit(np.stack([log_odds - Z * spread, log_odds + Z * spread], axis=1))


def intervals(
    made: Authority, other: Authority, bags: list[Booster] | None
) -> dict[str, np.ndarray]:
    """Give each way's intervals for the cases of another authority."""
    model = made.model
    X = other.cases.features[other.tested][list(model.feature_names)]
    log_odds, matrix = model.log_odds(X), model.matrix(X)
    spread = replica_spread(model, matrix)
    ways = {
        "beta, held-out Brier": model.predict_interval(X).to_numpy(),
        "replicas' spread": around(log_odds, spread),
        "replicas' spread x 3": around(log_odds, 3 * spread),
        "one width for all": around(log_odds, np.full(len(X), 0.75)),
    }
    if bags is not None:
        ways["8 bags' spread"] = around(log_odds, bag_spread(model, bags, matrix))
        scores, labels, _ = held_out(made)
        ways["Venn-Abers"] = venn_abers(scores, labels, log_odds)
    return ways


def coverage(authorities: list[Authority], *, compare: bool = False) -> pd.DataFrame:
    """Say how often the truth is in the interval, for each model on all other authorities.

    Returns
    -------
    DataFrame
        Indexed by way: ``all``, each of `LEVELS`, ``width`` and ``log_odds_width``, means over
        pairs of authorities.
    """
    rows = []
    for made in authorities:
        bags = bags_of(made) if compare else None
        for other in authorities:
            if other is made:
                continue
            X = other.cases.features[other.tested][list(made.model.feature_names)]
            rank = pd.Series(made.model.log_odds(X)).rank(method="first", pct=True).to_numpy()
            truth = other.truth[other.tested]
            for way, ends in intervals(made, other, bags).items():
                inside = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
                levels = {
                    name: inside[(rank > low) & (rank <= high)].mean() for name, low, high in LEVELS
                }
                width = float((ends[:, 1] - ends[:, 0]).mean())
                rows.append({"way": way, "all": inside.mean(), **levels, "width": width})
    return pd.DataFrame(rows).groupby("way", sort=False).mean()


def distances(authorities: list[Authority]) -> pd.DataFrame:
    """Say how far truths lie from scores, in log-odds, and what replicas and bags know of it.

    Returns
    -------
    DataFrame
        By spread: its root mean square, and its correlation with the distance, both squared.
        First the distance's own.
    """
    parts = []
    for made in authorities:
        bags = bags_of(made)
        for other in authorities:
            if other is made:
                continue
            X = other.cases.features[other.tested][list(made.model.feature_names)]
            matrix = made.model.matrix(X)
            parts.append(
                pd.DataFrame(
                    {
                        "distance": logit(other.truth[other.tested]) - made.model.log_odds(X),
                        "replicas": replica_spread(made.model, matrix),
                        "bags": bag_spread(made.model, bags, matrix),
                    }
                )
            )
    squares = pd.concat(parts).replace([-np.inf, np.inf], np.nan).dropna() ** 2
    return pd.DataFrame(
        {
            "root mean square": np.sqrt(squares.mean()),
            "correlation of squares": squares.corr()["distance"],
        }
    )


def costs(made: Authority) -> pd.DataFrame:
    """Say what each way costs for one case and in the artefact."""
    model, bags = made.model, bags_of(made)
    one = np.ascontiguousarray(model.matrix(made.cases.features[list(model.feature_names)])[:1])
    sure = model.facts.interval
    scores, _, _ = held_out(made)
    kept, calls = sum(len(bag.text) for bag in bags), 300
    return pd.DataFrame(
        [
            (way, 1000 * min(timeit.repeat(call, number=calls, repeat=5)) / calls, size)
            for way, call, size in (
                (
                    "beta, held-out Brier",
                    lambda: sure.bounds(np.array([0.1])),
                    len(sure.model_dump_json()),
                ),
                ("replicas' spread", lambda: replica_spread(model, one), 0),
                ("8 bags' spread", lambda: bag_spread(model, bags, one), kept),
                ("Venn-Abers", lambda: np.interp(0.1, scores[:60], scores[:60]), 16 * len(scores)),
                ("LightGBM's pred_contrib", lambda: model.booster.contributions(one), 0),
            )
        ],
        columns=["way", "ms", "bytes"],
    )


def spreads(authorities: list[Authority]) -> tuple[float, float]:
    """Give the mean and range of `BEST_SPREAD`'s figure over authorities."""
    found = []
    for made in authorities:
        truth = made.truth[~np.isnan(made.truth)]
        found.append(truth.var() / (truth.mean() * (1 - truth.mean())) ** 2)
    return float(np.mean(found)), float(np.ptp(found))


def main() -> None:
    """Compare on the command line's authorities."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--children", type=int, default=25_000)
    asked.add_argument("--years", type=int, default=8)
    asked.add_argument("--authorities", type=int, default=4)
    asked.add_argument("--outcome", default="cp_plan")
    asked.add_argument("--within-days", type=int, default=365)
    asked.add_argument("--cohort", default="referral")
    given = asked.parse_args()
    plan = fs.Plan(
        outcome=given.outcome, within_days=given.within_days, cohort=given.cohort, capacity=9
    )
    authorities = [
        make(given.children, given.years, seed, plan) for seed in range(given.authorities)
    ]
    print("best spread: mean {:.2f}, range {:.2f}".format(*spreads(authorities)))  # noqa: T201
    print(coverage(authorities, compare=True).round(3).to_string())  # noqa: T201
    print(distances(authorities).round(2).to_string())  # noqa: T201
    print(costs(authorities[0]).to_string())  # noqa: T201


if __name__ == "__main__":
    main()
