"""Another master key: every key wrapped anew in one transaction, nothing sealed again."""

from dataclasses import replace

from fs_risk.triage.ledger_book import Book
from fs_risk.triage.ledger_entries import Draft
from fs_risk.triage.ledger_keys import Master


def rekeyed(book: Book, new: bytes, draft: Draft) -> None:
    """Rotate the master key of a book, and add the entry that says so.

    Parameters
    ----------
    book : Book
    new : bytes
    draft : Draft
    """
    master, old = Master(new), book.master
    with book.writing() as rows:
        book.append_in(rows, [draft])
        for key_id, tag, wrapped in rows.wrapped_keys():
            key = book.unwrapped(key_id, tag, wrapped)
            rows.rewrap(key_id, master.wrap(key, book.about_key(key_id, tag)))
        head = book.head_of(rows, old)
        signed = replace(head, key_mark=master.mark)
        rows.move_head(head.number, signed, master.sign(signed.text))
    book.master = master
