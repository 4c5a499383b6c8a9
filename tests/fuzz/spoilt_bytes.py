"""What goes wrong with a whole file: bits, cuts, encodings, line endings, archives."""

import io
import zipfile
from collections.abc import Callable
from random import Random

Finish = Callable[[bytes], bytes]


def _at(data: bytes, share: float) -> int:
    return min(int(share * len(data)), max(len(data) - 1, 0))


def _flipped(luck: Random) -> Finish:
    share, bit = luck.random(), 1 << luck.randrange(8)

    def finish(data: bytes) -> bytes:
        at = _at(data, share)
        return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :] if data else data

    return finish


def _replaced(luck: Random) -> Finish:
    share, byte = luck.random(), luck.choice(b"\0\t\n\r\"'<>&,;=/\x80\xff\x1a ") & 255
    return lambda data: data[: _at(data, share)] + bytes([byte]) + data[_at(data, share) + 1 :]


def _inserted(luck: Random) -> Finish:
    share, length = luck.random(), luck.randint(1, 4)
    added = bytes(
        luck.choice((luck.randrange(256), luck.choice(b'\0\n\r"<>&,'))) for _ in range(length)
    )
    return lambda data: data[: _at(data, share)] + added + data[_at(data, share) :]


def _deleted(luck: Random) -> Finish:
    share, length = luck.random(), luck.choice((1, 1, 2, 5, 40, 400))
    return lambda data: data[: _at(data, share)] + data[_at(data, share) + length :]


def _moved(luck: Random) -> Finish:
    share, to, length = luck.random(), luck.random(), luck.choice((3, 30, 300))

    def finish(data: bytes) -> bytes:
        at, target = _at(data, share), _at(data, to)
        return data[:target] + data[at : at + length] + data[target:]

    return finish


def _cut(luck: Random) -> Finish:
    share = luck.choice((0.0, luck.random(), 1 - luck.random() / 50))
    return lambda data: data[: _at(data, share)]


def _cut_head(luck: Random) -> Finish:
    share = luck.random() / 10
    return lambda data: data[_at(data, share) :]


BYTES = (_flipped, _replaced, _inserted, _deleted, _moved, _cut, _cut_head)
"""For files of any kind."""


def _recoded(luck: Random) -> Finish:
    encoding = luck.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "utf-8-sig", "utf-32", "utf-7")
    )
    return lambda data: data.decode("utf-8", "replace").encode(encoding, "replace")


def _marked(luck: Random) -> Finish:
    mark = luck.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf" * 2, b"\n\n"))
    return lambda data: mark + data


def _ended(luck: Random) -> Finish:
    ending = luck.choice((b"\r\n", b"\r", b"\n\n", b"\n\r", b" \n", b"\x85", b"\n \n"))
    return lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", ending)


def _padded(luck: Random) -> Finish:
    tail = luck.choice((b"\n" * 50, b"\0" * 100, b"\x1a", b" " * 100, b"trailing", b",,,,\n"))
    return lambda data: data + tail


TEXTS = (_recoded, _marked, _ended, _padded)
"""For files that are text."""


def _rezipped(luck: Random) -> Finish:
    """Spoil one part of an archive, and pack it again as a whole one."""
    choice, spoil = luck.random(), luck.choice((*BYTES, _absent, _in_sheet, _in_sheet))(luck)

    def finish(data: bytes) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as old:
                parts = [(name, old.read(name)) for name in old.namelist()]
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError):
            return data
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as new:
            for number, (name, part) in enumerate(parts):
                chosen = number == int(choice * len(parts))
                new.writestr(name, spoil(part) if chosen else part)
        return target.getvalue()

    return finish


def _absent(luck: Random) -> Finish:
    return lambda data: b""


def _in_sheet(luck: Random) -> Finish:
    old, new = luck.choice(
        (
            (b'r="', b'r="Z'),
            (b'r="', b'r="-'),
            (b"<v>4", b"<v>9"),
            (b"<v>", b"<v>-"),
            (b"<v>", b"<v>1e308"),
            (b"<v>", b"<v>x"),
            (b' t="s"', b""),
            (b' t="n"', b' t="d"'),
            (b' t="inlineStr"', b' t="e"'),
            (b"<row", b'<row hidden="1"'),
            (b"<c ", b'<c s="99" '),
            (b"<f>", b"<f>1/0"),
            (b"<sheetData>", b"<sheetData><row/>"),
        )
    )
    count = luck.choice((1, 1, 5, 50))
    return lambda data: data.replace(old, new, count)


ARCHIVES = (_rezipped, _rezipped, _rezipped, *BYTES)
"""For workbooks."""
