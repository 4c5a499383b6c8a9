"""A saved history: the same again, refused when anything is off, whole at every moment."""

import json
import os
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
import histories as told
from fs_risk.errors import ArtefactError
from fs_risk.features import history_file, history_store
from fs_risk.features.history_arrays import arrays_of
from fs_risk.features.timeline import History


@pytest.fixture(scope="module")
def town(small_authority):
    """Three hundred children of the small authority, siblings or not."""
    ids = sorted(told.ids_of(small_authority))
    return told.only(small_authority, ids[:300])


@pytest.fixture(scope="module")
def history(town):
    return History.from_records(town)


@pytest.fixture(scope="module")
def other(town):
    """The same with fewer children: what a folder held before."""
    return History.from_records(told.only(town, sorted(told.ids_of(town))[:200]))


@pytest.fixture
def folder(history, tmp_path):
    return history.save(tmp_path / "history")


def is_mapped(array):
    while array is not None and not isinstance(array, np.memmap):
        array = array.base
    return array is not None


def test_loaded_history_says_the_same(history, folder):
    loaded = History.load(folder)

    assert told.said(loaded) == told.said(history)


def test_loaded_history_gives_the_same_features(town, history, folder):
    cohort = fs.referral_cohort(town)
    loaded = History.load(folder)

    pd.testing.assert_frame_equal(
        fs.build_features(loaded, cohort), fs.build_features(history, cohort)
    )
    pd.testing.assert_series_equal(loaded.declared, history.declared)
    pd.testing.assert_index_equal(loaded.children, history.children)


def test_history_without_any_row_is_saved_and_loaded(tmp_path):
    frames = {"contacts": pd.DataFrame({"contact_id": [], "child_id": [], "contact_date": []})}
    empty = History.from_records(fs.Records.from_frames(frames, extract_date="2024-12-31"))

    loaded = History.load(empty.save(tmp_path / "history"))

    assert told.said(loaded) == told.said(empty)


def test_ids_of_any_script_and_missing_sources_come_back(tmp_path):
    referrals = pd.DataFrame(
        {
            "referral_id": ["Ä/1", "2"],
            "child_id": ["дитина 7", "B"],
            "referral_date": pd.to_datetime(["2024-01-05", "2024-02-05"]),
            "source": ["6", None],
        }
    )
    made = History.from_records(
        fs.Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")
    )

    loaded = History.load(made.save(tmp_path / "history"))

    assert told.said(loaded) == told.said(made)
    assert loaded.declared.isna().tolist() == [False, True]


def test_arrays_are_mapped_and_of_the_kind_that_is_compiled_for(folder, history):
    """A read-only array would be another kind: every pass would be compiled a second time."""
    loaded = History.load(folder)

    for name, array in arrays_of(loaded).items():
        if not name.endswith(("_bytes", "_ends", "_source", "_family")):
            assert is_mapped(array), name
        assert array.flags.writeable or name.endswith(("_bytes", "_ends")), name
    assert loaded.events.rows.flags.c_contiguous


def test_what_is_changed_in_memory_does_not_reach_the_disk(folder, history):
    loaded = History.load(folder)
    loaded.birth[:] = 0

    assert told.said(History.load(folder)) == told.said(history)


def test_history_on_a_read_only_folder_loads(folder, history):
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    try:
        assert told.said(History.load(folder)) == told.said(history)
    finally:
        folder.chmod(0o755)


def test_changed_byte_in_any_file_is_refused(folder):
    rng = np.random.default_rng(0)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for place in {int(rng.integers(len(whole)))}:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(ArtefactError, match=r"is not as it was written"):
                History.load(folder)
        path.write_bytes(whole[:-1])
        with pytest.raises(ArtefactError, match=r"is not as it was written"):
            History.load(folder)
        path.write_bytes(whole)
    History.load(folder)


def test_missing_file_is_refused(folder):
    next(folder.glob("events_rows-*.npy")).unlink()

    with pytest.raises(ArtefactError, match="A file of the history is missing"):
        History.load(folder)


def test_folder_without_a_history_is_refused(tmp_path):
    with pytest.raises(ArtefactError, match=r"There is no history\.json"):
        History.load(tmp_path / "nothing")


def restated(folder, **changes):
    """Change what the file says, with the hash put right."""
    path = folder / history_store.HISTORY_FILE
    content = {**json.loads(path.read_text("utf-8")), **changes}
    content.pop("content_hash")
    whole = {**content, "content_hash": history_file._hash(content)}
    path.write_bytes(history_file._written(whole).encode())


@pytest.mark.parametrize(
    "changes", [{"schema_version": 2}, {"schema_version": None}, {"definitions": "0" * 64}]
)
def test_history_of_another_release_is_refused_with_the_cure(folder, changes):
    restated(folder, library_version="9.9", **changes)

    with pytest.raises(ArtefactError, match=r"(?s)another way.*History\.from_records.*9\.9"):
        History.load(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"extract_day": "soon"},
        {"more": 1},
        {"n_groups": 0},
        {"arrays": {}},
        {"arrays": {"birth": {"name": "../../birth.npy", "sha256": "0" * 64}}},
    ],
)
def test_file_that_says_what_cannot_be_is_refused(folder, changes):
    restated(folder, **changes)

    with pytest.raises(ArtefactError, match=r"history\.json is not as it was written"):
        History.load(folder)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("events_rows", lambda rows: rows + np.array([0, 0, 1, 0], dtype=np.int32)),
        ("spells_rows", lambda rows: rows - np.array([0, 0, 0, 99, 0, 0], dtype=np.int32)),
        ("events_starts", lambda starts: starts[::-1].copy()),
        ("sibling_events_starts", lambda starts: starts + 1),
        ("assessments_mask", lambda mask: mask[1:]),
        ("siblings_group", lambda group: group + 100_000),
        ("members_child", lambda child: child - 1),
        ("birth", lambda birth: birth[1:]),
        ("birth", lambda birth: birth.astype(np.int64)),
        ("children_ends", lambda ends: ends[::-1].copy()),
        ("children_bytes", lambda content: content + np.uint8(128)),
        ("links_family", lambda family: family + 100_000),
        ("referred", lambda child: child + 100_000),
    ],
)
def test_array_that_points_outside_is_refused_though_its_checksum_is_right(folder, name, change):
    """Compiled passes look facts up without asking whether they are there."""
    stated = json.loads((folder / history_store.HISTORY_FILE).read_text("utf-8"))
    array = np.load(folder / stated["arrays"][name]["name"])
    file = history_store._put(folder, name, change(array))
    restated(folder, arrays={**stated["arrays"], name: file.model_dump()})

    with pytest.raises(ArtefactError, match=r"history\.json is not as it was written"):
        History.load(folder)


