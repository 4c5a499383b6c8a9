"""How long it takes to record a score: one writer, and ten at once.

    python evaluation/benchmarks/ledger.py

Each record is one transaction: the score, what was shown, the feature row and the facts
behind it, encrypted, hashed into the chain, and waited for until the disk has it
(SQLite, WAL, synchronous=FULL). Beside it the same number of one-row commits of plain
SQLite with the same settings: what the disk alone asks for.
"""

import argparse
import json
import multiprocessing
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import fs_risk as fs
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer

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


def main():
    """Measure, and print one line of JSON for each figure."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--processes", type=int, default=10)
    arguments.add_argument("--scores", type=int, default=200)
    asked = arguments.parse_args()
    made, model = made_scores(400)
    with tempfile.TemporaryDirectory() as name:
        alone, together = Path(name, "alone"), Path(name, "together")
        alone.mkdir()
        together.mkdir()
        print(json.dumps({"plain_sqlite": figures(plain_commits(alone, 500))}))
        (alone / "go").touch()
        opened(alone)
        write(alone, 0, made, used(model), 1_000)
        print(json.dumps({"one_writer": figures(np.load(alone / "took-0.npy"))}))
        ledger = opened(alone)
        begun = time.perf_counter()
        differences = len(ledger.verify())
        took = time.perf_counter() - begun
        entries = ledger.head.number
        ledger.close()  # its log goes into the file
        size = (alone / "ledger.db").stat().st_size
        print(json.dumps({"bytes_per_score": size // entries, "differences": differences,
                          "verify_entries_per_s": round(entries / took)}))  # fmt: skip
        opened(together)
        started = [
            PROCESSES.Process(target=write, args=(together, n, made, used(model), asked.scores))
            for n in range(asked.processes)
        ]
        for process in started:
            process.start()
        while len(list(together.glob("ready-*"))) < asked.processes:
            time.sleep(0.05)
        begun = time.perf_counter()
        (together / "go").touch()
        for process in started:
            process.join()
        wall = time.perf_counter() - begun
        took = np.concatenate([np.load(path) for path in together.glob("took-*.npy")])
        ledger = opened(together)
        print(json.dumps({f"{asked.processes}_writers": figures(took),
                          "scores_per_s": round(len(took) / wall),
                          "entries": ledger.head.number,
                          "differences": len(ledger.verify())}))  # fmt: skip
        ledger.close()


if __name__ == "__main__":
    main()
