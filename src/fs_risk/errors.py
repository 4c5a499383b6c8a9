"""The error family: each error says what is wrong, where, and what to do about it.

::

    FsRiskError                 1
    ├── ReturnError            10   a file or database is not the return it should be
    ├── RecordsError           11   tables cannot be used as they are
    ├── FeatureError           12   a feature cannot be built
    ├── OutcomeError           13   an outcome is not known, or not yet
    ├── PlanError              14   a plan cannot be carried out on these records
    ├── ArtefactError          15   what was saved is damaged, foreign or of another release
    ├── ReferralError          16   a referral cannot be read
    ├── AuditError             17   no honest figure can be given
    ├── SettingError           18   an argument or setting is not possible
    ├── LedgerError            19   the ledger cannot be opened, written or trusted
    └── ApprovalError          20   a decision about a model cannot be taken, or read

The number is the exit code of the command line. Messages never hold a child's
identifier, name, date or value: line numbers lead the analyst to them.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import partial
from typing import Any


class FsRiskError(Exception):
    """Base of all errors that a user can put right.

    Parameters
    ----------
    what : str
        The fact: what is wrong, with counts.
    where : str, default=""
        File, table, column, line numbers.
    fix : str
        What to do, as one imperative sentence.

    Examples
    --------
    >>> raise ReturnError(
    ...     "The folder holds no SSD table.", where="extract/", fix="Export ssd_person.csv to it."
    ... )
    Traceback (most recent call last):
    fs_risk.errors.ReturnError: The folder holds no SSD table.
      Where: extract/
      Fix:   Export ssd_person.csv to it.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", fix: str) -> None:
        self.what, self.where, self.fix = what, where, fix
        lines = [what, f"  Where: {where}" if where else "", f"  Fix:   {fix}"]
        super().__init__("\n".join(line for line in lines if line))

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error come back from a worker process."""
        return partial(type(self), self.what, where=self.where, fix=self.fix), ()


class ReturnError(FsRiskError):
    """A file, folder or database is not the return that it should be."""

    exit_code = 10


class RecordsError(FsRiskError):
    """Tables cannot be used as they are: a column is missing, ids collide."""

    exit_code = 11


class FeatureError(FsRiskError):
    """A feature cannot be built from these records and cases."""

    exit_code = 12


class OutcomeError(FsRiskError):
    """An outcome is not known, or not yet."""

    exit_code = 13


class PlanError(FsRiskError):
    """A plan cannot be carried out on these records."""

    exit_code = 14


class ArtefactError(FsRiskError):
    """A saved model or history is damaged, foreign, or of a release that cannot be read."""

    exit_code = 15


class ReferralError(FsRiskError):
    """A referral to be scored cannot be read."""

    exit_code = 16


class AuditError(FsRiskError):
    """No honest figure can be given for what was asked."""

    exit_code = 17


class SettingError(FsRiskError):
    """An argument or setting is not possible."""

    exit_code = 18


class LedgerError(FsRiskError):
    """The ledger cannot be opened, written to, or trusted."""

    exit_code = 19


class ApprovalError(FsRiskError):
    """A decision about a model cannot be taken, written or read."""

    exit_code = 20


def wanted(
    value: object,
    *kinds: type | str,
    argument: str,
    fix: str,
    error: type[FsRiskError] = SettingError,
) -> None:
    """Refuse an argument that is of another kind, as when two changed places.

    Parameters
    ----------
    value : object
        What was passed.
    *kinds : type or str
        What may be passed; by its name where loading the class would cost much.
    argument : str
        Its name.
    fix : str
        How to come by the right thing.
    error : type, default=SettingError
        What is raised.

    Raises
    ------
    FsRiskError
        Of the kind named by `error`, if the value is of none of the kinds.

    Examples
    --------
    >>> wanted(9, int, argument="capacity", fix="Pass capacity=9.")
    >>> wanted("nine", int, argument="capacity", fix="Pass capacity=9.")
    Traceback (most recent call last):
    fs_risk.errors.SettingError: capacity is of type str; int is wanted.
      Where: capacity=
      Fix:   Pass capacity=9.
    """
    classes = tuple(kind for kind in kinds if isinstance(kind, type))
    own = {base.__name__ for base in type(value).__mro__}
    if not isinstance(value, classes) and not own.intersection(map(str, kinds)):
        names = [kind if isinstance(kind, str) else kind.__name__ for kind in kinds]
        given = "None" if value is None else f"of type {type(value).__name__}"
        raise error(
            f"{argument} is {given}; {' or '.join(names)} is wanted.",
            where=f"{argument}=",
            fix=fix,
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """Name the known words closest to a misspelt one, as the end of a sentence.

    Parameters
    ----------
    word : str
        What was written.
    known : iterable of str
        What could have been meant.

    Returns
    -------
    str
        `` Did you mean 'a' or 'b'?``, or an empty text when nothing is close.

    Examples
    --------
    >>> nearest("referal_date", ["referral_date", "child_id"])
    " Did you mean 'referral_date'?"
    """
    close = get_close_matches(word, list(known), n=3)
    return f" Did you mean {' or '.join(repr(match) for match in close)}?" if close else ""
