"""The service under load: eight clients for a minute, every score in an SQLite ledger.

    python evaluation/benchmarks/service.py

Invents an authority, fits and saves a model, saves its history, starts ``fs-risk serve`` on
loopback with a ledger, and has clients (threads of this process, one kept connection each,
plain ``http.client``) ask for the scores of its last referrals one after another. First one
client alone, then eight as fast as they can, then eight that ask at the same moment, every
0.4 seconds. The service is told to end while the clients are still asking; then the ledger
must verify, and hold an entry for each answer.
Client and service share the machine. ``--prepared FOLDER`` keeps what was made for the next
run; ``--quick`` asks a small authority's for seconds. Results go to ``results/service.json``.
"""

import argparse
import http.client
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

RESULTS = Path(__file__).parent / "results" / "service.json"
FULL = 62_700
ROUNDS = (
    ("one client", 1, None),
    ("eight clients", 8, None),
    ("eight at the same moment", 8, 20.0),
)
"""Name, clients, and requests a second together; None for as fast as they can."""


def prepare(folder, children):
    """Make history, model, key and the bodies to be sent, unless they are there."""
    import fs_risk as fs
    from fs_risk.triage.referral import declared_referrals

    if (folder / "bodies.json").exists():
        return
    records = fs.make_authority(children=children, years=8, seed=0)
    plan = fs.Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=9)
    fs.train_step_up(records, plan, progress=False).save(folder / "model")
    fs.History.from_records(records).save(folder / "history")
    last = records.extract_date
    referrals = declared_referrals(records, (last - timedelta(days=365)).date(), last.date())
    bodies = [{"referral": each.model_dump(mode="json", exclude_unset=True)} for each in referrals]
    (folder / "bodies.json").write_text(json.dumps(bodies), encoding="utf-8")


