"""Every public result shows itself: in a terminal, in a notebook, and where it can as a picture.

The list of results is not written here: it is what public functions, and the methods of
their results, say that they return (`results.public_results`). A new one without a display,
or without an example here, fails.
"""

import contextlib
import re
from datetime import date, timedelta
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

import fs_risk as fs
import ledgers
from fs_risk.evaluation.ablation import FeatureSet, ablation
from fs_risk.evaluation.disparity_decisions import audit_decided
from fs_risk.evaluation.report_parts import Figure
from fs_risk.model.folds import split_groups
from fs_risk.model.gates import GateResult
from fs_risk.model.plan import BoosterSettings
from fs_risk.model_cards.mirror import MirroredVersion
from fs_risk.model_cards.register import RegisterEntry
from fs_risk.records.households import household_keys
from fs_risk.records.records import Origin
from fs_risk.training.tracking import TrackedRun
from fs_risk.triage.ledger_access import SubjectAccess
from fs_risk.triage.ledger_check import Difference
from fs_risk.triage.ledger_replay import Replay
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.sealed import SealedScore
from results import public_results

matplotlib.use("Agg")

MOST_LINES, MOST_CHARACTERS, MOST_HTML = 40, 3_500, 40_000
QUICK = BoosterSettings(max_rounds=20, patience=20, learning_rate=0.2)


class World:
    """One small authority, and everything that is made from it, each thing made once."""

    def __init__(self, records, model, open_model, folder):
        self.records, self.model, self.open_model = records, model, open_model
        self.folder, self._made = folder, {}

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._made:
            self._made[name] = getattr(Makes, name)(self)
        return self._made[name]


