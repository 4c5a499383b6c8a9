"""What could be done: each way does what it says, and thresholds by group need a legal basis."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import fs_risk as fs
from fs_risk.errors import AuditError, SettingError
from fs_risk.evaluation.disparity_cases import ListedCases
from fs_risk.evaluation.disparity_changes import group_rows
from fs_risk.evaluation.disparity_fairlearn import exponentiated_gradient, group_chances
from fs_risk.evaluation.disparity_legal import GroupThresholds, equal_recall_offsets
from fs_risk.evaluation.disparity_options import AS_IT_IS
from fs_risk.evaluation.disparity_weights import RecallConstraint, reweighed, share_above
from fs_risk.evaluation.fairness_words import conflicts
from fs_risk.model.booster import Recipe, grow, grow_to_objective
from fs_risk.model.plan import BoosterSettings

BASIS = {
    "provision": "Equality Act 2010, section 158",
    "necessity": "No other way reaches the group's children.",
    "assessment": "EIA 2026/4",
    "decided_by": "A. Director",
    "role": "Director of Children's Services",
    "decided_on": date(2026, 1, 5),
    "review_by": date(2027, 1, 5),
}


def planted(n=6_000, seed=0):
    """A group whose need shows in another feature than the rest's, and shows less."""
    rng = np.random.default_rng(seed)
    group = (rng.random(n) < 0.2).astype(int)
    need = rng.normal(size=n)
    label = (need + 0.7 * rng.normal(size=n) > 1.2).astype(float)
    X = np.column_stack(
        [
            np.where(group == 0, need, 0) + 0.5 * rng.normal(size=n),
            np.where(group == 1, 0.6 * need, 0) + 0.5 * rng.normal(size=n),
            group + 0.3 * rng.normal(size=n),
        ]
    )
    return X, label, group


RECIPE = Recipe(["a", "b", "c"], [0, 0, 0], BoosterSettings(min_rows_in_leaf=20, l2=1.0), seed=0)


def recall_gap(score, label, group, share=0.15):
    listed = share_above(score, share)
    recall = [listed[(label == 1) & (group == each)].mean() for each in (0, 1)]
    return recall[1] - recall[0]


@pytest.fixture(scope="module")
def rows():
    return planted(), planted(seed=1)


@pytest.fixture(scope="module")
def gap_as_it_is(rows):
    (X, label, _), (later, y, g) = rows
    return recall_gap(grow(X, label, RECIPE, rounds=60).margin(later), y, g)


class TestWays:
    def test_weights_make_group_and_outcome_independent(self, rows):
        _, label, group = rows[0]
        weight = reweighed(label, group)
        rates = [np.average(label[group == g], weights=weight[group == g]) for g in (0, 1)]

        assert rates == pytest.approx([label.mean()] * 2)
        assert weight.sum() == pytest.approx(len(label))

    def test_weights_of_one_are_no_weights(self, rows):
        X, label, _ = rows[0]
        one = grow(X, label, RECIPE, rounds=10, weight=np.ones(len(label)))
        assert one.margin(X) == pytest.approx(grow(X, label, RECIPE, rounds=10).margin(X))

    def test_without_a_shortfall_the_objective_is_the_usual_log_loss(self, rows):
        X, label, group = rows[0]
        every = BoosterSettings(share_of_features=1.0, share_of_rows=1.0)
        recipe = Recipe(RECIPE.feature_names, RECIPE.monotone, every, seed=0)
        plain = RecallConstraint(label, 0 * group, 0.15, 10)
        own = grow_to_objective(X, label, recipe, rounds=10, objective=plain, start=plain.start)

        usual = grow(X, label, recipe, rounds=10).margin(X)
        assert own.margin(X) + plain.start == pytest.approx(usual, abs=1e-5)

    def test_constraint_while_boosting_narrows_a_planted_gap_on_later_rows(
        self, rows, gap_as_it_is
    ):
        (X, label, group), (later, y, g) = rows
        constraint = RecallConstraint(label, group, 0.15, 60)
        trees = grow_to_objective(
            X, label, RECIPE, rounds=60, objective=constraint, start=constraint.start
        )

        assert gap_as_it_is < -0.15
        assert constraint.multiplier[1] > 0.5 > constraint.multiplier[0]
        assert abs(recall_gap(trees.margin(later), y, g)) < 0.6 * abs(gap_as_it_is)

    def test_fairlearns_reduction_narrows_it_too(self, rows, gap_as_it_is):
        (X, label, group), (later, y, g) = rows

        def learn(where, labels, weight):
            return grow(X[where], labels, RECIPE, rounds=40, weight=weight).margin

        usual = grow(X, label, RECIPE, rounds=40).margin(X)
        scores = exponentiated_gradient(
            X, label, group, 0.15, float(expit(np.quantile(usual, 0.85))), learn
        )
        assert abs(recall_gap(scores(later), y, g)) < 0.7 * abs(gap_as_it_is)

    def test_fairlearns_thresholds_give_equal_recall_on_the_rows_they_are_chosen_on(self, rows):
        _, (later, y, g) = rows
        score = later[:, :2].max(axis=1) / 10 + 0.3
        chance = group_chances(score, y, g, 0.25, score, g)
        recall = [chance[(y == 1) & (g == each)].mean() for each in (0, 1)]

        assert recall[0] == pytest.approx(recall[1], abs=0.02)

    def test_offsets_give_equal_recall_on_a_list_of_the_same_size(self, rows):
        _, (later, y, g) = rows
        score, names = later[:, 0] + later[:, 1], np.array(["a", "b"], dtype=object)[g]
        thresholds = GroupThresholds("group", "real", equal_recall_offsets(score, y, names, 0.15))

        assert abs(recall_gap(thresholds.study(score, names), y, g)) < 0.02