def start(folder, ledger, *more):
    """Start the service on a port that is free; give the process and its address."""
    import fs_risk as fs

    fs.new_ledger_key(ledger / "ledger.key")
    process = subprocess.Popen(
        [sys.executable, "-m", "fs_risk", "serve", str(folder / "history"), "--port", "0",
         "--model", str(folder / "model"), "--ledger", address_of(ledger), "--ledger-key-file",
         str(ledger / "ledger.key"), "--retain-days", "3650", *more],
        stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    port = json.loads(process.stdout.readline())["port"]
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return process, f"http://127.0.0.1:{port}"


def address_of(ledger):
    """Give the ledger's address."""
    return f"sqlite:///{(ledger / 'ledger.db').as_posix()}"


class Client(threading.Thread):
    """Asks for scores until the time is over or nobody answers; notes status and seconds."""

    def __init__(self, url, bodies, first, until, every, headers):
        super().__init__()
        self._url, self._until, self._every = urlsplit(url), until, every
        self._bodies = [json.dumps(each).encode() for each in bodies[first::16] or bodies]
        self._headers = {"content-type": "application/json", **headers}
        self.took, self.statuses, self.cut_off = [], [], 0

    def run(self):
        """Ask."""
        connection = http.client.HTTPConnection(self._url.hostname, self._url.port, timeout=90)
        place, due = 0, time.perf_counter()
        while (now := time.perf_counter()) < self._until:
            if self._every and now < due:
                time.sleep(due - now)
            # from when it was due: a client that is kept waiting counts the whole wait
            begun = due if self._every else now
            due += self._every or 0
            try:
                body = self._bodies[place % len(self._bodies)]
                connection.request("POST", "/v1/score", body, self._headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                self.cut_off += 1  # the service has ended
                break
            self.took.append(time.perf_counter() - begun)
            self.statuses.append(answer.status)
            place += 1
        connection.close()


def load(url, bodies, *, seconds, clients, rate=None, during=None, headers=None):
    """Have clients ask at once; give times, statuses and how many were cut off."""
    begun = time.perf_counter()
    every = clients / rate if rate else None
    threads = [
        Client(url, bodies, n, begun + seconds, every, headers or {}) for n in range(clients)
    ]
    for thread in threads:
        thread.start()
    if during:
        during()
    for thread in threads:
        thread.join()
    took = np.array([one for thread in threads for one in thread.took])
    statuses = [one for thread in threads for one in thread.statuses]
    return {
        "took": took,
        "statuses": {str(each): statuses.count(each) for each in sorted(set(statuses))},
        "cut_off": sum(thread.cut_off for thread in threads),
        "seconds": time.perf_counter() - begun,
    }


def figures(done):
    """Say a round in figures."""
    p50, p99 = np.quantile(done["took"] * 1_000, [0.5, 0.99])
    return {
        "p50_ms": round(p50, 2),
        "p99_ms": round(p99, 2),
        "max_ms": round(done["took"].max() * 1_000, 2),
        "requests_per_s": round(len(done["took"]) / done["seconds"], 1),
        "answers": done["statuses"],
        "seconds": round(done["seconds"], 1),
    }


def main():
    """Measure, print, and write the results."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--children", type=int)
    arguments.add_argument("--seconds", type=float, help="of the round of eight")
    arguments.add_argument("--threads", type=int, default=None, help="of the service")
    arguments.add_argument("--prepared", type=Path, default=None)
    arguments.add_argument("--output", type=Path, default=RESULTS)
    asked = arguments.parse_args()
    asked.children = asked.children or (6_000 if asked.quick else FULL)
    asked.seconds = asked.seconds or (4 if asked.quick else 60)
    import measured  # here, since a test takes this file's clients without its folder

    import fs_risk as fs

    watch = measured.Watch()
    with tempfile.TemporaryDirectory() as name:
        folder, ledger = asked.prepared or Path(name), Path(name, "ledger")
        folder.mkdir(exist_ok=True)
        ledger.mkdir()
        prepare(folder, asked.children)
        bodies = json.loads((folder / "bodies.json").read_text(encoding="utf-8"))
        more = ("--threads", str(asked.threads)) if asked.threads else ()
        begun = time.perf_counter()
        process, url = start(folder, ledger, *more)
        started = time.perf_counter() - begun
        load(url, bodies, seconds=1.5, clients=1)  # warm
        entries = fs.Ledger(address_of(ledger), key_file=ledger / "ledger.key").head.number
        rounds = {}
        for name, clients, rate in ROUNDS:
            seconds = asked.seconds if clients == 8 and rate is None else asked.seconds / 10
            done = load(url, bodies, seconds=seconds, clients=clients, rate=rate)
            rounds[name] = figures(done)
            entries += done["statuses"].get("200", 0)
        last = load(
            url, bodies, seconds=30, clients=8,
            during=lambda: (time.sleep(1), process.send_signal(signal.SIGTERM)),
        )  # fmt: skip
        code = process.wait(90)
        entries += last["statuses"].get("200", 0)
        held = fs.Ledger(address_of(ledger), key_file=ledger / "ledger.key")
        result = {
            "children": asked.children,
            "rounds": rounds,
            "started_s": round(started, 1),
            "told_to_end": {"answers": last["statuses"], "cut_off": last["cut_off"], "code": code},
            "ledger": {
                "answers": entries,
                "entries": held.head.number,
                "differences": len(held.verify()),
            },
        }
        held.close()
    written = watch.result(
        "service",
        f"The service: {asked.children:,} children, every score in an SQLite ledger, "
        "the clients on the same machine",
        rows_of(result, measured.row),
        packages=("fastapi", "sqlalchemy", "uvicorn"),
        quick=asked.children < FULL,
        details=result,
    )
    measured.write(written, asked.output)


def rows_of(found, row):
    """Put the figures into the form that all benchmarks share."""
    for name, one in found["rounds"].items():
        failed = sum(n for status, n in one["answers"].items() if status != "200")
        minute = name == "eight clients"
        yield row(
            f"{name}: an answer", "ms, 99th per cent", one["p99_ms"],
            repeats=sum(one["answers"].values()),
            note=f"median {one['p50_ms']} ms, longest {one['max_ms']} ms, "
            f"{one['requests_per_s']} a second for {one['seconds']:.0f} s",
        )  # fmt: skip
        yield row(
            f"{name}: answers that are not a score", "", failed, at_most=0 if minute else None
        )
    held = found["ledger"]
    yield row("told to end while clients ask: answers not in the ledger", "",
              held["answers"] - held["entries"], at_most=0, repeats=held["answers"])  # fmt: skip
    yield row("what the ledger's check finds afterwards", "", held["differences"], at_most=0)
    yield row("start", "s", found["started_s"])


if __name__ == "__main__":
    main()
