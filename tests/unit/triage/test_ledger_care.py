"""The ledger proves itself whole, forgets on authority, and opens with its own key alone."""

import gc
import sqlite3
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pandas as pd
import pytest

import fs_risk as fs
import ledgers
from fs_risk.errors import LedgerError
from fs_risk.triage import ledger_sqlite
from fs_risk.triage.ledger_keys import KEY_VARIABLE
from ledgers import AUTHORITY, SAID, WHO, referral


@pytest.fixture
def filled(ledger, given, small_model):
    """A score with a decision, a second child's score, a decision without one, a rating."""
    ledger.record_scores(given[:2], model=small_model)
    ledger.record_decision(given[0].score, agreement="agrees", **SAID)
    ledger.record_no_score_wanted(referral(1), **SAID)
    ledger.record_rating(
        [given[0].score.child_id, "sib"], family_id="F", on="2026-11-01", rating="high",
        team="North", **WHO,
    )  # fmt: skip
    return ledger


def database(folder):
    return closing(sqlite3.connect(folder / "ledger.db", isolation_level=None))


def bytes_on_disk(folder):
    return b"".join(path.read_bytes() for path in folder.glob("ledger.db*"))


class TestErasure:
    def test_of_a_child_leaves_a_chain_that_verifies(self, filled, given, small_model):
        score = given[0].score

        erased = filled.erase(score.child_id, **AUTHORITY)

        assert erased == 3
        assert filled.verify() == []
        assert filled.replay(score.score_id, model=small_model).verdict == "ERASED"
        assert filled.subject_access(score.child_id).entries == ()
        for frame in (filled.scores(), filled.decisions(), filled.ratings()):
            assert score.child_id not in frame["child_id"].to_list()

    def test_touches_no_other_child(self, filled, given, small_model):
        filled.erase(given[0].score.child_id, **AUTHORITY)

        assert filled.replay(given[1].score.score_id, model=small_model).verdict == "SAME"
        assert filled.ratings()["child_id"].to_list() == ["sib"]

    def test_destroys_key_and_content_on_disk(self, filled, given, tmp_path):
        score = given[0].score
        with database(tmp_path) as db:
            key_id = db.execute("SELECT key_id FROM ledger_entries WHERE number = 1").fetchone()
            wrapped = db.execute("SELECT wrapped FROM ledger_keys WHERE key_id = ?", key_id)
            secret = wrapped.fetchone()[0]
            contents = [row[0] for row in db.execute(
                "SELECT sealed FROM ledger_contents JOIN ledger_entries USING (number) "
                "WHERE key_id = ?", key_id)]  # fmt: skip
        assert secret in bytes_on_disk(tmp_path)

        filled.erase(score.child_id, **AUTHORITY)

        left = bytes_on_disk(tmp_path)
        assert secret not in left
        assert not any(content[:64] in left for content in contents)

    def test_says_by_whose_authority_and_not_of_whom(self, filled, given, tmp_path):
        child = given[0].score.child_id
        filled.erase(child, **AUTHORITY)

        last = filled._book.read(kinds=("erasure",))[-1]
        assert last.content["authority"] == "IG 2026/12"
        assert last.content["entries"] == [1, 3, 5]
        assert child not in str(last.content)

    def test_of_one_entry_keeps_the_others(self, filled, given, small_model):
        filled.erase(given[0].score.child_id, entries=[3], **AUTHORITY)

        assert filled.verify() == []
        assert filled.replay(given[0].score.score_id, model=small_model).verdict == "SAME"
        assert filled.decisions()["kind"].to_list() == ["no_score_wanted"]

    def test_of_every_entry_destroys_the_key_too(self, filled, given, tmp_path):
        filled.erase(given[0].score.child_id, entries=[1, 3, 5], **AUTHORITY)

        with database(tmp_path) as db:
            (keys,) = db.execute("SELECT count(*) FROM ledger_keys").fetchone()
        assert keys == 2 + 3
        assert filled.verify() == []

    def test_of_somebody_elses_entry_is_refused(self, filled, given):
        with pytest.raises(LedgerError, match="nothing of this child, or not in these entries"):
            filled.erase(given[0].score.child_id, entries=[2], **AUTHORITY)
        with pytest.raises(LedgerError, match="nothing of this child") as caught:
            filled.erase("nobody-at-all", **AUTHORITY)
        assert "nobody-at-all" not in str(caught.value)
        assert filled.head.number == 6

    def test_nothing_more_is_recorded_about_an_erased_score(self, filled, given):
        filled.erase(given[0].score.child_id, **AUTHORITY)

        with pytest.raises(LedgerError, match="The score is erased"):
            filled.record_decision(given[0].score, agreement="agrees", **SAID)

    def test_child_referred_again_begins_anew(self, filled, given, small_model):
        filled.erase(given[0].score.child_id, **AUTHORITY)
        filled.record_scores(given[:1], model=small_model)

        assert filled.replay(given[0].score.score_id, model=small_model).verdict == "SAME"
        assert len(filled.subject_access(given[0].score.child_id).entries) == 1
        assert filled.verify() == []

    def test_that_comes_back_from_a_copy_is_found(self, filled, given, tmp_path):
        with database(tmp_path) as db:
            contents = db.execute("SELECT * FROM ledger_contents").fetchall()
            keys = db.execute("SELECT * FROM ledger_keys").fetchall()
        filled.erase(given[0].score.child_id, **AUTHORITY)
        with database(tmp_path) as db:
            db.executemany("INSERT OR REPLACE INTO ledger_keys VALUES (?, ?, ?)", keys)
            db.execute("INSERT OR IGNORE INTO ledger_contents VALUES (?, ?)", contents[0])

        assert "erased and is there again" in " ".join(map(str, filled.verify()))


