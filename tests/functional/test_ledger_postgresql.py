"""The same ledger on PostgreSQL, as a service keeps it."""

import pytest
import sqlalchemy as sa

import fs_risk as fs
import ledger_writers
import ledgers
from fs_risk.errors import LedgerError
from fs_risk.triage.ledger_store import TABLES
from ledgers import AUTHORITY, SAID, WHO, referral
from postgres_server import server

PROCESSES, SCORES_EACH = 10, 10


@pytest.fixture(scope="module")
def address():
    with server() as found:
        yield found


@pytest.fixture
def folder(tmp_path, address):
    """A folder with a key and the address of an empty database."""
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for table in TABLES:
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    (tmp_path / "url.txt").write_text(address, encoding="utf-8")
    fs.new_ledger_key(tmp_path / "ledger.key")
    return tmp_path


@pytest.fixture(scope="module")
def made(small_authority, small_model):
    return ledgers.made_scores(small_authority, small_model, n=8)


@pytest.fixture
def clock_of_ledgers():
    return ledgers.Clock()


def change(address, statement):
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount == 1


def test_every_operation_works_there(folder, made, small_model, clock_of_ledgers):
    ledger = ledgers.begin(folder, clock=clock_of_ledgers)
    ledger.record_scores(made, model=small_model)
    ledger.record_decision(made[0].score, agreement="more_worried", **SAID)
    ledger.record_no_score_wanted(referral(1), **SAID)
    ledger.record_rating(["A", "B"], family_id="F", on="2026-11-01", rating="low", team="N", **WHO)
    ledger.rectify(9, {"decision": "advice"}, keep_original=False, **AUTHORITY)
    assert len(ledger.subject_access(made[0].score.child_id).entries) == 2
    ledger.erase(made[1].score.child_id, **AUTHORITY)
    ledger.rotate_key(fs.new_ledger_key(folder / "new.key"), **AUTHORITY)

    assert ledger.verify() == []
    verdicts = [ledger.replay(m.score.score_id, model=small_model).verdict for m in made[:3]]
    assert verdicts == ["SAME", "ERASED", "SAME"]
    assert ledger.decisions()["decision"].to_list() == ["advice", "assessment"]
    clock_of_ledgers.on(days=4_000)
    # all but the erased score and the wording that was destroyed
    assert ledger.expire(**AUTHORITY) == 8 - 1 + 1 + 2 + 1 + 1
    assert ledger.verify() == []
    ledger.close()


def test_ten_processes_writing_at_once_lose_nothing(folder, made, small_model):
    """G2, for a service of several workers."""
    used = ledger_writers.used(small_model)
    started = [
        ledger_writers.start(
            ledger_writers.write_and_decide, folder, number, SCORES_EACH, made, used
        )
        for number in range(PROCESSES)
    ]
    (folder / "go").touch()
    for process, _ in started:
        process.join(240)

    assert [process.exitcode for process, _ in started] == [0] * PROCESSES
    pairs = [pair for _, said in started for pair in ledger_writers.acknowledged(said)]
    assert sorted(n for pair in pairs for n in pair) == list(
        range(1, 2 * PROCESSES * SCORES_EACH + 1)
    )
    ledger = ledgers.reopen(folder)
    assert ledger.verify() == []
    ledger.close()


def test_killed_process_leaves_whole_lists_alone(folder, made, small_model):
    ledger = ledgers.begin(folder)
    numbers, used = set(), ledger_writers.used(small_model)
    for _ in range(3):
        process, said = ledger_writers.start(ledger_writers.write_lists, folder, made, used)
        ledger_writers.wait_for(said, 2)
        process.kill()
        process.join(60)
        numbers |= {n for line in ledger_writers.acknowledged(said) for n in line}

    # the server may still be finishing what the last process sent: a writer waits for it
    ledger.record_no_score_wanted(referral(1), **SAID)
    assert ledger.verify() == []
    held = set(ledger.scores()["entry"])
    assert numbers <= held
    assert len(held) % len(made) == 0
    ledger.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET at = at || ' ' WHERE number = 2",
        "UPDATE ledger_contents SET sealed = sealed || 'x' WHERE number = 2",
        "UPDATE ledger_keys SET child_tag = NULL WHERE key_id = "
        "(SELECT key_id FROM ledger_entries WHERE number = 2)",
        "DELETE FROM ledger_entries WHERE number = 8",
        "DELETE FROM ledger_contents WHERE number = 8",
        "UPDATE ledger_head SET retain_days = 1",
    ],
    ids=["entry", "content", "key", "last entry", "last content", "head"],
)
def test_what_is_changed_behind_its_back_is_found(folder, address, made, small_model, statement):
    ledger = ledgers.begin(folder)
    ledger.record_scores(made, model=small_model)
    change(address, statement)

    assert ledger.verify()
    ledger.close()


def test_no_error_shows_the_password_or_a_child(folder, address, made, small_model):
    ledger = ledgers.begin(folder)
    ledger.record_scores(made[:1], model=small_model)
    change(address, "DELETE FROM ledger_head")

    with pytest.raises(LedgerError, match="head was changed or is missing") as caught:
        ledger.record_scores(made[:1], model=small_model)
    assert "p@ss" not in str(caught.value)
    assert made[0].score.child_id not in str(caught.value)
    ledger.close()


def test_list_is_added_to_a_table_there(address, small_authority, small_model):
    child = small_authority["referrals"]["child_id"].iloc[-30]
    referrals = [
        {"referral_id": f"R{n}\x00'; drop", "child_id": child, "referral_date": "2025-03-31"}
        for n in range(3)
    ]
    for _ in range(2):
        ranked = fs.prioritise(
            referrals, records=small_authority, model=small_model, capacity=2, purpose="second_read"
        )
        ranked.to_sql(address, "lists_of_a_week")

    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        rows = connection.execute(sa.text("SELECT as_of, listed, place FROM lists_of_a_week"))
        assert [type(cell).__name__ for cell in rows.first()] == ["date", "bool", "int"]
        lists = connection.execute(sa.text("SELECT count(*) FROM fs_risk_lists"))
        assert lists.scalar() == 2
    with pytest.raises(fs.FsRiskError, match="in that table already"):
        ranked.to_sql(address, "lists_of_a_week")
