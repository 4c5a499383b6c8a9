"""G2: whatever is done to a ledger it verifies; whatever is done behind its back is found."""

import shutil
import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import ledgers
from fs_risk.errors import LedgerError
from fs_risk.triage.ledger_keys import new_ledger_key
from ledgers import AUTHORITY, SAID, WHO, referral

CHILDREN = ("A", "B", "C")
TABLES = ("ledger_head", "ledger_entries", "ledger_contents", "ledger_keys")
OPERATIONS = st.one_of(
    st.tuples(st.just("score"), st.integers(0, 5)),
    st.tuples(st.just("decide"), st.integers(0, 5)),
    st.tuples(st.just("unscored"), st.sampled_from(CHILDREN)),
    st.tuples(st.just("rate"), st.sets(st.sampled_from(CHILDREN), min_size=1)),
    st.tuples(st.just("rectify"), st.integers(1, 25), st.booleans()),
    st.tuples(st.just("erase"), st.sampled_from(CHILDREN)),
    st.tuples(st.just("erase entry"), st.integers(1, 25)),
    st.tuples(st.just("expire"), st.sampled_from((0, 40, 400))),
    st.tuples(st.just("rotate"), st.none()),
    st.tuples(st.just("read"), st.sampled_from(CHILDREN)),
)


@pytest.fixture(scope="module")
def made(small_authority, small_model):
    """Six scores, two for each of three children."""
    some = ledgers.made_scores(small_authority, small_model, n=6)
    return [_as_of_child(one, CHILDREN[place % 3]) for place, one in enumerate(some)]


def _as_of_child(one, child):
    basis = one.basis
    object.__setattr__(basis, "referral", basis.referral.model_copy(update={"child_id": child}))
    return one._replace(score=one.score.model_copy(update={"child_id": child}))


class Expected:
    """What a ledger should hold, kept as plainly as can be."""

    def __init__(self):
        self.entries = {}  # number: (child, kind, day after which it is gone)
        self.count = 0

    def add(self, child, kind, until=None):
        self.count += 1
        self.entries[self.count] = (child, kind, until)

    def mine(self, child, today):
        held = [n for n, (c, _, until) in self.entries.items() if c == child and today <= until]
        return sorted(held)


def day_after(clock, days):
    return (clock.now + timedelta(days=days)).date()


class Worked:
    """A ledger and what it should hold, worked on side by side."""

    def __init__(self, folder, made, model):
        self.folder, self.made, self.model = folder, made, model
        self.clock = ledgers.Clock()
        self.ledger = ledgers.begin(folder, retain_days=365, clock=self.clock)
        self.expected = Expected()
        self.scored = defaultdict(list)  # score_id: numbers of its entries
        self.keys = 0

    @property
    def until(self):
        return day_after(self.clock, 365)

    def live(self, number):
        entry = self.expected.entries.get(number)
        return entry is not None and entry[0] is not None and self.clock.now.date() <= entry[2]

    def score(self, place):
        one = self.made[place]
        self.ledger.record_scores([one], model=self.model)
        self.expected.add(one.basis.referral.child_id, "score", self.until)
        self.scored[one.score.score_id].append(self.expected.count)

    def decide(self, place):
        score = self.made[place].score
        numbers = self.scored[score.score_id]
        if not numbers or not self.live(numbers[-1]):
            with pytest.raises(LedgerError, match=r"no score of that id|erased|expired"):
                self.ledger.record_decision(score, agreement="agrees", **SAID)
            return
        self.ledger.record_decision(score, agreement="agrees", **SAID)
        until = min(self.until, self.expected.entries[numbers[-1]][2])
        self.expected.add(score.child_id, "decision", until)

    def unscored(self, child):
        self.ledger.record_no_score_wanted(referral(1, child_id=child), **SAID)
        self.expected.add(child, "no_score_wanted", self.until)

    def rate(self, children):
        named = sorted(children)
        self.ledger.record_rating(
            named, family_id="F", on="2026-11-01", rating="high", team="N", **WHO
        )
        for child in named:
            self.expected.add(child, "rating", self.until)

    def rectify(self, number, keep):
        if not self.live(number):
            return
        child, kind, until = self.expected.entries[number]
        if kind not in ("decision", "no_score_wanted", "rating"):
            return
        self.ledger.rectify(number, {"reason": "Put right."}, keep_original=keep, **AUTHORITY)
        self.expected.add(child, f"rectification of {number}", until)
        last = self.expected.count
        if not keep:
            for other, (_, what, _) in list(self.expected.entries.items()):
                if other == number or (what == f"rectification of {number}" and other != last):
                    self.expected.entries[other] = (None, what, None)
            self.expected.add(None, "erasure")

    def erase(self, child, numbers=None):
        # what is past its date can still be erased: it is there until it is destroyed
        mine = [n for n, (c, _, _) in self.expected.entries.items() if c == child]
        if not mine:
            with pytest.raises(LedgerError, match="holds nothing of this child"):
                self.ledger.erase(child, **AUTHORITY)
            return
        gone = mine if numbers is None else numbers
        assert self.ledger.erase(child, entries=numbers, **AUTHORITY) == len(gone)
        for number in gone:
            self.expected.entries[number] = (None, self.expected.entries[number][1], None)
        self.expected.add(None, "erasure")

    def erase_entry(self, number):
        if self.expected.entries.get(number, (None,))[0] is not None:
            self.erase(self.expected.entries[number][0], [number])

    def expire(self, days):
        self.clock.on(days=days)
        today = self.clock.now.date()
        due = [n for n, (c, _, u) in self.expected.entries.items() if c is not None and u < today]
        assert self.ledger.expire(**AUTHORITY) == len(due)
        for number in due:
            self.expected.entries[number] = (None, self.expected.entries[number][1], None)
        if due:
            self.expected.add(None, "expiry")

    def rotate(self, _):
        self.keys += 1
        self.ledger.rotate_key(new_ledger_key(f"{self.folder}/{self.keys}.key"), **AUTHORITY)
        self.expected.add(None, "key_rotation")

    def read(self, child):
        mine = self.expected.mine(child, self.clock.now.date())
        held = self.ledger.subject_access(child)
        assert [entry["entry"] for entry in held.entries] == mine
        if len(mine) + held.withheld:
            self.expected.add(child, "subject_access", self.until)

    def check(self):
        assert self.ledger.verify() == []
        assert self.ledger.head.number == self.expected.count
        today = self.clock.now.date()
        for kinds, frame in (
            (("score",), self.ledger.scores()),
            (("decision", "no_score_wanted"), self.ledger.decisions()),
            (("rating",), self.ledger.ratings()),
        ):
            assert frame["entry"].to_list() == self.readable(kinds, today)

    def readable(self, kinds, today):
        """Give entries that stand: themselves, or a rectification of them."""
        held = {n: e for n, e in self.expected.entries.items() if e[0] and today <= e[2]}
        corrected = {what.split()[-1] for _, what, _ in held.values() if "rectification" in what}
        return [
            number
            for number, (_, what, _) in self.expected.entries.items()
            if what in kinds and (number in held or str(number) in corrected)
        ]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(operations=st.lists(OPERATIONS, min_size=3, max_size=18))
