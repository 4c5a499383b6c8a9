"""How the attributes of an audit are called, where their own name does not do."""

ATTRIBUTES = {
    "age_band": "age",
    "ethnicity_18": "ethnicity in full",
}


def attribute_words(attribute: object) -> str:
    """Name an attribute, or a pair of them.

    Parameters
    ----------
    attribute : object
        As it is named in an audit's tables.

    Examples
    --------
    >>> attribute_words("age_band"), attribute_words("sex & ethnicity_18")
    ('age', 'sex & ethnicity in full')
    """
    parts = str(attribute).split(" & ")
    return " & ".join(ATTRIBUTES.get(part, part.replace("_", " ")) for part in parts)
