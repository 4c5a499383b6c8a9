"""The returns that records can be written as: methods of `Records`, each through its writer."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from fs_risk.records.records import Records


class Written:
    """What `Records` can be written as.

    ``messy=True`` writes the mess of real exports, on purpose and the same for the same
    seed: what can be put right reads as if it had been clean, the rest is reported by
    the reader. It is for tests of readers, and of whatever comes before them.
    """

    def to_ssd(self, target: str | Path, *, messy: bool = False, seed: int = 0) -> Path | None:
        """Write the Standard Safeguarding Dataset: a folder of CSV files, or into a database.

        Parameters
        ----------
        target : str or Path
            A folder, made if it does not exist, of which files of the same names are
            replaced; or an SQLAlchemy URL of a database that holds none of the tables.
        messy : bool, default=False
        seed : int, default=0

        Returns
        -------
        Path or None
            The folder; None for a database.

        Raises
        ------
        RecordsError
            If the database holds one of the tables, or cannot be written.
        """
        from fs_risk.records.writing.ssd import write_ssd

        chosen = _chosen(messy, seed)
        if isinstance(target, str) and "://" in target:
            from fs_risk.records.writing.ssd_database import write_ssd_database

            write_ssd_database(_records(self), target, chosen)
            return None
        return write_ssd(_records(self), Path(target), chosen)

    def to_annex_a(self, path: str | Path, *, messy: bool = False, seed: int = 0) -> Path:
        """Write an Annex A workbook: what its lists can hold.

        Parameters
        ----------
        path : str or Path
            Ending in ``.xlsx``; replaced if it exists.
        messy : bool, default=False
        seed : int, default=0

        Returns
        -------
        Path
        """
        from fs_risk.records.writing.annex_a import write_annex_a

        return write_annex_a(_records(self), Path(path), _chosen(messy, seed))

    def to_cin_census(
        self, folder: str | Path, *, messy: bool = False, seed: int = 0
    ) -> list[Path]:
        """Write one Children in need census XML file for each reporting year observed.

        Parameters
        ----------
        folder : str or Path
            Made if it does not exist.
        messy : bool, default=False
        seed : int, default=0

        Returns
        -------
        list of Path
            The files, earliest year first.
        """
        from fs_risk.records.writing.cin_census import write_cin_census

        return write_cin_census(_records(self), Path(folder), _chosen(messy, seed))

    def to_ssda903(self, folder: str | Path, *, messy: bool = False, seed: int = 0) -> list[Path]:
        """Write the SSDA903 return as CSV files, a set for each reporting year observed.

        Parameters
        ----------
        folder : str or Path
            Made if it does not exist; files of the same names are replaced.
        messy : bool, default=False
        seed : int, default=0

        Returns
        -------
        list of Path
            The files, earliest year first.
        """
        from fs_risk.records.writing.ssda903 import write_ssda903

        return write_ssda903(_records(self), Path(folder), _chosen(messy, seed))


def _records(written: Written) -> "Records":
    return cast("Records", written)


def _chosen(messy: bool, seed: int) -> int | None:
    """Give the seed of the mess; None for none."""
    return seed if messy else None
