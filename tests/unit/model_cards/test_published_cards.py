"""The published cards of the demo: whole, true to their hash, and made again at night."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fs_risk.cli import app
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.demand_card import DemandCard

PUBLISHED = Path(__file__).parents[3] / "model_cards" / "published"


@pytest.mark.parametrize(("name", "kind"), [("step_up", ModelCard), ("demand", DemandCard)])
def test_published_card_is_as_it_was_written(name, kind):
    card = kind.read(PUBLISHED / f"{name}.json")
    page = (PUBLISHED / f"{name}.html").read_text(encoding="utf-8")

    assert card.content_hash == card.envelope.content_hash
    assert card.synthetic
    assert card.content_hash in page


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_published_cards_come_out_the_same():
    """M6: from nothing but the seed."""
    done = CliRunner().invoke(app, ["cards", "demo", "--out", str(PUBLISHED), "--check"])

    assert done.exit_code == 0, done.output
