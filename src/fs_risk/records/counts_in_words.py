"""Counts with their nouns, so that a sentence about one child does not speak of children."""


def count_of(count: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun, or with a noun and its verb.

    Parameters
    ----------
    count : int
    one : str
        What stands after 1.
    many : str, optional
        What stands after any other count; by default `one` with an s.

    Returns
    -------
    str

    Examples
    --------
    >>> count_of(1, "child", "children"), count_of(2, "gap"), count_of(0, "gap is", "gaps are")
    ('1 child', '2 gaps', '0 gaps are')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
