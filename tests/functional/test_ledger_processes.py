"""G2: ten processes at once, and a process killed in the middle, lose and corrupt nothing."""

import os
import random

import pytest

import fs_risk as fs
import ledger_writers
import ledgers
from fs_risk.triage.ledger_store import Store

PROCESSES, SCORES_EACH = 10, 20


@pytest.fixture(scope="module")
def made(small_authority, small_model):
    return ledgers.made_scores(small_authority, small_model, n=8)


@pytest.fixture(scope="module")
def used(small_model):
    return ledger_writers.used(small_model)


def test_ten_processes_writing_at_once_lose_nothing(tmp_path, made, used, small_model):
    """They begin the ledger at once too."""
    fs.new_ledger_key(tmp_path / "ledger.key")
    started = [
        ledger_writers.start(
            ledger_writers.write_and_decide, tmp_path, number, SCORES_EACH, made, used
        )
        for number in range(PROCESSES)
    ]
    (tmp_path / "go").touch()
    for process, _ in started:
        process.join(240)

    assert [process.exitcode for process, _ in started] == [0] * PROCESSES
    pairs = [pair for _, said in started for pair in ledger_writers.acknowledged(said)]
    everything = list(range(1, 2 * PROCESSES * SCORES_EACH + 1))
    ledger = ledgers.reopen(tmp_path)
    assert ledger.verify() == []
    assert sorted(number for pair in pairs for number in pair) == everything
    assert ledger.scores()["entry"].to_list() == sorted(entry for entry, _ in pairs)
    assert ledger.decisions()["entry"].to_list() == sorted(decided for _, decided in pairs)
    verdicts = {ledger.replay(one.score.score_id, model=small_model).verdict for one in made}
    assert verdicts == {"SAME"}
    ledger.close()


def test_process_killed_in_the_middle_corrupts_nothing(tmp_path, made, used):
    """SIGKILL (on Windows TerminateProcess) at moments that nobody chose; lists are whole."""
    ledger = ledgers.begin(tmp_path)
    numbers = set()
    for kill in range(8):
        process, said = ledger_writers.start(ledger_writers.write_lists, tmp_path, made, used)
        ledger_writers.wait_for(said, random.Random(kill).randint(1, 6))
        process.kill()
        process.join(60)
        numbers |= {n for line in ledger_writers.acknowledged(said) for n in line}

        assert ledger.verify() == []
        held = set(ledger.scores()["entry"])
        assert numbers <= held
        # each kill can leave one list that was written and not yet acknowledged: a whole one
        assert len(held - numbers) in {len(made) * lists for lists in range(kill + 2)}
    ledger.erase(made[0].score.child_id, **ledgers.AUTHORITY)
    assert ledger.verify() == []
    ledger.close()


def test_process_killed_inside_a_transaction_leaves_none_of_it(tmp_path, made, used, small_model):
    ledger = ledgers.begin(tmp_path)
    ledger.record_scores(made[:1], model=small_model)
    process, said = ledger_writers.start(ledger_writers.stop_halfway, tmp_path, made, used)
    ledger_writers.wait_for(said, 1)
    process.kill()
    process.join(60)

    assert ledger.head.number == 1
    assert ledger.verify() == []
    assert ledger.record_scores(made[1:2], model=small_model) == [2]
    ledger.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_forked_process_opens_connections_of_its_own(tmp_path, made, used):
    ledger = ledgers.begin(tmp_path)
    process, said = ledger_writers.start(
        ledger_writers.write_on_both_sides_of_a_fork, tmp_path, made, used
    )
    process.join(120)

    assert ledger_writers.acknowledged(said) == [(0,)]
    assert ledger.verify() == []
    assert ledger.head.number == 41
    ledger.close()


def test_every_commit_waits_for_the_disk(tmp_path):
    """What is acknowledged survives a loss of power, as far as the disk is honest."""
    ledgers.begin(tmp_path).close()
    store = Store(ledgers.url_in(tmp_path))
    with store.reading() as rows:
        asked = [
            rows._connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        ]

    assert asked == ["wal", 2, 1]
    store.close()
