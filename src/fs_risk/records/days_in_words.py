"""Days in words, the same on every machine.

`strftime` is not: ``%-d`` is an error on Windows, and the names of months follow the machine's
language.
"""

from datetime import date

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def day_words(day: str | date, *, short: bool = False) -> str:
    """Say a day.

    Parameters
    ----------
    day : str or date
        As a string an ISO date; a timestamp is a date too.
    short : bool, default=False

    Examples
    --------
    >>> day_words("2024-03-07"), day_words("2024-03-07", short=True)
    ('7 March 2024', '7 Mar 2024')
    """
    when = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{when.day} {month_words(when, short=short)}"


def month_words(day: date, *, short: bool = False) -> str:
    """Name the month of a day, with its year.

    Parameters
    ----------
    day : date
    short : bool, default=False

    Examples
    --------
    >>> month_words(date(2024, 3, 1)), month_words(date(2024, 3, 1), short=True)
    ('March 2024', 'Mar 2024')
    """
    month = _MONTHS[day.month - 1]
    return f"{month[:3] if short else month} {day.year}"