class TestRectification:
    def test_corrects_what_a_person_recorded(self, filled):
        number = filled.rectify(3, {"decision": "early_help"}, **AUTHORITY)

        frame = filled.decisions().set_index("entry")
        assert number == 7
        assert frame.loc[3, ["decision", "rectified"]].to_list() == ["early_help", True]
        assert frame.loc[3, "reason"] == SAID["reason"]
        assert filled.verify() == []

    def test_the_last_one_holds(self, filled):
        filled.rectify(5, {"rating": "low"}, **AUTHORITY)
        filled.rectify(5, {"team": "South"}, **AUTHORITY)

        row = filled.ratings().set_index("entry").loc[5]
        assert row[["rating", "team"]].to_list() == ["low", "South"]

    def test_can_destroy_every_earlier_wording(self, filled, given):
        filled.rectify(3, {"reason": "Wrong, and hurtful."}, **AUTHORITY)
        filled.rectify(3, {"reason": "Corrected."}, keep_original=False, **AUTHORITY)

        held = filled.subject_access(given[0].score.child_id)
        assert "Two calls" not in str(held.entries)
        assert "hurtful" not in str(held.entries)
        assert filled.decisions().set_index("entry").loc[3, "reason"] == "Corrected."
        assert filled.verify() == []

    def test_of_a_score_is_a_note_beside_it(self, filled, given, small_model):
        filled.rectify(1, {"note": "The first contact was another family's."}, **AUTHORITY)

        assert "another family's" in filled.scores().set_index("entry").loc[1, "note"]
        assert filled.replay(given[0].score.score_id, model=small_model).verdict == "SAME"

    @pytest.mark.parametrize(
        ("entry", "changes", "more", "match"),
        [
            (1, {"probability": 0.1}, {}, "nothing can be changed"),
            (1, {"note": "x"}, {"keep_original": False}, "cannot be rewritten"),
            (3, {"decision": "close"}, {}, "not one of its values"),
            (3, {"child_id": "B"}, {}, "a field that is not known"),
            (99, {"decision": "advice"}, {}, "no such entry"),
        ],
    )
    def test_what_cannot_be_rectified_is_refused(self, filled, entry, changes, more, match):
        with pytest.raises(LedgerError, match=match):
            filled.rectify(entry, changes, **AUTHORITY, **more)
        assert filled.head.number == 6

    def test_of_a_rectification_is_refused(self, filled):
        number = filled.rectify(3, {"decision": "early_help"}, **AUTHORITY)

        with pytest.raises(LedgerError, match="not rectified"):
            filled.rectify(number, {"decision": "advice"}, **AUTHORITY)


