"""Model folders of every release load, and say of a case what they said then."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import ArtefactError
from fs_risk.features.catalogue import CATALOGUE

MODELS = Path(__file__).parents[2] / "golden" / "models"
RELEASES = sorted(path.name for path in MODELS.iterdir() if path.is_dir())


@pytest.fixture(params=RELEASES)
def release(request):
    said = json.loads((MODELS / f"{request.param}.json").read_text(encoding="utf-8"))
    return MODELS / request.param, said


def test_there_is_one():
    assert RELEASES


def test_it_is_the_model_that_it_was(release):
    folder, said = release
    assert fs.load_model(folder).content_hash == said["content_hash"]


def test_it_scores_as_it_did(release):
    folder, said = release
    rows = pd.DataFrame(said["rows"], columns=said["features"], dtype=np.float32)

    assert fs.load_model(folder).log_odds(rows) == pytest.approx(said["log_odds"], abs=1e-12)


def test_it_is_used_only_while_its_features_mean_the_same(release):
    """A definition that is gone or changed is refused by name, with the release to use."""
    folder, said = release
    others = [spec for spec in CATALOGUE if spec.name != said["features"][0]]
    with pytest.raises(ArtefactError, match=rf"(?s){said['features'][0]}.*release {folder.name}"):
        fs.load_model(folder).check_definitions(others)
