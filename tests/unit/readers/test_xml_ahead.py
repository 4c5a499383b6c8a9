"""Pieces whose elements are found ahead are those that are found one after the other."""

import numpy as np
import pytest

from fs_risk.errors import ReturnError
from fs_risk.readers.xml_ahead import pieces_with_elements
from fs_risk.readers.xml_source import BLOCK, pieces
from fs_risk.readers.xml_tokens import find_elements

RECORD = "<Child><A>text</A>\n<B/></Child>\n"
MANY = RECORD * (BLOCK // len(RECORD) + 1)


def written(tmp_path, text):
    path = tmp_path / "some.xml"
    path.write_text(text, encoding="utf-8")
    return path


def ahead(path):
    return list(pieces_with_elements(path, root="R", record="Child"))


@pytest.mark.parametrize(
    "text",
    [
        f"<R>{RECORD}</R>",
        f"<R>{MANY * 4}</R>",
        # the open elements change between pieces, so what was supposed is wrong
        f"<R><G>{MANY * 2}</G>{MANY * 2}<G><H>{MANY}</H>{MANY}</G></R>",
    ],
)
def test_elements_are_those_found_piece_by_piece(tmp_path, text):
    path = written(tmp_path, text)
    open_now, expected = (), []
    for piece in pieces(path, root="R", record="Child"):
        elements = find_elements(piece.data, open_now, str)
        expected.append((piece, elements))
        open_now = elements.still_open
    found = ahead(path)

    assert [piece for piece, _ in found] == [piece for piece, _ in expected]
    for (_, ours), (_, theirs) in zip(found, expected, strict=True):
        for name in ("name", "level", "parent", "offset", "text_from", "text_to", "stray"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
        assert (ours.n_open, ours.still_open) == (theirs.n_open, theirs.still_open)


def test_the_first_fault_of_a_file_is_told_though_later_ones_were_seen_before(tmp_path):
    text = f"<R>\n{MANY}<A></B>{MANY * 3}<!-- no end"
    line = text[: text.index("</B>")].count("\n") + 1

    with pytest.raises(ReturnError, match="does not match its start tag") as raised:
        ahead(written(tmp_path, text))
    assert raised.value.where == f"some.xml, line {line}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"<R>{MANY * 3}", "cut off"),
        (f"<R>{RECORD}</R><R>{RECORD}</R>", "more than one outermost"),
        (f"<R>{MANY * 3}</R><!-- no end", "inside a comment"),
    ],
)
def test_a_file_that_does_not_end_as_it_should_is_refused(tmp_path, text, fault):
    with pytest.raises(ReturnError, match=fault):
        ahead(written(tmp_path, text))
