import json
import pickle
import shutil

import pytest

from fs_risk.errors import ArtefactError
from fs_risk.model.artefact import load_model, save
from fs_risk.model.canonical import canonical_json, sha256

FILES = [
    "model.json",
    "booster.txt",
    "candidates.json",
    "envelope.json",
    "replicas/fold-0.txt",
    "replicas/fold-2.txt",
]


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    return fitted.save(tmp_path_factory.mktemp("model") / "kept")


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "model")


def test_loaded_model_scores_and_hashes_as_the_saved_one(fitted, saved, study):
    loaded = load_model(saved)

    assert loaded.facts == fitted.facts
    assert loaded.content_hash == fitted.content_hash
    assert (loaded.log_odds(study.X) == fitted.log_odds(study.X)).all()
    assert loaded.candidates == fitted.candidates


def test_run_and_time_are_in_the_envelope_alone(fitted, saved, tmp_path):
    """M6."""
    again = save(fitted, tmp_path / "again", run_id="run-7")

    for name in FILES:
        same = (again / name).read_bytes() == (saved / name).read_bytes()
        assert same == (name != "envelope.json")
    assert json.loads((again / "envelope.json").read_text())["run_id"] == "run-7"


@pytest.mark.parametrize("name", FILES)
def test_changed_byte_is_refused(folder, name):
    path = folder / name
    content = bytearray(path.read_bytes())
    place = len(content) // 2
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtefactError, match=r"is not as it was written|cannot be read"):
        load_model(folder)


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(ArtefactError, match="is not there"):
        load_model(folder)


def test_spaces_added_to_the_facts_are_refused(folder):
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))
    with pytest.raises(ArtefactError, match=r"model\.json is not as it was written"):
        load_model(folder)


def rewritten(folder, change):
    """Change the facts and set their hash anew, as someone who knows the format would."""
    path = folder / "model.json"
    content = json.loads(path.read_text())
    content.pop("content_hash")
    change(content)
    content["content_hash"] = sha256(canonical_json(content))
    path.write_text(canonical_json(content))
    envelope = {**json.loads((folder / "envelope.json").read_text())}
    envelope["content_hash"] = content["content_hash"]
    envelope.pop("sha256")
    envelope["sha256"] = sha256(canonical_json(envelope))
    (folder / "envelope.json").write_text(canonical_json(envelope))
    return folder


def test_schema_of_another_release_is_refused_with_the_cure(folder):
    rewritten(folder, lambda content: content.update(schema_version=99, library_version="9.1"))
    with pytest.raises(ArtefactError, match="reads schema 2") as caught:
        load_model(folder)

    assert "Use release 9.1" in caught.value.fix


def test_plan_changed_after_fitting_is_refused(folder):
    """M4: the plan's hash was set down before."""
    rewritten(folder, lambda content: content["plan"].update(seed=9))
    with pytest.raises(ArtefactError, match="not as it was written"):
        load_model(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["checksums"].update({"../booster.txt": "0" * 64}),
        lambda content: content["features"].reverse(),
        lambda content: content.update(extra=1),
        lambda content: content["calibrator"].update(slope="steep"),
    ],
)
def test_facts_that_do_not_hold_together_are_refused(folder, change):
    rewritten(folder, change)
    with pytest.raises(ArtefactError, match="not as it was written"):
        load_model(folder)


class Malicious:
    """An object whose pickle, if it were ever loaded, would touch a file."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (self.marker.touch, ())


@pytest.mark.parametrize("name", ["model.json", "booster.txt", "candidates.json"])
def test_pickle_is_never_run(folder, name, tmp_path):
    """M9."""
    marker = tmp_path / "ran"
    (folder / name).write_bytes(pickle.dumps(Malicious(marker)))
    with pytest.raises(ArtefactError, match=r"cannot be read|not as it was written"):
        load_model(folder)

    assert not marker.exists()


def test_saving_the_same_model_again_leaves_it_as_it_is(fitted, folder):
    before = (folder / "envelope.json").read_bytes()
    fitted.save(folder)

    assert (folder / "envelope.json").read_bytes() == before


def test_folder_with_something_else_is_left_alone(fitted, tmp_path):
    (tmp_path / "notes.txt").write_text("kept")
    with pytest.raises(ArtefactError, match="nothing was written"):
        fitted.save(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ArtefactError, match=r"model\.json is not there"):
        load_model(tmp_path)
