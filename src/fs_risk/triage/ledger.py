"""`Ledger`: what was scored, what was shown, and what people decided, for those who ask later."""

from pathlib import Path

from fs_risk.errors import LedgerError
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import Display
from fs_risk.triage.ledger_book import Book, Clock, system_clock
from fs_risk.triage.ledger_care import LedgerCare
from fs_risk.triage.ledger_keys import Master, read_master
from fs_risk.triage.ledger_reading import LedgerReading
from fs_risk.triage.ledger_store import Store
from fs_risk.triage.sealed import LedgerSeal


class Ledger(LedgerSeal, LedgerReading, LedgerCare):
    """A record of scores and decisions that is only ever added to.

    Each entry's hash holds the one before. Its content is encrypted under a key of the
    child it is about; destroying that key erases it, and the chain still verifies.

    Parameters
    ----------
    url : str
        An SQLAlchemy URL: ``sqlite:///ledger.db``, or PostgreSQL for a service.
    key_file : str or Path, optional
        The file that holds the master key, 64 hexadecimal digits; by default the
        environment variable ``FS_RISK_LEDGER_KEY`` holds them. It is never in the database.
    retain_days : int, optional
        Given once, to begin a ledger: how long entries may be read. Where the records say
        that a child's facts are to be kept a shorter time, that holds. There is no default:
        how long is a decision of information governance, and a slip in an address must not
        begin a second ledger.
    clock : callable, optional
        Gives the time, UTC; the system's by default.

    Raises
    ------
    LedgerError
        If there is no key, or it is another; if there is no ledger there and
        `retain_days` is not given; or if the ledger was kept for another time.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from fs_risk.triage.ledger_keys import new_ledger_key
    >>> with TemporaryDirectory() as folder:
    ...     key = new_ledger_key(Path(folder) / "ledger.key")
    ...     url = f"sqlite:///{Path(folder, 'ledger.db').as_posix()}"
    ...     ledger = Ledger(url, key_file=key, retain_days=365 * 7)
    ...     number = ledger.record_no_score_wanted(
    ...         {"referral_id": "R1", "child_id": "A", "referral_date": "2024-03-05"},
    ...         decision="assessment", reason="Known to us.", by="W17", role="duty manager",
    ...     )
    ...     found = number, ledger.verify(), ledger.decisions()["decision"].to_list()
    ...     ledger.close()
    >>> found
    (1, [], ['assessment'])
    """

    def __init__(
        self,
        url: str,
        *,
        key_file: str | Path | None = None,
        retain_days: int | None = None,
        clock: Clock = system_clock,
    ) -> None:
        master = Master(read_master(key_file))
        store = Store(url)
        try:
            self._book = _opened(store, master, retain_days, clock)
        except LedgerError:
            store.close()
            raise

    def close(self) -> None:
        """Let go of the database; an operation after it opens it again."""
        self._book.store.close()

    def __repr__(self) -> str:
        return f"<Ledger {self._book.store.place}>"

    def _repr_html_(self) -> str:
        kept = count_of(self._book.retain_days, "day")
        notes = [
            "What it holds is read with its methods, each of them noted: nothing is shown here."
        ]
        return Display(
            "Ledger of scores and decisions",
            [("at", self._book.store.place), ("kept for", kept)],
            notes=notes,
        ).html()


def _opened(store: Store, master: Master, retain_days: int | None, clock: Clock) -> Book:
    if not store.exists:
        Book.begin(store, master, _days(retain_days, store.place))
    book = Book(store, master, clock)
    if retain_days not in (None, book.retain_days):
        raise LedgerError(
            f"The ledger is kept for {count_of(book.retain_days, 'day')}, not {retain_days}.",
            where=store.place,
            fix="Leave out retain_days=, or begin another ledger.",
        )
    return book


def _days(retain_days: int | None, place: str) -> int:
    if isinstance(retain_days, int) and not isinstance(retain_days, bool) and retain_days > 0:
        return retain_days
    raise LedgerError(
        "There is no ledger there, and to begin one it must be said how long it is kept."
        if retain_days is None
        else "The time for which a ledger is kept is a whole number of days.",
        where=place,
        fix="Check the address; to begin a ledger there, pass retain_days= once, as your retention "
        "schedule says: retain_days=3650 is ten years.",
    )