class TestLegalBasis:
    def thresholds(self, origin="real"):
        return GroupThresholds("ethnicity", origin, {"Black": 0.3})

    def test_thresholds_by_group_stay_a_study_without_a_recorded_legal_basis(self):
        """A6: Equality Act 2010; no argument lifts it."""
        assert self.thresholds().mode == "study"
        with pytest.raises(AuditError, match="stay a study without a recorded legal basis"):
            self.thresholds().for_use()

    def test_with_one_they_carry_it_and_still_need_an_approval(self):
        """A6: the basis is written beside them."""
        given = self.thresholds().for_use(basis=BASIS, today=date(2026, 6, 1))

        assert given.mode == "approval needed"
        assert given.basis.provision == BASIS["provision"]
        assert "EIA 2026/4" in given.model_dump_json()

    def test_of_synthetic_records_they_say_so(self):
        given = self.thresholds("synthetic").for_use(basis=BASIS, today=date(2026, 6, 1))
        assert given.mode == "synthetic"

    @pytest.mark.parametrize("field", BASIS)
    def test_a_basis_with_a_field_missing_is_refused(self, field):
        """A6: each field is asked for."""
        part = {name: value for name, value in BASIS.items() if name != field}
        with pytest.raises(SettingError, match=f"cannot be used: {field}"):
            self.thresholds().for_use(basis=part)

    @pytest.mark.parametrize("day", [date(2026, 1, 4), date(2027, 1, 6)])
    def test_a_basis_not_decided_yet_or_lapsed_is_refused(self, day):
        with pytest.raises(AuditError, match="lapsed, or is not decided yet"):
            self.thresholds().for_use(basis=BASIS, today=day)

    def test_review_comes_after_the_decision(self):
        with pytest.raises(SettingError, match="the dates"):
            self.thresholds().for_use(basis=BASIS | {"review_by": BASIS["decided_on"]})


@pytest.fixture(scope="module")
def options(small_model, small_authority):
    return fs.compare_options(
        small_model, small_authority, attribute="sex", capacity=0.3,
        tried=["reweighed", "without a concept", "equal-recall thresholds"],
        resamples=50, progress=False,
    )  # fmt: skip