class TestRetention:
    def test_every_entry_carries_its_date(self, filled, tmp_path):
        with database(tmp_path) as db:
            dates = db.execute("SELECT retain_until FROM ledger_entries").fetchall()

        # ten years less two leap days, from 2 November 2026
        assert {date for (date,) in dates} == {"2036-10-30"}

    def test_past_it_nothing_can_be_read(self, filled, given, small_model, clock):
        """G7: what is past its retention date is invisible from that day."""
        clock.on(days=3_650)
        assert len(filled.scores()) == 2
        clock.on(days=1)

        assert all(f.empty for f in (filled.scores(), filled.decisions(), filled.ratings()))
        assert filled.replay(given[0].score.score_id, model=small_model).verdict == "EXPIRED"
        assert filled.subject_access(given[0].score.child_id).withheld == 3
        assert filled.verify() == []

    def test_expiry_destroys_what_is_past_it(self, filled, clock, tmp_path):
        assert filled.expire(**AUTHORITY) == 0
        clock.on(days=3_651)

        assert filled.expire(**AUTHORITY) == 6
        assert filled.expire(**AUTHORITY) == 0
        with database(tmp_path) as db:
            assert db.execute("SELECT count(*) FROM ledger_keys").fetchone() == (2,)
            assert db.execute("SELECT count(*) FROM ledger_contents").fetchone() == (1,)
        assert filled.verify() == []

    @pytest.mark.parametrize(
        ("stated", "kept"), [("2030-01-31", "2030-01-31"), ("2026-01-31", "2036-10-30")]
    )
    def test_follows_the_records_where_they_say_sooner(
        self, ledger, given, small_model, small_authority, stated, kept
    ):
        """A date that has passed was about earlier facts: a new referral is kept as any other."""
        child = given[0].score.child_id
        children = small_authority["children"]
        none = pd.Series(pd.NaT, index=children.index, dtype="datetime64[s]")
        dates = none.mask(children["child_id"] == child, pd.Timestamp(stated))
        records = small_authority.replace(children=children.assign(retain_until=dates))
        score = fs.score_referral(
            given[0].basis.referral, records=records, model=small_model, ledger=ledger
        )
        ledger.record_decision(score, agreement="agrees", **SAID)

        held = ledger.subject_access(child).entries
        assert [entry["retain_until"] for entry in held] == [kept] * 2