class Makes:
    """How each thing is made, at its smallest."""

    def day(w):
        return w.records.extract_date.date()

    def cohort(w):
        return fs.referral_cohort(w.records).tail(400)

    def X(w):
        built = fs.build_features(w.records, w.cohort, lag_days=w.model.plan.extract_lag_days)
        return built[list(w.model.feature_names)]

    def households(w):
        keys = household_keys(w.records["children"], w.records["family_links"])
        return w.cohort["child_id"].map(keys)

    def explanation(w):
        return fs.explain(w.model, w.X, households=w.households)

    def report(w):
        return fs.evaluate_step_up(w.model, w.records, resamples=50, progress=False)

    def audit(w):
        return fs.audit_step_up(w.model, w.records, resamples=50)

    def why(w):
        gaps = [("sex", "male", "recall")]
        return fs.explain_gaps(w.model, w.records, gaps=gaps, progress=False)

    def options(w):
        return fs.compare_options(
            w.model, w.records, attribute="sex", group="male", tried=("equal-recall thresholds",),
            resamples=20, progress=False,
        )  # fmt: skip

    def watched(w):
        rng = np.random.default_rng(0)
        n = 1_500
        inside = np.where(rng.random(n) < 0.3, "in", "out")
        days = pd.Series(pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 700, n), "D"))
        label = np.ones(n)
        return fs.audit_over_time(
            label, (rng.random(n) < 0.4).astype(float), pd.Series(inside, name="place"), days,
            origin="synthetic",
        )  # fmt: skip

    def decisions(w):
        rng = np.random.default_rng(0)
        n = 1_200
        group = pd.DataFrame({"place": np.where(rng.random(n) < 0.35, "A", "B")})
        label, listed = (rng.random(n) < 0.2).astype(float), (rng.random(n) < 0.3).astype(float)
        return audit_decided(label, listed, listed, group, resamples=20, origin="synthetic")

    def ablation(w):
        rng = np.random.default_rng(0)
        cohort = fs.referral_cohort(w.records)
        labels = fs.label_outcome(w.records, cohort, outcome="section47", within_days=180)
        X = pd.DataFrame({"a": labels["label"].fillna(0) + rng.normal(size=len(cohort)),
                          "b": rng.normal(size=len(cohort))})  # fmt: skip
        sets = [FeatureSet("all", "all", ("a", "b")), FeatureSet("A", "left out", ("b",)),
                FeatureSet("B", "left out", ("a",))]  # fmt: skip
        keys = household_keys(w.records["children"], w.records["family_links"])
        return ablation(X, labels, cohort, keys, sets=sets, settings=QUICK, resamples=20,
                        threads=1, progress=False)  # fmt: skip

    def value(w):
        read = fs.UnitCost(amount=60, unit="second read", year="2024-25", source="own estimate")
        plan = fs.UnitCost(amount=5_000, unit="plan", year="2024-25", source="own estimate")
        w._made["unit"] = read
        costs = fs.Costs(
            outcome="cp_plan",
            attention=fs.CostItem(cost=read, basis="one second read"),
            averted=fs.CostItem(cost=plan, basis="one plan"),
        )
        w._made["costs"] = costs
        w._made["effect"] = fs.EffectAssumption(reduction=0.1, low=0.0, high=0.2, basis="assumed")
        return fs.weigh_value(w.report, costs, effect=w.effect)

    def unit(w):
        return (w.value, w._made["unit"])[1]

    def costs(w):
        return (w.value, w._made["costs"])[1]

    def effect(w):
        return (w.value, w._made["effect"])[1]

    def kpis(w):
        return fs.outcome_indicators(w.records, freq="QS")

    def card(w):
        return fs.build_card(w.model, w.report, w.audit, records=w.records)

    def later_card(w):
        answers = fs.CardAnswers(owner="Head of front door services")
        return fs.build_card(w.model, w.report, w.audit, records=w.records, people=answers)

    def series(w):
        days = pd.date_range("2018-01-01", periods=72, freq="MS")
        counts = np.random.default_rng(0).poisson(80 + 20 * np.sin(np.arange(72) * np.pi / 6))
        return pd.DataFrame({"unique_id": "<b>referrals</b>", "ds": days, "y": counts.astype(float),
                             "measure": "referrals", "kind": "flow"})  # fmt: skip

    def forecast(w):
        return fs.forecast_demand(w.series, 6, seeds=1)

    def backtest(w):
        return fs.backtest_demand(w.series, 6, windows=2, seeds=1)

    def demand_card(w):
        origin = Origin("synthetic", ("stand-in",), "seed 0")
        return fs.build_demand_card(w.forecast, w.backtest, series=w.series, origin=origin, seeds=1)

    def caseload(w):
        return fs.forecast_caseload(w.borough, horizon=6, n_paths=40, backtest=False)

    def caseload_backtest(w):
        return fs.backtest_caseload(w.borough, horizon=6, n_paths=20, windows=1, progress=False)

    def borough(w):
        return fs.make_authority(children=2_000, years=5, seed=2)

    def expected(w):
        return fs.expected_step_ups(w.open_model, w.records, on=w.day, flow=False)

    def drift(w):
        return fs.check_drift(None, w.model, w.records)

    def referrals(w):
        return declared_referrals(w.records, w.day - timedelta(days=40), w.day)

    def score(w):
        scores = fs.score_referral(w.referrals[0], records=w.records, model=w.model,
                                   chronology=True)  # fmt: skip
        return scores

    def ranked(w):
        few = w.referrals[:30]
        return fs.prioritise(
            few, records=w.records, model=w.model, capacity=5, purpose="second_read"
        )

    def reason(w):
        return next(reason for score in w.ranked.scores for reason in score.reasons)

    def supervision(w):
        return fs.supervision_list(w.records, model=w.open_model, on=w.day)

    def ledger(w):
        return ledgers.begin(w.folder)

    def opened(w):
        day = w.day + timedelta(days=4)
        kept = fs.supervision_list(w.records, model=w.open_model, on=day, ledger=w.ledger)
        item = next(item for item in kept if item.sealed)
        return item.open(rating="high", by="W17", role="practice lead", next_step="change plan")

    def proof(w):
        return fs.prove_no_leakage(w.records, w.cohort.tail(20), days=1, column_days=0)

    def split(w):
        return fs.ForwardHouseholdSplit(horizon_days=180)

    def slices(w):
        cohort = fs.referral_cohort(w.records)
        keys = household_keys(w.records["children"], w.records["family_links"])
        return w.split.slices(split_groups(cohort, keys))


