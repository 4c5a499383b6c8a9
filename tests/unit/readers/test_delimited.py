"""CSV columns are found by their place, whatever their names, and rows by their number."""

import pytest

from fs_risk.readers.delimited import header_of, read_columns


def written(tmp_path, data):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        b"a, b ,c\n1,2,3\n",
        b"a,b,c,b\n1,2,3,9\n",
        b"\n\r\n\na,b,c\n1,2,3\n",
        b"\xef\xbb\xbfa;b;c\n1;2;3\n",
        '"a","b","c"\n1,2,3\n'.encode("utf-16"),
        b'a,b,"c\nd"\n1,2,3\n',
        "a,b,né\n1,2,é\n".encode("cp1252"),
    ],
)
def test_a_column_is_read_by_the_name_that_the_header_gives(tmp_path, data):
    path = written(tmp_path, data)
    names = header_of(path)
    frame, findings = read_columns(path, names[:2])

    assert names[:2] == ["a", "b"]
    assert frame[["a", "b"]].to_numpy().tolist() == [["1", "2"]]
    assert (frame["source_row"].to_list(), findings) == ([2], [])


def test_a_ragged_row_keeps_its_number_below_empty_lines(tmp_path):
    frame, findings = read_columns(written(tmp_path, b"\n\na,b\n1,2\n3\n4,5\n"), ["a"])

    assert frame["source_row"].to_list() == [2, 4]
    assert [found.rows for found in findings] == [(3,)]