def test_array_of_objects_is_never_unpickled(folder, tmp_path):
    """Nothing in the folder can run."""
    trap = tmp_path / "run"

    class Trap:
        def __reduce__(self):
            return Path.touch, (trap,)

    stated = json.loads((folder / history_store.HISTORY_FILE).read_text("utf-8"))
    np.save(tmp_path / "trap.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    content = (tmp_path / "trap.npy").read_bytes()
    digest = history_store.hashlib.sha256(content).hexdigest()
    name = f"birth-{digest[:16]}.npy"
    (folder / name).write_bytes(content)
    arrays = {**stated["arrays"], "birth": {"name": name, "sha256": digest}}
    restated(folder, arrays=arrays)

    with pytest.raises(ArtefactError, match="is not as it was written"):
        History.load(folder)
    assert not trap.exists()


def test_nothing_is_written_again_that_is_there(folder, history):
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npy")}

    history.save(folder)

    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npy")} == before


def test_damaged_array_is_written_again(folder, history):
    path = next(folder.glob("events_rows-*.npy"))
    path.write_bytes(path.read_bytes()[:-1])

    history.save(folder)

    assert told.said(History.load(folder)) == told.said(history)


def test_loaded_history_outlives_its_replacement(folder, history, other):
    loaded = History.load(folder)

    other.save(folder)

    assert told.said(loaded) == told.said(history)
    assert told.said(History.load(folder)) == told.said(other)


def test_replaced_history_leaves_no_child_behind(folder, other):
    """What was forgotten is gone from the disk too."""
    other.save(folder)

    stated = json.loads((folder / history_store.HISTORY_FILE).read_text("utf-8"))
    names = {file["name"] for file in stated["arrays"].values()}
    assert {path.name for path in folder.iterdir()} == {*names, history_store.HISTORY_FILE}


class CutShort(BaseException):
    """What no code catches."""


def test_save_cut_short_anywhere_leaves_the_earlier_history(tmp_path, history, other, monkeypatch):
    """Each attempt puts one more file in its place and stops; the last puts history.json."""
    folder = other.save(tmp_path / "history")
    put, attempts, done = Path.replace, 0, False

    while not done:
        left = iter(range(1))

        def one_only(path, target, left=left):
            if next(left, None) is None:
                raise CutShort
            return put(path, target)

        assert len(History.load(folder).children) == len(other.children)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", one_only)
            try:
                history.save(folder)
                done = True
            except CutShort:
                attempts += 1

    assert attempts > 20
    assert told.said(History.load(folder)) == told.said(history)


def test_what_cut_short_saves_left_is_tidied_after_an_hour(folder, history):
    left, fresh = folder / "events_rows-0123456789abcdef.npy.part", folder / "births.npy.part"
    for path in (left, fresh):
        path.write_bytes(b"")
    os.utime(left, (0, 0))

    history.save(folder)

    assert (left.exists(), fresh.exists()) == (False, True)


def test_history_that_is_replaced_twice_while_it_is_read_is_loaded(
    folder, history, other, monkeypatch
):
    mapped, saved = history_store._mapped, [other, history]

    def after_a_save(source, text):
        if saved:
            saved.pop(0).save(folder)
        return mapped(source, text)

    monkeypatch.setattr(history_store, "_mapped", after_a_save)

    assert told.said(History.load(folder)) == told.said(history)


def test_history_is_loaded_whole_while_another_is_saved(folder, history, other):
    """Twenty loads amid saves: each is one or the other."""
    either = [told.said(history), told.said(other)]
    stop = threading.Event()

    def alternate():
        while not stop.is_set():
            other.save(folder)
            history.save(folder)

    saver = threading.Thread(target=alternate)
    saver.start()
    try:
        for _ in range(20):
            assert len(History.load(folder).children) in (len(history.children), 200)
        assert told.said(History.load(folder)) in either
    finally:
        stop.set()
        saver.join()


def test_folder_of_something_else_is_not_written_to(tmp_path, history):
    (tmp_path / "letter.txt").write_text("Dear")

    with pytest.raises(ArtefactError, match="holds something else; nothing was written"):
        history.save(tmp_path)
    with pytest.raises(ArtefactError, match="holds something else; nothing was written"):
        history.save(tmp_path / "letter.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_folder_that_cannot_be_made_is_refused(tmp_path, history):
    (tmp_path / "file").write_text("")

    with pytest.raises(ArtefactError, match="The history cannot be written"):
        history.save(tmp_path / "file" / "history")


def test_history_shown_names_no_child(history):
    shown = repr(history)

    assert shown.startswith("<History SYNTHETIC to 20")
    assert "300 children" in shown
    assert not any(child in shown for child in history.children)
    assert not any(child in repr(history.links) for child in history.children[:50])
