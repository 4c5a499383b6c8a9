import numpy as np
import pytest

from fs_risk.errors import PlanError, SettingError
from fs_risk.features.build import build_features
from fs_risk.model.vignette_cases import (
    tried_on_vignettes,
    vignette_features,
    vignette_records,
    vignette_scores,
)
from fs_risk.model.vignettes import VignetteBook, orders_failed, read_vignettes

BOOK = """
[[vignette]]
name = "quiet"
says = "A child of six about whom nothing is recorded."
age_years = 6.0

[[vignette]]
name = "busy"
says = "A child of six with three police contacts this year."
age_years = 6.0
referred_by = "police"
contacts = [{ days_ago = 40, by = "police" }, { days_ago = 80, by = "6" }, { days_ago = 90 }]

[[order]]
higher = "busy"
lower = "quiet"
why = "Repeats say more than nothing."
"""


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_vignettes_are_text_that_says_what_each_case_is():
    """M7."""
    book = read_vignettes()

    assert 10 <= len(book.vignettes) <= 15
    assert len(book.orders) >= 10
    assert all(len(vignette.says) > 20 for vignette in book.vignettes)
    assert all(order.why.endswith(".") for order in book.orders)


def test_every_shipped_vignette_is_in_an_order():
    book = read_vignettes()
    named = {name for order in book.orders for name in (order.higher, order.lower)}

    assert named == {vignette.name for vignette in book.vignettes}


def test_infant_with_two_of_the_trio_against_a_teenager_who_shoplifts_is_among_them():
    """M7: the order that the Danish tool got wrong."""
    pairs = {(order.higher, order.lower) for order in read_vignettes().orders}

    assert ("baby, domestic abuse and drugs", "teenager, shoplifting") in pairs


@pytest.fixture(scope="module")
def built():
    book = read_vignettes()
    records, cohort = vignette_records(book)
    return build_features(records, cohort).set_axis([v.name for v in book.vignettes]), records


class TestRecords:
    def test_are_without_findings(self, built):
        assert built[1].problems.empty

    def test_features_are_those_of_the_history_as_written(self, built):
        X, _ = built
        baby = X.loc["baby, domestic abuse and drugs"]

        assert baby["child_contacts_365d"] == 3
        assert baby["child_referrals_365d"] == 2
        assert baby["child_trio_areas_current_365d"] == 2
        assert baby["child_age_years"] == pytest.approx(0.35, abs=0.01)
        assert baby["referral_source_police"] == 1

    def test_brothers_and_sisters_are_linked(self, built):
        X, _ = built

        assert X.loc["baby, older brother came into care", "siblings_care_open"] == 1
        assert X.loc["baby, nothing known of the family", "siblings_number"] == 1
        assert X.loc["baby, nothing known of the family", "siblings_care_starts_1825d"] == 0

    def test_nothing_recorded_is_observed_and_not_missing(self, built):
        """An unknown child in an observed window has counts of 0, not missing ones."""
        X, _ = built
        unknown = X.loc["unknown child of five"]
        counts = unknown[
            [name for name in X if name.startswith("child_contacts_") and "gap" not in name]
        ]

        assert (counts.drop("child_contacts_change_180d") == 0).all()
        assert unknown["child_cp_plan_starts_1825d"] == 0

    def test_what_ended_well_long_ago_is_a_strength_kept(self, built):
        X, _ = built

        assert X.loc["nine, help kept its promise", "child_closures_kept_1095d"] == 1
        assert X.loc["nine, closed long ago", "child_referrals_1095d"] == 0

    def test_case_of_a_review_has_been_open_for_a_while(self):
        records, cohort = vignette_records(read_vignettes(), open_case=True)
        X = build_features(records, cohort)

        assert (X["child_episode_open_days"] == 45).all()


def test_own_file_is_read_and_words_become_codes(tmp_path):
    book = read_vignettes(written(tmp_path, BOOK))

    assert [each.by for each in book.vignettes[1].contacts] == ["6", "6", None]
    assert book.vignettes[1].referred_by == "6"


def test_orders_hold_or_fail_with_the_gap(tmp_path):
    book = read_vignettes(written(tmp_path, BOOK))
    (held,) = book.judge({"busy": -1.0, "quiet": -2.5})
    (failed,) = book.judge({"busy": -2.5, "quiet": -2.5})

    assert (held.holds, held.gap) == (True, pytest.approx(1.5))
    assert (failed.holds, failed.gap) == (False, 0.0)
    assert orders_failed([held, failed]) == 1


@pytest.mark.parametrize(("gap", "holds"), [(0.2, True), (-0.04, True), (-0.06, False)])
def test_about_equal_allows_one_in_twenty_of_the_odds(tmp_path, gap, holds):
    book = read_vignettes(written(tmp_path, BOOK + "or_about_equal = true\n"))

    assert book.judge({"busy": gap, "quiet": 0.0})[0].holds is holds


