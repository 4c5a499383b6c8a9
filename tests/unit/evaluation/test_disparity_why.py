"""Why a gap: each part against brute force, and planted causes that are found."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

import fs_risk as fs
from fs_risk.errors import AuditError
from fs_risk.evaluation.disparity_cases import ListedCases
from fs_risk.evaluation.disparity_outcomes import (
    FOLLOWED,
    OTHER_WAY,
    SAME_WAY,
    against_other_outcomes,
)
from fs_risk.evaluation.disparity_proxies import group_against_outcome
from fs_risk.evaluation.disparity_recording import OTHERS, gap_by_recorder
from fs_risk.evaluation.disparity_why import WhyGaps
from fs_risk.evaluation.disparity_why_words import FOUND_HERE, why_sections


@pytest.fixture(scope="module")
def why(small_model, small_authority):
    gaps = [("sex", "male", "recall"), ("age_band", "10 to 15", "precision")]
    return fs.explain_gaps(small_model, small_authority, gaps=gaps, progress=False)


def as_if(why, *, suppressed):
    """The same gaps, as if the audit hid every group, or none."""
    return WhyGaps(
        tuple(replace(gap, suppressed=suppressed) for gap in why.gaps), why.outcome, why.origin
    )


@pytest.fixture(scope="module")
def cases(small_model, small_authority):
    return ListedCases.of(small_model, small_authority)


class TestCarried:
    def test_contributions_sum_to_the_score_that_made_the_list(self, cases):
        """E1: by the replica that has never seen the household."""
        assert cases.contributions().sum(axis=1) == pytest.approx(cases.log_odds, abs=1e-9)

    def test_concepts_and_features_sum_to_the_difference_in_mean_score(self, why, cases):
        inside = cases.inside("sex", "male")
        of = cases.label == 1
        whole = cases.log_odds[inside & of].mean() - cases.log_odds[~inside & of].mean()

        for parts in (why.gaps[0].concepts, why.gaps[0].features):
            assert parts["difference"].sum() == pytest.approx(whole, abs=1e-9)

    def test_precisions_parts_are_those_of_children_listed(self, why, cases):
        inside = cases.inside("age_band", "10 to 15")
        own, rest = (
            np.average(cases.log_odds, weights=cases.share * side) for side in (inside, ~inside)
        )

        assert why.gaps[1].concepts["difference"].sum() == pytest.approx(own - rest, abs=1e-9)

    def test_gap_if_alike_is_that_of_the_list_made_again(self, why, cases):
        first = why.gaps[0].concepts.iloc[0]
        inside = cases.inside("sex", "male")
        share = cases.relisted(cases.log_odds - first["difference"] * inside)
        recall = [share[side & (cases.label == 1)].mean() for side in (inside, ~inside)]

        assert first["gap_if_alike"] == pytest.approx(recall[0] - recall[1])

    def test_p_values_are_adjusted_among_concepts(self, why):
        concepts = why.gaps[0].concepts.dropna(subset=["adjusted_p"])

        assert (concepts["adjusted_p"] >= concepts["p"] - 1e-12).all()
        assert (concepts["low"] <= concepts["difference"]).all()


class TestProxies:
    def planted(self, n=1_200):
        rng = np.random.default_rng(2)
        household = np.repeat(np.arange(n // 2), 2)
        inside = (rng.random(n // 2) < 0.3)[household]
        label = (rng.random(n) < 0.3).astype(float)
        X = pd.DataFrame(
            {
                "tells_group": inside + rng.normal(size=n),
                "tells_need": label + rng.normal(size=n),
                "tells_both": 2.0 * inside + 2 * label + rng.normal(size=n),
                "tells_neither": np.where(rng.random(n) < 0.2, np.nan, rng.integers(0, 3, n)),
            }
        )
        return X, inside, label, household

    def test_planted_proxy_is_flagged_and_what_tells_need_is_not(self):
        """F6: the Queensland test, item by item."""
        found = group_against_outcome(*self.planted()).set_index("feature")

        assert found["proxy"].to_dict() == {
            "tells_group": True,
            "tells_need": False,
            "tells_both": False,
            "tells_neither": False,
        }

    def test_areas_are_sklearns_in_the_better_direction(self):
        """F6: AUC for the group beside AUC for the outcome."""
        X, inside, label, household = self.planted()
        found = group_against_outcome(X, inside, label, household).set_index("feature")
        for name in X:
            for column, truth in (("auc_group", inside), ("auc_outcome", label)):
                area = roc_auc_score(truth, X[name].fillna(-9))
                assert found.loc[name, column] == pytest.approx(max(area, 1 - area))

    def test_interval_is_that_of_households_drawn_again(self):
        X, inside, label, household = self.planted()
        row = group_against_outcome(X, inside, label, household).set_index("feature")
        rng, drawn = np.random.default_rng(0), []
        pairs = np.arange(len(label)).reshape(-1, 2)
        for _ in range(150):
            rows = pairs[rng.integers(0, len(pairs), len(pairs))].ravel()
            score = X["tells_both"].to_numpy()[rows]
            drawn.append(_auc(inside[rows], score) - _auc(label[rows], score))
        width = row.loc["tells_both", "high"] - row.loc["tells_both", "low"]

        assert width / 3.92 == pytest.approx(np.std(drawn), rel=0.15)

    def test_few_families_say_nothing(self):
        X, inside, label, household = self.planted(80)
        assert group_against_outcome(X, inside, label, household).empty


def _auc(positive, score):
    ranks, of = rankdata(score), positive == 1
    return (ranks[of].sum() - of.sum() * (of.sum() + 1) / 2) / of.sum() / (~of).sum()


class TestOtherOutcomes:
    def worlds(self, readily, seed=0):
        """A group whose children get the first outcome more readily for the same need."""
        rng = np.random.default_rng(seed)
        n = 3_000
        inside, need = rng.random(n) < 0.3, rng.random(n) < 0.15
        share = (rng.random(n) < np.where(need, 0.5, 0.1)).astype(float)
        first = need | (inside & (rng.random(n) < readily))
        return first.astype(float), {"other": need.astype(float)}, share, inside, np.arange(n)

    def test_planted_label_bias_makes_the_outcomes_disagree(self):
        found = against_other_outcomes(*self.worlds(0.25)).set_index("measure")

        assert found.loc[[FOLLOWED, "recall"], "differs"].all()
        assert found.loc[FOLLOWED, "change"] == pytest.approx(-0.21, abs=0.05)

    def test_outcomes_without_it_are_not_shown_to_disagree(self):
        alarms = [against_other_outcomes(*self.worlds(0.0, s))["differs"].any() for s in range(5)]
        assert not any(alarms)

    def test_gap_by_the_other_outcome_points_its_own_way(self):
        label, others, share, inside, household = self.worlds(0.0)
        share = np.where(inside, share * (np.arange(len(share)) % 2), share)
        found = against_other_outcomes(label, others, share, inside, household)

        assert found.set_index("measure").loc["recall", "says"] == "points the same way"

    def test_few_cases_are_not_enough(self):
        label, others, share, inside, household = self.worlds(0.0)
        rare = {"other": others["other"] * (np.arange(len(label)) < 60)}
        found = against_other_outcomes(label, rare, share, inside, household)

        assert set(found.query("measure != 'precision'")["says"]) == {"not enough evidence"}


class TestRecorders:
    def world(self):
        """One team lists nobody; the group meets it more often."""
        rng = np.random.default_rng(3)
        n = 1_600
        inside = rng.random(n) < 0.4
        team = np.where(rng.random(n) < np.where(inside, 0.7, 0.2), "A", "B")
        share = ((team == "B") & (rng.random(n) < 0.6)).astype(float)
        return np.ones(n), share, inside, pd.Series(team), np.arange(n)

    def test_gap_that_comes_with_the_team_is_put_to_who_records(self):
        found = gap_by_recorder("recall", *self.world(), by="team", resamples=50)

        assert found.who_records[0] == pytest.approx(found.gap[0], abs=0.05)
        assert abs(found.within[0]) < 0.05

    def test_parts_add_up_and_are_kitagawas(self):
        label, share, inside, team, household = self.world()
        found = gap_by_recorder("recall", label, share, inside, team, household, by="team",
                                resamples=20)  # fmt: skip
        table = pd.DataFrame({"s": share, "g": inside, "t": team})
        rate = table.groupby(["g", "t"])["s"].mean().unstack()
        part = table.groupby("g")["t"].value_counts(normalize=True).unstack()
        who = ((part.loc[True] - part.loc[False]) * rate.mean()).sum()

        assert found.who_records[0] == pytest.approx(who)
        assert found.gap[0] == pytest.approx(found.who_records[0] + found.within[0])
        assert found.gap[0] == pytest.approx(share[inside].mean() - share[~inside].mean())

    def test_recorders_with_few_cases_are_put_together(self):
        label, share, inside, team, household = self.world()
        team = team.mask(team.index < 5, "C").mask(team.index == 7, None)
        found = gap_by_recorder("recall", label, share, inside, team, household, by="team",
                                resamples=20)  # fmt: skip

        assert OTHERS in set(found.strata["recorder"])
        assert "C" not in set(found.strata["recorder"])

    def test_one_recorder_cannot_be_told_apart(self):
        label, share, inside, _, household = self.world()
        assert gap_by_recorder(
            "recall", label, share, inside, pd.Series(["A"] * len(label)), household, by="team"
        ) is None  # fmt: skip


@pytest.fixture
def pyplot():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


class TestShown:
    def test_gaps_chosen_on_these_cases_say_so(self, small_model, small_authority, why):
        """A gap that was looked for is larger where it was found than elsewhere."""
        chosen = fs.explain_gaps(small_model, small_authority, other_outcomes=(), progress=False)

        assert chosen.found_here
        assert all(FOUND_HERE in section.lines for section in why_sections(chosen))
        assert not why.found_here
        assert FOUND_HERE not in why.text()

    def test_sections_say_where_to_look_and_no_cause(self, why):
        sections = why_sections(why)

        assert [s.title for s in sections] == [
            "Why recall differs: sex, male",
            "Why precision differs: age, 10 to 15",
        ]
        assert "None of this says what caused a gap" in why.text()
        assert why.text().startswith("SYNTHETIC.")
        assert "<h3>Why recall differs" in why._repr_html_()

    def test_hidden_groups_show_no_rate_of_theirs(self, why):
        """A2: small numbers stay hidden beside their audit."""
        hidden = [gap for gap in why.gaps if gap.suppressed]
        assert hidden
        for gap, section in zip(why.gaps, why_sections(why), strict=True):
            if gap.suppressed:
                assert "c: figures hidden" in section.lines[0]
                assert not re.search(r"[0-9] points?\b", section.text())

    def test_hidden_groups_show_no_direction_of_a_gap_of_theirs(self, why):
        """A2: which way a hidden figure points, under another outcome too, is hidden."""
        (hidden, section) = next(
            (gap, section)
            for gap, section in zip(why.gaps, why_sections(why), strict=True)
            if gap.suppressed
        )
        held = [line for line in section.lines if line.startswith("Held against")]

        assert len(held) == (hidden.outcomes["measure"] == hidden.metric).sum() > 0
        assert all(line.endswith(": c: figures hidden, small numbers.") for line in held)
        for words in (SAME_WAY, OTHER_WAY, "disagree"):
            assert words not in section.text()

    def test_hidden_groups_show_no_difference_of_scores_and_not_which_way_it_points(self, why):
        """A2: their mean scores are hidden in the audit, and tell which way the gap points."""
        shown, hidden = (why_sections(as_if(why, suppressed=each)) for each in (False, True))
        parted = [line for section in shown for line in section.lines if " in log-odds, " in line]
        held = [line for section in hidden for line in section.lines if "set apart" in line]

        assert len(parted) == len(held) > 0
        assert all(line.endswith("; c: figures hidden, small numbers.") for line in held)
        assert all("log-odds" in section.tables[0].header[1] for section in shown)
        for section in hidden:
            assert not re.search(r"log-odds|raises|lowers", section.text() + section.html())

    def test_hidden_groups_have_no_picture_on_the_page(self, why):
        shown, hidden = (
            why_sections(as_if(why, suppressed=each), picture=True) for each in (False, True)
        )

        assert all("<svg" in section.picture for section in shown)
        assert [section.picture for section in hidden] == [""] * len(why.gaps)

    def test_concepts_can_be_plotted(self, why, pyplot):
        ax = as_if(why, suppressed=False).plot_concepts()

        assert "log-odds" in ax.get_xlabel()
        assert len(ax.containers) == len(ax.get_yticklabels()) > 5

    def test_plot_of_a_hidden_group_names_concepts_alone(self, why, pyplot):
        """A2: neither a difference, nor by their order which is the largest."""
        ax = as_if(why, suppressed=True).plot_concepts(1)
        names = [label.get_text() for label in ax.get_yticklabels()]
        parted = why.gaps[1].concepts.query("verdict == 'sets the group apart'")["part"]

        assert [*ax.containers, *ax.lines, *ax.get_xticks()] == []
        assert names == sorted(names, reverse=True)
        assert {name for name in names if not name.endswith(" (c)")} == {
            f"{name} (c; sets the group apart)" for name in parted
        }
        assert "c: figures hidden, small numbers" in ax.get_xlabel()
        assert "log-odds" not in ax.get_xlabel()

    def test_without_gaps_named_the_nearest_to_being_shown_is_looked_into(
        self, small_model, small_authority
    ):
        found = fs.explain_gaps(
            small_model, small_authority, other_outcomes=["care"], progress=False
        )
        assert len(found.gaps) == 1
        assert not found.gaps[0].shown

    @pytest.mark.parametrize(
        ("named", "match"),
        [(("religion", "x"), "attribute is not among"), (("sex", "x"), "group is not among")],
    )
    def test_groups_that_were_not_audited_are_refused(self, cases, named, match):
        with pytest.raises(AuditError, match=match):
            cases.inside(*named)

    def test_groups_with_too_few_cases_are_refused(self, small_model, small_authority):
        with pytest.raises(AuditError, match="fewer than 10 cases that recall is of"):
            fs.explain_gaps(
                small_model, small_authority, gaps=[("ethnicity", "Black", "recall")],
                progress=False,
            )  # fmt: skip