def test_any_sequence_of_operations_verifies(operations, made, small_model):
    with TemporaryDirectory() as folder:
        worked = Worked(folder, made, small_model)
        for name, *arguments in operations:
            getattr(worked, name.replace(" ", "_"))(*arguments)
            assert worked.ledger.verify() == []
        worked.check()
        worked.ledger.close()


@pytest.fixture(scope="module")
def original(tmp_path_factory, made, small_model):
    """A closed ledger with an entry of every kind, as one file, and its rows."""
    folder = tmp_path_factory.mktemp("original")
    worked = Worked(folder, made, small_model)
    for place in range(4):
        worked.score(place)
    worked.decide(0)
    worked.unscored("B")
    worked.rate({"A", "C"})
    worked.rectify(5, True)
    worked.read("A")
    worked.erase("C")
    worked.erase_entry(6)
    worked.check()
    worked.ledger.close()
    return Original(folder, contents(folder))


class Original(NamedTuple):
    folder: Path
    said: tuple

    def __repr__(self):
        return "<Original>"


def contents(folder):
    """Everything that the database says, or None where it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{folder}/ledger.db")) as db:
            schema = db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2")
            rows = {t: db.execute(f"SELECT * FROM {t} ORDER BY 1").fetchall() for t in TABLES}
            return schema.fetchall(), rows
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def is_found(folder, kept=None):
    """Whether the ledger refuses to open, or verification finds something."""
    try:
        opened = ledgers.reopen(folder)
    except LedgerError:
        return True
    found = opened.verify()
    opened.close()
    return bool(found)


def copied(original, folder):
    for name in ("ledger.db", "ledger.key"):
        shutil.copyfile(f"{original}/{name}", f"{folder}/{name}")


def change(folder, *statement):
    with closing(sqlite3.connect(f"{folder}/ledger.db", isolation_level=None)) as db:
        return db.execute(*statement).rowcount


def test_untouched_copy_is_whole(original, tmp_path):
    copied(original[0], tmp_path)

    assert not is_found(tmp_path)


def cells(rows):
    """Name every cell of the database: table, key column, key, column, value."""
    named = {
        "ledger_head": ("id", "ledger_id", "format", "layout", "retain_days", "number", "chain",
                        "key_mark", "signature"),
        "ledger_entries": ("number", "kind", "at", "key_id", "score_tag", "retain_until",
                           "content_hash", "chain"),
        "ledger_contents": ("number", "sealed"),
        "ledger_keys": ("key_id", "child_tag", "wrapped"),
    }  # fmt: skip
    return [
        (table, named[table][0], row[0], column, value)
        for table in TABLES
        for row in rows[table]
        for column, value in zip(named[table], row, strict=True)
        if (table, column) != ("ledger_head", "id")
    ]


def other_value(value, place, change):
    """Change one byte of a cell."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value ^ (1 << place % 8)
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    if not raw:
        return "x"
    at = place % len(raw)
    if isinstance(value, bytes):
        raw[at] ^= change
        return bytes(raw)
    letter = "0123456789abcdef"[change % 16]
    return value[:at] + (letter if letter != value[at] else "x") + value[at + 1 :]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(which=st.integers(0), place=st.integers(0, 4_000), by=st.integers(1, 255))
