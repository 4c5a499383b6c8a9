"""The card of a forecast: true, whole, and without a child or a small count."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.demand.verdicts import USE_IT, plain_words
from fs_risk.errors import ArtefactError, SettingError
from fs_risk.model_cards.demand_card import DemandCard
from fs_risk.records.records import Origin

HORIZON = 6
ORIGIN = Origin("synthetic", ("stand-in",), "seed 0")
TIED = pd.DataFrame(
    {
        "measure": ["contacts", "referrals", "section47"],
        "verdict": USE_IT,
        "best_rule": "Theta",
        "mase": 0.8,
        "mase_best_rule": 0.79,
    }
)
"""Of three measures a simple rule has the smaller error, by no more than chance."""


@pytest.fixture(scope="module")
def series():
    days = pd.date_range("2017-01-01", periods=84, freq="MS")
    rng = np.random.default_rng(0)
    busy = rng.poisson(80 + 20 * np.sin(np.arange(84) * np.pi / 6)).astype(float)
    rare = np.where(np.arange(84) == 40, 3.0, 0.0)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": days, "y": counts, "measure": name, "kind": "flow"})
        for name, counts in (("referrals", busy), ("<b>rare</b>", rare))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def made(series):
    return (
        fs.forecast_demand(series, HORIZON, seeds=1),
        fs.backtest_demand(series, HORIZON, windows=2, seeds=1),
    )


@pytest.fixture(scope="module")
def card(made, series):
    return fs.build_demand_card(*made, series=series, origin=ORIGIN, seeds=1)


def test_figures_are_those_of_the_backtest(card, made):
    """G3: each figure with its metric, how far it went, and n."""
    backtest = made[1]
    held = {each.metric: each for each in card.figures}
    assert held["wape"].value == pytest.approx(backtest["wape"], rel=1e-8)
    assert held["coverage_80"].smallest == pytest.approx(backtest.by_origin["coverage_80"].min())
    assert {each.n for each in card.figures} == {2 * 2 * HORIZON}
    assert card.verdict == backtest.verdict
    assert card.settings.origins == tuple(f"{day:%Y-%m-%d}" for day in backtest.by_origin["origin"])


def test_it_is_hashed_and_written_as_a_models_card_is():
    """One way to the hash: a change of it is a change for both."""
    assert DemandCard.content_hash is fs.ModelCard.content_hash
    assert DemandCard.content is fs.ModelCard.content
    assert DemandCard.to_json is fs.ModelCard.to_json


def test_json_gives_the_card_back(card, tmp_path):
    card.to_json(tmp_path / "card.json")
    again = DemandCard.read(tmp_path / "card.json")
    assert again == card
    assert again.content_hash == card.envelope.content_hash


def test_true_card_verifies_and_a_changed_one_is_named(card, series):
    """G3: card and data are told apart."""
    assert card.verify(series) == ()
    figures = (card.figures[0].model_copy(update={"value": 0.1}), *card.figures[1:])
    found = card.model_copy(update={"figures": figures}).verify(series)
    assert [(each.changed, each.where) for each in found] == [("card", "figures[0].value")]
    other = series.assign(y=series["y"].where(series.index != 83, series["y"] + 1))
    assert {each.changed for each in card.verify(other)} == {"data"}


def test_changed_words_of_people_are_noticed(card, series):
    said = card.people.model_copy(update={"purpose": "Something else."})
    changed = card.model_copy(update={"people": said})
    assert [each.where for each in changed.verify(series)] == ["content"]


def test_series_of_few_events_shows_no_count(card):
    """A2: three events in all are hidden."""
    rare = next(each for each in card.series if "rare" in each.name)
    assert rare.mean is None
    assert ">c</td>" in card.to_html()


def test_page_escapes_and_asks_for_nothing(card):
    page = card.to_html()
    assert "<b>rare" not in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "SYNTHETIC" in page
    assert card.verdict in card.to_markdown()
    assert len(card.open_questions) == 5


def test_forecast_of_other_series_is_refused(made, series):
    with pytest.raises(SettingError, match="other series"):
        fs.build_demand_card(*made, series=series[series["y"] > 0], origin=ORIGIN)


def test_other_file_is_refused(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps({"identity": {}}), encoding="utf-8")
    with pytest.raises(ArtefactError, match="not a demand card"):
        DemandCard.read(tmp_path / "x.json")


def test_bands_are_told_as_looked_back_at(card):
    """The forecast tries its bands on dates that its weights were chosen on."""
    held = {each.metric: each.value for each in card.figures}
    lenient = card.model_copy(update={"coverage": {"80": 1.0, "95": 1.0}})
    told = f"{100 * held['coverage_80']:.0f} % lay inside the 80 % band"
    assert told in lenient.to_markdown()
    figures = tuple(
        each.model_copy(update={"value": None}) if each.metric == "coverage_80" else each
        for each in card.figures
    )
    unknown = card.model_copy(update={"figures": figures})
    assert "could not be measured" in unknown.to_markdown()


def test_each_simple_rule_is_named_once(made, series):
    """Forecast and back-test each say which rules did as well; two lists would contradict."""
    forecast = replace(made[0], notes=(*made[0].notes, *plain_words(TIED)), verdicts=TIED)
    backtest = replace(made[1], notes=(*made[1].notes, *plain_words(TIED[1:])))
    notes = fs.build_demand_card(forecast, backtest, series=series, origin=ORIGIN, seeds=1).notes
    heads = [note.partition(":")[0] for note in notes if note.startswith("No ")]
    assert len(heads) == len(set(heads))
    assert set(plain_words(TIED[1:])) <= set(notes)
    assert set(made[0].notes) - set(plain_words(made[0].verdicts)) <= set(notes)


def test_years_ahead_are_judged_once(made, series):
    """Of yearly series too the forecast's word gives way to the back-test's."""
    said = "{} no better than last year, use that: referrals."
    forecast = replace(made[0], notes=(*made[0].notes, said.format("1 year ahead")))
    backtest = replace(made[1], notes=(*made[1].notes, said.format("2 years ahead")))
    notes = fs.build_demand_card(forecast, backtest, series=series, origin=ORIGIN, seeds=1).notes
    assert [note for note in notes if "ahead" in note] == [said.format("2 years ahead")]


def test_measures_and_months_are_named_as_planners_say_them(series):
    renamed = series.replace({"referrals": "cp_plan_starts"})
    text = fs.build_demand_card(
        *(fs.forecast_demand(renamed, HORIZON, seeds=1),
          fs.backtest_demand(renamed, HORIZON, windows=2, seeds=1)),
        series=renamed, origin=ORIGIN, seeds=1,
    ).to_markdown()  # fmt: skip
    assert "child protection plans begun" in text
    assert "cp_plan" not in text.replace("\\", "")
    assert "January 2017 to December 2023" in text


def test_weeks_are_named_by_their_first_day(card):
    first = card.series[0]
    weekly = first.model_copy(update={"first": "2023-01-02", "last": "2023-12-25", "periods": 52})
    text = card.model_copy(
        update={
            "series": (weekly,),
            "settings": card.settings.model_copy(update={"origins": ("2023-05-01",)}),
        }
    ).to_markdown()
    assert "at the end of the periods that began on 1 May 2023." in text
    assert "2 January 2023 to 25 December 2023" in text


def test_shares_are_written_as_shares(card):
    figures = tuple(
        each.model_copy(update={"value": 0.03, "smallest": -0.041, "largest": 0.0})
        if each.metric == "bias"
        else each
        for each in card.figures
    )
    text = card.model_copy(update={"figures": figures}).to_markdown().replace("\\", "")
    assert "| +3 % | −4 % to 0 % |" in text