class TestKey:
    def test_without_one_nothing_opens(self, tmp_path, monkeypatch):
        monkeypatch.delenv(KEY_VARIABLE, raising=False)

        with pytest.raises(LedgerError, match="There is no master key"):
            fs.Ledger(ledgers.url_in(tmp_path), retain_days=10)
        assert not (tmp_path / "ledger.db").exists()

    def test_from_the_environment(self, filled, tmp_path, monkeypatch):
        monkeypatch.setenv(KEY_VARIABLE, (tmp_path / "ledger.key").read_text())

        opened = fs.Ledger(ledgers.url_in(tmp_path))
        assert opened.head == filled.head
        opened.close()

    def test_another_one_is_refused(self, filled, tmp_path):
        other = fs.new_ledger_key(tmp_path / "other.key")

        with pytest.raises(LedgerError, match="not the one that this ledger is kept with"):
            fs.Ledger(ledgers.url_in(tmp_path), key_file=other)

    @pytest.mark.parametrize("written", ["abc", "g" * 64, "0" * 63, "ü" * 64])
    def test_that_is_none_is_refused(self, tmp_path, written):
        (tmp_path / "bad.key").write_text(written, encoding="utf-8")

        with pytest.raises(LedgerError, match=r"64 hexadecimal digits") as caught:
            fs.Ledger(ledgers.url_in(tmp_path), key_file=tmp_path / "bad.key")
        assert written not in str(caught.value)

    def test_file_is_never_replaced(self, tmp_path):
        path = fs.new_ledger_key(tmp_path / "a.key")
        before = path.read_text()

        with pytest.raises(LedgerError, match="exists"):
            fs.new_ledger_key(path)
        assert path.read_text() == before
        if sys.platform != "win32":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_is_nowhere_in_the_database(self, filled, tmp_path):
        key = bytes.fromhex((tmp_path / "ledger.key").read_text().strip())

        held = bytes_on_disk(tmp_path)
        assert key not in held
        assert key.hex().encode() not in held

    def test_rotated_keeps_everything_and_locks_out_the_old_one(
        self, filled, given, small_model, tmp_path, clock
    ):
        behind = ledgers.reopen(tmp_path, clock=clock)
        new = fs.new_ledger_key(tmp_path / "new.key")
        filled.rotate_key(new, **AUTHORITY)

        assert filled.verify() == []
        filled.record_scores(given[2:3], model=small_model)
        with pytest.raises(LedgerError, match="not the one that this ledger is kept with"):
            behind.record_scores(given[2:3], model=small_model)
        with pytest.raises(LedgerError, match="not the one that this ledger is kept with"):
            ledgers.reopen(tmp_path)
        opened = fs.Ledger(ledgers.url_in(tmp_path), key_file=new, clock=clock)
        assert opened.replay(given[0].score.score_id, model=small_model).verdict == "SAME"
        assert opened.verify() == []
        opened.close()
        behind.close()


class TestOpening:
    def test_of_a_ledger_that_is_not_there_makes_none(self, tmp_path):
        key = fs.new_ledger_key(tmp_path / "ledger.key")

        with pytest.raises(LedgerError, match="There is no ledger there"):
            fs.Ledger(ledgers.url_in(tmp_path), key_file=key)
        assert not (tmp_path / "ledger.db").exists()

    @pytest.mark.parametrize("days", [0, -1, 2.5, True, "90"])
    def test_asks_for_a_whole_number_of_days(self, tmp_path, days):
        with pytest.raises(LedgerError, match="whole number of days"):
            ledgers.begin(tmp_path, retain_days=days)

    def test_with_another_retention_is_refused(self, ledger, tmp_path):
        with pytest.raises(LedgerError, match="kept for 3,650 days, not 90"):
            ledgers.reopen(tmp_path, retain_days=90)

    @pytest.mark.parametrize(
        "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
    )
    def test_in_memory_is_refused(self, tmp_path, url):
        key = fs.new_ledger_key(tmp_path / "ledger.key")

        with pytest.raises(LedgerError, match="in memory would be lost"):
            fs.Ledger(url, key_file=key, retain_days=10)

    @pytest.mark.parametrize("url", ["not an address", "nosuch://x/y", "postgresql://u:p@h:port/x"])
    def test_of_no_address_says_so_without_repeating_it(self, tmp_path, url):
        key = fs.new_ledger_key(tmp_path / "ledger.key")

        with pytest.raises(LedgerError, match="address is not one") as caught:
            fs.Ledger(url, key_file=key, retain_days=10)
        assert url not in str(caught.value)

    def test_a_database_that_cannot_be_reached_shows_no_password(self, tmp_path):
        key = fs.new_ledger_key(tmp_path / "ledger.key")
        url = "postgresql+psycopg://ann:s3cret@127.0.0.1:1/ledger?connect_timeout=2"

        with pytest.raises(LedgerError, match="cannot be read or written") as caught:
            fs.Ledger(url, key_file=key, retain_days=10)
        assert "s3cret" not in str(caught.value)
        assert caught.value.__cause__ is None


