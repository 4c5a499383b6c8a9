"""How long it takes to record a score: one writer, and ten at once.

    python evaluation/benchmarks/ledger.py

or with ``--quick`` for a few of each. Results go to ``results/ledger.json``.
Each record is one transaction: the score, what was shown, the feature row and the facts
behind it, encrypted, hashed into the chain, and waited for until the disk has it
(SQLite, WAL, synchronous=FULL). Beside it the same number of one-row commits of plain
SQLite with the same settings: what the disk alone asks for.
"""

import argparse
import multiprocessing
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import measured
import numpy as np

import fs_risk as fs
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer

RESULTS = measured.RESULTS / "ledger.json"
WARM = 20
"""Scores that each writer records before it is timed: statements are compiled once."""

PROCESSES = multiprocessing.get_context("spawn")


def made_scores(n):
    """Score the last referrals of a small authority."""
    records = fs.make_authority(children=6_000, years=8, seed=3)
    plan = fs.Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=9)
    model = fs.train_step_up(records, plan, progress=False)
    last = records.extract_date
    referrals = declared_referrals(records, (last - timedelta(days=700)).date(), last.date())
    return scorer(records, model).make(referrals[-n:]), model


def used(model):
    """Give what the ledger notes of a model."""
    names = ("name", "version", "content_hash", "feature_names")
    return {name: getattr(model, name) for name in names}


def opened(folder):
    """Open the ledger of a folder, beginning it where there is none."""
    key = folder / "ledger.key"
    if not key.exists():
        fs.new_ledger_key(key)
    url = f"sqlite:///{(folder / 'ledger.db').as_posix()}"
    return fs.Ledger(url, key_file=key, retain_days=3_650)


def write(folder, number, made, model, n):
    """Record scores one by one, and note how long each took."""
    ledger = opened(folder)
    by = SimpleNamespace(**model)
    for one in made[:WARM]:
        ledger.record_scores([one], model=by)
    (folder / f"ready-{number}").touch()
    while not (folder / "go").exists():
        time.sleep(0.005)
    took = []
    for place in range(n):
        one = made[(number * n + place) % len(made)]
        begun = time.perf_counter()
        ledger.record_scores([one], model=by)
        took.append(time.perf_counter() - begun)
    np.save(folder / f"took-{number}.npy", np.array(took))


def plain_commits(folder, n):
    """Time one-row commits of SQLite itself."""
    took = []
    with closing(sqlite3.connect(folder / "plain.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, text)")
        for _ in range(n):
            begun = time.perf_counter()
            db.execute("INSERT INTO rows (text) VALUES (?)", ("x" * 3_000,))
            took.append(time.perf_counter() - begun)
    return np.array(took)


def figures(took):
    """Median, 99th per cent and longest, in milliseconds."""
    middle, high = np.quantile(took * 1_000, [0.5, 0.99])
    return {"median_ms": round(middle, 2), "p99_ms": round(high, 2),
            "max_ms": round(took.max() * 1_000, 2), "n": len(took)}  # fmt: skip


def one_writer(folder, made, model, n):
    """Record scores with one writer; time each, and the check of the chain."""
    folder.mkdir()
    found = {"plain_sqlite": figures(plain_commits(folder, n // 2))}
    (folder / "go").touch()
    opened(folder)
    write(folder, 0, made, model, n)
    found["one_writer"] = figures(np.load(folder / "took-0.npy"))
    ledger = opened(folder)
    begun = time.perf_counter()
    differences = len(ledger.verify())
    took = time.perf_counter() - begun
    entries = ledger.head.number
    ledger.close()  # its log goes into the file
    size = (folder / "ledger.db").stat().st_size
    return {**found, "bytes_per_score": size // entries, "differences": differences,
            "verify_entries_per_s": round(entries / took)}  # fmt: skip


def writers_at_once(folder, made, model, n, processes):
    """Record scores from many processes that begin at the same moment."""
    folder.mkdir()
    opened(folder)
    started = [
        PROCESSES.Process(target=write, args=(folder, each, made, model, n))
        for each in range(processes)
    ]
    for process in started:
        process.start()
    while len(list(folder.glob("ready-*"))) < processes:
        time.sleep(0.05)
    begun = time.perf_counter()
    (folder / "go").touch()
    for process in started:
        process.join()
    wall = time.perf_counter() - begun
    took = np.concatenate([np.load(path) for path in folder.glob("took-*.npy")])
    ledger = opened(folder)
    found = {"writers": processes, **figures(took), "scores_per_s": round(len(took) / wall),
             "recorded": len(took) + WARM * processes, "entries": ledger.head.number,
             "differences": len(ledger.verify())}  # fmt: skip
    ledger.close()
    return found


def rows_of(found):
    """Put the figures into the form that all benchmarks share."""
    alone, plain, many = found["one_writer"], found["plain_sqlite"], found["many"]
    yield measured.row(
        "one score recorded, one writer", "ms, median", alone["median_ms"],
        peer="a one-row commit of SQLite alone, the same settings", theirs=plain["median_ms"],
        slower=True, repeats=alone["n"],
        note=f"99 of 100 within {alone['p99_ms']} ms, longest {alone['max_ms']} ms",
    )  # fmt: skip
    yield measured.row(
        f"one score recorded, {many['writers']} processes at once", "ms, median",
        many["median_ms"], repeats=many["n"],
        note=f"99 of 100 within {many['p99_ms']} ms, longest {many['max_ms']} ms; "
        f"{many['scores_per_s']} a second together",
    )  # fmt: skip
    lost = many["recorded"] - many["entries"]
    yield measured.row("scores recorded and not in the ledger", "", lost, at_most=0,
                       repeats=many["recorded"])  # fmt: skip
    differences = found["differences"] + many["differences"]
    yield measured.row("what the ledger's check finds", "", differences, at_most=0)
    yield measured.row("checked", "entries a second", found["verify_entries_per_s"])
    yield measured.row("size of a score on disk", "bytes", found["bytes_per_score"])


def main():
    """Measure, and write down what was found."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--processes", type=int)
    arguments.add_argument("--scores", type=int)
    arguments.add_argument("--output", type=Path, default=RESULTS)
    asked = arguments.parse_args()
    processes = asked.processes or (2 if asked.quick else 10)
    scores = asked.scores or (20 if asked.quick else 200)
    watch = measured.Watch()
    made, model = made_scores(400)
    with tempfile.TemporaryDirectory() as name:
        found = one_writer(Path(name, "alone"), made, used(model), 5 * scores)
        found["many"] = writers_at_once(
            Path(name, "together"), made, used(model), scores, processes
        )
    result = watch.result(
        "ledger",
        "The ledger: SQLite on disk, synchronous=FULL, each score a transaction",
        rows_of(found),
        packages=("cryptography", "sqlalchemy"),
        quick=asked.quick,
        details=found,
    )
    measured.write(result, asked.output)


if __name__ == "__main__":
    main()