def test_any_changed_byte_of_a_cell_is_found(original, which, place, by):
    folder, (_, rows) = original
    table, key, name, column, value = cells(rows)[which % len(cells(rows))]
    with TemporaryDirectory() as work:
        copied(folder, work)
        try:
            changed = change(
                work, f"UPDATE {table} SET {column} = ? WHERE {key} = ?",
                (other_value(value, place, by), name),
            )  # fmt: skip
        except sqlite3.IntegrityError:
            assume(False)
        assert changed == 1
        assert is_found(work)


def test_every_cell_changed_emptied_or_of_another_type_is_found(original, tmp_path):
    folder, (_, rows) = original
    for table, key, name, column, value in cells(rows):
        others = (other_value(value, 3, 77), 7, b"\xff\x00") if table != "ledger_entries" else (7,)
        for other in others:
            if other == value:
                continue
            copied(folder, tmp_path)
            try:
                change(tmp_path, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (other, name))
            except sqlite3.IntegrityError:
                continue
            assert is_found(tmp_path), (table, name, column)


def test_every_deleted_row_is_found(original, tmp_path):
    folder, (_, rows) = original
    for table in TABLES:
        key = "key_id" if table == "ledger_keys" else "id" if table == "ledger_head" else "number"
        for row in rows[table]:
            copied(folder, tmp_path)
            change(tmp_path, f"DELETE FROM {table} WHERE {key} = ?", (row[0],))
            assert is_found(tmp_path), (table, row[0])


def test_last_entries_cut_off_are_found(original, tmp_path):
    folder, (_, rows) = original
    last = len(rows["ledger_entries"])
    for first in range(1, last + 1):
        copied(folder, tmp_path)
        for table in ("ledger_entries", "ledger_contents"):
            change(tmp_path, f"DELETE FROM {table} WHERE number >= ?", (first,))
        chain = rows["ledger_entries"][first - 2][-1] if first > 1 else ""
        change(tmp_path, "UPDATE ledger_head SET number = ?, chain = ?", (first - 1, chain))
        assert is_found(tmp_path), first


def test_any_two_rows_exchanged_are_found(original, tmp_path):
    folder, (_, rows) = original
    for table in ("ledger_entries", "ledger_contents"):
        numbers = [row[0] for row in rows[table]]
        for one in numbers:
            for other in {numbers[numbers.index(one) - 1], numbers[-1]} - {one}:
                copied(folder, tmp_path)
                for was, now in ((one, -1), (other, one), (-1, other)):
                    change(tmp_path, f"UPDATE {table} SET number = ? WHERE number = ?", (now, was))
                assert is_found(tmp_path), (table, one, other)


def test_added_rows_are_found(original, tmp_path):
    folder, (_, rows) = original
    last = len(rows["ledger_entries"])
    for table, new in (
        ("ledger_entries", (last + 1, *rows["ledger_entries"][-1][1:])),
        ("ledger_entries", (0, *rows["ledger_entries"][0][1:])),
        ("ledger_contents", (last + 1, rows["ledger_contents"][-1][1])),
        ("ledger_keys", ("f" * 32, "e" * 64, rows["ledger_keys"][0][2])),
        ("ledger_head", (2, *rows["ledger_head"][0][1:])),
    ):
        copied(folder, tmp_path)
        marks = ", ".join("?" * len(new))
        change(tmp_path, f"INSERT INTO {table} VALUES ({marks})", new)
        assert is_found(tmp_path), table


def test_keys_of_two_children_exchanged_are_found(original, tmp_path):
    folder, (_, rows) = original
    one, other = [row for row in rows["ledger_keys"] if row[1] is not None][:2]
    copied(folder, tmp_path)
    change(tmp_path, "UPDATE ledger_keys SET child_tag = 'x' WHERE key_id = ?", (one[0],))
    for row, theirs in ((other, one), (one, other)):
        change(
            tmp_path, "UPDATE ledger_keys SET child_tag = ?, wrapped = ? WHERE key_id = ?",
            (theirs[1], theirs[2], row[0]),
        )  # fmt: skip

    assert is_found(tmp_path)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0), by=st.integers(1, 255))
def test_any_byte_of_the_file_that_says_anything_is_found(original, place, by):
    """Bytes of unused space say nothing; every other one is found, or the file refused."""
    folder, before = original
    with TemporaryDirectory() as work:
        copied(folder, work)
        flip(f"{work}/ledger.db", place, by)
        if contents(work) == before:
            return
    with TemporaryDirectory() as work:  # reading may have mended or spoilt the first
        copied(folder, work)
        flip(f"{work}/ledger.db", place, by)
        assert is_found(work)


def flip(path, place, by):
    raw = bytearray(Path(path).read_bytes())
    raw[place % len(raw)] ^= by
    Path(path).write_bytes(raw)
