"""Text that a person or a spreadsheet saved, whatever encoding the program chose."""

import codecs


def decoded_text(saved: bytes, *, spreadsheet: bool = False) -> str:
    """Decode UTF-8, or the UTF-16 that older PowerShells write, without the mark before it.

    Parameters
    ----------
    saved : bytes
    spreadsheet : bool, default=False
        Whether what is not UTF-8 may be Windows' own code page, as plain CSV of Excel is.

    Returns
    -------
    str

    Raises
    ------
    UnicodeDecodeError
        If it is none of these.

    Examples
    --------
    >>> decoded_text("Zoë".encode("utf-8-sig")), decoded_text("Zoë".encode("utf-16"))
    ('Zoë', 'Zoë')
    >>> decoded_text("Zoë".encode("cp1252"), spreadsheet=True)
    'Zoë'
    """
    if saved.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return saved.decode("utf-16")
    try:
        return saved.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not spreadsheet:
            raise
        return saved.decode("cp1252")
