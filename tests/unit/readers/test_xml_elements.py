"""Elements found with array operations agree with xml.etree, element by element."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import ReturnError
from fs_risk.readers.xml_source import pieces
from fs_risk.readers.xml_text import Lines, joined, texts, unescaped
from fs_risk.readers.xml_tokens import find_elements, fingerprint

NAMES = st.sampled_from(["A", "Bc", "CINdetails", "FactorsIdentifiedAtAssessment", "x" * 40])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)


def tree(name, inner):
    return name, inner


TREES = st.recursive(
    st.tuples(NAMES, WORDS),
    lambda deeper: st.tuples(NAMES, st.lists(deeper, max_size=4)),
    max_leaves=12,
)


def as_element(made):
    name, inner = made
    element = ET.Element(name)
    if isinstance(inner, str):
        element.text = inner
    else:
        element.extend(as_element(each) for each in inner)
    return element


def read_whole(data):
    """All elements as (name fingerprint, level, text), in document order."""
    elements = find_elements(data, (), str)
    from fs_risk.readers.xml_source import Piece

    piece = Piece(data, 1)
    found = unescaped(joined([texts(piece, elements, np.arange(len(elements.name)))]), "f")
    assert elements.still_open == ()
    return list(zip(elements.name.tolist(), elements.level.tolist(), found.fillna(""), strict=True))


@settings(max_examples=150)
@given(TREES)
def test_elements_are_those_of_elementtree(made):
    root = ET.Element("Root")
    root.append(as_element(made))
    data = ET.tostring(root, encoding="utf-8", xml_declaration=False)

    expected = []

    def walk(element, level):
        expected.append((fingerprint(element.tag), level, element.text or ""))
        for each in element:
            walk(each, level + 1)

    walk(root, 0)

    assert read_whole(data) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<a><b></a></b>", "does not match"),
        ("<a></a></b>", "no start tag"),
        ("<a><b</a>", "inside another|cut off|does not match"),
        ("<a><b", "cut off"),
        ("<></>", "no name"),
        ("<a>" * 100 + "</a>" * 100, "too deeply"),
    ],
)
def test_text_that_is_not_well_formed_is_refused_with_its_place(text, fault):
    with pytest.raises(ReturnError, match=fault):
        find_elements(text.encode(), (), lambda offset: f"at {offset}")


def test_text_between_elements_is_found():
    data = b"<a> <b>1</b>stray\n <c/> more </a>"

    assert len(find_elements(data, (), str).stray) == 2


def test_lines_are_those_of_the_start_tags():
    data = b"<a>\n <b>1</b>\n\n <b>2</b></a>"
    from fs_risk.readers.xml_source import Piece

    elements = find_elements(data, (), str)

    assert Lines(Piece(data, 10)).at(elements.offset).tolist() == [10, 11, 13]


def written(tmp_path, data):
    path = tmp_path / "f.xml"
    path.write_bytes(data)
    return path


def joined_pieces(path):
    return b"".join(piece.data for piece in pieces(path, root="R", record="Child"))


def test_comments_and_instructions_go_and_their_lines_stay(tmp_path):
    data = b'<?xml version="1.0"?>\n<R><!-- a\n</Child> -->\n<Child><![CDATA[a<b]]></Child></R>'

    assert joined_pieces(written(tmp_path, data)) == b"\n<R>\n\n<Child>a&lt;b</Child></R>"


def test_attributes_and_prefixes_go(tmp_path):
    data = b'<n:R xmlns:n="urn:x"><n:Child id="1>2"\n x=\'y\'/></n:R>'

    assert joined_pieces(written(tmp_path, data)) == b"<R><Child\n/></R>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_declared_encoding_is_read(tmp_path, encoding):
    declared = "" if encoding.startswith("utf") else f'<?xml version="1.0" encoding="{encoding}"?>'
    data = (declared + "<R><Child>é</Child></R>").encode(encoding)

    assert "é".encode() in joined_pieces(written(tmp_path, data))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"<!DOCTYPE R [<!ENTITY a 'b'>]><R><Child/></R>", "declares a document type"),
        (b"<R><!ENTITY a 'b'><Child/></R>", "declares a document type"),
        (b"<R><!-- <Child/></R>", "ends inside a comment"),
        (b"", "before its first element"),
        (b"PK\x03\x04\x00\x00", "not XML text"),
        (b"<R>\x01<Child/></R>", "not XML text"),
        (b"\xff\xfe\x00", "not XML text"),
        (b"<R>\xe9<Child/></R>", "not XML text"),
        (b'<?xml version="1.0" encoding="klingon"?><R/>', "encoding that is not read"),
        (b"<Other><Child/></Other>", "outermost element is not R"),
        (b"name,date\n1,2\n", "not XML text"),
    ],
)
def test_a_file_that_is_not_this_xml_is_refused(tmp_path, data, fault):
    with pytest.raises(ReturnError, match=fault):
        joined_pieces(written(tmp_path, data))


def test_pieces_end_with_whole_records_and_keep_count_of_lines(tmp_path, monkeypatch):
    monkeypatch.setattr("fs_risk.readers.xml_source.BLOCK", 50)
    data = b"<R>\n" + b"".join(b"<Child>%d</Child>\n" % n for n in range(40)) + b"</R>"

    found = list(pieces(written(tmp_path, data), root="R", record="Child"))

    assert len(found) > 5
    assert all(piece.data.endswith(b"</Child>") for piece in found[:-1])
    assert b"".join(piece.data for piece in found) == data
    for piece in found:
        before = data[: data.index(piece.data)].count(b"\n")
        assert piece.line == before + 1
