"""What goes wrong in one cell: nothing, garbage, formulas, days that cannot be."""

import re
from random import Random

GARBAGE = (
    "",
    " ",
    "\xa0",
    "  \xa0 ",
    "NULL",
    "null",
    "None",
    "nan",
    "NaN",
    "#N/A",
    "#REF!",
    "-",
    "--",
    "?",
    "N/A",
    "Not known",
    "0",
    "-1",
    "1.0",
    "1e308",
    "-0.0",
    "99999999999999999999999",
    "inf",
    "True",
    "yes",
    "y",
    "F",
    "=1+1",
    "=HYPERLINK(0)",
    "+A1",
    "-A1",
    "@SUM(A1)",
    "'text",
    "' 00012",
    "a\tb",
    "£é€ñ",
    "\u202etxet",
    "\u200b",
    "\ufeffX",
    "İı",
    "😀",
    "Ａ１",
    "٣",
    "²",
    "{}",
    "[]",
    '["3B", null]',
    '{"a": [1',
    "null]",
    "<b>",
    "&amp;",
    "%s",
    "\\",
    "/",
    "#2",
    "X" * 300,
    "1" * 40,
    "/" * 30,
    "3B,4B",
    "3b;21",
    "1A|1B",
)

DAYS = (
    "1900-01-01",
    "01/01/1900",
    "1899-12-31",
    "0000-00-00",
    "0001-01-01",
    "00/00/0000",
    "31/02/2024",
    "2024-02-30",
    "29/02/2023",
    "32/01/2024",
    "2024-13-01",
    "13/13/2024",
    "2262-04-12",
    "9999-12-31",
    "31/12/9999",
    "2999-01-01",
    "2099-12-31",
    "12/31/2024",
    "1/2/24",
    "01-Feb-2024",
    "1 February 2024",
    "01-Foo-2024",
    "20240201",
    "2024-2-1",
    "2024/02/01",
    "01.02.2024",
    "2024-02-01T00:00:00",
    "2024-02-01 23:59:59.999",
    "2024-02-01T00:00:00+01:00",
    "2024-02-01 garbage",
    "45323",
    "45323.5",
    "99999",
    "10000",
    "-45323",
    "1234567",
    "today",
    "2024",
    "2024-02",
    "٢٠٢٤-٠٢-٠١",
    "1066-10-14",
)

_LOOKS_DATED = re.compile(r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}")


def looks_dated(text: str) -> bool:
    return bool(_LOOKS_DATED.match(text))


def other_day(luck: Random) -> str:
    if luck.random() < 0.6:
        return luck.choice(DAYS)
    year, month, day = luck.randint(1850, 2120), luck.randint(1, 12), luck.randint(1, 31)
    return luck.choice((f"{year}-{month:02}-{day:02}", f"{day:02}/{month:02}/{year}"))


def other_text(luck: Random, text: str) -> str:
    """Spoil a cell's text in one of many ways."""
    ways = (
        lambda: luck.choice(GARBAGE),
        lambda: luck.choice(GARBAGE),
        lambda: other_day(luck),
        lambda: text + luck.choice((" ", "\xa0", ".0", "0", "x", "#2", "/", "'")),
        lambda: luck.choice((" ", "\xa0", "'", "0", "-", "=")) + text,
        lambda: text.swapcase(),
        lambda: text[::-1],
        lambda: text[: luck.randint(0, max(len(text), 1))],
        lambda: text * 2,
        lambda: "".join(chr(luck.choice((luck.randint(32, 126), 0xA0, 0x3A9))) for _ in range(6)),
    )
    return luck.choice(ways)()