EXAMPLES = {
    "Ablation": lambda w: w.ablation,
    "ApprovalPolicy": lambda w: fs.ApprovalPolicy(),
    "ApprovalState": lambda w: fs.ApprovalState(
        "draft", "Nobody has signed yet.", date(2026, 1, 5)
    ),
    "Band": lambda w: w.model.bands[0],
    "Break": lambda w: fs.Break(start="2024-05-01", what="Family Safeguarding"),
    "CardAnswers": lambda w: fs.CardAnswers(owner="Head of front door services"),
    "CardDiff": lambda w: w.card.diff(w.later_card),
    "CaseloadBacktest": lambda w: w.caseload_backtest,
    "CaseloadForecast": lambda w: w.caseload,
    "CostItem": lambda w: w.costs.attention,
    "Costs": lambda w: w.costs,
    "DecisionAudit": lambda w: w.decisions,
    "DemandAnswers": lambda w: fs.DemandAnswers(),
    "DemandBacktest": lambda w: w.backtest,
    "DemandCard": lambda w: w.demand_card,
    "DemandForecast": lambda w: w.forecast,
    "DemandForecaster": lambda w: fs.DemandForecaster(horizon=6),
    "Difference": lambda w: Difference("the chain is broken", 3),
    "DriftCheck": lambda w: w.drift,
    "DriftLimits": lambda w: fs.DriftLimits(),
    "EffectAssumption": lambda w: w.effect,
    "EvaluationReport": lambda w: w.report,
    "ExpectedStepUps": lambda w: w.expected,
    "Explanation": lambda w: w.explanation,
    "FairnessAudit": lambda w: w.audit,
    "FairnessOptions": lambda w: w.options,
    "FeatureSpec": lambda w: fs.features_for_outcome("cp_plan")[0],
    "Figure": lambda w: Figure(metric="recall", value=0.5, low=0.4, high=0.6, n=100),
    "ForwardHouseholdSplit": lambda w: w.split,
    "GapsOverTime": lambda w: w.watched,
    "Gate": lambda w: fs.Gate(metric="roc_auc", at_least=0.7),
    "GateResult": lambda w: GateResult(
        gate=fs.Gate(metric="roc_auc", at_least=0.7), figure=0.8, passed=True
    ),
    "Head": lambda w: w.ledger.head,
    "History": lambda w: fs.History.from_records(w.records),
    "Ledger": lambda w: w.ledger,
    "LeakageProof": lambda w: w.proof,
    "LogOddsCalibrator": lambda w: w.model.calibrator,
    "MirroredVersion": lambda w: MirroredVersion("cp_plan", "1", "draft", ()),
    "ModelCard": lambda w: w.card,
    "OpenQuestion": lambda w: w.card.open_questions[0],
    "OpenedFamily": lambda w: w.opened,
    "OutcomeIndicators": lambda w: w.kpis,
    "Part": lambda w: fs.split_by_household(w.records, w.cohort, n_parts=2)[0],
    "Plan": lambda w: w.model.plan,
    "PriceIndex": lambda w: fs.PriceIndex(source="HM Treasury", levels={"2023-24": 100.0}),
    "RankedList": lambda w: w.ranked,
    "Reason": lambda w: w.reason,
    "Records": lambda w: w.records,
    "Referral": lambda w: w.referrals[0],
    "RegisterEntry": lambda w: RegisterEntry("m", "1", "draft", "why", "", None, "", "0", "folder"),
    "Replay": lambda w: Replay("DIFFERS", differences=("band",)),
    "RiskScore": lambda w: w.score,
    "SamplePaths": lambda w: w.caseload.paths,
    "Scenario": lambda w: fs.Scenario(name="half more"),
    "SealedScore": lambda w: SealedScore("abc", w.ledger),
    "Slices": lambda w: w.slices,
    "StaffingPlan": lambda w: fs.StaffingPlan(
        roles=[
            {"name": "social worker", "weights": {2: 1, 3: 1.5}, "standard": 15, "in_post": 5},
        ]
    ),
    "Step": lambda w: fs.ApprovalPolicy().steps[0],
    "StepUpClassifier": lambda w: fs.StepUpClassifier(),
    "StepUpModel": lambda w: w.model,
    "Subject": lambda w: w.card.subject,
    "SubjectAccess": lambda w: SubjectAccess(entries=(), withheld=2),
    "SupervisionItem": lambda w: w.supervision.items[0],
    "SupervisionList": lambda w: w.supervision,
    "SupervisionSetting": lambda w: fs.SupervisionSetting(),
    "TrackedRun": lambda w: TrackedRun("0123", "models:/m/1", "sqlite:///mlflow.db"),
    "Training": lambda w: w.model.training,
    "TrialMeasure": lambda w: fs.trial_measure("care"),
    "Tuning": lambda w: fs.Tuning(trials=5),
    "UnitCost": lambda w: w.unit,
    "ValueOfAttention": lambda w: w.value,
    "VignetteBook": lambda w: fs.read_vignettes(),
    "VignetteResult": lambda w: w.model.facts.vignettes[0],
    "WhyGaps": lambda w: w.why,
}
OF_SYNTHETIC = {
    "CaseloadForecast", "DecisionAudit", "DriftCheck", "EvaluationReport", "ExpectedStepUps",
    "Explanation", "FairnessAudit", "FairnessOptions", "GapsOverTime", "History", "ModelCard",
    "DemandCard", "OutcomeIndicators", "Part", "RankedList", "Records", "RiskScore", "StepUpModel",
    "SupervisionList", "ValueOfAttention", "WhyGaps",
}  # fmt: skip
"""Those that know what they were made from, and so say it first."""