class TestVerification:
    def test_of_a_whole_ledger_finds_nothing(self, filled):
        """G2: append-only, verifiable chain."""
        assert filled.verify() == []

    def test_of_an_old_copy_needs_a_head_that_was_noted(self, filled, given, small_model, tmp_path):
        filled.close()
        copy = {p: p.read_bytes() for p in tmp_path.glob("ledger.db*")}
        filled.record_scores(given[2:3], model=small_model)
        noted = filled.head
        assert filled.verify(since=noted) == []
        filled.close()
        for path in tmp_path.glob("ledger.db*"):
            path.unlink()
        for path, held in copy.items():
            path.write_bytes(held)

        assert filled.verify() == []
        assert [d.what for d in filled.verify(since=noted)] == [
            "it ends before the entry that was noted earlier"
        ]

    def test_of_another_ledger_is_found(self, filled, tmp_path):
        other = tmp_path / "other"
        other.mkdir()
        begun = ledgers.begin(other)

        assert "not the ledger that was noted" in str(filled.verify(since=begun.head)[0])
        begun.close()

    def test_names_the_entry_and_nothing_of_the_child(self, filled, given, tmp_path):
        with database(tmp_path) as db:
            db.execute("UPDATE ledger_entries SET at = '2020-01-01' WHERE number = 2")

        found = filled.verify()
        assert [d.entry for d in found] == [2]
        assert str(found[0]) == "entry 2: it does not follow from the entry before"

    def test_nothing_in_the_database_names_a_child(self, filled, given, tmp_path):
        held = bytes_on_disk(tmp_path)

        for one in given[:2]:
            for secret in (one.score.child_id, one.score.referral_id, one.score.score_id):
                assert secret.encode() not in held
        assert SAID["reason"].encode() not in held
        assert WHO["by"].encode() not in held


class TestWriters:
    def test_of_one_process_in_many_threads_lose_nothing(self, filled):
        with ThreadPoolExecutor(8) as pool:
            numbers = list(
                pool.map(
                    lambda n: filled.record_no_score_wanted(referral(n), **SAID), range(100, 180)
                )
            )

        assert sorted(numbers) == list(range(7, 87))
        assert filled.verify() == []

    def test_that_waits_too_long_says_so(self, filled, tmp_path, monkeypatch):
        monkeypatch.setattr(ledger_sqlite, "WAIT_SECONDS", 0.2)
        with database(tmp_path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerError, match="cannot be read or written"):
                filled.record_no_score_wanted(referral(7), **SAID)
            # readers do not wait for writers
            assert filled.verify() == []
            other.execute("ROLLBACK")

        assert filled.record_no_score_wanted(referral(7), **SAID) == 7

    def test_spaces_around_an_id_are_no_part_of_it(self, ledger):
        ledger.record_rating([" A "], family_id="F", on="2026-11-01", rating="low", team="N", **WHO)

        assert len(ledger.subject_access("A").entries) == 1
        assert ledger.verify() == []

    def test_ledger_that_was_deleted_is_found(self, filled, tmp_path):
        filled.close()
        for path in tmp_path.glob("ledger.db*"):
            path.unlink()

        assert "cannot be read" in str(filled.verify()[0])


def test_ledger_that_nobody_closed_lets_go_of_its_file(tmp_path, monkeypatch):
    """On Windows an open file can be neither moved nor deleted; Python 3.13 warns of it."""
    opened = []

    class Watched(sqlite3.Connection):
        def __init__(self, *given, **more):
            super().__init__(*given, **more)
            self.closed = False
            opened.append(self)

        def close(self):
            self.closed = True
            super().close()

    real = sqlite3.dbapi2.connect
    monkeypatch.setattr(
        sqlite3.dbapi2, "connect", lambda *given, **more: real(*given, factory=Watched, **more)
    )
    ledger = ledgers.begin(tmp_path)
    assert any(not connection.closed for connection in opened)

    del ledger
    gc.collect()
    assert opened
    assert all(connection.closed for connection in opened)