class TestRefused:
    def test_word_that_no_code_list_has(self, tmp_path):
        path = written(tmp_path, BOOK.replace('by = "police"', 'by = "polise"', 1))
        with pytest.raises(
            PlanError, match=r"'polise', which no code list has.*Did you mean 'police'"
        ):
            read_vignettes(path)

    def test_order_of_a_vignette_that_is_not_there(self, tmp_path):
        path = written(tmp_path, BOOK.replace('lower = "quiet"', 'lower = "quite"'))
        with pytest.raises(PlanError, match="names 'quite', which is no vignette"):
            read_vignettes(path)

    def test_child_without_an_age(self, tmp_path):
        with pytest.raises(PlanError, match="has no age, or two"):
            read_vignettes(written(tmp_path, BOOK.replace("age_years = 6.0\n", "", 1)))

    def test_two_of_one_name(self, tmp_path):
        with pytest.raises(PlanError, match="have one name"):
            read_vignettes(written(tmp_path, BOOK.replace('name = "busy"', 'name = "quiet"')))

    @pytest.mark.parametrize(
        ("text", "where"),
        [
            ("", "missing vignette, order"),
            (BOOK.replace("[[order]]", "[[orders]]"), "missing order; unknown orders"),
        ],
    )
    def test_file_without_a_case_or_an_order(self, tmp_path, text, where):
        """Else a gate on orders that fail would be passed by having none."""
        with pytest.raises(PlanError, match="The vignettes lack") as caught:
            read_vignettes(written(tmp_path, text))
        assert where in str(caught.value)

    def test_unknown_field(self, tmp_path):
        path = written(tmp_path, BOOK.replace("says =", "tells =", 1))
        with pytest.raises(PlanError, match="not understood") as caught:
            read_vignettes(path)
        assert "vignettes.0" in str(caught.value)

    def test_file_that_is_not_there_or_no_toml(self, tmp_path):
        with pytest.raises(SettingError, match="cannot be read"):
            read_vignettes(tmp_path / "none.toml")
        with pytest.raises(SettingError, match="cannot be read"):
            read_vignettes(written(tmp_path, "[[vignette"))


class TestOnAModel:
    def test_every_order_is_tried_when_a_model_is_fitted(self, small_model):
        """M7: run on every model, and stated with it."""
        book = read_vignettes()

        assert len(small_model.facts.vignettes) == len(book.orders)
        assert tried_on_vignettes(small_model) == small_model.facts.vignettes

    def test_gap_is_that_of_the_scores(self, small_model):
        table = vignette_scores(small_model).set_index("name")["probability"]
        log_odds = np.log(table / (1 - table))

        for result in small_model.facts.vignettes:
            gap = log_odds[result.higher] - log_odds[result.lower]
            assert result.gap == pytest.approx(gap, abs=1e-9)

    def test_a_model_that_orders_the_wrong_way_fails(self, small_model):
        """A model whose calibrator is turned round puts the baby last."""
        from dataclasses import replace

        line = small_model.calibrator.model_copy(update={"slope": -1.0})
        facts = small_model.facts.model_copy(update={"calibrator": line})
        wrong = tried_on_vignettes(replace(small_model, facts=facts))

        assert not all(result.holds for result in wrong)
        right = [result.gap > 0.06 for result in small_model.facts.vignettes]
        assert not any(result.holds for result, was in zip(wrong, right, strict=True) if was)

    def test_own_vignettes_are_tried(self, small_model, tmp_path):
        book = read_vignettes(written(tmp_path, BOOK))

        (result,) = tried_on_vignettes(small_model, book=book)
        assert (result.higher, result.lower) == ("busy", "quiet")
        assert set(vignette_scores(small_model, tmp_path / "mine.toml")["name"]) == {
            "busy",
            "quiet",
        }

    def test_what_training_never_observed_is_missing_in_vignettes_too(self, small_model):
        from dataclasses import replace

        support = small_model.facts.support
        reaches = tuple(
            reach.model_copy(update={"low": None, "high": None}) if "contacts" in name else reach
            for name, reach in zip(support.feature_names, support.reaches, strict=True)
        )
        facts = small_model.facts.model_copy(
            update={"support": support.model_copy(update={"reaches": reaches})}
        )
        X = vignette_features(read_vignettes(), replace(small_model, facts=facts))

        assert X[[name for name in X if "contacts" in name]].isna().all(axis=None)
        assert X["child_referrals_365d"].notna().all()

    def test_model_of_other_features_is_not_tried(self, fitted):
        assert fitted.facts.vignettes == ()

    def test_notebook_says_how_many_hold(self, small_model):
        assert "orders hold" in small_model._repr_html_()


def test_book_survives_json():
    book = read_vignettes()

    assert VignetteBook.model_validate_json(book.model_dump_json()) == book
