"""What a meeting writes down and runs again: models that are kept in a file of JSON."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ValidationError

from fs_risk.errors import SettingError
from fs_risk.records.counts_in_words import count_of


class KeptInAFile(BaseModel):
    """A model that is saved as JSON and read again, refused with the cure where it is none."""

    _called: ClassVar[str] = "file"
    _cure: ClassVar[str] = "Save it again."

    def save(self, path: str | Path) -> Path:
        """Write it as JSON.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path
        """
        to = Path(path)
        to.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        return to

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read one that was saved, or written by hand.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Self

        Raises
        ------
        SettingError
            If the file is not there or holds something else.
        """
        try:
            return cls.model_validate_json(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingError(
                f"The file of a {cls._called} cannot be read: {error.strerror}.",
                where=Path(path).name,
                fix="Check the path.",
            ) from None
        except (UnicodeDecodeError, ValidationError) as error:
            count = error.error_count() if isinstance(error, ValidationError) else 1
            raise SettingError(
                f"The file is not a {cls._called} ({count_of(count, 'fault')}).",
                where=Path(path).name,
                fix=cls._cure,
            ) from None
