"""Every sample spoilt at random: it is read or refused with a cure, soon, and no row is lost.

A case is a small extract of a sample with up to some dozens of faults; it follows from
the sample's name and its number alone. A failing case is tried again with each of its
faults alone, and told by sample, number and faults:

    pytest tests/fuzz -k "<sample>" --fuzz-case <number>
"""

import faulthandler
import os
import sys
import threading
import time
from contextlib import contextmanager
from random import Random

import pytest
from fuzz_samples import (
    INVENTED_NAMES,
    PUBLIC_NAMES,
    TYPED_NAMES,
    invented_samples,
    public_sample,
    typed_samples,
)

from fs_risk.errors import FsRiskError

SLOWEST = 10
"""Seconds of processor time that one read may take; most take a quarter of one."""
HUNG = 600
"""Seconds on the clock after which a read is given up, with the whole process."""
ENOUGH_TO_JUDGE = 20
"""Cases from which on a third must be read: files that are all refused test little."""
WHOLE = 0.01
"""The share of cases that are the whole sample, not an extract."""
WITH_WHOLE_FILE_FAULTS = 0.4


class Case:
    """A sample, a number, and the faults that follow from them."""

    def __init__(self, sample, number):
        self.sample, self.number = sample, number
        luck = Random(f"{sample.name}/{number}")
        self.seed = luck.getrandbits(64)
        most = sample.at_once
        many = (luck.randint(most * 3 // 7, most) for _ in range(3))
        n_content = luck.choice((1, luck.randint(2, 9), *many))
        n_whole = luck.choice((1, 1, 2)) if luck.random() < WITH_WHOLE_FILE_FAULTS else 0
        if n_whole and luck.random() < 0.3:
            n_content = 0
        self.faults = [("content", luck.getrandbits(64)) for _ in range(n_content)]
        self.faults += [("whole", luck.getrandbits(64)) for _ in range(n_whole)]

    def spoilt(self, faults=None):
        """Give the spoilt files, and the names of the faults that changed anything."""
        luck = Random(self.seed)
        draft = self.sample.draw(luck, luck.random() < WHOLE)
        applied = []
        for kind, seed in self.faults if faults is None else faults:
            luck = Random(seed)
            ways = getattr(draft, kind)()
            (name,) = luck.choices(list(ways), [weight for _, weight in ways.values()])
            if ways[name][0](luck):
                applied.append(name)
        return draft.files(), applied

    def outcome(self, folder, faults=None):
        """Read the spoilt files; give what is wrong with the reading, if anything."""
        files, applied = self.spoilt(faults)
        for path in folder.iterdir():
            path.unlink()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        started = time.process_time()
        try:
            with told_when_hung(self):
                records = self.sample.read(folder)
        except FsRiskError as error:
            return applied, "refused", "" if error.fix else "refused without a cure"
        except Exception as error:
            return applied, "raised", f"{type(error).__name__}: {error}"
        if time.process_time() - started > SLOWEST:
            return applied, "read", f"slower than {SLOWEST} seconds"
        return applied, "read", "; ".join(self.sample.lost(files, records))

    def told(self, folder, wrong):
        """Say what failed, with the fewest faults that are enough."""
        for fault in self.faults:
            applied, _, alone = self.outcome(folder, [fault])
            if alone:
                return f"case {self.number}: {alone}\n  fault: {applied}, alone"
        applied, _, _ = self.outcome(folder)
        return f"case {self.number}: {wrong}\n  faults: {applied}"


@contextmanager
def told_when_hung(case):
    """End the process, with the case's name, when a read does not come back."""

    def tell():
        print(f"HUNG: {case.sample.name}, case {case.number}", file=sys.__stderr__, flush=True)
        faulthandler.dump_traceback(file=sys.__stderr__)
        os._exit(70)

    timer = threading.Timer(HUNG, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def run(sample, amount, only, folder):
    """Try cases until enough faults were made; give how many were read and refused."""
    ends = {"read": 0, "refused": 0, "raised": 0}
    n_faults, number, wrong = 0, 0, []
    numbers = iter([only]) if only is not None else iter(range(1 << 62))
    while n_faults < amount and len(wrong) < 5:
        number = next(numbers, None)
        if number is None:
            break
        case = Case(sample, number)
        applied, end, fault = case.outcome(folder)
        n_faults += len(applied)
        ends[end] += 1
        if fault:
            wrong.append(case.told(folder, fault))
    return ends, n_faults, wrong


def check(sample, amount, only, folder):
    ends, n_faults, wrong = run(sample, amount, only, folder)

    assert not wrong, f"{sample.name}, after {n_faults} faults:\n" + "\n".join(wrong)
    if sum(ends.values()) >= ENOUGH_TO_JUDGE:
        assert ends["read"] > 0.3 * sum(ends.values()), ends


@pytest.fixture
def amount(request):
    return request.config.getoption("--fuzz")


@pytest.fixture
def only(request):
    return request.config.getoption("--fuzz-case")


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", TYPED_NAMES)
def test_no_spoilt_file_of_ours_raises_hangs_or_loses_a_row(name, amount, only, tmp_path):
    check(typed_samples()[name], amount, only, tmp_path)


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    return invented_samples(tmp_path_factory.mktemp("invented"))


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", INVENTED_NAMES)
def test_no_spoilt_written_file_raises_hangs_or_loses_a_row(name, invented, amount, only, tmp_path):
    check(invented[name], amount, only, tmp_path)


@pytest.mark.samples
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_no_spoilt_sample_raises_hangs_or_loses_a_row(name, samples, amount, only, tmp_path):
    check(public_sample(name, samples), amount, only, tmp_path)
