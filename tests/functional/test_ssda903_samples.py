"""The public sample files of the SSDA903 return, read and counted without the reader."""

import csv
from collections import Counter
from contextlib import suppress
from datetime import date, datetime

import numpy as np
import pytest

from fs_risk.errors import FsRiskError
from fs_risk.readers.ssda903 import read_ssda903

pytestmark = pytest.mark.samples

VALIDATOR = "data-to-insight+csc-validator-be-903"
DEMAND = "data-to-insight+cs-demand-model"
LIIA = "SocialFinanceDigitalLabs+liia-tools-pipeline"


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def day(text):
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None  # noqa: DTZ007


def kept(records, table):
    return len(records[table]) + len(records.set_aside.get(table, ()))


def superseded(records, table):
    return sum(
        found.count for found in records.findings if (found.rule, found.table) == ("R014", table)
    )


def test_the_validators_set_holds_2675_children_and_5050_episodes(samples):
    folder = samples / "samples" / VALIDATOR
    records = read_ssda903(folder)

    assert len(records["children"]) == len(rows_of(folder / "header.csv")) == 2_675
    assert len(records["care_episodes"]) == len(rows_of(folder / "episodes.csv")) == 5_050
    assert len(records["missing_episodes"]) == len(rows_of(folder / "missing.csv"))
    assert records.set_aside == {}
    alone = {row["CHILD"] for row in rows_of(folder / "uasc.csv")}
    children = records["children"].set_index("child_id")["unaccompanied"]
    assert set(children.index[children]) == alone
    assert str(records.coverage["care_periods"].observed_from.date()) == "2017-04-01"


def periods_by_hand(rows):
    """Join episodes child by child as the rules say; only for what needs no repair."""
    found, unclear = Counter(), set()
    by_child = {}
    for row in rows:
        by_child.setdefault(row["CHILD"], []).append(row)
    for child, episodes in by_child.items():
        episodes.sort(key=lambda row: day(row["DECOM"]))
        start = None
        for now, after in zip(episodes, [*episodes[1:], None], strict=True):
            begin, end = day(now["DECOM"]), day(now["DEC"])
            start = start or begin
            goes_on = now["REC"] == "X1"
            clean = (
                (end is not None and day(after["DECOM"]) == end and goes_on and after["RNE"] != "S")
                or (
                    end is not None
                    and day(after["DECOM"]) > end
                    and not goes_on
                    and after["RNE"] == "S"
                )
                if after
                else not (goes_on and end)
            )
            if not clean:
                unclear.add(child)
            if after is None or (not goes_on and end):
                found[(child, start, end, now["REC"] if end else "")] += 1
                start = None
    return found, unclear


@pytest.mark.parametrize("name", [f"{VALIDATOR}/episodes.csv", f"{DEMAND}/2018-episodes.csv"])
def test_periods_are_those_of_a_plain_reading(samples, name):
    path = samples / "samples" / name
    expected, unclear = periods_by_hand(rows_of(path))
    frame = read_ssda903(path)["care_periods"]
    found = Counter(
        (
            row.child_id,
            row.start_date.date(),
            None if row.end_date is None or row.end_date != row.end_date else row.end_date.date(),
            row.end_reason if isinstance(row.end_reason, str) else "",
        )
        for row in frame.itertuples()
    )

    assert len(unclear) < 200
    assert {key: n for key, n in found.items() if key[0] not in unclear} == {
        key: n for key, n in expected.items() if key[0] not in unclear
    }


def test_five_years_are_stacked_and_no_row_is_lost(samples):
    folder = samples / "samples" / DEMAND
    records = read_ssda903(folder)
    latest = {}
    n_rows = Counter()
    for year in range(2017, 2022):
        for row in rows_of(folder / f"{year}-episodes.csv"):
            latest[(row["CHILD"], row["DECOM"])] = row
            n_rows["care_episodes"] += 1
        for table, kind in (("children", "header"), ("missing_episodes", "missing")):
            n_rows[table] += len(rows_of(folder / f"{year}-{kind}.csv"))
    ids = {f"{child}/care-episode/{day(start)}" for child, start in latest}

    assert set(records["care_episodes"]["care_episode_id"]) == ids
    for table, expected in n_rows.items():
        assert kept(records, table) + superseded(records, table) == expected, table
    window = records.coverage["care_periods"]
    assert window.observed_from.date() == date(2017, 4, 1)
    assert window.observed_to.date() > date(2022, 3, 1)


def test_years_in_folders_of_their_own_give_the_same(samples, tmp_path):
    folder = samples / "samples" / DEMAND
    folders = []
    for year in (2019, 2017, 2018, 2021, 2020):
        folders.append(tmp_path / f"return-{year}")
        folders[-1].mkdir()
        for path in folder.glob(f"{year}-*.csv"):
            target = folders[-1] / path.name.removeprefix(f"{year}-")
            target.write_bytes(path.read_bytes())

    assert read_ssda903(folders).fingerprint == read_ssda903(folder).fingerprint


def test_the_dirty_files_are_read_and_their_faults_named(samples):
    folder = samples / "samples" / LIIA
    files = [folder / f"SSDA903_2020_{kind}.csv" for kind in ("episodes", "header")]
    records = read_ssda903(files)
    found = {(each.rule, each.column): each.rows for each in records.findings}

    assert kept(records, "care_episodes") == 5
    assert kept(records, "children") == 5
    assert found[("R003", "start_reason")] == (6,)  # *DUMMY*
    assert found[("R003", "ethnicity")] == (6,)  # UNKN
    assert found[("R009", "")] == (3, 4, 6)  # three births for one child
    assert found[("R046", "end_date")] == (2, 3)  # overlapping episodes
    assert ("R041", "") in found  # TEST_COLUMN


def mutated(data, luck):
    """Spoil a CSV file in one of six ways."""
    at = int(luck.integers(len(data)))
    lines = data.split(b"\n")
    line = int(luck.integers(len(lines)))
    ways = [
        lambda: data[:at] + bytes([int(luck.integers(256))]) + data[at + 1 :],
        lambda: data[:at],
        lambda: b"\n".join([*lines[:line], lines[line][::-1], *lines[line:]]),
        lambda: data.replace(b",", [b";", b"\t", b",,"][int(luck.integers(3))]),
        lambda: data.decode().encode(["utf-16", "utf-8-sig"][int(luck.integers(2))]),
        lambda: data.replace(b"/20", b"/2" + bytes([int(luck.integers(48, 58))]), 3),
    ]
    return ways[int(luck.integers(len(ways)))]()


# a row that is not UTF-8 makes pyarrow's own handler complain before the file is read as cp1252
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_spoilt_file_raises_anything_but_our_errors(samples, tmp_path):
    luck = np.random.default_rng(0)
    folder = samples / "samples" / DEMAND
    kinds = ("episodes", "header", "missing", "uasc")
    small = {
        kind: b"\n".join((folder / f"2018-{kind}.csv").read_bytes().split(b"\n")[:40])
        for kind in kinds
    }
    n_read = 0
    for number in range(100):
        for kind in kinds:
            data = mutated(small[kind], luck) if kind == kinds[number % 4] else small[kind]
            (tmp_path / f"{kind}.csv").write_bytes(data)
        with suppress(FsRiskError):
            read_ssda903(tmp_path)
            n_read += 1

    assert 50 < n_read <= 100
