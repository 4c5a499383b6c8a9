"""Databases that something is written to, opened in one way."""

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from fs_risk.errors import FsRiskError


def engine_to_write(address: str, *, refused: type[FsRiskError], example: str) -> sa.Engine:
    """Give the engine of a database by its address.

    Parameters
    ----------
    address : str
        An SQLAlchemy URL. No message repeats it: it may hold a password.
    refused : type
        The error to raise.
    example : str
        An address that works, for the cure.

    Returns
    -------
    Engine
        To be disposed of by the caller.

    Raises
    ------
    FsRiskError
        As `refused`, if the address cannot be read or its driver is not installed.
    """
    try:
        # an engine's messages hold the values of a statement unless told not to
        return sa.create_engine(sa.make_url(address), hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise refused(
            "The database's address cannot be used.",
            fix=f"Give an SQLAlchemy URL, such as {example}, and install its driver.",
        ) from None