class TestComparison:
    def test_every_group_and_everyone_is_shown_before_and_after(self, options):
        """A6: before and after, for all groups and overall."""
        table, names = options.table, [option.name for option in options.options[1:]]
        audited = options.audit().full_table

        assert set(table["option"]) == set(names)
        more_than_one = audited.groupby("attribute")["group"].nunique() > 1
        for name in names:
            own = table[table["option"] == name]
            assert set(own["attribute"]) == set(more_than_one.index[more_than_one])
        assert set(options.overall["metric"]) == {"recall", "precision", "average_precision"}

    def test_attribute_of_which_all_are_one_group_is_left_out_and_named_with_the_reason(
        self, options
    ):
        """Unaccompanied children are out of scope: there is nobody to compare the others with."""
        assert "unaccompanied" in set(options.audit().full_table["attribute"])
        assert "unaccompanied" not in set(options.table["attribute"])
        assert options.not_compared["unaccompanied"] == "all cases tested are of one group"
        (line,) = (each for each in options.text().splitlines() if "Not compared" in each)
        assert "unaccompanied, since all cases tested are of one group" in line

    def test_only_what_was_compared_is_named_so(self, options):
        recall = options.table.query("metric == 'recall' and not suppressed")
        shown = dict.fromkeys(recall.dropna(subset=["after"])["attribute"])
        left_out = options.not_compared

        assert not set(shown) & set(left_out)
        if shown:
            assert f"Groups compared below by {', '.join(shown)}." in options.text()
        for attribute in left_out:
            assert f"  {attribute}: " not in options.text()

    def test_before_is_the_audit_of_the_model_as_it_is(self, options, small_model, small_authority):
        before = fs.audit_step_up(small_model, small_authority, capacity=0.3, resamples=50)
        assert options.audit(AS_IT_IS).overall.to_dict() == pytest.approx(before.overall.to_dict())

    def test_after_and_change_are_those_of_the_options_own_audit(self, options):
        own = options.audit("reweighed").full_table.set_index(["attribute", "group", "metric"])
        rows = options.table.query("option == 'reweighed'").dropna(subset=["after"])

        assert len(rows)
        for row in rows.itertuples():
            audited = own.loc[(row.attribute, row.group, row.metric)]
            assert row.after == pytest.approx(audited["value"])
            assert row.gap_after == pytest.approx(audited["difference"])
            assert row.change == pytest.approx(row.after - row.before)
            assert row.low <= row.change <= row.high

    def test_every_option_fills_the_same_list(self, options):
        sizes = {option.name: option.share.sum() for option in options.options}
        assert list(sizes.values()) == pytest.approx([sizes[AS_IT_IS]] * len(sizes))

    def test_words_recommend_none_and_say_what_conflicts(self, options):
        """A3: no badge; what conflicts with what is said with this audit's numbers."""
        text = options.text()

        assert text.startswith("SYNTHETIC.")
        assert "No single figure grades a model" in text
        assert "No option is recommended" in text
        assert "by group, study only" in text
        assert not {"fair", "unbiased", "debiased", "best"} & set(text.lower().split())

    def test_group_chosen_for_its_gap_here_is_said_to_be(self, options):
        """A gap looked for and measured on the same cases is on average too large."""
        named = replace(options, found_here=False)

        assert options.found_here
        assert "stands out most on these very cases" in options.text()
        assert "stands out most" not in named.text()

    def test_thresholds_that_were_compared_are_a_study(self, options):
        """A6: what a comparison gives out cannot be used."""
        assert options.thresholds.mode == "study"
        with pytest.raises(AuditError, match="legal basis"):
            options.thresholds.for_use()

    def test_frontier_marks_what_no_other_option_beats(self, options):
        frontier = options.frontier
        size = frontier["gap"].abs()
        for place, row in frontier.iterrows():
            beaten = ((size < size[place]) & (frontier["recall"] > row["recall"])).any()
            assert row["unbeaten"] == (not beaten)

    def test_a_small_groups_frontier_is_not_drawn(self, options):
        """A2: a picture gives no hidden figure away."""
        if options.suppressed:
            with pytest.raises(AuditError, match="hidden, small numbers"):
                options.plot_frontier()
            assert "<svg" not in options._repr_html_()
        else:
            assert "<svg" in options._repr_html_()

    def test_names_that_are_not_known_are_refused(self, options, small_model, small_authority):
        with pytest.raises(AuditError, match="Did you mean 'reweighed'"):
            options.audit("reweigh")
        with pytest.raises(AuditError, match="1 of 1 option is not known"):
            fs.compare_options(small_model, small_authority, tried=["magic"])
        with pytest.raises(AuditError, match="No option was named"):
            fs.compare_options(small_model, small_authority, tried=())

    def test_where_every_option_was_left_out_it_says_why(
        self, options, small_model, small_authority
    ):
        """No feature need tell the group better than the outcome."""
        cases = ListedCases.of(small_model, small_authority, capacity=0.3)
        first = options.options[0]
        made = replace(
            options,
            options=(first,),
            table=group_rows(cases, {AS_IT_IS: first.audit}, {AS_IT_IS: first.share}),
            overall=options.overall[:0],
            frontier=options.frontier[:1],
            left_out={"without telling items": "no feature tells the group better"},
        )

        assert made.table.empty
        assert list(made.table) == list(options.table)
        assert made.not_compared == {}
        assert "without telling items: not tried, since no feature tells" in made.text()
        assert "Not compared" not in made._repr_html_()

    def test_a_small_group_stays_hidden_where_every_option_was_left_out(self, options):
        """A2: the audit of the model as it is hides it already."""
        alone = replace(options, options=options.options[:1], table=options.table[:0])
        audited = options.audit().full_table
        own = (audited["attribute"] == options.attribute) & (audited["group"] == options.group)
        rates = audited[own & audited["metric"].isin(["recall", "precision"])]

        assert alone.suppressed == bool(rates["suppressed"].any())


def test_what_conflicts_is_said_with_the_audits_own_numbers():
    """A3: what everyone's recall and precision in both groups would ask of the rest."""
    _, label, group = planted()
    label = np.where(group == 1, label * (np.arange(len(label)) % 3 == 0), label)
    score = label + np.random.default_rng(0).normal(size=len(label))
    audit = fs.audit_fairness(
        label, score, pd.Series(np.array(["a", "b"])[group], name="place"), capacity=0.15,
        resamples=20,
    )  # fmt: skip
    said = conflicts(audit)[1]
    recall, precision = audit.overall["recall"], audit.overall["precision"]
    wrongly = []
    for each in (0, 1):
        base = label[group == each].mean()
        listed_rightly = recall * base
        wrongly.append(100 * listed_rightly * (1 / precision - 1) / (1 - base))

    assert f"{wrongly[0]:.0f} would be listed (a) and {wrongly[1]:.0f} (b)" in said


def test_share_above_counts_ties_alike():
    scores = pd.Series([2.0, 1.0, 1.0, 1.0])
    assert share_above(scores.to_numpy(), 0.5) == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