OF_ONE_CHILD = {"OpenedFamily", "RankedList", "Referral", "Reason", "RiskScore", "SupervisionItem",
                "SupervisionList"}  # fmt: skip
"""Those that are for whoever works with these very children; all others name none."""

PLOTS = {
    "Ablation": {"plot": {}},
    "CaseloadBacktest": {"plot": {}},
    "CaseloadForecast": {"plot": {}, "plot_flows": {}},
    "DemandBacktest": {"plot": {}},
    "DemandForecast": {"plot": {}},
    "DriftCheck": {"plot": {"check": "volume"}},
    "EvaluationReport": {
        "plot_calibration": {}, "plot_capacity": {}, "plot_gain": {}, "plot_groups": {},
        "plot_learning": {}, "plot_months": {}, "plot_net_benefit": {},
        "plot_precision_recall": {}, "plot_stability": {},
    },
    "ExpectedStepUps": {"plot": {}},
    "Explanation": {
        "plot_dependence": {"feature": "child_age_years"}, "plot_importance": {},
        "plot_row": {"row": 0},
    },
    "FairnessAudit": {
        "plot_calibration": {"attribute": "sex"}, "plot_gaps": {}, "plot_metric": {},
    },
    "FairnessOptions": {"plot_frontier": {}},
    "GapsOverTime": {"plot": {"attribute": "place", "group": "in", "metric": "recall"}},
    "OutcomeIndicators": {"plot_control_chart": {"indicator": "cp_plan_starts"}},
    "RiskScore": {"plot_chronology": {}},
    "StepUpModel": {"plot_bands": {}},
    "ValueOfAttention": {"plot_net": {}, "plot_tornado": {}},
    "WhyGaps": {"plot_concepts": {}},
}  # fmt: skip
"""How each plot is called here."""

NOTHING_TO_DRAW = {
    ("EvaluationReport", "plot_groups"), ("EvaluationReport", "plot_learning"),
    ("FairnessAudit", "plot_calibration"), ("FairnessOptions", "plot_frontier"),
}  # fmt: skip
"""Of so small an authority they refuse, and say why; they are drawn in tests of their own."""


@pytest.fixture(scope="module")
def world(small_authority, small_model, open_model, tmp_path_factory):
    return World(small_authority, small_model, open_model, tmp_path_factory.mktemp("displays"))


