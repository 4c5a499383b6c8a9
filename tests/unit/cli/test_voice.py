"""What commands print, and how they write: JSON's own kinds, files whole or not at all."""

import json
import os
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fs_risk.cli.voice import Voice, plain
from fs_risk.cli.whole_files import can_be_written, write_whole, write_whole_folder
from fs_risk.errors import SettingError

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates(),
    st.floats(width=32).map(np.float32), st.just(pd.NA), st.just(pd.NaT), st.just(np.nan),
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=12,
)


@given(ANYTHING)
def test_no_value_becomes_what_json_does_not_know(value):
    """NaN never appears: it is null."""
    text = json.dumps(plain(value), allow_nan=False)
    assert "NaN" not in str(plain(value)) or "NaN" in str(value)
    json.loads(text)


def test_table_becomes_rows_with_days_and_nulls():
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2025-04-01", None]),
            "share": [0.5, np.nan],
            "count": pd.array([1, None], dtype="Int64"),
            "name": ["a", None],
        }
    )
    assert plain(frame) == [
        {"day": "2025-04-01", "share": 0.5, "count": 1, "name": "a"},
        {"day": None, "share": None, "count": None, "name": None},
    ]


def test_what_has_no_form_in_json_is_refused():
    with pytest.raises(TypeError, match="no form in JSON"):
        plain(object())


def test_json_is_one_document_with_what_was_written(capsys, tmp_path):
    voice = Voice(as_json=True)
    voice.note("reading")
    voice.result({"n": date(2025, 4, 1)}, "in words")
    voice.wrote("page", tmp_path / "page.html")
    voice.wrote("nothing", None)
    voice.finish()
    said = capsys.readouterr()

    assert json.loads(said.out) == {
        "n": "2025-04-01",
        "written": {"page": str(tmp_path / "page.html")},
    }
    assert said.err == ""


def test_quiet_says_the_result_alone(capsys):
    voice = Voice(quiet=True)
    voice.note("reading")
    voice.result({}, "in words")
    voice.wrote("page", "page.html")
    said = capsys.readouterr()

    assert (said.out, said.err) == ("in words\n", "")


def test_json_is_ascii_so_that_every_console_takes_it(capsys):
    voice = Voice(as_json=True)
    voice.result({"≥": "– ’"})
    voice.finish()

    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), ValueError("a fault")])
def test_interrupted_writer_leaves_the_file_as_it_was(tmp_path, fault):
    path = tmp_path / "page.html"
    path.write_text("earlier")

    def half(part):
        part.write_text("half")
        raise fault

    with pytest.raises(type(fault)):
        write_whole(path, half)
    assert path.read_text() == "earlier"
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_interrupted_folder_is_not_there(tmp_path):
    def half(part):
        part.mkdir()
        (part / "model.json").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole_folder(tmp_path / "new" / "model", half)
    assert list((tmp_path / "new").iterdir()) == []


def test_folder_is_put_in_the_place_of_an_empty_one_and_a_full_one_is_the_writer_s(tmp_path):
    seen = []

    def fill(place):
        place.mkdir(exist_ok=True)
        (place / "a").write_text("1")
        seen.append(place)

    (tmp_path / "model").mkdir()
    write_whole_folder(tmp_path / "model", fill)
    write_whole_folder(tmp_path / "model", fill)

    assert (tmp_path / "model" / "a").read_text() == "1"
    assert seen[0] != tmp_path / "model"
    assert seen[1] == tmp_path / "model"


def test_errors_name_the_file_that_was_asked_for(tmp_path):
    def refuses(part):
        raise SettingError("It is not a workbook.", where=part.name, fix="End it in .xlsx.")

    with pytest.raises(SettingError, match=r"Where: list\.csv"):
        write_whole(tmp_path / "list.csv", refuses)
    with pytest.raises(SettingError, match="cannot be written"):
        write_whole(tmp_path / "no" / "list.csv", lambda part: part.write_text(""))


def test_file_that_cannot_be_written_is_refused_before_anything_is_computed(tmp_path):
    assert can_be_written(None) is None
    assert can_be_written(tmp_path / "new.html") == tmp_path / "new.html"
    with pytest.raises(SettingError, match="where a folder is"):
        can_be_written(tmp_path)
    with pytest.raises(SettingError, match="does not exist"):
        can_be_written(tmp_path / "no" / "new.html")


def test_a_link_or_a_pipe_stays_what_it_is(tmp_path):
    target, link, pipe = tmp_path / "target.csv", tmp_path / "link.csv", tmp_path / "pipe"
    target.write_text("before", encoding="utf-8")
    try:
        link.symlink_to(target)
        os.mkfifo(pipe)
    except (OSError, AttributeError, NotImplementedError):
        pytest.skip("this system makes no links or pipes for us")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    for path in (link, pipe):
        write_whole(path, lambda place: place.write_text("after", encoding="utf-8"))

    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "after"
    assert pipe.is_fifo()
    assert os.read(reader, 99) == b"after"
    os.close(reader)
