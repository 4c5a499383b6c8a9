"""Processes that write to a ledger, each noting in a file of its own what was acknowledged."""

import multiprocessing
import os
import time
from pathlib import Path
from types import SimpleNamespace

import ledgers

START = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PROCESSES = multiprocessing.get_context(START)
PROCESSES.set_forkserver_preload(["fs_risk.triage.ledger", "fs_risk.triage.basis"])


def used(model):
    """Give what a ledger notes of a model, to hand to another process."""
    names = ("name", "version", "content_hash", "feature_names")
    return {name: getattr(model, name) for name in names}


def start(work, folder, *arguments):
    """Start a process and give it with the file of its acknowledgements."""
    said = Path(folder) / f"said-{time.monotonic_ns()}.txt"
    process = PROCESSES.Process(target=work, args=(Path(folder), said, *arguments))
    process.start()
    return process, said


def acknowledged(said):
    """Give the numbers on the whole lines of such a file."""
    text = said.read_text("ascii") if said.exists() else ""
    lines = text[: text.rfind("\n") + 1].splitlines()
    return [tuple(map(int, line.split())) for line in lines]


def wait_for(said, lines):
    """Wait until a process has acknowledged so much."""
    until = time.monotonic() + 120
    while len(acknowledged(said)) < lines:
        assert time.monotonic() < until, "the process says nothing"
        time.sleep(0.005)


def _note(said, *numbers):
    with said.open("a", encoding="ascii", newline="\n") as file:
        file.write(" ".join(map(str, numbers)) + "\n")


def write_and_decide(folder, said, number, count, made, model):
    """Begin the ledger, perhaps, and record scores with a decision on each."""
    while not (folder / "go").exists():
        time.sleep(0.01)
    ledger = ledgers.begin(folder)
    for place in range(count):
        one = made[(number + place) % len(made)]
        (entry,) = ledger.record_scores([one], model=SimpleNamespace(**model))
        who = {**ledgers.SAID, "by": f"W{number}-{place}"}
        _note(said, entry, ledger.record_decision(one.score, agreement="agrees", **who))


def write_lists(folder, said, made, model):
    """Record the same list again and again."""
    ledger = ledgers.reopen(folder)
    while True:
        _note(said, *ledger.record_scores(made, model=SimpleNamespace(**model), context="list"))


def stop_halfway(folder, said, made, model):
    """Write everything of a list but the commit, and wait for the end."""
    from fs_risk.triage.ledger_store import Rows

    move = Rows.move_head

    def move_and_wait(self, *arguments):
        move(self, *arguments)
        _note(said, 0)
        time.sleep(600)

    ledger = ledgers.reopen(folder)
    Rows.move_head = move_and_wait
    ledger.record_scores(made, model=SimpleNamespace(**model))


def write_on_both_sides_of_a_fork(folder, said, made, model):
    """Share one open ledger with a forked process."""
    ledger = ledgers.reopen(folder)
    ledger.record_scores(made[:1], model=SimpleNamespace(**model))
    child = os.fork()
    for _ in range(20):
        ledger.record_scores(made[:1], model=SimpleNamespace(**model))
    if not child:
        os._exit(0)
    _note(said, os.waitpid(child, 0)[1])
