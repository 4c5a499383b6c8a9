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


def out_of(
    count: int, whole: int, one: str, many: str | None = None, *, does: str = "is", do: str = "are"
) -> str:
    """Write how many of how many, with the noun of all and the verb of those counted.

    Parameters
    ----------
    count, whole : int
    one : str
        What stands after a whole of 1.
    many : str, optional
        What stands after any other whole; by default `one` with an s.
    does, do : str, default="is", "are"
        The verb after a count of 1, and after any other.

    Returns
    -------
    str

    Examples
    --------
    >>> out_of(1, 5, "row", does="has", do="have"), out_of(2, 5, "row"), out_of(1, 1, "row")
    ('1 of 5 rows has', '2 of 5 rows are', '1 of 1 row is')
    """
    return f"{count:,} of {count_of(whole, one, many)} {does if count == 1 else do}"