@pytest.fixture
def pyplot():
    from matplotlib import pyplot

    pyplot.close("all")  # what another test of this worker left open
    yield pyplot
    pyplot.close("all")


@pytest.fixture(scope="module")
def results():
    return public_results()


def test_every_public_result_has_a_display_and_an_example_here(results):
    """A new public result is shown here, and none is kept that is gone."""
    assert {kind.__name__ for kind in results} == set(EXAMPLES)
    for kind in results:
        assert callable(getattr(kind, "_repr_html_", None)) or issubclass(kind, BaseEstimator), kind
        assert kind.__repr__ is not object.__repr__, kind


def test_every_plot_is_drawn_here(results):
    """A new plot of a public result is drawn here."""
    found = {
        kind.__name__: {name for name in dir(kind) if name.startswith("plot")} for kind in results
    }
    assert {kind: set(names) for kind, names in PLOTS.items()} == {
        kind: names for kind, names in found.items() if names
    }


VOID = {"br", "hr", "img", "col", "meta", "path", "rect", "circle", "line", "use"}


class Page(HTMLParser):
    """Reads a fragment and notes what is wrong with it."""

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.words = [], [], []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "iframe", "object", "embed", "link", "base", "form"}:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or (name in {"src", "srcset", "action"}):
                self.wrong.append(f"{name}={value}")
            if name in {"href", "xlink:href"} and not str(value).startswith("#"):
                self.wrong.append(f"{name}={value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("name", EXAMPLES)
def test_display_is_short_whole_and_says_what_it_rests_on(name, world):
    """Nothing is fetched or run, and nobody is named where all are meant."""
    shown = EXAMPLES[name](world)
    text = repr(shown)

    assert not re.search(r" object at 0x[0-9a-f]+>", text)
    assert len(text.splitlines()) <= MOST_LINES
    assert len(text) <= MOST_CHARACTERS
    if isinstance(shown, BaseEstimator):
        return  # scikit-learn's own page
    html = shown._repr_html_()
    page = Page(html)
    words = " ".join(page.words)

    assert page.wrong == []
    assert words.strip()
    assert len(html) <= MOST_HTML
    assert not re.search(r"@import|url\((?!#)|javascript:|<b>referrals", html)
    if name in OF_SYNTHETIC:
        assert "SYNTHETIC" in text[:120] or "synthetic" in text
        assert "SYNTHETIC" in words[:400]
    if name not in OF_ONE_CHILD:
        named = set(re.findall(r"[\w-]+", text + html))
        assert not named & set(world.records["children"]["child_id"])
        assert not named & set(world.records["referrals"]["referral_id"])


DRAWN = [(kind, plot) for kind, plots in PLOTS.items() for plot in plots]


@pytest.mark.parametrize(("kind", "plot"), DRAWN, ids=lambda part: str(part))
def test_plot_says_what_it_is_and_leaves_other_figures_alone(kind, plot, world, pyplot):
    draw, arguments = getattr(EXAMPLES[kind](world), plot), PLOTS[kind][plot]
    mine, axes = pyplot.subplots()
    if (kind, plot) in NOTHING_TO_DRAW:
        with contextlib.suppress(fs.FsRiskError):
            draw(ax=axes, **arguments)
        assert pyplot.get_fignums() == [mine.number]
        return
    drawn = draw(ax=axes, **arguments)
    mine.canvas.draw()

    assert drawn is axes
    assert pyplot.get_fignums() == [mine.number]
    assert axes.get_xlabel()
    assert axes.get_ylabel() or axes.get_yticklabels()
    title = " ".join((axes.get_title() + axes.get_title(loc="left")).split())
    assert title
    if kind in OF_SYNTHETIC:
        assert title.startswith("SYNTHETIC"), title
    if kind != "RiskScore":  # of one child
        said = " ".join([title, axes.get_xlabel(), *(t.get_text() for t in axes.get_yticklabels())])
        assert re.search(r"\bn [\d,]+", said), said
    made = draw(**arguments).figure
    assert pyplot.get_fignums() == [mine.number, made.number]
